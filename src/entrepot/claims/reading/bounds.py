"""Bounds of a number: more than, up to, not exceeding."""

from __future__ import annotations

import re

from entrepot.claims.reading.cue_file import words

ATLEAST = re.compile(
    (
        rf"(?:\b(?:{words('at_least')})|\b(?:{words('passing')})(?: the)?)\s+(?:(?<!than )the |a )"
        rf"?$"
    ),
    re.I,
)
ATMOST = re.compile(
    rf"\b(?:{words('at_most')})\s+(?:(?<!than )the |a )?$",
    re.I,
)
NOT_EXCEED = re.compile(
    r"(?:\b(?:not|never)|n[’']t) (?:exceed|surpass|pass|top)(?:ed)?\s+(?:the )?$",
    re.I,
)
WENT = re.compile(
    rf"\b(?:{words('went')}) $",
    re.I,
)
TURNED = re.compile(rf"\b(?:{words('turned')})(?:s|ed|es|ing|en|e)? $", re.I)
# "did not carry more than": what is denied is the more.
MORE = r"(?:(?:more|longer|greater|higher) than|over|above|in excess of)"
DENIED_MORE = re.compile(
    r"(?:\b(?:not|never|cannot|hardly|seldom|rarely)|n[’']t"
    rf"|\bno [a-z]+)(?: [a-z]+){{1,5}}? {MORE}\s+$",
    re.I,
)
DENIED_LESS = re.compile(
    r"(?:\b(?:not|never)|n[’']t)(?: [a-z]+){1,4}? (?:less than|fewer than|below|under)\s+$", re.I
)
OR_MORE = re.compile(
    rf" (?:(?P<least>{words('or_more')})|or less|or fewer|at (?:the )?most|at the outside)\b",
    re.I,
)


def with_bound(text: str, start: int) -> tuple[int, str]:
    """Where a bound before a number begins, and what it says."""
    head = text[:start]
    denied = DENIED_MORE.search(head)
    bounds = [
        (found.start(), kind, found[0])
        for pattern, kind in ((NOT_EXCEED, "most"), (ATMOST, "most"), (ATLEAST, "least"))
        if (found := pattern.search(head))
    ]
    if not bounds:
        return start, ""
    begin, kind, words = min(bounds)
    if words.lower().startswith("up to") and WENT.search(head[:begin]):
        return start, ""
    if words.lower().startswith("over") and TURNED.search(head[:begin]):
        return start, ""
    if kind == "most" and DENIED_LESS.search(head):
        return begin, "least"
    return begin, "most" if denied and kind == "least" and not _no_less(words) else kind


def _no_less(words: str) -> bool:
    return bool(re.match(r"(?:no|not) ", words, re.I))


def bounded(
    text: str, start: int, end: int, value: float
) -> tuple[int, float | None, float | None]:
    """Where a number begins with its bound, and both its ends."""
    begin, kind = with_bound(text, start)
    if kind == "least":
        return begin, value, None
    if kind == "most":
        return begin, None, value
    more = OR_MORE.match(text, end)
    if more:
        return start, value if more["least"] else None, None if more["least"] else value
    return start, value, value

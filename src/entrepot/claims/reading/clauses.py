"""Where the clauses of a sentence begin.

That is at "but", a semicolon and the like, and where a verb of another time takes over: "reached 287
in 2024 and is planned to reach 600".
"""

from __future__ import annotations

import re

from entrepot.claims.reading.cue_file import words

BREAK = re.compile(
    rf"{words('clause_break')}",
    re.IGNORECASE,
)
_ADVERB = rf"(?:(?:{words('adverb')}) )*"
_TOWARDS = rf"(?:{words('towards')})"
_SOME = rf"(?:{words('before_amount')})"
_MEANING = (
    rf"(?:{words('meaning')}|(?:is|are|was|were|has been|have been|had been) {_ADVERB}"
    rf"{_TOWARDS}|(?:{words('expectation')}) (?={_SOME}\b|{_SOME}))"
)
_BOUND_TO = rf"(?:{words('bound_to')}) to\b"
MEANING = re.compile(rf"\b{_MEANING}", re.I)
_SUBJECT = r"(?P<subject>(?:[A-Za-zÀ-ž'’-]+ ){0,9}?)"
TO_MEANING = re.compile(
    rf"(?:,? (?:and|but|yet|with)|, (?:which|who|where))(?= {_SUBJECT}{_ADVERB}(?:{_MEANING}|{_BOUND_TO}))",
    re.I,
)
# "and is to", "but they hope to": what is said is said of the subject before it.
SAME_SUBJECT = re.compile(
    (
        rf",? (?:and|but|yet),? (?:(?:{words('same_subject')}) )?{_ADVERB}(?:{_MEANING}|{_BOUND_TO}"
        rf")"
    ),
    re.I,
)
COUNTED = re.compile(
    rf"\d|\b(?:{words('counted_words')})",
    re.I,
)


def breaks(text: str) -> list[int]:
    """Places in a sentence where a clause begins that does not go on with what stands before it."""
    hard = [m.start() for m in BREAK.finditer(text)]
    ends = zip([0, *hard], [*hard, len(text)], strict=True)
    return sorted({*hard, *(t for a, b in ends for t in _turns(text, a, b))} - {0})


def _turns(text: str, start: int, end: int) -> list[int]:
    """Places in a clause where another verb takes over that tells of another time than the first."""
    out: list[int] = []
    at = start
    for m in re.finditer(r",? (?:and|but|yet|with)\b|, (?:which|who|where)\b", text[:end]):
        if m.start() <= at:
            continue
        head = text[at : m.start()]
        if not COUNTED.search(head):
            continue
        if MEANING.search(head):
            continue
        turn = TO_MEANING.match(text, m.start(), end)
        if turn and turn["subject"]:
            continue
        if turn and not re.search(r"\b(?:is|are|was|were|has|have|had|that)\b", turn["subject"]):
            out.append(m.start())
            at = m.end()
    return out

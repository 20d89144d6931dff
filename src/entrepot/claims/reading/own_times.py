"""Times that are those of a paper, a programme, an event or a comparison, and not of a number."""

from __future__ import annotations

import re

from entrepot.claims.reading.cue_file import words
from entrepot.claims.reading.cues import FINITE
from entrepot.claims.reading.periods import Period
from entrepot.claims.reading.sentence import Sentence

COMPARED = re.compile(
    rf"\b(?:{words('compared')})\s+(?:the )?$",
    re.I,
)
# A time behind one of these belongs to it: "the road map of 2021", "approved in March 2025".
PAPER = re.compile(
    rf"\b(?:{words('paper')}) $",
    re.I,
)
# The years of a programme are its own: "a programme of cooperation for 2026-2028".
_PROGRAMME = rf"(?:{words('programme')})"
_PLAN = rf"(?:{_PROGRAMME}|plans?|schedules?|agreements?|contracts?)"
_OF_WHAT = r"(?: (?:of|for|on|between|with|in|to)(?: [\w'’-]+){1,6})?"
PAPER_BEHIND = re.compile(
    rf" (?:{words('paper_behind')})\b",
    re.I,
)
PROGRAMME_FOR = re.compile(rf"\b{_PROGRAMME}(?P<what>{_OF_WHAT}) $", re.I)
PLAN_FOR = re.compile(rf"\b{_PLAN}(?P<what>{_OF_WHAT}) $", re.I)
PLAN_BEHIND = re.compile(rf" (?:(?!the\b|an?\b|its\b|their\b)[a-z-]+ ){{0,2}}{_PLAN}\b", re.I)
EVENT = re.compile(
    (
        rf"(?P<aux>\b(?:was|were|been|being|is|are|be) (?:\w+ly )?)?\b(?:{words('event')})(?: [a-z]"
        rf"+){{0,3}}? $"
    ),
    re.I,
)
SUBORDINATE = re.compile(
    rf"(?:,? \b(?:{words('subordinate')})\b)|, (?:{words('examples')})\b[^,]*$",
    re.I,
)


def usable(f: Sentence, p: Period, q_end: int) -> bool:
    """Whether a time tells when what is counted was so, rather than the date of a paper or an event."""
    head = f.text[: p.start]
    if not head.endswith(" "):
        head += " " if head else ""
    own = f.text[p.start : p.end].lower()
    if COMPARED.search(head):
        return False
    if _of_programme(f.text, p):
        return False
    if PAPER.search(head) and re.match(r"of |in |from |on |(?:19|20)\d\d", own):
        return False
    if re.search(
        r"\b(?:promised|pledged|agreed|set|announced|reported) $", head, re.I
    ) and own.startswith(("in ", "on ", "at ")):
        return False
    if re.search(
        r"\b(?:shelved|scrapped|abandoned|withdrawn|cancelled|given up|dropped) $", head, re.I
    ):
        return False
    event = EVENT.search(head)
    if event:
        direct = event["aux"] and q_end and q_end <= event.start()
        return bool(direct) and not SUBORDINATE.search(head[q_end:])
    return True


def _of_programme(text: str, p: Period) -> bool:
    """Whether a time is that of a programme, strategy or plan named at it."""
    years = re.fullmatch(r"\d{4}/\d{4}", p.value) is not None
    if (PLAN_BEHIND if years else PAPER_BEHIND).match(text, p.end):
        return True
    if re.match(r"(?:in|by|on|until|since|during|over) ", text[p.start :], re.I):
        return False
    named = (PLAN_FOR if years else PROGRAMME_FOR).search(text[: p.start])
    return named is not None and FINITE.search(named["what"]) is None

"""What a number without a unit of its own counts: "instead of 45", "11 have been refitted"."""

from __future__ import annotations

import re

from entrepot.claims.reading.cue_file import words
from entrepot.claims.reading.quantity import Quantity
from entrepot.claims.reading.uncounted import LABEL
from entrepot.claims.reading.units import (
    COUNTS,
    MEASURES,
    TIMES,
    is_money,
)
from entrepot.claims.reading.words import (
    ABOUT,
    MONTHS,
    SHORT_MONTHS,
)
from entrepot.claims.reading.written import Written

BY = re.compile(rf"\bby {ABOUT}$", re.I)
BARE_BEFORE = re.compile(
    rf"\b(?:{words('bare_before')}) {ABOUT}$",
    re.I,
)
COMPARES = re.compile(
    rf"\b(?:{words('compares')}) {ABOUT}$",
    re.I,
)
ENDS = re.compile(
    rf"(?:[.,;:)!?\"”]|$| (?:{words('ends')})\b)",
    re.I,
)
VERB_NEXT = re.compile(
    rf" (?:{words('of_them')})?(?:{words('verb_of_count')})\b",
    re.I,
)
RUN_BEFORE = re.compile(
    r"\b(?:another|further|additional) $",
    re.I,
)
MODAL_BEFORE = re.compile(
    rf"\b(?:will|would|could|can|should|might|must|to) (?:also |then |soon )?[a-z]{{3,}} {ABOUT}$",
    re.I,
)
COUNT_BEGINS = re.compile(rf"(?:^|[,;:–—] ?|{words('count_begins')})$", re.I)
SINGLE_LETTER = re.compile(r"\d ?[A-Za-z]$")
IN_METRES = re.compile(
    rf"\b(?:{words('in_metres')})\b",
    re.I,
)
SINGLE = {w.removesuffix("s"): w for w in COUNTS if w.endswith("s")}
NUMBER_OF = re.compile(
    (
        rf"\b(?:{words('number_of')}) (?:of|for) (?:[a-z-]+ ){{0,2}}?(?P<noun>"
        rf"{'|'.join(map(re.escape, COUNTS))})\b|\b(?P<single>{'|'.join(map(re.escape, SINGLE))}) n"
        rf"umbers\b"
    ),
    re.I,
)
YEAR = re.compile(r"(?:19|20)\d\d")
MONTH_BEFORE = re.compile(rf"\b(?:{'|'.join(MONTHS)}|{'|'.join(SHORT_MONTHS)}\.?) $", re.I)
MONTH_AFTER = re.compile(
    rf"(?: of)? (?:{'|'.join(MONTHS)}|(?:{'|'.join(SHORT_MONTHS)})\.?)\b(?! be\b)", re.I
)


def implied_unit(
    text: str, a: Written, earlier: list[Quantity]
) -> tuple[str | None, float, float | None]:
    """(unit, factor, magnitude) of a number without a word of its own; unit None: it counts nothing."""
    head, tail = a.head, text[a.end :]
    last = next((q for q in reversed(earlier) if q.unit not in ("percent", "times")), None)
    if a.size:
        if re.search(r"(?<![\w.])[A-Z]{1,3} ?$", head):
            return None, 1.0, None  # a currency not known
        if text[a.start : a.end].endswith(" m") and IN_METRES.search(text):
            return "m", 1.0, None
        if SINGLE_LETTER.search(text[a.start : a.end]) and not _letter_goes_on(text, last):
            return None, 1.0, None
        fits = last is not None and last.unit not in TIMES and (last.high or last.low or 0) >= 1000
        noun = re.match(
            r" (?!(?:times|was|is|has|across|less|this|plus)\b)([a-z]{4,}[^s\W]s)\b(?! (?:the|a"
            r"|to|in)\b)",
            tail,
        )
        return (last.unit if last and fits else noun[1] if noun else ""), 1.0, a.size
    if (YEAR.fullmatch(a.number) and not NUMBER_OF.search(head)) or LABEL.search(head):
        return None, 1.0, None
    if BY.search(head) and re.match(
        r" and [\w' -]{1,40} by [\d.,]+ ?(?:%|per ?cent|pct)", tail, re.I
    ):
        return "percent", 1.0, None
    if MONTH_BEFORE.search(head) or MONTH_AFTER.match(tail) or re.match(r"-?[A-Za-z%]|-\d", tail):
        return None, 1.0, None
    counted = NUMBER_OF.search(head)
    if counted and BARE_BEFORE.search(head) and ENDS.match(tail):
        return unit_counted(counted), 1.0, None
    if earlier and COMPARES.search(head) and ENDS.match(tail):
        return like(text, earlier[-1], a)
    if last is None:
        return None, 1.0, None
    if tail.startswith(" more") and not re.match(r" more than", tail):
        last = next((q for q in reversed(earlier) if q.unit in COUNTS.values()), last)
    things = last.unit in COUNTS.values()
    begins = COUNT_BEGINS.search(head)
    if things and begins and VERB_NEXT.match(tail):
        return last.unit, 1.0, None
    if (
        things
        and a.plain > 1
        and (RUN_BEFORE.search(head) or (things and MODAL_BEFORE.search(head)))
        and re.match(
            r"(?: more| others)?(?:[.,;\"”)]|$| (?:in|for|by|this|next|last|a|per|within|before|over|and)\b)",
            tail,
        )
        and not re.search(r"\bto $", head)
    ):
        return (last.unit, 1.0, None) if things else like(text, last, a)
    return None, 1.0, None


def _letter_goes_on(text: str, last: Quantity | None) -> bool:
    """Whether "3 m" is three million and not three metres: it follows a quantity that says so."""
    if last is None or (last.high or last.low or 0) < 1000:
        return False
    return not is_money(last.unit) or SINGLE_LETTER.search(text[last.start : last.end]) is not None


def unit_counted(m: re.Match[str]) -> str:
    """Unit of "the number of trains" and of "train numbers"."""
    return COUNTS[(m["noun"] or SINGLE[m["single"].lower()]).lower()]


def like(text: str, other: Quantity, a: Written) -> tuple[str, float, float | None]:
    """Unit and magnitude of a number set against another one."""
    level = other.high if other.high is not None else other.low
    size = next((s for s in (1e9, 1e6) if level and level >= s and a.plain < 1000), None)
    words = text[other.start : other.end].lower()
    factors = [f for w, (u, f) in MEASURES.items() if u == other.unit and words.endswith(" " + w)]
    return other.unit, factors[0] if factors else 1.0, size

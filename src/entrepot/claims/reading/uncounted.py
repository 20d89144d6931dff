"""Numbers that count nothing a text of trade claims: names, ages, occasions, spans of time."""

from __future__ import annotations

import re

from entrepot.claims.reading.bounds import with_bound
from entrepot.claims.reading.cue_file import words
from entrepot.claims.reading.cues import CHANGING
from entrepot.claims.reading.units import (
    COUNTS,
    PEOPLE,
    TIMES,
)
from entrepot.claims.reading.words import ABOUT
from entrepot.claims.reading.written import Written

# A number behind one of these names something and counts nothing.
LABEL = re.compile(
    rf"\b(?:{words('label')}) $",
    re.I,
)
LEADING = re.compile(rf" (?:{words('superlative')}) ", re.I)
EVERY = re.compile(r"\b(?:per|every|each) $", re.I)
SPAN_OF_TIME = re.compile(rf"\b(?:{words('span_of_time')}) $", re.I)
AGO = re.compile(
    rf" (?:{words('ago')})\b",
    re.I,
)
FROM = re.compile(
    rf"\b(?:{words('compared_with')}) {ABOUT}$",
    re.I,
)
_PAUSE = rf"(?:{words('pause')})"
# What lasts so long is a pause, a visit or talks.
PAUSE = re.compile(
    (
        rf"\b(?:{_PAUSE} (?:of|for|lasting|after)|{_PAUSE}\b[^,;.]{{0,40}}? (?:{words('lasting')})|"
        rf"(?:{words('spending_time')})(?: to [a-z]+)?(?: for)?|(?:toured|visited)\b[^,;.]{{0,40}} (?:in|"
        rf"for|over)|held up\b[^,;.]{{0,40}} for) ?{ABOUT}$"
    ),
    re.I,
)
AWAY = re.compile(
    rf" (?:(?:{words('away')})\b)",
    re.I,
)
KIND_OF_VEHICLE = re.compile(
    rf"\b(?:{words('vehicle')})(?: [a-z]+)? ?(?:{words('before_load')})? ?$",
    re.I,
)
MEETING = re.compile(
    rf"\b(?:{words('meeting')})\b",
    re.I,
)
KNOWN = re.compile(rf"\b(?:{words('known')}) $", re.I)

COMPARING = re.compile(rf"[ -](?:{words('comparing')})\b", re.I)


def skipped(text: str, a: Written) -> bool:
    """Whether a number counts nothing that a text of trade claims."""
    head, tail = a.head, text[a.end :]
    spelt = not a.number[0].isdigit()
    if not spelt and not a.size and a.unit in COUNTS.values() and LABEL.search(head):
        return True
    if EVERY.search(head):
        return True
    if a.unit in TIMES and (
        SPAN_OF_TIME.search(head)
        or PAUSE.search(text[: with_bound(text, a.start)[0]])
        or (AGO.match(tail) and not (FROM.search(head) and tail.startswith(" before")))
    ):
        return True
    if (
        a.unit in TIMES
        and spelt
        and a.plain == 1
        and re.search(r"\bin (?:just |only |a single )?$", head, re.I)
    ):
        return True
    if a.unit == "hours" and a.plain == 24 and re.match(r" (?:a|per) day", tail):
        return True
    if a.unit in COUNTS.values() and LEADING.search(text[a.start : a.end]):
        return True
    if a.unit in TIMES and a.glued:
        return True  # "a 24-hour strike"
    if a.unit in ("km", "miles") and AWAY.match(tail):
        return True
    begin = with_bound(text, a.start)[0]
    if (
        a.unit in ("t", "m", "kg")
        and a.plain < 100_000
        and not a.size
        and KIND_OF_VEHICLE.search(text[:begin])
    ):
        return True
    if a.unit == "t" and a.glued and a.value < 1000:
        return True
    if a.unit in PEOPLE and MEETING.search(text):
        return True
    if a.unit in COUNTS.values() and spelt and not a.size:
        if a.plain == 1:
            return True
        if a.plain < 10 and re.search(r"\b(?:when|after|before|if|where|because|as) $", head, re.I):
            return True
        if a.plain < 10 and KNOWN.search(head) and not re.search(r"\bof (?:the|its|their) $", head):
            return True
    return bool(a.unit == "m" and a.glued)


def compares(text: str, a: Written) -> bool:
    """Whether "three times" compares rather than counts occasions."""
    tail = text[a.end :]
    if COMPARING.match(tail):
        return True
    if text[: a.end].lower().endswith("fold"):
        return True
    return (
        bool(CHANGING.search(a.head[-80:]))
        and not re.match(r" (?:a|per|in|each|every|this|last)\b", tail)
    ) or bool(
        re.search(
            r"\b(?:by|up|rose|grew|increased|risen|grown|jumped|multiplied|fell|down"
            rf"|dropped) {ABOUT}$",
            a.head,
            re.I,
        )
    )

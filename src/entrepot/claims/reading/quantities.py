"""Quantities in a sentence, with the whole of their magnitude and their exact place.

A number is read together with its currency, its magnitude word and its unit. Two numbers that
share a magnitude ("from 340 to 500 million", "15-20 million tonnes") both get it, and a number
without a unit takes that of the number it is set beside ("15 days instead of 45").
"""

from __future__ import annotations

import re
from dataclasses import replace

from entrepot.claims.reading.bounds import bounded, with_bound
from entrepot.claims.reading.cue_file import words
from entrepot.claims.reading.cues import (
    CHANGING,
    DOWN,
    SPANNING,
)
from entrepot.claims.reading.implied_unit import (
    BY,
    COMPARES,
    ENDS,
    NUMBER_OF,
    YEAR,
    implied_unit,
    like,
    unit_counted,
)
from entrepot.claims.reading.multiples import multiples, ratios
from entrepot.claims.reading.quantity import Quantity
from entrepot.claims.reading.uncounted import (
    LABEL,
    compares,
    skipped,
)
from entrepot.claims.reading.units import TIMES, is_money
from entrepot.claims.reading.words import ABOUT
from entrepot.claims.reading.written import Written, find_written

JOIN = re.compile(
    rf"(?: ?[-–—] ?| to {ABOUT}| and {ABOUT}| of (?:the |its |their )?(?:[\w-]+['’]s )?"
    rf"| or {ABOUT}| and (?:then|later) (?:to )?| but {ABOUT}|, to {ABOUT})",
    re.I,
)
OF_ROAD = re.compile(rf" (?:long )?(?:(?!of )[\w-]+ )?(?:{words('of_road')})\b")
RISEN = re.compile(
    rf"\b(?:{words('risen')}) {ABOUT}$",
    re.I,
)
LEAD = re.compile(rf"\b(from|between)\s+{ABOUT}$", re.I)


def find_quantities(text: str) -> list[Quantity]:
    """Quantities of a sentence from left to right."""
    shares = ratios(text)
    numbers = [
        a
        for a in find_written(text)
        if not any(q.start < a.end and a.start < q.end for q in shares)
    ]
    out: list[Quantity] = []
    i = 0
    while i < len(numbers):
        pair = _pair(text, numbers[i], numbers[i + 1], out) if i + 1 < len(numbers) else None
        if pair:
            out += pair
            i += 2
            continue
        single = _single(text, numbers[i], out)
        if single is not None:
            out.append(single)
        i += 1
    return sorted(out + shares + multiples(text, out + shares), key=lambda q: q.start)


def _pair(text: str, a: Written, b: Written, earlier: list[Quantity]) -> list[Quantity] | None:
    """Two numbers joined: a range, a change from one to the other, or a list of two."""
    found = JOIN.fullmatch(text[a.end : b.start])
    if not found or LABEL.search(a.head):
        return None
    a, b = replace(a), replace(b)
    join = found[0].strip().lower().split()[0] if found[0].strip() else "-"
    lead = LEAD.search(a.head)
    word = lead[1].lower() if lead else ""
    between = word == "between"
    if b.unit is None and a.unit and word == "from" and join == "to" and ENDS.match(text[b.end :]):
        b.unit, b.factor = a.unit, a.factor
        b.size = b.size or (a.size if b.plain < 1000 else None)
    if b.unit is None and is_money(a.unit or "") and join[0] in "-–—" and not b.size:
        b.unit, b.factor, b.size = a.unit, a.factor, a.size  # "$150-200"
    if b.unit is None and b.size:
        b.unit = ""
    if a.unit is None and b.unit is None and ENDS.match(text[b.end :]):
        _named_before(text, a, b, bool(lead), earlier)
    if b.unit is None or (YEAR.fullmatch(a.number) and a.unit is None and a.size is None):
        return None
    if (
        a.unit is not None
        and (BY.search(a.head) or join in ("and", "or", "of", "but", ","))
        and not between
    ):
        return None  # two quantities that stand side by side
    if a.unit is not None and b.unit == "":
        b.unit, b.factor = a.unit, a.factor  # "$481-529 million"
    if a.unit is None:
        if join == "but" and not re.search(r"\bnot $", a.head, re.I):
            return None
        a.unit, a.factor = b.unit, b.factor
    if a.unit != b.unit and not (a.unit in TIMES and b.unit in TIMES):
        return None
    if _shares(text, a, b, join):
        a.size = b.size
    if a.unit is not None and join == "to" and RISEN.search(a.head):
        return None  # "rose 14 km/h to 61 km/h"
    change = CHANGING.search(a.head[-80:]) and not SPANNING.search(
        a.head[-60:].removesuffix("between ")
    )
    two = join in ("of", "and", "but", ",") and not between
    first = Quantity(a.start, a.end, a.value, a.value, a.unit)
    start, low, high = bounded(text, b.start, b.end, b.value)
    second = Quantity(max(start, a.end), b.end, low, high, b.unit)
    if two:
        if skipped(text, b):
            return None
        if join == "of" and a.plain == 1 and not a.size and not a.number[0].isdigit():
            return [second]
        return [first, second]
    if word == "from" and join in ("to", ",") and (change or a.value > b.value):
        at, low, high = bounded(text, a.start, a.end, a.value)
        first = replace(first, start=at, low=low, high=high)
        return [replace(first, before=True, paired=True), replace(second, paired=True)]
    if a.value > b.value:
        return None
    return [Quantity(with_bound(text, a.start)[0], b.end, a.value, b.value, b.unit)]


def _named_before(text: str, a: Written, b: Written, lead: bool, earlier: list[Quantity]) -> None:
    """Give a pair of bare numbers the unit named before them."""
    counted = NUMBER_OF.search(a.head[-90:]) if lead and not a.size and not b.size else None
    if counted:  # "the number of permits was raised from 2,000 to 3,500"
        b.unit = unit_counted(counted)
    elif earlier and COMPARES.search(a.head):  # "10-12 days from 38-53"
        b.unit, b.factor, b.size = like(text, earlier[-1], b)


def _shares(text: str, a: Written, b: Written, join: str) -> bool:
    """Whether the magnitude of the second number is that of the first too: "from 340 to 500 million"."""
    if a.size is not None or b.size is None or a.plain >= 1000 or join in ("of", "but"):
        return False
    if text[a.start : a.end].rstrip().endswith(a.number) is False:
        return False  # "from 500 dollars to 2 million"
    return a.plain <= b.plain or join[0] in "-–—" or DOWN.search(a.head) is not None


def _single(text: str, a: Written, earlier: list[Quantity]) -> Quantity | None:
    if a.unit is None:
        a.unit, a.factor, a.size = implied_unit(text, a, earlier)
    if a.unit is None or skipped(text, a):
        return None
    start, low, high = bounded(text, a.start, a.end, a.value)
    measure = "growth" if a.unit == "times" else "level"
    if measure == "growth" and not compares(text, a):
        return None
    return Quantity(
        start,
        a.end,
        low,
        high,
        a.unit,
        measure,
        attributive=a.glued or bool(a.unit == "km" and OF_ROAD.match(text[a.end :])),
    )

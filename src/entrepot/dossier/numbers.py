"""Quantities in a sentence, with the whole of their magnitude and their exact place.

A number is read together with its currency, its magnitude word and its unit. Two numbers that
share a magnitude ("from 340 to 500 million", "15-20 million tonnes") both get it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from entrepot.dossier.words import (
    CHANGING,
    COUNTS,
    CURRENCIES,
    MAGNITUDES,
    MEASURES,
    TENS,
    UNITS,
)

_WORD = "|".join([*UNITS, *TENS])
_DIGITS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?![\d/-])|\d+(?:[.,]\d+)?"
_SPELT = rf"(?:{'|'.join(TENS)})(?:[- ](?:{'|'.join(UNITS)}))?|(?:{_WORD})(?: and a half)?"
_NUMBER = rf"(?:{_DIGITS}|(?:{_SPELT})\b|half an?(?= (?:million|billion)\b)|an?(?= (?:thousand|million|billion)\b))"
_MAGNITUDE = r"(?:hundred|thousands?|millions?|mln|mn|m|billions?|bln|bn|trillion|trn|k)"
_MAG = rf"(?:[ \u00a0-]?(?P<mag{{n}}>{_MAGNITUDE})(?![A-Za-z]))?"
_MONEY = r"(?P<pre{n}>US\$|\$|€|£|USD|EUR)?[ \u00a0]?"
_AFTER = (
    r"(?:[ \u00a0]?(?P<pct{n}>%|per ?cent\b)"
    r"|[ \u00a0-]?(?P<fold{n}>-?fold|times)\b"
    r"|[ \u00a0](?P<post{n}>US dollars?|dollars?|USD|euros?|EUR|rials|tenge|rou?bles|yuan)\b"
    r"|[ \u00a0-]?(?P<unit{n}>" + "|".join(sorted(map(re.escape, MEASURES), key=len, reverse=True))
    + r")(?![A-Za-z])"
    r"|(?P<noun{n}>(?: [A-Za-z]+){{0,2}}? (?:" + "|".join(COUNTS) + r"))\b)?"
)  # fmt: skip
_START = r"(?<![\w.,/$€£])(?<!\d[-:])"
_END = r"(?![\d/]|[.,:]\d|(?:st|nd|rd|th)\b)"


def _part(n: int) -> str:
    return (
        _MONEY.format(n=n) + rf"(?P<num{n}>{_NUMBER}){_END}" + _MAG.format(n=n) + _AFTER.format(n=n)
    )


ONE = re.compile(_START + _part(1), re.IGNORECASE)
TWO = re.compile(
    _START
    + r"(?P<lead>from |between )?"
    + _part(1)
    + r"(?P<join> ?[-–—] ?| to (?:about |some |almost |nearly )?| and | of | or | and (?:then|later) (?:to )?)"
    + _part(2),
    re.IGNORECASE,
)
DOUBLINGS = re.compile(
    r"\b(?:(?P<double>double[ds]?|doubling)(?![- ](?:track|sided|side))|(?P<triple>tripled?|triples|trebled?)"
    r"|(?P<quad>quadrupled?)|(?P<half>halved)"
    rf"|(?P<n>\d+(?:\.\d+)?|{_WORD})[- ]?fold|x ?(?P<x>\d+(?:\.\d+)?))\b",
    re.IGNORECASE,
)
ATLEAST = re.compile(
    r"(?:\b(?:more than|over|above|at least|no less than|not less than|upwards of)"
    r"|\b(?:exceed|exceeds|exceeded|exceeding|surpass|surpassed|pass|passed|top|topped|cross|crossed)(?: the)?)"
    r"\s+(?:US)?[$€£]?$",
    re.IGNORECASE,
)
ATMOST = re.compile(
    r"\b(?:up to|at most|no more than|not more than|less than|fewer than|under|below|a maximum of|within)\s+(?:US)?[$€£]?$",
    re.IGNORECASE,
)
NOT_EXCEED = re.compile(r"\b(?:not|never) (?:exceed|surpass|pass)(?:ed)?\s+(?:US)?[$€£]?$", re.I)
FRACTION = re.compile(
    r"\bby (?:about |almost |nearly |some )?(?P<f>half|an? (?:third|quarter|fifth|tenth))\b", re.I
)
FRACTIONS = {"half": 50.0, "third": 100 / 3, "quarter": 25.0, "fifth": 20.0, "tenth": 10.0}
NUMBER_OF = re.compile(r"\bnumber of (?:[a-z-]+ ){0,2}?(?P<noun>" + "|".join(COUNTS) + r")\b", re.I)
BARE_BEFORE = re.compile(
    r"\b(?:instead of|against|from|to|compared with|compared to|than|was|reached|at) (?:about |some |only )?$",
    re.I,
)
YEAR = re.compile(r"(?:19|20)\d\d")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A quantity and where it stands.

    start, end   : positions in the sentence, from its bound or currency to the end of its unit
    low, high    : None on the open side of a bound
    measure      : level, growth or share, as far as the words at the number tell
    before       : it is what was before a change
    attributive  : "a 925-km railway"
    paired       : one end of "from ... to"
    """

    start: int
    end: int
    low: float | None
    high: float | None
    unit: str
    measure: str = "level"
    before: bool = False
    attributive: bool = False
    paired: bool = False


def find_quantities(text: str) -> list[Quantity]:
    """Quantities of a sentence from left to right."""
    out: list[Quantity] = []
    at = 0
    while at < len(text):
        two, one = TWO.search(text, at), ONE.search(text, at)
        if one is None:
            break
        if two is not None and two.start("num1") <= one.start("num1"):
            found, end = _pair(text, two)
            if found:
                out += found
                at = end
                continue
        single = _single(text, one, 1, out)
        if single is not None:
            out.append(single)
        at = max(one.end(), at + 1)
    out += _multiples(text, out)
    return sorted(out, key=lambda q: q.start)


def value_of(text: str) -> float:
    """A number without its magnitude: 2,400; 11 000; 3,5; twenty-five; one and a half."""
    plain = text.lower().strip()
    if plain.startswith("half"):
        return 0.5
    if plain in ("a", "an"):
        return 1.0
    if plain[0].isdigit():
        plain = re.sub(r"[ \u00a0\u202f]", "", plain)
        if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", plain):
            return float(plain.replace(",", ""))
        return float(plain.replace(",", "."))
    half = 0.5 if plain.endswith("and a half") else 0.0
    words = re.split(r"[- ]", plain.removesuffix(" and a half"))
    return sum(TENS.get(w, UNITS.get(w, 0)) for w in words) + half


def _unit(m: re.Match[str], n: int) -> tuple[str, float] | None:
    """(unit, factor) of a number, '' for a magnitude alone, None when it counts nothing known."""
    if m[f"pct{n}"]:
        return "percent", 1.0
    if m[f"fold{n}"]:
        return "times", 1.0
    money = m[f"pre{n}"] or m[f"post{n}"]
    if money:
        return CURRENCIES[money.lower()], 1.0
    if m[f"unit{n}"]:
        return MEASURES[m[f"unit{n}"].lower()]
    if m[f"noun{n}"]:
        return COUNTS[m[f"noun{n}"].split()[-1].lower()], 1.0
    return None


def _magnitude(m: re.Match[str], n: int) -> float:
    word = m[f"mag{n}"]
    return MAGNITUDES[word.lower()] if word else 1.0


def _pair(text: str, m: re.Match[str]) -> tuple[list[Quantity], int]:
    """Two numbers joined: a range, a change from one to the other, or a list of two."""
    join, lead = m["join"].strip().lower(), (m["lead"] or "").strip().lower()
    second = _unit(m, 2)
    if second is None and m["mag2"]:
        second = ("", 1.0)
    if second is None or (YEAR.fullmatch(m["num1"]) and not m["mag1"] and not _unit(m, 1)):
        return [], 0
    first = _unit(m, 1)
    if first is not None and second == ("", 1.0) and m["pre1"]:
        second = first  # "$481-529 million"
    if first is not None and join in ("and", "or", "of") and lead != "between":
        return [], 0  # two quantities that stand side by side
    if first is None and m["mag1"] is None and m["mag2"] is None and join == "of":
        first = second
    if first is not None and first[0] != second[0] and {first[0], second[0]} != {"hours", "days"}:
        return [], 0
    magnitude = _magnitude(m, 1) if m["mag1"] or (first and m["unit1"]) else _magnitude(m, 2)
    a = value_of(m["num1"]) * magnitude * (first or second)[1]
    b = value_of(m["num2"]) * _magnitude(m, 2) * second[1]
    unit, end = second[0], m.end()
    start = m.start("pre1") if m["pre1"] else m.start("num1")
    if (join in ("of", "and", "or") and lead != "between") or join.startswith("and "):
        return _two(text, m, a, b, unit, before=False), end
    if lead == "from" or join == "to":
        changes = CHANGING.search(text[: m.start()][-60:])
        if (lead == "from" and changes) or (first is not None and join == "to" and lead == "from"):
            return _two(text, m, a, b, unit, before=True), end
        if not lead and join == "to" and changes and a > b:
            return [], 0
    if a > b:
        return [], 0
    return [Quantity(_with_bound(text, start)[0], end, a, b, unit)], end


def _two(
    text: str, m: re.Match[str], a: float, b: float, unit: str, before: bool
) -> list[Quantity]:
    start1 = m.start("pre1") if m["pre1"] else m.start("num1")
    start2 = m.start("pre2") if m["pre2"] else m.start("num2")
    first = Quantity(start1, m.start("join"), a, a, unit, before=before, paired=before)
    return [first, Quantity(start2, m.end(), b, b, unit, paired=before)]


def _single(text: str, m: re.Match[str], n: int, earlier: list[Quantity]) -> Quantity | None:
    unit = _unit(m, n)
    start = m.start(f"pre{n}") if m[f"pre{n}"] else m.start(f"num{n}")
    attributive = False
    if unit is None:
        if m[f"mag{n}"] and m[f"mag{n}"].lower() not in ("m", "k", "hundred"):
            compared = re.search(r"\b(?:against|from|than|with|to) $", text[:start])
            unit = (earlier[-1].unit if earlier and compared else "", 1.0)
        elif (bare := _bare_unit(text, start, m, n, earlier)) is not None:
            unit = bare
        else:
            return None
    elif m[f"unit{n}"]:
        glued = text[m.end(f"num{n}") : m.start(f"unit{n}")] == "-"
        attributive = glued
        if unit[0] in ("hours", "days") and glued:
            return None  # "a 24-hour strike"
    value = value_of(m[f"num{n}"]) * _magnitude(m, n) * unit[1]
    start, low, high = _bounded(text, start, value)
    measure = "growth" if m[f"fold{n}"] else "level"
    return Quantity(start, m.end(), low, high, unit[0], measure, attributive=attributive)


def _bare_unit(
    text: str, start: int, m: re.Match[str], n: int, earlier: list[Quantity]
) -> tuple[str, float] | None:
    """What a number without a word of its own counts: "instead of 45", "the number of trains ... 200"."""
    if YEAR.fullmatch(m[f"num{n}"]) or (not m[f"num{n}"][0].isdigit() and not earlier):
        return None
    head = text[:start]
    if re.match(r" [a-z]+s\b", text[m.end() :]) or not BARE_BEFORE.search(head):
        return None
    counted = NUMBER_OF.search(head)
    if counted:
        return COUNTS[counted["noun"].lower()], 1.0
    compared = re.search(r"\b(?:instead of|against|(?:up|down) from|compared (?:with|to)) $", head)
    return (earlier[-1].unit, 1.0) if earlier and compared else None


def _with_bound(text: str, start: int) -> tuple[int, str]:
    """Where a bound before a number begins, and what it says."""
    head = text[:start]
    for pattern, kind in ((NOT_EXCEED, "most"), (ATLEAST, "least"), (ATMOST, "most")):
        found = pattern.search(head)
        if found:
            return found.start(), kind
    return start, ""


def _bounded(text: str, start: int, value: float) -> tuple[int, float | None, float | None]:
    begin, kind = _with_bound(text, start)
    if kind == "least":
        return begin, value, None
    if kind == "most":
        return begin, None, value
    return start, value, value


def _multiples(text: str, known: list[Quantity]) -> list[Quantity]:
    """doubled, threefold, x2.6 as quantities of their own."""
    out = []
    for m in DOUBLINGS.finditer(text):
        if any(q.start < m.end() and m.start() < q.end for q in known):
            continue
        if m["n"] or m["x"]:
            value = value_of(m["n"] or m["x"])
        else:
            value = 2.0 if m["double"] else 3.0 if m["triple"] else 4.0 if m["quad"] else 0.5
        out.append(Quantity(m.start(), m.end(), value, value, "times", "growth"))
    for m in FRACTION.finditer(text):
        if CHANGING.search(text[: m.start()]):
            value = FRACTIONS[m["f"].lower().split()[-1]]
            out.append(Quantity(m.start("f"), m.end(), value, value, "percent", "growth"))
    for m in re.finditer(r"\b(twice|thrice) (?:as|the)\b", text, re.IGNORECASE):
        value = 2.0 if m[1].lower() == "twice" else 3.0
        out.append(Quantity(m.start(), m.end(1), value, value, "times", "growth"))
    return out

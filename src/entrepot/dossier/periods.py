"""Times a sentence names: years, parts of years, seasons, months, days, deadlines."""

from __future__ import annotations

import re
from dataclasses import dataclass

from entrepot.dossier.words import MONTHS, ORDINALS, SHORT_MONTHS, UNITS

_MONTH = "|".join([*MONTHS, *(rf"{m}\.?" for m in SHORT_MONTHS)])
_COUNT = "|".join(["\\d{1,2}", *UNITS])
_Y = r"(?:19|20)\d\d"
PATTERNS = (
    ("months_to", rf"\b(?:in|over|during|for) the (?P<n>{_COUNT}) months to (?P<m>{_MONTH}) (?P<y>{_Y})\b"),
    ("year_to", rf"\b(?:in|over|for) the year to (?P<m>{_MONTH}) (?P<y>{_Y})\b"),
    ("two_years", rf"\b(?:between |from )?(?P<a>{_MONTH}) (?P<y>{_Y})(?: ?[-–—] ?| to | and | through )(?P<b>{_MONTH}) (?P<z>{_Y})\b"),
    ("first_months", rf"\b(?:the )?(?:first )?(?P<n>{_COUNT}) months of (?P<y>{_Y})\b"),
    ("part", rf"\b(?:the )?(?P<o>first|second|third|fourth|last) (?P<p>half|quarter) of (?P<y>{_Y})\b"),
    ("short_part", rf"\b(?P<p>[QH])(?P<o>[1-4]) (?P<y>{_Y})\b"),
    ("months", rf"\b(?:between |from )?(?P<a>{_MONTH})(?: ?[-–—] ?| to | and | through )(?P<b>{_MONTH}) (?:of )?(?P<y>{_Y})\b"),
    ("iranian", r"\bIranian (?:calendar )?year (?:of )?(?P<y>1[34]\d\d)\b"),
    ("season", r"\b(?P<a>(?:19|20)\d\d)/(?P<b>\d\d)\b"),
    ("day", rf"\b(?P<d>\d{{1,2}}) (?P<m>{_MONTH}) (?P<y>{_Y})\b"),
    ("day_us", rf"\b(?P<m>{_MONTH}) (?P<d>\d{{1,2}}), (?P<y>{_Y})\b"),
    ("month", rf"\b(?P<m>{_MONTH}) (?:of )?(?P<y>{_Y})\b"),
    ("end", rf"\b(?:the )?(?:end|middle|start|beginning) of (?P<y>{_Y})\b"),
    ("year", rf"(?:(?:mid|early|late)[- ])?(?<![\d/.,])(?<!\d-)(?P<y>{_Y})(?![\d/%]|[.,]\d|-\d)\b"),
)  # fmt: skip
COMPILED = tuple((name, re.compile(text, re.IGNORECASE)) for name, text in PATTERNS)
LEADING = re.compile(
    r"\b(?:by|until|till|before|in|of|for|during|on|as early as|as late as|since)\s+(?:the )?$",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Period:
    """A time named.

    value    : 2024, 2024-03, 2024-03-15, 2024-01/2024-09, 2024/25
    deadline : it is the end of something, "by 2030"; since: the start, "since 2005"
    """

    start: int
    end: int
    value: str
    deadline: bool = False
    since: bool = False


def find_periods(text: str) -> list[Period]:
    """Times from left to right; the longest reading of each place."""
    found: list[Period] = []
    for name, pattern in COMPILED:
        for m in pattern.finditer(text):
            if any(p.start < m.end() and m.start() < p.end for p in found):
                continue
            if name == "year" and not _is_year(text, m):
                continue
            lead = LEADING.search(text[: m.start()])
            start = lead.start() if lead else m.start()
            word = lead[0].split()[0].lower() if lead else ""
            deadline = word in ("by", "until", "till", "before")
            found.append(Period(start, m.end(), _value(name, m), deadline, word == "since"))
    return sorted(found, key=lambda p: p.start)


def _is_year(text: str, m: re.Match[str]) -> bool:
    """A bare four-digit number is a year unless it counts something or is the name of a paper."""
    before = text[: m.start()]
    after = text[m.end() :]
    if re.search(r"(?:[$€£]|\b(?:resolution|decree|law|no\.?|number|order)) ?$", before, re.I):
        return False
    return not re.match(
        r" ?(?:million|billion|thousand|tonnes?|tons?|teu|trucks|wagons|km|dollars|trains)\b",
        after,
        re.I,
    )


def _month(word: str) -> int:
    return SHORT_MONTHS.index(word.lower()[:3]) + 1


def _count(word: str) -> int:
    return int(word) if word.isdigit() else UNITS[word.lower()]


def span(year: int, first: int, last: int) -> str:
    """Months of a year; the whole year is the year."""
    return str(year) if (first, last) == (1, 12) else f"{year}-{first:02d}/{year}-{last:02d}"


def _value(name: str, m: re.Match[str]) -> str:
    if name == "season":
        return f"{m['a']}/{m['b']}"
    year = int(m["y"])
    if name == "iranian":
        return f"{year + 621}/{(year + 622) % 100:02d}"
    if name == "first_months":
        return span(year, 1, min(_count(m["n"]), 12))
    if name == "two_years":
        return f"{year}-{_month(m['a']):02d}/{m['z']}-{_month(m['b']):02d}"
    if name in ("months_to", "year_to"):
        last, n = _month(m["m"]), _count(m["n"]) if name == "months_to" else 12
        first = year * 12 + last - n
        return f"{first // 12}-{first % 12 + 1:02d}/{year}-{last:02d}"
    if name == "part":
        half = m["p"].lower() == "half"
        size = 6 if half else 3
        which = ORDINALS[m["o"].lower()] or (2 if half else 4)
        return span(year, (which - 1) * size + 1, which * size)
    if name == "short_part":
        size = 6 if m["p"].upper() == "H" else 3
        which = min(int(m["o"]), 12 // size)
        return span(year, (which - 1) * size + 1, which * size)
    if name == "months":
        return span(year, _month(m["a"]), _month(m["b"]))
    if name in ("day", "day_us"):
        return f"{year}-{_month(m['m']):02d}-{int(m['d']):02d}"
    if name == "month":
        return f"{year}-{_month(m['m']):02d}"
    return str(year)


def months_of(period: str) -> tuple[int, int] | None:
    """A period as its first and last month, counted from year 0; None where it is no such."""
    m = re.fullmatch(rf"({_Y})", period)
    if m:
        return int(m[1]) * 12, int(m[1]) * 12 + 11
    m = re.fullmatch(rf"({_Y})-(\d\d)(?:-\d\d)?", period)
    if m:
        at = int(m[1]) * 12 + int(m[2]) - 1
        return at, at
    m = re.fullmatch(rf"({_Y})-(\d\d)/({_Y})-(\d\d)", period)
    if m:
        return int(m[1]) * 12 + int(m[2]) - 1, int(m[3]) * 12 + int(m[4]) - 1
    return None


def year_before(period: str) -> str:
    """The same period a year earlier."""
    m = re.fullmatch(rf"({_Y})/(\d\d)", period)
    if m:
        return f"{int(m[1]) - 1}/{int(m[1]) % 100:02d}"
    return re.sub(_Y, lambda y: str(int(y[0]) - 1), period)


def year_in(period: str) -> int | None:
    """The year a period ends in, seasons the year they begin in."""
    years = re.findall(_Y, period)
    return int(years[-1]) if years else None

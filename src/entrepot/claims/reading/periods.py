"""Times a sentence names: years, parts of years, seasons, months, days, deadlines."""

from __future__ import annotations

import re
from dataclasses import dataclass

from entrepot.claims.reading.cue_file import words
from entrepot.claims.reading.words import (
    IRANIAN_MONTHS,
    MONTHS,
    ORDINALS,
    SHORT_MONTHS,
    UNITS,
)

_MONTH = "|".join([*MONTHS, "sept\\.?", *(rf"{m}\b\.?" for m in SHORT_MONTHS)])
_COUNT = "|".join(["\\d{1,2}", *UNITS])
_Y = r"(?:19|20)\d\d"
_IY = r"1[34]\d\d"
_TO = r"(?: ?[-–—] ?| to | and | through | until | till )"
_SOLAR = (
    rf"(?:current |past |last )?(?:(?:{words('solar')}) )+(?:(?:calendar|fiscal|solar|Hijri) )*"
    rf"year (?:of )?(?P<y>{_IY})"
)
_GLOSS = rf"(?: ?\([^)]*{_Y}[^)]*\)|, which (?:{words('gloss')})[^,.;]*{_Y})?"
_SEASON = rf"(?:{words('season')})*(?:season|year|campaign)"
_PARTS = rf"{words('part_of_year')}"
PATTERNS = (
    ("iranian_months", rf"\b(?:the )?(?:first )?(?P<n>{_COUNT}) months of (?:the )?{_SOLAR}{_GLOSS}"),
    ("iranian_months", rf"\b(?:the )?(?:first )?(?P<n>{_COUNT}) months of (?:the year )?(?P<y>1(?:39"
        rf"|40)\d)\b{_GLOSS}"),
    ("iranian_part", rf"\b(?:the )?(?P<o>{_PARTS}) (?P<p>half|quarter) of (?:the )?{_SOLAR}{_GLOSS}"),
    ("iranian", rf"\b(?:the )?{_SOLAR}{_GLOSS}"),
    ("iranian_month", rf"\b(?P<a>{'|'.join(IRANIAN_MONTHS)})(?:{_TO}(?P<b>{'|'.join(IRANIAN_MONTHS)}))? (?P<y>{_IY})\b{_GLOSS}"),
    ("iranian_bare", (rf"\b(?:in|of|for|during) (?:the )?(?:fiscal |calendar )?(?:year )?(?P<y>1(?:39|40)\d)\b(?!" rf" (?:{words('time_iranian_bare')}))")),
    ("same", (rf"\b(?:the )?(?:{words('time_same')}) (?:{words('same_period')})(?: (?:of|in))?(?: (?:the " rf")?(?:year )?(?P<y>{_Y}))?")),
    ("months_to", (rf"\b(?:in |over |during |for )?the (?P<n>{_COUNT}) months (?:{words('time_months_to')}) (?" rf":\d{{1,2}} )?(?P<m>{_MONTH}) (?P<y>{_Y})\b")),
    ("year_to", r"\b(?:in|over|for) the (?:year|twelve months|12 months) (?:to|through"
        rf"|ending(?: in)?) (?:\d{{1,2}} )?(?P<m>{_MONTH}) (?P<y>{_Y})\b"),
    ("day_span", r"\b(?:from "
        rf"|between )?(?P<d>\d{{1,2}}) (?P<a>{_MONTH})(?: (?P<y>{_Y}))?{_TO}(?P<e>\d{{1,2}}) (?P<b>{_MONTH}) (?P<z>{_Y})\b"),
    ("days", rf"\b(?:from |between )?(?P<d>\d{{1,2}}){_TO}(?P<e>\d{{1,2}}) (?P<m>{_MONTH}) (?P<y>{_Y})\b"),
    ("two_years", rf"\b(?:between |from )?(?P<a>{_MONTH}) (?P<y>{_Y}){_TO}(?P<b>{_MONTH}) (?P<z>{_Y})\b"),
    ("quarters", rf"\b(?:the )?first (?P<n>two|three|2|3) quarters of (?P<y>{_Y})\b"),
    ("short_quarters", rf"\bQ1 ?[-–] ?Q(?P<n>[234]) (?P<y>{_Y})\b"),
    ("first_months", rf"\b(?:the )?(?:first |initial )?(?P<n>{_COUNT})[- ]months?(?: period)?(?: of"
        rf"| in)? (?P<y>{_Y})\b"),
    ("nine_m", rf"\b(?P<n>\d{{1,2}})M ?(?P<y>{_Y})\b"),
    ("part", rf"\b(?:the )?(?P<o>{_PARTS})[- ](?P<p>half|quarter)(?: of)?(?: the year)? (?P<y>{_Y})\b"),
    ("part_of_year", rf"\b(?P<y>{_Y})['’]s (?P<o>{_PARTS}) (?P<p>half|quarter)\b"),
    ("short_part", rf"\b(?P<p>[QH])(?P<o>[1-4])(?: of)? ?(?P<y>{_Y})\b"),
    ("part_short", rf"\b(?P<o>[1-4])(?P<p>[QH]) ?(?P<y>{_Y})\b"),
    ("months", rf"\b(?:between |from )?(?P<a>{_MONTH}){_TO}(?P<b>{_MONTH}),? (?:of )?(?P<y>{_Y})\b"),
    ("season", rf"\b(?:(?:{words('time_season')}) (?:year )?)?(?P<a>(?:19|20)\d\d)/(?:20)?(?P<b>\d\d)\b"),
    ("season_dash", rf"\b(?P<a>{_Y})[-–](?:20)?(?P<b>\d\d)\b(?= {_SEASON}\b)"),
    ("season_named", rf"\b(?P<s>{_SEASON}) (?:of )?(?P<a>{_Y})[-–](?:20)?(?P<b>\d\d)\b(?!\d)"),
    ("span", rf"\b(?:between |from |over )?(?:the (?:years|period) )?(?P<a>{_Y}) ?(?:[-–—]|to|through"
        rf"|until) ?(?P<z>{_Y})\b"),
    ("span", rf"\bbetween (?P<a>{_Y}) and (?P<z>{_Y})\b"),
    ("season_short", r"\b(?P<a>(?:19|20)\d\d)[-–](?P<b>\d\d)\b(?![-–.\d])"),
    ("day", rf"\b(?:the )?(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<m>{_MONTH}),? (?P<y>{_Y})\b"),
    ("day_us", rf"\b(?P<m>{_MONTH}) (?P<d>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y>{_Y})\b"),
    ("day_iso", rf"\b(?P<y>{_Y})-(?P<mm>0[1-9]|1[0-2])-(?P<d>[0-3]\d)\b"),
    ("day_dots", rf"\b(?P<d>[0-3]?\d)\.(?P<mm>0[1-9]|1[0-2])\.(?P<y>{_Y})\b"),
    ("month", rf"\b(?:(?:mid|early|late)[- ])?(?P<m>{_MONTH}),? (?:of )?(?P<y>{_Y})\b"),
    ("end", rf"\b(?:the )?(?:{words('time_end')})(?: of|-)? ?(?P<y>{_Y})\b"),
    ("year", r"(?:\b(?:mid|early|late|end)[- ]|\b(?:fiscal|calendar|financial) (?:year )?|\bFY ?"
        rf"|\bthe year )?(?<![\d/.,])(?<!\d-)(?P<y>{_Y})(?![\d/%]|[.,]\d|-\d)\b(?!-(?:km|kilomet))"),
    ("vague", (rf"\b(?:{words('time_vague')}|(?:(?:in|for|over|during|by|until|from|to|of|last|this|next) " rf")(?:the )?(?:(?:{'|'.join(MONTHS)})\b(?:{_TO}(?:{'|'.join(MONTHS)})\b)?|(?:first )?(?:" rf"{_COUNT}) months(?: of (?:the|this|last|next) year)?|(?:{_PARTS}) (?:half|quarter)(?: of" rf" (?:the|this|last|next) year)?))\b")),
)  # fmt: skip
COMPILED = tuple((name, re.compile(text, re.IGNORECASE)) for name, text in PATTERNS)
LEADING = re.compile(
    rf"\b(?:{words('before_a_time')})\s+(?:from |in |early |late )?(?:the )?$",
    re.I,
)
SINCE_START = re.compile(
    rf"\b(?:since|after|from) (?:the )?(?:{words('since_start')})(?: of)?(?: the)? $",
    re.I,
)
NAMED = re.compile(
    r"(?:[$€£]) ?$",
    re.I,
)
COUNTED = re.compile(
    rf" ?(?:{words('after_a_count')})\b|[-–]km\b",
    re.I,
)
TIMED = re.compile(rf"(?:\b(?:{words('timed')})|\b(?:{_MONTH})) $", re.I)


@dataclass(frozen=True, slots=True)
class Period:
    """A time named.

    value    : 2024, 2024-03, 2024-03-15, 2024-01/2024-09, 2024/25, 2025/2029; '' where no year is told
    deadline : it is the end of something, "by 2030"; since: the start, "since 2005"
    same     : it only points back, "the same months of 2024"; vague: "last year", "now"
    """

    start: int
    end: int
    value: str
    deadline: bool = False
    since: bool = False
    same: bool = False
    vague: bool = False


def find_periods(text: str) -> list[Period]:
    """Times from left to right; the longest reading of each place."""
    found: list[Period] = []
    for name, pattern in COMPILED:
        for m in pattern.finditer(text):
            if any(p.start < m.end() and m.start() < p.end for p in found):
                continue
            if (name == "year" and not _is_year(text, m)) or not _holds(name, m, text):
                continue
            lead = LEADING.search(text[: m.start()])
            start = lead.start() if lead else m.start()
            word = lead[0].split()[0].lower() if lead else ""
            found.append(
                Period(
                    start, m.end(), _value(name, m),
                    deadline=word in ("by", "until", "till", "before"),
                    since=SINCE_START.search(text[:start]) is not None or word in ("since", "from", "after", "starting", "beginning", "effective"),
                    same=name == "same", vague=name == "vague",
                )
            )  # fmt: skip
    return sorted(found, key=lambda p: p.start)


def _holds(name: str, m: re.Match[str], text: str) -> bool:
    if name == "iranian_bare":
        return bool(re.search(r"\biran|\bpersian", text, re.I))
    if name.startswith("season"):
        return int(m["b"]) == (int(m["a"]) + 1) % 100
    if name == "span":
        return int(m["a"]) < int(m["z"])
    if name in ("days", "day_span"):
        return 1 <= int(m["d"]) <= 31 and 1 <= int(m["e"]) <= 31
    return True


def _is_year(text: str, m: re.Match[str]) -> bool:
    """A bare four-digit number is a year unless it counts something or is the name of a paper."""
    before, after = text[: m.start("y")], text[m.end() :]
    if NAMED.search(before):
        return False
    return not COUNTED.match(after) or bool(
        TIMED.search(before)
        and not re.match(r" ?(?:million|mln|billion|bln|bn|mn|m|k|thousand)\b", after, re.I)
    )


def _month(word: str) -> int:
    return SHORT_MONTHS.index(word.lower()[:3]) + 1


def _count(word: str) -> int:
    return int(word) if word.isdigit() else UNITS[word.lower()]


def span(year: int, first: int, last: int) -> str:
    """Months of a year; the whole year is the year."""
    return str(year) if (first, last) == (1, 12) else f"{year}-{first:02d}/{year}-{last:02d}"


def _months(first: int, last: int) -> str:
    """Months counted from year 0 as a period."""
    return f"{first // 12}-{first % 12 + 1:02d}/{last // 12}-{last % 12 + 1:02d}"


def _which(word: str, size: int) -> int:
    """The number of a part of a year; the last one where it is called so."""
    if word[0].isdigit():
        return min(int(word[0]), 12 // size)
    return ORDINALS.get(word.lower(), 0) or 12 // size


def _value(name: str, m: re.Match[str]) -> str:
    if name == "vague" or (name == "same" and m["y"] is None):
        return ""
    if name.startswith("season"):
        return f"{m['a']}/{m['b']}"
    if name == "span":
        return f"{m['a']}/{m['z']}"
    if name.startswith("iranian"):
        return _iranian(name, m)
    if name == "day_span":
        begin, end = (m["y"] or m["z"], _month(m["a"])), (m["z"], _month(m["b"]))
        return f"{begin[0]}-{begin[1]:02d}" + (f"/{end[0]}-{end[1]:02d}" if begin != end else "")
    year = int(m["y"])
    if name in ("first_months", "nine_m"):
        return span(year, 1, min(_count(m["n"]), 12))
    if name in ("quarters", "short_quarters"):
        return span(year, 1, 3 * _count(m["n"]))
    if name == "two_years":
        return f"{year}-{_month(m['a']):02d}/{m['z']}-{_month(m['b']):02d}"
    if name in ("months_to", "year_to"):
        last, n = year * 12 + _month(m["m"]) - 1, _count(m["n"]) if name == "months_to" else 12
        return _months(last - n + 1, last)
    if "part" in name:
        size = 6 if m["p"].lower() in ("half", "h") else 3
        which = _which(m["o"], size)
        return span(year, (which - 1) * size + 1, which * size)
    if name == "months":
        return span(year, _month(m["a"]), _month(m["b"]))
    if name.startswith("day_") and name != "day_us":
        return f"{year}-{m['mm']}-{int(m['d']):02d}"
    if name in ("day", "day_us"):
        return f"{year}-{_month(m['m']):02d}-{int(m['d']):02d}"
    if name in ("month", "days"):
        return f"{year}-{_month(m['m']):02d}"
    return str(year)


def iranian_span(year: int, months: int = 12) -> tuple[int, int]:
    """The first months of the Iranian year that begins in a year, from April, counted from year 0."""
    return year * 12 + 3, year * 12 + 2 + months


def _iranian(name: str, m: re.Match[str]) -> str:
    """Months of the Iranian year, whole months counted from April."""
    year = int(m["y"]) + 621
    first = iranian_span(year)[0]
    if name == "iranian_months":
        return _months(*iranian_span(year, min(_count(m["n"]), 12)))
    if name == "iranian_part":
        size = 6 if m["p"].lower() == "half" else 3
        which = _which(m["o"], size)
        return _months(first + (which - 1) * size, first + which * size - 1)
    if name == "iranian_month":
        a = IRANIAN_MONTHS.index(m["a"].lower())
        if m["b"] is None:
            return f"{(first + a) // 12}-{(first + a) % 12 + 1:02d}"
        return _months(first + a, first + IRANIAN_MONTHS.index(m["b"].lower()))
    return _months(*iranian_span(year))


def months_of(period: str) -> tuple[int, int] | None:
    """A period as its first and last month, counted from year 0; None where it is no such."""
    m = re.fullmatch(rf"({_Y})(?:/({_Y}))?", period)
    if m:
        return int(m[1]) * 12, int(m[2] or m[1]) * 12 + 11
    m = re.fullmatch(rf"({_Y})-(\d\d)(?:-\d\d)?", period)
    if m:
        at = int(m[1]) * 12 + int(m[2]) - 1
        return at, at
    m = re.fullmatch(rf"({_Y})-(\d\d)/({_Y})-(\d\d)", period)
    if m:
        return int(m[1]) * 12 + int(m[2]) - 1, int(m[3]) * 12 + int(m[4]) - 1
    return None


def years_on(period: str, by: int) -> str:
    """The same period some years later; earlier where by is negative."""
    m = re.fullmatch(rf"({_Y})/(\d\d)", period)
    if m:
        return f"{int(m[1]) + by}/{(int(m[1]) + by + 1) % 100:02d}"
    return re.sub(_Y, lambda y: str(int(y[0]) + by), period)


def year_before(period: str) -> str:
    """The same period a year earlier."""
    return years_on(period, -1)


def year_in(period: str) -> int | None:
    """The year a period ends in, seasons the year they begin in."""
    years = re.findall(_Y, period)
    return int(years[-1]) if years else None

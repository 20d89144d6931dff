"""Numbers as they are written: digits or words, their magnitude, and the unit that stands at them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from entrepot.claims.reading.cue_file import words
from entrepot.claims.reading.periods import find_periods
from entrepot.claims.reading.units import (
    CODES,
    COUNTS,
    MEASURES,
    NAMES,
    SIGNS,
    currency,
)
from entrepot.claims.reading.words import (
    MAGNITUDES,
    TENS,
    UNITS,
)

_ONES = "|".join(UNITS)
_SMALL = rf"(?:(?:{'|'.join(TENS)})(?:[- ](?:{'|'.join(list(UNITS)[:9])})\b)?|(?:{_ONES})\b)"
_NO_MORE = rf"(?![- ](?:{words('no_more')})\b)"
_HUNDREDS = rf"(?:(?:{_SMALL}|an?) hundred\b(?:(?: and)? {_SMALL}{_NO_MORE})?|{_SMALL})"
_SPELT = (
    rf"(?:{_HUNDREDS} thousand (?:and )?(?:{_SMALL} hundred\b(?: and {_SMALL}{_NO_MORE})?"
    rf"|{_SMALL}{_NO_MORE})"
    rf"|half a dozen\b|{_HUNDREDS}(?: and an? (?:half|quarter)\b)?)"
)
_DIGITS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?![\d/-])|\d+(?:[.,]\d+)?"
_NUMBER = (
    rf"(?:(?:{_DIGITS})(?![\d/]|[.,:]\d|(?:st|nd|rd|th)\b)|{_SPELT}|half an?(?= (?:thousand|mil"
    rf"lion|billion|trillion)\b)|(?:a|three) quarters? of an?(?= (?:million|billion|trillion)\b"
    rf")|an?(?= (?:{words('half_of')})\b))"
)
_MAGNITUDE = rf"{words('magnitude')}"
_SIGN = "|".join(re.escape(s) for s in sorted(SIGNS, key=len, reverse=True))
_CODE = "|".join(CODES)
_NAME = "|".join(sorted(NAMES, key=len, reverse=True))
_UNIT = "|".join(sorted(map(re.escape, MEASURES), key=len, reverse=True))
_NOUN = "|".join(sorted(map(re.escape, COUNTS), key=len, reverse=True))
# Words that no name of a counted thing goes across.
_STOP = rf"{words('not_in_name')}"
_AFTER = (
    rf"(?:[ \u00a0-]?(?P<mag>{_MAGNITUDE})(?![A-Za-z/\d]))?(?P<half> and a half\b)?(?:(?:" rf"{words('after_magnitude')}) (?P<rest>\d{{1,3}}) (?P<restmag>thousand|million|billion|mln)\b)?(" rf"?:[ \u00a0-]?(?P<pct>%|per ?cent\b|pct\b\.?|p\.c\.)|[ \u00a0-](?P<points>percentage poin" rf"ts?\b|pp\b|p\.p\.)|[ \u00a0]?(?P<fold>-?fold\b|times\b)|(?:[ \u00a0]?(?P<sign>{_SIGN}|(?" rf"-i:{_CODE})\b)(?![ \u00a0]?\d)|[ \u00a0-](?:(?-i:[A-Z][a-z]+|US|U\.S\.) )?(?P<post>(?:" rf"{_NAME})s?\b|lire\b))|[ \u00a0-]?(?:(?:{words('unit_adjective')}) )?(?P<unit>{_UNIT})(?![A-" rf"Za-z]|-(?:km|kilomet))(?:(?:(?<= hour)|(?<= hours)) (?:and )?(?P<minutes>[1-5]?\d) minut" rf"es\b)?|(?P<noun>(?: (?!(?:{_STOP})\b)[A-Za-z'’-]+){{0,3}}? (?P<thing>{_NOUN})\b(?!['’]| " rf"(?:drivers|operators|owners)\b)))?"
)  # fmt: skip
# A currency may stand before a number, and nothing that makes it a name.
_BEFORE = (
    r"(?<![\w.,/$€£])(?<!\d:)(?<![A-Za-z][-–])"
    rf"(?:(?P<pre>{_SIGN}|(?-i:{_CODE})(?=[ \u00a0]?\d)|Rs\.?)[ \u00a0]?)?"
)
WRITTEN = re.compile(rf"{_BEFORE}(?P<num>{_NUMBER}){_AFTER}", re.IGNORECASE)


@dataclass(slots=True)
class Written:
    """A number as it is written.

    size  : what its magnitude word says
    unit  : None where it names none; factor: what one of it is in that unit
    glued : joined to its unit by a hyphen
    head  : the sentence before it
    """

    start: int
    end: int
    number: str
    plain: float
    size: float | None
    unit: str | None
    factor: float
    glued: bool
    head: str

    @property
    def value(self) -> float:
        return float(f"{self.plain * (self.size or 1.0) * self.factor:.12g}")


def find_written(text: str) -> list[Written]:
    """Numbers from left to right, without those that are part of a time."""
    times = [(p.start, p.end) for p in find_periods(text) if not p.vague]
    return [
        a
        for m in WRITTEN.finditer(text)
        if (a := _written(text, m)) and not any(s < a.end and a.start < e for s, e in times)
    ]


def _written(text: str, m: re.Match[str]) -> Written | None:
    unit, factor = _unit_of(m, text)
    start = m.start("pre") if m["pre"] else m.start("num")
    size = MAGNITUDES[m["mag"].lower().rstrip(".")] if m["mag"] else None
    if m["half"]:
        size = (size or 1.0) * (value_of(m["num"]) + 0.5) / value_of(m["num"])
    plain, end = value_of(m["num"]), m.end()
    if m["minutes"]:
        plain += int(m["minutes"]) / 60
    if m["rest"]:
        plain += value_of(m["rest"]) * MAGNITUDES[m["restmag"].lower()] / (size or 1.0)
    if unit is None:
        end = (
            m.end("restmag")
            if m["rest"]
            else m.end("half")
            if m["half"]
            else m.end("mag")
            if m["mag"]
            else m.end("num")
        )
    glued = bool(m["unit"]) and text[m.start("unit") - 1] == "-"
    return Written(start, end, m["num"], plain, size, unit, factor, glued, text[:start])


def _unit_of(m: re.Match[str], text: str) -> tuple[str | None, float]:
    """(unit, factor) that stands at a number; None where none does."""
    if m["pct"]:
        return "percent", 1.0
    if m["points"]:
        return "percentage points", 1.0
    if m["fold"]:
        return "times", 1.0
    if m["pre"]:
        return currency("rupee" if m["pre"].lower().startswith("rs") else m["pre"], text), 1.0
    if m["sign"] or m["post"]:
        return currency(m["sign"] or m["post"], text), 1.0
    if m["unit"]:
        return MEASURES[m["unit"].lower()]
    if m["thing"]:
        return COUNTS[m["thing"].lower()], 1.0
    return None, 1.0


def value_of(text: str) -> float:
    """A number without its magnitude: 2,400; 11 000; 3,5; twenty-five; one and a half."""
    plain = text.lower().strip()
    if plain == "half a dozen":
        return 6.0
    if plain.startswith("half"):
        return 0.5
    if "quarter" in plain.split(" of ")[0] and " of " in plain:
        return 0.75 if plain.startswith("three") else 0.25
    if plain in ("a", "an"):
        return 1.0
    if plain[0].isdigit():
        plain = re.sub(r"[ \u00a0\u202f]", "", plain)
        if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", plain):
            return float(plain.replace(",", ""))
        return float(plain.replace(",", "."))
    part = (
        0.5 if plain.endswith(" and a half") else 0.25 if plain.endswith(" and a quarter") else 0.0
    )
    total, run = 0.0, 0.0
    for w in re.split(r"[- ]", re.sub(r" and an? (?:half|quarter)$", "", plain)):
        if w == "hundred":
            run = 100.0 * (run or 1.0)
        elif w == "thousand":
            total, run = total + 1000.0 * (run or 1.0), 0.0
        elif w in ("a", "an"):
            run = 1.0
        else:
            run += TENS.get(w, UNITS.get(w, 0))
    return total + run + part

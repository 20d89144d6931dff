"""How one number is written: digits or words, its magnitude, and the unit that stands at it."""

from __future__ import annotations

import re

from entrepot.dossier.units import CODES, COUNTS, MEASURES, NAMES, SIGNS, currency
from entrepot.dossier.words import TENS, UNITS

_ONES = "|".join(UNITS)
_SMALL = rf"(?:(?:{'|'.join(TENS)})(?:[- ](?:{'|'.join(list(UNITS)[:9])})\b)?|(?:{_ONES})\b)"
_NO_MORE = r"(?![- ](?:hundred|thousand|million|billion|trillion)\b)"
_HUNDREDS = rf"(?:(?:{_SMALL}|an?) hundred\b(?:(?: and)? {_SMALL}{_NO_MORE})?|{_SMALL})"
_SPELT = (
    rf"(?:{_HUNDREDS} thousand (?:and )?(?:{_SMALL} hundred\b(?: and {_SMALL}{_NO_MORE})?"
    rf"|{_SMALL}{_NO_MORE})"
    rf"|half a dozen\b|{_HUNDREDS}(?: and an? (?:half|quarter)\b)?)"
)
_DIGITS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?![\d/-])|\d+(?:[.,]\d+)?"
NUMBER = (
    rf"(?:(?:{_DIGITS})(?![\d/]|[.,:]\d|(?:st|nd|rd|th)\b)|{_SPELT}"
    r"|half an?(?= (?:thousand|million|billion|trillion)\b)|(?:a"
    r"|three) quarters? of an?(?= (?:million|billion|trillion)\b)"
    r"|an?(?= (?:thousand|million|billion|trillion|dozen)\b))"
)
_MAGNITUDE = (
    r"hundred (?:thousand|million|billion)|hundred|thousand (?:million|billion)|thousands?|thsd|ths\.?|thous\.?|millions?|mln\.?|mn|m|billions?|bln\.?|bn|b|trillions?|trn|tn"
    r"|k|dozen|lakh|crore"
)
_SIGN = "|".join(re.escape(s) for s in sorted(SIGNS, key=len, reverse=True))
_CODE = "|".join(CODES)
_NAME = "|".join(sorted(NAMES, key=len, reverse=True))
_UNIT = "|".join(sorted(map(re.escape, MEASURES), key=len, reverse=True))
_NOUN = "|".join(sorted(map(re.escape, COUNTS), key=len, reverse=True))
# Words that no name of a counted thing goes across.
_STOP = (
    "hundred|thousand|million|billion|trillion|mln|bln|mn|bn|lakh|crore|dozen|of|in|on|at|to|and|or|from|by|for|with|than|against|per|a|an|the|is|are|was|were|unless|as"
    "|while|but|that|which|who"
    "|will|have|has|had|would|could|into|more than|until|when|where|after|before|if|because"
    "|since|did|do|does|instead"
    "|through|up|down|less|during|under|over|between|its|their|his|this|these|those|may|can"
    "|must|should|paid|used|carried|be"
)
AFTER_NUMBER = (
    rf"(?:[ \u00a0-]?(?P<mag>{_MAGNITUDE})(?![A-Za-z/\d]))?"
    rf"(?P<half> and a half\b)?"
    r"(?:(?:(?<=million)|(?<=billion)|(?<=trillion)|(?<=mln)|(?<=bln)) (?P<rest>\d{1,3})"
    r" (?P<restmag>thousand|million|billion|mln)\b)?"
    r"(?:[ \u00a0-]?(?P<pct>%|per ?cent\b|pct\b\.?|p\.c\.)"
    r"|[ \u00a0-](?P<points>percentage points?\b|pp\b|p\.p\.)"
    r"|[ \u00a0]?(?P<fold>-?fold\b|times\b)"
    rf"|(?:[ \u00a0]?(?P<sign>{_SIGN}|(?-i:{_CODE})\b)(?![ \u00a0]?\d)"
    rf"|[ \u00a0-](?:(?-i:[A-Z][a-z]+|US|U\.S\.) )?(?P<post>(?:{_NAME})s?\b|lire\b))"
    r"|[ \u00a0-]?(?:(?:metric|gross|net|long|short|route|working|transit|travel|sailing|calendar|full|running"
    r"|additional|extra|more|further|whole|track|new|linear|gauge) )?"
    rf"(?P<unit>{_UNIT})(?![A-Za-z]|-(?:km|kilomet))"
    rf"|(?P<noun>(?: (?!(?:{_STOP})\b)[A-Za-z'’-]+){{0,3}}? (?P<thing>{_NOUN})\b(?!['’]"
    r"| (?:drivers|operators|owners)\b))"
    r")?"
)  # fmt: skip


def before_number() -> str:
    """What may stand before a number: a currency, and nothing that makes it a name."""
    return (
        r"(?<![\w.,/$€£])(?<!\d:)(?<![A-Za-z][-–])"
        rf"(?:(?P<pre>{_SIGN}|(?-i:{_CODE})\b|Rs\.?)[ \u00a0]?)?"
    )


def unit_of(m: re.Match[str], text: str) -> tuple[str | None, float]:
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

"""What numbers count: currencies, measures and counted things, as news of trade names them."""

from __future__ import annotations

import re

from entrepot.claims.reading.cue_file import table

# Names that several countries share are told apart by the words around them.
SIGNS: dict[str, str] = table("currency_signs")
CODES = tuple(table("currency_codes"))
NAMES: dict[str, str] = table("currency_names")
SHARED = tuple(
    (name, re.compile(cue, re.I), code)
    for name, codes in table("shared_currency_names").items()
    for code, cue in codes.items()
)
CURRENCIES = {*SIGNS.values(), *CODES, *NAMES.values(), *(code for _, _, code in SHARED)}


def currency(word: str, text: str) -> str:
    """The currency a sign, code or name stands for in a sentence."""
    low = word.lower().rstrip(".")
    if low in SIGNS:
        return SIGNS[low]
    if word in CODES:
        return "CNY" if word == "RMB" else word
    name = low if low in NAMES else low.removesuffix("s")
    if name.endswith("lire"):
        name = "lira"
    return next((c for n, cue, c in SHARED if n == name and cue.search(text)), NAMES[name])


# Noun to (unit, factor).
MEASURES: dict[str, tuple[str, float]] = {
    noun: (unit, factor) for noun, (unit, factor) in table("measures").items()
}
RATES = ("percent", "times", "percentage points")
TIMES = ("days", "hours", "weeks")

# Counted thing to unit; what is not named here counts as itself.
ALIASES: dict[str, str] = table("aliases")
THINGS = tuple(table("things"))
COUNTS = {
    **{w: w for w in THINGS},
    **ALIASES,
    "border posts": "border posts",
    "joint ventures": "firms",
}
# Those who come to a meeting are not what a text of trade counts.
PEOPLE = (
    "people",
    "firms",
    "specialists",
    "engineers",
    "students",
    "investors",
    "exporters",
    "importers",
)


def is_money(unit: str) -> bool:
    """Whether a unit is a currency."""
    return unit in CURRENCIES

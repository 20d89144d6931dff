"""Words for numbers, months, countries and subjects, in the English of trade and transport news."""

from __future__ import annotations

import re

from entrepot.claims.reading.cue_file import table, words

UNITS: dict[str, int] = table("ones")
TENS: dict[str, int] = table("tens")
MAGNITUDES: dict[str, float] = table("magnitudes")
# Words between a verb or a preposition and its number.
ABOUT = rf"(?:(?:{words('about')}) )*"
MONTHS = tuple(table("months"))
IRANIAN_MONTHS = tuple(table("iranian_months"))
SHORT_MONTHS = tuple(m[:3] for m in MONTHS)
ORDINALS: dict[str, int] = table("ordinals")
COUNTRIES: dict[str, str] = table("countries")
COUNTRY = {code: re.compile(rf"\b(?:{names})\b", re.I) for code, names in COUNTRIES.items()}
SUBJECTS: dict[str, str] = table("subjects")
SUBJECT = {name: re.compile(rf"\b(?:{text})\b", re.I) for name, text in SUBJECTS.items()}

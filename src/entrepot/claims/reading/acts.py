"""Words of acts: openings with a date, things agreed, introduced or ended, and talk that is neither."""

from __future__ import annotations

import re

from entrepot.claims.reading.cue_file import words

OPENS = re.compile(
    rf"\b(?:{words('opens')})\b",
    re.IGNORECASE,
)
ACTS = re.compile(
    rf"\b(?:{words('acts')})\b",
    re.IGNORECASE,
)
NEGATED_ACTS = re.compile(
    rf"\b(?:{words('negated_acts')})(?:s|ed|e|d|n|en|es|y|ied|ing)?\b",
    re.IGNORECASE,
)
# What is linked, opened, created or agreed only in a manner of speaking.
COURTESY = re.compile(
    rf"\b(?:{words('courtesy')})",
    re.I,
)
VAGUELY = re.compile(
    (
        rf"\bagreed? (?:to (?:further |jointly |continue |also )?(?:{words('vaguely')})|(?:with|,) "
        rf")|\bagrees?\b(?! (?:to|on)\b)"
    ),
    re.I,
)

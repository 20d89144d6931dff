"""Sentences and quotations of a text, by position."""

from __future__ import annotations

import re

from entrepot.claims.reading.cue_file import words

END = re.compile(r"(?<=[.!?])[\"”’')\]]*\s+(?=[\"“‘'(\[]?[A-Z0-9À-ÖØ-Þ])|\n\s*\n")
ABBREVIATION = re.compile(rf"(?:\b(?:{words('abbreviation')}))\.$")
QUOTES = re.compile(r"\"[^\"]+\"|“[^”]+”|«[^»]+»")


def sentences(text: str) -> list[tuple[int, int]]:
    """(start, end) of each sentence."""
    out, at = [], 0
    for m in END.finditer(text):
        head = text[at : m.start()]
        if "\n" not in m[0] and ABBREVIATION.search(head.rstrip()):
            continue
        out.append((at, m.start() + len(m[0]) - len(m[0].lstrip("\"”’')]"))))
        at = m.end()
    out.append((at, len(text)))
    return [(a + len(text[a:b]) - len(text[a:b].lstrip()), b) for a, b in out if text[a:b].strip()]


def quoted(text: str) -> list[tuple[int, int]]:
    """(start, end) of what stands in quotation marks."""
    return [m.span() for m in QUOTES.finditer(text)]

"""Sentences, clauses and quotations of a text, by position."""

from __future__ import annotations

import re
from dataclasses import dataclass

END = re.compile(r"(?<=[.!?])[\"”’')\]]*\s+(?=[\"“‘'(\[]?[A-Z0-9À-ÖØ-Þ])|\n\s*\n")
ABBREVIATION = re.compile(
    r"(?:\b(?:[A-Z]|Mr|Mrs|Ms|Dr|St|No|Nos|Art|approx|ca|vs|e\.g|i\.e|U\.S|Jan|Feb|Mar|Apr|Aug"
    r"|Sept?|Oct|Nov|Dec))\.$"
)
QUOTES = re.compile(r"\"[^\"]+\"|“[^”]+”|«[^»]+»")
HARD_BREAK = re.compile(
    r"[;:](?!\d)|,?\s+\b(?:but|while|whereas|although|though|however)\b|,? and (?=that\b)"
    r"|(?<=[\"”]),? (?=(?:the )?[\w ]{0,40}?\b(?:said|told|added|stated|announced)\b)",
    re.IGNORECASE,
)
SOFT_BREAK = re.compile(
    r",\s+|\s+\b(?=against\b|instead of\b|compared (?:with|to)\b)|\s[–—-]\s", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Clause:
    """A piece of a sentence; hard: it does not go on with what the piece before it says."""

    start: int
    end: int
    hard: bool


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


def clauses(text: str) -> list[Clause]:
    """Clauses of a sentence."""
    cuts = {m.start(): True for m in HARD_BREAK.finditer(text)}
    for m in SOFT_BREAK.finditer(text):
        if m.start() not in cuts:
            cuts[m.start()] = False
    out, at, hard = [], 0, True
    for cut in sorted(cuts):
        if cut > at:
            out.append(Clause(at, cut, hard))
        at, hard = cut, cuts[cut]
    out.append(Clause(at, len(text), hard))
    return out


def quoted(text: str) -> list[tuple[int, int]]:
    """(start, end) of what stands in quotation marks."""
    return [m.span() for m in QUOTES.finditer(text)]

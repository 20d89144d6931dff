"""Multiples and parts in words: doubled, threefold, halved, by a quarter, half of the containers."""

from __future__ import annotations

import re

from entrepot.claims.reading.bounds import bounded
from entrepot.claims.reading.cue_file import words
from entrepot.claims.reading.cues import CHANGING
from entrepot.claims.reading.quantity import Quantity
from entrepot.claims.reading.words import (
    ABOUT,
    TENS,
    UNITS,
)
from entrepot.claims.reading.written import value_of

_WORD = "|".join([*UNITS, *TENS])
_MODAL = rf"(?:{words('modal')})"
_BOUND = rf"(?:(?:{words('bound')}) )?"
MULTIPLES = re.compile(
    (
        rf"\b(?P<two>doubl(?:ed|es|ing))\b(?! (?:of )?(?:the )?(?:track|line)\b)|\b(?P<three>tripl("
        rf"?:ed|es|ing)|trebl(?:ed|es|ing))\b|\b(?P<four>quadrupl(?:ed|es|ing))\b|\b(?P<five>quintu"
        rf"pl(?:ed|es|ing))\b|\b{_MODAL} {_BOUND}(?P<base>double|triple|treble|quadruple)\b|\b(?P<a"
        rf"gainst>double|triple|treble) (?=(?:{words('after_multiple')})\b(?! track))|\b(?P<fold>\d+(?"
        rf":\.\d+)?|{_WORD})[- ]?fold\b|\bx ?(?P<x>\d+(?:\.\d+)?)\b|\b(?:multipl\w+ by|(?:by )?a fa"
        rf"ctor of) {ABOUT}(?P<factor>\d+(?:\.\d+)?|{_WORD})\b|\b(?P<twice>twice|thrice) (?=(?:"
        rf"{words('after_twice')})\b)"
    ),
    re.IGNORECASE,
)
HALVED = re.compile(
    r"\b(?:halv(?:ed|es|ing)|(?:to|will|would|could|may|might|should|must) (?:(?:more than|at"
    r" least|almost|nearly) )?(?P<halve>halve)"
    r"|(?:cut|slashed) in half|half as (?:many|much|long)(?! again))\b",
    re.I,
)
_ORDINAL = rf"(?:{words('ordinal')})s?"
_PART = rf"(?:half|(?:{words('part_count')})[- ]{_ORDINAL})"
BY_PART = re.compile(rf"\bby {ABOUT}(?P<f>{_PART})\b(?! of\b|[- ](?:million|billion|an?\b))", re.I)
PART_LESS = re.compile(
    rf"\b(?P<f>{_PART}) (?=(?:{words('part_compared')})\b)",
    re.I,
)
_NOT_COUNTED = rf"(?:{words('not_counted')})\b"
PART_OF = re.compile(
    (
        rf"(?P<bound>\b(?:{words('part_of')}) )?\b(?P<f>{_PART})(?: of (?!what\b|an? |that\b|(?:the"
        rf"|its|their) {_NOT_COUNTED}|(?:the )?(?:US)?[$€£\d]|{_WORD}\b)|(?= (?:the|all|its|their|t"
        rf"hese|those) (?!{_NOT_COUNTED})[a-z]))"
    ),
    re.I,
)
NAMES = {
    "half": 2, "third": 3, "quarter": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8,
    "ninth": 9, "tenth": 10,
}  # fmt: skip
FIXED = {"two": 2.0, "three": 3.0, "four": 4.0, "five": 5.0}
BASE = {"double": 2.0, "triple": 3.0, "treble": 3.0, "quadruple": 4.0, "twice": 2.0, "thrice": 3.0}


RATIO = re.compile(
    (
        rf"\b(?P<a>{_WORD}|\d{{1,2}})(?: out of| in)(?: every)? (?P<b>{_WORD}|\d{{1,3}})(?= (?!"
        rf"{words('ratio')})[a-z]+s\b)"
    ),
    re.I,
)


def ratios(text: str) -> list[Quantity]:
    """Shares told as so many in so many: "eight out of ten lorries"."""
    out = []
    for m in RATIO.finditer(text):
        a, b = value_of(m["a"]), value_of(m["b"])
        if 0 < a < b and (b <= 10 or b in (12, 20, 100)):
            start, low, high = bounded(text, m.start(), m.end(), 100 * a / b)
            out.append(Quantity(start, m.end(), low, high, "percent", "share"))
    return out


def part(words: str) -> float:
    """A part in words as percent: half 50, two thirds 66.7."""
    low = words.lower().replace("-", " ")
    if low == "half":
        return 50.0
    count, name = low.split()
    return 100.0 * (1 if count in ("a", "an") else value_of(count)) / NAMES[name.removesuffix("s")]


def multiples(text: str, known: list[Quantity]) -> list[Quantity]:
    """Multiples and parts that stand apart from the quantities already known."""
    out: list[Quantity] = []

    def add(start: int, end: int, q: Quantity) -> None:
        if not any(k.start < end and start < k.end for k in [*known, *out]):
            out.append(q)

    for m in MULTIPLES.finditer(text):
        name = m.lastgroup or ""
        if name in FIXED:
            value = FIXED[name]
        elif name in ("fold", "x", "factor"):
            value = value_of(m[name])
        else:
            value = BASE[m[name].lower()]
        start, end = m.span(name)
        end = m.end() if name == "fold" else end
        start, low, high = bounded(text, start, end, value)
        add(start, end, Quantity(start, end, low, high, "times", "growth"))
    for m in HALVED.finditer(text):
        start = m.start("halve") if m["halve"] else m.start()
        start, low, high = bounded(text, start, m.end(), 50.0)
        low, high = None if high is None else -high, None if low is None else -low
        add(start, m.end(), Quantity(start, m.end(), low, high, "percent", "growth"))
    for m in BY_PART.finditer(text):
        if CHANGING.search(text[: m.start()]):
            value = part(m["f"])
            add(
                m.start("f"),
                m.end("f"),
                Quantity(m.start("f"), m.end("f"), value, value, "percent"),
            )
    for m in PART_LESS.finditer(text):
        value = part(m["f"])
        add(m.start("f"), m.end("f"), Quantity(m.start("f"), m.end("f"), value, value, "percent"))
    for m in PART_OF.finditer(text):
        if _in_apposition(text[: m.start()]):
            continue
        value, bound = part(m["f"]), (m["bound"] or "").lower()
        least = bound.startswith(("more", "over", "at least", "well"))
        low = None if bound and not least else value
        high = None if bound and least else value
        lost = re.search(r"\b(?:lost|shed|loses?|gained) $", text[: m.start()], re.I)
        kind = "level" if lost else "share"
        add(m.start(), m.end("f"), Quantity(m.start(), m.end("f"), low, high, "percent", kind))
    return out


def _in_apposition(head: str) -> bool:
    """Whether a part only explains what stands before it: ", half of ..."; or is one of time."""
    return bool(
        re.search(
            r"(?:\d\D{0,25}[,–—(] ?|\bthe (?:first|second|last|other) |\bfirst )$", head, re.I
        )
    )

"""Numbers of a sentence as they are written, each with its magnitude and the unit that stands at it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from entrepot.dossier.figures import AFTER_NUMBER, NUMBER, before_number, unit_of, value_of
from entrepot.dossier.periods import find_periods
from entrepot.dossier.words import MAGNITUDES

ATOM = re.compile(rf"{before_number()}(?P<num>{NUMBER}){AFTER_NUMBER}", re.IGNORECASE)


@dataclass(slots=True)
class Atom:
    """A number as written.

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


def find_atoms(text: str) -> list[Atom]:
    """Numbers from left to right, without those that are part of a time."""
    times = [(p.start, p.end) for p in find_periods(text) if not p.vague]
    return [
        a
        for m in ATOM.finditer(text)
        if (a := _atom(text, m)) and not any(s < a.end and a.start < e for s, e in times)
    ]


def _atom(text: str, m: re.Match[str]) -> Atom | None:
    unit, factor = unit_of(m, text)
    start = m.start("pre") if m["pre"] else m.start("num")
    size = MAGNITUDES[m["mag"].lower().rstrip(".")] if m["mag"] else None
    if m["half"]:
        size = (size or 1.0) * (value_of(m["num"]) + 0.5) / value_of(m["num"])
    plain, end = value_of(m["num"]), m.end()
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
    return Atom(start, end, m["num"], plain, size, unit, factor, glued, text[:start])

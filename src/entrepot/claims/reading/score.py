"""How well the reader of texts reads: precision, recall and errors of magnitude.

A proposal is right when kind, measure, both ends of the value, unit, period and negation are all
those of a gold claim of the same sentence; each gold claim can be met once. An error of magnitude
is a proposal that is not right and whose value is that of a gold claim times a power of a thousand, a
hundred or ten.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from entrepot.claims.reading.read import Proposal, read_claims
from entrepot.facts.files import read_text


@dataclass(frozen=True, slots=True)
class Gold:
    """A claim that stands in a sentence."""

    kind: str
    measure: str
    low: float | None
    high: float | None
    unit: str
    period: str
    negated: bool


@dataclass(frozen=True, slots=True)
class GoldSentence:
    """A sentence with its claims."""

    id: str
    text: str
    held: bool
    claims: tuple[Gold, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """Counts over sentences.

    wrong : (sentence id, what is wrong) for people
    """

    sentences: int
    gold: int
    proposed: int
    right: int
    magnitude_errors: int
    wrong: tuple[tuple[str, str], ...] = ()

    @property
    def precision(self) -> float:
        return self.right / self.proposed if self.proposed else math.nan

    @property
    def recall(self) -> float:
        return self.right / self.gold if self.gold else math.nan

    def __str__(self) -> str:
        return (
            f"{self.sentences} sentences, {self.gold} claims: precision {self.precision:.3f}, "
            f"recall {self.recall:.3f}, errors of magnitude {self.magnitude_errors}"
        )


def read_gold(path: Path) -> list[GoldSentence]:
    """Sentences from TOML: [[sentence]] with id, text, held and claims."""
    out = []
    for s in tomllib.loads(read_text(path))["sentence"]:
        claims = tuple(_gold(c) for c in s["claims"])
        out.append(GoldSentence(s["id"], s["text"], s.get("held", False), claims))
    return out


def _gold(c: dict[str, Any]) -> Gold:
    both = c.get("value")
    low, high = c.get("low", both), c.get("high", both)
    return Gold(
        c.get("kind", "actual"),
        c.get("measure", "level"),
        None if low is None else float(low),
        None if high is None else float(high),
        c.get("unit", ""),
        c.get("period", ""),
        c.get("negated", False),
    )


def evaluate(sentences: Iterable[GoldSentence]) -> Score:
    """Score of the reader on sentences."""
    n = gold = proposed = right = magnitude = 0
    wrong: list[tuple[str, str]] = []
    for s in sentences:
        found = read_claims(s.text)
        n, gold, proposed = n + 1, gold + len(s.claims), proposed + len(found)
        open_ = list(s.claims)
        left = []
        for p in found:
            match = next((g for g in open_ if _same(p, g)), None)
            if match is None:
                left.append(p)
            else:
                open_.remove(match)
                right += 1
        for p in left:
            if any(_wrong_magnitude(p, g) for g in s.claims):
                magnitude += 1
                wrong.append((s.id, f"MAGNITUDE {_words(p)}"))
            else:
                wrong.append((s.id, f"not there: {_words(p)}"))
        wrong += [(s.id, f"not found: {g}") for g in open_]
    return Score(n, gold, proposed, right, magnitude, tuple(wrong))


def _near(a: float | None, b: float | None) -> bool:
    if a is None or b is None:
        return a is b
    return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)


def _same(p: Proposal, g: Gold) -> bool:
    return (
        (p.kind, p.measure, p.unit, p.period, p.negated)
        == (g.kind, g.measure, g.unit, g.period, g.negated)
        and _near(p.low, g.low)
        and _near(p.high, g.high)
    )


def _wrong_magnitude(p: Proposal, g: Gold) -> bool:
    for a in (p.low, p.high):
        for b in (g.low, g.high):
            if a and b and not _near(a, b):
                power = math.log10(abs(a / b))
                if abs(power) > 0.5 and math.isclose(power, round(power), abs_tol=1e-9):
                    return True
    return False


def _words(p: Proposal) -> str:
    return f"'{p.quote}' {p.kind} {p.measure} {p.low}..{p.high} {p.unit} [{p.period}] {'not' if p.negated else ''}"


def report(sentences: Sequence[GoldSentence]) -> str:
    """Scores of the tuned and of the held-out sentences, as text."""
    tuned = evaluate(s for s in sentences if not s.held)
    held = evaluate(s for s in sentences if s.held)
    return f"tuned:    {tuned}\nheld out: {held}"


if __name__ == "__main__":
    import sys

    for name in sys.argv[1:]:
        print(report(read_gold(Path(name))))

"""Packages of promises as changes of the facts, at any size of their effects.

A measure has a low, a middle and a high size (P10, P50, P90 of what it does if it is kept). At the
normal score z of a draw a number lies on the straight pieces between them, z = -1.28, 0, 1.28, and
goes no further than the ends; a word is that of the nearest size. Changes of several measures are
made one after another on the same facts, so two that scale the same hours multiply.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from entrepot.dossier import Measure, MeasureChange
from entrepot.facts.change import ROWS, Change
from entrepot.uncertainty.ranges import Z90

# A row is there before its cells change; a change that sets a value would undo one that scales it.
ORDER = {"insert": 0, "set": 1, "add": 2, "scale": 3, "remove": 4}


def changes_at(
    measures: Sequence[Measure], size: Mapping[str, float], on: str
) -> tuple[Change, ...]:
    """Changes of measures at normal scores of their sizes; 0 where a measure has none.

    Those that the facts hold on the day already change nothing.
    """
    out = []
    for measure in measures:
        z = float(size.get(measure.id, 0.0))
        out += [at_size(change, z) for change in measure.changes("mid", on)]
    return in_order(out)


def in_order(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Changes of a package sorted: insert, set, add, scale, remove."""
    return tuple(sorted(changes, key=lambda c: ORDER.get(c.operation, 1)))


def at_size(change: Change, z: float) -> Change:
    """A change at the normal score of its size."""
    low, high = change.low or change.text, change.high or change.text
    if change.operation in ROWS or low == change.text == high:
        return replace(change, low="", high="")
    try:
        numbers = [float(v) for v in (low, change.text, high)]
    except ValueError:
        word = low if z < -Z90 / 2 else high if z > Z90 / 2 else change.text
        return replace(change, value=word, low="", high="")
    value = float(np.interp(z, (-Z90, 0.0, Z90), numbers))
    return replace(change, value=repr(value), low="", high="")


def opening_changes(measures: Sequence[Measure], on: str) -> tuple[Change, ...]:
    """Changes of the measures that open routes: their routes must be in the sets."""
    opening = [m for m in measures if any(_opens(c) for c in m.change)]
    good = [m for m in opening if m.theme != "setbacks"]
    return changes_at(good, {}, on)


def _opens(change: MeasureChange) -> bool:
    return change.table in ("links", "passage_rules") or change.operation == "insert"

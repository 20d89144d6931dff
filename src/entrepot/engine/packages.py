"""Packages of promises as changes of the facts, at any size of their effects.

A measure has a low, a middle and a high size (P10, P50, P90 of what it does if it is kept). At the
normal score z of a draw a number lies on the straight pieces between them, z = -1.28, 0, 1.28, and
goes no further than the ends; a word is that of the nearest size. Changes of several measures are
made one after another on the same facts, so two that scale the same hours multiply.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from entrepot.dossier import Measure
from entrepot.facts.change import Change
from entrepot.uncertainty.ranges import Z90

# Without a place in the order, a change that sets a value would undo one that scales it.
ORDER = {"set": 0, "add": 1, "scale": 2}


def changes_at(
    measures: Sequence[Measure], size: Mapping[str, float], on: str
) -> tuple[Change, ...]:
    """Changes of measures at normal scores of their sizes; 0 where a measure has none.

    Those that the facts hold on the day already change nothing.
    """
    out = []
    for measure in measures:
        sides = [measure.changes(side, on) for side in ("low", "mid", "high")]
        z = float(size.get(measure.id, 0.0))
        out += [_between(low, mid, high, z) for low, mid, high in zip(*sides, strict=True)]
    return tuple(sorted(out, key=lambda c: ORDER.get(c.operation, 0)))


def _between(low: Change, mid: Change, high: Change, z: float) -> Change:
    try:
        numbers = [float(c.value) for c in (low, mid, high)]
    except ValueError:
        return low if z < -Z90 / 2 else high if z > Z90 / 2 else mid
    value = float(np.interp(z, (-Z90, 0.0, Z90), numbers))
    return replace(mid, value=repr(value))


def opening_changes(measures: Sequence[Measure], on: str) -> tuple[Change, ...]:
    """Changes of the measures that open ways: their routes must be in the sets."""
    ways = [m for m in measures if any(c.table in ("links", "passage_rules") for c in m.change)]
    good = [m for m in ways if m.theme != "setbacks"]
    return changes_at(good, {}, on)

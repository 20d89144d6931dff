"""Which effect is the exporter's, the importer's, the pair's, and what is time."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

_IMPORTER = re.compile(r"(?i)^(imp|dest|buyer)|(_d|_imp|_j)$|^(j|d)$")
_TIME = re.compile(r"(?i)^(year|yr|time|date|period|month|quarter|t|wave)$")
_EXPORTER = re.compile(r"(?i)^(exp|orig|seller)|(_o|_exp|_i)$|^(i|o)$")


@dataclass(frozen=True, slots=True)
class Roles:
    """Positions of effects, -1 for none; columns that name exporter, importer and time.

    exporter_effect, importer_effect : such as exporter^year and importer^year
    pair_effect                      : exporter^importer
    """

    exporter: tuple[str, ...]
    importer: tuple[str, ...]
    time: tuple[str, ...]
    exporter_effect: int
    importer_effect: int
    pair_effect: int

    @property
    def pair(self) -> tuple[str, ...]:
        """Columns whose combinations are pairs."""
        return (*self.exporter, *self.importer)


def find_roles(
    effects: Sequence[tuple[str, ...]], levels: Mapping[str, int] | None = None
) -> Roles | None:
    """Roles of the effects, None where they do not look like gravity.

    Two effects are the exporter's and the importer's when they share all columns but the
    countries', and a third may join those. Three effects of two columns each look alike from
    every side; then names decide, and after them the column with the fewest levels is time.

    levels : how many levels each column has
    """
    candidates = [
        found
        for i in range(len(effects))
        for j in range(i + 1, len(effects))
        if (found := _roles(effects, i, j)) is not None
    ]
    counts = levels or {}

    def rank(r: Roles) -> tuple[bool, bool, bool, int]:
        named = _looks(r.exporter, _EXPORTER) and _looks(r.importer, _IMPORTER)
        timed = bool(r.time) and _looks(r.time, _TIME)
        return named, timed, r.pair_effect >= 0, -max((counts.get(c, 0) for c in r.time), default=0)

    return max(candidates, key=rank, default=None)


def _roles(effects: Sequence[tuple[str, ...]], i: int, j: int) -> Roles | None:
    one, two = set(effects[i]), set(effects[j])
    shared = one & two
    one, two = one - shared, two - shared
    if not one or not two:
        return None
    pair = next((k for k, e in enumerate(effects) if set(e) == one | two), -1)
    # Sides of several columns are countries only if an effect for pairs says so or names do.
    if len(one) + len(two) > 2 and pair < 0:
        return None
    if _looks(one, _TIME) or _looks(two, _TIME):
        return None
    if _looks(one, _IMPORTER) and _looks(two, _EXPORTER):
        i, j = j, i
    return Roles(
        exporter=tuple(c for c in effects[i] if c not in shared),
        importer=tuple(c for c in effects[j] if c not in shared),
        time=tuple(c for c in effects[i] if c in shared),
        exporter_effect=i,
        importer_effect=j,
        pair_effect=pair,
    )


def _looks(names: Collection[str], pattern: re.Pattern[str]) -> bool:
    return all(pattern.search(name) for name in names)

"""Tariffs and the cost of payment between economies, by commodity, from the tables of a world."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from entrepot.facts.world import World
from entrepot.kernels.arrays import FloatArray
from entrepot.uncertainty.ranges import Range, put

# Position of a row in its table, the row, and its cells (c, importers, exporters).
Ruled = tuple[int, Any, tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Places:
    """Positions of economies, and of the groups they form."""

    zones: tuple[str, ...]
    groups: dict[str, tuple[int, ...]]

    @classmethod
    def of_world(cls, world: World, zones: tuple[str, ...]) -> Places:
        groups = {}
        for row in world.table("zone_groups").itertuples(index=False):
            groups[str(row.group)] = tuple(zones.index(m) for m in row.members if m in zones)
        return cls(zones, groups)

    def positions(self, name: str) -> tuple[int, ...]:
        """Members of an economy, a group or * for all; nothing for one the world does not have."""
        if name == "*":
            return tuple(range(len(self.zones)))
        if name in self.groups:
            return self.groups[name]
        return (self.zones.index(name),) if name in self.zones else ()


def tariffs_known(world: World, places: Places, on: date) -> NDArray[np.bool_]:
    """(N, N) whether any row of tariffs.csv is in force for a pair on a day, [importer, exporter]."""
    n = len(places.zones)
    known = np.zeros((n, n), dtype=bool)
    for row in _in_force(world, on):
        known[np.ix_(places.positions(row.importer), places.positions(row.exporter))] = True
    known[np.arange(n), np.arange(n)] = False
    return known


def _in_force(world: World, on: date) -> list[Any]:
    return [r for r in world.table("tariffs").itertuples(index=False) if _holds(r, on)]


def _holds(row: Any, on: date) -> bool:
    return bool(row.valid_from <= on and (row.valid_to is None or on <= row.valid_to))


def tariffs(
    world: World, places: Places, commodities: tuple[str, ...], on: date
) -> Range[FloatArray]:
    """(C, N, N) ad valorem duties in force on a day, [commodity, importer, exporter].

    Zero where the facts have no row: that duty is then part of what is not explained. Rows for
    one commodity win over rows for all, and of two rows the one that began later.
    """
    n = len(places.zones)
    out = Range.filled((len(commodities), n, n))
    for _, row, cells in _tariff_rows(world, places, commodities, on):
        put(out, cells, row.rate_low, row.rate, row.rate_high)
    for values in (out.low, out.mid, out.high):
        values[:, np.arange(n), np.arange(n)] = 0.0
    return out


def tariff_owners(
    world: World, places: Places, commodities: tuple[str, ...], on: date
) -> NDArray[np.intp]:
    """(C, N, N) position in tariffs.csv of the row in force for a cell; -1 where none is."""
    return _owners(_tariff_rows(world, places, commodities, on), places, commodities)


def _tariff_rows(
    world: World, places: Places, commodities: tuple[str, ...], on: date
) -> Iterator[Ruled]:
    rows = list(enumerate(world.table("tariffs").itertuples(index=False)))
    rows = [(at, r) for at, r in rows if _holds(r, on)]
    for position, row in sorted(rows, key=lambda r: _specific_tariff(r[1])):
        buyers, sellers = places.positions(row.importer), places.positions(row.exporter)
        for c in _which((row.commodity,), commodities):
            yield position, row, (c, *np.ix_(buyers, sellers))


def trade_costs(world: World, places: Places, commodities: tuple[str, ...]) -> FloatArray:
    """(C, N, N) factors on all trade costs, [commodity, importer, exporter]; one where there is no row.

    Rows for one commodity win over rows for all, and a later row over an earlier one.
    """
    n = len(places.zones)
    out = np.ones((len(commodities), n, n))
    for _, row, cells in _cost_rows(world, places, commodities):
        out[cells] = row.factor
    out[:, np.arange(n), np.arange(n)] = 1.0
    return out


def trade_cost_owners(
    world: World, places: Places, commodities: tuple[str, ...]
) -> NDArray[np.intp]:
    """(C, N, N) position in trade_costs.csv of the row that rules a cell; -1 where none does."""
    return _owners(_cost_rows(world, places, commodities), places, commodities)


def _cost_rows(world: World, places: Places, commodities: tuple[str, ...]) -> Iterator[Ruled]:
    rows = list(enumerate(world.table("trade_costs").itertuples(index=False)))
    for position, row in sorted(rows, key=lambda r: r[1].commodity != "*"):
        buyers, sellers = places.positions(row.importer), places.positions(row.exporter)
        for c in _which((row.commodity,), commodities):
            yield position, row, (c, *np.ix_(buyers, sellers))


def payment_friction(
    world: World, places: Places, commodities: tuple[str, ...]
) -> Range[FloatArray]:
    """(C, N, N) what paying costs beyond a normal transfer, as part of the value, both ways."""
    n = len(places.zones)
    out = Range.filled((len(commodities), n, n))
    for _, row, cells in _payment_rows(world, places, commodities):
        put(out, cells, row.share_low, row.share, row.share_high)
    for values in (out.low, out.mid, out.high):
        values[:, np.arange(n), np.arange(n)] = 0.0
    return out


def payment_owners(world: World, places: Places, commodities: tuple[str, ...]) -> NDArray[np.intp]:
    """(C, N, N) position in payment_friction.csv of the row that rules a cell; -1 where none does."""
    return _owners(_payment_rows(world, places, commodities), places, commodities)


def _owners(
    rows: Iterable[Ruled], places: Places, commodities: tuple[str, ...]
) -> NDArray[np.intp]:
    n = len(places.zones)
    out = np.full((len(commodities), n, n), -1, dtype=np.intp)
    for position, _, cells in rows:
        out[cells] = position
    out[:, np.arange(n), np.arange(n)] = -1
    return out


def _payment_rows(world: World, places: Places, commodities: tuple[str, ...]) -> Iterator[Ruled]:
    """Position, row and cells (c, importers, exporters); a later one wins where two meet."""
    rows = list(enumerate(world.table("payment_friction").itertuples(index=False)))
    for position, row in sorted(rows, key=lambda r: _specific_payment(r[1])):
        first, second = places.positions(row.zone_a), places.positions(row.zone_b)
        for c in _which(tuple(row.commodities), commodities):
            for block in (np.ix_(first, second), np.ix_(second, first)):
                yield position, row, (c, *block)


def _specific_payment(row: Any) -> tuple[bool, bool]:
    return row.zone_b != "*", tuple(row.commodities) != ("*",)


def _specific_tariff(row: Any) -> tuple[bool, date]:
    return row.commodity != "*", row.valid_from


def _which(named: tuple[str, ...], commodities: tuple[str, ...]) -> list[int]:
    if "*" in named:
        return list(range(len(commodities)))
    return [commodities.index(c) for c in named if c in commodities]

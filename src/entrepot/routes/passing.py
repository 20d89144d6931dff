"""Which routes, goods and ends something is about: a corridor counted, or a constant of one.

A route is taken once, however many of the arcs it passes. Words of the columns:

through : all needed, each an alternative list with |: nodes (all that starts or ends there), links
          (`from-to`, either way), alpha-3 codes (land of the country and its sea ports), basins;
          `word@mode` for one mode only, as in `kuryk_port@ferry_rail`
ends_a, ends_b : goods that go from a zone of the one to a zone of the other, either way unless
          `one_way`; alpha-3 codes or groups of zone_groups.csv; empty: any
transit_of : goods that neither start nor end in these zones
cargo   : all, container, bulk, truck, or commodities
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from entrepot.kernels.arrays import BoolArray, IntArray
from entrepot.network.select import arcs_at

if TYPE_CHECKING:
    from entrepot.facts.world import World
    from entrepot.kernels.choice.route_choice import RouteSets
    from entrepot.network.graph import Network
    from entrepot.routes.cargo_class import CargoClass
    from entrepot.routes.hubs import HubPairs

ANY = "any"
ALL = "all"


@dataclass(frozen=True, slots=True)
class Passing:
    """What a row of a table is about."""

    through: tuple[tuple[str, ...], ...]
    ends_a: frozenset[str] | None = None
    ends_b: frozenset[str] | None = None
    one_way: bool = False
    transit_of: frozenset[str] = frozenset()
    cargo: tuple[str, ...] = (ALL,)

    @classmethod
    def of_row(cls, world: World, row: Any) -> Passing:
        """From a row with the columns of this file's head."""
        groups = {r.group: r.members for r in world.table("zone_groups").itertuples(index=False)}

        def zones(words: tuple[str, ...]) -> frozenset[str]:
            return frozenset(z for w in words for z in groups.get(w, (w,)))

        return cls(
            tuple(tuple(item.split("|")) for item in row.through),
            zones(row.ends_a) if row.ends_a else None,
            zones(row.ends_b) if row.ends_b else None,
            bool(row.one_way),
            zones(row.transit_of),
            tuple(row.cargo) or (ALL,),
        )

    def arcs(self, network: Network) -> IntArray:
        """Arcs of any of the places, rising."""
        found = [arcs_of(network, item) for item in self.through]
        return np.unique(np.concatenate(found)) if found else np.zeros(0, dtype=np.int64)

    def routes(self, network: Network, sets: RouteSets, pairs: HubPairs) -> BoolArray:
        """(R,) routes that pass all the places, with goods of the right ends; each once."""
        out = self._pairs(pairs)[sets.pair]
        for item in self.through:
            hit = np.zeros(sets.n_route, dtype=bool)
            for a in arcs_of(network, item).tolist():
                hit[sets.users[sets.begin[a] : sets.begin[a + 1]]] = True
            out &= hit
        return np.asarray(out)

    def classes(self, classes: tuple[CargoClass, ...], vehicle: dict[str, str]) -> BoolArray:
        """(C,) classes of cargo that are meant; vehicle: class of vehicle by load unit."""
        return np.array(
            [
                ALL in self.cargo or c.name in self.cargo or vehicle[c.unit] in self.cargo
                for c in classes
            ],
            dtype=bool,
        )

    def _pairs(self, pairs: HubPairs) -> BoolArray:
        """(P,) pairs of hubs whose goods are meant."""
        a, b = (_named(pairs.zones, ends) for ends in (self.ends_a, self.ends_b))
        start, end = pairs.exporter, pairs.importer
        out = a[start] & b[end]
        if not self.one_way:
            out |= b[start] & a[end]
        home = _named(pairs.zones, self.transit_of)
        return np.asarray(out & ~home[start] & ~home[end])


def arcs_of(network: Network, words: tuple[str, ...]) -> IntArray:
    """Arcs at any of the words, rising."""
    parts = [word.partition("@") for word in words]
    found = [arcs_at(network, (place,), (mode or ANY,)) for place, _, mode in parts]
    return np.unique(np.concatenate(found)).astype(np.int64)


def vehicles(world: World) -> dict[str, str]:
    """Class of vehicle by load unit."""
    table = world.table("units")
    return dict(zip(table["unit"], table["vehicle_class"], strict=True))


def _named(zones: tuple[str, ...], codes: frozenset[str] | None) -> BoolArray:
    return np.array([codes is None or z in codes for z in zones], dtype=bool)

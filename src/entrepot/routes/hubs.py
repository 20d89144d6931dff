"""Zones, the hubs their goods start and end at, and the pairs of hubs between zones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from entrepot.kernels.arrays import FloatArray, IntArray
from entrepot.kernels.short_repr import short_repr

if TYPE_CHECKING:
    from entrepot.facts.world import World


@short_repr
@dataclass(frozen=True, slots=True, eq=False)
class HubPairs:
    """Pairs of hubs of different zones. N zones in the order of zones.csv, H hubs, P pairs.

    zones  : (N,) alpha-3 codes
    nodes  : (H,) node ids; a gateway of two zones stands twice
    zone   : (H,) position in zones
    weight : (H,) share of the hub in the trade of its zone; sums to one by zone
    origin, destination : (P,) hubs, by origin and then by destination
    exporter, importer  : (P,) their zones, the goods going from the one to the other
    same   : (P,) whether both hubs are one place, between which nothing moves
    """

    zones: tuple[str, ...]
    nodes: tuple[str, ...]
    zone: IntArray
    weight: FloatArray
    origin: IntArray
    destination: IntArray
    exporter: IntArray
    importer: IntArray
    same: NDArray[np.bool_]

    @classmethod
    def of_world(cls, world: World) -> HubPairs:
        """All pairs, none inside a zone. Zones without a hub are left out."""
        table = world.table("zone_hubs")
        by_zone = {
            zone: own.sort_values(["weight", "node_id"], ascending=[False, True], kind="stable")
            for zone, own in table.groupby("zone_id")
        }
        zones = tuple(z for z in world.table("zones")["zone_id"] if z in by_zone)
        nodes: list[str] = []
        zone: list[int] = []
        weight: list[float] = []
        for z, code in enumerate(zones):
            own = by_zone[code]
            shares = own["weight"].to_numpy(dtype=float)
            nodes += own["node_id"].tolist()
            zone += [z] * len(own)
            weight += (shares / shares.sum()).tolist()
        at = np.array(zone, dtype=np.int64)
        origin, destination = np.nonzero(at[:, None] != at[None, :])
        names = np.array(nodes, dtype=object)
        return cls(
            zones,
            tuple(nodes),
            at,
            np.array(weight),
            origin.astype(np.int64),
            destination.astype(np.int64),
            at[origin],
            at[destination],
            np.asarray(names[origin] == names[destination], dtype=bool),
        )

    @property
    def n_zone(self) -> int:
        return len(self.zones)

    @property
    def n_pair(self) -> int:
        return len(self.origin)

    @property
    def pair_weight(self) -> FloatArray:
        """(P,) weight of a pair of hubs in the trade of its zones; sums to one by pair of zones."""
        return self.weight[self.origin] * self.weight[self.destination]

    def by_zones(self, value: FloatArray) -> FloatArray:
        """(N, N) sums of values (P,) by importer and exporter."""
        n = self.n_zone
        flat = np.bincount(self.importer * n + self.exporter, weights=value, minlength=n * n)
        return np.asarray(flat.reshape(n, n))

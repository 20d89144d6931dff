"""What a model of flows answers: skims and loads of all classes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from entrepot.kernels.arrays import FloatArray, IntArray
from entrepot.kernels.short_repr import short_repr


@short_repr
@dataclass(frozen=True, slots=True, eq=False)
class Skim:
    """Freight cost from zone to zone. C classes, N zones, P pairs of hubs.

    cost    : (C, N, N) USD/t, [class, importer, exporter]; infinite where nothing can go, NaN
              inside a zone
    reached : (C, N, N) weight of the pairs of hubs between which goods can go, 0 to 1
    by_pair : (C, P) USD/t from hub to hub, infinite where closed
    """

    cost: FloatArray
    reached: FloatArray
    by_pair: FloatArray


@short_repr
@dataclass(frozen=True, slots=True, eq=False)
class Uncarried:
    """Demand that no route carries; U entries, by class, importer and exporter.

    cargo, importer, exporter : (U,) positions of class and zones; goods that stay in a zone have
                                the same zone twice
    tonnes : (U,) t a year
    """

    cargo: IntArray
    importer: IntArray
    exporter: IntArray
    tonnes: FloatArray

    def __len__(self) -> int:
        return len(self.tonnes)


@dataclass(frozen=True, slots=True)
class Crossing:
    """A land border passed in one direction: from post to post (node ids), by a mode."""

    from_node: str
    to_node: str
    mode: str


@short_repr
@dataclass(frozen=True, slots=True, eq=False)
class Loads:
    """Where demand goes. C classes, A arcs, K corridors, B border crossings; t a year.

    by_arc      : (C, A)
    by_pair     : (C, P) what is carried from hub to hub
    by_corridor : (C, K + 1); the last column is routes that no corridor of corridors.csv names
    corridors   : (K,) ids
    by_crossing : (C, B)
    crossings   : (B,) each direction of a border apart
    uncarried   : demand that is not in the loads
    diverted    : (C,) part of the carried that leaves or arrives by other hubs of its zones than
                  their weights say, because a pair of hubs cannot be reached
    """

    by_arc: FloatArray
    by_pair: FloatArray
    by_corridor: FloatArray
    corridors: tuple[str, ...]
    by_crossing: FloatArray
    crossings: tuple[Crossing, ...]
    uncarried: Uncarried
    diverted: FloatArray

    @property
    def total(self) -> FloatArray:
        """(A,) all classes together."""
        return np.asarray(self.by_arc.sum(axis=0))

    @property
    def carried(self) -> FloatArray:
        """(C,) tonnes that reach their destination."""
        return np.asarray(self.by_pair.sum(axis=1))

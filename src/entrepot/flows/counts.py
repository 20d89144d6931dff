"""Tonnes on corridors as counts take them: a shipment once, by the routes and not by sums over arcs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from entrepot.kernels.arrays import BoolArray, FloatArray, IntArray
from entrepot.kernels.choice.route_choice import choose
from entrepot.kernels.short_repr import short_repr
from entrepot.routes.passing import Passing, vehicles

if TYPE_CHECKING:
    from entrepot.flows.flow_model import Costs, FlowModel


@short_repr
@dataclass(frozen=True, slots=True, eq=False)
class Counters:
    """Counts on the routes of a model. K counts, C classes.

    names  : (K,) ids
    routes : (K,) of routes, rising
    meant  : (K, C) classes of cargo that each count is about
    """

    names: tuple[str, ...]
    routes: tuple[IntArray, ...]
    meant: BoolArray

    @classmethod
    def of(cls, model: FlowModel, rows: Iterable[Any]) -> Counters:
        """From rows of corridor_counts.csv."""
        session, routes = model.session, model.routes
        by_vehicle = vehicles(session.world)
        names, found, meant = [], [], []
        for row in rows:
            passing = Passing.of_row(session.world, row)
            names.append(str(row.count_id))
            hit = passing.routes(session.network, routes.sets, routes.pairs)
            found.append(np.flatnonzero(hit))
            meant.append(passing.classes(model.classes, by_vehicle))
        return cls(
            tuple(names),
            tuple(found),
            np.array(meant, dtype=bool).reshape(len(names), len(model.classes)),
        )

    def read(self, by_route: FloatArray) -> FloatArray:
        """(K,) sums of what routes carry (C, R), in its unit."""
        out = np.zeros(len(self.names))
        for k, routes in enumerate(self.routes):
            for c in np.flatnonzero(self.meant[k]):
                out[k] += by_route[c][routes].sum()
        return out


def route_flows(model: FlowModel, tonnes: FloatArray, costs: Costs | None = None) -> FloatArray:
    """(C, R) t a year that each route carries; tonnes (C, N, N) as for `FlowModel.load`."""
    by_pair = model.load(tonnes, costs).by_pair
    total = (costs or model.baseline).total
    sets = model.routes.sets
    out = np.empty((len(model.classes), sets.n_route))
    for c, base in enumerate(model.bases):
        out[c] = choose(sets, base, total[c]).share * by_pair[c][sets.pair]
    return out

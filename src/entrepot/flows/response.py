"""The flow model made ready to be asked many times: skims, loads and their transposes.

`FlowModel` answers once and keeps every arc; here only bottlenecks move, everything that stays is
worked out before, and all classes go through the routes together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from entrepot.flows.flow_model import FlowModel
from entrepot.kernels.arrays import BoolArray, FloatArray, IntArray
from entrepot.kernels.choice.class_choice import (
    choose_classes,
    group_cotangents,
    own_slopes,
    pair_means,
    route_tonnes,
)
from entrepot.kernels.choice.route_choice import (
    RouteSets,
    route_cost,
    sums_by_arc,
)
from entrepot.kernels.short_repr import short_repr


@short_repr
@dataclass(frozen=True, slots=True, eq=False)
class RouteChoice:
    """What all classes choose at some costs. C classes, R routes, P pairs of hubs, N zones.

    share  : (C, R)
    skim   : (C, P) USD/t, infinite where nothing goes
    weight : (C, P) part of the demand of a pair of zones that goes between two hubs; sums to one
             by pair of zones, or to zero where no hubs are joined
    """

    share: FloatArray
    skim: FloatArray
    weight: FloatArray


@short_repr
@dataclass(frozen=True, slots=True, eq=False)
class Response:
    """Skims and loads by route, for use in a loop. C classes, R routes, P pairs of hubs, F spots.

    spots        : routes as the bottlenecks they pass, in place of arcs
    least        : (C, P) least baseline cost C0; size : (C, R) path sizes; mu : (C,)
    usd_per_hour : (C,) what an hour costs a tonne
    needed       : (C, P) pairs of hubs between whose zones anything moves; None for all
    zone_pair    : (P,) importer * N + exporter
    """

    model: FlowModel
    sets: RouteSets
    spots: RouteSets
    least: FloatArray
    size: FloatArray
    mu: FloatArray
    usd_per_hour: FloatArray
    zone_pair: IntArray
    _to_zones: csr_matrix
    needed: BoolArray | None = None

    @classmethod
    def of(cls, model: FlowModel, spot_of_arc: IntArray, n_spot: int) -> Response:
        """spot_of_arc : (A,) bottleneck that an arc is part of, -1 for none."""
        sets, pairs = model.routes.sets, model.routes.pairs
        n = pairs.n_zone
        cell = pairs.importer * n + pairs.exporter
        passes = spot_of_arc[sets.arcs]
        route = np.repeat(np.arange(sets.n_route), np.diff(sets.start))
        start = np.zeros(sets.n_route + 1, dtype=np.int64)
        np.cumsum(np.bincount(route[passes >= 0], minlength=sets.n_route), out=start[1:])
        cargo = [model.session.pricing(c.commodity, c.unit, model.on).cargo for c in model.classes]
        one = np.ones(pairs.n_pair)
        return cls(
            model,
            sets,
            RouteSets.of(sets.first, start, passes[passes >= 0], n_spot),
            np.array([b.least for b in model.bases]),
            np.array([b.size for b in model.bases]),
            np.array([b.mu for b in model.bases]),
            np.array([c.usd_per_t_hour for c in cargo]),
            cell,
            csr_matrix((one, (cell, np.arange(pairs.n_pair))), shape=(n * n, pairs.n_pair)),
        )

    @property
    def n_zone(self) -> int:
        return self.model.routes.pairs.n_zone

    def by_zones(self, value: FloatArray) -> FloatArray:
        """(C, N, N) sums of (C, P) by importer and exporter."""
        n = self.n_zone
        return np.ascontiguousarray((self._to_zones @ value.T).T).reshape(len(value), n, n)

    def by_pairs(self, value: FloatArray) -> FloatArray:
        """(C, P) the value of (C, N, N) for the zones of each pair of hubs."""
        return value.reshape(len(value), -1)[:, self.zone_pair]

    def normal(self, joined: BoolArray) -> FloatArray:
        """(C, P) weights of the pairs of hubs that are joined, summing to one by pair of zones."""
        raw = np.where(joined, self.model.routes.pairs.pair_weight, 0.0)
        total = self.by_pairs(self.by_zones(raw))
        return np.divide(raw, total, out=np.zeros_like(raw), where=total > 0)

    def choose(
        self,
        cost: FloatArray,
        hours: FloatArray,
        usd: FloatArray | None = None,
        like: RouteChoice | None = None,
    ) -> RouteChoice:
        """Choice at route costs (C, R) and at hours and USD/t (F,) that bottlenecks add.

        like : the choice at other costs; its weights are taken where the same hubs are joined
        """
        along = route_cost(self.spots, hours)
        money = np.zeros_like(along) if usd is None else route_cost(self.spots, usd)
        share, skim = choose_classes(
            self.sets.first,
            self.least,
            self.size,
            self.mu,
            cost,
            along,
            money,
            self.usd_per_hour,
            self.needed,
        )
        joined = np.isfinite(skim)
        if like is not None and np.array_equal(joined, np.isfinite(like.skim)):
            return RouteChoice(share, skim, like.weight)
        return RouteChoice(share, skim, self.normal(joined))

    def route_loads(self, choice: RouteChoice, tonnes: FloatArray) -> FloatArray:
        """(R,) tonnes of all classes on each route; tonnes (C, N, N)."""
        return route_tonnes(self.sets.pair, choice.share, self.demand(choice, tonnes))

    def demand(self, choice: RouteChoice, tonnes: FloatArray) -> FloatArray:
        """(C, P) tonnes from hub to hub."""
        return self.by_pairs(tonnes) * choice.weight

    def traffic(self, choice: RouteChoice, tonnes: FloatArray) -> FloatArray:
        """(F,) tonnes a year through bottlenecks."""
        return self.at_spots(self.route_loads(choice, tonnes))

    def at_spots(self, by_route: FloatArray) -> FloatArray:
        """(F,) sums over routes as often as they pass a bottleneck."""
        return sums_by_arc(self.spots, by_route)

    def on_arcs(self, by_route: FloatArray) -> FloatArray:
        """(A,) sums over the routes that take an arc."""
        return sums_by_arc(self.sets, by_route)

    def along(self, by_spot: FloatArray) -> FloatArray:
        """(R,) sums over the bottlenecks of a route."""
        return route_cost(self.spots, by_spot)

    def slope(self, demand: FloatArray) -> FloatArray:
        """(C, P) demand * mu / C0: tonnes that move for a USD/t between routes."""
        with np.errstate(invalid="ignore", divide="ignore"):
            per_usd = self.mu[:, None] / self.least
        return np.asarray(demand * np.where(np.isfinite(self.least), per_usd, 0.0))

    def own_slopes(self, choice: RouteChoice, tonnes: FloatArray, price: FloatArray) -> FloatArray:
        """(F,) tonnes a year that a bottleneck loses to other routes for a price (C,) in USD/t."""
        slope = self.slope(self.demand(choice, tonnes))
        by_route = own_slopes(self.sets.first, choice.share, slope, price)
        return self.at_spots(by_route)

    def transposed_load(
        self, choice: RouteChoice, tonnes: FloatArray, value: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Slopes of sum_r value_r x_r: by tonnes (C, N, N), and what `transposed_costs` needs.

        value : (1, R) or (C, R) of a tonne on a route
        """
        mean = pair_means(self.sets.first, choice.share, value)
        slope = self.slope(self.demand(choice, tonnes))
        return self.by_zones(mean * choice.weight), slope, mean

    def transposed_costs(
        self,
        choice: RouteChoice,
        slope: FloatArray,
        value: FloatArray,
        mean: FloatArray,
        by_skim: FloatArray,
    ) -> tuple[FloatArray, FloatArray]:
        """(R,) slopes by the hours and by the USD/t of routes.

        by_skim : (C, N, N) slopes by the freight cost of pairs of zones
        """
        one = np.zeros(len(self.mu), dtype=np.int64)
        hours, usd = self.transposed_by_group(choice, slope, value, mean, by_skim, one)
        return hours[0], usd[0]

    def transposed_by_group(
        self,
        choice: RouteChoice,
        slope: FloatArray,
        value: FloatArray,
        mean: FloatArray,
        by_skim: FloatArray,
        group: IntArray,
    ) -> tuple[FloatArray, FloatArray]:
        """(G, R) the same by groups of classes; group : (C,) from 0 to G - 1."""
        skim = self.by_pairs(by_skim) * choice.weight
        return group_cotangents(
            self.sets.first, choice.share, slope, value, mean, skim, self.usd_per_hour, group
        )

    def transposed_cells(
        self,
        choice: RouteChoice,
        slope: FloatArray,
        value: FloatArray,
        mean: FloatArray,
        by_skim: FloatArray,
        cells: IntArray,
    ) -> FloatArray:
        """(M,) slopes by the USD/t of one class on one route, at positions c * R + r."""
        c, r = np.divmod(cells, self.sets.n_route)
        p = self.sets.pair[r]
        skim = by_skim.reshape(len(by_skim), -1)[c, self.zone_pair[p]] * choice.weight[c, p]
        moved = slope[c, p] * (value[np.minimum(c, len(value) - 1), r] - mean[c, p])
        return np.asarray(choice.share[c, r] * (skim - moved))

"""Freight costs between all zones, and where their goods go, for every class of cargo.

    model = FlowModel.of(Session.open(load_world()), "2026-06-30")
    before = model.skim()
    after = model.skim(model.dearer(hours=ten_hours_at_a_border))
    loads = model.load(tonnes)                               # [class, importer, exporter]

The route sets, the least costs C0 and the path sizes are those of the baseline and stay; a
counterfactual is other costs of the same routes, so that a change of the menu alone never creates
or destroys value.

Several hubs of a zone: their weights are where goods start and end, not a choice between gateways.
So the cost of a pair of zones is the mean over pairs of hubs by weight, not a log-sum: it is what
the goods that are loaded pay, its slope by the cost of an arc is the share of the goods on it, and
it is the mean that `carriage` takes. Pairs of hubs that cannot be reached are left out, their
weight is reported, and their goods go by the other hubs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from entrepot.errors import UnknownNameError, UsageError
from entrepot.flows.flow_results import Crossing, Loads, Skim, Uncarried
from entrepot.flows.route_cache import cached_route_sets
from entrepot.flows.route_rules import RouteCosts, RuleBoard
from entrepot.flows.route_sets import NetworkRoutes
from entrepot.kernels.arrays import BoolArray, FloatArray, IntArray
from entrepot.kernels.choice.path_size import path_sizes
from entrepot.kernels.choice.route_choice import (
    Base,
    choose,
    load,
    route_cost,
)
from entrepot.kernels.short_repr import short_repr
from entrepot.network.graph import MODES, ArcKind, Network
from entrepot.routes.cargo_class import CargoClass, all_classes
from entrepot.routes.constants import dispersions, kept_off
from entrepot.routes.session import Session


@short_repr
@dataclass(frozen=True, slots=True, eq=False)
class Costs:
    """Costs of all routes: total (C, R) USD/t, habits in, infinite where closed."""

    total: FloatArray


@short_repr
@dataclass(frozen=True, slots=True, eq=False)
class FlowModel:
    """Route sets of a world, priced for every class on a date.

    classes  : (C,)
    parts    : (C,) baseline costs of routes by part; constants of corridors are among the habits
    kept_off : (C,) of (R,) log odds that constants of corridors take from routes; the same in all
               counterfactuals
    bases    : (C,) least costs C0 (habits left out) and path sizes
    baseline : costs of the date
    corridor : (R,) corridor of each route
    crossing : (A,) border crossing of an arc, -1 for none
    """

    session: Session
    on: str
    routes: NetworkRoutes
    classes: tuple[CargoClass, ...]
    board: RuleBoard
    parts: tuple[RouteCosts, ...]
    kept_off: tuple[FloatArray, ...]
    bases: tuple[Base, ...]
    baseline: Costs
    corridor: IntArray
    crossing: IntArray
    crossings: tuple[Crossing, ...]

    @classmethod
    def of(
        cls,
        session: Session,
        on: str | None = None,
        *,
        classes: Sequence[CargoClass] | None = None,
        jobs: int = 1,
        beside: Session | None = None,
    ) -> FlowModel:
        """Find the sets of a date, or take them from the cache, and price them.

        classes : None for every commodity of the facts in its usual unit
        jobs    : processes; they change the time it takes and nothing else
        beside  : facts on which routes open that counterfactuals are to have
        """
        chosen = all_classes(session.world) if classes is None else tuple(classes)
        return cls.on_sets(session, cached_route_sets(session, on, chosen, jobs, beside), chosen)

    @classmethod
    def on_sets(
        cls, session: Session, routes: NetworkRoutes, classes: tuple[CargoClass, ...]
    ) -> FlowModel:
        """Price sets that are known."""
        sets, pairs, network = routes.sets, routes.pairs, session.network
        board = RuleBoard.of(network, sets, pairs.zones, pairs.exporter, pairs.importer)
        constants = kept_off(session.world, network, sets, pairs, classes)
        mu = dispersions(session, classes)
        parts, bases = [], []
        for c, one in enumerate(classes):
            costs = board.costs(session.pricing(one.commodity, one.unit, routes.on))
            costs = replace(costs, habit=costs.habit + constants[c])
            least = np.full(sets.n_pair, np.inf)
            np.minimum.at(least, sets.pair, costs.without_habit)
            size = path_sizes(sets, costs.arc, np.isfinite(costs.extra))
            parts.append(costs)
            bases.append(Base(least, size, mu[c]))
        total = np.array([_total(routes, c, b) for c, b in zip(parts, bases, strict=True)])
        corridor = session.kinds.read(sets.start, sets.arcs).row
        crossing, crossings = _crossings(network)
        return cls(
            session,
            routes.on,
            routes,
            classes,
            board,
            tuple(parts),
            constants,
            tuple(bases),
            Costs(total),
            corridor,
            crossing,
            crossings,
        )

    @property
    def zones(self) -> tuple[str, ...]:
        return self.routes.pairs.zones

    def position(self, commodity: str) -> int:
        """Place of the first class of a commodity."""
        names = [c.name for c in self.classes]
        if commodity not in names:
            raise UnknownNameError(commodity, "class of cargo", names)
        return names.index(commodity)

    def priced(self, session: Session, on: str | None = None) -> Costs:
        """The same routes under other facts or on another date: other arc costs and rules.

        Routes that open only then are those the sets have.
        """
        own, other = self.session.network, session.network
        same = all(
            np.array_equal(getattr(own, name), getattr(other, name))
            for name in ("indptr", "head", "kind", "mode", "link")
        )
        if not same:
            raise UsageError("Other costs need the same network; these facts give another one.")
        # The arcs are the same, so what touches what is too.
        board = replace(self.board, network=other)
        total = []
        for one, base, kept in zip(self.classes, self.bases, self.kept_off, strict=True):
            parts = board.costs(session.pricing(one.commodity, one.unit, on or self.on))
            parts = replace(parts, habit=parts.habit + kept)
            total.append(_total(self.routes, parts, base))
        return Costs(np.array(total))

    def dearer(
        self,
        costs: Costs | None = None,
        *,
        hours: FloatArray | None = None,
        usd_per_t: FloatArray | None = None,
        closed: BoolArray | None = None,
    ) -> Costs:
        """Costs with something added to arcs.

        costs     : to add to; None for the baseline
        hours     : (A,) hours, priced by the value of time of each class
        usd_per_t : (A,) or (C, A) USD/t
        closed    : (A,) arcs that nothing passes
        """
        sets = self.routes.sets
        total = (costs or self.baseline).total.copy()
        if hours is not None:
            along = route_cost(sets, _of_arcs(hours, sets.n_arc))
            for c, one in enumerate(self.classes):
                cargo = self.session.pricing(one.commodity, one.unit, self.on).cargo
                total[c] += along * cargo.usd_per_t_hour
        if usd_per_t is not None:
            rows = np.broadcast_to(_of_arcs(usd_per_t, sets.n_arc), (len(total), sets.n_arc))
            one_for_all = np.ndim(usd_per_t) == 1
            along = route_cost(sets, np.ascontiguousarray(rows[0]))
            for c in range(len(total)):
                total[c] += along if one_for_all else route_cost(sets, np.array(rows[c]))
        if closed is not None:
            for a in np.flatnonzero(closed).tolist():
                total[:, sets.users[sets.begin[a] : sets.begin[a + 1]]] = np.inf
        return Costs(total)

    def skim(self, costs: Costs | None = None) -> Skim:
        """Freight costs of all classes; `costs` None for the baseline."""
        pairs, n = self.routes.pairs, len(self.zones)
        total = (costs or self.baseline).total
        by_pair = np.empty((len(self.classes), pairs.n_pair))
        cost = np.empty((len(self.classes), n, n))
        reached = np.empty((len(self.classes), n, n))
        for c, base in enumerate(self.bases):
            by_pair[c] = choose(self.routes.sets, base, total[c]).skim
            cost[c], reached[c] = self._mean(by_pair[c], np.isfinite(by_pair[c]))
        return Skim(cost, reached, by_pair)

    def change(self, before: Skim, after: Skim) -> FloatArray:
        """(C, N, N) USD/t that freight costs change by, over the pairs of hubs reached both times.

        Infinite where nothing can go any more, minus infinite where nothing could before, NaN where
        neither: a route that is lost is never a mean of those that are left.
        """
        out = np.empty_like(before.cost)
        for c in range(len(out)):
            both = np.isfinite(before.by_pair[c]) & np.isfinite(after.by_pair[c])
            moved = np.where(both, after.by_pair[c], 0.0) - np.where(both, before.by_pair[c], 0.0)
            out[c], _ = self._mean(moved, both)
        was, now = before.reached > 0, after.reached > 0
        out[was & ~now] = np.inf
        out[~was & now] = -np.inf
        out[~was & ~now] = np.nan
        return out

    def load(self, tonnes: FloatArray, costs: Costs | None = None) -> Loads:
        """Load demand onto the routes.

        tonnes : (C, N, N) t a year, [class, importer, exporter], in the order of classes and zones
        """
        pairs, sets, n = self.routes.pairs, self.routes.sets, len(self.zones)
        shape = (len(self.classes), n, n)
        tonnes = np.asarray(tonnes, dtype=float)
        if tonnes.shape != shape or not (np.isfinite(tonnes) & (tonnes >= 0)).all():
            raise UsageError(f"Tonnes must be finite, zero or more, and of shape {shape}.")
        total = (costs or self.baseline).total
        names = tuple(r.corridor_id for r in self.session.namer.rows)
        by_arc, by_pair = np.empty((shape[0], sets.n_arc)), np.empty((shape[0], pairs.n_pair))
        by_corridor = np.empty((shape[0], len(names) + 1))
        by_crossing = np.empty((shape[0], len(self.crossings)))
        left, diverted = np.zeros(shape, dtype=bool), np.empty(shape[0])
        at_border = self.crossing >= 0
        for c, base in enumerate(self.bases):
            chosen = choose(sets, base, total[c])
            goes = np.isfinite(chosen.skim)
            weight = np.where(goes, pairs.pair_weight, 0.0)
            reached = pairs.by_zones(weight)[pairs.importer, pairs.exporter]
            wanted = tonnes[c][pairs.importer, pairs.exporter]
            by_pair[c] = wanted * weight / np.where(goes, reached, 1.0)
            diverted[c] = np.maximum(by_pair[c] - wanted * pairs.pair_weight, 0.0).sum()
            by_arc[c] = load(sets, chosen.share, by_pair[c])
            by_corridor[c] = np.bincount(
                np.where(self.corridor >= 0, self.corridor, len(names)),
                weights=chosen.share * by_pair[c][sets.pair],
                minlength=len(names) + 1,
            )
            by_crossing[c] = np.bincount(
                self.crossing[at_border],
                weights=by_arc[c][at_border],
                minlength=len(self.crossings),
            )
            left[c] = (pairs.by_zones(weight) == 0) & (tonnes[c] > 0)
        cargo, importer, exporter = np.nonzero(left)
        return Loads(
            by_arc,
            by_pair,
            by_corridor,
            names,
            by_crossing,
            self.crossings,
            Uncarried(cargo, importer, exporter, tonnes[left]),
            diverted,
        )

    def _mean(self, by_pair: FloatArray, counted: BoolArray) -> tuple[FloatArray, FloatArray]:
        """(N, N) means of values (P,) by weight over the pairs counted, and their weight."""
        pairs = self.routes.pairs
        weight = np.where(counted, pairs.pair_weight, 0.0)
        reached = pairs.by_zones(weight)
        top = pairs.by_zones(weight * np.where(counted, by_pair, 0.0))
        mean = np.where(reached > 0, top / np.where(reached > 0, reached, 1.0), np.inf)
        np.fill_diagonal(mean, np.nan)
        return mean, reached


def _total(routes: NetworkRoutes, parts: RouteCosts, base: Base) -> FloatArray:
    """(R,) costs with habits at the baseline's C0; at the least cost now where it had none."""
    sets = routes.sets
    open_now = parts.without_habit
    scale = base.least
    if not np.isfinite(scale).all():
        now = np.full(sets.n_pair, np.inf)
        np.minimum.at(now, sets.pair, open_now)
        scale = np.where(np.isfinite(scale), scale, now)
    used = parts.habit != 0
    out = open_now.copy()
    out[used] += parts.habit[used] * scale[sets.pair[used]] / base.mu
    return out


def _of_arcs(value: FloatArray, n_arc: int) -> FloatArray:
    out = np.asarray(value, dtype=float)
    if out.shape[-1:] != (n_arc,) or not np.isfinite(out).all():
        raise UsageError(f"What is added to arcs must be finite and of {n_arc} arcs.")
    return out


def _crossings(network: Network) -> tuple[IntArray, tuple[Crossing, ...]]:
    """(A,) border crossing of each arc, and the crossings in arc order.

    A border arc lies between two sides of a line; the hauls to and from them know the posts.
    """
    hauls = network.kind == ArcKind.HAUL
    known = hauls & (network.vertex_place[network.tail] >= 0)
    post_before = np.full(network.n_vertex, -1, dtype=np.int64)
    post_before[network.head[known]] = network.vertex_place[network.tail[known]]
    known = hauls & (network.vertex_place[network.head] >= 0)
    post_after = np.full(network.n_vertex, -1, dtype=np.int64)
    post_after[network.tail[known]] = network.vertex_place[network.head[known]]
    numbers: dict[Crossing, int] = {}
    out = np.full(network.n_arc, -1, dtype=np.int64)
    for a in np.flatnonzero(network.kind == ArcKind.BORDER).tolist():
        made = Crossing(
            network.place_id[post_before[network.tail[a]]],
            network.place_id[post_after[network.head[a]]],
            MODES[network.mode[a]],
        )
        out[a] = numbers.setdefault(made, len(numbers))
    return out, tuple(numbers)

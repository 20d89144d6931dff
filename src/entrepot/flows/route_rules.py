"""What rules of passage do to all routes of all pairs at once.

The same as `evaluate.rule_effect` route by route: a rule is matched once with the routes that
touch its arcs, and once with the pairs of zones that it binds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from entrepot.kernels.arrays import BoolArray, FloatArray, IntArray
from entrepot.kernels.choice.route_choice import RouteSets, route_cost
from entrepot.kernels.short_repr import short_repr
from entrepot.network.graph import MODE_CODE, ArcKind, Network

if TYPE_CHECKING:
    from entrepot.cost.passage import Rule
    from entrepot.routes.session import Pricing


@short_repr
@dataclass(frozen=True, slots=True)
class RouteCosts:
    """Costs of all routes for one class. A arcs, R routes; USD/t.

    arc     : (A,) generalised cost of an arc when it is open
    along   : (R,) sum over the arcs of a route
    extra   : (R,) hours, charges and load factors of rules; infinite where the route is closed
    habit   : (R,) -ln of the product of the weights in the choice; zero where there are none
    """

    arc: FloatArray
    along: FloatArray
    extra: FloatArray
    habit: FloatArray

    @property
    def without_habit(self) -> FloatArray:
        """(R,) generalised cost, infinite where closed."""
        return self.along + self.extra


def bound(rule: Rule, zones: tuple[str, ...], network: Network, truck: bool) -> BoolArray:
    """(N, N) whether a rule closes or changes something from zone to zone, [origin, destination].

    A truck may be registered at either end, so a rule on registrations acts where both are barred.
    """
    if rule.acts not in ("closes", "changes"):
        return np.zeros((len(zones), len(zones)), dtype=bool)
    out = np.outer(_named(rule.origins, zones), _named(rule.destinations, zones))
    if rule.origins is not None or rule.destinations is not None:
        np.fill_diagonal(out, False)
    if rule.spared:
        own = _named(rule.spared, zones)
        out &= ~(own[:, None] | own[None, :])
    if rule.foreign or rule.carriers is not None:
        if not truck:
            return np.zeros_like(out)
        if rule.foreign:
            areas = {network.area[a] for a in rule.arcs}
            home = np.array([z in areas for z in zones], dtype=np.int64)
            at_home = home[:, None] + home[None, :]
            np.fill_diagonal(at_home, home)
            out &= at_home < len(areas)
        else:
            own = _named(rule.carriers, zones)
            out &= np.outer(own, own)
    return out


def _named(codes: frozenset[str] | None, zones: tuple[str, ...]) -> BoolArray:
    return np.array([codes is None or z in codes for z in zones], dtype=bool)


@short_repr
@dataclass(slots=True)
class RuleBoard:
    """Matches rules with routes; what touches what is worked out once for all classes.

    zones   : (N,) alpha-3 codes
    origin, destination : (R,) zones of each route
    """

    network: Network
    sets: RouteSets
    zones: tuple[str, ...]
    origin: IntArray
    destination: IntArray
    road_km: FloatArray
    _touched: dict[bytes, IntArray] = field(default_factory=dict)
    _bound: dict[tuple[object, ...], BoolArray] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        network: Network,
        sets: RouteSets,
        zones: tuple[str, ...],
        origin: IntArray,
        destination: IntArray,
    ) -> RuleBoard:
        """origin, destination: (P,) zones of each pair."""
        on_road = np.where(network.mode == MODE_CODE["road"], network.km, 0.0)
        return cls(
            network,
            sets,
            zones,
            origin[sets.pair],
            destination[sets.pair],
            route_cost(sets, on_road),
        )

    def costs(self, pricing: Pricing) -> RouteCosts:
        """Costs of every route for the cargo and date of a pricing."""
        costs, cargo = pricing.costs, pricing.cargo
        truck = cargo.unit == "truck"
        everywhere = np.ones(self.network.n_arc, dtype=bool)
        arc = replace(costs, usable=everywhere).generalised()
        extra, habit = np.zeros(self.sets.n_route), np.zeros(self.sets.n_route)
        for rule in pricing.rulebook.rules:
            if rule.acts == "closes":
                extra[self._closed(rule, truck)] = np.inf
            elif rule.acts != "changes":
                continue
            elif rule.quantity == "hours":
                extra[self._changed(rule, truck)] += rule.value * cargo.usd_per_t_hour
            elif rule.quantity == "usd_per_teu":
                extra[self._changed(rule, truck)] += cargo.per_box_usd_per_t(rule.value)
            elif rule.quantity == "choice_weight":
                habit[self._changed(rule, truck)] -= np.log(rule.value)
            elif rule.quantity == "load_factor":
                self._add_loads(extra, rule, truck, costs.money[0] * (1 / rule.value - 1))
        for a in np.flatnonzero(~costs.usable).tolist():
            extra[self._users(a)] = np.inf
        return RouteCosts(arc, route_cost(self.sets, arc), extra, habit)

    def _changed(self, rule: Rule, truck: bool) -> IntArray:
        """Routes that a rule changes, each once."""
        routes = self._touching(rule.arcs.tolist())
        routes = routes[self._binds(rule, truck, routes)]
        if rule.beyond_km:
            routes = routes[self.road_km[routes] > rule.beyond_km] if truck else routes[:0]
        return routes

    def _closed(self, rule: Rule, truck: bool) -> IntArray:
        """Routes that a rule closes; a rule on foreign trucks spares those at home."""
        if not rule.foreign:
            routes = self._touching(rule.arcs.tolist())
            return routes[self._binds(rule, truck, routes)]
        by_area: dict[str, list[int]] = {}
        for a in rule.arcs.tolist():
            by_area.setdefault(self.network.area[a], []).append(a)
        found = []
        for area, arcs in by_area.items():
            routes = self._touching(arcs)
            abroad = np.array([z != area for z in self.zones])
            away = abroad[self.origin[routes]] & abroad[self.destination[routes]]
            found.append(routes[away & self._binds(rule, truck, routes)])
        return np.unique(np.concatenate(found))

    def _add_loads(self, extra: FloatArray, rule: Rule, truck: bool, dearer: FloatArray) -> None:
        """Dearer haulage on each arc of the rule that a route takes."""
        for a in rule.arcs.tolist():
            if self.network.kind[a] == ArcKind.HAUL:
                routes = self._users(a)
                np.add.at(extra, routes[self._binds(rule, truck, routes)], dearer[a])

    def _binds(self, rule: Rule, truck: bool, routes: IntArray) -> BoolArray:
        """(k,) whether a rule acts on routes, by their pairs of zones."""
        who = (
            rule.row, rule.acts, rule.foreign, rule.carriers, truck,
            rule.origins, rule.destinations, rule.spared, rule.arcs.tobytes(),
        )  # fmt: skip
        if who not in self._bound:
            self._bound[who] = bound(rule, self.zones, self.network, truck)
        return self._bound[who][self.origin[routes], self.destination[routes]]

    def _touching(self, arcs: Iterable[int]) -> IntArray:
        """Routes that take any of the arcs, rising."""
        chosen = np.fromiter(arcs, dtype=np.int64)
        key = chosen.tobytes()
        if key not in self._touched:
            hit = np.zeros(self.sets.n_route, dtype=bool)
            for a in chosen.tolist():
                hit[self._users(a)] = True
            self._touched[key] = np.flatnonzero(hit)
        return self._touched[key]

    def _users(self, arc: int) -> IntArray:
        return self.sets.users[self.sets.begin[arc] : self.sets.begin[arc + 1]]

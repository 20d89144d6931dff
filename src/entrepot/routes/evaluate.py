"""Days, money and CO2e of a route, with their spread.

Percentiles do not add: a route's hours are drawn element by element and added draw by draw. Behind
all delays is one common cause, and behind those of one source (all speeds by rail, all borders)
another (parameters.csv, time_correlation). Routes share their draws, so differences between routes
are differences between routes and not between samples.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from entrepot.cost.arcs import PARTS, ArcCosts, Elements
from entrepot.cost.passage import Passage, Rule
from entrepot.kernels.arrays import FloatArray
from entrepot.kernels.short_repr import short_repr
from entrepot.network.graph import MODE_CODE, ArcKind, Network
from entrepot.uncertainty.ranges import Z90
from entrepot.uncertainty.sampler import Sampler, joined
from entrepot.uncertainty.sources import member
from entrepot.uncertainty.spread import factor

if TYPE_CHECKING:
    from entrepot.routes.alternatives import ArcPath

RULE_SPREAD = (0.5, 2.0)  # P10 and P90 of a rule's hours or charge over the value in the table


@short_repr
@dataclass(frozen=True, slots=True)
class Factors:
    """Random factors on hours or on money, drawn when first asked for.

    over        : source of the common cause behind all elements
    of_rules    : source that the effects of rules belong to
    correlation : of two elements of different sources, and again of two of one source in what the
                  common cause leaves
    """

    over: str
    of_rules: str
    elements: Elements
    sampler: Sampler
    correlation: float
    _rows: dict[int, FloatArray] = field(default_factory=dict)
    _rules: dict[str, FloatArray] = field(default_factory=dict)

    def rows(self, elements: NDArray[np.int64]) -> FloatArray:
        """(k, n) draws over the median; ones for the element -1."""
        asked = elements.tolist()
        new = [e for e in asked if e not in self._rows]
        if new:
            self._draw([e for e in new if e >= 0])
            self._rows.setdefault(-1, np.ones(self.sampler.n))
        return np.stack([self._rows[e] for e in asked])

    def of_rule(self, rule_id: str) -> FloatArray:
        """(n,) draws of a rule's hours or charge over the value in the table."""
        if rule_id not in self._rules:
            (z,) = self._normals([member(self.of_rules, f"rule:{rule_id}")], [self.of_rules])
            low, high = -np.log(RULE_SPREAD[0]) / Z90, np.log(RULE_SPREAD[1]) / Z90
            self._rules[rule_id] = factor(z, low, high)
        return self._rules[rule_id]

    def _draw(self, new: list[int]) -> None:
        """Draw elements that were not drawn yet."""
        names, common = self.elements.names, self.elements.common
        drawn = self._normals([names[e] for e in new], [common[e] for e in new])
        for e, z in zip(new, drawn, strict=True):
            self._rows[e] = factor(z, float(self.elements.low[e]), float(self.elements.high[e]))

    def _normals(self, names: list[str], common: list[str]) -> FloatArray:
        """(k, n) standard normals of elements, given the sources they belong to."""
        draw, alike = self.sampler, self.correlation
        of_source = joined(draw.normals(common), draw.normals(names), alike)
        return joined(draw.normal(self.over), of_source, alike)


@short_repr
@dataclass(frozen=True, slots=True)
class RouteDraws:
    """Common random factors on hours and money."""

    time: Factors
    price: Factors

    @classmethod
    def of(
        cls, costs: ArcCosts, sampler: Sampler, time_correlation: float, price_correlation: float
    ) -> RouteDraws:
        return cls(
            Factors("delays", "border", costs.time, sampler, time_correlation),
            Factors("charges", "border_fee", costs.price, sampler, price_correlation),
        )


@short_repr
@dataclass(frozen=True, slots=True)
class RuleEffect:
    """What the rules do to one path.

    hours, usd_per_t : by rule, each once per route; at: position on the path where it acts first
    weight           : product of the choice weights
    load_factors     : (arc, factor) on bulk haulage
    rules            : rules that touch the path, effect or not
    """

    hours: tuple[tuple[Rule, int], ...]
    charges: tuple[tuple[Rule, int], ...]
    weight: float
    load: tuple[tuple[int, float], ...]
    rules: tuple[tuple[Rule, int], ...]


def rule_effect(network: Network, costs: ArcCosts, passage: Passage, path: ArcPath) -> RuleEffect:
    """Effects of the rules on a path; each rule counts once, however many arcs it touches."""
    first: dict[int, tuple[Rule, int]] = {}
    load: list[tuple[int, float]] = []
    changing, noted = passage.rows
    for i, arc in [(i, arc) for i, arc in enumerate(path) if arc in passage.of_arc]:
        for rule in passage.of_arc[arc]:
            if rule.row in changing or rule.row in noted:
                first.setdefault(rule.row, (rule, i))
                if rule.quantity == "load_factor" and rule.row in changing:
                    load += [(i, rule.value)] if network.kind[arc] == ArcKind.HAUL else []
    hours, charges, touched = [], [], []
    weight = 1.0
    for row in sorted(first):
        rule, i = first[row]
        if rule.beyond_km and not _driven_beyond(network, costs, path, rule.beyond_km):
            continue
        touched.append((rule, i))
        if row not in changing:
            continue
        if rule.quantity == "hours":
            hours.append((rule, i))
        elif rule.quantity == "usd_per_teu":
            charges.append((rule, i))
        elif rule.quantity == "choice_weight":
            weight *= rule.value
    return RuleEffect(tuple(hours), tuple(charges), weight, tuple(load), tuple(touched))


def _driven_beyond(network: Network, costs: ArcCosts, path: ArcPath, km: float) -> bool:
    """Whether one truck would drive farther than so many km."""
    return costs.cargo.unit == "truck" and _road_km(network, path) > km


def _road_km(network: Network, path: ArcPath) -> float:
    return float(sum(network.km[a] for a in path if network.mode[a] == MODE_CODE["road"]))


@short_repr
@dataclass(frozen=True, slots=True)
class Sampled:
    """Draws of a route along its arcs, grouped into legs.

    hours   : (n_leg, n)
    usd     : (n_leg, n) USD/t
    money   : (n_leg, 5) USD/t by part, at the medians
    """

    hours: FloatArray
    usd: FloatArray
    money: FloatArray


def generalised_cost(
    costs: ArcCosts, weight: FloatArray, path: ArcPath, effect: RuleEffect
) -> float:
    """USD/t of a path with the rules' hours and charges, without their weight in the choice."""
    cargo = costs.cargo
    total = float(weight[list(path)].sum())
    total += sum(r.value for r, _ in effect.hours) * cargo.usd_per_t_hour
    total += sum(cargo.per_box_usd_per_t(r.value) for r, _ in effect.charges)
    total += sum(float(costs.money[0, path[i]]) * (1 / f - 1) for i, f in effect.load)
    return total


def penalty(effects: list[RuleEffect], least: float, dispersion: float) -> FloatArray:
    """USD/t that gives a route the odds of its weight in the choice: -C0 ln(w) / mu."""
    return np.array([-np.log(e.weight) * least / dispersion for e in effects])


def sample(
    costs: ArcCosts,
    draws: RouteDraws,
    path: ArcPath,
    effect: RuleEffect,
    leg_of: list[int],
    legs: int | None = None,
) -> Sampled:
    """Draw hours and money of a path.

    leg_of : leg, or other group, of each arc on the path
    legs   : how many there are; None for as many as the arcs name
    """
    arcs = np.array(path, dtype=np.int64)
    leg = np.array(leg_of)
    n_leg = int(leg.max()) + 1 if legs is None else legs
    money = costs.money[:, arcs].copy()
    for i, load_factor in effect.load:
        money[0, i] /= load_factor
    hours = _by_leg(costs.hours[arcs], costs.time.of_arc[arcs], leg, n_leg, draws.time)
    usd = _by_leg(money.sum(axis=0), costs.price.of_arc[arcs], leg, n_leg, draws.price)
    by_part = np.zeros((n_leg, len(PARTS)))
    np.add.at(by_part, leg, money.T)
    for rule, i in effect.hours:
        hours[leg[i]] += rule.value * draws.time.of_rule(rule.rule_id)
    for rule, i in effect.charges:
        charge = costs.cargo.per_box_usd_per_t(rule.value)
        usd[leg[i]] += charge * draws.price.of_rule(rule.rule_id)
        by_part[leg[i], PARTS.index("insurance")] += charge
    return Sampled(hours, usd, by_part)


def _by_leg(
    value: FloatArray, element: np.ndarray, legs: np.ndarray, n_leg: int, factors: Factors
) -> FloatArray:
    """(n_leg, n): values times the draws of their elements, added up by leg."""
    used, position = np.unique(element, return_inverse=True)
    by_element = np.zeros((n_leg, len(used)))
    np.add.at(by_element, (legs, position), value)
    return np.asarray(by_element @ factors.rows(used))

"""What a measure does, in parts that can be added: hours and money by arc, ways, duties, payment.

Facts priced again for every set of measures of every draw would take most of the time. So each
measure is priced once on the facts, alone and at its middle size, and taken apart; a set of measures
at some sizes is the sum of its parts. Two measures on the same hours then add where on the facts they
multiply; `consistency` in the tables says how much that is for all of them together.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from entrepot.cost.arcs import BORDER, HANDLING, HAULAGE
from entrepot.equilibrium.coupled import Scenario
from entrepot.flows.session import Session
from entrepot.kernels.route_choice import route_cost
from entrepot.questions.coupled_facts import CoupledFacts

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
# Parts of the money of an arc: haulage, handling, border, and what no draw moves.
PARTS = ("haulage", "handling", "border", "rest")
SMALL = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class ArcChange:
    """Of one load unit: arcs (K,) and what a passage changes by: hours (K,), money (4, K)."""

    arcs: IntArray
    hours: FloatArray
    money: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class MeasureParts:
    """One measure at its middle size.

    by_unit  : changes of arcs by load unit
    routes   : (M,) positions c * R + r of cells of the (C, R) costs that change beside their arcs
    usd      : (M,) by so many USD/t; infinite where a route is shut
    opened   : (L,) cells that open, and open_usd (L,) their cost
    log_capacity : (F,) log of the factor on capacities, or None
    tariff   : (J, N, N) percentage points on duties, or None
    log_wedge : (J, N, N) log of other trade costs, or None
    """

    by_unit: dict[str, ArcChange]
    routes: IntArray
    usd: FloatArray
    opened: IntArray
    open_usd: FloatArray
    log_capacity: FloatArray | None
    tariff: FloatArray | None
    log_wedge: FloatArray | None


def take_apart(facts: CoupledFacts, scenario: Scenario, session: Session) -> MeasureParts:
    """The parts of a scenario of the facts."""
    by_unit: dict[str, ArcChange] = {}
    none = np.zeros(0, dtype=np.int64)
    routes, usd, opened, open_usd = none, np.zeros(0), none, np.zeros(0)
    if scenario.cost is not None:
        by_unit = _by_unit(facts, session)
        routes, usd, opened, open_usd = _beside(facts, scenario.cost, by_unit)
    tariff = scenario.tariff
    return MeasureParts(
        by_unit,
        routes,
        usd,
        opened,
        open_usd,
        None if scenario.capacity is None else np.log(scenario.capacity),
        None if tariff is None else tariff - facts.trade.tariff.mid,
        None if scenario.wedge is None else np.log(scenario.wedge),
    )


def _by_unit(facts: CoupledFacts, session: Session) -> dict[str, ArcChange]:
    out = {}
    for one in facts.model.classes:
        now = session.pricing(one.commodity, one.unit, facts.on)
        if now.cargo.unit in out:
            continue
        before = facts.session.pricing(one.commodity, one.unit, facts.on)
        ratio = now.cargo.reliability_ratio
        hours = now.costs.mean_hours() + ratio * now.costs.hours_spread()
        hours -= before.costs.mean_hours() + ratio * before.costs.hours_spread()
        moved = now.costs.money - before.costs.money
        money = np.stack([moved[HAULAGE], moved[HANDLING], moved[BORDER], np.zeros_like(hours)])
        money[3] = moved.sum(axis=0) - money[:3].sum(axis=0)
        money[3] += (now.costs.co2e - before.costs.co2e) / 1000 * now.cargo.co2e_price
        arcs = np.flatnonzero((np.abs(hours) > SMALL) | (np.abs(money) > SMALL).any(axis=0))
        out[now.cargo.unit] = ArcChange(arcs, hours[arcs], money[:, arcs])
    return out


def _beside(
    facts: CoupledFacts, cost: FloatArray, by_unit: dict[str, ArcChange]
) -> tuple[IntArray, FloatArray, IntArray, FloatArray]:
    """Cells of the costs of routes that differ from what their arcs say, and cells that open."""
    base = facts.world.cost
    told = along_routes(facts, by_unit)
    shut, opens = np.isinf(base), np.isinf(base) & np.isfinite(cost)
    with np.errstate(invalid="ignore"):
        left = np.where(shut, 0.0, cost - base - told)
    cells = np.flatnonzero(np.abs(left.ravel()) > SMALL * 1e3)
    new = np.flatnonzero(opens.ravel())
    return cells, left.ravel()[cells], new, cost.ravel()[new] - told.ravel()[new]


def along_routes(
    facts: CoupledFacts,
    by_unit: dict[str, ArcChange],
    hours: FloatArray | float = 1.0,
    money: tuple[FloatArray | float, ...] = (1.0, 1.0, 1.0, 1.0),
) -> FloatArray:
    """(C, R) USD/t that changes of arcs come to; factors (A,) on hours and on parts of money."""
    model = facts.model
    sets = model.routes.sets
    found: dict[str, tuple[FloatArray, FloatArray]] = {}
    out = np.zeros(facts.world.cost.shape)
    price = facts.world.response.usd_per_hour
    for c, one in enumerate(model.classes):
        change = by_unit.get(one.unit)
        if change is None or not len(change.arcs):
            continue
        if one.unit not in found:
            longer, dearer = np.zeros(sets.n_arc), np.zeros(sets.n_arc)
            longer[change.arcs] = change.hours
            longer *= hours
            for part, factor in zip(change.money, money, strict=True):
                own = np.zeros(sets.n_arc)
                own[change.arcs] = part
                dearer += own * factor
            found[one.unit] = (route_cost(sets, longer), route_cost(sets, dearer))
        longer, dearer = found[one.unit]
        out[c] = price[c] * longer + dearer
    return out


def add_up(
    parts: Iterable[tuple[MeasureParts, float]],
) -> MeasureParts | None:
    """Parts at sizes (1 is the middle size) as one; None where nothing changes."""
    units: dict[str, list[tuple[ArcChange, float]]] = {}
    routes, usd, opened, open_usd = [], [], [], []
    capacity: FloatArray | None = None
    tariff: FloatArray | None = None
    wedge: FloatArray | None = None
    count = 0
    for part, size in parts:
        count += 1
        for unit, change in part.by_unit.items():
            units.setdefault(unit, []).append((change, size))
        routes.append(part.routes)
        usd.append(np.where(np.isinf(part.usd), part.usd, size * part.usd))
        opened.append(part.opened)
        open_usd.append(part.open_usd)
        capacity = _plus(capacity, part.log_capacity, size)
        tariff = _plus(tariff, part.tariff, size)
        wedge = _plus(wedge, part.log_wedge, size)
    if not count:
        return None
    joined = {unit: _joined(changes) for unit, changes in units.items()}
    return MeasureParts(
        joined,
        np.concatenate(routes),
        np.concatenate(usd),
        np.concatenate(opened),
        np.concatenate(open_usd),
        capacity,
        tariff,
        wedge,
    )


def _plus(total: FloatArray | None, more: FloatArray | None, size: float) -> FloatArray | None:
    if more is None:
        return total
    return size * more if total is None else total + size * more


def _joined(changes: list[tuple[ArcChange, float]]) -> ArcChange:
    arcs = np.unique(np.concatenate([c.arcs for c, _ in changes]))
    hours, money = np.zeros(len(arcs)), np.zeros((len(PARTS), len(arcs)))
    for change, size in changes:
        at = np.searchsorted(arcs, change.arcs)
        hours[at] += size * change.hours
        money[:, at] += size * change.money
    return ArcChange(arcs, hours, money)

"""What a measure does, in parts that can be added: hours and money by arc, routes, duties, payment.

Facts priced again for every set of measures of every draw would take most of the time. So each
measure is priced once on the facts, alone and at its middle size, and taken apart; a set of measures
at some sizes is the sum of its parts. Two measures on the same hours then add where on the facts they
multiply; `consistency` in the tables says how much that is for all of them together.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from entrepot.engine.coupled_facts import CoupledFacts
from entrepot.engine.lower import Lowered
from entrepot.flows.arc_changes import SMALL, ArcChange, along_routes, joined
from entrepot.kernels.arrays import FloatArray, IntArray
from entrepot.kernels.short_repr import short_repr


@short_repr
@dataclass(frozen=True, slots=True, eq=False)
class MeasureParts:
    """One measure at its middle size.

    by_unit  : changes of arcs by load unit
    routes   : (M,) positions c * R + r of cells of the (C, R) costs that change beside their arcs
    usd      : (M,) by so many USD/t; infinite where a route is shut
    opened   : (L,) cells that open, and open_usd (L,) their cost
    log_capacity : (F,) log of the factor on capacities, or None
    tariff   : (J, N, N) percentage points on duties, or None
    log_wedge : (J, N, N) log of what paying makes of trade costs, or None
    log_factor : (J, N, N) log of other trade costs, or None
    """

    by_unit: dict[str, ArcChange]
    routes: IntArray
    usd: FloatArray
    opened: IntArray
    open_usd: FloatArray
    log_capacity: FloatArray | None
    tariff: FloatArray | None
    log_wedge: FloatArray | None
    log_factor: FloatArray | None = None


def take_apart(facts: CoupledFacts, lowered: Lowered) -> MeasureParts:
    """The parts of a scenario of the facts."""
    scenario = lowered.scenario
    by_unit: dict[str, ArcChange] = {}
    none = np.zeros(0, dtype=np.int64)
    routes, usd, opened, open_usd = none, np.zeros(0), none, np.zeros(0)
    if scenario.cost is not None:
        by_unit = lowered.arcs
        if not lowered.only_arcs:
            routes, usd, opened, open_usd = _beside(facts, scenario.cost, by_unit)
    tariff = scenario.tariff
    payment = replace(lowered.trade, factor=None).wedge(facts.trade.friction.mid)
    return MeasureParts(
        by_unit,
        routes,
        usd,
        opened,
        open_usd,
        None if scenario.capacity is None else np.log(scenario.capacity),
        None if tariff is None else tariff - facts.trade.tariff.mid,
        None if payment is None else np.log(payment),
        None if lowered.trade.factor is None else np.log(lowered.trade.factor),
    )


def _beside(
    facts: CoupledFacts, cost: FloatArray, by_unit: dict[str, ArcChange]
) -> tuple[IntArray, FloatArray, IntArray, FloatArray]:
    """Cells of the costs of routes that differ from what their arcs say, and cells that open."""
    base = facts.world.cost
    told = along_routes(facts.model, by_unit)
    shut, opens = np.isinf(base), np.isinf(base) & np.isfinite(cost)
    with np.errstate(invalid="ignore"):
        left = np.where(shut, 0.0, cost - base - told)
    cells = np.flatnonzero(np.abs(left.ravel()) > SMALL * 1e3)
    new = np.flatnonzero(opens.ravel())
    return cells, left.ravel()[cells], new, cost.ravel()[new] - told.ravel()[new]


def add_up(
    parts: Iterable[tuple[MeasureParts, float]],
) -> MeasureParts | None:
    """Parts at sizes (1 is the middle size) as one; None where nothing changes.

    At size zero nothing opens and nothing is shut; at any other size all that the measure opens
    or shuts is.
    """
    units: dict[str, list[tuple[ArcChange, float]]] = {}
    routes, usd, opened, open_usd = [], [], [], []
    capacity: FloatArray | None = None
    tariff: FloatArray | None = None
    wedge: FloatArray | None = None
    factor: FloatArray | None = None
    count = 0
    for part, size in parts:
        if size == 0:
            continue
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
        factor = _plus(factor, part.log_factor, size)
    if not count:
        return None
    by_unit = {unit: joined(changes) for unit, changes in units.items()}
    return MeasureParts(
        by_unit,
        np.concatenate(routes),
        np.concatenate(usd),
        np.concatenate(opened),
        np.concatenate(open_usd),
        capacity,
        tariff,
        wedge,
        factor,
    )


def _plus(total: FloatArray | None, more: FloatArray | None, size: float) -> FloatArray | None:
    if more is None:
        return total
    return size * more if total is None else total + size * more

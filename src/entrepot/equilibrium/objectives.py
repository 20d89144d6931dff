"""Numbers of a coupled equilibrium whose slopes can be asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from entrepot.cost.arcs import BORDER, FEE
from entrepot.equilibrium.loop import Equilibrium
from entrepot.kernels.arrays import FloatArray
from entrepot.kernels.choice.route_choice import route_cost
from entrepot.kernels.short_repr import short_repr
from entrepot.trade.exact.adjoint import Cotangent


@short_repr
@dataclass(frozen=True, slots=True, eq=False)
class Objective:
    """A number, its unit, and its own slopes.

    value  : at the equilibrium
    trade  : slopes by what the trade equilibrium gives, or None
    route  : (1, R) or (C, R) slopes by the tonnes on routes, or None
    direct : (C, N, N) slopes by the log of trade costs with nothing else answering: the naive view
    shown  : (C, N, N) what the traffic share of an arc is a share of: million USD or tonnes
    """

    name: str
    unit: str
    value: float
    trade: Cotangent | None
    route: FloatArray | None
    direct: FloatArray
    shown: FloatArray


def pair_trade(found: Equilibrium, a: str, b: str) -> Objective:
    """Trade of two economies, both ways, million USD a year."""
    world = found.world
    i, j = world.facts.position(a), world.facts.position(b)
    chosen = np.zeros_like(found.point.trade.flows)
    chosen[:, [i, j], [j, i]] = 1.0
    value = by_commodity(found)
    pair = value * chosen[world.cargo.folding.of]
    return Objective(
        f"trade of {a} and {b}",
        "million USD a year",
        float(np.sum(found.point.trade.flows * chosen)),
        Cotangent(flows=chosen),
        None,
        -pair * world.theta[:, None, None],
        pair * world.cargo.surface,
    )


def welfare(found: Equilibrium, zones: Sequence[str] | None = None) -> Objective:
    """Real income of economies together (None: all), equivalent variation in million USD a year."""
    world, trade = found.world, found.point.trade
    weight = np.zeros(len(world.facts.zones))
    weight[[world.facts.position(z) for z in zones or world.facts.zones]] = 1.0
    worth = weight * trade.baseline.income * trade.welfare_hat
    bought = by_commodity(found) * weight[:, None]
    return Objective(
        "real income of " + (", ".join(zones) if zones else "all economies"),
        "million USD a year",
        float(weight @ trade.equivalent_variation),
        Cotangent(income=worth / trade.income, log_price=-trade.baseline.final_share * worth),
        None,
        -bought,
        bought * world.cargo.surface,
    )


def tonnes_on(found: Equilibrium, arcs: NDArray[np.bool_], name: str) -> Objective:
    """Tonnes a year on routes that take any of some arcs (A,)."""
    world = found.world
    sets = world.response.sets
    taken = route_cost(sets, arcs.astype(float)) > 0
    route = taken.astype(float)[None, :]
    loads = world.response.route_loads(found.point.choice, world.inner(found.point.tonnes))
    mean, _, _ = world.response.transposed_load(
        found.point.choice, world.inner(found.point.tonnes), route
    )
    passing = world.outer(mean) * found.point.tonnes
    return Objective(
        name,
        "tonnes a year",
        float(loads[taken].sum()),
        None,
        route,
        -passing * world.theta[:, None, None],
        passing,
    )


def fee_income(found: Equilibrium, zone: str) -> Objective:
    """Border fees and tolls collected in an economy, USD a year."""
    world = found.world
    model, response = world.response.model, world.response
    own = np.array([area == zone for area in model.session.network.area])
    route = np.empty_like(world.cost)
    for c, one in enumerate(model.classes):
        money = model.session.pricing(one.commodity, one.unit, model.on).costs.money
        route[c] = route_cost(response.sets, np.where(own, money[BORDER] + money[FEE], 0.0))
    tonnes = world.inner(found.point.tonnes)
    mean, _, _ = response.transposed_load(found.point.choice, tonnes, route)
    paid = world.outer(mean) * found.point.tonnes
    return Objective(
        f"fees collected in {zone}",
        "USD a year",
        float(paid.sum()),
        None,
        route,
        -paid * world.theta[:, None, None],
        paid,
    )


def by_commodity(found: Equilibrium) -> FloatArray:
    """(C, N, N) trade by commodity, million USD a year: sectors split as at the baseline."""
    world = found.world
    return np.asarray(found.point.trade.flows[world.cargo.folding.of] * world.cargo.part)

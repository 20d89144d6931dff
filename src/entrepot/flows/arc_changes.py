"""What other facts change on arcs, by load unit, and what that comes to along routes.

Where nothing but hours and charges of arcs changes, the costs of all routes follow from the arcs
that differ, many times faster than by pricing every class and matching every rule again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from entrepot.cost.arcs import BORDER, HANDLING, HAULAGE
from entrepot.kernels.arrays import FloatArray, IntArray
from entrepot.kernels.choice.route_choice import route_cost_of
from entrepot.kernels.short_repr import short_repr

if TYPE_CHECKING:
    from entrepot.flows.flow_model import FlowModel
    from entrepot.routes.session import Session

# Parts of the money of an arc: haulage, handling, border, and what no draw moves.
PARTS = ("haulage", "handling", "border", "rest")
SMALL = 1e-9


@short_repr
@dataclass(frozen=True, slots=True, eq=False)
class ArcChange:
    """Of one load unit: arcs (K,) and what a passage changes by: hours (K,), money (4, K)."""

    arcs: IntArray
    hours: FloatArray
    money: FloatArray


def arc_changes(model: FlowModel, before: Session, after: Session) -> dict[str, ArcChange]:
    """Changes from one session to another on the same arcs."""
    out = {}
    for one in model.classes:
        if one.unit in out:
            continue
        now = after.pricing(one.commodity, one.unit, model.on)
        then = before.pricing(one.commodity, one.unit, model.on)
        ratio = now.cargo.reliability_ratio
        hours = now.costs.mean_hours() + ratio * now.costs.hours_spread()
        hours -= then.costs.mean_hours() + ratio * then.costs.hours_spread()
        moved = now.costs.money - then.costs.money
        money = np.stack([moved[HAULAGE], moved[HANDLING], moved[BORDER], np.zeros_like(hours)])
        money[3] = moved.sum(axis=0) - money[:3].sum(axis=0)
        money[3] += (now.costs.co2e - then.costs.co2e) / 1000 * now.cargo.co2e_price
        arcs = np.flatnonzero((np.abs(hours) > SMALL) | (np.abs(money) > SMALL).any(axis=0))
        out[one.unit] = ArcChange(arcs, hours[arcs], money[:, arcs])
    return out


def only_arcs(
    model: FlowModel, before: Session, after: Session, changes: dict[str, ArcChange]
) -> bool:
    """Whether the changes of arcs are all there is: the same rules, the same arcs open.

    A rule on load factors acts through haulage charges, so those must not move on its arcs.
    """
    if not before.same_rules(after):
        return False
    for one in model.classes:
        now = after.pricing(one.commodity, one.unit, model.on)
        then = before.pricing(one.commodity, one.unit, model.on)
        if now.cargo != then.cargo or not np.array_equal(now.costs.usable, then.costs.usable):
            return False
        change = changes[one.unit]
        dearer = change.arcs[change.money[0] != 0]
        loads = [r.arcs for r in now.rulebook.rules if r.quantity == "load_factor"]
        if any(np.isin(dearer, arcs).any() for arcs in loads):
            return False
    return True


def along_routes(
    model: FlowModel,
    by_unit: dict[str, ArcChange],
    hours: FloatArray | float = 1.0,
    money: tuple[FloatArray | float, ...] = (1.0, 1.0, 1.0, 1.0),
) -> FloatArray:
    """(C, R) USD/t that changes of arcs come to; factors (A,) on hours and on parts of money."""
    sets = model.routes.sets
    found: dict[str, tuple[FloatArray, FloatArray]] = {}
    out = np.zeros((len(model.classes), sets.n_route))
    for c, one in enumerate(model.classes):
        change = by_unit.get(one.unit)
        if change is None or not len(change.arcs):
            continue
        if one.unit not in found:
            at = change.arcs
            dearer = np.zeros(len(at))
            for part, factor in zip(change.money, money, strict=True):
                dearer += part * (factor[at] if isinstance(factor, np.ndarray) else factor)
            longer = change.hours * (hours[at] if isinstance(hours, np.ndarray) else hours)
            found[one.unit] = (route_cost_of(sets, at, longer), route_cost_of(sets, at, dearer))
        price = model.session.pricing(one.commodity, one.unit, model.on).cargo.usd_per_t_hour
        np.multiply(price, found[one.unit][0], out=out[c])
        out[c] += found[one.unit][1]
    return out


def joined(changes: list[tuple[ArcChange, float]]) -> ArcChange:
    """Changes at sizes, added up."""
    arcs = np.unique(np.concatenate([c.arcs for c, _ in changes]))
    hours, money = np.zeros(len(arcs)), np.zeros((len(PARTS), len(arcs)))
    for change, size in changes:
        at = np.searchsorted(arcs, change.arcs)
        hours[at] += size * change.hours
        money[:, at] += size * change.money
    return ArcChange(arcs, hours, money)

"""What each measure alone brings in every draw, from its slope in the world of the draw.

To solve each measure alone in each draw would take most of the time. Its gain in draw d is taken as
its gain at the middle of everything, at the size of the draw, times

    T_d (exp(c x_d) - 1) / (T (exp(c x) - 1)),        c = ln(1 + gain / T) / x

with T the trade of the pair and x the slope of its log along the measure at its middle size, from
one adjoint solve a draw (`equilibrium/sensitivity.py`). So a measure at a border follows the hours
drawn for borders, one of duties the elasticities. c makes the factor one at the middle, where the gain
was solved. A measure that opens or shuts routes has no slope by costs of routes; there x is the slope by
trade costs times what the choice among the routes makes of these, at the hours of the draw. A measure that
x says little about (c far from one) goes with the trade of the draw, T_d / T.

All of this is told in the draw's world without any other promise or setback.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from entrepot.engine.decompose import MeasureParts
from entrepot.engine.drawn_world import DrawnWorld
from entrepot.equilibrium.loop import Equilibrium
from entrepot.equilibrium.objectives import pair_trade
from entrepot.equilibrium.sensitivity import RouteSlopes, route_slopes
from entrepot.kernels.arrays import FloatArray, dot

NO_CELLS = np.zeros(0, dtype=np.int64)
# Residual that the adjoint is solved to: slopes of draws need not be as close as those that are
# printed. It is taken up to ten times as large.
ROUGH = 1e-2
# A slope that tells the gain at the middle by more than such a factor wrong tells nothing of draws.
FAR = 3.0


def log_slopes(
    parts: Sequence[MeasureParts | None],
    world: DrawnWorld,
    found: Equilibrium,
    pair: tuple[str, str],
) -> FloatArray:
    """(M,) first-order change of the log of the pair's trade by each measure at its middle size.

    found : equilibrium of the draw without any measure; NaN for a measure that changes nothing
    """
    objective = pair_trade(found, *pair)
    cells = [own.routes if own is not None and _smooth(own) else NO_CELLS for own in parts]
    names = [one.unit for one in world.facts.model.classes]
    units, group = np.unique(names, return_inverse=True)
    slopes = route_slopes(found, objective, group, np.concatenate(cells), ROUGH)
    if slopes is None or objective.value <= 0:
        return np.full(len(parts), np.nan)
    along = _Along(world, found, units.tolist(), slopes)
    by_cell = np.split(slopes.by_cell, np.cumsum([len(own) for own in cells])[:-1])
    gains = [
        np.nan if own is None else along.measure(own, at)
        for own, at in zip(parts, by_cell, strict=True)
    ]
    return np.array(gains, dtype=float) / objective.value


def _smooth(parts: MeasureParts) -> bool:
    """Whether no route opens and none is shut."""
    return not len(parts.opened) and bool(np.isfinite(parts.usd).all())


class _Along:
    """Slopes along the parts of measures."""

    def __init__(
        self, world: DrawnWorld, found: Equilibrium, units: list[str], slopes: RouteSlopes
    ) -> None:
        self.world, self.found, self.slopes = world, found, slopes
        on = found.world.response.on_arcs
        self.by_unit = {
            unit: (on(by_hour), on(by_usd))
            for unit, by_hour, by_usd in zip(units, slopes.by_hour, slopes.by_usd, strict=True)
        }

    def measure(self, parts: MeasureParts, by_cell: FloatArray) -> float:
        """Of a measure at its middle size; by_cell : slopes by its cells of costs."""
        total = self._routes(parts, by_cell) if _smooth(parts) else self._choice(parts)
        if parts.tariff is not None:
            before = self.world.tariff
            after = np.maximum(before + parts.tariff, 0.0)
            total += float(np.sum(self.slopes.by_kappa * np.log((1 + after) / (1 + before))))
        if parts.log_capacity is not None:
            capacity = self.found.world.delays.capacity
            total += dot(self.slopes.by_capacity, capacity * parts.log_capacity)
        return total

    def _routes(self, parts: MeasureParts, by_cell: FloatArray) -> float:
        """By hours and charges of arcs, cells of costs, and payment."""
        total = dot(by_cell, parts.usd)
        hours, money = self.world.priced.of_arcs(self.world.facts.session.network)
        for unit, change in parts.by_unit.items():
            by_hour, by_usd = (side[change.arcs] for side in self.by_unit[unit])
            total += dot(by_hour, hours[change.arcs] * change.hours)
            for part, factor in zip(change.money, money, strict=True):
                own = factor[change.arcs] if isinstance(factor, np.ndarray) else factor
                total += dot(by_usd, own * part)
        if parts.log_wedge is not None:
            moved = self.world.by_wedge * parts.log_wedge
            total += float(np.sum(self.slopes.by_kappa * moved))
        if parts.log_factor is not None:
            total += float(np.sum(self.slopes.by_kappa * parts.log_factor))
        return total

    def _choice(self, parts: MeasureParts) -> float:
        """By trade costs, with routes open or shut as they are then."""
        cost = self.world.world.trade_cost(self.world.scenario(parts))
        return float(np.sum(self.slopes.by_kappa * np.log(cost)))


def own_factors(
    gain: FloatArray,
    trade: float,
    slope: FloatArray,
    drawn_trade: FloatArray,
    drawn_slope: FloatArray,
) -> FloatArray:
    """(D, M) what each draw makes of the gain of each measure, over the middle.

    gain, slope : (M,) at the middle, million USD a year and in logs; trade : of the pair there
    drawn_trade : (D,), drawn_slope : (D, M)
    """
    larger = np.broadcast_to((drawn_trade / trade)[:, None], drawn_slope.shape)
    with np.errstate(invalid="ignore", divide="ignore"):
        exponent = np.log1p(gain / trade) / slope
        told = (exponent > 1 / FAR) & (exponent < FAR) & np.isfinite(drawn_slope)
        grown = drawn_trade[:, None] * np.expm1(exponent * drawn_slope)
        return np.where(told, grown / gain, larger)

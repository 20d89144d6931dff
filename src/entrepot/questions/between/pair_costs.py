"""What stands between two economies: the cost of their trade taken apart, as draws.

For each direction and good, with v the value of a tonne,

    kappa = (1 + duty) (1 + (freight + time + border) / v) (1 + payment) (1 + unexplained)

Freight and fees at borders come from the routes of a date, time from their hours and the value of
a day of the good (the spread of hours counts as reliability does in the choice of routes). What
inverse gravity finds beyond all that is unexplained: language, law, risk, trust, habit, and every
error of the parts before. Inverse gravity tells the cost beyond that of trade at home, while the
parts are whole, so what is unexplained is too small by what carriage at home costs.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from entrepot.errors import InfeasibleError
from entrepot.facts.world import World
from entrepot.flows.carriage import Carriage, carriage
from entrepot.kernels.arrays import FloatArray
from entrepot.routes.session import Session
from entrepot.trade.world.inverse_gravity import separation
from entrepot.trade.world.shipments import Shipments, shipments
from entrepot.trade.world.trade_world import TradeWorld, mean_theta
from entrepot.uncertainty.draw_values import in_levels, theta_draws
from entrepot.uncertainty.ranges import Range
from entrepot.uncertainty.sampler import Sampler
from entrepot.uncertainty.spread import factor, log_sides

PARTS = ("duty", "freight", "time", "border", "payment", "unexplained")
# Goods below this part of a direction's trade are not priced: they take the mean carriage of the
# others where all goods are told, and no lever moves them.
LEAST = 0.005


@dataclass(frozen=True, eq=False)
class Direction:
    """Trade of one economy with the other. C commodities, D draws.

    value   : (C,) million USD a year
    carried : by position of the commodity, the draws of carriage
    parts   : by part, (D, C) as a share of the value; the unexplained part is none of a good
    closed  : commodities that nothing can carry under the rules of the date
    duty_known : whether the facts have a duty; where not, it is part of what is unexplained
    """

    exporter: str
    importer: str
    value: FloatArray
    carried: dict[int, Carriage]
    parts: dict[str, FloatArray]
    closed: tuple[str, ...]
    duty_known: bool

    def mean(self, part: str) -> FloatArray:
        """(D,) mean of a part over the goods, weighted by value."""
        return np.asarray(self.parts[part] @ self.value / self.value.sum())


@dataclass(frozen=True, eq=False)
class PairCosts:
    """The cost of a pair's trade by part. J sectors, D draws.

    theta       : (D, J) trade elasticities
    theta_all   : (D,) of the goods the pair trades, one by its value
    total       : (D,) what inverse gravity finds, as a share of the value, both directions
    unexplained : (D,) what is left of it, as a share of the value; below zero if the parts pass it
    """

    pair: tuple[str, str]
    on: str
    trade: TradeWorld
    shipments: Shipments
    directions: tuple[Direction, Direction]
    theta: FloatArray
    theta_all: FloatArray
    total: FloatArray
    unexplained: FloatArray
    sampler: Sampler = field(repr=False)

    @property
    def n_draw(self) -> int:
        return len(self.total)

    def named_share(self) -> FloatArray:
        """(D,) part of the log of the total that the named parts make up."""
        whole = np.log1p(self.total)
        return np.asarray((whole - np.log1p(self.unexplained)) / whole)

    def known(self, part: str) -> bool:
        """Whether a part is known in both directions."""
        return part != "duty" or all(d.duty_known for d in self.directions)

    def both_ways(self, part: str) -> FloatArray:
        """(D,) geometric mean of a part over the two directions, a share of the value."""
        if part == "unexplained":
            return self.unexplained
        logs = [np.log1p(d.mean(part)) for d in self.directions]
        return np.asarray(np.expm1(0.5 * (logs[0] + logs[1])))


def pair_costs(
    session: Session, trade: TradeWorld, pair: tuple[str, str], on: str, sampler: Sampler
) -> PairCosts:
    """Take the trade cost of a pair apart under the rules of passage of a date."""
    world, folding = session.world, trade.folding
    session = session.drawing(sampler)
    sent = shipments(world, trade.zones, folding.commodities, trade.value)
    drawn = _Drawn(world, sampler)
    shared = world.parameter("elasticity_correlation")
    theta = theta_draws(sampler, trade.sectors, trade.elasticity, shared)
    a, b = pair
    between = [trade.position(z) for z in pair]
    theta_all = np.array(
        [mean_theta(t, trade.flows[np.ix_(range(len(t)), between, between)]) for t in theta]
    )
    directions = (
        _direction(session, trade, sent, drawn, a, b, on),
        _direction(session, trade, sent, drawn, b, a, on),
    )
    phi = separation(trade.flows.sum(axis=0))[trade.position(a), trade.position(b)]
    total = np.expm1(phi / theta_all)
    logs = sum(0.5 * np.log1p(_known(d)) for d in directions)
    return PairCosts(
        pair=pair,
        on=on,
        trade=trade,
        shipments=sent,
        directions=directions,
        theta=theta,
        theta_all=theta_all,
        total=total,
        unexplained=np.expm1(np.log1p(total) - logs),
        sampler=sampler,
    )


def _known(direction: Direction) -> FloatArray:
    """(D,) all known parts of a direction together, mean over goods, as a share of the value."""
    p = direction.parts
    kappa = (1 + p["duty"]) * (1 + p["freight"] + p["time"] + p["border"]) * (1 + p["payment"])
    return np.asarray(kappa @ direction.value / direction.value.sum() - 1.0)


@dataclass(frozen=True)
class _Drawn:
    """Draws that several parts share."""

    world: World
    sampler: Sampler

    def ratio(self, quantity: str) -> FloatArray:
        """(D,) draws over the middle value, from uncertainty.csv."""
        row = self.world.table("uncertainty").set_index("quantity").loc[quantity]
        low, high = log_sides(
            np.array(row["p10_ratio"], dtype=float),
            np.array(1.0),
            np.array(row["p90_ratio"], dtype=float),
        )
        return factor(self.sampler.normal(quantity), float(low), float(high))

    def share(self, source: str, given: Range[FloatArray], *, bounded: bool = False) -> FloatArray:
        """(D, C) draws of a share known by three figures a good, one normal for all goods."""
        z = self.sampler.normal(source)
        return np.stack([in_levels(float(x), given, bounded=bounded) for x in z])


def _direction(
    session: Session,
    trade: TradeWorld,
    sent: Shipments,
    drawn: _Drawn,
    exporter: str,
    importer: str,
    on: str,
) -> Direction:
    i, n = trade.position(exporter), trade.position(importer)
    folding = trade.folding
    value = trade.value[:, n, i]
    per_tonne = sent.usd_per_t.each(lambda v: v[:, n, i])
    carried: dict[int, Carriage] = {}
    closed = []
    surface = sent.surface.mid[:, n, i] > 0
    for c in np.flatnonzero((value >= LEAST * value.sum()) & surface):
        found = carriage(session, exporter, importer, folding.commodities[c], on)
        if found is None:
            closed.append(folding.commodities[c])
        else:
            carried[int(c)] = found
    freight, time, border = _carriage_parts(session, folding.commodities, carried, per_tonne, drawn)
    if not carried:
        goods = ", ".join(closed) or "what is traded"
        raise InfeasibleError(f"Nothing carries {goods} from {exporter} to {importer} on {on}.")
    weight = value[list(carried)]
    for part in (freight, time, border):
        mean = part[:, list(carried)] @ weight / weight.sum()
        others = [c for c in range(len(value)) if c not in carried]
        part[:, others] = np.reshape(mean, (-1, 1))
    of = folding.of
    return Direction(
        exporter,
        importer,
        value,
        carried,
        {
            "duty": drawn.share("duty", trade.tariff.each(lambda v: v[of, n, i])),
            "freight": freight,
            "time": time,
            "border": border,
            "payment": drawn.share(
                "payment", trade.friction.each(lambda v: v[of, n, i]), bounded=True
            ),
        },
        tuple(closed),
        bool(trade.tariff_known[n, i]),
    )


def _carriage_parts(
    session: Session,
    commodities: tuple[str, ...],
    carried: dict[int, Carriage],
    per_tonne: Range[FloatArray],
    drawn: _Drawn,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Freight, time and border as shares of the value, (D, C) each; zero where nothing is known."""
    shape = (drawn.sampler.n, len(commodities))
    freight, time, border = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    table = session.world.table("commodities").set_index("commodity")
    worth = drawn.ratio("time_value")
    for c, good in carried.items():
        commodity = commodities[c]
        low, high = log_sides(*(v[c] for v in (per_tonne.low, per_tonne.mid, per_tonne.high)))
        z = drawn.sampler.normal(f"usd_per_t:{commodity}")
        usd_per_t = per_tonne.mid[c] * factor(z, float(low), float(high))
        a_day = float(table.at[commodity, "time_value_pct_per_day"]) / 100 * worth
        moving, waiting = good.moving_hours / 24, good.border_hours / 24
        late = (
            good.cargo.reliability_ratio * _half_range(good.moving_hours + good.border_hours) / 24
        )
        whole = moving + waiting
        freight[:, c] = good.freight_usd / usd_per_t
        time[:, c] = a_day * (moving + late * moving / whole)
        border[:, c] = good.border_usd / usd_per_t + a_day * (waiting + late * waiting / whole)
    return freight, time, border


def _half_range(hours: FloatArray) -> float:
    """Robust standard deviation: half the range from P16 to P84."""
    low, high = np.percentile(hours, (15.87, 84.13))
    return float(high - low) / 2


def parts_table(costs: PairCosts, sources: dict[str, tuple[str, ...]]) -> pd.DataFrame:
    """The parts as rows: each direction over all goods, each good, and both directions together."""
    rows = []

    def row(exporter: str, importer: str, commodity: str, part: str, draws: FloatArray) -> None:
        p10, p50, p90 = (float(x) for x in np.percentile(draws, (10, 50, 90)))
        rows.append(
            {
                "exporter": exporter,
                "importer": importer,
                "commodity": commodity,
                "part": part,
                "share_p10": p10,
                "share_p50": p50,
                "share_p90": p90,
                "value_kind": "estimated",
                "source_id": sources.get(part, ()),
            }
        )

    a, b = costs.pair
    for part in (p for p in PARTS if costs.known(p)):
        row(f"{a}-{b}", "*", "*", part, costs.both_ways(part))
    row(f"{a}-{b}", "*", "*", "total", costs.total)
    for d in costs.directions:
        named = [p for p in PARTS[:-1] if p != "duty" or d.duty_known]
        for part in named:
            row(d.exporter, d.importer, "*", part, d.mean(part))
        row(d.exporter, d.importer, "*", "known", _known(d))
        for c in sorted(d.carried, key=lambda c: -d.value[c]):
            for part in named:
                name = costs.trade.folding.commodities[c]
                row(d.exporter, d.importer, name, part, d.parts[part][:, c])
    return pd.DataFrame(rows)

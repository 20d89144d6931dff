"""What stands between a pair's trade today and a target: parts, levers, potential, arithmetic."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from entrepot.errors import UsageError
from entrepot.facts.tables import World
from entrepot.flows.query import RouteQuery, find_routes
from entrepot.flows.session import Session
from entrepot.questions.levers import Lever, levers, levers_table, needed_cut
from entrepot.questions.pair_costs import Direction, PairCosts, pair_costs, parts_table
from entrepot.questions.pair_goods import MATRIX, goods_of
from entrepot.trade.inverse_gravity import Pairs
from entrepot.trade.potential import potential
from entrepot.trade.world import TradeWorld

INVERSE_GRAVITY = ("T01", "T02", "T03", "T04")


@dataclass(frozen=True, slots=True)
class PairTrade:
    """What is asked about a pair.

    pair          : codes of two economies
    turnover_musd : trade of both directions to start from; None for the base year's
    turnover_year : year of it
    turnover_source_id, target_source_id : where the figures come from
    target_musd   : what somebody wants it to be
    on            : day of the rules of passage and duties that go with the turnover
    later         : day of the duties of the last lever
    """

    pair: tuple[str, str]
    on: str
    later: str
    turnover_musd: float | None = None
    turnover_year: str = ""
    turnover_source_id: tuple[str, ...] = ()
    target_musd: float | None = None
    target_source_id: tuple[str, ...] = ()
    draws: int = 100
    seed: int = 0


def pair_trade(
    session: Session, ask: PairTrade, told: Callable[[int], None] = lambda _: None
) -> dict[str, pd.DataFrame]:
    """Tables trade_goods, trade_parts, trade_levers and trade_figures (schema/results)."""
    if ask.draws < 2:
        raise UsageError(f"{ask.draws} draws are too few for a range; 2 at least.")
    world = session.world
    values = {} if ask.turnover_musd is None else {ask.pair: ask.turnover_musd}
    trade = TradeWorld.of_world(world, on=date.fromisoformat(ask.on), pair_values=values)
    costs = pair_costs(session, trade, ask.pair, ask.on, ask.draws, ask.seed)
    found = levers(world, costs, date.fromisoformat(ask.later), told)
    base = sum(float(d.value.sum()) for d in costs.directions)
    parts = parts_table(costs, _sources(session, costs))
    names = dict(
        zip(
            world.table("commodities")["commodity"], world.table("commodities")["name"], strict=True
        )
    )
    parts["name"] = [names.get(c, "All goods") for c in parts["commodity"]]
    return {
        "trade_goods": pd.DataFrame(
            [
                row
                for d in costs.directions
                for row in goods_of(world, trade, costs.shipments, d.exporter, d.importer)
            ]
        ),
        "trade_parts": parts,
        "trade_levers": levers_table(found, base),
        "trade_figures": _figures(world, ask, costs, base, found),
    }


def _sources(session: Session, costs: PairCosts) -> dict[str, tuple[str, ...]]:
    """Sources of each part: rows of the facts it was made from."""
    world = session.world
    a, b = costs.pair
    groups = {r.group: set(r.members) for r in world.table("zone_groups").itertuples(index=False)}

    def named(text: str, zone: str) -> bool:
        return text in ("*", zone) or zone in groups.get(text, set())

    duty: set[str] = set()
    for r in world.table("tariffs").itertuples(index=False):
        if any(named(r.importer, n) and named(r.exporter, i) for n, i in ((a, b), (b, a))):
            duty |= set(r.source_id)
    payment: set[str] = set()
    for r in world.table("payment_friction").itertuples(index=False):
        if {r.zone_a, r.zone_b} == {a, b} or (r.zone_b == "*" and r.zone_a in (a, b)):
            payment |= set(r.source_id)
    route: set[str] = set()
    for d in costs.directions:
        route |= _route_facts(session, costs, d)
    worth = set(world.table("commodities")["source_id"].explode())
    return {
        "duty": tuple(sorted(duty)),
        "freight": tuple(sorted(route)),
        "border": tuple(sorted(route)),
        "time": tuple(sorted(route | ({"HS2013"} & worth))),
        "payment": tuple(sorted(payment | set(INVERSE_GRAVITY))),
        "unexplained": INVERSE_GRAVITY,
        "total": INVERSE_GRAVITY,
    }


def _route_facts(session: Session, costs: PairCosts, d: Direction) -> set[str]:
    """Sources of the first route of the good that is worth most."""
    if not d.carried:
        return set()
    commodity = costs.trade.folding.commodities[max(d.carried, key=lambda c: d.value[c])]
    query = RouteQuery(d.exporter, d.importer, commodity, on=costs.on)
    routes = find_routes(session.world, query, session=session).tables()["routes"]
    return set(routes["facts"].iloc[0]) if len(routes) else set()


def _figures(
    world: World, ask: PairTrade, costs: PairCosts, base: float, found_levers: list[Lever]
) -> pd.DataFrame:
    """Single figures: where trade stands, what is wanted, what pairs alike trade."""
    a, b = (costs.trade.position(z) for z in ask.pair)
    rows: list[dict[str, Any]] = []

    def put(
        figure: str,
        title: str,
        unit: str,
        kind: str,
        sources: tuple[str, ...],
        *values: float,
        note: str = "",
    ) -> None:
        low, mid, high = values if len(values) == 3 else (np.nan, values[0], np.nan)
        rows.append(
            {
                "figure": figure,
                "title": title,
                "p10": low,
                "p50": mid,
                "p90": high,
                "unit": unit,
                "value_kind": kind,
                "source_id": sources,
                "note": note,
            }
        )

    plain = TradeWorld.of_world(world, on=costs.trade.on)
    matrix = plain.flows.sum(axis=0)
    put("matrix", f"Trade in {plain.base_year} in the matrix of all pairs", "million USD/year", "published",
        MATRIX, float(matrix[a, b] + matrix[b, a]))  # fmt: skip
    start = ask.turnover_musd is not None
    put("turnover", "Trade to start from", "million USD/year", "published" if start else "estimated",
        ask.turnover_source_id if start else MATRIX, base, note=ask.turnover_year)  # fmt: skip
    highest = _highest(world, ask.pair)
    if highest is not None:
        put("highest", "Highest published turnover of a calendar year", "million USD/year",
            str(highest["value_kind"]), tuple(highest["source_id"]), float(highest["value"]),
            note=str(highest["year"]))  # fmt: skip
    for own, figure, title in (
        (
            True,
            "potential_own",
            "What pairs alike trade, given how open both are to everybody else",
        ),
        (False, "potential_alike", "What pairs alike trade, were both as open as economies alike"),
    ):
        found = potential(
            matrix, Pairs.of_world(world, plain.zones), a, b, own_effects=own
        ).expected
        put(figure, title, "million USD/year", "estimated", INVERSE_GRAVITY,
            float(found.low), float(found.mid), float(found.high))  # fmt: skip
    peculiar = costs.trade.comparison.peculiar(a, b)
    theta = float(np.median(costs.theta_all))
    put("peculiar", "Trade cost beyond that of pairs alike", "share of value", "estimated", INVERSE_GRAVITY,
        *(float(np.expm1(v / theta)) for v in (peculiar.low, peculiar.mid, peculiar.high)))  # fmt: skip
    put("theta", "Trade elasticity of all goods", "1", "estimated", ("T131", "T132", "T133"),
        *_percentiles(costs.theta_all))  # fmt: skip
    half = next(lever.gain for lever in found_levers if (lever.name, lever.cut) == ("named", 0.5))
    if not np.isnan(half).all():
        put(
            "half_named",
            "Trade in the long run if all named parts cost half as much",
            "million USD/year",
            "estimated",
            INVERSE_GRAVITY,
            *(float(base + q) for q in np.nanpercentile(half, (10, 50, 90))),
        )
    if ask.target_musd is not None:
        growth = ask.target_musd / base
        put(
            "target",
            "Target",
            "million USD/year",
            "published",
            ask.target_source_id,
            ask.target_musd,
        )
        put(
            "growth",
            "Target over the trade to start from",
            "1",
            "published",
            ask.target_source_id,
            growth,
        )
        if growth > 1:
            cut = needed_cut(costs, growth)
            put("needed_cut", "Fall of all costs between producer and buyer that gives the target",
                "share of cost", "estimated", INVERSE_GRAVITY, *_percentiles(cut))  # fmt: skip
    return pd.DataFrame(rows)


def _highest(world: World, pair: tuple[str, str]) -> pd.Series[Any] | None:
    series = world.table("bilateral_series")
    own = series[
        [{a, b} == set(pair) for a, b in zip(series["zone_a"], series["zone_b"], strict=True)]
    ]
    own = own[
        (own["indicator"] == "turnover")
        & (own["product"] == "all")
        & (own["unit"] == "MUSD")
        & own["period"].str.startswith("calendar")
        & own["year"].str.fullmatch(r"\d{4}")
        & own["value"].notna()
    ]
    return None if not len(own) else own.loc[own["value"].idxmax()]


def _percentiles(draws: np.ndarray) -> tuple[float, float, float]:
    low, mid, high = np.percentile(draws, (10, 50, 90))
    return float(low), float(mid), float(high)

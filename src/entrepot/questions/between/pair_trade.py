"""What stands between a pair's trade today and a target: parts, levers, potential, arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from entrepot.errors import UsageError
from entrepot.facts.world import World
from entrepot.kernels.arrays import FloatArray
from entrepot.questions.between.cost_components import (
    Lever,
    levers,
    levers_table,
    needed_cut,
)
from entrepot.questions.between.options import BetweenOptions
from entrepot.questions.between.pair_costs import (
    Direction,
    PairCosts,
    pair_costs,
    parts_table,
)
from entrepot.questions.between.pair_goods import goods_of, total_sources
from entrepot.routes.find import find_routes
from entrepot.routes.query import RouteQuery
from entrepot.routes.session import Session
from entrepot.routes.tables import route_tables
from entrepot.trade.world.inverse_gravity import (
    Pairs,
    compare,
    separation,
)
from entrepot.trade.world.potential import potential
from entrepot.trade.world.trade_world import TradeWorld, day_of
from entrepot.uncertainty.sampler import SEED, Sampler


def pair_trade(
    session: Session,
    options: BetweenOptions,
    seed: int = SEED,
    on_progress: Callable[[int], None] = lambda _: None,
) -> dict[str, pd.DataFrame]:
    """Tables trade_goods, trade_parts, trade_levers and trade_figures (schema/results).

    on_progress : called after each draw with its number
    """
    if options.draws < 2:
        raise UsageError(f"{options.draws} draws are too few for a range; 2 at least.")
    world = session.world
    values = {} if options.turnover_musd is None else {options.pair: options.turnover_musd}
    trade = TradeWorld.of_world(world, on=day_of(options.on), pair_values=values)
    costs = pair_costs(session, trade, options.pair, options.on, Sampler(seed, options.draws))
    found = levers(world, costs, day_of(options.later or world.meta["default_date"]), on_progress)
    base = sum(float(d.value.sum()) for d in costs.directions)
    sources = _sources(session, costs)
    parts = parts_table(costs, sources)
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
                for row in goods_of(
                    world,
                    trade,
                    costs.shipments,
                    d.exporter,
                    d.importer,
                    options.turnover_source_id,
                    d.closed,
                )
            ]
        ),
        "trade_parts": parts,
        "trade_levers": levers_table(found, base, options.target_musd),
        "trade_figures": _figures(world, options, costs, base, found, sources),
    }


def _sources(session: Session, costs: PairCosts) -> dict[str, tuple[str, ...]]:
    """Sources of each part, and of what levers rest on: the rows of the facts they were made from."""
    world, (a, b) = session.world, costs.pair
    duty = _rows_of_pair(world, costs, "tariffs")
    friction = world.table("payment_friction")
    payment = {
        s
        for r in friction.itertuples(index=False)
        if {r.zone_a, r.zone_b} == {a, b} or (r.zone_b == "*" and r.zone_a in (a, b))
        for s in r.source_id
    }
    goods = {costs.trade.folding.commodities[c] for d in costs.directions for c in d.carried}
    table = world.table("commodities")
    worth = {s for ids in table.loc[table["commodity"].isin(goods), "source_id"] for s in ids}
    worth |= _rows_of_pair(world, costs, "value_densities")
    route = set().union(*(_route_facts(session, costs, d) for d in costs.directions))
    spread = world.table("uncertainty")
    day = {s for ids in spread.loc[spread["quantity"] == "time_value", "source_id"] for s in ids}
    home = world.table("internal_trade")
    whole = {s for ids in home.loc[home["zone_id"].isin((a, b)), "source_id"] for s in ids}
    whole |= {s for n, i in ((a, b), (b, a)) for s in total_sources(world, i, n)[1]}
    elasticity = world.table("elasticity_estimates")
    theta = {
        s for ids in elasticity.loc[elasticity["commodity"].isin(goods), "source_id"] for s in ids
    }
    found = {
        "duty": duty,
        "freight": route | worth,
        "border": route | worth,
        "time": route | worth | day,
        "payment": payment | whole,
        "unexplained": whole | theta,
        "total": whole | theta,
        "elasticity": theta,
    }
    found["levers"] = set().union(*found.values())
    return {name: tuple(sorted(ids)) for name, ids in found.items()}


def _rows_of_pair(world: World, costs: PairCosts, table: str) -> set[str]:
    """Sources of the rows of a table that hold for either direction of the pair."""
    places, position = costs.trade.places, costs.trade.position
    a, b = (position(z) for z in costs.pair)
    return {
        s
        for r in world.table(table).itertuples(index=False)
        for n, i in ((a, b), (b, a))
        if n in places.positions(r.importer) and i in places.positions(r.exporter)
        for s in r.source_id
    }


def _route_facts(session: Session, costs: PairCosts, d: Direction) -> set[str]:
    """Sources of the first route of the good that is worth most."""
    if not d.carried:
        return set()
    commodity = costs.trade.folding.commodities[max(d.carried, key=lambda c: d.value[c])]
    query = RouteQuery(d.exporter, d.importer, commodity, on=costs.on)
    routes = route_tables(find_routes(session.world, query, session=session))["routes"]
    return set(routes["facts"].iloc[0]) if len(routes) else set()


@dataclass(slots=True)
class _Figures:
    """Rows of trade_figures as they are found."""

    rows: list[dict[str, Any]]

    def put(
        self,
        figure: str,
        title: str,
        values: Sequence[float],
        sources: tuple[str, ...],
        *,
        unit: str = "million USD/year",
        kind: str = "estimated",
        note: str = "",
    ) -> None:
        """values: one, or P10, P50 and P90."""
        low, mid, high = values if len(values) == 3 else (np.nan, values[0], np.nan)
        self.rows.append(
            {"figure": figure, "title": title, "p10": low, "p50": mid, "p90": high, "unit": unit,
             "value_kind": kind, "source_id": sources, "note": note}
        )  # fmt: skip


def _figures(
    world: World,
    options: BetweenOptions,
    costs: PairCosts,
    base: float,
    found: list[Lever],
    sources: dict[str, tuple[str, ...]],
) -> pd.DataFrame:
    """Single figures: where trade stands, what is wanted, what pairs alike trade."""
    out = _Figures([])
    plain = TradeWorld.of_world(world, on=costs.trade.on)
    ends = (plain.position(options.pair[0]), plain.position(options.pair[1]))
    matrix = plain.flows.sum(axis=0)
    known = [total_sources(world, i, n) for n, i in (options.pair, options.pair[::-1])]
    kind = "published" if all(k == "published" for k, _ in known) else "estimated"
    cells = tuple(sorted({s for _, ids in known for s in ids}))
    now = float(matrix[ends] + matrix[ends[::-1]])
    out.put(
        "matrix", f"Trade in {plain.base_year} in the matrix of all pairs", (now,), cells, kind=kind
    )
    if options.turnover_musd is None:
        out.put("turnover", "Trade to start from", (base,), cells, kind=kind, note=plain.base_year)
    else:
        out.put("turnover", "Trade to start from", (base,), options.turnover_source_id, kind="published",
                note=options.turnover_year)  # fmt: skip
    highest = _highest(world, options.pair)
    if highest is not None:
        told = f"{highest['year']}; {highest['note']}" if highest["note"] else str(highest["year"])
        out.put("highest", "Highest published turnover of a calendar year", (float(highest["value"]),),
                tuple(highest["source_id"]), kind=str(highest["value_kind"]), note=told)  # fmt: skip
    _put_alike(out, world, plain, matrix, ends, sources)
    share = _percentiles(costs.named_share())
    out.put("named_share", "Part of the whole trade cost, in logs, that the named parts make up", share,
            sources["levers"], unit="share")  # fmt: skip
    out.put("theta", "Trade elasticity of the goods the pair trades", _percentiles(costs.theta_all),
            sources["elasticity"], unit="1")  # fmt: skip
    passed = float(np.mean(costs.unexplained < 0))
    out.put(
        "negative",
        "Draws in which the named parts pass the whole",
        (passed,),
        sources["levers"],
        unit="share",
    )
    half = next(lever.gain for lever in found if (lever.name, lever.cut) == ("named", 0.5))
    half = base + half[~np.isnan(half)]
    if len(half):
        out.put("half_named", "Trade in the long run if all named parts cost half as much",
                _percentiles(half), sources["levers"])  # fmt: skip
    if options.target_musd is not None:
        growth = options.target_musd / base
        out.put(
            "target", "Target", (options.target_musd,), options.target_source_id, kind="published"
        )
        out.put("growth", "Target over the trade to start from", (growth,),
                (*options.target_source_id, *options.turnover_source_id), unit="1")  # fmt: skip
        if len(half):
            out.put("half_named_reaches", "Draws in which half the named costs give the target",
                    (float(np.mean(half >= options.target_musd)),), sources["levers"], unit="share")  # fmt: skip
        if growth > 1:
            out.put("needed_cut", "Fall of all costs between producer and buyer that gives the target",
                    _percentiles(needed_cut(costs, growth)), sources["elasticity"], unit="share of cost")  # fmt: skip
    return pd.DataFrame(out.rows)


def _put_alike(
    out: _Figures,
    world: World,
    plain: TradeWorld,
    matrix: FloatArray,
    ends: tuple[int, int],
    sources: dict[str, tuple[str, ...]],
) -> None:
    """What a gravity equation expects, what pairs alike trade, and how separated the pair is."""
    pairs = Pairs.of_world(world, plain.zones)
    phi = separation(matrix)
    for own, name, words in (
        (True, "own", "given how open both are to everybody else"),
        (False, "alike", "were both as open as economies alike"),
    ):
        found = potential(matrix, pairs, *ends, own_effects=own)
        spread = (float(found.spread.low), float(found.spread.mid), float(found.spread.high))
        out.put(
            f"expected_{name}",
            f"What gravity expects, {words}",
            (found.expected,),
            sources["total"],
        )
        out.put(f"spread_{name}", f"What the fifty pairs most like it trade, at its size, {words}", spread,
                sources["total"])  # fmt: skip
        if np.isfinite(phi[ends]):
            rank = compare(phi, pairs, own_effects=own).rank(*ends)
            out.put(f"rank_{name}", f"Pairs nearer to each other than this one, features apart, {words}",
                    (rank,), sources["total"], unit="share")  # fmt: skip


def _highest(world: World, pair: tuple[str, str]) -> pd.Series[Any] | None:
    series = world.table("bilateral_series")
    ends = zip(series["zone_a"], series["zone_b"], strict=True)
    own = series[np.array([{a, b} == set(pair) for a, b in ends], dtype=bool)]
    own = own[
        (own["indicator"] == "turnover")
        & (own["product"] == "all")
        & (own["unit"] == "MUSD")
        & own["period"].str.startswith("calendar")
        & own["year"].str.fullmatch(r"\d{4}")
        & own["value"].notna()
    ]
    return None if not len(own) else own.loc[own["value"].idxmax()]


def _percentiles(draws: FloatArray) -> tuple[float, float, float]:
    low, mid, high = np.percentile(draws, (10, 50, 90))
    return float(low), float(mid), float(high)

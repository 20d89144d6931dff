"""Who gains and who loses from changes of trade costs with transport held, under a model of trade.

The answer is solved exactly at the middle of all figures. Elasticities, duties and frictions are drawn
for the ranges; before and after share the draw.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from entrepot.engine.held import (
    HELD,
    HOLDS,
    HORIZONS,
    ONE_SECTOR,
    TRADE_MODELS,
    TradeFigures,
    TradeOutcome,
    check_changes,
    trade_outcome,
)
from entrepot.engine.lower import lower_trade
from entrepot.errors import InfeasibleError, UnknownNameError, UsageError
from entrepot.facts.change import ROWS, Change, is_of_trade
from entrepot.facts.trade_flows import flows_of, names_flows
from entrepot.facts.world import World
from entrepot.kernels.arrays import BoolArray, FloatArray
from entrepot.trade.exact.baseline import check_rule
from entrepot.trade.world.trade_world import TradeWorld
from entrepot.uncertainty.draw_values import in_levels, theta_draws
from entrepot.uncertainty.ranges import Range
from entrepot.uncertainty.sampler import SEED, Sampler

MOST_FLOWS = 20
FLOW_COLUMNS = (
    "exporter", "importer", "sector", "name", "before_musd", "change_musd",
    "change_musd_p10", "change_musd_p50", "change_musd_p90", "change_pct_p50",
)  # fmt: skip


@dataclass(frozen=True)
class TradeEffects:
    """Results over D draws.

    tables : trade_effects (by economy), trade_flow_changes (pairs that change most), trade_run
    failed : draws without a converged answer
    """

    tables: dict[str, pd.DataFrame]
    failed: int


def read_pair(text: str) -> tuple[tuple[str, str], float]:
    """A pair and its turnover from a text such as IRN-KAZ=340."""
    match = re.fullmatch(r"([A-Za-z]{3})-([A-Za-z]{3})=([0-9]{1,12}\.?[0-9]*)", text.strip())
    if match is None:
        raise UsageError(f"--pair {text}: expected A-B=MILLIONS, such as IRN-KAZ=340.")
    return (match[1].upper(), match[2].upper()), float(match[3])


@dataclass(frozen=True, slots=True)
class TradeRules:
    """How trade with transport held is solved; words of `engine.held`.

    draws : of elasticities, duties and frictions; 0 for none
    pair  : economies whose flows are shown whatever changes; empty for none
    """

    model: str = "sectors"
    deficit: str = "proportional"
    horizon: str = "long"
    draws: int = 40
    seed: int = SEED
    pair: tuple[str, ...] = ()


def with_goods(world: World, trade: TradeWorld) -> World:
    """The facts with the goods of a file of trade, where those are not the commodities of the facts."""
    goods = trade.folding.commodities
    if set(goods) <= set(world.table("commodities")["commodity"]):
        return world
    own = {"commodity": list(goods), "name": list(goods), "broad_group": list(goods)}
    return World({**world.raw, "commodities": own}, world.meta)


def trade_effects(
    world: World, trade: TradeWorld, changes: Sequence[Change], rules: TradeRules
) -> TradeEffects:
    """Solve the world before and after changes at the middle of all figures, and in every draw."""
    model, horizon = rules.model, rules.horizon
    if model not in TRADE_MODELS:
        raise UnknownNameError(model, f"model ({', '.join(TRADE_MODELS)})", TRADE_MODELS)
    if horizon not in HORIZONS:
        raise UnknownNameError(horizon, f"horizon ({', '.join(HORIZONS)})", HORIZONS)
    check_rule(rules.deficit)
    if not changes:
        raise UsageError("Nothing changes: give --tariff, --cost or --friction.")
    other = [c.table for c in changes if not is_of_trade(c)]
    if other:
        raise UsageError(
            f"Transport is held, so a change of {other[0]} would do nothing; ask `entrepot what-if`."
        )
    faults = [told for change in changes if (told := _no_duty(trade, change))]
    if faults:
        raise UsageError("\n".join(faults))
    lowered = lower_trade(trade, world, changes)
    check_changes(lowered, model)
    exact, *drawn = [
        trade_outcome(trade, figures, lowered, model) for figures in _figures(world, trade, rules)
    ]
    if not exact.solved:
        raise InfeasibleError(f"There is no answer: {exact.status}.")
    outcomes = [o for o in drawn if o.solved]
    if drawn and not outcomes:
        raise InfeasibleError(
            f"No draw was solved: {', '.join(sorted({o.status for o in drawn}))}."
        )
    failed = len(drawn) - len(outcomes)
    deficit = rules.deficit if model == "sectors" else ""
    run = {
        "model": model,
        "deficit": deficit,
        "horizon": horizon,
        "on": trade.on.isoformat(),
        "base_year": trade.base_year,
        "steps": tuple(dict.fromkeys(said(c) for c in changes)),
        "draws": len(drawn),
        "failed": failed,
        "status": "converged" if not failed else f"{failed} draws failed",
        "notes": (
            *trade.notes,
            *held_notes(trade, model),
            *_notes(trade, world, changes, deficit),
            *_capped([exact, *outcomes]),
        ),
    }
    ends = [trade.position(zone) for zone in rules.pair]
    named = _named(trade, changes) | {(n, i) for n in ends for i in ends if n != i}
    return TradeEffects(
        {
            "trade_run": pd.DataFrame([run]),
            "trade_effects": _by_economy(trade, exact, outcomes or [exact]),
            "trade_flow_changes": _by_flow(trade, exact, outcomes or [exact], named),
        },
        failed,
    )


def _figures(world: World, trade: TradeWorld, rules: TradeRules) -> Iterator[TradeFigures]:
    """Figures at their middle, then those of each draw."""
    parameter = world.table("parameters").set_index("parameter")
    value = parameter["value"]
    short = Range(
        *(np.array(float(parameter.at["short_run_share", k])) for k in ("low", "value", "high"))
    )
    less = float(short.mid) if rules.horizon == "short" else 1.0
    demand = float(value["import_demand_elasticity"])
    yield TradeFigures(
        less * trade.elasticity.mid, trade.tariff.mid, trade.friction.mid, rules.deficit, demand
    )
    if not rules.draws:
        return
    sampler = Sampler(rules.seed, rules.draws)
    alike = float(value["elasticity_correlation"])
    thetas = theta_draws(sampler, trade.sectors, trade.elasticity, alike)
    z_tariff = sampler.normal("duty")
    z_friction = sampler.normal("payment")
    z_short = sampler.normal("short_run")
    for d in range(sampler.n):
        theta = thetas[d]
        if rules.horizon == "short":
            theta = theta * in_levels(float(z_short[d]), short)
        yield TradeFigures(
            theta,
            in_levels(float(z_tariff[d]), trade.tariff),
            in_levels(float(z_friction[d]), trade.friction, bounded=True),
            rules.deficit,
            demand,
        )


def said(change: Change) -> str:
    """A change in words: as it was given, or as its parts."""
    if change.reason.startswith("--"):
        return change.reason.removeprefix("--")
    value = "" if change.operation in ROWS else f" {change.text}"
    return f"{change.operation} {change.table} {change.key} {change.column}{value}"


def held_notes(trade: TradeWorld, model: str) -> list[str]:
    """What is held fixed, and which goods are told apart."""
    held = ", ".join(h.replace("_", " ") for h in HOLDS if h in HELD[model])
    out = [f"Held fixed: {held}." if held else "Nothing is held fixed: traffic answers trade."]
    if model in ONE_SECTOR:
        out.append("All goods are one.")
    elif trade.sectors != trade.folding.commodities:
        out.append(f"Commodities are traded as {len(trade.sectors)} broader groups.")
    return out


def _pairs(trade: TradeWorld, change: Change) -> BoolArray:
    """(N, N) the flows that a change names; those of rows of a table are looked up by their names."""
    parts = change.key.split(",")
    buyer, seller = (trade.places.positions(p) for p in parts[:2])
    if change.table == "trade_costs":
        buyer, seller = seller, buyer
    out = np.zeros((len(trade.zones), len(trade.zones)), dtype=bool)
    if len(parts) > 1:
        out[np.ix_(buyer, seller)] = True
    if change.table == "payment_friction":
        out |= out.T
    np.fill_diagonal(out, False)
    return out


def _named(trade: TradeWorld, changes: Sequence[Change]) -> set[tuple[int, int]]:
    """(importer, exporter) of the flows that few enough are named of to be shown."""
    out: set[tuple[int, int]] = set()
    for change in changes:
        if change.table == "zone_groups":
            continue
        pairs = np.argwhere(_pairs(trade, change))
        if len(pairs) <= 2 * MOST_FLOWS:
            out |= {(int(n), int(i)) for n, i in pairs}
    return out


def _no_duty(trade: TradeWorld, change: Change) -> str:
    """Why a duty cannot fall: none of those named is in the facts."""
    if change.table != "tariffs" or not names_flows(change.table, change.row):
        return ""
    lower_it = change.operation == "scale" or (change.operation == "set" and not float(change.text))
    if not lower_it or trade.tariff_known[_pairs(trade, change)].any():
        return ""
    return (
        f"--{said(change)}: no duty of these economies is in the facts on {trade.on}; what there is "
        "lies in the unexplained trade cost. Ask with --cost instead."
    )


def _notes(trade: TradeWorld, world: World, changes: Sequence[Change], deficit: str) -> list[str]:
    """What a reader of these results must know beside what the facts' notes say."""
    out = []
    for change in changes:
        if not names_flows(change.table, change.row):
            continue
        pairs = _pairs(trade, change)
        if change.table == "tariffs":
            count, known = int(pairs.sum()), int(trade.tariff_known[pairs].sum())
            if known < count:
                out.append(
                    f"{said(change)}: a duty is in the facts for {known} of the {count} flows named; "
                    "the others start from zero."
                )
        goods = flows_of(world, change.table, change.row).goods
        folding = trade.folding
        for good in goods:
            if good in folding.commodities:
                members = folding.members(int(folding.of[folding.commodities.index(good)]))
                if not set(members) <= set(goods):
                    out.append(
                        f"{said(change)} moves only its part of a group traded as one: "
                        f"{', '.join(members)}."
                    )
    if deficit == "zero":
        out.append(
            "Trade was balanced first, so flows before the change are not those of the data."
        )
    return out


def _capped(outcomes: Sequence[TradeOutcome]) -> list[str]:
    most = max(o.capped for o in outcomes)
    if not most:
        return []
    return [
        f"{most} flows would fall below zero by the partial formulas and are held there: the change is "
        "beyond their range, and losses of surplus are overstated."
    ]


def spread_of(draws: FloatArray) -> Range[FloatArray]:
    """P10, P50, P90 along the first axis, failed draws (NaN) left out."""
    return Range(*(np.nanpercentile(draws, q, axis=0) for q in (10, 50, 90)))


def _by_economy(
    trade: TradeWorld, exact: TradeOutcome, outcomes: list[TradeOutcome]
) -> pd.DataFrame:
    abroad = ~np.eye(len(trade.zones), dtype=bool)
    exports = np.array([((o.new - o.old) * abroad).sum(axis=(0, 1)) for o in outcomes])
    imports = np.array([((o.new - o.old) * abroad).sum(axis=(0, 2)) for o in outcomes])
    real = np.array([o.real_income for o in outcomes])
    table = pd.DataFrame(
        {"zone_id": trade.zones, "name": trade.names, "real_income_musd": exact.real_income}
    )
    with np.errstate(all="ignore"):
        columns = {
            "real_income_musd": real,
            "exports_musd": exports,
            "imports_musd": imports,
            "revenue_musd": np.array([o.revenue for o in outcomes]),
        }
    for name, draws in columns.items():
        found = spread_of(draws) if np.isfinite(draws).all() else None
        for side, label in (("low", "p10"), ("mid", "p50"), ("high", "p90")):
            table[f"{name}_{label}"] = getattr(found, side) if found else np.nan
    table["real_income_pct_gdp_p50"] = 100 * table["real_income_musd_p50"] / trade.gdp
    table["creation_musd_p50"] = np.median([o.creation for o in outcomes], axis=0)
    table["diversion_musd_p50"] = np.median([o.diversion for o in outcomes], axis=0)
    share = np.mean(real > 0, axis=0) if np.isfinite(real).all() else np.full(len(table), np.nan)
    table["share_of_draws_gaining"] = share
    table["exports_musd"] = ((exact.new - exact.old) * abroad).sum(axis=(0, 1))
    order = table["real_income_musd"].fillna(table["exports_musd"])
    return table.iloc[np.argsort(-order.to_numpy(), kind="stable")].reset_index(drop=True)


def _by_flow(
    trade: TradeWorld,
    exact: TradeOutcome,
    outcomes: list[TradeOutcome],
    named: set[tuple[int, int]],
) -> pd.DataFrame:
    """Flows of the pairs that change most, and of every pair that is named, by sector."""
    old, moved = exact.old, exact.new - exact.old
    change = np.array([o.new - o.old for o in outcomes])
    abroad = ~np.eye(len(trade.zones), dtype=bool)
    by_pair = moved.sum(axis=0) * abroad
    largest = np.argsort(-np.abs(by_pair), axis=None, kind="stable")[:MOST_FLOWS]
    pairs = [tuple(int(x) for x in np.unravel_index(k, by_pair.shape)) for k in largest]
    pairs = [
        *sorted(named, key=lambda p: -by_pair[p]),
        *(p for p in pairs if p not in named and p[0] != p[1] and by_pair[p] != 0),
    ]
    one = len(old) == 1
    rows = []
    for n, i in pairs:
        total = spread_of(change[:, :, n, i].sum(axis=1))
        whole = (float(old[:, n, i].sum()), float(moved[:, n, i].sum()))
        rows.append(
            (
                trade.zones[i],
                trade.zones[n],
                "*",
                "All goods",
                *whole,
                total.low,
                total.mid,
                total.high,
            )
        )
        for j in [] if one else np.argsort(-old[:, n, i], kind="stable"):
            if old[j, n, i] > 0 and (n, i) in named:
                own = (float(old[j, n, i]), float(moved[j, n, i]))
                spread = spread_of(change[:, j, n, i])
                label = (trade.sectors[j], trade.folding.names[j])
                rows.append(
                    (
                        trade.zones[i],
                        trade.zones[n],
                        *label,
                        *own,
                        spread.low,
                        spread.mid,
                        spread.high,
                    )
                )
    table = pd.DataFrame(rows, columns=list(FLOW_COLUMNS[:-1]))
    before = table["before_musd"]
    table["change_pct_p50"] = (100 * table["change_musd_p50"] / before).where(before > 0)
    return table

"""Who gains and who loses from changes of trade costs, under one of four models.

sectors      many sectors in general equilibrium, exact (Caliendo and Parro 2015)
full         one sector, full endowment equilibrium of structural gravity
conditional  one sector, outputs and spending held; only multilateral resistances move
partial      each import market alone: creation and diversion; the reckoning that ministries know

Elasticities, duties and frictions are drawn; baseline and counterfactual share the draw.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from entrepot.errors import InfeasibleError, UnknownNameError, UsageError
from entrepot.facts.world import World
from entrepot.kernels.arrays import FloatArray
from entrepot.questions.what_if.steps import (
    Step,
    Wedges,
    spread_of,
    wedges,
)
from entrepot.trade.exact.baseline import check_rule
from entrepot.trade.exact.counterfactual import counterfactual
from entrepot.trade.one_sector.partial import tariff_change
from entrepot.trade.one_sector.structural import structural_gravity
from entrepot.trade.one_sector.structural_input import OneSectorOptions
from entrepot.trade.world.trade_world import TradeWorld, mean_theta
from entrepot.uncertainty.draw_values import in_levels, theta_draws
from entrepot.uncertainty.ranges import Range
from entrepot.uncertainty.sampler import SEED, Sampler

MODELS = ("sectors", "full", "conditional", "partial")
ONE_SECTOR = ("full", "conditional")
HORIZONS = ("long", "short")
MOST_FLOWS = 20
FLOW_COLUMNS = (
    "exporter", "importer", "sector", "name", "before_musd",
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


@dataclass(frozen=True, slots=True)
class _Outcome:
    """One draw. (N,) money a year; flows (J, N, N), or (1, N, N) of all goods.

    creation, diversion : imports that a partial model creates and diverts, else NaN
    real_income : change in million USD; NaN where the model has none
    revenue     : change of tariff revenue
    """

    old: FloatArray
    new: FloatArray
    real_income: FloatArray
    revenue: FloatArray
    creation: FloatArray
    diversion: FloatArray
    capped: int = 0


def read_pair(text: str) -> tuple[tuple[str, str], float]:
    """A pair and its turnover from a text such as IRN-KAZ=340."""
    match = re.fullmatch(r"([A-Za-z]{3})-([A-Za-z]{3})=([0-9]{1,12}\.?[0-9]*)", text.strip())
    if match is None:
        raise UsageError(f"--pair {text}: expected A-B=MILLIONS, such as IRN-KAZ=340.")
    return (match[1].upper(), match[2].upper()), float(match[3])


def trade_effects(
    world: World,
    trade: TradeWorld,
    steps: tuple[Step, ...],
    *,
    model: str = "sectors",
    deficit: str = "proportional",
    horizon: str = "long",
    draws: int = 40,
    seed: int = SEED,
) -> TradeEffects:
    """Solve the world before and after the steps for every draw."""
    if model not in MODELS:
        raise UnknownNameError(model, f"model ({', '.join(MODELS)})", MODELS)
    if horizon not in HORIZONS:
        raise UnknownNameError(horizon, f"horizon ({', '.join(HORIZONS)})", HORIZONS)
    check_rule(deficit)
    if not steps:
        raise UsageError("Nothing changes: give --tariff, --cost or --friction.")
    if model in ONE_SECTOR and any(s.kind == "tariff" for s in steps):
        raise UsageError(
            "The one-sector models know no tariff revenue, so a duty would count as lost cost; use "
            "--model sectors, or partial."
        )
    if model == "partial" and any(s.kind != "tariff" for s in steps):
        raise UsageError("The partial model knows duties only; use another --model for costs.")
    parameter = world.table("parameters").set_index("parameter")
    value = parameter["value"]
    shared = float(value["elasticity_correlation"])
    sampler = Sampler(seed, max(1, draws))
    thetas = theta_draws(sampler, trade.sectors, trade.elasticity, shared)
    z_tariff = sampler.normal("duty")
    z_friction = sampler.normal("payment")
    short = Range(
        *(np.array(float(parameter.at["short_run_share", k])) for k in ("low", "value", "high"))
    )
    z_short = sampler.normal("short_run")
    outcomes = []
    status = []
    for d in range(sampler.n):
        theta = thetas[d]
        if horizon == "short":
            theta = theta * in_levels(float(z_short[d]), short)
        tariff = in_levels(float(z_tariff[d]), trade.tariff)
        friction = in_levels(float(z_friction[d]), trade.friction, bounded=True)
        change = wedges(trade, steps, tariff, friction)
        found, why = _solve(
            trade, change, theta, model, deficit, float(value["import_demand_elasticity"])
        )
        status.append(why)
        if found is not None:
            outcomes.append(found)
    if not outcomes:
        raise InfeasibleError(f"No draw was solved: {', '.join(sorted(set(status)))}.")
    failed = sampler.n - len(outcomes)
    run = {
        "model": model,
        "deficit": deficit if model == "sectors" else "",
        "horizon": horizon,
        "on": trade.on.isoformat(),
        "base_year": trade.base_year,
        "steps": tuple(f"{s.kind} {s.text}" for s in steps),
        "draws": sampler.n,
        "failed": failed,
        "status": "converged" if not failed else f"{failed} draws failed",
        "notes": (
            *trade.notes,
            *_notes(trade, steps, deficit if model == "sectors" else ""),
            *_capped(outcomes),
        ),
    }
    return TradeEffects(
        {
            "trade_run": pd.DataFrame([run]),
            "trade_effects": _by_economy(trade, outcomes),
            "trade_flow_changes": _by_flow(trade, outcomes, steps, model),
        },
        failed,
    )


def _notes(trade: TradeWorld, steps: tuple[Step, ...], deficit: str) -> list[str]:
    """What a reader of these results must know beside what the facts' notes say."""
    out = []
    for step in steps:
        if step.kind == "tariff":
            named = [trade.tariff_known[np.ix_(b, s)] for b, s in step.cells]
            count = sum(
                k.size - len(set(b) & set(s)) for k, (b, s) in zip(named, step.cells, strict=True)
            )
            known = sum(int(k.sum()) for k in named)
            if known < count:
                out.append(
                    f"tariff {step.text}: a duty is in the facts for {known} of the {count} flows named; "
                    "the others start from zero."
                )
        members = trade.folding.members(step.sectors[0])
        if (
            len(step.sectors) == 1
            and len(members) > 1
            and trade.sectors[step.sectors[0]] not in step.text
        ):
            out.append(
                f"{step.text} moves the whole sector: {', '.join(members)}. --detail commodity tells them apart."
            )
    if deficit == "zero":
        out.append(
            "Trade was balanced first, so flows before the change are not those of the data."
        )
    return out


def _capped(outcomes: list[_Outcome]) -> list[str]:
    most = max(o.capped for o in outcomes)
    if not most:
        return []
    return [
        f"{most} flows would fall below zero by the partial formulas and are held there: the change is "
        "beyond their range, and losses of surplus are overstated."
    ]


def _solve(
    trade: TradeWorld,
    change: Wedges,
    theta: FloatArray,
    model: str,
    deficit: str,
    import_demand: float,
) -> tuple[_Outcome | None, str]:
    """One draw under a model; None and why where it has no answer."""
    if model == "sectors":
        base = trade.baseline(deficit, elasticity=theta, tariff=change.old_tariff)
        found = counterfactual(base, cost_hat=change.cost_hat, tariff_new=change.new_tariff)
        if not found.converged:
            return None, found.status
        none = np.full(len(trade.zones), np.nan)
        old_revenue = np.sum(base.tariff * base.flows, axis=(0, 2))
        revenue = found.tariff_revenue - old_revenue
        return _Outcome(
            base.flows, found.flows, found.equivalent_variation, revenue, none, none
        ), found.status
    if model == "partial":
        return _partial(trade, change, theta, import_demand), "closed form"
    total = trade.flows.sum(axis=0)
    paid = np.log1p(change.new_tariff) - np.log1p(change.old_tariff) + np.log(change.cost_hat)
    with np.errstate(invalid="ignore"):
        mean = np.sum(trade.flows * paid, axis=0) / np.where(total > 0, total, 1.0)
    sigma = 1.0 + mean_theta(theta, trade.flows)
    gravity = structural_gravity(
        total, np.exp(mean), sigma, options=OneSectorOptions(must_converge=False, reference=0)
    )
    closure = gravity.full if model == "full" else gravity.conditional
    changes = gravity.full_changes if model == "full" else gravity.conditional_changes
    if closure.status != "converged":
        return None, closure.status
    old, spent = gravity.baseline.equilibrium.trade, gravity.baseline.equilibrium.expenditure
    real = spent * (changes.welfare - 1.0) if model == "full" else np.full(len(spent), np.nan)
    none = np.full(len(spent), np.nan)
    return _Outcome(old[None], closure.trade[None], real, none, none, none), closure.status


def _partial(
    trade: TradeWorld, change: Wedges, theta: FloatArray, import_demand: float
) -> _Outcome:
    imports = trade.flows.copy()
    n = len(trade.zones)
    imports[:, np.arange(n), np.arange(n)] = 0.0
    found = tariff_change(
        imports,
        change.old_tariff,
        change.new_tariff,
        import_demand=import_demand,
        # Of flows to the price with duty, sigma = theta + 1.
        substitution=1.0 + theta[:, None, None],
    )
    return _Outcome(
        imports,
        found.imports,
        found.welfare.sum(axis=0),
        found.revenue.sum(axis=0),
        found.creation.sum(axis=(0, 2)),
        found.diversion.clip(min=0.0).sum(axis=(0, 2)),
        found.capped,
    )


def _by_economy(trade: TradeWorld, outcomes: list[_Outcome]) -> pd.DataFrame:
    abroad = ~np.eye(len(trade.zones), dtype=bool)
    exports = np.array([((o.new - o.old) * abroad).sum(axis=(0, 1)) for o in outcomes])
    imports = np.array([((o.new - o.old) * abroad).sum(axis=(0, 2)) for o in outcomes])
    real = np.array([o.real_income for o in outcomes])
    table = pd.DataFrame({"zone_id": trade.zones, "name": trade.names})
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
    order = table["real_income_musd_p50"].fillna(table["exports_musd_p50"])
    return table.iloc[np.argsort(-order.to_numpy(), kind="stable")].reset_index(drop=True)


def _by_flow(
    trade: TradeWorld, outcomes: list[_Outcome], steps: tuple[Step, ...], model: str
) -> pd.DataFrame:
    """Flows of the pairs that change most, and of every pair that a step names, by sector."""
    old = outcomes[0].old
    change = np.array([o.new - o.old for o in outcomes])
    abroad = ~np.eye(len(trade.zones), dtype=bool)
    by_pair = np.median(change.sum(axis=1), axis=0) * abroad
    named = {
        (n, i)
        for s in steps
        for buyers, sellers in s.cells
        if len(buyers) * len(sellers) <= MOST_FLOWS
        for n in buyers
        for i in sellers
        if n != i
    }
    largest = np.argsort(-np.abs(by_pair), axis=None, kind="stable")[:MOST_FLOWS]
    pairs = [tuple(int(x) for x in np.unravel_index(k, by_pair.shape)) for k in largest]
    pairs = [
        *sorted(named, key=lambda p: -by_pair[p]),
        *(p for p in pairs if p not in named and p[0] != p[1] and by_pair[p] != 0),
    ]
    one = model in ONE_SECTOR
    rows = []
    for n, i in pairs:
        total = spread_of(change[:, :, n, i].sum(axis=1))
        rows.append(_flow_row(trade, n, i, "*", "All goods", float(old[:, n, i].sum()), total))
        for j in [] if one else np.argsort(-old[:, n, i], kind="stable"):
            if old[j, n, i] > 0 and (n, i) in named:
                rows.append(
                    _flow_row(
                        trade,
                        n,
                        i,
                        trade.sectors[j],
                        trade.folding.names[j],
                        float(old[j, n, i]),
                        spread_of(change[:, j, n, i]),
                    )
                )
    return pd.DataFrame(rows, columns=list(FLOW_COLUMNS))


def _flow_row(
    trade: TradeWorld, n: int, i: int, sector: str, name: str, before: float, change: object
) -> dict[str, object]:
    low, mid, high = (float(getattr(change, side)) for side in ("low", "mid", "high"))
    return {
        "exporter": trade.zones[i],
        "importer": trade.zones[n],
        "sector": sector,
        "name": name,
        "before_musd": before,
        "change_musd_p10": low,
        "change_musd_p50": mid,
        "change_musd_p90": high,
        "change_pct_p50": 100 * mid / before if before > 0 else np.nan,
    }

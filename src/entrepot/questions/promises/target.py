"""What would have to be true for a target: sets of promises that reach it, or what remains.

Arithmetic of the model, not a forecast: trade in the long run with promises kept, without growth,
and how far all that stands between the two would have to fall beside them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import brentq, root_scalar

from entrepot.engine.decompose import add_up
from entrepot.engine.drawn_world import DrawnWorld
from entrepot.equilibrium.loop import Equilibrium, solve
from entrepot.equilibrium.objectives import pair_trade
from entrepot.questions.promises.promises import (
    DRAWN_GAP,
    SIZES,
    DrawnPromises,
    Fate,
    PromisePlan,
    solve_set,
)
from entrepot.questions.promises.quick_draws import Quick
from entrepot.uncertainty.draws import percentiles, share_of

# Costs between two economies do not fall below a tenth of a hundredth of what they are.
LEAST_COST = 1e-3


def at_sizes(
    plan: PromisePlan, world: DrawnWorld, side: str, start: Equilibrium, ids: Sequence[str]
) -> Equilibrium:
    """Some promises together, all at their low, middle or high size."""
    z = SIZES[side]
    fate = {m: Fate(True, 0.0, 0.0, plan.alone[m].size(z)) for m in ids}
    return solve_set(plan, world, ids, fate, start)


def fewest(
    plan: PromisePlan, world: DrawnWorld, side: str, start: Equilibrium
) -> tuple[str, ...] | None:
    """The shortest list of promises, largest gains first, that reaches the target; None if none does."""
    if plan.target is None:
        return None
    ranked = sorted(
        (m.id for m in plan.promises if plan.alone[m.id].gain[1] > 0),
        key=lambda m: -plan.alone[m].gain[1],
    )
    if pair_trade(at_sizes(plan, world, side, start, ranked), *plan.pair).value < plan.target:
        return None
    low, high = 0, len(ranked)
    while low < high:
        middle = (low + high) // 2
        found = at_sizes(plan, world, side, start, ranked[:middle])
        if pair_trade(found, *plan.pair).value >= plan.target:
            high = middle
        else:
            low = middle + 1
    return tuple(ranked[:low])


def remaining_cut(plan: PromisePlan, world: DrawnWorld, start: Equilibrium, side: str) -> float:
    """Part by which everything between the two must fall beside all promises; NaN without a target.

    Producer prices, freight, duties and all else of a sale from one to the other together, both ways.
    """
    if plan.target is None:
        return float("nan")
    ids = [m.id for m in plan.promises]
    z = SIZES[side]
    sized = [(own, plan.alone[m].size(z)) for m in ids if (own := plan.alone[m].parts) is not None]
    scenario = world.scenario(add_up(sized))
    trade = world.facts.trade
    a, b = (trade.position(p) for p in plan.pair)
    last = start

    def over(log_cut: float) -> float:
        nonlocal last
        wedge = np.ones(trade.flows.shape) if scenario.wedge is None else scenario.wedge.copy()
        wedge[:, [a, b], [b, a]] *= np.exp(log_cut)
        changed = type(scenario)(
            scenario.cost, wedge, scenario.tariff, scenario.capacity, scenario.limit
        )
        last = solve(world.world, changed, start=last, gap=DRAWN_GAP)
        return float(np.log(pair_trade(last, *plan.pair).value / float(plan.target or 1.0)))

    first = over(0.0)
    if first >= 0:
        return 0.0
    try:
        # Trade answers a cost with an elasticity of about that of its goods.
        guess = first / float(np.mean(world.world.baseline.elasticity))
        found = root_scalar(over, method="secant", x0=0.0, x1=guess, xtol=1e-3, maxiter=12)
        if found.converged and np.log(LEAST_COST) < found.root < 0:
            return float(-np.expm1(found.root))
    except (RuntimeError, ZeroDivisionError):
        pass
    return float(-np.expm1(brentq(over, np.log(LEAST_COST), 0.0, xtol=1e-3)))


@dataclass(frozen=True, slots=True)
class Reach:
    """How far promises reach in the long run, in the middle world; million USD a year.

    start   : the trade started from
    all     : with all promises kept, by size
    on_facts : all promises solved on the changed facts as a whole
    cut     : by size, what `remaining_cut` gives; fewest: what `fewest` gives
    """

    start: float
    all: Mapping[str, float]
    on_facts: float
    cut: Mapping[str, float]
    fewest: Mapping[str, tuple[str, ...] | None]


def reach(plan: PromisePlan, world: DrawnWorld, start: Equilibrium, on_facts: Equilibrium) -> Reach:
    """Solve what `target_needs` tells; on_facts: all promises on the changed facts."""
    ids = [m.id for m in plan.promises]

    def value(found: Equilibrium) -> float:
        return float(pair_trade(found, *plan.pair).value)

    asked = ("mid", "high") if plan.target is not None else ()
    return Reach(
        value(start),
        {s: value(at_sizes(plan, world, s, start, ids)) for s in SIZES},
        value(on_facts),
        {side: remaining_cut(plan, world, start, side) for side in asked},
        {side: fewest(plan, world, side, start) for side in asked},
    )


def target_needs(
    plan: PromisePlan, found: Reach, drawn: Sequence[DrawnPromises], quick: Quick, told: float
) -> pd.DataFrame:
    """Table target_needs.

    quick : the same horizon in many draws by arithmetic; told: how well it follows the solved draws
    """
    rows: list[dict[str, Any]] = []

    def row(figure: str, title: str, unit: str, mid: float, low: float = np.nan,
            high: float = np.nan, note: str = "") -> None:  # fmt: skip
        rows.append(
            {"figure": figure, "title": title, "unit": unit, "p10": low, "p50": mid, "p90": high,
             "note": note}
        )  # fmt: skip

    money = "million USD/year"
    row("start", "Trade started from", money, found.start)
    row("all_mid", "All promises kept, middle sizes, long run", money, found.all["mid"])
    row("all_low", "All promises kept, low sizes, long run", money, found.all["low"])
    row("all_high", "All promises kept, high sizes, long run", money, found.all["high"])
    for scenario, words in (
        ("none", "with no promise kept"),
        ("likely", "with promises kept as often as such promises are"),
        ("all", "with all promises kept on their dates"),
    ):
        over = np.array([getattr(d, f"path_{scenario}")[-1] for d in drawn])
        low, mid, high = percentiles(over)
        row(f"horizon_{scenario}", f"Trade in {int(plan.years[-1])} {words}", money, mid, low, high)
        if plan.target is not None:
            row(f"reach_{scenario}", f"Part of draws that reach the target in {int(plan.years[-1])} "
                f"{words}", "1", share_of(over >= plan.target))  # fmt: skip
    row("quick_draws", "Draws by arithmetic", "1", float(len(quick.likely)))
    row("quick_follows", "Part of the spread of the solved draws that those by arithmetic follow", "1",
        told)  # fmt: skip
    for scenario, over, words in (
        ("likely", quick.likely, "with promises kept as often as such promises are"),
        ("all", quick.all, "with all promises kept on their dates"),
    ):
        low, mid, high = percentiles(over)
        last = int(plan.years[-1])
        row(f"quick_{scenario}", f"By arithmetic: trade in {last} {words}", money, mid, low, high)
        if plan.target is not None:
            row(f"quick_reach_{scenario}", "By arithmetic: part of draws that reach the target in "
                f"{last} {words}", "1", share_of(over >= plan.target))  # fmt: skip
    if plan.target is not None:
        row("target", "The target", money, plan.target)
    for side in found.cut:
        row(f"remaining_{side}", "Further fall of everything between the two that would bring the "
            f"target, all promises kept at {'middle' if side == 'mid' else 'high'} size", "1",
            found.cut[side])  # fmt: skip
        least = found.fewest[side]
        row(f"fewest_{side}", "Fewest promises that reach the target, largest gains first", "1",
            np.nan if least is None else float(len(least)),
            note="none does" if least is None else ", ".join(least))  # fmt: skip
    row("all_on_facts", "All promises kept, middle sizes, solved on the changed facts as a whole",
        money, found.on_facts, note=f"the sum of the parts gives {found.all['mid']:,.1f}")  # fmt: skip
    return pd.DataFrame(rows)

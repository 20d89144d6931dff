"""Which assumptions move the answer most: one at a time, at P10 and at P90, all others at the middle.

The answer is the trade of the horizon with promises kept as they are likely to be, without setbacks
and delays:

    T = (N + w (A - N)) exp(growth * years)

with N the long-run trade with no promise kept, A with all of them at middle sizes, and w the part of
the gains of all promises that their odds leave. What moves N and A (elasticities, what a day costs,
habits, duties, the trade started from) is solved again; what moves w and growth is arithmetic.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from entrepot.engine.drawn_world import Uncertain
from entrepot.equilibrium.objectives import pair_trade
from entrepot.questions.promises.promises import PromisePlan, solve_set
from entrepot.uncertainty.draws import Draws

LOW, HIGH = 0.1, 0.9
# Sources whose worlds are solved again: name, words, how the range is known.
SOLVED = (
    ("theta:all", "how strongly trade answers costs (elasticities together)", "published"),
    ("time_value", "what a day costs goods", "published"),
    ("mu", "how closely goods follow costs of routes", "assumed"),
    ("duty", "duties in force", "estimated"),
)


@dataclass(frozen=True, slots=True)
class LongRun:
    """Long-run trade of the pair with no promise and with all, million USD a year."""

    none: float
    all: float


def levels(plan: PromisePlan, uncertain: Uncertain) -> dict[tuple[str, float], LongRun]:
    """By source and quantile, everything else at the middle; ("", 0.5) is all at the middle."""
    asked = [("", 0.5), *((source, q) for source, _, _ in SOLVED for q in (LOW, HIGH))]
    return {(source, q): _levels(plan, uncertain, source, q) for source, q in asked}


def assumptions(
    plan: PromisePlan,
    found: dict[tuple[str, float], LongRun],
    turnover: tuple[float, float],
    turnover_kind: str,
    sizes: tuple[float, float],
) -> pd.DataFrame:
    """Table assumptions, the largest swing first.

    found : what `levels` gives
    turnover : P10 and P90 of the trade started from, over its middle
    turnover_kind : how that range is known
    sizes : long-run trade with all promises at their low and at their high sizes
    """
    middle = found["", 0.5]
    odds = [_left(plan, side) for side in (0, 1, 2)]
    years = float(plan.years[-1]) - plan.base_year

    def answer(at: LongRun, kept: float, growth: float) -> float:
        return (at.none + kept * (at.all - at.none)) * float(np.exp(growth * years))

    usual = answer(middle, odds[1], plan.growth[1])
    rows = []

    def row(source: str, name: str, kind: str, ends: Callable[[int], float]) -> None:
        low, high = ends(0), ends(1)
        rows.append(
            {
                "source": source,
                "name": name,
                "value_kind": kind,
                "trade_musd_low": low,
                "trade_musd": usual,
                "trade_musd_high": high,
                "swing_musd": abs(high - low),
            }
        )

    for source, name, kind in SOLVED:
        at = [found[source, q] for q in (LOW, HIGH)]
        row(source, name, kind, lambda k, at=at: answer(at[k], odds[1], plan.growth[1]))  # type: ignore[misc]
    row(
        "turnover",
        "the trade started from",
        turnover_kind,
        lambda k: usual * turnover[k],
    )
    row(
        "growth",
        "growth without any promise",
        "assumed",
        lambda k: answer(middle, odds[1], plan.growth[2 * k]),
    )
    row(
        "odds",
        "odds of all promises together",
        "estimated",
        lambda k: answer(middle, odds[2 * k], plan.growth[1]),
    )
    row(
        "sizes",
        "sizes of all promises together",
        "assumed",
        lambda k: answer(LongRun(middle.none, sizes[k]), odds[1], plan.growth[1]),
    )
    table = pd.DataFrame(rows)
    return table.sort_values("swing_musd", ascending=False, kind="stable").reset_index(drop=True)


def _levels(plan: PromisePlan, uncertain: Uncertain, source: str, quantile: float) -> LongRun:
    """At one source's quantile, everything else at the middle."""
    names = uncertain.names
    points = np.full((1, len(names)), 0.5)
    if source:
        points[0, names.index(source)] = quantile
    world = uncertain.draw(Draws(names, points), 0)
    none = solve_set(plan, world, (), None, None)
    ids = [m.id for m in plan.promises]
    every = solve_set(plan, world, ids, None, none)
    return LongRun(*(pair_trade(e, *plan.pair).value for e in (none, every)))


def _left(plan: PromisePlan, side: int) -> float:
    """Part of the gains of all promises that their odds leave, at low, middle or high odds."""
    gains = {m.id: max(float(plan.alone[m.id].gain[1]), 0.0) for m in plan.promises}
    whole = sum(gains.values())
    if whole <= 0:
        return 0.0
    kept = sum(
        gain * plan.prospects[m].probability[side]
        for m, gain in gains.items()
        if m in plan.prospects
    )
    return kept / whole

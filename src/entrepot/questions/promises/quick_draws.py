"""Thousands of draws of the horizon's trade by arithmetic, to tell what its spread rests on.

Two dozen solved draws cannot tell sources of doubt apart. Here the pair's trade at the horizon is put
together from what has been solved already:

    T = (N + c (S - N)) exp(growth * years)
    N = N_w * product over setbacks that happen of (1 + gain / N_0)
    S = N * (product over promises kept of (1 + gain / N_0)) ** r,     r = ln(A_w / N_w) / ln(A_0 / N_0)

N_0 and A_0 are the trade with no promise and with all at the middle of everything, N_w and A_w the same
where a source of the world is elsewhere: solved at P10 and P90 one source at a time, on straight lines
through these, and added up over sources (N_w in logs, r as it is). A gain is that of a measure alone at
its size of the draw, and c the part of the gains that is there by then. Odds, delays, sizes and growth
are drawn as in the solved draws. Sources of the world that are not in WORLD stay at their middle, so
both ends are nearer than in solved draws. `follows` tells how well this does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from entrepot.kernels.arrays import FloatArray
from entrepot.questions.promises.assumptions import (
    HIGH,
    LOW,
    SOLVED,
    LongRun,
)
from entrepot.questions.promises.promises import (
    SETBACKS,
    DrawnPromises,
    PromisePlan,
    arrived,
    between,
    fates_of,
)
from entrepot.uncertainty.draws import Draws
from entrepot.uncertainty.ranges import Z90

TURNOVER = "turnover"
# Sources of the world that are solved one at a time, and the trade started from.
WORLD = (*(source for source, _, _ in SOLVED), TURNOVER)
# Enough that a source of a hundredth of the variance is told apart from chance.
N_QUICK = 4096
# A measure alone leaves at least this part of the trade.
LEAST = 0.05
SAME = 1e-9


@dataclass(frozen=True, eq=False)
class Quick:
    """(D,) trade of the pair at the horizon, million USD a year: promises as likely, and all kept."""

    likely: FloatArray
    all: FloatArray


def quick_draws(
    plan: PromisePlan,
    levels: Mapping[tuple[str, float], LongRun],
    turnover: tuple[float, float],
    draws: Draws,
) -> Quick:
    """The horizon's trade in every draw.

    levels : what `assumptions.levels` gives
    turnover : P10 and P90 of the trade started from, over its middle
    draws : of the names of the plan and of WORLD
    """
    usual = levels["", 0.5]
    whole = np.log(usual.all / usual.none)
    log_none = _through(draws.normal(TURNOVER), *np.log(turnover))
    power = np.ones(len(draws))
    for source, _, _ in SOLVED:
        ends = levels[source, LOW], levels[source, HIGH]
        z = draws.normal(source)
        log_none = log_none + _through(z, *(float(np.log(x.none / usual.none)) for x in ends))
        if abs(whole) > SAME:
            power += _through(z, *(float(np.log(x.all / x.none) / whole) - 1.0 for x in ends))
    power = np.maximum(power, 0.0)
    fate, horizon = fates_of(plan, draws), float(plan.years[-1])
    against = np.array([m.theme == SETBACKS for m in plan.measures])
    gain = np.column_stack(
        [plan.alone[m.id].gains(draws.normal(f"size:{m.id}")) for m in plan.measures]
    )
    log_gain = np.log(np.maximum(1.0 + gain / usual.none, LEAST))
    happens = fate.kept & (fate.due <= horizon) & against
    none = usual.none * np.exp(log_none + np.where(happens, log_gain, 0.0).sum(axis=1))
    growth = between(draws.normal("growth"), *plan.growth)
    grown = np.exp(growth * (horizon - plan.base_year))

    def outlook(comes: NDArray[np.bool_], when: FloatArray) -> FloatArray:
        some = none * np.exp(power * np.where(comes, log_gain, 0.0).sum(axis=1))
        weight = np.where(comes, np.abs(gain), 0.0)
        there = (weight * arrived(horizon + 1.0 - np.where(comes, when, horizon), plan.adjust)).sum(
            1
        )
        total = weight.sum(axis=1)
        came = np.divide(there, total, out=np.zeros(len(total)), where=total > 0)
        return np.asarray((none + came * (some - none)) * grown)

    kept = fate.kept & (fate.arrival <= horizon) & ~against
    every = np.broadcast_to(~against, kept.shape)
    return Quick(outlook(kept, fate.arrival), outlook(every, fate.due))


def _through(z: FloatArray, low: float, high: float) -> FloatArray:
    """Straight lines through low at P10, nothing at the middle and high at P90, and beyond."""
    return np.asarray(np.where(z > 0, high, -low) * z / Z90)


def follows(quick: FloatArray, drawn: Sequence[DrawnPromises]) -> float:
    """Part of the variance of the log of the solved horizon's trade that the same draws here tell.

    quick : (D,) `likely` of the solved draws; below zero where it tells less than their mean
    """
    solved = np.log([d.path_likely[-1] for d in drawn])
    if len(solved) < 3 or not np.var(solved):
        return float("nan")
    return float(1.0 - np.mean((solved - np.log(quick)) ** 2) / np.var(solved))

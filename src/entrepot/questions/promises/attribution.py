"""Which kind of promise brings how much: Shapley values over groups of measures.

The value of a set of groups is the pair's trade with all their measures at the middle sizes, less
the trade without any. Shapley values share the whole out so that the order does not matter; they add
up to it exactly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import pandas as pd

from entrepot.dossier import Measure
from entrepot.engine.drawn_world import DrawnWorld
from entrepot.equilibrium.loop import Equilibrium
from entrepot.equilibrium.objectives import pair_trade
from entrepot.errors import UsageError
from entrepot.questions.promises.promises import SETBACKS, Alone, PromisePlan, shapley, solve_set

MOST_GROUPS = 12
# Visas of drivers are felt at borders, and what is left over has no kind of its own.
PART_OF = {"people": "border", "other": "transport"}
# Closer than the last digit that is shown.
GAP = 1e-7
COLUMNS = ("theme", "gain_musd", "share", "alone_musd", "last_musd", "measures")


def groups_of(measures: Sequence[Measure], alone: Mapping[str, Alone]) -> tuple[str, ...]:
    """Kinds of the promises that change anything, in the order of the dossier."""
    found = tuple(
        dict.fromkeys(
            kind_of(m) for m in measures if m.theme != SETBACKS and alone[m.id].parts is not None
        )
    )
    if len(found) > MOST_GROUPS:
        raise UsageError(f"{len(found)} groups are more than {MOST_GROUPS}: {', '.join(found)}.")
    return found


def kind_of(measure: Measure) -> str:
    """The group that a measure is counted in."""
    return PART_OF.get(measure.theme, measure.theme)


def subsets(groups: Sequence[str]) -> list[frozenset[str]]:
    """All sets of groups, smaller ones first."""
    return [
        frozenset(some) for size in range(len(groups) + 1) for some in combinations(groups, size)
    ]


def value_of(
    plan: PromisePlan, world: DrawnWorld, some: frozenset[str], start: Equilibrium
) -> float:
    """Trade of the pair with all measures of some groups, million USD a year."""
    ids = [m.id for m in plan.promises if kind_of(m) in some]
    return pair_trade(solve_set(plan, world, ids, None, start, GAP), *plan.pair).value


def attribution(plan: PromisePlan, value: Mapping[frozenset[str], float]) -> pd.DataFrame:
    """Table attribution without ranges; `value` has the trade of every set of groups."""
    groups = groups_of(plan.measures, plan.alone)
    found = shapley(groups, value)
    whole = value[frozenset(groups)] - value[frozenset()]
    rows = [
        {
            "theme": g,
            "gain_musd": found[g],
            "share": found[g] / whole if whole else float("nan"),
            "alone_musd": value[frozenset({g})] - value[frozenset()],
            "last_musd": value[frozenset(groups)] - value[frozenset(groups) - {g}],
            "measures": tuple(m.id for m in plan.promises if kind_of(m) == g),
        }
        for g in groups
    ]
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.sort_values("gain_musd", ascending=False, kind="stable").reset_index(drop=True)

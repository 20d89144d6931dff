"""The part of docs/validation.md on flows: counts and events of the past."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from entrepot.report.charts.svg import number
from entrepot.report.sections.quality import percent
from entrepot.report.templates import fill

# What a count is used for, as the page calls it.
USES = {"calibration": "calibration", "test": "test", "explained": "explained"}


def flow_sections(
    counts: pd.DataFrame,
    back_tests: pd.DataFrame,
    constants: pd.DataFrame,
    summary: Mapping[str, Mapping[str, float]],
    on: str,
) -> str:
    """Markdown of counts, constants and back-tests; constants: corridor_constants.csv."""
    return fill(
        "flow_validation.md",
        on=on,
        uses=[_use(name, s) for name, s in summary.items()],
        counts=[_count(r) for r in counts.itertuples(index=False)],
        constants=[_constant(r) for r in constants.itertuples(index=False)],
        back_tests=[_back_test(r) for r in back_tests.itertuples(index=False)],
    )


def _use(name: str, s: Mapping[str, float]) -> list[str]:
    """Errors of the counts that are used in one way."""
    apart = s.get("mean_factor_left_out", float("nan"))
    factors = (number(s["mean_factor"], 2), number(apart, 2))
    return [USES[name], f"{s['n']:.0f}", f"{s['within']:.0f}", *factors]


def _count(r: Any) -> list[object]:
    """A count beside what the model says."""
    return [
        r.name,
        r.year,
        USES[r.use],
        observed(r.observed_low_mt, r.observed_mt, r.observed_high_mt),
        number(r.modelled_mt, 2),
        number(r.left_out_mt, 2),
        number(r.factor, 2),
        r.within,
        r.why,
    ]


def _constant(r: Any) -> list[str]:
    """The constant of a corridor and its range."""
    ends = f"{number(r.low, 1)} to {number(r.high, 1)}" if r.low == r.low else ""
    return [r.name, number(r.log_odds, 2), ends, r.why]


def _back_test(r: Any) -> list[str]:
    """An event of the past: what changed, and what the model says would change."""
    tonnes = f"{number(r.modelled_before_mt, 2)} to {number(r.modelled_after_mt, 2)}"
    changes = [percent(c, True) for c in (r.observed_change, r.modelled_change)]
    return [r.name, r.period, *changes, tonnes, r.same_sign, r.why]


def observed(low: float, value: float, high: float) -> str:
    """The value compared with, and the range of sources where there is one."""
    text = number(value, 2)
    if low == low and high == high and low < high:
        text += f" ({number(low, 2)}-{number(high, 2)})"
    return text

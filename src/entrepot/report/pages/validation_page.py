"""docs/validation.md, made by `entrepot validate --write`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from entrepot.report.charts.svg import number
from entrepot.report.sections.quality import percent
from entrepot.report.templates import fill


def validation_page(rows: pd.DataFrame, summary: Mapping[str, Mapping[str, float]]) -> str:
    """The page as Markdown."""
    free = summary["free_choice"]
    return fill(
        "validation.md",
        totals=[_total(name, summary[name]) for name in ("days", "cost", "distance")],
        in_first_three=percent(free["in_first_three"]),
        free_rows=f"{free['n']:.0f}",
        rows=[_row(r) for r in rows.itertuples(index=False)],
    )


def _total(name: str, s: Mapping[str, float]) -> list[str]:
    """Errors of the core rows on one measure."""
    median, mean = (f"{100 * s[f'{m}_abs_error']:.1f} %" for m in ("median", "mean"))
    return [name, f"{s['n']:.0f}", median, mean, f"{s['bias']:.3f}", percent(s["coverage"])]


def _row(r: Any) -> list[str]:
    """A published route beside what the model says."""
    usd = r.published_usd == r.published_usd
    return [
        r.id,
        f"{r.origin} - {r.destination}",
        r.corridor,
        "" if pd.isna(r.year) else f"{r.year:.0f}",
        number(r.published_days),
        _range(r.days_p10, r.days_p50, r.days_p90),
        percent(r.days_error, True),
        number(r.published_usd, 0),
        r.cost_unit if usd else "",
        _range(r.usd_p10, r.usd_p50, r.usd_p90) if usd else "",
        percent(r.usd_error, True),
        percent(r.km_error, True),
        "" if pd.isna(r.free_rank) else f"{r.free_rank:.0f}",
        r.free_best,
        r.status,
    ]


def _range(low: float, middle: float, high: float) -> str:
    return "" if middle != middle else f"{number(middle)} ({number(low)}-{number(high)})"

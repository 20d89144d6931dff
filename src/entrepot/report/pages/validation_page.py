"""docs/validation.md, made by `entrepot validate --write`."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from entrepot.report.sections.quality import benchmark_cells, percent
from entrepot.report.templates import fill


def validation_page(rows: pd.DataFrame, summary: Mapping[str, Mapping[str, float]]) -> str:
    """The page as Markdown."""
    free = summary["free_choice"]
    return fill(
        "validation.md",
        totals=[_total(name, summary[name]) for name in ("days", "cost", "distance")],
        in_first_three=percent(free["in_first_three"]),
        free_rows=f"{free['n']:.0f}",
        rows=[list(benchmark_cells(r).values()) for r in rows.itertuples(index=False)],
    )


def _total(name: str, s: Mapping[str, float]) -> list[str]:
    """Errors of the core rows on one measure."""
    median, mean = (f"{100 * s[f'{m}_abs_error']:.1f} %" for m in ("median", "mean"))
    return [name, f"{s['n']:.0f}", median, mean, f"{s['bias']:.3f}", percent(s["coverage"])]

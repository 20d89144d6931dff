"""docs/validation.md, made by `entrepot validate --write`."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from entrepot.report.charts.svg import number
from entrepot.report.sections.quality import percent

HEAD = """# Validation

Made by `entrepot validate --write docs/validation.md`; run it again rather than edit it.

Each published route is run twice. *Forced*: through its published corridor with the published
modes, without rules of passage, because the trip took place. *Free*: with the rules of its year; the
rank is that of the first way (a family of corridors counts once) that passes the published places in
their order with at least 85 % of its length by the published modes.

Days are door to door or terminal to terminal as published, at the mean of the seasons of the year; the
published value is the typical one, else the middle of the range. Errors are modelled P50 over
published less one. Bias is the geometric mean of modelled over published. *Inside* says how many
published values lie within the modelled P10-P90. Only rows marked core are scored; the others are
shown with the reason.

Two factors were chosen on these rows as a whole (`speed_factor` and `dwell_factor` in
parameters.csv); they act on values that are estimated or assumed, never on measured or
published ones. The errors are therefore in-sample.
"""


def validation_page(rows: pd.DataFrame, summary: Mapping[str, Mapping[str, float]]) -> str:
    """The page as Markdown."""
    lines = [
        HEAD,
        "| core rows | n | median error | mean error | bias | inside P10-P90 |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for name in ("days", "cost", "distance"):
        s = summary[name]
        lines.append(
            f"| {name} | {s['n']:.0f} | {100 * s['median_abs_error']:.1f} % | "
            f"{100 * s['mean_abs_error']:.1f} % | {s['bias']:.3f} | {percent(s['coverage'])} |"
        )
    free = summary["free_choice"]
    lines += [
        "",
        f"Free choice: the published corridor is among the first three ways in "
        f"{percent(free['in_first_three'])} of {free['n']:.0f} rows with a stated corridor.",
        "",
        "| id | route | corridor | year | days | modelled | error | USD | unit | modelled | error | km error | rank | best by choice | status |",
        "|---|---|---|---:|---:|---:|---:|---:|---|---:|---:|---:|---:|---|---|",
    ]
    for r in rows.itertuples(index=False):
        usd = r.published_usd == r.published_usd
        cells = (
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
        )
        lines.append("| " + " | ".join(str(c).replace("|", "/") for c in cells) + " |")
    return "\n".join([*lines, ""])


def _range(low: float, middle: float, high: float) -> str:
    return "" if middle != middle else f"{number(middle)} ({number(low)}-{number(high)})"

"""Sections on trust: validation, sources, limits."""

from __future__ import annotations

from typing import Any

import pandas as pd

from entrepot.answers.run import Run
from entrepot.report.charts.charts import validation_chart
from entrepot.report.charts.svg import number
from entrepot.report.sections.target import movers
from entrepot.report.tables import value
from entrepot.report.templates import fill

KINDS = ("measured", "published", "estimated", "assumed")
MEASURES = {"days": "days", "cost": "price", "distance": "distance"}
SHOWN_WORST = 5


def percent(share: float, sign: bool = False) -> str:
    """A share in per cent, empty when unknown."""
    if share != share:
        return ""
    return f"{100 * share:+.0f} %" if sign else f"{100 * share:.0f} %"


def model_quality(run: Run) -> str:
    """Modelled against published days, prices and distances."""
    if "validation" not in run.manifest["tables"]:
        return ""
    rows, totals = run.table("validation"), run.table("validation_summary")
    scored = rows[rows["status"] == "scored"]
    left_out = rows[rows["status"] != "scored"]
    why = left_out["status"].str.removeprefix("shown: ").str.removeprefix("left out: ")
    worst = scored.assign(size=scored["days_error"].abs()).nlargest(SHOWN_WORST, "size")
    free = totals[totals["measure"] == "free_choice"].iloc[0]
    found = percent(free["in_first_three"])
    return fill(
        "quality.html",
        totals=[_total(r) for r in totals.itertuples(index=False) if r.measure != "free_choice"],
        in_first_three=value("validation_summary/free_choice/in_first_three", found),
        free_rows=f"{free['n']:.0f}",
        days_chart=validation_chart(scored[scored["published_days"].notna()], "days", "days"),
        price_chart=validation_chart(
            scored[scored["published_usd"].notna()], "usd", "USD per unit"
        ),
        worst=[
            f"{r.origin}–{r.destination} ({r.corridor}) {percent(r.days_error, True)}"
            for r in worst.itertuples(index=False)
        ],
        reasons=[f"{n} {reason}" for reason, n in why.value_counts().items()],
        rows=[_row(r) for r in rows.itertuples(index=False)],
    )


def _total(r: Any) -> list[str]:
    """Errors of one measure."""
    i = f"validation_summary/{r.measure}"
    return [
        MEASURES[r.measure],
        value(f"{i}/n", f"{r.n:.0f}"),
        value(f"{i}/median_abs_error", percent(r.median_abs_error)),
        value(f"{i}/mean_abs_error", percent(r.mean_abs_error)),
        value(f"{i}/bias", f"{r.bias:.2f}"),
        value(f"{i}/coverage", percent(r.coverage)),
    ]


def benchmark_cells(r: Any) -> dict[str, str]:
    """A published route beside what the model says, by column; empty where it was not published."""
    priced = r.published_usd == r.published_usd
    return {
        "id": r.id,
        "route": f"{r.origin}–{r.destination}",
        "corridor": r.corridor,
        "year": "" if pd.isna(r.year) else f"{r.year:.0f}",
        "published_days": number(r.published_days),
        "days": _range(r.days_p10, r.days_p50, r.days_p90),
        "days_error": percent(r.days_error, True),
        "published_usd": number(r.published_usd, 0),
        "cost_unit": r.cost_unit if priced else "",
        "usd": _range(r.usd_p10, r.usd_p50, r.usd_p90) if priced else "",
        "usd_error": percent(r.usd_error, True),
        "km_error": percent(r.km_error, True),
        "free_rank": "" if pd.isna(r.free_rank) else f"{r.free_rank:.0f}",
        "free_best": r.free_best,
        "status": r.status,
    }


def _row(r: Any) -> list[str]:
    cells = benchmark_cells(r)
    return [cells[name] for name in cells if name not in ("cost_unit", "free_best")]


def _range(low: float, middle: float, high: float) -> str:
    return "" if middle != middle else f"{number(middle)} ({number(low)}–{number(high)})"


def sources_and_limits(run: Run) -> str:
    """What the numbers rest on and what the model cannot say."""
    known = run.table("fact_kinds").pivot_table(
        index="table", columns="value_kind", values="rows", aggfunc="sum", fill_value=0, sort=False
    )
    return fill(
        "sources.html",
        rests=rests_on(run),
        world=run.manifest["world"],
        limits=run.manifest["limits"],
        kinds=KINDS,
        counted=[
            [name, *(number(float(row.get(k, 0)), 0) for k in KINDS)]
            for name, row in known.iterrows()
        ],
        parameters=[_parameter(p) for p in run.table("parameters").itertuples(index=False)],
        sources=run.table("sources").to_dict("records"),
    )


def _parameter(p: Any) -> list[str]:
    """A number of the model, its range and how it is known."""
    ends = f"{number(p.low)}–{number(p.high)}"
    return [p.parameter, number(p.value), ends, p.unit, p.description, p.value_kind]


def rests_on(run: Run) -> str:
    """Which part of what promises are likely to bring rests on which kind of value, and on what else."""
    if "measure_effects" not in run.manifest["tables"]:
        return ""
    effects = run.table("measure_effects")
    own = effects[(effects["theme"] != "setbacks") & effects["expected_musd"].notna()]
    whole = float(own["expected_musd"].sum())
    if not whole > 0:
        return ""
    moved = "assumptions" in run.manifest["tables"]
    groups = [(kind, own[own["value_kind"] == kind]) for kind in KINDS]
    return fill(
        "rests_on.html",
        kinds=[_rest(kind, group, whole) for kind, group in groups if len(group)],
        movers=movers(run.table("assumptions")) if moved else [],
    )


def _rest(kind: str, own: pd.DataFrame, whole: float) -> list[object]:
    """The likely gain of the promises whose size is known in one way."""
    total = float(own["expected_musd"].sum())
    key = f"measure_effects/{'+'.join(own['measure_id'])}/expected_musd"
    return [kind, len(own), value(key, number(total, 1)), of_whole(total / whole)]


def of_whole(share: float) -> str:
    """A part in per cent, never rounded to nothing."""
    return "under 1\u00a0%" if 0 < share < 0.005 else percent(share)

"""Section: the pair's trade so far, as published."""

from __future__ import annotations

import re

import pandas as pd

from entrepot.answers.run import Run
from entrepot.report.charts.charts import trade_chart
from entrepot.report.charts.svg import number
from entrepot.report.tables import addresses, pair_of, value
from entrepot.report.templates import fill


def trade_so_far(run: Run) -> str:
    """Every published figure, and the earlier vintages of the target."""
    series = run.table("bilateral_series")
    if not len(series):
        return ""
    turnover, targets = turnover_of(series), _targets(run.table("commitments"))
    rest = series[~series["series_id"].isin(turnover["series_id"])]
    return fill(
        "trade.html",
        links=addresses(run),
        notes=run.manifest["trade_notes"],
        repeated=_repeated(targets),
        chart=trade_chart(turnover, targets, pair_of(run)),
        targets=[
            r | {"shown": value(f"commitments/{r['commitment_id']}/value", number(r["value"], 0))}
            for r in targets.to_dict("records")
        ],
        turnover=[
            r | {"shown": value(f"bilateral_series/{r['series_id']}/value", number(r["value"], 0))}
            for r in turnover.to_dict("records")
        ],
        others=[r | {"shown": number(r["value"])} for r in rest.to_dict("records")],
    )


def turnover_of(series: pd.DataFrame) -> pd.DataFrame:
    """Turnover in million USD, with whether it is a full calendar year."""
    own = series[
        (series["indicator"] == "turnover")
        & (series["unit"] == "MUSD")
        & (series["product"] == "all")
        & series["value"].notna()
    ].copy()
    own = own[~own["period"].str.contains("years|cumulative")]
    own["calendar"] = own["period"].str.startswith("calendar") & own["year"].str.fullmatch(r"\d{4}")
    return own


def _targets(commitments: pd.DataFrame) -> pd.DataFrame:
    """Targets for the pair's trade with the year of the statement and the deadline's year."""
    own = commitments[
        commitments["target"].str.startswith("bilateral trade")
        & commitments["value"].notna()
        & commitments["unit"].str.startswith("MUSD")
    ].copy()
    own["stated"] = [float(_first_year(d)) for d in own["date"]]
    own["deadline_text"] = own["deadline"]
    own["deadline"] = [float(_first_year(d) or "nan") for d in own["deadline_text"]]
    return own.sort_values(["date", "value"], kind="stable")


def _repeated(targets: pd.DataFrame) -> dict[str, object] | None:
    """How often the most repeated target was stated; None where none was stated twice."""
    times = targets["value"].value_counts()
    if not len(times) or times.iloc[0] < 2:
        return None
    goal = float(times.index[0])
    first = targets.loc[targets["value"] == goal, "stated"].min()
    return {"goal": number(goal, 0), "times": int(times.iloc[0]), "first": f"{first:.0f}"}


def _first_year(words: str) -> str:
    match = re.search(r"(\d{4})", str(words))
    return match[1] if match else ""

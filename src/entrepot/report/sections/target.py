"""Section: is the target plausible, and when?"""

from __future__ import annotations

import re
from typing import Any

import pandas as pd
from markupsafe import Markup, escape

from entrepot.answers.run import Run
from entrepot.report.charts.fan import OUTLOOKS, fan_chart
from entrepot.report.charts.svg import number
from entrepot.report.ranges import (
    at_most,
    counted,
    musd,
    odds,
    percent,
    ranged,
    round_money,
)
from entrepot.report.sections.promises import start_of
from entrepot.report.tables import pair_of, value
from entrepot.report.templates import fill

SHOWN_DRIVERS = 8
NAMED = 3
SIZES = (("mid", "of middle size"), ("high", "large"))
# Draws by arithmetic stand for solved ones where they tell at least this part of their spread.
LEAST_FOLLOWED = 0.5
# A source of doubt is named where chance makes any of all sources look like it less often than this, and
# where it makes up so much of the spread.
SURE, LARGE = 0.05, 0.05


def target_heading(run: Run) -> str:
    """The question of the section; without a target it is another one."""
    aimed = run.options("between").get("target_musd") is not None
    return (
        "Is the target plausible, and when?"
        if aimed
        else "How trade goes on, with promises and without"
    )


def target_section(run: Run) -> str:
    """Trade by year in three outlooks, the odds of the target, what it takes, and what drives it."""
    if "target_paths" not in run.manifest["tables"]:
        return ""
    paths, needs = run.table("target_paths"), run.table("target_needs").set_index("figure")
    last, draws = horizon(paths)
    return fill(
        "target.html",
        last=last,
        draws=draws,
        trade={name: horizon_trade(needs, name) for name in OUTLOOKS},
        goal=goal_of(needs),
        start=start_of(needs),
        start_year=run.options("between").get("turnover_year", ""),
        fan=_fan(run, paths, needs),
        **_odds(paths, needs),
        **_arithmetic(needs),
        **_by_year(paths, target_of(needs) is not None),
        **_needed(run, needs),
        **_assumptions(run, needs),
        **_drivers(run),
        **_assumed(run),
    )


def target_of(needs: pd.DataFrame) -> float | None:
    """The target, million USD a year."""
    return float(needs.at["target", "p50"]) if "target" in needs.index else None


def goal_of(needs: pd.DataFrame) -> Markup | None:
    """The target as a round sum, or None where none is named."""
    target = target_of(needs)
    return None if target is None else value("target_needs/target/p50", round_money(target))


def horizon_trade(needs: pd.DataFrame, scenario: str) -> Markup:
    """Trade of the last year in an outlook."""
    row = needs.loc[f"horizon_{scenario}"]
    return value(f"target_needs/horizon_{scenario}/p50", musd(row["p10"], row["p50"], row["p90"]))


def reached(needs: pd.DataFrame, scenario: str, draws: int) -> Markup:
    """In how many draws the target is reached in the last year."""
    name = f"reach_{scenario}"
    return value(f"target_needs/{name}/p50", counted(float(needs.at[name, "p50"]), draws))


def horizon(paths: pd.DataFrame) -> tuple[int, int]:
    """Last year, and draws."""
    return int(paths["year"].max()), int(paths["draws"].max())


def _odds(paths: pd.DataFrame, needs: pd.DataFrame) -> dict[str, object]:
    """How often the target is reached, what no draw at all leaves open, and when half of them reach it."""
    if target_of(needs) is None:
        return {}
    draws = horizon(paths)[1]
    likely = paths[paths["scenario"] == "likely"]
    none_does = len(likely) and not likely["reaches_target"].max() > 0
    half = paths[paths["reaches_target"] >= 0.5].groupby("scenario")["year"].min()
    return {
        "reached": {name: reached(needs, name, draws) for name in OUTLOOKS},
        "odds": odds(float(needs.at["reach_likely", "p50"])),
        "never": percent(at_most(draws)) if none_does else None,
        "half_reach": [
            f"in {int(half[name])} with {what}"
            for name, (what, _, _) in OUTLOOKS.items()
            if name in half.index
        ],
    }


def _arithmetic(needs: pd.DataFrame) -> dict[str, object]:
    """The same odds from many draws by arithmetic, and whether these follow the solved ones."""
    known = float(needs.at["quick_follows", "p50"])
    many = needs.at["quick_draws", "p50"]
    followed = percent(known) if known > 0 else "nothing"
    told: dict[str, object] = {
        "follows": known >= LEAST_FOLLOWED,
        "follows_known": known == known,
        "followed": value("target_needs/quick_follows/p50", followed),
        "quick_draws": value("target_needs/quick_draws/p50", number(many, 0)),
    }
    if known >= LEAST_FOLLOWED and target_of(needs) is not None:
        told["quick"] = {
            name: value(
                f"target_needs/quick_reach_{name}/p50",
                counted(float(needs.at[f"quick_reach_{name}", "p50"]), int(many)),
            )
            for name in ("likely", "all")
        }
    return told


def _fan(run: Run, paths: pd.DataFrame, needs: pd.DataFrame) -> Markup:
    points = published(run, int(paths["year"].min()))
    return fan_chart(paths, points, target_of(needs), pair_of(run))


def published(run: Run, before: int) -> pd.DataFrame:
    """Published turnover of whole calendar years before a year, million USD: columns year, value."""
    series = run.table("bilateral_series")
    own = series[
        (series["indicator"] == "turnover")
        & (series["unit"] == "MUSD")
        & (series["product"] == "all")
        & series["value"].notna()
        & series["period"].astype(str).str.startswith("calendar")
    ]
    rows = [
        (float(y), float(v))
        for y, v in zip(own["year"], own["value"], strict=True)
        if re.fullmatch(r"\d{4}", str(y)) and int(y) < before
    ]
    return pd.DataFrame(rows, columns=["year", "value"])


def shown_years(years: list[int]) -> list[int]:
    """The first and last year and those that end in 0 or 5."""
    return sorted({min(years), max(years), *(y for y in years if y % 5 == 0)})


def _by_year(paths: pd.DataFrame, aimed: bool) -> dict[str, object]:
    """Trade and, with a target, how often it is reached, by outlook and year; None where there is no row."""
    years = shown_years(sorted(set(paths["year"].astype(int))))
    found = paths.set_index(["scenario", "year"])
    draws = int(paths["draws"].max()) if aimed else None
    rows = [
        {
            "what": what,
            "cells": [
                _of_year(f"target_paths/{name},{year}", found.loc[(name, year)], draws)
                if (name, year) in found.index
                else None
                for year in years
            ],
        }
        for name, (what, _, _) in OUTLOOKS.items()
    ]
    return {"years": years, "by_year": rows}


def _of_year(key: str, r: Any, draws: int | None) -> dict[str, Markup]:
    """Trade of a year; draws: None where there is no target to reach."""
    low, mid, high = (float(r[f"trade_musd_{p}"]) for p in ("p10", "p50", "p90"))
    told = {"trade": value(f"{key}/trade_musd_p50", ranged(low, mid, high, 0))}
    if draws is not None:
        often = counted(float(r["reaches_target"]), draws)
        told["reached"] = value(f"{key}/reaches_target", often)
    return told


def _needed(run: Run, needs: pd.DataFrame) -> dict[str, object]:
    """What would have to be true for the target: all promises, a further fall of costs, the fewest promises."""
    target = target_of(needs)
    if target is None:
        return {}
    return {
        "goal_words": round_money(target),
        "all_mid": _sum(needs, "all_mid"),
        "all_high": _sum(needs, "all_high"),
        "remaining": [
            {"size": size, "fall": _fall(needs, f"remaining_{side}")}
            for side, size in SIZES
            if f"remaining_{side}" in needs.index
        ],
        "fewest": [
            {"size": size} | _fewest(run, needs.loc[f"fewest_{side}"])
            for side, size in SIZES
            if f"fewest_{side}" in needs.index
        ],
    }


def _sum(needs: pd.DataFrame, name: str) -> Markup:
    return value(f"target_needs/{name}/p50", round_money(float(needs.at[name, "p50"])))


def _fall(needs: pd.DataFrame, name: str) -> Markup | None:
    """The further fall of costs, or None where none is needed."""
    cut = float(needs.at[name, "p50"])
    return value(f"target_needs/{name}/p50", percent(cut)) if cut > 0 else None


def _fewest(run: Run, row: Any) -> dict[str, object]:
    """The fewest promises that reach the target; number is None where no set does."""
    if row["p50"] != row["p50"]:
        return {"number": None}
    titles = run.table("measure_effects").set_index("measure_id")["title"]
    ids = [i.strip() for i in str(row["note"]).split(",")]
    return {
        "number": value(f"target_needs/{row.name}/p50", number(row["p50"], 0)),
        "titles": [titles.get(i, i) for i in ids],
    }


def firm_drivers(run: Run) -> pd.DataFrame:
    """Sources of doubt that are not chance and make up enough of the spread to be named."""
    listed = run.table("drivers")
    firm = listed["chance"] * listed["looked_at"] < SURE
    return listed[firm & (listed["first_order"] >= LARGE)]


def _assumptions(run: Run, needs: pd.DataFrame) -> dict[str, object]:
    """One assumption at a time: which move the trade of the horizon most."""
    if "assumptions" not in run.manifest["tables"]:
        return {"assumptions": []}
    rows, goal = run.table("assumptions"), target_of(needs)
    first = rows.iloc[0]
    ends = rows[["trade_musd_low", "trade_musd_high"]]
    return {
        "assumptions": [
            {
                "name": r.name,
                "low": _moved(r.source, "trade_musd_low", r.trade_musd_low),
                "high": _moved(r.source, "trade_musd_high", r.trade_musd_high),
                "swing": _moved(r.source, "swing_musd", r.swing_musd),
                "value_kind": r.value_kind,
            }
            for r in rows.itertuples(index=False)
        ],
        "usual": _moved(first["source"], "trade_musd", first["trade_musd"]),
        "movers": movers(rows),
        "all_below": goal is not None and bool((ends < goal).all(axis=None)),
    }


def _moved(source: str, column: str, musd: float) -> Markup:
    return value(f"assumptions/{source}/{column}", number(musd, 0))


def movers(rows: pd.DataFrame) -> list[Markup]:
    """The assumptions that move the trade of the horizon most, each with what it does, in a sentence."""
    return [
        escape(r.name)
        + " ("
        + _moved(r.source, "trade_musd_low", r.trade_musd_low)
        + " to "
        + _moved(r.source, "trade_musd_high", r.trade_musd_high)
        + ")"
        for r in rows.head(NAMED).itertuples(index=False)
    ]


def _drivers(run: Run) -> dict[str, object]:
    """Which sources of doubt the spread rests on."""
    firm, listed = firm_drivers(run).head(NAMED), run.table("drivers").head(SHOWN_DRIVERS)
    return {
        "firm": [
            escape(name) + " (" + _part(source, part) + ")" for source, name, part in _columns(firm)
        ],
        "drivers": [[name, _part(source, part)] for source, name, part in _columns(listed)],
    }


def _columns(drivers: pd.DataFrame) -> list[tuple[str, str, float]]:
    return list(drivers[["source", "name", "first_order"]].itertuples(index=False, name=None))


def _part(source: str, part: float) -> Markup:
    return value(f"drivers/{source}/first_order", percent(part))


def _assumed(run: Run) -> dict[str, object]:
    """Growth and adjustment, said plainly."""
    asked = run.options("promises")
    low, mid, high = (100 * float(asked[f"growth_{s}"] or 0.0) for s in ("low", "mid", "high"))
    parameters = run.table("parameters").set_index("parameter")["value"]
    first, years = parameters["short_run_share"], parameters["adjustment_years"]
    return {
        "growth": f"{mid:.3g} % a year ({low:.3g} to {high:.3g} %)",
        "first_year": value("parameters/short_run_share/value", percent(float(first))),
        "adjustment": value("parameters/adjustment_years/value", number(years, 0)),
    }

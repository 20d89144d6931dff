"""The answer in a few sentences, and the sections of the report in their order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
from markupsafe import Markup, escape

from entrepot.answers.run import Run
from entrepot.report.charts.svg import number
from entrepot.report.ranges import odds
from entrepot.report.sections.barriers import barriers, sentence, title
from entrepot.report.sections.claims import claims_section
from entrepot.report.sections.feedback import answering_section
from entrepot.report.sections.partners import partners_section
from entrepot.report.sections.promises import all_kept, first_kind, promises_section, start_of
from entrepot.report.sections.quality import model_quality, sources_and_limits
from entrepot.report.sections.routes import UNIT_NAMES, routes_today, time_and_money
from entrepot.report.sections.target import (
    goal_of,
    horizon,
    horizon_trade,
    reached,
    target_heading,
    target_section,
)
from entrepot.report.sections.trade import trade_so_far, turnover_of
from entrepot.report.tables import pair_of, span, value
from entrepot.report.templates import fill, macros

SENTENCES = {1: "one sentence", 2: "two sentences", 3: "three sentences", 4: "four sentences"}


def summary(run: Run) -> str:
    """The answer in five sentences, or fewer where the study asks less, each with its range."""
    made = _five(run) if "target_paths" in run.manifest["tables"] else _without_promises(run)
    sentences = [s for s in made if s]
    if not sentences:
        return ""
    many = SENTENCES.get(len(sentences), "five sentences")
    return fill("summary.html", many=many, sentences=sentences)


def _without_promises(run: Run) -> list[str]:
    return [
        _trade_sentence(run),
        *_route_sentences(run, most=2 if sentence(run) else 3),
        sentence(run),
        _doubt_sentence(run),
    ]


def _five(run: Run) -> list[str]:
    """Trade, routes, promises, target, doubt: one sentence each."""
    return [
        _trade_sentence(run),
        _routes_sentence(run),
        _promise_sentence(run),
        _target_sentence(run),
        _trust_sentence(run),
    ]


def _say(sentence: str, *values: object) -> Markup:
    """A sentence of sentences.html."""
    made: Markup = getattr(macros("sentences.html"), sentence)(*values)
    return made


def _routes_sentence(run: Run) -> str:
    """The best route of the first question of each direction of the pair."""
    queries, routes = run.rows("queries"), run.rows("routes")
    a, b = run.manifest["pair"]
    told: list[dict[str, object]] = []
    tie = False
    for seller, buyer in ((a, b), (b, a)):
        own = queries[
            (queries["origin_country"] == seller) & (queries["destination_country"] == buyer)
        ]
        found = own[own["status"] == "found"]
        if len(found):
            q = next(found.itertuples(index=False))
            mine = routes[routes["query_id"] == q.query_id]
            tie = tie or bool(mine["tie"].any())
            told.append({"title": q.title} | _route(mine.iloc[0], q.unit))
        elif len(own):
            told.append({"title": own["title"].iloc[0], "name": None})
    return _say("best_routes", told, tie) if told else ""


def _promise_sentence(run: Run) -> str:
    start = start_of(run.table("target_needs").set_index("figure"))
    return _say("promises", start, all_kept(run), first_kind(run))


def _target_sentence(run: Run) -> str:
    """Whether the target is plausible by the horizon, with trade as is likely and with all kept."""
    needs = run.table("target_needs").set_index("figure")
    last, draws = horizon(run.table("target_paths"))
    trade = {name: horizon_trade(needs, name) for name in ("likely", "all")}
    goal = goal_of(needs)
    if goal is None:
        return _say("no_target", last, trade)
    chance = odds(float(needs.at["reach_likely", "p50"]))
    often = {name: reached(needs, name, draws) for name in ("likely", "all")}
    return _say("target", goal, chance, last, trade, often)


def _trust_sentence(run: Run) -> str:
    """What the model cannot know, and how far off it was where that can be checked."""
    if "validation_summary" not in run.manifest["tables"]:
        return _say("no_check")
    return _say("trust", *(_error(run, m, "median_abs_error") for m in ("days", "cost")))


def _error(run: Run, measure: str, column: str) -> Markup:
    """A figure of the validation in per cent."""
    rows = run.table("validation_summary").set_index("measure")
    shown = f"{100 * rows.at[measure, column]:.0f} %"
    return value(f"validation_summary/{measure}/{column}", shown)


def _trade_sentence(run: Run) -> str:
    series = turnover_of(run.table("bilateral_series"))
    series = series[series["calendar"]]
    if not len(series):
        return ""
    last_year = int(max(float(y) for y in series["year"]))
    years = sorted({int(y) for y in series["year"] if int(y) >= last_year - 2})
    parts = []
    for year in years:
        own = series[series["year"] == str(year)].sort_values("value", kind="stable")
        ends = own.iloc[[0, -1]].drop_duplicates("value")
        shown = escape(" to ").join(
            value(f"bilateral_series/{r.series_id}/value", number(r.value, 0))
            for r in ends.itertuples(index=False)
        )
        parts.append(shown + f" million USD in {year}")
    return _say("trade", pair_of(run), parts)


def _route_sentences(run: Run, most: int) -> list[str]:
    """At most so many: one for each direction first, and what is shut."""
    queries, routes = run.rows("queries"), run.rows("routes")
    found = queries[queries["status"] == "found"]
    again = found.duplicated(["origin_country", "destination_country"])
    found = pd.concat([found[~again], found[again]])
    shut = queries.loc[queries["status"] != "found", "message"].tolist()
    told = [" ".join(shut)] if shut else []
    for q in list(found.itertuples(index=False))[: most - len(told)][::-1]:
        told.insert(0, _route_sentence(q, routes[routes["query_id"] == q.query_id]))
    return told


def _route_sentence(q: Any, own: pd.DataFrame) -> str:
    """The best route of a set, and the cheapest and the fastest where these are others."""
    best = own.iloc[0]
    others = (own.loc[own[c].idxmin()] for c in ("usd_per_unit_p50", "days_p50"))
    cheap, fast = (_route(r, q.unit) if r["route_id"] != best["route_id"] else None for r in others)
    return _say("route", q.title, _route(best, q.unit), cheap, fast)


def _route(route: pd.Series[Any], unit: str) -> dict[str, object]:
    """Name, days and price of a route."""
    key, name = f"routes/{route['route_id']}", UNIT_NAMES.get(unit, unit)
    days = span(route["days_p10"], route["days_p50"], route["days_p90"], 0)
    usd = span(route["usd_per_unit_p10"], route["usd_per_unit_p50"], route["usd_per_unit_p90"], 0)
    return {
        "name": route["name"],
        "days": value(f"{key}/days_p50", f"{days} days"),
        "price": value(f"{key}/usd_per_unit_p50", f"{usd} USD per {name}"),
    }


def _doubt_sentence(run: Run) -> str:
    if "validation_summary" not in run.manifest["tables"]:
        return ""
    rows = run.table("validation_summary").set_index("measure")["n"]
    return _say(
        "doubt",
        _error(run, "days", "median_abs_error"),
        _error(run, "cost", "median_abs_error"),
        {m: f"{rows[m]:.0f}" for m in ("days", "cost")},
        _error(run, "days", "coverage"),
    )


Maker = Callable[[Run], str]
# Anchor, heading, and what makes the content; nothing where the run has nothing for it.
Section = tuple[str, str | Maker, Maker]
SECTIONS: tuple[Section, ...] = (
    ("trade", "Trade so far", trade_so_far),
    ("routes", "Routes today", routes_today),
    ("parts", "Where time and money go", time_and_money),
    ("between", title, barriers),
    ("answering", "How trade and transport answer each other", answering_section),
    ("promises", "What each promise does", promises_section),
    ("target", target_heading, target_section),
    ("partners", "Who else gains, who loses", partners_section),
    ("claims", "What was claimed, and what the data say", claims_section),
    ("quality", "How good is this model", model_quality),
    ("sources", "Sources and limits", sources_and_limits),
)

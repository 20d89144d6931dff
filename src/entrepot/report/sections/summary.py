"""The sections of the report, each from the tables of a run to HTML."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pandas as pd

from entrepot.answers.run import Run
from entrepot.report.charts.charts import trade_chart
from entrepot.report.charts.svg import esc, number
from entrepot.report.ranges import odds, round_money
from entrepot.report.sections.barriers import (
    barriers,
    sentence,
    title,
)
from entrepot.report.sections.claims import claims_section
from entrepot.report.sections.feedback import answering_section
from entrepot.report.sections.partners import partners_section
from entrepot.report.sections.promises import (
    all_kept,
    first_kind,
    promises_section,
)
from entrepot.report.sections.quality import model_quality, sources_and_limits
from entrepot.report.sections.routes import (
    UNIT_NAMES,
    time_and_money,
    ways_to_go,
)
from entrepot.report.sections.target import (
    horizon,
    horizon_trade,
    reached,
    target_heading,
    target_of,
    target_section,
)
from entrepot.report.tables import details, link, span, table, value, words

SENTENCES = {1: "one sentence", 2: "two sentences", 3: "three sentences", 4: "four sentences"}


def summary(run: Run) -> str:
    """The answer in five sentences, or fewer where the study asks less, each with its range."""
    sentences = _five(run) if "target_paths" in run.manifest["tables"] else _without_promises(run)
    if not sentences:
        return ""
    items = "".join(f"<li>{s}</li>" for s in sentences)
    many = SENTENCES.get(len(sentences), "five sentences")
    return f'<div class="box"><strong>In {many}</strong><ol>{items}</ol></div>'


def _without_promises(run: Run) -> list[str]:
    return [
        s
        for s in (
            _trade_sentence(run),
            *_route_sentences(run, most=2 if sentence(run) else 3),
            sentence(run),
            _doubt_sentence(run),
        )
        if s
    ]


def _five(run: Run) -> list[str]:
    """Trade, ways, promises, target, doubt: one sentence each."""
    return [
        s
        for s in (
            _trade_sentence(run),
            _ways_sentence(run),
            _promise_sentence(run),
            _target_sentence(run),
            _trust_sentence(run),
        )
        if s
    ]


def _ways_sentence(run: Run) -> str:
    """The best way of the first question of each direction of the pair."""
    if "queries" not in run.manifest["tables"]:
        return ""
    queries, routes = run.table("queries"), run.table("routes")
    a, b = run.manifest["pair"]
    told, ties = [], []
    for seller, buyer in ((a, b), (b, a)):
        own = queries[
            (queries["origin_country"] == seller) & (queries["destination_country"] == buyer)
        ]
        found = own[own["status"] == "found"]
        if len(found):
            q = next(found.itertuples(index=False))
            mine = routes[routes["query_id"] == q.query_id]
            best = mine.iloc[0]
            ties.append(bool(mine["tie"].any()))
            told.append(
                f"{esc(q.title)}, by {esc(best['name'])}, {_days(best)} and {_price(best, q.unit)}"
            )
        elif len(own):
            told.append(f"none for {esc(own['title'].iloc[0])}")
    if not told:
        return ""
    close = "; other ways come so close that they tie" if any(ties) else ""
    return f"Best ways today: {'; '.join(told)}{close}."


def _promise_sentence(run: Run) -> str:
    needs = run.table("target_needs").set_index("figure")
    begin = value("target_needs/start/p50", round_money(float(needs.at["start", "p50"])))
    return (
        f"All promises kept in full would in the long run lift trade from {begin} to {all_kept(run)}; most of the gain comes "
        f"through {first_kind(run)}."
    )


def _target_sentence(run: Run) -> str:
    """Whether the target is plausible by the horizon, with trade as is likely and with all kept."""
    needs = run.table("target_needs").set_index("figure")
    last, draws = horizon(run.table("target_paths"))
    trade = (
        f"trade in {last} is {horizon_trade(needs, 'likely')} USD if promises are kept as often as is usual and "
        f"{horizon_trade(needs, 'all')} USD if all are kept on time"
    )
    target = target_of(needs)
    if target is None:
        return trade[0].upper() + trade[1:] + "."
    goal = value("target_needs/target/p50", round_money(target))
    return (
        f"The official target of {goal} USD is {odds(float(needs.at['reach_likely', 'p50']))} by {last}: {trade}, which "
        f"reaches it in {reached(needs, 'likely', draws)} and {reached(needs, 'all', draws)}."
    )


def _trust_sentence(run: Run) -> str:
    """What the model cannot know, and how far off it was where that can be checked."""
    unknown = (
        "the model cannot know wars, new sanctions, bans or goods that the two do not trade today, and how fast trade answers "
        "promises is assumed"
    )
    if "validation_summary" not in run.manifest["tables"]:
        return unknown[0].upper() + unknown[1:] + "."
    rows = run.table("validation_summary").set_index("measure")
    days, cost = (
        value(
            f"validation_summary/{m}/median_abs_error",
            f"{100 * rows.at[m, 'median_abs_error']:.0f} %",
        )
        for m in ("days", "cost")
    )
    return f"On published routes the model is off by {days} on days and {cost} on price at the median, but {unknown}."


def _trade_sentence(run: Run) -> str:
    series = _turnover(run.table("bilateral_series"))
    series = series[series["calendar"]]
    if not len(series):
        return ""
    last_year = int(max(float(y) for y in series["year"]))
    years = sorted({int(y) for y in series["year"] if int(y) >= last_year - 2})
    parts = []
    for year in years:
        own = series[series["year"] == str(year)].sort_values("value", kind="stable")
        ends = own.iloc[[0, -1]].drop_duplicates("value")
        shown = " to ".join(
            value(f"bilateral_series/{r.series_id}/value", number(r.value, 0))
            for r in ends.itertuples(index=False)
        )
        parts.append(f"{shown} million USD in {year}")
    pair = esc(" and ".join(run.manifest["pair_names"]))
    return f"Published trade of {pair}: {words(parts)}; sources disagree, and all are shown below."


def _route_sentences(run: Run, most: int) -> list[str]:
    """At most so many: one for each direction first, and what is shut."""
    if "queries" not in run.manifest["tables"]:
        return []
    queries, routes = run.table("queries"), run.table("routes")
    found = queries[queries["status"] == "found"]
    again = found.duplicated(["origin_country", "destination_country"])
    found = pd.concat([found[~again], found[again]])
    shut = [esc(message) for message in queries.loc[queries["status"] != "found", "message"]]
    told = [" ".join(shut)] if shut else []
    for q in list(found.itertuples(index=False))[: most - len(told)][::-1]:
        told.insert(0, _route_sentence(q, routes[routes["query_id"] == q.query_id]))
    return told


def _route_sentence(q: Any, own: pd.DataFrame) -> str:
    best = own.iloc[0]
    fast = own.loc[own["days_p50"].idxmin()]
    cheap = own.loc[own["usd_per_unit_p50"].idxmin()]
    text = (
        f"{esc(q.title)}: best overall by {esc(best['name'])}, {_days(best)} and "
        f"{_price(best, q.unit)}"
    )
    if cheap["route_id"] != best["route_id"]:
        text += f"; cheapest by {esc(cheap['name'])}, {_price(cheap, q.unit)}"
    if fast["route_id"] != best["route_id"]:
        text += f"; fastest by {esc(fast['name'])}, {_days(fast)}"
    return text + "."


def _days(route: pd.Series[object]) -> str:
    shown = span(route["days_p10"], route["days_p50"], route["days_p90"], 0)
    return value(f"routes/{route['route_id']}/days_p50", f"{shown} days")


def _price(route: pd.Series[object], unit: str) -> str:
    shown = span(route["usd_per_unit_p10"], route["usd_per_unit_p50"], route["usd_per_unit_p90"], 0)
    name = UNIT_NAMES.get(unit, unit)
    return value(f"routes/{route['route_id']}/usd_per_unit_p50", f"{shown} USD per {name}")


def _doubt_sentence(run: Run) -> str:
    if "validation_summary" not in run.manifest["tables"]:
        return ""
    rows = run.table("validation_summary").set_index("measure")

    def share(measure: str, column: str) -> str:
        shown = f"{100 * rows.at[measure, column]:.0f} %"
        return value(f"validation_summary/{measure}/{column}", shown)

    return (
        f"The model is off by {share('days', 'median_abs_error')} on days and "
        f"{share('cost', 'median_abs_error')} on price at the median of {rows.at['days', 'n']:.0f} and "
        f"{rows.at['cost', 'n']:.0f} published routes, and {share('days', 'coverage')} of published "
        f"days lie in its P10–P90 range."
    )


def _turnover(series: pd.DataFrame) -> pd.DataFrame:
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


def trade_so_far(run: Run) -> str:
    """Every published figure, and the earlier vintages of the target."""
    series = run.table("bilateral_series")
    if not len(series):
        return ""
    turnover, targets = _turnover(series), _targets(run.table("commitments"))
    pair = " and ".join(run.manifest["pair_names"])
    chart = trade_chart(turnover, targets, pair)
    sources = _links(run)
    rows = [
        [
            esc(r.year),
            esc(r.period),
            value(f"bilateral_series/{r.series_id}/value", number(r.value, 0)),
            esc(r.basis),
            f'<span class="tag">{esc(r.value_kind)}</span>',
            _cite(r.source_id, sources),
            esc(r.note),
        ]
        for r in turnover.itertuples(index=False)
    ]
    told = table(
        ("year", "period", "million USD", "counted by", "kind", "source", "note"),
        rows,
        right=(2,),
        caption="Turnover as published",
    )
    rest = series[~series["series_id"].isin(turnover["series_id"])]
    more = table(
        ("year", "period", "what", "flow", "value", "unit", "product", "source"),
        [
            [
                esc(r.year),
                esc(r.period),
                esc(r.indicator),
                esc(r.flow),
                number(r.value),
                esc(r.unit),
                esc(r.product),
                _cite(r.source_id, sources),
            ]
            for r in rest.itertuples(index=False)
        ],
        right=(4,),
        caption="Exports, weights, transit and other published figures",
    )
    promised = table(
        ("stated", "target", "million USD", "by", "source"),
        [
            [
                f'<span class="date">{esc(r.date)}</span>',
                esc(r.text),
                value(f"commitments/{r.commitment_id}/value", number(r.value, 0)),
                esc(r.deadline_text) or '<span class="dim">no date given</span>',
                _cite(r.source_id, sources),
            ]
            for r in targets.itertuples(index=False)
        ],
        right=(2,),
        caption="Targets for trade, oldest first. A target is a wish with a number, not a forecast.",
    )
    lead = (
        "<p>Counts differ by who counts and when the year begins: Iranian customs count years from March "
        "and leave oil out, ministers quote round numbers, and mirror statistics of the two sides do not meet. "
        f"The figures are shown as published, none is corrected.{_restated(targets)}</p>"
        + "".join(f"<p>{esc(note)}</p>" for note in run.manifest["trade_notes"])
    )
    return (
        f"{lead}<figure>{chart}<figcaption>Turnover as published, by year. Dashed lines: official targets, from the year "
        f"they were stated.</figcaption></figure>{promised}{details('All turnover figures with sources', told)}"
        f"{details('Exports, weights, transit', more)}"
    )


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


def _restated(targets: pd.DataFrame) -> str:
    """How often the most repeated target was stated."""
    if not len(targets):
        return ""
    times = targets["value"].value_counts()
    goal, most = float(times.index[0]), int(times.iloc[0])
    return (
        f" A goal of {number(goal, 0)} million USD has been stated {most} times in the sources at hand, first in "
        f"{targets.loc[targets['value'] == goal, 'stated'].min():.0f}."
        if most > 1
        else ""
    )


def _first_year(words: str) -> str:
    match = re.search(r"(\d{4})", str(words))
    return match[1] if match else ""


def _links(run: Run) -> dict[str, str]:
    sources = run.table("sources")
    return {r.source_id: link(r.url, r.source_id) for r in sources.itertuples(index=False)}


def _cite(ids: tuple[str, ...], links: dict[str, str]) -> str:
    return " ".join(links.get(i, esc(i)) for i in ids)


Maker = Callable[[Run], str]
SECTIONS: tuple[tuple[str, str | Maker, Maker], ...] = (
    ("trade", "Trade so far", trade_so_far),
    ("ways", "Ways to go today", ways_to_go),
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

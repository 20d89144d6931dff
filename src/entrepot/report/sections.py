"""The sections of the report, each from the tables of a run to HTML."""

from __future__ import annotations

import re
from collections.abc import Callable

import pandas as pd

from entrepot.report.charts import trade_chart
from entrepot.report.quality import model_quality, sources_and_limits
from entrepot.report.svg import esc, number
from entrepot.report.tables import details, link, span, table, value, words
from entrepot.report.ways import time_and_money, ways_to_go
from entrepot.studies.store import Run

NAMES = {"IRN": "Iran", "KAZ": "Kazakhstan"}


def summary(run: Run) -> str:
    """The answer in a few sentences, each with its range."""
    sentences = [
        s for s in (_trade_sentence(run), *_route_sentences(run), _doubt_sentence(run)) if s
    ]
    items = "".join(f"<li>{s}</li>" for s in sentences)
    return f'<div class="box"><strong>In {len(sentences)} sentences</strong><ol>{items}</ol></div>'


def _trade_sentence(run: Run) -> str:
    series = _turnover(run.table("bilateral_series"))
    series = series[series["calendar"]]
    if not len(series):
        return ""
    last_year = int(max(float(y) for y in series["year"]))
    years = sorted({int(y) for y in series["year"] if int(y) >= last_year - 2})
    parts = []
    for year in years:
        own = series[series["year"] == str(year)]["value"]
        shown = (
            number(own.min(), 0)
            if own.min() == own.max()
            else f"{own.min():,.0f} to {own.max():,.0f}"
        )
        parts.append(f"{value(f'bilateral_series/{year}/value', shown)} million USD in {year}")
    return f"Published trade of the two countries: {words(parts)}; sources disagree, and all are shown below."


def _route_sentences(run: Run) -> list[str]:
    queries, routes = run.table("queries"), run.table("routes")
    out = []
    for q in queries.itertuples(index=False):
        own = routes[routes["query_id"] == q.query_id] if len(routes) else routes
        if q.status != "found" or not len(own):
            continue
        best = own.iloc[0]
        fast = own.loc[own["days_p50"].idxmin()]
        cheap = own.loc[own["usd_per_unit_p50"].idxmin()]
        ways = own["corridor_id"].where(own["corridor_id"] != "", own["name"]).nunique()
        text = (
            f"{esc(q.title)}: {value(f'routes/{q.query_id}/ways', str(ways))} ways that differ in kind; "
            f"best overall by {esc(best['name'])}, {_days(best)} and {_price(best, q.unit)}"
        )
        if cheap["route_id"] != best["route_id"]:
            text += f"; cheapest {_price(cheap, q.unit)} by {esc(cheap['name'])}"
        if fast["route_id"] not in (best["route_id"], cheap["route_id"]):
            text += f"; fastest {_days(fast)} by {esc(fast['name'])}"
        out.append(text + ".")
    closed = queries[queries["status"] != "found"]
    if len(closed):
        told = "; ".join(esc(f"{q.title}: {q.message}") for q in closed.itertuples(index=False))
        out = [*out[:3], f"Shut on this date: {told}"]
    return out[:4]


def _days(route: pd.Series[object]) -> str:
    shown = span(route["days_p10"], route["days_p50"], route["days_p90"], 0)
    return value(f"routes/{route['route_id']}/days_p50", f"{shown} days")


def _price(route: pd.Series[object], unit: str) -> str:
    shown = span(route["usd_per_unit_p10"], route["usd_per_unit_p50"], route["usd_per_unit_p90"], 0)
    return value(f"routes/{route['route_id']}/usd_per_unit_p50", f"{shown} USD per {unit}")


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
    pair = " and ".join(NAMES.get(c, c) for c in run.manifest["pair"])
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
    vintages = int((targets["value"] == 3000).sum())
    lead = (
        f"<p>Counts differ by who counts and when the year begins: Iranian customs count years from March "
        f"and leave oil out, ministers quote round numbers, and mirror statistics of the two sides do not meet. "
        f"The figures are shown as published, none is corrected. The goal of 3 billion has been stated "
        f"{vintages} times in the sources at hand.</p>"
        f"<p>2023 is a low year for Kazakh grain to Iran (about 0.2 Mt of barley against 1.2 Mt in the season "
        f"2024/25), so 2023 is a poor base for this pair; 2024, at 340 million USD, is the better one.</p>"
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


def _first_year(words: str) -> str:
    match = re.search(r"(\d{4})", str(words))
    return match[1] if match else ""


def _links(run: Run) -> dict[str, str]:
    sources = run.table("sources")
    return {r.source_id: link(r.url, r.source_id) for r in sources.itertuples(index=False)}


def _cite(ids: tuple[str, ...], links: dict[str, str]) -> str:
    return " ".join(links.get(i, esc(i)) for i in ids)


SECTIONS: tuple[tuple[str, str, Callable[[Run], str]], ...] = (
    ("trade", "Trade so far", trade_so_far),
    ("ways", "Ways to go today", ways_to_go),
    ("parts", "Where time and money go", time_and_money),
    ("quality", "How good is this model", model_quality),
    ("sources", "Sources and limits", sources_and_limits),
)

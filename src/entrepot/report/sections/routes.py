"""Sections on routes: ways to go today, and where time and money go."""

from __future__ import annotations

from typing import Any

import pandas as pd

from entrepot.answers.run import Run
from entrepot.report.charts.charts import (
    ELEMENT_COLOURS,
    PARTS,
    distance_charts,
    stacked_bars,
)
from entrepot.report.charts.map import route_map
from entrepot.report.charts.svg import (
    COLOURS,
    esc,
    number,
)
from entrepot.report.tables import details, span, table, value

UNIT_NAMES = {"teu": "20-foot box", "feu": "40-foot box", "truck": "truck", "t": "tonne"}
PART_NAMES = {
    "haulage": "haulage",
    "handling": "handling",
    "border": "border fees",
    "fee": "tolls and fees",
    "insurance": "insurance and war risk",
}
SUMMED = "+".join(f"{part}_usd" for part in PARTS)
MOST_CHARTED = 5


def ways_to_go(run: Run) -> str:
    """Each set of routes with a map, a table and the rules behind it."""
    if "queries" not in run.manifest["tables"]:
        return ""
    queries, routes = run.table("queries"), run.table("routes")
    points, outline = run.table("route_points"), run.table("land_outline")
    rules = run.table("rules_in_force")
    out = [
        "<p>Each line is a way that differs in kind: another corridor, branch or mix of modes. Days and prices are "
        "P50 with P10–P90 behind: in one case of ten it is better than the first number, in one of ten worse than "
        "the second. Routes whose order lies within that uncertainty are marked as ties. Prices are market-like "
        "rates built from parts, without the shipper's own costs, duties or margins.</p>"
    ]
    for q in queries.itertuples(index=False):
        own = routes[routes["query_id"] == q.query_id] if len(routes) else routes
        out.append(f"<h3>{esc(q.title)}</h3>")
        own_rules = rules[rules["query_id"] == q.query_id] if len(rules) else rules
        if q.status != "found":
            out.append(f'<div class="box"><p>{esc(q.message)}</p></div>')
        else:
            path = points[points["route_id"].isin(own["route_id"])]
            landmarks = gates(run, own)
            picture = route_map(path, outline, f"Map of the ways: {q.title}", landmarks)
            out.append(
                f"<figure>{picture}<figcaption>Ways of this table; thicker lines are shared by more of them. "
                f"Country lines are de facto, from Natural Earth, and imply no position.</figcaption></figure>"
            )
            out.append(_route_table(q, own))
            out.append(_flags(own))
        out.append(_rules(own_rules))
    return "".join(out)


def gates(run: Run, routes: pd.DataFrame) -> set[str]:
    """Border posts and ports the routes use."""
    legs = run.table("legs")
    own = legs[legs["route_id"].isin(routes["route_id"]) & (legs["element"] != "transport")]
    return set(own["from_node_id"]) | set(own["to_node_id"])


def _route_table(q: Any, routes: pd.DataFrame) -> str:
    unit, unit_name = q.unit, UNIT_NAMES.get(q.unit, q.unit)
    rows = []
    for r in routes.itertuples(index=False):
        i = f"routes/{r.route_id}"
        marks = '<br><span class="tag">ties with the line above</span>' if r.tie else ""
        if r.dominated_reason:
            marks += f"{'' if r.tie else '<br>'}<small>{esc(r.dominated_reason)}</small>"
        modes = " + ".join(m.replace("_", " ") for m in r.modes)
        name = (
            f'<span class="name">{r.rank}. {esc(r.name)}</span><br><small>{esc(modes)}; '
            f"{esc(' → '.join(r.jurisdictions))}{_regimes(r.legal_flags)}</small> {marks}"
        )
        rows.append(
            [
                name,
                value(f"{i}/days_p50", span(r.days_p10, r.days_p50, r.days_p90, 0)),
                value(
                    f"{i}/usd_per_unit_p50",
                    span(r.usd_per_unit_p10, r.usd_per_unit_p50, r.usd_per_unit_p90, 0),
                ),
                *([] if unit == "t" else [value(f"{i}/usd_per_t_p50", number(r.usd_per_t_p50, 0))]),
                value(f"{i}/co2e_kg_per_t", number(r.co2e_kg_per_t, 0)),
                value(f"{i}/km", number(r.km, 0)),
                f"{value(f'{i}/borders', str(r.borders))} / {value(f'{i}/transfers', str(r.transfers))}",
                value(f"{i}/share", f"{100 * r.share:.0f} %"),
                " / ".join(
                    value(f"{i}/assumed_share_{part}", f"{100 * share:.0f} %")
                    for part, share in (
                        ("time", r.assumed_share_time),
                        ("price", r.assumed_share_price),
                    )
                ),
            ]
        )
    header = (
        "way",
        "days",
        f"USD per {unit_name}",
        *(() if unit == "t" else ("USD per t",)),
        "kg CO₂e per t",
        "km",
        "borders / transfers",
        "share",
        "assumed: time / price",
    )
    caption = (
        f"Per {unit_name}; cargo worth {number(q.usd_per_t, 0)} USD a tonne; rules of {q.on}. "
        "Share: of shipments, by path-size logit over these ways. Assumed: share of hours and of price that "
        "rests on assumed values."
    )
    return table(header, rows, right=tuple(range(1, len(header))), caption=caption)


def _regimes(flags: tuple[str, ...]) -> str:
    """Regimes by jurisdiction in one line; the list below the table gives their dates."""
    known: dict[str, dict[str, None]] = {}
    for flag in flags:
        place, _, rest = flag.partition(":")
        words = rest.rpartition(": ")[2].partition(" (as of")[0]
        known.setdefault(place, {}).update(dict.fromkeys(w.strip() for w in words.split(",")))
    told = "; ".join(f"{place} {', '.join(regimes)}" for place, regimes in known.items())
    return f"<br>regimes: {esc(told)}" if told else ""


def _flags(routes: pd.DataFrame) -> str:
    ranks: dict[str, list[int]] = {}
    for r in routes.itertuples(index=False):
        for flag in r.legal_flags:
            ranks.setdefault(flag, []).append(r.rank)
    rows = []
    for flag, passing in sorted(ranks.items(), key=lambda item: item[0].partition(":")[0]):
        words, _, date = flag.removesuffix(")").partition(" (as of ")
        place, _, regimes = words.rpartition(": ")
        every = len(passing) == len(routes)
        told = "all" if every else ", ".join(map(str, passing))
        rows.append([esc(place.replace("_", " ")), esc(regimes), esc(date), told])
    note = (
        '<p class="soft">Regimes at the level of jurisdictions, with the date of the information. They are '
        "information for planning, not advice, and no route is called lawful or unlawful by them.</p>"
    )
    if not rows:
        return ""
    listed = table(("jurisdiction", "regimes", "as of", "ways that pass it"), rows)
    return details("Legal regimes of the jurisdictions passed", f"{note}{listed}", printed=True)


def _rules(rules: pd.DataFrame) -> str:
    if not len(rules):
        return ""
    rows = [
        [
            esc(r.rule_id),
            {
                "closes": "closes a way",
                "changes": "changes time, price or choice",
                "notes": "shown only",
            }[r.acts],
            esc(r.effect),
            esc(f"{r.from_date or '…'} to {r.to_date or 'no end known'}"),
            esc(f"{r.rule_basis}, {r.value_kind}"),
            esc(", ".join(r.source_id)),
        ]
        for r in rules.sort_values("acts", kind="stable").itertuples(index=False)
    ]
    closing = int((rules["acts"] == "closes").sum())
    title = f"Rules of passage behind this set: {closing} close a way, {len(rules) - closing} others touch one"
    header = ("rule", "does", "what it says", "dates", "basis", "sources")
    return details(title, table(header, rows), printed=True)


def time_and_money(run: Run) -> str:
    """Hours by element and price by part, then time and cost over distance for the best route."""
    if "queries" not in run.manifest["tables"]:
        return ""
    queries, routes, legs = run.table("queries"), run.table("routes"), run.table("legs")
    out = [
        "<p>Hours split into moving, borders, and terminals, transfers and waits; price into its parts, both at the "
        "medians. The medians of parts do not add up to the median of the whole: delays are skewed, and the sum "
        "of draws lies above the sum of medians. Below, time and cost over distance in the manner of UNESCAP: a "
        "steep step is a border or terminal, time or money without distance.</p>"
    ]
    for q in queries[queries["status"] == "found"].itertuples(index=False):
        own = routes[routes["query_id"] == q.query_id].head(MOST_CHARTED)
        hours, money = [], []
        for r in own.itertuples(index=False):
            mine = legs[legs["route_id"] == r.route_id]
            by_element = [
                mine.loc[mine["element"] == e, "hours_p50"].sum() / 24 for e in ELEMENT_COLOURS
            ]
            hours.append((f"{r.rank}. {r.name}", by_element))
            money.append((f"{r.rank}. {r.name}", [mine[f"{p}_usd"].sum() for p in PARTS]))
        time_parts = [
            (ELEMENT_COLOURS["transport"], "moving"),
            (ELEMENT_COLOURS["border"], "borders"),
            (ELEMENT_COLOURS["hub"], "terminals, transfers, waits"),
        ]
        price_parts = [(c, PART_NAMES[p]) for c, p in zip(COLOURS, PARTS, strict=False)]
        best, unit = own.iloc[0], UNIT_NAMES.get(q.unit, q.unit)
        first = legs[legs["route_id"] == best["route_id"]]
        out.append(
            f"<h3>{esc(q.title)}</h3><figure>{stacked_bars(hours, time_parts, 'days', f'Days by element: {q.title}')}"
            f"<figcaption>Days at the medians of the elements</figcaption></figure>"
            f"<figure>{stacked_bars(money, price_parts, 'USD', f'Price by part: {q.title}')}"
            f"<figcaption>Price per {unit} at the medians of the parts</figcaption></figure>"
            f"<figure>{distance_charts(first, str(best['name']), unit)}<figcaption>Time and cost over distance: "
            f"{esc(best['name'])}</figcaption></figure>{_legs(best, first, unit)}"
        )
    return "".join(out)


def _legs(route: pd.Series[object], legs: pd.DataFrame, unit: str) -> str:
    rows = []
    for leg in legs.itertuples(index=False):
        i = f"legs/{leg.route_id}/{leg.leg}"
        money = (
            leg.haulage_usd + leg.handling_usd + leg.border_usd + leg.fee_usd + leg.insurance_usd
        )
        where = (
            leg.from_name if leg.from_name == leg.to_name else f"{leg.from_name} – {leg.to_name}"
        )
        rows.append(
            [
                str(leg.leg),
                esc(leg.what),
                esc(where),
                esc("-".join(leg.jurisdictions)),
                number(leg.km, 0) if leg.km else "",
                value(f"{i}/hours_p50", span(leg.hours_p10, leg.hours_p50, leg.hours_p90, 0)),
                value(f"{i}/{SUMMED}", number(money, 0)),
                number(leg.co2e_kg_per_t, 0) if leg.co2e_kg_per_t else "",
                f'<span class="tag">{esc(leg.value_kind)}</span>',
                f"<small>{esc(', '.join(leg.source_id))}</small>",
            ]
        )
    header = (
        "leg",
        "element",
        "where",
        "in",
        "km",
        "hours",
        f"USD/{unit}",
        "kg CO₂e/t",
        "weakest kind",
        "sources",
    )
    return details(f"Leg by leg: {route['name']}", table(header, rows, right=(0, 4, 5, 6, 7)))

"""Sections on routes: routes today, and where time and money go."""

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
from entrepot.report.charts.svg import COLOURS, number
from entrepot.report.tables import span, value
from entrepot.report.templates import fill

UNIT_NAMES = {"teu": "20-foot box", "feu": "40-foot box", "truck": "truck", "t": "tonne"}
PART_NAMES = {
    "haulage": "haulage",
    "handling": "handling",
    "border": "border fees",
    "fee": "tolls and fees",
    "insurance": "insurance and war risk",
}
ACTS = {
    "closes": "closes a route",
    "changes": "changes time, price or choice",
    "notes": "shown only",
}
SUMMED = "+".join(f"{part}_usd" for part in PARTS)
MOST_CHARTED = 5


def routes_today(run: Run) -> str:
    """Each set of routes with a map, a table and the rules behind it."""
    if "queries" not in run.manifest["tables"]:
        return ""
    names = ("routes", "route_points", "rules_in_force", "legs", "land_outline")
    tables = {name: run.rows(name) for name in names}
    queries = run.rows("queries").itertuples(index=False)
    return fill("routes.html", queries=[_query(q, tables) for q in queries])


def _query(q: Any, tables: dict[str, pd.DataFrame]) -> dict[str, object]:
    """A set of routes, or why there is none, and the rules behind it."""
    rules = tables["rules_in_force"]
    own_rules = rules[rules["query_id"] == q.query_id].sort_values("acts", kind="stable")
    told: dict[str, object] = {
        "title": q.title,
        "found": q.status == "found",
        "message": q.message,
        "rules": [_rule(r) for r in own_rules.itertuples(index=False)],
        "closing": int((own_rules["acts"] == "closes").sum()),
    }
    if q.status != "found":
        return told
    routes, points = tables["routes"], tables["route_points"]
    own = routes[routes["query_id"] == q.query_id]
    path = points[points["route_id"].isin(own["route_id"])]
    title = f"Map of the routes: {q.title}"
    return told | {
        "map": route_map(path, tables["land_outline"], title, gates(tables["legs"], own)),
        "unit_name": UNIT_NAMES.get(q.unit, q.unit),
        "by_tonne": q.unit == "t",
        "usd_per_t": number(q.usd_per_t, 0),
        "on": q.on,
        "routes": [_route(r) for r in own.itertuples(index=False)],
        "flags": _flags(own),
    }


def gates(legs: pd.DataFrame, routes: pd.DataFrame) -> set[str]:
    """Border posts and ports the routes use."""
    own = legs[legs["route_id"].isin(routes["route_id"]) & (legs["element"] != "transport")]
    return set(own["from_node_id"]) | set(own["to_node_id"])


def _route(r: Any) -> dict[str, object]:
    """A line of the table of routes."""
    i = f"routes/{r.route_id}"
    usd = span(r.usd_per_unit_p10, r.usd_per_unit_p50, r.usd_per_unit_p90, 0)
    return {
        "rank": r.rank,
        "name": r.name,
        "modes": " + ".join(m.replace("_", " ") for m in r.modes),
        "passes": " → ".join(r.jurisdictions),
        "regimes": _regimes(r.legal_flags),
        "tie": bool(r.tie),
        "dominated": r.dominated_reason,
        "days": value(f"{i}/days_p50", span(r.days_p10, r.days_p50, r.days_p90, 0)),
        "usd": value(f"{i}/usd_per_unit_p50", usd),
        "usd_per_t": value(f"{i}/usd_per_t_p50", number(r.usd_per_t_p50, 0)),
        "co2e": value(f"{i}/co2e_kg_per_t", number(r.co2e_kg_per_t, 0)),
        "km": value(f"{i}/km", number(r.km, 0)),
        "borders": value(f"{i}/borders", str(r.borders)),
        "transfers": value(f"{i}/transfers", str(r.transfers)),
        "share": value(f"{i}/share", f"{100 * r.share:.0f} %"),
        "assumed_time": value(f"{i}/assumed_share_time", f"{100 * r.assumed_share_time:.0f} %"),
        "assumed_price": value(f"{i}/assumed_share_price", f"{100 * r.assumed_share_price:.0f} %"),
    }


def _regimes(flags: tuple[str, ...]) -> str:
    """Regimes by jurisdiction in one line; the list below the table gives their dates."""
    known: dict[str, dict[str, None]] = {}
    for flag in flags:
        place, _, rest = flag.partition(":")
        words = rest.rpartition(": ")[2].partition(" (as of")[0]
        known.setdefault(place, {}).update(dict.fromkeys(w.strip() for w in words.split(",")))
    return "; ".join(f"{place} {', '.join(regimes)}" for place, regimes in known.items())


def _flags(routes: pd.DataFrame) -> list[list[str]]:
    """Regimes of the jurisdictions passed, their dates, and the routes that pass them."""
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
        rows.append([place.replace("_", " "), regimes, date, told])
    return rows


def _rule(r: Any) -> list[str]:
    """A rule of passage: what it does, when, and how it is known."""
    dates = f"{r.from_date or '…'} to {r.to_date or 'no end known'}"
    basis = f"{r.rule_basis}, {r.value_kind}"
    return [r.rule_id, ACTS[r.acts], r.effect, dates, basis, ", ".join(r.source_id)]


def time_and_money(run: Run) -> str:
    """Hours by element and price by part, then time and cost over distance for the best route."""
    if "queries" not in run.manifest["tables"]:
        return ""
    queries, routes, legs = run.rows("queries"), run.rows("routes"), run.rows("legs")
    found = queries[queries["status"] == "found"].itertuples(index=False)
    sets = [(q, routes[routes["query_id"] == q.query_id].head(MOST_CHARTED)) for q in found]
    return fill("time_and_money.html", queries=[_split(q, own, legs) for q, own in sets])


def _split(q: Any, routes: pd.DataFrame, legs: pd.DataFrame) -> dict[str, object]:
    """Hours and price of a set of routes by part; the best one leg by leg."""
    hours, money = [], []
    for r in routes.itertuples(index=False):
        mine = legs[legs["route_id"] == r.route_id]
        name = f"{r.rank}. {r.name}"
        by_element = mine.groupby("element")["hours_p50"].sum()
        hours.append((name, [float(by_element.get(e, 0.0)) / 24 for e in ELEMENT_COLOURS]))
        money.append((name, [mine[f"{p}_usd"].sum() for p in PARTS]))
    time_parts = [
        (ELEMENT_COLOURS["transport"], "moving"),
        (ELEMENT_COLOURS["border"], "borders"),
        (ELEMENT_COLOURS["hub"], "terminals, transfers, waits"),
    ]
    price_parts = [(c, PART_NAMES[p]) for c, p in zip(COLOURS, PARTS, strict=False)]
    best, unit = routes.iloc[0], UNIT_NAMES.get(q.unit, q.unit)
    first = legs[legs["route_id"] == best["route_id"]]
    return {
        "title": q.title,
        "unit_name": unit,
        "best": best["name"],
        "days": stacked_bars(hours, time_parts, "days", f"Days by element: {q.title}"),
        "prices": stacked_bars(money, price_parts, "USD", f"Price by part: {q.title}"),
        "distance": distance_charts(first, str(best["name"]), unit),
        "legs": [_leg(leg) for leg in first.itertuples(index=False)],
    }


def _leg(leg: Any) -> dict[str, object]:
    """A line of the table of legs."""
    i = f"legs/{leg.route_id}/{leg.leg}"
    money = leg.haulage_usd + leg.handling_usd + leg.border_usd + leg.fee_usd + leg.insurance_usd
    ends = (leg.from_name,) if leg.from_name == leg.to_name else (leg.from_name, leg.to_name)
    return {
        "leg": leg.leg,
        "what": leg.what,
        "where": " – ".join(ends),
        "within": "-".join(leg.jurisdictions),
        "km": number(leg.km, 0) if leg.km else "",
        "hours": value(f"{i}/hours_p50", span(leg.hours_p10, leg.hours_p50, leg.hours_p90, 0)),
        "usd": value(f"{i}/{SUMMED}", number(money, 0)),
        "co2e": number(leg.co2e_kg_per_t, 0) if leg.co2e_kg_per_t else "",
        "value_kind": leg.value_kind,
        "source_id": leg.source_id,
    }

"""From a set of routes to result tables (declared in schema/results)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from entrepot.kernels.arrays import FloatArray
from entrepot.network.graph import MODES, ArcKind
from entrepot.routes.choice import shares_of
from entrepot.routes.corridors import Traits, tell_apart
from entrepot.routes.evaluate import Sampled, sample
from entrepot.routes.find import unruled_arcs
from entrepot.routes.legs import (
    Leg,
    LegMaker,
    legal_flags,
)

if TYPE_CHECKING:
    from entrepot.cost.passage import Rule
    from entrepot.routes.query import Candidate, RouteSet

TIE = (10.0, 90.0)  # two routes tie when zero lies within these percentiles of their difference


def route_tables(routes: RouteSet) -> dict[str, pd.DataFrame]:
    """Tables queries, routes, legs, route_points and rules_in_force."""
    made = [_Evaluated(routes, c) for c in routes.candidates]
    shares, extra = shares_of(routes)
    for m, add in zip(made, extra, strict=True):
        m.overall += float(add)
    order = _order(routes.query.by, made)
    made = [made[i] for i in order]
    shares = shares[order]
    names = _names(routes, [m.traits for m in made])
    rows, legs, points = [], [], []
    for i, m in enumerate(made):
        route_id = f"{routes.query.query_id}/{i + 1}"
        rows.append(_route_row(routes, m, made, i, route_id, names[i], float(shares[i])))
        legs += _leg_rows(routes, m, route_id)
        points += _point_rows(routes, m, route_id)
    return {
        "queries": pd.DataFrame([_query_row(routes)]),
        "routes": pd.DataFrame(rows),
        "legs": pd.DataFrame(legs),
        "route_points": pd.DataFrame(points),
        "rules_in_force": pd.DataFrame(_rule_rows(routes)),
    }


class _Evaluated:
    """A candidate with its legs and draws."""

    def __init__(self, routes: RouteSet, candidate: Candidate) -> None:
        session, pricing = routes.session, routes.pricing
        self.candidate = candidate
        self.traits: Traits = session.namer.traits(candidate.path)
        maker = LegMaker(session.world, session.network, pricing.costs, routes.passage)
        self.legs: list[Leg] = maker.legs(candidate)
        leg_of = [i for i, leg in enumerate(self.legs) for _ in leg.arcs]
        self.drawn: Sampled = sample(
            pricing.costs, pricing.draws, candidate.path, candidate.effect, leg_of
        )
        self.maker = maker
        payload = pricing.cargo.payload_t
        self.hours: FloatArray = np.cumsum(self.drawn.hours, axis=0)
        self.usd: FloatArray = np.cumsum(self.drawn.usd, axis=0) * payload
        self.days = [float(x) for x in np.percentile(self.hours[-1] / 24, (10, 50, 90))]
        self.price = [float(x) for x in np.percentile(self.usd[-1], (10, 50, 90))]
        arcs = np.array(candidate.path)
        self.co2e = float(pricing.costs.co2e[arcs].sum())
        self.km = float(session.network.km[arcs].sum())
        self.overall_draws = self.drawn.usd.sum(axis=0) + (
            self.drawn.hours.sum(axis=0) * pricing.cargo.usd_per_t_hour
        )
        self.overall = candidate.cost

    def ranked_by(self, by: str) -> float:
        return {
            "overall": self.overall,
            "cost": self.price[1],
            "time": self.days[1],
            "co2": self.co2e,
            "reliability": self.days[2] - self.days[1],
        }[by]

    def draws_of(self, by: str) -> FloatArray | None:
        """Draws of what the order is by, where it has any."""
        return {"overall": self.overall_draws, "cost": self.usd[-1], "time": self.hours[-1]}.get(by)


def _order(by: str, made: list[_Evaluated]) -> list[int]:
    return sorted(range(len(made)), key=lambda i: (made[i].ranked_by(by), i))


def _names(routes: RouteSet, passed: list[Traits]) -> list[str]:
    world = routes.session.world
    nodes = world.table("nodes")
    place_names = dict(zip(nodes["node_id"], nodes["name"], strict=True))
    gates = nodes.loc[nodes["kind"].isin(["port", "border_crossing"]), "node_id"]
    ends = {routes.origin.nodes[0], routes.destination.nodes[0]}
    return tell_apart(
        [routes.session.namer.name(t)[1] for t in passed],
        passed,
        place_names,
        frozenset(set(gates) - ends),
    )


def _query_row(routes: RouteSet) -> dict[str, object]:
    query, cargo = routes.query, routes.pricing.cargo
    title = query.title or f"{routes.origin.label} to {routes.destination.label}: {cargo.name}"
    return {
        "query_id": query.query_id,
        "title": title,
        "origin": routes.origin.label,
        "destination": routes.destination.label,
        "origin_country": routes.origin.country,
        "destination_country": routes.destination.country,
        "commodity": cargo.commodity,
        "unit": cargo.unit,
        "payload_t": cargo.payload_t,
        "usd_per_t": cargo.usd_per_t,
        "on": routes.pricing.when.text,
        "by": query.by,
        "status": routes.status,
        "message": routes.message,
    }


def _route_row(
    routes: RouteSet,
    m: _Evaluated,
    made: list[_Evaluated],
    i: int,
    route_id: str,
    name: str,
    share: float,
) -> dict[str, object]:
    network, costs = routes.session.network, routes.pricing.costs
    arcs = np.array(m.candidate.path)
    cargo = routes.pricing.cargo
    kind = network.kind[arcs]
    better, reason = _dominated(made, i)
    extra_hours = sum(r.value for r, _ in m.candidate.effect.hours)
    return {
        "query_id": routes.query.query_id,
        "rank": i + 1,
        "route_id": route_id,
        "corridor_id": routes.session.namer.name(m.traits)[0],
        "name": name,
        "modes": m.traits.modes,
        "tie": i > 0 and _tie(made[i - 1], m, routes.query.by),
        "days_p10": m.days[0],
        "days_p50": m.days[1],
        "days_p90": m.days[2],
        "usd_per_unit_p10": m.price[0],
        "usd_per_unit_p50": m.price[1],
        "usd_per_unit_p90": m.price[2],
        "usd_per_t_p50": m.price[1] / cargo.payload_t,
        "overall_usd_per_t": m.overall,
        "time_usd_per_t": float(costs.mean_hours()[arcs].sum() + extra_hours)
        * cargo.usd_per_t_hour,
        "reliability_usd_per_t": float(costs.hours_spread()[arcs].sum())
        * cargo.usd_per_t_hour
        * cargo.reliability_ratio,
        "share": share,
        "co2e_kg_per_t": m.co2e,
        "km": m.km,
        "borders": int((kind == ArcKind.BORDER).sum()),
        "transfers": int((kind == ArcKind.TRANSFER).sum()),
        "jurisdictions": m.traits.jurisdictions,
        "legal_flags": legal_flags(routes.session.world, m.traits.jurisdictions, m.traits.places),
        "rules": tuple(dict.fromkeys(r.rule_id for r, _ in m.candidate.effect.rules)),
        "dominated_by": better,
        "dominated_reason": reason,
        "assumed_share_time": m.maker.assumed_share(m.candidate.path, "time"),
        "assumed_share_price": m.maker.assumed_share(m.candidate.path, "price"),
        "facts": m.maker.sources(m.candidate.path),
    }


def _tie(one: _Evaluated, other: _Evaluated, by: str) -> bool:
    """Whether the order of two routes lies within the uncertainty of their difference."""
    a, b = one.draws_of(by), other.draws_of(by)
    if a is None or b is None:
        return one.ranked_by(by) == other.ranked_by(by)
    low, high = np.percentile(b - a, TIE)
    return bool(low <= 0 <= high)


def _dominated(made: list[_Evaluated], i: int) -> tuple[int | None, str]:
    """Rank of a route no worse in price, days, spread, CO2e and practice, and why."""
    own = made[i]
    for j, other in enumerate(made):
        if j == i or other.candidate.effect.weight < own.candidate.effect.weight:
            continue
        pairs = [
            (other.price[1], own.price[1], "cheaper"),
            (other.days[1], own.days[1], "faster"),
            (other.days[2] - other.days[1], own.days[2] - own.days[1], "more reliable"),
            (other.co2e, own.co2e, "cleaner"),
        ]
        if all(a <= b for a, b, _ in pairs) and any(a < 0.98 * b for a, b, _ in pairs):
            words = [w for a, b, w in pairs if a < 0.98 * b]
            return j + 1, f"Route {j + 1} is {', '.join(words)} and no worse in anything else."
    return None, ""


def _leg_rows(routes: RouteSet, m: _Evaluated, route_id: str) -> list[dict[str, object]]:
    payload = routes.pricing.cargo.payload_t
    network, world = routes.session.network, routes.session.world
    out, km = [], 0.0
    for i, leg in enumerate(m.legs):
        arcs = np.array(leg.arcs)
        own_km = float(network.km[arcs].sum())
        km += own_km
        hours = np.percentile(m.drawn.hours[i], (10, 50, 90))
        cumulated = np.percentile(m.hours[i], (10, 50, 90))
        money = m.drawn.money[i] * payload
        out.append(
            {
                "route_id": route_id,
                "leg": i + 1,
                "element": leg.element,
                "what": leg.what,
                "mode": leg.mode,
                "from_node_id": leg.start,
                "to_node_id": leg.end,
                "from_name": m.maker.name(leg.start),
                "to_name": m.maker.name(leg.end),
                "jurisdictions": leg.jurisdictions,
                "legal_flags": legal_flags(world, leg.jurisdictions, (leg.start, leg.end)),
                "km": own_km,
                "hours_p10": float(hours[0]),
                "hours_p50": float(hours[1]),
                "hours_p90": float(hours[2]),
                "haulage_usd": float(money[0]),
                "handling_usd": float(money[1]),
                "border_usd": float(money[2]),
                "fee_usd": float(money[3]),
                "insurance_usd": float(money[4]),
                "co2e_kg_per_t": float(routes.pricing.costs.co2e[arcs].sum()),
                "cum_km": km,
                "cum_hours_p10": float(cumulated[0]),
                "cum_hours_p50": float(cumulated[1]),
                "cum_hours_p90": float(cumulated[2]),
                "cum_usd_p50": float(np.median(m.usd[i])),
                "rules": leg.rules,
                "value_kind": m.maker.weakest_kind(leg.arcs),
                "source_id": m.maker.sources(leg.arcs),
            }
        )
    return out


def _point_rows(routes: RouteSet, m: _Evaluated, route_id: str) -> list[dict[str, object]]:
    network = routes.session.network
    out: list[dict[str, object]] = []
    mode = ""
    for arc in m.candidate.path:
        if network.mode[arc] >= 0:
            mode = MODES[network.mode[arc]]
        for vertex in (network.tail[arc], network.head[arc]):
            place = int(network.vertex_place[vertex])
            if place < 0 or (out and out[-1]["node_id"] == network.place_id[place]):
                continue
            out.append(
                {
                    "route_id": route_id,
                    "seq": len(out),
                    "node_id": network.place_id[place],
                    "name": network.place_name[place],
                    "lat": float(network.place_lat[place]),
                    "lon": float(network.place_lon[place]),
                    "mode": mode if out else "",
                }
            )
    return out


def _rule_rows(routes: RouteSet) -> list[dict[str, object]]:
    """Rules that close a route of this pair, and those that touch a route."""
    table = routes.session.world.table("passage_rules")
    acts: dict[int, str] = {}
    for candidate in routes.candidates:
        changing = {r.row for r in routes.passage.changes}
        for rule, _ in candidate.effect.rules:
            acts[rule.row] = "changes" if rule.row in changing else "notes"
    for rule in _closing_that_matter(routes):
        acts[rule.row] = "closes"
    out = []
    for i in sorted(acts):
        row = table.iloc[i]
        out.append(
            {
                "query_id": routes.query.query_id,
                "rule_id": row["rule_id"],
                "rule": row["rule"],
                "effect": row["effect"],
                "acts": acts[i],
                "rule_basis": row["rule_basis"],
                "from_date": row["from_date"].isoformat() if row["from_date"] else "",
                "to_date": row["to_date"].isoformat() if row["to_date"] else "",
                "value_kind": row["value_kind"],
                "source_id": row["source_id"],
                "note": row["note"],
            }
        )
    return out


def _closing_that_matter(routes: RouteSet) -> list[Rule]:
    """Closing rules on routes that the pair would use without rules."""
    if not routes.passage.closing:
        return []
    used = unruled_arcs(routes)
    return [r for r in routes.passage.closing if used & set(r.arcs.tolist())]

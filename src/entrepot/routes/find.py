"""Routes between two places: the door of this room.

>>> routes = find_routes(load_world(), RouteQuery("almaty", "bandar abbas", commodity="cereals"))
>>> route_tables(routes)["routes"][["name", "days_p50", "usd_per_t_p50"]]
"""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from entrepot.cost.passage import Passage
from entrepot.errors import UnknownNameError, UsageError
from entrepot.facts.places import Place, describe_place
from entrepot.facts.world import World
from entrepot.kernels.arrays import FloatArray
from entrepot.network.select import arcs_at
from entrepot.routes.alternatives import Generator
from entrepot.routes.evaluate import generalised_cost, penalty, rule_effect
from entrepot.routes.query import ORDERS, Candidate, RouteQuery, RouteSet
from entrepot.routes.session import Pricing, Session


def find_routes(world: World, query: RouteQuery, *, session: Session | None = None) -> RouteSet:
    """Routes of a query, best first; closed and unreachable pairs are an answer, not an error."""
    session = session or Session.open(world)
    if query.by not in ORDERS:
        raise UsageError(f"Unknown sort order '{query.by}'. Known: {', '.join(ORDERS)}.")
    origin = describe_place(world, query.origin)
    destination = describe_place(world, query.destination)
    if origin.nodes[0] == destination.nodes[0]:
        raise UsageError(f"Origin and destination are the same place, {origin.label}.")
    _check_carrier(session, query.carrier)
    pricing = session.pricing(query.commodity, query.unit, query.on, query.with_planned)
    passage = pricing.rulebook.passage(origin.country, destination.country, query.carrier)
    shut = _avoided(session, query.avoid)
    ends = (
        session.network.origin(origin.nodes[0]),
        session.network.destination(destination.nodes[0]),
    )
    stages = _stages(session, query.via)
    candidates = candidate_routes(session, pricing, passage, ends, shut=shut, stages=stages)
    status, message, closing = "found", f"{len(candidates)} routes found.", passage.closing
    if not candidates:
        status, message = _why_not(
            session, pricing, passage, ends, shut, stages, origin, destination
        )
    return RouteSet(
        query, session, pricing, passage, origin, destination, candidates, status, message, closing
    )


def unruled_arcs(routes: RouteSet) -> frozenset[int]:
    """Arcs of the best routes there would be without rules of passage."""
    network = routes.session.network
    free = Passage.free(network.n_arc)
    ends = (
        network.origin(routes.origin.nodes[0]),
        network.destination(routes.destination.nodes[0]),
    )
    found = candidate_routes(routes.session, routes.pricing, free, ends)
    return frozenset(a for c in found[:5] for a in c.path)


def candidate_routes(
    session: Session,
    pricing: Pricing,
    passage: Passage,
    ends: tuple[int, int],
    *,
    shut: NDArray[np.bool_] | None = None,
    stages: tuple[tuple[int, ...], ...] = (),
) -> tuple[Candidate, ...]:
    """Admitted paths between two vertices, cheapest first by generalised cost and weight."""
    generator = make_generator(session, pricing, passage, ends, shut=shut, stages=stages)
    paths = generator.candidates(*ends)
    if not paths:
        return ()
    network, costs = session.network, pricing.costs
    kinds, back = session.kinds.kinds(paths)
    kept = [i for i in range(len(paths)) if i == 0 or not back[i]]
    paths, kinds = [paths[i] for i in kept], [kinds[i] for i in kept]
    effects = [rule_effect(network, costs, passage, p) for p in paths]
    cost = np.array(
        [
            generalised_cost(costs, pricing.overall, p, e)
            for p, e in zip(paths, effects, strict=True)
        ]
    )
    ranked = cost + penalty(effects, float(cost.min()), session.dispersion)
    chosen = generator.select(paths, ranked, kinds)
    return tuple(Candidate(paths[i], float(cost[i]), effects[i]) for i in chosen)


def make_generator(
    session: Session,
    pricing: Pricing,
    passage: Passage,
    ends: tuple[int, int],
    *,
    shut: NDArray[np.bool_] | None = None,
    stages: tuple[tuple[int, ...], ...] = (),
) -> Generator:
    """Search weights of a pair: what is closed is infinite, the effects of rules sit on arcs.

    On arcs a rule's effect counts as often as the path meets it; candidates are priced exactly
    afterwards. The weight 'unruled' ignores habits, so that a usual route shut by habit is seen.
    """
    costs = pricing.costs
    blocked, base, habit = search_costs(session, pricing, passage, shut)
    make = partial(
        Generator,
        session.network,
        session.closures,
        session.limits,
        stages=stages,
        reverse=session.reverse,
    )
    generator = make({"overall": base})
    least = generator.least(*ends)
    if habit.any() and np.isfinite(least):
        generator = make({"overall": base + habit * least, "unruled": base})
    infinite = np.where(blocked, np.inf, 0.0)
    generator.weights["time"] = infinite + costs.mean_hours() + 1e-6
    generator.weights["price"] = infinite + costs.money.sum(axis=0) + 1e-6
    generator.weights["co2e"] = infinite + costs.co2e + 1e-6
    return generator


def search_costs(
    session: Session,
    pricing: Pricing,
    passage: Passage,
    shut: NDArray[np.bool_] | None = None,
) -> tuple[NDArray[np.bool_], FloatArray, FloatArray]:
    """(n_arc,) what is blocked, USD/t with the rules' effects, and the habits as parts of C0."""
    costs, network = pricing.costs, session.network
    gone = passage.closed if shut is None else passage.closed | shut
    blocked = gone | ~costs.usable
    cargo = costs.cargo
    added, habit = np.zeros(network.n_arc), np.zeros(network.n_arc)
    for rule in passage.changes:
        if rule.beyond_km:
            continue
        arcs = rule.arcs[network.km[rule.arcs] > 0]
        if rule.quantity == "hours":
            added[arcs] += rule.value * cargo.usd_per_t_hour
        elif rule.quantity == "usd_per_teu":
            added[arcs] += cargo.per_box_usd_per_t(rule.value)
        elif rule.quantity == "load_factor":
            added[arcs] += costs.money[0, arcs] * (1 / rule.value - 1)
        elif rule.quantity == "choice_weight":
            habit[arcs] += -np.log(rule.value) / session.dispersion
    return blocked, np.where(blocked, np.inf, pricing.overall + added), habit


def _check_carrier(session: Session, carrier: str | None) -> None:
    zones = session.world.table("zones")["zone_id"]
    known = dict.fromkeys((*session.network.place_country, *zones))
    if carrier is not None and carrier not in known:
        raise UnknownNameError(carrier, "country of registration (alpha-3)", known)


def _avoided(session: Session, tokens: tuple[str, ...]) -> NDArray[np.bool_] | None:
    """Arcs the user wants closed."""
    if not tokens:
        return None
    network = session.network
    shut = np.zeros(network.n_arc, dtype=bool)
    known = [*network.place_id, *dict.fromkeys(network.place_country)]
    known += [c.name for c in session.closures.all]
    by_name = {c.name: c.arcs for c in session.closures.all}
    for token in tokens:
        if token in by_name and token.upper() != token:
            arcs = by_name[token]
        else:
            arcs = arcs_at(network, [token.upper() if len(token) == 3 else token.lower()])
        if len(arcs) == 0:
            raise UnknownNameError(
                token, "place, jurisdiction, mode:…, basin:… or chokepoint", known
            )
        shut[arcs] = True
    return shut


def _stages(session: Session, via: tuple[str, ...]) -> tuple[tuple[int, ...], ...]:
    """Vertices of each place to pass."""
    network = session.network
    out = []
    for item in via:
        places = []
        for token in item.split("|"):
            places += list(describe_place(session.world, token).nodes)
        wanted = {network.place_index[p] for p in places}
        out.append(
            tuple(
                v
                for v in range(network.n_vertex)
                if network.vertex_place[v] in wanted
                and network.vertex_layer[v] not in ("origin", "destination")
            )
        )
    return tuple(out)


def _why_not(
    session: Session,
    pricing: Pricing,
    passage: Passage,
    ends: tuple[int, int],
    shut: NDArray[np.bool_] | None,
    stages: tuple[tuple[int, ...], ...],
    origin: Place,
    destination: Place,
) -> tuple[str, str]:
    """Why there is no route, as a status and a sentence."""
    cargo = pricing.cargo
    free = Passage.free(len(passage.closed))
    goods = f"{cargo.name} by {cargo.unit}"
    pair = f"from {origin.label} to {destination.label}"
    if shut is not None and candidate_routes(session, pricing, passage, ends, stages=stages):
        return "closed", f"No route {pair} for {goods} once what you avoid is closed."
    without_rules = candidate_routes(session, pricing, free, ends, shut=shut, stages=stages)
    if without_rules:
        path = set(without_rules[0].path)
        guilty = [r.rule_id for r in passage.closing if path & set(r.arcs.tolist())]
        shut_by = (
            f"rule {guilty[0]} shuts" if len(guilty) == 1 else f"rules {', '.join(guilty)} shut"
        )
        return "closed", (
            f"No route {pair} for {goods} on {pricing.when.text}: {shut_by} the routes there are."
        )
    reach = f"No route {pair} for {goods} in this network"
    for place, word in ((origin, "leaves"), (destination, "reaches")):
        links = arcs_at(session.network, place.nodes[:1])
        if not pricing.costs.usable[links].any():
            return (
                "unreachable",
                f"{reach}: nothing that carries a {cargo.unit} {word} {place.label}.",
            )
    return (
        "unreachable",
        f"{reach} on {pricing.when.text}. Try another unit or date, or planned links.",
    )

"""Routes between two places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from entrepot.answers.answer import Answer
    from entrepot.facts.world import World
    from entrepot.routes.query import RouteQuery, RouteSet


class AnswersRoutes(Protocol):
    """What routes can be asked of beside a world: an engine, which keeps its network."""

    def routes(self, query: RouteQuery) -> RouteSet: ...


def find_routes(world: World | AnswersRoutes, query: RouteQuery) -> Answer:
    """Find routes that differ in kind, best first, with days, price, CO2e and how sure each is.

    Tables: routes (days, USD a load unit and USD/t, each as P10, P50, P90; km; kg CO2e/t; share by
    path-size logit), legs (hours and USD by leg), route_points, rules_in_force and queries. A pair
    that is closed or cannot be reached is an answer: its status says which, its notes why.
    Raises UsageError and UnknownNameError for a query that makes no sense.

    >>> answer = ep.find_routes(ep.load_world(), ep.RouteQuery("almaty", "tehran", unit="feu"))
    >>> answer.status
    'ok'
    >>> list(answer.to_frame().columns[:4])
    ['query_id', 'rank', 'route_id', 'corridor_id']
    """
    from entrepot.answers.answer import make_answer
    from entrepot.routes.legs import legal_flags
    from entrepot.routes.tables import route_tables

    routes = _routes_of(world, query)
    facts = routes.session.world
    tables = route_tables(routes)
    return make_answer(
        "routes",
        {name: tables[name] for name in _first("routes", tables)},
        status="ok" if routes.candidates else routes.status,
        world=facts,
        notes=() if routes.candidates else (routes.message,),
        flags=legal_flags(facts, (routes.origin.country, routes.destination.country)),
    )


def explain_route(world: World | AnswersRoutes, query: RouteQuery, rank: int = 1) -> Answer:
    """Explain one route of a query: leg by leg, with the facts each leg rests on.

    rank : which of the routes, from 1
    Tables: routes (one row), legs, route_points, queries, rules_in_force and sources.
    Raises InfeasibleError where there is no route, UsageError where there is none of that rank.

    >>> answer = ep.explain_route(ep.load_world(), ep.RouteQuery("almaty", "tehran"), rank=2)
    >>> answer.to_frame("legs")["route_id"].unique().tolist()
    ['q1/2']
    """
    from entrepot.answers.answer import make_answer
    from entrepot.errors import InfeasibleError, UsageError

    found = find_routes(world, query)
    routes = found.tables["routes"]
    if not len(routes):
        raise InfeasibleError(found.notes[0])
    if not 1 <= rank <= len(routes):
        raise UsageError(f"There is no route {rank}; the list has {len(routes)}.")
    route = routes.iloc[rank - 1]
    tables = {
        name: t[t["route_id"] == route["route_id"]] if "route_id" in t.columns else t
        for name, t in found.tables.items()
    }
    facts = found.world.facts if found.world else None
    if facts is not None:
        sources = facts.table("sources")
        tables["sources"] = sources[sources["source_id"].isin(route["facts"])]
    return make_answer("route", tables, world=facts, flags=list(found.flags["flag"]))


def _routes_of(world: World | AnswersRoutes, query: RouteQuery) -> RouteSet:
    """Routes of a query; only a world has to build its network first."""
    from entrepot.facts.world import World
    from entrepot.routes.find import find_routes as find

    return find(world, query) if isinstance(world, World) else world.routes(query)


def _first(main: str, names: Iterable[str]) -> list[str]:
    """Names with one of them put first."""
    return [main, *(n for n in names if n != main)]

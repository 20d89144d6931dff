"""Routes of a cargo between two places: tables queries, routes, legs, route_points, rules_in_force."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from entrepot.cost.cargo import make_cargo
from entrepot.cost.when import When
from entrepot.engine.engine import Engine
from entrepot.engine.question import Options, Question, Records, Tables
from entrepot.errors import EntrepotError
from entrepot.facts.places import describe_place
from entrepot.facts.world import World
from entrepot.routes.find import find_routes
from entrepot.routes.query import ORDERS, RouteQuery
from entrepot.routes.tables import route_tables


class RouteOptions(Options):
    """Options of a set of routes; the words are those of `entrepot routes`.

    id : names the set in the tables; on : date of the rules, None for that of the study
    """

    id: str
    title: str
    origin: str
    destination: str
    commodity: str | None = None
    unit: str | None = None
    by: str = "overall"
    on: str | None = None
    avoid: tuple[str, ...] = ()
    via: tuple[str, ...] = ()
    with_planned: bool = False
    carrier: str | None = None

    def query(self) -> RouteQuery:
        """The same as a query."""
        return RouteQuery(
            self.origin,
            self.destination,
            self.commodity,
            self.unit,
            self.by,
            self.avoid,
            self.via,
            self.on,
            self.with_planned,
            self.carrier,
            self.id,
            self.title,
        )


def check(world: World, options: RouteOptions) -> Sequence[str]:
    """Names of a query that the facts do not know."""
    faults = []
    places = (
        options.origin,
        options.destination,
        *(p for v in options.via for p in v.split("|")),
    )
    checks: list[Callable[[], object]] = [partial(describe_place, world, p) for p in places]
    checks.append(partial(When.parse, options.on or world.meta["default_date"]))
    checks.append(partial(make_cargo, world, options.commodity, options.unit))
    for one in checks:
        try:
            one()
        except EntrepotError as error:
            faults.append(str(error))
    if options.by not in ORDERS:
        faults.append(f"Unknown sort order '{options.by}'. Known: {', '.join(ORDERS)}.")
    return faults


def tables(engine: Engine, options: RouteOptions, done: Records) -> Tables:
    """The route tables of one query."""
    return route_tables(find_routes(engine.world, options.query(), session=engine.session))


QUESTIONS = (
    Question(
        "routes",
        RouteOptions,
        lambda options: f"routes: {options.title}",
        ("queries", "routes", "legs", "route_points", "rules_in_force"),
        many=True,
        check=check,
        tables=tables,
    ),
)

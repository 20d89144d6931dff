"""A query of routes between two places, and its answer as objects."""

from __future__ import annotations

from dataclasses import dataclass

from entrepot.cost.passage import Passage, Rule
from entrepot.facts.places import Place
from entrepot.kernels.short_repr import short_repr
from entrepot.routes.alternatives import ArcPath
from entrepot.routes.evaluate import RuleEffect
from entrepot.routes.session import Pricing, Session

ORDERS = ("overall", "cost", "time", "co2", "reliability")


@dataclass(frozen=True, slots=True)
class RouteQuery:
    """What is asked.

    origin, destination : places or economies, by id, name or alpha-3 code
    commodity, unit     : None means general cargo and the commodity's usual unit
    by                  : order of the answer, one of ORDERS
    avoid               : alpha-3 codes, places, links, 'mode:sea', 'basin:caspian'
    via                 : places to pass in this order; '|' between alternatives
    on                  : 2026-06-30, 2026-06 or 2026; None is the world's date
    with_planned        : use planned links and those under construction
    carrier             : alpha-3 code of the registration of a truck; None lets it be either end's

    >>> ep.RouteQuery("shanghai", "duisburg", unit="feu", avoid=("RUS",), on="2025-06").by
    'overall'
    """

    origin: str
    destination: str
    commodity: str | None = None
    unit: str | None = None
    by: str = "overall"
    avoid: tuple[str, ...] = ()
    via: tuple[str, ...] = ()
    on: str | None = None
    with_planned: bool = False
    carrier: str | None = None
    query_id: str = "q1"
    title: str = ""


@short_repr
@dataclass(frozen=True, slots=True)
class Candidate:
    """One admitted path. cost: USD/t generalised, rules' hours and charges in, weight not."""

    path: ArcPath
    cost: float
    effect: RuleEffect


@short_repr
@dataclass(frozen=True, slots=True)
class RouteSet:
    """The answer to a query.

    status  : 'found', 'closed' (a route exists, the rules of the date shut it) or 'unreachable'
    message : the status as a sentence
    """

    query: RouteQuery
    session: Session
    pricing: Pricing
    passage: Passage
    origin: Place
    destination: Place
    candidates: tuple[Candidate, ...]
    status: str
    message: str
    closing: tuple[Rule, ...]

"""Answers to the questions of a study, in this process or in several.

The answers do not depend on who computes them: each process builds the same session from the same
facts and seed.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import pandas as pd

from entrepot.cost.cargo import make_cargo
from entrepot.cost.when import When
from entrepot.errors import BadInputError, EntrepotError
from entrepot.facts.places import describe_place
from entrepot.facts.world import World, load_world
from entrepot.flows.query import ORDERS, RouteQuery, find_routes
from entrepot.flows.session import Session
from entrepot.questions.validation import Validation, validate
from entrepot.studies.definition import Study, StudyQuery

Tables = dict[str, pd.DataFrame]


def check_queries(world: World, study: Study) -> None:
    """Raise with every name of a study that the facts do not know."""
    faults = []
    date = study.on or world.meta["default_date"]
    checks: list[tuple[str, Callable[[], object]]] = [("study", partial(When.parse, date))]
    for query in study.query:
        where = f"query '{query.id}'"
        places = (query.origin, query.destination, *(p for v in query.via for p in v.split("|")))
        checks += [(where, partial(describe_place, world, place)) for place in places]
        if query.on:
            checks.append((where, partial(When.parse, query.on)))
        checks.append((where, partial(make_cargo, world, query.commodity, query.unit)))
        if query.by not in ORDERS:
            faults.append(f"{where}: '{query.by}' is no order. Known: {', '.join(ORDERS)}.")
    for where, check in checks:
        try:
            check()
        except EntrepotError as error:
            faults.append(f"{where}: {error}")
    if faults:
        raise BadInputError(f"{study.name}:\n  " + "\n  ".join(faults))


def answers(
    study: Study, world: World, data: Path | None, seed: int, jobs: int, told: Callable[[str], None]
) -> tuple[list[Tables], Validation | None]:
    """Route tables of each query, in the order of the study, and the validation if asked for.

    told : called with a title when its answer is there
    """
    ask = partial(_routes, study.on)
    validation: Callable[[], Validation] | None = None
    with ExitStack() as stack:
        if jobs > 1:
            pool = stack.enter_context(
                ProcessPoolExecutor(jobs, get_context("spawn"), _open_session, (data, seed))
            )
            stack.callback(pool.shutdown, wait=False, cancel_futures=True)
            if study.validation:  # the longest first
                validation = pool.submit(_validation).result
            asked = [pool.submit(ask, query) for query in study.query]
            routes = [future.result for future in asked]
        else:
            _open_session(data, seed, world)
            validation = _validation if study.validation else None
            routes = [partial(ask, query) for query in study.query]
        tables = []
        for query, answer in zip(study.query, routes, strict=True):
            tables.append(answer())
            told(f"routes: {query.title}")
        result = validation() if validation else None
        if validation:
            told("compared with published routes")
    return tables, result


class _Here:
    """The session of this process."""

    session: Session


def _open_session(data: Path | None, seed: int, world: World | None = None) -> None:
    _Here.session = Session.open(world or load_world(data), seed)


def _routes(on: str | None, query: StudyQuery) -> Tables:
    asked = RouteQuery(
        query.origin,
        query.destination,
        query.commodity,
        query.unit,
        query.by,
        query.avoid,
        query.via,
        query.on or on,
        query.with_planned,
        query.carrier,
        query.id,
        query.title,
    )
    return find_routes(_Here.session.world, asked, session=_Here.session).tables()


def _validation() -> Validation:
    return validate(_Here.session)

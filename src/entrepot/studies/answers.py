"""Answers to the questions of a study, in this process or in several.

The answers do not depend on who computes them: each process builds the same session from the same
facts and seed.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import pandas as pd

from entrepot.cost.cargo import make_cargo
from entrepot.cost.when import When
from entrepot.errors import BadInputError, EntrepotError, InfeasibleError, nearest
from entrepot.facts.places import describe_place
from entrepot.facts.world import World, load_world
from entrepot.flows.query import ORDERS, RouteQuery, find_routes
from entrepot.flows.session import Session
from entrepot.questions.pair_trade import PairTrade, pair_trade
from entrepot.questions.validation import Validation, validate
from entrepot.studies.definition import Study, StudyQuery, StudyTrade
from entrepot.trade.world import day_of

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
    if study.trade is not None:
        checks += [
            ("trade", partial(day_of, day))
            for day in (study.trade.on, study.trade.later)
            if day is not None
        ]
        faults += _trade_faults(world, study.pair, study.trade)
    for where, check in checks:
        try:
            check()
        except EntrepotError as error:
            faults.append(f"{where}: {error}")
    if faults:
        raise BadInputError(f"{study.name}:\n  " + "\n  ".join(faults))


def _trade_faults(world: World, pair: tuple[str, ...], trade: StudyTrade) -> list[str]:
    """What [trade] asks that the facts cannot answer."""
    faults = []
    known = set(world.table("zones")["zone_id"])
    if len(set(pair)) != 2 or not set(pair) <= known:
        shown = ", ".join(pair)
        near = [n for p in pair if p not in known for n in nearest(p.upper(), known, 1)]
        hint = f" Nearest: {', '.join(near)}." if near else ""
        faults.append(f"trade: 'pair' must be two economies of the world, found {shown}.{hint}")
    else:
        totals = world.table("trade_totals")
        traded = set(zip(totals["exporter"], totals["importer"], strict=True))
        for way in (pair, pair[::-1]):
            if tuple(way) not in traded:
                faults.append(
                    f"trade: {way[0]} sells nothing to {way[1]} in the base year, so there is no cost "
                    "to take apart; leave [trade] out."
                )
    if trade.draws < 2:
        faults.append(f"trade: 'draws': found {trade.draws}, expected 2 at least.")
    sources = set(world.table("sources")["source_id"])
    for name in ("turnover_source_id", "target_source_id"):
        for source in getattr(trade, name):
            if source not in sources:
                close = nearest(source, sources, 2)
                hint = f" Nearest: {', '.join(close)}." if close else ""
                faults.append(f"trade: '{name}': '{source}' is no source of the facts.{hint}")
    return faults


@dataclass(frozen=True, slots=True)
class Answers:
    """Route tables of each query, in the order of the study, and what else was asked for.

    no_trade : why there are no tables of trade although they were asked for
    """

    routes: list[Tables]
    trade: Tables
    no_trade: str
    validation: Validation | None


def answers(
    study: Study, world: World, data: Path | None, seed: int, jobs: int, told: Callable[[str], None]
) -> Answers:
    """Everything a study asks.

    told : called with a title when its answer is there
    """
    ask = partial(_routes, study.on)
    validation: Callable[[], Validation] | None = None
    trade: Callable[[], tuple[Tables, str]] | None = None
    asked_trade = _asked_trade(study, world, seed)
    with ExitStack() as stack:
        if jobs > 1:
            pool = stack.enter_context(
                ProcessPoolExecutor(jobs, get_context("spawn"), _start_worker, (data, seed))
            )
            stack.callback(pool.shutdown, wait=False, cancel_futures=True)
            if asked_trade is not None:  # the longest first
                trade = pool.submit(_trade, asked_trade).result
            if study.validation:
                validation = pool.submit(_validation).result
            asked = [pool.submit(ask, query) for query in study.query]
            routes = [future.result for future in asked]
        else:
            _open_session(data, seed, world)
            validation = _validation if study.validation else None
            trade = partial(_trade, asked_trade) if asked_trade is not None else None
            routes = [partial(ask, query) for query in study.query]
        tables = []
        for query, answer in zip(study.query, routes, strict=True):
            tables.append(answer())
            told(f"routes: {query.title}")
        parts, why = trade() if trade else ({}, "")
        if trade:
            told("trade of the pair: what stands in between")
        result = validation() if validation else None
        if validation:
            told("compared with published routes")
    return Answers(tables, parts, why, result)


def later_day(study: Study, world: World) -> str:
    """Day of the duties that the trade of the pair is compared with."""
    later = study.trade.later if study.trade is not None else None
    return later or study.on or world.meta["default_date"]


def _asked_trade(study: Study, world: World, seed: int) -> PairTrade | None:
    if study.trade is None:
        return None
    asked = study.trade
    return PairTrade(
        pair=(study.pair[0], study.pair[1]),
        on=asked.on,
        later=later_day(study, world),
        turnover_musd=asked.turnover_musd,
        turnover_year=asked.turnover_year,
        turnover_source_id=asked.turnover_source_id,
        target_musd=asked.target_musd,
        target_source_id=asked.target_source_id,
        draws=asked.draws,
        seed=seed,
    )


class _Here:
    """The session of this process."""

    session: Session


def _start_worker(data: Path | None, seed: int) -> None:
    """An interruption is for the process that waits; workers end with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _open_session(data, seed)


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


def _trade(asked: PairTrade) -> tuple[Tables, str]:
    """Tables, or none and why."""
    try:
        return pair_trade(_Here.session, asked), ""
    except InfeasibleError as error:
        return {}, str(error)


def _validation() -> Validation:
    return validate(_Here.session)

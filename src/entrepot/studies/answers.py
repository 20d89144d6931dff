"""Answers to the questions of a study.

They do not depend on who computes them: each process builds the same session from the same facts
and seed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, get_type_hints

import pandas as pd

from entrepot.dossier import Measure
from entrepot.errors import InfeasibleError
from entrepot.facts.world import World
from entrepot.flows.route_cache import cache_folder, cache_path, cached_route_sets
from entrepot.questions.between.pair_trade import PairTrade, pair_trade
from entrepot.questions.places.feedback import Answering, DrawnSlopes
from entrepot.questions.promises.assumptions import LongRun
from entrepot.questions.promises.attribution import groups_of, subsets
from entrepot.questions.promises.promises import Alone, DrawnPromises
from entrepot.questions.promises.target import Reach
from entrepot.questions.validation.validation import Validation, validate
from entrepot.routes.cargo_class import all_classes
from entrepot.routes.find import find_routes
from entrepot.routes.query import RouteQuery
from entrepot.routes.session import Session
from entrepot.routes.tables import route_tables
from entrepot.studies.checkpoints import Checkpoints
from entrepot.studies.coupled_jobs import (
    AskCoupled,
    Promised,
    dossier_of,
    modelled,
    opening_session,
)
from entrepot.studies.definition import Study, StudyQuery
from entrepot.studies.desk import Desk, Here, Kept

Tables = dict[str, pd.DataFrame]
Effects = tuple[Alone, ...]
# Seconds between words on the time left.
EVERY = 5.0


@dataclass(frozen=True, slots=True)
class Answers:
    """Route tables of each query, in the order of the study, and what else was asked for.

    no_trade : why there are no tables of trade although they were asked for
    coupled_failed : draws of the coupled world without an answer
    """

    routes: list[Tables]
    trade: Tables
    no_trade: str
    coupled: Tables
    coupled_failed: int
    validation: Validation | None


def answers(
    study: Study,
    world: World,
    desk: Desk,
    seed: int,
    told: Callable[[str], None],
    note: Callable[[str], None] = lambda _: None,
    kept: Checkpoints | None = None,
) -> Answers:
    """Everything a study asks.

    desk : where it is answered, open for the facts
    told : called with a title when its answer is there
    note : called with a line on how far a long question is
    kept : answers of an earlier try that was stopped
    """
    coupled = asked_of_coupled(study, seed)
    trade = _asked_trade(study, world, seed)
    kept = kept or Checkpoints(None)
    measures = () if coupled is None else modelled(dossier_of(world, coupled))
    if coupled is not None and desk.jobs > 1 and cache_folder() is not None:
        find_routes_once(world, coupled, measures, seed, desk.jobs)
    routes = [desk.ask(_routes, study.on, query) for query in study.query]
    parts = desk.ask(_trade, trade) if trade is not None else None
    validation = desk.ask(_validation) if study.validation else None
    slow = _Slow(coupled, len(measures), desk.ask, desk.keep, kept, told, note) if coupled else None
    tables = []
    for query, answer in zip(study.query, routes, strict=True):
        tables.append(answer())
        told(f"routes: {query.title}")
    result = validation() if validation else None
    if validation:
        told("compared with published routes")
    pair_tables, why = parts() if parts else ({}, "")
    if parts:
        told("trade of the pair: what stands in between")
    answered = slow.answers() if slow is not None else Answering({}, 0)
    return Answers(tables, pair_tables, why, answered.tables, answered.failed, result)


class _Slow:
    """The questions to the coupled world, asked in the order in which answers need each other."""

    def __init__(
        self,
        ask: AskCoupled,
        measures: int,
        submit: Callable[..., Callable[[], Any]],
        keep: Callable[[Effects], Kept[Effects]],
        kept: Checkpoints,
        told: Callable[[str], None],
        note: Callable[[str], None],
    ) -> None:
        self.ask, self.submit, self.keep, self.kept = ask, submit, keep, kept
        self.told, self.note = told, note
        self.drawn = [self._later(f"slopes-{d}", _slopes, d) for d in range(ask.slopes)]
        self.alone = [self._later(f"alone-{k}", _alone, k) for k in range(measures)]

    def _later(self, name: str, question: Callable[..., Any], *given: Any) -> Callable[[], Any]:
        kind = get_type_hints(question).get("return", Any)
        return self.kept.get_or_submit(name, lambda: self.submit(question, self.ask, *given), kind)

    def answers(self) -> Answering:
        slopes = self._all(self.drawn, "worlds drawn")
        self.told(f"trade and transport together: {len(slopes)} draws")
        answered = self._later("answering", _answering, slopes)
        if not self.alone:
            found: Answering = answered()
            self.told("trade and transport together: borders and places")
            return found
        effects = tuple(self._all(self.alone, "measures"))
        self.told(f"promises: {len(effects)} measures alone")
        alone = self.keep(effects)
        kinds = self._later("kinds", _kinds, alone)()
        sets = subsets(kinds)
        values = [
            self._later(f"set-{'-'.join(sorted(some)) or 'none'}", _set_value, alone, some)
            for some in sets
        ]
        levels = self._later("levels", _levels, alone)
        reach = self._later("reach", _reach, alone)
        drawn = [self._later(f"promises-{d}", _promises, alone, d) for d in range(self.ask.draws)]
        found = answered()
        self.told("trade and transport together: borders and places")
        worth = dict(zip(sets, self._all(values, "sets of promises"), strict=True))
        self.told(f"promises: {len(sets)} sets of kinds")
        fates = self._all(drawn, "draws of promises")
        self.told(f"promises: {len(fates)} draws")
        given = (alone, worth, levels(), reach(), fates)
        promised = self._later("promised", _promised, *given)()
        self.told("promises: tables")
        return Answering(found.tables | promised.tables, found.failed + promised.failed)

    def _all(self, waiting: list[Callable[[], Any]], what: str) -> list[Any]:
        """All answers, with a word on the time left now and then."""
        out, start, last = [], time.perf_counter(), time.perf_counter()
        for done, one in enumerate(waiting, start=1):
            out.append(one())
            now = time.perf_counter()
            if now - last > EVERY and done < len(waiting):
                left = (now - start) / done * (len(waiting) - done)
                self.note(f"  {done} of {len(waiting)} {what}, about {left:.0f} s left")
                last = now
        return out


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


def asked_of_coupled(study: Study, seed: int) -> AskCoupled | None:
    """What a study asks of trade and transport together."""
    if study.coupled is None or study.trade is None:
        return None
    own, trade, promises = study.coupled, study.trade, study.promises
    start, spread = trade.turnover_musd, None
    if start is not None and own.turnover_low is not None and own.turnover_high is not None:
        spread = (own.turnover_low / start, own.turnover_high / start)
    ask = AskCoupled((study.pair[0], study.pair[1]), trade.on, start, spread, own.draws, seed)
    if promises is None:
        return ask
    return replace(
        ask,
        dossier=promises.dossier,
        draws=promises.draws,
        years=(promises.first_year, promises.last_year),
        growth=promises.growth,
        target_musd=trade.target_musd,
        partners=promises.partners,
    )


def find_routes_once(
    world: World, ask: AskCoupled, measures: tuple[Measure, ...], seed: int, jobs: int
) -> None:
    """Route sets into the cache, so that no two processes look for them at a time."""
    session = Session.open(world, seed)
    classes, beside = all_classes(world), opening_session(session, ask, measures)
    path = cache_path(session, ask.on, classes, beside)
    if path is not None and not path.is_file():
        cached_route_sets(session, ask.on, classes, jobs, beside)


def _slopes(ask: AskCoupled, d: int) -> DrawnSlopes | None:
    return Here.coupled(ask).slopes(d)


def _answering(ask: AskCoupled, drawn: list[DrawnSlopes | None]) -> Answering:
    return Here.coupled(ask).answering(drawn)


def _alone(ask: AskCoupled, k: int) -> Alone:
    return Here.coupled(ask).alone(k)


def _kinds(ask: AskCoupled, alone: Kept[Effects]) -> tuple[str, ...]:
    return groups_of(Here.coupled(ask).plan(alone.get()))


def _set_value(ask: AskCoupled, alone: Kept[Effects], some: frozenset[str]) -> float:
    return Here.coupled(ask).set_value(alone.get(), some)


def _promises(ask: AskCoupled, alone: Kept[Effects], d: int) -> DrawnPromises | None:
    return Here.coupled(ask).promises(alone.get(), d)


def _levels(ask: AskCoupled, alone: Kept[Effects]) -> dict[tuple[str, float], LongRun]:
    return Here.coupled(ask).levels(alone.get())


def _reach(ask: AskCoupled, alone: Kept[Effects]) -> Reach:
    return Here.coupled(ask).reach(alone.get())


def _promised(
    ask: AskCoupled,
    alone: Kept[Effects],
    values: dict[frozenset[str], float],
    levels: dict[tuple[str, float], LongRun],
    reach: Reach,
    drawn: list[DrawnPromises | None],
) -> Promised:
    return Here.coupled(ask).promised(alone.get(), values, levels, reach, drawn)


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
    return route_tables(find_routes(Here.session().world, asked, session=Here.session()))


def _trade(asked: PairTrade) -> tuple[Tables, str]:
    """Tables, or none and why."""
    try:
        return pair_trade(Here.session(), asked), ""
    except InfeasibleError as error:
        return {}, str(error)


def _validation() -> Validation:
    return validate(Here.session())

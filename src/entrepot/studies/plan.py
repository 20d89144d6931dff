"""A plan of questions, and its answers.

The plan knows no question by name: it sorts questions by what they need, hands their jobs to an
executor, keeps the records of jobs that are done, and gives the tables of each.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, get_type_hints

import pandas as pd

from entrepot.engine.engine import Engine
from entrepot.engine.question import Job, Options, Question, Record, Records, Tables
from entrepot.engine.spec import EngineNeeds, EngineSpec, Turnover
from entrepot.errors import BadInputError, InfeasibleError
from entrepot.facts.change import Change
from entrepot.facts.world import World
from entrepot.questions.registry import question
from entrepot.studies.checkpoints import Checkpoints
from entrepot.studies.executors import Executor, Shared

# Seconds between words on the time left.
EVERY = 5.0
TABLES = "tables"


@dataclass(frozen=True, slots=True)
class Request:
    """A question that is asked.

    id : tells several requests of one question apart
    """

    question: Question[Any]
    options: Options
    id: str = ""

    @property
    def name(self) -> str:
        """Name of the question, with the id where there is one."""
        return f"{self.question.name}:{self.id}" if self.id else self.question.name


@dataclass(frozen=True, slots=True)
class Plan:
    """Requests in an order in which each comes after those it needs."""

    requests: tuple[Request, ...]

    @property
    def classes(self) -> tuple[type, ...]:
        """What records are made of beside plain data."""
        return tuple(dict.fromkeys(c for r in self.requests for c in r.question.records))

    @property
    def steps(self) -> int:
        """How many answers there will be."""
        return len(self.requests)


@dataclass(frozen=True, slots=True)
class QuestionAnswer:
    """What came of a request.

    failed   : jobs of the question and of what it needs that gave no record
    why_none : why there are no tables; empty where there are
    """

    request: Request
    tables: Mapping[str, pd.DataFrame]
    failed: int = 0
    why_none: str = ""


def make_plan(requests: Sequence[Request]) -> Plan:
    """Sort requests by needs; the stages that they need are added."""
    out: dict[str, Request] = {}

    def add(request: Request, above: tuple[str, ...]) -> None:
        if request.name in above:
            raise BadInputError(f"Questions need each other: {' > '.join((*above, request.name))}.")
        for needed in request.question.needs:
            add(Request(question(needed), request.options, request.id), (*above, request.name))
        out.setdefault(request.name, request)

    for request in requests:
        add(request, ())
    return Plan(tuple(out.values()))


def engine_spec(world: World, plan: Plan, base: EngineSpec) -> EngineSpec:
    """The engine that all questions of a plan are asked of. Raises BadInputError where they differ."""
    on: dict[str, str] = {}
    turnover: dict[frozenset[str], Turnover] = {}
    candidates: dict[Change, None] = {}
    for request in plan.requests:
        needs: EngineNeeds = request.question.engine(world, request.options)
        if needs.on is not None:
            on.setdefault(needs.on, request.name)
        for own in needs.turnover:
            pair = frozenset(own.pair)
            turnover[pair] = _joined(turnover.get(pair), own)
        candidates |= dict.fromkeys(needs.candidates)
    if len(on) > 1:
        shown = ", ".join(f"{day} ({name})" for day, name in on.items())
        raise BadInputError(
            f"Questions of one study need one day for the whole world, found {shown}."
        )
    day = next(iter(on), base.on)
    return EngineSpec(base.data, day, base.seed, tuple(turnover.values()), tuple(candidates))


def _joined(one: Turnover | None, other: Turnover) -> Turnover:
    """The same turnover with the range of either."""
    if one is None or one == other:
        return other
    if one.musd != other.musd or None not in (one.ratio, other.ratio):
        raise BadInputError(
            f"Questions of one study start from one turnover, found {one.musd} and {other.musd}."
        )
    return Turnover(one.pair, one.musd, one.ratio or other.ratio)


def answer(
    plan: Plan,
    engine: Engine,
    executor: Executor,
    progress: Progress | None = None,
    checkpoints: Checkpoints | None = None,
) -> list[QuestionAnswer]:
    """Answer every request of a plan, in its order.

    engine      : cuts the work into jobs; the jobs go to the executor
    checkpoints : records of an earlier try that was stopped
    """
    asking = _Asking(plan, engine, executor, checkpoints or Checkpoints(None))
    return [asking.finish(request, progress or Progress()) for request in plan.requests]


@dataclass(frozen=True, slots=True)
class Progress:
    """Who is told how far the work is.

    on_step : called with a title when an answer is there
    on_wait : called with a line on how far a long question is
    """

    on_step: Callable[[str], None] = lambda _: None
    on_wait: Callable[[str], None] = lambda _: None


@dataclass
class _Asking:
    """Answers of a plan in the making.

    waiting : calls for the records of jobs that were handed in, by request and key
    records : of requests that are done
    shared  : the same, as sent to workers
    missing : why a request has no records
    """

    plan: Plan
    engine: Engine
    executor: Executor
    checkpoints: Checkpoints
    waiting: dict[str, dict[str, Callable[[], Record]]] = field(default_factory=dict)
    records: dict[str, dict[str, Record]] = field(default_factory=dict)
    shared: dict[str, Shared[Records]] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)

    def finish(self, request: Request, progress: Progress) -> QuestionAnswer:
        """The answer to a request, once all before it are there."""
        self._hand_in()
        own = request.question
        needed = [_key(name, request) for name in own.needs]
        why = next((self.missing[name] for name in needed if name in self.missing), "")
        tables: Tables = {}
        if not why:
            try:
                records = self._collect(request, progress)
                if own.results:
                    tables = self._tables(request, records)()
                self._keep(request, records)
            except InfeasibleError as error:
                why = str(error)
        if why:
            self.missing[request.name] = why
        lost = (self.records.get(name, {}) for name in (*needed, request.name))
        failed = sum(record is None for records in lost for record in records.values())
        progress.on_step(own.title(request.options))
        return QuestionAnswer(request, tables, failed, why)

    def _hand_in(self) -> None:
        """Hand in the jobs of all requests whose needs are there."""
        for request in self.plan.requests:
            needed = [_key(name, request) for name in request.question.needs]
            if request.name in self.waiting or not all(name in self.records for name in needed):
                continue
            done = self._done(request)
            jobs = request.question.jobs(self.engine, request.options, done)
            self.waiting[request.name] = {job.key: self._task(request, job) for job in jobs}
            if request.question.results and not jobs:
                self.waiting[request.name][TABLES] = self._tables(request, {})

    def _collect(self, request: Request, progress: Progress) -> dict[str, Record]:
        """All records of a request, with a word on the time left now and then."""
        waiting = {k: v for k, v in self.waiting[request.name].items() if k != TABLES}
        out: dict[str, Record] = {}
        start = last = time.perf_counter()
        for done, (key, record) in enumerate(waiting.items(), start=1):
            out[key] = record()
            now = time.perf_counter()
            if now - last > EVERY and done < len(waiting):
                left = (now - start) / done * (len(waiting) - done)
                progress.on_wait(
                    f"  {done} of {len(waiting)} ({request.name}), about {left:.0f} s left"
                )
                last = now
        return out

    def _tables(self, request: Request, records: dict[str, Record]) -> Callable[[], Tables]:
        """A call for the tables of a request: a job like any other."""
        waiting = self.waiting.get(request.name, {})
        if TABLES in waiting:
            return waiting[TABLES]
        own: tuple[Shared[Any], ...] = ()
        if records:
            own = (self.executor.share({request.question.name: records}),)
        return self._task(request, Job(TABLES, request.question.tables), own)

    def _task(
        self, request: Request, job: Job, more: Sequence[Shared[Any]] = ()
    ) -> Callable[[], Record]:
        """A call for the record of a job: kept from before, or handed in now and then kept."""
        shared = [self.shared[_key(name, request)] for name in request.question.needs]

        def submit() -> Callable[[], Record]:
            task = self.executor.submit(self.engine.spec, job, request.options, *shared, *more)
            return task.result

        kind = get_type_hints(job.function).get("return", Any)
        return self.checkpoints.get_or_submit(f"{request.name}-{job.key}", submit, kind)

    def _done(self, request: Request) -> Records:
        """Records that a request reads."""
        return {name: self.records[_key(name, request)] for name in request.question.needs}

    def _keep(self, request: Request, records: dict[str, Record]) -> None:
        """Give the records of a request to those that need them."""
        self.records[request.name] = records
        if any(request.question.name in other.question.needs for other in self.plan.requests):
            self.shared[request.name] = self.executor.share({request.question.name: records})


def _key(name: str, request: Request) -> str:
    """Name of a request that this one needs."""
    return f"{name}:{request.id}" if request.id else name

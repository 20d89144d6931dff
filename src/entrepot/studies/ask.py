"""One question of an open engine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from entrepot.engine.engine import Engine
from entrepot.engine.question import Options
from entrepot.engine.spec import EngineSpec
from entrepot.errors import UsageError
from entrepot.facts.world import World
from entrepot.questions.registry import question
from entrepot.schema.model import read_model
from entrepot.studies.executors import Executor, Inline
from entrepot.studies.plan import (
    Progress,
    QuestionAnswer,
    Request,
    answer,
    engine_spec,
    make_plan,
)


def make_request(world: World, name: str, options: Options | Mapping[str, Any]) -> Request:
    """A request of a question, checked against the facts.

    Raises UnknownNameError for a question that is not there, UsageError for options that it does not
    take, BadInputError for what the facts cannot answer.
    """
    own = question(name)
    values = options.model_dump() if isinstance(options, Options) else options
    faults: list[str] = []
    given: Options | None = read_model(own.options, values, f"{name}: ", faults)
    if given is None:
        raise UsageError("\n".join(faults))
    wrong = [f"{name}: {fault}" for fault in own.check(world, given)]
    if wrong:
        raise UsageError("\n".join(wrong))
    return Request(own, given)


def ask(
    engine: Engine,
    name: str,
    options: Options | Mapping[str, Any],
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> QuestionAnswer:
    """The answer to a question.

    A question that needs another day, turnover or candidates than the engine has is asked of an engine
    of its own on the same facts.
    """
    plan = make_plan([make_request(engine.world, name, options)])
    spec: EngineSpec = engine_spec(engine.world, plan, engine.spec)
    own = engine if spec == engine.spec else Engine.of(engine.world, spec)
    worker = executor or Inline()
    worker.open(engine.world)
    if any(r.question.flows for r in plan.requests):
        worker.prepare(spec)
    if isinstance(worker, Inline):
        worker.keep(own)
    return answer(plan, own, worker, progress)[-1]

"""Ask one question outside a study."""

from __future__ import annotations

import pandas as pd

from entrepot.engine.engine import Engine, EngineSpec
from entrepot.engine.question import Options
from entrepot.errors import InfeasibleError, UsageError
from entrepot.facts.world import World
from entrepot.questions.registry import question
from entrepot.studies.executors import Inline
from entrepot.studies.plan import Request, answer, engine_spec, make_plan


def ask(world: World, name: str, options: Options, *, seed: int = 0) -> dict[str, pd.DataFrame]:
    """Tables of a question. Raises UsageError for options it cannot take, InfeasibleError for no answer."""
    asked = question(name)
    faults = asked.check(world, options)
    if faults:
        raise UsageError("\n".join(faults))
    plan = make_plan([Request(asked, options)])
    spec = engine_spec(world, plan, EngineSpec(seed=seed))
    with Inline() as executor:
        executor.open(world)
        (found,) = answer(plan, Engine.of(world, spec), executor)
    if found.why_none:
        raise InfeasibleError(found.why_none)
    return dict(found.tables)

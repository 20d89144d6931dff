"""A question of the model as an object: options, needs, jobs, tables.

A question is declared in one file and answered by the same code from a study, the command line and
Python. Its work is cut into jobs that any process can do; their records are plain data. What many jobs
need is in the records of other questions, named in `needs`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

import pandas as pd
from pydantic import BaseModel

from entrepot.engine.engine import Engine
from entrepot.engine.spec import EngineNeeds
from entrepot.facts.world import World
from entrepot.kernels.short_repr import short_repr
from entrepot.schema.model import STRICT

Record = Any
# Records by question and by key of the job.
Records = Mapping[str, Mapping[str, Record]]
Tables = dict[str, pd.DataFrame]


class Options(BaseModel):
    """Options of a question: strict, immutable, the same at every door."""

    model_config = STRICT


O = TypeVar("O", bound=Options)  # noqa: E741


class Job(NamedTuple):
    """A piece of work: `function(engine, options, done, *args)`, a top-level function.

    key : unique in the question; it names the checkpoint
    """

    key: str
    function: Callable[..., Record]
    args: tuple[Any, ...] = ()


def no_jobs(engine: Engine, options: Any, done: Records) -> Sequence[Job]:
    """For a question whose tables need no jobs before them."""
    return ()


def no_tables(engine: Engine, options: Any, done: Records) -> Tables:
    """For a stage of a question, whose records others read."""
    return {}


def no_faults(world: World, options: Any) -> Sequence[str]:
    """For options that the facts can always answer."""
    return ()


def no_needs(world: World, options: Any) -> EngineNeeds:
    """For a question that is content with any engine."""
    return EngineNeeds()


@short_repr
@dataclass(frozen=True, slots=True)
class Question(Generic[O]):
    """What can be asked of the model.

    name     : the same in a study, on the command line and in Python; a stage is called NAME.STAGE
    options  : model of the options
    title    : what was answered, for a line of progress
    results  : tables of schema/results that it gives
    needs    : questions whose records it reads, asked with the same options
    inherits : questions of the same study that fill in options left out here
    many     : a study may ask it several times, as [[NAME]]
    flows    : whether it needs the flows of all pairs
    engine   : the engine it needs: day, turnover, candidates
    check    : what the facts cannot answer, as sentences, told before anything is computed
    records  : classes that the records of its jobs are made of beside plain data
    jobs     : the work; `done` holds the records of `needs`
    tables   : the answer; `done` holds the records of `needs` and of its own jobs
    """

    name: str
    options: type[O]
    title: Callable[[O], str]
    results: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    inherits: tuple[str, ...] = ()
    many: bool = False
    flows: bool = False
    records: tuple[type, ...] = ()
    engine: Callable[[World, O], EngineNeeds] = no_needs
    check: Callable[[World, O], Sequence[str]] = no_faults
    jobs: Callable[[Engine, O, Records], Sequence[Job]] = no_jobs
    tables: Callable[[Engine, O, Records], Tables] = no_tables

    @property
    def is_stage(self) -> bool:
        """Whether it is a stage of another question, and not asked by itself."""
        return "." in self.name

"""Any question of the model, by its name."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from entrepot.questions.catalogue import first_line, modules

# Lines such as `first_year, last_year : years looked at`.
_MEANING = re.compile(r"^ {4}([a-z_]+(?:, [a-z_]+)*) *: ((?:.|\n {5,})+)", re.MULTILINE)

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

    from entrepot.answers.answer import Answer
    from entrepot.engine.engine import Engine
    from entrepot.facts.world import World
    from entrepot.studies.executors import Executor
    from entrepot.studies.plan import Progress


def ask(
    engine: Engine | World,
    question: str,
    *,
    executor: Executor | None = None,
    progress: Progress | None = None,
    **options: Any,
) -> Answer:
    """Ask a question of the model: the same as a table of a study and a command of the same name.

    engine   : an open engine, or facts to open one on
    question : such as "between", "places", "promises" or "validation"
    executor : where its jobs are done; in this process where left out
    options  : those of the question; `entrepot NAME --help` lists them
    A question that needs another day or turnover than the engine has is asked of an engine of its own on
    the same facts. Raises UnknownNameError for a question that is not there, UsageError for options it
    does not take, BadInputError for what the facts cannot answer.

    >>> engine = ep.Engine.open(ep.load_world())
    >>> answer = ep.ask(engine, "routes", id="box", title="A box", origin="almaty", destination="tehran")
    >>> answer.status
    'ok'
    """
    from entrepot.answers.answer import make_answer
    from entrepot.engine.engine import Engine
    from entrepot.routes.legs import legal_flags
    from entrepot.studies.ask import ask as answer_of

    opened = engine if isinstance(engine, Engine) else Engine.open(engine)
    found = answer_of(opened, question, options, executor, progress)
    notes = [found.why_none] if found.why_none else []
    if found.failed:
        notes.append(f"{found.failed} draws have no answer and are left out.")
    zones = tuple(options.get("pair", ()))
    return make_answer(
        question,
        found.tables or {question: _nothing()},
        status="infeasible" if found.why_none else "ok",
        world=opened.world,
        notes=notes,
        flags=legal_flags(opened.world, zones),
    )


def question_titles() -> dict[str, str]:
    """What each question is about, by its name; none is loaded."""
    return {name: first_line(module) for name, module in modules().items()}


def option_fields(question: str) -> dict[str, FieldInfo]:
    """Options of a question, by name. Raises UnknownNameError."""
    from entrepot.questions.registry import question as question_of

    return dict(question_of(question).options.model_fields)


def option_meanings(question: str) -> dict[str, str]:
    """What each option of a question means, from the docstrings of its model."""
    from entrepot.questions.registry import question as question_of

    out: dict[str, str] = {}
    for model in reversed(question_of(question).options.__mro__):
        for names, meaning in _MEANING.findall(model.__dict__.get("__doc__") or ""):
            text = " ".join(meaning.split())
            out |= {name.strip(): text[:1].upper() + text[1:] + "." for name in names.split(",")}
    return out


def progress_to(say: Callable[[str], None]) -> Progress:
    """Progress that is said line by line."""
    from entrepot.studies.plan import Progress

    return Progress(say, say)


def _nothing() -> Any:
    import pandas as pd

    return pd.DataFrame()

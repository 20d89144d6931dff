"""Questions by name. A module is loaded when its question is asked for, and not before.

The module of a question holds the list QUESTIONS: the question NAME and its stages NAME.STAGE.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from entrepot.engine.question import Question
from entrepot.errors import UnknownNameError
from entrepot.questions.catalogue import modules


def names() -> tuple[str, ...]:
    """Names of all questions, without their stages."""
    return tuple(modules())


def question(name: str) -> Question[Any]:
    """A question by its name, or a stage by NAME.STAGE. Raises UnknownNameError."""
    known = modules()
    head = name.partition(".")[0]
    if head in known:
        for own in import_module(known[head]).QUESTIONS:
            if own.name == name:
                return _checked(own)
    raise UnknownNameError(name, "question", known)


def _checked(own: Any) -> Question[Any]:
    if not isinstance(own, Question):
        raise TypeError(f"QUESTIONS holds {own!r}, expected a Question")
    return own

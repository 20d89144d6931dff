"""Questions by name. A module is loaded when its question is asked for, and not before.

A question NAME lies in the module `questions/NAME.py` or `questions/NAME/question.py`, in its list
QUESTIONS, with its stages NAME.STAGE. Questions of other packages are named by entry points of the
group `entrepot.questions` (NAME = MODULE).
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from entrepot.engine.question import Question
from entrepot.errors import UnknownNameError

GROUP = "entrepot.questions"


def names() -> tuple[str, ...]:
    """Names of all questions, without their stages."""
    return tuple(sorted(_modules()))


def question(name: str) -> Question[Any]:
    """A question by its name, or a stage by NAME.STAGE. Raises UnknownNameError."""
    modules = _modules()
    head = name.partition(".")[0]
    if head in modules:
        for own in import_module(modules[head]).QUESTIONS:
            if own.name == name:
                return _checked(own)
    raise UnknownNameError(name, "question", modules)


def _checked(own: Any) -> Question[Any]:
    if not isinstance(own, Question):
        raise TypeError(f"QUESTIONS holds {own!r}, expected a Question")
    return own


def _modules() -> dict[str, str]:
    """Module of each question."""
    here, package = Path(__file__).parent, __package__
    own = {p.stem: f"{package}.{p.stem}" for p in here.glob("*.py")}
    own |= {
        p.parent.name: f"{package}.{p.parent.name}.question" for p in here.glob("*/question.py")
    }
    others = {point.name: point.value for point in entry_points(group=GROUP)}
    return others | {k: v for k, v in own.items() if k not in ("__init__", "registry")}

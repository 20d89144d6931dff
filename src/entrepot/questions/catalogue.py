"""Which questions there are, and in which module each lies; nothing is loaded.

A question NAME lies in the module `questions/NAME.py` or `questions/NAME/question.py`. Questions of
other packages are named by entry points of the group `entrepot.questions` (NAME = MODULE).
"""

from __future__ import annotations

import ast
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

GROUP = "entrepot.questions"
NO_QUESTIONS = ("__init__", "catalogue", "registry")


def modules() -> dict[str, str]:
    """Module of each question, by its name."""
    here, package = Path(__file__).parent, __package__
    own = {p.stem: f"{package}.{p.stem}" for p in here.glob("*.py")}
    own |= {
        p.parent.name: f"{package}.{p.parent.name}.question" for p in here.glob("*/question.py")
    }
    others = {point.name: point.value for point in entry_points(group=GROUP)}
    found = others | {name: module for name, module in own.items() if name not in NO_QUESTIONS}
    return dict(sorted(found.items()))


def first_line(module: str) -> str:
    """First line of the docstring of a module, read without loading it."""
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        return ""
    text = ast.get_docstring(ast.parse(Path(spec.origin).read_text(encoding="utf-8"))) or ""
    return text.split("\n")[0]

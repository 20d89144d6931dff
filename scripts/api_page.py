"""Print docs/api.md from the docstrings of the public names."""

from __future__ import annotations

import inspect
import re
import sys
from types import ModuleType
from typing import Any

import entrepot as ep

HEAD = """# The public face

`import entrepot as ep` offers these names. They load when they are asked for. This page is made from
their docstrings by `make docs`; every example on it is run by the tests.

An answer, and every command with `--json`, prints one envelope:

| part | holds |
|---|---|
| `schema` | the question and the version of its tables, such as `entrepot/routes/1` |
| `version` | of the program |
| `world` | name, hash, day and replaced tables of the facts; null where none were read |
| `data` | `status`, and `tables`: rows by table; the table `flags` holds the legal flags |
| `notes` | what a reader should know, in sentences |
"""


def section(name: str) -> str:
    """Heading, signature and docstring of a name."""
    thing = getattr(ep, name)
    text = inspect.getdoc(thing) or ""
    called = "" if isinstance(thing, ModuleType) else f"ep.{name}{signature(thing)}\n\n"
    return f"## {name}\n\n```\n{called}{text}\n```\n"


def signature(thing: Any) -> str:
    """How a name is called, with short names of types."""
    try:
        text = str(inspect.signature(thing))
    except (TypeError, ValueError):
        return ""
    text = re.sub(r": '([^']*)'", r": \1", text).replace("<factory>", "{}")
    return re.sub(r"-> '([^']*)'", r"-> \1", re.sub(r"<function <lambda> at 0x\w+>", "…", text))


def main() -> None:
    sys.stdout.write("\n".join([HEAD, *(section(name) for name in ep.__all__)]))


if __name__ == "__main__":
    main()

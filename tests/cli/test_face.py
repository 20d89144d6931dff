"""Commands call the face and compute nothing."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import entrepot

CLI = Path(entrepot.__file__).parent / "cli"
# Rooms that a command may ask: the face, its answers, pictures and errors.
ALLOWED = ("entrepot.answers", "entrepot.api", "entrepot.cli", "entrepot.errors", "entrepot.report")
# Commands that still ask rooms below the face themselves.
LATER = {"trade"}
DOORS = sorted(p.stem for p in CLI.glob("*.py") if p.stem not in ("__init__", *LATER))


def imports(path: Path) -> set[str]:
    """Modules of entrepot that a file imports anywhere."""
    out = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            out.add(node.module)
        elif isinstance(node, ast.Import):
            out |= {name.name for name in node.names}
    return {m for m in out if m.split(".")[0] == "entrepot"}


@pytest.mark.parametrize("name", DOORS)
def test_a_command_asks_the_face_only(name: str) -> None:
    found = imports(CLI / f"{name}.py")
    assert not {m for m in found if m != "entrepot" and not m.startswith(ALLOWED)}


def test_the_list_of_later_commands_shrinks() -> None:
    """A command that no longer asks lower rooms leaves the list."""
    for name in LATER:
        found = imports(CLI / f"{name}.py")
        assert {m for m in found if m != "entrepot" and not m.startswith(ALLOWED)}, name

"""Worlds of facts: load and check them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from entrepot.answers.answer import Answer
    from entrepot.facts.world import World


def load_world(folder: Path | str | None = None) -> World:
    """Load the shipped facts, or them with a folder of your own tables laid over.

    folder : holds any of the tables of docs/tables.md, or GMNS node.csv and link.csv
    Raises UsageError without the folder and BadInputError with every fault of it.

    >>> world = ep.load_world()
    >>> world
    <World eurasia: ... tables, 2026-06-30>
    """
    from entrepot.facts.load import load_world as load

    return load(folder)


def check_world(folder: Path | str | None = None) -> Answer:
    """Find all faults of a folder of facts in one pass; of the shipped facts where none is named.

    Tables: findings (file, row, key, column, found, expected, suggestion) and, where the facts are
    sound, contents (rows of each table and how their values are known).
    Raises UsageError without the folder.

    >>> ep.check_world().status
    'ok'
    """
    import pandas as pd

    from entrepot.answers.answer import make_answer
    from entrepot.facts.contents import contents
    from entrepot.facts.load import check_folder, check_shipped, load_world

    findings = check_shipped() if folder is None else check_folder(Path(folder))
    columns = ["file", "row", "key", "column", "found", "expected", "suggestion"]
    table = pd.DataFrame([f.as_dict() for f in findings], columns=columns)
    if findings:
        many = f"{len(findings)} fault{'s' if len(findings) > 1 else ''}"
        return make_answer("check", {"findings": table}, status=many)
    world = load_world(folder)
    tables = {"findings": table, "contents": contents(world)}
    return make_answer("check", tables, world=world)

"""Tables as declared in tables/*.csv (facts) and results/*.csv (what a run writes).

Other packages declare result tables in CSV files beside a module that they name by an entry point of
the group `entrepot.results`.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from importlib.resources import files
from importlib.resources.abc import Traversable

# Entry points of packages that declare result tables.
RESULTS = "entrepot.results"
TYPES = ("id", "text", "number", "integer", "date", "yes_no", "list")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: type, unit, default for an empty cell, rules, meaning."""

    name: str
    type: str
    unit: str
    default: str
    rules: tuple[str, ...]
    description: str

    @property
    def is_key(self) -> bool:
        return "key" in self.rules

    @property
    def is_required(self) -> bool:
        """Whether the column must be there and its cells filled."""
        asked = "required" in self.rules or (self.is_key and "optional" not in self.rules)
        return asked and not self.default

    @property
    def reference(self) -> tuple[str, str] | None:
        """(table, column) the values must be found in."""
        for rule in self.rules:
            if rule.startswith("ref "):
                table, column = rule[4:].split(".")
                return table, column
        return None


@dataclass(frozen=True, slots=True)
class Table:
    """One table."""

    name: str
    description: str
    columns: tuple[Column, ...]

    @property
    def file(self) -> str:
        return f"{self.name}.csv"

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(c.name for c in self.columns if c.is_key)

    def column(self, name: str) -> Column:
        return next(c for c in self.columns if c.name == name)


@cache
def load_schema(kind: str = "tables") -> dict[str, Table]:
    """All declarations: 'tables' of facts or 'results' of runs."""
    others = entry_points(group=RESULTS) if kind == "results" else ()
    folders = [*(files(point.value) for point in others)]
    folders.append(files("entrepot.schema").joinpath(kind))
    return {name: table for folder in folders for name, table in _declared(folder)}


def _declared(folder: Traversable) -> list[tuple[str, Table]]:
    """Tables declared in a folder, by name."""
    out = []
    for path in sorted(folder.iterdir(), key=lambda p: p.name):
        if path.name.endswith(".csv"):
            name = path.name.removesuffix(".csv")
            out.append((name, _parse(name, path.read_text(encoding="utf-8"))))
    return out


def _parse(name: str, text: str) -> Table:
    description, columns = "", []
    for row in csv.DictReader(text.splitlines()):
        if row["column"] == "*":
            description = row["description"]
            continue
        rules = tuple(r.strip() for r in row["rule"].split(";") if r.strip())
        columns.append(
            Column(
                row["column"], row["type"], row["unit"], row["default"], rules, row["description"]
            )
        )
    return Table(name, description, tuple(columns))

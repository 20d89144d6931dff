"""Tables as declared in tables/*.csv (facts) and results/*.csv (what a run writes).

Other packages declare result tables in CSV files beside a module that they name by an entry point of
the group `entrepot.results`.
"""

from __future__ import annotations

import csv
import math
import re
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from importlib.resources import files
from importlib.resources.abc import Traversable

# Entry points of packages that declare result tables.
RESULTS = "entrepot.results"
TYPES = ("id", "text", "number", "integer", "date", "yes_no", "list")
# Who may read a column of the facts, with what it is to them.
READERS = {
    "topology": "the graph is built from it",
    "price": "hours, money and CO2e of arcs",
    "rule": "rules of passage",
    "name": "names of corridors and places, and the search for routes",
    "trade": "duties, payment, and what else of trade a scenario may change",
    "base": "trade, habits and ranges of the baseline",
    "law": "legal flags",
    "check": "checks, validation and reports",
    "text": "people",
}
# A change of what these read is a scenario on one baseline.
SCENARIO = ("topology", "price", "rule", "trade")
# What these read decides an answer.
MODEL = (*SCENARIO, "name", "base")
KINDS = "in measured|published|estimated|assumed"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: type, unit, default for an empty cell, rules, readers, meaning."""

    name: str
    type: str
    unit: str
    default: str
    rules: tuple[str, ...]
    description: str
    read_by: tuple[str, ...] = ()

    @property
    def is_key(self) -> bool:
        return "key" in self.rules

    @property
    def is_required(self) -> bool:
        """Whether the column must be there and its cells filled."""
        asked = "required" in self.rules or (self.is_key and "optional" not in self.rules)
        return asked and not self.default

    @property
    def must_be_there(self) -> bool:
        """Whether the column must be there, because without it an answer would be another.

        A default says something of the world: every link in operation, no fee, any cargo. One cell
        left empty may mean that; a whole column left out was more likely forgotten.
        """
        decides = bool(self.default) and self.is_read_by(*MODEL)
        return self.is_required or "column" in self.rules or (decides and not self.may_miss)

    @property
    def may_miss(self) -> bool:
        """Whether the column may be left out though it has a default: it only serves scenarios."""
        return "optional" in self.rules

    @property
    def is_kind(self) -> bool:
        """Whether it says how values are known."""
        return KINDS in self.rules

    def is_read_by(self, *readers: str) -> bool:
        """Whether any of some readers reads it."""
        return not set(readers).isdisjoint(self.read_by)

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
    rules: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        return f"{self.name}.csv"

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(c.name for c in self.columns if c.is_key)

    @property
    def is_required(self) -> bool:
        """Whether a world cannot do without it."""
        return "required" in self.rules

    @property
    def is_general(self) -> bool:
        """Whether it says nothing of a particular place, so that it serves any world."""
        return "general" in self.rules

    @property
    def general_rows(self) -> str:
        """Column whose rows with * say nothing of a particular place; empty for none."""
        found = (GENERAL_ROWS.fullmatch(rule) for rule in self.rules)
        return next((m[1] for m in found if m), "")

    @property
    def place(self) -> float:
        """Where it stands in lists for people; infinite for the end."""
        found = (SHOWN.fullmatch(rule) for rule in self.rules)
        return next((float(m[1]) for m in found if m), math.inf)

    def column(self, name: str) -> Column:
        return next(c for c in self.columns if c.name == name)

    def read_by(self, *readers: str) -> tuple[Column, ...]:
        """Columns that any of some readers reads, in declared order."""
        return tuple(c for c in self.columns if c.is_read_by(*readers))


GENERAL_ROWS = re.compile(r"general where (\w+) is \*")
SHOWN = re.compile(r"shown (\d+)")


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


@cache
def kinds_counted() -> tuple[tuple[Table, tuple[Column, ...]], ...]:
    """Tables of the model whose kinds of values are counted for people, with the columns counted."""
    tables = sorted(load_schema().values(), key=lambda table: (table.place, table.name))
    counted = (
        (table, tuple(c for c in table.read_by("check") if c.is_kind))
        for table in tables
        if table.read_by(*MODEL)
    )
    return tuple((table, columns) for table, columns in counted if columns)


def _parse(name: str, text: str) -> Table:
    description, columns = "", []
    table_rules: tuple[str, ...] = ()
    for row in csv.DictReader(text.splitlines()):
        rules = _items(row["rule"])
        if row["column"] == "*":
            description, table_rules = row["description"], rules
            continue
        columns.append(
            Column(
                row["column"],
                row["type"],
                row["unit"],
                row["default"],
                rules,
                row["description"],
                _items(row.get("read_by") or ""),
            )
        )
    return Table(name, description, tuple(columns), table_rules)


def _items(cell: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in cell.split(";") if item.strip())

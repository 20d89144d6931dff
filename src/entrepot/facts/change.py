"""One word for every difference: a change.

A promise, a closure, a tariff, a new line, a scenario: all are lists of changes on one baseline.
Changes are applied to cells as text, in the order of the list, and what comes out is checked like any
other input.

Which rows. A row is named by its key, several keys joined by commas. `*` for a key means any, so one
change may move many rows; where a row has `*` itself as its key (a default), that row alone is meant.
Rows of `tariffs` without a day, of `payment_friction` without goods, and of `trade_costs` name flows
and not rows: they act on the figure in use (`trade_flows.py`) and leave the table as it is.

Ranges. A range moves with its middle. `hours` stands for hours_p10, hours_p50 and hours_p90, `share`
and `rate` bring share_low, share_high, rate_low and rate_high with them: the middle is set, added to or
scaled, and the ends keep their ratio to it, within what their columns allow; where the middle was zero
they become the middle. An end that the list changes by itself is left to that change.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from entrepot.errors import BadInputError, Finding, UsageError, format_findings, nearest
from entrepot.facts.check import references
from entrepot.facts.trade_flows import FIGURE, flow_faults, names_flows
from entrepot.facts.view import View
from entrepot.facts.world import World
from entrepot.kernels.short_repr import short_repr
from entrepot.schema.check import NO_COLUMN, Raw, check_table
from entrepot.schema.table import SCENARIO, Column, Table, load_schema

OPERATIONS = ("set", "add", "scale", "insert", "remove")
ROWS = ("insert", "remove")
ENDS = (("_p50", "_p10", "_p90"), ("", "_low", "_high"))
# What a row that is put in says of itself where nothing else is said.
KIND, SOURCE = "assumed", "ASSUMED"
Cells = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    row       : key of the row, several keys joined by a comma; * for any; not needed to insert
    column    : not needed to insert or remove; `hours` stands for its P10, P50 and P90
    operation : set a value, add to a number, scale it, insert a row, or remove one
    value     : text or number as it stands in a table; to insert, cells by column
    low, high : value at the P10 and P90 of the size of the effect; empty for the same
    year      : from this year on

    >>> ep.Change("border_crossings", "akyayla,incheh_borun,road", "hours", "scale", "0.5").row
    'akyayla,incheh_borun,road'
    """

    table: str
    row: str = ""
    column: str = ""
    operation: str = "set"
    value: str | Mapping[str, str] | Cells = ""
    low: str = ""
    high: str = ""
    year: int | None = None
    reason: str = ""
    source_id: str = ""

    def __post_init__(self) -> None:
        if isinstance(self.value, Mapping):
            object.__setattr__(self, "value", tuple(sorted(self.value.items())))

    @property
    def text(self) -> str:
        """The value of one cell."""
        return self.value if isinstance(self.value, str) else ""

    @property
    def cells(self) -> dict[str, str]:
        """Cells of a new row by column."""
        return {} if isinstance(self.value, str) else dict(self.value)

    @property
    def key(self) -> str:
        """Key of the row, without spaces around commas; that of the cells of a new row."""
        if self.row or self.operation != "insert" or self.table not in load_schema():
            return plain_key(self.row)
        return ",".join(new_row(self).get(k, "") for k in load_schema()[self.table].keys)


def apply(world: World, changes: Sequence[Change]) -> World:
    """A new world; the old one stays as it is.

    Raises BadInputError with every fault, UsageError for a change of legal flags.
    """
    if not changes:
        return world
    law = [c for c in changes if "law" in readers_of(c)]
    if law:
        raise UsageError(
            f"A change of {law[0].table} cannot be made: legal flags are facts of law, which nobody "
            "changes here."
        )
    editor = _Editor(world, changes)
    for i, change in enumerate(changes):
        editor.apply(change, i + 1)
    schema = load_schema()
    findings = editor.findings
    for name in editor.touched:
        # A column that is left out was told when the file was read; the change is not to blame.
        found = check_table(schema[name], editor.raw[name])
        findings += [f for f in found if f.found != NO_COLUMN]
    kept = {n: table for n, table in world._typed.items() if n not in editor.touched}
    rows = {n: records for n, records in world._records.items() if n not in editor.touched}
    changed = tuple(sorted({*world.overridden, *editor.touched}))
    origin = {n: rows for n, rows in world.origin.items() if n not in editor.reshaped}
    keys = {own: digest for own, digest in world._digests.items() if own[0] not in editor.touched}
    out = World(editor.raw, world.meta, changed, origin, kept, rows, keys)
    names = _names(changes)
    findings += references(View(out), names) if names else []
    if findings:
        raise BadInputError(f"Changes that cannot be made:\n{format_findings(findings)}", findings)
    return out


def is_of_baseline(change: Change) -> bool:
    """Whether a change is of what trade and habits start from: another baseline, not a scenario."""
    return "base" in readers_of(change)


def is_of_trade(change: Change) -> bool:
    """Whether a change is about duties, payment and trade costs alone, and needs no routes."""
    return readers_of(change) <= {"trade", "check", "text"} and "trade" in readers_of(change)


def readers_of(change: Change) -> frozenset[str]:
    """Who reads what a change touches; nobody for names that are not known."""
    table = load_schema().get(change.table)
    if table is None:
        return frozenset()
    columns = {c.name for c in table.columns}
    if change.operation not in ROWS:
        columns &= {*range_columns(table, change.column)}
    return frozenset(r for c in table.columns if c.name in columns for r in c.read_by)


def _without_effect(column: Column) -> str:
    """Why a change of a column would change no answer; empty where it may."""
    if column.is_read_by(*SCENARIO, "base"):
        return ""
    if column.is_read_by("name"):
        return "a column that costs rest on; this one only names and groups routes"
    return "a column the model reads; a change of this one changes nothing"


def _names(changes: Sequence[Change]) -> Collection[tuple[str, str]]:
    """Columns whose names may have lost what they point to: changed, or pointing to a change."""
    schema = load_schema()
    known = [c for c in changes if c.table in schema and not names_flows(c.table, c.row)]
    changed = {(c.table, c.column) for c in known}
    for change in known:
        if change.operation == "remove":
            changed |= {(change.table, k) for k in schema[change.table].keys}
        elif change.operation == "insert":
            changed |= {(change.table, column) for column in change.cells}
    return {
        (table.name, column.name)
        for table in schema.values()
        for column in table.columns
        if column.reference and ({(table.name, column.name), column.reference} & changed)
    }


@short_repr
@dataclass
class _Editor:
    """Cells of a world while changes are made to them.

    touched  : tables with a change; reshaped : those that got or lost rows
    """

    world: World
    changes: Sequence[Change]
    raw: dict[str, Raw] = field(default_factory=dict)
    touched: dict[str, None] = field(default_factory=dict)
    reshaped: set[str] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.raw = dict(self.world.raw)

    def apply(self, change: Change, position: int) -> None:
        """Make one change, or tell why it cannot be made."""
        at = _Place(position, change.row)
        schema = load_schema()
        if change.table not in schema:
            self.findings.append(at.unknown("table", change.table, schema, "table"))
            return
        if change.operation not in OPERATIONS:
            self.findings.append(at.unknown("operation", change.operation, OPERATIONS, "operation"))
            return
        table = schema[change.table]
        if change.operation not in ROWS and names_flows(change.table, change.row):
            figure = FIGURE[change.table]
            if change.column != figure:
                self.findings.append(at.unknown("column", change.column, [figure], "column"))
                return
            found = flow_faults(self.world, change.table, change.row, change.text)
            self.findings += [at.fault(*fault) for fault in found]
            return
        if change.operation == "insert":
            self._insert(table, change, at)
        elif change.operation == "remove":
            self._remove(table, change, at)
        else:
            self._cell(table, change, at)

    def _touch(self, name: str) -> Raw:
        if name not in self.touched:
            self.raw[name] = {c: list(cells) for c, cells in self.raw.get(name, {}).items()}
            self.touched[name] = None
        return self.raw[name]

    def _insert(self, table: Table, change: Change, at: _Place) -> None:
        names = [c.name for c in table.columns]
        if isinstance(change.value, str):
            found = at.fault("value", change.value or "nothing", "cells of the new row by column")
            self.findings.append(found)
            return
        unknown = [c for c in change.cells if c not in names]
        if unknown:
            self.findings += [at.unknown("value", c, names, "column") for c in unknown]
            return
        cells, raw = new_row(change), self._touch(table.name)
        n = len(next(iter(raw.values()), []))
        for name in names:
            if name in raw or cells.get(name):
                raw.setdefault(name, [""] * n).append(cells.get(name, ""))
        self.reshaped.add(table.name)

    def _remove(self, table: Table, change: Change, at: _Place) -> None:
        rows = self._rows(table, change, at)
        if rows:
            gone, raw = set(rows), self._touch(table.name)
            for name, cells in raw.items():
                raw[name] = [cell for i, cell in enumerate(cells) if i not in gone]
            self.reshaped.add(table.name)

    def _rows(self, table: Table, change: Change, at: _Place) -> list[int]:
        keys = row_keys(table, self.raw.get(table.name, {}))
        rows = matching_rows(keys, change.row)
        if not rows:
            self.findings.append(at.unknown("row", change.row, list(keys), "row"))
        return rows

    def _cell(self, table: Table, change: Change, at: _Place) -> None:
        names = [c.name for c in table.columns]
        columns = range_columns(table, change.column)
        if not columns:
            known = [*names, *(n[:-4] for n in names if n.endswith("_p50"))]
            self.findings.append(at.unknown("column", change.column, known, "column"))
            return
        useless = _without_effect(table.column(columns[0]))
        if useless:
            self.findings.append(at.fault("column", change.column, useless))
            return
        rows = self._rows(table, change, at)
        if not rows:
            return
        raw = self._touch(table.name)
        n = len(next(iter(raw.values())))
        alike = [c for c in self.changes if c.table == change.table and c is not change]
        taken = {c.column for c in alike if plain_key(c.row) == plain_key(change.row)}
        for name in columns:
            raw.setdefault(name, [""] * n)
        for i in rows:
            old = raw[columns[0]][i] or table.column(columns[0]).default
            fault = _act(table.column(columns[0]), raw[columns[0]], i, change)
            if fault is not None:
                self.findings.append(at.fault(*fault))
                return
            for name in columns[1:]:
                if name not in taken:
                    _follow(table.column(name), raw[name], i, (old, raw[columns[0]][i]))


def _act(column: Column, cells: list[str], i: int, change: Change) -> tuple[str, str, str] | None:
    """Set, add to or scale a cell; (column, found, expected) of a fault."""
    if change.operation == "set":
        cells[i] = change.text
        return None
    if column.type not in ("number", "integer"):
        return "operation", change.operation, f"set, as {column.name} is not a number"
    try:
        old, by = float(cells[i] or column.default), float(change.text)
    except ValueError:
        return "value", f"{cells[i]} {change.operation} {change.text}", "two numbers"
    new = old + by if change.operation == "add" else old * by
    whole = column.type == "integer" and new.is_integer()
    if change.operation == "scale" and by == 1.0:
        return None
    cells[i] = str(int(new)) if whole else repr(new)
    return None


def _follow(column: Column, cells: list[str], i: int, middle: tuple[str, str]) -> None:
    """Move an end of a range with its middle (before, after); what is not a number is told elsewhere."""
    try:
        before, after = float(middle[0]), float(middle[1])
        end = float(cells[i] or column.default)
    except ValueError:
        return
    if before == after:
        return
    new = end * (after / before) if before else after
    for rule in column.rules:
        bound = re.fullmatch(r"(<=|>=) ([0-9.]+)", rule)
        if bound is not None:
            limit = float(bound[2])
            new = min(new, limit) if bound[1] == "<=" else max(new, limit)
    cells[i] = repr(new)


def range_columns(table: Table, column: str) -> tuple[str, ...]:
    """The middle column that a name stands for, and the ends that move with it; none if unknown."""
    names = {c.name for c in table.columns}
    for middle, low, high in ENDS:
        three = tuple(f"{column}{end}" for end in (middle, low, high))
        if names >= set(three):
            return three
    return (column,) if column in names else ()


def new_row(change: Change) -> dict[str, str]:
    """Cells of a row that is put in, with what can be told of it where it is left out."""
    cells = {k: v.strip() for k, v in change.cells.items()}
    names = {c.name for c in load_schema()[change.table].columns}
    if change.table == "links" and {"from_node_id", "to_node_id", "mode"} <= set(cells):
        ends = f"{cells['from_node_id']}-{cells['to_node_id']}:{cells['mode']}"
        cells.setdefault("link_id", ends)
    if "value_kind" in names:
        cells.setdefault("value_kind", KIND)
    if "source_id" in names:
        cells.setdefault("source_id", change.source_id or SOURCE)
    return cells


def row_keys(table: Table, raw: Raw) -> dict[str, int]:
    """Rows by their key, several keys joined by a comma."""
    defaults = {c.name: c.default for c in table.columns}
    columns = [[v or defaults[k] for v in raw[k]] for k in table.keys if k in raw]
    rows = enumerate(zip(*columns, strict=True))
    return {plain_key(",".join(values)): i for i, values in rows}


def matching_rows(keys: Mapping[str, int], row: str) -> list[int]:
    """Positions of the rows that a key names; `*` is any key where no row has it for its own."""
    wanted = plain_key(row)
    if wanted in keys:
        return [keys[wanted]]
    parts = wanted.split(",")
    if "*" not in parts:
        return []
    return [i for key, i in keys.items() if _fits(key.split(","), parts)]


def _fits(key: Sequence[str], parts: Sequence[str]) -> bool:
    return len(key) == len(parts) and all(p in ("*", k) for k, p in zip(key, parts, strict=True))


def changed_rows(world: World, change: Change) -> list[int]:
    """Positions in its table of the rows that a change is about; none where there are none."""
    keys = row_keys(load_schema()[change.table], world.raw.get(change.table, {}))
    return matching_rows(keys, change.row)


def plain_key(row: str) -> str:
    """A key without the spaces around its commas."""
    return ",".join(part.strip() for part in row.split(","))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in a list of changes a fault lies."""

    position: int
    row: str

    def fault(self, column: str, found: str, expected: str, tip: str = "") -> Finding:
        return Finding("changes", self.position, self.row, column, found, expected, tip)

    def unknown(self, column: str, found: str, known: Iterable[str], kind: str) -> Finding:
        near = nearest(found, list(known), 1)
        tip = f"Did you mean '{near[0]}'?" if near else ""
        return self.fault(column, found, f"a known {kind}", tip)

"""One word for every difference: a change.

A promise, a closure, a tariff, a new line, a scenario: all are lists of changes on one baseline.
Changes are applied to cells as text, and what comes out is checked like any other input.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from typing import Any

from entrepot.errors import BadInputError, Finding, UsageError, format_findings, nearest
from entrepot.facts.check import references
from entrepot.facts.view import View
from entrepot.facts.world import World
from entrepot.schema.check import NO_COLUMN, Raw, check_table
from entrepot.schema.table import SCENARIO, Column, Table, load_schema

OPERATIONS = ("set", "add", "scale")


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    row       : key of the row, several keys joined by a comma
    operation : set a value, add to a number, or scale it

    >>> ep.Change("border_crossings", "akyayla,incheh_borun,road", "hours_p50", "scale", "0.5").row
    'akyayla,incheh_borun,road'
    """

    table: str
    row: str
    column: str
    operation: str
    value: str
    year: int | None = None
    reason: str = ""
    source_id: str = ""


def apply(world: World, changes: Sequence[Change]) -> World:
    """A new world; the old one stays as it is.

    Raises BadInputError with every fault, UsageError for a change of legal flags.
    """
    if not changes:
        return world
    law = [c for c in changes if "law" in _readers(c)]
    if law:
        raise UsageError(
            f"A change of {law[0].table}.{law[0].column} cannot be made: legal flags are facts of "
            "law, which nobody changes here."
        )
    raw: dict[str, Raw] = dict(world.raw)
    findings: list[Finding] = []
    touched: dict[str, None] = {}
    for i, change in enumerate(changes):
        finding = _apply_one(raw, change, i, touched)
        if finding is not None:
            findings.append(finding)
    schema = load_schema()
    for name in touched:
        # A column that is left out was told when the file was read; the change is not to blame.
        findings += [f for f in check_table(schema[name], raw[name]) if f.found != NO_COLUMN]
    kept = {name: table for name, table in world._typed.items() if name not in touched}
    rows = {name: records for name, records in world._records.items() if name not in touched}
    changed = tuple(sorted({*world.overridden, *touched}))
    keys = {own: digest for own, digest in world._digests.items() if own[0] not in touched}
    out = World(raw, world.meta, changed, world.origin, kept, rows, keys)
    names = _names(changes)
    findings += references(View(out), names) if names else []
    if findings:
        raise BadInputError(f"Changes that cannot be made:\n{format_findings(findings)}", findings)
    return out


def is_of_baseline(change: Change) -> bool:
    """Whether a change is of what trade and habits start from: another baseline, not a scenario."""
    return "base" in _readers(change)


def _readers(change: Change) -> tuple[str, ...]:
    """Who reads the column of a change; nobody for names that are not known."""
    table = load_schema().get(change.table)
    return (
        ()
        if table is None
        else next((c.read_by for c in table.columns if c.name == change.column), ())
    )


def _without_effect(column: Column) -> str:
    """Why a change of a column would change no answer; empty where it may."""
    if column.is_read_by(*SCENARIO, "base"):
        return ""
    if column.is_read_by("name"):
        return "a column that costs rest on; this one only names and groups routes"
    return "a column the model reads; a change of this one changes nothing"


def _names(changes: Sequence[Change]) -> Collection[tuple[str, str]]:
    """Columns whose names may have lost what they point to: changed, or pointing to a change."""
    changed = {(c.table, c.column) for c in changes}
    return {
        (table.name, column.name)
        for table in load_schema().values()
        for column in table.columns
        if column.reference and ({(table.name, column.name), column.reference} & changed)
    }


def _apply_one(
    raw: dict[str, Raw], change: Change, position: int, touched: dict[str, None]
) -> Finding | None:
    def fault(column: str, found: str, known: Sequence[str], kind: str) -> Finding:
        near = nearest(found, known, 1)
        tip = f"Did you mean '{near[0]}'?" if near else ""
        return Finding("changes", position + 1, change.row, column, found, f"a known {kind}", tip)

    schema = load_schema()
    if change.table not in schema:
        return fault("table", change.table, list(schema), "table")
    table = schema[change.table]
    if change.operation not in OPERATIONS:
        return fault("operation", change.operation, OPERATIONS, "operation")
    names = [c.name for c in table.columns]
    if change.column not in names:
        return fault("column", change.column, names, "column")
    column = table.column(change.column)
    useless = _without_effect(column)
    if useless:
        return Finding("changes", position + 1, change.row, "column", change.column, useless)
    keys = row_keys(table, raw.get(change.table, {}))
    wanted = _plain_key(change.row)
    if wanted not in keys:
        return fault("row", change.row, list(keys), "row")
    if change.table not in touched:
        raw[change.table] = {c: list(cells) for c, cells in raw[change.table].items()}
        touched[change.table] = None
    i = keys[wanted]
    cells = raw[change.table].setdefault(change.column, [""] * len(keys))
    if change.operation == "set":
        cells[i] = change.value
        return None
    if column.type not in ("number", "integer"):
        expected = f"set, as {change.column} is no number"
        found = change.operation
        return Finding("changes", position + 1, change.row, "operation", found, expected)
    try:
        old, by = float(cells[i] or column.default), float(change.value)
    except ValueError:
        return Finding(
            "changes",
            position + 1,
            change.row,
            "value",
            f"{cells[i]} {change.operation} {change.value}",
            "two numbers",
        )
    new = old + by if change.operation == "add" else old * by
    cells[i] = str(int(new)) if column.type == "integer" and new.is_integer() else repr(new)
    return None


def row_keys(table: Table, raw: Raw) -> dict[str, int]:
    """Rows by their key, several keys joined by a comma."""
    defaults = {c.name: c.default for c in table.columns}
    columns = [[v or defaults[k] for v in raw[k]] for k in table.keys if k in raw]
    rows = enumerate(zip(*columns, strict=True))
    return {_plain_key(",".join(values)): i for i, values in rows}


def changed_row(world: World, change: Change) -> int:
    """Position in its table of the row that a change is about; KeyError where there is none."""
    return row_keys(load_schema()[change.table], world.raw[change.table])[_plain_key(change.row)]


def _plain_key(row: str) -> str:
    """A key without the spaces around its commas."""
    return ",".join(part.strip() for part in row.split(","))


def read_changes(text: str) -> tuple[Change, ...]:
    """Changes from TOML: a list of [[change]] tables. Unknown keys are errors."""
    try:
        content = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadInputError(f"The changes are no TOML: {error}") from None
    findings: list[Finding] = []
    known = [f.name for f in fields(Change)]
    out = []
    for key in content:
        if key != "change":
            findings.append(Finding("changes", 0, "", key, key, "[[change]] tables only"))
    items = content.get("change", [])
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        findings.append(Finding("changes", 0, "", "change", str(items), "[[change]] tables"))
        items = []
    for i, item in enumerate(items):
        for key in item:
            if key not in known:
                near = nearest(key, known, 1)
                tip = f"Did you mean '{near[0]}'?" if near else ""
                findings.append(Finding("changes", i + 1, "", key, key, "a known key", tip))
        missing = [k for k in known[:5] if k not in item]
        if missing:
            findings.append(Finding("changes", i + 1, "", ", ".join(missing), "nothing", "a value"))
            continue
        year = item.get("year")
        if year is not None and (not isinstance(year, int) or isinstance(year, bool)):
            findings.append(Finding("changes", i + 1, "", "year", str(year), "a whole number"))
        values: dict[str, Any] = {
            k: (v if k == "year" else as_cell(v)) for k, v in item.items() if k in known
        }
        out.append(Change(**values))
    if findings:
        raise BadInputError(f"Faults in the changes:\n{format_findings(findings)}", findings)
    return tuple(out)


def as_cell(value: Any) -> str:
    """A value of TOML as it stands in a table."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ";".join(as_cell(v) for v in value)
    return str(value)

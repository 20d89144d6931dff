"""Check the cells of one table against its declaration. All faults in one pass."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache

from entrepot.errors import Finding, nearest
from entrepot.schema.table import Column, Table

Raw = dict[str, list[str]]

# Stricter than float(), which also takes 1_000, digits of other scripts and spaces.
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
NOT_FINITE = re.compile(r"[+-]?(nan|inf|infinity)", re.IGNORECASE)
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
SIGNS = (">=", "<=", ">", "<")
MOST_INTEGER = 2**53  # whole numbers beyond it are not exact as floating point

NO_COLUMN = "no such column"


def key_text(table: Table, raw: Raw, i: int) -> str:
    """Key of a row, for people."""
    return ", ".join(raw[k][i] for k in table.keys if k in raw)


def filled_rows(raw: Raw) -> list[int]:
    """Positions of the rows that hold anything; an empty row is one fault of the file itself."""
    return [i for i, cells in enumerate(zip(*raw.values(), strict=True)) if any(cells)]


def check_table(table: Table, raw: Raw, file: str | None = None) -> list[Finding]:
    """Faults of the cells of a table. raw: cells as text, by column, empty for missing."""
    file = file or table.file
    out = _check_header(table, raw, file)
    rows = filled_rows(raw)
    for column in table.columns:
        if column.name not in raw:
            continue
        # Long tables repeat their cells; each text is looked at once.
        check = cache(_cell_check(column))
        bounds = _bounds(column, raw)
        cells = raw[column.name]
        for i in rows:
            cell = cells[i]
            fault = check(cell)
            if fault is None and bounds:
                fault = _compare_columns(column, bounds, raw, i)
            if fault is not None:
                expected, tip = fault
                key = key_text(table, raw, i)
                out.append(Finding(file, i + 2, key, column.name, cell, expected, tip))
    out += _duplicates(table, raw, rows, file)
    return out


def check_added(table: Table, old: Raw, new: Raw, file: str) -> list[Finding]:
    """Rows added to a table that has a row of their key already."""
    if any(k not in old or k not in new for k in table.keys):
        return []
    first = {key: at for at, key in reversed(list(_keys(table, old)))}
    return [
        Finding(
            file,
            at,
            ", ".join(key),
            ", ".join(table.keys),
            ", ".join(key),
            f"a key that {table.file} does not have",
            f"It is in row {first[key]}; to change that row, bring the whole table or a change.",
        )
        for at, key in _keys(table, new)
        if key in first
    ]


def _keys(table: Table, raw: Raw) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Row in a spreadsheet and key of every filled row."""
    defaults = {c.name: c.default for c in table.columns}
    for i in filled_rows(raw) if table.keys else ():
        yield i + 2, tuple(raw[k][i] or defaults[k] for k in table.keys)


def _check_header(table: Table, raw: Raw, file: str) -> list[Finding]:
    known = [c.name for c in table.columns]
    out = []
    for name in raw:
        if name not in known:
            near = nearest(name, known, 1)
            tip = f"Did you mean '{near[0]}'?" if near else ""
            out.append(Finding(file, 1, "", name, name, "a declared column", tip))
    for column in table.columns:
        if column.must_be_there and column.name not in raw:
            tip = "" if column.is_required else _left_out(column)
            told = f"{column.description}.{tip}" if tip else column.description
            out.append(Finding(file, 1, "", column.name, NO_COLUMN, "the column", told))
    return out


def _left_out(column: Column) -> str:
    """What a whole column of empty cells would say, and how to say it on purpose."""
    means = f"'{column.default}'" if column.default else "empty"
    return f" Without the column every row would be {means}. Add it; its cells may stay empty."


def _cell_check(column: Column) -> Callable[[str], tuple[str, str] | None]:
    """A function that gives (expected, suggestion) for a bad cell and None for a good one."""
    value_rules = [_value_rule(r) for r in column.rules]
    numeric = column.type in ("number", "integer")

    def check(cell: str) -> tuple[str, str] | None:
        text = cell.strip() or column.default
        if not text:
            return ("a value", column.description) if column.is_required else None
        if cell != cell.strip() and column.type == "id":
            return "an id without spaces around it", f"'{cell.strip()}'"
        fault = _type_fault(column, text)
        if fault is not None:
            return fault
        items = (
            [t.strip() for t in text.split(";") if t.strip()] if column.type == "list" else [text]
        )
        for item in items:
            for rule in value_rules:
                bad = rule(item, numeric)
                if bad is not None:
                    return bad
        return None

    return check


def _type_fault(column: Column, text: str) -> tuple[str, str] | None:
    if column.type in ("number", "integer"):
        return _number_fault(column, text)
    if column.type == "date" and not is_day(text):
        return "a date like 2026-06-30", _other_day(text)
    if column.type == "yes_no" and text not in ("yes", "no"):
        return "yes or no", ""
    if column.type == "id" and re.search(r"[\n\r;|]", text):
        return "an id without ; | or line breaks", ""
    return None


def is_day(text: str) -> bool:
    """Whether a text is a day of the calendar as 2026-06-30."""
    if not DAY.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _number_fault(column: Column, text: str) -> tuple[str, str] | None:
    unknown = "Leave the cell empty where the value is not known."
    if NOT_FINITE.fullmatch(text):
        return "a finite number", unknown
    if not NUMBER.fullmatch(text):
        tip = "Use a point for decimals and no thousands separator." if "," in text else ""
        return f"a number ({column.unit})" if column.unit else "a number", tip
    value = float(text)
    if not math.isfinite(value):
        return "a finite number", unknown
    if column.type == "integer" and (value != int(value) or abs(value) > MOST_INTEGER):
        return "a whole number", ""
    return None


def _other_day(text: str) -> str:
    """What a date in another order probably means; nothing where two readings are possible."""
    parts = re.fullmatch(r"([0-9]{1,2})[./-]([0-9]{1,2})[./-]([0-9]{4})", text)
    if parts is None:
        return ""
    a, b, year = int(parts[1]), int(parts[2]), int(parts[3])
    days = []
    for month, day in {(b, a), (a, b)}:
        try:
            days.append(date(year, month, day).isoformat())
        except ValueError:
            continue
    return f"Is it {days[0]}?" if len(days) == 1 else ""


def _value_rule(rule: str) -> Callable[[str, bool], tuple[str, str] | None]:
    if rule.startswith("in "):
        allowed = rule[3:].split("|")

        def one_of(text: str, numeric: bool) -> tuple[str, str] | None:
            same = float(text) in [float(a) for a in allowed] if numeric else text in allowed
            if same:
                return None
            near = nearest(text, allowed, 1)
            return "one of " + ", ".join(allowed), f"Did you mean '{near[0]}'?" if near else ""

        return one_of
    if rule.startswith("pattern "):
        pattern = re.compile(rule[8:])

        def matches(text: str, _: bool) -> tuple[str, str] | None:
            if pattern.fullmatch(text):
                return None
            upper = text.upper()
            tip = f"Did you mean '{upper}'?" if pattern.fullmatch(upper) else ""
            return f"the form {pattern.pattern}", tip

        return matches
    comparison = re.fullmatch(r"(>=|<=|>|<) (-?[\d.]+)", rule)
    if comparison:
        sign, bound = comparison[1], float(comparison[2])

        def within(text: str, _: bool) -> tuple[str, str] | None:
            return None if _holds(float(text), sign, bound) else (f"a value {rule}", "")

        return within
    return lambda _text, _numeric: None


def _bounds(column: Column, raw: Raw) -> list[tuple[str, str]]:
    """Signs and columns of the rules that compare a column with another."""
    rules = [tuple(rule.split(" ")) for rule in column.rules]
    return [(r[0], r[1]) for r in rules if len(r) == 2 and r[0] in SIGNS and r[1] in raw]


def _compare_columns(
    column: Column, bounds: list[tuple[str, str]], raw: Raw, i: int
) -> tuple[str, str] | None:
    for sign, name in bounds:
        own, other = raw[column.name][i].strip(), raw[name][i].strip()
        if not (NUMBER.fullmatch(own) and NUMBER.fullmatch(other)):
            continue  # empty, or a fault of its own
        bound = float(other)
        if math.isfinite(bound) and not _holds(float(own), sign, bound):
            return f"a value {sign} {name} ({other})", ""
    return None


def _holds(value: float, sign: str, bound: float) -> bool:
    return {">=": value >= bound, "<=": value <= bound, ">": value > bound, "<": value < bound}[
        sign
    ]


def _duplicates(table: Table, raw: Raw, rows: list[int], file: str) -> list[Finding]:
    out = []
    unique = [(c.name,) for c in table.columns if "unique" in c.rules]
    keys = table.keys
    for names in (keys, *unique):
        if not names or any(n not in raw for n in names):
            continue
        columns = [(raw[c.name], c.default) for n in names for c in table.columns if c.name == n]
        may_be_empty = names != keys
        first: dict[tuple[str, ...], int] = {}
        for i in rows:
            key = tuple([cells[i] or default for cells, default in columns])
            if may_be_empty and not any(key):
                continue
            if key in first:
                out.append(
                    Finding(
                        file,
                        i + 2,
                        ", ".join(key),
                        ", ".join(names),
                        ", ".join(key),
                        "a key that occurs once",
                        f"First in row {first[key] + 2}.",
                    )
                )
            else:
                first[key] = i
    return out

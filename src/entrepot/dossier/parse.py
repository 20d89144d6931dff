"""TOML tables into objects, strictly: every fault is noted, nothing is guessed."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import MISSING, Field, fields
from typing import Any

from entrepot.dossier.objects import RANGE_KEYS, MeasureChange
from entrepot.errors import Finding, nearest
from entrepot.facts.change import ROWS
from entrepot.facts.read_changes import as_cell
from entrepot.uncertainty.ranges import Range

DAY = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")
CHANGE_KEYS = ("table", "rows", "columns", "operation", "low", "mid", "high", "value")
WORDS = {
    "str": "a text",
    "tuple[str, ...]": "a list of texts",
    "float": "a number",
    "float | None": "a number",
    "int": "a whole number",
    "bool": "true or false",
}


def _words(column: str, wanted: str) -> str:
    """What is expected in a column, as a fault tells it."""
    return (
        _three_words(RANGE_KEYS[column]) if column in RANGE_KEYS else WORDS.get(wanted, "a value")
    )


def _three_words(names: Sequence[str]) -> str:
    return "{ " + ", ".join(f"{n} = ..." for n in names) + " }"


class Taker:
    """Takes objects from the tables of one file and notes the faults."""

    def __init__(self, file: str, findings: list[Finding]) -> None:
        self.file, self.findings = file, findings

    def fault(
        self, at: int, key: str, column: str, found: object, expected: str, tip: str = ""
    ) -> None:
        self.findings.append(Finding(self.file, at, key, column, str(found), expected, tip))

    def take(self, kind: type, content: Any, at: int) -> Any:
        """An object of a dataclass, or None when something is wrong with it."""
        if not isinstance(content, dict):
            self.fault(at, "", "", content, "a table")
            return None
        before = len(self.findings)
        name = content.get("id", "")
        key = name if isinstance(name, str) else ""
        expected = {f.name: f for f in fields(kind)}
        self.unknown(at, key, content, list(expected))
        values = {}
        for column, field in expected.items():
            if column in content:
                values[column] = self._value(at, key, column, field, content[column])
            elif field.default is MISSING and field.default_factory is MISSING:
                self.fault(at, key, column, "nothing", _words(column, str(field.type)))
        return kind(**values) if len(self.findings) == before else None

    def unknown(self, at: int, key: str, content: dict[str, Any], known: Sequence[str]) -> None:
        for name in content:
            if name not in known:
                near = nearest(name, known, 1)
                tip = f"Did you mean '{near[0]}'?" if near else ""
                self.fault(at, key, name, name, "a known key", tip)

    def _value(self, at: int, key: str, column: str, field: Field[Any], value: Any) -> Any:
        wanted = str(field.type)
        if hasattr(value, "isoformat"):
            value = value.isoformat()
        good, out = True, value
        if wanted == "str":
            good = isinstance(value, str) and (bool(value.strip()) or field.default is not MISSING)
        elif wanted == "tuple[str, ...]":
            good = isinstance(value, list) and all(isinstance(v, str) and v for v in value)
            out = tuple(value) if good else ()
        elif wanted == "bool":
            good = isinstance(value, bool)
        elif wanted == "int":
            good = isinstance(value, int) and not isinstance(value, bool)
        elif wanted.startswith("float"):
            good = _finite(value)
            out = float(value) if good else 0.0
        elif wanted.startswith("Range["):
            return self._three(at, key, column, value)
        elif wanted.startswith("tuple[MeasureChange"):
            return self._changes(at, key, value)
        if not good:
            self.fault(at, key, column, value, WORDS[wanted])
        return out

    def _three(self, at: int, key: str, column: str, value: Any) -> Range[float]:
        names = RANGE_KEYS[column]
        if (
            isinstance(value, dict)
            and set(value) == set(names)
            and all(map(_finite, value.values()))
        ):
            out = Range(*(float(value[n]) for n in names))
            if list(out) != sorted(out):
                self.fault(at, key, column, value, "values that do not fall")
            return out
        self.fault(at, key, column, value, _three_words(names))
        return Range(0.0, 0.0, 0.0)

    def _changes(self, at: int, key: str, value: Any) -> tuple[MeasureChange, ...]:
        """[[measure.change]] tables; `value` stands for low, mid and high alike."""
        out = []
        for part in value if isinstance(value, list) else [value]:
            if not isinstance(part, dict):
                self.fault(at, key, "change", part, "[[measure.change]] tables")
                continue
            self.unknown(at, key, part, CHANGE_KEYS)
            if part.get("operation") in ROWS:
                out += self._row_change(at, key, part)
                continue
            sides = ("value",) if "value" in part else ("low", "mid", "high")
            if "value" in part and any(s in part for s in ("low", "mid", "high")):
                self.fault(at, key, "value", "value beside low, mid or high", "one of the two")
            missing = [
                k for k in ("table", "rows", "columns", "operation", *sides) if k not in part
            ]
            if missing:
                self.fault(at, key, ", ".join(missing), "nothing", "a value")
                continue
            lists = [part["rows"], part["columns"]]
            if not all(
                isinstance(v, list) and v and all(isinstance(t, str) for t in v) for v in lists
            ):
                self.fault(at, key, "rows, columns", lists, "lists of texts")
                continue
            low, mid, high = (as_cell(part[s]) for s in (sides * 3)[:3])
            table, operation = str(part["table"]), str(part["operation"])
            rows, columns = tuple(lists[0]), tuple(lists[1])
            out.append(MeasureChange(table, rows, columns, operation, low, mid, high))
        return tuple(out)

    def _row_change(self, at: int, key: str, part: dict[str, Any]) -> list[MeasureChange]:
        """A change that puts a row in or takes rows away."""
        inserts = part["operation"] == "insert"
        wanted = ("table", "value") if inserts else ("table", "rows")
        missing = [k for k in wanted if k not in part]
        cells = part.get("value", {})
        if missing or not isinstance(cells, dict) or not isinstance(part.get("rows", []), list):
            expected = "a table of cells by column" if inserts else "a list of texts"
            self.fault(at, key, ", ".join(missing or wanted[1:]), part.get(wanted[1]), expected)
            return []
        given = tuple(sorted((str(k), as_cell(v)) for k, v in cells.items()))
        rows = () if inserts else tuple(map(str, part["rows"]))
        return [MeasureChange(str(part["table"]), rows, (), part["operation"], "", "", "", given)]


def _finite(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def is_moment(text: str) -> bool:
    """Whether a text is a year, a month or a day."""
    return DAY.fullmatch(text) is not None


def year_of(text: str, *, end: bool = False) -> float | None:
    """A moment as a year with decimals; a year or month alone is taken at its start or end."""
    if not is_moment(text):
        return None
    parts = [int(p) for p in text.split("-")]
    if len(parts) == 1:
        return parts[0] + (1.0 if end else 0.0)
    if len(parts) == 2:
        return parts[0] + (parts[1] - (0 if end else 1)) / 12
    return parts[0] + (parts[1] - 1) / 12 + (parts[2] - 1) / 365.25

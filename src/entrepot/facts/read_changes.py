"""Changes from TOML."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from typing import Any

from entrepot.errors import BadInputError, Finding, format_findings, nearest
from entrepot.facts.change import ROWS, Change


def read_changes(text: str) -> tuple[Change, ...]:
    """Changes from TOML: a list of [[change]] tables. Unknown keys are errors.

    `value` of an insert is a table of cells by column. Raises BadInputError with every fault.
    """
    try:
        content = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadInputError(f"The changes are not TOML: {error}") from None
    findings: list[Finding] = []
    for key in content:
        if key != "change":
            findings.append(Finding("changes", 0, "", key, key, "[[change]] tables only"))
    items = content.get("change", [])
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        findings.append(Finding("changes", 0, "", "change", str(items), "[[change]] tables"))
        items = []
    out = [_read(i + 1, item, findings) for i, item in enumerate(items)]
    if findings:
        raise BadInputError(f"Faults in the changes:\n{format_findings(findings)}", findings)
    return tuple(change for change in out if change is not None)


def _read(position: int, item: dict[str, Any], findings: list[Finding]) -> Change | None:
    """One change; None, and findings, where it cannot be read."""
    before = len(findings)

    def fault(column: str, found: str, expected: str, tip: str = "") -> None:
        findings.append(Finding("changes", position, "", column, found, expected, tip))

    known = [f.name for f in fields(Change)]
    for key in item:
        if key not in known:
            near = nearest(key, known, 1)
            fault(key, key, "a known key", f"Did you mean '{near[0]}'?" if near else "")
    needed = {"insert": ("table", "value"), "remove": ("table", "row")}.get(
        str(item.get("operation", "")), ("table", "row", "column", "operation", "value")
    )
    missing = [k for k in needed if k not in item]
    if missing:
        fault(", ".join(missing), "nothing", "a value")
        return None
    year, value = item.get("year"), item.get("value", "")
    if year is not None and (not isinstance(year, int) or isinstance(year, bool)):
        fault("year", str(year), "a whole number")
    if isinstance(value, dict) != (item.get("operation") == "insert"):
        kind = "a table of cells by column" if item.get("operation") == ROWS[0] else "one value"
        fault("value", str(value), kind)
    if len(findings) > before:
        return None
    cells = value if not isinstance(value, dict) else {k: as_cell(v) for k, v in value.items()}
    texts = {k: as_cell(v) for k, v in item.items() if k not in ("year", "value")}
    given = cells if isinstance(cells, dict) else as_cell(cells)
    return Change(**texts, value=given, year=year)


def as_cell(value: Any) -> str:
    """A value of TOML as it stands in a table."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ";".join(as_cell(v) for v in value)
    return str(value)

"""What several commands share: options and ways to print."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

if TYPE_CHECKING:
    import pandas as pd

DataOption = Annotated[
    Path | None,
    typer.Option("--data", help="A folder of your own tables laid over the shipped ones."),
]
OriginArgument = Annotated[str, typer.Argument(help="A place, or a country by its alpha-3 code.")]
CommodityOption = Annotated[
    str | None, typer.Option(help="A commodity group; general cargo if left out.")
]
UnitOption = Annotated[str | None, typer.Option(help="teu, feu, truck or t.")]
ByOption = Annotated[str, typer.Option(help="overall, cost, time, co2 or reliability.")]
AvoidOption = Annotated[
    list[str] | None, typer.Option(help="RUS, a place, mode:sea, basin:caspian; may be repeated.")
]
ViaOption = Annotated[
    list[str] | None, typer.Option(help="A place to pass, in order; A|B for either.")
]
OnOption = Annotated[str | None, typer.Option(help="2026-06-30, 2026-06 or 2026.")]
PlannedOption = Annotated[
    bool, typer.Option("--with-planned", help="Use links planned or under construction.")
]
CarrierOption = Annotated[str | None, typer.Option(help="Where a truck is registered, alpha-3.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Machine-readable output.")]


def say(text: str) -> None:
    """Talk to the person: stderr."""
    typer.echo(text, err=True)


def print_json(value: Any) -> None:
    """Data to stdout, NaN as null."""
    sys.stdout.write(json.dumps(clean(value), ensure_ascii=False, indent=1) + "\n")


def clean(value: Any) -> Any:
    """Plain values for JSON: no NaN, no NumPy types, tuples as lists."""
    if isinstance(value, dict):
        return {str(k): clean(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [clean(v) for v in value]
    if hasattr(value, "item"):
        value = value.item()
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else None
    return None if str(value) == "<NA>" else str(value)


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of a table as plain dictionaries."""
    return [clean(r) for r in table.to_dict(orient="records")]


def print_csv(table: pd.DataFrame) -> None:
    """A table as CSV to stdout."""
    write_csv(table, sys.stdout)


def write_csv(table: pd.DataFrame, file: TextIO) -> None:
    """A table as CSV; a text that a spreadsheet would take for a formula gets an apostrophe."""
    import csv

    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(table.columns)
    for row in records(table):
        writer.writerow([safe_cell(v) for v in row.values()])


def safe_cell(value: Any) -> str:
    """A cell no spreadsheet executes."""
    if value is None:
        return ""
    text = "; ".join(map(str, value)) if isinstance(value, list) else str(value)
    if isinstance(value, str | list) and text[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + text
    return text


def print_table(
    header: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[int] = ()
) -> None:
    """A plain table that fits its contents; columns in `right` are set to the right."""
    rows = [list(map(str, r)) for r in rows]
    widths = [max(len(str(r[i])) for r in [list(header), *rows]) for i in range(len(header))]
    for row in [list(header), ["-" * w for w in widths], *rows]:
        cells = [
            c.rjust(w) if i in right else c.ljust(w)
            for i, (c, w) in enumerate(zip(row, widths, strict=True))
        ]
        typer.echo("  ".join(cells).rstrip())


def span(low: float, middle: float, high: float, digits: int = 0) -> str:
    """P50 (P10-P90)."""
    return f"{middle:,.{digits}f} ({low:,.{digits}f}-{high:,.{digits}f})"


def shorten(text: str, width: int) -> str:
    """Text cut to a width."""
    return text if len(text) <= width else text[: width - 1] + "…"

"""entrepot explain number: what is behind a number of a report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from entrepot.cli.shared import (
    JsonOption,
    print_answer,
    print_table,
    records,
    say_next,
    shorten,
)

if TYPE_CHECKING:
    from entrepot.answers.trace import Cell, Trace

RUNS = Path("runs")


def number(
    number_id: Annotated[
        str | None,
        typer.Argument(
            metavar="ID", help="table/key/column; the report shows it over each number."
        ),
    ] = None,
    run: Annotated[
        Path | None,
        typer.Option("--run", help="The folder of a saved run; the newest in ./runs if left out."),
    ] = None,
    list_table: Annotated[
        str | None, typer.Option("--list", help="List the ids of a table of the run instead.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """One number of a report: what it means, its row, how it is known, its sources and its run."""
    import entrepot as ep
    from entrepot.answers.trace import FORM, trace
    from entrepot.api.numbers import number_answer, numbers_answer, open_newest

    if (number_id is None) == (list_table is None):
        raise ep.errors.UsageError(f"Give an id, or --list and a table. {FORM}.")
    opened = open_newest(RUNS) if run is None else ep.open_run(run)
    if list_table is not None:
        listed = numbers_answer(opened, list_table)
        if as_json:
            print_answer(listed)
        else:
            rows = records(listed.tables["numbers"])
            lines = [(r["id"], told(r["value"]), r["unit"]) for r in rows]
            print_table(("id", "value", "unit"), lines, right=(1,))
        return
    found = trace(opened, str(number_id))
    if as_json:
        print_answer(number_answer(opened, found))
        return
    _show(found, opened.folder)
    say_next(("explain", "number", "--list", found.table), {"--run": run})


def told(value: Any) -> str:
    """A cell for people."""
    from entrepot.answers.trace import empty

    if empty(value):
        return "empty"
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value))
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1e6 else f"{value:.6g}"
    return str(value)


def with_unit(cell: Cell) -> str:
    """A value and its unit; numbers without one stand alone."""
    return told(cell.value) + ("" if cell.unit in ("", "1") else f" {cell.unit}")


def _show(found: Trace, folder: Path) -> None:
    unit = "" if found.unit in ("", "1") else f" {found.unit}"
    typer.echo(f"{found.id} = {told(found.value)}{unit}\n")
    typer.echo(f"Table {found.table}: {found.table_meaning}.")
    columns = {c.column: c.meaning for c in found.cells}
    for name, meaning in columns.items():
        typer.echo(f"Column {name}: {meaning}.")
    if len(found.cells) > 1:
        typer.echo("\nThe sum of:")
        for c in found.cells:
            typer.echo(f"  {c.key} {c.column}: {with_unit(c)}")
    if found.row:
        typer.echo("\nThe rest of the row:")
        print_table(
            ("column", "value", "unit", "meaning"),
            [(c.column, shorten(told(c.value), 60), c.unit, c.meaning) for c in found.row],
        )
    if found.known:
        typer.echo("\nHow it is known:")
        several = len({c.key for c in found.known}) > 1
        for c in found.known:
            typer.echo(f"  {c.key + ' ' if several else ''}{c.column}: {with_unit(c)}")
    typer.echo(f"\n{found.rests}")
    for s in found.sources:
        words = ", ".join(w for w in (s.title, s.publisher, s.year) if w)
        typer.echo(f"  {s.source_id}  {words or 'not among the sources of the run'}")
        if s.url:
            typer.echo(f"      {s.url}")
    typer.echo(
        f"\nRun {folder}: {found.title} (study {found.study}), made {found.made}, seed {found.seed}, "
        f"facts as of {found.as_of}, hash {found.facts}"
    )

"""What several commands share: options, ways to print, and the line with the next command."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    import pandas as pd

    from entrepot import Answer, RouteQuery

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
DossierOption = Annotated[
    str | None, typer.Option("--dossier", help="A folder, or the name of a shipped dossier.")
]
SeedOption = Annotated[
    int | None, typer.Option(help="Seed of the draws; that of all answers if left out.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Machine-readable output.")]


def say(text: str) -> None:
    """Talk to the person: stderr."""
    typer.echo(text, err=True)


def say_next(words: Sequence[object], options: Mapping[str, object], *, before: str = "") -> None:
    """Say the next command as the last line, after a sentence where one is given."""
    say(f"\n{before}Next: entrepot {next_command(words, options)}")


def next_command(words: Sequence[object], options: Mapping[str, object]) -> str:
    """A command with the options that were given, quoted for a shell.

    options : by name such as --avoid; None, False and empty lists were not given, True is a flag,
              a list repeats its option, and a tuple is one option with several words
    """
    out = [str(w) for w in words]
    for name, value in options.items():
        for one in value if isinstance(value, list) else [value]:
            if one is None or one is False or one == ():
                continue
            out.append(name)
            if one is not True:
                out += [str(w) for w in one] if isinstance(one, tuple) else [str(one)]
    return shlex.join(out)


def query_options(query: RouteQuery, data: Path | None) -> dict[str, object]:
    """The options of a query that were given, as `next_command` takes them."""
    return {
        "--commodity": query.commodity,
        "--unit": query.unit,
        "--by": None if query.by == "overall" else query.by,
        "--avoid": list(query.avoid),
        "--via": list(query.via),
        "--on": query.on,
        "--with-planned": query.with_planned,
        "--carrier": query.carrier,
        "--data": data,
    }


def print_answer(answer: Answer, *tables: str) -> None:
    """An answer as JSON to stdout; some of its tables where they are named."""
    sys.stdout.write(answer.to_json(*tables))


def print_json(value: Any) -> None:
    """Data to stdout, NaN as null."""
    from entrepot.answers.writers.json_text import json_text

    sys.stdout.write(json_text(value))


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of a table as plain dictionaries."""
    from entrepot.answers.writers.cells import rows_of

    return rows_of(table)


def write_text(path: Path, text: str) -> None:
    """Write a file. Raises UsageError where that cannot be."""
    from entrepot.errors import UsageError

    try:
        path.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise UsageError(f"'{path}' cannot be written: {error.strerror}.") from None


def print_table(
    header: Sequence[str], rows: Iterable[Sequence[object]], right: Sequence[int] = ()
) -> None:
    """A plain table that fits its contents; columns in `right` are set to the right."""
    from entrepot.answers.writers.cells import escaped

    lines = [[escaped(str(c)) for c in r] for r in rows]
    widths = [max(len(str(r[i])) for r in [list(header), *lines]) for i in range(len(header))]
    for row in [list(header), ["-" * w for w in widths], *lines]:
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

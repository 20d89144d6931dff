"""entrepot check: are the data sound?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from entrepot.cli.shared import JsonOption, print_answer, print_table, records, say, say_next

if TYPE_CHECKING:
    import pandas as pd


def check(
    folder: Annotated[
        Path | None,
        typer.Argument(
            help="A folder of your own tables, or GMNS files; the shipped facts if left out."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Find all faults of the data in one pass. Exit status 1 when there are any."""
    import entrepot as ep

    answer = ep.check_world(folder)
    findings = [ep.errors.Finding(**row) for row in records(answer.tables["findings"])]
    if as_json:
        print_answer(answer)
    elif findings:
        typer.echo(ep.errors.format_findings(findings))
        say(f"\n{answer.status}. Correct them and run the check again.")
        say_next(("check", *((folder,) if folder else ())), {})
    else:
        _summary(answer.tables["contents"])
        words = ("FROM", "TO") if folder else ("ALMATY", "TEHRAN", "--commodity", "cereals")
        say_next(("routes", *words), {"--data": folder}, before="No faults. ")
    raise typer.Exit(1 if findings else 0)


def _summary(contents: pd.DataFrame) -> None:
    """What the data hold, by kind of value."""
    kinds = ("measured", "published", "estimated", "assumed")
    rows = []
    for row in records(contents):
        counts = ("" if row[kind] is None else f"{row[kind]}" for kind in kinds)
        rows.append([row["table"], f"{row['rows']}", *counts, "yours" if row["replaced"] else ""])
    print_table(("table", "rows", *kinds, ""), rows, right=(1, 2, 3, 4, 5))

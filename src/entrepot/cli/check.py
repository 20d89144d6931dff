"""entrepot check: are the data sound?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from entrepot.cli.shared import JsonOption, print_json, say


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
    from entrepot.errors import format_findings
    from entrepot.facts.load import check_folder, check_shipped

    findings = check_shipped() if folder is None else check_folder(folder)
    if as_json:
        print_json([f.as_dict() for f in findings])
    elif findings:
        typer.echo(format_findings(findings))
        say(
            f"\n{len(findings)} fault{'s' if len(findings) > 1 else ''}. Correct them and run the check again."
        )
    else:
        _summary(folder)
    raise typer.Exit(1 if findings else 0)


def _summary(folder: Path | None) -> None:
    """What the data hold, by kind of value."""
    from entrepot.cli.shared import print_table
    from entrepot.facts.load import load_world
    from entrepot.schema.table import load_schema

    world = load_world(folder)
    kinds = ("measured", "published", "estimated", "assumed")
    rows = []
    for name, table in load_schema().items():
        data = world.table(name)
        columns = [c.name for c in table.columns if c.is_kind]
        counts = [sum(int((data[c] == kind).sum()) for c in columns) for kind in kinds]
        own = "yours" if name in world.overridden else ""
        rows.append([name, f"{len(data)}", *(str(c) if columns else "" for c in counts), own])
    print_table(("table", "rows", *kinds, ""), rows, right=(1, 2, 3, 4, 5))
    following = f"FROM TO --data {folder}" if folder else "ALMATY TEHRAN --commodity cereals"
    say(f"\nNo faults. Next: entrepot routes {following}")

"""entrepot study: the whole study, to a page anybody can read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from entrepot.cli.shared import DataOption, JsonOption, print_answer, say


def study(
    name: Annotated[str, typer.Argument(help="A shipped study, or the path of a TOML file.")],
    out: Annotated[
        Path | None, typer.Option(help="Folder of the run; runs/NAME if left out.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Seed of the draws; the study's own if left out.")
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(min=1, help="Processes; one a core if left out. The answers stay the same."),
    ] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run a study and write its report."""
    import entrepot as ep
    from entrepot.api.runs import most_processes, run_answer

    run = ep.run_study(
        name,
        out,
        seed=seed,
        processes=jobs or most_processes(),
        data=data,
        on_progress=say,
    )
    page = run.folder / "report.html"
    if as_json:
        print_answer(run_answer(run))
    else:
        typer.echo(str(page))
    say(f"\nNext: open {page} in a browser")


def report(
    run: Annotated[Path, typer.Argument(help="The folder of a run.")],
) -> None:
    """Make the page of a saved run again."""
    from entrepot.api.runs import write_page

    typer.echo(str(write_page(run)))

"""entrepot study: the whole study, to a page anybody can read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from entrepot.cli.shared import DataOption, JsonOption, print_json, say

# Each process holds the coupled world, about a gigabyte.
MOST_JOBS = 8


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
    from entrepot.kernels.paths.shortest_paths import cores
    from entrepot.report.pages.page import write_report
    from entrepot.studies.definition import find_study
    from entrepot.studies.run import RunSettings, run_study

    definition = find_study(name)
    folder = out or Path("runs") / definition.name
    run = run_study(
        definition,
        folder,
        RunSettings(seed, jobs or min(cores(), MOST_JOBS), data),
        on_progress=say,
        finish=write_report,
    )
    if as_json:
        print_json(
            {
                "run": str(run.folder),
                "report": str(run.folder / "report.html"),
                "manifest": run.manifest,
            }
        )
    else:
        typer.echo(str(run.folder / "report.html"))
    say(f"\nNext: open {run.folder / 'report.html'} in a browser")


def report(
    run: Annotated[Path, typer.Argument(help="The folder of a run.")],
) -> None:
    """Make the page of a saved run again."""
    from entrepot.answers.run import open_run
    from entrepot.report.pages.page import write_report

    opened = open_run(run)
    write_report(opened.folder)
    typer.echo(str(run / "report.html"))

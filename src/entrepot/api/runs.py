"""Studies and the runs they leave."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

# Each process holds the coupled world, about a gigabyte.
MOST_PROCESSES = 8

if TYPE_CHECKING:
    from entrepot.answers.answer import Answer
    from entrepot.answers.run import Run
    from entrepot.studies.definition import Study


def run_study(
    study: Study | Path | str,
    folder: Path | str | None = None,
    *,
    seed: int | None = None,
    processes: int = 1,
    data: Path | str | None = None,
    on_progress: Callable[[str], None] = lambda _: None,
) -> Run:
    """Run a study into a folder: tables, manifest and report.html, written in one step.

    study     : the name of a shipped study, or the path of a TOML file
    folder    : of the run; runs/NAME where left out
    seed      : of the draws; the study's own where left out
    processes : how many; they change the time it takes and nothing else
    data      : a folder of your own tables laid over the shipped facts
    Raises BadInputError with every fault of the study, InterruptedRunError where it was stopped;
    the same call goes on from there.

    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> place = Path(mkdtemp())
    >>> text = 'name = "mine"' + chr(10) + 'title = "Mine"' + chr(10) + 'question = "How?"'
    >>> text += chr(10) + 'pair = ["IRN", "KAZ"]'
    >>> text += chr(10) + "[[routes]]" + chr(10) + 'id = "box"' + chr(10) + 'title = "A box"'
    >>> text += chr(10) + 'origin = "almaty"' + chr(10) + 'destination = "tehran"'
    >>> _ = (place / "mine.toml").write_text(text)
    >>> ep.run_study(place / "mine.toml", place / "run")
    <Run mine: ... tables>
    """
    from entrepot.report.pages.page import write_report
    from entrepot.studies.definition import find_study
    from entrepot.studies.run import RunSettings
    from entrepot.studies.run import run_study as run

    definition = find_study(str(study)) if isinstance(study, str | Path) else study
    return run(
        definition,
        Path("runs") / definition.name if folder is None else Path(folder),
        RunSettings(seed, processes, None if data is None else Path(data)),
        on_progress=on_progress,
        finish=write_report,
    )


def most_processes() -> int:
    """Processes that a study uses where nobody says how many: one a core, for each holds a gigabyte."""
    from entrepot.kernels.paths.shortest_paths import cores

    return min(cores(), MOST_PROCESSES)


def write_page(folder: Path) -> Path:
    """Make the page of a saved run again."""
    from entrepot.answers.run import open_run as open_saved
    from entrepot.report.pages.page import write_report

    write_report(open_saved(folder).folder)
    return folder / "report.html"


def run_answer(run: Run) -> Answer:
    """A run as an answer: where it is, its tables with their rows, what was asked."""
    import pandas as pd

    from entrepot.answers.answer import make_answer

    tables = [(name, entry["rows"]) for name, entry in run.manifest["tables"].items()]
    return make_answer(
        "study",
        {
            "study": pd.DataFrame(
                [{"run": str(run.folder), "report": str(run.folder / "report.html")}]
            ),
            "run_tables": pd.DataFrame(tables, columns=["table", "rows"]),
        },
        notes=[f"Seed {run.manifest['seed']}, facts {run.manifest['world']['hash']}."],
    )


def open_run(folder: Path | str) -> Run:
    """Open a saved run and check that its files are those that were written.

    Raises UsageError where the folder is not a run, BadInputError where a file was changed.

    >>> try:
    ...     ep.open_run("nowhere")
    ... except ep.errors.UsageError as error:
    ...     print(error)
    Not a run: 'nowhere' has no manifest.json.
    """
    from entrepot.answers.run import open_run as open_saved

    return open_saved(Path(folder))

"""Studies and the runs they leave."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from entrepot.answers.run import Run
    from entrepot.studies.definition import Study


def run_study(
    study: Study | Path | str,
    folder: Path | str,
    *,
    seed: int | None = None,
    processes: int = 1,
    data: Path | str | None = None,
    on_progress: Callable[[str], None] = lambda _: None,
) -> Run:
    """Run a study into a folder: tables, manifest and report.html, written in one step.

    study     : the name of a shipped study, or the path of a TOML file
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
        Path(folder),
        RunSettings(seed, processes, None if data is None else Path(data)),
        on_progress=on_progress,
        finish=write_report,
    )


def open_run(folder: Path | str) -> Run:
    """Open a saved run and check that its files are those that were written.

    Raises UsageError where the folder is no run, BadInputError where a file was changed.

    >>> try:
    ...     ep.open_run("nowhere")
    ... except ep.errors.UsageError as error:
    ...     print(error)
    'nowhere' is no run: it has no manifest.json.
    """
    from entrepot.answers.run import open_run as open_saved

    return open_saved(Path(folder))

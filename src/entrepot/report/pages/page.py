"""report.html: one file, no outside requests, for phones and for paper."""

from __future__ import annotations

import re
from importlib.metadata import entry_points
from pathlib import Path

from entrepot.answers.manifest import check_for_report
from entrepot.answers.run import Run, open_run
from entrepot.report.sections.summary import SECTIONS, Section, summary
from entrepot.report.templates import fill

GROUP = "entrepot.sections"
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
# Characters that no page may hold and no reader can see; data may bring them.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def write_report(folder: Path) -> None:
    """Make report.html from the tables of a run."""
    run = open_run(folder)
    check_for_report(folder, run.manifest)
    aside = folder / ".report.html"
    page = render(run)
    aside.unlink(missing_ok=True)
    with aside.open("x", encoding="utf-8") as file:  # never through a link that lies there
        file.write(page)
    aside.replace(folder / "report.html")


def render(run: Run) -> str:
    """The page of a run as HTML."""
    parts = [
        (anchor, heading if isinstance(heading, str) else heading(run), make(run))
        for anchor, heading, make in (*SECTIONS, *other_sections())
    ]
    page = fill(
        "page.html",
        manifest=run.manifest,
        date=_date(run),
        policy=POLICY,
        summary=summary(run),
        sections=[(a, t, content) for a, t, content in parts if content],
    )
    return CONTROL.sub("\ufffd", str(page))


def other_sections() -> tuple[Section, ...]:
    """Sections of other packages: entry points of the group `entrepot.sections`, each one a Section.

    What a section gives is escaped unless it is markup.
    """
    return tuple(point.load() for point in entry_points(group=GROUP))


def _date(run: Run) -> str:
    queries = run.rows("queries")
    return (
        str(queries["on"].iloc[0]) if len(queries) else str(run.manifest["world"]["default_date"])
    )

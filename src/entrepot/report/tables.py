"""Cells of the report: numbers with their ids, ranges, addresses of sources."""

from __future__ import annotations

from markupsafe import Markup

from entrepot.answers.run import Run
from entrepot.report.charts.svg import number
from entrepot.report.templates import macros


def value(number_id: str, shown: str) -> Markup:
    """A number that can be traced: its id names table, row and column of the run, and shows on hover."""
    made: Markup = macros("parts.html").number(number_id, shown)
    return made


def span(low: float, middle: float, high: float, digits: int | None = None) -> str:
    """P50 (P10–P90)."""
    if digits is None:
        digits = 0 if middle >= 20 else 1
    return f"{number(middle, digits)} ({number(low, digits)}–{number(high, digits)})"


def addresses(run: Run) -> dict[str, str]:
    """The address of each source of the run by its id."""
    sources = run.table("sources")
    return dict(zip(sources["source_id"], sources["url"].astype(str), strict=True))


def pair_of(run: Run) -> str:
    """The two economies of a study, in words."""
    return " and ".join(run.manifest["pair_names"])

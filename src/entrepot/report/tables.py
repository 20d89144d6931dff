"""HTML tables and phrases of the report."""

from __future__ import annotations

import re
from collections.abc import Sequence

from entrepot.report.charts.svg import esc, number


def table(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    right: Sequence[int] = (),
    caption: str = "",
) -> str:
    """A table that scrolls inside its box. Cells are HTML already."""
    heads = "".join(
        f'<th scope="col"{_right(i, right)}>{esc(h)}</th>' for i, h in enumerate(header)
    )
    body = "".join(
        "<tr>" + "".join(f"<td{_right(i, right)}>{c}</td>" for i, c in enumerate(r)) + "</tr>"
        for r in rows
    )
    title = f"<caption><span>{esc(caption)}</span></caption>" if caption else ""
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{esc(caption or header[0])}"><table>{title}'
        f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _right(i: int, right: Sequence[int]) -> str:
    return ' class="n"' if i in right else ""


def value(number_id: str, shown: str) -> str:
    """A number that can be traced: its id names table, row and column of the run, and shows on hover."""
    named = esc(number_id)
    return f'<span data-id="{named}" title="{named}">{esc(shown)}</span>'


def span(low: float, middle: float, high: float, digits: int | None = None) -> str:
    """P50 (P10–P90)."""
    if digits is None:
        digits = 0 if middle >= 20 else 1
    return f"{number(middle, digits)} ({number(low, digits)}–{number(high, digits)})"


def words(items: Sequence[str], most: int = 6) -> str:
    """A list in a sentence."""
    shown = [str(i) for i in items[:most]]
    if len(items) > most:
        shown.append(f"{len(items) - most} more")
    return (
        shown[0]
        if len(shown) == 1
        else ", ".join(shown[:-1]) + " and " + shown[-1]
        if shown
        else "none"
    )


def link(url: str, title: str) -> str:
    """A link to a source; anything but a web address stays text."""
    if re.fullmatch(r"https?://[^\s\"'<>]+", url):
        return f'<a href="{esc(url)}" rel="noopener noreferrer">{esc(title)}</a>'
    return esc(title)


def details(summary: str, content: str, *, printed: bool = False) -> str:
    """Something to unfold. printed: unfolded on paper."""
    look = ' class="printed"' if printed else ""
    return f"<details{look}><summary>{esc(summary)}</summary>{content}</details>"

"""A small page of an answer for notebooks."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from entrepot.answers.writers.cells import SEPARATOR, escaped, plain

if TYPE_CHECKING:
    import pandas as pd

MOST_BYTES = 20_000
MOST_ROWS = 10
MOST_NOTES = 8
# Columns and characters a cell, from generous to bare, until the page is small enough.
SIZES = ((14, 60), (10, 40), (8, 30), (6, 20), (4, 10), (2, 5))


def answer_html(
    title: str, status: str, table: pd.DataFrame, notes: Sequence[str], rows: int = MOST_ROWS
) -> str:
    """Status, the first rows and the notes, escaped; below 20 kB."""
    page = ""
    for columns, width in SIZES:
        page = _page(title, status, (table, rows, columns), notes, width)
        if len(page.encode("utf-8")) < MOST_BYTES:
            break
    return page


def _page(
    title: str,
    status: str,
    cut: tuple[pd.DataFrame, int, int],
    notes: Sequence[str],
    width: int,
) -> str:
    table, rows, columns = cut
    shown = table.iloc[:rows, :columns]
    head = "".join(f"<th>{_cell(c, width)}</th>" for c in shown.columns)
    body = "".join(
        "<tr>" + "".join(f"<td>{_cell(v, width)}</td>" for v in row) + "</tr>"
        for row in shown.itertuples(index=False, name=None)
    )
    left, hidden = len(table) - len(shown), table.shape[1] - shown.shape[1]
    more = [f"{left:,} more rows"] * (left > 0) + [f"{hidden} more columns"] * (hidden > 0)
    told = [_cell(n, 5 * width) for n in notes[:MOST_NOTES]]
    if len(notes) > MOST_NOTES:
        told.append(f"and {len(notes) - MOST_NOTES} more notes")
    return (
        f"<div><p><b>{_cell(title, 200)}</b>: {_cell(status, 200)}</p>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        + (f"<p>{', '.join(more)}</p>" if more else "")
        + ("<ul>" + "".join(f"<li>{n}</li>" for n in told) + "</ul>" if told else "")
        + "</div>"
    )


def _cell(value: Any, width: int) -> str:
    value = plain(value)
    if value is None:
        return ""
    if isinstance(value, float):
        text = f"{value:.6g}"
    elif isinstance(value, list):
        text = SEPARATOR.join(map(str, value))
    else:
        text = str(value)
    text = escaped(text)
    return escape(text if len(text) <= width else text[: width - 1] + "…")

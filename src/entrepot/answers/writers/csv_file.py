"""Tables as CSV."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any, TextIO

from entrepot.answers.writers.cells import plain, safe_cell

if TYPE_CHECKING:
    import pandas as pd


def csv_text(table: pd.DataFrame) -> str:
    """A table as CSV with a header, lines ended by a line feed."""
    out = io.StringIO(newline="")
    write_csv(table, out)
    return out.getvalue()


def write_csv(table: pd.DataFrame, file: TextIO) -> None:
    """Write a table as CSV. Text that a spreadsheet would take for a formula is defused."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([safe_cell(str(name)) for name in table.columns])
    columns: list[list[Any]] = [table.iloc[:, i].tolist() for i in range(table.shape[1])]
    for row in zip(*columns, strict=True):
        writer.writerow([safe_cell(plain(value)) for value in row])

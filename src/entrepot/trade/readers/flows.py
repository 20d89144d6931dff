"""Trade between zones as a file told it, with an account of every row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from entrepot.errors import UsageError
from entrepot.kernels.arrays import FloatArray
from entrepot.kernels.short_repr import short_repr

MOST_BYTES = 4 * 2**30
TABLE = ("sector", "importer", "exporter", "value_musd", "tonnes", "weighed_musd")


@dataclass(frozen=True, slots=True)
class Note:
    """What became of some rows.

    kind       : `left out` for rows that are not in the result, `told` for what was done to
                 rows that are
    rows       : how many
    value_musd : their value, million USD, rounded to one USD; zero where it is not known
    """

    kind: Literal["left out", "told"]
    text: str
    rows: int = 0
    value_musd: float = 0.0

    def __str__(self) -> str:
        if not self.rows:
            return self.text
        many = f"{self.rows:,} row{'s' if self.rows > 1 else ''}"
        lead = "Left out: " if self.kind == "left out" else ""
        worth = f", {self.value_musd:,.6g} million USD" if self.value_musd else ""
        return f"{lead}{self.text} ({many}{worth})."


@short_repr
@dataclass(frozen=True, eq=False, slots=True)
class TradeFlows:
    """Trade of one year. J sectors, N zones.

    zones     : in the order of the arrays
    sectors   : in the order of the arrays
    table     : a row for each sector, importer and exporter that occurs, sorted so; value_musd
                (million USD a year), tonnes (a year; NaN where no row has a weight) and
                weighed_musd, the value of the rows that have a weight
    year      : None where the file has none and none was given
    format    : format and release that the reader followed
    domestic  : whether the diagonal holds domestic sales
    notes     : what was left out, and what was done to the rest
    rows      : rows of the file; used + the rows of all notes of kind `left out`
    used      : rows in the table
    sha256    : of the file
    """

    zones: tuple[str, ...]
    sectors: tuple[str, ...]
    table: pd.DataFrame
    year: int | None
    format: str
    domestic: bool
    notes: tuple[Note, ...]
    rows: int
    used: int
    sha256: str

    @property
    def total_musd(self) -> float:
        """All trade in the table, million USD a year."""
        return float(self.table["value_musd"].sum())

    @property
    def left_out(self) -> tuple[Note, ...]:
        """The notes on rows that are not in the table."""
        return tuple(note for note in self.notes if note.kind == "left out")

    def arrays(self) -> tuple[FloatArray, FloatArray | None]:
        """Value in million USD and weight in tonnes, (J, N, N) each, [sector, importer, exporter].

        The weight is None where the file has none, and zero where no row of a cell has one.
        Raises UsageError for arrays that would not fit into memory.
        """
        shape = (len(self.sectors), len(self.zones), len(self.zones))
        if np.prod(shape, dtype=np.float64) * 8 > MOST_BYTES:
            raise UsageError(
                f"Arrays of {shape[0]} sectors and {shape[1]} zones need more than "
                f"{MOST_BYTES >> 30} GiB each; use the table, or fewer sectors or zones."
            )
        place = (
            _places(self.table["sector"], self.sectors),
            _places(self.table["importer"], self.zones),
            _places(self.table["exporter"], self.zones),
        )
        value = np.zeros(shape)
        value[place] = self.table["value_musd"]
        if self.table["tonnes"].isna().all():
            return value, None
        tonnes = np.zeros(shape)
        tonnes[place] = self.table["tonnes"].fillna(0.0)
        return value, tonnes


def _places(names: pd.Series[str], order: tuple[str, ...]) -> NDArray[np.intp]:
    return np.asarray(pd.Index(order).get_indexer(names), dtype=np.intp)

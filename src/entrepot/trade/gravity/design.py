"""From cells to arrays: outcome, regressors, codes of effects and clusters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from entrepot.errors import BadInputError
from entrepot.kernels.arrays import FloatArray, IntArray
from entrepot.kernels.regression.separation import compact
from entrepot.kernels.short_repr import short_repr
from entrepot.trade.gravity.data import Cells, DataFault, raise_if_faulty
from entrepot.trade.gravity.formula import Formula, Term

SHOWN = 5
MOST_FAULTS = 20
CONSTANT = "(constant)"


@short_repr
@dataclass(frozen=True, slots=True)
class Grouping:
    """Levels of joined columns.

    columns : what was joined
    code    : (n,) level of each row, from 0
    levels  : one row by level, one column of text by joined column
    """

    columns: tuple[str, ...]
    code: IntArray
    levels: pd.DataFrame

    @property
    def name(self) -> str:
        return "^".join(self.columns)

    def labels(self, columns: Sequence[str] | None = None) -> pd.Series[str]:
        """One text by level, of some of the columns or all."""
        return joined(self.levels[list(self.columns if columns is None else columns)])


@dataclass(frozen=True, slots=True)
class Missing:
    """Rows left out because a cell of a column is empty; rows: the first of them in the file."""

    column: str
    count: int
    rows: tuple[int, ...]


@short_repr
@dataclass(frozen=True, slots=True)
class Design:
    """Rows without missing values, n of them.

    at       : (n,) position of each among the rows read
    y        : (n,) outcome
    x        : (n, k) regressors
    names    : k names
    effects  : to absorb
    clusters : clusterings, empty for none
    missing  : what was left out; left_out rows in all
    """

    at: IntArray
    y: FloatArray
    x: FloatArray
    names: tuple[str, ...]
    effects: tuple[Grouping, ...]
    clusters: tuple[Grouping, ...]
    missing: tuple[Missing, ...]
    left_out: int


def design(cells: Cells, formula: Formula, clusters: Sequence[tuple[str, ...]]) -> Design:
    """Arrays of a formula. Raises with all faults of names and cells in one pass."""
    raise_if_faulty(cells, _value_faults(cells, formula))
    keep = np.ones(cells.n, dtype=bool)
    missing = []
    columns = [(c, np.isnan(v)) for c, v in cells.numbers.items()]
    columns += [(c, v.empty) for c, v in cells.labels.items()]
    for name, empty in columns:
        if empty.any():
            keep &= ~empty
            first = np.flatnonzero(empty)[:SHOWN].tolist()
            place = cells.place(first)
            missing.append(Missing(name, int(empty.sum()), tuple(place[i] for i in first)))
    at = np.flatnonzero(keep)
    if len(at) == 0:
        told = ", ".join(f"{m.column} in {m.count:,}" for m in missing) or "the file has no rows"
        raise BadInputError(f"{cells.file}: no row is complete; missing: {told}.")
    columns_x: list[FloatArray] = []
    names: list[str] = []
    for term in formula.terms:
        for name, column in _columns(cells, term, at):
            names.append(name)
            columns_x.append(column)
    if not formula.effects:
        names.insert(0, CONSTANT)
        columns_x.insert(0, np.ones(len(at)))
    return Design(
        at=at,
        y=cells.numbers[formula.outcome][at],
        x=np.column_stack(columns_x) if columns_x else np.empty((len(at), 0)),
        names=tuple(names),
        effects=tuple(_grouping(cells, e, at) for e in formula.effects),
        clusters=tuple(_grouping(cells, c, at) for c in clusters),
        missing=tuple(missing),
        left_out=cells.n - len(at),
    )


def _value_faults(cells: Cells, formula: Formula) -> list[DataFault]:
    """Numbers that are there and make no sense."""
    out: list[DataFault] = []
    logged = {c for t in formula.terms if t.logged for c in t.columns}
    for name, values in cells.numbers.items():
        checks = [(np.isinf(values), "a finite number", "")]
        if name == formula.outcome:
            tip = "Trade is zero or more; correct the sign or leave the cell empty."
            checks.append((values < 0, "zero or more", tip))
        if name in logged:
            checks.append((values <= 0, f"a value above zero for log({name})", ""))
        for bad, expected, tip in checks:
            rows = np.flatnonzero(bad)
            out += [
                DataFault(int(i), name, f"{values[i]:g}", expected, tip) for i in rows[:MOST_FAULTS]
            ]
            if len(rows) > MOST_FAULTS:
                rest = f"{len(rows) - MOST_FAULTS:,} more such cells"
                out.append(DataFault(-1, name, rest, expected))
    for term in formula.terms:
        if term.omitted and term.omitted not in cells.labels[term.level].levels:
            found = f"no level {term.omitted}"
            out.append(DataFault(-1, term.level, found, f"the level that {term.text} leaves out"))
    return out


def _columns(cells: Cells, term: Term, at: IntArray) -> list[tuple[str, FloatArray]]:
    value = np.ones(len(at))
    for c in term.columns:
        value = value * cells.numbers[c][at]
    if term.logged:
        value = np.log(value)
    if not term.level:
        return [(term.text, value)]
    group = _grouping(cells, (term.level,), at)
    after = ":" + ":".join(term.columns) if term.columns else ""
    out = []
    for k, level in enumerate(group.levels[term.level]):
        if level != term.omitted:
            column = np.where(group.code == k, value, 0.0)
            out.append((f"{term.level}::{level}{after}", column))
    return out


def joined(table: pd.DataFrame) -> pd.Series[str]:
    """Cells of a row as one text; empty without columns."""
    if table.shape[1] == 0:
        return pd.Series("", index=table.index, dtype=object)
    text = table.iloc[:, 0].astype(object)
    for k in range(1, table.shape[1]):
        text = text + "^" + table.iloc[:, k].astype(object)
    return text


def _grouping(cells: Cells, columns: tuple[str, ...], at: IntArray) -> Grouping:
    code = np.zeros(len(at), dtype=np.int64)
    for name in columns:
        own = cells.labels[name]
        code = compact(code * max(len(own.levels), 1) + own.code[at])
    # A row of each level, to read its names off.
    some = np.empty(int(code.max()) + 1, dtype=np.int64)
    some[code] = at
    table = {
        name: np.array(cells.labels[name].levels, dtype=object)[cells.labels[name].code[some]]
        for name in columns
    }
    return Grouping(columns, code, pd.DataFrame(table))

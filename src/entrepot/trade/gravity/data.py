"""The columns a gravity formula needs, from CSV, Parquet or a data frame.

Numbers become floating point, NaN where a cell is empty or says that there is no value; labels
stay text, so that Namibia's NA is a country. Faults are gathered, not raised one by one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from entrepot.errors import BadInputError, Finding, UsageError, format_findings, nearest
from entrepot.facts.files import exact_path
from entrepot.kernels.arrays import FloatArray, IntArray
from entrepot.kernels.short_repr import short_repr
from entrepot.schema.check import NUMBER
from entrepot.trade.readers.csvfile import ENCODINGS, CsvFile, file_rows, open_csv, rejected

MISSING = ("", "na", "n/a", "nan", "null", "none", ".", "..")
MOST_SHOWN = 50
MOST_PER_COLUMN = 20


@dataclass(frozen=True, slots=True)
class DataFault:
    """A bad cell. at: position of its row among the rows read, from 0; -1 for the whole column."""

    at: int
    column: str
    found: str
    expected: str
    tip: str = ""


@short_repr
@dataclass(frozen=True, slots=True)
class Labels:
    """A column of names. code (n,): which of the levels, in their order, -1 for an empty cell."""

    code: IntArray
    levels: tuple[str, ...]

    @property
    def empty(self) -> NDArray[np.bool_]:
        return np.asarray(self.code < 0)


@short_repr
@dataclass(frozen=True, slots=True)
class Cells:
    """Columns by name, all (n,).

    numbers : NaN where there is no value
    labels  : names of levels
    unknown : columns that the source does not have
    faults  : bad cells found so far
    place   : rows of the source, as people count them, of positions among the rows read
    """

    file: str
    n: int
    numbers: dict[str, FloatArray]
    labels: dict[str, Labels]
    known: tuple[str, ...]
    unknown: tuple[str, ...]
    faults: tuple[DataFault, ...]
    place: Callable[[Collection[int]], dict[int, int]]


def read_cells(path: Path, numbers: Sequence[str], labels: Sequence[str]) -> Cells:
    """Read columns of a file. Raises UsageError without a file, BadInputError for no table."""
    if not path.is_file():
        raise UsageError(f"File not found: '{path}'.")
    with path.open("rb") as raw:
        parquet = raw.read(4) == b"PAR1"
    with duckdb.connect() as database:
        if parquet:
            return _read_parquet(database, path, numbers, labels)
        return _read_csv(database, open_csv(path), numbers, labels)


def frame_cells(
    frame: pd.DataFrame, numbers: Sequence[str], labels: Sequence[str], name: str = "data"
) -> Cells:
    """Columns of a data frame; rows are counted from 1."""
    known = tuple(map(str, frame.columns))
    faults: list[DataFault] = []
    values = {}
    for column in numbers:
        if column in known:
            raw = frame[column]
            number = pd.to_numeric(raw, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
            lost = np.flatnonzero(np.isnan(number) & ~raw.isna().to_numpy())
            faults += _no_numbers(column, ((int(i), str(raw.iloc[i])) for i in lost), len(lost))
            values[column] = number
    return Cells(
        file=name,
        n=len(frame),
        numbers=values,
        labels={c: labels_of(frame[c]) for c in labels if c in known},
        known=known,
        unknown=_unknown(known, numbers, labels),
        faults=tuple(faults),
        place=lambda wanted: {i: i + 1 for i in wanted},
    )


def labels_of(values: pd.Series[object]) -> Labels:
    """Levels of a column in order, as text; 2004.0 and 2004 are one year."""
    code, levels = pd.factorize(values, sort=True)
    found = pd.Series(levels)
    if pd.api.types.is_float_dtype(found.dtype):
        number = found.to_numpy(dtype=np.float64)
        if (number == np.floor(number)).all():
            found = pd.Series(number.astype(np.int64))
    return Labels(code.astype(np.int64), tuple(found.astype(str)))


def raise_if_faulty(cells: Cells, more: Sequence[DataFault] = ()) -> None:
    """Raise with every fault: UsageError where only names are wrong, else BadInputError."""
    faults = [*cells.faults, *more]
    findings = [
        Finding(
            cells.file, 1, "", name, "no such column", "a column of the file", _near(name, cells)
        )
        for name in cells.unknown
    ]
    if not faults and findings:
        lines = "\n".join(f"  '{f.column}'{_near(f.column, cells, before='   ')}" for f in findings)
        count = f"{len(findings)} column{'s' if len(findings) > 1 else ''}"
        raise UsageError(
            f"The formula names {count} that {cells.file} does not have:\n{lines}\n"
            f"It has: {', '.join(cells.known)}."
        )
    if not findings and not faults:
        return
    place = cells.place({f.at for f in faults if f.at >= 0})
    found = [
        Finding(cells.file, place.get(f.at, 0), "", f.column, f.found, f.expected, f.tip)
        for f in faults
    ]
    findings += sorted(found, key=lambda f: f.row)
    text = format_findings(findings[:MOST_SHOWN])
    if len(findings) > MOST_SHOWN:
        text += f"\n  and {len(findings) - MOST_SHOWN:,} more"
    raise BadInputError(text, findings)


def _near(name: str, cells: Cells, before: str = "") -> str:
    near = nearest(name, cells.known, 1)
    return f"{before}Did you mean '{near[0]}'?" if near else ""


def _unknown(known: Collection[str], *wanted: Sequence[str]) -> tuple[str, ...]:
    names = dict.fromkeys(name for part in wanted for name in part)
    return tuple(name for name in names if name not in known)


def _no_numbers(column: str, cells: Iterable[tuple[int, str]], count: int) -> list[DataFault]:
    """Faults of cells that are not numbers; many alike end in one line."""
    out: list[DataFault] = []
    for at, text in cells:
        if len(out) == MOST_PER_COLUMN:
            rest = f"{count - MOST_PER_COLUMN:,} more such cells"
            out.append(DataFault(-1, column, rest, "numbers"))
            break
        infinite = re.fullmatch(r"[+-]?inf(inity)?", text.strip().lower())
        tip = "Leave the cell empty where the value is not known."
        if "," in text:
            tip = "Use a point for decimals and no thousands separator."
        out.append(
            DataFault(int(at), column, text, "a finite number" if infinite else "a number", tip)
        )
    return out


def _read_csv(
    database: duckdb.DuckDBPyConnection,
    file: CsvFile,
    numbers: Sequence[str],
    labels: Sequence[str],
) -> Cells:
    source, parameters = _source(file)
    place = {name: f"trim(c{i})" for i, name in enumerate(file.header)}
    own_numbers = [c for c in numbers if c in place]
    own_labels = [c for c in labels if c in place]
    empty = ", ".join(f"'{w}'" for w in MISSING)
    picked = []
    for i, c in enumerate(own_numbers):
        good = f"regexp_full_match({place[c]}, '{NUMBER.pattern}')"
        picked.append(f"CASE WHEN {good} THEN TRY_CAST({place[c]} AS DOUBLE) END AS v{i}")
        other = f"lower({place[c]}) NOT IN ({empty}) AND NOT {good}"
        picked.append(f"CASE WHEN {other} THEN {place[c]} END AS t{i}")
    picked += [f"nullif({place[c]}, '') AS l{i}" for i, c in enumerate(own_labels)]
    picked = picked or ["0 AS nothing"]
    try:
        table = database.execute(f"SELECT {', '.join(picked)} FROM {source}", parameters).df()
    except (duckdb.InvalidInputException, duckdb.IOException) as error:
        reason = str(error).splitlines()[0].partition(": ")[2] or str(error)
        findings = [Finding(file.name, 0, "", "", reason, "a CSV file")]
        raise BadInputError(format_findings(findings), findings) from None
    bad = rejected(file, database)
    faults: list[DataFault] = []
    for i, c in enumerate(own_numbers):
        lost = np.flatnonzero(table[f"t{i}"].notna().to_numpy())
        texts = table[f"t{i}"]
        faults += _no_numbers(c, ((int(k), str(texts.iloc[k])) for k in lost), len(lost))

    def rows(wanted: Collection[int]) -> dict[int, int]:
        found = file_rows(file, {i + 1 for i in wanted}, set(bad))
        return {number - 1: row for number, row in found.items()}

    if bad:
        findings = [Finding(file.name, row, "", "", *told) for row, told in bad.items()]
        at = rows({f.at for f in faults if f.at >= 0})
        findings += [
            Finding(file.name, at.get(f.at, 0), "", f.column, f.found, f.expected, f.tip)
            for f in faults
        ]
        findings.sort(key=lambda f: f.row)
        raise BadInputError(format_findings(findings[:MOST_SHOWN]), findings)
    return Cells(
        file=file.name,
        n=len(table),
        numbers={c: table[f"v{i}"].to_numpy(dtype=np.float64) for i, c in enumerate(own_numbers)},
        labels={c: labels_of(table[f"l{i}"]) for i, c in enumerate(own_labels)},
        known=file.header,
        unknown=_unknown(file.header, numbers, labels),
        faults=tuple(faults),
        place=rows,
    )


def _source(file: CsvFile) -> tuple[str, list[str]]:
    """SQL for all rows as text in c0, c1, …, and its parameters; rows too long are refused."""
    columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(file.width))
    sql = (
        f"read_csv(?, columns={{{columns}}}, auto_detect=false, header=true, delim=?, quote='\"',"
        " escape='\"', strict_mode=true, nullstr=?, store_rejects=true, rejects_limit=0,"
        " compression=?, encoding=?, hive_partitioning=false)"
    )
    # Characters of a pattern in a file's name would name other files; no cell holds the null text.
    zipped = "gzip" if file.zipped else "none"
    path = exact_path(file.path)
    return sql, [path, file.separator, "\x01\x02", zipped, ENCODINGS[file.encoding]]


def _read_parquet(
    database: duckdb.DuckDBPyConnection, path: Path, numbers: Sequence[str], labels: Sequence[str]
) -> Cells:
    try:
        described = database.execute(
            "DESCRIBE SELECT * FROM read_parquet(?, hive_partitioning=false)", [exact_path(path)]
        )
        known = tuple(str(row[0]) for row in described.fetchall())
        wanted = [c for c in dict.fromkeys([*numbers, *labels]) if c in known]
        quoted = ", ".join('"' + c.replace('"', '""') + '"' for c in wanted) or "1 AS nothing"
        table = database.execute(
            f"SELECT {quoted} FROM read_parquet(?, hive_partitioning=false)", [exact_path(path)]
        ).df()
    except duckdb.Error as error:
        findings = [Finding(path.name, 0, "", "", str(error).splitlines()[0], "a Parquet file")]
        raise BadInputError(format_findings(findings), findings) from None
    cells = frame_cells(table, numbers, labels, path.name)
    return Cells(
        file=path.name,
        n=cells.n,
        numbers=cells.numbers,
        labels=cells.labels,
        known=known,
        unknown=_unknown(known, numbers, labels),
        faults=cells.faults,
        place=cells.place,
    )

"""Answers as a folder of Parquet files, one for each table, with the envelope beside them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pandas as pd

from entrepot.answers.writers.cells import plain
from entrepot.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

ENVELOPE = "answer.json"
LIST_MARK = "\x1f"


def write_parquet(folder: Path, tables: Mapping[str, pd.DataFrame], head: str) -> None:
    """Write each table as NAME.parquet, and what the answer says of itself as answer.json.

    head : the envelope without rows, as JSON
    Lists are lists of texts. Raises UsageError where the folder holds something already or cannot
    be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise UsageError(f"Folder not empty: {folder}. Name a new one for the Parquet files.")
        for name, table in tables.items():
            _write(folder / f"{name}.parquet", table)
        (folder / ENVELOPE).write_text(head, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"'{folder}' cannot be written: {error.strerror}.") from None


def _write(file: Path, table: pd.DataFrame) -> None:
    columns, parts = {}, []
    for position, name in enumerate(table.columns):
        values = table.iloc[:, position].reset_index(drop=True)
        quoted = '"' + str(name).replace('"', '""') + '"'
        if _holds_lists(values):
            columns[str(name)] = pd.Series(
                [LIST_MARK.join(map(str, v or ())) for v in values], dtype=object
            )
            empty, split = "CAST([] AS VARCHAR[])", f"string_split({quoted}, '{LIST_MARK}')"
            parts.append(f"CASE WHEN {quoted} = '' THEN {empty} ELSE {split} END AS {quoted}")
        else:
            columns[str(name)] = _simple(values)
            kind = f"CAST({quoted} AS VARCHAR) AS {quoted}"
            parts.append(kind if columns[str(name)].dtype == object else quoted)
    data = pd.DataFrame(columns)
    with duckdb.connect() as connection:
        connection.register("data", data)
        target = str(file).replace("'", "''")
        chosen = ", ".join(parts) or "*"
        connection.execute(f"COPY (SELECT {chosen} FROM data) TO '{target}' (FORMAT parquet)")


def _holds_lists(values: Sequence[object] | pd.Series[object]) -> bool:
    return any(isinstance(v, tuple | list) for v in values)


def _simple(values: pd.Series[object]) -> pd.Series[object]:
    """Numbers as they are; everything else as text, None where there is nothing."""
    if pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
        return values
    return pd.Series([None if plain(v) is None else str(v) for v in values], dtype=object)

"""A number of a report traced back: its cell in the saved run, what it means, what it rests on.

    table/key/column       keys of a table with several join by commas
    table/a+b/column       rows that add up, in tables with one key
    table/key/one+two      columns that add up

The key of a route is its id, `boxes/1`; that of a leg the same and its order, `boxes/1/3`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from entrepot.answers.manifest import MANIFEST
from entrepot.answers.run import Run
from entrepot.errors import UnknownNameError, UsageError
from entrepot.schema.table import Column, Table, load_schema

# Columns that name sources, and those that say how a value is known.
SOURCES = ("source_id", "facts")
KNOWN_BY = (
    "value_kind", "basis", "reason", "why_not", "status", "gap", "draws", "failed",
    "assumed_share_time", "assumed_share_price", "own_source", "note",
)  # fmt: skip
# Figures that a study gives itself, and where its manifest has their sources.
OF_THE_STUDY = {
    ("target_needs", "target"): "target_source_id",
    ("target_needs", "start"): "turnover_source_id",
}
FORM = "An id is table/key/column, such as target_needs/all_mid/p50"
MOST_TOLD = 8


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a run; value is NaN or empty where the run has none."""

    key: str
    column: str
    value: Any
    unit: str
    meaning: str


@dataclass(frozen=True, slots=True)
class NumberSource:
    """A source of the run; all but the id empty where its table of sources does not have it."""

    source_id: str
    title: str
    publisher: str
    year: str
    url: str


@dataclass(frozen=True, slots=True)
class Trace:
    """A number and what is behind it.

    value   : of the cell, or the sum of several
    cells   : those that the id names
    row     : the other filled cells of the row; empty where several rows add up
    known   : cells that say how the value is known, of every row
    rests   : how the sources were found, as a sentence
    study, title, made, seed, facts, as_of : of the run
    """

    id: str
    value: Any
    unit: str
    table: str
    table_meaning: str
    cells: tuple[Cell, ...]
    row: tuple[Cell, ...]
    known: tuple[Cell, ...]
    sources: tuple[NumberSource, ...]
    rests: str
    study: str
    title: str
    made: str
    seed: int
    facts: str
    as_of: str


def newest_run(folder: Path) -> Path:
    """The run of a folder of runs that was written last. Raises UsageError where there is none."""
    found = [m for m in folder.glob(f"*/{MANIFEST}") if not m.parent.name.startswith(".")]
    if not found:
        raise UsageError(
            f"There is no saved run in '{folder}'. Make one with 'entrepot study iran-kazakhstan', "
            "or name the folder of one with --run."
        )
    return max(found, key=lambda m: (m.stat().st_mtime, m.parent.name)).parent


def trace(run: Run, number_id: str) -> Trace:
    """Resolve an id in a run. Raises UsageError with the nearest table, row or column."""
    name, _, rest = number_id.strip().partition("/")
    declared = _declared(run, name)
    key, stroke, column = rest.rpartition("/")
    data = run.table(name)
    keys = keys_of(declared, data)
    if not stroke or not key or not column:
        some = ids(run, name)
        example = f"; this table has {some[0].key}" if some else ""
        raise UsageError(f"{FORM}; found '{number_id}'{example}.")
    chosen = _rows(keys, key, name)
    columns = [_column(declared, c) for c in column.split("+")]
    rows = [data.iloc[i] for i in chosen]
    names = [keys[i] for i in chosen]
    cells = tuple(
        _cell(run, declared, c, row, k) for k, row in zip(names, rows, strict=True) for c in columns
    )
    if len(cells) > 1 and not all(c.type in ("number", "integer") for c in columns):
        raise UsageError(f"'{column}' of {name}: only numbers add up.")
    asked = {c.name for c in columns}
    beside = [c for c in declared.columns if c.name not in asked and c.name in data.columns]
    told = [c for c in beside if c.name in KNOWN_BY]
    others = [c for c in beside if c.name not in (*KNOWN_BY, *SOURCES, "unit")]
    listed, rests = _sources(run, name, names, rows)
    return Trace(
        number_id.strip(),
        cells[0].value if len(cells) == 1 else float(sum(float(c.value) for c in cells)),
        cells[0].unit,
        name,
        declared.description,
        cells,
        _filled(run, declared, others, rows, names) if len(rows) == 1 else (),
        _filled(run, declared, told, rows, names),
        listed,
        rests,
        str(run.manifest["study"]),
        str(run.manifest["title"]),
        str(run.manifest["made"]),
        int(run.manifest["seed"]),
        str(run.manifest["world"]["hash"]),
        str(run.manifest["world"]["as_of"]),
    )


def ids(run: Run, name: str) -> list[Cell]:
    """Every number of a table; `key` is its whole id."""
    declared = _declared(run, name)
    data = run.table(name)
    columns = [
        c
        for c in declared.columns
        if c.type in ("number", "integer") and not c.is_key and c.name in data.columns
    ]
    return [
        Cell(f"{name}/{k}/{c.name}", found.column, found.value, found.unit, found.meaning)
        for i, k in enumerate(keys_of(declared, data))
        for c in columns
        if not empty((found := _cell(run, declared, c, data.iloc[i], k)).value)
    ]


def keys_of(declared: Table, data: pd.DataFrame) -> list[str]:
    """The key of each row as ids have it; its number, from 1, in a table without keys."""
    if declared.name == "routes":
        return list(data["route_id"].astype(str))
    if declared.name == "legs":
        return [f"{r}/{leg}" for r, leg in zip(data["route_id"], data["leg"], strict=True)]
    if not declared.keys:
        return [str(i + 1) for i in range(len(data))]
    texts = [data[k].astype(str) for k in declared.keys]
    return [",".join(parts) for parts in zip(*texts, strict=True)]


def empty(value: Any) -> bool:
    """Whether a cell holds nothing."""
    if isinstance(value, tuple | list | str):
        return len(value) == 0
    return value is None or bool(pd.isna(value))


def _declared(run: Run, name: str) -> Table:
    known = list(run.manifest["tables"])
    if name not in known:
        raise _unknown(name, "table of this run", known)
    return {**load_schema("tables"), **load_schema("results")}[name]


def _column(declared: Table, name: str) -> Column:
    known = [c.name for c in declared.columns]
    if name not in known:
        raise _unknown(name, f"column of {declared.name}", known)
    return declared.column(name)


def _rows(keys: Sequence[str], key: str, name: str) -> list[int]:
    """Positions of the rows a key names."""
    position = {k: i for i, k in enumerate(keys)}
    if key in position:
        return [position[key]]
    parts = key.split("+")
    for part in parts:
        if part not in position:
            raise _unknown(part, f"row of {name}", keys)
    return [position[part] for part in parts]


def _unknown(name: str, kind: str, known: Sequence[str]) -> UsageError:
    error = UnknownNameError(name, kind, known)
    if error.nearest:
        return error
    told = ", ".join(known[:MOST_TOLD]) + (", …" if len(known) > MOST_TOLD else "")
    return UsageError(f"Unknown {kind}: '{name}'. Known: {told or 'none'}.")


def _cell(run: Run, declared: Table, column: Column, row: pd.Series, key: str) -> Cell:
    return Cell(
        key, column.name, row[column.name], _unit(run, declared, column, row), column.description
    )


def _unit(run: Run, declared: Table, column: Column, row: pd.Series) -> str:
    """The declared unit; that of the row or of the question where the declaration leaves it to them."""
    unit = column.unit
    if unit == "see unit" and "unit" in row.index:
        return str(row["unit"])
    if unit == "USD/unit" and declared.name in ("routes", "legs"):
        queries = run.table("queries").set_index("query_id")["unit"]
        own = queries.get(str(row["route_id"]).rpartition("/")[0])
        return unit if own is None else f"USD per {own}"
    return unit


def _filled(
    run: Run,
    declared: Table,
    columns: Sequence[Column],
    rows: Sequence[pd.Series],
    names: Sequence[str],
) -> tuple[Cell, ...]:
    return tuple(
        _cell(run, declared, c, row, key)
        for key, row in zip(names, rows, strict=True)
        for c in columns
        if not empty(row[c.name])
    )


def _sources(
    run: Run, name: str, keys: Sequence[str], rows: Sequence[pd.Series]
) -> tuple[tuple[NumberSource, ...], str]:
    """Sources of rows, and how they were found."""
    of_study = [OF_THE_STUDY.get((name, k), "") for k in keys]
    found: list[str] = []
    rests = "Sources of the row."
    if all(of_study):
        given = run.options("between")
        found = [s for k in of_study for s in given.get(k) or ()]
        rests = "The study gives this figure, with these sources."
    elif name == "attribution" and "measure_effects" in run.manifest["tables"]:
        effects = run.table("measure_effects").set_index("measure_id")["source_id"]
        found = [s for row in rows for m in row["measures"] for s in effects.get(m, ())]
        rests = (
            "Sources of its measures; the rest is computed by the model from all facts of the run."
        )
    else:
        found = [s for row in rows for c in SOURCES if c in row.index for s in _several(row[c])]
    unique = list(dict.fromkeys(found))
    if not unique:
        return (), "No source of its own: the model computes it from all facts of the run."
    known = {}
    if "sources" in run.manifest["tables"]:
        told = run.table("sources").set_index("source_id").fillna("").astype(str)
        known = told.to_dict("index")
    parts = ("title", "publisher", "year", "url")
    return tuple(
        NumberSource(s, *(known[s].get(p, "") if s in known else "" for p in parts)) for s in unique
    ), rests


def _several(cell: Any) -> tuple[str, ...]:
    return tuple(cell) if isinstance(cell, tuple | list) else () if empty(cell) else (str(cell),)

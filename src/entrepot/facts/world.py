"""What a world holds: all tables of facts together."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from entrepot.errors import UsageError
from entrepot.facts.read import typed
from entrepot.schema.check import Raw
from entrepot.schema.table import READERS, load_schema

Origin = tuple[tuple[str, int], ...]


class Tables(MutableMapping[str, Raw]):
    """Cells by table; a table from a file is read when it is first asked for.

    Most questions need a few of the tables, and the trade of all pairs is a large one.
    """

    def __init__(self, made: Mapping[str, Raw], waiting: Mapping[str, Callable[[], Raw]]) -> None:
        self._made = dict(made)
        self._waiting = dict(waiting)

    def __getitem__(self, name: str) -> Raw:
        if name not in self._made:
            self._made[name] = self._waiting[name]()
        return self._made[name]

    def __setitem__(self, name: str, cells: Raw) -> None:
        self._waiting.pop(name, None)
        self._made[name] = cells

    def __delitem__(self, name: str) -> None:
        if name not in self:
            raise KeyError(name)
        self._waiting.pop(name, None)
        self._made.pop(name, None)

    def __iter__(self) -> Iterator[str]:
        return iter(sorted({*self._made, *self._waiting}))

    def __len__(self) -> int:
        return len({*self._made, *self._waiting})

    def __contains__(self, name: object) -> bool:
        return name in self._made or name in self._waiting


@dataclass(frozen=True, eq=False)
class World:
    """Facts by table.

    raw        : cells as text, by table and column
    meta       : what world.toml says, as text
    overridden : tables that are not the shipped ones
    origin     : file and row of each row of the tables that are not simply one file of their name

    >>> ep.load_world().table("units")["unit"].tolist()
    ['teu', 'feu', 'truck', 't']
    """

    raw: Mapping[str, Raw]
    meta: Mapping[str, str]
    overridden: tuple[str, ...] = ()
    origin: Mapping[str, Origin] = field(default_factory=dict, repr=False)
    _typed: dict[str, pd.DataFrame] = field(default_factory=dict, repr=False, compare=False)
    _records: dict[str, list[Any]] = field(default_factory=dict, repr=False, compare=False)
    _digests: dict[tuple[str, ...], bytes] = field(default_factory=dict, repr=False, compare=False)

    def __repr__(self) -> str:
        day = self.meta.get("default_date", "no day")
        return f"<World {self.name[:60]}: {len(self.raw)} tables, {day[:20]}>"

    @property
    def name(self) -> str:
        return self.meta.get("name", "world")

    @property
    def title(self) -> str:
        return self.meta.get("title", self.name)

    def table(self, name: str) -> pd.DataFrame:
        """A table with typed columns; empty when the world does not have it. Not to be changed."""
        if name not in self._typed:
            declared = load_schema()
            if name not in declared:
                raise UsageError(f"There is no table '{name}'.")
            empty: Raw = {c.name: [] for c in declared[name].columns}
            self._typed[name] = typed(declared[name], self.raw.get(name) or empty)
        return self._typed[name]

    def records(self, name: str) -> list[Any]:
        """Rows of a table as named tuples. Not to be changed."""
        if name not in self._records:
            self._records[name] = list(self.table(name).itertuples(index=False, name="Row"))
        return self._records[name]

    def parameter(self, name: str) -> float:
        """Value of a row of parameters.csv."""
        for row in self.records("parameters"):
            if row.parameter == name:
                return float(row.value)
        raise UsageError(f"parameters.csv has no row '{name}'.")

    @property
    def hash(self) -> str:
        """SHA-256 over all cells and what world.toml says."""
        digest = hashlib.sha256()
        for name in sorted(self.raw):
            for column in sorted(self.raw[name]):
                digest.update(_cells(f"{name}.{column}", self.raw[name][column]))
        digest.update(str(sorted(self.meta.items())).encode())
        return digest.hexdigest()

    def key(self, *readers: str) -> str:
        """SHA-256 over the cells of the columns that any of some readers reads.

        Worlds with one key give these readers the same. A column that is not there is one of empty
        cells, and a table that is not there is one without rows.
        """
        unknown = [name for name in readers if name not in READERS]
        if unknown or not readers:
            raise ValueError(f"Unknown readers: {unknown}. Known: {', '.join(READERS)}.")
        whole = hashlib.sha256()
        for name, table in load_schema().items():
            own = (name, *sorted(readers))
            if own not in self._digests:
                raw: Raw = self.raw.get(name, {}) if table.read_by(*readers) else {}
                rows = len(next(iter(raw.values()), []))
                part = hashlib.sha256()
                for column in table.read_by(*readers):
                    cells = raw.get(column.name) or [""] * rows
                    part.update(_cells(f"{name}.{column.name}", cells))
                self._digests[own] = part.digest()
            whole.update(self._digests[own])
        return whole.hexdigest()


def _cells(name: str, cells: Sequence[str]) -> bytes:
    """Cells of a column with their number and lengths, so that no two columns look alike."""
    body = "".join(f"{len(cell)}:{cell}" for cell in cells)
    return f"{len(name)}:{name}{len(cells)};{body}".encode()

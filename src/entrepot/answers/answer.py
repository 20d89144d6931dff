"""An answer: tables with their status, the facts behind them, notes and legal flags."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pandas as pd

from entrepot.answers.run import LIST_MARK, as_declared
from entrepot.answers.writers.csv_file import csv_text
from entrepot.answers.writers.flagged import FLAGS, flagged, flags_in, flags_table, zone_columns
from entrepot.answers.writers.geojson import geojson
from entrepot.answers.writers.html import answer_html
from entrepot.answers.writers.json_text import envelope, json_text
from entrepot.answers.writers.parquet import write_parquet
from entrepot.errors import UnknownNameError, UsageError
from entrepot.schema.table import load_schema

if TYPE_CHECKING:
    from entrepot.facts.world import World

NO_GEOGRAPHY = "No legal flags: nothing in this answer has a place or an economy of the facts."
NO_REGIME = "No legal flags: the facts hold no regime of the jurisdictions in this answer."
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_SCHEMA = re.compile(r"entrepot/([a-z][a-z0-9_-]*)/([0-9]+)")


@dataclass(frozen=True, repr=False)
class AnswerWorld:
    """The facts an answer rests on: their name, hash, day, and the tables a user replaced."""

    name: str
    day: str
    replaced: tuple[str, ...]
    facts: World = field(compare=False)

    @classmethod
    def of(cls, world: World) -> AnswerWorld:
        return cls(world.name, world.meta.get("default_date", ""), tuple(world.overridden), world)

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the facts; every table is read for it, so it is made when asked for."""
        return self.facts.hash

    def as_dict(self) -> dict[str, Any]:
        """As the envelope has it."""
        replaced = list(self.replaced)
        return {"name": self.name, "hash": self.hash, "day": self.day, "replaced": replaced}

    def __repr__(self) -> str:
        own = f", {len(self.replaced)} tables replaced" if self.replaced else ""
        return f"<AnswerWorld {self.name[:60]} of {self.day}{own}>"


@dataclass(frozen=True, eq=False, repr=False)
class Answer:
    """An answer; `make_answer` makes one.

    schema : such as "entrepot/routes/1"
    status : "ok", or why there is no better answer, in a word or a sentence
    world  : the facts it rests on; None where none were read
    tables : data frames by name; those of `schema/results` have the declared columns and types
    notes  : what a reader should know, in sentences
    flags  : legal flags of the jurisdictions it names: flag, jurisdiction, tables. Empty only
             where nothing has a place or an economy or none has a regime; a note then says so

    >>> answer = ep.check_world()
    >>> answer
    <Answer check: 0 rows of 2 tables, ok>
    >>> print(answer.to_csv("findings").strip())
    file,row,key,column,found,expected,suggestion
    """

    schema: str
    status: str
    world: AnswerWorld | None
    tables: Mapping[str, pd.DataFrame]
    notes: tuple[str, ...]
    flags: pd.DataFrame

    def __post_init__(self) -> None:
        if not _SCHEMA.fullmatch(self.schema):
            raise UsageError(f"Expected a schema such as entrepot/routes/1, found '{self.schema}'.")
        wrong = [name for name in self.tables if not _NAME.fullmatch(name)]
        if wrong or not self.tables:
            raise UsageError(f"Expected tables with names in small letters, found {wrong}.")
        lost = set(flags_in(self.tables)) - set(self.flags["flag"])
        if lost:
            raise UsageError(f"An answer must carry the legal flags of its rows; lost: {lost}.")
        if not len(self.flags) and not {NO_GEOGRAPHY, NO_REGIME} & set(self.notes):
            raise UsageError("An answer without legal flags must say why there are none.")
        object.__setattr__(self, "tables", MappingProxyType(dict(self.tables)))

    @property
    def kind(self) -> str:
        """The question, such as routes."""
        return self.schema.split("/")[1]

    @property
    def main(self) -> str:
        """Name of the table that answers the question; the others stand beside it."""
        kind = self.kind.replace("-", "_")
        return kind if kind in self.tables else next(iter(self.tables))

    def to_frame(self, table: str | None = None) -> pd.DataFrame:
        """A copy of a table; of the one that answers the question where none is named."""
        return self._table(table).copy()

    def to_json(self, *tables: str) -> str:
        """The envelope {schema, version, world, data, notes} as JSON; NaN becomes null.

        tables : those to write; all where none is named. The flags are always there
        """
        chosen = [self._name(t) for t in tables] or list(self.tables)
        return json_text(self._envelope({n: self._all()[n] for n in (*chosen, "flags")}))

    def to_csv(self, table: str | None = None) -> str:
        """A table as CSV, the legal flags of each row in a column; formulas are defused."""
        name = self._name(table)
        return csv_text(flagged(name, self._all(), list(self.flags["flag"])))

    def to_geojson(self) -> str:
        """Routes as lines, other rows with coordinates as points.

        Raises UsageError where no table has coordinates.
        """
        flags = list(self.flags["flag"])
        return json_text(geojson({n: flagged(n, self.tables, flags) for n in self.tables}, flags))

    def to_parquet(self, folder: Path | str) -> Path:
        """Write every table and the flags as Parquet into a new or empty folder; returns it."""
        flags = list(self.flags["flag"])
        head = self._envelope({})
        head["data"]["legal_flags"] = flags
        tables = {n: flagged(n, self._all(), flags) for n in self._all()}
        write_parquet(Path(folder), tables, json_text(head))
        return Path(folder)

    def __reduce__(self) -> tuple[type[Answer], tuple[object, ...]]:
        parts = self.schema, self.status, self.world, dict(self.tables), self.notes, self.flags
        return Answer, parts

    def __repr__(self) -> str:
        rows, many = len(self.tables[self.main]), len(self.tables)
        return (
            f"<Answer {self.kind}: {rows:,} row{'' if rows == 1 else 's'} of {many} "
            f"table{'' if many == 1 else 's'}, {_short(self.status, 60)}>"
        )

    def _repr_html_(self) -> str:
        return answer_html(f"Answer {self.kind}", self.status, self.tables[self.main], self.notes)

    def _all(self) -> dict[str, pd.DataFrame]:
        return {**self.tables, "flags": self.flags}

    def _envelope(self, tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
        world = None if self.world is None else self.world.as_dict()
        return envelope(self.schema, self.status, tables, world=world, notes=self.notes)

    def _name(self, table: str | None) -> str:
        name = self.main if table is None else table
        if name not in self._all():
            raise UnknownNameError(name, "table of this answer", list(self._all()))
        return name

    def _table(self, table: str | None) -> pd.DataFrame:
        return self._all()[self._name(table)]


def make_answer(
    kind: str,
    tables: Mapping[str, pd.DataFrame],
    *,
    status: str = "ok",
    world: World | None = None,
    notes: Sequence[str] = (),
    flags: Sequence[str] = (),
    version: int = 1,
) -> Answer:
    """An answer with declared columns and all flags.

    kind   : the question, such as "routes"; with the version it makes the schema
    tables : those named in schema/results or schema/tables get their declared columns and types
    flags  : legal flags of jurisdictions that rows name without a column `legal_flags`
    """
    made = {name: declared(name, table) for name, table in tables.items() if name != "flags"}
    found = dict.fromkeys(dict.fromkeys(map(str, flags)), ()) | flags_in(made)
    said = tuple(dict.fromkeys(map(str, notes)))
    if not found:
        said = (*said, NO_REGIME if _names_places(made) else NO_GEOGRAPHY)
    return Answer(
        f"entrepot/{kind}/{version}",
        status,
        None if world is None else AnswerWorld.of(world),
        made,
        said,
        declared("flags", flags_table(found)),
    )


def declared(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """A table with the columns and types of its declaration, lists as tuples of texts.

    Tables that are not declared stay as they are, and so do tables that share no more than the
    name with a table of facts. Raises BadInputError for undeclared columns of a result.
    """
    facts, results = load_schema("tables"), load_schema("results")
    declarations = {**facts, **results}
    own = name in facts and not set(table.columns) <= {c.name for c in facts[name].columns}
    if own or name not in declarations:
        return table.reset_index(drop=True)
    out = as_declared(name, table)
    for column in declarations[name].columns:
        if column.type == "list":
            cells = [tuple(t for t in c.split(LIST_MARK) if t) for c in out[column.name]]
            out[column.name] = pd.Series(cells, dtype=object)
    return out


def _names_places(tables: Mapping[str, pd.DataFrame]) -> bool:
    """Whether tables have places or zones of the facts, as columns for flags or zones show."""
    return any(FLAGS in t.columns or zone_columns(name) for name, t in tables.items())


def _short(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"

"""A world that notes which columns are read, by whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pandas as pd

from entrepot.facts.world import World

Seen = dict[str, set[tuple[str, str]]]


class Recorder:
    """Columns read, by room; only what is read inside `room` counts."""

    def __init__(self) -> None:
        self.seen: Seen = defaultdict(set)
        self._room = ""

    @contextmanager
    def room(self, name: str) -> Iterator[None]:
        """Reads inside are those of a room."""
        before, self._room = self._room, name
        try:
            yield
        finally:
            self._room = before

    def note(self, table: str, column: object) -> None:
        if self._room and isinstance(column, str):
            self.seen[self._room].add((table, column))


class RecordedRow:
    """A row as a named tuple whose fields are noted as they are read."""

    __slots__ = ("_recorder", "_row", "_table")

    def __init__(self, row: Any, table: str, recorder: Recorder) -> None:
        self._row, self._table, self._recorder = row, table, recorder

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._row, name)
        if name in self._row._fields:
            self._recorder.note(self._table, name)
        return value

    def __iter__(self) -> Iterator[Any]:
        for name in self._row._fields:
            self._recorder.note(self._table, name)
        return iter(self._row)


class RecordedSeries(pd.Series):  # type: ignore[type-arg]
    """A row or column of a recorded table."""

    _metadata = ["table", "recorder"]

    @property
    def _constructor(self) -> Any:
        return RecordedSeries

    def __getitem__(self, key: Any) -> Any:
        _note(self, key, self.index)
        return super().__getitem__(key)


class RecordedFrame(pd.DataFrame):
    """A table whose columns are noted as they are read."""

    _metadata = ["table", "recorder"]

    @property
    def _constructor(self) -> Any:
        return RecordedFrame

    @property
    def _constructor_sliced(self) -> Any:
        return RecordedSeries

    def __getitem__(self, key: Any) -> Any:
        _note(self, key, self.columns)
        return super().__getitem__(key)

    def set_index(self, keys: Any, *args: Any, **options: Any) -> Any:
        _note(self, keys, self.columns)
        return super().set_index(keys, *args, **options)

    def sort_values(self, by: Any, *args: Any, **options: Any) -> Any:
        _note(self, by, self.columns)
        return super().sort_values(by, *args, **options)

    def groupby(self, by: Any, *args: Any, **options: Any) -> Any:
        _note(self, by, self.columns)
        return super().groupby(by, *args, **options)

    @property
    def loc(self) -> Any:
        return _Located(self, super().loc)

    @property
    def at(self) -> Any:
        return _Located(self, super().at)

    def itertuples(self, index: bool = True, name: str | None = "Pandas") -> Iterator[Any]:
        table, recorder = getattr(self, "table", ""), getattr(self, "recorder", None)
        for row in super().itertuples(index=index, name=name):
            yield row if recorder is None else RecordedRow(row, table, recorder)


class _Located:
    """`loc` and `at`, with the columns they name noted."""

    def __init__(self, frame: RecordedFrame, inner: Any) -> None:
        self._frame, self._inner = frame, inner

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, tuple) and len(key) == 2:
            _note(self._frame, key[1], self._frame.columns)
        found = self._inner[key]
        if isinstance(found, pd.DataFrame | pd.Series):
            found.__dict__.update(
                {k: self._frame.__dict__[k] for k in found._metadata if k in self._frame.__dict__}
            )
        return found


def _note(data: Any, key: Any, known: Any) -> None:
    recorder = data.__dict__.get("recorder")
    if recorder is None or isinstance(key, pd.Series):
        return
    for name in key if isinstance(key, list) else [key]:
        if isinstance(name, str) and name in known:
            recorder.note(data.table, name)


def recorded(world: World, recorder: Recorder) -> World:
    """A world of the same facts whose tables note what is read of them."""

    class Recorded(World):
        def table(self, name: str) -> pd.DataFrame:
            if name not in self._typed:
                frame = RecordedFrame(super().table(name))
                frame.__dict__["table"], frame.__dict__["recorder"] = name, recorder
                self._typed[name] = frame
            return self._typed[name]

    return Recorded(world.raw, world.meta, world.overridden, world.origin)

"""A copy of the shipped facts that can be broken on purpose."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path


@dataclass(frozen=True)
class Copy:
    """A folder with the shipped tables. Rows are numbered as in a spreadsheet."""

    folder: Path

    @classmethod
    def of_shipped(cls, folder: Path) -> Copy:
        with as_file(files("entrepot.data").joinpath("eurasia")) as shipped:
            shutil.copytree(shipped, folder, ignore=shutil.ignore_patterns("__pycache__"))
        return cls(folder)

    def path(self, table: str) -> Path:
        return self.folder / f"{table}.csv"

    def rows(self, table: str) -> list[list[str]]:
        with self.path(table).open(encoding="utf-8", newline="") as file:
            return list(csv.reader(file))

    def write(self, table: str, rows: list[list[str]]) -> None:
        out = io.StringIO(newline="")
        csv.writer(out, lineterminator="\n").writerows(rows)
        self.path(table).write_text(out.getvalue(), encoding="utf-8", newline="")

    def find(self, table: str, **cells: str) -> int:
        """Row number of the first row with these cells."""
        rows = self.rows(table)
        header = rows[0]
        for i, row in enumerate(rows[1:]):
            if all(row[header.index(c)] == cell for c, cell in cells.items()):
                return i + 2
        raise AssertionError(f"{table}.csv has no row with {cells}")

    def get(self, table: str, at: int, column: str) -> str:
        rows = self.rows(table)
        return rows[at - 1][rows[0].index(column)]

    def put(self, table: str, at: int, **cells: str) -> int:
        """Write cells of a row; gives the row number back."""
        rows = self.rows(table)
        for column, cell in cells.items():
            rows[at - 1][rows[0].index(column)] = cell
        self.write(table, rows)
        return at

    def edit(self, table: str, column: str, change: Callable[[str], str], **key: str) -> int:
        at = self.find(table, **key)
        return self.put(table, at, **{column: change(self.get(table, at, column))})

    def add(self, table: str, **cells: str) -> int:
        """Add a row; gives its number."""
        rows = self.rows(table)
        rows.append([cells.get(c, "") for c in rows[0]])
        self.write(table, rows)
        return len(rows)

    def drop(self, table: str, **key: str) -> int:
        """Take a row out; gives the number it had."""
        at = self.find(table, **key)
        rows = self.rows(table)
        del rows[at - 1]
        self.write(table, rows)
        return at

    def replace_bytes(self, table: str, old: bytes, new: bytes) -> None:
        content = self.path(table).read_bytes()
        assert old in content
        self.path(table).write_bytes(content.replace(old, new, 1))

"""Tables as the checks see them: rows of text with their numbers in a spreadsheet."""

from __future__ import annotations

import math
from collections.abc import Iterator

from entrepot.errors import Finding
from entrepot.facts.world import World
from entrepot.schema.check import Raw, filled_rows, key_text
from entrepot.schema.table import load_schema

EARTH_KM = 6371.0088
Rows = list[tuple[int, dict[str, str]]]


class View:
    """Tables as rows of text with defaults filled in, and what is known of nodes."""

    def __init__(self, world: World) -> None:
        self.schema = load_schema()
        self._raw = world.raw
        self._origin = world.origin
        self._rows: dict[str, Rows] = {}
        self.nodes = {row["node_id"]: row for _, row in self.rows("nodes")}

    def rows(self, table: str) -> Rows:
        """(row number in a spreadsheet, cells) of a table."""
        if table not in self._rows:
            raw: Raw = self._raw.get(table, {})
            columns = self.schema[table].columns
            self._rows[table] = [
                (
                    i + 2,
                    {
                        c.name: (raw[c.name][i] if c.name in raw else "") or c.default
                        for c in columns
                    },
                )
                for i in filled_rows(raw)
            ]
        return self._rows[table]

    def cells(self, table: str, column: str) -> Iterator[tuple[int, str]]:
        """(row number in a spreadsheet, cell with the default filled in) of a column."""
        raw: Raw = self._raw.get(table, {})
        default = next(c.default for c in self.schema[table].columns if c.name == column)
        if column in raw:
            for i in filled_rows(raw):
                yield i + 2, raw[column][i] or default
        elif default:
            for i in filled_rows(raw):
                yield i + 2, default

    def fault(
        self,
        table: str,
        at: int,
        column: str,
        expected: str,
        tip: str = "",
        found: str | None = None,
    ) -> Finding:
        """A finding about a cell."""
        raw = self._raw[table]
        cell = raw[column][at - 2] if column in raw and at > 1 else ""
        key = key_text(self.schema[table], raw, at - 2) if at > 1 else ""
        origin = self._origin.get(table, ())
        file, row = origin[at - 2] if at > 1 and origin else (f"{table}.csv", at)
        return Finding(file, row, key, column, cell if found is None else found, expected, tip)

    def number(self, cell: str) -> float:
        """A finite number, or NaN: a cell that holds none is a fault told elsewhere."""
        try:
            value = float(cell)
        except ValueError:
            return math.nan
        return value if math.isfinite(value) else math.nan

    def km(self, a: str, b: str) -> float:
        """Great-circle distance of two nodes, NaN when one is unknown."""
        if a not in self.nodes or b not in self.nodes:
            return math.nan
        first, second = self.nodes[a], self.nodes[b]
        return great_circle(*(self.number(n[c]) for n in (first, second) for c in ("lat", "lon")))


def great_circle(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Kilometres between two points in degrees."""
    lat1, lon1, lat2, lon2 = (math.radians(v) for v in (lat1, lon1, lat2, lon2))
    h = math.sin((lat2 - lat1) / 2) ** 2
    h += math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_KM * math.asin(min(1.0, math.sqrt(h))) if math.isfinite(h) else math.nan


def length_bounds(straight_km: float) -> tuple[float, float]:
    """Least and most length of a link: 1 % and 2 km below the great circle for coordinates that
    are not exact, 2.5 times and 10 km above it for mountains and coasts.
    """
    return 0.99 * straight_km - 2, 2.5 * straight_km + 10

"""Tables as the checks see them: rows of text with their numbers in a spreadsheet."""

from __future__ import annotations

import math

from entrepot.facts.world import World
from entrepot.schema.check import Finding, Raw, key_text
from entrepot.schema.table import load_schema

EARTH_KM = 6371.0088
Rows = list[tuple[int, dict[str, str]]]


class View:
    """Tables as rows of text with defaults filled in, and what is known of nodes."""

    def __init__(self, world: World) -> None:
        self.schema = load_schema()
        self._raw = world.raw
        self._rows: dict[str, Rows] = {}
        self.nodes = {row["node_id"]: row for _, row in self.rows("nodes")}

    def rows(self, table: str) -> Rows:
        """(row number in a spreadsheet, cells) of a table."""
        if table not in self._rows:
            raw: Raw = self._raw.get(table, {})
            columns = self.schema[table].columns
            size = len(next(iter(raw.values()), []))
            self._rows[table] = [
                (
                    i + 2,
                    {
                        c.name: (raw[c.name][i] if c.name in raw else "") or c.default
                        for c in columns
                    },
                )
                for i in range(size)
            ]
        return self._rows[table]

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
        return Finding(
            f"{table}.csv", at, key, column, cell if found is None else found, expected, tip
        )

    def number(self, cell: str) -> float:
        try:
            return float(cell)
        except ValueError:
            return math.nan

    def km(self, a: str, b: str) -> float:
        """Great-circle distance of two nodes, NaN when one is unknown."""
        if a not in self.nodes or b not in self.nodes:
            return math.nan
        lat1, lon1, lat2, lon2 = (
            math.radians(self.number(self.nodes[n][c])) for n in (a, b) for c in ("lat", "lon")
        )
        h = math.sin((lat2 - lat1) / 2) ** 2
        h += math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
        return 2 * EARTH_KM * math.asin(math.sqrt(h)) if math.isfinite(h) else math.nan

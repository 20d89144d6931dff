"""Legal flags beside every row that names a place, a zone or a link."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from entrepot.schema.table import load_schema

if TYPE_CHECKING:
    from entrepot.schema.table import Table

FLAGS = "legal_flags"
# Tables that hold flags themselves or name nothing on the ground.
BARE = ("flags",)


def flags_in(tables: Mapping[str, pd.DataFrame]) -> dict[str, tuple[str, ...]]:
    """Each flag of the columns `legal_flags`, with the tables that have it, in order of sight."""
    out: dict[str, dict[str, None]] = {}
    for name, table in tables.items():
        if FLAGS in table.columns and name not in BARE:
            for cell in table[FLAGS]:
                for flag in cell or ():
                    out.setdefault(str(flag), {})[name] = None
    return {flag: tuple(names) for flag, names in out.items()}


def flags_table(flags: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """The table of flags: flag, jurisdiction and the tables with rows it belongs to."""
    return pd.DataFrame(
        {
            "flag": pd.Series(list(flags), dtype=object),
            "jurisdiction": pd.Series([f.split(": ")[0] for f in flags], dtype=object),
            "tables": pd.Series([tuple(t) for t in flags.values()], dtype=object),
        }
    )


def flagged(name: str, tables: Mapping[str, pd.DataFrame], flags: Sequence[str]) -> pd.DataFrame:
    """A table with the flags of each row in a last column `legal_flags`.

    Routes have those of all their legs, points those of their route. Rows of other tables have
    those of the zones they name; where a table names no zone, every row has all. A table of numbers
    alone names nothing and stays as it is.
    """
    table = tables[name]
    texts = [c for c in table.columns if table[c].dtype == object or str(table[c].dtype) == "str"]
    if name in BARE or not flags or not texts:
        return table
    route = _by_route(tables)
    if "route_id" in table.columns and name != "legs":
        own = [route.get(str(r), ()) for r in table["route_id"]]
    elif "query_id" in table.columns and route:
        own = [
            _union(v for k, v in route.items() if k.split("/")[0] == q) for q in table["query_id"]
        ]
    elif FLAGS in table.columns:
        return table
    else:
        own = _by_zone(name, table[texts], flags)
    had = table[FLAGS] if FLAGS in table.columns else [()] * len(table)
    merged = [_union((a or (), b)) for a, b in zip(had, own, strict=True)]
    return table.assign(**{FLAGS: pd.Series(merged, index=table.index, dtype=object)})


def _by_route(tables: Mapping[str, pd.DataFrame]) -> dict[str, tuple[str, ...]]:
    out: dict[str, tuple[str, ...]] = {}
    for name in ("routes", "legs"):
        table = tables.get(name)
        if table is not None and {"route_id", FLAGS} <= set(table.columns):
            for key, cell in zip(table["route_id"], table[FLAGS], strict=True):
                out[str(key)] = _union((out.get(str(key), ()), cell or ()))
    return out


def _by_zone(name: str, table: pd.DataFrame, flags: Sequence[str]) -> list[tuple[str, ...]]:
    columns = [c for c in zone_columns(name) if c in table.columns]
    if not columns:
        codes = {f[:3] for f in flags}
        columns = [c for c in table.columns if any(_zones_in(v, codes) for v in table[c])]
    if not columns:
        return [tuple(flags)] * len(table)
    out = []
    for row in zip(*(table[c] for c in columns), strict=True):
        named = {str(z) for cell in row for z in _zones(cell)}
        out.append(tuple(f for f in flags if f[:3] in named))
    return out


def zone_columns(name: str) -> tuple[str, ...]:
    """Columns of a declared table that name zones."""
    declared: Table | None = {**load_schema("tables"), **load_schema("results")}.get(name)
    if declared is None:
        return ()
    known = ("zone_id", "exporter", "importer", "zone_a", "zone_b")
    return tuple(
        c.name for c in declared.columns if c.reference == ("zones", "zone_id") or c.name in known
    )


def _zones(cell: Any) -> tuple[Any, ...]:
    return tuple(cell) if isinstance(cell, tuple | list) else (cell,)


def _zones_in(cell: Any, codes: set[str]) -> bool:
    return any(isinstance(z, str) and z in codes for z in _zones(cell))


def _union(parts: Iterable[Iterable[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(f) for part in parts for f in part))

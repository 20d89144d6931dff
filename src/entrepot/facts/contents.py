"""What a world holds, table by table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from entrepot.schema.table import load_schema

if TYPE_CHECKING:
    from entrepot.facts.world import World

KINDS = ("measured", "published", "estimated", "assumed")
KIND_COLUMNS = ("value_kind", "speed_kind", "rate_kind", "co2e_kind")


def contents(world: World) -> pd.DataFrame:
    """Rows of each table, how many of its values are known in which way, whether a user's own.

    The kinds are missing where a table has no column that says how its values are known.
    """
    rows = []
    for name, table in load_schema().items():
        data = world.table(name)
        columns = [c.name for c in table.columns if c.name in KIND_COLUMNS]
        counts = {k: sum(int((data[c] == k).sum()) for c in columns) for k in KINDS}
        known = counts if columns else dict.fromkeys(KINDS)
        own = name in world.overridden
        rows.append({"table": name, "rows": len(data), **known, "replaced": own})
    return pd.DataFrame(rows).astype(dict.fromkeys(KINDS, "Int64"))

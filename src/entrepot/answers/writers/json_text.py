"""Answers as JSON: one envelope for every command and every question."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from entrepot.answers.writers.cells import plain, rows_of

if TYPE_CHECKING:
    import pandas as pd

# JSON lets these stand as they are, but a terminal or an old script does not.
_RAW = re.compile("[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def envelope(
    schema: str,
    status: str,
    tables: Mapping[str, pd.DataFrame],
    *,
    world: Mapping[str, Any] | None = None,
    notes: Sequence[str] = (),
) -> dict[str, Any]:
    """{schema, version, world, data, notes}; `data` has the status and the rows by table.

    schema : such as entrepot/routes/1
    world  : name, hash, day and replaced tables; None where no facts were read
    """
    return {
        "schema": schema,
        "version": version("entrepot"),
        "world": None if world is None else dict(world),
        "data": {
            "status": status,
            "tables": {name: rows_of(table) for name, table in tables.items()},
        },
        "notes": list(notes),
    }


def json_text(value: Any) -> str:
    """A value as JSON; NaN becomes null, and no control character is left in it."""
    text = json.dumps(plain(value), ensure_ascii=False, indent=1, allow_nan=False)
    return _RAW.sub(lambda m: f"\\u{ord(m[0]):04x}", text) + "\n"

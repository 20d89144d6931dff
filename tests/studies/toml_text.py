"""A study as the text of a TOML file."""

from __future__ import annotations

import json
from typing import Any


def toml_text(content: dict[str, Any]) -> str:
    """Tables and lists of tables one level deep, as studies have them."""
    plain = {k: v for k, v in content.items() if not _is_table(v)}
    out = _lines(plain)
    for name, value in content.items():
        if isinstance(value, dict):
            out += ["", f"[{name}]", *_lines(value)]
        elif _is_table(value):
            for one in value:
                out += ["", f"[[{name}]]", *_lines(one)]
    return "\n".join(out) + "\n"


def _is_table(value: Any) -> bool:
    return isinstance(value, dict) or (
        isinstance(value, list) and bool(value) and isinstance(value[0], dict)
    )


def _lines(values: dict[str, Any]) -> list[str]:
    # Texts, numbers and lists of them read alike in JSON and TOML.
    return [f"{key} = {json.dumps(value)}" for key, value in values.items()]

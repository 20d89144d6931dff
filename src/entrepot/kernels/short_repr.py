"""One short line for objects that hold arrays, tables or whole worlds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar

T = TypeVar("T")
MOST = 200
MOST_VALUE = 40


def short_repr(kind: type[T]) -> type[T]:
    """Give a dataclass a repr of one line: plain values as they are, others by size or type."""

    def line(self: Any) -> str:
        parts = [f"{f.name}={_value(getattr(self, f.name, None))}" for f in fields(self) if f.repr]
        text = f"<{type(self).__name__} {', '.join(parts)}>"
        return text if len(text) <= MOST else text[: MOST - 2] + "…>"

    kind.__repr__ = line  # type: ignore[method-assign]
    return kind


def _value(value: Any) -> str:
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple):
        return "×".join(map(str, shape)) if shape else f"{value}"[:MOST_VALUE]
    if value is None or isinstance(value, bool | int | float | str):
        text = repr(value)
        return text if len(text) <= MOST_VALUE else text[: MOST_VALUE - 1] + "…"
    if isinstance(value, list | tuple | set | frozenset | Mapping):
        named = type(value).__name__
        return f"{named} of {len(value)}"
    return type(value).__name__

"""Cells as plain values and as safe text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

# Spreadsheets take a text that begins so for a formula; the wide signs are those of East Asia.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# Control characters, marks that turn the direction of text round, and separators of lines.
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
SEPARATOR = "; "
_SHORT = {"\t": "\\t", "\n": "\\n", "\r": "\\r"}


def plain(value: Any) -> Any:
    """Values that JSON knows: no NaN, infinity or NumPy types; tuples become lists."""
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | frozenset):
        return [plain(v) for v in value]
    if hasattr(value, "tolist"):
        value = value.tolist()
        if isinstance(value, list):
            return plain(value)
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else None
    return None if str(value) in ("<NA>", "NaT") else str(value)


def rows_of(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of a table as dictionaries of plain values."""
    return [plain(row) for row in table.to_dict(orient="records")]


def escaped(text: str) -> str:
    """A text whose control characters are written out, each as a backslash and its number."""
    return CONTROL.sub(_written_out, text)


def _written_out(match: re.Match[str]) -> str:
    character = match[0]
    if character in _SHORT:
        return _SHORT[character]
    code = ord(character)
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"


def safe_cell(value: Any) -> str:
    """A cell of a CSV file that no spreadsheet executes; lists are joined by '; '.

    A text that begins like a formula gets an apostrophe. Numbers stay as they are.
    """
    value = plain(value)
    if value is None:
        return ""
    is_text = isinstance(value, str | list)
    text = SEPARATOR.join(map(str, value)) if isinstance(value, list) else str(value)
    mark = "'" if is_text and text.startswith(FORMULA) else ""
    return mark + escaped(text)

"""Lists, counts and addresses in a sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence

from markupsafe import Markup, escape


def words(items: Sequence[str], most: int = 6) -> Markup:
    """A list in a sentence; numbers with their ids stay what they are."""
    shown = list(items[:most])
    if len(items) > most:
        shown.append(f"{len(items) - most} more")
    if not shown:
        return escape("none")
    if len(shown) == 1:
        return escape(shown[0])
    return escape(", ").join(shown[:-1]) + " and " + shown[-1]


def plural(n: int, word: str) -> str:
    """1 promise, 2 promises."""
    return f"{n} {word}" if n == 1 else f"{n} {word}s"


def is_web_address(url: str) -> bool:
    """Whether a link may lead there."""
    return bool(re.fullmatch(r"https?://[^\s\"'<>\x00-\x1f\x7f]+", url))

"""Legal flags of economies that no world comes with."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def shipped_flags(codes: Iterable[str]) -> tuple[str, ...]:
    """Legal flags of the shipped facts for alpha-3 codes; other texts have none."""
    from entrepot.facts.load import load_world
    from entrepot.routes.legs import legal_flags

    return legal_flags(load_world(), dict.fromkeys(codes))

"""Legal flags of economies that an answer names."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from entrepot.facts.world import World


def shipped_flags(codes: Iterable[str]) -> tuple[str, ...]:
    """Legal flags of the shipped facts for alpha-3 codes; other texts have none."""
    from entrepot.facts.load import load_world
    from entrepot.routes.legs import legal_flags

    return legal_flags(load_world(), dict.fromkeys(codes))


def world_flags(world: World) -> tuple[str, ...]:
    """Legal flags of every country with a place or with trade: for answers on all of a world."""
    from entrepot.routes.legs import legal_flags

    countries, zones = world.table("nodes")["country"], world.table("zones")["zone_id"]
    return legal_flags(world, dict.fromkeys((*countries, *zones)))

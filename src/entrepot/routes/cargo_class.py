"""Classes of cargo: commodities in their load units."""

from __future__ import annotations

from dataclasses import dataclass

from entrepot.facts.world import World


@dataclass(frozen=True, slots=True)
class CargoClass:
    """Goods that share their costs: a commodity in a load unit."""

    commodity: str | None
    unit: str

    @property
    def name(self) -> str:
        return self.commodity or "general cargo"


def all_classes(world: World) -> tuple[CargoClass, ...]:
    """Every commodity of the facts in its usual unit."""
    table = world.table("commodities")
    return tuple(
        CargoClass(str(c), str(u))
        for c, u in zip(table["commodity"], table["default_unit"], strict=True)
    )

"""Commodity groups of the facts folded into the sectors of the trade block.

The facts know 21 groups, because coal, oil products and crude differ fiftyfold in value per
tonne; the trade block runs on the broader groups they name, or on the 21 themselves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from entrepot.errors import UnknownNameError, UsageError
from entrepot.facts.world import World
from entrepot.kernels.arrays import FloatArray
from entrepot.kernels.short_repr import short_repr
from entrepot.uncertainty.ranges import Range

DETAIL = ("broad_group", "commodity")
# Names of broad groups for people; a group of a world of one's own shows its id.
NAMES = {
    "cereals": "Cereals and milling products",
    "food_agri": "Other food and farm goods",
    "energy_raw": "Crude oil, gas, electricity",
    "petroleum_coal": "Oil products and coal",
    "ores_minerals": "Ores, cement, stone, ceramics, glass",
    "fertilisers": "Fertilisers",
    "chemicals": "Chemicals and plastics",
    "pharma_medical": "Pharmaceuticals",
    "wood_paper_textiles": "Wood, paper, textiles, clothing",
    "iron_steel": "Iron and steel",
    "nonferrous_precious": "Non-ferrous and precious metals",
    "machinery": "Machinery, electrical goods, instruments",
    "vehicles": "Vehicles, ships, aircraft",
    "other_manufactures": "Other manufactures",
}


@short_repr
@dataclass(frozen=True, slots=True)
class Folding:
    """Which commodity belongs to which sector.

    commodities : (C,) ids of the facts
    sectors     : (J,) ids of the trade block
    of          : (C,) sector of each commodity
    names       : (J,) names of the sectors for people
    """

    commodities: tuple[str, ...]
    sectors: tuple[str, ...]
    of: NDArray[np.intp]
    names: tuple[str, ...]

    @classmethod
    def of_world(cls, world: World, detail: str = "broad_group") -> Folding:
        """The folding of a world's commodities; `detail` is one of DETAIL."""
        if detail not in DETAIL:
            raise UsageError(f"'{detail}' is not a level of detail: {', '.join(DETAIL)}.")
        table = world.table("commodities")
        groups = [str(g) for g in table[detail]]
        sectors = tuple(dict.fromkeys(groups))
        labels = dict(zip(table["commodity"], table["name"], strict=True)) | NAMES
        return cls(
            tuple(table["commodity"]),
            sectors,
            np.array([sectors.index(g) for g in groups], dtype=np.intp),
            tuple(str(labels.get(s, s)) for s in sectors),
        )

    @classmethod
    def of_sectors(cls, world: World, sectors: tuple[str, ...], detail: str) -> Folding:
        """The folding of sectors of a file: by commodity where they are the world's, else as they are."""
        known = Folding.of_world(world, detail)
        if set(sectors) <= set(known.commodities):
            groups = [known.sectors[known.of[known.commodities.index(s)]] for s in sectors]
            kept = tuple(dict.fromkeys(groups))
            names = tuple(known.names[known.sectors.index(g)] for g in kept)
            return cls(
                sectors, kept, np.array([kept.index(g) for g in groups], dtype=np.intp), names
            )
        return cls(sectors, sectors, np.arange(len(sectors)), sectors)

    def total(self, by_commodity: FloatArray) -> FloatArray:
        """(C, ...) summed to (J, ...)."""
        out = np.zeros((len(self.sectors), *by_commodity.shape[1:]))
        np.add.at(out, self.of, by_commodity)
        return out

    def mean(self, by_commodity: FloatArray, weight: FloatArray) -> FloatArray:
        """(C, N, N) as weighted means (J, N, N).

        Where a pair trades nothing of a sector, the world's weights stand in.
        """
        world = weight.sum(axis=(1, 2), keepdims=True) + np.zeros_like(by_commodity)
        own = self.total(weight)[self.of] > 0
        used = np.where(own, weight, np.where(world > 0, world, 1.0))
        top, bottom = self.total(used * by_commodity), self.total(used)
        return np.asarray(top / bottom)

    def means(self, by_commodity: Range[FloatArray], weight: FloatArray) -> Range[FloatArray]:
        """Low, middle and high figures (C, N, N) as weighted means (J, N, N)."""
        return by_commodity.each(lambda values: self.mean(values, weight))

    def members(self, sector: int) -> tuple[str, ...]:
        """Commodities of a sector."""
        return tuple(c for c, j in zip(self.commodities, self.of, strict=True) if j == sector)

    def position(self, name: str) -> int:
        """Place of a sector by its own id or that of one of its commodities."""
        if name in self.sectors:
            return self.sectors.index(name)
        if name in self.commodities:
            return int(self.of[self.commodities.index(name)])
        raise UnknownNameError(
            name,
            "commodity group",
            [*self.sectors, *self.commodities],
            listed=tuple(dict.fromkeys((*self.sectors, *self.commodities))),
        )


def elasticities(world: World, folding: Folding, value: FloatArray) -> Range[FloatArray]:
    """(J,) trade elasticity theta by sector: geometric mean of what is published, and its range.

    Of a commodity: geometric mean, least and most of the rows of elasticity_estimates.csv; one
    that has none takes the figure for all goods of parameters.csv. Of a
    sector: geometric means of its commodities weighted by world trade, value (C, N, N).
    """
    rows = world.table("elasticity_estimates")
    low, mid, high = (np.zeros(len(folding.commodities)) for _ in range(3))
    own = dict(list(rows.groupby("commodity")["theta"]))
    general = world.table("parameters").set_index("parameter").loc["elasticity_all_goods"]
    for c, commodity in enumerate(folding.commodities):
        if commodity in own:
            theta = own[commodity].to_numpy(dtype=float)
            low[c], mid[c], high[c] = theta.min(), np.exp(np.log(theta).mean()), theta.max()
        else:
            low[c], mid[c], high[c] = (float(general[k]) for k in ("low", "value", "high"))
    weight = np.maximum(value.sum(axis=(1, 2)), 1e-9)
    total = folding.total(weight)
    return Range(low, mid, high).each(
        lambda theta: np.exp(folding.total(weight * np.log(theta)) / total)
    )

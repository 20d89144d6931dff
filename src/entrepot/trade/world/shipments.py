"""From values to tonnes: what of a trade flow moves on trains, trucks and ships.

    tonnes = value * (1 - share that pipelines and wires carry) / value of a tonne

Gold and whatever moves by air only, and ships and aircraft that move themselves, are left out:
their value over their weight would be false tonnes on a train.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from entrepot.facts.world import World
from entrepot.kernels.arrays import FloatArray
from entrepot.kernels.short_repr import short_repr
from entrepot.uncertainty.ranges import Range, put

SURFACE = ("rail", "road", "sea", "pipeline")


@short_repr
@dataclass(frozen=True, slots=True)
class Shipments:
    """C commodities, N economies, [commodity, importer, exporter].

    usd_per_t : (C, N, N) value of a tonne
    surface   : (C, N, N) part of the value that trains, trucks and ships carry
    tonnes    : (C, N, N) tonnes a year by train, truck and ship; a low value of a tonne and a
                low share of pipelines make the high figure
    """

    usd_per_t: Range[FloatArray]
    surface: Range[FloatArray]
    tonnes: Range[FloatArray]


def shipments(
    world: World, zones: tuple[str, ...], commodities: tuple[str, ...], value: FloatArray
) -> Shipments:
    """Tonnes behind values (C, N, N) in million USD a year."""
    usd_per_t = _densities(world, zones, commodities)
    off = _off_surface(world, zones, commodities)
    surface = Range(1.0 - off.high, 1.0 - off.mid, 1.0 - off.low)
    usd = 1e6 * value
    tonnes = Range(
        usd * surface.low / usd_per_t.high,
        usd * surface.mid / usd_per_t.mid,
        usd * surface.high / usd_per_t.low,
    )
    return Shipments(usd_per_t, surface, tonnes)


def _densities(
    world: World, zones: tuple[str, ...], commodities: tuple[str, ...]
) -> Range[FloatArray]:
    n = len(zones)
    out = Range.filled((len(commodities), n, n))
    table = world.table("commodities").set_index("commodity")
    for c, commodity in enumerate(commodities):
        mid = float(table.at[commodity, "usd_per_t"])
        sides = [float(table.at[commodity, f"usd_per_t_{side}"]) for side in ("low", "high")]
        low, high = (mid if np.isnan(v) else v for v in sides)
        put(out, (c,), low, mid, high)
    spread = world.table("uncertainty").set_index(["quantity", "applies_to"])
    for row in world.table("value_densities").itertuples(index=False):
        c = commodities.index(row.commodity)
        buyers, sellers = _positions(row.importer, zones), _positions(row.exporter, zones)
        kind = row.value_kind if ("value_density", row.value_kind) in spread.index else "*"
        ratios = spread.loc[("value_density", kind)]
        low, high = (row.usd_per_t * float(ratios[k]) for k in ("p10_ratio", "p90_ratio"))
        put(out, (c, *np.ix_(buyers, sellers)), low, row.usd_per_t, high)
    return out


def _off_surface(
    world: World, zones: tuple[str, ...], commodities: tuple[str, ...]
) -> Range[FloatArray]:
    n = len(zones)
    out = Range.filled((len(commodities), n, n))
    table = world.table("commodities").set_index("commodity")
    for c, commodity in enumerate(commodities):
        if not set(table.at[commodity, "modes_allowed"]) & set(SURFACE):
            put(out, (c,), 1.0, 1.0, 1.0)
    rows = list(world.table("pipeline_shares").itertuples(index=False))
    for row in sorted(rows, key=lambda r: (r.exporter != "*") + (r.importer != "*")):
        c = commodities.index(row.commodity)
        buyers, sellers = _positions(row.importer, zones), _positions(row.exporter, zones)
        low = row.share if np.isnan(row.share_low) else row.share_low
        high = row.share if np.isnan(row.share_high) else row.share_high
        put(out, (c, *np.ix_(buyers, sellers)), low, row.share, high)
    return out


def _positions(name: str, zones: tuple[str, ...]) -> list[int]:
    if name == "*":
        return list(range(len(zones)))
    return [zones.index(name)] if name in zones else []

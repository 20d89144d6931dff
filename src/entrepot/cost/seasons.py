"""What changes by month: ice, storms, closed passes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from entrepot.kernels.arrays import FloatArray
from entrepot.network.graph import MODES, ArcKind, Network
from entrepot.network.select import arcs_at

if TYPE_CHECKING:
    from entrepot.cost.when import When
    from entrepot.facts.world import World


def apply_seasons(
    world: World, network: Network, when: When, hours: FloatArray, usable: NDArray[np.bool_]
) -> tuple[int, ...]:
    """Change hours and usability in place; give the rows that changed something.

    A date in a month takes the month as it is. A whole year takes the mean over its months, and
    what is closed in some months counts as open, because cargo waits for the season.
    """
    applied = []
    for i, row in enumerate(world.table("seasons").itertuples(index=False)):
        share = when.share_of(int(row.month_from), int(row.month_to))
        if share == 0:
            continue
        arcs = arcs_at(network, row.place_id, row.mode)
        arcs = arcs[[MODES[network.mode[a]] in row.mode for a in arcs]] if len(arcs) else arcs
        if len(arcs) == 0:
            continue
        kind, value = network.kind[arcs], row.effect_value
        if row.effect_quantity == "closed":
            if share > 0.999:
                usable[arcs] = False
                applied.append(i)
            continue
        if row.effect_quantity == "hours_added":
            step = arcs[np.isin(kind, (ArcKind.BORDER, ArcKind.BOARD))]
            hours[step] += share * value
        elif row.effect_quantity == "hours_replaced":
            step = arcs[kind == ArcKind.BORDER]
            hours[step] += share * (value - hours[step])
        elif row.effect_quantity == "open_share":
            step = arcs[np.isin(kind, (ArcKind.BORDER, ArcKind.BOARD))]
            hours[step] *= 1 + share * (1 / value - 1)
        else:
            continue
        applied.append(i)
    return tuple(applied)

"""What changes of payment_friction.csv make of the friction that was estimated on the facts before.

The friction in use is an estimate within published bounds (`friction.py`), and the estimate belongs to
the baseline. A change of a row multiplies, replaces or adds to the friction of the cells that this row
rules; nothing is estimated again and nothing is cut off at the changed bounds.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from entrepot.facts.change import Change, changed_row
from entrepot.facts.world import World
from entrepot.kernels.arrays import FloatArray
from entrepot.trade.world.trade_world import TradeWorld
from entrepot.trade.world.wedges import (
    Places,
    payment_friction,
    payment_owners,
)

TABLE = "payment_friction"


def changed_friction(
    trade: TradeWorld, before: World, after: World, changes: Sequence[Change]
) -> FloatArray:
    """(J, N, N) friction in use after changes, part of the value, zero at least.

    before, after : facts without and with the changes
    changes       : in their order; of `share` they act on the figure in use, and of share_low and
                    share_high only on published bounds, which a scenario does not look at again
    A cell that another row rules afterwards, such as one of a new member of a group, takes the
    published share of that row, and zero where no row rules it any more.
    """
    folding = trade.folding
    old = trade.friction.mid[folding.of]
    owner = payment_owners(before, trade.places, folding.commodities)
    new = old.copy()
    for change in changes:
        if change.table == TABLE and change.column == "share":
            _act(new, owner == changed_row(before, change), change)
    places = Places.of_world(after, trade.zones)
    moved = payment_owners(after, places, folding.commodities) != owner
    if moved.any():
        published = payment_friction(after, places, folding.commodities).mid
        new[moved] = published[moved]
    moved_by = np.maximum(new, 0.0) - old
    return np.asarray(trade.friction.mid + folding.mean(moved_by, trade.value))


def _act(friction: FloatArray, cells: NDArray[np.bool_], change: Change) -> None:
    by = float(change.value)
    if change.operation == "set":
        friction[cells] = by
    elif change.operation == "add":
        friction[cells] += by
    else:
        friction[cells] *= by

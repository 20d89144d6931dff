"""From what people write to economies and commodities; `places` does it for places.

Every command finds names here: by id, or by name in any case, with the nearest ones where nothing
fits, and for commodities the list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from entrepot.errors import UnknownNameError
from entrepot.facts.places import simplified

if TYPE_CHECKING:
    from entrepot.facts.world import World


def find_zone(world: World, text: str) -> str:
    """The alpha-3 code of an economy from its code or name. Raises UnknownNameError."""
    zones = world.table("zones")
    codes, names = list(zones["zone_id"]), list(zones["name"])
    wanted = simplified(text)
    for column in ([simplified(c) for c in codes], [simplified(n) for n in names]):
        if wanted and wanted in column:
            return str(codes[column.index(wanted)])
    known = [*codes, *zip(codes, names, strict=True)]
    raise UnknownNameError(text, "economy (alpha-3 code)", known)


def find_commodity(world: World, text: str) -> str:
    """The id of a commodity from its id or name. Raises UnknownNameError with the list."""
    goods = world.table("commodities")
    ids, names = list(goods["commodity"]), list(goods["name"])
    wanted = simplified(text)
    for column in ([simplified(i) for i in ids], [simplified(n) for n in names]):
        if wanted and wanted in column:
            return str(ids[column.index(wanted)])
    known = [*ids, *zip(ids, names, strict=True)]
    raise UnknownNameError(text, "commodity", known, listed=ids)

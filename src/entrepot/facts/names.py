"""From what people write to economies and commodities; `places` does it for places.

Every command finds names here: by id, or by name in any case, with the nearest ones where nothing
fits, and for commodities the list.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from entrepot.errors import UnknownNameError
from entrepot.facts.places import simplified

if TYPE_CHECKING:
    from entrepot.facts.world import World


def find_zone(world: World, text: str) -> str:
    """The alpha-3 code of an economy from its code or name. Raises UnknownNameError."""
    zones = world.table("zones")
    return _named(text, list(zones["zone_id"]), list(zones["name"]), "economy (alpha-3 code)")


def find_commodity(world: World, text: str) -> str:
    """The id of a commodity from its id or name. Raises UnknownNameError with the list."""
    goods = world.table("commodities")
    ids = list(goods["commodity"])
    return _named(text, ids, list(goods["name"]), "commodity", listed=ids)


def _named(
    text: str, ids: list[str], names: list[str], kind: str, listed: Sequence[str] = ()
) -> str:
    """The id that a text is or whose name it is; ids go first."""
    wanted = simplified(text)
    for column in ([simplified(i) for i in ids], [simplified(n) for n in names]):
        if wanted and wanted in column:
            return ids[column.index(wanted)]
    known: list[str | tuple[str, str]] = [*ids, *zip(ids, names, strict=True)]
    raise UnknownNameError(text, kind, known, listed=listed)

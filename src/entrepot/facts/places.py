"""From what people write to places: ids, names, UN/LOCODE, countries."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from entrepot.errors import UnknownNameError, UsageError

if TYPE_CHECKING:
    from entrepot.facts.world import World


@dataclass(frozen=True, slots=True)
class Place:
    """A place of the network, or an economy by its hubs.

    label   : for people
    country : alpha-3 code
    nodes   : node ids, the most important first
    weights : share of each node; they sum to one
    """

    label: str
    country: str
    nodes: tuple[str, ...]
    weights: tuple[float, ...]


def describe_place(world: World, text: str) -> Place:
    """Find a place by id, name, UN/LOCODE, or an economy by alpha-3 code or name.

    Raises UnknownNameError with the nearest names, UsageError when several places go by the name.
    """
    nodes = world.table("nodes")
    wanted = simplified(text)
    names = [simplified(n) for n in nodes["name"]]
    short = [simplified(n.split("(")[0]) for n in nodes["name"]]
    for column in (
        [simplified(n) for n in nodes["node_id"]],
        names,
        short,
        [u.lower() for u in nodes["unlocode"]],
        [n.removeprefix("port of ").removesuffix(" port") for n in short],
    ):
        if wanted and wanted in column:
            if column.count(wanted) > 1:
                ids = [i for i, n in zip(nodes["node_id"], column, strict=True) if n == wanted]
                raise UsageError(
                    f"Several places are called '{text}': {', '.join(ids)}. Give the id."
                )
            row = nodes.iloc[column.index(wanted)]
            return Place(row["name"], row["country"], (row["node_id"],), (1.0,))
    names_of = dict(zip(nodes["node_id"], nodes["name"], strict=True))
    zones, hubs = world.table("zones"), world.table("zone_hubs")
    for zone in zones.itertuples(index=False):
        if wanted in (zone.zone_id.lower(), simplified(zone.name)):
            own = hubs[hubs["zone_id"] == zone.zone_id].sort_values(
                "weight", ascending=False, kind="stable"
            )
            if len(own):
                hub = names_of[own["node_id"].iloc[0]]
                return Place(
                    f"{zone.name} ({hub})",
                    zone.zone_id,
                    tuple(own["node_id"]),
                    tuple(own["weight"]),
                )
    known: list[str | tuple[str, str]] = [
        *((i, n) for i, n in zip(nodes["node_id"], nodes["name"], strict=True)),
        *((z, n) for z, n in zip(zones["zone_id"], zones["name"], strict=True)),
    ]
    raise UnknownNameError(text, "place", known)


PUNCTUATION = str.maketrans("_-", "  ", "'.")


@cache
def simplified(text: str) -> str:
    """A name in small letters, without punctuation: 'Bandar-Abbas' is 'bandar abbas'."""
    lowered = text.lower().translate(PUNCTUATION)
    return " ".join(lowered.split())

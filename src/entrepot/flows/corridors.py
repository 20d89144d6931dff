"""Names for routes: the first corridor whose needs a route meets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from entrepot.network.graph import MODES, ArcKind, Network

if TYPE_CHECKING:
    from entrepot.facts.world import World


CARRIES = 0.15  # share of the length from which a mode counts as carrying a route


@dataclass(frozen=True, slots=True)
class Traits:
    """What a route passes.

    places        : node ids in order
    jurisdictions : alpha-3 codes in order of passage
    modes         : modes in order of use
    words         : all of these, and basins, as the tokens of corridors.csv
    """

    places: tuple[str, ...]
    jurisdictions: tuple[str, ...]
    modes: tuple[str, ...]
    words: frozenset[str]


def traits(network: Network, arcs: tuple[int, ...]) -> Traits:
    """Places, jurisdictions and modes of a path."""
    places: dict[str, None] = {}
    countries: list[str] = []
    modes: list[str] = []
    basins: set[str] = set()
    for a in arcs:
        for vertex in (network.tail[a], network.head[a]):
            place = network.vertex_place[vertex]
            if place >= 0:
                places[network.place_id[place]] = None
                _append(countries, network.place_country[place])
        if network.kind[a] != ArcKind.HAUL:
            continue
        mode = MODES[network.mode[a]]
        _append(modes, mode)
        if mode == "sea":
            basins.add(network.area[a])
    words = {*places, *countries, *(f"mode:{m}" for m in modes), *(f"basin:{b}" for b in basins)}
    return Traits(tuple(places), tuple(countries), tuple(modes), frozenset(words))


def _append(items: list[str], item: str) -> None:
    if not items or items[-1] != item:
        items.append(item)


def name_corridor(world: World, route: Traits) -> tuple[str, str]:
    """(corridor id, name) of a route; places it by its jurisdictions when no corridor fits."""
    table = world.table("corridors")
    for row in table.sort_values("priority", kind="stable").itertuples(index=False):
        needed = all(any(w in route.words for w in item.split("|")) for item in row.requires)
        if needed and not any(w in route.words for w in row.excludes):
            return row.corridor_id, row.name
    if len(route.jurisdictions) == 1:
        return "", f"Inside {route.jurisdictions[0]}"
    through = route.jurisdictions[1:-1]
    if not through:
        return "", "Direct, " + " and ".join(m.replace("_", " ") for m in route.modes)
    return "", "By " + ", ".join(dict.fromkeys(through))


def corridor_class(
    world: World, network: Network, arcs: tuple[int, ...]
) -> tuple[str, ...]:
    """What makes two routes different in kind: (family, corridor, modes that carry it, …).

    The family is what people call the way whatever the branch or the gateway: Middle Corridor,
    Suez, … Where no corridor has a name, the jurisdictions passed stand for it. A mode counts from
    a share of the length on; a drayage does not make another way.
    """
    route = traits(network, arcs)
    corridor, _ = name_corridor(world, route)
    family = "-".join(route.jurisdictions)
    if corridor:
        table = world.table("corridors")
        family = str(table.loc[table["corridor_id"] == corridor, "family"].iloc[0])
    km = np.zeros(len(MODES))
    moving = [a for a in arcs if network.mode[a] >= 0]
    np.add.at(km, network.mode[moving], network.km[moving])
    carrying = [m for m, share in zip(MODES, km / km.sum(), strict=True) if share >= CARRIES]
    return (family, corridor, *carrying)


def tell_apart(
    names: list[str], routes: list[Traits], place_names: dict[str, str], landmarks: frozenset[str]
) -> list[str]:
    """Add to names that occur twice the landmarks that only one of their routes passes."""
    out = list(names)
    for name in dict.fromkeys(names):
        same = [i for i, n in enumerate(names) if n == name]
        if len(same) < 2:
            continue
        for i in same:
            others = [set(routes[j].places) | set(routes[j].modes) for j in same if j != i]
            special = [p for p in routes[i].places if not any(p in o for o in others)]
            marks = [p for p in special if p in landmarks] or special
            if not marks:  # nothing of its own: name what most of the others lack
                marks = [p for p in routes[i].places
                         if p in landmarks and sum(p in o for o in others) * 2 < len(others) + 1]
            if marks:
                chosen = marks if len(marks) <= 2 else [marks[0], marks[-1]]
                out[i] = f"{name}, by {' and '.join(place_names[m] for m in chosen)}"
            else:
                out[i] = f"{name}, {' + '.join(m.replace('_', ' ') for m in routes[i].modes)}"
    return out

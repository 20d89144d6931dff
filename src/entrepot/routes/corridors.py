"""Names for routes: the first corridor whose needs a route meets."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from entrepot.kernels.short_repr import short_repr
from entrepot.network.graph import MODES, Network

if TYPE_CHECKING:
    from entrepot.facts.world import World

CARRIES = 0.15  # share of the length from which a mode counts as carrying a route
LAND = ("rail", "road")
WORDS = {"ferry_rail": "rail ferry", "ferry_roro": "ro-ro ferry", "inland_waterway": "river"}


@dataclass(frozen=True, slots=True)
class Traits:
    """What a route passes.

    places        : node ids in order
    jurisdictions : alpha-3 codes in order of passage
    modes         : modes in order of use
    carrying      : modes with a fair share of the length
    words         : all of these, and basins, as the tokens of corridors.csv
    twice         : whether a place is left and passed again
    """

    places: tuple[str, ...]
    jurisdictions: tuple[str, ...]
    modes: tuple[str, ...]
    carrying: tuple[str, ...]
    words: frozenset[str]
    twice: bool

    @property
    def doubles_back(self) -> bool:
        """Whether the route comes back to a place, or over water to a jurisdiction it has left.

        Closing one port in turn makes such paths (Kuryk, Alat, Aktau); nobody ships so. By land
        jurisdictions are left and entered again often, as on the lines of Russia and Kazakhstan
        that cross each other's border.
        """
        if self.twice:
            return True
        left_before = len(set(self.jurisdictions)) < len(self.jurisdictions)
        return left_before and any(m not in LAND for m in self.modes)


@dataclass(frozen=True, slots=True)
class _Row:
    corridor_id: str
    name: str
    family: str
    requires: tuple[frozenset[str], ...]
    excludes: frozenset[str]


@short_repr
@dataclass(frozen=True, slots=True)
class Namer:
    """Reads what paths pass and gives them the names of corridors.csv."""

    network: Network
    rows: tuple[_Row, ...]

    @classmethod
    def of(cls, world: World, network: Network) -> Namer:
        table = world.table("corridors").sort_values("priority", kind="stable")
        rows = tuple(
            _Row(
                r.corridor_id,
                r.name,
                r.family,
                tuple(frozenset(item.split("|")) for item in r.requires),
                frozenset(r.excludes),
            )
            for r in table.itertuples(index=False)
        )
        return cls(network, rows)

    def traits(self, path: tuple[int, ...]) -> Traits:
        """Places, jurisdictions and modes of a path."""
        net = self.network
        arcs = np.array(path, dtype=np.int64)
        vertices = np.concatenate((net.tail[arcs[:1]], net.head[arcs]))
        at = net.vertex_place[vertices].tolist()
        passed = [p for p, _ in groupby(p for p in at if p >= 0)]
        places = tuple(dict.fromkeys(net.place_id[p] for p in passed))
        countries = tuple(c for c, _ in groupby(net.place_country[p] for p in passed))
        km = net.km[arcs]
        hauls = arcs[km > 0]
        codes = net.mode[hauls]
        modes = tuple(MODES[m] for m, _ in groupby(codes.tolist()))
        length = np.bincount(codes, weights=net.km[hauls], minlength=len(MODES))
        carrying = tuple(
            m for m, own in zip(MODES, length / length.sum(), strict=True) if own >= CARRIES
        )
        basins = {f"basin:{net.area[a]}" for a in hauls[codes == MODES.index("sea")].tolist()}
        words = frozenset({*places, *countries, *(f"mode:{m}" for m in modes), *basins})
        return Traits(places, countries, modes, carrying, words, len(places) < len(passed))

    def name(self, route: Traits) -> tuple[str, str]:
        """(corridor id, name); without a corridor, the name says where the route passes."""
        row = self._row(route)
        if row is not None:
            return row.corridor_id, row.name
        if len(route.jurisdictions) == 1:
            return "", f"Inside {route.jurisdictions[0]}"
        through = route.jurisdictions[1:-1]
        if not through:
            return "", "Direct, " + " and ".join(WORDS.get(m, m) for m in route.modes)
        return "", "By " + ", ".join(dict.fromkeys(through))

    def kind(self, route: Traits) -> tuple[str, ...]:
        """What makes routes different in kind: (family, corridor, modes that carry it, …).

        The family is what people call the route whatever the branch or the gateway: Middle Corridor,
        Suez, … Where no corridor has a name, the jurisdictions passed stand for it. A mode counts
        from a share of the length on; a drayage does not make another route.
        """
        row = self._row(route)
        family = row.family if row is not None else "-".join(route.jurisdictions)
        return (family, row.corridor_id if row is not None else "", *route.carrying)

    def _row(self, route: Traits) -> _Row | None:
        for row in self.rows:
            if all(item & route.words for item in row.requires) and not row.excludes & route.words:
                return row
        return None


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
            out[i] = f"{name}, {_mark(i, same, routes, place_names, landmarks)}"
    return [
        name if out.index(name) == i else f"{name}, variant {out[: i + 1].count(name)}"
        for i, name in enumerate(out)
    ]


def _mark(
    i: int,
    same: list[int],
    routes: list[Traits],
    place_names: dict[str, str],
    landmarks: frozenset[str],
) -> str:
    """What sets one route apart from others of its name: modes, else places of its own."""
    others = [j for j in same if j != i]
    own_modes = routes[i].carrying
    by = " and ".join(WORDS.get(m, m) for m in own_modes)
    if all(routes[j].carrying != own_modes for j in others):
        return f"by {by}"
    rivals = [set(routes[j].places) for j in others if routes[j].carrying == own_modes]
    special = [p for p in routes[i].places if not any(p in r for r in rivals)]
    if not special:
        special = [p for p in routes[i].places if sum(p in r for r in rivals) * 2 <= len(rivals)]
    marks = [p for p in special if p in landmarks] or special
    if not marks:
        return f"by {by}"
    chosen = marks if len(marks) <= 2 else [marks[0], marks[-1]]
    return f"by {by} through {' and '.join(place_names[m] for m in chosen)}"

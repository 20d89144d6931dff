"""A route as a chain of elements: transport, hub and border, as in ISO 14083.

A transport element is the movement by one mode without a change; what happens at a terminal, a
transfer, a wait for a sailing is a hub element. Well-to-wheel CO2e is on transport elements; hub
elements have no sourced factor and count nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from entrepot.network.graph import MODES, ArcKind, Network

if TYPE_CHECKING:
    from collections.abc import Iterable

    from entrepot.cost.arcs import ArcCosts
    from entrepot.cost.passage import Passage
    from entrepot.facts.world import World
    from entrepot.routes.query import Candidate

KINDS = ("measured", "published", "estimated", "assumed")
WORDS = {
    "terminal_rail": "rail terminal",
    "terminal_road": "loading or unloading",
    "terminal_sea": "port terminal",
    "terminal_ferry": "ferry terminal",
    "port_sea_rail": "port, ship and rail",
    "port_sea_road": "port, ship and road",
    "rail_road": "transfer between rail and road",
    "ferry_load_rail": "wagons on or off a ferry",
    "ferry_load_road": "trucks on or off a ferry",
    "sea_transship": "change of ship",
    "sea_waterway": "sea and river ship",
    "waterway_land": "river port",
    "gauge_break": "change of gauge",
}


@dataclass(frozen=True, slots=True)
class Leg:
    """One element of the chain. arcs: its arcs in order; start, end: node ids."""

    element: str
    what: str
    mode: str
    start: str
    end: str
    jurisdictions: tuple[str, ...]
    rules: tuple[str, ...]
    arcs: tuple[int, ...]


class LegMaker:
    """Cuts paths into legs and says what facts they rest on."""

    def __init__(self, world: World, network: Network, costs: ArcCosts, passage: Passage) -> None:
        self._world, self._network, self._costs, self._passage = world, network, costs, passage

    def legs(self, candidate: Candidate) -> list[Leg]:
        """Legs of a path; together they hold every arc once, in order."""
        groups: list[list[int]] = []
        for arc in candidate.path:
            if groups and self._joins(groups[-1][-1], arc):
                groups[-1].append(arc)
            else:
                groups.append([arc])
        starts = np.cumsum([0, *(len(g) for g in groups)])
        out = []
        for i, group in enumerate(groups):
            rules = tuple(
                dict.fromkeys(
                    r.rule_id for r, at in candidate.effect.rules if starts[i] <= at < starts[i + 1]
                )
            )
            out.append(self._leg(group, rules))
        return out

    def _joins(self, before: int, arc: int) -> bool:
        """Whether two arcs in a row are one element: hauls of one mode, calls at ports between."""
        net = self._network
        moving = (ArcKind.HAUL, ArcKind.STAY)
        return bool(
            net.kind[before] in moving
            and net.kind[arc] in moving
            and net.mode[before] == net.mode[arc]
        )

    def _leg(self, arcs: list[int], rules: tuple[str, ...]) -> Leg:
        net = self._network
        first = arcs[0]
        kind = ArcKind(net.kind[first])
        start, end = self._node(arcs[0], first=True), self._node(arcs[-1], first=False)
        mode = MODES[net.mode[first]] if net.mode[first] >= 0 else ""
        if kind == ArcKind.BORDER:
            element, what = "border", f"border by {mode}"
        elif kind in (ArcKind.HAUL, ArcKind.STAY):
            element, what = "transport", mode.replace("_", " ")
        elif kind == ArcKind.BOARD:
            element, what = "hub", "wait for a sailing"
        else:
            element, what = "hub", WORDS[net.step[first]]
        countries: dict[str, None] = {}
        for arc in arcs:
            for node in (self._node(arc, first=True), self._node(arc, first=False)):
                countries[net.place_country[net.place_index[node]]] = None
        if element == "transport" and mode in ("rail", "road"):
            countries = dict.fromkeys(net.area[a] for a in arcs)
        return Leg(element, what, mode, start, end, tuple(countries), rules, tuple(arcs))

    def _node(self, arc: int, *, first: bool) -> str:
        """Node at an end of an arc; the two sides of a border line are named by their posts."""
        net = self._network
        vertex = net.tail[arc] if first else net.head[arc]
        place = int(net.vertex_place[vertex])
        if place >= 0:
            return net.place_id[place]
        link = net.link[arc]
        posts = (int(net.link_from[link]), int(net.link_to[link]))
        other = net.head[arc] if first else net.tail[arc]
        near = int(net.vertex_place[other])
        if net.kind[arc] == ArcKind.HAUL:  # half a border link: the line belongs to its own post
            return net.place_id[near]
        inside = [p for p in posts if net.place_country[p] == net.area[arc]]
        end = inside[0] if inside else posts[1]
        return net.place_id[end if not first else posts[0] if end == posts[1] else posts[1]]

    def name(self, node: str) -> str:
        """Name of a node for people."""
        return self._network.place_name[self._network.place_index[node]]

    def _time_kind(self, arc: int) -> str:
        row = self._mode_row(arc)
        return str(row.speed_kind) if row is not None else self._fixed_kind(arc)

    def _price_kind(self, arc: int) -> str:
        row = self._mode_row(arc)
        return str(row.rate_kind) if row is not None else self._fixed_kind(arc)

    def _mode_row(self, arc: int) -> Any:
        row = int(self._costs.mode_row[arc])
        return _records(self._world, "modes")[row] if row >= 0 else None

    def _fixed_kind(self, arc: int) -> str:
        row = self._fixed_row(arc)
        return str(row.value_kind) if row is not None else "measured"

    def _fixed_row(self, arc: int) -> Any:
        """Row of border_crossings, services or transfers an arc is priced by."""
        net = self._network
        row = int(net.parameter[arc])
        if row < 0:
            return None
        table = {
            ArcKind.BORDER: "border_crossings",
            ArcKind.BOARD: "services",
            ArcKind.HAUL: "services",
            ArcKind.STAY: "services",
            ArcKind.TRANSFER: "transfers",
            ArcKind.TERMINAL: "transfers",
        }[ArcKind(net.kind[arc])]
        return _records(self._world, table)[row]

    def weakest_kind(self, arcs: Iterable[int]) -> str:
        """The weakest kind of value the time and price of arcs rest on."""
        kinds = [k for a in arcs for k in (self._time_kind(a), self._price_kind(a))]
        return max(kinds, key=KINDS.index)

    def assumed_share(self, arcs: Iterable[int], what: str) -> float:
        """Share of the median hours ('time') or of the price that rests on assumed values."""
        kind = self._time_kind if what == "time" else self._price_kind
        size = self._costs.hours if what == "time" else self._costs.money.sum(axis=0)
        total = assumed = 0.0
        for a in arcs:
            total += float(size[a])
            assumed += float(size[a]) if kind(a) == "assumed" else 0.0
        return assumed / total if total else 0.0

    def sources(self, arcs: Iterable[int]) -> tuple[str, ...]:
        """Source ids of the facts behind arcs."""
        out: dict[str, None] = {}
        for a in arcs:
            for row in (self._mode_row(a), self._fixed_row(a), self._link_row(a)):
                if row is not None:
                    out |= dict.fromkeys(row.source_id)
        return tuple(out)

    def _link_row(self, arc: int) -> Any:
        link = int(self._network.link[arc])
        return _records(self._world, "links")[link] if link >= 0 else None


def legal_flags(
    world: World, jurisdictions: Iterable[str], places: Iterable[str] = ()
) -> tuple[str, ...]:
    """'IRN: UN, EU (as of 2026-01)' for each jurisdiction with a regime in force.

    Rows about one place count only where the route touches it.
    """
    touched = set(places)
    out = []
    for code in dict.fromkeys(jurisdictions):
        for (label, as_of), regimes in _flags(world).get(code, {}).items():
            area = label.partition(":")[2]
            if area and area in _places(world) and area not in touched:
                continue
            out.append(f"{label}: {', '.join(regimes)} (as of {as_of})")
    return tuple(out)


@cache
def _places(world: World) -> frozenset[str]:
    return frozenset(world.table("nodes")["node_id"])


@cache
def _flags(world: World) -> dict[str, dict[tuple[str, str], list[str]]]:
    out: dict[str, dict[tuple[str, str], list[str]]] = {}
    for row in world.table("legal_flags").itertuples(index=False):
        if row.scope.startswith(("none", "no joint")):
            continue
        own = out.setdefault(row.jurisdiction[:3], {})
        regimes = own.setdefault((row.jurisdiction, row.as_of), [])
        regimes += [r for r in row.regime if r not in regimes]
    return out


@cache
def _records(world: World, table: str) -> list[Any]:
    return list(world.table(table).itertuples(index=False))

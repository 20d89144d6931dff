"""From the tables of facts to the directed multimodal graph.

What a place offers follows from the links that end there: a port with rail gets the transfer
between ship and rail, a place with a row in gauge_breaks.csv gets the change of gauge, and so on.
A link across a land border becomes three arcs each way: half the length in each country, and the crossing.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from entrepot.errors import BadInputError
from entrepot.kernels.arrays import BoolArray, Int32Array
from entrepot.kernels.short_repr import short_repr
from entrepot.network.graph import MODE_CODE, WATER_MODES, ArcKind, Network

if TYPE_CHECKING:
    import pandas as pd

    from entrepot.facts.world import World

LAND_MODES = ("rail", "road")


@short_repr
@dataclass(slots=True)
class _NetworkDraft:
    """Growing lists of vertices and arcs, frozen into a Network at the end."""

    vertex_place: list[int] = field(default_factory=list)
    vertex_layer: list[str] = field(default_factory=list)
    vertex_index: dict[tuple[int, str], int] = field(default_factory=dict)
    arcs: list[tuple[int, int, int, int, int, int, str, float, int, str]] = field(
        default_factory=list
    )

    def vertex(self, place: int, layer: str) -> int:
        key = (place, layer)
        if key not in self.vertex_index:
            self.vertex_index[key] = self.loose_vertex(place, layer)
        return self.vertex_index[key]

    def loose_vertex(self, place: int, layer: str) -> int:
        self.vertex_place.append(place)
        self.vertex_layer.append(layer)
        return len(self.vertex_layer) - 1

    def arc(
        self,
        tail: int,
        head: int,
        kind: ArcKind,
        *,
        mode: str = "",
        link: int = -1,
        place: int = -1,
        area: str = "",
        km: float = 0.0,
        parameter: int = -1,
        step: str = "",
    ) -> None:
        code = MODE_CODE[mode] if mode else -1
        self.arcs.append((tail, head, int(kind), code, link, place, area, km, parameter, step))


@short_repr
@dataclass(frozen=True, slots=True)
class _Parameters:
    """Rows of the parameter tables by what they apply to."""

    transfer: dict[tuple[str, str], int]
    border: dict[tuple[frozenset[str], str], int]
    service: dict[tuple[frozenset[str], str, str], int]

    def transfer_row(self, step: str, place_id: str) -> int:
        row = self.transfer.get((step, place_id), self.transfer.get((step, "*"), -1))
        if row < 0:
            raise BadInputError(
                f"transfers.csv has no row for '{step}' at {place_id} and no default (*)."
            )
        return row

    def service_row(self, a: str, b: str, mode: str, basin: str) -> int:
        default = (frozenset("*"), mode, basin)
        row = self.service.get((frozenset((a, b)), mode, basin), self.service.get(default, -1))
        if row < 0:
            raise BadInputError(
                f"services.csv has no row for {a}-{b} by {mode} and no default (*) for it."
            )
        return row


def build_network(world: World) -> Network:
    """Build the graph of a world. Arc order is deterministic: by tail, then by row of the facts."""
    nodes, links = world.table("nodes"), world.table("links")
    place_id = tuple(nodes["node_id"])
    place_index = {name: i for i, name in enumerate(place_id)}
    country = tuple(nodes["country"])
    parameters = _read_parameters(world)
    draft = _NetworkDraft()

    gauges, basins = _what_places_offer(world, place_index)
    for i in range(len(place_id)):
        draft.vertex(i, "origin")
        draft.vertex(i, "destination")
    for row, link in enumerate(links.itertuples(index=False)):
        a, b = place_index[link.from_node_id], place_index[link.to_node_id]
        if link.mode in LAND_MODES:
            layer = f"rail{link.gauge_mm}" if link.mode == "rail" else "road"
            ends = (draft.vertex(a, layer), draft.vertex(b, layer))
            crossing = parameters.border.get(
                (frozenset((link.from_node_id, link.to_node_id)), link.mode), -1
            )
            _land_link(draft, ends, (country[a], country[b]), row, link, crossing)
        else:
            basin = link.basin if link.mode == "sea" else ""
            service = parameters.service_row(link.from_node_id, link.to_node_id, link.mode, basin)
            name = _water_layer(link.mode, basin, gauges, a, b)
            _water_link(draft, (a, b), name, basin or country[a], row, link, service)
    for i, name in enumerate(place_id):
        rail_road = bool(nodes["rail_road"].iloc[i])
        _place_arcs(draft, parameters, i, name, country[i], rail_road, gauges[i], basins[i])
    return _freeze(draft, nodes, links, place_index)


def _read_parameters(world: World) -> _Parameters:
    transfer = {
        (row.kind, row.node_id): i
        for i, row in enumerate(world.table("transfers").itertuples(index=False))
    }
    border = {
        (frozenset((row.node_a_id, row.node_b_id)), row.mode): i
        for i, row in enumerate(world.table("border_crossings").itertuples(index=False))
    }
    service = {
        (frozenset((row.from_node_id, row.to_node_id)), row.mode, row.basin): i
        for i, row in enumerate(world.table("services").itertuples(index=False))
    }
    return _Parameters(transfer, border, service)


def _what_places_offer(
    world: World, place_index: dict[str, int]
) -> tuple[list[dict[int, None]], list[dict[str, None]]]:
    """Gauges, and water layers still without a gauge, by place, in the order of the facts."""
    n = len(place_index)
    gauges: list[dict[int, None]] = [{} for _ in range(n)]
    basins: list[dict[str, None]] = [{} for _ in range(n)]
    for link in world.table("links").itertuples(index=False):
        if link.mode == "rail":
            for end in (link.from_node_id, link.to_node_id):
                gauges[place_index[end]][int(link.gauge_mm)] = None
    for row in world.table("gauge_breaks").itertuples(index=False):
        for gauge in (row.from_gauge_mm, row.to_gauge_mm):
            gauges[place_index[row.node_id]][int(gauge)] = None
    for link in world.table("links").itertuples(index=False):
        if link.mode in WATER_MODES:
            a, b = place_index[link.from_node_id], place_index[link.to_node_id]
            layer = _water_layer(link.mode, link.basin, gauges, a, b)
            basins[a][layer] = None
            basins[b][layer] = None
    return gauges, basins


def _water_layer(mode: str, basin: str, gauges: list[dict[int, None]], a: int, b: int) -> str:
    if mode == "sea":
        return basin
    if mode == "ferry_rail":
        shared = [g for g in gauges[a] if g in gauges[b]]
        return f"ferry_rail{max(shared) if shared else 1520}"
    return mode


def _land_link(
    draft: _NetworkDraft,
    ends: tuple[int, int],
    countries: tuple[str, str],
    row: int,
    link: pd.Series,
    crossing: int,
) -> None:
    """One arc each way inside a country, three each way across a border."""
    km = float(link.length_km)
    if countries[0] == countries[1] and crossing < 0:
        for tail, head in (ends, ends[::-1]):
            draft.arc(tail, head, ArcKind.HAUL, mode=link.mode, link=row, area=countries[0], km=km)
        return
    sides = (draft.loose_vertex(-1, "border"), draft.loose_vertex(-1, "border"))
    for near, far in ((0, 1), (1, 0)):
        draft.arc(
            ends[near],
            sides[near],
            ArcKind.HAUL,
            mode=link.mode,
            link=row,
            area=countries[near],
            km=km / 2,
        )
        draft.arc(
            sides[near],
            sides[far],
            ArcKind.BORDER,
            mode=link.mode,
            link=row,
            area=countries[far],
            parameter=crossing,
        )
        draft.arc(
            sides[far],
            ends[far],
            ArcKind.HAUL,
            mode=link.mode,
            link=row,
            area=countries[far],
            km=km / 2,
        )


def _water_link(
    draft: _NetworkDraft,
    ports: tuple[int, int],
    layer: str,
    area: str,
    row: int,
    link: pd.Series,
    service: int,
) -> None:
    """Each way: wait at the quay or stay aboard, then sail."""
    for a, b in (ports, ports[::-1]):
        departure = draft.loose_vertex(a, f"departure:{layer}")
        draft.arc(
            draft.vertex(a, f"quay:{layer}"),
            departure,
            ArcKind.BOARD,
            mode=link.mode,
            link=row,
            place=a,
            area=area,
            parameter=service,
        )
        draft.arc(
            draft.vertex(a, f"aboard:{layer}"),
            departure,
            ArcKind.STAY,
            mode=link.mode,
            link=row,
            place=a,
            area=area,
            parameter=service,
        )
        draft.arc(
            departure,
            draft.vertex(b, f"aboard:{layer}"),
            ArcKind.HAUL,
            mode=link.mode,
            link=row,
            area=area,
            km=float(link.length_km),
            parameter=service,
        )


def _place_arcs(
    draft: _NetworkDraft,
    parameters: _Parameters,
    place: int,
    name: str,
    country: str,
    rail_road: bool,
    gauges: dict[int, None],
    waters: dict[str, None],
) -> None:
    """Terminals and transfers of one place."""
    index = draft.vertex_index

    def add(tail: str, head: str, step: str, kind: ArcKind = ArcKind.TRANSFER) -> None:
        draft.arc(
            draft.vertex(place, tail),
            draft.vertex(place, head),
            kind,
            place=place,
            area=country,
            parameter=parameters.transfer_row(step, name),
            step=step,
        )

    land = [f"rail{g}" for g in gauges] + (["road"] if (place, "road") in index else [])
    for layer in land:
        step = "terminal_road" if layer == "road" else "terminal_rail"
        add("origin", layer, step, ArcKind.TERMINAL)
        add(layer, "destination", step, ArcKind.TERMINAL)
    for water in waters:
        step = "terminal_ferry" if water.startswith("ferry") else "terminal_sea"
        add("origin", f"quay:{water}", step, ArcKind.TERMINAL)
        add(f"aboard:{water}", "destination", step, ArcKind.TERMINAL)
        for layer, step in _land_transfers(water, land):
            add(layer, f"quay:{water}", step)
            add(f"aboard:{water}", layer, step)
    for one in waters:
        for other in waters:
            step = _water_transfer(one, other)
            if step:
                add(f"aboard:{one}", f"quay:{other}", step)
    for gauge in gauges:
        for new in gauges:
            if gauge != new:
                add(f"rail{gauge}", f"rail{new}", "gauge_break")
        if rail_road and "road" in land:
            add(f"rail{gauge}", "road", "rail_road")
            add("road", f"rail{gauge}", "rail_road")


def _land_transfers(water: str, land: list[str]) -> list[tuple[str, str]]:
    """(land layer, kind of transfer) pairs a ship or ferry of one layer can exchange with."""
    if water.startswith("ferry_rail"):
        gauge = water.removeprefix("ferry_rail")
        return [(f"rail{gauge}", "ferry_load_rail")] if f"rail{gauge}" in land else []
    if water == "ferry_roro":
        return [("road", "ferry_load_road")] if "road" in land else []
    if water == "inland_waterway":
        return [(layer, "waterway_land") for layer in land]
    return [(layer, "port_sea_road" if layer == "road" else "port_sea_rail") for layer in land]


def _water_transfer(one: str, other: str) -> str:
    if one == other or one.startswith("ferry") or other.startswith("ferry"):
        return ""
    return "sea_waterway" if "inland_waterway" in (one, other) else "sea_transship"


def _freeze(
    draft: _NetworkDraft, nodes: pd.DataFrame, links: pd.DataFrame, place_index: dict[str, int]
) -> Network:
    columns = list(zip(*draft.arcs, strict=True))
    tail, head = (np.array(c, dtype=np.int32) for c in columns[:2])
    order = np.argsort(tail, kind="stable")
    counts = np.bincount(tail, minlength=len(draft.vertex_layer))
    indptr = np.concatenate(([0], np.cumsum(counts))).astype(np.int32)

    def ints(position: int) -> np.ndarray:
        return np.array(columns[position], dtype=np.int32)[order]

    def texts(position: int) -> tuple[str, ...]:
        return tuple(columns[position][i] for i in order)

    link = ints(4)
    operating, planned, opened = _states(links, link)
    return Network(
        place_id=tuple(nodes["node_id"]),
        place_name=tuple(nodes["name"]),
        place_country=tuple(nodes["country"]),
        place_lat=nodes["lat"].to_numpy(dtype=np.float64),
        place_lon=nodes["lon"].to_numpy(dtype=np.float64),
        vertex_place=np.array(draft.vertex_place, dtype=np.int32),
        vertex_layer=tuple(draft.vertex_layer),
        indptr=indptr,
        head=head[order],
        tail=tail[order],
        kind=ints(2),
        mode=ints(3),
        link=link,
        place=ints(5),
        area=texts(6),
        km=np.array(columns[7], dtype=np.float64)[order],
        parameter=ints(8),
        step=texts(9),
        operating=operating,
        planned=planned,
        opened_year=opened,
        link_id=tuple(links["link_id"]),
        link_from=np.array([place_index[x] for x in links["from_node_id"]], dtype=np.int32),
        link_to=np.array([place_index[x] for x in links["to_node_id"]], dtype=np.int32),
        place_index=place_index,
        vertex_index=draft.vertex_index,
    )


def restated(network: Network, world: World) -> Network:
    """The network with the states of links of other facts; itself where they are the same."""
    operating, planned, opened = states = _states(world.table("links"), network.link)
    before = (network.operating, network.planned, network.opened_year)
    if all(map(np.array_equal, before, states)):
        return network
    return replace(network, operating=operating, planned=planned, opened_year=opened)


def _states(links: pd.DataFrame, link: Int32Array) -> tuple[BoolArray, BoolArray, Int32Array]:
    """(A,) whether arcs are in operation, whether they are to come, and their year of opening."""
    on_link = link >= 0
    status = links["status"].to_numpy()
    operating = np.ones(len(link), dtype=bool)
    operating[on_link] = (status == "operating")[link[on_link]]
    planned = np.zeros(len(link), dtype=bool)
    planned[on_link] = np.isin(status, ("planned", "construction"))[link[on_link]]
    opened = np.zeros(len(link), dtype=np.int32)
    opened[on_link] = links["opened_year"].fillna(0).to_numpy(dtype=np.int32)[link[on_link]]
    return operating, planned, opened

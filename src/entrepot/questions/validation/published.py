"""A published route in the network: the places it passes, in order, by the published modes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from entrepot.network.graph import MODES, WATER_MODES, ArcKind, Network
from entrepot.routes.alternatives import ArcPath, Generator

if TYPE_CHECKING:
    from entrepot.routes.session import Pricing, Session

FERRIES = ("ferry_rail", "ferry_roro")
OTHER_MODES_KM = 0.15  # share of a free route that may go by other modes than the published ones


def forced_path(session: Session, pricing: Pricing, path: Any) -> ArcPath | None:
    """Least generalised cost through the published places, with the published modes only."""
    network = session.network
    cost = np.where(pricing.costs.usable, pricing.overall, np.inf)
    cost[~_arcs_of_modes(network, path.modes)] = np.inf
    for node in path.via_avoid:
        cost[_touches(network, node)] = np.inf
    stages = _via_vertices(network, path.via_nodes)
    start, first = _end(network, path.origin_node, path.start_layer, leaving=True)
    end, last = _end(network, path.destination_node, path.end_layer, leaving=False)
    generator = Generator(network, session.closures, session.limits, {"overall": cost}, stages)
    found = generator.shortest(start, end)
    if found is None:
        return None
    whole = (*first, *found, *last)
    if path.terminals:
        return whole
    return tuple(a for a in whole if network.kind[a] != ArcKind.TERMINAL)


def _arcs_of_modes(network: Network, modes: Iterable[str]) -> NDArray[np.bool_]:
    allowed = {m for mode in modes for m in (FERRIES if mode == "ferry" else (mode,))}
    codes = [i for i, m in enumerate(MODES) if m in allowed]
    return np.isin(network.mode, codes) | (network.mode < 0)


def _touches(network: Network, node: str) -> NDArray[np.bool_]:
    place = network.place_index[node]
    ends = (network.vertex_place[network.tail], network.vertex_place[network.head])
    return np.asarray((ends[0] == place) | (ends[1] == place))


def _via_vertices(network: Network, via: Iterable[str]) -> tuple[tuple[int, ...], ...]:
    """Vertices of each place to pass.

    Where two places in a row are ports of one line, the published route sailed between them: the
    second is reached aboard a ship and not by a way round on land.
    """
    inner = np.array([layer not in ("origin", "destination") for layer in network.vertex_layer])
    aboard = np.array([layer.startswith("aboard") for layer in network.vertex_layer])
    stages: list[tuple[int, ...]] = []
    before: list[int] = []
    for item in via:
        wanted = [network.place_index[p] for p in item.split("|")]
        hits = np.isin(network.vertex_place, wanted) & inner
        if _sailed(network, before, wanted):
            hits &= aboard
        stages.append(tuple(np.flatnonzero(hits).tolist()))
        before = wanted
    return tuple(stages)


def _sailed(network: Network, before: list[int], after: list[int]) -> bool:
    """Whether a water link joins a place of one group with a place of the other."""
    water = np.isin(network.mode, [i for i, m in enumerate(MODES) if m in WATER_MODES])
    links = np.unique(network.link[water])
    ends = zip(network.link_from[links].tolist(), network.link_to[links].tolist(), strict=True)
    return any((a in before and b in after) or (b in before and a in after) for a, b in ends)


def _end(network: Network, node: str, layer: str, *, leaving: bool) -> tuple[int, tuple[int, ...]]:
    """Vertex where the published figure starts or ends, and the terminal arc left out by that."""
    outer = network.origin(node) if leaving else network.destination(node)
    if not layer:
        return outer, ()
    place = network.place_index[node]
    basin = {"blacksea": "black_sea"}.get(layer, layer)
    for name in (layer, f"aboard:{basin}"):
        if (place, name) in network.vertex_index:
            vertex = network.vertex_index[place, name]
            break
    else:
        return outer, ()
    near = network.tail if leaving else network.head
    far = network.head if leaving else network.tail
    quay = network.vertex_index.get((place, f"quay:{basin}"), -1)
    terminal = [int(a) for a in np.flatnonzero(near == outer) if far[a] in (vertex, quay)]
    return vertex, tuple(terminal[:1])


def takes(network: Network, route: ArcPath, path: Any) -> bool:
    """Whether a route passes the published places in order, mostly by the published modes."""
    arcs = np.array(route)
    vertices = [int(network.tail[arcs[0]]), *network.head[arcs].tolist()]
    at = 0
    for stage in _via_vertices(network, path.via_nodes):
        wanted = set(stage)
        later = [i for i in range(at, len(vertices)) if vertices[i] in wanted]
        if not later:
            return False
        at = later[0]
    passed = {network.place_id[p] for p in network.vertex_place[vertices] if p >= 0}
    if passed & set(path.via_avoid):
        return False
    allowed = _arcs_of_modes(network, path.modes)[arcs]
    km = network.km[arcs]
    return bool(km[~allowed].sum() <= OTHER_MODES_KM * km.sum())

"""The directed multimodal graph that every other room reads.

A *vertex* is a place in one state of the cargo (on rail of one gauge, on the road, at the quay of
a basin, aboard a ship, ...). An *arc* is one directed step. Names become positions here and
nowhere else; costs are arrays beside the graph, in arc order.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from entrepot.kernels.arrays import FloatArray, Int32Array
from entrepot.kernels.short_repr import short_repr

MODES = ("rail", "road", "sea", "ferry_rail", "ferry_roro", "inland_waterway")
MODE_CODE = {mode: code for code, mode in enumerate(MODES)}
WATER_MODES = ("sea", "ferry_rail", "ferry_roro", "inland_waterway")


class ArcKind(IntEnum):
    """What happens on an arc."""

    HAUL = 0  # movement along a link, or along the half of it inside one country
    BORDER = 1  # crossing of a land border, both posts together
    BOARD = 2  # waiting for a sailing and loading
    STAY = 3  # staying aboard while the ship calls at a port
    TRANSFER = 4  # change of mode or gauge
    TERMINAL = 5  # first or last terminal


@short_repr
@dataclass(frozen=True, slots=True)
class Network:
    """A multimodal freight network as arrays.

    place_id     : (n_place,) names, in the order of nodes.csv
    place_country: (n_place,) alpha-3 codes
    vertex_place : (n_vertex,) place of a vertex; -1 for the two sides of a border line
    vertex_layer : (n_vertex,) state of the cargo, as text ('rail1520', 'road', 'aboard:caspian', …)
    indptr, head : compressed rows, arcs sorted by tail
    tail         : (n_arc,)
    kind         : (n_arc,) ArcKind
    mode         : (n_arc,) position in MODES; -1 where nothing moves
    link         : (n_arc,) row in links.csv; -1 for transfers and terminals
    place        : (n_arc,) place where a transfer, terminal or boarding happens; -1 on links
    area         : (n_arc,) country (alpha-3) or sea basin the arc lies in
    km           : (n_arc,) length of the arc
    parameter    : (n_arc,) row of transfers, border_crossings or services the arc is priced by;
                   -1 where it has none
    step         : (n_arc,) kind of the transfer or terminal ('port_sea_rail', …), '' elsewhere
    operating    : (n_arc,) whether the link can be used today
    planned      : (n_arc,) whether the link is planned or under construction
    opened_year  : (n_arc,) first year the link can be used; 0: always
    """

    place_id: tuple[str, ...]
    place_name: tuple[str, ...]
    place_country: tuple[str, ...]
    place_lat: FloatArray
    place_lon: FloatArray
    vertex_place: Int32Array
    vertex_layer: tuple[str, ...]
    indptr: Int32Array
    head: Int32Array
    tail: Int32Array
    kind: Int32Array
    mode: Int32Array
    link: Int32Array
    place: Int32Array
    area: tuple[str, ...]
    km: FloatArray
    parameter: Int32Array
    step: tuple[str, ...]
    operating: NDArray[np.bool_]
    planned: NDArray[np.bool_]
    opened_year: Int32Array
    link_id: tuple[str, ...]
    link_from: Int32Array
    link_to: Int32Array
    place_index: dict[str, int] = field(default_factory=dict)
    vertex_index: dict[tuple[int, str], int] = field(default_factory=dict)

    @property
    def n_vertex(self) -> int:
        return len(self.vertex_layer)

    @property
    def n_arc(self) -> int:
        return len(self.head)

    def origin(self, place_id: str) -> int:
        """Vertex where cargo starts at a place."""
        return self.vertex_index[self.place_index[place_id], "origin"]

    def destination(self, place_id: str) -> int:
        """Vertex where cargo ends at a place."""
        return self.vertex_index[self.place_index[place_id], "destination"]

    def layers_at(self, place_id: str) -> tuple[str, ...]:
        """States the cargo can be in at a place."""
        place = self.place_index[place_id]
        return tuple(layer for (p, layer) in self.vertex_index if p == place)

"""A road network and a table of trips, as read from files; nodes and links by position."""

from __future__ import annotations

from dataclasses import dataclass

from entrepot.kernels.arrays import BoolArray, FloatArray, Int32Array
from entrepot.kernels.short_repr import short_repr


@short_repr
@dataclass(frozen=True, slots=True)
class Road:
    """A network. Units are the file's own; times and generalised cost share one.

    node           : (n_node,) ids
    is_closed      : (n_node,) nodes where trips begin and end but that no path passes through
    zone           : ids of the nodes where trips may begin and end
    tail, head     : (n_link,) positions of nodes
    capacity       : (n_link,)
    length         : (n_link,)
    free_flow_time : (n_link,)
    b, power       : (n_link,) time = free_flow_time (1 + b (volume / capacity)^power)
    toll           : (n_link,)
    """

    node: tuple[str, ...]
    is_closed: BoolArray
    zone: tuple[str, ...]
    tail: Int32Array
    head: Int32Array
    capacity: FloatArray
    length: FloatArray
    free_flow_time: FloatArray
    b: FloatArray
    power: FloatArray
    toll: FloatArray


@short_repr
@dataclass(frozen=True, slots=True)
class TripTable:
    """Trips by pair; origin and destination are positions of nodes of the network.

    stated : total that the file states, NaN where it states none
    """

    origin: Int32Array
    destination: Int32Array
    amount: FloatArray
    stated: float = float("nan")

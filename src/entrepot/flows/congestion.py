"""Bottlenecks of a network: which arcs they are, and how their hours answer to traffic.

A bottleneck is what shares a capacity: both directions of a land border, of a line section or of a
sailing, all transfers of a port, all of a gauge break. Its hours at the traffic of the baseline
are those of the facts, so a run without changes moves nothing:

* without a capacity in the facts, hours go with the traffic to a small exponent;
* with one, the queue at a border or for a sailing is what the median takes beyond a good case
  (P50 less P10), and a line section follows the curve of the Bureau of Public Roads.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from entrepot.errors import UsageError
from entrepot.kernels.arrays import BoolArray, FloatArray, IntArray
from entrepot.kernels.delay import POWER, QUEUE, Delays, queue_size
from entrepot.kernels.short_repr import short_repr
from entrepot.network.graph import MODES, ArcKind, Network
from entrepot.uncertainty.ranges import Z90

if TYPE_CHECKING:
    from entrepot.facts.world import World
    from entrepot.flows.flow_model import FlowModel


PORT_STEPS = (
    "port_sea_rail",
    "port_sea_road",
    "ferry_load_rail",
    "ferry_load_road",
    "waterway_land",
)
FERRIES = ("ferry_rail", "ferry_roro")
# Below this traffic (t a year) an elasticity has nothing to hold on to.
LEAST_TRAFFIC = 1000.0
LEAST_HOURS = 0.1


@short_repr
@dataclass(frozen=True, slots=True, eq=False)
class Bottlenecks:
    """F bottlenecks of a network of A arcs.

    place    : (F,) border, port, gauge, sailing or line
    name     : (F,) node ids of the post, port or ends, and the mode, for people
    of_arc   : (A,) bottleneck that taking an arc means to pass, -1 for none
    good     : (F,) hours in a good case (P10); hours : (F,) median
    capacity : (F,) tonnes a year, NaN where the facts have none
    rows     : (F,) row of the facts that tells the capacity, -1 for none
    """

    place: tuple[str, ...]
    name: tuple[str, ...]
    of_arc: IntArray
    good: FloatArray
    hours: FloatArray
    capacity: FloatArray
    rules: dict[tuple[str, bool], Any]
    background_share: float
    rows: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.place)

    @classmethod
    def of(cls, model: FlowModel) -> Bottlenecks:
        """Bottlenecks of a model of flows, at the hours of its date."""
        world, network = model.session.world, model.session.network
        rules = {
            (r.place, bool(r.capacity_known)): r
            for r in world.table("congestion").itertuples(index=False)
        }
        numbers: dict[tuple[str, str], int] = {}
        part_of = np.full(network.n_arc, -1, dtype=np.int64)
        at: list[int] = []
        known = _Capacities.of(world)
        for a, place, name, row in _arcs(world, network):
            most = known.at(place, row)
            if (place, not np.isnan(most)) in rules:
                key = (place, name)
                if key not in numbers:
                    numbers[key] = len(numbers)
                    at.append(row)
                part_of[a] = numbers[key]
        # A line that crosses a border is two arcs each way: it is passed where it is entered.
        later = (network.kind == ArcKind.HAUL) & (network.vertex_place[network.tail] < 0)
        of_arc = np.where(later, -1, part_of)
        good, hours = _hours(model, part_of, of_arc, len(numbers))
        share = world.parameter("background_share") if len(numbers) else 0.0
        return cls(
            tuple(p for p, _ in numbers),
            tuple(n for _, n in numbers),
            of_arc,
            good,
            hours,
            known.of_all(tuple(p for p, _ in numbers), at),
            rules,
            share,
            tuple(at),
        )

    def capacity_in(self, world: World) -> FloatArray:
        """(F,) capacities of the same bottlenecks in other facts, NaN where those have none."""
        return _Capacities.of(world).of_all(self.place, self.rows)

    def limits_in(self, world: World) -> BoolArray:
        """(F,) bottlenecks that other facts hold to their capacity. Raises UsageError without one."""
        flags = {
            table: world.table(table)["limit"].to_numpy(dtype=bool)
            for table in ("border_crossings", "links")
        }
        table_of = ["border_crossings" if p == "border" else "links" for p in self.place]
        out = np.array(
            [r >= 0 and flags[t][r] for t, r in zip(table_of, self.rows, strict=True)], dtype=bool
        )
        if (out & np.isnan(self.capacity)).any():
            name = self.name[int(np.argmax(out & np.isnan(self.capacity)))]
            raise UsageError(f"{name} has no capacity in the facts, so it cannot be held to one.")
        return out

    def background(self, traffic: FloatArray) -> FloatArray:
        """(F,) tonnes a year beside those of the model, at the baseline's traffic (F,)."""
        least = self.background_share * self.capacity
        return np.where(np.isnan(self.capacity), 0.0, np.maximum(least - traffic, 0.0))

    def delays(self, traffic: FloatArray) -> Delays:
        """Delay functions of all traffic that give the hours of the facts at the baseline's.

        traffic : (F,) of the model at the baseline; where there is none to fit to, hours stay as they are
        """
        n = len(self)
        form, free = np.full(n, POWER, dtype=np.int64), np.zeros(n)
        size, capacity, exponent = np.zeros(n), np.ones(n), np.ones(n)
        whole = traffic + self.background(traffic)
        for f in range(n):
            known = not np.isnan(self.capacity[f])
            rule = self.rules[self.place[f], known]
            free[f] = self.hours[f]
            seen = whole[f] >= LEAST_TRAFFIC
            if self.hours[f] < LEAST_HOURS or not (seen or (known and rule.rise_at_capacity > 0)):
                continue
            if rule.shape == "queue":
                form[f], capacity[f] = QUEUE, self.capacity[f]
                free[f] = self.good[f]
                at = (np.array([x]) for x in (self.hours[f] - free[f], whole[f], capacity[f]))
                size[f] = queue_size(*at)[0]
            elif rule.rise_at_capacity > 0:
                capacity[f], exponent[f] = self.capacity[f], rule.exponent
                rho = whole[f] / capacity[f]
                free[f] = self.hours[f] / (1.0 + rule.rise_at_capacity * rho ** exponent[f])
                size[f] = rule.rise_at_capacity * free[f]
            else:
                free[f], size[f] = 0.0, self.hours[f]
                capacity[f], exponent[f] = whole[f], rule.exponent
        return Delays(form, free, size, capacity, exponent)


@short_repr
@dataclass(frozen=True, slots=True, eq=False)
class _Capacities:
    """Tonnes a year by row of border_crossings and of links, NaN where not known."""

    borders: FloatArray
    links: FloatArray

    @classmethod
    def of(cls, world: World) -> _Capacities:
        tables = (world.table(t)["capacity_mt_per_year"] for t in ("border_crossings", "links"))
        return cls(*(1e6 * t.to_numpy(dtype=float) for t in tables))

    def at(self, place: str, row: int) -> float:
        """Of a kind of place and the row it stands in, -1 for none."""
        known = self.borders if place == "border" else self.links
        return float(known[row]) if row >= 0 else np.nan

    def of_all(self, places: Sequence[str], rows: Sequence[int]) -> FloatArray:
        """(F,) of kinds of places and rows."""
        return np.array([self.at(p, r) for p, r in zip(places, rows, strict=True)], dtype=float)


def _arcs(world: World, network: Network) -> Iterator[tuple[int, str, str, int]]:
    """Arcs that can be bottlenecks: arc, kind of place, name, row that tells the capacity or -1."""
    limited = np.isfinite(_Capacities.of(world).links)
    for a in range(network.n_arc):
        kind, mode = network.kind[a], MODES[network.mode[a]] if network.mode[a] >= 0 else ""
        link = int(network.link[a])
        if kind == ArcKind.BORDER and network.parameter[a] >= 0:
            posts = (
                network.place_id[network.link_from[link]],
                network.place_id[network.link_to[link]],
            )
            yield a, "border", f"{'-'.join(sorted(posts))}:{mode}", int(network.parameter[a])
        elif kind == ArcKind.TRANSFER:
            step, node = network.step[a], network.place_id[network.place[a]]
            if step in PORT_STEPS:
                yield a, "port", node, -1
            elif step == "gauge_break":
                yield a, "gauge", node, -1
        elif kind == ArcKind.BOARD and (mode in FERRIES or network.area[a] == "caspian"):
            yield a, "sailing", network.link_id[link], link
        elif kind == ArcKind.HAUL and mode == "rail" and limited[link]:
            yield a, "line", network.link_id[link], link


def _hours(
    model: FlowModel, part_of: IntArray, of_arc: IntArray, n: int
) -> tuple[FloatArray, FloatArray]:
    """(F,) hours of a passage in a good case and median: mean over routes in and over classes."""
    good, hours, count = np.zeros(n), np.zeros(n), np.zeros(n)
    for one in model.classes:
        costs = model.session.pricing(one.commodity, one.unit, model.on).costs
        used = np.flatnonzero((part_of >= 0) & costs.usable)
        entered = np.flatnonzero((of_arc >= 0) & costs.usable)
        element = costs.time.of_arc[used]
        low = np.where(element >= 0, costs.time.low[element], 0.0) if len(costs.time.low) else 0.0
        hours += np.bincount(part_of[used], costs.hours[used], n)
        good += np.bincount(part_of[used], costs.hours[used] * np.exp(-low * Z90), n)
        count += np.bincount(of_arc[entered], minlength=n)
    many = np.maximum(count, 1.0)
    return good / many, hours / many

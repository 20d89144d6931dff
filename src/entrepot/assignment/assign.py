"""Assign trips to a road network and say what the answer is worth."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from entrepot.assignment.road import Road, TripTable
from entrepot.errors import BadInputError, Finding, UsageError, format_findings
from entrepot.kernels.arrays import FloatArray
from entrepot.kernels.assignment.assign import (
    Assignment,
    Uses,
    assign,
    warm_up,
)
from entrepot.kernels.assignment.link_costs import costs_at, link_costs
from entrepot.kernels.assignment.problem import links, trips
from entrepot.kernels.short_repr import short_repr


@dataclass(frozen=True, slots=True)
class AssignmentSettings:
    """How to assign. Generalised cost is time + toll_factor x toll + distance_factor x length.

    gap        : relative gap to reach
    iterations : at most
    threads    : at most; None takes all cores. The result does not depend on it
    warm       : file that `save` wrote, to start from
    """

    gap: float = 1e-10
    toll_factor: float = 0.0
    distance_factor: float = 0.0
    iterations: int = 1000
    threads: int | None = None
    warm: Path | None = None


@short_repr
@dataclass(frozen=True, slots=True)
class AssignmentResult:
    """An assignment to a road network."""

    road: Road
    table: TripTable
    found: Assignment

    @property
    def status(self) -> str:
        """Why it stopped, and what was not loaded."""
        said = [self.found.status.value]
        if len(self.found.cut_off):
            count, lost = len(self.found.cut_off), self.table.amount[self.found.cut_off].sum()
            pairs = "1 pair has" if count == 1 else f"{count} pairs have"
            said.append(f"{pairs} no route between them, and {lost:g} trips were not loaded")
        return "; ".join(said) + "."

    def as_json(self) -> dict[str, Any]:
        found, table = self.found, self.table
        proof = found.certificate
        return {
            "objective": found.objective,
            "relative_gap": proof.gap,
            "iterations": found.iterations,
            "seconds": found.seconds,
            "threads": found.threads,
            "node_balance": proof.node_balance,
            "disconnected_pairs": [
                {"origin": o, "destination": d, "trips": amount}
                for o, d, amount in self.disconnected
            ],
            "status": self.status,
            "converged": found.converged,
            "average_excess_cost": proof.excess_cost,
            "demand": found.asked,
            "loaded": proof.loaded,
            "intrazonal": float(table.amount[found.intrazonal].sum()),
            "disconnected_demand": float(table.amount[found.cut_off].sum()),
            "stated_demand": table.stated,
            "total_travel_time": float(self.time[found.volume > 0.0] @ self.used),
            "total_cost": proof.total_cost,
            "least_cost": proof.least_cost,
            "nodes": len(self.road.node),
            "links": len(self.road.tail),
            "closed_links": int(np.isinf(found.cost).sum()),
            "history": [
                {"iteration": i, "relative_gap": gap, "seconds": seconds}
                for i, (gap, seconds) in enumerate(
                    zip(found.history.tolist(), found.clock.tolist(), strict=True)
                )
            ],
        }

    @property
    def disconnected(self) -> list[tuple[str, str, float]]:
        """Origin, destination and trips of pairs without a route."""
        node, table = self.road.node, self.table
        return [
            (node[table.origin[i]], node[table.destination[i]], float(table.amount[i]))
            for i in self.found.cut_off.tolist()
        ]

    @property
    def used(self) -> FloatArray:
        return self.found.volume[self.found.volume > 0.0]

    @property
    def time(self) -> FloatArray:
        """(n_link,) time alone at the volumes, infinite on links closed for want of capacity."""
        road = self.road
        costs = link_costs(road.free_flow_time, road.b, road.capacity, road.power)
        return costs_at(costs, self.found.volume)[0]


def assign_road(road: Road, table: TripTable, settings: AssignmentSettings) -> AssignmentResult:
    """Assign; compiling is over before time counts."""
    for name, value in (
        ("gap", settings.gap),
        ("toll factor", settings.toll_factor),
        ("distance factor", settings.distance_factor),
    ):
        if not 0.0 <= value < np.inf:
            raise UsageError(f"The {name} is {value:g}: zero or more is wanted.")
    if settings.iterations < 0 or (settings.threads is not None and settings.threads < 1):
        raise UsageError("Iterations must be zero or more, and threads one or more.")
    extra = settings.toll_factor * road.toll + settings.distance_factor * road.length
    costs = link_costs(road.free_flow_time, road.b, road.capacity, road.power, extra)
    world = links(len(road.node), road.tail, road.head, costs, road.is_closed)
    warm = load_uses(settings.warm, road) if settings.warm else None
    warm_up()
    found = assign(
        world,
        trips(table.origin, table.destination, table.amount),
        gap=settings.gap,
        iterations=settings.iterations,
        threads=settings.threads,
        warm=warm,
    )
    return AssignmentResult(road, table, found)


def save_uses(result: AssignmentResult, path: Path) -> None:
    """Keep which links the trips of each origin use, to start from another time."""
    uses, node = result.found.uses, np.array(result.road.node, dtype=np.str_)
    try:
        with path.open("wb") as out:
            np.savez_compressed(
                out,
                origin=node[uses.origin],
                start=uses.start,
                tail=node[result.road.tail[uses.link]],
                head=node[result.road.head[uses.link]],
                rank=_rank(result.road)[uses.link],
                flow=uses.flow,
            )
    except OSError as error:
        raise UsageError(f"'{path}' cannot be written: {error.strerror}.") from None


def load_uses(path: Path, road: Road) -> Uses:
    """What `save_uses` kept, as far as nodes and links are still there."""
    names = ("origin", "start", "tail", "head", "rank", "flow")
    try:
        if path.exists() and not path.is_file():
            raise ValueError  # a pipe would be waited for
        with np.load(path, allow_pickle=False) as kept:
            origin, start, tail, head, rank, flow = (kept[name] for name in names)
        if not len(tail) == len(head) == len(rank) == len(flow) == start[-1]:
            raise ValueError
        if any(part.ndim != 1 for part in (origin, start, tail, head, rank, flow)):
            raise ValueError
        if start[0] != 0 or (np.diff(start) < 0).any():
            raise ValueError
        if len(start) != len(origin) + 1 or not ((flow >= 0.0) & np.isfinite(flow)).all():
            raise ValueError
    except Exception as error:  # a file that was changed can raise anything
        found = getattr(error, "strerror", None) or "something else"
        expected = "a file that an earlier assignment saved with --save"
        finding = Finding(path.name, 0, "", "", found, expected)
        raise BadInputError(format_findings([finding]), [finding]) from None
    where = {node: i for i, node in enumerate(road.node)}
    keys = zip(road.tail.tolist(), road.head.tolist(), _rank(road).tolist(), strict=True)
    link_of = {key: a for a, key in enumerate(keys)}
    ends = zip(tail.tolist(), head.tolist(), rank.tolist(), strict=True)
    link = np.array(
        [link_of.get((where.get(a, -1), where.get(b, -1), k), -1) for a, b, k in ends],
        dtype=np.int32,
    )
    row = np.repeat(np.arange(len(origin)), np.diff(start))
    is_here = link >= 0
    count = np.bincount(row[is_here], minlength=len(origin))
    return Uses(
        np.array([where.get(o, -1) for o in origin.tolist()], dtype=np.int32),
        np.zeros(len(origin), dtype=np.int32),
        np.concatenate(([0], np.cumsum(count))).astype(np.int32),
        link[is_here],
        flow[is_here],
    )


def _rank(road: Road) -> np.ndarray:
    """Which of parallel links a link is, in the order of the network."""
    seen: dict[tuple[int, int], int] = {}
    out = np.zeros(len(road.tail), dtype=np.int32)
    for a, ends in enumerate(zip(road.tail.tolist(), road.head.tolist(), strict=True)):
        out[a] = seen.get(ends, 0)
        seen[ends] = out[a] + 1
    return out

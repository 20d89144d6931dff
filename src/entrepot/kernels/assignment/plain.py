"""The same equilibrium by Frank and Wolfe, in plain NumPy, to test against.

Frank and Wolfe (1956) as LeBlanc, Morlok and Pierskalla (1975) use it: all trips go by the
cheapest route at present costs, and the flows move towards that by the share at which the objective
stops falling. Slow, and nothing in it is shared with `assignment` but the input.
"""

from __future__ import annotations

import heapq

import numpy as np

from entrepot.kernels.arrays import FloatArray
from entrepot.kernels.assignment.problem import Links, Trips

HALVINGS = 60


def assign_plain(world: Links, asked: Trips, iterations: int) -> tuple[FloatArray, list[float]]:
    """Volume by link for one class, and the relative gap before each iteration."""
    volume = _all_or_nothing(world, asked, _costs(world, np.zeros(len(world.tail))))
    history: list[float] = []
    for _ in range(iterations):
        cost = _costs(world, volume)
        goal = _all_or_nothing(world, asked, cost)
        is_open = np.isfinite(cost)
        total = float(volume[is_open] @ cost[is_open])
        least = float(goal[is_open] @ cost[is_open])
        history.append((total - least) / total if total > 0.0 else 0.0)
        step, low, high = goal - volume, 0.0, 1.0
        for _ in range(HALVINGS):
            middle = 0.5 * (low + high)
            rate = _costs(world, volume + middle * step)[is_open] @ step[is_open]
            low, high = (middle, high) if rate < 0.0 else (low, middle)
        volume = volume + low * step
    return volume, history


def _costs(world: Links, volume: FloatArray) -> FloatArray:
    costs = world.costs
    ratio = np.maximum(volume, 0.0) * costs.inverse
    cost: FloatArray = costs.fixed + costs.growth * ratio**costs.power + world.extra[0]
    return cost


def _all_or_nothing(world: Links, asked: Trips, cost: FloatArray) -> FloatArray:
    """Every trip by its cheapest route; pairs without one are left out."""
    out: list[list[int]] = [[] for _ in range(world.n_node)]
    for a, v in enumerate(world.tail.tolist()):
        if np.isfinite(cost[a]):
            out[v].append(a)
    volume = np.zeros(len(world.tail))
    for origin in np.unique(asked.origin).tolist():
        by = _tree(world, out, cost, origin)
        for i in np.flatnonzero(asked.origin == origin).tolist():
            v = int(asked.destination[i])
            if v == origin or v not in by:
                continue
            while v != origin:
                volume[by[v]] += asked.amount[i]
                v = int(world.tail[by[v]])
    return volume


def _tree(world: Links, out: list[list[int]], cost: FloatArray, origin: int) -> dict[int, int]:
    """Link by which each node is reached."""
    label, by, settled = {origin: 0.0}, dict[int, int](), set[int]()
    heap = [(0.0, origin)]
    while heap:
        reached, v = heapq.heappop(heap)
        if v in settled:
            continue
        settled.add(v)
        if world.is_closed[v] and v != origin:
            continue
        for a in out[v]:
            u, new = int(world.head[a]), reached + float(cost[a])
            if new < label.get(u, np.inf):
                label[u], by[u] = new, a
                heapq.heappush(heap, (new, u))
    return by

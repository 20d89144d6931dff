"""Graphs to measure on: the shipped world, and a large one made up from a seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Task:
    """A least-cost matrix to find.

    indptr  : (n + 1,) compressed rows
    head    : (m,)
    weight  : (m,) infinite where closed
    sources : (k,)
    targets : (l,)
    """

    title: str
    indptr: NDArray[np.int32]
    head: NDArray[np.int32]
    weight: NDArray[np.float64]
    sources: NDArray[np.int32]
    targets: NDArray[np.int32]

    @property
    def size(self) -> str:
        return f"{len(self.indptr) - 1:,} vertices, {len(self.head):,} arcs"


def shipped_world(n_places: int = 200) -> Task:
    """Default cargo on the default date, between places spread evenly over the list of nodes."""
    from entrepot.facts.load import load_world
    from entrepot.routes.session import Session

    session = Session.open(load_world())
    network, pricing = session.network, session.pricing(None, None, None)
    weight = np.where(pricing.costs.usable, pricing.overall, np.inf)
    chosen = np.linspace(0, len(network.place_id) - 1, n_places).astype(int)
    places = [network.place_id[i] for i in chosen]
    return Task(
        "The shipped world",
        network.indptr,
        network.head,
        weight,
        np.array([network.origin(p) for p in places], dtype=np.int32),
        np.array([network.destination(p) for p in places], dtype=np.int32),
    )


def made_up_world(columns: int = 800, rows: int = 625, places: int = 200, seed: int = 1) -> Task:
    """A planar road map: crossings of a grid moved at random, some roads gone, some diagonals.

    A road costs its length times a factor of its own in each direction (lognormal, spread 0.4).
    """
    rng = np.random.default_rng(seed)
    n = columns * rows
    cell = np.arange(n, dtype=np.int32).reshape(rows, columns)
    x = np.tile(np.arange(columns), rows) + rng.uniform(-0.3, 0.3, n)
    y = np.repeat(np.arange(rows), columns) + rng.uniform(-0.3, 0.3, n)
    pieces = [(cell[:, :-1], cell[:, 1:], 0.95), (cell[:-1], cell[1:], 0.95),
              (cell[:-1, :-1], cell[1:, 1:], 0.1)]  # fmt: skip
    kept = [rng.random(a.size) < share for a, _, share in pieces]
    one = np.concatenate([a.ravel()[k] for (a, _, _), k in zip(pieces, kept, strict=True)])
    other = np.concatenate([b.ravel()[k] for (_, b, _), k in zip(pieces, kept, strict=True)])
    tail, head = np.concatenate([one, other]), np.concatenate([other, one])
    length = np.hypot(x[tail] - x[head], y[tail] - y[head])
    weight = length * rng.lognormal(0.0, 0.4, len(tail))
    order = np.argsort(tail, kind="stable")
    indptr = np.concatenate(([0], np.cumsum(np.bincount(tail, minlength=n)))).astype(np.int32)
    ends = rng.choice(n, 2 * places, replace=False).astype(np.int32)
    return Task(
        "A made-up world",
        indptr,
        head[order],
        weight[order],
        ends[:places],
        ends[places:],
    )

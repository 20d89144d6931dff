"""From links and trips to what the assignment works on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from entrepot.kernels.arrays import BoolArray, FloatArray, Int32Array
from entrepot.kernels.assignment.bush import BushNetwork, Demand
from entrepot.kernels.assignment.link_costs import LinkCosts, costs_at
from entrepot.kernels.paths.shortest_paths import shortest_path_trees
from entrepot.kernels.short_repr import short_repr


@short_repr
@dataclass(frozen=True, slots=True)
class Links:
    """A network of links with costs that grow.

    n_node    : number of nodes, 0 .. n_node - 1
    tail      : (n_link,) node
    head      : (n_link,) node
    costs     : of n_link links
    is_closed : (n_node,) nodes that no path passes through, only begins or ends at
    extra     : (n_kind, n_link) cost of a link to each class besides, at least zero
    """

    n_node: int
    tail: Int32Array
    head: Int32Array
    costs: LinkCosts
    is_closed: BoolArray
    extra: FloatArray


@short_repr
@dataclass(frozen=True, slots=True)
class Trips:
    """Trips by pair.

    origin, destination : (n_pair,) nodes
    amount : (n_pair,) at least zero, in passenger-car units where classes differ
    kind   : (n_pair,) class
    """

    origin: Int32Array
    destination: Int32Array
    amount: FloatArray
    kind: Int32Array


@short_repr
@dataclass(frozen=True, slots=True)
class AssignmentProblem:
    """The same, ready to be solved.

    A node that no path passes through is two here: arcs leave from a second one, numbered from
    n_node on, that no arc enters. Links to themselves and links that are closed are left out.

    net        : arcs
    link       : (n_arc,) link of each arc
    costs      : by arc
    extra      : (n_kind, n_arc)
    exit       : (n_node,) node at which trips from a node begin
    demand     : connected pairs with trips between two nodes
    tree       : (n_row, nodes) arcs of least-cost trees
    pair       : (pairs of demand,) position in the trips
    cut_off    : positions in the trips of pairs without a route
    intrazonal : positions in the trips of trips from a node to itself
    """

    net: BushNetwork
    link: Int32Array
    costs: LinkCosts
    extra: FloatArray
    exit: Int32Array
    demand: Demand
    tree: Int32Array
    pair: Int32Array
    cut_off: Int32Array
    intrazonal: Int32Array


def links(
    n_node: int,
    tail: ArrayLike,
    head: ArrayLike,
    costs: LinkCosts,
    is_closed: ArrayLike | None = None,
    extra: ArrayLike | None = None,
) -> Links:
    """Links, checked."""
    tail, head = _nodes(tail, n_node, "tail"), _nodes(head, n_node, "head")
    m = len(costs.fixed)
    if len(tail) != m or len(head) != m:
        raise ValueError(f"{len(tail)} tails, {len(head)} heads and {m} costs do not match.")
    closed = np.zeros(n_node, dtype=np.bool_)
    if is_closed is not None:
        closed[:] = is_closed
    own = np.zeros((1, m)) if extra is None else np.array(extra, dtype=np.float64, ndmin=2)
    if own.shape[1] != m or not ((own >= 0.0) & np.isfinite(own)).all():
        raise ValueError(f"Extra costs must be ({m},) by class, zero or more and finite.")
    return Links(n_node, tail, head, costs, closed, own)


def trips(
    origin: ArrayLike, destination: ArrayLike, amount: ArrayLike, kind: ArrayLike = 0
) -> Trips:
    """Trips, checked."""
    volume = np.atleast_1d(np.asarray(amount, dtype=np.float64))
    bad = np.flatnonzero(~((volume >= 0.0) & np.isfinite(volume)))
    if len(bad):
        raise ValueError(f"{volume[bad[0]]:g} trips of pair {bad[0]}: zero or more is wanted.")
    start, end, own = (
        np.broadcast_to(np.asarray(a, dtype=np.int32), volume.shape)
        for a in (origin, destination, kind)
    )
    return Trips(start, end, volume, own)


def prepare(world: Links, asked: Trips, flow: FloatArray, threads: int | None) -> AssignmentProblem:
    """Ready for solving, with least-cost trees at costs under a flow by link."""
    n, n_kind = world.n_node, len(world.extra)
    for name, values, most in (
        ("origin", asked.origin, n),
        ("destination", asked.destination, n),
        ("class", asked.kind, n_kind),
    ):
        bad = np.flatnonzero((values < 0) | (values >= most))
        if len(bad):
            raise ValueError(f"The {name} of pair {bad[0]} is {values[bad[0]]} of {most}.")
    exit_ = np.arange(n, dtype=np.int32)
    exit_[world.is_closed] = n + np.arange(world.is_closed.sum())
    n_split = n + int(world.is_closed.sum())
    use = np.flatnonzero((world.tail != world.head) & np.isfinite(world.costs.fixed))
    link = use[np.argsort(world.head[use], kind="stable")].astype(np.int32)
    tail, head = exit_[world.tail[link]], world.head[link]
    out_arc = np.argsort(tail, kind="stable").astype(np.int32)
    net = BushNetwork(_starts(head, n_split), tail, _starts(tail, n_split), out_arc, head[out_arc])
    costs, extra = world.costs.take(link), np.ascontiguousarray(world.extra[:, link])

    has = asked.amount > 0.0
    is_within = asked.origin == asked.destination
    wanted = np.flatnonzero(has & ~is_within)
    start_node = exit_[asked.origin]
    # Pairs by class, then origin, then as they came.
    wanted = wanted[np.lexsort((start_node[wanted], asked.kind[wanted]))]
    rows, first = np.unique(
        np.stack([asked.kind[wanted], start_node[wanted]]), axis=1, return_index=True
    )
    row = np.repeat(np.arange(len(first)), np.diff([*first, len(wanted)]))
    dist, tree = _trees(net, costs, extra, rows, flow[link], threads)
    is_reached = np.isfinite(dist[row, asked.destination[wanted]])
    pair = wanted[is_reached]
    # Rows that reach none of their destinations have nothing to do.
    some, row = np.unique(row[is_reached], return_inverse=True)
    demand = Demand(
        np.ascontiguousarray(rows[1, some], dtype=np.int32),
        np.ascontiguousarray(rows[0, some], dtype=np.int32),
        _starts(row, len(some)),
        np.ascontiguousarray(asked.destination[pair], dtype=np.int32),
        np.ascontiguousarray(asked.amount[pair]),
    )
    return AssignmentProblem(
        net,
        link,
        costs,
        extra,
        exit_,
        demand,
        np.ascontiguousarray(tree[some]),
        pair.astype(np.int32),
        np.sort(wanted[~is_reached]).astype(np.int32),
        np.flatnonzero(has & is_within).astype(np.int32),
    )


def least_costs(
    net: BushNetwork, price: FloatArray, kind: Int32Array, origin: Int32Array, threads: int | None
) -> tuple[FloatArray, Int32Array]:
    """Least cost and trees from each origin for its class, (n_row, n_node) both, by Dijkstra."""
    n = len(net.in_start) - 1
    dist = np.full((len(origin), n), np.inf)
    tree = np.full((len(origin), n), -1, dtype=np.int32)
    for q in np.unique(kind):
        own = kind == q
        weight = price[q][net.out_arc]
        dist[own], place = shortest_path_trees(
            net.out_start, net.out_head, weight, origin[own], threads=threads
        )
        tree[own] = np.where(place >= 0, net.out_arc[place], -1) if len(net.tail) else -1
    return dist, tree


def _trees(
    net: BushNetwork,
    costs: LinkCosts,
    extra: FloatArray,
    rows: NDArray[np.int32],
    flow: FloatArray,
    threads: int | None,
) -> tuple[FloatArray, Int32Array]:
    price = costs_at(costs, flow)[0] + extra
    return least_costs(net, price, rows[0], rows[1], threads)


def _starts(key: NDArray[np.integer], n: int) -> Int32Array:
    """First position of each of n keys in sorted keys."""
    return np.concatenate(([0], np.cumsum(np.bincount(key, minlength=n)))).astype(np.int32)


def _nodes(values: ArrayLike, n: int, name: str) -> Int32Array:
    out = np.atleast_1d(np.asarray(values, dtype=np.int32))
    bad = np.flatnonzero((out < 0) | (out >= n))
    if len(bad):
        raise ValueError(f"The {name} of link {bad[0]} is node {out[bad[0]]} of {n}.")
    return out

"""Sets of routes a freight expert would call different (route sets of the model).

Three generators, each a shortest-path job on arrays of arc cost:

1. the least-cost, fastest, cheapest and least-CO2e routes;
2. via-node alternatives (Abraham, Delling, Goldberg & Werneck 2013): arcs that lie in both the
   tree from the origin and the tree to the destination form plateaus; a long plateau makes a
   locally optimal detour;
3. exclusion alternatives: least cost with one jurisdiction, sea basin, mode or chokepoint closed,
   and with a second jurisdiction, basin or mode closed on the way found so.

Everything is deterministic.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from entrepot.kernels.arrays import FloatArray, Int32Array
from entrepot.kernels.paths.detours import exclusion_paths, plateau_paths
from entrepot.kernels.paths.shortest_paths import (
    reverse_csr,
    shortest_path_tree,
    trace,
)
from entrepot.kernels.short_repr import short_repr
from entrepot.network.graph import MODE_CODE, MODES, Network
from entrepot.network.select import arcs_at

if TYPE_CHECKING:
    from entrepot.facts.world import World

ArcPath = tuple[int, ...]
Reverse = tuple[Int32Array, Int32Array, Int32Array]


@dataclass(frozen=True, slots=True)
class Limits:
    """What is admitted to a set.

    max_stretch  : longest via-node detour over the least cost
    max_shared   : largest share of its cost a second route of a corridor may have in common with
                   any route admitted
    families     : most families of corridors of which the best route is taken before branches
    few          : fewest routes before second routes of a corridor are looked at
    min_plateau  : shortest plateau of a via-node detour over the least cost
    max_routes   : most routes
    widest       : longest exclusion alternative over the least cost
    """

    max_stretch: float
    max_shared: float
    max_routes: int
    few: int = 5
    families: int = 6
    min_plateau: float = 0.1
    widest: float = 6.0

    @classmethod
    def of(cls, world: World) -> Limits:
        return cls(
            world.parameter("max_stretch"),
            world.parameter("max_shared"),
            int(world.parameter("max_routes")),
        )


@short_repr
@dataclass(frozen=True, slots=True)
class Closure:
    """Something that can be closed: its name, kind and arcs."""

    name: str
    kind: str
    arcs: Int32Array


@short_repr
@dataclass(frozen=True, slots=True)
class Closures:
    """Closures of a network.

    masks : (n_closure, n_arc) whether a closure takes an arc away
    lone  : (n_closure,) whether it is never combined with another
    """

    all: tuple[Closure, ...]
    masks: NDArray[np.bool_]
    lone: NDArray[np.bool_]

    @classmethod
    def of(cls, closures: tuple[Closure, ...], n_arc: int) -> Closures:
        masks = np.zeros((len(closures), n_arc), dtype=bool)
        for i, closure in enumerate(closures):
            masks[i, closure.arcs] = True
        return cls(
            closures, masks, np.array([c.kind == "chokepoint" for c in closures], dtype=bool)
        )


def find_closures(world: World, network: Network) -> Closures:
    """All single closures of a network: jurisdictions, basins, modes, chokepoints."""
    found: list[Closure] = []
    for code in dict.fromkeys(network.place_country):
        area = np.array(network.area) == code
        land = area & (network.link >= 0)
        if land.any():
            found.append(Closure(code, "jurisdiction", np.flatnonzero(land).astype(np.int32)))
    areas = np.array(network.area)
    sea = network.mode == MODE_CODE["sea"]
    for basin in dict.fromkeys(areas[sea]):
        found.append(Closure(f"basin:{basin}", "basin", _where(sea & (areas == basin))))
    for mode in MODES:
        arcs = _where(network.mode == MODE_CODE[mode])
        if len(arcs):
            found.append(Closure(f"mode:{mode}", "mode", arcs))
    for row in world.table("chokepoints").itertuples(index=False):
        arcs = arcs_at(network, row.applies_to)
        if len(arcs):
            found.append(Closure(row.chokepoint_id, "chokepoint", arcs))
    return Closures.of(tuple(found), network.n_arc)


def _where(mask: NDArray[np.bool_]) -> Int32Array:
    return np.flatnonzero(mask).astype(np.int32)


@short_repr
@dataclass(slots=True)
class Generator:
    """Finds alternatives on one graph with one set of arc costs.

    weights     : arrays of arc cost by name; 'overall' is the one stretch and overlap are measured on
    stages      : groups of vertices to pass in this order, one vertex of each
    reverse     : the graph turned round, where it is known
    """

    network: Network
    closures: Closures
    limits: Limits
    weights: dict[str, FloatArray]
    stages: tuple[tuple[int, ...], ...] = ()
    reverse: Reverse | None = None
    _trees: dict[tuple[object, ...], tuple[FloatArray, Int32Array]] = field(default_factory=dict)

    def candidates(self, origin: int, destination: int) -> list[ArcPath]:
        """All distinct paths the generators find from vertex to vertex, unfiltered."""
        best = self._path("overall", (), origin, destination)
        if best is None:
            return []
        found: dict[ArcPath, None] = {best: None}
        for name in self.weights:
            path = self._path(name, (), origin, destination)
            if path is not None:
                found[path] = None
        for path in self._exclusions(best, origin, destination):
            found[path] = None
        if not self.stages:
            for path in self._via(origin, destination):
                found[path] = None
        return list(found)

    def shortest(self, origin: int, destination: int) -> ArcPath | None:
        """The path of least overall cost."""
        return self._path("overall", (), origin, destination)

    def least(self, origin: int, destination: int) -> float:
        """Least overall cost, infinite when there is no route."""
        path = self.shortest(origin, destination)
        return np.inf if path is None else float(self.weights["overall"][list(path)].sum())

    def select(
        self, paths: list[ArcPath], cost: FloatArray, corridor: list[tuple[str, ...]]
    ) -> list[int]:
        """Positions of the admitted paths, cheapest first.

        cost     : (n_path,) generalised cost of each path, rules included
        corridor : (n_path,) what a forwarder would call the route, from coarse to fine: the family of
                   corridors first, then branch and modes

        First comes the best path of each family, then the best of each branch and combination of
        modes, up to the most. Where all that gives fewer than `few` routes, further paths follow
        that share little cost with those admitted.
        """
        weight = self.weights["overall"]
        order = [int(i) for i in np.argsort(cost, kind="stable")]
        within = [i for i in order if cost[i] <= self.limits.widest * cost[order[0]]]
        admitted: dict[int, None] = {}
        for depth, most in ((1, self.limits.families), (None, self.limits.max_routes)):
            seen = {corridor[i][:depth] for i in admitted}
            for i in within:
                if corridor[i][:depth] not in seen and len(admitted) < most:
                    admitted[i] = None
                    seen.add(corridor[i][:depth])
        sets = [set(paths[i]) for i in admitted]
        for i in within:
            if len(admitted) >= min(self.limits.few, self.limits.max_routes):
                break
            own = self.limits.max_shared * float(weight[list(paths[i])].sum())
            if all(_shared(paths[i], s, weight) <= own for s in sets):
                admitted[i] = None
                sets.append(set(paths[i]))
        return sorted(admitted, key=order.index)

    def _exclusions(self, best: ArcPath, origin: int, destination: int) -> list[ArcPath]:
        """Paths with one thing closed that the best one passes, and with a second one."""
        if self.stages:
            return self._staged_exclusions(best, origin, destination)
        net, closures = self.network, self.closures
        return _paths(
            *exclusion_paths(
                net.indptr,
                net.head,
                net.tail,
                self.weights["overall"],
                closures.masks,
                closures.lone,
                np.array(best, dtype=np.int32),
                origin,
                destination,
            )
        )

    def _staged_exclusions(self, best: ArcPath, origin: int, destination: int) -> list[ArcPath]:
        found: dict[ArcPath, None] = {}
        for first in self._closures_on(best):
            path = self._path("overall", (first,), origin, destination)
            if path is None:
                continue
            found[path] = None
            if self.closures.lone[first]:
                continue
            for second in self._closures_on(path):
                if self.closures.lone[second]:
                    continue
                pair = (first, second) if first < second else (second, first)
                other = self._path("overall", pair, origin, destination)
                if other is not None:
                    found[other] = None
        return list(found)

    def _closures_on(self, path: ArcPath) -> list[int]:
        """Closures that would take an arc of a path away."""
        return np.flatnonzero(self.closures.masks[:, list(path)].any(axis=1)).tolist()

    def _via(self, origin: int, destination: int) -> list[ArcPath]:
        """Detours over the plateaus of the two trees."""
        forward, towards = self._tree("overall", (), origin, -1)
        back, onwards = self._backward(destination)
        least = float(forward[destination])
        return _paths(
            *plateau_paths(
                self.network.head,
                self.network.tail,
                self.weights["overall"],
                forward,
                towards,
                back,
                onwards,
                destination,
                self.limits.max_stretch * least,
                self.limits.min_plateau * least,
                4 * self.limits.max_routes,
            )
        )

    def _backward(self, destination: int) -> tuple[FloatArray, Int32Array]:
        key = ("back", destination)
        if key not in self._trees:
            if self.reverse is None:
                self.reverse = reverse_csr(self.network.indptr, self.network.head)
            indptr, head, arc_of = self.reverse
            tree = shortest_path_tree(indptr, head, self.weights["overall"][arc_of], destination)
            onwards = np.where(tree.pred_arc >= 0, arc_of[tree.pred_arc], -1).astype(np.int32)
            self._trees[key] = (tree.dist, onwards)
        return self._trees[key]

    def _path(
        self, weight: str, closed: tuple[int, ...], origin: int, destination: int
    ) -> ArcPath | None:
        if self.stages:
            return self._staged_path(weight, closed, origin, destination)
        dist, pred = self._tree(weight, closed, origin, destination)
        if not np.isfinite(dist[destination]):
            return None
        return tuple(trace(pred, self.network.tail, destination).tolist())

    def _staged_path(
        self, weight: str, closed: tuple[int, ...], origin: int, destination: int
    ) -> ArcPath | None:
        """Least-cost path through one vertex of each stage, in order: a tree per stage."""
        net, cost = self.network, self._weight(weight, closed)
        sources, initial = np.array([origin], dtype=np.int32), np.zeros(1)
        trees = []
        for stage in (*self.stages, ()):
            tree = shortest_path_tree(net.indptr, net.head, cost, sources, initial=initial)
            trees.append(tree)
            reached = [v for v in stage if np.isfinite(tree.dist[v])]
            if stage and not reached:
                return None
            sources = np.array(reached, dtype=np.int32)
            initial = tree.dist[sources]
        if not np.isfinite(trees[-1].dist[destination]):
            return None
        path: list[int] = []
        vertex = destination
        for tree in reversed(trees):
            part = trace(tree.pred_arc, net.tail, vertex).tolist()
            path = part + path
            vertex = int(net.tail[part[0]]) if part else vertex
        return tuple(path)

    def _weight(self, weight: str, closed: tuple[int, ...]) -> FloatArray:
        cost = self.weights[weight]
        if closed:
            cost = cost.copy()
            for i in closed:
                cost[self.closures.masks[i]] = np.inf
        return cost

    def _tree(
        self, weight: str, closed: tuple[int, ...], origin: int, target: int
    ) -> tuple[FloatArray, Int32Array]:
        key = (weight, closed, origin, target)
        if key not in self._trees:
            net, cost = self.network, self._weight(weight, closed)
            tree = shortest_path_tree(net.indptr, net.head, cost, origin, target=target)
            self._trees[key] = (tree.dist, tree.pred_arc)
        return self._trees[key]


def _paths(arcs: Int32Array, start: Int32Array) -> list[ArcPath]:
    flat, cuts = arcs.tolist(), start.tolist()
    return [tuple(flat[a:b]) for a, b in pairwise(cuts)]


def _shared(arcs: ArcPath, admitted: set[int], weight: FloatArray) -> float:
    common = [a for a in arcs if a in admitted]
    return float(weight[common].sum()) if common else 0.0

"""Sets of routes for all pairs of zones: found once, shared by all classes.

For each pair of hubs the set is the union of

1. what the generator of `query.candidate_routes` finds for general cargo in each load unit in use;
2. the least-cost route of each class under the rules that bind it, so that a class can go wherever
   any route is open to it, and is priced from its own best route;
3. where counterfactuals are to open routes, the least-cost route of each class on the facts of
   those, planned lines open.

Pairs without any route stay in the sets with none, and are listed.
"""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from entrepot.errors import UsageError
from entrepot.facts.world import World
from entrepot.flows.route_rules import bound
from entrepot.kernels.arrays import IntArray
from entrepot.kernels.choice.route_choice import RouteSets
from entrepot.kernels.paths.shortest_paths import shortest_path_tree, trace
from entrepot.kernels.short_repr import short_repr
from entrepot.routes.cargo_class import CargoClass, all_classes
from entrepot.routes.find import candidate_routes, search_costs
from entrepot.routes.hubs import HubPairs

if TYPE_CHECKING:
    from entrepot.cost.passage import Passage
    from entrepot.routes.alternatives import ArcPath
    from entrepot.routes.session import Pricing, Session

MOST_ENTRIES = 20_000_000


@short_repr
@dataclass(frozen=True, slots=True, eq=False)
class NetworkRoutes:
    """Routes of all pairs of hubs on the rules of a date."""

    pairs: HubPairs
    sets: RouteSets
    on: str

    @property
    def unreached(self) -> IntArray:
        """Pairs without any route, rising; those of one place with itself are among them."""
        return np.flatnonzero(np.diff(self.sets.first) == 0)


def find_route_sets(
    session: Session,
    on: str | None = None,
    classes: tuple[CargoClass, ...] | None = None,
    jobs: int = 1,
    beside: Session | None = None,
) -> NetworkRoutes:
    """Find the sets of all pairs.

    on     : date of the rules of passage and seasons; None for the world's
    jobs   : processes; they change the time it takes and nothing else
    beside : facts on which routes open that are shut today
    """
    pairs = HubPairs.of_world(session.world)
    finder = _Finder.of(session, pairs, classes or all_classes(session.world), on, beside)
    with _mapped(finder, jobs) as found:
        parts = list(found)
    return NetworkRoutes(
        pairs, join(session.network.n_arc, *zip(*parts, strict=True)), finder.units[0].when.text
    )


def join(
    n_arc: int,
    routes: tuple[IntArray, ...],
    lengths: tuple[IntArray, ...],
    arcs: tuple[IntArray, ...],
) -> RouteSets:
    """Sets from routes by pair, arcs by route and arcs, part after part."""
    n_entry = sum(map(len, arcs))
    if n_entry > MOST_ENTRIES:
        raise UsageError(
            f"The routes of all pairs have {n_entry} arcs, more than {MOST_ENTRIES}. "
            "Give zones fewer hubs in zone_hubs.csv or lower max_routes in parameters.csv."
        )
    first = np.concatenate([np.zeros(1, dtype=np.int64), *routes]).cumsum()
    start = np.concatenate([np.zeros(1, dtype=np.int64), *lengths]).cumsum()
    return RouteSets.of(first, start, np.concatenate(arcs), n_arc)


@contextmanager
def _mapped(finder: _Finder, jobs: int) -> Iterator[Iterator[tuple[IntArray, IntArray, IntArray]]]:
    """What the finder finds from each hub, in their order."""
    hubs = range(len(finder.pairs.nodes))
    if jobs == 1:
        yield map(finder.from_hub, hubs)
        return
    # By way of a file: a large argument blocks for good where a process dies before it reads it.
    # Only this user can write it, as to the pipe of a pool: the folder is new and closed to others.
    with tempfile.TemporaryDirectory(prefix="entrepot-") as folder:
        path = Path(folder) / "finder"
        path.write_bytes(pickle.dumps(finder))
        pool = ProcessPoolExecutor(jobs, get_context("spawn"), _start, (path,))
        try:
            yield pool.map(_from_hub, hubs)
        finally:
            pool.shutdown(cancel_futures=True)


_FINDER: list[_Finder] = []


def _start(path: Path) -> None:
    _FINDER[:] = [pickle.loads(path.read_bytes())]


def _from_hub(hub: int) -> tuple[IntArray, IntArray, IntArray]:
    return _FINDER[0].from_hub(hub)


@short_repr
@dataclass(slots=True)
class _Finder:
    """Finds the routes from a hub to all others; holds all that a process of its own needs.

    units    : general cargo in each load unit in use
    classes  : pricing of each class
    beside   : the same on facts on which more routes are open, or none
    bindings : (n_rule, N, N) which rules act from zone to zone, by pricing
    """

    session: Session
    pairs: HubPairs
    units: list[Pricing]
    classes: list[Pricing]
    beside: list[Pricing]
    bindings: dict[int, NDArray[np.bool_]] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        session: Session,
        pairs: HubPairs,
        classes: tuple[CargoClass, ...],
        on: str | None,
        beside: Session | None = None,
    ) -> _Finder:
        order = session.world.table("units")["unit"]
        used = [u for u in order if u in {c.unit for c in classes}]
        units = [session.pricing(None, u, on) for u in used]
        own = [session.pricing(c.commodity, c.unit, on) for c in classes]
        more = [
            beside.pricing(c.commodity, c.unit, on, planned=True)
            for c in (classes if beside is not None else ())
            if beside is not None
        ]
        # Facts are read and priced by now; another process must not wait for them to be sent.
        bare = replace(
            session, world=World({}, session.world.meta), _pricing={}, _carriage={}, _rulebooks={}
        )
        return cls(bare, pairs, units, own, more)

    def from_hub(self, hub: int) -> tuple[IntArray, IntArray, IntArray]:
        """Routes by pair, arcs by route, and arcs, of the pairs that start at a hub."""
        pairs = self.pairs
        own = np.flatnonzero(pairs.origin == hub)
        sets: dict[int, dict[ArcPath, None]] = {int(p): {} for p in own}
        usable = own[~pairs.same[own]]
        for pricing in self.units:
            for passage, some in self._alike(pricing, usable):
                for p in some:
                    found = candidate_routes(self.session, pricing, passage, self._ends(p))
                    sets[p].update((c.path, None) for c in found)
        for pricing in (*self.classes, *self.beside):
            for passage, some in self._alike(pricing, usable):
                for p, path in self._least(pricing, passage, some):
                    sets[p][path] = None
        routes = [path for p in own for path in sets[int(p)]]
        return (
            np.array([len(sets[int(p)]) for p in own], dtype=np.int64),
            np.array([len(path) for path in routes], dtype=np.int64),
            np.array([a for path in routes for a in path], dtype=np.int64),
        )

    def _ends(self, pair: int) -> tuple[int, int]:
        network, pairs = self.session.network, self.pairs
        return (
            network.origin(pairs.nodes[pairs.origin[pair]]),
            network.destination(pairs.nodes[pairs.destination[pair]]),
        )

    def _alike(self, pricing: Pricing, own: IntArray) -> Iterator[tuple[Passage, list[int]]]:
        """Pairs of one hub that are under the same rules, and the rules."""
        pairs, rules = self.pairs, pricing.rulebook.rules
        if id(pricing) not in self.bindings:
            self.bindings[id(pricing)] = np.array(
                [
                    bound(r, pairs.zones, self.session.network, pricing.rulebook.truck)
                    for r in rules
                ],
                dtype=bool,
            ).reshape(len(rules), pairs.n_zone, pairs.n_zone)
        acting = self.bindings[id(pricing)]
        # What a rule on foreign trucks closes depends on where the goods go.
        at_home = any(r.foreign and r.acts == "closes" for r in rules)
        groups: dict[tuple[bytes, int], list[int]] = {}
        for p in own.tolist():
            o, d = pairs.exporter[p], pairs.importer[p]
            key = (acting[:, o, d].tobytes(), int(d) if at_home else -1)
            groups.setdefault(key, []).append(p)
        for some in groups.values():
            o, d = pairs.exporter[some[0]], pairs.importer[some[0]]
            yield pricing.rulebook.passage(pairs.zones[o], pairs.zones[d]), some

    def _least(
        self, pricing: Pricing, passage: Passage, some: list[int]
    ) -> Iterator[tuple[int, ArcPath]]:
        """Least-cost routes of pairs of one hub, habits left out: one tree serves them all."""
        network = self.session.network
        _, cost, _ = search_costs(self.session, pricing, passage)
        origin, _ = self._ends(some[0])
        tree = shortest_path_tree(network.indptr, network.head, cost, origin)
        for p in some:
            _, end = self._ends(p)
            if np.isfinite(tree.dist[end]):
                yield p, tuple(trace(tree.pred_arc, network.tail, end).tolist())

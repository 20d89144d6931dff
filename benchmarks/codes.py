"""The same least-cost matrix by this package and by two other codes.

Each code is a function that readies a task and hands back a function from a block of sources to
costs, (n_source, n_target). Getting ready is not timed.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from graphs import Task

Costs = Callable[[NDArray[np.int32]], NDArray[np.float64]]


def entrepot(task: Task, threads: int = 1) -> Costs:
    from entrepot.kernels.paths.shortest_paths import least_cost_matrix

    def costs(sources: NDArray[np.int32]) -> NDArray[np.float64]:
        return least_cost_matrix(
            task.indptr, task.head, task.weight, sources, task.targets, threads=threads
        )

    return costs


def scipy(task: Task) -> Costs:
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import dijkstra

    n = len(task.indptr) - 1
    graph = csr_matrix((task.weight, task.head, task.indptr), shape=(n, n))

    def costs(sources: NDArray[np.int32]) -> NDArray[np.float64]:
        found = dijkstra(graph, indices=sources)[:, task.targets]
        return np.asarray(found, dtype=np.float64)

    return costs


def rustworkx(task: Task) -> Costs:
    import rustworkx as rx

    n = len(task.indptr) - 1
    tail = np.repeat(np.arange(n), np.diff(task.indptr))
    is_open = np.isfinite(task.weight)
    arcs = (tail[is_open].tolist(), task.head[is_open].tolist(), task.weight[is_open].tolist())
    graph = rx.PyDiGraph(multigraph=True)
    graph.add_nodes_from(range(n))
    graph.add_edges_from(list(zip(*arcs, strict=True)))

    def costs(sources: NDArray[np.int32]) -> NDArray[np.float64]:
        out = np.full((len(sources), len(task.targets)), np.inf)
        for k, source in enumerate(sources.tolist()):
            # float is the quickest way to say that an arc's payload is its cost.
            found = rx.dijkstra_shortest_path_lengths(graph, source, float)
            for t, target in enumerate(task.targets.tolist()):
                if target == source:
                    out[k, t] = 0.0
                elif target in found:
                    out[k, t] = found[target]
        return out

    return costs

"""Detours by exclusion and over plateaus against plain twins."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from entrepot.kernels.paths.detours import exclusion_paths, plateau_paths
from entrepot.kernels.paths.shortest_paths import (
    reverse_csr,
    shortest_path_tree,
    trace,
)
from tests.kernels.graphs import POSITIVE_WEIGHT, Graph, graph, graphs, grid

Path = tuple[int, ...]


def split(arcs: np.ndarray, start: np.ndarray) -> list[Path]:
    return [tuple(arcs[a:b].tolist()) for a, b in pairwise(start.tolist())]


def shortest(g: Graph, weight: np.ndarray, target: int) -> Path | None:
    tree = shortest_path_tree(g.indptr, g.head, weight, 0, target=target)
    if not np.isfinite(tree.dist[target]):
        return None
    return tuple(trace(tree.pred_arc, g.tail, target).tolist())


def exclusions_plain(
    g: Graph, masks: np.ndarray, lone: np.ndarray, best: Path, target: int
) -> list[Path]:
    """In order of discovery, each once."""

    def on(path: Path) -> list[int]:
        return [i for i in range(len(masks)) if masks[i, list(path)].any()]

    def closed(*things: int) -> Path | None:
        shut = np.any([masks[i] for i in things], axis=0)
        return shortest(g, np.where(shut, np.inf, g.weight), target)

    found: dict[Path, None] = {}
    for first in on(best):
        path = closed(first)
        if path is None:
            continue
        found[path] = None
        for second in on(path) if not lone[first] else []:
            other = None if lone[second] else closed(first, second)
            if other is not None:
                found[other] = None
    return list(found)


def plateaus_plain(g: Graph, target: int, stretch: float, part: float, most: int) -> list[Path]:
    forward = shortest_path_tree(g.indptr, g.head, g.weight, 0)
    indptr, head, arc_of = reverse_csr(g.indptr, g.head)
    backward = shortest_path_tree(indptr, head, g.weight[arc_of], target)
    onwards = np.where(backward.pred_arc >= 0, arc_of[backward.pred_arc], -1)
    least = forward.dist[target]
    length = {
        a: forward.dist[g.tail[a]] + g.weight[a] + backward.dist[g.head[a]]
        for a in range(len(g.head))
        if forward.pred_arc[g.head[a]] == a and onwards[g.tail[a]] == a
    }
    shared = [a for a, x in length.items() if np.isfinite(x) and x <= stretch * least]
    plateau: dict[int, float] = {}
    root_of: dict[int, int] = {}
    for a in sorted(shared, key=lambda a: forward.dist[g.tail[a]]):
        root = root_of.get(int(g.tail[a]), a)
        root_of[int(g.head[a])] = root
        plateau[root] = plateau.get(root, 0.0) + g.weight[a]
    roots = [a for a, x in plateau.items() if x >= part * least]
    out = []
    for a in sorted(roots, key=lambda a: (length[a], a))[:most]:
        path = [*trace(forward.pred_arc, g.tail, int(g.tail[a])).tolist(), a]
        while g.head[path[-1]] != target:
            path.append(int(onwards[g.head[path[-1]]]))
        if len({int(g.head[b]) for b in path}) == len(path):
            out.append(tuple(path))
    return out


def compiled_plateaus(g: Graph, target: int, stretch: float, part: float, most: int) -> list[Path]:
    forward = shortest_path_tree(g.indptr, g.head, g.weight, 0)
    indptr, head, arc_of = reverse_csr(g.indptr, g.head)
    backward = shortest_path_tree(indptr, head, g.weight[arc_of], target)
    onwards = np.where(backward.pred_arc >= 0, arc_of[backward.pred_arc], -1).astype(np.int32)
    least = float(forward.dist[target])
    return split(
        *plateau_paths(
            g.head, g.tail, g.weight, forward.dist, forward.pred_arc, backward.dist, onwards,
            target, stretch * least, part * least, most,
        )
    )  # fmt: skip


def check(g: Graph, target: int, seed: int) -> int:
    """Both detours against their twins; how many there are."""
    draw = np.random.default_rng(seed)
    best = shortest(g, g.weight, target)
    if best is None or target == 0:
        return 0
    masks = draw.random((6, len(g.head))) < draw.uniform(0.05, 0.4)
    lone = draw.random(6) < 0.3
    ours = split(
        *exclusion_paths(
            g.indptr, g.head, g.tail, g.weight, masks, lone,
            np.array(best, dtype=np.int32), 0, target,
        )
    )  # fmt: skip
    assert list(dict.fromkeys(ours)) == exclusions_plain(g, masks, lone, best, target)
    found = compiled_plateaus(g, target, 1.6, 0.1, 9)
    assert found == plateaus_plain(g, target, 1.6, 0.1, 9)
    return len(ours) + len(found)


@given(graphs(POSITIVE_WEIGHT), st.integers(0, 10_000))
def test_small_graphs_equal_the_twins(g: Graph, seed: int) -> None:
    check(g, g.n - 1, seed)


@given(st.integers(0, 200))
def test_grids_equal_the_twins(seed: int) -> None:
    assert check(grid(9, seed), 80, seed) > 3


def test_exclusions_by_hand() -> None:
    """0 ─1─ 1 ─1─ 5   the best;  0 ─1.2─ 2 ─1─ 5  a second;  0 ─2─ 3 ─2─ 5  a third."""
    g = graph(6, [(0, 1, 1), (0, 2, 1.2), (0, 3, 2), (1, 5, 1), (2, 5, 1), (3, 5, 2)])
    masks = np.zeros((2, 6), dtype=bool)
    masks[0, [0, 3]], masks[1, [1, 4]] = True, True
    best = np.array([0, 3], dtype=np.int32)
    for lone, wanted in (((False, False), [(1, 4), (2, 5)]), ((False, True), [(1, 4)])):
        arcs, start = exclusion_paths(
            g.indptr, g.head, g.tail, g.weight, masks, np.array(lone), best, 0, 5
        )
        assert split(arcs, start) == wanted


def test_plateaus_by_hand() -> None:
    """0 ─1─ 1 ─1─ 4   the best;   0 ─0.4─ 2 ═0.8═ 3 ─1─ 4   over the plateau from 2 to 3."""
    g = graph(5, [(0, 1, 1), (0, 2, 0.4), (1, 4, 1), (2, 3, 0.8), (3, 4, 1)])
    assert compiled_plateaus(g, 4, 1.6, 0.1, 9) == [(0, 2), (1, 3, 4)]
    assert compiled_plateaus(g, 4, 1.05, 0.1, 9) == [(0, 2)]  # too long a way
    assert compiled_plateaus(g, 4, 1.6, 0.5, 9) == [(0, 2)]  # too short a plateau
    assert compiled_plateaus(g, 4, 1.6, 0.1, 1) == [(0, 2)]


def test_many_and_long_paths_find_room() -> None:
    """A chain of 300 arcs beside each of which lies a second one: more than the first room."""
    n = 300
    g = graph(n + 1, [(v, v + 1, w) for v in range(n) for w in (1.0, 1.01)])
    masks = np.zeros((n, 2 * n), dtype=bool)
    masks[np.arange(n), 2 * np.arange(n)] = True
    best = np.arange(0, 2 * n, 2, dtype=np.int32)
    arcs, start = exclusion_paths(
        g.indptr, g.head, g.tail, g.weight, masks, np.ones(n, dtype=bool), best, 0, n
    )
    paths = split(arcs, start)
    assert len(paths) == n
    for i, path in enumerate(paths):
        assert path == tuple(2 * v + (v == i) for v in range(n))

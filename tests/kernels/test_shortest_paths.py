"""Certificates, drawn worlds, laws, and three other codes for the shortest-path kernel."""

from __future__ import annotations

import os

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from entrepot.kernels.paths.shortest_paths import (
    Tree,
    least_cost_matrix,
    reverse_csr,
    shortest_path_tree,
    shortest_path_tree_plain,
    shortest_path_trees,
    trace,
)
from tests.kernels.graphs import (
    ANY_WEIGHT,
    POSITIVE_WEIGHT,
    TIED_WEIGHT,
    Graph,
    graph,
    graphs,
    grid,
)

# Other codes may add the same weights in another order.
ROUNDING = 1e-12


def assert_optimal(g: Graph, tree: Tree, start: dict[int, float]) -> None:
    """No arc improves a label, each label has an arc that attains it, no cycles."""
    with np.errstate(invalid="ignore"):
        assert (tree.dist[g.head] <= tree.dist[g.tail] + g.weight).all()
    for v in range(g.n):
        arc = int(tree.pred_arc[v])
        if arc < 0:
            assert tree.dist[v] == start.get(v, np.inf)
        else:
            assert g.head[arc] == v
            assert tree.dist[v] == tree.dist[g.tail[arc]] + g.weight[arc] < np.inf
            path = walk(g, tree, v)
            assert int(g.tail[path[0]]) in start


def walk(g: Graph, tree: Tree, v: int) -> list[int]:
    """Path to v by following arcs back, giving up on a cycle."""
    arcs: list[int] = []
    while tree.pred_arc[v] >= 0:
        arcs.append(int(tree.pred_arc[v]))
        assert len(arcs) < g.n, "the tree has a cycle"
        v = int(g.tail[arcs[-1]])
    return arcs[::-1]


def least_of_parallel(g: Graph) -> csr_matrix:
    """The graph for SciPy, which adds parallel arcs up unless they are merged first.

    Zero weights are stored entries and count as arcs there, as they do here.
    """
    best: dict[tuple[int, int], float] = {}
    for t, h, w in zip(g.tail.tolist(), g.head.tolist(), g.weight.tolist(), strict=True):
        if np.isfinite(w):
            best[t, h] = min(w, best.get((t, h), np.inf))
    keys = sorted(best)
    data = [best[k] for k in keys]
    rows, columns = [k[0] for k in keys], [k[1] for k in keys]
    return csr_matrix((data, (rows, columns)), shape=(g.n, g.n))


@given(graphs(ANY_WEIGHT), st.data())
def test_tree_carries_its_certificate(g: Graph, data: st.DataObject) -> None:
    source = data.draw(st.integers(0, g.n - 1))
    assert_optimal(g, shortest_path_tree(*g.arrays, source), {source: 0.0})


def test_large_tree_carries_its_certificate() -> None:
    g = grid(120, seed=3)
    tree = shortest_path_tree(*g.arrays, 77)
    reached = tree.pred_arc >= 0
    assert reached.sum() == g.n - 1
    assert (tree.dist[g.head] <= tree.dist[g.tail] + g.weight).all()
    arcs = tree.pred_arc[reached]
    assert (tree.dist[reached] == tree.dist[g.tail[arcs]] + g.weight[arcs]).all()


@pytest.mark.slow
@settings(max_examples=3000)
@given(graphs(ANY_WEIGHT), st.integers(0, 13))
def test_many_trees_carry_their_certificate(g: Graph, source: int) -> None:
    tree = shortest_path_tree(*g.arrays, source % g.n)
    assert_optimal(g, tree, {source % g.n: 0.0})
    theirs = dijkstra(least_of_parallel(g), indices=source % g.n)
    np.testing.assert_allclose(tree.dist, theirs, rtol=ROUNDING)


@given(graphs(ANY_WEIGHT), st.data())
def test_several_sources_with_labels(g: Graph, data: st.DataObject) -> None:
    vertex = st.integers(0, g.n - 1)
    label = st.integers(0, 6).map(float)
    pairs = data.draw(st.lists(st.tuples(vertex, label), min_size=1, max_size=5))
    start: dict[int, float] = {}
    for v, x in pairs:
        start[v] = min(x, start.get(v, np.inf))
    sources, initial = [p[0] for p in pairs], [p[1] for p in pairs]
    tree = shortest_path_tree(*g.arrays, sources, initial=initial)
    assert_optimal(g, tree, start)
    single = [x + shortest_path_tree(*g.arrays, v).dist for v, x in start.items()]
    np.testing.assert_allclose(tree.dist, np.min(single, axis=0), rtol=ROUNDING)


@given(graphs(ANY_WEIGHT))
def test_agrees_with_scipy(g: Graph) -> None:
    ours, _ = shortest_path_trees(*g.arrays, np.arange(g.n))
    np.testing.assert_allclose(ours, dijkstra(least_of_parallel(g)), rtol=ROUNDING)


@given(graphs(ANY_WEIGHT), st.data())
def test_agrees_with_networkx(g: Graph, data: st.DataObject) -> None:
    source = data.draw(st.integers(0, g.n - 1))
    other = nx.MultiDiGraph()
    other.add_nodes_from(range(g.n))
    for t, h, w in zip(g.tail.tolist(), g.head.tolist(), g.weight.tolist(), strict=True):
        if np.isfinite(w):
            other.add_edge(t, h, weight=w)
    theirs = np.full(g.n, np.inf)
    for v, label in nx.single_source_dijkstra_path_length(other, source).items():
        theirs[v] = label
    ours = shortest_path_tree(*g.arrays, source).dist
    np.testing.assert_allclose(ours, theirs, rtol=ROUNDING)


@given(graphs(POSITIVE_WEIGHT) | graphs(TIED_WEIGHT), st.data())
def test_plain_twin_gives_the_same_tree(g: Graph, data: st.DataObject) -> None:
    """To the bit, arcs included: with positive weights the tie rule leaves one answer."""
    source = data.draw(st.integers(0, g.n - 1))
    ours, plain = shortest_path_tree(*g.arrays, source), shortest_path_tree_plain(*g.arrays, source)
    np.testing.assert_array_equal(ours.dist, plain.dist)
    np.testing.assert_array_equal(ours.pred_arc, plain.pred_arc)


@given(graphs(ANY_WEIGHT), st.data())
def test_plain_twin_gives_the_same_labels(g: Graph, data: st.DataObject) -> None:
    source = data.draw(st.integers(0, g.n - 1))
    plain = shortest_path_tree_plain(*g.arrays, source)
    assert_optimal(g, plain, {source: 0.0})
    np.testing.assert_array_equal(shortest_path_tree(*g.arrays, source).dist, plain.dist)


@given(graphs(ANY_WEIGHT), st.data())
def test_stopping_at_a_target_changes_nothing_before_it(g: Graph, data: st.DataObject) -> None:
    source, target = (data.draw(st.integers(0, g.n - 1)) for _ in range(2))
    whole = shortest_path_tree(*g.arrays, source)
    stopped = shortest_path_tree(*g.arrays, source, target=target)
    assert stopped.dist[target] == whole.dist[target]
    assert (stopped.dist >= whole.dist).all()
    here, there = (trace(t.pred_arc, g.tail, target) for t in (stopped, whole))
    assert g.weight[here].sum() == pytest.approx(g.weight[there].sum(), rel=ROUNDING)


@given(graphs(TIED_WEIGHT), st.data())
def test_ties_go_to_the_smallest_arc(g: Graph, data: st.DataObject) -> None:
    source = data.draw(st.integers(0, g.n - 1))
    tree = shortest_path_tree(*g.arrays, source)
    attains = (tree.dist[g.tail] + g.weight == tree.dist[g.head]) & np.isfinite(tree.dist[g.head])
    for v in range(g.n):
        candidates = np.flatnonzero(attains & (g.head == v))
        if v != source and len(candidates):
            assert tree.pred_arc[v] == candidates[0]


@given(graphs(POSITIVE_WEIGHT), st.data())
def test_relabelled_and_reordered_graph_has_the_same_labels(g: Graph, data: st.DataObject) -> None:
    name = np.array(data.draw(st.permutations(range(g.n))))
    order = data.draw(st.permutations(range(len(g.head))))
    arcs = [(int(name[g.tail[a]]), int(name[g.head[a]]), float(g.weight[a])) for a in order]
    other = graph(g.n, arcs)
    one = shortest_path_tree(*g.arrays, 0).dist
    two = shortest_path_tree(*other.arrays, int(name[0])).dist
    np.testing.assert_array_equal(one, two[name])


@given(graphs(ANY_WEIGHT), st.integers(-8, 8))
def test_scaling_by_a_power_of_two_keeps_every_path(g: Graph, power: int) -> None:
    """Such a factor rounds nothing, so not even a tie may fall differently."""
    factor = 2.0**power
    one = shortest_path_tree(*g.arrays, 0)
    two = shortest_path_tree(g.indptr, g.head, factor * g.weight, 0)
    np.testing.assert_array_equal(two.pred_arc, one.pred_arc)
    np.testing.assert_array_equal(two.dist, factor * one.dist)


@given(graphs(ANY_WEIGHT), st.data())
def test_backward_tree_on_the_reverse_graph(g: Graph, data: st.DataObject) -> None:
    target = data.draw(st.integers(0, g.n - 1))
    indptr, head, arc_of = reverse_csr(g.indptr, g.head)
    np.testing.assert_array_equal(np.sort(arc_of), np.arange(len(g.head)))
    np.testing.assert_array_equal(head, g.tail[arc_of])
    back = shortest_path_tree(indptr, head, g.weight[arc_of], target).dist
    forward, _ = shortest_path_trees(*g.arrays, np.arange(g.n))
    np.testing.assert_allclose(back, forward[:, target], rtol=ROUNDING)


@given(graphs(ANY_WEIGHT), st.data())
def test_traced_path_leads_from_source_to_target(g: Graph, data: st.DataObject) -> None:
    source, target = (data.draw(st.integers(0, g.n - 1)) for _ in range(2))
    tree = shortest_path_tree(*g.arrays, source)
    path = trace(tree.pred_arc, g.tail, target)
    assert path.dtype == np.int32
    if source == target or np.isinf(tree.dist[target]):
        assert len(path) == 0
        return
    stops = [source, *g.head[path].tolist()]
    assert stops[-1] == target
    np.testing.assert_array_equal(g.tail[path], stops[:-1])
    assert len(set(stops)) == len(stops)
    assert g.weight[path].sum() == pytest.approx(tree.dist[target], rel=ROUNDING)


@settings(max_examples=25)
@given(graphs(ANY_WEIGHT), st.data())
def test_threads_do_not_matter(g: Graph, data: st.DataObject) -> None:
    vertices = st.lists(st.integers(0, g.n - 1), max_size=9)
    sources, targets = data.draw(vertices), data.draw(vertices)
    dist, pred = shortest_path_trees(*g.arrays, sources, threads=1)
    for threads in (2, 3, None):
        again = shortest_path_trees(*g.arrays, sources, threads=threads)
        np.testing.assert_array_equal(again[0], dist)
        np.testing.assert_array_equal(again[1], pred)
        matrix = least_cost_matrix(*g.arrays, sources, targets, threads=threads)
        np.testing.assert_array_equal(matrix, dist[:, np.array(targets, dtype=int)])


def test_threads_do_not_matter_on_a_large_grid() -> None:
    g = grid(60, seed=5)
    sources, targets = np.arange(0, g.n, 97), np.arange(5, g.n, 301)
    one = least_cost_matrix(*g.arrays, sources, targets, threads=1)
    for threads in (2, 5):
        many = least_cost_matrix(*g.arrays, sources, targets, threads=threads)
        np.testing.assert_array_equal(many, one)
    np.testing.assert_array_equal(one, shortest_path_trees(*g.arrays, sources)[0][:, targets])


def two_ways() -> Graph:
    """0 ── 1 ──▶ 1 ── 1 ──▶ 3      island: 4
    │                         ▲
    └── 1 ──▶ 2 ──── 1 ───────┘       both ways cost 2: the arc from 1 has the smaller position"""
    return graph(5, [(0, 1, 1.0), (0, 2, 1.0), (1, 3, 1.0), (2, 3, 1.0)])


def test_equal_ways() -> None:
    g = two_ways()
    tree = shortest_path_tree(*g.arrays, 0)
    assert tree.dist.tolist() == [0.0, 1.0, 1.0, 2.0, np.inf]
    assert trace(tree.pred_arc, g.tail, 3).tolist() == [0, 2]
    assert tree.pred_arc[4] == -1


def test_a_tie_found_late_goes_to_the_smaller_arc_too() -> None:
    """0 ── 1 ──▶ 2 ── 2 ──▶ 3      2 is settled before 1, but the arc from 1 comes first
    └── 2 ──▶ 1 ─── 1 ──────▲"""
    g = graph(4, [(0, 2, 1.0), (0, 1, 2.0), (1, 3, 1.0), (2, 3, 2.0)])
    for tree in (shortest_path_tree(*g.arrays, 0), shortest_path_tree_plain(*g.arrays, 0)):
        assert tree.dist[3] == 3.0
        assert trace(tree.pred_arc, g.tail, 3).tolist() == [1, 2]


def test_arcs_of_no_cost_never_point_at_each_other() -> None:
    """3 ── 1 ──▶ 2 ◀── 0 ──▶ 1      the arc from 1 to 2 has the smallest position of all"""
    g = graph(4, [(1, 2, 0.0), (2, 1, 0.0), (3, 2, 1.0)])
    for tree in (shortest_path_tree(*g.arrays, 3), shortest_path_tree_plain(*g.arrays, 3)):
        assert_optimal(g, tree, {3: 0.0})
        assert walk(g, tree, 1) == [2, 1]


def test_where_the_system_does_not_tell_its_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    g = two_ways()
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    assert least_cost_matrix(*g.arrays, [0, 1, 2], [3]).tolist() == [[2.0], [1.0], [1.0]]


def test_closing_an_arc_is_a_new_weight_array() -> None:
    g = two_ways()
    closed = g.weight.copy()
    closed[0] = np.inf
    tree = shortest_path_tree(g.indptr, g.head, closed, 0)
    assert trace(tree.pred_arc, g.tail, 3).tolist() == [1, 3]
    assert tree.dist[1] == np.inf


def test_loops_parallel_arcs_and_rings_of_no_cost() -> None:
    """0 ══ 5, 3, 3 ══▶ 1 ◀── 0 ──▶ 2, loop of cost 0 at 0 and at 2"""
    g = graph(3, [(0, 0, 0.0), (0, 1, 5.0), (0, 1, 3.0), (0, 1, 3.0), (1, 2, 0.0), (2, 1, 0.0),
                  (2, 2, 0.0)])  # fmt: skip
    tree = shortest_path_tree(*g.arrays, 0)
    assert tree.dist.tolist() == [0.0, 3.0, 3.0]
    assert trace(tree.pred_arc, g.tail, 2).tolist() == [2, 4]


def test_graph_without_arcs() -> None:
    g = graph(2, [])
    assert shortest_path_tree(*g.arrays, 1).dist.tolist() == [np.inf, 0.0]
    assert least_cost_matrix(*g.arrays, [], [1]).shape == (0, 1)


@pytest.mark.parametrize("bad", [-1.0, np.nan])
def test_weights_below_zero_are_refused(bad: float) -> None:
    g = two_ways()
    weight = g.weight.copy()
    weight[2] = bad
    with pytest.raises(ValueError, match="arc 2: weights must be zero or more"):
        shortest_path_tree(g.indptr, g.head, weight, 0)


def test_arrays_that_do_not_match_are_refused() -> None:
    g = two_ways()
    with pytest.raises(ValueError, match="4 heads, 3 weights and room for 4 arcs"):
        least_cost_matrix(g.indptr, g.head, g.weight[:3], [0], [1])

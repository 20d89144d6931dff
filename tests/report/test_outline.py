from __future__ import annotations

import math
import random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.report.charts.map import Projection, route_map
from entrepot.report.charts.outline import clip_ring, join_rings

Point = tuple[float, float]
ROOM = (0.0, 0.0, 10.0, 6.0)


def area(ring: list[Point]) -> float:
    """Shoelace formula."""
    x, y = np.array(ring).T if ring else np.zeros((2, 0))
    return 0.5 * abs(float(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1))))


def test_a_shape_around_the_room_becomes_the_room():
    assert area(clip_ring([(-5, -5), (20, -5), (20, 20), (-5, 20)], ROOM)) == pytest.approx(60)


def test_a_shape_outside_the_room_leaves_nothing():
    assert area(clip_ring([(11, 0), (15, 0), (13, 5)], ROOM)) == 0


def test_a_shape_inside_stays():
    ring = [(1.0, 1.0), (9.0, 1.0), (5.0, 5.0)]
    assert area(clip_ring(ring, ROOM)) == pytest.approx(16)


@given(
    st.lists(st.tuples(st.floats(-20, 30), st.floats(-20, 30)), min_size=3, max_size=3, unique=True)
)
def test_clipping_a_triangle_agrees_with_counting_points(ring: list[Point]):
    out = clip_ring(ring, ROOM)
    assert all(-1e-9 <= x <= 10 + 1e-9 and -1e-9 <= y <= 6 + 1e-9 for x, y in out)
    x, y = np.meshgrid((np.arange(100) + 0.5) / 10, (np.arange(60) + 0.5) / 10)
    sides = [
        (b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0])
        for a, b in zip(ring, ring[1:] + ring[:1], strict=True)
    ]
    inside = np.all([s > 0 for s in sides], axis=0) | np.all([s < 0 for s in sides], axis=0)
    # a straight side of 12 at most cuts some 2 * (100 + 60) cells of 0.01
    assert area(out) == pytest.approx(inside.sum() / 100, abs=3 * 3.2 / 2)


@given(st.integers(3, 40), st.integers(0, 10_000))
def test_a_ring_cut_into_pieces_is_put_together(n: int, seed: int):
    pick = random.Random(seed)
    ring = [(math.cos(2 * math.pi * i / n), math.sin(2 * math.pi * i / n)) for i in range(n)]
    cuts = sorted({0, *(pick.randrange(n) for _ in range(4))})
    closed = [*ring, ring[0]]
    pieces = [closed[a : b + 1] for a, b in zip(cuts, [*cuts[1:], n], strict=True)]
    pieces = [p[::-1] if pick.random() < 0.5 else p for p in pieces]
    pick.shuffle(pieces)
    joined = join_rings(pieces, [(p[0], p[-1]) for p in pieces])
    assert len(joined) == 1
    assert area(joined[0]) == pytest.approx(area(ring))


def test_an_island_and_a_coast_stay_two():
    island = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 0.0)]
    coast = [(5.0, 0.0), (6.0, 0.0)]
    rings = join_rings([island, coast], [(island[0], island[-1]), (coast[0], coast[-1])])
    assert [len(r) for r in rings] == [4, 2]


def points(*rows: tuple[str, int, str, float, float, str]) -> pd.DataFrame:
    columns = ["route_id", "seq", "node_id", "lat", "lon", "mode"]
    return pd.DataFrame(rows, columns=columns).assign(name=lambda d: d["node_id"].str.title())


WAYS = points(
    ("a/1", 0, "almaty", 43.2, 76.9, ""),
    ("a/1", 1, "aktau", 43.6, 51.2, "rail"),
    ("a/1", 2, "tehran", 35.7, 51.4, "sea"),
    ("a/2", 0, "almaty", 43.2, 76.9, ""),
    ("a/2", 1, "tehran", 35.7, 51.4, "road"),
)


@pytest.mark.parametrize("south", [0.0, 20.0, 43.2])
def test_all_points_lie_on_the_sheet(south: float):
    data = WAYS.assign(lat=WAYS["lat"] - south)
    project = Projection(data)
    for lon, lat in zip(data["lon"], data["lat"], strict=True):
        x, y = project(lon, lat)
        assert 0 <= x <= 760
        assert 0 <= y <= project.height


def test_the_projection_keeps_angles_small_squares_stay_square():
    project = Projection(WAYS)
    for lon, lat in ((51.0, 36.0), (60.0, 42.0), (76.0, 44.0)):
        east = np.subtract(project(lon + 0.01, lat), project(lon, lat))
        north = np.subtract(project(lon, lat + 0.01), project(lon, lat))
        east = east / math.cos(math.radians(lat))
        assert np.dot(east, north) / np.dot(north, north) == pytest.approx(0, abs=1e-3)
        assert np.dot(east, east) == pytest.approx(np.dot(north, north), rel=1e-2)


def test_modes_have_their_own_colour_and_pattern_and_a_key():
    picture = route_map(
        WAYS, pd.DataFrame(columns=["line_id", "seq", "kind", "lon", "lat"]), "W", set()
    )
    for mode in ("rail", "road", "sea"):
        assert f">{mode}</text>" in picture
    assert ">rail ferry<" not in picture
    assert picture.count('stroke-dasharray="7 4"') == 2  # the road and its key
    assert picture.count(">Almaty</text>") == 1

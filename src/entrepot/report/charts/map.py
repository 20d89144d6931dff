"""Maps: routes over coasts and de facto borders."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import pandas as pd
from markupsafe import Markup

from entrepot.report.charts.outline import land_and_lines
from entrepot.report.charts.svg import (
    COLOURS,
    INK,
    SOFT,
    figure,
    joined,
    legend,
    path,
    tag,
)

MODE_STYLE = {
    "rail": (COLOURS[0], None),
    "road": (COLOURS[1], "7 4"),
    "sea": (COLOURS[2], "1 5"),
    "ferry_rail": (COLOURS[3], "10 4 1 4"),
    "ferry_roro": (COLOURS[4], "5 4 1 4"),
    "inland_waterway": (COLOURS[5], "1 3"),
}
MODE_NAMES = {
    "rail": "rail",
    "road": "road",
    "sea": "sea",
    "ferry_rail": "rail ferry",
    "ferry_roro": "ro-ro ferry",
    "inland_waterway": "river",
}
SEA = "#e4edf3"
WIDTH = 760.0
TALLEST = 0.82  # height of a map over its width


class Projection:
    """Lambert conformal conic round the middle of what is shown; straight roads look straight."""

    def __init__(self, points: pd.DataFrame) -> None:
        lon, lat = points["lon"], points["lat"]
        self.lon0 = math.radians((lon.min() + lon.max()) / 2)
        middle = max((lat.min() + lat.max()) / 2, 12.0)  # a cone needs a side of the equator
        first, second = math.radians(middle - 8), math.radians(middle + 8)
        self.n = math.log(math.cos(first) / math.cos(second)) / math.log(_tan(second) / _tan(first))
        self.f = math.cos(first) * _tan(first) ** self.n / self.n
        raw = [self._raw(x, y) for x, y in zip(lon, lat, strict=True)]
        xs, ys = [p[0] for p in raw], [p[1] for p in raw]
        pad = 0.05 * max(max(xs) - min(xs), max(ys) - min(ys), 0.1)
        tall = max(ys) - min(ys) + 2 * pad
        wide = max(max(xs) - min(xs) + 2 * pad, tall / TALLEST)
        tall = max(tall, 0.45 * wide)
        self.scale = WIDTH / wide
        self.left = (min(xs) + max(xs)) / 2 - wide / 2
        self.top = (min(ys) + max(ys)) / 2 + tall / 2
        self.height = tall * self.scale

    def _raw(self, lon: float, lat: float) -> tuple[float, float]:
        lat = max(min(lat, 84.0), -40.0)
        rho = self.f / _tan(math.radians(lat)) ** self.n
        angle = self.n * (math.radians(lon) - self.lon0)
        return rho * math.sin(angle), -rho * math.cos(angle)

    def __call__(self, lon: float, lat: float) -> tuple[float, float]:
        x, y = self._raw(lon, lat)
        return (x - self.left) * self.scale, (self.top - y) * self.scale


def _tan(lat: float) -> float:
    return math.tan(math.pi / 4 + lat / 2)


def route_map(
    points: pd.DataFrame, outline: pd.DataFrame, title: str, landmarks: set[str]
) -> Markup:
    """Routes of one set: lines by mode, ends and gates named.

    points    : route_points of the set
    landmarks : node ids worth a name beside the ends
    """
    project = Projection(points)
    out = [tag("rect", x=0, y=0, width=WIDTH, height=project.height, fill=SEA)]
    ground = land_and_lines(outline, project, WIDTH, project.height)
    sheet = {"x": 0, "y": 0, "width": WIDTH, "height": project.height, "overflow": "hidden"}
    out.append(tag("svg", joined(ground), **sheet))
    segments: dict[tuple[str, str, str], int] = {}
    for _, own in points.groupby("route_id", sort=False):
        rows = list(own.itertuples(index=False))
        for a, b in pairwise(rows):
            key = (*sorted((a.node_id, b.node_id)), b.mode)
            segments[key] = segments.get(key, 0) + 1
    where = {r.node_id: (project(r.lon, r.lat), r.name) for r in points.itertuples(index=False)}
    for (a, b, mode), count in segments.items():
        colour, dash = MODE_STYLE[mode]
        out.append(
            path(
                [where[a][0], where[b][0]],
                stroke=colour,
                fill="none",
                stroke_dasharray=dash,
                stroke_width=1.4 + 0.45 * min(count, 6),
                stroke_linecap="round",
                opacity=0.85,
            )
        )
    out += _labels(points, where, landmarks, project.height)
    used = [m for m in MODE_STYLE if any(k[2] == m for k in segments)]
    keys, room = legend(
        [(MODE_STYLE[m][0], MODE_NAMES[m]) for m in used],
        10,
        project.height + 18,
        740,
        dashes=[MODE_STYLE[m][1] for m in used],
    )
    return figure(WIDTH, project.height + 8 + room, joined(out) + keys, title)


def _labels(
    points: pd.DataFrame,
    where: dict[str, tuple[tuple[float, float], str]],
    landmarks: set[str],
    height: float,
) -> list[Markup]:
    """Names that do not cover each other: ends first, then gates by how many routes pass."""
    ends: dict[str, None] = {}
    for _, own in points.groupby("route_id", sort=False):
        ends |= {own["node_id"].iloc[0]: None, own["node_id"].iloc[-1]: None}
    counts = points["node_id"].value_counts()
    gates = [n for n in counts.index if n in landmarks and n not in ends]
    dots, names = [], []
    for node in [*ends, *gates]:
        (x, y), name = where[node]
        if 0 <= x <= WIDTH and 0 <= y <= height:
            big = node in ends
            dots.append(tag("circle", cx=x, cy=y, r=4.5 if big else 2.4, fill=INK if big else SOFT))
            names.append((x, y, name.split(" (")[0], 4.5 if big else 2.4))
    return dots + place_labels(names, height, big=4.5)


def place_labels(
    names: Sequence[tuple[float, float, str, float]], height: float, big: float = math.inf
) -> list[Markup]:
    """Names of marks (x, y, name, radius) that do not cover each other, first come first served.

    big : radius from which a name is large and bold
    """
    boxes: list[tuple[float, float, float, float]] = []
    out = []
    for x, y, label, radius in names:
        bold = radius >= big
        size = 13 if bold else 10.5
        wide = 0.58 * size * len(label)
        off = max(7.0, radius + 3.0)
        for dx, dy in (
            (off, 4), (-off - wide, 4), (-wide / 2, -off - 1), (-wide / 2, off + 9), (off, -6), (off, 14),
        ):  # fmt: skip
            box = (x + dx, y + dy - size, x + dx + wide, y + dy + 3)
            free = all(
                box[2] < b[0] or box[0] > b[2] or box[3] < b[1] or box[1] > b[3] for b in boxes
            )
            if free and box[0] > 2 and box[2] < WIDTH - 2 and box[1] > 0 and box[3] < height:
                boxes.append(box)
                out.append(
                    tag(
                        "text", label, x=f"{x + dx:.1f}", y=f"{y + dy:.1f}", font_size=size, fill=INK,
                        stroke="#fff", stroke_width=3, paint_order="stroke",
                        font_weight="600" if bold else "400",
                    )
                )  # fmt: skip
                break
    return out

"""Land and country lines on the sheet of a map."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
from markupsafe import Markup

from entrepot.report.charts.svg import path, tag

Point = tuple[float, float]
LAND, COAST, BORDER = "#f6f3ec", "#8fa3b3", "#b3a892"


def land_and_lines(
    outline: pd.DataFrame, project: Callable[[float, float], Point], width: float, height: float
) -> list[Markup]:
    """Land as one filled shape, then coasts and borders as lines.

    outline : the table `land_outline`
    project : (lon, lat) to a point on a sheet of the given size
    """
    lines: dict[str, list[list[Point]]] = {"coast": [], "border": []}
    ends: list[tuple[Point, Point]] = []
    places: dict[tuple[str, str], list[Point]] = {}
    for name, kind, lon, lat in outline[["line_id", "kind", "lon", "lat"]].itertuples(
        index=False, name=None
    ):
        places.setdefault((name, kind), []).append((lon, lat))
    for (_, kind), where in places.items():
        lines[kind].append([project(x, y) for x, y in where])
        if kind == "coast":
            ends.append((where[0], where[-1]))
    room = (-4.0, -4.0, width + 4.0, height + 4.0)
    rings = (clip_ring(ring, room) for ring in join_rings(lines["coast"], ends))
    shape = "".join(_d(ring) + "Z" for ring in rings if len(ring) > 2)
    out = [tag("path", d=shape, fill=LAND, fill_rule="evenodd")] if shape else []
    looks: dict[str, dict[str, Any]] = {
        "coast": {"stroke": COAST, "stroke_width": 0.9},
        "border": {"stroke": BORDER, "stroke_width": 0.8, "stroke_dasharray": "5 3"},
    }
    for kind, look in looks.items():
        for line in lines[kind]:
            out += [path(part, fill="none", **look) for part in _parts_in_view(line, room)]
    return out


def join_rings(
    lines: Sequence[list[Point]], ends: Sequence[tuple[Point, Point]]
) -> list[list[Point]]:
    """Lines that meet end to end, joined; what stays open is closed straight.

    ends : first and last place of each line, by which they are matched
    """
    at: dict[Point, list[int]] = {}
    for i, (first, last) in enumerate(ends):
        at.setdefault(first, []).append(i)
        at.setdefault(last, []).append(i)
    unused = dict.fromkeys(range(len(lines)))
    rings = []
    while unused:
        i = next(iter(unused))
        del unused[i]
        ring, tip = list(lines[i]), ends[i][1]
        for turn in (False, True):  # forward from the last place, then backward from the first
            if turn:
                ring, tip = ring[::-1], ends[i][0]
            while (j := next((k for k in at[tip] if k in unused), None)) is not None:
                del unused[j]
                onward = ends[j][0] == tip
                ring += lines[j][1:] if onward else lines[j][-2::-1]
                tip = ends[j][1] if onward else ends[j][0]
        rings.append(ring)
    return rings


def clip_ring(ring: list[Point], room: tuple[float, float, float, float]) -> list[Point]:
    """The part of a closed shape inside a rectangle (Sutherland and Hodgman 1974)."""
    for axis, limit, sign in ((0, room[0], 1), (1, room[1], 1), (0, room[2], -1), (1, room[3], -1)):
        out: list[Point] = []
        for a, b in zip(ring[-1:] + ring[:-1], ring, strict=True):
            inside = [sign * (p[axis] - limit) >= 0 for p in (a, b)]
            if inside[0] != inside[1]:
                t = (limit - a[axis]) / (b[axis] - a[axis])
                out.append((a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])))
            if inside[1]:
                out.append(b)
        ring = out
    return ring


def _parts_in_view(line: list[Point], room: tuple[float, float, float, float]) -> list[list[Point]]:
    """Pieces of a line whose steps touch the rectangle."""
    parts: list[list[Point]] = []
    for i in range(1, len(line)):
        a, b = line[i - 1], line[i]
        low, high = (min(a[0], b[0]), min(a[1], b[1])), (max(a[0], b[0]), max(a[1], b[1]))
        if low[0] > room[2] or low[1] > room[3] or high[0] < room[0] or high[1] < room[1]:
            continue
        if not parts or parts[-1][-1] is not a:
            parts.append([a])
        parts[-1].append(b)
    return parts


def _d(points: Sequence[Point]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)

"""Maps of the coupled model: loads of links, and the places where a day saved brings most."""

from __future__ import annotations

import math

import pandas as pd
from markupsafe import Markup

from entrepot.report.charts.map import (
    MODE_NAMES,
    MODE_STYLE,
    SEA,
    WIDTH,
    Projection,
    place_labels,
)
from entrepot.report.charts.outline import land_and_lines
from entrepot.report.charts.svg import (
    COLOURS,
    INK,
    figure,
    joined,
    legend,
    path,
    tag,
)

LARGEST = 17.0
WIDEST = 9.0
PALE = "#9aa7b2"


def effects_map(places: pd.DataFrame, outline: pd.DataFrame, title: str) -> Markup:
    """Places as circles whose areas go with the gain for a day, numbered by rank."""
    project = Projection(places)
    top = float(places["gain_per_day"].max()) if len(places) else 1.0
    marks, names = [], []
    for r in sorted(places.itertuples(index=False), key=lambda r: -r.gain_per_day):
        x, y = project(r.lon, r.lat)
        radius = max(LARGEST * math.sqrt(max(r.gain_per_day, 0.0) / top), 3.5)
        marks.append(
            tag("circle", cx=x, cy=y, r=radius, fill=COLOURS[1], opacity=0.6, stroke=INK,
                stroke_width=0.8)
        )  # fmt: skip
        names.append((x, y, f"{r.rank} {r.name}", radius))
    labels = place_labels(names, project.height)
    body = _ground(project, outline) + joined(marks) + joined(labels)
    heading = f"Where a day saved moves the {title} most; areas go with the gain"
    return figure(WIDTH, project.height, body, heading)


def flow_map(links: pd.DataFrame, outline: pd.DataFrame, title: str) -> Markup:
    """Loads of the pair by link over those of all trade; widths go with the square root of tonnes."""
    own = links[links["mt_pair"] > 0]
    shown = own if len(own) else links
    ends = pd.DataFrame(
        {
            "lon": pd.concat([shown["from_lon"], shown["to_lon"]]),
            "lat": pd.concat([shown["from_lat"], shown["to_lat"]]),
        }
    )
    project = Projection(ends)
    most = float(shown["mt_pair"].max()) or 1.0
    out = []
    for r in links.sort_values("mt_all", kind="stable").itertuples(index=False):
        if abs(r.from_lon - r.to_lon) > 180:
            continue
        line = [project(r.from_lon, r.from_lat), project(r.to_lon, r.to_lat)]
        if all(_outside(p, project.height) for p in line):
            continue
        width = 0.5 + 2.5 * math.sqrt(min(r.mt_all / 100.0, 1.0))
        out.append(path(line, stroke=PALE, fill="none", stroke_width=width, opacity=0.45))
    for r in own.sort_values("mt_pair", kind="stable").itertuples(index=False):
        colour, dash = MODE_STYLE.get(r.mode, (INK, None))
        line = [project(r.from_lon, r.from_lat), project(r.to_lon, r.to_lat)]
        width = 1.0 + WIDEST * math.sqrt(r.mt_pair / most)
        out.append(
            path(line, stroke=colour, fill="none", stroke_width=width, stroke_dasharray=dash,
                 stroke_linecap="butt", opacity=0.85)
        )  # fmt: skip
    used = [m for m in MODE_STYLE if (own["mode"] == m).any()]
    keys, room = legend(
        [(MODE_STYLE[m][0], MODE_NAMES[m]) for m in used] + [(PALE, "all trade")],
        10,
        project.height + 18,
        740,
        dashes=[MODE_STYLE[m][1] for m in used] + [None],
    )
    sheet = tag("svg", joined(out), x=0, y=0, width=WIDTH, height=project.height, overflow="hidden")
    body = _ground(project, outline) + sheet + keys
    return figure(WIDTH, project.height + 8 + room, body, title)


def _outside(point: tuple[float, float], height: float) -> bool:
    return not (-50 < point[0] < WIDTH + 50 and -50 < point[1] < height + 50)


def _ground(project: Projection, outline: pd.DataFrame) -> Markup:
    sea = tag("rect", x=0, y=0, width=WIDTH, height=project.height, fill=SEA)
    land = joined(land_and_lines(outline, project, WIDTH, project.height))
    return sea + tag("svg", land, x=0, y=0, width=WIDTH, height=project.height, overflow="hidden")

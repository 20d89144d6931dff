"""Charts of the report."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pandas as pd
from markupsafe import Markup

from entrepot.report.charts.svg import (
    COLOURS,
    GRID,
    INK,
    SOFT,
    Scale,
    figure,
    joined,
    legend,
    line,
    number,
    path,
    tag,
    text,
)

ELEMENT_COLOURS = {"transport": COLOURS[0], "border": COLOURS[1], "hub": COLOURS[4]}
PARTS = ("haulage", "handling", "border", "fee", "insurance")


def distance_charts(legs: pd.DataFrame, name: str, unit: str = "unit") -> Markup:
    """Time-distance and cost-distance charts of a route (the UNESCAP method), side by side.

    Steep pieces are borders and terminals: time or money without distance.
    """
    width, height = 760.0, 330.0
    km = [0.0, *legs["cum_km"].tolist()]
    days = [[0.0, *(legs[f"cum_hours_{p}"] / 24).tolist()] for p in ("p10", "p50", "p90")]
    usd = [0.0, *legs["cum_usd_p50"].tolist()]
    left = _distance(km, days[1], legs, (52, 350), "days", band=(days[0], days[2]))
    right = _distance(km, usd, legs, (442, 748), f"USD per {unit}")
    keys, _ = legend(
        [
            (ELEMENT_COLOURS["transport"], "moving"),
            (ELEMENT_COLOURS["border"], "border"),
            (ELEMENT_COLOURS["hub"], "terminal, transfer or wait"),
            ("#cfe2f1", "P10 to P90 of the days"),
        ],
        52,
        320,
        700,
    )
    return figure(width, height, left + right + keys, f"Time and cost over distance: {name}")


def _distance(
    km: Sequence[float],
    values: Sequence[float],
    legs: pd.DataFrame,
    room: tuple[float, float],
    label: str,
    band: tuple[Sequence[float], Sequence[float]] | None = None,
) -> Markup:
    """Lines over distance; room: left and right end of the drawing; band: low and high values."""
    (x0, x1), top = room, max(band[1]) if band else max(values)
    across = Scale(0, max(km) * 1.02, x0, x1)
    up = Scale(0, top * 1.05, 268, 30)
    out = [text(x0 - 40, 16, label, size=12, fill=SOFT)]
    for t in up.ticks():
        out += [
            line((x0, up(t)), (x1, up(t))),
            text(x0 - 6, up(t) + 4, f"{t:,.10g}", size=11, anchor="end", fill=SOFT),
        ]
    for t in across.ticks(4):
        out.append(text(across(t), 286, f"{t:,.0f}", size=11, anchor="middle", fill=SOFT))
    out.append(text(x1, 302, "km", size=11, anchor="end", fill=SOFT))
    if band:
        shape = [(across(k), up(v)) for k, v in zip(km, band[0], strict=True)]
        shape += [(across(k), up(v)) for k, v in reversed(list(zip(km, band[1], strict=True)))]
        out.append(path(shape, closed=True, fill="#cfe2f1"))
    for i, leg in enumerate(legs.itertuples(index=False)):
        ends = [(across(km[j]), up(values[j])) for j in (i, i + 1)]
        out.append(
            path(
                ends,
                stroke=ELEMENT_COLOURS[leg.element],
                stroke_width=3.0,
                fill="none",
                stroke_linecap="round",
            )
        )
    borders = legs.reset_index(drop=True)
    shown: list[float] = []
    for i in borders.index[borders["element"] == "border"]:
        x, y = across(km[i + 1]), up(values[i + 1])
        if all(abs(x - s) > 40 for s in shown):
            anchor = "end" if x > x1 - 60 else "start"
            out.append(
                text(
                    x + (6 if anchor == "start" else -6),
                    y + 14,
                    str(borders.at[i, "to_name"])[:16],
                    size=10,
                    anchor=anchor,
                    fill=SOFT,
                )
            )
            shown.append(x)
    return joined(out)


def stacked_bars(
    rows: Sequence[tuple[str, Sequence[float]]],
    parts: Sequence[tuple[str, str]],
    unit: str,
    title: str,
) -> Markup:
    """Horizontal bars, one per row, split into parts. parts: (colour, name)."""
    label_room, x1 = 14.0, 740.0
    most = max((sum(v) for _, v in rows), default=1.0) or 1.0
    across = Scale(0, most * 1.16, label_room, x1)
    out = []
    keys, used = legend(list(parts), label_room, 14, 720)
    out.append(keys)
    y = used + 10
    for name, values in rows:
        out.append(text(label_room, y + 9, name, size=12))
        left = 0.0
        for (colour, part), value in zip(parts, values, strict=True):
            if value <= 0:
                continue
            x, w = across(left), across(left + value) - across(left)
            out.append(
                tag(
                    "rect",
                    tag("title", f"{part}: {number(value)} {unit}"),
                    x=x,
                    y=y + 13.0,
                    width=max(w, 0.6),
                    height=12,
                    fill=colour,
                )
            )
            left += value
        out.append(text(across(left) + 6, y + 23, f"{number(left)} {unit}", size=11, fill=SOFT))
        y += 34
    return figure(760, y + 4, joined(out), title)


SERIES_KINDS = (
    ("calendar year", COLOURS[0], "circle"),
    ("part of a year", COLOURS[4], "square"),
    ("Iranian year (March to March)", COLOURS[2], "diamond"),
)


TARGET_INK = "#8a3d6b"  # COLOURS[3], dark enough for text


def series_kind(year: str, period: str) -> int:
    """0 calendar year, 1 part of a year, 2 Iranian year."""
    if "/" in year:
        return 2
    return 0 if period.startswith(("calendar", "Mar-Mar")) else 1


def trade_chart(series: pd.DataFrame, targets: pd.DataFrame, pair: str) -> Markup:
    """Every published turnover of a pair by year, and the targets, marked by when they were set.

    series  : columns year, period, value (million USD)
    targets : columns stated (year of the statement), deadline (year or NaN), value (million USD)
    """
    years = [_year(y) for y in series["year"]]
    points = [
        (y, v, series_kind(str(t), str(p)))
        for y, v, t, p in zip(years, series["value"], series["year"], series["period"], strict=True)
    ]
    last = max([p[0] for p in points] + [d for d in targets["deadline"] if d == d] + [2026])
    top = max([p[1] for p in points] + targets["value"].tolist())
    across = Scale(min(p[0] for p in points) - 1, last + 1.5, 56, 744)
    up = Scale(0, top * 1.14, 300, 26)
    out = [text(12, 14, "million USD a year", size=12, fill=SOFT)]
    for t in up.ticks(6):
        out += [
            line((56, up(t)), (744, up(t))),
            text(50, up(t) + 4, number(t, 0), size=11, anchor="end", fill=SOFT),
        ]
    for t in across.ticks(7):
        out.append(text(across(t), 318, f"{t:.0f}", size=11, anchor="middle", fill=SOFT))
    levels: dict[float, list[float]] = {}
    for row in targets.itertuples(index=False):
        end = row.deadline if row.deadline == row.deadline else last + 1
        out.append(
            line(
                (across(row.stated), up(row.value)),
                (across(end), up(row.value)),
                stroke=COLOURS[3],
                width=1.6,
                dash="5 4",
            )
        )
        out.append(
            tag(
                "circle",
                cx=across(row.stated),
                cy=up(row.value),
                r=4,
                fill="#fff",
                stroke=COLOURS[3],
                stroke_width=2,
            )
        )
        levels.setdefault(float(row.value), []).append(float(row.stated))
    for value, stated in levels.items():
        words = f"target {number(value, 0)}, stated in {', '.join(f'{s:.0f}' for s in sorted(set(stated)))}"
        out.append(
            text(
                across(min(stated)) - 8,
                up(value) - 8,
                words,
                size=11,
                fill=TARGET_INK,
                anchor="start" if min(stated) < 2012 else "end" if min(stated) > 2016 else "middle",
            )
        )
    for year, value, kind in points:
        out.append(_mark(across(year), up(value), kind))
    keys, used = legend(
        [(c, n) for n, c, _ in SERIES_KINDS] + [(COLOURS[3], "official target, not a forecast")],
        56,
        340,
        700,
    )
    return figure(
        760,
        345 + used,
        joined(out) + keys,
        f"Published trade of {pair} by year, with official targets",
    )


def _mark(x: float, y: float, kind: int) -> Markup:
    colour, shape = SERIES_KINDS[kind][1], SERIES_KINDS[kind][2]
    style: dict[str, Any] = {
        "fill": colour,
        "fill_opacity": 0.75,
        "stroke": "#fff",
        "stroke_width": 1,
    }
    if shape == "circle":
        return tag("circle", cx=x, cy=y, r=5, **style)
    if shape == "square":
        return tag("rect", x=x - 4.5, y=y - 4.5, width=9, height=9, **style)
    return path([(x, y - 6), (x + 6, y), (x, y + 6), (x - 6, y)], closed=True, **style)


def _year(words: str) -> float:
    """The year a figure stands for; an Iranian year 2021/22 lies between two."""
    match = re.match(r"(\d{4})(/\d{2})?", str(words))
    return float(match[1]) + (0.5 if match[2] else 0.0) if match else float("nan")


def validation_chart(rows: pd.DataFrame, kind: str, unit: str) -> Markup:
    """Modelled against published values of the scored rows, log axes, P10 to P90 as bars."""
    published, low, middle, high = (
        rows[c] for c in (f"published_{kind}", f"{kind}_p10", f"{kind}_p50", f"{kind}_p90")
    )
    least = 0.8 * min(published.min(), low.min())
    most = 1.2 * max(published.max(), high.max())
    across, up = Scale(least, most, 52, 340, log=True), Scale(least, most, 300, 20, log=True)
    out = []
    for t in across.ticks():
        out += [
            line((across(t), 20), (across(t), 300)),
            line((52, up(t)), (340, up(t))),
            text(across(t), 316, number(t, 0), size=10, anchor="middle", fill=SOFT),
            text(47, up(t) + 4, number(t, 0), size=10, anchor="end", fill=SOFT),
        ]
    out.append(line((52, 300), (340, 20), stroke=INK, width=1.2))
    for factor in (1.25, 0.8):
        a, b = least, most / max(factor, 1)
        a = max(a, least / factor)
        out.append(
            line(
                (across(a), up(a * factor)),
                (across(b), up(b * factor)),
                stroke=SOFT,
                width=0.8,
                dash="3 3",
            )
        )
    for p, a, m, b, name in zip(published, low, middle, high, rows["id"], strict=True):
        inside = a <= p <= b
        colour = COLOURS[0] if inside else COLOURS[1]
        out.append(line((across(p), up(a)), (across(p), up(b)), stroke=colour, width=1.3))
        out.append(
            tag(
                "circle",
                tag("title", f"{name}: published {number(p)}, modelled {number(m)} {unit}"),
                cx=across(p),
                cy=up(m),
                r=3.4,
                fill=colour,
            )
        )
    out.append(text(196, 334, f"published, {unit}", size=11, anchor="middle", fill=SOFT))
    out.append(text(12, 12, f"modelled, {unit}", size=11, fill=SOFT))
    return figure(360, 342, joined(out), f"Modelled against published {unit}")


__all__ = [
    "ELEMENT_COLOURS",
    "GRID",
    "PARTS",
    "distance_charts",
    "stacked_bars",
    "trade_chart",
    "validation_chart",
]

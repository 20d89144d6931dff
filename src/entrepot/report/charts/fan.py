"""Fan chart: trade by year in three outlooks, with what was published before and the target."""

from __future__ import annotations

import pandas as pd
from markupsafe import Markup

from entrepot.report.charts.svg import (
    COLOURS,
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

OUTLOOKS = {
    "none": ("no promise kept", COLOURS[7], "2 4"),
    "likely": ("kept as often and as late as is usual", COLOURS[0], None),
    "all": ("all kept on their dates", COLOURS[2], "8 3"),
}
TARGET_INK = "#8a3d6b"
LEFT, RIGHT, TOP, BOTTOM = 56.0, 620.0, 26.0, 360.0
# Labels at the right end keep this distance.
APART = 14.0


def fan_chart(paths: pd.DataFrame, points: pd.DataFrame, target: float | None, pair: str) -> Markup:
    """P50 lines in P10 to P90 bands, and the target as a dashed line.

    paths  : table target_paths
    points : columns year, value (million USD) of published turnover of calendar years
    target : million USD a year; None for none
    """
    first = float(min([*points["year"], paths["year"].min()]))
    last = float(paths["year"].max())
    most = max([*points["value"], paths["trade_musd_p90"].max(), target or 0.0])
    across = Scale(first - 0.6, last, LEFT, RIGHT)
    up = Scale(0.0, most * 1.08, BOTTOM, TOP)
    out = [text(12, 14, "million USD a year", size=12, fill=SOFT)]
    for t in up.ticks(6):
        out += [
            line((LEFT, up(t)), (RIGHT, up(t))),
            text(LEFT - 6, up(t) + 4, number(t, 0), size=11, anchor="end", fill=SOFT),
        ]
    for t in across.ticks(8):
        out.append(text(across(t), BOTTOM + 18, f"{t:.0f}", size=11, anchor="middle", fill=SOFT))
    ends: list[tuple[float, str, str]] = []
    bands, lines = [], []
    for name, (_, colour, dash) in OUTLOOKS.items():
        own = paths[paths["scenario"] == name].sort_values("year")
        if not len(own):
            continue
        x = [across(float(y)) for y in own["year"]]
        low = [up(v) for v in own["trade_musd_p10"]]
        mid = [up(v) for v in own["trade_musd_p50"]]
        high = [up(v) for v in own["trade_musd_p90"]]
        shape = [*zip(x, low, strict=True), *reversed(list(zip(x, high, strict=True)))]
        bands.append(path(shape, closed=True, fill=colour, fill_opacity=0.16))
        lines.append(
            path(list(zip(x, mid, strict=True)), fill="none", stroke=colour, stroke_width=2.4,
                 stroke_dasharray=dash)
        )  # fmt: skip
        ends.append((mid[-1], number(float(own["trade_musd_p50"].iloc[-1]), 0), colour))
    out += bands + lines
    start = across(float(paths["year"].min()) - 0.5)
    out += [
        line((start, TOP), (start, BOTTOM), stroke=SOFT, width=1.0, dash="1 3"),
        text(start - 5, TOP + 76, "published", size=11, anchor="end", fill=SOFT),
        text(start + 5, TOP + 76, "model", size=11, fill=SOFT),
    ]
    if target is not None:
        out += [
            line((LEFT, up(target)), (RIGHT, up(target)), stroke=TARGET_INK, width=1.8, dash="6 4"),
            text(LEFT + 4, up(target) - 6, f"{number(target, 0)}: official target, not a forecast",
                 size=12, fill=TARGET_INK),
        ]  # fmt: skip
    for r in points.itertuples(index=False):
        dot = tag("title", f"{r.year:.0f}: {number(float(r.value), 0)} million USD, as published")
        out.append(
            tag("circle", dot, cx=across(float(r.year)), cy=up(float(r.value)), r=4.2, fill=INK,
                fill_opacity=0.75, stroke="#fff", stroke_width=1)
        )  # fmt: skip
    for y, words, colour in apart(ends):
        out.append(text(RIGHT + 8, y + 4, f"{words} in {last:.0f}", size=12, fill=colour))
    names = [(o[1], o[0]) for k, o in OUTLOOKS.items() if (paths["scenario"] == k).any()]
    dashes = [o[2] for k, o in OUTLOOKS.items() if (paths["scenario"] == k).any()]
    keys, used = legend(names, LEFT, BOTTOM + 42, 690, dashes=dashes)
    title = f"Trade of {pair} by year in three outlooks, beside the official target"
    return figure(760, BOTTOM + 42 + used, joined(out) + keys, title)


def apart(ends: list[tuple[float, str, str]]) -> list[tuple[float, str, str]]:
    """Labels pushed down until none covers another, highest first."""
    out: list[tuple[float, str, str]] = []
    for y, words, colour in sorted(ends):
        if out and y < out[-1][0] + APART:
            y = out[-1][0] + APART
        out.append((y, words, colour))
    return out

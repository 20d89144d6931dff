"""Bars to a middle value with a line from low to high."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from entrepot.report.charts.svg import (
    COLOURS,
    GRID,
    SOFT,
    Scale,
    figure,
    joined,
    line,
    number,
    tag,
    text,
)

Bar = tuple[str, float, float, float]
DIM = ("all else", "everything")


def range_bars(rows: Sequence[Bar], unit: str, title: str) -> Markup:
    """Horizontal bars to P50 with a line from P10 to P90. rows: (name, p10, p50, p90)."""
    left, right = 190.0, 740.0
    least = min(0.0, *(r[1] for r in rows))
    most = max(r[3] for r in rows)
    across = Scale(least, most * 1.02 if most > 0 else 1.0, left, right)
    bottom = 8.0 + 26 * len(rows)
    out = []
    for t in across.ticks(6):
        out += [
            line((across(t), 4), (across(t), bottom), stroke=GRID),
            text(across(t), bottom + 15, number(t, 0), size=11, anchor="middle", fill=SOFT),
        ]
    for k, (name, low, mid, high) in enumerate(rows):
        y = 8.0 + 26 * k
        start, end = sorted((across(0.0), across(mid)))
        dim = name.startswith(DIM)
        out += [
            text(left - 8, y + 14, name, size=12, anchor="end"),
            tag(
                "rect",
                tag("title", f"{name}: {number(mid)} ({number(low)}–{number(high)}) {unit}"),
                x=start, y=y + 3, width=max(end - start, 0.8), height=14.0,
                fill=COLOURS[7] if dim else COLOURS[0], fill_opacity=0.55 if dim else 0.85,
            ),
            line((across(low), y + 10), (across(high), y + 10), stroke="#1d2733", width=1.4),
            line((across(low), y + 6), (across(low), y + 14), stroke="#1d2733", width=1.4),
            line((across(high), y + 6), (across(high), y + 14), stroke="#1d2733", width=1.4),
        ]  # fmt: skip
    out.append(text(right, bottom + 32, unit, size=11, anchor="end", fill=SOFT))
    return figure(760, bottom + 38, joined(out), title)

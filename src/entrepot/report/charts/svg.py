"""Small parts for charts: escaped text, scales, ticks, frames. All charts are plain SVG."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

INK, SOFT, GRID = "#1d2733", "#5b6875", "#dde3e9"
# Okabe & Ito (2008): eight colours that colour-blind readers can tell apart
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c6d00", "#444444")


def tag(name: str, content: object = "", **attributes: Any) -> Markup:
    """One element; what is not markup already is escaped, so text from data stays text.

    attributes : underscores in names become hyphens, a trailing one is dropped; None leaves one out
    """
    parts = []
    for key, value in attributes.items():
        if value is None:
            continue
        shown = f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
        parts.append(f' {key.rstrip("_").replace("_", "-")}="{escape(shown)}"')
    start, inside = f"<{name}{''.join(parts)}", escape(content)
    return Markup(f"{start}>{inside}</{name}>" if inside else f"{start}/>")


def joined(parts: Iterable[str]) -> Markup:
    """Elements one after another."""
    return Markup("").join(parts)


def text(
    x: float,
    y: float,
    words: object,
    *,
    size: int = 12,
    anchor: str = "start",
    fill: str = INK,
) -> Markup:
    """A label."""
    return tag(
        "text",
        words,
        x=float(x),
        y=float(y),
        font_size=size,
        text_anchor=anchor,
        fill=fill,
    )


def line(
    start: tuple[float, float],
    end: tuple[float, float],
    *,
    stroke: str = GRID,
    width: float = 1.0,
    dash: str | None = None,
) -> Markup:
    """A straight line between two points."""
    return tag(
        "line",
        x1=float(start[0]),
        y1=float(start[1]),
        x2=float(end[0]),
        y2=float(end[1]),
        stroke=stroke,
        stroke_width=width,
        stroke_dasharray=dash,
    )


def path(
    points: Sequence[tuple[float, float]], *, closed: bool = False, **attributes: Any
) -> Markup:
    """A line through points."""
    d = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) + ("Z" if closed else "")
    return tag("path", d=d, **attributes)


def figure(width: float, height: float, content: Markup, title: str) -> Markup:
    """An SVG drawing that scales with the page; title is what a screen reader says."""
    return tag(
        "svg",
        tag("title", title) + content,
        viewBox=f"0 0 {width:g} {height:g}",
        role="img",
        xmlns="http://www.w3.org/2000/svg",
        font_family="system-ui, sans-serif",
    )


@dataclass(frozen=True, slots=True)
class Scale:
    """From values to pixels, straight or logarithmic."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __call__(self, value: float) -> float:
        low, high, v = self.low, self.high, value
        if self.log:
            low, high, v = math.log(low), math.log(high), math.log(max(value, 1e-12))
        return self.start + (v - low) / (high - low) * (self.end - self.start)

    def ticks(self, about: int = 5) -> list[float]:
        """Round values inside the scale."""
        if self.log:
            powers = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
            out = [m * 10.0**p for p in powers for m in (1, 2, 5)]
            return [t for t in out if self.low <= t <= self.high]
        step = nice((self.high - self.low) / about)
        first = math.ceil(self.low / step - 1e-9)
        return [i * step for i in range(first, math.floor(self.high / step + 1e-9) + 1)]


def nice(value: float) -> float:
    """The next round number: 1, 2, 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(max(value, 1e-12)))
    return next(m * power for m in (1, 2, 5, 10) if m * power >= value * 0.999)


def number(value: float, digits: int | None = None) -> str:
    """A number for people: thousands separated, as many digits as make sense."""
    if value != value:
        return ""
    if digits is None:
        size = abs(value)
        digits = 0 if size >= 20 or size == 0 else 1 if size >= 1 else 2
    return f"{value:,.{digits}f}"


def legend(
    items: Sequence[tuple[str, str]],
    x: float,
    y: float,
    room: float,
    dashes: Sequence[str | None] | None = None,
) -> tuple[Markup, float]:
    """Colour keys in a row that breaks; gives the drawing and the height used.

    dashes : patterns of lines, where the keys stand for lines
    """
    out, left, top = [], x, y
    sample = 12 if dashes is None else 30
    for i, (colour, words) in enumerate(items):
        width = sample + 10 + 6.6 * len(words)
        if left + width > x + room and left > x:
            left, top = x, top + 18
        if dashes is None:
            out.append(tag("rect", x=left, y=top - 9, width=sample, height=10, fill=colour))
        else:
            out.append(
                tag(
                    "line",
                    x1=left,
                    y1=top - 4,
                    x2=left + sample,
                    y2=top - 4,
                    stroke=colour,
                    stroke_width=2.6,
                    stroke_linecap="round",
                    stroke_dasharray=dashes[i],
                )
            )
        out.append(text(left + sample + 5, top, words, size=11))
        left += width + 8
    return joined(out), top - y + 18

"""Answers as GeoJSON (RFC 7946): routes as lines, rows with coordinates as points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from entrepot.answers.writers.cells import rows_of
from entrepot.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

Point = tuple[float, float]


def geojson(tables: Mapping[str, pd.DataFrame], flags: Sequence[str]) -> dict[str, Any]:
    """A FeatureCollection whose member `legal_flags` holds all flags of the answer.

    tables : as made by `writers.flagged`, so that every feature has the flags of its own
    Raises UsageError where no table has coordinates.
    """
    if {"routes", "route_points"} <= set(tables):
        features = _routes(tables["routes"], tables["route_points"])
    else:
        placed = [t for t in tables.values() if {"lat", "lon"} <= set(t.columns)]
        if not placed:
            raise UsageError(
                "This answer has no geography: none of its tables has coordinates "
                f"({', '.join(tables)})."
            )
        features = _points(placed[0])
    return {"type": "FeatureCollection", "legal_flags": list(flags), "features": features}


def _routes(routes: pd.DataFrame, points: pd.DataFrame) -> list[dict[str, Any]]:
    features = []
    for row in rows_of(routes):
        own = points[points["route_id"] == row["route_id"]]
        lines = split_at_antimeridian(list(zip(own["lon"], own["lat"], strict=True)))
        geometry = None
        if len(lines) == 1:
            geometry = {"type": "LineString", "coordinates": lines[0]}
        elif lines:
            geometry = {"type": "MultiLineString", "coordinates": lines}
        features.append({"type": "Feature", "properties": row, "geometry": geometry})
    return features


def _points(table: pd.DataFrame) -> list[dict[str, Any]]:
    features = []
    for row in rows_of(table):
        lon, lat = row["lon"], row["lat"]
        known = lon is not None and lat is not None
        geometry = {"type": "Point", "coordinates": [lon, lat]} if known else None
        features.append({"type": "Feature", "properties": row, "geometry": geometry})
    return features


def split_at_antimeridian(points: Sequence[Point]) -> list[list[list[float]]]:
    """A line cut where it crosses 180 degrees, as RFC 7946 asks. Points are (lon, lat)."""
    if not points:
        return []
    lines = [[[float(points[0][0]), float(points[0][1])]]]
    for (x0, y0), (x1, y1) in pairwise(points):
        if abs(x1 - x0) > 180:
            edge = 180.0 if x0 > 0 else -180.0
            far = x1 + 2 * edge
            y = float(y0 + (y1 - y0) * (edge - x0) / (far - x0))
            lines[-1].append([edge, y])
            lines.append([[-edge, y]])
        lines[-1].append([float(x1), float(y1)])
    return lines

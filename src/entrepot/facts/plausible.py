"""Values that are numbers but in the wrong unit: metres per second, miles, days, minutes."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from entrepot.errors import Finding
from entrepot.facts.view import great_circle, length_bounds

if TYPE_CHECKING:
    from entrepot.facts.view import View

SPEED_KMH = {
    "rail": (10, 90),
    "road": (10, 80),
    "sea": (12, 45),
    "ferry_rail": (12, 45),
    "ferry_roro": (12, 50),
    "inland_waterway": (6, 25),
}
RATE_PER_TKM = {
    "rail": (0.004, 0.15),
    "road": (0.01, 0.4),
    "sea": (0.0008, 0.08),
    "ferry_rail": (0.008, 0.2),
    "ferry_roro": (0.015, 0.2),
    "inland_waterway": (0.003, 0.05),
}
# Table, column of the median, least and most hours. A border between members of a customs union
# may take no time at all; a terminal or a ship may not.
MEDIAN_HOURS = (
    ("transfers", "hours_p50", 1.5, 400),
    ("border_crossings", "hours_p50", 0, 200),
    ("services", "waiting_hours_p50", 1.5, 400),
)
ORDERED = (
    ("parameters", ("low", "value", "high")),
    ("commodities", ("usd_per_t_low", "usd_per_t", "usd_per_t_high")),
    ("emission_factors", ("low", "g_per_tkm", "high")),
    ("tariffs", ("rate_low", "rate", "rate_high")),
    ("payment_friction", ("share_low", "share", "share_high")),
    ("pipeline_shares", ("share_low", "share", "share_high")),
    ("route_benchmarks", ("transit_days_low", "transit_days_typical", "transit_days_high")),
    ("route_benchmarks", ("cost_usd_low", "cost_usd_typical", "cost_usd_high")),
)


def check_units(view: View) -> Iterator[Finding]:
    """Speeds, rates, hours and coordinates that look like another unit or order."""
    yield from _speeds(view)
    yield from _rates(view)
    yield from _hours(view)
    yield from _coordinates(view)
    yield from _ordered(view)


def _speeds(view: View) -> Iterator[Finding]:
    for at, row in view.rows("modes"):
        speed = view.number(row["speed_kmh"])
        low, high = SPEED_KMH.get(row["mode"], (0, 1e9))
        if not speed > 0 or low <= speed <= high:
            continue
        tip = ""
        if speed < low and low <= 3.6 * speed <= high:
            tip = "The value looks like m/s."
        elif speed < low and low <= 24 * speed:
            tip = "Is it in another unit?"
        elif speed > high and low <= speed / 24 <= high:
            tip = "The value looks like km a day."
        yield view.fault("modes", at, "speed_kmh", f"{low} to {high} km/h by {row['mode']}", tip)


def _rates(view: View) -> Iterator[Finding]:
    for at, row in view.rows("modes"):
        rate, box = view.number(row["usd_per_tkm"]), view.number(row["usd_per_teu_km"])
        low, high = RATE_PER_TKM.get(row["mode"], (0, 1e9))
        if rate > 0 and not low <= rate <= high:
            tip = "The value looks like a rate per box or truck." if rate > high else ""
            yield view.fault(
                "modes", at, "usd_per_tkm", f"{low} to {high} USD/t-km by {row['mode']}", tip
            )
        if rate > 0 and box > 0 and not 5 <= box / rate <= 30:
            expected = f"5 to 30 times usd_per_tkm ({row['usd_per_tkm']})"
            yield view.fault("modes", at, "usd_per_teu_km", expected)


def _hours(view: View) -> Iterator[Finding]:
    for table, column, least, most in MEDIAN_HOURS:
        for at, row in view.rows(table):
            hours = view.number(row[column])
            if least <= hours <= most or not math.isfinite(hours) or hours < 0:
                continue
            tip = ""
            if hours > most and least <= hours / 60 <= most:
                tip = "The value looks like minutes."
            elif 0 < hours < least <= 24 * hours:
                tip = "The value looks like days."
            yield view.fault(table, at, column, f"{least} to {most} h at the median", tip)


def _coordinates(view: View) -> Iterator[Finding]:
    """A node that fits the lengths of its links only with other coordinates."""
    links: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for _, row in view.rows("links"):
        a, b, km = row["from_node_id"], row["to_node_id"], view.number(row["length_km"])
        if a in view.nodes and b in view.nodes and km > 0:
            links[a].append((b, km))
            links[b].append((a, km))
    for at, row in view.rows("nodes"):
        lat, lon = view.number(row["lat"]), view.number(row["lon"])
        ends = links[row["node_id"]]
        fits = _fits(view, ends, lat, lon)
        if not ends or fits > len(ends) / 2:
            continue
        others = (
            ("lat", lon, lat, "Latitude and longitude look exchanged."),
            ("lat", -lat, lon, "The sign of the latitude looks wrong."),
            ("lon", lat, -lon, "The sign of the longitude looks wrong."),
        )
        for column, other_lat, other_lon, tip in others:
            if _fits(view, ends, other_lat, other_lon) == len(ends):
                expected = f"a {'latitude' if column == 'lat' else 'longitude'} near its links"
                yield view.fault("nodes", at, column, expected, tip)


def _fits(view: View, ends: list[tuple[str, float]], lat: float, lon: float) -> int:
    """How many links could have their length with one end here."""
    count = 0
    for node, length in ends:
        other = view.nodes[node]
        straight = great_circle(lat, lon, view.number(other["lat"]), view.number(other["lon"]))
        low, high = length_bounds(straight)
        count += low <= length <= high
    return count


def _ordered(view: View) -> Iterator[Finding]:
    """Low, middle and high values in this order where they are given."""
    for table, columns in ORDERED:
        for at, row in view.rows(table):
            for lower, upper in pairwise(c for c in columns if row[c]):
                if view.number(row[lower]) > view.number(row[upper]):
                    expected = f"a value not below {lower} ({row[lower]})"
                    yield view.fault(table, at, upper, expected)

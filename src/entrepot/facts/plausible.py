"""Values that are numbers but in the wrong unit: metres per second, miles, days, minutes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from entrepot.schema.check import Finding

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
MOST_HOURS = {"transfers": 400, "border_crossings": 200, "services": 400}
LEAST_LONG_HOURS = 0.5


def check_units(view: View) -> Iterator[Finding]:
    """Speeds, rates, hours and coordinates that look like another unit."""
    yield from _speeds(view)
    yield from _rates(view)
    yield from _hours(view)
    yield from _coordinates(view)


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
    names = {"services": "waiting_hours_p50"}
    for table, most in MOST_HOURS.items():
        column = names.get(table, "hours_p50")
        for at, row in view.rows(table):
            hours = view.number(row[column])
            if hours > most:
                tip = "The value looks like minutes." if hours / 60 <= most else ""
                yield view.fault(table, at, column, f"at most {most} h at the median", tip)


def _coordinates(view: View) -> Iterator[Finding]:
    """A node far from all its neighbours, and near them with latitude and longitude exchanged."""
    neighbours: dict[str, list[str]] = defaultdict(list)
    for _, row in view.rows("links"):
        neighbours[row["from_node_id"]].append(row["to_node_id"])
        neighbours[row["to_node_id"]].append(row["from_node_id"])
    for at, row in view.rows("nodes"):
        near = [n for n in neighbours[row["node_id"]] if n in view.nodes]
        lat, lon = view.number(row["lat"]), view.number(row["lon"])
        if not near or not -90 <= lon <= 90:
            continue
        others = [
            (view.number(view.nodes[n]["lat"]), view.number(view.nodes[n]["lon"])) for n in near
        ]
        as_is = min(abs(lat - a) + abs(lon - b) for a, b in others)
        swapped = min(abs(lon - a) + abs(lat - b) for a, b in others)
        if as_is > 25 and swapped < 0.4 * as_is:
            yield view.fault(
                "nodes", at, "lat", "a latitude", "Latitude and longitude look exchanged."
            )

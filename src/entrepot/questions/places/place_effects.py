"""Where a day or a dollar saved brings most: slopes by arc gathered by place.

A place is a land border, a port, a gauge break, another terminal, a sailing or a section of a line,
both directions together. The slopes come from one adjoint solve (`equilibrium/sensitivity.py`);
the naive ones beside them are what traffic alone would say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from entrepot.equilibrium.loop import Equilibrium
from entrepot.equilibrium.sensitivity import Gradient
from entrepot.flows.congestion import PORT_STEPS
from entrepot.kernels.arrays import FloatArray
from entrepot.network.graph import MODES, ArcKind, Network

HOURS = 24.0
MOST = 20
# Where people wait; a line can be made faster too, but seldom by a day.
STANDING = ("border", "port", "gauge", "terminal", "sailing")


@dataclass(frozen=True, slots=True)
class PlaceEffect:
    """A place and its arcs.

    share : what a passage spends on each arc of it: a half where a line is two arcs
    """

    id: str
    kind: str
    name: str
    mode: str
    countries: tuple[str, ...]
    lat: float
    lon: float
    arcs: tuple[int, ...]
    share: float


def places_of(network: Network) -> tuple[PlaceEffect, ...]:
    """All places of a network, in arc order."""
    groups: dict[tuple[str, str, str], list[int]] = {}
    for a in range(network.n_arc):
        groups.setdefault(_key(network, a), []).append(a)
    return tuple(_place(network, *key, tuple(arcs)) for key, arcs in groups.items())


def _key(network: Network, a: int) -> tuple[str, str, str]:
    """(kind, id, mode) of the place an arc belongs to."""
    kind, link = int(network.kind[a]), int(network.link[a])
    mode = MODES[network.mode[a]] if network.mode[a] >= 0 else ""
    if kind == ArcKind.BORDER:
        return "border", network.link_id[link], mode
    if kind == ArcKind.HAUL:
        return "line", network.link_id[link], mode
    if kind == ArcKind.BOARD:
        return "sailing", network.link_id[link], mode
    node = network.place_id[network.place[a]]
    if network.step[a] == "gauge_break":
        return "gauge", node, ""
    if network.step[a] in PORT_STEPS:
        return "port", node, ""
    return "terminal", node, ""


def _place(network: Network, kind: str, name: str, mode: str, arcs: tuple[int, ...]) -> PlaceEffect:
    a = arcs[0]
    link = int(network.link[a])
    if kind in ("border", "line", "sailing"):
        ends = [int(network.link_from[link]), int(network.link_to[link])]
    else:
        ends = [int(network.place[a])]
    shown = " – ".join(network.place_name[e].split(" (")[0] for e in ends)
    countries = tuple(dict.fromkeys(network.place_country[e] for e in ends))
    lat = float(np.mean([network.place_lat[e] for e in ends]))
    lon = _middle([float(network.place_lon[e]) for e in ends])
    # A line over a border is two arcs each way.
    halves = kind == "line" and len(arcs) == 4
    return PlaceEffect(name, kind, shown, mode, countries, lat, lon, arcs, 0.5 if halves else 1.0)


def _middle(lon: Sequence[float]) -> float:
    """Mean of longitudes, over the date line where that is nearer."""
    if max(lon) - min(lon) > 180:
        lon = [x + 360 if x < 0 else x for x in lon]
    return (float(np.mean(lon)) + 180) % 360 - 180


def place_effects(
    found: Equilibrium,
    slopes: Gradient,
    drawn: Sequence[FloatArray] = (),
    *,
    most: int = MOST,
    kinds: Sequence[str] = STANDING,
) -> pd.DataFrame:
    """Table place_effects: the places with the largest gain for a day.

    drawn : (A,) slopes of the same objective by hours in each draw, for P10 and P90
    kinds : of the places
    """
    network = found.world.response.model.session.network
    places = [p for p in places_of(network) if p.kind in kinds]
    hours = arc_hours(found)
    gains = np.array([gain_of(p, slopes.by_hour) for p in places])
    order = np.argsort(-gains, kind="stable")[:most]
    rows = []
    for rank, k in enumerate(order.tolist(), start=1):
        place = places[k]
        if gains[k] <= 0:
            break
        over = [HOURS * gain_of(place, g) for g in drawn]
        p10, p90 = np.percentile(over, (10, 90)) if over else (np.nan, np.nan)
        rows.append(
            {
                "objective": slopes.objective.name,
                "rank": rank,
                "place": place.id,
                "kind": place.kind,
                "name": place.name,
                "mode": place.mode,
                "countries": place.countries,
                "lat": place.lat,
                "lon": place.lon,
                "hours": passage_of(place, hours),
                "gain_per_day": HOURS * gains[k],
                "gain_per_day_p10": float(p10),
                "gain_per_day_p90": float(p90),
                "gain_per_usd_per_t": gain_of(place, slopes.by_usd),
                "gain_if_halved": gains[k] * passage_of(place, hours) / 2,
                "naive_per_day": HOURS * gain_of(place, slopes.naive_by_hour),
                "traffic_share": passage_of(place, slopes.traffic_share, total=True),
                "unit": slopes.objective.unit,
            }
        )
    return pd.DataFrame(rows, columns=COLUMNS)


COLUMNS = (
    "objective", "rank", "place", "kind", "name", "mode", "countries", "lat", "lon", "hours",
    "gain_per_day", "gain_per_day_p10", "gain_per_day_p90", "gain_per_usd_per_t", "gain_if_halved", "naive_per_day",
    "traffic_share", "unit",
)  # fmt: skip


def gain_of(place: PlaceEffect, slope: FloatArray) -> float:
    """Rise for one unit saved on every passage."""
    return -place.share * float(slope[list(place.arcs)].sum())


def passage_of(place: PlaceEffect, value: FloatArray, *, total: bool = False) -> float:
    """Value of a passage: mean over the directions, or their sum."""
    whole = place.share * float(value[list(place.arcs)].sum())
    if total:
        return whole
    return whole / (place.share * len(place.arcs)) * (2.0 if place.share == 0.5 else 1.0)


def arc_hours(found: Equilibrium) -> FloatArray:
    """(A,) median hours of arcs at the equilibrium, mean over the classes that can take them."""
    model = found.world.response.model
    total, count = np.zeros(model.routes.sets.n_arc), np.zeros(model.routes.sets.n_arc)
    for one in model.classes:
        costs = model.session.pricing(one.commodity, one.unit, model.on).costs
        total += np.where(costs.usable, costs.hours, 0.0)
        count += costs.usable
    hours = total / np.maximum(count, 1.0)
    spots = found.world.bottlenecks.of_arc
    on = spots >= 0
    hours[on] += found.point.hours[spots[on]]
    return np.asarray(hours)

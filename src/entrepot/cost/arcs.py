"""Hours and money of every arc, for one load unit and commodity on one date.

Money is in USD per tonne of cargo and keeps its parts; the value of time, reliability and
greenhouse gases are added only when a generalised cost is asked for. Hours are kept as P10, P50
and P90 with the *element* they depend on: all rail haulage in one country shares one speed, so
its error is drawn once and not once per link.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from entrepot.cost.cargo import Cargo
from entrepot.cost.seasons import apply_seasons
from entrepot.cost.spread import Z90, FloatArray, mean_ratio
from entrepot.network.graph import MODES, ArcKind, IntArray, Network

if TYPE_CHECKING:
    from entrepot.cost.when import When
    from entrepot.facts.world import World

PARTS = ("haulage", "handling", "border", "fee", "insurance")
HAULAGE, HANDLING, BORDER, FEE, INSURANCE = range(5)
_SURCHARGE_PART = {"haulage": HAULAGE, "fee": FEE, "insurance": INSURANCE}


@dataclass(frozen=True, slots=True)
class Elements:
    """Independent sources of error, shared by the arcs that depend on them.

    of_arc : (n_arc,) element of an arc, -1 where the value is certain or zero
    names  : (n_element,) what the source of error is
    low    : (n_element,) scale of the log below the median
    high   : (n_element,) above it
    """

    of_arc: IntArray
    names: tuple[str, ...]
    low: FloatArray
    high: FloatArray


@dataclass(frozen=True, slots=True)
class ArcCosts:
    """Cost of every arc for one cargo on one date.

    usable   : (n_arc,) whether this cargo can take the arc on the date
    hours    : (n_arc,) median hours
    time     : elements of the hours
    money    : (5, n_arc) USD/t by part, in the order of PARTS
    price    : elements of the money (haulage with its surcharges, handling, border fees)
    co2e     : (n_arc,) kg CO2e per t, well to wheel
    mode_row : (n_arc,) row of modes.csv used on a haul, -1 elsewhere
    season_rows : rows of seasons.csv that changed something
    """

    cargo: Cargo
    usable: NDArray[np.bool_]
    hours: FloatArray
    time: Elements
    money: FloatArray
    price: Elements
    co2e: FloatArray
    mode_row: IntArray
    season_rows: tuple[int, ...]

    def mean_hours(self) -> FloatArray:
        """(n_arc,) expected hours; they add up along a route, as medians do not."""
        return self.hours * self._by_arc(mean_ratio(self.time.low, self.time.high), 1.0)

    def hours_spread(self) -> FloatArray:
        """(n_arc,) half the range from P16 to P84, the robust standard deviation of the hours."""
        half = (np.exp(self.time.high) - np.exp(-self.time.low)) / 2
        return self.hours * self._by_arc(half, 0.0)

    def generalised(self) -> FloatArray:
        """(n_arc,) USD/t: money, value of time, reliability and greenhouse gases (eq. 12).

        Arcs that cannot be taken are infinite.
        """
        cargo = self.cargo
        hours = self.mean_hours() + cargo.reliability_ratio * self.hours_spread()
        cost = self.money.sum(axis=0) + cargo.usd_per_t_hour * hours
        cost += self.co2e / 1000 * cargo.co2e_price
        return np.where(self.usable, np.maximum(cost, 1e-6), np.inf)

    def _by_arc(self, per_element: FloatArray, otherwise: float) -> FloatArray:
        known = self.time.of_arc >= 0
        out = np.full(len(self.hours), otherwise)
        out[known] = per_element[self.time.of_arc[known]]
        return out


@dataclass(slots=True)
class _ElementBook:
    """Numbers sources of error as they are met."""

    keys: dict[str, int]
    low: list[float]
    high: list[float]

    @classmethod
    def empty(cls) -> _ElementBook:
        return cls({}, [], [])

    def number(self, key: str, p10: float, p90: float) -> int:
        """Element of a key; p10 and p90 are ratios to the median."""
        if key not in self.keys:
            self.keys[key] = len(self.low)
            self.low.append(-math.log(p10) / Z90 if p10 > 0 else 0.0)
            self.high.append(math.log(max(p90, 1.0)) / Z90)
        return self.keys[key]

    def freeze(self, of_arc: IntArray) -> Elements:
        return Elements(of_arc, tuple(self.keys), np.array(self.low), np.array(self.high))


def arc_costs(
    world: World, network: Network, cargo: Cargo, when: When, *, planned: bool = False
) -> ArcCosts:
    """Cost of every arc for a cargo on a date; closures by rules of passage come on top."""
    n = network.n_arc
    hours, co2e = np.zeros(n), np.zeros(n)
    money = np.zeros((len(PARTS), n))
    usable = network.operating | (network.planned & planned)
    usable &= network.opened_year <= when.day.year
    time_of, price_of = np.full(n, -1, dtype=np.int32), np.full(n, -1, dtype=np.int32)
    mode_row = np.full(n, -1, dtype=np.int32)
    clock, purse = _ElementBook.empty(), _ElementBook.empty()
    spreads, calibration = _Spreads(world), Calibration.of(world)

    _haulage(
        world,
        network,
        cargo,
        spreads,
        calibration,
        hours,
        money,
        co2e,
        usable,
        time_of,
        price_of,
        mode_row,
        clock,
        purse,
    )
    _fixed_steps(
        world, network, cargo, spreads, calibration, hours, money, time_of, price_of, clock, purse
    )
    origin = (network.kind == ArcKind.TERMINAL) & np.array(
        [network.vertex_layer[v] == "origin" for v in network.tail]
    )
    money[INSURANCE, origin] += cargo.insurance_usd_per_t
    season_rows = apply_seasons(world, network, when, hours, usable)
    return ArcCosts(
        cargo,
        usable,
        hours,
        clock.freeze(time_of),
        money,
        purse.freeze(price_of),
        co2e,
        mode_row,
        season_rows,
    )


@dataclass(frozen=True, slots=True)
class Calibration:
    """Two factors, fitted on the published routes as a whole and never on one of them.

    They act on values that are estimated or assumed; what was measured or published stays.
    speed : on speeds by rail and road; dwell: on hours of terminals, transfers, borders and waits;
    """

    speed: float
    dwell: float

    @classmethod
    def of(cls, world: World) -> Calibration:
        value = world.table("parameters").set_index("parameter")["value"]
        return cls(float(value["speed_factor"]), float(value["dwell_factor"]))

    @staticmethod
    def pick(factor: float, value_kind: str) -> float:
        """The factor where it applies, else one."""
        return factor if value_kind in ("estimated", "assumed") else 1.0


class _Spreads:
    """P10 and P90 over the median, by quantity, from uncertainty.csv."""

    def __init__(self, world: World) -> None:
        table = world.table("uncertainty")
        self._rows = {
            (r.quantity, r.applies_to): (float(r.p10_ratio), float(r.p90_ratio))
            for r in table.itertuples(index=False)
        }

    def of(self, quantity: str, applies_to: str = "*") -> tuple[float, float]:
        default = self._rows.get((quantity, "*"), (1.0, 1.0))
        return self._rows.get((quantity, applies_to), default)


def _haulage(
    world: World,
    network: Network,
    cargo: Cargo,
    spreads: _Spreads,
    calibration: Calibration,
    hours: FloatArray,
    money: FloatArray,
    co2e: FloatArray,
    usable: NDArray[np.bool_],
    time_of: IntArray,
    price_of: IntArray,
    mode_row: IntArray,
    clock: _ElementBook,
    purse: _ElementBook,
) -> None:
    """Speed, rate and emissions of movement; surcharges and delays of the line."""
    modes, services = world.table("modes"), world.table("services")
    rows = {
        (r.mode, r.area, r.vehicle_class): i for i, r in enumerate(modes.itertuples(index=False))
    }
    records = list(modes.itertuples(index=False))
    lines = list(services.itertuples(index=False))
    kinds, haul = network.kind.tolist(), int(ArcKind.HAUL)
    for a in np.flatnonzero(network.mode >= 0).tolist():
        mode, area = MODES[network.mode[a]], network.area[a]
        vehicle = cargo.vehicle_on(mode)
        row = rows.get((mode, area, vehicle), rows.get((mode, "*", vehicle), -1))
        if row < 0:
            usable[a] = False
            continue
        line = lines[network.parameter[a]] if mode in _LINES else None
        if line is not None and cargo.in_boxes and line.sailings_per_week == 0:
            usable[a] = False
            continue
        if kinds[a] != haul:
            continue
        record, km = records[row], network.km[a]
        mode_row[a] = row
        speed = 1.0
        if mode in ("rail", "road"):
            speed = calibration.pick(calibration.speed, record.speed_kind)
        hours[a] = km / (record.speed_kmh * speed)
        fast, slow = spreads.of("speed", mode)
        time_of[a] = clock.number(f"speed:{mode}:{area}", 1 / slow, 1 / fast)
        money[HAULAGE, a] = cargo.rate_usd_per_tkm(record) * km
        low, high = spreads.of("rate", record.rate_kind)
        price_of[a] = purse.number(f"rate:{mode}:{area}:{vehicle}", low, high)
        co2e[a] = record.co2e_g_per_tkm * km / 1000
        if line is not None:
            hours[a] += line.extra_hours
            money[_SURCHARGE_PART[line.surcharge_part], a] += cargo.surcharge_usd_per_t(line)


_LINES = ("sea", "ferry_rail", "ferry_roro", "inland_waterway")


def _fixed_steps(
    world: World,
    network: Network,
    cargo: Cargo,
    spreads: _Spreads,
    calibration: Calibration,
    hours: FloatArray,
    money: FloatArray,
    time_of: IntArray,
    price_of: IntArray,
    clock: _ElementBook,
    purse: _ElementBook,
) -> None:
    """Borders, transfers, terminals and waits for a sailing."""
    borders = list(world.table("border_crossings").itertuples(index=False))
    transfers = list(world.table("transfers").itertuples(index=False))
    services = list(world.table("services").itertuples(index=False))
    border, board = int(ArcKind.BORDER), int(ArcKind.BOARD)
    steps = (int(ArcKind.TRANSFER), int(ArcKind.TERMINAL))
    kinds = network.kind.tolist()
    for a in np.flatnonzero(network.parameter >= 0).tolist():
        kind, row = kinds[a], int(network.parameter[a])
        if kind == border:
            r = borders[row]
            p10, p50, p90 = r.hours_p10, r.hours_p50, r.hours_p90
            money[BORDER, a] = cargo.border_usd_per_t(r)
            posts = "-".join(sorted((r.node_a_id, r.node_b_id)))
            key = f"border:{posts}:{r.mode}"
            price_of[a] = purse.number(key, *spreads.of("border"))
        elif kind == board:
            r = services[row]
            p10, p50, p90 = r.waiting_hours_p10, r.waiting_hours_p50, r.waiting_hours_p90
            ports = (network.link_from[network.link[a]], network.link_to[network.link[a]])
            names = "-".join(sorted(network.place_id[p] for p in ports))
            key = f"wait:{names}:{MODES[network.mode[a]]}"
        elif kind in steps:
            r = transfers[row]
            p10, p50, p90 = r.hours_p10, r.hours_p50, r.hours_p90
            money[HANDLING, a] = cargo.handling_usd_per_t(r)
            key = f"{network.step[a]}:{network.place_id[network.place[a]]}"
            price_of[a] = purse.number(key, *spreads.of("handling"))
        else:
            continue
        hours[a] = p50 * calibration.pick(calibration.dwell, r.value_kind)
        if p50 > 0:
            time_of[a] = clock.number(key, p10 / p50, p90 / p50)

"""Price every arc: from the tables of facts to ArcCosts."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from entrepot.cost.arcs import (
    BORDER,
    FEE,
    HANDLING,
    HAULAGE,
    INSURANCE,
    PARTS,
    ArcCosts,
    Elements,
)
from entrepot.cost.seasons import apply_seasons
from entrepot.kernels.arrays import FloatArray, Int32Array
from entrepot.kernels.short_repr import short_repr
from entrepot.network.graph import MODES, WATER_MODES, ArcKind, Network
from entrepot.uncertainty.ranges import Z90
from entrepot.uncertainty.sources import member, of_mode

if TYPE_CHECKING:
    from entrepot.cost.cargo import Cargo
    from entrepot.cost.when import When
    from entrepot.facts.world import World

_SURCHARGE_PART = {"haulage": HAULAGE, "fee": FEE, "insurance": INSURANCE}
_LAND = ("rail", "road")


def arc_costs(
    world: World, network: Network, cargo: Cargo, when: When, *, planned: bool = False
) -> ArcCosts:
    """Cost of every arc for a cargo on a date; closures by rules of passage come on top.

    planned : whether links that are planned or under construction can be used
    """
    return insured(carriage_costs(world, network, cargo, when, planned=planned), network, cargo)


def insured(costs: ArcCosts, network: Network, cargo: Cargo) -> ArcCosts:
    """Costs of a load unit made those of a cargo in it: its insurance, paid where it starts."""
    money = costs.money.copy()
    terminals = np.flatnonzero(network.kind == ArcKind.TERMINAL)
    origin = [network.vertex_layer[v] == "origin" for v in network.tail[terminals].tolist()]
    money[INSURANCE, terminals[origin]] += cargo.insurance_usd_per_t
    return replace(costs, cargo=cargo, money=money)


def carriage_costs(
    world: World, network: Network, cargo: Cargo, when: When, *, planned: bool = False
) -> ArcCosts:
    """The same without insurance: alike for all commodities in the cargo's load unit."""
    usable = network.operating | (network.planned & planned)
    draft = _PriceDraft.of(network, cargo, usable & (network.opened_year <= when.day.year))
    tables = _Tables(world)
    _price_movement(draft, tables)
    _price_steps(draft, tables)
    season_rows = apply_seasons(world, network, when, draft.hours, draft.usable)
    return draft.freeze(season_rows)


@dataclass(frozen=True, slots=True)
class PriceCalibration:
    """Two factors, fitted on the published routes as a whole and never on one of them.

    They act on values that are estimated or assumed; what was measured or published stays.
    speed : on speeds by rail and road
    dwell : on hours of terminals, transfers, borders and waits
    """

    speed: float
    dwell: float

    @classmethod
    def of(cls, world: World) -> PriceCalibration:
        return cls(world.parameter("speed_factor"), world.parameter("dwell_factor"))

    @staticmethod
    def pick(factor: float, value_kind: str) -> float:
        """The factor where it applies, else one."""
        return factor if value_kind in ("estimated", "assumed") else 1.0


class _Spreads:
    """P10 and P90 over the median, by quantity, from uncertainty.csv."""

    def __init__(self, world: World) -> None:
        self._rows = {
            (r.quantity, r.applies_to): (float(r.p10_ratio), float(r.p90_ratio))
            for r in world.records("uncertainty")
        }

    def of(self, quantity: str, applies_to: str = "*") -> tuple[float, float]:
        default = self._rows.get((quantity, "*"), (1.0, 1.0))
        return self._rows.get((quantity, applies_to), default)


@short_repr
@dataclass(slots=True)
class _ElementBook:
    """Numbers sources of error as they are met."""

    keys: dict[str, int]
    common: list[str]
    low: list[float]
    high: list[float]

    @classmethod
    def empty(cls) -> _ElementBook:
        return cls({}, [], [], [])

    def number(self, source: str, element: str, p10: float, p90: float) -> int:
        """Number of an element of a source; p10 and p90 are ratios to the median."""
        key = member(source, element)
        if key not in self.keys:
            self.keys[key] = len(self.low)
            self.common.append(source)
            self.low.append(-math.log(p10) / Z90 if p10 > 0 else 0.0)
            self.high.append(math.log(max(p90, 1.0)) / Z90)
        return self.keys[key]

    def freeze(self, of_arc: Int32Array) -> Elements:
        names, common = tuple(self.keys), tuple(self.common)
        return Elements(of_arc, names, common, np.array(self.low), np.array(self.high))


class _Tables:
    """Rows of the parameter tables, read once."""

    def __init__(self, world: World) -> None:
        self.modes: list[Any] = world.records("modes")
        self.mode_rows = {(r.mode, r.area, r.vehicle_class): i for i, r in enumerate(self.modes)}
        self.services: list[Any] = world.records("services")
        self.borders: list[Any] = world.records("border_crossings")
        self.transfers: list[Any] = world.records("transfers")
        self.spreads = _Spreads(world)
        self.calibration = PriceCalibration.of(world)

    def mode_row(self, mode: str, area: str, vehicle: str) -> int:
        """Row of modes.csv for an area, else the default; -1 where there is none."""
        return self.mode_rows.get(
            (mode, area, vehicle), self.mode_rows.get((mode, "*", vehicle), -1)
        )


@short_repr
@dataclass(slots=True)
class _PriceDraft:
    """Arrays of ArcCosts while they are filled."""

    network: Network
    cargo: Cargo
    usable: NDArray[np.bool_]
    hours: FloatArray
    money: FloatArray
    co2e: FloatArray
    time_of: Int32Array
    price_of: Int32Array
    mode_row: Int32Array
    clock: _ElementBook = field(default_factory=_ElementBook.empty)
    purse: _ElementBook = field(default_factory=_ElementBook.empty)

    @classmethod
    def of(cls, network: Network, cargo: Cargo, usable: NDArray[np.bool_]) -> _PriceDraft:
        n = network.n_arc
        none = np.full(n, -1, dtype=np.int32)
        return cls(
            network,
            cargo,
            usable,
            np.zeros(n),
            np.zeros((len(PARTS), n)),
            np.zeros(n),
            none,
            none.copy(),
            none.copy(),
        )

    def freeze(self, season_rows: tuple[int, ...]) -> ArcCosts:
        return ArcCosts(
            self.cargo,
            self.usable,
            self.hours,
            self.clock.freeze(self.time_of),
            self.money,
            self.purse.freeze(self.price_of),
            self.co2e,
            self.mode_row,
            season_rows,
        )


def _price_movement(draft: _PriceDraft, tables: _Tables) -> None:
    """Speed, rate and emissions of movement; surcharges and delays of the line."""
    network, cargo = draft.network, draft.cargo
    for (code, area, service, hauled), arcs in _movements(network).items():
        mode = MODES[code]
        row = tables.mode_row(mode, area, cargo.vehicle_on(mode))
        line = tables.services[service] if mode in WATER_MODES else None
        idle = line is not None and cargo.in_boxes and line.sailings_per_week == 0
        if row < 0 or idle:
            draft.usable[arcs] = False
        elif hauled:
            draft.mode_row[arcs] = row
            _price_hauls(draft, tables, arcs, tables.modes[row], line)


def _movements(network: Network) -> dict[tuple[int, str, int, bool], Int32Array]:
    """Arcs alike in mode, area, row of services.csv (-1 on land) and whether they are hauls."""
    groups: dict[tuple[int, str, int, bool], list[int]] = {}
    moving = np.flatnonzero(network.mode >= 0)
    hauled = (network.kind[moving] == ArcKind.HAUL).tolist()
    modes, lines = network.mode[moving].tolist(), network.parameter[moving].tolist()
    on_water = [mode in WATER_MODES for mode in MODES]
    for a, mode, line, haul in zip(moving.tolist(), modes, lines, hauled, strict=True):
        key = (mode, network.area[a], line if on_water[mode] else -1, haul)
        groups.setdefault(key, []).append(a)
    return {key: np.array(arcs, dtype=np.int32) for key, arcs in groups.items()}


def _price_hauls(
    draft: _PriceDraft, tables: _Tables, arcs: Int32Array, rate: Any, line: Any
) -> None:
    """Movements alike. rate: row of modes.csv; line: row of services.csv on water, else None."""
    mode, area, km = rate.mode, draft.network.area[arcs[0]], draft.network.km[arcs]
    speed, spreads = rate.speed_kmh, tables.spreads
    if mode in _LAND:
        speed *= tables.calibration.pick(tables.calibration.speed, rate.speed_kind)
    draft.hours[arcs] = km / speed
    fast, slow = spreads.of("speed", mode)
    where = area if mode in _LAND else f"{mode}:{area}"
    source = of_mode("speed", mode)
    draft.time_of[arcs] = draft.clock.number(source, where, 1 / slow, 1 / fast)
    draft.money[HAULAGE, arcs] = draft.cargo.rate_usd_per_tkm(rate) * km
    source, key = of_mode("rate", mode), f"{where}:{rate.vehicle_class}"
    draft.price_of[arcs] = draft.purse.number(source, key, *spreads.of("rate", rate.rate_kind))
    draft.co2e[arcs] = rate.co2e_g_per_tkm * km / 1000
    if line is not None:
        draft.hours[arcs] += line.extra_hours
        part = _SURCHARGE_PART[line.surcharge_part]
        draft.money[part, arcs] += draft.cargo.surcharge_usd_per_t(line)


def _price_steps(draft: _PriceDraft, tables: _Tables) -> None:
    """Borders, transfers, terminals and waits for a sailing."""
    network, cargo, spreads = draft.network, draft.cargo, tables.spreads
    at_border, handled = spreads.of("border"), spreads.of("handling")
    arcs, stop, stops = _stops(network)
    hours, money = [0.0] * len(stops), [0.0] * len(stops)
    time_of, price_of = [-1] * len(stops), [-1] * len(stops)
    for i, (kind, row, step, at, mode) in enumerate(stops):
        if kind == ArcKind.BORDER:
            r = tables.borders[row]
            p10, p50, p90 = r.hours_p10, r.hours_p50, r.hours_p90
            source, key = "border", f"{'-'.join(sorted((r.node_a_id, r.node_b_id)))}:{r.mode}"
            money[i] = cargo.border_usd_per_t(r)
            price_of[i] = draft.purse.number("border_fee", key, *at_border)
        elif kind == ArcKind.BOARD:
            r = tables.services[row]
            p10, p50, p90 = r.waiting_hours_p10, r.waiting_hours_p50, r.waiting_hours_p90
            source, key = "dwell", f"wait:{_ports(network, at)}:{MODES[mode]}"
        else:
            r = tables.transfers[row]
            p10, p50, p90 = r.hours_p10, r.hours_p50, r.hours_p90
            source, key = "dwell", f"{step}:{network.place_id[at]}"
            money[i] = cargo.handling_usd_per_t(r)
            price_of[i] = draft.purse.number("handling", key, *handled)
        hours[i] = p50 * tables.calibration.pick(tables.calibration.dwell, r.value_kind)
        if p50 > 0:
            time_of[i] = draft.clock.number(source, key, p10 / p50, p90 / p50)
    part = np.where(network.kind[arcs] == ArcKind.BORDER, BORDER, HANDLING)
    draft.hours[arcs], draft.money[part, arcs] = np.array(hours)[stop], np.array(money)[stop]
    draft.time_of[arcs], draft.price_of[arcs] = np.array(time_of)[stop], np.array(price_of)[stop]


def _stops(network: Network) -> tuple[Int32Array, list[int], list[tuple[int, int, str, int, int]]]:
    """Arcs where cargo stands still, the stop of each, and the stops.

    A stop is a kind of arc, the row it is priced by, the step, the place (or the link where a ship is
    awaited) and the mode.
    """
    kinds = (ArcKind.BORDER, ArcKind.BOARD, ArcKind.TRANSFER, ArcKind.TERMINAL)
    arcs = np.flatnonzero((network.parameter >= 0) & np.isin(network.kind, kinds))
    board = network.kind[arcs] == ArcKind.BOARD
    at = np.where(board, network.link[arcs], network.place[arcs])
    keys = zip(
        network.kind[arcs].tolist(),
        network.parameter[arcs].tolist(),
        [network.step[a] for a in arcs.tolist()],
        at.tolist(),
        network.mode[arcs].tolist(),
        strict=True,
    )
    number: dict[tuple[int, int, str, int, int], int] = {}
    stop = [number.setdefault(key, len(number)) for key in keys]
    return arcs.astype(np.int32), stop, list(number)


def _ports(network: Network, link: int) -> str:
    ends = (int(network.link_from[link]), int(network.link_to[link]))
    return "-".join(sorted(network.place_id[p] for p in ends))

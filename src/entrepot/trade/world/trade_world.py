"""The trade world of the facts: who buys what from whom, at which duties and frictions.

    trade = TradeWorld.of_world(load_world())
    result = counterfactual(trade.baseline(), cost_hat=...)

Trade between economies is the table of totals split by the table of commodities. What a country
sells at home is not counted anywhere: its total comes from internal_trade.csv, and it is spread
over sectors in proportion to the square root of exports times imports of the sector, as if
selling abroad rather than at home were equally hard in every sector (the index of Head and
Ries 2001 at one elasticity).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from entrepot.errors import BadInputError, UnknownNameError, UsageError
from entrepot.facts.world import World
from entrepot.kernels.arrays import FloatArray
from entrepot.kernels.short_repr import short_repr
from entrepot.schema.check import is_day
from entrepot.trade.exact.baseline import Baseline
from entrepot.trade.readers import TradeFlows, read_flows
from entrepot.trade.world.commodities import Folding, elasticities
from entrepot.trade.world.friction import estimated_friction
from entrepot.trade.world.inverse_gravity import (
    Comparison,
    Pairs,
    compare,
    separation,
)
from entrepot.trade.world.wedges import (
    Places,
    payment_friction,
    tariffs,
    tariffs_known,
)
from entrepot.uncertainty.ranges import Range

REST = "ROW"
INTERNAL = {"goods": "from_goods_output_musd", "gdp": "from_gdp_musd"}


@short_repr
@dataclass(frozen=True, eq=False)
class TradeWorld:
    """Arrays of a world of trade. C commodities, J sectors, N economies, million USD a year.

    zones, names : (N,) codes, and names for people
    folding      : commodities and sectors
    value        : (C, N, N) trade between economies, [commodity, importer, exporter]
    flows        : (J, N, N) the same by sector, with domestic sales on the diagonal
    tariff       : (J, N, N) ad valorem duties on the day
    tariff_known : (N, N) whether a duty is in the facts; where not, it is part of what is unexplained
    friction     : (J, N, N) what paying costs, part of the value: estimated within bounds
    comparison   : what separates pairs, against pairs alike
    elasticity   : (J,) trade elasticity theta
    gdp          : (N,) million USD
    on           : day of the duties
    base_year    : year of the trade
    rebased      : pairs whose turnover was set by the caller
    notes        : what was done to the data
    """

    zones: tuple[str, ...]
    names: tuple[str, ...]
    folding: Folding
    value: FloatArray
    flows: FloatArray
    tariff: Range[FloatArray]
    tariff_known: NDArray[np.bool_]
    friction: Range[FloatArray]
    comparison: Comparison
    elasticity: Range[FloatArray]
    gdp: FloatArray
    on: date
    base_year: str
    places: Places
    rebased: tuple[frozenset[str], ...]
    notes: tuple[str, ...]

    @classmethod
    def of_world(
        cls,
        world: World,
        *,
        detail: str = "broad_group",
        on: date | None = None,
        internal: str = "goods",
        pair_values: Mapping[tuple[str, str], float] | None = None,
        flows: TradeFlows | None = None,
    ) -> TradeWorld:
        """The trade block's view of a world.

        detail      : sectors by `broad_group` or by `commodity`
        on          : day of the duties; None is the last day of the base year
        internal    : domestic sales from `goods` output or from `gdp`
        pair_values : turnover (million USD a year) by pair of codes in place of the facts';
                      both directions and all commodities are scaled alike
        flows       : trade of a file in place of the facts', by `read_trade`; its domestic sales
                      where it has them
        """
        if internal not in INTERNAL:
            raise UsageError(
                f"Unknown source of domestic sales '{internal}'. Known: {', '.join(INTERNAL)}."
            )
        table = world.table("zones").set_index("zone_id", drop=False)
        zones = tuple(table["zone_id"])
        notes: list[str] = []
        if flows is None:
            folding = Folding.of_world(world, detail)
            value, home = _values(world, zones, folding.commodities, notes), None
            base_year = world.meta.get("trade_base_year", "")
        else:
            zones, sectors, value, home = _from_file(flows, zones, notes)
            folding = Folding.of_sectors(world, sectors, detail)
            table = table.loc[list(zones)]
            base_year = str(flows.year or world.meta.get("trade_base_year", ""))
        for pair, musd in (pair_values or {}).items():
            value = _rebased(value, zones, pair, musd, notes)
        day = on or _last_day(base_year)
        places = Places.of_world(world, zones)
        whole = folding.total(value)
        diagonal = np.arange(len(zones))
        whole[:, diagonal, diagonal] = (
            _domestic(world, zones, whole, internal, notes) if home is None else folding.total(home)
        )
        theta = elasticities(world, folding, value)
        bounds = folding.means(payment_friction(world, places, folding.commodities), value)
        comparison = compare(separation(whole.sum(axis=0)), Pairs.of_world(world, zones))
        return cls(
            zones=zones,
            names=tuple(table["name"]),
            folding=folding,
            value=value,
            flows=whole,
            tariff=folding.means(tariffs(world, places, folding.commodities, day), value),
            friction=estimated_friction(bounds, comparison, mean_theta(theta.mid, whole)),
            tariff_known=tariffs_known(world, places, day),
            comparison=comparison,
            elasticity=theta,
            gdp=table["gdp_musd"].to_numpy(dtype=float),
            on=day,
            base_year=base_year,
            places=places,
            rebased=tuple(frozenset(pair) for pair in pair_values or ()),
            notes=tuple(notes),
        )

    @property
    def sectors(self) -> tuple[str, ...]:
        return self.folding.sectors

    def position(self, zone: str) -> int:
        """Place of an economy in the arrays."""
        if zone not in self.zones:
            raise UnknownNameError(zone, "economy (alpha-3 code)", self.known())
        return self.zones.index(zone)

    def known(self) -> list[str | tuple[str, str]]:
        """Codes, and codes with names, to look for near ones in."""
        return [*self.zones, *zip(self.zones, self.names, strict=True)]

    def duties_in(self, world: World, on: date | None = None) -> Range[FloatArray]:
        """(J, N, N) duties of other facts or another day, at the trade of this world."""
        places = Places.of_world(world, self.zones)
        found = tariffs(world, places, self.folding.commodities, on or self.on)
        return self.folding.means(found, self.value)

    def baseline(
        self,
        deficit: str = "proportional",
        *,
        elasticity: FloatArray | None = None,
        tariff: FloatArray | None = None,
    ) -> Baseline:
        """A consistent world to start from; middle values where none are given."""
        return Baseline.from_flows(
            self.flows,
            self.tariff.mid if tariff is None else tariff,
            self.elasticity.mid if elasticity is None else elasticity,
            deficit=deficit,
            zones=self.zones,
            sectors=self.sectors,
        )


def mean_theta(theta: FloatArray, flows: FloatArray) -> float:
    """One elasticity for all goods: geometric mean by what the world trades; flows (J, N, N)."""
    n = flows.shape[1]
    traded = flows.sum(axis=(1, 2)) - flows[:, np.arange(n), np.arange(n)].sum(axis=1)
    return float(np.exp(np.sum(traded * np.log(theta)) / traded.sum()))


def day_of(text: str) -> date:
    """A day from 2024-06-30; raises UsageError for anything else."""
    if not is_day(text):
        raise UsageError(f"Expected a day such as 2024-06-30, found '{text}'.")
    return date.fromisoformat(text)


def _last_day(year: str) -> date:
    if not (year.isascii() and year.isdigit() and len(year) == 4):
        raise BadInputError(
            f"world.toml: trade_base_year: found '{year}', expected a year such as 2023"
        )
    return date(int(year), 12, 31)


def _values(
    world: World, zones: tuple[str, ...], commodities: tuple[str, ...], notes: list[str]
) -> FloatArray:
    """(C, N, N) totals of pairs split by their commodities."""
    if not len(world.table("trade_totals")):
        raise BadInputError("This world has no trade: trade_totals.csv is missing or empty.")
    place = {z: k for k, z in enumerate(zones)}
    kind = {c: k for k, c in enumerate(commodities)}
    n = len(zones)
    total = np.zeros((n, n))
    rows = world.table("trade_totals")
    at = (rows["importer"].map(place).to_numpy(), rows["exporter"].map(place).to_numpy())
    np.add.at(total, at, rows["value_musd"].to_numpy(dtype=float))
    np.fill_diagonal(total, 0.0)
    cells = world.table("trade_by_commodity")
    if not len(cells):
        raise BadInputError("trade_by_commodity.csv is missing or empty: no flow has a commodity.")
    value = np.zeros((len(commodities), n, n))
    where = tuple(
        cells[column].map(index).to_numpy(dtype=np.intp)
        for column, index in (("commodity", kind), ("importer", place), ("exporter", place))
    )
    np.add.at(value, where, cells["value_musd"].to_numpy(dtype=float))
    value[:, np.arange(n), np.arange(n)] = 0.0
    known = value.sum(axis=0)
    bare = (total > 0) & (known <= 0)
    if bare.any():
        mix = value.sum(axis=1)[:, None, :] + value.sum(axis=(1, 2))[:, None, None] * 1e-9
        value += np.where(bare, total * mix / mix.sum(axis=0), 0.0)
        notes.append(
            f"{int(bare.sum())} pairs with a total but no commodities take the mix of their "
            f"exporter ({total[bare].sum():,.1f} million USD in all)."
        )
        known = value.sum(axis=0)
    scaled: FloatArray = value * np.divide(total, known, out=np.zeros_like(total), where=known > 0)
    return scaled


def read_trade(
    world: World,
    path: Path,
    format: str | None = None,
    year: int | None = None,
    unit: str | None = None,
) -> TradeFlows:
    """Trade of a file between the economies of a world, by its commodities where the codes are HS.

    Economies that the world does not have go into ROW, if it has that, or are left out; both are
    told in the notes. Raises what `read_flows` raises.
    """
    zones = tuple(world.table("zones")["zone_id"])
    rest = REST if REST in zones else None

    def read(products: World | None) -> TradeFlows:
        return read_flows(
            path, format, year=year, products=products, zones=zones, rest=rest, unit=unit
        )

    try:
        return read(world)
    except UsageError:
        # Sectors of the file's own do not fold into the world's.
        return read(None)


def _from_file(
    flows: TradeFlows, zones: tuple[str, ...], notes: list[str]
) -> tuple[tuple[str, ...], tuple[str, ...], FloatArray, FloatArray | None]:
    """Economies that both sell and buy, sectors they trade, (C, N, N) trade, (C, N) domestic sales."""
    if flows.zones != zones:
        raise UsageError("The flows were read for other economies; use read_trade.")
    notes += [str(note) for note in flows.notes]
    value = flows.arrays()[0]
    diagonal = np.arange(len(zones))
    home = value[:, diagonal, diagonal].copy()
    value[:, diagonal, diagonal] = 0.0
    kept = np.arange(len(zones))
    while True:  # who trades only with one that is dropped is dropped too
        part = value[:, kept[:, None], kept]
        trades = (part.sum(axis=(0, 1)) > 0) & (part.sum(axis=(0, 2)) > 0)
        if trades.all():
            break
        kept = kept[trades]
    if len(kept) < 2:
        raise BadInputError("The file has no two economies of this world that buy and sell.")
    if len(kept) < len(zones):
        lost = value.sum() - part.sum()
        gone = [z for k, z in enumerate(zones) if k not in set(kept.tolist())]
        shown = ", ".join(gone[:6]) + (f" and {len(gone) - 6} more" if len(gone) > 6 else "")
        notes.append(
            f"{len(gone)} economies that do not both sell and buy are left out, with {lost:,.1f} "
            f"million USD of trade: {shown}."
        )
    used = np.flatnonzero(part.sum(axis=(1, 2)) > 0)
    sectors = tuple(flows.sectors[j] for j in used)
    domestic = home[used[:, None], kept] if flows.domestic else None
    return tuple(zones[k] for k in kept), sectors, np.ascontiguousarray(part[used]), domestic


def _rebased(
    value: FloatArray,
    zones: tuple[str, ...],
    pair: tuple[str, str],
    musd: float,
    notes: list[str],
) -> FloatArray:
    for code in pair:
        if code not in zones:
            raise UnknownNameError(code, "economy (alpha-3 code)", zones)
    a, b = (zones.index(code) for code in pair)
    now = float(value[:, a, b].sum() + value[:, b, a].sum())
    if not musd > 0 or not now > 0:
        raise UsageError(f"{pair[0]}-{pair[1]}: turnover of {musd:g} in place of {now:g}.")
    out = value.copy()
    out[:, a, b] *= musd / now
    out[:, b, a] *= musd / now
    notes.append(
        f"Trade of {pair[0]} and {pair[1]} set to {musd:,.0f} million USD a year in place of "
        f"{now:,.0f}, with the mix and balance of the base year."
    )
    return out


def _domestic(
    world: World, zones: tuple[str, ...], flows: FloatArray, internal: str, notes: list[str]
) -> FloatArray:
    """(J, N) domestic sales by sector; flows (J, N, N) without them."""
    rows = world.table("internal_trade").set_index("zone_id")[INTERNAL[internal]]
    missing = [z for z in zones if z not in rows.index]
    if missing:
        raise BadInputError(f"internal_trade.csv has no row for {', '.join(missing[:8])}")
    total = rows.reindex(zones).to_numpy(dtype=float)
    bought, sold = flows.sum(axis=2), flows.sum(axis=1)
    mix = np.sqrt(bought * sold)
    idle = [
        z
        for z, b, s in zip(zones, bought.sum(axis=0), sold.sum(axis=0), strict=True)
        if not (b and s)
    ]
    if idle:
        shown = ", ".join(idle[:8]) + (f" and {len(idle) - 8} more" if len(idle) > 8 else "")
        raise BadInputError(f"trade_totals.csv: these economies do not both buy and sell: {shown}.")
    empty = mix.sum(axis=0) <= 0
    mix[:, empty] = (bought + sold)[:, empty]
    notes.append(
        "Domestic sales by sector are assumed: in proportion to the square root of exports times "
        "imports of the sector."
    )
    return np.asarray(mix / mix.sum(axis=0) * total)

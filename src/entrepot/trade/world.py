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

import numpy as np

from entrepot.errors import BadInputError, UnknownNameError, UsageError
from entrepot.facts.tables import World
from entrepot.schema.check import is_day
from entrepot.trade.baseline import Baseline
from entrepot.trade.commodities import Folding, elasticities
from entrepot.trade.friction import estimated_friction
from entrepot.trade.inverse_gravity import Comparison, Pairs, compare, separation
from entrepot.trade.ranges import FloatArray, Range
from entrepot.trade.wedges import Places, payment_friction, tariffs

INTERNAL = {"goods": "from_goods_output_musd", "gdp": "from_gdp_musd"}


@dataclass(frozen=True, eq=False)
class TradeWorld:
    """Arrays of a world of trade. C commodities, J sectors, N economies, million USD a year.

    zones, names : (N,) codes, and names for people
    folding      : commodities and sectors
    value        : (C, N, N) trade between economies, [commodity, importer, exporter]
    flows        : (J, N, N) the same by sector, with domestic sales on the diagonal
    tariff       : (J, N, N) ad valorem duties on the day
    friction     : (J, N, N) what paying costs, part of the value: estimated within bounds
    friction_bounds : (J, N, N) the published bounds
    comparison   : what separates pairs, against pairs alike
    elasticity   : (J,) trade elasticity theta
    gdp          : (N,) million USD
    on           : day of the duties
    base_year    : year of the trade
    notes        : what was done to the data
    """

    zones: tuple[str, ...]
    names: tuple[str, ...]
    folding: Folding
    value: FloatArray
    flows: FloatArray
    tariff: Range
    friction: Range
    friction_bounds: Range
    comparison: Comparison
    elasticity: Range
    gdp: FloatArray
    on: date
    base_year: str
    places: Places
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
    ) -> TradeWorld:
        """The trade block's view of a world.

        detail      : sectors by `broad_group` or by `commodity`
        on          : day of the duties; None is the last day of the base year
        internal    : domestic sales from `goods` output or from `gdp`
        pair_values : turnover (million USD a year) by pair of codes in place of the facts';
                      both directions and all commodities are scaled alike
        """
        if internal not in INTERNAL:
            raise UsageError(f"'{internal}' is no way to domestic sales: {', '.join(INTERNAL)}.")
        for name in ("trade_totals", "internal_trade"):
            if not len(world.table(name)):
                raise BadInputError(f"This world has no trade: {name}.csv is missing or empty.")
        table = world.table("zones")
        zones = tuple(table["zone_id"])
        places = Places.of_world(world, zones)
        folding = Folding.of_world(world, detail)
        notes: list[str] = []
        value = _values(world, zones, folding.commodities, notes)
        for pair, musd in (pair_values or {}).items():
            value = _rebased(value, zones, pair, musd, notes)
        base_year = world.meta.get("trade_base_year", "")
        day = on or _last_day(base_year)
        flows = folding.total(value)
        flows[:, np.arange(len(zones)), np.arange(len(zones))] = _domestic(
            world, zones, flows, internal, notes
        )
        theta = elasticities(world, folding, value)
        bounds = payment_friction(world, places, folding.commodities).each(
            lambda share: folding.mean(share, value)
        )
        comparison = compare(separation(flows.sum(axis=0)), Pairs.of_world(world))
        return cls(
            zones=zones,
            names=tuple(table["name"]),
            folding=folding,
            value=value,
            flows=flows,
            tariff=tariffs(world, places, folding.commodities, day).each(
                lambda rate: folding.mean(rate, value)
            ),
            friction=estimated_friction(bounds, comparison, mean_theta(theta.mid, flows)),
            friction_bounds=bounds,
            comparison=comparison,
            elasticity=theta,
            gdp=table["gdp_musd"].to_numpy(dtype=float),
            on=day,
            base_year=base_year,
            places=places,
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
        raise UsageError(f"'{text}' is no day such as 2024-06-30.")
    return date.fromisoformat(text)


def _last_day(year: str) -> date:
    if not year.isdigit():
        raise BadInputError(
            f"world.toml: trade_base_year: found '{year}', expected a year such as 2023"
        )
    return date(int(year), 12, 31)


def _values(
    world: World, zones: tuple[str, ...], commodities: tuple[str, ...], notes: list[str]
) -> FloatArray:
    """(C, N, N) totals of pairs split by their commodities."""
    place = {z: k for k, z in enumerate(zones)}
    kind = {c: k for k, c in enumerate(commodities)}
    n = len(zones)
    total = np.zeros((n, n))
    rows = world.table("trade_totals")
    at = (rows["importer"].map(place).to_numpy(), rows["exporter"].map(place).to_numpy())
    np.add.at(total, at, rows["value_musd"].to_numpy(dtype=float))
    np.fill_diagonal(total, 0.0)
    cells = world.table("trade_by_commodity")
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
    empty = mix.sum(axis=0) <= 0
    mix[:, empty] = (bought + sold)[:, empty]
    notes.append(
        "Domestic sales by sector are assumed: in proportion to the square root of exports times "
        "imports of the sector."
    )
    return np.asarray(mix / mix.sum(axis=0) * total)

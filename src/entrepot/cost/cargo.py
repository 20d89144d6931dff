"""What is shipped: a commodity in a load unit, and how the facts price it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from entrepot.errors import UsageError
from entrepot.facts.names import find_commodity

if TYPE_CHECKING:
    from entrepot.facts.world import World

BOXES = ("teu", "feu")


@dataclass(frozen=True, slots=True)
class Cargo:
    """A commodity in a load unit.

    usd_per_t            : value of a tonne
    usd_per_t_hour       : loss of value of a tonne for one hour under way
    insurance_usd_per_t  : cargo insurance of the whole trip
    """

    commodity: str
    name: str
    unit: str
    vehicle_class: str
    payload_t: float
    handling_factor: float
    usd_per_t: float
    usd_per_t_hour: float
    insurance_usd_per_t: float
    reliability_ratio: float
    co2e_price: float

    @property
    def in_boxes(self) -> bool:
        return self.unit in BOXES

    def vehicle_on(self, mode: str) -> str:
        """Class of modes.csv that carries the unit on a mode."""
        if self.vehicle_class == "bulk" and mode in ("road", "ferry_roro"):
            return "truck"
        return self.vehicle_class

    def rate_usd_per_tkm(self, row: Any) -> float:
        """Rate of a row of modes.csv, per tonne of this cargo."""
        if not self.in_boxes:
            return float(row.usd_per_tkm)
        factor = float(row.feu_factor) if self.unit == "feu" else 1.0
        return float(row.usd_per_teu_km) * factor / self.payload_t

    def surcharge_usd_per_t(self, row: Any) -> float:
        """Surcharge of a row of services.csv. Bulk pays none: the published ones are for boxes."""
        if self.in_boxes:
            return float(row.surcharge_usd_per_teu) * self._box_factor() / self.payload_t
        if self.vehicle_class == "truck":
            return float(row.surcharge_usd_per_truck) / self.payload_t
        return 0.0

    def handling_usd_per_t(self, row: Any) -> float:
        """Charge of a row of transfers.csv."""
        if self.in_boxes:
            return float(row.usd_per_teu) * self.handling_factor / self.payload_t
        return float(row.usd_per_t)

    def border_usd_per_t(self, row: Any) -> float:
        """Fees of a row of border_crossings.csv: per box of any size, or per tonne."""
        if self.in_boxes:
            return float(row.usd_per_teu) / self.payload_t
        return float(row.usd_per_t)

    def per_box_usd_per_t(self, usd_per_teu: float) -> float:
        """A charge per 20-foot box set by a rule; other units pay the same per tonne."""
        return (
            usd_per_teu / 12.0
            if not self.in_boxes
            else usd_per_teu * self._box_factor() / self.payload_t
        )

    def _box_factor(self) -> float:
        return 1.5 if self.unit == "feu" else 1.0


def make_cargo(world: World, commodity: str | None, unit: str | None) -> Cargo:
    """A cargo from names; no commodity means general cargo, no unit the commodity's usual one."""
    units = {r.unit: r for r in world.records("units")}
    if commodity is None:
        value = world.parameter("general_cargo_usd_per_t")
        daily, insurance = world.parameter("general_cargo_time_pct_per_day"), 0.3
        label, usual = "general cargo", "teu"
    else:
        commodity = find_commodity(world, commodity)
        row = next(r for r in world.records("commodities") if r.commodity == commodity)
        value, daily = float(row.usd_per_t), float(row.time_value_pct_per_day)
        insurance, label, usual = float(row.insurance_pct), row.name, row.default_unit
    chosen = unit or usual
    if chosen not in units:
        raise UsageError(f"'{chosen}' is not a load unit. Known: {', '.join(units)}.")
    load = units[chosen]
    return Cargo(
        commodity=commodity or "",
        name=label,
        unit=chosen,
        vehicle_class=load.vehicle_class,
        payload_t=float(load.payload_t),
        handling_factor=float(load.handling_factor),
        usd_per_t=value,
        usd_per_t_hour=value * daily / 100 / 24,
        insurance_usd_per_t=value * insurance / 100,
        reliability_ratio=world.parameter("reliability_ratio"),
        co2e_price=world.parameter("co2e_price_usd_per_t"),
    )

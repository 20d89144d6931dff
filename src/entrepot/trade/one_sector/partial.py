"""Partial equilibrium on one page: what a tariff change does to imports, as ministries reckon it.

Laird and Yeats (1986), Jammes and Olarreaga (2005). Each importer and good stands alone: n
imports, i exports, M imports at world prices, t the ad valorem tariff, epsilon < 0 the elasticity
of import demand, s >= 0 that of substitution between exporters, mu the elasticity of export
supply (infinite: world prices stay). With x = (1 + t') / (1 + t) - 1:

    r_i  = x_i / (1 - epsilon / mu)              change of the price buyers pay, relative
    e_i  = (1 + r_i) / (1 + x_i) - 1             change of the price the exporter gets, relative
    TC_i = M_i epsilon r_i                       trade creation
    TD_i = M_i (1 - s r_i) G - M_i               trade diversion, sum_i TD_i = 0
    G    = sum_k M_k / sum_k M_k (1 - s r_k)
    M'_i = M_i + TC_i + TD_i                     quantities at old world prices
    dp_i = (1 + t'_i)(1 + e_i) - (1 + t_i)       change of the price buyers pay, money
    CS   = -sum_i dp_i (M_i + M'_i) / 2          consumer surplus, area left of demand
    TR   = sum_i t'_i (1 + e_i) M'_i - t_i M_i   tariff revenue
    W    = CS + TR                               welfare of the importer

For one group of preferred exporters TD is the formula of SMART, M_a M_b z / (M_a + M_b + M_a z)
with z = -s r. No flow falls below zero: what would is set to zero and counted, and the
loss of surplus there is overstated. A finite mu moves the exporter's price by its own tariff
only, not by diversion.

This is not an equilibrium: no income, wage, input price or exchange rate moves, home
goods stay apart from imports, and no good touches another. Effects on third countries end at
diverted trade. Compare with `structural` or the multi-sector equilibrium before quoting it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from entrepot.errors import BadInputError
from entrepot.kernels.arrays import FloatArray
from entrepot.kernels.short_repr import short_repr

SHOWN = 5


@short_repr
@dataclass(frozen=True, slots=True)
class Effects:
    """Effects of new tariffs; arrays end in [importer, exporter], any axes before, such as goods.

    imports          : new imports, quantities at old world prices, in money of the old imports
    creation         : part of the change that comes from cheaper or dearer imports as a whole
    diversion        : part that only moves between exporters, zero in sum over them
    export_price     : price the exporter gets, new over old; one at infinite supply elasticity
    revenue          : (..., importer) change of tariff revenue
    consumer_surplus : (..., importer)
    welfare          : (..., importer) surplus and revenue together
    capped           : flows held at zero that the formulas would make negative
    """

    imports: FloatArray
    creation: FloatArray
    diversion: FloatArray
    export_price: FloatArray
    revenue: FloatArray
    consumer_surplus: FloatArray
    welfare: FloatArray
    capped: int


def tariff_change(
    imports: ArrayLike,
    old_tariff: ArrayLike,
    new_tariff: ArrayLike,
    *,
    import_demand: ArrayLike,
    substitution: ArrayLike,
    export_supply: ArrayLike = np.inf,
) -> Effects:
    """Trade creation and diversion, revenue and surplus of a tariff change.

    imports                 : (..., importer, exporter) foreign purchases before tariff; own sales
                              on the diagonal are to be left out, or they count as a rival exporter
    old_tariff, new_tariff  : ad valorem, 0.05 for five per cent; likewise anything that raises
                              the price at the border by a share and is collected as revenue
    import_demand           : epsilon, zero or below, for example -1.2
    substitution            : s, zero or above; SMART takes 1.5
    export_supply           : mu, above zero, infinite by default

    Tariffs and elasticities may be anything that broadcasts to the imports.
    """
    bought, old, new, epsilon, s, mu = _checked(
        imports, old_tariff, new_tariff, import_demand, substitution, export_supply
    )
    wedge = (1.0 + new) / (1.0 + old) - 1.0
    dearer = wedge / (1.0 - epsilon / mu)
    export_price = (1.0 + dearer) / (1.0 + wedge)
    creation = bought * epsilon * dearer
    diversion = _diverted(bought, s * dearer)
    free = bought + creation + diversion
    after = np.maximum(free, 0.0)
    creation = np.where(free < 0, -bought - diversion, creation)
    rise = (1.0 + new) * export_price - (1.0 + old)
    surplus = -(rise * (bought + after)).sum(axis=-1) / 2.0
    revenue = (new * export_price * after - old * bought).sum(axis=-1)
    return Effects(
        imports=after,
        creation=creation,
        diversion=diversion,
        export_price=export_price,
        revenue=revenue,
        consumer_surplus=surplus,
        welfare=surplus + revenue,
        capped=int(((bought > 0) & ((s * dearer > 1.0) | (free < 0))).sum()),
    )


def _diverted(bought: FloatArray, loss: FloatArray) -> FloatArray:
    """What moves between exporters when one unit of each loses a share `loss` of its appeal."""
    appeal = bought * np.maximum(1.0 - loss, 0.0)
    total, kept = bought.sum(axis=-1, keepdims=True), appeal.sum(axis=-1, keepdims=True)
    # Where no exporter keeps any appeal nobody gains on another, and nothing is diverted.
    lost = kept <= 0
    growth = np.divide(total, kept, out=np.ones_like(total), where=~lost)
    moved: FloatArray = np.where(lost, 0.0, appeal * growth - bought)
    return moved


def _checked(
    imports: ArrayLike,
    old_tariff: ArrayLike,
    new_tariff: ArrayLike,
    import_demand: ArrayLike,
    substitution: ArrayLike,
    export_supply: ArrayLike,
) -> tuple[FloatArray, ...]:
    """All input in the shape of the imports; every fault in one error."""
    bought = np.asarray(imports, dtype=np.float64)
    faults = []
    if bought.ndim < 2:
        faults.append(f"imports: shape {bought.shape}, expected (..., importer, exporter)")
    given = {
        "imports": (bought, (bought >= 0) & np.isfinite(bought), "zero or more"),
    }
    for name, raw, least in (("old_tariff", old_tariff, -1.0), ("new_tariff", new_tariff, -1.0)):
        values = np.asarray(raw, dtype=np.float64)
        given[name] = (values, (values > least) & np.isfinite(values), "above -1 (-100 %)")
    values = np.asarray(import_demand, dtype=np.float64)
    given["import_demand"] = (values, (values <= 0) & np.isfinite(values), "zero or below")
    values = np.asarray(substitution, dtype=np.float64)
    given["substitution"] = (values, (values >= 0) & np.isfinite(values), "zero or above")
    values = np.asarray(export_supply, dtype=np.float64)
    given["export_supply"] = (values, values > 0, "above zero")
    found = []
    for name, (values, good, expected) in given.items():
        bad = np.argwhere(~good)
        if len(bad):
            where = [f" at {at.tolist()}" if len(at) else "" for at in bad[:SHOWN]]
            shown = ", ".join(
                f"{values[tuple(at)]:g}{w}" for at, w in zip(bad, where, strict=False)
            )
            more = f" and {len(bad) - SHOWN} more" if len(bad) > SHOWN else ""
            faults.append(f"{name}: {shown}{more}; expected {expected}")
        try:
            found.append(np.broadcast_to(values, bought.shape))
        except ValueError:
            faults.append(f"{name}: shape {values.shape} does not fit imports {bought.shape}")
    if faults:
        raise BadInputError("Partial equilibrium cannot use this:\n  " + "\n  ".join(faults))
    return tuple(found)

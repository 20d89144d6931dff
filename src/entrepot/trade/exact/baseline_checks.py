"""Are these arrays a world of trade? All faults at once, with the countries concerned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from entrepot.errors import BadInputError
from entrepot.kernels.arrays import FloatArray
from entrepot.kernels.short_repr import short_repr

SHOWN = 5
# Of so few rates a median above one can be meant.
FEW_RATES = 3


@short_repr
@dataclass(frozen=True, slots=True)
class Data:
    """Arrays of the right shape. flows, tariff (J, N, N); elasticity (J,)."""

    flows: FloatArray
    tariff: FloatArray
    elasticity: FloatArray
    zones: tuple[str, ...]
    sectors: tuple[str, ...]


@dataclass(slots=True)
class Faults:
    """What is wrong (raised together) and what was put right (noted)."""

    zones: tuple[str, ...]
    sectors: tuple[str, ...]
    found: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, text: str) -> None:
        self.found.append(text)

    def cells(self, mask: NDArray[np.bool_]) -> str:
        """The first cells where the mask holds, in words. Axes: sector, importer, exporter."""
        where = np.argwhere(mask)
        named = [self._cell(index) for index in where[:SHOWN]]
        more = f" and {len(where) - SHOWN} more" if len(where) > SHOWN else ""
        return "; ".join(named) + more

    def _cell(self, index: NDArray[np.intp]) -> str:
        words = []
        if len(self.sectors) > 1:
            words.append(f"sector {self.sectors[index[0]]}")
        words.append(f"importer {self.zones[index[1]]}" if len(index) > 2 else self.zones[index[1]])
        if len(index) > 2:
            words.append(f"exporter {self.zones[index[2]]}")
        return " ".join(words)

    def named(self, where: NDArray[np.intp]) -> str:
        """The first of these countries by name."""
        more = f" and {where.size - SHOWN} more" if where.size > SHOWN else ""
        return ", ".join(self.zones[n] for n in where[:SHOWN]) + more

    def raise_if_any(self, what: str = "The baseline") -> None:
        if self.found:
            lines = "\n".join(f"  {text}" for text in self.found)
            count = len(self.found)
            raise BadInputError(f"{what} has {count} fault{'s' if count > 1 else ''}:\n{lines}")


def numbers(value: ArrayLike, what: str, faults: Faults) -> FloatArray | None:
    """The array as numbers, or a fault."""
    try:
        return np.array(value, dtype=np.float64)
    except (TypeError, ValueError) as reason:
        faults.add(f"{what} is not an array of numbers: {reason}")
        return None


def check_flows(
    flows: ArrayLike,
    tariff: ArrayLike | None,
    elasticity: ArrayLike,
    zones: Sequence[str] | None,
    sectors: Sequence[str] | None,
) -> tuple[Data, Faults]:
    """Shapes, signs and connection of the trade arrays, and the faults found so far.

    Raises BadInputError at once where the shape of flows leaves nothing else to judge.
    """
    early = Faults((), ())
    given = numbers(flows, "flows", early)
    early.raise_if_any()
    value = np.zeros(0) if given is None else given
    if value.ndim == 2:
        value = value[None]
    if value.ndim != 3 or value.shape[1] != value.shape[2] or 0 in value.shape:
        early.add(
            f"flows has shape {np.shape(flows)}; expected (sectors, importers, exporters) with "
            "as many exporters as importers, domestic sales on the diagonal"
        )
        early.raise_if_any()
    n_sector, n_zone = value.shape[:2]
    faults = Faults(tuple(map(str, range(n_zone))), tuple(map(str, range(n_sector))))
    faults.zones = _names(zones, faults.zones, "zones", faults)
    faults.sectors = _names(sectors, faults.sectors, "sectors", faults)
    if _sound(value, faults):
        _connected(value, faults)
    else:
        value = np.where(np.isfinite(value), np.maximum(value, 0.0), 0.0)
    rate = np.zeros_like(value)
    if tariff is not None:
        rate = check_tariff(tariff, value.shape, faults)
    theta = _elasticity(elasticity, n_sector, faults)
    return Data(np.ascontiguousarray(value), rate, theta, faults.zones, faults.sectors), faults


def _names(
    given: Sequence[str] | None, plain: tuple[str, ...], what: str, faults: Faults
) -> tuple[str, ...]:
    if given is None:
        return plain
    names = tuple(str(name) for name in given)
    if len(names) != len(plain):
        faults.add(f"{len(names)} names of {what} for {len(plain)} in the array of flows")
        return plain
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        faults.add(f"{what}: named twice: {', '.join(twice[:SHOWN])}")
    return names


def check_tariff(
    tariff: ArrayLike, shape: tuple[int, ...], faults: Faults, what: str = "tariff"
) -> FloatArray:
    """(J, N, N) rates as fractions; adds to the faults what is wrong with them."""
    rate = numbers(tariff, what, faults)
    if rate is None:
        return np.zeros(shape)
    if rate.ndim == 2 and shape[0] == 1:
        rate = rate[None]
    if rate.shape != shape:
        faults.add(f"{what} has shape {rate.shape}; expected that of flows, {shape}")
        return np.zeros(shape)
    bad = ~np.isfinite(rate) | (rate <= -1.0)
    if bad.any():
        faults.add(f"{what} is not a number above -1 (a fraction): {faults.cells(bad)}")
        return np.zeros(shape)
    charged = rate[rate > 0]
    if charged.size and float(np.median(charged)) > 1.0:
        words = f"{what}: the median rate above zero is {np.median(charged):g}"
        if charged.size < FEW_RATES or what != "tariff":
            faults.notes.append(f"{words}, read as a fraction: {np.median(charged):.0%}.")
        else:
            faults.add(f"{words}; rates are fractions, 0.05 for 5 percent: divide by 100")
    return np.ascontiguousarray(rate)


def _elasticity(elasticity: ArrayLike, n_sector: int, faults: Faults) -> FloatArray:
    given = numbers(elasticity, "elasticity", faults)
    if given is None:
        return np.ones(n_sector)
    theta = np.atleast_1d(given).ravel()
    if theta.size == 1:
        theta = np.repeat(theta, n_sector)
    if theta.size != n_sector:
        faults.add(f"elasticity has {theta.size} values for {n_sector} sectors")
        return np.ones(n_sector)
    bad = ~np.isfinite(theta) | (theta <= 0)
    if bad.any():
        shown = ", ".join(f"{faults.sectors[j]} {theta[j]:g}" for j in np.flatnonzero(bad)[:SHOWN])
        faults.add(f"elasticity must be above zero (theta, sigma - 1 for Armington): {shown}")
    return theta


def _sound(value: FloatArray, faults: Faults) -> bool:
    """Finite, not negative, and every country sells and buys."""
    before = len(faults.found)
    lost = ~np.isfinite(value)
    if lost.any():
        faults.add(f"flows is not a number: {faults.cells(lost)}")
    negative = value < 0
    if negative.any():
        faults.add(
            f"flows is below zero in {int(negative.sum())} cells, lowest "
            f"{value[negative].min():g}: {faults.cells(negative)}. Domestic sales are output "
            "less exports; set a floor if exports pass output"
        )
    if not lost.any():
        for words, axes in (("sells nothing", (0, 1)), ("buys nothing", (0, 2))):
            empty = np.flatnonzero(value.sum(axis=axes) <= 0)
            if empty.size:
                named = faults.named(empty)
                faults.add(f"{words}, so that it has no income or no spending: {named}")
    return len(faults.found) == before


def _connected(value: FloatArray, faults: Faults) -> None:
    """Wages of countries that do not trade, even through others, cannot be compared."""
    traded = csr_array(value.sum(axis=0) > 0)
    count, group = connected_components(traded, directed=False)
    if count > 1:
        apart = np.flatnonzero(group != np.bincount(group).argmax())
        faults.add(
            f"{count} groups of countries without trade between them; apart from the largest: "
            f"{faults.named(apart)}"
        )

"""Are these arrays a world of trade? All faults at once, with the countries concerned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from entrepot.errors import BadInputError

FloatArray = NDArray[np.float64]
# Published tables carry rounding; beyond this share of output it is something else.
MOST_ROUNDING = 0.02
SHOWN = 5


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

    def raise_if_any(self) -> None:
        if self.found:
            lines = "\n".join(f"  {text}" for text in self.found)
            count = len(self.found)
            raise BadInputError(
                f"The baseline has {count} fault{'s' if count > 1 else ''}:\n{lines}"
            )


def check_flows(
    flows: ArrayLike,
    tariff: ArrayLike | None,
    elasticity: ArrayLike,
    zones: Sequence[str] | None,
    sectors: Sequence[str] | None,
) -> Data:
    """Shapes, signs and connection of the trade arrays; raises BadInputError with all faults."""
    value = np.array(flows, dtype=np.float64)
    if value.ndim == 2:
        value = value[None]
    if value.ndim != 3 or value.shape[1] != value.shape[2] or 0 in value.shape:
        raise BadInputError(
            f"flows has shape {value.shape}; expected (sectors, importers, exporters) with as "
            "many exporters as importers, domestic sales on the diagonal"
        )
    n_sector, n_zone = value.shape[:2]
    names = _names(zones, n_zone, "zones")
    kinds = _names(sectors, n_sector, "sectors")
    faults = Faults(names, kinds)
    rate = _tariff(tariff, value, faults)
    theta = _elasticity(elasticity, n_sector, faults)
    _values(value, faults)
    faults.raise_if_any()
    _connected(value, faults)
    faults.raise_if_any()
    return Data(np.ascontiguousarray(value), rate, theta, names, kinds)


def _names(given: Sequence[str] | None, count: int, what: str) -> tuple[str, ...]:
    if given is None:
        return tuple(str(k) for k in range(count))
    if len(given) != count:
        raise BadInputError(f"{len(given)} names of {what} for {count} in the array of flows")
    if len(set(given)) != count:
        twice = sorted({name for name in given if list(given).count(name) > 1})
        raise BadInputError(f"{what}: named twice: {', '.join(twice[:SHOWN])}")
    return tuple(given)


def _tariff(tariff: ArrayLike | None, value: FloatArray, faults: Faults) -> FloatArray:
    if tariff is None:
        return np.zeros_like(value)
    rate = np.array(tariff, dtype=np.float64)
    if rate.ndim == 2 and value.shape[0] == 1:
        rate = rate[None]
    if rate.shape != value.shape:
        faults.add(f"tariff has shape {rate.shape}; expected that of flows, {value.shape}")
        return np.zeros_like(value)
    bad = ~np.isfinite(rate) | (rate <= -1.0)
    if bad.any():
        faults.add(f"tariff is not a number above -1 (a fraction): {faults.cells(bad)}")
        return np.zeros_like(value)
    charged = rate[rate > 0]
    if charged.size and float(np.median(charged)) > 1.0:
        faults.add(
            f"tariff: the median rate above zero is {np.median(charged):g}; rates are "
            "fractions, 0.05 for 5 percent: divide by 100"
        )
    return np.ascontiguousarray(rate)


def _elasticity(elasticity: ArrayLike, n_sector: int, faults: Faults) -> FloatArray:
    theta = np.atleast_1d(np.array(elasticity, dtype=np.float64)).ravel()
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


def _values(value: FloatArray, faults: Faults) -> None:
    lost = ~np.isfinite(value)
    if lost.any():
        faults.add(f"flows is not a number: {faults.cells(lost)}")
        return
    negative = value < 0
    if negative.any():
        faults.add(
            f"flows is below zero in {int(negative.sum())} cells, lowest "
            f"{value.min():g}: {faults.cells(negative)}. Domestic sales are output less exports; "
            "set a floor if exports pass output"
        )
    for words, sums in (("sells nothing", value.sum(axis=(0, 1))), ("buys nothing", value.sum(axis=(0, 2)))):  # fmt: skip
        empty = np.flatnonzero(sums <= 0)
        if empty.size:
            named = ", ".join(faults.zones[n] for n in empty[:SHOWN])
            faults.add(f"{words}, so that it has no income or no spending: {named}")


def _connected(value: FloatArray, faults: Faults) -> None:
    """Wages of countries that do not trade, even through others, cannot be compared."""
    traded = csr_array(value.sum(axis=0) > 0)
    count, group = connected_components(traded, directed=False)
    if count > 1:
        largest = np.bincount(group).argmax()
        apart = np.flatnonzero(group != largest)
        named = ", ".join(faults.zones[n] for n in apart[:SHOWN])
        more = f" and {apart.size - SHOWN} more" if apart.size > SHOWN else ""
        faults.add(
            f"{count} groups of countries without trade between them; apart from the largest: "
            f"{named}{more}"
        )


def check_technology(
    data: Data,
    value_added_share: ArrayLike | None,
    input_share: ArrayLike | None,
    faults: Faults,
) -> tuple[FloatArray, FloatArray | None]:
    """Value added and inputs per unit of output that sum to one where there is output."""
    n_sector, n_zone = data.flows.shape[:2]
    if value_added_share is None:
        if input_share is not None:
            faults.add("input_share is given without value_added_share")
        return np.ones((n_sector, n_zone)), None
    added = np.array(value_added_share, dtype=np.float64)
    if added.shape != (n_sector, n_zone):
        faults.add(
            f"value_added_share has shape {added.shape}; expected (sectors, countries) = "
            f"{(n_sector, n_zone)}"
        )
        return np.ones((n_sector, n_zone)), None
    makes = data.flows.sum(axis=1) > 0
    bad = ~np.isfinite(added) | (added < 0) | (added > 1)
    if (bad & makes).any():
        faults.add(f"value_added_share is not between 0 and 1: {faults.cells(bad & makes)}")
        return np.ones((n_sector, n_zone)), None
    added = np.where(makes & ~bad, added, 1.0)
    if np.any(np.sum(added * data.flows.sum(axis=1), axis=0) <= 0):
        poor = np.flatnonzero(np.sum(added * data.flows.sum(axis=1), axis=0) <= 0)
        faults.add(f"no value added at all: {', '.join(faults.zones[n] for n in poor[:SHOWN])}")
    if input_share is None:
        if np.any(added < 1.0):
            faults.add(
                "value_added_share is below one but input_share is missing: give input k per "
                "unit of output j as [country, k, j]"
            )
        return added, None
    return added, _inputs(data, added, np.array(input_share, dtype=np.float64), faults)


def _inputs(
    data: Data, added: FloatArray, inputs: FloatArray, faults: Faults
) -> FloatArray | None:
    n_sector, n_zone = data.flows.shape[:2]
    if inputs.shape != (n_zone, n_sector, n_sector):
        faults.add(
            f"input_share has shape {inputs.shape}; expected (countries, inputs, outputs) = "
            f"{(n_zone, n_sector, n_sector)}"
        )
        return None
    if not np.all(np.isfinite(inputs)) or float(inputs.min()) < -1e-12:
        bad = (~np.isfinite(inputs) | (inputs < -1e-12)).any(axis=(1, 2))
        faults.add(
            "input_share is negative or not a number: "
            + ", ".join(faults.zones[n] for n in np.flatnonzero(bad)[:SHOWN])
        )
        return None
    inputs = np.maximum(inputs, 0.0)
    wanted = 1.0 - added.T
    total = inputs.sum(axis=1)
    makes = (data.flows.sum(axis=1) > 0).T
    off = np.where(makes, np.abs(total - wanted), 0.0)
    if float(off.max()) > MOST_ROUNDING:
        cells = faults.cells((off > MOST_ROUNDING).T)
        hint = ""
        if float(np.median(np.abs(total[makes] - 1.0))) < MOST_ROUNDING:
            hint = "; its sums are one, so multiply by 1 - value_added_share"
        faults.add(
            "input_share summed over inputs must be 1 - value_added_share; off by up to "
            f"{off.max():.2g} in {int((off > MOST_ROUNDING).sum())} cells: {cells}{hint}"
        )
        return None
    if float(off.max()) > 1e-12:
        faults.notes.append(
            f"Input shares scaled to 1 - value_added_share; largest difference {off.max():.1e}."
        )
    kept = _supplied(data, inputs, faults)
    total = kept.sum(axis=1)
    scale = np.divide(wanted, total, out=np.zeros_like(total), where=total > 0)
    stuck = (total <= 0) & (wanted > 0) & makes
    if stuck.any():
        faults.add(f"uses inputs but buys none of them: {faults.cells(stuck.T)}")
        return None
    return np.ascontiguousarray(kept * scale[:, None, :])


def _supplied(data: Data, inputs: FloatArray, faults: Faults) -> FloatArray:
    """Without the inputs that the country does not buy at all; the others take their part."""
    bought = data.flows.sum(axis=2).T > 0
    needed = (inputs.max(axis=2) > 0) & ~bought
    if not needed.any():
        return inputs
    lost = float((inputs * ~bought[:, :, None]).max())
    faults.notes.append(
        f"{int(needed.sum())} inputs that a country does not buy left out (largest share "
        f"{lost:.1e}); its other inputs were scaled up."
    )
    return inputs * bought[:, :, None]


def settle_final(
    spending: FloatArray,
    output: FloatArray,
    inputs: FloatArray | None,
    income: FloatArray,
    faults: Faults,
) -> tuple[FloatArray, bool]:
    """(J, N) shares of final spending, and whether negative final demand had to go.

    Negative final demand (more inputs used than bought) is set to zero and the rest scaled;
    the note says how many cells and how much. A country without any is a fault.
    """
    final = spending.copy()
    if inputs is not None:
        final -= np.matmul(inputs, output.T[:, :, None])[:, :, 0].T
    poor = np.flatnonzero(income <= 0)
    if poor.size:
        shown = ", ".join(f"{faults.zones[n]} {income[n]:g}" for n in poor[:SHOWN])
        faults.add(f"final income is not above zero (deficit beyond income?): {shown}")
        return final, False
    # Rounding in sums of millions is not negative demand.
    noise = 1e-12 * np.maximum(spending, income[None, :] * 1e-3)
    negative = final < -noise
    if negative.any():
        size = float(-final[negative].sum() / income.sum())
        worst = faults.cells(negative)
        faults.notes.append(
            f"Negative final demand in {int(negative.sum())} cells ({size:.2%} of world income) "
            f"set to zero: {worst}."
        )
    final = np.maximum(final, 0.0)
    total = final.sum(axis=0)
    if np.any(total <= 0):
        none = ", ".join(faults.zones[n] for n in np.flatnonzero(total <= 0)[:SHOWN])
        faults.add(f"no final demand left: {none}")
        return final, False
    return final / total, bool(negative.any())

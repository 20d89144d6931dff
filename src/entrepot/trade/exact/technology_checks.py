"""Do value added, inputs and final demand add up? Faults and notes go to the common list."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from entrepot.kernels.arrays import FloatArray
from entrepot.trade.exact.baseline_checks import (
    SHOWN,
    Data,
    Faults,
    numbers,
)

# Published tables carry rounding; beyond this share of output it is something else.
MOST_ROUNDING = 0.02
# What sums of doubles lose is not rounding of the table.
EXACT = 1e-12


def check_technology(
    data: Data,
    value_added_share: ArrayLike | None,
    input_share: ArrayLike | None,
    faults: Faults,
) -> tuple[FloatArray, FloatArray | None]:
    """Value added and inputs per unit of output that sum to one where there is output."""
    shape = data.flows.shape[:2]
    none = np.ones(shape), None
    if value_added_share is None:
        if input_share is not None:
            faults.add("input_share is given without value_added_share")
        return none
    added = numbers(value_added_share, "value_added_share", faults)
    if added is None:
        return none
    if added.shape != shape:
        swapped = "; its axes may be swapped" if added.shape == shape[::-1] else ""
        faults.add(
            f"value_added_share has shape {added.shape}; expected (sectors, countries) = "
            f"{shape}{swapped}"
        )
        return none
    output = data.flows.sum(axis=1)
    makes = output > 0
    bad = ~np.isfinite(added) | (added < 0) | (added > 1)
    if (bad & makes).any():
        percent = float(np.median(added[makes])) > 1.0
        hint = "; divide by 100 if it is in per cent" if percent else ""
        faults.add(f"value_added_share is not between 0 and 1: {faults.cells(bad & makes)}{hint}")
        return none
    added = np.where(makes & ~bad, added, 1.0)
    poor = np.flatnonzero((np.sum(added * output, axis=0) <= 0) & makes.any(axis=0))
    if poor.size:
        faults.add(f"no value added at all: {faults.named(poor)}")
    if input_share is None:
        if np.any(added < 1.0):
            faults.add(
                "value_added_share is below one but input_share is missing: give input k per "
                "unit of output j as [country, k, j]"
            )
        return added, None
    inputs = numbers(input_share, "input_share", faults)
    return added, None if inputs is None else _inputs(data, added, inputs, faults)


def _inputs(data: Data, added: FloatArray, inputs: FloatArray, faults: Faults) -> FloatArray | None:
    n_sector, n_zone = data.flows.shape[:2]
    if inputs.shape != (n_zone, n_sector, n_sector):
        faults.add(
            f"input_share has shape {inputs.shape}; expected (countries, inputs, outputs) = "
            f"{(n_zone, n_sector, n_sector)}"
        )
        return None
    bad = (~np.isfinite(inputs) | (inputs < -EXACT)).any(axis=(1, 2))
    if bad.any():
        faults.add(f"input_share is negative or not a number: {faults.named(np.flatnonzero(bad))}")
        return None
    inputs = np.maximum(inputs, 0.0)
    wanted, total = 1.0 - added.T, inputs.sum(axis=1)
    makes = (data.flows.sum(axis=1) > 0).T
    off = np.where(makes, np.abs(total - wanted), 0.0)
    if float(off.max()) > MOST_ROUNDING:
        faults.add(
            "input_share summed over inputs must be 1 - value_added_share; off by up to "
            f"{off.max():.2g} in {int((off > MOST_ROUNDING).sum())} cells: "
            f"{faults.cells((off > MOST_ROUNDING).T)}{_hint(inputs, wanted, makes)}"
        )
        return None
    if float(off.max()) > EXACT:
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


def _hint(inputs: FloatArray, wanted: FloatArray, makes: NDArray[np.bool_]) -> str:
    """What the caller may have meant, where the sums tell."""
    if not makes.any():
        return ""
    if float(np.max(np.abs(inputs.sum(axis=1) - 1.0)[makes])) < MOST_ROUNDING:
        return "; its sums are one, so multiply by 1 - value_added_share"
    if float(np.max(np.abs(inputs.sum(axis=2) - wanted)[makes])) < MOST_ROUNDING:
        return "; summed over outputs it fits, so swap the last two axes"
    return ""


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
    left: FloatArray = inputs * bought[:, :, None]
    return left


def settle_final(
    spending: FloatArray,
    output: FloatArray,
    inputs: FloatArray | None,
    income: FloatArray,
    deficit: FloatArray,
    faults: Faults,
) -> tuple[FloatArray, bool]:
    """(J, N) shares of final spending, and whether negative final demand had to go.

    Negative final demand (more inputs used than bought) is set to zero and the rest scaled;
    the note says how many cells and how much. A country without any is a fault.
    """
    final = spending.copy()
    if inputs is not None:
        final -= np.matmul(inputs, output.T[:, :, None])[:, :, 0].T
    for words, value in (
        ("final income is not above zero (surplus beyond income?)", income),
        ("income before the deficit is not above zero (subsidies beyond it?)", income - deficit),
    ):
        poor = np.flatnonzero(value <= 0)
        if poor.size:
            shown = ", ".join(f"{faults.zones[n]} {value[n]:g}" for n in poor[:SHOWN])
            faults.add(f"{words}: {shown}")
    if faults.found:
        return final, False
    # Rounding in sums of millions is not negative demand.
    noise = EXACT * np.maximum(spending, income[None, :] * 1e-3)
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
        faults.add(f"no final demand left: {faults.named(np.flatnonzero(total <= 0))}")
        return final, False
    return final / total, bool(negative.any())

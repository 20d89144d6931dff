"""What structural gravity asks of its input; all faults are found in one pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from entrepot.errors import BadInputError, UsageError
from entrepot.kernels.arrays import FloatArray

Balance = Literal["raise", "scale_expenditure", "scale_output"]
Numeraire = Literal["world_output", "reference"]

# Rounding of sums of up to a thousand values; published tables are often further off than this.
BALANCED = 1e-9
SHOWN = 5


@dataclass(frozen=True, slots=True)
class OneSectorOptions:
    """How to normalise and when to stop.

    reference      : position of the country whose inward resistance is one
    balance        : what to do when world output is not world expenditure: raise, or multiply
                     all expenditures, or all outputs, by one factor that the result reports
    numeraire      : unit of money of the full endowment equilibrium: world output stays what it
                     was, or the reference country's price index does
    tolerance      : largest |ln demand - ln output| of a solved equilibrium
    max_iterations : Newton steps at most
    must_converge  : raise when an equilibrium is not found; else its status says so
    """

    reference: int = 0
    balance: Balance = "raise"
    numeraire: Numeraire = "world_output"
    tolerance: float = 1e-12
    max_iterations: int = 1000
    must_converge: bool = True

    def __post_init__(self) -> None:
        for value, allowed in ((self.balance, Balance), (self.numeraire, Numeraire)):
            if value not in get_args(allowed):
                raise UsageError(f"'{value}' is none of {', '.join(get_args(allowed))}.")
        if not self.tolerance > 0 or self.max_iterations < 1:
            raise UsageError("The tolerance is above zero and the number of steps at least one.")


def checked_flows(flows: ArrayLike) -> FloatArray:
    """Flows as an array; raises on what cannot be traded."""
    found = np.asarray(flows, dtype=np.float64)
    faults = _square(found, "flows")
    if not faults:
        faults = _each(found, (found >= 0) & np.isfinite(found), "flows", "zero or more")
    if not faults:
        faults += _each(found.sum(axis=0), found.sum(axis=0) > 0, "sales", "above zero in all")
        faults += _each(found.sum(axis=1), found.sum(axis=1) > 0, "purchases", "above zero in all")
    _raise(faults)
    return found


def checked_terms(
    output: ArrayLike,
    expenditure: ArrayLike,
    cost_term: ArrayLike,
    sigma: float,
    options: OneSectorOptions,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Output, expenditure and trade-cost terms as arrays."""
    made, spent = np.asarray(output, dtype=np.float64), np.asarray(expenditure, dtype=np.float64)
    term = np.asarray(cost_term, dtype=np.float64)
    faults = _square(term, "cost_term")
    n = term.shape[0] if term.ndim else 0
    for name, values in (("output", made), ("expenditure", spent)):
        if values.shape != (n,):
            faults.append(f"{name}: shape {values.shape}, expected ({n},) as cost_term has it")
        else:
            faults += _each(values, (values > 0) & np.isfinite(values), name, "above zero")
    if term.ndim == 2:
        faults += _each(term, (term >= 0) & np.isfinite(term), "cost_term", "zero or more")
    if not (np.isfinite(sigma) and sigma > 1):
        faults.append(f"sigma: {sigma}, expected above one")
    if not 0 <= options.reference < max(n, 1):
        faults.append(f"reference: {options.reference}, expected 0 to {n - 1}")
    _raise(faults)
    return made, spent, term


def checked_factor(cost_factor: ArrayLike, shape: tuple[int, ...]) -> FloatArray:
    """Factors on trade costs as an array; infinite ends the trade of a pair."""
    factor = np.asarray(cost_factor, dtype=np.float64)
    if factor.shape != shape:
        _raise([f"cost_factor: shape {factor.shape}, expected {shape}"])
    _raise(_each(factor, factor > 0, "cost_factor", "above zero"))
    return factor


def balanced(
    output: FloatArray, expenditure: FloatArray, balance: Balance
) -> tuple[FloatArray, FloatArray, float]:
    """Output and expenditure with one sum, and the factor used, one where they had it."""
    made, spent = float(output.sum()), float(expenditure.sum())
    if abs(made / spent - 1.0) <= BALANCED:
        return output, expenditure, 1.0
    if balance == "scale_expenditure":
        return output, expenditure * (made / spent), made / spent
    if balance == "scale_output":
        return output * (spent / made), expenditure, spent / made
    raise BadInputError(
        f"World output is {made:.6g} and world expenditure {spent:.6g}, {made / spent - 1:+.3%} "
        "apart; no resistances clear such markets. Correct the data, or choose the balance "
        "'scale_expenditure' or 'scale_output', which multiplies all of one by a reported factor."
    )


def connected(term: FloatArray) -> None:
    """Raise where markets fall apart, as nothing fixes the resistances of one to another's."""
    if term.all():
        return
    faults = [f"importer {n} can buy from nobody" for n in np.flatnonzero(~term.any(axis=1))]
    faults += [f"exporter {i} can sell to nobody" for i in np.flatnonzero(~term.any(axis=0))]
    if not faults:
        buyer, seller = np.nonzero(term)
        n = len(term)
        links = coo_array((np.ones(len(buyer)), (buyer, n + seller)), shape=(2 * n, 2 * n))
        groups, group = connected_components(links, directed=False)
        if groups > 1:
            small = np.bincount(group).argmin()
            some = [int(m) for m in np.flatnonzero(group[:n] == small)[:SHOWN]]
            faults = [
                f"trade falls apart into {groups} groups without trade between them; the "
                f"importers of the smallest: {some}"
            ]
    _raise(faults)


def _square(values: FloatArray, name: str) -> list[str]:
    if values.ndim == 2 and values.shape[0] == values.shape[1] > 0:
        return []
    return [f"{name}: shape {values.shape}, expected (n, n) as [importer, exporter]"]


def _each(values: FloatArray, good: NDArray[np.bool_], name: str, expected: str) -> list[str]:
    """One line for all bad values of an array, the first of them by position."""
    bad = np.argwhere(~good)
    if len(bad) == 0:
        return []
    shown = ", ".join(f"{values[tuple(at)]:g} at {at.tolist()}" for at in bad[:SHOWN])
    more = f" and {len(bad) - SHOWN} more" if len(bad) > SHOWN else ""
    return [f"{name}: {shown}{more}; expected {expected}"]


def _raise(faults: list[str]) -> None:
    if faults:
        raise BadInputError("Structural gravity cannot use this:\n  " + "\n  ".join(faults))

"""Ad valorem fees that owners of routes collect on flows that pass them: a transfer, not a cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from entrepot.errors import BadInputError
from entrepot.kernels.arrays import FloatArray
from entrepot.kernels.short_repr import short_repr
from entrepot.trade.exact.baseline_checks import Data, Faults


@short_repr
@dataclass(frozen=True, slots=True)
class Fees:
    """Ad valorem fees that owners collect on flows that pass them.

    owner : (O,) index of the country that collects
    rate  : (O, J, N, N) share of the exporter's value, [owner, sector, importer, exporter]
    """

    owner: NDArray[np.intp]
    rate: FloatArray

    @property
    def total(self) -> FloatArray:
        """(J, N, N) all owners together."""
        return np.asarray(self.rate.sum(axis=0), dtype=np.float64)


def check_fees(data: Data, fees: Fees | None, faults: Faults, what: str = "fees") -> Fees | None:
    """The fees as arrays of numbers; adds to the faults what is wrong with them."""
    if fees is None:
        return None
    owner, rate = np.atleast_1d(np.asarray(fees.owner)), np.asarray(fees.rate, dtype=np.float64)
    expected = (owner.size, *data.flows.shape)
    if owner.ndim != 1 or rate.shape != expected:
        faults.add(
            f"{what}: rate has shape {rate.shape}; expected {expected}, (owners, sectors, "
            "importers, exporters)"
        )
        return None
    known = np.isin(owner, np.arange(len(data.zones)))
    if not known.all():
        faults.add(
            f"{what}: owner {owner[~known][0]} is not a country; expected whole numbers from 0 to "
            f"{len(data.zones) - 1}"
        )
        return None
    bad = np.any(~np.isfinite(rate) | (rate < 0), axis=0)
    if bad.any():
        faults.add(f"{what}: rate is negative or not a number: {faults.cells(bad)}")
        return None
    return Fees(owner.astype(np.intp), rate)


def public_income(
    flows: FloatArray, tariff: FloatArray, fees: Fees | None
) -> tuple[FloatArray, FloatArray]:
    """Tariff revenue and fee income by country, (N,) each."""
    if fees is None:
        return np.sum(tariff * flows, axis=(0, 2)), np.zeros(flows.shape[1])
    revenue = np.sum(tariff * (1.0 + fees.total) * flows, axis=(0, 2))
    collected = np.zeros(flows.shape[1])
    np.add.at(collected, fees.owner, np.sum(fees.rate * flows, axis=(1, 2, 3)))
    return revenue, collected


def never_paid(flows: FloatArray, fees: Fees | None) -> NDArray[np.bool_]:
    """(N,) countries outside the largest group in which money can go round.

    With trade in balance, what a group pays to others has to come back from them.
    """
    pays = flows.sum(axis=0) > 0
    if fees is not None:
        for owner, rate in zip(fees.owner, fees.rate, strict=True):
            pays[:, owner] |= np.any(rate * flows > 0, axis=(0, 2))
    group = connected_components(csr_array(pays), directed=True, connection="strong")[1]
    apart: NDArray[np.bool_] = group != np.bincount(group).argmax()
    return apart


def rates_like(new: Fees, old: Fees | None) -> FloatArray:
    """The old rates in the order of the new owners; zero for an owner who is new."""
    rate = np.zeros_like(new.rate)
    if old is None:
        return rate
    missing = set(old.owner.tolist()) - set(new.owner.tolist())
    if missing:
        raise BadInputError(
            f"fees: owner {min(missing)} of the baseline is missing; give it rates of zero"
        )
    for at, owner in enumerate(old.owner):
        # Where an owner appears twice in the new fees, all it had goes to the first.
        rate[int(np.flatnonzero(new.owner == owner)[0])] += old.rate[at]
    return rate

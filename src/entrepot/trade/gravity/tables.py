"""A gravity estimate as tables: coefficients, the fit, effects, resistances, observations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from entrepot.kernels.regression.separation import Reason

if TYPE_CHECKING:
    from entrepot.trade.gravity.estimate import Gravity


def gravity_tables(result: Gravity) -> dict[str, pd.DataFrame]:
    """Tables of an estimate.

    coefficients : one row by regressor
    fit          : one row: formula, counts of observations, likelihoods, the solver
    left_out     : rows of the source and regressors that were not used, by reason
    history      : deviance by iteration
    effects      : one row by level of each effect
    resistances  : multilateral resistances, where the effects are those of gravity
    observations : one row by row used
    """
    tables = {
        "coefficients": result.coefficients,
        "fit": pd.DataFrame([_fit(result)]),
        "left_out": _left_out(result),
        "history": pd.DataFrame({"deviance": list(result.fit.history)}),
        "effects": result.effects,
        "observations": result.observations,
    }
    if result.resistances is not None:
        tables["resistances"] = result.resistances
    return tables


def _fit(result: Gravity) -> dict[str, object]:
    return {
        "formula": result.formula.text,
        "observations": len(result.observations),
        "standard_errors": result.errors,
        "small_sample_factor": result.covariance.factor,
        "small_sample_words": result.covariance.words,
        "clusters": tuple(int(c) for c in result.covariance.clusters),
        "deviance": result.deviance,
        "log_likelihood": result.log_likelihood,
        "pseudo_r2": result.pseudo_r2,
        "solver_status": result.fit.status.value,
        "iterations": result.fit.iterations,
        "last_move": result.fit.move,
        "imbalance": result.fit.imbalance,
        "score": result.fit.score,
    }


def _left_out(result: Gravity) -> pd.DataFrame:
    reason = result.separation.reason
    rows = [("rows", m.column, m.count, "no value in this column") for m in result.missing]
    for r in Reason:
        count = int((reason == r).sum())
        if r != Reason.KEPT and count:
            rows.append(("rows", "", count, r.name.lower()))
    rows += [("regressor", name, 1, why) for name, why in result.dropped.items()]
    return pd.DataFrame(rows, columns=["what", "column", "count", "reason"])

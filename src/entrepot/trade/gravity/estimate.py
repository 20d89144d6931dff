"""Gravity estimated by Poisson pseudo-maximum likelihood, from a formula and a table.

    result = estimate_file(Path("panel.csv"), "trade ~ rta | exporter^year + importer^year + pair")

Santos Silva and Tenreyro (2006) for the estimator, Correia, Guimarães and Zylkin (2020) for
separation and effects, Fally (2015) for what the effects mean, Weidner and Zylkin (2021) for the
bias of three-way estimates in short panels. `kernels/ppml` does the arithmetic.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import gammaln, ndtr, ndtri

from entrepot.errors import InfeasibleError, UsageError
from entrepot.kernels.arrays import FloatArray
from entrepot.kernels.regression.ppml import Ppml, PpmlOptions, ppml
from entrepot.kernels.regression.separation import (
    Reason,
    Separation,
    compact,
    separation,
)
from entrepot.kernels.short_repr import short_repr
from entrepot.kernels.status import Status
from entrepot.trade.gravity.data import (
    Cells,
    frame_cells,
    read_cells,
)
from entrepot.trade.gravity.design import (
    Design,
    Grouping,
    Missing,
    design,
)
from entrepot.trade.gravity.effects import effects_table, resistances
from entrepot.trade.gravity.formula import (
    Formula,
    parse_formula,
    split_names,
)
from entrepot.trade.gravity.inference import (
    Covariance,
    check_convention,
    covariance,
)
from entrepot.trade.gravity.notes import notes_of
from entrepot.trade.gravity.roles import Roles, find_roles


@dataclass(frozen=True, slots=True)
class GravitySettings:
    """How to estimate.

    cluster     : clusterings, such as ("exporter^importer",); None for pairs where the effects
                  tell them; ignored with robust
    robust      : heteroskedasticity-robust instead of clustered
    convention  : small-sample factor of ppmlhdfe, fixest or none
    theta       : trade elasticity above zero, for ad valorem equivalents; None for none
    reference   : importer whose inward resistance is one
    singletons  : whether levels with one observation are left out
    level       : of the confidence intervals
    """

    cluster: tuple[str, ...] | None = None
    robust: bool = False
    convention: str = "ppmlhdfe"
    theta: float | None = None
    reference: str | None = None
    singletons: bool = True
    level: float = 0.95
    options: PpmlOptions = field(default_factory=PpmlOptions)


@short_repr
@dataclass(frozen=True, slots=True)
class Gravity:
    """An estimate; rows are those of the source, n of them used.

    coefficients   : name, estimate, se, z, p, low, high and, given theta, ad_valorem (a share: how
                     much one unit more raises the cost of trade, exp(-estimate / theta) - 1)
    covariance     : of the coefficients, and its small-sample factor
    errors         : what standard errors allow for, in words
    effects        : one row by level of every effect
    resistances    : multilateral resistances, None where the effects are not gravity
    observations   : row (position in the source, from 0), outcome, fitted
    separation     : rows dropped and why, over the complete rows
    missing        : rows left out for want of a value, left_out in all
    dropped        : regressors left out, with the reason
    deviance, log_likelihood, pseudo_r2 : McFadden's against a constant
    fit            : the iteration: status, history, certificates
    notes          : what a reader should know, in sentences
    """

    formula: Formula
    coefficients: pd.DataFrame
    covariance: Covariance
    errors: str
    effects: pd.DataFrame
    resistances: pd.DataFrame | None
    observations: pd.DataFrame
    separation: Separation
    missing: tuple[Missing, ...]
    left_out: int
    dropped: dict[str, str]
    deviance: float
    log_likelihood: float
    pseudo_r2: float
    fit: Ppml
    roles: Roles | None
    notes: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Everything but the rows and effects."""
        reason = self.separation.reason
        return {
            "formula": self.formula.text,
            "coefficients": self.coefficients.to_dict(orient="records"),
            "standard_errors": self.errors,
            "small_sample_factor": {"value": self.covariance.factor, "is": self.covariance.words},
            "clusters": list(self.covariance.clusters),
            "observations": {
                "used": len(self.observations),
                "missing": self.left_out,
                **{r.name.lower(): int((reason == r).sum()) for r in Reason if r != Reason.KEPT},
            },
            "missing": [
                {"column": m.column, "count": m.count, "first_rows": list(m.rows)}
                for m in self.missing
            ],
            "dropped_regressors": self.dropped,
            "levels": {e: int(n) for e, n in self.effects["effect"].value_counts().items()},
            "deviance": self.deviance,
            "log_likelihood": self.log_likelihood,
            "pseudo_r2": self.pseudo_r2,
            "solver": {
                "status": self.fit.status.value,
                "iterations": self.fit.iterations,
                "last_move": self.fit.move,
                "imbalance": self.fit.imbalance,
                "score": self.fit.score,
                "deviance": list(self.fit.history),
            },
            "notes": list(self.notes),
        }


def estimate_file(path: Path, formula: str, settings: GravitySettings | None = None) -> Gravity:
    """Estimate from a CSV (also gzipped) or Parquet file."""
    asked, s, clusterings = _asked(formula, settings)
    labels = dict.fromkeys(
        [*asked.labels, *(c for clustering in clusterings or () for c in clustering)]
    )
    return _estimate(read_cells(path, asked.numbers, tuple(labels)), asked, s, clusterings)


def estimate_frame(
    frame: pd.DataFrame, formula: str, settings: GravitySettings | None = None
) -> Gravity:
    """Estimate from a data frame."""
    asked, s, clusterings = _asked(formula, settings)
    labels = dict.fromkeys(
        [*asked.labels, *(c for clustering in clusterings or () for c in clustering)]
    )
    return _estimate(frame_cells(frame, asked.numbers, tuple(labels)), asked, s, clusterings)


def _asked(
    formula: str, settings: GravitySettings | None
) -> tuple[Formula, GravitySettings, tuple[tuple[str, ...], ...] | None]:
    """Formula, settings and clusterings; None where pairs are to be found later."""
    s = settings or GravitySettings()
    check_convention(s.convention)
    if s.theta is not None and not 0 < s.theta < np.inf:
        raise UsageError(f"theta is {s.theta:g}; the trade elasticity is given above zero.")
    if not 0 < s.level < 1:
        raise UsageError(f"The level of confidence is {s.level:g}; expected a share such as 0.95.")
    asked = parse_formula(formula)
    if s.robust:
        if s.cluster:
            raise UsageError("Ask for robust or for clustered standard errors, not for both.")
        return asked, s, ()
    if s.cluster is not None:
        return asked, s, tuple(split_names(clustering) for clustering in s.cluster)
    roles = find_roles(asked.effects)
    return asked, s, None if roles is not None else ()


def _estimate(
    cells: Cells, formula: Formula, s: GravitySettings, asked: tuple[tuple[str, ...], ...] | None
) -> Gravity:
    counts = {c: len(v.levels) for c, v in cells.labels.items()}
    roles = find_roles(formula.effects, counts)
    clusterings = asked
    if clusterings is None:
        clusterings = (roles.pair,) if roles is not None else ()
    whole = design(cells, formula, clusterings)
    found = separation(
        whole.y,
        whole.x,
        [g.code for g in whole.effects],
        singletons=s.singletons,
        threads=s.options.threads,
    )
    used = _rows(whole, np.flatnonzero(found.kept))
    if len(used.y) == 0 or not (used.y > 0).any():
        raise InfeasibleError(
            f"{cells.file}: no observation is left to estimate with; {len(whole.y):,} complete rows "
            "are all zero, separated or alone in a level."
        )
    codes = [g.code for g in used.effects]
    if len(used.y) <= used.x.shape[1]:
        raise InfeasibleError(
            f"{len(used.y):,} observations are too few for {used.x.shape[1]:,} regressors."
        )
    fit = ppml(used.y, used.x, codes, s.options)
    if fit.status is not Status.CONVERGED:
        raise InfeasibleError(
            f"The estimate did not converge: {fit.status.value}. {fit.iterations} iterations, last "
            f"move {fit.move:.2g}, deviance {fit.deviance:.6g}."
        )
    scores = fit.residual_x * (used.y - fit.fitted)[:, None]
    matrix = covariance(fit.bread, scores, [g.code for g in used.clusters], codes, s.convention)
    loglik, null = _likelihoods(used.y, fit)
    names = [n for n, k in zip(used.names, fit.kept, strict=True) if k]
    dropped = {
        n: "the effects already hold it" if a else "other regressors already hold it"
        for n, k, a in zip(used.names, fit.kept, fit.absorbed, strict=True)
        if not k
    }
    return Gravity(
        formula=formula,
        coefficients=_coefficients(names, fit.beta, matrix.matrix, s),
        covariance=matrix,
        errors=_errors(used.clusters),
        effects=effects_table(used.effects, fit.effects, used.y, fit.fitted),
        resistances=(
            resistances(
                used.effects, fit.effects, used.y, roles, theta=s.theta, reference=s.reference
            )
            if roles is not None
            else None
        ),
        observations=pd.DataFrame({"row": used.at, "outcome": used.y, "fitted": fit.fitted}),
        separation=found,
        missing=whole.missing,
        left_out=whole.left_out,
        dropped=dropped,
        deviance=fit.deviance,
        log_likelihood=loglik,
        pseudo_r2=1.0 - loglik / null if null else float("nan"),
        fit=fit,
        roles=roles,
        notes=notes_of(
            used=used,
            complete=len(whole.y),
            found=found,
            dropped=dropped,
            errors=matrix,
            roles=roles,
            fell_back=not clusterings and not s.robust,
        ),
    )


def _rows(d: Design, rows: NDArray[np.int64]) -> Design:
    """Some rows of a design, levels numbered anew."""

    def part(g: Grouping) -> Grouping:
        code = g.code[rows]
        live = np.unique(code)
        return Grouping(g.columns, compact(code), g.levels.iloc[live].reset_index(drop=True))

    return Design(
        at=d.at[rows],
        y=d.y[rows],
        x=d.x[rows],
        names=d.names,
        effects=tuple(map(part, d.effects)),
        clusters=tuple(map(part, d.clusters)),
        missing=d.missing,
        left_out=d.left_out,
    )


def _coefficients(
    names: Sequence[str], beta: FloatArray, matrix: FloatArray, s: GravitySettings
) -> pd.DataFrame:
    with np.errstate(invalid="ignore", divide="ignore"):
        se = np.sqrt(matrix.diagonal())
        z = beta / se
    reach = float(ndtri(0.5 + s.level / 2.0)) * se
    table = pd.DataFrame(
        {
            "name": names,
            "estimate": beta,
            "se": se,
            "z": z,
            "p": 2.0 * ndtr(-np.abs(z)),
            "low": beta - reach,
            "high": beta + reach,
        }
    )
    if s.theta is not None:
        table["ad_valorem"] = np.expm1(-beta / s.theta)
    return table


def _likelihoods(y: FloatArray, fit: Ppml) -> tuple[float, float]:
    """Log likelihood of the estimate and of a constant."""
    factorials = float(gammaln(y + 1.0).sum())
    mean = float(y.mean())
    loglik = float(np.sum(y * fit.index - fit.fitted)) - factorials
    null = float(np.sum(y)) * float(np.log(mean)) - len(y) * mean - factorials
    return loglik, null


def _errors(clusters: Sequence[Grouping]) -> str:
    if not clusters:
        return "robust to heteroskedasticity"
    return "clustered by " + " and by ".join(g.name for g in clusters)

"""One-sector structural gravity: multilateral resistances, conditional and full equilibrium.

Anderson and van Wincoop (2003); Yotov, Piermartini, Monteiro and Larch (2016, chapters 1 and 2).
Here n imports and i exports; Y is output, E expenditure, W world output, p the factory-gate
price (one in the baseline) and T = t^(1 - sigma) the trade-cost term:

    X_ni             = (E_n Y_i / W) T_ni / (P_n Pi_i)^(1 - sigma)      trade
    P_n^(1 - sigma)  = sum_i T_ni Pi_i^(sigma - 1) Y_i / W              inward resistance
    Pi_i^(1 - sigma) = sum_n T_ni P_n^(sigma - 1) E_n / W               outward resistance

Three equilibria, told apart by the `closure` of each result:

    baseline         Y and E as given; P and Pi clear all markets
    conditional      new T, same Y and E; only P and Pi move
    full endowment   new T; Y_i = p_i Q_i with Q fixed, E_n = phi_n Y_n with phi = E / Y of the
                     baseline; p, P and Pi move

The unknown is u_i = Pi_i^(sigma - 1) Y_i / W, or p. The resistances are known up to one factor
(P up, Pi down); P of the reference country is one. So the level of P in a conditional
equilibrium, and what is divided by it, is relative to that country. When relative prices move,
fixed phi do not add up over the world: all are then multiplied by one factor, which is reported.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from entrepot.errors import InfeasibleError
from entrepot.kernels.arrays import FloatArray
from entrepot.kernels.short_repr import short_repr
from entrepot.trade.one_sector.structural_input import (
    OneSectorOptions,
    balanced,
    checked_factor,
    checked_flows,
    checked_terms,
    connected,
)
from entrepot.trade.one_sector.structural_solve import Course, Market, OneSectorPoint, clear, solve

Closure = Literal["baseline", "conditional", "full endowment"]

CONVERGED = "converged"
NOT_CONVERGED = "not converged"
# The baseline is solved this much tighter, so that a run without change starts solved.
TIGHTER = 0.1


@short_repr
@dataclass(frozen=True, slots=True)
class OneSectorEquilibrium:
    """One equilibrium; N countries, trade as [importer, exporter].

    closure            : what was held fixed
    inward, outward    : (N,) multilateral resistances P and Pi
    price              : (N,) factory-gate price, one in the baseline
    output, expenditure: (N,) value
    trade              : (N, N) modelled trade; sums to expenditure and, at zero residual, output
    expenditure_factor : what all phi were multiplied by so that the world spends its output
    status             : why the iteration stopped
    residual           : largest |ln demand - ln output|
    iterations         : Newton steps taken
    history            : residual after each step, and at each new start on the way
    """

    closure: Closure
    inward: FloatArray
    outward: FloatArray
    price: FloatArray
    output: FloatArray
    expenditure: FloatArray
    trade: FloatArray
    expenditure_factor: float
    status: str
    residual: float
    iterations: int
    history: tuple[float, ...]


@short_repr
@dataclass(frozen=True, slots=True)
class OneSectorBaseline:
    """A solved baseline that any number of counterfactuals start from.

    equilibrium    : closure "baseline"
    cost_term      : (N, N) t^(1 - sigma), [importer, exporter]
    strength       : (N,) u_i
    sigma          : elasticity of substitution, above one
    balance_factor : what output or expenditure was multiplied by so that both have one sum
    options        : as given
    """

    equilibrium: OneSectorEquilibrium
    cost_term: FloatArray
    strength: FloatArray
    sigma: float
    balance_factor: float
    options: OneSectorOptions


@short_repr
@dataclass(frozen=True, slots=True)
class Changes:
    """New over old; where nothing was traded the ratio is one.

    inward, outward, price, output, expenditure : (N,)
    exports, imports, domestic                  : (N,) foreign sales, foreign purchases, own
    trade                                       : (N, N)
    real_output                                 : (N,) real GDP, Y / P
    welfare                                     : (N,) real expenditure, E / P
    """

    inward: FloatArray
    outward: FloatArray
    price: FloatArray
    output: FloatArray
    expenditure: FloatArray
    exports: FloatArray
    imports: FloatArray
    domestic: FloatArray
    trade: FloatArray
    real_output: FloatArray
    welfare: FloatArray


@short_repr
@dataclass(frozen=True, slots=True)
class StructuralGravity:
    """Baseline, both counterfactuals, and what changes from the one to the others."""

    baseline: OneSectorBaseline
    conditional: OneSectorEquilibrium
    full: OneSectorEquilibrium
    conditional_changes: Changes
    full_changes: Changes


def structural_gravity(
    flows: ArrayLike,
    cost_factor: ArrayLike,
    sigma: float,
    *,
    cost_term: ArrayLike | None = None,
    options: OneSectorOptions | None = None,
) -> StructuralGravity:
    """What new trade costs do to resistances, trade, output and welfare.

    flows       : (N, N) trade with own sales on the diagonal, [importer, exporter]
    cost_factor : (N, N) new trade cost t over old; one where nothing changes, infinite where
                  trade ends
    sigma       : elasticity of substitution, above one
    cost_term   : (N, N) estimated t^(1 - sigma). Left out, the baseline reproduces the flows and
                  all resistances are one; then only changes carry meaning.
    """
    chosen = options or OneSectorOptions()
    observed = checked_flows(flows)
    output, expenditure = observed.sum(axis=0), observed.sum(axis=1)
    if cost_term is None:
        pair = expenditure[:, None] * output[None, :] / output.sum()
        cost_term = np.divide(observed, pair, out=np.zeros_like(observed), where=pair > 0)
    return simulate(solve_baseline(output, expenditure, cost_term, sigma, chosen), cost_factor)


def solve_baseline(
    output: ArrayLike,
    expenditure: ArrayLike,
    cost_term: ArrayLike,
    sigma: float,
    options: OneSectorOptions | None = None,
) -> OneSectorBaseline:
    """Multilateral resistances at given outputs, expenditures and trade-cost terms.

    output, expenditure : (N,) above zero, with one sum (see OneSectorOptions.balance)
    cost_term           : (N, N) t^(1 - sigma), at least zero, [importer, exporter]
    """
    chosen = options or OneSectorOptions()
    made, spent, term = checked_terms(output, expenditure, cost_term, sigma, chosen)
    made, spent, factor = balanced(made, spent, chosen.balance)
    connected(term)
    start = Market(term, made / made.sum(), made, spent, float(sigma), False)
    sold = clear(start, np.zeros_like(made)).demand

    def path(place: float) -> Market:
        return replace(start, output=(1.0 - place) * sold + place * made)

    tight = TIGHTER * chosen.tolerance
    point, course = solve(path, tight, chosen.tolerance, chosen.max_iterations)
    strength = point.strength / point.reach[chosen.reference]
    market = Market(term, strength, made, spent, float(sigma), False)
    point = clear(market, np.zeros_like(made))
    solved = _equilibrium("baseline", point, market, course, chosen)
    return OneSectorBaseline(solved, term, strength, float(sigma), factor, chosen)


def simulate(baseline: OneSectorBaseline, cost_factor: ArrayLike) -> StructuralGravity:
    """Conditional and full endowment equilibrium under new trade costs."""
    term = _new_term(baseline, cost_factor)
    partial, full = _conditional(baseline, term), _full_endowment(baseline, term)
    old = baseline.equilibrium
    return StructuralGravity(baseline, partial, full, changes(old, partial), changes(old, full))


def conditional(baseline: OneSectorBaseline, cost_factor: ArrayLike) -> OneSectorEquilibrium:
    """Outputs and expenditures stay; only the resistances adjust to the new costs."""
    return _conditional(baseline, _new_term(baseline, cost_factor))


def _conditional(baseline: OneSectorBaseline, term: FloatArray) -> OneSectorEquilibrium:
    options = baseline.options
    market, point, course = _solved(baseline, term, full=False)
    point.rescale(point.reach[options.reference] / _reach(baseline)[options.reference], 1.0)
    return _equilibrium("conditional", point, market, course, options)


def full_endowment(baseline: OneSectorBaseline, cost_factor: ArrayLike) -> OneSectorEquilibrium:
    """Factory-gate prices, outputs and expenditures adjust as well; endowments stay."""
    return _full_endowment(baseline, _new_term(baseline, cost_factor))


def _full_endowment(baseline: OneSectorBaseline, term: FloatArray) -> OneSectorEquilibrium:
    options = baseline.options
    market, point, course = _solved(baseline, term, full=True)
    if options.numeraire == "reference":
        level = point.reach[options.reference] / _reach(baseline)[options.reference]
        point.rescale(level, float(level ** (-1.0 / (1.0 - market.sigma))))
    return _equilibrium("full endowment", point, market, course, options)


def changes(old: OneSectorEquilibrium, new: OneSectorEquilibrium) -> Changes:
    """Everything as new over old."""
    away = ~np.eye(len(old.output), dtype=bool)
    inward = new.inward / old.inward
    output, expenditure = new.output / old.output, new.expenditure / old.expenditure
    return Changes(
        inward=inward,
        outward=new.outward / old.outward,
        price=new.price / old.price,
        output=output,
        expenditure=expenditure,
        exports=_ratio((new.trade * away).sum(axis=0), (old.trade * away).sum(axis=0)),
        imports=_ratio((new.trade * away).sum(axis=1), (old.trade * away).sum(axis=1)),
        domestic=_ratio(np.diagonal(new.trade), np.diagonal(old.trade)),
        trade=_ratio(new.trade, old.trade),
        real_output=output / inward,
        welfare=expenditure / inward,
    )


def _ratio(new: FloatArray, old: FloatArray) -> FloatArray:
    return np.divide(new, old, out=np.ones_like(new), where=old > 0)


def _new_term(baseline: OneSectorBaseline, cost_factor: ArrayLike) -> FloatArray:
    factor = checked_factor(cost_factor, baseline.cost_term.shape)
    term: FloatArray = baseline.cost_term * factor ** (1.0 - baseline.sigma)
    connected(term)
    return term


def _solved(
    baseline: OneSectorBaseline, term: FloatArray, *, full: bool
) -> tuple[Market, OneSectorPoint, Course]:
    old, options = baseline.equilibrium, baseline.options
    strength, sigma = baseline.strength, baseline.sigma
    market = Market(term, strength, old.output, old.expenditure, sigma, full)

    def path(place: float) -> Market:
        if place == 1.0:
            return market
        return replace(market, term=baseline.cost_term ** (1.0 - place) * term**place)

    point, course = solve(path, options.tolerance, options.tolerance, options.max_iterations)
    return market, point, course


def _reach(baseline: OneSectorBaseline) -> FloatArray:
    """P^(1 - sigma) of the baseline, to the bit as the counterfactual would find it."""
    reach: FloatArray = baseline.cost_term @ baseline.strength
    return reach


def _equilibrium(
    closure: Closure,
    point: OneSectorPoint,
    market: Market,
    course: Course,
    options: OneSectorOptions,
) -> OneSectorEquilibrium:
    """The result in the words of the model; raises when markets do not clear, unless told not."""
    error = point.error
    status = CONVERGED if error <= options.tolerance else NOT_CONVERGED
    if status == NOT_CONVERGED and options.must_converge:
        raise InfeasibleError(
            f"No {closure} equilibrium within {course.steps} steps: the largest market is "
            f"{error:.2g} log points from clearing, {options.tolerance:g} is asked for. With "
            "zero flows, look for a country whose few partners cannot take its output."
        )
    power = 1.0 / (1.0 - market.sigma)
    output, expenditure = point.output, point.expenditure
    return OneSectorEquilibrium(
        closure=closure,
        inward=point.reach**power,
        outward=(output / output.sum() / point.strength) ** power,
        price=point.price,
        output=output,
        expenditure=expenditure,
        trade=point.shares * expenditure[:, None],
        expenditure_factor=point.factor,
        status=status,
        residual=error,
        iterations=course.steps,
        history=course.history,
    )

"""Closed forms, laws and other solvers for one-sector structural gravity."""

from __future__ import annotations

import warnings
from dataclasses import fields

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import root

from entrepot.errors import BadInputError, InfeasibleError, UsageError
from entrepot.trade.one_sector.structural import (
    CONVERGED,
    NOT_CONVERGED,
    Changes,
    OneSectorBaseline,
    conditional,
    full_endowment,
    simulate,
    solve_baseline,
    structural_gravity,
)
from entrepot.trade.one_sector.structural_input import OneSectorOptions

SOLVED = 1e-11  # ten times the residual allowed, as resistances take a root of sums
OTHER_CODE = 1e-8  # what the other solvers are asked for


def made_up(seed: int, n: int = 6, sigma: float = 5.0, empty: float = 0.0) -> OneSectorBaseline:
    """A world drawn at random: sizes, imbalances, costs, and a part of pairs without trade."""
    draw = np.random.default_rng(seed)
    term = np.exp(-draw.uniform(0.0, 6.0, (n, n)))
    term[draw.random((n, n)) < empty] = 0.0
    np.fill_diagonal(term, 1.0)
    term[:, 0], term[0, :] = np.maximum(term[:, 0], 1e-4), np.maximum(term[0, :], 1e-4)
    output = np.exp(draw.normal(0.0, 1.5, n))
    spent = output * np.exp(draw.normal(0.0, 0.15, n))
    return solve_baseline(output, spent * output.sum() / spent.sum(), term, sigma)


def shock(seed: int, n: int) -> np.ndarray:
    return np.exp(np.random.default_rng(seed).normal(0.0, 0.2, (n, n)))


def assert_same(one: Changes, other: Changes, tolerance: float) -> None:
    for field in fields(Changes):
        left, right = getattr(one, field.name), getattr(other, field.name)
        np.testing.assert_allclose(left, right, rtol=tolerance, err_msg=field.name)


@pytest.mark.parametrize(("tau", "share"), [(1.0, 0.5), (1.5, 0.8350515464), (2.0, 0.9411764706)])
def test_two_like_countries_by_hand(tau: float, share: float) -> None:
    """A == tau == B, theta = 4: own share 1 / (1 + tau^-4), P = 1, Pi^-4 = (1 + tau^-4) / 2."""
    cost = np.array([[1.0, tau], [tau, 1.0]])
    base = solve_baseline([7.0, 7.0], [7.0, 7.0], cost**-4.0, 5.0)
    solved = base.equilibrium
    np.testing.assert_allclose(np.diagonal(solved.trade) / 7.0, share, rtol=1e-9)
    np.testing.assert_allclose(solved.inward, 1.0, rtol=SOLVED)
    np.testing.assert_allclose(solved.outward, ((1 + tau**-4.0) / 2) ** -0.25, rtol=SOLVED)
    free = full_endowment(base, 1.0 / cost)
    np.testing.assert_allclose(solved.inward / free.inward, (share / 0.5) ** 0.25, rtol=1e-9)


def test_without_trade_costs_everything_is_one() -> None:
    base = solve_baseline([1.0, 5.0, 2.0], [2.0, 3.0, 3.0], np.ones((3, 3)), 4.0)
    np.testing.assert_allclose(base.equilibrium.inward, 1.0, rtol=SOLVED)
    np.testing.assert_allclose(base.equilibrium.outward, 1.0, rtol=SOLVED)
    expected = np.outer([2.0, 3.0, 3.0], [1.0, 5.0, 2.0]) / 8.0
    np.testing.assert_allclose(base.equilibrium.trade, expected, rtol=SOLVED)


@pytest.mark.parametrize("empty", [0.0, 0.5])
def test_gravity_and_adding_up_hold_in_all_three(empty: float) -> None:
    """X = E Y / W T / (P Pi)^(1 - sigma), and its sums are expenditure and output."""
    base = made_up(1, 12, 5.0, empty)
    new = shock(2, 12)
    result = simulate(base, new)
    kinds = (
        (base.equilibrium, base.cost_term, "baseline"),
        (result.conditional, base.cost_term * new**-4.0, "conditional"),
        (result.full, base.cost_term * new**-4.0, "full endowment"),
    )
    for found, term, closure in kinds:
        assert found.closure == closure
        assert found.status == CONVERGED
        assert found.residual <= 1e-12
        assert found.history[-1] <= 1e-12
        sizes = np.outer(found.expenditure, found.output) / found.output.sum()
        gravity = sizes * term / np.outer(found.inward, found.outward) ** -4.0
        np.testing.assert_allclose(found.trade, gravity, rtol=SOLVED)
        np.testing.assert_allclose(found.trade.sum(axis=0), found.output, rtol=SOLVED)
        np.testing.assert_allclose(found.trade.sum(axis=1), found.expenditure, rtol=SOLVED)
        assert (found.trade[term == 0] == 0).all()
    np.testing.assert_array_equal(result.conditional.output, base.equilibrium.output)
    np.testing.assert_array_equal(result.conditional.expenditure, base.equilibrium.expenditure)
    phi = base.equilibrium.expenditure / base.equilibrium.output
    np.testing.assert_allclose(
        result.full.expenditure / result.full.output, phi * result.full.expenditure_factor
    )


def test_own_share_tells_real_output() -> None:
    """Arkolakis, Costinot and Rodriguez-Clare (2012): (own share)^(1 / (1 - sigma))."""
    base = made_up(3)
    new = shock(4, 6)
    np.fill_diagonal(new, 1.0)
    full = full_endowment(base, new)
    old = base.equilibrium
    own = np.diagonal(full.trade) / full.expenditure
    own = own / (np.diagonal(old.trade) / old.expenditure)
    real = full.price / (full.inward / old.inward)
    np.testing.assert_allclose(real, own ** (1.0 / (1.0 - base.sigma)), rtol=SOLVED)


@given(st.integers(0, 40), st.integers(2, 15), st.floats(1.5, 12.0))
def test_no_change_is_no_effect_to_the_bit(seed: int, n: int, sigma: float) -> None:
    base = made_up(seed, n, sigma, empty=0.3)
    result = simulate(base, np.ones((n, n)))
    assert result.conditional.iterations == result.full.iterations == 0
    for part in (result.conditional_changes, result.full_changes):
        for field in fields(Changes):
            assert (getattr(part, field.name) == 1.0).all(), field.name
    assert result.full.expenditure_factor == 1.0


def test_dearer_by_the_same_factor_everywhere() -> None:
    base = made_up(5)
    result = simulate(base, np.full((6, 6), 1.1)).full_changes
    np.testing.assert_allclose(result.trade, 1.0, rtol=SOLVED)
    np.testing.assert_allclose(result.welfare, 1 / 1.1, rtol=SOLVED)
    np.testing.assert_allclose(result.outward, 1.0, rtol=SOLVED)


def test_units_of_money_and_of_costs_do_not_matter() -> None:
    base, new = made_up(6), shock(7, 6)
    old = base.equilibrium
    other = solve_baseline(old.output * 1e6, old.expenditure * 1e6, base.cost_term * 1e5, 5.0)
    result, scaled = simulate(base, new), simulate(other, new)
    assert_same(result.conditional_changes, scaled.conditional_changes, SOLVED)
    assert_same(result.full_changes, scaled.full_changes, SOLVED)
    np.testing.assert_allclose(
        other.equilibrium.outward, old.outward * 1e5 ** (1 / (1 - 5.0)), rtol=SOLVED
    )


def test_order_of_countries_does_not_matter() -> None:
    base, new = made_up(8), shock(9, 6)
    old, order = base.equilibrium, np.random.default_rng(0).permutation(6)
    moved = solve_baseline(
        old.output[order],
        old.expenditure[order],
        base.cost_term[np.ix_(order, order)],
        5.0,
        OneSectorOptions(reference=int(np.flatnonzero(order == 0)[0])),
    )
    np.testing.assert_allclose(moved.equilibrium.inward, old.inward[order], rtol=SOLVED)
    found, expected = full_endowment(moved, new[np.ix_(order, order)]), full_endowment(base, new)
    np.testing.assert_allclose(found.trade, expected.trade[np.ix_(order, order)], rtol=10 * SOLVED)


def test_a_country_cut_in_two_changes_nothing_for_the_others() -> None:
    base, new = made_up(10), shock(11, 6)
    old, twice = base.equilibrium, [0, 1, 2, 3, 4, 5, 5]
    half = np.array([1, 1, 1, 1, 1, 0.5, 0.5])
    cut = solve_baseline(
        old.output[twice] * half,
        old.expenditure[twice] * half,
        base.cost_term[np.ix_(twice, twice)],
        5.0,
    )
    whole, parts = simulate(base, new), simulate(cut, new[np.ix_(twice, twice)])
    for name in ("inward", "outward", "price", "welfare"):
        for one, two in (
            (whole.full_changes, parts.full_changes),
            (whole.conditional_changes, parts.conditional_changes),
        ):
            found = getattr(two, name)
            np.testing.assert_allclose(found, getattr(one, name)[twice], rtol=10 * SOLVED)


def test_reference_and_numeraire_leave_real_results_alone() -> None:
    base, new = made_up(12), shock(13, 6)
    old = base.equilibrium
    other = solve_baseline(
        old.output,
        old.expenditure,
        base.cost_term,
        5.0,
        OneSectorOptions(reference=3, numeraire="reference"),
    )
    assert other.equilibrium.inward[3] == pytest.approx(1.0, abs=SOLVED)
    one, two = simulate(base, new), simulate(other, new)
    assert two.full.inward[3] == pytest.approx(1.0, abs=SOLVED)
    assert two.conditional.inward[3] == pytest.approx(1.0, abs=SOLVED)
    assert one.full.output.sum() == pytest.approx(old.output.sum(), rel=SOLVED)
    for name in ("welfare", "real_output"):
        left, right = getattr(one.full_changes, name), getattr(two.full_changes, name)
        np.testing.assert_allclose(left, right, rtol=SOLVED)
    np.testing.assert_allclose(one.conditional.trade, two.conditional.trade, rtol=10 * SOLVED)
    # Money of another unit: all values by one factor.
    factor = two.full.output[0] / one.full.output[0]
    np.testing.assert_allclose(two.full.trade, one.full.trade * factor, rtol=10 * SOLVED)


def test_full_equilibrium_against_the_whole_system_solved_by_scipy() -> None:
    """Unknown at once: ln P, ln Pi, ln p and the world factor of expenditure; sigma = 6."""
    n, sigma = 7, 6.0
    base, new = made_up(14, n, sigma), shock(15, n)
    old = base.equilibrium
    made, phi, term = old.output, old.expenditure / old.output, base.cost_term * new ** (1 - sigma)
    taste = (made / made.sum()) * old.outward ** (sigma - 1)  # beta^(1 - sigma), at p = 1

    def system(unknown: np.ndarray) -> np.ndarray:
        inward, outward, price = np.exp(unknown[: 3 * n]).reshape(3, n)
        output = made * price
        spent = phi * output * np.exp(unknown[-1])
        world = output.sum()
        return np.concatenate(
            (
                np.log(term @ (outward ** (sigma - 1) * output / world))
                - (1 - sigma) * np.log(inward),
                np.log(term.T @ (inward ** (sigma - 1) * spent / world))
                - (1 - sigma) * np.log(outward),
                # p = (Y / W)^(1 / (1 - sigma)) / (beta Pi)
                np.log(price) - np.log(output / world / taste) / (1 - sigma) + np.log(outward),
                [np.log(world / made.sum())],
            )
        )

    start = np.concatenate((np.log(old.inward), np.log(old.outward), np.zeros(n + 1)))
    found = root(system, start, tol=1e-13)
    assert np.abs(found.fun).max() < 1e-10
    inward, outward, price = np.exp(found.x[: 3 * n]).reshape(3, n)
    full = full_endowment(base, new)
    np.testing.assert_allclose(full.inward, inward, rtol=OTHER_CODE)
    np.testing.assert_allclose(full.outward, outward, rtol=OTHER_CODE)
    np.testing.assert_allclose(full.price, price, rtol=OTHER_CODE)
    assert full.expenditure_factor == pytest.approx(np.exp(found.x[-1]), rel=OTHER_CODE)
    assert abs(full.expenditure_factor - 1) > 1e-4, "the test should bite"


def test_full_equilibrium_against_the_multi_sector_solver() -> None:
    """One sector, labour only, imbalances a constant part of income."""
    trade = pytest.importorskip("entrepot.trade.exact.counterfactual")
    flows = made_up(16, 8, empty=0.3).equilibrium.trade
    new = shock(17, 8)
    mine = structural_gravity(flows, new, 5.0)
    world = trade.Baseline.from_flows(flows, elasticity=4.0, deficit="proportional")
    other = trade.counterfactual(world, cost_hat=new, tol=1e-12)
    assert other.status == "converged"
    found = mine.full_changes
    np.testing.assert_allclose(found.welfare, other.welfare_hat, rtol=OTHER_CODE)
    np.testing.assert_allclose(found.real_output, other.real_wage_hat, rtol=OTHER_CODE)
    np.testing.assert_allclose(found.price, other.wage_hat, rtol=OTHER_CODE)
    np.testing.assert_allclose(mine.full.trade, other.flows[0], rtol=OTHER_CODE, atol=1e-12)


def test_resistances_against_gegravity() -> None:
    """Its "full" equations keep baseline shares, so they give our conditional resistances."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ge = pytest.importorskip("gegravity", exc_type=ImportError)
    base, new = made_up(24), shock(25, 6)
    result, old = simulate(base, new), base.equilibrium
    names = list("ABCDEF")
    pairs = pd.MultiIndex.from_product([names, names], names=["importer", "exporter"])
    data = pd.DataFrame(index=pairs).reset_index()
    data["year"], data["trade"] = "2023", old.trade.ravel()
    data["Y"], data["E"] = np.tile(old.output, 6), np.repeat(old.expenditure, 6)
    data["cost"] = np.log(base.cost_term).ravel()
    after = data.assign(cost=np.log(base.cost_term * new**-4.0).ravel())
    coefficients = pd.DataFrame({"var": ["cost"], "coeff": [1.0], "ste": [0.1]})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = ge.OneSectorGE(
            ge.BaselineData(data, trade_var_name="trade", expend_var_name="E", output_var_name="Y"),
            year="2023",
            reference_importer="A",
            sigma=5.0,
            cost_variables=["cost"],
            cost_coeff_values=ge.CostCoeffs(coefficients, "var", "coeff", "ste"),
            quiet=True,
        )
        model.build_baseline(mr_tolerance=1e-12)
        model.define_experiment(after)
        model.simulate(ge_tolerance=1e-12)
    found = model.country_mr_terms.sort_index()
    np.testing.assert_allclose(found["baseline imr"], old.inward, rtol=OTHER_CODE)
    np.testing.assert_allclose(found["baseline omr"], old.outward, rtol=OTHER_CODE)
    for kind in ("conditional", "experiment"):
        np.testing.assert_allclose(found[f"{kind} imr"], result.conditional.inward, rtol=OTHER_CODE)
        np.testing.assert_allclose(
            found[f"{kind} omr"], result.conditional.outward, rtol=OTHER_CODE
        )
    assert np.abs(result.full.outward / result.conditional.outward - 1).max() > 1e-3


def test_flows_alone_give_the_changes_that_costs_give() -> None:
    """Observed flows as modelled: the same changes without knowing the costs."""
    base, new = made_up(18), shock(19, 6)
    by_costs = simulate(base, new)
    by_flows = structural_gravity(base.equilibrium.trade, new, 5.0)
    np.testing.assert_allclose(by_flows.baseline.equilibrium.inward, 1.0, rtol=SOLVED)
    assert_same(by_costs.full_changes, by_flows.full_changes, 10 * SOLVED)
    assert_same(by_costs.conditional_changes, by_flows.conditional_changes, 10 * SOLVED)
    same = structural_gravity(base.equilibrium.trade, new, 5.0, cost_term=base.cost_term)
    np.testing.assert_allclose(same.full.trade, by_costs.full.trade, rtol=10 * SOLVED)


@pytest.mark.parametrize("seed", range(4))
def test_a_shock_undone_leads_back(seed: int) -> None:
    """Costs change by half and more at sigma = 12: too far for Newton's method at one go."""
    base = made_up(seed, 25, 12.0, empty=0.4)
    new = shock(seed, 25) ** 3
    there = full_endowment(base, new)
    assert there.residual <= 1e-12
    term = base.cost_term * new**-11.0
    world = solve_baseline(there.output, there.expenditure, term, 12.0)
    back = full_endowment(world, 1 / new)
    np.testing.assert_allclose(back.trade, base.equilibrium.trade, rtol=1e-8, atol=1e-12)
    assert back.expenditure_factor == pytest.approx(1 / there.expenditure_factor, rel=1e-9)


def test_an_infinite_cost_ends_trade_of_a_pair() -> None:
    base = made_up(20)
    new = np.ones((6, 6))
    new[2, 3] = np.inf
    result = simulate(base, new)
    assert result.full.status == CONVERGED
    assert result.full_changes.trade[2, 3] == 0.0
    assert result.full_changes.welfare[2] < 1.0


def test_markets_that_cannot_clear_say_so() -> None:
    """Exporter 0 sells to importer 0 alone, who spends less than it makes."""
    term = np.array([[1.0, 1.0], [0.0, 1.0]])
    with pytest.raises(InfeasibleError, match="No baseline equilibrium"):
        solve_baseline([2.0, 1.0], [1.0, 2.0], term, 5.0)
    lenient = OneSectorOptions(must_converge=False)
    found = solve_baseline([2.0, 1.0], [1.0, 2.0], term, 5.0, lenient).equilibrium
    assert found.status == NOT_CONVERGED
    assert not found.residual < 0.1
    few = OneSectorOptions(max_iterations=1, must_converge=False)
    old = made_up(21).equilibrium
    early = solve_baseline(old.output, old.expenditure, made_up(21).cost_term, 5.0, few)
    assert early.equilibrium.status == NOT_CONVERGED
    assert early.equilibrium.iterations == 1


def test_world_output_is_world_expenditure_or_a_factor_is_reported() -> None:
    base = made_up(22)
    old = base.equilibrium
    spent = old.expenditure * 1.008
    with pytest.raises(BadInputError, match=r"-0\.794% apart"):
        solve_baseline(old.output, spent, base.cost_term, 5.0)
    less = solve_baseline(
        old.output, spent, base.cost_term, 5.0, OneSectorOptions(balance="scale_expenditure")
    )
    more = solve_baseline(
        old.output, spent, base.cost_term, 5.0, OneSectorOptions(balance="scale_output")
    )
    assert base.balance_factor == 1.0
    assert less.balance_factor == pytest.approx(1 / 1.008, rel=1e-12)
    assert more.balance_factor == pytest.approx(1.008, rel=1e-12)
    for scaled in (less, more):
        np.testing.assert_allclose(scaled.equilibrium.inward, old.inward, rtol=SOLVED)
    np.testing.assert_allclose(more.equilibrium.trade, old.trade * 1.008, rtol=SOLVED)


def test_all_faults_of_the_input_in_one_message() -> None:
    term = np.ones((2, 2))
    term[1, 0] = -3.0
    with pytest.raises(BadInputError) as caught:
        solve_baseline([1.0, 0.0], [1.0, np.nan], term, 0.5, OneSectorOptions(reference=2))
    for part in ("output: 0 at [1]", "nan at [1]", "-3 at [1, 0]", "sigma: 0.5", "reference: 2"):
        assert part in str(caught.value)
    with pytest.raises(BadInputError, match="2 groups"):
        solve_baseline([1.0, 1.0], [1.0, 1.0], np.eye(2), 5.0)
    with pytest.raises(BadInputError, match="importer 1 can buy from nobody"):
        solve_baseline([1.0, 1.0], [1.0, 1.0], [[1.0, 1.0], [0.0, 0.0]], 5.0)
    with pytest.raises(BadInputError, match=r"cost_factor: 0 at \[0, 1\]"):
        conditional(made_up(23, 2), [[1.0, 0.0], [1.0, 1.0]])
    with pytest.raises(BadInputError, match=r"expected \(2, 2\)"):
        conditional(made_up(23, 2), np.ones((3, 3)))
    with pytest.raises(BadInputError, match=r"flows: -1 at \[0, 1\]"):
        structural_gravity([[1.0, -1.0], [1.0, 1.0]], np.ones((2, 2)), 5.0)
    with pytest.raises(BadInputError, match=r"sales: 0 at \[1\]"):
        structural_gravity([[1.0, 0.0], [1.0, 0.0]], np.ones((2, 2)), 5.0)
    with pytest.raises(UsageError, match="'guess' is none of"):
        OneSectorOptions(balance="guess")  # type: ignore[arg-type]
    for wrong in ({"tolerance": 0.0}, {"max_iterations": 0}):
        with pytest.raises(UsageError, match="at least one"):
            OneSectorOptions(**wrong)

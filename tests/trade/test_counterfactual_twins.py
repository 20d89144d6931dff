"""The trade equilibrium against the same equations written and solved in other routes."""

from __future__ import annotations

import numpy as np
import pytest

from entrepot.trade.exact.baseline import Baseline, start_of
from entrepot.trade.exact.counterfactual import counterfactual
from entrepot.trade.exact.markets import (
    TIGHTEST,
    Frame,
    evaluate,
)
from entrepot.trade.exact.shock import read_shock
from entrepot.trade.exact.slopes import wage_slopes
from entrepot.trade.exact.solve import solve
from tests.trade.plain_twin import (
    Shocked,
    at_wages,
    excess_demand_iteration,
    one_sector,
    whole_system,
)
from tests.trade.trade_worlds import (
    RULES,
    Arrays,
    cost_shock,
    made_up,
    scaled_fees,
    tariff_shock,
    tightly,
)

OTHER_CODE = 1e-8
SAME_MAP = 1e-11


def shocked(seed: int, world: Arrays, rule: str, size: float = 0.2) -> Shocked:
    return Shocked(
        world.baseline(rule),
        cost_shock(seed, world, size),
        tariff_shock(seed, world),
        scaled_fees(world.fees, 1.7),
    )


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("inputs", [False, True])
def test_the_map_against_its_plain_twin(rule: str, inputs: bool) -> None:
    """Prices, spending and excess demand at wages drawn at random, not only in equilibrium."""
    world = made_up(1, 5, 4, inputs=inputs, fee=0.15, empty=0.4)
    case = shocked(1, world, rule)
    shock, _ = read_shock(case.base, case.cost, case.tariff, case.fees)
    frame, state = Frame.of(shock.problem(case.base)), start_of(case.base)
    wage = np.exp(np.random.default_rng(0).normal(0.0, 0.05, 5))
    state.log_wage = np.log(wage)
    point = evaluate(frame, state, TIGHTEST)
    twin = at_wages(case, wage)
    np.testing.assert_allclose(np.exp(state.log_price), twin.prices, rtol=SAME_MAP)
    np.testing.assert_allclose(state.spending, twin.spending, rtol=SAME_MAP)
    np.testing.assert_allclose(point.output, twin.output, rtol=SAME_MAP)
    np.testing.assert_allclose(point.income, twin.income, rtol=SAME_MAP)
    np.testing.assert_allclose(point.excess, twin.excess, atol=SAME_MAP)
    assert point.factor == pytest.approx(twin.factor, rel=SAME_MAP)
    assert point.settled


def test_sellers_too_far_apart_for_powers() -> None:
    """theta = 60 and wages apart by e^15: c^-theta runs over e^900, more than a double holds.

    Country 1 buys the second sector at home only, so its price there is its own wage.
    """
    flows = np.array([[[5.0, 1.0], [1.0, 5.0]], [[2.0, 0.0], [0.0, 2.0]]])
    base = Baseline.from_flows(flows, elasticity=60.0)
    shock, _ = read_shock(base, np.full((2, 2), 1.5), None, None)
    frame, state = Frame.of(shock.problem(base)), start_of(base)
    state.log_wage = np.array([0.0, 15.0])
    point = evaluate(frame, state, TIGHTEST)
    expected = np.log(1.5) + np.array([0.0, 15.0])
    np.testing.assert_allclose(state.log_price[1], expected, rtol=SAME_MAP)
    # In the first sector country 0 undersells; country 1 pays its price and the share's power.
    assert state.log_price[0, 1] == pytest.approx(np.log(1.5) - np.log(1 / 6) / 60, rel=1e-9)
    assert np.isfinite(point.excess).all()


def test_tolerance_holds_for_the_smallest_country_too() -> None:
    """A dwarf a millionth of the rest starts one per cent off; the sweeps must not stop there."""
    small = made_up(12, 4, 3, tariff=0.2)
    part = np.array([1.0, 1.0, 1.0, 1e-8])
    flows = small.flows * np.minimum(part[:, None], part)
    base = Baseline.from_flows(
        flows, small.tariff, small.elasticity, small.value_added_share, small.input_share, "nominal"
    )
    shock, _ = read_shock(base, np.full((4, 4), 1.5), None, None)
    frame, ends = Frame.of(shock.problem(base)), []
    for tolerance in (TIGHTEST, 1e-5):
        state = start_of(base)
        evaluate(frame, state, TIGHTEST)
        if tolerance > TIGHTEST:
            state.spending[:, 3] *= 1.01
            evaluate(frame, state, tolerance)
        ends.append(state.spending)
    np.testing.assert_allclose(ends[1][:, 3], ends[0][:, 3], rtol=1e-4)


def test_a_frame_moved_changes_nothing() -> None:
    world = made_up(2, 5, 3, fee=0.1)
    case = shocked(2, world, "proportional")
    shock, _ = read_shock(case.base, case.cost, case.tariff, case.fees)
    problem, points = shock.problem(case.base), []
    for centre in (np.zeros((3, 5)), np.random.default_rng(0).normal(0.0, 5.0, (3, 5))):
        frame, state = Frame.of(problem), start_of(case.base)
        frame.move(centre)
        state.log_wage = np.linspace(-0.1, 0.1, 5)
        points.append((evaluate(frame, state, TIGHTEST), state))
    (one, first), (two, second) = points
    np.testing.assert_allclose(one.excess, two.excess, atol=SAME_MAP)
    np.testing.assert_allclose(first.log_price, second.log_price, atol=SAME_MAP)
    np.testing.assert_allclose(one.fees, two.fees, rtol=SAME_MAP)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("kind", ["bare", "tariffs", "inputs", "fees"])
def test_slopes_against_differences(kind: str, rule: str) -> None:
    world = {
        "bare": made_up(3, 5, 1, inputs=False, tariff=0.0),
        "tariffs": made_up(4, 5, 3, inputs=False),
        "inputs": made_up(5, 5, 3, empty=0.3),
        "fees": made_up(6, 5, 3, fee=0.2),
    }[kind]
    case = shocked(3, world, rule)
    shock, _ = read_shock(case.base, case.cost, case.tariff, case.fees)
    frame = Frame.of(shock.problem(case.base))
    wage, step = np.linspace(-0.1, 0.1, 5), 1e-5

    def excess(log_wage: np.ndarray) -> np.ndarray:
        state = start_of(case.base)
        state.log_wage = log_wage
        return evaluate(frame, state, TIGHTEST).excess

    state = start_of(case.base)
    state.log_wage = wage
    slopes = wage_slopes(frame, state, evaluate(frame, state, TIGHTEST))
    moves = step * np.eye(5)
    differences = [(excess(wage + m) - excess(wage - m)) / (2 * step) for m in moves]
    np.testing.assert_allclose(slopes, np.array(differences).T, atol=1e-7)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("kind", ["bare", "tariffs", "inputs", "fees"])
def test_the_whole_system_solved_by_scipy(kind: str, rule: str) -> None:
    world = {
        "bare": made_up(3, 5, 1, inputs=False, tariff=0.0),
        "tariffs": made_up(4, 4, 3, inputs=False),
        "inputs": made_up(5, 4, 3, empty=0.3),
        "fees": made_up(6, 4, 2, fee=0.2),
    }[kind]
    case = shocked(7, world, rule)
    other = whole_system(case)
    found = tightly(case.base, cost_hat=case.cost, tariff_new=case.tariff, fees_new=case.fees)
    out = found.world_factor if rule == "multiplicative" else 1.0
    prices = np.exp(np.sum(case.base.final_share * np.log(other.prices), axis=0))
    np.testing.assert_allclose(found.wage_hat, other.wage, rtol=OTHER_CODE)
    np.testing.assert_allclose(found.sector_price_hat, other.prices, rtol=OTHER_CODE)
    np.testing.assert_allclose(found.price_hat, prices, rtol=OTHER_CODE)
    np.testing.assert_allclose(found.flows * out, other.flows, rtol=OTHER_CODE, atol=1e-12)
    np.testing.assert_allclose(found.income * out, other.income, rtol=OTHER_CODE)
    real = other.income / case.base.income / prices
    np.testing.assert_allclose(found.welfare_hat * out, real, rtol=OTHER_CODE)
    assert found.world_factor == pytest.approx(other.factor, rel=OTHER_CODE)
    assert np.abs(real - 1).max() > 1e-2, "the test should bite"


@pytest.mark.parametrize("rule", ["zero", "nominal", "proportional"])
def test_the_usual_excess_demand_iteration(rule: str) -> None:
    case = shocked(8, made_up(8, 3, 2, theta=(2.0, 4.0)), rule, 0.1)
    wage, count, error = excess_demand_iteration(case, speed=0.2)
    assert error < 1e-10
    found = tightly(case.base, cost_hat=case.cost, tariff_new=case.tariff, fees_new=case.fees)
    np.testing.assert_allclose(found.wage_hat, wage, rtol=OTHER_CODE)
    assert found.iterations < count


@pytest.mark.parametrize("rule", ["additive", "multiplicative"])
@pytest.mark.parametrize("seed", range(8))
def test_one_sector_as_published(seed: int, rule: str) -> None:
    """Deficits as observed, rounded flows, zeros; the iteration of Baier, Yotov and Zylkin."""
    draw = np.random.default_rng(seed)
    n, theta = int(draw.integers(3, 45)), float(draw.uniform(2.0, 9.0))
    flows = np.exp(draw.normal(3.0, 2.0, (n, n)))
    flows[draw.random((n, n)) < 0.3] = 0.0
    flows[np.arange(n), np.arange(n)] = np.exp(draw.normal(6.0, 1.0, n))
    flows[0], flows[:, 0] = np.maximum(flows[0], 1.0), np.maximum(flows[:, 0], 1.0)
    flows = np.round(flows, 3)
    cost = np.exp(draw.normal(0.0, 0.1, (n, n)))
    np.fill_diagonal(cost, 1.0)
    twin = one_sector(flows, cost, theta, rule == "multiplicative")
    base = Baseline.from_flows(flows, elasticity=theta, deficit=rule)
    found = tightly(base, cost_hat=cost)
    np.testing.assert_allclose(found.flows[0], twin.trade, rtol=OTHER_CODE, atol=1e-9)
    np.testing.assert_allclose(found.welfare_hat, twin.welfare, rtol=OTHER_CODE)
    np.testing.assert_allclose(found.wage_hat, twin.wage, rtol=OTHER_CODE)
    assert base.notes == ()
    assert np.abs(twin.welfare - 1).max() > 1e-3, "the test should bite"


def test_the_numeraire_matters_only_where_deficits_are_fixed_in_it() -> None:
    """All wages doubled: still an equilibrium, unless a deficit stays what it was in money."""
    world = made_up(9, 5, 2, imbalance=0.2)
    cost = cost_shock(9, world)
    for rule, free in (("zero", True), ("proportional", True), ("nominal", False)):
        found = tightly(world.baseline(rule), cost_hat=cost)
        case = Shocked(found.baseline, cost, found.baseline.tariff, None)
        twice = at_wages(case, 2 * found.wage_hat)
        assert (np.abs(twice.excess).max() < 1e-10) == free
        if free:
            real = twice.income / found.baseline.income / (2 * found.price_hat)
            np.testing.assert_allclose(real, found.welfare_hat, rtol=1e-10)


def test_newton_takes_over_where_mixing_stops() -> None:
    """With three steps of mixing allowed the fallback has to do the rest, to the same answer."""
    world = made_up(10, 8, 3)
    base, cost = world.baseline(), cost_shock(10, made_up(10, 8, 3))
    full = tightly(base, cost_hat=cost)
    shock, _ = read_shock(base, cost, None, None)
    short = solve(shock.problem(base), start_of(base), tol=1e-10, max_iterations=3)
    assert short.status == "converged"
    np.testing.assert_allclose(np.exp(short.state.log_wage), full.wage_hat, rtol=OTHER_CODE)


def test_steps_along_the_shock_take_over_where_one_go_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = made_up(11, 6, 2, fee=0.1)
    base = world.baseline()
    shock = {"cost_hat": cost_shock(11, world), "tariff_new": tariff_shock(11, world)}
    direct = tightly(base, **shock)
    from entrepot.trade.exact import counterfactual as module

    calls: list[int] = []

    def first_time_fails(*given: object, **named: object) -> object:
        calls.append(1)
        if len(calls) == 1:
            named["tol"], named["max_iterations"] = 1e-30, 1
        return solve(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "solve", first_time_fails)
    found = counterfactual(base, **shock, tol=1e-11)  # type: ignore[arg-type]
    assert found.status == "converged"
    assert len(calls) > 3
    np.testing.assert_allclose(found.welfare_hat, direct.welfare_hat, rtol=1e-9)

"""Observed arrays become a consistent world, or every fault is named in one pass."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from entrepot.errors import BadInputError, UsageError
from entrepot.trade.exact.baseline import Baseline
from entrepot.trade.exact.counterfactual import counterfactual
from entrepot.trade.exact.fees import Fees
from tests.trade.trade_worlds import RULES, Arrays, made_up, tightly

EXACT = 1e-12


def plain(**changed: Any) -> dict[str, Any]:
    """Three countries and two sectors in order, with one thing changed."""
    flows = np.array(
        [
            [[50.0, 5.0, 2.0], [4.0, 60.0, 6.0], [3.0, 2.0, 40.0]],
            [[30.0, 1.0, 4.0], [2.0, 35.0, 3.0], [5.0, 4.0, 20.0]],
        ]
    )
    given = {
        "flows": flows,
        "tariff": np.full((2, 3, 3), 0.1) * (1 - np.eye(3)),
        "elasticity": [4.0, 6.0],
        "value_added_share": np.full((2, 3), 0.5),
        "input_share": np.full((3, 2, 2), 0.25),
        "zones": ["A", "B", "C"],
        "sectors": ["goods", "services"],
    }
    return given | changed


def cell(name: str, where: tuple[int, ...], value: float) -> dict[str, Any]:
    array = np.array(plain()[name], dtype=float)
    array[where] = value
    return {name: array}


def test_a_world_by_hand() -> None:
    """One sector, A buys 2 of B at a tariff of one half, B buys 1 of A.

    Spending of A: 8 + 2 * 1.5 = 11; earned 9 and revenue 1, so 1 comes from abroad.
    """
    base = Baseline.from_flows([[8.0, 2.0], [1.0, 7.0]], [[[0, 0.5], [0, 0]]], 4.0)
    np.testing.assert_allclose(base.spending, [[11.0, 8.0]])
    np.testing.assert_allclose(base.share, [[[8 / 11, 3 / 11], [1 / 8, 7 / 8]]])
    np.testing.assert_allclose(base.labour_income, [9.0, 9.0])
    np.testing.assert_allclose(base.income, [11.0, 8.0])
    np.testing.assert_allclose(base.deficit, [1.0, -1.0])
    np.testing.assert_allclose(base.output, [[9.0, 9.0]])
    np.testing.assert_allclose(base.final_share, 1.0)
    assert base.zones == ("0", "1")
    assert base.deficit_rule == "proportional"


@pytest.mark.parametrize("rule", RULES)
def test_a_baseline_is_an_equilibrium(rule: str) -> None:
    """Every equation holds with nothing changed, from the fields alone."""
    base = made_up(1, 6, 4, fee=0.1).baseline(rule)
    assert base.fees is not None
    assert base.input_share is not None
    charged = base.fees.total
    paid = base.flows * (1 + base.tariff) * (1 + charged)
    np.testing.assert_allclose(paid.sum(axis=2), base.spending, rtol=EXACT)
    bought = base.spending > 0
    np.testing.assert_allclose(base.share.sum(axis=2)[bought], 1.0, rtol=EXACT)
    np.testing.assert_allclose(base.final_share.sum(axis=0), 1.0, rtol=EXACT)
    assert (base.final_share >= 0).all()
    np.testing.assert_allclose(
        base.labour_income, np.sum(base.value_added_share * base.output, axis=0), rtol=1e-11
    )
    inputs = np.einsum("nkj,jn->kn", base.input_share, base.output)
    np.testing.assert_allclose(
        base.spending, inputs + base.final_share * base.income, rtol=1e-10, atol=1e-12
    )
    assert abs(base.deficit.sum()) < 1e-12 * base.income.sum()
    if rule == "zero":
        np.testing.assert_array_equal(base.deficit, 0.0)


# ---- published tables as they are


def test_rounded_input_shares_are_scaled_and_noted() -> None:
    world = made_up(2, 6, 5)
    assert world.input_share is not None
    assert world.value_added_share is not None
    rounded = Baseline.from_flows(
        world.flows,
        world.tariff,
        world.elasticity,
        np.round(world.value_added_share, 7),
        np.round(world.input_share, 7),
    )
    assert "Input shares scaled" in rounded.notes[0]
    assert rounded.input_share is not None
    total = rounded.input_share.sum(axis=1).T + rounded.value_added_share
    np.testing.assert_allclose(total[rounded.output > 0], 1.0, rtol=1e-14)
    cost = np.full(world.flows.shape, 0.9)
    one, two = tightly(rounded, cost_hat=cost), tightly(world.baseline(), cost_hat=cost)
    np.testing.assert_allclose(one.welfare_hat, two.welfare_hat, rtol=1e-5)


@pytest.mark.parametrize("rule", RULES)
def test_negative_final_demand_is_cleaned_and_noted(rule: str) -> None:
    """More is used as input than is bought: to zero, and the world solved again."""
    world = made_up(3, 6, 4, imbalance=0.05)
    short = world.flows.copy()
    short[2, 1] *= 0.02
    base = Baseline.from_flows(
        short, world.tariff, world.elasticity, world.value_added_share, world.input_share, rule
    )
    assert "Negative final demand in" in base.notes[0]
    assert "sector 2 1" in base.notes[0]
    assert "Flows moved by" in base.notes[-1]
    assert (base.final_share >= 0).all()
    again = Baseline.from_flows(
        base.flows, base.tariff, base.elasticity, base.value_added_share, base.input_share, rule
    )
    np.testing.assert_allclose(again.flows, base.flows, rtol=1e-9)
    np.testing.assert_allclose(again.final_share, base.final_share, atol=1e-9)
    found = tightly(base, cost_hat=np.full(short.shape, 0.95))
    assert found.notes[: len(base.notes)] == base.notes


def test_a_sector_that_nobody_trades_is_no_fault() -> None:
    world = made_up(4, 5, 3)
    flows = world.flows.copy()
    flows[2] = 0.0
    base = Baseline.from_flows(
        flows, world.tariff, world.elasticity, world.value_added_share, world.input_share
    )
    assert any("does not buy left out" in note for note in base.notes)
    np.testing.assert_array_equal(base.final_share[2], 0.0)
    assert base.input_share is not None
    np.testing.assert_array_equal(base.input_share[:, 2], 0.0)
    total = base.input_share.sum(axis=1).T + base.value_added_share
    np.testing.assert_allclose(total, 1.0, rtol=EXACT)
    found = tightly(base, cost_hat=np.full(flows.shape, 0.9))
    assert (found.flows[2] == 0).all()
    assert (found.sector_price_hat[2] == 1).all()


def test_lists_integers_and_single_sectors_are_taken() -> None:
    flows = [[8, 2], [1, 7]]
    for one in (flows, [flows], np.array(flows, dtype=np.int32)):
        base = Baseline.from_flows(one, elasticity=4)
        assert base.flows.shape == (1, 2, 2)
        assert base.flows.dtype == np.float64
    kept = np.array(flows, dtype=float)
    found = counterfactual(Baseline.from_flows(kept, elasticity=4), cost_hat=[[1, 1.1], [1.1, 1]])
    assert found.status == "converged"
    np.testing.assert_array_equal(kept, flows)


# ---- faults


NONE = np.zeros((1, 2, 3, 3))
FAULTS = {
    "negative flow": (cell("flows", (0, 1, 2), -3.0), "below zero in 1 cells, lowest -3"),
    "lost flow": (cell("flows", (1, 0, 0), np.nan), "flows is not a number: sector services"),
    "endless flow": (cell("flows", (1, 0, 0), np.inf), "flows is not a number"),
    "words": ({"flows": [["a", "b"]]}, "flows is not an array of numbers"),
    "ragged": ({"flows": [[1.0], [1.0, 2.0]]}, "flows is not an array of numbers"),
    "not square": ({"flows": np.ones((2, 3, 4))}, r"shape \(2, 3, 4\)"),
    "flat": ({"flows": np.ones(4)}, r"shape \(4,\)"),
    "empty": ({"flows": np.ones((0, 0))}, r"shape \(0, 0\)"),
    "no sales": (cell("flows", np.s_[:, :, 1], 0.0), "sells nothing, .*: B"),
    "no purchases": (cell("flows", np.s_[:, 1, :], 0.0), "buys nothing, .*: B"),
    "tariff shape": ({"tariff": np.zeros((2, 3))}, r"tariff has shape \(2, 3\)"),
    "tariff lost": (cell("tariff", (0, 0, 1), np.nan), "tariff is not a number above -1"),
    "tariff below": (cell("tariff", (0, 0, 1), -1.0), "importer A exporter B"),
    "tariff in per cent": ({"tariff": 100 * plain()["tariff"]}, "divide by 100"),
    "elasticities": ({"elasticity": [1.0, 2.0, 3.0]}, "3 values for 2 sectors"),
    "elasticity": ({"elasticity": [4.0, 0.0]}, "above zero .*: services 0"),
    "elasticity lost": ({"elasticity": [np.nan, 4.0]}, "above zero .*: goods nan"),
    "names": ({"zones": ["A", "B"]}, "2 names of zones for 3"),
    "names twice": ({"zones": ["A", "B", "A"]}, "zones: named twice: A"),
    "sectors twice": ({"sectors": ["x", "x"]}, "sectors: named twice: x"),
    "shares shape": ({"value_added_share": np.ones((3, 2))}, "axes may be swapped"),
    "share above one": (cell("value_added_share", (0, 1), 1.5), "between 0 and 1: .*goods B"),
    "share in per cent": ({"value_added_share": np.full((2, 3), 50.0)}, "in per cent"),
    "no value added": (cell("value_added_share", np.s_[:, 1], 0.0), "no value added at all: B"),
    "no inputs": ({"input_share": None}, "input_share is missing"),
    "inputs alone": ({"value_added_share": None}, "without value_added_share"),
    "inputs shape": ({"input_share": np.ones((2, 3, 3))}, r"expected \(countries, inputs"),
    "negative input": (cell("input_share", (0, 0, 0), -0.25), "negative or not a number: A"),
    "lost input": (cell("input_share", (2, 0, 0), np.nan), "negative or not a number: C"),
    "inputs sum to one": ({"input_share": np.full((3, 2, 2), 0.5)}, "multiply by 1 - value_added"),
    "inputs off": (cell("input_share", (0, 0, 0), 0.5), "off by up to 0.25 in 1 cells: .*goods A"),
    "owner": ({"fees": Fees(np.array([7]), NONE)}, "owner 7 is not a country"),
    "fees shape": ({"fees": Fees(np.array([0, 1]), NONE)}, "fees: rate has shape"),
    "fees below zero": ({"fees": Fees(np.array([0]), NONE - 0.1)}, "rate is negative"),
    "no rule": ({"deficit": "fixed"}, "not a rule for deficits"),
}


@pytest.mark.parametrize("kind", FAULTS)
def test_each_fault_has_its_words(kind: str) -> None:
    changed, words = FAULTS[kind]
    with pytest.raises((BadInputError, UsageError), match=words):
        Baseline.from_flows(**plain(**changed))


def test_swapped_axes_of_inputs_are_recognised() -> None:
    world = made_up(5, 6, 4)
    assert world.input_share is not None
    swapped = world.input_share.transpose(0, 2, 1)
    with pytest.raises(BadInputError, match="swap the last two axes"):
        Baseline.from_flows(
            world.flows, world.tariff, world.elasticity, world.value_added_share, swapped
        )


def test_all_faults_in_one_pass() -> None:
    """Ten faults of ten kinds are ten lines."""
    wrong = plain(
        **cell("flows", (0, 1, 2), -3.0),
        **cell("tariff", (0, 0, 1), -2.0),
        elasticity=[4.0, -1.0],
        **cell("value_added_share", (0, 1), 1.5),
        zones=["A", "B", "A"],
        sectors=["one"],
        fees=Fees(np.array([9]), NONE),
    )
    with pytest.raises(BadInputError) as caught:
        Baseline.from_flows(**wrong)
    text = str(caught.value)
    assert text.startswith("The baseline has 7 faults:")
    assert len(text.splitlines()) == 8
    for words in ("below zero", "above -1", "elasticity", "between 0 and 1", "named twice",
                  "names of sectors", "not a country"):  # fmt: skip
        assert words in text


def test_groups_without_trade_between_them() -> None:
    flows = np.kron(np.eye(2), np.ones((2, 2)))
    flows = np.pad(flows, (0, 1))
    flows[4, :2] = flows[:2, 4] = flows[4, 4] = 1.0
    names = ["A", "B", "C", "D", "E"]
    with pytest.raises(BadInputError, match=r"2 groups .* largest: C, D$"):
        Baseline.from_flows(flows, zones=names)


def test_income_that_is_not_there() -> None:
    """A sells 9 and buys 1.5, all of it as inputs; B is paid to import."""
    with pytest.raises(BadInputError, match=r"final income is not above zero .*: 0 -"):
        Baseline.from_flows(
            [[1.0, 0.5], [9.0, 5.0]], None, 4.0, np.full((1, 2), 0.5), np.full((2, 1, 1), 0.5)
        )
    with pytest.raises(BadInputError, match=r"income before the deficit .*subsidies.*: 1 -"):
        Baseline.from_flows([[9.0, 1.0], [30.0, 1.0]], [[[0, 0], [-0.9, 0]]], 4.0)


def test_a_few_rates_above_one_are_taken_for_what_they_are() -> None:
    alone = np.zeros((2, 3, 3))
    alone[0, 1, 0] = 1.5
    base = Baseline.from_flows(**plain(tariff=alone))
    assert base.notes == ("tariff: the median rate above zero is 1.5, read as a fraction: 150%.",)
    among = np.full((2, 3, 3), 0.1) * (1 - np.eye(3))
    among[0, 1, 0] = 8.0
    assert Baseline.from_flows(**plain(tariff=among)).notes == ()


SHOCKS = {
    "cost shape": ({"cost_hat": np.ones((2, 2))}, r"expected \(2, 3, 3\) or \(3, 3\)"),
    "cost zero": ({"cost_hat": np.zeros((3, 3))}, "finite number above zero, which 18 cells"),
    "cost lost": ({"cost_hat": np.full((3, 3), np.nan)}, "An embargo is a large finite cost"),
    "cost words": ({"cost_hat": "dear"}, "cost_hat is not an array of numbers"),
    "tariff shape": ({"tariff_new": np.zeros((3, 3))}, "tariff_new has shape"),
    "tariff lost": ({"tariff_new": np.full((2, 3, 3), np.inf)}, "tariff_new is not a number"),
    "tariff in per cent": ({"tariff_new": 90 * plain()["tariff"]}, "divide by 100"),
    "fees": ({"fees_new": Fees(np.array([0]), NONE + np.nan)}, "fees_new: rate is negative"),
}


@pytest.mark.parametrize("kind", SHOCKS)
def test_each_fault_of_a_shock_has_its_words(kind: str) -> None:
    changed, words = SHOCKS[kind]
    with pytest.raises(BadInputError, match=words):
        counterfactual(Baseline.from_flows(**plain()), **changed)


def test_all_faults_of_a_shock_in_one_pass() -> None:
    base = Baseline.from_flows(**plain())
    fees = Fees(np.array([5]), NONE)
    with pytest.raises(BadInputError) as caught:
        counterfactual(base, -np.ones((3, 3)), np.zeros(3), fees_new=fees)
    assert str(caught.value).startswith("The shock has 3 faults:")


def test_an_owner_of_fees_may_not_be_forgotten() -> None:
    world = made_up(6, 4, 2, fee=0.1)
    base = world.baseline()
    other = Fees(np.array([1]), np.zeros((1, *base.flows.shape)))
    with pytest.raises(BadInputError, match="owner 0 of the baseline is missing"):
        counterfactual(base, fees_new=other)


@given(st.integers(0, 500), st.integers(2, 6), st.integers(1, 4), st.sampled_from(RULES))
@settings(max_examples=30)
def test_what_a_baseline_holds_is_a_baseline(seed: int, n: int, j: int, rule: str) -> None:
    """Given back as observed, it comes out the same."""
    world: Arrays = made_up(seed, n, j, fee=0.1 * (seed % 2))
    base = world.baseline(rule)
    again = Baseline.from_flows(
        base.flows, base.tariff, base.elasticity, base.value_added_share, base.input_share, rule,
        fees=base.fees,
    )  # fmt: skip
    for name in ("flows", "share", "spending", "labour_income", "income", "final_share"):
        one, two = getattr(again, name), getattr(base, name)
        np.testing.assert_allclose(one, two, rtol=1e-9, atol=1e-10 * np.abs(two).max())

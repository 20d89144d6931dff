"""Shares of groups of promises in what all bring."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.errors import UsageError
from entrepot.questions.promises.attribution import (
    attribution,
    groups_of,
    subsets,
    value_of,
)
from entrepot.questions.promises.promises import shapley
from tests.questions.promised_worlds import TURNOVER, alone, base, measures, plan, uncertain


@st.composite
def games(draw: st.DrawFn) -> tuple[tuple[str, ...], dict[frozenset[str], float]]:
    groups = tuple("abcd"[: draw(st.integers(1, 4))])
    worth = {s: draw(st.floats(-1e4, 1e4)) for s in subsets(groups)}
    return groups, worth


def by_orders(groups: tuple[str, ...], worth: dict[frozenset[str], float]) -> dict[str, float]:
    """The mean over all orders of what each adds when it comes."""
    out = dict.fromkeys(groups, 0.0)
    orders = list(permutations(groups))
    for order in orders:
        for k, g in enumerate(order):
            out[g] += worth[frozenset(order[: k + 1])] - worth[frozenset(order[:k])]
    return {g: v / len(orders) for g, v in out.items()}


@given(games())
def test_shapley_values_are_means_over_all_orders(game):  # type: ignore[no-untyped-def]
    groups, worth = game
    found = shapley(groups, worth)
    assert found == pytest.approx(by_orders(groups, worth), abs=1e-8)
    whole = worth[frozenset(groups)] - worth[frozenset()]
    assert sum(found.values()) == pytest.approx(whole, abs=1e-8)


@given(games(), st.data())
def test_who_adds_nothing_gets_nothing_and_who_is_alike_gets_alike(game, data):  # type: ignore[no-untyped-def]
    groups, worth = game
    idle = {s: worth[s - {"a"}] for s in worth}
    assert shapley(groups, idle)["a"] == pytest.approx(0, abs=1e-8)
    if len(groups) > 1:
        swap = {"a": "b", "b": "a"}
        alike = {s: worth[s] + worth[frozenset(swap.get(g, g) for g in s)] for s in worth}
        found = shapley(groups, alike)
        assert found["a"] == pytest.approx(found["b"], abs=1e-8)
    twice = shapley(groups, {s: 2 * v + 5 for s, v in worth.items()})
    assert twice == pytest.approx({g: 2 * v for g, v in shapley(groups, worth).items()}, abs=1e-8)


@cache
def values() -> dict[frozenset[str], float]:
    p, middle = plan(), uncertain().middle()
    return {s: value_of(p, middle, s, base()) for s in subsets(groups_of(p.measures, p.alone))}


def test_groups_are_the_themes_that_change_anything():
    p = plan()
    assert groups_of(p.measures, p.alone) == ("border", "tariff", "payment", "infrastructure")
    idle = {**p.alone, "M2": replace(p.alone["M2"], parts=None)}
    assert groups_of(p.measures, idle) == ("border", "payment", "infrastructure")
    assert len(subsets(groups_of(p.measures, p.alone))) == 16
    many_ = replace(p, measures=tuple(replace(measures()[0], theme=f"t{k}") for k in range(13)))
    with pytest.raises(UsageError, match="13 groups"):
        groups_of(many_.measures, many_.alone)


def test_attribution_adds_up_to_the_whole():
    table = attribution(plan(), values())
    whole = values()[frozenset(groups_of(plan().measures, plan().alone))] - values()[frozenset()]
    assert table["gain_musd"].sum() == pytest.approx(whole, abs=1e-9)
    assert table["share"].sum() == pytest.approx(1, abs=1e-12)
    assert table["gain_musd"].is_monotonic_decreasing
    assert values()[frozenset()] == pytest.approx(TURNOVER, abs=1e-3)
    row = table.set_index("theme").loc["tariff"]
    assert row["alone_musd"] == pytest.approx(alone()[1].gain[1], abs=1e-2)
    assert row["measures"] == ("M2",)
    # Duties and payment help each other, so what comes last brings more than alone.
    assert row["alone_musd"] < row["gain_musd"] < row["last_musd"]


def test_no_groups_give_an_empty_table():
    p = replace(plan(), measures=measures()[-1:])
    assert groups_of(p.measures, p.alone) == ()
    table = attribution(p, {frozenset(): TURNOVER})
    assert len(table) == 0
    assert "gain_musd" in table.columns

"""Measures in parts that add: exact for one, exact for sums on different rows."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from entrepot.engine.decompose import (
    MeasureParts,
    add_up,
    take_apart,
)
from entrepot.engine.drawn_world import DrawnWorld
from entrepot.engine.lower import lower
from entrepot.equilibrium.coupled import Scenario
from entrepot.facts.change import Change
from tests.questions.promised_worlds import (
    DUTIES,
    OPENED,
    PAYMENT,
    SETS,
    base,
    change,
    coupled,
    uncertain,
)

ALL = {**SETS, "duties": DUTIES, "payment": PAYMENT}
# Two changes on different rows whose costs on no route multiply.
APART = [
    ("border hours", "border fees"),
    ("border hours", "rule weight"),
    ("rule hours", "border hours"),
    ("rule loads", "duties"),
    ("payment", "border capacity"),
    ("line capacity", "border capacity"),
    ("rule shuts", "services"),
    ("line opens", "rule opens"),
    ("duties", "payment"),
    ("rule charge", "transfers"),
]
EXACT = 1e-9


@cache
def middle() -> DrawnWorld:
    return uncertain().middle()


def apart(changes: tuple[Change, ...]) -> tuple[Scenario, MeasureParts]:
    facts = coupled()
    lowered = lower(facts, changes)
    return lowered.scenario, take_apart(facts, lowered)


@cache
def taken(name: str) -> tuple[Scenario, MeasureParts]:
    return apart(ALL[name])


def assert_alike(told: Scenario, exact: Scenario, tolerance: float = EXACT) -> None:
    world = coupled().world
    for name, otherwise in (
        ("cost", world.cost),
        ("wedge", 1.0),
        ("tariff", coupled().trade.tariff.mid),
        ("capacity", 1.0),
    ):
        one, two = getattr(told, name), getattr(exact, name)
        one, two = (otherwise if v is None else v for v in (one, two))
        one, two = np.broadcast_arrays(one, two)
        assert np.array_equal(np.isinf(one), np.isinf(two)), name
        open_ = np.isfinite(two)
        assert one[open_] == pytest.approx(two[open_], rel=tolerance, abs=tolerance), name


@pytest.mark.parametrize("name", ALL)
def test_a_measure_put_together_again_is_what_it_was(name: str):
    exact, parts = taken(name)
    assert_alike(middle().scenario(add_up([(parts, 1.0)])), exact)
    assert_alike(middle().scenario(parts), exact)


def test_nothing_is_none():
    assert add_up([]) is None
    scenario = middle().scenario(None)
    assert scenario.cost is None
    assert scenario.tariff is None


@pytest.mark.parametrize("pair", APART)
def test_measures_on_different_rows_add_exactly(pair: tuple[str, str]):
    exact, _ = apart(tuple(c for n in pair for c in ALL[n]))
    told = middle().scenario(add_up([(taken(n)[1], 1.0) for n in pair]))
    assert_alike(told, exact)


def test_all_but_those_that_multiply_add_exactly():
    names = ("border hours", "border fees", "border capacity", "line capacity", "rule hours",
             "rule weight", "line opens", "rule opens", "duties", "payment", "transfers")  # fmt: skip
    exact, _ = apart(tuple(c for n in names for c in ALL[n]))
    assert_alike(middle().scenario(add_up([(taken(n)[1], 1.0) for n in names])), exact)


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_measures_does_not_matter(seed: int):
    names = [n for n in ALL if n not in ("rule shuts", "line shut")]
    sizes = np.random.default_rng(seed).uniform(0.2, 2.0, len(names))
    order = np.random.default_rng(seed + 10).permutation(len(names))
    given = [(taken(n)[1], float(s)) for n, s in zip(names, sizes, strict=True)]
    assert_alike(
        middle().scenario(add_up([given[k] for k in order])), middle().scenario(add_up(given))
    )


def test_parts_of_a_size_go_with_the_size():
    names = ["border hours", "border fees", "rule hours", "rule weight", "transfers"]
    full = middle().scenario(add_up([(taken(n)[1], 1.0) for n in names]))
    half = middle().scenario(add_up([(taken(n)[1], 0.5) for n in names]))
    cost = coupled().world.cost
    open_ = np.isfinite(cost)
    moved, whole = half.cost[open_] - cost[open_], full.cost[open_] - cost[open_]
    assert moved == pytest.approx(0.5 * whole, abs=EXACT)
    # Hours scaled by 0.8 are half of those scaled by 0.6.
    twice = tuple(
        change("border_crossings", c.row, c.column, "scale", 0.6) for c in SETS["border hours"]
    )
    assert_alike(middle().scenario(add_up([(taken("border hours")[1], 2.0)])), apart(twice)[0])
    capacity = middle().scenario(add_up([(taken("border capacity")[1], 2.0)])).capacity
    assert capacity.max() == pytest.approx(1.5**2)
    duties = middle().scenario(add_up([(taken("duties")[1], 0.5)])).tariff
    before, after = coupled().trade.tariff.mid, taken("duties")[0].tariff
    assert duties == pytest.approx((before + after) / 2)


def test_a_duty_is_never_below_zero():
    parts = add_up([(taken("duties")[1], 20.0)])
    assert parts is not None
    assert parts.tariff.min() < -1
    assert middle().scenario(parts).tariff.min() == 0.0


@pytest.mark.parametrize("name", ALL)
def test_a_measure_of_size_zero_changes_nothing(name: str):
    """A way that opens, or is shut, neither opens nor is shut."""
    told = middle().scenario(add_up([(taken(name)[1], 0.0)]))
    assert_alike(told, Scenario())
    _, other = taken("border hours")
    both = middle().scenario(add_up([(taken(name)[1], 0.0), (other, 1.0)]))
    assert_alike(both, taken("border hours")[0])


def test_what_is_shut_stays_shut_whatever_else_is_cheaper():
    _, shut = taken("rule shuts")
    assert np.isposinf(shut.usd).any()
    told = middle().scenario(add_up([(shut, 0.3), (taken("border hours")[1], 6.0)]))
    closed = np.isinf(taken("rule shuts")[0].cost)
    assert np.array_equal(np.isinf(told.cost), closed)
    assert not np.isnan(told.cost).any()


def test_a_line_opened_by_two_measures_opens_once():
    _, one = taken("line opens")
    cheaper = (*OPENED, *SETS["border hours"])
    exact, other = apart(cheaper)
    assert_alike(middle().scenario(add_up([(one, 1.0), (one, 1.0)])), taken("line opens")[0])
    told = middle().scenario(add_up([(one, 1.0), (other, 1.0)]))
    assert_alike(told, exact)


def test_parts_without_costs_leave_costs_alone():
    for name in ("duties", "payment"):
        told = middle().scenario(taken(name)[1])
        assert told.cost is None
        assert told.capacity is None


def test_hours_that_arcs_tell_are_not_told_again_by_routes():
    _, parts = taken("border hours")
    assert len(parts.routes) == 0
    assert set(parts.by_unit) == {"t", "truck", "teu"}
    assert len(parts.by_unit["truck"].arcs) == len(parts.by_unit["teu"].arcs) == 2
    _, parts = taken("rule weight")
    assert len(parts.routes) > 0
    assert all(len(c.arcs) == 0 for c in parts.by_unit.values())
    assert base().converged

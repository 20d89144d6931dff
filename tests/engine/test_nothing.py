"""What changes nothing is the baseline, bit for bit."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from entrepot.engine.engine import Engine
from entrepot.engine.lower import lower
from entrepot.engine.spec import Turnover
from entrepot.equilibrium.loop import Equilibrium, solve
from entrepot.facts.change import Change
from entrepot.flows.route_cache import OFF, VARIABLE
from tests.engine.new_lines import NEW_BORDER, NEW_LINE
from tests.questions.promised_worlds import DAY, OPENED, PAIR, TURNOVER, promised_world

TABLES = {
    "border_crossings": ("post_a,post_b,rail", ("hours", "usd_per_teu", "capacity_mt_per_year")),
    "transfers": ("port_sea_rail,*", ("hours", "usd_per_teu")),
    "services": ("*,*,sea,caspian", ("waiting_hours", "extra_hours")),
    "tariffs": ("AAA,*,*,2020-01-01", ("rate",)),
    "payment_friction": ("AAA,BBB,*", ("share",)),
    "passage_rules": ("R1", ("effect_value",)),
    "links": ("post_b-beta:rail", ("capacity_mt_per_year",)),
}
FLOWS = (
    Change("tariffs", "AAA,BBB,*", "rate", "scale", "1"),
    Change("payment_friction", "AAA,BBB", "share", "scale", "1"),
    Change("trade_costs", "AAA,BBB,*", "factor", "scale", "1"),
    Change("trade_costs", "AAA,BBB,*", "factor", "set", "1"),
)


@cache
def engine(candidates: tuple[Change, ...] = ()) -> Engine:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, OFF)
        made = Engine.open(
            promised_world(), DAY, turnover=[Turnover(PAIR, TURNOVER)], candidates=candidates
        )
        made.baseline  # noqa: B018
        return made


def assert_same(one: Equilibrium, two: Equilibrium) -> None:
    assert np.array_equal(one.point.trade.flows, two.point.trade.flows)
    assert np.array_equal(one.point.traffic, two.point.traffic)
    assert np.array_equal(one.point.trade.income, two.point.trade.income)


def traffic_of(engine: Engine) -> dict[tuple[str, str], float]:
    spots = engine.facts.world.bottlenecks
    names = zip(spots.place, spots.name, strict=True)
    return dict(zip(names, engine.baseline.point.traffic.tolist(), strict=True))


@pytest.mark.parametrize("hold", [(), ("transport",)])
def test_no_change_is_the_baseline(hold: tuple[str, ...]) -> None:
    assert_same(engine().solve((), hold=hold), engine().baseline)


@pytest.mark.parametrize("table", TABLES)
def test_a_scale_of_one_is_the_baseline(table: str) -> None:
    row, columns = TABLES[table]
    idle = tuple(Change(table, row, c, "scale", "1") for c in columns)
    for hold in ((), ("transport",)):
        assert_same(engine().solve(idle, hold=hold), engine().baseline)


@pytest.mark.parametrize("change", FLOWS, ids=lambda c: f"{c.table} {c.operation}")
def test_named_flows_times_one_are_the_baseline(change: Change) -> None:
    found = lower(engine().facts, (change,)).scenario
    assert (found.cost, found.tariff, found.wedge) == (None, None, None)
    assert_same(engine().solve((change,)), engine().baseline)


def test_a_candidate_that_stays_shut_is_the_baseline() -> None:
    """Of the engine that has it, bit for bit; of the engine without it, to the last digits."""
    for candidates in (OPENED, (*NEW_LINE, *NEW_BORDER)):
        own = engine(candidates)
        idle = (Change("border_crossings", "post_a,post_b,rail", "hours", "scale", "1"),)
        assert_same(own.solve(idle), own.baseline)
        assert_same(own.baseline, solve(own.facts.world))
        assert own.baseline.point.trade.flows == pytest.approx(
            engine().baseline.point.trade.flows, rel=1e-12
        )
        with_them, without = traffic_of(own), traffic_of(engine())
        for name, tonnes in without.items():
            assert with_them.pop(name) == pytest.approx(tonnes, rel=1e-9)
        assert not any(with_them.values())


def test_changes_that_undo_each_other_are_the_baseline() -> None:
    there = Change("border_crossings", "post_a,post_b,rail", "hours", "scale", "2")
    back = Change("border_crossings", "post_a,post_b,rail", "hours", "scale", "0.5")
    assert_same(engine().solve((there, back)), engine().baseline)

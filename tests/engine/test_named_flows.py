"""Changes that name flows, ranges or many rows, on the shipped world."""

from __future__ import annotations

import numpy as np
import pytest

from entrepot.engine.lower import lower
from entrepot.facts.change import Change
from tests.engine.test_scale import DAY, FACTORS, HOURS, PAIR, ROAD, facts
from tests.questions.promised_worlds import change


@pytest.mark.parametrize("factor", FACTORS)
def test_every_factor_moves_named_flows_by_that_factor(factor: float):
    """Duties in force, payment and all trade costs of a pair, whichever rows rule them."""
    trade = facts().trade
    a, b = (trade.position(z) for z in PAIR)
    goods = [trade.sectors.index(g) for g in ("cereals", "coal")]
    own = np.zeros(trade.tariff.mid.shape, dtype=bool)
    own[goods, a, b] = True
    duty = lower(facts(), (change("tariffs", "IRN,KAZ,cereals;coal", "rate", "scale", factor),))
    found = duty.scenario.tariff
    assert found is not None
    assert found[own] == pytest.approx(factor * trade.tariff.mid[own], rel=1e-14)
    assert np.array_equal(found[~own], trade.tariff.mid[~own])
    cost = lower(
        facts(), (change("trade_costs", "KAZ,IRN,cereals;coal", "factor", "scale", factor),)
    )
    assert cost.scenario.wedge[own] == pytest.approx(factor, rel=1e-14)
    assert (cost.scenario.wedge[~own] == 1.0).all()
    assert (cost.scenario.tariff, cost.scenario.cost) == (None, None)
    paid = lower(facts(), (change("payment_friction", "KAZ,IRN", "share", "scale", factor),))
    own = np.zeros_like(own)
    own[:, a, b] = own[:, b, a] = True
    friction = trade.friction.mid[own]
    assert paid.scenario.wedge[own] == pytest.approx((1 + factor * friction) / (1 + friction))
    assert (paid.scenario.wedge[~own] == 1.0).all()


def test_trade_costs_multiply_and_a_level_replaces_them():
    row = "KAZ,IRN,cereals"
    twice = tuple(change("trade_costs", row, "factor", "scale", 0.9) for _ in range(2))
    put = (*twice, change("trade_costs", row, "factor", "set", 1.2))
    trade = facts().trade
    at = (trade.sectors.index("cereals"), trade.position("IRN"), trade.position("KAZ"))
    assert lower(facts(), twice).scenario.wedge[at] == pytest.approx(0.81)
    assert lower(facts(), put).scenario.wedge[at] == pytest.approx(1.2)
    new = Change(
        "trade_costs", operation="insert",
        value={"exporter": "KAZ", "importer": "IRN", "commodity": "cereals", "factor": "0.7"},
    )  # fmt: skip
    wedge = lower(facts(), (new,)).scenario.wedge
    assert wedge[at] == pytest.approx(0.7)
    assert np.count_nonzero(wedge != 1.0) == 1


@pytest.mark.parametrize("factor", FACTORS)
def test_hours_stand_for_all_three(factor: float):
    """A change of `hours` is one of each percentile by the same factor."""
    short = lower(facts(), (change("border_crossings", ROAD, "hours", "scale", factor),))
    each = tuple(change("border_crossings", ROAD, c, "scale", factor) for c in HOURS)
    long = lower(facts(), each)
    assert np.array_equal(short.scenario.cost, long.scenario.cost)
    every = lower(facts(), (change("border_crossings", "*,*,road", "hours", "scale", factor),))
    assert (every.scenario.cost != short.scenario.cost).any()


def test_a_row_put_in_rules_its_cells_from_then_on():
    """A new duty of the pair wins over that of the union from the day it begins."""
    new = Change(
        "tariffs", operation="insert",
        value={
            "importer": "IRN", "exporter": "KAZ", "commodity": "cereals", "valid_from": DAY,
            "rate": "0.02", "rate_low": "0.01", "rate_high": "0.03",
        },
    )  # fmt: skip
    trade = facts().trade
    at = (trade.sectors.index("cereals"), trade.position("IRN"), trade.position("KAZ"))
    tariff = lower(facts(), (new,)).scenario.tariff
    assert tariff[at] == pytest.approx(0.02)
    assert np.count_nonzero(tariff != trade.tariff.mid) == 1
    later = (new, change("tariffs", f"IRN,KAZ,cereals,{DAY}", "rate", "scale", 0.5))
    assert lower(facts(), later).scenario.tariff[at] == pytest.approx(0.01)
    gone = (*later, Change("tariffs", f"IRN,KAZ,cereals,{DAY}", operation="remove"))
    back = lower(facts(), gone).scenario.tariff
    assert back is None or back[at] == pytest.approx(trade.tariff.mid[at])

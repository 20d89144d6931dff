"""Which assumptions move the answer most: each alone, against worlds solved by hand."""

from __future__ import annotations

import numpy as np
import pytest

from entrepot.engine.drawn_world import Uncertain
from entrepot.equilibrium.objectives import pair_trade
from entrepot.questions.promises.assumptions import (
    SOLVED,
    assumptions,
    levels,
)
from entrepot.questions.promises.promises import solve_set
from tests.questions.promised_worlds import PAIR, alone, base, coupled, plan, uncertain

SIZES = (6000.0, 9000.0)


def table(known: Uncertain | None = None, **more: object):
    own, world = plan(**more), known or uncertain()
    found = levels(own, world)
    turnover = world.spread["turnover"]
    return assumptions(own, found, turnover, "assumed", SIZES).set_index("source")


def test_every_assumption_is_there_once_and_the_largest_comes_first():
    found = table()
    assert set(found.index) == {*(s for s, _, _ in SOLVED), "turnover", "growth", "odds", "sizes"}
    assert found["swing_musd"].is_monotonic_decreasing
    moved = (found["trade_musd_high"] - found["trade_musd_low"]).abs()
    assert found["swing_musd"].to_numpy() == pytest.approx(moved.to_numpy())
    # Elasticities of the drawn world have no range.
    assert (found["swing_musd"].drop(["duty", "theta:all"]) > 0).all()
    assert found.at["theta:all", "swing_musd"] == pytest.approx(0.0, abs=1e-6)


def test_the_middle_is_the_trade_with_promises_as_likely():
    own = plan()
    middle = uncertain().middle()
    none = pair_trade(base(), *PAIR).value
    ids = [m.id for m in own.promises]
    every = pair_trade(solve_set(own, middle, ids, None, base()), *PAIR).value
    years = own.years[-1] - own.base_year
    # All have the same odds, so the part that is left is those odds.
    expected = (none + 0.5 * (every - none)) * np.exp(0.02 * years)
    assert table()["trade_musd"].iloc[0] == pytest.approx(expected, rel=1e-5)


def test_growth_and_turnover_are_arithmetic():
    found, own = table(), plan()
    usual = found["trade_musd"].iloc[0]
    years = own.years[-1] - own.base_year
    assert found.at["growth", "trade_musd_low"] == pytest.approx(usual * np.exp(-0.02 * years))
    assert found.at["growth", "trade_musd_high"] == pytest.approx(usual * np.exp(0.02 * years))
    assert found.at["turnover", "trade_musd_low"] == pytest.approx(0.9 * usual)
    assert found.at["turnover", "trade_musd_high"] == pytest.approx(1.1 * usual)


def test_what_is_known_for_sure_moves_nothing():
    sure = Uncertain(coupled(), PAIR, (1.0, 1.0))
    found = table(sure, probability=(0.5, 0.5, 0.5), growth=(0.02, 0.02, 0.02))
    for source in ("turnover", "growth", "odds"):
        assert found.at[source, "swing_musd"] == pytest.approx(0.0, abs=1e-9)


def test_better_odds_and_larger_sizes_bring_more():
    found = table()
    assert sum(a.gain[1] for a in alone() if a.id != "S1") > 0
    for source in ("odds", "sizes"):
        assert found.at[source, "trade_musd_low"] < found.at[source, "trade_musd_high"]

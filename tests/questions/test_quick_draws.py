"""Draws by arithmetic: exact where nothing is left to approximate, and close to solved draws."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from entrepot.equilibrium.objectives import pair_trade
from entrepot.questions.promises.assumptions import LongRun, levels
from entrepot.questions.promises.drivers import drivers
from entrepot.questions.promises.promises import PromisePlan, drawn_promises, fates
from entrepot.questions.promises.quick_draws import (
    WORLD,
    Quick,
    follows,
    quick_draws,
)
from entrepot.uncertainty.draw_values import Z90
from entrepot.uncertainty.draws import Draws
from tests.questions.promised_worlds import PAIR, base, plan, uncertain

N = 24


@cache
def known() -> dict[tuple[str, float], LongRun]:
    return levels(plan(), uncertain())


def spread() -> tuple[float, float]:
    return uncertain().spread["turnover"]


@cache
def points() -> Draws:
    return Draws.latin((*uncertain().names, *plan().names()), N, 4)


@cache
def many() -> Draws:
    return Draws.latin((*WORLD, *plan().names()), 4096, 4)


def at_the_middle(own: PromisePlan) -> Draws:
    names = (*WORLD, *own.names())
    return Draws(names, np.full((1, len(names)), 0.5))


def sure(own: PromisePlan, odds: float, due: float = 2020.0) -> PromisePlan:
    """Every promise with the same odds, due long ago and never late; setbacks never happen."""
    prospects = {
        m.id: replace(
            own.prospects[m.id],
            probability=type(own.prospects[m.id].probability)(odds, odds, odds),
            delay=type(own.prospects[m.id].delay)(0.0, 0.0, 0.0),
            due=due,
        )
        for m in own.promises
    }
    return replace(own, prospects=prospects)


def test_with_nothing_kept_only_growth_is_left():
    own = sure(plan(), 0.0)
    found = quick_draws(own, known(), spread(), at_the_middle(own))
    years = own.years[-1] - own.base_year
    expected = pair_trade(base(), *PAIR).value * np.exp(own.growth[1] * years)
    assert found.likely[0] == pytest.approx(expected, rel=1e-6)


def test_with_one_promise_kept_it_is_that_promise_alone():
    own = sure(plan(), 0.0)
    one = replace(
        own,
        prospects={"M2": sure(plan(), 1.0).prospects["M2"]},
        growth=(0.0, 0.0, 0.0),
    )
    found = quick_draws(one, known(), spread(), at_the_middle(one))
    trade = pair_trade(base(), *PAIR).value
    assert found.likely[0] == pytest.approx(trade + own.alone["M2"].gain[1], rel=1e-6)


def test_all_outlook_is_above_likely_where_all_promises_help():
    own = plan()
    found = quick_draws(own, known(), spread(), many())
    helps = all(own.alone[m.id].gain.min() >= 0 for m in own.promises)
    assert helps
    assert np.quantile(found.all, 0.5) > np.quantile(found.likely, 0.5)


def test_it_follows_solved_draws():
    own = plan()
    drawn = [drawn_promises(own, uncertain().draw(points(), d), points(), d) for d in range(N)]
    found = quick_draws(own, known(), spread(), points())
    assert follows(found.likely, drawn) > 0.5
    assert follows(np.full(N, np.median(found.likely)), drawn) <= 0.0
    assert np.isnan(follows(found.likely[:2], drawn[:2]))


def test_the_world_goes_on_beyond_its_percentiles():
    """The trade started from, drawn as solved draws draw it."""
    own = sure(plan(), 0.0)
    own = replace(own, growth=(0.0, 0.0, 0.0), prospects={})
    found = quick_draws(own, known(), spread(), many())
    solved = [uncertain().factor(many(), d, "turnover") for d in range(400)]
    trade = pair_trade(base(), *PAIR).value
    others = WORLD[:-1]
    rest = [np.log(known()[s, q].none / trade) for s in others for q in (0.1, 0.9)]
    assert np.abs(rest).max() < 1e-6
    np.testing.assert_allclose(found.likely[:400], trade * np.array(solved), rtol=1e-5)


def test_promises_that_bring_nothing_leave_the_rest():
    own = plan()
    nothing = {m: replace(a, gain=np.zeros(3), parts=None) for m, a in own.alone.items()}
    flat = {key: replace(at, all=at.none) for key, at in known().items()}
    found = quick_draws(replace(own, alone=nothing), flat, spread(), many())
    assert np.isfinite(found.likely).all()
    np.testing.assert_allclose(found.likely, found.all, rtol=1e-12)


def test_drivers_are_those_that_move_it():
    """With no promise kept: growth and the trade started from, by their variances, and setbacks."""
    own = sure(plan(), 0.0)
    found = quick_draws(own, known(), spread(), many())
    table = drivers(many(), found, own).set_index("source")
    z = np.random.default_rng(0).standard_normal(200_000)
    years = own.years[-1] - own.base_year
    grown = np.var(years * np.interp(z, (-Z90, 0, Z90), own.growth))
    low, high = np.log(spread())
    begun = np.var(np.where(z > 0, high, -low) * z / Z90)
    told = table["first_order"]
    assert told["growth"] / told["turnover"] == pytest.approx(grown / begun, rel=0.15)
    assert not any(
        name in source for source in table.index for name in ("M1", "M2", "M3", "M4", "M5")
    )


@pytest.mark.parametrize("d", [0, 7])
def test_fates_of_one_draw_are_those_of_all(d):
    own = plan()
    one = Draws(points().names, points().points[d : d + 1])
    assert fates(own, points(), d) == fates(own, one, 0)


def test_a_spread_of_nothing_has_no_drivers():
    assert np.isnan(follows(np.zeros(0), ()))
    assert drivers(many(), Quick(np.full(4096, 5.0), np.full(4096, 5.0)), plan()).empty

"""Promises alone, together, in draws, shared out, and against a target."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.dossier import Prospect
from entrepot.engine.lower import lower
from entrepot.engine.packages import changes_at, opening_changes
from entrepot.equilibrium.loop import solve
from entrepot.equilibrium.objectives import pair_trade
from entrepot.questions.promises import promises as module
from entrepot.questions.promises.promises import (
    LARGEST,
    Alone,
    DrawnPromises,
    Fate,
    PromisePlan,
    between,
    drawn_promises,
    fates,
    measure_alone,
    solve_set,
)
from entrepot.uncertainty.draw_values import Z90
from entrepot.uncertainty.draws import Draws
from tests.questions.promised_worlds import (
    DAY,
    OPENED,
    PAIR,
    TURNOVER,
    alone,
    base,
    change,
    coupled,
    hours,
    measure,
    measures,
    plan,
    prospect,
    uncertain,
)

ALWAYS, NEVER = (1.0, 1.0, 1.0), (0.0, 0.0, 0.0)
MANY = 800


@cache
def points(n: int = 8, kind: str = "usual") -> Draws:
    return Draws.latin((*uncertain().names, *plan().names()), n, 3)


def drawn(p: PromisePlan, d: int = 0) -> DrawnPromises:
    return drawn_promises(p, uncertain().draw(points(), d), points(), d)


# --- alone


def test_a_measure_alone_is_solved_on_the_changed_facts():
    for k, m in enumerate(measures()):
        own = alone()[k]
        assert own.status == "converged"
        for side, gain in zip(("low", "mid", "high"), own.gain, strict=True):
            found = solve(coupled().world, lower(coupled(), m.changes(side, DAY)).scenario)
            assert gain == pytest.approx(pair_trade(found, *PAIR).value - TURNOVER, abs=2e-3), m.id


def test_the_parts_of_a_measure_bring_its_gain():
    middle = uncertain().middle()
    for own in alone():
        found = solve_set(plan(), middle, [own.id], None, base(), 1e-8)
        assert pair_trade(found, *PAIR).value - TURNOVER == pytest.approx(own.gain[1], abs=2e-3)


def test_a_measure_that_the_facts_hold_already_does_nothing():
    held = replace(measures()[0], in_facts_from="2026-01-01")
    own = measure_alone(coupled(), held, PAIR, base())
    assert own.parts is None
    assert not own.gain.any()
    assert own.size(2.0) == 1.0
    later = replace(measures()[0], in_facts_from="2027-01-01")
    assert measure_alone(coupled(), later, PAIR, base()).parts is not None


def test_sizes_lie_between_low_and_high_and_go_no_further():
    own = alone()[0]
    at = [own.size(z) for z in (-9, -Z90, -0.5, 0, 0.5, Z90, 9)]
    assert at == sorted(at)
    assert at[3] == 1.0
    assert at[0] == at[1] == pytest.approx(own.gain[0] / own.gain[1])
    assert at[5] == at[6] == pytest.approx(own.gain[2] / own.gain[1])
    setback = alone()[-1]
    assert setback.gain[1] < 0
    assert setback.size(1.0) == 1.0
    assert replace(own, gain=np.array([0.5, 1.0, 100.0])).size(9) == LARGEST


def test_where_the_gain_changes_its_sign_sizes_are_how_far_the_facts_move():
    odd = replace(alone()[0], gain=np.array([-1.0, 1.0, 2.0]))
    # Hours times 0.9, 0.7 and 0.4.
    assert [odd.size(z) for z in (-9, 0, 9)] == pytest.approx([1 / 3, 1, 2])
    assert replace(odd, steps=None).size(9) == 1.0


# --- packages


def test_changes_at_a_size_are_between_those_of_the_sides():
    m = measure("M", hours("post_a,post_b,rail", 0.8), low=["0.9"] * 3, high=["0.5"] * 3)
    for z, value in ((-9, 0.9), (-Z90, 0.9), (0, 0.8), (Z90 / 2, 0.65), (Z90, 0.5), (9, 0.5)):
        assert [float(c.value) for c in changes_at([m], {"M": z}, DAY)] == pytest.approx(
            [value] * 3
        )
    assert changes_at([m], {}, DAY) == changes_at([m], {"M": 0.0}, DAY)


def test_words_are_those_of_the_nearest_size():
    m = measure("M", (change("links", "a", "status", "set", "construction"),), low=["planned"],
                high=["operating"])  # fmt: skip
    said = [changes_at([m], {"M": z}, DAY)[0].value for z in (-1.0, 0.0, 1.0)]
    assert said == ["planned", "construction", "operating"]


def test_values_are_set_before_they_are_scaled():
    one = measure("A", (change("tariffs", "x", "rate", "scale", 0.5),))
    two = measure("B", (change("tariffs", "x", "rate", "set", 0.1),))
    assert [c.operation for c in changes_at([one, two], {}, DAY)] == ["set", "scale"]


def test_only_promises_open_ways():
    bad = measure("S", OPENED, "setbacks")
    good = measure("G", (*OPENED, *hours("post_a,post_b,rail", 0.5)), "infrastructure")
    other = measure("H", hours("post_a,post_b,rail", 0.5))
    assert opening_changes([bad, other], DAY) == ()
    assert {c.table for c in opening_changes([bad, good, other], DAY)} == {
        "links",
        "border_crossings",
    }


# --- fates


@cache
def many(
    odds: tuple[float, float, float] = (0.2, 0.4, 0.7),
    delay: tuple[float, float, float] = (0.0, 1.0, 4.0),
    group: str = "",
) -> tuple[Draws, list[dict[str, Fate]]]:
    p = replace(plan(odds, delay=delay, group=group), measures=measures()[:3])
    draws = Draws.latin(p.names(), MANY, 5)
    return draws, [fates(p, draws, d) for d in range(MANY)]


def kept(found: list[dict[str, Fate]], name: str) -> np.ndarray:
    return np.array([f[name].kept for f in found])


@pytest.mark.parametrize(("odds", "share"), [(NEVER, 0.0), (ALWAYS, 1.0)])
def test_what_is_impossible_or_certain(odds: tuple[float, float, float], share: float):
    _, found = many(odds)
    for m in measures()[:3]:
        assert kept(found, m.id).mean() == share


def test_measures_are_kept_as_often_as_they_are_likely():
    odds = (0.2, 0.4, 0.7)
    draws, found = many(odds)
    expected = np.mean([between(z, *odds) for z in draws.normal("odds:M1")])
    for m in measures()[:3]:
        # Two standard errors: 0.5 / sqrt(800) is 0.018.
        assert kept(found, m.id).mean() == pytest.approx(expected, abs=0.036)


def test_measures_of_one_group_come_or_fail_together():
    alike = np.corrcoef([kept(many(group="all")[1], n) for n in ("M1", "M2")])[0, 1]
    apart = np.corrcoef([kept(many()[1], n) for n in ("M1", "M2")])[0, 1]
    # Of normals that correlate by a half, signs correlate by a third; odds of their own take some.
    assert alike == pytest.approx(1 / 3, abs=0.09)
    assert apart == pytest.approx(0, abs=0.09)


def test_delays_are_never_negative_and_have_their_percentiles():
    _, found = many()
    late = np.array([f["M1"].arrival - f["M1"].due for f in found])
    assert late.min() == 0
    assert np.percentile(late, (50, 90)) == pytest.approx((1, 4), abs=0.1)
    assert late.max() > 6
    early = np.array([f["M1"].arrival for f in many(delay=(-3.0, -1.0, 0.0))[1]])
    assert early.min() == 2028.0


def test_a_measure_without_a_prospect_never_comes():
    p = plan(ALWAYS)
    less: dict[str, Prospect] = {k: v for k, v in p.prospects.items() if k != "M2"}
    own = fates(replace(p, prospects=less), points(), 0)["M2"]
    assert not own.kept
    assert own.arrival == np.inf


def test_the_fate_of_one_does_not_depend_on_the_others():
    p = plan()
    fewer = replace(p, measures=p.measures[::-2])
    draws = Draws.latin(fewer.names(), 8, 3)
    for d in range(8):
        one, two = fates(p, points(), d), fates(fewer, draws, d)
        assert {k: one[k] for k in two} == two


# --- by year


@given(
    st.lists(st.floats(2020, 2060), min_size=1, max_size=5),
    st.floats(0.0, 1.0),
    st.floats(0.5, 15),
)
def test_the_share_by_year_rises_from_nothing_to_all(years: list[float], first: float, span: float):
    names = [m.id for m in measures()][: len(years)]
    p = replace(plan(), years=np.arange(2015.0, 2100.0), adjust=(first, span))
    arrival = dict(zip(names, years, strict=False))
    fate = {m: Fate(True, y, y, 1.0) for m, y in arrival.items()}
    share = module._share_by_year(p, arrival, fate)
    assert share.min() >= 0
    assert share.max() <= 1 + 1e-12
    assert (np.diff(share) >= -1e-12).all()
    assert share[p.years + 1 <= min(years)] == pytest.approx(0)
    assert share[-1] == pytest.approx(1)


def test_the_share_of_one_measure_by_hand():
    p = replace(plan(), adjust=(0.4, 5.0))
    fate = {"M1": Fate(True, 2028.5, 2028.0, 1.0)}
    share = module._share_by_year(p, {"M1": 2028.5}, fate)
    # Half of 2028 at 0.4; at the end of 2029 half a year of the five is over.
    assert share[:5] == pytest.approx([0, 0, 0.5 * 0.4, 0.4 + 0.6 * 0.1, 0.4 + 0.6 * 0.3])


def test_nothing_arrives_of_nothing():
    assert not module._share_by_year(plan(), {}, {}).any()


# --- draws


def test_a_sure_promise_without_delay_is_kept_in_full():
    own = drawn(plan(ALWAYS, delay=(0.0, 0.0, 0.0)))
    assert own.converged
    assert own.likely == pytest.approx(own.all, rel=1e-6)
    assert own.path_likely == pytest.approx(own.path_all, rel=1e-6)
    assert own.all > own.none


def test_no_promise_kept_is_none():
    p = plan(NEVER)
    for d in range(3):
        own = drawn(p, d)
        assert own.likely == own.none
        assert np.array_equal(own.path_likely, own.path_none)
        assert own.none == pytest.approx(own.base, rel=1e-7)


def test_setbacks_count_in_all_three():
    p = plan(NEVER)
    worse = replace(p, prospects={**p.prospects, "S1": prospect("S1", ALWAYS)})
    one, two = drawn(p), drawn(worse)
    assert two.none < one.none
    assert two.likely == two.none
    assert two.base == one.base
    assert two.all < one.all


def test_a_setback_after_the_horizon_does_not_count():
    p = plan(NEVER)
    late = replace(p, prospects={**p.prospects, "S1": prospect("S1", ALWAYS, due=2040.0)})
    assert drawn(late).none == pytest.approx(drawn(p).none, rel=1e-9)


def test_a_promise_that_cannot_come_changes_nothing_of_what_is_likely():
    p = plan(ALWAYS, delay=(0.0, 0.0, 0.0))
    without = replace(p, measures=tuple(m for m in p.measures if m.id != "M2"))
    never = replace(p, prospects={**p.prospects, "M2": prospect("M2", NEVER, delay=(0, 0, 0))})
    for d in range(2):
        one, two = drawn(without, d), drawn(never, d)
        assert two.likely == pytest.approx(one.likely, rel=1e-9)
        assert two.path_likely == pytest.approx(one.path_likely, rel=1e-9)
        assert two.all > one.all


def test_what_comes_after_the_horizon_does_not_count():
    p = plan(ALWAYS, delay=(30.0, 30.0, 30.0))
    own = drawn(p)
    assert own.likely == own.none
    assert own.all > own.none


def test_growth_is_on_top():
    flat, grown = (drawn(plan(growth=(g, g, g))) for g in (0.0, 0.03))
    years = np.exp(0.03 * (plan().years - 2026.5))
    for name in ("path_none", "path_likely", "path_all"):
        assert getattr(grown, name) == pytest.approx(getattr(flat, name) * years)
    assert grown.all == flat.all
    shrunk = drawn(plan(growth=(-0.05, -0.05, -0.05)))
    assert (np.diff(shrunk.path_none) < 0).all()


def test_paths_lie_between_nothing_and_everything():
    p = plan(growth=(0.0, 0.0, 0.0))
    for d in range(3):
        own = drawn(p, d)
        assert (own.path_none <= own.path_likely + 1e-6).all()
        assert (own.path_all <= own.all + 1e-6).all()
        assert own.path_all[0] == pytest.approx(own.none)
        assert own.goods.sum() == pytest.approx(own.none)
        assert own.goods_all.sum() == pytest.approx(own.all)


def test_a_size_of_nothing_is_one():
    assert Alone("x", np.zeros(3), np.zeros(2), None, "converged").size(1.0) == 1.0

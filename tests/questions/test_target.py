"""What a target needs: sets that reach it, and what remains beside all of them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from entrepot.engine.decompose import add_up
from entrepot.engine.drawn_world import DrawnWorld
from entrepot.engine.lower import lower
from entrepot.engine.packages import changes_at
from entrepot.equilibrium.coupled import Scenario
from entrepot.equilibrium.loop import solve
from entrepot.equilibrium.objectives import pair_trade
from entrepot.kernels.arrays import FloatArray
from entrepot.questions.promises.individual_effects import log_slopes
from entrepot.questions.promises.promise_tables import (
    drawn_gains,
    measure_effects,
    partner_effects,
    sector_effects,
    target_paths,
    with_ranges,
)
from entrepot.questions.promises.promises import PromisePlan, drawn_promises
from entrepot.questions.promises.quick_draws import Quick
from entrepot.questions.promises.target import (
    at_sizes,
    fewest,
    reach,
    remaining_cut,
    target_needs,
)
from entrepot.uncertainty.draws import Draws
from tests.questions.promised_worlds import (
    PAIR,
    TURNOVER,
    alone,
    base,
    coupled,
    dossier,
    measures,
    plan,
    uncertain,
)

QUICK = np.linspace(4000, 7100, 40), np.linspace(5000, 9000, 40)


@cache
def middle() -> DrawnWorld:
    return uncertain().middle()


def ranked() -> list[str]:
    own = sorted(alone(), key=lambda a: -a.gain[1])
    return [a.id for a in own if a.gain[1] > 0 and a.id != "S1"]


def reached(ids: list[str], side: str = "mid") -> float:
    return pair_trade(at_sizes(plan(), middle(), side, base(), ids), *PAIR).value


def aimed(target: float | None) -> PromisePlan:
    return plan(target=target)


def test_sizes_of_all_promises_are_in_order():
    low, mid, high = (reached(ranked(), s) for s in ("low", "mid", "high"))
    assert TURNOVER < low < mid < high


@pytest.mark.parametrize("side", ["mid", "high"])
def test_the_fewest_promises_reach_the_target_and_one_fewer_do_not(side: str):
    order = ranked()
    assert order == ["M2", "M3", "M4", "M5", "M1"]
    steps = [reached(order[:k], side) for k in range(len(order) + 1)]
    assert steps == sorted(steps)
    for k in range(1, len(order) + 1):
        between = (steps[k - 1] + steps[k]) / 2
        assert fewest(aimed(between), middle(), side, base()) == tuple(order[:k])
    assert fewest(aimed(steps[-1] + 1), middle(), side, base()) is None


def test_a_target_that_is_reached_already_needs_no_promise():
    p = aimed(0.9 * TURNOVER)
    assert fewest(p, middle(), "mid", base()) == ()
    assert remaining_cut(p, middle(), base(), "mid") == 0.0


def test_without_a_target_there_is_nothing_to_say():
    p = aimed(None)
    assert fewest(p, middle(), "mid", base()) is None
    assert np.isnan(remaining_cut(p, middle(), base(), "mid"))


def test_without_promises_only_a_cut_is_left():
    p = replace(aimed(2 * TURNOVER), measures=measures()[-1:])
    assert fewest(p, middle(), "mid", base()) is None
    assert 0 < remaining_cut(p, middle(), base(), "mid") < 1


@pytest.mark.parametrize("factor", [1.5, 3.0, 20.0])
@pytest.mark.parametrize("side", ["mid", "high"])
def test_the_cut_that_remains_brings_the_target(factor: float, side: str):
    target = factor * TURNOVER
    p = aimed(target)
    cut = remaining_cut(p, middle(), base(), side)
    z = {"mid": 0.0, "high": 1.2815515655446004}[side]
    sized = [(a.parts, a.size(z)) for a in alone() if a.id != "S1" and a.parts is not None]
    scenario = middle().scenario(add_up(sized))
    wedge = (
        np.ones(coupled().trade.flows.shape) if scenario.wedge is None else scenario.wedge.copy()
    )
    a, b = (coupled().trade.position(x) for x in PAIR)
    wedge[:, [a, b], [b, a]] *= 1 - cut
    found = solve(
        middle().world, Scenario(scenario.cost, wedge, scenario.tariff, scenario.capacity)
    )
    assert found.converged
    value = pair_trade(found, *PAIR).value
    if cut > 0:
        assert value == pytest.approx(target, rel=2e-3)
    else:
        assert value >= target


def test_larger_targets_and_smaller_promises_leave_more():
    cuts = [remaining_cut(aimed(f * TURNOVER), middle(), base(), "mid") for f in (1.6, 2, 4)]
    assert cuts == sorted(cuts)
    assert remaining_cut(aimed(4 * TURNOVER), middle(), base(), "high") < cuts[-1]


# --- tables


N = 20


@cache
def points() -> Draws:
    return Draws.latin((*uncertain().names, *plan().names()), N, 1)


@cache
def over() -> tuple[object, ...]:
    return tuple(
        drawn_promises(plan(), uncertain().draw(points(), d), points(), d) for d in range(N)
    )


def whole() -> float:
    return reached(ranked()) - TURNOVER


def gains(drawn: tuple[object, ...]) -> FloatArray:
    return drawn_gains(plan(), drawn, log_slopes(plan().parts, middle(), base(), PAIR))


def needs(own: PromisePlan, drawn: tuple[object, ...]) -> pd.DataFrame:
    every = solve(
        coupled().world,
        lower(coupled(), changes_at(own.promises, {}, coupled().on)).scenario,
        start=base(),
    )
    return target_needs(own, reach(own, middle(), base(), every), drawn, Quick(*QUICK), 0.8)


def test_needs_as_a_table():
    table = needs(plan(), over()).set_index("figure")
    exact, told = table.loc["all_on_facts", ["p50", "note"]]
    assert exact == pytest.approx(table.loc["all_mid", "p50"], rel=0.02)
    assert told == f"the sum of the parts gives {table.loc['all_mid', 'p50']:,.1f}"
    assert table.loc["start", "p50"] == pytest.approx(TURNOVER, abs=1e-3)
    assert table.loc["all_low", "p50"] < table.loc["all_mid", "p50"] < table.loc["all_high", "p50"]
    assert table.loc["target", "p50"] == 7000
    assert table.loc[["quick_draws", "quick_follows"], "p50"].tolist() == [40, 0.8]
    assert table.loc["quick_likely", "p50"] == np.median(QUICK[0])
    assert table.loc["quick_reach_all", "p50"] == np.mean(QUICK[1] >= 7000)
    shares = table.loc[["reach_none", "reach_likely", "reach_all"], "p50"]
    assert shares.between(0, 1).all()
    assert shares.is_monotonic_increasing
    p10, p50, p90 = table.loc["horizon_all", ["p10", "p50", "p90"]]
    assert p10 < p50 < p90
    without = needs(aimed(None), over())["figure"]
    assert not without.str.contains("reach|target|remaining|fewest").any()


def test_paths_rise_with_what_is_kept():
    table = target_paths(plan(), over()).set_index(["scenario", "year"])
    assert len(table) == 30
    for year in plan().years.astype(int):
        none, likely, every = (table.loc[(s, year)] for s in ("none", "likely", "all"))
        assert none["trade_musd_p50"] <= likely["trade_musd_p50"] + 1e-6
        assert likely["trade_musd_p10"] <= every["trade_musd_p90"]
    assert (table["trade_musd_p10"] <= table["trade_musd_p90"]).all()


def test_effects_of_measures():
    table = measure_effects(coupled(), dossier(), plan(), gains(over()))
    assert table["measure_id"].tolist() == ["M2", "M3", "M4", "M5", "M1", "S1"]
    own = table.set_index("measure_id")
    assert own.loc["M2", "gain_musd"] == pytest.approx(alone()[1].gain[1])
    assert own.loc["M2", "gain_musd_p10"] < own.loc["M2", "gain_musd_p90"]
    assert own.loc["M2", "expected_musd"] == pytest.approx(0.5 * alone()[1].gain[1])
    assert own["among_first"].drop("S1").eq(1.0).all()
    assert np.isnan(own.loc["S1", "among_first"])


def test_partners_and_sectors():
    partners = partner_effects(coupled(), plan(), over(), ("CCC", "AAA", "ROW"))
    assert partners["zone_id"].tolist() == ["AAA", "BBB", "CCC", "ROW"]
    assert (partners["income_musd_p10"] <= partners["income_musd_p90"]).all()
    assert partners["gaining"].between(0, 1).all()
    sectors = sector_effects(coupled(), plan(), over())
    assert set(sectors["exporter"]) == set(PAIR)
    assert (sectors["days"] > 0).all()
    assert (sectors["gain_musd_p10"] <= sectors["gain_musd_p90"]).all()


@pytest.mark.parametrize("made", [
    lambda: target_paths(plan(), ()),
    lambda: needs(plan(), ()).query("not figure.str.startswith('quick')"),
    lambda: measure_effects(coupled(), dossier(), plan(), gains(())),
    lambda: partner_effects(coupled(), plan(), (), ("CCC",)),
    lambda: sector_effects(coupled(), plan(), ()),
    lambda: with_ranges(
        pd.DataFrame({"gain_musd": [1.0], "measures": [("M1",)]}), plan(), (), gains(())
    ),
])  # fmt: skip
def test_no_draws_give_tables_without_ranges(made):  # type: ignore[no-untyped-def]
    table = made()
    for column in table.columns:
        if column.endswith(("p10", "p90")):
            assert table[column].isna().all()

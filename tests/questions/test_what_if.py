"""Changes of trade as people write them, and what they do under each model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from entrepot.engine import held as held_file
from entrepot.engine.held import TRADE_MODELS
from entrepot.engine.lower import lower_trade
from entrepot.errors import UnknownNameError, UsageError
from entrepot.facts.load import load_world
from entrepot.facts.world import World
from entrepot.questions.what_if import trade_effects as effects_file
from entrepot.questions.what_if.steps import read_step, read_steps
from entrepot.questions.what_if.trade_effects import TradeRules, read_pair, trade_effects
from entrepot.trade.exact.counterfactual import counterfactual
from entrepot.trade.world.trade_world import TradeWorld


@pytest.fixture(scope="module")
def trade(shipped: World) -> TradeWorld:
    return TradeWorld.of_world(shipped)


def moved(trade: TradeWorld, *texts: tuple[str, str]) -> tuple[np.ndarray, np.ndarray]:
    """Cost over cost before, and new duties, for changes written as (kind, text)."""
    world = load_world()
    changes = [c for kind, text in texts for c in read_step(world, kind, text)]
    found = lower_trade(trade, world, changes)
    cost, tariff = found.wedge(trade.friction.mid), found.tariff(trade.tariff.mid)
    ones = np.ones_like(trade.tariff.mid)
    return ones if cost is None else cost, trade.tariff.mid if tariff is None else tariff


def test_a_tariff_names_importer_then_exporter(trade: TradeWorld) -> None:
    _, tariff = moved(trade, ("tariff", "IRN:KAZ:cereals=0"))
    changed = np.argwhere(tariff != trade.tariff.mid)
    at = trade.position
    assert changed.tolist() == [[trade.folding.position("cereals"), at("IRN"), at("KAZ")]]
    assert tariff[tuple(changed[0])] == 0


def test_groups_stars_levels_and_relative_changes(trade: TradeWorld) -> None:
    _, tariff = moved(trade, ("tariff", "irn:eaeu=-50%"), ("tariff", "IRN:KAZ:machinery=5%"))
    i = trade.position("IRN")
    j = trade.folding.position("machinery")
    for member in ("ARM", "BLR", "KGZ", "RUS"):
        np.testing.assert_allclose(
            tariff[:, i, trade.position(member)],
            0.5 * trade.tariff.mid[:, i, trade.position(member)],
        )
    assert tariff[j, i, trade.position("KAZ")] == pytest.approx(0.05)
    cost, tariff = moved(trade, ("tariff", "KAZ:*=10%"), ("cost", "*-KAZ:cereals=-5%"))
    k = trade.position("KAZ")
    others = [z for z in range(68) if z != k]
    np.testing.assert_allclose(tariff[:, k, others], 0.10)
    assert (tariff[:, k, k] == 0).all()
    assert (cost[:, k, k] == 1).all(), "nobody trades with itself across a border"
    c = trade.folding.position("cereals")
    np.testing.assert_allclose(cost[c, k, others], 0.95)
    np.testing.assert_allclose(cost[c][others, k], 0.95)


def test_costs_go_both_ways_or_one(trade: TradeWorld) -> None:
    k, i = trade.position("KAZ"), trade.position("IRN")
    both, _ = moved(trade, ("cost", "KAZ-IRN=-10%"))
    assert both[0, k, i] == both[0, i, k] == pytest.approx(0.9)
    one, _ = moved(trade, ("cost", "KAZ>IRN=+10%"))
    assert one[0, i, k] == pytest.approx(1.1)
    assert one[0, k, i] == 1.0
    groups, _ = moved(trade, ("cost", "EAEU-*=-10%"))
    r = trade.position("RUS")
    assert groups[0, k, r] == groups[0, r, k] == pytest.approx(0.9), "no flow is counted twice"
    assert groups[0, k, i] == groups[0, i, k] == pytest.approx(0.9)
    twice, _ = moved(trade, ("cost", "KAZ-IRN=-10%"), ("cost", "KAZ-IRN=-10%"))
    assert twice[0, k, i] == pytest.approx(0.81)


def test_friction_by_level_and_by_change(trade: TradeWorld) -> None:
    k, i = trade.position("KAZ"), trade.position("IRN")
    now = trade.friction.mid[:, i, k]
    assert (now > 0).all()
    cost, _ = moved(trade, ("friction", "KAZ-IRN=0"))
    np.testing.assert_allclose(cost[:, i, k], 1 / (1 + now))
    cost, _ = moved(trade, ("friction", "KAZ-IRN=-50%"))
    np.testing.assert_allclose(cost[:, k, i], (1 + now / 2) / (1 + now))
    cost, _ = moved(trade, ("friction", "KAZ-IRN=-100%"), ("cost", "KAZ-IRN=+2%"))
    np.testing.assert_allclose(cost[:, k, i], 1.02 / (1 + now))


@pytest.mark.parametrize(
    ("kind", "text", "told"),
    [
        ("tariff", "IRN:KAZ:cereals", "there is no '='"),
        ("tariff", "IRN=5%", "IMPORTER:EXPORTER"),
        ("tariff", "IRN:KAZ=5", "did you mean 5%?"),
        ("tariff", "IRN:KAZ=-5", "did you mean -5%?"),
        ("tariff", "IRN:KAZ=five", "'five' is not a number"),
        ("tariff", "IRN:KAZ=-150%", "more than 100 %"),
        ("tariff", "IRN:KAZ:cereal=0", "Nearest: cereals"),
        ("tariff", "IRM:KAZ=0", "Unknown economy or group of economies: 'IRM'"),
        ("cost", "KAZ-IRN=10%", "did you mean -10% or +10%?"),
        ("cost", "KAZ-IRN=-100%", "cannot fall by 100 %"),
        ("cost", "KAZ=-10%", "A-B"),
        ("friction", "KAZ-IRN=12", "did you mean 12%?"),
        ("friction", "KAZ>IRN=5%", "both ways"),
        ("friction", "KAZ-Iran=5%", "Nearest: IRN"),
    ],
)
def test_what_cannot_be_read_is_told(shipped: World, kind: str, text: str, told: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_step(shipped, kind, text)
    assert told in str(caught.value)


def test_all_faults_of_a_call_come_together(shipped: World) -> None:
    with pytest.raises(UsageError) as caught:
        read_steps(shipped, {"tariff": ["IRN:KAZ=5", "IRN:KAZ"], "cost": ["KAZ-IRQQ=-1%"]})
    assert len(str(caught.value).splitlines()) == 3


def test_pairs_with_a_turnover() -> None:
    assert read_pair("irn-kaz=340") == (("IRN", "KAZ"), 340.0)
    for text in ("IRN-KAZ", "IRN=3", "IRN-KAZ=-3"):
        with pytest.raises(UsageError, match="IRN-KAZ=340"):
            read_pair(text)


@pytest.mark.parametrize("model", TRADE_MODELS)
def test_no_change_no_effect_to_the_bit(shipped: World, trade: TradeWorld, model: str) -> None:
    duty, cost = (
        read_step(shipped, *s) for s in (("tariff", "IRN:KAZ=-0%"), ("cost", "KAZ-IRN=+0%"))
    )
    steps = {"partial": duty, "sectors": (*duty, *cost)}.get(model, cost)
    found = trade_effects(shipped, trade, steps, TradeRules(model=model, draws=4)).tables
    table = found["trade_effects"].select_dtypes(float).drop(columns="share_of_draws_gaining")
    assert not np.nan_to_num(table.to_numpy()).any()
    assert not found["trade_flow_changes"][["change_musd_p10", "change_musd_p90"]].to_numpy().any()


def middle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every draw at the middle of its range."""
    monkeypatch.setattr(
        effects_file,
        "theta_draws",
        lambda normal, sectors, given, shared: np.tile(given.mid, (9, 1)),
    )
    monkeypatch.setattr(effects_file, "in_levels", lambda z, given, bounded=False: given.mid)


def test_partial_equilibrium_by_hand(
    shipped: World, trade: TradeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One market, cereals of Iran: creation M e r, diversion to Kazakhstan by SMART's formula."""
    middle(monkeypatch)
    steps = read_steps(shipped, {"tariff": ["IRN:KAZ:cereals=0"]})
    found = trade_effects(shipped, trade, steps, TradeRules(model="partial", draws=2)).tables
    n, k, c = trade.position("IRN"), trade.position("KAZ"), trade.folding.position("cereals")
    bought = np.delete(trade.flows[c, n], n)
    mine = trade.flows[c, n, k]
    r = 1 / (1 + trade.tariff.mid[c, n, k]) - 1
    demand = (
        shipped.table("parameters").set_index("parameter").at["import_demand_elasticity", "value"]
    )
    z = -(1 + trade.elasticity.mid[c]) * r
    rest = bought.sum() - mine
    diversion = mine * rest * z / (mine + rest + mine * z)
    flows = found["trade_flow_changes"].set_index(["exporter", "importer", "sector"])
    change = flows.at[("KAZ", "IRN", "cereals"), "change_musd_p50"]
    assert change == pytest.approx(mine * demand * r + diversion, rel=1e-9)
    iran = found["trade_effects"].set_index("zone_id").loc["IRN"]
    assert iran["diversion_musd_p50"] == pytest.approx(diversion, rel=1e-9)


def test_one_draw_is_the_solver_itself(
    shipped: World, trade: TradeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With every draw at the middle, the table is one call of the counterfactual."""
    middle(monkeypatch)
    steps = read_steps(shipped, {"cost": ["KAZ-IRN=-10%"]})
    table = (
        trade_effects(shipped, trade, steps, TradeRules(draws=2))
        .tables["trade_effects"]
        .set_index("zone_id")
    )
    k, i = trade.position("KAZ"), trade.position("IRN")
    cost = np.ones((68, 68))
    cost[k, i] = cost[i, k] = 0.9
    direct = counterfactual(trade.baseline(), cost_hat=cost)
    for zone in ("KAZ", "IRN", "CHN"):
        n = trade.position(zone)
        assert table.at[zone, "real_income_musd_p50"] == pytest.approx(
            direct.equivalent_variation[n], rel=1e-9
        )
        away = np.delete(direct.flows[:, :, n] - direct.baseline.flows[:, :, n], n, axis=1)
        assert table.at[zone, "exports_musd_p50"] == pytest.approx(away.sum(), rel=1e-6)


def gain(shipped: World, trade: TradeWorld, **how: str) -> float:
    """Median change of what Kazakhstan sells to Iran when all costs of the pair fall by 10 %."""
    steps = read_steps(shipped, {"cost": ["KAZ-IRN=-10%"]})
    flows = trade_effects(shipped, trade, steps, TradeRules(draws=10, **how)).tables[
        "trade_flow_changes"
    ]
    own = flows[(flows["sector"] == "*") & (flows["exporter"] == "KAZ")]
    return float(own.loc[own["importer"] == "IRN", "change_musd_p50"].iloc[0])


def test_models_agree_on_sign_and_order_of_size(shipped: World, trade: TradeWorld) -> None:
    """A pair this small: full and conditional nearly agree, and several sectors lie near them."""
    full = gain(shipped, trade, model="full")
    sectors = gain(shipped, trade)
    assert full == pytest.approx(gain(shipped, trade, model="conditional"), rel=0.02)
    assert 0.5 < sectors / full < 2
    assert 0 < gain(shipped, trade, horizon="short") < 0.6 * sectors


def test_the_same_seed_gives_the_same_table(shipped: World, trade: TradeWorld) -> None:
    steps = read_steps(shipped, {"tariff": ["IRN:KAZ=0"]})
    one, same, other = (
        trade_effects(shipped, trade, steps, TradeRules(draws=6, seed=s)).tables["trade_effects"]
        for s in (3, 3, 4)
    )
    assert one.equals(same)
    assert not one.equals(other)


def test_a_draw_that_is_not_solved_is_counted(
    shipped: World, trade: TradeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = held_file.counterfactual, []

    def every_second(*args: object, **named: object) -> object:
        calls.append(1)
        found = real(*args, **named)
        return replace(found, status="not converged") if len(calls) % 2 == 0 else found

    monkeypatch.setattr(held_file, "counterfactual", every_second)
    steps = read_steps(shipped, {"cost": ["KAZ-IRN=-10%"]})
    found = trade_effects(shipped, trade, steps, TradeRules(draws=6))
    assert found.failed == 3
    assert found.tables["trade_run"].iloc[0]["status"] == "3 draws failed"


def test_calls_that_make_no_sense(shipped: World, trade: TradeWorld) -> None:
    cost = read_steps(shipped, {"cost": ["KAZ-IRN=-10%"]})
    for steps, more, told in (
        ((), {}, "Nothing changes"),
        (cost, {"model": "exact"}, "sectors, full"),
        (cost, {"horizon": "weekly"}, "long, short"),
        (cost, {"model": "partial"}, "duties only"),
        (read_steps(shipped, {"tariff": ["IRN:KAZ=0"]}), {"model": "full"}, "no tariff revenue"),
        (cost, {"deficit": "none"}, "proportional"),
    ):
        with pytest.raises(UsageError, match=told):
            trade_effects(shipped, trade, steps, TradeRules(draws=2, **more))
    with pytest.raises(UnknownNameError):
        trade.position("KZ")


def test_a_good_that_stands_for_its_sector_is_told(shipped: World, trade: TradeWorld) -> None:
    steps = read_steps(shipped, {"cost": ["KAZ-UZB:coal=-10%"]})
    notes = " ".join(
        trade_effects(shipped, trade, steps, TradeRules(draws=2))
        .tables["trade_run"]
        .iloc[0]["notes"]
    )
    assert "moves only its part of a group traded as one: petroleum_products, coal" in notes
    assert "traded as 14 broader groups" in notes
    assert "Held fixed: transport." in notes


def test_a_good_moves_its_part_of_a_group(shipped: World, trade: TradeWorld) -> None:
    cost, _ = moved(trade, ("cost", "KAZ>UZB:coal=-10%"))
    fine = TradeWorld.of_world(shipped, detail="commodity")
    coal, oil = (fine.sectors.index(g) for g in ("coal", "petroleum_products"))
    k, u = trade.position("KAZ"), trade.position("UZB")
    part = fine.flows[coal, u, k] / (fine.flows[coal, u, k] + fine.flows[oil, u, k])
    j = trade.folding.position("coal")
    assert 0 < part < 1
    assert cost[j, u, k] == pytest.approx(1 - 0.1 * part)
    assert np.count_nonzero(cost != 1) == 1

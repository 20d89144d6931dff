"""What stands between a pair and its target: identities, laws, and the shipped pair."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from entrepot.answers.run import as_declared
from entrepot.errors import UsageError
from entrepot.flows.carriage import carriage
from entrepot.questions.between.cost_components import levers, needed_cut
from entrepot.questions.between.options import BetweenOptions
from entrepot.questions.between.pair_costs import (
    PARTS,
    PairCosts,
    pair_costs,
    parts_table,
)
from entrepot.questions.between.pair_goods import explain_trade
from entrepot.questions.between.pair_trade import pair_trade
from entrepot.routes.find import find_routes
from entrepot.routes.query import RouteQuery
from entrepot.routes.session import Session
from entrepot.routes.tables import route_tables
from entrepot.schema.table import load_schema
from entrepot.trade.exact.counterfactual import counterfactual
from entrepot.trade.world.trade_world import TradeWorld
from entrepot.uncertainty.sampler import Sampler

PAIR = ("IRN", "KAZ")
ASK = BetweenOptions(
    pair=PAIR,
    on="2024-06-30",
    later="2026-06-30",
    turnover_musd=340.0,
    turnover_year="2024",
    turnover_source_id=("T57",),
    target_musd=3000.0,
    target_source_id=("T84",),
    draws=8,
)
SEED = 3


@pytest.fixture(scope="module")
def costs(session: Session) -> PairCosts:
    trade = TradeWorld.of_world(session.world, on=date(2024, 6, 30), pair_values={PAIR: 340.0})
    return pair_costs(session, trade, PAIR, "2024-06-30", Sampler(SEED, 8))


@pytest.fixture(scope="module")
def tables(session: Session) -> dict[str, pd.DataFrame]:
    return pair_trade(session, ASK, SEED)


def test_the_parts_make_the_whole(costs: PairCosts) -> None:
    """Mean over directions of ln(1 + known), plus ln(1 + unexplained), is ln(1 + total), draw by draw."""
    logs = np.zeros(costs.n_draw)
    for d in costs.directions:
        p = d.parts
        by_good = (
            (1 + p["duty"]) * (1 + p["freight"] + p["time"] + p["border"]) * (1 + p["payment"])
        )
        logs += 0.5 * np.log(by_good @ d.value / d.value.sum())
    np.testing.assert_allclose(
        logs + np.log1p(costs.unexplained), np.log1p(costs.total), rtol=1e-12
    )
    for d in costs.directions:
        for part in PARTS[:-1]:
            assert (d.parts[part] >= 0).all()
            assert d.parts[part].shape == (costs.n_draw, 21)


def test_duties_and_payment_stay_near_their_range(costs: PairCosts) -> None:
    trade = costs.trade
    for d in costs.directions:
        n, i = trade.position(d.importer), trade.position(d.exporter)
        mid = trade.tariff.mid[0, n, i]
        assert d.parts["duty"][:, 0].min() <= mid <= d.parts["duty"][:, 0].max()
        assert trade.friction.low[0, n, i] > 0


def test_carriage_lies_between_the_routes_of_its_hubs(session: Session) -> None:
    """Mean over pairs of hubs and their routes: no draw beyond the cheapest and the dearest route."""
    found = carriage(session, "KAZ", "IRN", "iron_steel", "2024-06-30")
    assert found is not None
    assert found.reached == pytest.approx(1.0)
    price = []
    for a in ("almaty", "astana", "aktobe"):
        for b in ("tehran", "isfahan", "shahid_rajaee"):
            asked = RouteQuery(a, b, "iron_steel", on="2024-06-30")
            price += list(
                route_tables(find_routes(session.world, asked, session=session))["routes"][
                    "usd_per_t_p50"
                ]
            )
    whole = np.median(found.freight_usd + found.border_usd)
    assert min(price) < whole < max(price)
    assert (found.border_hours >= 0).all()
    assert (found.moving_hours > 24).all()


def test_carriage_of_what_nothing_carries(session: Session) -> None:
    """Iran's stop of food exports shuts fruit on that day; the same fruit went before."""
    assert carriage(session, "IRN", "KAZ", "perishables", "2026-06-30") is None
    assert carriage(session, "IRN", "KAZ", "perishables", "2024-06-30") is not None
    with pytest.raises(UsageError, match="between two economies"):
        carriage(session, "almaty", "astana", None, None)


def test_freight_time_and_border_of_grain_by_hand(session: Session, costs: PairCosts) -> None:
    """From the legs of every way between every pair of hubs, weighted: north to south and not back.

    Medians of sums and sums of medians differ a little, so a tenth is allowed.
    """
    hubs = session.world.table("zone_hubs")
    weight = {r.node_id: r.weight for r in hubs.itertuples(index=False)}
    ends = [list(hubs.loc[hubs["zone_id"] == z, "node_id"]) for z in ("KAZ", "IRN")]
    freight = border = moving = waiting = 0.0
    for a in ends[0]:
        for b in ends[1]:
            asked = RouteQuery(a, b, "cereals", on="2024-06-30")
            tables = route_tables(find_routes(session.world, asked, session=session))
            share = tables["routes"].set_index("route_id")["share"]
            for leg in tables["legs"].itertuples(index=False):
                w = weight[a] * weight[b] * share[leg.route_id]
                at_border = leg.element == "border"
                freight += w * (
                    leg.haulage_usd + leg.handling_usd + leg.fee_usd + leg.insurance_usd
                )
                border += w * leg.border_usd
                moving += w * leg.hours_p50 * (not at_border)
                waiting += w * leg.hours_p50 * at_border
    south = next(d for d in costs.directions if d.exporter == "KAZ")
    c = costs.trade.folding.commodities.index("cereals")
    found = south.carried[c]
    assert np.median(found.freight_usd) == pytest.approx(freight, rel=0.1)
    assert np.median(found.border_usd) == pytest.approx(border, rel=0.15)
    assert np.median(found.moving_hours) == pytest.approx(moving, rel=0.15)
    assert np.median(found.border_hours) == pytest.approx(waiting, rel=0.5)
    # 227 USD a tonne, 0.2 % a day; the spread of hours comes on top.
    assert np.median(south.parts["freight"][:, c]) == pytest.approx(freight / 227, rel=0.25)
    plain = 0.002 * moving / 24
    assert plain < np.median(south.parts["time"][:, c]) < 3 * plain


def test_a_lever_is_near_its_partial_answer(session: Session, costs: PairCosts) -> None:
    """A tenth less freight: every flow grows by kappa^-theta and hardly anything else moves."""
    lever = next(
        x
        for x in levers(session.world, costs, date(2026, 6, 30))
        if (x.name, x.cut) == ("freight", 0.1)
    )
    folding = costs.trade.folding
    for d in range(costs.n_draw):
        gain = np.zeros(2)
        for side, way in enumerate(costs.directions):
            p = {name: way.parts[name][d] for name in ("freight", "time", "border")}
            whole = 1 + sum(p.values())
            factor = np.ones(len(way.value))
            for c in way.carried:
                factor[c] = (whole[c] - 0.1 * p["freight"][c]) / whole[c]
            for j in range(len(folding.sectors)):
                own = way.value * (folding.of == j)
                if own.sum() > 0:
                    kappa = own @ factor / own.sum()
                    gain[side] += own.sum() * (kappa ** -costs.theta[d, j] - 1)
        assert lever.gain[d] == pytest.approx(gain.sum(), rel=0.03)
        assert lever.forward[d] == pytest.approx(gain[0], rel=0.05)
    assert np.median(gain[0]) != pytest.approx(np.median(gain[1]), rel=0.05), (
        "the sides must differ"
    )


def test_goods_whose_cost_is_not_known_do_not_move(session: Session, costs: PairCosts) -> None:
    """Crude to Kazakhstan is a thousandth of the trade and reacts most: no lever may touch it."""
    north = costs.directions[0]
    crude = costs.trade.folding.commodities.index("crude_gas")
    assert 0 < north.value[crude] < 0.005 * north.value.sum()
    assert crude not in north.carried


def test_the_needed_cut_gives_nearly_the_target_in_equilibrium(costs: PairCosts) -> None:
    cut = needed_cut(costs, 3000 / 340)
    trade = costs.trade
    a, b = (trade.position(z) for z in PAIR)
    for d in (0, costs.n_draw - 1):
        cost = np.ones(trade.flows.shape[1:])
        cost[a, b] = cost[b, a] = 1 - cut[d]
        found = counterfactual(trade.baseline(elasticity=costs.theta[d]), cost_hat=cost)
        assert found.flows[:, [a, b], [b, a]].sum() == pytest.approx(3000, rel=0.1)


def test_levers_obey_order(session: Session, costs: PairCosts) -> None:
    """More of a cut brings more; all named parts more than each; both incomes rise."""
    found = {
        (lever.name, lever.cut): lever for lever in levers(session.world, costs, date(2026, 6, 30))
    }
    assert ("unexplained", 0.5) not in found
    assert (found[("unexplained", 0.1)].gain > 0).all()
    for part in PARTS[:-1]:
        tenth, half = found[(part, 0.1)], found[(part, 0.5)]
        assert (tenth.gain >= 0).all()
        assert (half.gain >= tenth.gain).all()
        assert half.failed == 0
    for part in PARTS[:-1]:
        assert (found[("named", 0.5)].gain > found[(part, 0.5)].gain).all()
    assert (found[("duty", 1.0)].gain > found[("duty", 0.5)].gain).all()
    assert (found[("freight", 0.5)].real > 0).all()
    # Duties of 2026 lie below those of 2024 but above none.
    agreed = found[("agreement", 1.0)].gain
    assert (agreed > 0).all()
    assert (agreed < found[("duty", 1.0)].gain).all()


def test_the_cut_that_gives_the_target_gives_it(costs: PairCosts) -> None:
    growth = 3000 / 340
    cut = needed_cut(costs, growth)
    trade = costs.trade
    a, b = (trade.position(z) for z in PAIR)
    value = trade.flows[:, a, b] + trade.flows[:, b, a]
    for d in range(costs.n_draw):
        grown = np.sum(value * (1 - cut[d]) ** -costs.theta[d]) / value.sum()
        assert grown == pytest.approx(growth, rel=1e-9)
    assert ((cut > 0) & (cut < 1)).all()


def test_tables_are_as_declared(tables: dict[str, pd.DataFrame]) -> None:
    declared = load_schema("results")
    for name, table in tables.items():
        checked = as_declared(name, table)
        keys = list(declared[name].keys)
        assert not checked.duplicated(keys).any(), name
        required = [c.name for c in declared[name].columns if c.is_required]
        assert checked[required].notna().all().all(), name
    for name, stem in (("trade_parts", "share"), ("trade_levers", "gain_musd")):
        t = tables[name]
        assert (t[f"{stem}_p10"] <= t[f"{stem}_p50"]).all()
        assert (t[f"{stem}_p50"] <= t[f"{stem}_p90"]).all()


def test_every_figure_has_a_source(session: Session, tables: dict[str, pd.DataFrame]) -> None:
    known = set(session.world.table("sources")["source_id"])
    for name in ("trade_goods", "trade_figures"):
        for ids in tables[name]["source_id"]:
            assert ids, name
            assert set(ids) <= known, ids
    parts = tables["trade_parts"]
    for r in parts.itertuples(index=False):
        assert r.source_id or r.part == "known"
        assert set(r.source_id) <= known


def test_a_turnover_that_was_set_is_no_published_figure(tables: dict[str, pd.DataFrame]) -> None:
    goods = tables["trade_goods"]
    assert set(goods["value_kind"]) <= {"estimated", "assumed"}
    assert all("T57" in ids for ids in goods["source_id"])
    parts = tables["trade_parts"].set_index(["importer", "commodity", "part"])["source_id"]
    assert "T69" in parts[("*", "*", "freight")], "the value of a tonne of grain"


def test_figures_add_up(tables: dict[str, pd.DataFrame]) -> None:
    figures = tables["trade_figures"].set_index("figure")["p50"]
    goods = tables["trade_goods"]
    whole = goods[goods["commodity"] == "*"]
    assert figures["turnover"] == pytest.approx(340)
    assert whole["value_musd"].sum() == pytest.approx(340)
    assert goods.loc[goods["commodity"] != "*", "value_musd"].sum() == pytest.approx(340)
    assert figures["matrix"] == pytest.approx(301.996, abs=0.01)
    assert figures["growth"] == pytest.approx(3000 / 340)
    assert figures["highest"] == 2400


def test_the_same_seed_gives_the_same_tables(
    session: Session, tables: dict[str, pd.DataFrame]
) -> None:
    again = pair_trade(Session.open(session.world), ASK, SEED)
    for name, table in tables.items():
        assert table.equals(again[name]), name


def test_another_pair_goes_the_same_way(session: Session) -> None:
    """Nothing is special about the default pair: no target, no turnover of its own, no duty known."""
    other = BetweenOptions(pair=("KAZ", "TUR"), on="2024-06-30", later="2026-06-30", draws=2)
    found = pair_trade(session, other)
    figures = found["trade_figures"].set_index("figure")
    assert "target" not in figures.index
    assert figures.at["turnover", "p50"] == pytest.approx(figures.at["matrix", "p50"])
    assert set(found["trade_parts"]["part"]) >= set(PARTS) - {"duty"}
    assert "duty" not in set(found["trade_parts"]["part"])
    assert not {"duty", "agreement"} & set(found["trade_levers"]["lever"])
    assert found["trade_levers"]["reaches_target"].isna().all()
    with pytest.raises(UsageError, match="too few"):
        pair_trade(session, ASK.model_copy(update={"draws": 1}))


def test_what_a_flow_rests_on(session: Session) -> None:
    """The quantity of grain that was used, the census that was not, both duties, the density."""
    found = explain_trade(session.world, "KAZ", "IRN")
    used = found["alternatives"].set_index("commodity")
    assert used.loc["cereals", "use"] == "used"
    assert set(found["duties"]["regime"]) == {"interim agreement", "full agreement"}
    assert found["densities"]["usd_per_t"].tolist() == [227]
    assert set(found["payment"]["source_id"].explode()) >= {"R_PAY_FT12", "R_PAY_WSJ12"}
    assert found["goods"]["value_musd"].iloc[0] == pytest.approx(83.467656)
    aside = explain_trade(session.world, "GEO", "KAZ")["alternatives"]
    assert "set aside" in set(aside["use"])
    with pytest.raises(UsageError, match="two economies"):
        explain_trade(session.world, "KAZ", "KAZ")


def test_parts_of_all_goods_are_means_of_the_goods(costs: PairCosts) -> None:
    table = parts_table(costs, {})
    for d in costs.directions:
        own = table[
            (table["exporter"] == d.exporter)
            & (table["commodity"] == "*")
            & (table["part"] == "freight")
        ]
        mean = np.median(d.parts["freight"] @ d.value / d.value.sum())
        assert float(own["share_p50"].iloc[0]) == pytest.approx(mean)

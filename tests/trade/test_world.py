"""The trade world of the facts: drawn worlds worked out by hand, and the shipped one."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from entrepot.errors import BadInputError, UnknownNameError, UsageError
from entrepot.facts.world import World
from entrepot.trade.exact.counterfactual import counterfactual
from entrepot.trade.world.commodities import Folding, elasticities
from entrepot.trade.world.inverse_gravity import separation
from entrepot.trade.world.shipments import shipments
from entrepot.trade.world.trade_world import (
    TradeWorld,
    mean_theta,
    read_trade,
)
from entrepot.trade.world.wedges import (
    Places,
    payment_friction,
    tariffs,
)
from tests.worlds import world

FACTS = Path(__file__).parents[2].parent / "shared" / "facts"
PLAIN = {"value_kind": "assumed", "source_id": "ASSUMED"}


def three(**more: str) -> World:
    """A sells 60 of cereals and 40 of steel to B, B sells 10 of steel to A; C sells 5 to A, mix unknown.

    A ── 100 ─► B ── 10 ─► A ◄── 5 ── C,   at home: A 1000, B 500, C 50
    """
    tables = {
        "zones": """zone_id,name,region,gdp_musd,population,landlocked,latitude,longitude,borders,value_kind,source_id
            AAA,A-land,East,2000,10,no,0,0,BBB,assumed,ASSUMED
            BBB,B-land,East,900,5,yes,0,10,AAA,assumed,ASSUMED
            CCC,C-land,West,70,1,no,20,0,,assumed,ASSUMED""",
        "trade_totals": """exporter,importer,value_musd,value_kind,source_id
            AAA,BBB,100,assumed,ASSUMED
            BBB,AAA,10,assumed,ASSUMED
            CCC,AAA,5,assumed,ASSUMED
            AAA,CCC,4,assumed,ASSUMED""",
        "trade_by_commodity": """exporter,importer,commodity,value_musd,value_kind,source_id
            AAA,BBB,cereals,30,assumed,ASSUMED
            AAA,BBB,iron_steel,20,assumed,ASSUMED
            BBB,AAA,iron_steel,10,assumed,ASSUMED
            AAA,CCC,cereals,4,assumed,ASSUMED""",
        "internal_trade": """zone_id,from_goods_output_musd,from_gdp_musd,value_kind,source_id
            AAA,1000,1500,assumed,ASSUMED
            BBB,500,700,assumed,ASSUMED
            CCC,50,60,assumed,ASSUMED""",
        "zone_groups": """group,kind,members,value_kind,source_id
            UNION,customs_union,AAA;BBB,assumed,ASSUMED""",
        "tariffs": """importer,exporter,commodity,regime,valid_from,valid_to,rate,rate_low,rate_high,value_kind,source_id
            UNION,CCC,*,first,2020-01-01,2022-12-31,0.2,0.1,0.3,assumed,ASSUMED
            UNION,CCC,*,second,2023-01-01,,0.1,0.05,0.2,assumed,ASSUMED
            AAA,CCC,cereals,second,2023-01-01,,0.0,0.0,0.1,assumed,ASSUMED""",
        "payment_friction": """zone_a,zone_b,commodities,share,share_low,share_high,value_kind,source_id
            AAA,*,*,0.02,0.01,0.03,assumed,ASSUMED
            BBB,AAA,cereals,0.05,0.04,0.06,assumed,ASSUMED""",
        "elasticity_estimates": """commodity,publication,theta,value_kind,source_id
            cereals,one,4,assumed,ASSUMED
            cereals,two,9,assumed,ASSUMED
            iron_steel,one,3,assumed,ASSUMED""",
    } | more
    made = world(**tables)
    return World(made.raw, {**made.meta, "trade_base_year": "2022"})


def test_totals_are_split_by_the_mix_that_is_known() -> None:
    """60 of cereals and 40 of steel from cells of 30 and 20; C's 5 take the world's mix."""
    trade = TradeWorld.of_world(three())
    a, b, c = (trade.position(z) for z in ("AAA", "BBB", "CCC"))
    cereals, steel = (trade.folding.position(g) for g in ("cereals", "iron_steel"))
    assert trade.flows[cereals, b, a] == pytest.approx(60)
    assert trade.flows[steel, b, a] == pytest.approx(40)
    assert trade.flows[steel, a, b] == pytest.approx(10)
    # C exports nothing that is known, so its flow has the mix of the world: 34 to 30.
    assert trade.flows[:, a, c].sum() == pytest.approx(5)
    assert trade.flows[cereals, a, c] / trade.flows[steel, a, c] == pytest.approx(34 / 30)
    assert "1 pairs with a total but no commodities" in trade.notes[0]


def test_domestic_sales_by_hand() -> None:
    """A sells abroad 64 of cereals and buys 5 * 34/64; sells 40 of steel and buys 10 + 5 * 30/64."""
    trade = TradeWorld.of_world(three())
    a = trade.position("AAA")
    cereals, steel = (trade.folding.position(g) for g in ("cereals", "iron_steel"))
    mix = np.sqrt([64 * 5 * 34 / 64, 40 * (10 + 5 * 30 / 64)])
    expected = 1000 * mix / mix.sum()
    assert trade.flows[[cereals, steel], a, a] == pytest.approx(expected)
    for zone, total in (("AAA", 1000), ("BBB", 500), ("CCC", 50)):
        n = trade.position(zone)
        assert trade.flows[:, n, n].sum() == pytest.approx(total)
    by_gdp = TradeWorld.of_world(three(), internal="gdp")
    assert by_gdp.flows[:, a, a].sum() == pytest.approx(1500)


def test_the_pair_can_start_from_another_turnover() -> None:
    trade = TradeWorld.of_world(three(), pair_values={("BBB", "AAA"): 220.0})
    a, b = trade.position("AAA"), trade.position("BBB")
    assert trade.flows[:, b, a].sum() == pytest.approx(200)
    assert trade.flows[:, a, b].sum() == pytest.approx(20)
    assert trade.flows[:, trade.position("CCC"), a].sum() == pytest.approx(4)
    assert "set to 220 million USD a year in place of 110" in " ".join(trade.notes)
    with pytest.raises(UsageError, match="turnover of -1"):
        TradeWorld.of_world(three(), pair_values={("BBB", "AAA"): -1.0})
    with pytest.raises(UsageError, match="in place of 0"):
        TradeWorld.of_world(three(), pair_values={("BBB", "CCC"): 5.0})
    with pytest.raises(UnknownNameError, match="'AAB'"):
        TradeWorld.of_world(three(), pair_values={("AAB", "BBB"): 5.0})


@pytest.mark.parametrize(
    ("on", "general", "cereals"),
    [("2021-06-01", 0.2, 0.2), ("2024-06-01", 0.1, 0.0), ("2019-06-01", 0.0, 0.0)],
)
def test_duties_of_a_day(on: str, general: float, cereals: float) -> None:
    """A group levies for all its members; the row for one good wins; nobody taxes itself."""
    made = three()
    zones = ("AAA", "BBB", "CCC")
    found = tariffs(
        made, Places.of_world(made, zones), ("cereals", "iron_steel"), date.fromisoformat(on)
    )
    assert found.mid[1, :, 2] == pytest.approx([general, general, 0])
    assert found.mid[0, :, 2] == pytest.approx([cereals, general, 0])
    assert not found.mid[:, :, :2].any()
    assert (found.low <= found.mid).all()
    assert (found.mid <= found.high).all()


def test_payment_friction_holds_both_ways_and_the_nearer_row_wins() -> None:
    made = three()
    found = payment_friction(
        made, Places.of_world(made, ("AAA", "BBB", "CCC")), ("cereals", "iron_steel")
    )
    assert found.mid[1, 0] == pytest.approx([0, 0.02, 0.02])
    assert found.mid[0, 0] == pytest.approx([0, 0.05, 0.02])
    np.testing.assert_array_equal(found.high, np.swapaxes(found.high, 1, 2))


def test_elasticities_by_hand() -> None:
    """Cereals 4 and 9: mean 6, range 4 to 9; steel 3 alone. Sectors of one good keep its figures."""
    made = three()
    folding = Folding.of_world(made)
    found = elasticities(made, folding, np.ones((len(folding.commodities), 3, 3)))
    assert [
        found.low[folding.position("cereals")],
        found.mid[folding.position("cereals")],
    ] == pytest.approx([4, 6])
    assert found.high[folding.position("cereals")] == pytest.approx(9)
    assert found.mid[folding.position("iron_steel")] == pytest.approx(3)
    assert mean_theta(
        np.array([2.0, 8.0]), np.array([[[9, 1], [1, 9]], [[5, 3], [3, 5]]])
    ) == pytest.approx(float(np.exp((2 * np.log(2) + 6 * np.log(8)) / 8)))


def test_folding_to_sectors_and_back() -> None:
    made = three()
    folding = Folding.of_world(made)
    value = np.arange(len(folding.commodities) * 4, dtype=float).reshape(-1, 2, 2)
    assert folding.total(value).sum(axis=0) == pytest.approx(value.sum(axis=0))
    constant = folding.mean(np.full_like(value, 0.3), value)
    np.testing.assert_allclose(constant, 0.3, rtol=1e-14)
    detailed = Folding.of_world(made, "commodity")
    assert detailed.sectors == detailed.commodities
    with pytest.raises(UsageError, match="'hs6' is not a level"):
        Folding.of_world(made, "hs6")
    with pytest.raises(UnknownNameError, match="cereals"):
        folding.position("cerals")


def test_a_world_without_trade_says_so() -> None:
    made = three()
    bare = World({k: v for k, v in made.raw.items() if k != "trade_totals"}, made.meta)
    with pytest.raises(BadInputError, match=r"trade_totals\.csv"):
        TradeWorld.of_world(bare)
    with pytest.raises(BadInputError, match="trade_base_year"):
        TradeWorld.of_world(World(made.raw, {"default_date": "2026-06-30"}))
    with pytest.raises(BadInputError, match="no row for CCC"):
        TradeWorld.of_world(
            three(internal_trade="zone_id,from_goods_output_musd,from_gdp_musd,value_kind,source_id\n"
                  "AAA,1000,1500,assumed,ASSUMED\nBBB,500,700,assumed,ASSUMED")
        )  # fmt: skip
    with pytest.raises(UsageError, match="goods, gdp"):
        TradeWorld.of_world(made, internal="both")


# The shipped world


@pytest.fixture(scope="module")
def trade(shipped: World) -> TradeWorld:
    return TradeWorld.of_world(shipped)


def test_the_shipped_world_is_consistent(shipped: World, trade: TradeWorld) -> None:
    """68 economies, 14 sectors; every total is met, and the arrays make a world of trade."""
    assert trade.flows.shape == (14, 68, 68)
    totals = shipped.table("trade_totals")
    place = {z: k for k, z in enumerate(trade.zones)}
    for row in totals.itertuples(index=False):
        if row.exporter != row.importer:
            flow = trade.flows[:, place[row.importer], place[row.exporter]].sum()
            assert flow == pytest.approx(row.value_musd, rel=1e-9)
    base = trade.baseline()
    assert not base.notes
    np.testing.assert_allclose(base.share.sum(axis=2)[base.spending > 0], 1.0, rtol=1e-12)


def test_inverse_gravity_gives_the_compiled_costs(trade: TradeWorld) -> None:
    """A second computation of the same index: every pair, at three elasticities, to its rounding."""
    path = FACTS / "trade_costs_novy_2023.csv"
    if not path.is_file():
        pytest.skip("the compiled costs are not here")
    phi = separation(trade.flows.sum(axis=0))
    place = {z: k for k, z in enumerate(trade.zones)}
    # One row by pair: the patched value where there is one, as in the matrix in use.
    rows = {}
    for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines()):
        key = (row["iso_a"], row["iso_b"])
        if key not in rows or row["basis"] == "baci_patched":
            rows[key] = row
    compared = 0
    for (a, b), row in rows.items():
        if a not in place or b not in place or not row["ave_pct_sigma8"]:
            continue
        own = phi[place[a], place[b]]
        if not np.isfinite(own):
            continue
        for column, theta in (
            ("ave_pct_sigma8", 7.0),
            ("ave_pct_theta4_14", 4.14),
            ("ave_pct_theta5_03", 5.03),
        ):
            cost = 100 * np.expm1(own / theta)
            assert cost == pytest.approx(float(row[column]), rel=2e-3, abs=0.06), (a, b, column)
        compared += 1
    assert compared > 2000


def test_tonnes_of_the_compiled_flows(shipped: World, trade: TradeWorld) -> None:
    """Tonnes that were compiled beside the facts, from the same values and densities."""
    sent = shipments(shipped, trade.zones, trade.folding.commodities, trade.value)
    for a, b, good, kt in (
        ("KAZ", "IRN", "cereals", 268.7), ("KAZ", "UZB", "cereals", 3652.7),
        ("KAZ", "UZB", "coal", 3058.1), ("KAZ", "RUS", "coal", 20714.9), ("KAZ", "TJK", "cereals", 667.9),
    ):  # fmt: skip
        c = trade.folding.commodities.index(good)
        tonnes = sent.tonnes.mid[c, trade.position(b), trade.position(a)]
        assert tonnes / 1e3 == pytest.approx(kt, rel=2e-3)
    iran = sent.tonnes.mid[:, trade.position("KAZ"), trade.position("IRN")].sum()
    assert iran / 1e3 == pytest.approx(683.8, rel=2e-3)
    c = trade.folding.commodities.index("precious_metals")
    assert not sent.tonnes.high[c].any(), "gold goes by air"
    c = trade.folding.commodities.index("crude_gas")
    assert sent.surface.mid[c, trade.position("CHN"), trade.position("TKM")] == 0
    assert (sent.tonnes.low <= sent.tonnes.mid).all()
    assert (sent.tonnes.mid <= sent.tonnes.high).all()


def test_the_range_of_friction_is_the_published_one(shipped: World, trade: TradeWorld) -> None:
    """The comparison chooses the middle; the range is that of the table and never narrower."""
    table = shipped.table("payment_friction")
    k, i, t = (trade.position(z) for z in ("KAZ", "IRN", "TUR"))
    general = table[(table["zone_b"] == "KAZ") & (table["commodities"] == ("*",))].iloc[0]
    j = trade.folding.position("machinery")
    for n, m in ((k, i), (i, k)):
        assert trade.friction.low[j, n, m] == pytest.approx(general["share_low"])
        assert trade.friction.high[j, n, m] == pytest.approx(general["share_high"])
        assert general["share_low"] < trade.friction.mid[j, n, m] < general["share_high"]
    assert trade.friction.high[j, i, t] > trade.friction.low[j, i, t]
    assert not trade.friction.high[:, k, t].any(), "no bounds, no friction"


def test_duties_that_the_facts_do_not_have_are_not_known(trade: TradeWorld) -> None:
    k, i, t = (trade.position(z) for z in ("KAZ", "IRN", "TUR"))
    assert trade.tariff_known[k, i]
    assert trade.tariff_known[i, k]
    assert not trade.tariff_known[k, t]
    assert not trade.tariff_known[k, k]


def test_by_commodity_and_by_group_are_one_world(shipped: World, trade: TradeWorld) -> None:
    fine = TradeWorld.of_world(shipped, detail="commodity")
    assert fine.flows.shape[0] == 21
    off = ~np.eye(68, dtype=bool)
    np.testing.assert_allclose(
        fine.flows.sum(axis=0)[off], trade.flows.sum(axis=0)[off], rtol=1e-12, atol=1e-9
    )


# Trade of one's own


def baci(folder: Path) -> Path:
    """Three countries of the world, Ghana for the rest, and Peru that only sells."""
    rows = ["t,i,j,k,v,q"]
    codes = {"KAZ": 398, "IRN": 364, "UZB": 860, "GHA": 288}
    for a in codes:
        for b in codes:
            if a != b:
                rows += [f"2022,{codes[a]},{codes[b]},100190,{1000 * (1 + len(a + b))},5", f"2022,{codes[a]},{codes[b]},720711,500,1"]  # fmt: skip
    rows.append("2022,76,398,100190,7000,3")
    path = folder / "BACI_HS22_Y2022.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_a_file_takes_the_place_of_the_facts(shipped: World, tmp_path: Path) -> None:
    """Ghana goes into the rest; Brazil, which buys nothing in the file, is left out and told."""
    flows = read_trade(shipped, baci(tmp_path))
    trade = TradeWorld.of_world(shipped, flows=flows)
    assert trade.zones == ("IRN", "KAZ", "ROW", "UZB")
    assert trade.sectors == ("cereals", "iron_steel")
    assert trade.base_year == "2022"
    k, i = trade.position("KAZ"), trade.position("IRN")
    assert trade.flows[:, i, k] == pytest.approx([7.0, 0.5])
    goods = shipped.table("internal_trade").set_index("zone_id")["from_goods_output_musd"]
    assert trade.flows[:, k, k].sum() == pytest.approx(goods["KAZ"])
    told = " ".join(trade.notes)
    assert "64 economies that do not both sell and buy" in told
    assert "7.0 million USD" in told
    cost = np.ones((4, 4))
    cost[i, k] = 0.9
    found = counterfactual(trade.baseline(), cost_hat=cost)
    assert found.status == "converged"
    assert found.trade_hat[0, i, k] > 1


def test_sectors_and_domestic_sales_of_ones_own(shipped: World, tmp_path: Path) -> None:
    """Apples and pears have no elasticity here: they take the one of all goods, with its range."""
    path = tmp_path / "mine.csv"
    path.write_text(
        "exporter,importer,sector,value_musd\n"
        "KAZ,IRN,apples,20\nIRN,KAZ,pears,10\nKAZ,KAZ,apples,100\nIRN,IRN,apples,100\n"
        "KAZ,KAZ,pears,100\nIRN,IRN,pears,50\n",
        encoding="utf-8",
    )
    trade = TradeWorld.of_world(shipped, flows=read_trade(shipped, path, year=2021))
    assert trade.sectors == ("apples", "pears")
    assert trade.flows[0, 1, 1] == 100
    assert trade.flows[1, 0, 0] == 50
    theta = (trade.elasticity.low[0], trade.elasticity.mid[0], trade.elasticity.high[0])
    assert theta == pytest.approx((4.14, 5.03, 7.0))
    assert trade.friction.mid[0, 0, 1] == pytest.approx(0.10), (
        "too few pairs to compare: as published"
    )
    assert trade.tariff.mid[0, 0, 1] == pytest.approx(0.207)


def test_a_file_without_two_that_trade_is_refused(shipped: World, tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("exporter,importer,value_musd\nKAZ,IRN,20\n", encoding="utf-8")
    with pytest.raises(BadInputError, match="no two economies"):
        TradeWorld.of_world(shipped, flows=read_trade(shipped, path, year=2021))

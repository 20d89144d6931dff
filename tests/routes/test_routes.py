"""Route sets: hand-made cases, laws, and the default world."""

from __future__ import annotations

import numpy as np
import pytest

from entrepot.errors import UnknownNameError, UsageError
from entrepot.facts.world import World
from entrepot.network.graph import ArcKind
from entrepot.routes.find import find_routes
from entrepot.routes.query import RouteQuery
from entrepot.routes.session import Session
from entrepot.routes.tables import route_tables
from tests.worlds import border_world

RULES = "rule_id,applies_to,mode,origin_group,destination_group,cargo,carrier_group,rule,effect,effect_quantity,effect_value,from_date,to_date,rule_basis,value_kind,source_id\n"


def ask(world: World, **more: object):
    query = RouteQuery("alpha", "beta", **{"unit": "teu", **more})  # type: ignore[arg-type]
    return find_routes(world, query)


def brute_force(session: Session, weight: np.ndarray, origin: int, destination: int) -> float:
    """Least cost over all simple paths of a small graph."""
    net, best = session.network, np.inf
    stack = [(origin, 0.0, frozenset([origin]))]
    while stack:
        v, cost, seen = stack.pop()
        if v == destination:
            best = min(best, cost)
            continue
        for a in range(net.indptr[v], net.indptr[v + 1]):
            u = int(net.head[a])
            if u not in seen and np.isfinite(weight[a]):
                stack.append((u, cost + float(weight[a]), seen | {u}))
    return best


def test_two_ways_by_rail_and_by_sea() -> None:
    found = ask(border_world())
    modes = set(route_tables(found)["routes"]["modes"])
    assert modes == {("rail",), ("sea",)}


def test_least_cost_against_all_paths() -> None:
    for commodity in (None, "cereals", "pharma"):
        found = ask(border_world(), commodity=commodity)
        net = found.session.network
        least = brute_force(
            found.session, found.pricing.overall, net.origin("alpha"), net.destination("beta")
        )
        assert found.candidates[0].cost == pytest.approx(least, rel=1e-12)


def test_hours_of_a_route_by_hand() -> None:
    """10 + 1000 km + border 10 + 10 km each side + gauge 24 + 500 km + 10, at the medians."""
    found = ask(border_world(), avoid=("mode:sea",))
    route = found.candidates[0]
    costs, net = found.pricing.costs, found.session.network
    fixed = sum(costs.hours[a] for a in route.path if net.kind[a] != ArcKind.HAUL)
    assert fixed == pytest.approx(10 + 10 + 24 + 10)
    assert net.km[list(route.path)].sum() == pytest.approx(1520)


def test_legs_hold_the_chain_in_order_and_add_up() -> None:
    tables = route_tables(ask(border_world()))
    for route in tables["routes"].itertuples():
        legs = tables["legs"][tables["legs"]["route_id"] == route.route_id]
        assert legs["leg"].tolist() == list(range(1, len(legs) + 1))
        assert legs["km"].sum() == pytest.approx(route.km)
        assert legs["cum_km"].iloc[-1] == pytest.approx(route.km)
        assert legs["cum_hours_p50"].iloc[-1] / 24 == pytest.approx(route.days_p50)
        assert legs["cum_usd_p50"].iloc[-1] == pytest.approx(route.usd_per_unit_p50)
        assert legs["co2e_kg_per_t"].sum() == pytest.approx(route.co2e_kg_per_t)
        assert legs["cum_hours_p50"].is_monotonic_increasing
        joints = zip(legs["to_node_id"][:-1], legs["from_node_id"][1:], strict=True)
        assert all(a == b for a, b in joints)


def test_elements_of_the_rail_route() -> None:
    tables = route_tables(ask(border_world(), avoid=("mode:sea",)))
    whats = tables["legs"]["what"].tolist()
    assert whats == [
        "rail terminal",
        "rail",
        "border by rail",
        "rail",
        "change of gauge",
        "rail",
        "rail terminal",
    ]
    border = tables["legs"].iloc[2]
    assert (border["from_node_id"], border["to_node_id"]) == ("post_a", "post_b")
    assert border["jurisdictions"] == ("AAA", "BBB")


def test_percentiles_do_not_add() -> None:
    tables = route_tables(ask(border_world()))
    for route in tables["routes"].itertuples():
        legs = tables["legs"][tables["legs"]["route_id"] == route.route_id]
        assert route.days_p90 * 24 < legs["hours_p90"].sum()
        assert route.days_p10 * 24 > legs["hours_p10"].sum()


def test_shares_sum_to_one_and_favour_the_better() -> None:
    routes = route_tables(ask(border_world()))["routes"]
    assert routes["share"].sum() == pytest.approx(1)
    assert routes["share"].is_monotonic_decreasing


@pytest.mark.parametrize("by", ["overall", "cost", "time", "co2", "reliability"])
def test_orders(by: str) -> None:
    routes = route_tables(ask(border_world(), by=by))["routes"]
    column = {
        "overall": routes["overall_usd_per_t"],
        "cost": routes["usd_per_unit_p50"],
        "time": routes["days_p50"],
        "co2": routes["co2e_kg_per_t"],
        "reliability": routes["days_p90"] - routes["days_p50"],
    }[by]
    assert column.is_monotonic_increasing


def test_closed_rule_takes_the_way_and_is_named() -> None:
    rule = "R1,post_a-post_b,rail,any,any,all,any,closed,shut,none,,2026-01-01,2026-12-31,law,published,ASSUMED"
    found = ask(border_world(passage_rules=RULES + rule))
    assert list(route_tables(found)["routes"]["modes"]) == [("sea",)]
    rules = route_tables(found)["rules_in_force"]
    assert rules[["rule_id", "acts"]].values.tolist() == [["R1", "closes"]]
    before = ask(border_world(passage_rules=RULES + rule), on="2025-12-31")
    assert len(before.candidates) == 2


def test_rules_bind_by_origin_cargo_and_date() -> None:
    row = "R1,post_a-post_b,rail,{o},any,{cargo},any,closed,shut,none,,,,law,published,ASSUMED"
    cases = [
        ("AAA", "all", 1),
        ("BBB", "all", 2),
        ("any", "cereals", 2),
        ("any", "container", 1),
        ("any", "bulk", 2),
        ("any", "truck", 2),
    ]
    for origin, cargo, ways in cases:
        world = border_world(passage_rules=RULES + row.format(o=origin, cargo=cargo))
        assert len(ask(world).candidates) == ways, (origin, cargo)


def test_export_bans_leave_domestic_goods_alone() -> None:
    rule = "R1,AAA,any,AAA,any,all,any,closed,no exports,none,,,,law,published,ASSUMED"
    world = border_world(passage_rules=RULES + rule)
    assert ask(world).status == "closed"
    inside = find_routes(world, RouteQuery("alpha", "post_a", unit="teu"))
    assert inside.status == "found"


def test_unknown_carrier_is_told() -> None:
    with pytest.raises(UnknownNameError, match="registration"):
        ask(border_world(), carrier="KAZ ")


def test_effects_count_once_per_route() -> None:
    """A rule on two links in a row adds its hours once."""
    row = "R1,alpha-post_a;post_a-post_b,rail,any,any,all,any,slower,slow,hours,48,,,operations,published,ASSUMED"
    plain = ask(border_world(), avoid=("mode:sea",))
    ruled = ask(border_world(passage_rules=RULES + row), avoid=("mode:sea",))
    extra = ruled.candidates[0].cost - plain.candidates[0].cost
    assert extra == pytest.approx(48 * plain.pricing.cargo.usd_per_t_hour)
    gain = (
        route_tables(ruled)["routes"]["days_p50"][0] - route_tables(plain)["routes"]["days_p50"][0]
    )
    assert 1.5 < gain < 3.5


def test_a_weight_moves_the_odds_by_its_size() -> None:
    row = "R1,post_a-post_b,rail,any,any,all,any,not_used_in_practice,rare,none,,,,practice,assumed,ASSUMED"

    def odds(world: World) -> float:
        routes = route_tables(ask(world))["routes"]
        share = {r.modes: r.share for r in routes.itertuples()}
        return share[("rail",)] / share[("sea",)]

    ruled = odds(border_world(passage_rules=RULES + row))
    assert ruled / odds(border_world()) == pytest.approx(0.05, rel=1e-9)


def test_a_charge_per_box_enters_the_price() -> None:
    row = "R1,alpha-beta,sea,any,any,container,any,slower,war,usd_per_teu,600,,,operations,published,ASSUMED"
    plain = ask(border_world(), avoid=("mode:rail",)).candidates[0]
    ruled = ask(border_world(passage_rules=RULES + row), avoid=("mode:rail",)).candidates[0]
    assert ruled.cost - plain.cost == pytest.approx(600 / 12)


def test_closed_origin_is_a_sentence() -> None:
    row = "R1,AAA,any,AAA,any,all,any,closed,shut,none,,,,law,published,ASSUMED"
    found = ask(border_world(passage_rules=RULES + row))
    assert found.status == "closed"
    assert "R1" in found.message
    assert route_tables(found)["routes"].empty


def test_unreachable_is_a_sentence() -> None:
    found = ask(border_world(), unit="truck")
    assert found.status == "unreachable"
    assert "Alpha" in found.message
    avoided = ask(border_world(), avoid=("mode:rail", "mode:sea"))
    assert avoided.status == "closed"
    assert "avoid" in avoided.message


def test_unknown_names_come_with_near_ones() -> None:
    world = border_world()
    with pytest.raises(UnknownNameError, match="alpha"):
        find_routes(world, RouteQuery("alpa", "beta"))
    with pytest.raises(UnknownNameError, match="post_a"):
        ask(world, avoid=("post_aa",))
    with pytest.raises(UsageError, match="order"):
        ask(world, by="luck")
    with pytest.raises(UsageError, match="same place"):
        find_routes(world, RouteQuery("alpha", "Alpha"))


def test_via_and_avoid(session: Session, shipped: World) -> None:
    via = find_routes(
        shipped, RouteQuery("almaty", "tehran", via=("baku|alat_port",)), session=session
    )
    assert via.candidates
    for c in via.candidates:
        places = session.namer.traits(c.path).places
        assert {"baku", "alat_port"} & set(places)
    without = find_routes(
        shipped, RouteQuery("almaty", "tehran", avoid=("TKM", "mode:sea")), session=session
    )
    for c in without.candidates:
        passed = session.namer.traits(c.path)
        assert "TKM" not in passed.jurisdictions
        assert "sea" not in passed.modes


def test_same_question_same_answer(shipped: World) -> None:
    query = RouteQuery("almaty", "tehran")
    a = route_tables(find_routes(shipped, query, session=Session.open(shipped, 5)))["routes"]
    b = route_tables(find_routes(shipped, query, session=Session.open(shipped, 5)))["routes"]
    assert a.equals(b)


def test_iran_kazakhstan_has_five_ways_that_differ(session: Session, shipped: World) -> None:
    families = set()
    for commodity, unit in ((None, "feu"), ("cereals", "t")):
        found = find_routes(
            shipped,
            RouteQuery("almaty", "bandar abbas", commodity, unit, on="2025-06"),
            session=session,
        )
        families |= {session.namer.kind(session.namer.traits(c.path))[0] for c in found.candidates}
    assert {"eastern_ns", "western_ns", "caspian_kaz", "middle"} <= families
    assert families & {"suez", "sea_china", "gulf_sea", "cape"}
    assert len(families) >= 5


def test_hormuz_shut_sends_boxes_elsewhere(session: Session, shipped: World) -> None:
    def through_the_strait(on: str) -> bool:
        found = find_routes(shipped, RouteQuery("nhava_sheva", "tehran", on=on), session=session)
        gulf = {"shahid_rajaee", "bushehr", "bik"}
        return any(gulf & set(session.namer.traits(c.path).places) for c in found.candidates)

    assert through_the_strait("2025-06")
    assert not through_the_strait("2026-05")


def test_russian_boxes_avoid_brest_and_chinese_may_pass(session: Session, shipped: World) -> None:
    def uses_brest(origin: str, destination: str) -> list[bool]:
        found = find_routes(
            shipped, RouteQuery(origin, destination, unit="feu", on="2025-06"), session=session
        )
        return ["brest" in session.namer.traits(c.path).places for c in found.candidates]

    assert uses_brest("xian", "duisburg")[0]
    found = find_routes(shipped, RouteQuery("moscow", "nhava_sheva", on="2025-06"), session=session)
    through = [c for c in found.candidates if "brest" in session.namer.traits(c.path).places]
    assert all(c.effect.weight < 1 for c in through)


def test_legal_flags_travel_with_every_leg(session: Session, shipped: World) -> None:
    tables = route_tables(find_routes(shipped, RouteQuery("almaty", "tehran"), session=session))
    for leg in tables["legs"].itertuples():
        has = any(f.startswith("IRN") for f in leg.legal_flags)
        assert has == ("IRN" in leg.jurisdictions)
    assert all(
        any(f.startswith("IRN: UN") for f in flags) for flags in tables["routes"]["legal_flags"]
    )


def test_dominated_routes_say_by_which_and_why(session: Session, shipped: World) -> None:
    routes = route_tables(find_routes(shipped, RouteQuery("almaty", "tehran"), session=session))[
        "routes"
    ]
    for r in routes[routes["dominated_reason"] != ""].itertuples():
        other = routes[routes["rank"] == r.dominated_by].iloc[0]
        assert other["usd_per_unit_p50"] <= r.usd_per_unit_p50
        assert other["days_p50"] <= r.days_p50
        assert other["co2e_kg_per_t"] <= r.co2e_kg_per_t
        assert str(other["rank"]) in r.dominated_reason

"""The graph that follows from the facts."""

from __future__ import annotations

import numpy as np
import pytest

from entrepot.errors import BadInputError
from entrepot.facts.world import World
from entrepot.network.build import build_network
from entrepot.network.graph import ArcKind
from entrepot.network.select import arcs_at
from tests.worlds import border_world


def test_border_link_is_half_in_each_country() -> None:
    net = build_network(border_world())
    row = net.link_id.index("post_a-post_b:rail")
    own = np.flatnonzero(net.link == row)
    hauls = [a for a in own if net.kind[a] == ArcKind.HAUL]
    assert sorted(net.area[a] for a in hauls) == ["AAA", "AAA", "BBB", "BBB"]
    assert {float(net.km[a]) for a in hauls} == {10.0}
    assert sum(net.kind[a] == ArcKind.BORDER for a in own) == 2


def test_each_direction_of_each_link_has_its_length() -> None:
    net = build_network(border_world())
    total = np.zeros(len(net.link_id))
    on_link = net.link >= 0
    np.add.at(total, net.link[on_link], net.km[on_link])
    assert total.tolist() == [2000, 40, 1000, 3200]


def test_places_offer_what_their_links_allow() -> None:
    net = build_network(border_world())
    assert set(net.layers_at("post_b")) >= {"origin", "destination", "rail1520", "rail1435"}
    assert "rail1435" not in net.layers_at("alpha")
    steps = {net.step[a] for a in range(net.n_arc) if net.place[a] == net.place_index["post_b"]}
    assert "gauge_break" in steps
    assert "port_sea_rail" not in steps


def test_nothing_enters_an_origin_or_leaves_a_destination(shipped: World) -> None:
    net = build_network(shipped)
    layers = np.array(net.vertex_layer)
    assert not (layers[net.head] == "origin").any()
    assert not (layers[net.tail] == "destination").any()


def test_arcs_are_sorted_by_tail_and_rows_are_closed(shipped: World) -> None:
    net = build_network(shipped)
    assert (np.diff(net.tail) >= 0).all()
    assert net.indptr[0] == 0
    assert net.indptr[-1] == net.n_arc
    assert (np.repeat(np.arange(net.n_vertex), np.diff(net.indptr)) == net.tail).all()


def test_boarding_waits_only_when_cargo_is_loaded() -> None:
    net = build_network(border_world())
    boards = [a for a in range(net.n_arc) if net.kind[a] == ArcKind.BOARD]
    stays = [a for a in range(net.n_arc) if net.kind[a] == ArcKind.STAY]
    assert len(boards) == len(stays) == 2
    assert all(net.vertex_layer[net.tail[a]].startswith("quay") for a in boards)
    assert all(net.vertex_layer[net.tail[a]].startswith("aboard") for a in stays)


def test_every_zone_reaches_every_other_by_box(shipped: World, session: object) -> None:
    from entrepot.kernels.paths.shortest_paths import shortest_path_tree
    from entrepot.routes.session import Session

    assert isinstance(session, Session)
    hubs = shipped.table("zone_hubs").sort_values("weight", ascending=False)
    hubs = hubs.drop_duplicates("zone_id")
    assert len(hubs) == 68
    pricing = session.pricing(None, "teu", "2024")
    net = session.network
    tree = shortest_path_tree(net.indptr, net.head, pricing.overall, net.origin("tehran"))
    lost = [
        z
        for z, n in zip(hubs["zone_id"], hubs["node_id"], strict=True)
        if n != "tehran" and not np.isfinite(tree.dist[net.destination(n)])
    ]
    assert lost == []


def test_missing_default_is_told() -> None:
    with pytest.raises(BadInputError, match=r"services\.csv has no row"):
        build_network(border_world(services="from_node_id,to_node_id,mode,basin"))


def test_selecting_arcs() -> None:
    net = build_network(border_world())
    link = arcs_at(net, ["post_a-post_b"])
    assert set(link) == set(arcs_at(net, ["post_b-post_a"]))
    assert len(arcs_at(net, ["post_a-post_b"], ("road",))) == 0
    assert {net.area[a] for a in arcs_at(net, ["AAA"], ("rail",))} == {"AAA"}
    assert len(arcs_at(net, ["caspian"])) == 6
    assert len(arcs_at(net, ["any"], ("rail",))) == len(np.flatnonzero(net.mode == 0))
    assert len(arcs_at(net, ["nowhere"])) == 0


def test_named_lines_have_their_published_length(shipped: World) -> None:
    links = shipped.table("links")
    km = {
        (frozenset((r.from_node_id, r.to_node_id)), r.mode): r.length_km for r in links.itertuples()
    }
    for line in shipped.table("named_lines").itertuples():
        steps = zip(line.nodes, line.nodes[1:], strict=False)
        length = sum(km[frozenset(s), line.mode] for s in steps)
        assert abs(length / line.published_km - 1) <= 0.03, line.name

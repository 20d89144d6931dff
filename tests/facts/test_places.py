"""From what people write to places."""

from __future__ import annotations

import pytest

from entrepot.errors import UnknownNameError, UsageError
from entrepot.facts.places import describe_place
from entrepot.facts.world import World


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("almaty", "almaty"),
        ("Almaty", "almaty"),
        ("  ALMATY ", "almaty"),
        ("KZALA", "almaty"),
        ("Dostyk", "dostyk"),
        ("shahid_rajaee", "shahid_rajaee"),
        ("Shahid Rajaee", "shahid_rajaee"),
        ("St. Petersburg", "st_petersburg"),
    ],
)
def test_a_node_by_id_name_or_locode(shipped: World, text: str, node: str):
    names = dict(
        zip(shipped.table("nodes")["node_id"], shipped.table("nodes")["name"], strict=True)
    )
    place = describe_place(shipped, text)
    assert place.nodes == (node,)
    assert place.weights == (1.0,)
    assert place.label == names[node]


def test_an_economy_by_its_hubs(shipped: World):
    for text in ("KAZ", "kaz", "Kazakhstan"):
        place = describe_place(shipped, text)
        hubs = shipped.table("zone_hubs")
        own = hubs[hubs["zone_id"] == "KAZ"]
        assert (place.label, place.country) == ("Kazakhstan (Almaty)", "KAZ")
        assert dict(zip(place.nodes, place.weights, strict=True)) == dict(
            zip(own["node_id"], own["weight"], strict=True)
        )
        assert list(place.weights) == sorted(place.weights, reverse=True)
        assert sum(place.weights) == pytest.approx(1)


def test_every_node_and_zone_is_found_by_its_id(shipped: World):
    for node in shipped.table("nodes")["node_id"]:
        assert describe_place(shipped, node).nodes == (node,)
    for zone in shipped.table("zones")["zone_id"]:
        assert describe_place(shipped, zone).nodes


@pytest.mark.parametrize(
    ("text", "near"), [("almatty", "almaty"), ("Kazakstan", "KAZ"), ("bandar abas", "bandar")]
)
def test_an_unknown_name_tells_near_ones(shipped: World, text: str, near: str):
    with pytest.raises(UnknownNameError) as caught:
        describe_place(shipped, text)
    assert caught.value.exit_code == 2
    known = dict(
        zip(shipped.table("nodes")["node_id"], shipped.table("nodes")["name"], strict=True)
    )
    told = [*caught.value.nearest, *(known.get(n, "").lower() for n in caught.value.nearest)]
    assert any(near in name for name in told), told


def test_nothing_like_a_name(shipped: World):
    for text in ("", "-", "qqqqqqqqq"):
        with pytest.raises(UnknownNameError) as caught:
            describe_place(shipped, text)
        assert caught.value.kind == "place"


def test_a_name_of_several_places_is_not_guessed(shipped: World):
    with pytest.raises(UsageError, match="torugart_kgz, torugart_chn"):
        describe_place(shipped, "Torugart")

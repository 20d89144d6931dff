"""Names of routes: corridors by their needs, and what tells two of one name apart."""

from __future__ import annotations

from entrepot.network.build import build_network
from entrepot.routes.corridors import (
    Namer,
    Traits,
    tell_apart,
)
from tests.worlds import border_world

CORRIDORS = """corridor_id,name,family,priority,requires,excludes,source_id
sea_only,By sea,water,20,mode:sea,mode:rail,ASSUMED
line,Main line,land,10,post_a;AAA|BBB,basin:caspian,ASSUMED"""


def route(places: str, *carrying: str) -> Traits:
    words = tuple(places.split())
    return Traits(words, ("AAA", "BBB"), carrying, carrying, frozenset(words), twice=False)


def test_first_corridor_whose_needs_are_met() -> None:
    world = border_world(corridors=CORRIDORS)
    namer = Namer.of(world, build_network(world))
    rail = Traits(
        ("alpha", "post_a"),
        ("AAA", "BBB"),
        ("rail",),
        ("rail",),
        frozenset({"alpha", "post_a", "AAA", "BBB", "mode:rail"}),
        twice=False,
    )
    assert namer.name(rail) == ("line", "Main line")
    assert namer.kind(rail) == ("land", "line", "rail")
    other = Traits(
        ("x",), ("AAA", "CCC", "BBB"), ("road",), ("road",), frozenset({"x"}), twice=False
    )
    assert namer.name(other) == ("", "By CCC")
    assert namer.kind(other) == ("AAA-CCC-BBB", "", "road")
    inside = Traits(("x",), ("AAA",), ("road",), ("road",), frozenset(), twice=False)
    assert namer.name(inside) == ("", "Inside AAA")
    direct = Traits(
        ("x",), ("AAA", "BBB"), ("ferry_rail",), ("ferry_rail",), frozenset(), twice=False
    )
    assert namer.name(direct) == ("", "Direct, rail ferry")


def test_names_alike_are_told_apart() -> None:
    names = {p: p.title() for p in "abcdpq"}
    gates = frozenset("pq")
    by_mode = tell_apart(["N", "N"], [route("a b", "rail"), route("a b", "road")], names, gates)
    assert by_mode == ["N, by rail", "N, by road"]
    by_gate = tell_apart(["N", "N"], [route("a p d", "rail"), route("a q d", "rail")], names, gates)
    assert by_gate == ["N, by rail through P", "N, by rail through Q"]
    by_place = tell_apart(
        ["N", "N"], [route("a b d", "rail"), route("a c d", "rail")], names, gates
    )
    assert by_place == ["N, by rail through B", "N, by rail through C"]
    part = tell_apart(
        ["N", "N", "M"],
        [route("a d", "rail"), route("a c d", "rail"), route("a", "sea")],
        names,
        gates,
    )
    assert part == ["N, by rail", "N, by rail through C", "M"]


def test_names_are_never_the_same() -> None:
    same = [route("a b", "rail"), route("a b", "rail"), route("a b", "rail")]
    named = tell_apart(["N"] * 3, same, {"a": "A", "b": "B"}, frozenset())
    assert named == ["N, by rail", "N, by rail, variant 2", "N, by rail, variant 3"]


def test_coming_back_is_doubling_back() -> None:
    there = Traits((), ("AAA", "BBB", "AAA"), ("rail",), ("rail",), frozenset(), twice=False)
    assert not there.doubles_back
    assert Traits(
        (), ("AAA", "BBB", "AAA"), ("rail", "sea"), (), frozenset(), twice=False
    ).doubles_back
    assert Traits((), ("AAA",), ("rail",), (), frozenset(), twice=True).doubles_back

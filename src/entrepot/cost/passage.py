"""Rules of passage: who may pass where with what, on a date.

The rules are rows of passage_rules.csv. Here they are compiled once for a cargo and a date into
arcs, and then picked for each pair of origin and destination. What a rule does:

closed                the arcs are taken away
closed_to_transit     the same for goods neither from nor to a country of the arcs
restricted, slower    the arcs stay and take the effect of the row: hours, USD per box, a weight
                      in the choice, a load factor on bulk haulage
not_used_in_practice  the arcs stay with a small weight in the choice
only_transit, permit_needed, and rows without an effect: shown beside the route

A rule on the registration of vehicles binds trucks. A truck may be registered at either end of
the trip unless a carrier is named, so an arc is shut only where both are barred.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from entrepot.kernels.arrays import Int32Array
from entrepot.kernels.short_repr import short_repr
from entrepot.network.graph import ArcKind, Network
from entrepot.network.select import arcs_at

if TYPE_CHECKING:
    from entrepot.cost.cargo import Cargo
    from entrepot.cost.when import When
    from entrepot.facts.world import World

EVERYBODY = "any"


@short_repr
@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of passage for one cargo and date.

    arcs     : (k,) arcs it acts on
    origins, destinations, carriers : alpha-3 codes, or None for any
    acts     : 'closes', 'changes' (effect on time, price or choice) or 'notes'
    quantity : what changes; value: by how much
    beyond_km: the rule acts on trucks that go farther by road; 0: on all
    spared   : countries whose own trade the rule is not about, alpha-3 codes
    """

    row: int
    rule_id: str
    rule: str
    acts: str
    quantity: str
    value: float
    arcs: Int32Array
    origins: frozenset[str] | None
    destinations: frozenset[str] | None
    carriers: frozenset[str] | None
    foreign: bool
    beyond_km: float = 0.0
    spared: frozenset[str] = frozenset()

    def binds(self, origin: str, destination: str) -> bool:
        """Whether the rule is about goods of this origin and destination.

        Goods that stay in their country are not exports: rules that name an origin or a destination
        are about trade and do not bind them.
        """
        if origin == destination and (self.origins is not None or self.destinations is not None):
            return False
        if origin in self.spared or destination in self.spared:
            return False
        return (self.origins is None or origin in self.origins) and (
            self.destinations is None or destination in self.destinations
        )


@short_repr
@dataclass(frozen=True)
class Passage:
    """The rules that bind one pair of countries.

    closed  : (n_arc,) arcs taken away
    closing : rules that take arcs away
    changes : rules with an effect on the way
    notes   : rules shown beside a route that touches their arcs
    of_arc  : changes and notes, of this pair or not, by arc
    """

    closed: NDArray[np.bool_]
    closing: tuple[Rule, ...]
    changes: tuple[Rule, ...]
    notes: tuple[Rule, ...]
    of_arc: Mapping[int, tuple[Rule, ...]]

    @cached_property
    def rows(self) -> tuple[frozenset[int], frozenset[int]]:
        """Rows of the rules that change something, and of those that are only shown."""
        return frozenset(r.row for r in self.changes), frozenset(r.row for r in self.notes)

    @classmethod
    def free(cls, n_arc: int) -> Passage:
        """No rules at all."""
        return cls(np.zeros(n_arc, dtype=bool), (), (), (), {})


@short_repr
@dataclass(frozen=True)
class Rulebook:
    """All rules that hold for a cargo on a date, compiled to arcs."""

    network: Network
    truck: bool
    rules: tuple[Rule, ...]

    @cached_property
    def of_arc(self) -> dict[int, tuple[Rule, ...]]:
        """Rules by the arcs they act on."""
        found: dict[int, list[Rule]] = {}
        for rule in self.rules:
            for arc in rule.arcs.tolist():
                found.setdefault(arc, []).append(rule)
        return {arc: tuple(rules) for arc, rules in found.items()}

    def passage(self, origin: str, destination: str, carrier: str | None = None) -> Passage:
        """Rules for goods from one country to another (alpha-3)."""
        closed = np.zeros(self.network.n_arc, dtype=bool)
        closing, changes, notes = [], [], []
        carriers = (carrier,) if carrier else tuple(dict.fromkeys((origin, destination)))
        for rule in self.rules:
            if not rule.binds(origin, destination):
                continue
            arcs = rule.arcs if not self._by_carrier(rule) else self._barred(rule, carriers)
            if rule.acts == "closes" and len(arcs):
                closed[arcs] = True
                closing.append(rule)
            elif rule.acts == "changes" and len(arcs):
                changes.append(rule)
            else:
                notes.append(rule)
        return Passage(closed, tuple(closing), tuple(changes), tuple(notes), self.of_arc)

    def _by_carrier(self, rule: Rule) -> bool:
        return rule.carriers is not None or rule.foreign

    def _barred(self, rule: Rule, carriers: tuple[str, ...]) -> Int32Array:
        """Arcs no candidate carrier may take; none for cargo that is not a truck."""
        if not self.truck:
            return rule.arcs[:0]
        barred = np.ones(len(rule.arcs), dtype=bool)
        for carrier in carriers:
            if rule.foreign:
                barred &= np.array([self.network.area[a] != carrier for a in rule.arcs])
            elif rule.carriers is not None and carrier not in rule.carriers:
                barred[:] = False
        return rule.arcs[barred]


def compile_rules(
    world: World,
    network: Network,
    cargo: Cargo,
    when: When,
    found: dict[tuple[object, ...], Int32Array] | None = None,
) -> Rulebook:
    """Rules that hold on the date for the cargo, as arcs.

    found : arcs by places and modes, kept from call to call on one network
    """
    found = {} if found is None else found
    groups = _Groups(world)
    unused = world.parameter("unused_weight")
    rules = []
    for i, row in enumerate(world.records("passage_rules")):
        if row.from_date is not None and when.day < row.from_date:
            continue
        if row.to_date is not None and when.day > row.to_date:
            continue
        matched = groups.cargo_matches(row.cargo, row.mode, cargo)
        if matched == "no":
            continue
        where = (tuple(groups.places(row.applies_to)), tuple(row.mode))
        if where not in found:
            found[where] = arcs_at(network, *where)
        arcs = found[where]
        acts, quantity, value = _effect(row, unused, certain=matched == "yes")
        foreign, carriers = groups.carriers(row.carrier_group)
        if foreign and cargo.unit != "truck":
            # a truck that crosses the line is foreign on one side of it, whatever it carries
            arcs, foreign = arcs[network.kind[arcs] == ArcKind.BORDER], False
        elif carriers is not None and (cargo.unit != "truck" or carriers == frozenset()):
            acts = "notes"  # binds a registration, and the cargo can change vehicle, ship or firm
        if len(arcs) == 0:
            continue
        rules.append(
            Rule(
                i,
                row.rule_id,
                row.rule,
                acts,
                quantity,
                value,
                arcs,
                groups.countries(row.origin_group),
                groups.countries(row.destination_group),
                carriers,
                foreign,
                float(row.effect_value) if row.effect_quantity == "beyond_km" else 0.0,
                _spared(row.rule, network, arcs),
            )
        )
    return Rulebook(network, cargo.unit == "truck", tuple(rules))


def _spared(rule: str, network: Network, arcs: Int32Array) -> frozenset[str]:
    if rule != "closed_to_transit":
        return frozenset()
    return frozenset(network.area[a] for a in arcs.tolist())


def _effect(row: Any, unused: float, *, certain: bool) -> tuple[str, str, float]:
    """(acts, quantity, value) of a row; a part of a commodity only gets a note."""
    if not certain:
        return "notes", "none", 0.0
    quantity, value = row.effect_quantity, row.effect_value
    if row.rule in ("closed", "closed_to_transit"):
        return "closes", "none", 0.0
    if row.rule == "not_used_in_practice":
        weight = float(value) if quantity == "choice_weight" else unused
        return "changes", "choice_weight", weight
    if quantity in ("hours", "usd_per_teu", "choice_weight", "load_factor"):
        return "changes", quantity, float(value)
    return "notes", quantity, 0.0


class _Groups:
    """Expands the tokens of the rules."""

    def __init__(self, world: World) -> None:
        self._members = {
            r.group: tuple(r.members) for r in world.table("rule_groups").itertuples(index=False)
        }

    def countries(self, tokens: tuple[str, ...]) -> frozenset[str] | None:
        if not tokens or EVERYBODY in tokens:
            return None
        return frozenset(c for t in tokens for c in self._members.get(t, (t,)))

    def places(self, tokens: tuple[str, ...]) -> list[str]:
        return [p for t in tokens for p in (self._members.get(t) or (t,))]

    def carriers(self, tokens: tuple[str, ...]) -> tuple[bool, frozenset[str] | None]:
        """(any foreign vehicle, registrations); ship flags and firms are neither."""
        if not tokens or EVERYBODY in tokens:
            return False, None
        if "foreign" in tokens:
            return True, None
        codes = {t.removesuffix(" trailer") for t in tokens}
        known = {c for t in codes for c in self._members.get(t, (t,)) if len(c) == 3}
        if not known or any("flag" in t or "operator" in t for t in tokens):
            return False, frozenset() if tokens else None
        return False, frozenset(known)

    def cargo_matches(self, tokens: tuple[str, ...], modes: tuple[str, ...], cargo: Cargo) -> str:
        """'yes', 'part' (the rule is about a part of the commodity), or 'no'.

        A box or a bulk load on the road is a truck too.
        """
        if not tokens or "all" in tokens or cargo.vehicle_class in tokens:
            return "yes"
        if "truck" in tokens and tuple(modes) == ("road",):
            return "yes"
        if cargo.commodity in tokens:
            return "yes"
        part = {m for t in tokens for m in self._members.get(t, ())}
        return "part" if cargo.commodity and cargo.commodity in part else "no"

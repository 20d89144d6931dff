"""A world made ready to be asked: network, names, closures, and what has been priced so far."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from entrepot.cost.arcs import ArcCosts
from entrepot.cost.cargo import Cargo, make_cargo
from entrepot.cost.passage import Rulebook, compile_rules
from entrepot.cost.pricing import carriage_costs, insured
from entrepot.cost.when import When
from entrepot.kernels.arrays import FloatArray, Int32Array
from entrepot.kernels.paths.shortest_paths import reverse_csr
from entrepot.kernels.short_repr import short_repr
from entrepot.network.build import build_network, restated
from entrepot.routes.alternatives import (
    Closures,
    Limits,
    Reverse,
    find_closures,
)
from entrepot.routes.corridors import Namer
from entrepot.routes.evaluate import RouteDraws
from entrepot.routes.route_kinds import KindReader
from entrepot.uncertainty.sampler import SEED, Sampler

if TYPE_CHECKING:
    from entrepot.facts.world import World
    from entrepot.network.graph import Network


@short_repr
@dataclass(frozen=True)
class Pricing:
    """Everything that depends on cargo and date but not on the pair.

    correlation : of time and of cost along a route
    """

    cargo: Cargo
    when: When
    costs: ArcCosts
    rulebook: Rulebook
    sampler: Sampler
    correlation: tuple[float, float]

    @cached_property
    def overall(self) -> FloatArray:
        """(A,) generalised cost of every arc, USD/t."""
        return self.costs.generalised()

    @cached_property
    def draws(self) -> RouteDraws:
        """Draws of hours and money of arcs."""
        return RouteDraws.of(self.costs, self.sampler, *self.correlation)


@short_repr
@dataclass(slots=True)
class Session:
    """A world with its network and what has been priced so far: build once, ask often."""

    world: World
    network: Network
    namer: Namer
    closures: Closures
    limits: Limits
    dispersion: float
    sampler: Sampler
    _pricing: dict[tuple[object, ...], Pricing] = field(default_factory=dict)
    _carriage: dict[tuple[object, ...], ArcCosts] = field(default_factory=dict)
    _rulebooks: dict[tuple[object, ...], Rulebook] = field(default_factory=dict)
    _arcs: dict[tuple[object, ...], Int32Array] = field(default_factory=dict)
    _kinds: KindReader | None = None
    _reverse: Reverse | None = None

    @classmethod
    def open(cls, world: World, seed: int = SEED) -> Session:
        """Build the network of a world."""
        return cls._on(world, build_network(world), Sampler(seed))

    @classmethod
    def _on(cls, world: World, network: Network, sampler: Sampler) -> Session:
        return cls(
            world,
            network,
            Namer.of(world, network),
            find_closures(world, network),
            Limits.of(world),
            world.parameter("route_dispersion"),
            sampler,
        )

    def on_facts(self, world: World) -> Session:
        """A session on other facts that keeps what they do not touch: the network, rules."""
        own = self.world

        def same(reader: str) -> bool:
            return own.key(reader) == world.key(reader)

        if not same("topology"):
            return self._on(world, build_network(world), self.sampler)
        network = self.network if same("price") else restated(self.network, world)
        if not same("name"):
            return replace(self._on(world, network, self.sampler), _arcs=self._arcs)
        return replace(
            self,
            world=world,
            network=network,
            _pricing={},
            _carriage={},
            _rulebooks=self._rulebooks if same("rule") else {},
        )

    def drawing(self, sampler: Sampler) -> Session:
        """A session on the same facts with other draws of routes."""
        return replace(self, sampler=sampler, _pricing={})

    def same_rules(self, other: Session) -> bool:
        """Whether another session on the same network has the rules of this one."""
        return self._rulebooks is other._rulebooks

    @property
    def kinds(self) -> KindReader:
        """Reads the kinds of many paths at once."""
        if self._kinds is None:
            self._kinds = KindReader.of(self.namer)
        return self._kinds

    @property
    def reverse(self) -> Reverse:
        """The graph with every arc turned round."""
        if self._reverse is None:
            self._reverse = reverse_csr(self.network.indptr, self.network.head)
        return self._reverse

    def pricing(
        self, commodity: str | None, unit: str | None, on: str | None, planned: bool = False
    ) -> Pricing:
        """Costs, rules and draws for a cargo on a date."""
        asked = (commodity, unit, on, planned)
        if asked not in self._pricing:
            when = When.parse(on or self.world.meta["default_date"])
            cargo = make_cargo(self.world, commodity, unit)
            # Several ways of asking for one cargo share its prices.
            key = (cargo, when, planned)
            if key not in self._pricing:
                self._pricing[key] = self._priced(cargo, when, planned)
            self._pricing[asked] = self._pricing[key]
        return self._pricing[asked]

    def _priced(self, cargo: Cargo, when: When, planned: bool) -> Pricing:
        costs = insured(self._of_unit(cargo, when, planned), self.network, cargo)
        correlation = (
            self.world.parameter("time_correlation"),
            self.world.parameter("cost_correlation"),
        )
        return Pricing(cargo, when, costs, self._rulebook(cargo, when), self.sampler, correlation)

    def _of_unit(self, cargo: Cargo, when: When, planned: bool) -> ArcCosts:
        key = (cargo.unit, when, planned)
        if key not in self._carriage:
            self._carriage[key] = carriage_costs(
                self.world, self.network, cargo, when, planned=planned
            )
        return self._carriage[key]

    def _rulebook(self, cargo: Cargo, when: When) -> Rulebook:
        key = (cargo.commodity, cargo.unit, when)
        if key not in self._rulebooks:
            self._rulebooks[key] = compile_rules(self.world, self.network, cargo, when, self._arcs)
        return self._rulebooks[key]

"""A world made ready to be asked: network, names, closures, and what has been priced so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from entrepot.cost.arcs import ArcCosts
from entrepot.cost.cargo import Cargo, make_cargo
from entrepot.cost.passage import Rulebook, compile_rules
from entrepot.cost.pricing import arc_costs
from entrepot.cost.spread import FloatArray, Normals
from entrepot.cost.when import When
from entrepot.flows.alternatives import Closures, Limits, Reverse, find_closures
from entrepot.flows.corridors import Namer
from entrepot.flows.evaluate import Draws
from entrepot.flows.route_kinds import KindReader
from entrepot.kernels.shortest_paths import reverse_csr
from entrepot.network.build import build_network

if TYPE_CHECKING:
    from entrepot.facts.world import World
    from entrepot.network.graph import Network

N_DRAW = 1024


@dataclass(frozen=True, slots=True)
class Pricing:
    """Everything that depends on cargo and date but not on the pair."""

    cargo: Cargo
    when: When
    costs: ArcCosts
    rulebook: Rulebook
    overall: FloatArray
    draws: Draws


@dataclass(slots=True)
class Session:
    """A world with its network and what has been priced so far: build once, ask often."""

    world: World
    network: Network
    namer: Namer
    closures: Closures
    limits: Limits
    dispersion: float
    normals: Normals
    _pricing: dict[tuple[object, ...], Pricing] = field(default_factory=dict)
    _kinds: KindReader | None = None
    _reverse: Reverse | None = None

    @classmethod
    def open(cls, world: World, seed: int = 0) -> Session:
        """Build the network of a world."""
        network = build_network(world)
        parameters = world.table("parameters").set_index("parameter")["value"]
        return cls(
            world,
            network,
            Namer.of(world, network),
            find_closures(world, network),
            Limits.of(world),
            float(parameters["route_dispersion"]),
            Normals(seed, N_DRAW),
        )

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
        when = When.parse(on or self.world.meta["default_date"])
        cargo = make_cargo(self.world, commodity, unit)
        key = (cargo.commodity, cargo.unit, when, planned)
        if key not in self._pricing:
            costs = arc_costs(self.world, self.network, cargo, when, planned=planned)
            value = self.world.table("parameters").set_index("parameter")["value"]
            draws = Draws.of(
                costs,
                self.normals,
                float(value["time_correlation"]),
                float(value["cost_correlation"]),
            )
            rulebook = compile_rules(self.world, self.network, cargo, when)
            self._pricing[key] = Pricing(cargo, when, costs, rulebook, costs.generalised(), draws)
        return self._pricing[key]

"""An engine: a world of facts on a day, its baseline, and what changes of the facts make of it.

    engine = Engine.open(load_world(), "2024-06-30", turnover=[Turnover(("IRN", "KAZ"), 340.0)])
    engine.solve([Change("border_crossings", "akyayla,incheh_borun,road", "hours", "scale", "0.5")])

An open engine does not change. Two threads may ask one engine at once: what it keeps is made once,
under a lock, and is the same whoever makes it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from threading import RLock
from typing import Any, Literal, TypeVar, cast, overload

import numpy as np

from entrepot.engine.candidates import routes_needed, with_shut
from entrepot.engine.coupled_facts import CoupledFacts
from entrepot.engine.decompose import MeasureParts, add_up, take_apart
from entrepot.engine.drawn_world import DrawnWorld, Uncertain
from entrepot.engine.held import (
    COUPLED,
    HELD,
    HORIZONS,
    TradeFigures,
    TradeOutcome,
    check_changes,
    model_of,
    trade_outcome,
)
from entrepot.engine.lower import Lowered, lower, lower_trade
from entrepot.engine.spec import EngineNeeds, EngineSpec, Pair, Turnover, find_route_sets_once
from entrepot.equilibrium.coupled import CoupledWorld
from entrepot.equilibrium.loop import Equilibrium, solve, solve_held
from entrepot.equilibrium.objectives import Objective
from entrepot.equilibrium.sensitivity import Gradient, gradient
from entrepot.errors import UnknownNameError, UsageError
from entrepot.facts.change import Change, apply, is_of_trade
from entrepot.facts.world import World
from entrepot.kernels.arrays import FloatArray
from entrepot.routes.find import find_routes
from entrepot.routes.query import RouteQuery, RouteSet
from entrepot.routes.session import Session
from entrepot.trade.world.trade_world import TradeWorld, day_of
from entrepot.uncertainty.draws import Draws
from entrepot.uncertainty.sampler import SEED

__all__ = [
    "DrawnEngine",
    "Engine",
    "EngineNeeds",
    "EngineSpec",
    "Turnover",
    "find_route_sets_once",
]

T = TypeVar("T")
Outcome = Callable[[Equilibrium], Objective]


@dataclass(frozen=True, eq=False, repr=False)
class Engine:
    """A world of facts on a day: routes, trade and transport solved together, slopes, draws.

    Open it by `Engine.open(world, on, seed=, turnover=, candidates=)`; nothing is solved before it is
    asked for. An open engine does not change, and several threads may ask it at once.

    >>> engine = ep.Engine.open(ep.load_world(), "2024-06-30", turnover=[ep.Turnover(("IRN", "KAZ"), 340.0)])
    >>> engine
    <Engine eurasia, 2024-06-30, seed 20251211>
    >>> engine.routes(ep.RouteQuery("almaty", "tehran")).status
    'found'
    """

    world: World
    spec: EngineSpec
    session: Session
    _made: dict[str, Any] = field(default_factory=dict)
    _lock: Any = field(default_factory=RLock)

    @classmethod
    def open(
        cls,
        world: World,
        on: str | None = None,
        *,
        seed: int | None = None,
        turnover: Sequence[Turnover] = (),
        candidates: Sequence[Change] = (),
    ) -> Engine:
        """Open an engine; nothing is solved before it is asked for.

        on         : such as 2024-06-30; None for the day of the facts
        seed       : of all draws; None is that of all answers
        turnover   : trade of pairs to start from
        candidates : changes that open routes (new lines, rules that go), to be used in `solve` later;
                     all are in the network from the start, shut in the baseline
        """
        chosen = SEED if seed is None else seed
        return cls.of(world, EngineSpec(None, on, chosen, tuple(turnover), tuple(candidates)))

    @classmethod
    def of(cls, world: World, spec: EngineSpec) -> Engine:
        """An engine of a specification, on facts that were read already."""
        return cls(world, spec, Session.open(with_shut(world, spec.candidates), spec.seed))

    def __repr__(self) -> str:
        return f"<Engine {self.world.name}, {self.on}, seed {self.spec.seed}>"

    @property
    def on(self) -> str:
        """Day of the rules and duties."""
        return self.spec.on or self.world.meta["default_date"]

    @property
    def facts(self) -> CoupledFacts:
        """Flows and trade of the facts."""
        return self._once("facts", self._facts)

    @property
    def trade(self) -> TradeWorld:
        """Trade of the facts by commodity; it needs no routes."""
        return self._once("trade", self._trade)

    @property
    def baseline(self) -> Equilibrium:
        """The world as it is; nothing moves there."""
        return self._baseline("long")

    @property
    def uncertain(self) -> Uncertain:
        """What is drawn, with its ranges. Raises UsageError where no pair was named in `turnover`."""
        return self._once("uncertain", self._uncertain)

    @property
    def middle(self) -> DrawnWorld:
        """The draw in which everything is at its middle."""
        return self._once("middle", self.uncertain.middle)

    def points(self, n: int, more: Sequence[str] = ()) -> Draws:
        """Draws of all sources of error of the world, and of more; a name always gives the same."""
        return Draws.latin((*self.uncertain.names, *more), n, self.spec.seed)

    def routes(self, query: RouteQuery, changes: Sequence[Change] = ()) -> RouteSet:
        """Routes of a query, on the facts as changed."""
        if not changes:
            return find_routes(self.world, query, session=self.session)
        world = apply(self.world, changes)
        return find_routes(world, query, session=self.session.on_facts(world))

    @overload
    def solve(
        self,
        changes: Sequence[Change] = (),
        *,
        hold: Collection[str] = (),
        model: Literal["", "coupled", "sectors"] = "",
        horizon: str = "long",
        start: Equilibrium | None = None,
    ) -> Equilibrium: ...
    @overload
    def solve(
        self,
        changes: Sequence[Change] = (),
        *,
        hold: Collection[str] = (),
        model: Literal["full", "conditional", "partial"],
        horizon: str = "long",
        start: Equilibrium | None = None,
    ) -> TradeOutcome: ...
    def solve(
        self,
        changes: Sequence[Change] = (),
        *,
        hold: Collection[str] = (),
        model: str = "",
        horizon: str = "long",
        start: Equilibrium | None = None,
    ) -> Equilibrium | TradeOutcome:
        """Flows and trade where the facts are changed, exactly.

        hold    : of transport, income, other_markets; nothing by default. With transport held,
                  traffic and the hours it makes stay those of the baseline
        model   : one of `engine.held`; told from `hold` where it is left out
        horizon : long, or short for events under a year
        start   : an equilibrium to start from; the baseline where none is given
        A change that opens routes which are not among the candidates (a new line, a line that is shut)
        opens a new engine with them; it is kept, and the answer is its. See `with_candidates`.
        Raises BadInputError for changes that cannot be made, UsageError for those of the baseline.
        """
        chosen = model_of(model, hold)
        if horizon not in HORIZONS:
            raise UnknownNameError(horizon, f"horizon ({', '.join(HORIZONS)})", HORIZONS)
        if chosen not in (COUPLED, "sectors"):
            return self._trade_outcome(changes, chosen, horizon)
        if not changes:
            return self._baseline(horizon)
        engine = self.with_candidates(changes)
        if engine is not self:
            return engine.solve(changes, hold=HELD[chosen], horizon=horizon)
        world, scenario = self._world(horizon), lower(self.facts, changes).scenario
        if chosen == "sectors":
            return solve_held(world, scenario)
        return solve(world, scenario, start=start or self._baseline(horizon))

    def with_candidates(self, changes: Sequence[Change]) -> Engine:
        """Give an engine on the same facts whose network has the routes that changes open.

        The engine itself where it has them; another is opened once, under the lock, and kept.
        """
        needed = routes_needed(self.world, self.spec.candidates, changes)
        if not needed:
            return self
        spec = replace(self.spec, candidates=(*self.spec.candidates, *needed))
        return self._once(f"engine {needed!r}", lambda: Engine.of(self.world, spec))

    def with_deficit(self, deficit: str) -> Engine:
        """Give an engine on the same facts and routes under another rule for trade deficits."""
        if deficit == self.spec.deficit:
            return self
        spec = replace(self.spec, deficit=deficit)
        kept = {"facts": self.facts, "trade": self.trade} if "facts" in self._made else {}
        return self._once(
            f"deficit {deficit}", lambda: Engine(self.world, spec, self.session, dict(kept))
        )

    def slopes(self, outcome: Outcome, at: Equilibrium | None = None) -> Gradient:
        """Slopes of an outcome by the hours and the price of every arc.

        outcome : such as `lambda solution: pair_trade(solution, "IRN", "KAZ")`
        at      : where they are taken; None for the baseline
        """
        point = self.baseline if at is None else at
        return gradient(point, outcome(point))

    def draws(self, n: int) -> Sequence[DrawnEngine]:
        """Worlds drawn from all that is not known for sure; each is made when it is asked for."""
        return _DrawnEngines(self, n)

    def _facts(self) -> CoupledFacts:
        return CoupledFacts.of(
            self.session, self.on, self._turnover(), candidates=self.spec.candidates
        )

    def _turnover(self) -> dict[Pair, float]:
        return {t.pair: t.musd for t in self.spec.turnover if t.musd is not None}

    def _trade(self) -> TradeWorld:
        return TradeWorld.of_world(
            self.world, detail="commodity", on=day_of(self.on), pair_values=self._turnover()
        )

    def _baseline(self, horizon: str) -> Equilibrium:
        return self._once(f"baseline {horizon}", lambda: solve(self._world(horizon)))

    def _world(self, horizon: str) -> CoupledWorld:
        """The coupled world with the elasticities of a horizon and the rule for deficits."""
        world, deficit = self.facts.world, self.spec.deficit
        if (horizon, deficit) == ("long", world.baseline.deficit_rule):
            return world
        theta = self._theta(self.facts.trade, horizon)
        return self._once(
            f"world {horizon}",
            lambda: replace(world, baseline=self.facts.trade.baseline(deficit, elasticity=theta)),
        )

    def _theta(self, trade: TradeWorld, horizon: str) -> FloatArray:
        """(J,) middle trade elasticities."""
        share = self.world.parameter("short_run_share") if horizon == "short" else 1.0
        return np.asarray(share * trade.elasticity.mid)

    def _trade_outcome(self, changes: Sequence[Change], model: str, horizon: str) -> TradeOutcome:
        trade = self.trade
        lowered = lower_trade(trade, self.world, changes)
        other = [c.table for c in changes if not is_of_trade(c)]
        if other:
            raise UsageError(
                f"Model {model} has no routes, so a change of {other[0]} would do nothing in it."
            )
        check_changes(lowered, model)
        figures = TradeFigures(
            self._theta(trade, horizon),
            trade.tariff.mid,
            trade.friction.mid,
            self.spec.deficit,
            self.world.parameter("import_demand_elasticity"),
        )
        return trade_outcome(trade, figures, lowered, model)

    def _uncertain(self) -> Uncertain:
        if len(self.spec.turnover) != 1:
            raise UsageError(
                "Draws need one pair whose trade is started from; name it in `turnover`."
            )
        (own,) = self.spec.turnover
        return Uncertain(self.facts, own.pair, own.ratio)

    def _once(self, name: str, make: Callable[[], T]) -> T:
        with self._lock:
            if name not in self._made:
                self._made[name] = make()
            return cast(T, self._made[name])


@dataclass(frozen=True, eq=False, repr=False)
class DrawnEngine:
    """A draw of an engine: other elasticities, speeds, rates, waits, duties and values.

    Changes are taken apart once on the facts, and their parts are put together in each draw.
    """

    engine: Engine
    world: DrawnWorld
    n: int
    d: int
    _made: dict[str, Any] = field(default_factory=dict)
    _lock: Any = field(default_factory=RLock)

    def __repr__(self) -> str:
        return f"<DrawnEngine {self.d + 1} of {self.n} of {self.engine!r}>"

    @property
    def baseline(self) -> Equilibrium:
        """The drawn world as it is."""
        with self._lock:
            if "baseline" not in self._made:
                self._made["baseline"] = solve(self.world.world)
            return cast(Equilibrium, self._made["baseline"])

    def solve(
        self,
        changes: Sequence[Change] = (),
        *,
        hold: Collection[str] = (),
        start: Equilibrium | None = None,
    ) -> Equilibrium:
        """Flows and trade of the draw where the facts are changed; `hold` nothing, or transport.

        Duties and payment change from those of the draw. Changes must open no routes beside the
        candidates of the engine.
        """
        if not changes:
            return self.baseline
        lowered, parts = self.engine._once(
            f"parts {tuple(changes)!r}", lambda: self._parts(changes)
        )
        scenario = replace(
            self.world.scenario(add_up([(parts, 1.0)])),
            tariff=lowered.trade.tariff(self.world.tariff),
            wedge=lowered.trade.wedge(self.world.paid),
            limit=lowered.scenario.limit,
        )
        if model_of("", hold) == "sectors":
            return solve_held(self.world.world, scenario)
        return solve(self.world.world, scenario, start=start or self.baseline)

    def slopes(self, outcome: Outcome, at: Equilibrium | None = None) -> Gradient:
        """Slopes of an outcome by the hours and the price of every arc."""
        point = self.baseline if at is None else at
        return gradient(point, outcome(point))

    def _parts(self, changes: Sequence[Change]) -> tuple[Lowered, MeasureParts]:
        facts = self.engine.facts
        lowered = lower(facts, changes)
        return lowered, take_apart(facts, lowered)


@dataclass(frozen=True, eq=False)
class _DrawnEngines(Sequence[DrawnEngine]):
    """Draws of an engine, made when asked for."""

    engine: Engine
    n: int

    def __len__(self) -> int:
        return self.n

    @overload
    def __getitem__(self, d: int) -> DrawnEngine: ...
    @overload
    def __getitem__(self, d: slice) -> list[DrawnEngine]: ...
    def __getitem__(self, d: int | slice) -> DrawnEngine | list[DrawnEngine]:
        if isinstance(d, slice):
            return [self[k] for k in range(*d.indices(self.n))]
        k = int(np.arange(self.n)[d])
        engine = self.engine
        return DrawnEngine(engine, engine.uncertain.draw(engine.points(self.n), k), self.n, k)

    def __iter__(self) -> Iterator[DrawnEngine]:
        return (self[k] for k in range(self.n))

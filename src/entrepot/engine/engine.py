"""An engine: a world of facts on a day, its baseline, and what changes of the facts make of it.

    engine = Engine.open(load_world(), "2024-06-30", turnover=[Turnover(("IRN", "KAZ"), 340.0)])
    engine.solve([Change("border_crossings", "akyayla,incheh_borun,road", "hours_p50", "scale", "0.5")])

An open engine does not change. Two threads may ask one engine at once: what it keeps is made once,
under a lock, and is the same whoever makes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import RLock
from typing import Any, TypeVar, cast, overload

import numpy as np

from entrepot.engine.coupled_facts import CoupledFacts
from entrepot.engine.decompose import MeasureParts, add_up, take_apart
from entrepot.engine.drawn_world import DrawnWorld, Uncertain
from entrepot.equilibrium.loop import Equilibrium, solve
from entrepot.equilibrium.objectives import Objective
from entrepot.equilibrium.sensitivity import Gradient, gradient
from entrepot.errors import UsageError
from entrepot.facts.change import Change, apply
from entrepot.facts.world import World
from entrepot.flows.route_cache import cache_folder, cache_path, cached_route_sets
from entrepot.routes.cargo_class import all_classes
from entrepot.routes.find import find_routes
from entrepot.routes.query import RouteQuery, RouteSet
from entrepot.routes.session import Session
from entrepot.uncertainty.draws import Draws
from entrepot.uncertainty.sampler import SEED

T = TypeVar("T")
Pair = tuple[str, str]
Outcome = Callable[[Equilibrium], Objective]


@dataclass(frozen=True, slots=True)
class Turnover:
    """Trade of a pair, both ways, to start from.

    musd  : million USD a year; None for that of the facts
    ratio : P10 and P90 over it; None for those of the facts
    """

    pair: Pair
    musd: float | None = None
    ratio: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class EngineNeeds:
    """What a question needs of an engine; None or empty where anything will do."""

    on: str | None = None
    turnover: tuple[Turnover, ...] = ()
    candidates: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class EngineSpec:
    """What an engine is opened for. Equal specifications on equal facts give equal engines.

    data       : folder of the facts; None for the shipped ones
    on         : day of the rules and duties; None for the day of the facts
    candidates : changes that open routes; these must be in the route sets before a scenario opens them
    """

    data: Path | None = None
    on: str | None = None
    seed: int = SEED
    turnover: tuple[Turnover, ...] = ()
    candidates: tuple[Change, ...] = ()


@dataclass(frozen=True, eq=False, repr=False)
class Engine:
    """A world on a day. Open it by `Engine.open`."""

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
        seed: int = SEED,
        turnover: Sequence[Turnover] = (),
        candidates: Sequence[Change] = (),
    ) -> Engine:
        """Open an engine; nothing is solved before it is asked for.

        on         : such as 2024-06-30; None for the day of the facts
        seed       : of all draws
        turnover   : trade of pairs to start from
        candidates : changes that open routes (new lines, rules that go), to be used in `solve` later
        """
        return cls.of(world, EngineSpec(None, on, seed, tuple(turnover), tuple(candidates)))

    @classmethod
    def of(cls, world: World, spec: EngineSpec) -> Engine:
        """An engine of a specification, on facts that were read already."""
        return cls(world, spec, Session.open(world, spec.seed))

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
    def baseline(self) -> Equilibrium:
        """The world as it is; nothing moves there."""
        return self._once("baseline", lambda: solve(self.facts.world))

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

    def solve(
        self, changes: Sequence[Change] = (), *, start: Equilibrium | None = None
    ) -> Equilibrium:
        """Flows and trade where the facts are changed, exactly.

        start : an equilibrium to start from; the baseline where none is given
        Raises BadInputError for changes that cannot be made, UsageError for those of the baseline.
        """
        if not changes:
            return self.baseline
        return solve(self.facts.world, self.facts.scenario(changes), start=start or self.baseline)

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
        values = {t.pair: t.musd for t in self.spec.turnover if t.musd is not None}
        return CoupledFacts.of(self.session, self.on, values, opening=self.spec.candidates)

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
        self, changes: Sequence[Change] = (), *, start: Equilibrium | None = None
    ) -> Equilibrium:
        """Flows and trade of the draw where the facts are changed."""
        if not changes:
            return self.baseline
        parts = self.engine._once(f"parts {tuple(changes)!r}", lambda: self._parts(changes))
        scenario = self.world.scenario(add_up([(parts, 1.0)]))
        return solve(self.world.world, scenario, start=start or self.baseline)

    def slopes(self, outcome: Outcome, at: Equilibrium | None = None) -> Gradient:
        """Slopes of an outcome by the hours and the price of every arc."""
        point = self.baseline if at is None else at
        return gradient(point, outcome(point))

    def _parts(self, changes: Sequence[Change]) -> MeasureParts:
        facts = self.engine.facts
        return take_apart(facts, *facts.changed(changes))


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


def find_route_sets_once(world: World, spec: EngineSpec, jobs: int) -> None:
    """Put the route sets of an engine into the cache, so that no two processes look for them at once.

    jobs : processes to look for them with; nothing is done where there is no cache
    """
    if cache_folder() is None:
        return
    session = Session.open(world, spec.seed)
    on = spec.on or world.meta["default_date"]
    classes = all_classes(world)
    beside = session.on_facts(apply(world, spec.candidates)) if spec.candidates else None
    path = cache_path(session, on, classes, beside)
    if path is not None and not path.is_file():
        cached_route_sets(session, on, classes, jobs, beside)

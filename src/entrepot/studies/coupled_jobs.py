"""The coupled questions of a study, cut into jobs that any process can answer.

A process builds the coupled world when it is first asked and keeps it; the answers do not depend on
which process gives them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from entrepot.dossier import Dossier, Measure, load_dossier
from entrepot.engine.coupled_facts import CoupledFacts
from entrepot.engine.drawn_world import DrawnWorld, Uncertain
from entrepot.engine.packages import changes_at, opening_changes
from entrepot.equilibrium.loop import Equilibrium, solve
from entrepot.equilibrium.objectives import pair_trade
from entrepot.errors import EntrepotError
from entrepot.facts.change import apply
from entrepot.facts.world import World
from entrepot.questions.places.feedback import (
    Answering,
    DrawnSlopes,
    answering,
    drawn_slopes,
)
from entrepot.questions.promises.assumptions import (
    LongRun,
    assumptions,
    levels,
)
from entrepot.questions.promises.attribution import attribution, value_of
from entrepot.questions.promises.drivers import drivers
from entrepot.questions.promises.individual_effects import log_slopes
from entrepot.questions.promises.promise_tables import (
    drawn_gains,
    measure_effects,
    partner_effects,
    sector_effects,
    target_paths,
    with_ranges,
)
from entrepot.questions.promises.promises import (
    Alone,
    DrawnPromises,
    Plan,
    drawn_promises,
    measure_alone,
)
from entrepot.questions.promises.quick_draws import (
    N_QUICK,
    WORLD,
    follows,
    quick_draws,
)
from entrepot.questions.promises.target import (
    Reach,
    reach,
    target_needs,
)
from entrepot.routes.session import Session
from entrepot.uncertainty.draws import Draws


@dataclass(frozen=True, slots=True)
class AskCoupled:
    """What a study asks of the coupled world.

    turnover_musd : of the pair to start from; None for the base year's
    turnover_range : P10 and P90 over it; None for those of the facts
    slopes   : draws for the ranges of borders and places
    dossier  : of promises, a name or a folder; None leaves them out
    draws    : of promises
    """

    pair: tuple[str, str]
    on: str
    turnover_musd: float | None
    turnover_range: tuple[float, float] | None
    slopes: int
    seed: int
    dossier: str | None = None
    draws: int = 0
    years: tuple[int, int] = (2026, 2035)
    growth: tuple[float, float, float] = (0.0, 0.0, 0.0)
    target_musd: float | None = None
    partners: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Promised:
    """Tables of promises, and draws without an answer."""

    tables: dict[str, Any]
    failed: int


@dataclass(frozen=True, eq=False)
class CoupledAnswers:
    """The coupled world of one process, and its draws."""

    ask: AskCoupled
    facts: CoupledFacts
    dossier: Dossier | None
    measures: tuple[Measure, ...]
    uncertain: Uncertain

    @classmethod
    def of(cls, session: Session, ask: AskCoupled, jobs: int = 1) -> CoupledAnswers:
        """Build the world; jobs are processes to find routes with, where the cache has none."""
        dossier = dossier_of(session.world, ask)
        measures = modelled(dossier)
        values = {} if ask.turnover_musd is None else {ask.pair: ask.turnover_musd}
        opening = opening_changes(measures, ask.on)
        facts = CoupledFacts.of(session, ask.on, values, opening=opening, jobs=jobs)
        return cls(ask, facts, dossier, measures, Uncertain(facts, ask.pair, ask.turnover_range))

    @cached_property
    def base(self) -> Equilibrium:
        """The baseline; nothing moves there."""
        return solve(self.facts.world)

    @cached_property
    def middle(self) -> DrawnWorld:
        """The world at the middle of everything."""
        return self.uncertain.middle()

    def points(self, n: int, more: tuple[str, ...] = ()) -> Draws:
        """The draws of a question; the same name gives the same draw in each of the same number."""
        return Draws.latin((*self.uncertain.names, *more), n, self.ask.seed)

    def slopes(self, d: int) -> DrawnSlopes | None:
        """Of draw d; None where it has no answer."""
        found = drawn_slopes(self.uncertain, self.points(self.ask.slopes), d)
        return found if np.isfinite(found.by_hour).all() else None

    def answering(self, drawn: list[DrawnSlopes | None]) -> Answering:
        """The tables of how trade and transport answer each other."""
        return answering(self.facts, self.ask.pair, drawn)

    def alone(self, k: int) -> Alone:
        """Measure k alone."""
        return measure_alone(self.facts, self.measures[k], self.ask.pair, self.base)

    def plan(self, alone: tuple[Alone, ...]) -> Plan:
        """Measures with what is known of them."""
        ask = self.ask
        parameter = self.facts.session.world.parameter
        return Plan(
            ask.pair,
            self.measures,
            {} if self.dossier is None else self.dossier.prospects,
            {a.id: a for a in alone},
            np.arange(ask.years[0], ask.years[1] + 1.0),
            float(ask.on[:4]) + 0.5,
            ask.growth,
            (parameter("short_run_share"), parameter("adjustment_years")),
            parameter("promise_correlation"),
            ask.target_musd,
            pair_trade(self.base, *ask.pair).value,
        )

    def set_value(self, alone: tuple[Alone, ...], some: frozenset[str]) -> float:
        """Trade of the pair with all promises of some kinds."""
        return value_of(self.plan(alone), self.middle, some, self.base)

    def promises(self, alone: tuple[Alone, ...], d: int) -> DrawnPromises | None:
        """Draw d of the promises; None where it has no answer."""
        plan = self.plan(alone)
        points = self.points(self.ask.draws, plan.names())
        try:
            found = drawn_promises(plan, self.uncertain.draw(points, d), points, d)
        except EntrepotError:
            return None  # a draw beyond what the model can answer; it is counted as failed
        return found if found.converged and np.isfinite(found.all) else None

    def levels(self, alone: tuple[Alone, ...]) -> dict[tuple[str, float], LongRun]:
        """Trade with no promise and with all where one source is at its P10 or P90."""
        return levels(self.plan(alone), self.uncertain)

    def reach(self, alone: tuple[Alone, ...]) -> Reach:
        """How far promises reach in the long run."""
        plan = self.plan(alone)
        every = self.facts.scenario(changes_at(plan.promises, {}, self.ask.on))
        return reach(plan, self.middle, self.base, solve(self.facts.world, every, start=self.base))

    def promised(
        self,
        alone: tuple[Alone, ...],
        values: dict[frozenset[str], float],
        found: dict[tuple[str, float], LongRun],
        far: Reach,
        drawn: list[DrawnPromises | None],
    ) -> Promised:
        """The tables of promises."""
        if self.dossier is None:
            return Promised({}, 0)
        plan, facts = self.plan(alone), self.facts
        good = [d for d in drawn if d is not None]
        points = self.points(self.ask.draws, plan.names())
        kept = np.array([d is not None for d in drawn], dtype=bool)
        points = Draws(points.names, points.points[kept])
        told = [d for d in good if d.slope is not None]
        over = drawn_gains(plan, told, log_slopes(plan.parts, self.middle, self.base, plan.pair))
        turnover, sizes = self.uncertain.spread["turnover"], (far.all["low"], far.all["high"])
        many = Draws.latin((*WORLD, *plan.names()), N_QUICK, self.ask.seed)
        quick, same = (quick_draws(plan, found, turnover, d) for d in (many, points))
        tables = {
            "measure_effects": measure_effects(facts, self.dossier, plan, over),
            "attribution": with_ranges(attribution(plan, values), plan, told, over),
            "target_paths": target_paths(plan, good),
            "target_needs": target_needs(plan, far, good, quick, follows(same.likely, good)),
            "drivers": drivers(many, quick, plan),
            "partner_effects": partner_effects(facts, plan, good, self.ask.partners),
            "sector_effects": sector_effects(facts, plan, good),
            "assumptions": assumptions(plan, found, turnover, "assumed", sizes),
        }
        return Promised(tables, len(drawn) - len(good))


def dossier_of(world: World, ask: AskCoupled) -> Dossier | None:
    """The dossier a study names."""
    if ask.dossier is None:
        return None
    folder = Path(ask.dossier)
    return load_dossier(folder if folder.is_dir() else ask.dossier, world)


def modelled(dossier: Dossier | None) -> tuple[Measure, ...]:
    """Measures that change anything."""
    return () if dossier is None else tuple(m for m in dossier.measures if m.modelled)


def opening_session(
    session: Session, ask: AskCoupled, measures: tuple[Measure, ...]
) -> Session | None:
    """The session of facts on which ways open that promises are to open."""
    changes = opening_changes(measures, ask.on)
    return session.on_facts(apply(session.world, changes)) if changes else None

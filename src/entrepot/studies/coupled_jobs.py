"""The coupled questions of a study, cut into jobs that any process can answer.

A process builds the coupled world when it is first asked and keeps it; the answers do not depend on
which process gives them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from entrepot.flows.session import Session
from entrepot.questions.answering import Answering, DrawnSlopes, answering, drawn_slopes
from entrepot.questions.coupled_facts import CoupledFacts
from entrepot.questions.drawn_world import Uncertain
from entrepot.questions.uncertainty import Draws

# P10 and P90 over the turnover in use where a study says nothing of it.
TURNOVER = (0.9, 1.1)


@dataclass(frozen=True, slots=True)
class AskCoupled:
    """What a study asks of the coupled world.

    turnover_musd : of the pair to start from; None for the base year's
    turnover_range : P10 and P90 over it
    """

    pair: tuple[str, str]
    on: str
    turnover_musd: float | None
    turnover_range: tuple[float, float]
    draws: int
    seed: int


@dataclass(frozen=True, eq=False)
class CoupledAnswers:
    """The coupled world of one process, and its draws."""

    ask: AskCoupled
    facts: CoupledFacts
    uncertain: Uncertain
    points: Draws

    @classmethod
    def of(cls, session: Session, ask: AskCoupled, jobs: int = 1) -> CoupledAnswers:
        """Build the world; jobs are processes to find routes with, where the cache has none."""
        values = {} if ask.turnover_musd is None else {ask.pair: ask.turnover_musd}
        facts = CoupledFacts.of(session, ask.on, values, jobs=jobs)
        uncertain = Uncertain(facts, ask.pair, ask.turnover_range)
        return cls(ask, facts, uncertain, Draws.latin(uncertain.names, ask.draws, ask.seed))

    def slopes(self, d: int) -> DrawnSlopes | None:
        """Of draw d; None where it has no answer."""
        found = drawn_slopes(self.uncertain, self.points, d)
        return found if np.isfinite(found.by_hour).all() else None

    def answering(self, drawn: list[DrawnSlopes | None]) -> Answering:
        """The tables of how trade and transport answer each other."""
        return answering(self.facts, self.ask.pair, drawn)

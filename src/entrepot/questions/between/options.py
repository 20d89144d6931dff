"""Options of what stands between two economies."""

from __future__ import annotations

from entrepot.engine.question import Options
from entrepot.schema.model import PositiveNumber


class BetweenOptions(Options):
    """Options of what stands between a pair.

    on            : day of the rules and duties that go with the turnover
    later         : day of later duties to compare with; None is the day of the facts
    turnover_musd : trade to start from; None is the trade of the base year
    target_musd   : what somebody wants it to be
    draws         : of everything that is not known for sure
    notes         : what else a reader of these figures must know
    """

    pair: tuple[str, str]
    on: str
    later: str | None = None
    turnover_musd: PositiveNumber | None = None
    turnover_year: str = ""
    turnover_source_id: tuple[str, ...] = ()
    target_musd: PositiveNumber | None = None
    target_source_id: tuple[str, ...] = ()
    draws: int = 100
    notes: tuple[str, ...] = ()

"""Where an hour or a dollar saved brings most, once trade and transport have answered each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from entrepot.engine.engine import Engine
from entrepot.engine.question import Job, Options, Question, Records, Tables
from entrepot.engine.spec import EngineNeeds, Turnover
from entrepot.facts.world import World
from entrepot.questions.places.feedback import DrawnSlopes, drawn_slopes, feedback
from entrepot.schema.model import PositiveNumber


class PlaceOptions(Options):
    """Options of the places where an hour or a dollar saved brings most.

    on            : day of the rules and duties
    turnover_musd : trade of the pair to start from; None is the trade of the base year
    turnover_low, turnover_high : P10 and P90 of it, million USD a year
    draws         : worlds drawn for the ranges; 0 for none
    """

    pair: tuple[str, str]
    on: str
    turnover_musd: PositiveNumber | None = None
    turnover_low: PositiveNumber | None = None
    turnover_high: PositiveNumber | None = None
    draws: int = 16

    def turnover(self) -> Turnover:
        """The trade started from, with its range."""
        start, low, high = self.turnover_musd, self.turnover_low, self.turnover_high
        ratio = None if not (start and low and high) else (low / start, high / start)
        return Turnover(self.pair, start, ratio)


def check(world: World, options: PlaceOptions) -> Sequence[str]:
    """What is asked that the facts cannot answer."""
    faults = []
    if options.draws < 0:
        faults.append(f"'draws': found {options.draws}, expected 0 at least.")
    low, high = options.turnover_low, options.turnover_high
    if (low is None) != (high is None):
        faults.append("'turnover_low' and 'turnover_high' go together; one is missing.")
    if low is not None and high is not None and low > high:
        faults.append(f"'turnover_low': found {low:g}, above turnover_high ({high:g}).")
    hubs = set(world.table("zone_hubs")["zone_id"])
    known = set(world.table("zones")["zone_id"])
    faults += [
        f"{zone} has no hub in zone_hubs.csv, so none of its goods are on the map."
        for zone in options.pair
        if zone in known - hubs
    ]
    return faults


def needs(world: World, options: PlaceOptions) -> EngineNeeds:
    """The day, and the trade started from."""
    return EngineNeeds(options.on, (options.turnover(),))


def jobs(engine: Engine, options: PlaceOptions, done: Records) -> Sequence[Job]:
    """Slopes in each draw."""
    return [Job(str(d), slopes, (d,)) for d in range(options.draws)]


def slopes(engine: Engine, options: PlaceOptions, done: Records, d: int) -> DrawnSlopes | None:
    """Of draw d; None where it has no answer."""
    found = drawn_slopes(engine.uncertain, engine.points(options.draws), d)
    return found if np.isfinite(found.by_hour).all() else None


def tables(engine: Engine, options: PlaceOptions, done: Records) -> Tables:
    """Tables of flows by corridor, full places, shorter waits, and places."""
    return feedback(engine.facts, options.pair, list(done["places.slopes"].values()))


QUESTIONS = (
    Question(
        "places.slopes",
        PlaceOptions,
        lambda options: f"trade and transport together: {options.draws} draws",
        flows=True,
        records=(DrawnSlopes,),
        engine=needs,
        jobs=jobs,
    ),
    Question(
        "places",
        PlaceOptions,
        lambda options: "trade and transport together: borders and places",
        ("corridor_flows", "link_flows", "border_cuts", "bottlenecks", "place_effects"),
        needs=("places.slopes",),
        inherits=("between",),
        flows=True,
        engine=needs,
        check=check,
        tables=tables,
    ),
)

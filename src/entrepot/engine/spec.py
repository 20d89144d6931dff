"""What an engine is opened for, and its routes put into the cache."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from entrepot.engine.candidates import on_network, with_shut
from entrepot.facts.change import Change, apply
from entrepot.facts.world import World
from entrepot.flows.route_cache import cache_folder, cache_path, cached_route_sets
from entrepot.routes.cargo_class import all_classes
from entrepot.routes.session import Session
from entrepot.uncertainty.sampler import SEED

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Turnover:
    """Trade of a pair, both ways, to start from.

    musd  : million USD a year; None for that of the facts
    ratio : P10 and P90 over it; None for those of the facts

    >>> ep.Turnover(("IRN", "KAZ"), 340.0, (0.9, 1.1)).musd
    340.0
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
    deficit    : what becomes of trade deficits: proportional, nominal or zero
    candidates : changes that open routes; these must be in the route sets before a scenario opens them
    """

    data: Path | None = None
    on: str | None = None
    seed: int = SEED
    turnover: tuple[Turnover, ...] = ()
    candidates: tuple[Change, ...] = ()
    deficit: str = "proportional"


def find_route_sets_once(world: World, spec: EngineSpec, jobs: int) -> None:
    """Put the route sets of an engine into the cache, so that no two processes look for them at once.

    jobs : processes to look for them with; nothing is done where there is no cache
    """
    if cache_folder() is None:
        return
    session = Session.open(with_shut(world, spec.candidates), spec.seed)
    on = spec.on or world.meta["default_date"]
    classes = all_classes(world)
    beside = None
    if spec.candidates:
        opened = on_network(session.world, spec.candidates)
        beside = session.on_facts(apply(session.world, opened))
    path = cache_path(session, on, classes, beside)
    if path is not None and not path.is_file():
        cached_route_sets(session, on, classes, jobs, beside)

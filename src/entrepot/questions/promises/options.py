"""Options of what promises do, and the dossier they name."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from entrepot.dossier import Dossier, Measure, load_dossier
from entrepot.engine.packages import opening_changes
from entrepot.engine.spec import EngineNeeds
from entrepot.facts.world import World
from entrepot.questions.places.question import PlaceOptions
from entrepot.schema.model import Number, PositiveNumber


class PromiseOptions(PlaceOptions):
    """Options of what promises do.

    dossier  : name of a shipped dossier, or a folder
    draws    : of everything that is not known for sure, delivery and delay with it
    first_year, last_year : years looked at
    growth_low, growth_mid, growth_high : P10, P50 and P90 of the yearly growth of the pair's trade
                                          if nothing is promised, as a part
    target_musd : what somebody wants the trade to be
    partners : economies whose gain or loss is shown
    """

    dossier: str
    draws: int = 48
    first_year: int = 2026
    last_year: int = 2035
    growth_low: Number = 0.0
    growth_mid: Number = 0.0
    growth_high: Number = 0.0
    target_musd: PositiveNumber | None = None
    partners: tuple[str, ...] = ()

    @property
    def growth(self) -> tuple[float, float, float]:
        """P10, P50 and P90."""
        return self.growth_low, self.growth_mid, self.growth_high


@lru_cache(maxsize=4)
def dossier_of(world: World, name: str) -> Dossier:
    """A dossier by name or folder; read once for each world."""
    folder = Path(name)
    return load_dossier(folder if folder.is_dir() else name, world)


def modelled(dossier: Dossier) -> tuple[Measure, ...]:
    """Measures that change anything."""
    return tuple(m for m in dossier.measures if m.modelled)


def needs(world: World, options: PromiseOptions) -> EngineNeeds:
    """The day, the trade started from, and the routes that promises are to open."""
    measures = modelled(dossier_of(world, options.dossier))
    return EngineNeeds(options.on, (options.turnover(),), opening_changes(measures, options.on))

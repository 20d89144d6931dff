"""What if something changes? Changes from the words of a call, and their answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from entrepot.errors import UnknownNameError

if TYPE_CHECKING:
    from entrepot.answers.answer import Answer
    from entrepot.engine.engine import Engine
    from entrepot.facts.change import Change
    from entrepot.facts.world import World


def what_if(
    engine: Engine | World, changes: Sequence[Change], pair: tuple[str, str], **options: Any
) -> Answer:
    """Solve the world before and after changes: trade, routes and income of two economies.

    engine  : an open engine, or facts to open one on
    changes : what differs, in this order
    pair    : economies whose trade, routes and income are shown, alpha-3
    options : model (coupled, sectors, full, conditional, partial), hold (of transport, income,
              other_markets), horizon (long, short), deficit, draws for the ranges, on,
              turnover_musd
    Tables: what_if (before, after and change, with P10 and P90 where there are draws) and trade_run.
    Raises UsageError and BadInputError for changes that cannot be made.

    >>> world = ep.load_world()
    >>> free = ep.Change("tariffs", "IRN,KAZ,cereals", "rate", "set", "0")
    >>> answer = ep.what_if(world, [free], ("IRN", "KAZ"), hold=("transport",))
    >>> answer
    <Answer what_if: 5 rows of 4 tables, ok>
    """
    from entrepot.api.questions import ask
    from entrepot.questions.what_if.question import ChangeOptions

    given = tuple(ChangeOptions.of(change).model_dump() for change in changes)
    return ask(engine, "what_if", pair=pair, changes=given, **options)


@dataclass(frozen=True)
class ChangeWords:
    """Changes in the words of a command.

    texts        : by kind: set, tariff, cost, friction
    close        : places, links, crossings, countries or mode:sea; transit_only: to transit only
    measures     : ids of measures of a dossier, at their middle size
    file         : of [[change]] tables
    """

    texts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    close: Sequence[str] = ()
    transit_only: bool = False
    measures: Sequence[str] = ()
    dossier: str | None = None
    file: Path | None = None


def read_words(world: World, words: ChangeWords, on: str | None = None) -> tuple[Change, ...]:
    """Changes from the words of a command; those of a file come first.

    on : day on which measures are looked at. Raises UsageError or UnknownNameError.
    """
    from entrepot.facts.files import read_text
    from entrepot.facts.read_changes import read_changes
    from entrepot.questions.what_if.closures import closure
    from entrepot.questions.what_if.steps import read_steps

    return (
        *(() if words.file is None else read_changes(read_text(words.file))),
        *_measures(world, words, on or world.meta["default_date"]),
        *(closure(world, text, transit_only=words.transit_only) for text in words.close),
        *read_steps(world, {kind: list(texts) for kind, texts in words.texts.items()}),
    )


def _measures(world: World, words: ChangeWords, day: str) -> tuple[Change, ...]:
    from entrepot.dossier import load_dossier
    from entrepot.engine.packages import changes_at, in_order

    if not words.measures:
        return ()
    name = words.dossier
    folder = Path(name) if name is not None and Path(name).is_dir() else name
    known = {m.id: m for m in load_dossier(folder, world).all_measures}
    for own in words.measures:
        if own not in known:
            raise UnknownNameError(own, "measure", known)
    made = [
        replace(change, reason=f"--measure {own}")
        for own in words.measures
        for change in changes_at([known[own]], {}, day)
    ]
    return in_order(made)

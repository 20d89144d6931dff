"""Objects that hold arrays, tables or worlds say so in one line."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import pkgutil
import re

import numpy as np
import pandas as pd
import pytest

import entrepot
from entrepot.answers.answer import make_answer
from entrepot.dossier import load_dossier
from entrepot.engine.engine import Engine
from entrepot.facts.world import World
from entrepot.kernels.short_repr import short_repr
from entrepot.routes.find import find_routes
from entrepot.routes.query import RouteQuery
from entrepot.routes.session import Session
from entrepot.trade.world.trade_world import TradeWorld

MOST = 300
HEAVY = re.compile(r"Array|DataFrame|ndarray|\bSeries\b|\bRaw\b|\bWorld\b|\bSession\b")
# Rooms whose objects are handed from one step of the model to the next.
ROOMS = (
    "answers", "assignment", "cost", "dossier", "engine", "equilibrium", "facts", "flows",
    "kernels", "network", "routes", "trade", "uncertainty",
)  # fmt: skip
# Their line is made of what their fields mean, so they are tested as they are made.
READ = ("Answer", "AnswerWorld", "DrawnEngine", "Engine", "World")


def heavy_classes() -> list[type]:
    """Dataclasses with a field that holds an array, a table or a world."""
    out = []
    for module in pkgutil.walk_packages(entrepot.__path__, "entrepot."):
        if module.name.split(".")[1] not in ROOMS:
            continue
        for kind in vars(importlib.import_module(module.name)).values():
            own = inspect.isclass(kind) and kind.__module__ == module.name
            if own and dataclasses.is_dataclass(kind) and kind.__name__ not in READ:
                shown = [f for f in dataclasses.fields(kind) if f.repr]
                if any(HEAVY.search(str(f.type)) for f in shown):
                    out.append(kind)
    return out


@pytest.mark.parametrize("kind", heavy_classes(), ids=lambda k: k.__qualname__)
def test_the_repr_of_each_is_short(kind: type) -> None:
    """Whatever the fields hold: here large arrays, tables and long texts."""
    values = [np.zeros((30, 40)), pd.DataFrame({"a": range(500)}), "x" * 999, ("long",) * 500, {}]
    for value in values:
        thing = object.__new__(kind)
        for f in dataclasses.fields(kind):
            object.__setattr__(thing, f.name, value)
        assert len(repr(thing)) < MOST
        assert "\n" not in repr(thing)


def test_what_is_made_of_the_shipped_facts(shipped: World, session: Session) -> None:
    routes = find_routes(shipped, RouteQuery("almaty", "tehran"), session=session)
    trade = TradeWorld.of_world(shipped)
    answer = make_answer("units", {"units": shipped.table("units")}, world=shipped)
    made = [shipped, session, routes, routes.pricing, session.network, trade, routes.candidates[0],
            trade.baseline(), load_dossier(None, shipped), answer, answer.world, Engine.open(shipped)]  # fmt: skip
    for thing in made:
        assert len(repr(thing)) < MOST, type(thing)


def test_a_line_shows_plain_values_and_sizes() -> None:
    @short_repr
    @dataclasses.dataclass(frozen=True)
    class Thing:
        name: str
        size: np.ndarray
        parts: tuple[int, ...]
        hidden: int = dataclasses.field(default=0, repr=False)

    assert (
        repr(Thing("a", np.zeros((2, 3)), (1, 2))) == "<Thing name='a', size=2×3, parts=tuple of 2>"
    )

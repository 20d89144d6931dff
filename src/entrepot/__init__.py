"""entrepot says what a freight corridor is worth.

    import entrepot as ep

    world = ep.load_world()
    routes = ep.find_routes(world, ep.RouteQuery("almaty", "tehran", unit="feu"))
    routes.to_frame()[["name", "days_p50", "usd_per_unit_p50"]]

Names load when they are asked for, so that the import is quick. `docs/api.md` has them all.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from entrepot import errors
    from entrepot.answers.answer import Answer
    from entrepot.answers.run import Run
    from entrepot.api import (
        assign_traffic,
        check_claims,
        check_world,
        estimate_gravity,
        explain_route,
        explain_trade,
        find_routes,
        load_dossier,
        load_world,
        open_run,
        read_claims,
        run_study,
    )
    from entrepot.dossier.objects import Dossier
    from entrepot.facts.change import Change
    from entrepot.facts.world import World
    from entrepot.routes.query import RouteQuery

__version__ = "0.1.0"

# Where each public name lives.
_HOME = {
    "Answer": "entrepot.answers.answer",
    "Change": "entrepot.facts.change",
    "Dossier": "entrepot.dossier.objects",
    "RouteQuery": "entrepot.routes.query",
    "Run": "entrepot.answers.run",
    "World": "entrepot.facts.world",
    "assign_traffic": "entrepot.api",
    "check_claims": "entrepot.api",
    "check_world": "entrepot.api",
    "estimate_gravity": "entrepot.api",
    "explain_route": "entrepot.api",
    "explain_trade": "entrepot.api",
    "find_routes": "entrepot.api",
    "load_dossier": "entrepot.api",
    "load_world": "entrepot.api",
    "open_run": "entrepot.api",
    "read_claims": "entrepot.api",
    "run_study": "entrepot.api",
}

__all__ = [
    "Answer",
    "Change",
    "Dossier",
    "RouteQuery",
    "Run",
    "World",
    "assign_traffic",
    "check_claims",
    "check_world",
    "errors",
    "estimate_gravity",
    "explain_route",
    "explain_trade",
    "find_routes",
    "load_dossier",
    "load_world",
    "open_run",
    "read_claims",
    "run_study",
]


def __getattr__(name: str) -> Any:
    """Load a public name the first time it is asked for."""
    if name == "errors":
        return import_module("entrepot.errors")
    if name not in _HOME:
        raise AttributeError(
            f"Module 'entrepot' has no name '{name}'. Known: {', '.join(__all__)}."
        )
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

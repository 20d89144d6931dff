"""entrepot says what a freight corridor is worth.

    import entrepot as ep

    world = ep.load_world()
    routes = ep.find_routes(world, ep.RouteQuery("almaty", "tehran", unit="feu"))
    routes.to_frame()[["name", "days_p50", "usd_per_unit_p50"]]

Names load when they are asked for, so that the import is quick. `docs/api.md` has them all.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False  # as in typing, whose import takes longer than all else here
if TYPE_CHECKING:
    from typing import Any

    from entrepot import errors
    from entrepot.answers.answer import Answer
    from entrepot.answers.run import Run
    from entrepot.api.dossiers import check_claims, load_dossier, read_claims
    from entrepot.api.questions import ask
    from entrepot.api.routes import explain_route, find_routes
    from entrepot.api.runs import open_run, run_study
    from entrepot.api.trade import estimate_gravity, explain_trade
    from entrepot.api.traffic import assign_traffic
    from entrepot.api.what_if import what_if
    from entrepot.api.worlds import check_world, load_world
    from entrepot.dossier.objects import Dossier
    from entrepot.engine.engine import Engine
    from entrepot.engine.spec import Turnover
    from entrepot.facts.change import Change
    from entrepot.facts.world import World
    from entrepot.routes.query import RouteQuery
    from entrepot.trade.readers.read import read_flows

__version__ = "0.1.0"

# Where each public name lives.
_HOME = {
    "Answer": "entrepot.answers.answer",
    "Change": "entrepot.facts.change",
    "Dossier": "entrepot.dossier.objects",
    "Engine": "entrepot.engine.engine",
    "RouteQuery": "entrepot.routes.query",
    "Run": "entrepot.answers.run",
    "Turnover": "entrepot.engine.spec",
    "World": "entrepot.facts.world",
    "ask": "entrepot.api.questions",
    "assign_traffic": "entrepot.api.traffic",
    "check_claims": "entrepot.api.dossiers",
    "check_world": "entrepot.api.worlds",
    "estimate_gravity": "entrepot.api.trade",
    "explain_route": "entrepot.api.routes",
    "explain_trade": "entrepot.api.trade",
    "find_routes": "entrepot.api.routes",
    "load_dossier": "entrepot.api.dossiers",
    "load_world": "entrepot.api.worlds",
    "open_run": "entrepot.api.runs",
    "read_claims": "entrepot.api.dossiers",
    "read_flows": "entrepot.trade.readers.read",
    "run_study": "entrepot.api.runs",
    "what_if": "entrepot.api.what_if",
}

__all__ = [
    "Answer",
    "Change",
    "Dossier",
    "Engine",
    "RouteQuery",
    "Run",
    "Turnover",
    "World",
    "ask",
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
    "read_flows",
    "run_study",
    "what_if",
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

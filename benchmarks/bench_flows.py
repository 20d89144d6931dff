"""Route sets of all zones, from nothing and from the cache, and a skim and a load of all classes.

python benchmarks/bench_flows.py
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from entrepot.facts.load import load_world
from entrepot.flows import route_cache
from entrepot.flows.flow_model import FlowModel
from entrepot.flows.route_sets import find_route_sets
from entrepot.routes.cargo_class import all_classes
from entrepot.routes.session import Session

JOBS = (1, 2)
ROUNDS = 5
MEMORY = """
import resource
from bench_flows import ready
model = ready()
model.load(model.skim().reached)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def quickest(run: Callable[[], Any], rounds: int = ROUNDS) -> float:
    best = np.inf
    for _ in range(rounds):
        start = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - start)
    return best


def ready() -> FlowModel:
    """The model of the shipped world from nothing but what the cache has."""
    return FlowModel.of(Session.open(load_world()))


def building() -> list[tuple[str, str]]:
    """Seconds to find all sets, arcs to be priced first; leaves them in the cache."""
    world, steps = load_world(), []
    for jobs in JOBS:
        session = Session.open(world)
        start = time.perf_counter()
        routes = find_route_sets(session, jobs=jobs)
        seconds = time.perf_counter() - start
        many = "1 process" if jobs == 1 else f"{jobs} processes"
        steps.append((f"find the routes of all pairs, {many}, s", f"{seconds:.1f}"))
    path, sets = route_cache.cache_path(session), routes.sets
    assert path is not None
    route_cache.write_sets(path, sets)
    reached = routes.pairs.n_pair - len(routes.unreached)
    steps += [
        ("pairs of hubs, of which reached", f"{routes.pairs.n_pair:,}, {reached:,}"),
        ("routes", f"{sets.n_route:,}"),
        ("entries (arcs of routes)", f"{len(sets.arcs):,}"),
    ]
    return steps


def using() -> list[tuple[str, str]]:
    """Seconds of what comes after, with the sets in the cache."""
    session = Session.open(load_world())
    classes = all_classes(session.world)
    (file,) = Path(os.environ[route_cache.VARIABLE]).glob("*.npz")
    routes = route_cache.cached_route_sets(session)
    model = FlowModel.on_sets(session, routes, classes)
    tonnes = np.random.default_rng(0).uniform(0, 1e5, (len(classes),) + 2 * (len(model.zones),))
    at_borders = np.where(model.crossing >= 0, 10.0, 0.0)
    n = len(classes)
    return [
        (
            "sets from the cache, facts hashed, s",
            f"{quickest(lambda: route_cache.cached_route_sets(session)):.2f}",
        ),
        ("file of the cache, MB", f"{file.stat().st_size / 1e6:.1f}"),
        (
            f"price all routes for {n} classes, arcs priced before, s",
            f"{quickest(lambda: FlowModel.on_sets(session, routes, classes)):.2f}",
        ),
        (f"skim of {n} classes, s", f"{quickest(model.skim):.2f}"),
        (f"load of {n} classes, s", f"{quickest(lambda: model.load(tonnes)):.2f}"),
        (
            "ten hours at every border: other costs, skim and load, s",
            f"{quickest(lambda: _again(model, at_borders, tonnes)):.2f}",
        ),
    ]


def _again(model: FlowModel, hours: np.ndarray, tonnes: np.ndarray) -> None:
    costs = model.dearer(hours=hours)
    model.skim(costs)
    model.load(tonnes, costs)


def fresh_process() -> list[tuple[str, str]]:
    """A process of its own: facts read, network built, sets from the cache, all priced and loaded."""
    start = time.perf_counter()
    made = subprocess.run(
        [sys.executable, "-c", MEMORY],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parent,
    )
    seconds = time.perf_counter() - start
    peak = int(made.stdout) * (1 if sys.platform == "darwin" else 1024) / 1e6
    return [
        ("a new process, from facts to skim and load, s", f"{seconds:.1f}"),
        ("its peak memory, MB", f"{peak:.0f}"),
    ]


def main() -> str:
    """A table of steps."""
    kept = os.environ.get(route_cache.VARIABLE)
    with tempfile.TemporaryDirectory() as folder:
        os.environ[route_cache.VARIABLE] = folder
        try:
            steps = building() + using() + fresh_process()
        finally:
            if kept is None:
                del os.environ[route_cache.VARIABLE]
            else:
                os.environ[route_cache.VARIABLE] = kept
    return "\n".join(["| step | figure |", "|---|---:|"] + [f"| {s} | {f} |" for s, f in steps])


if __name__ == "__main__":
    print(main())

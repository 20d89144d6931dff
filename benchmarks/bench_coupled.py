"""The coupled equilibrium of the shipped world: solving it, its slopes, and draws of a study.

python benchmarks/bench_coupled.py
"""

from __future__ import annotations

import os
import pickle
import resource
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from bench_flows import quickest
from entrepot.equilibrium.coupled import CoupledWorld, Scenario
from entrepot.equilibrium.loop import Equilibrium, solve
from entrepot.equilibrium.objectives import pair_trade, welfare
from entrepot.equilibrium.sensitivity import gradient
from entrepot.facts.load import load_world
from entrepot.flows.flow_model import FlowModel
from entrepot.kernels.paths.shortest_paths import share_cores
from entrepot.questions.promises.promises import ALONE_DRAWS
from entrepot.routes.session import Session
from entrepot.studies.answers import asked_of_coupled
from entrepot.studies.coupled_jobs import CoupledAnswers
from entrepot.studies.definition import find_study
from entrepot.trade.world.trade_world import TradeWorld

GAP = 1e-8
DRAWS = int(os.environ.get("COUPLED_DRAWS", "500"))
JOBS = 2
BORDER = ("bolashak-serhetyaka:rail",)
PAIR = ("IRN", "KAZ")


def scenarios(world: CoupledWorld) -> dict[str, tuple[Scenario, Scenario]]:
    """Scenarios, and the same a hundredth larger."""
    model, spots = world.response.model, world.bottlenecks

    def at(names: tuple[str, ...], hours: float) -> Scenario:
        chosen = [k for k, n in enumerate(spots.name) if n in names]
        arcs = np.isin(spots.of_arc, chosen)
        return Scenario(cost=model.dearer(hours=np.where(arcs, hours, 0.0)).total)

    def scaled(factor: float) -> Scenario:
        return Scenario(capacity=np.full(len(spots), factor))

    every = tuple(spots.name[k] for k in range(len(spots)) if spots.place[k] == "border")
    return {
        "ten hours more at one border": (at(BORDER, 10.0), at(BORDER, 10.1)),
        "two hours less at every land border": (at(every, -2.0), at(every, -2.02)),
        "all known capacities cut by a tenth": (scaled(0.9), scaled(0.899)),
        "all known capacities halved": (scaled(0.5), scaled(0.495)),
    }


def averaged(world: CoupledWorld, scenario: Scenario, most: int = 60) -> tuple[float, int]:
    """Gap that the method of successive averages has after so many turns of the same map."""
    traffic, gap = world.traffic, np.inf
    for k in range(most):
        point = world.point(scenario, traffic, tol=1e-6)
        gap = float(np.abs(point.answer - traffic).sum() / point.answer.sum())
        if gap < GAP:
            return gap, k + 1
        traffic = traffic + (point.answer - traffic) / (k + 1)
    return gap, most


def solving(world: CoupledWorld) -> str:
    rows = []
    solve(world, next(iter(scenarios(world).values()))[0])
    for name, (own, like) in scenarios(world).items():
        found = solve(world, own, gap=GAP)
        cold = quickest(lambda own=own: solve(world, own, gap=GAP))
        warm = quickest(lambda like=like, found=found: solve(world, like, start=found, gap=GAP))
        gap, turns = averaged(world, own)
        rows.append(
            f"| {name} | {found.status} | {found.iterations} | {cold:.2f} | {warm:.2f} "
            f"| {gap:.0e} after {turns} |"
        )
    head = (
        "| scenario | status | turns | seconds | a hundredth more, from there, s "
        "| successive averages: gap |\n|---|---|---:|---:|---:|---:|"
    )
    return "\n".join((head, *rows))


def slopes(world: CoupledWorld) -> str:
    base = solve(world)
    found: Equilibrium = solve(world, scenarios(world)["ten hours more at one border"][0])
    forward = quickest(lambda: solve(world, found.scenario, gap=GAP))
    rows = []
    for name, aim in (
        ("trade of a pair", pair_trade(base, *PAIR)),
        ("income of all", welfare(base)),
    ):
        gradient(base, aim)
        seconds = quickest(lambda aim=aim: gradient(base, aim))
        out = gradient(base, aim)
        rows.append(
            f"| {name} | {seconds:.2f} | {seconds / forward:.1f} | {out.iterations} | {out.residual:.0e} |"
        )
    head = (
        "| slopes of | seconds for all arcs | over a forward solution | products | residual |\n"
        "|---|---:|---:|---:|---:|"
    )
    return "\n".join((head, *rows))


_HERE: dict[str, CoupledAnswers] = {}


def _begin() -> None:
    share_cores(JOBS)
    study = find_study("iran-kazakhstan")
    ask = asked_of_coupled(study, study.seed)
    if ask is None:
        raise SystemExit("the study asks nothing of the coupled world")
    ask = replace(ask, draws=DRAWS)
    _HERE["answers"] = CoupledAnswers.of(Session.open(load_world()), ask)


def _alone(k: int) -> object:
    return _HERE["answers"].alone(k)


_ALONE: list[tuple[object, ...]] = []


def _draw(path: str, d: int) -> tuple[bool, int]:
    if not _ALONE:
        _ALONE.append(pickle.loads(Path(path).read_bytes()))
    own = _HERE["answers"]
    found = own.promises(_ALONE[0], d)  # type: ignore[arg-type]
    return found is not None, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def drawing() -> str:
    study = find_study("iran-kazakhstan")
    with (
        tempfile.TemporaryDirectory() as folder,
        ProcessPoolExecutor(JOBS, get_context("spawn"), _begin) as pool,
    ):
        _begin()
        alone = tuple(pool.map(_alone, range(len(_HERE["answers"].measures))))
        _HERE.clear()
        path = Path(folder) / "alone"
        path.write_bytes(pickle.dumps(alone))
        list(pool.map(_draw, [str(path)] * 4 * JOBS, range(4 * JOBS)))  # compiled code is loaded
        start = time.perf_counter()
        found = list(pool.map(_draw, [str(path)] * DRAWS, range(DRAWS)))
        seconds = time.perf_counter() - start
    memory = [m / 1024 for _, m in found]
    failed = sum(not good for good, _ in found)
    return (
        f"Draws of the study {study.name} (a new baseline and three coupled solutions each, and in the first "
        f"{ALONE_DRAWS} the slopes of the pair's trade along every measure): {DRAWS} draws by {JOBS} processes in {seconds:.0f} s, "
        f"{seconds / DRAWS:.2f} s each, {failed} failed; memory of a process {max(memory[: DRAWS // 4]):.0f} MiB in the first "
        f"quarter and {max(memory):.0f} MiB in the end."
    )


def main() -> str:
    FlowModel.of(Session.open(load_world()))  # leaves the route sets on disk
    start = time.perf_counter()
    world_facts = load_world()
    session = Session.open(world_facts)
    model = FlowModel.of(session)
    facts = TradeWorld.of_world(world_facts, detail="commodity")
    world = CoupledWorld.of(model, facts)
    ready = time.perf_counter() - start
    zones, goods = len(facts.zones), len(facts.sectors)
    size = (
        f"{zones} economies, {goods} commodities, {len(world.bottlenecks)} bottlenecks, "
        f"{model.routes.sets.n_route:,} routes; gap {GAP:.0e} and labour markets to 1e-10. From facts and cached "
        f"route sets to the baseline: {ready:.1f} s."
    )
    return "\n\n".join((size, solving(world), slopes(world), drawing()))


if __name__ == "__main__":
    print(main())

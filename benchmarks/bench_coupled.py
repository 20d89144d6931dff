"""The coupled equilibrium of the shipped world: solving it, its slopes, and draws of a study.

python benchmarks/bench_coupled.py
"""

from __future__ import annotations

import os
import resource
import time

import numpy as np

from bench_flows import quickest
from entrepot.engine.engine import Engine
from entrepot.engine.question import Job, Records
from entrepot.engine.spec import EngineSpec
from entrepot.equilibrium.coupled import CoupledWorld, Scenario
from entrepot.equilibrium.loop import Equilibrium, solve
from entrepot.equilibrium.objectives import pair_trade, welfare
from entrepot.equilibrium.sensitivity import gradient
from entrepot.facts.load import load_world
from entrepot.flows.flow_model import FlowModel
from entrepot.questions.promises.options import PromiseOptions
from entrepot.questions.promises.promises import ALONE_DRAWS
from entrepot.questions.promises.question import ALONE, draw
from entrepot.questions.promises.question import DRAWS as DRAWN
from entrepot.questions.registry import question
from entrepot.routes.session import Session
from entrepot.studies.definition import find_study
from entrepot.studies.executors import Processes
from entrepot.studies.plan import engine_spec, make_plan
from entrepot.trade.world.trade_world import TradeWorld

GAP = 1e-8
DRAWS = int(os.environ.get("COUPLED_DRAWS", "500"))
JOBS = 2
STUDY = "iran-kazakhstan"
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


def drawing() -> str:
    """Draws of the promises of a study, by the executor that a study uses."""
    study, world = find_study(STUDY), load_world()
    options = study.options("promises")
    if options is None:
        raise SystemExit(f"{STUDY} asks for no promises")
    options = options.model_copy(update={"draws": DRAWS})
    spec = engine_spec(world, make_plan(study.requests), EngineSpec(seed=study.head.seed))
    engine = Engine.of(world, spec)
    with Processes(JOBS) as executor:
        executor.open(world)
        executor.prepare(spec)
        tasks = {
            job.key: executor.submit(spec, job, options)
            for job in question(ALONE).jobs(engine, options, {})
        }
        alone = executor.share({ALONE: {key: task.result() for key, task in tasks.items()}})
        jobs = question(DRAWN).jobs(engine, options, {})
        for job in jobs[: 4 * JOBS]:  # compiled code is loaded
            executor.submit(spec, job, options, alone).result()
        start = time.perf_counter()
        found = [executor.submit(spec, Job(j.key, _draw, j.args), options, alone) for j in jobs]
        drawn = [one.result() for one in found]
        seconds = time.perf_counter() - start
    memory = [m / 1024 for _, m in drawn]
    failed = sum(not good for good, _ in drawn)
    return (
        f"Draws of the study {study.name} (a new baseline and three coupled solutions each, and in the first "
        f"{ALONE_DRAWS} the slopes of the pair's trade along every measure): {DRAWS} draws by {JOBS} processes in {seconds:.0f} s, "
        f"{seconds / DRAWS:.2f} s each, {failed} failed; memory of a process {max(memory[: max(1, DRAWS // 4)]):.0f} MiB in the first "
        f"quarter and {max(memory):.0f} MiB in the end."
    )


def _draw(engine: Engine, options: PromiseOptions, done: Records, d: int) -> tuple[bool, int]:
    """Whether a draw has an answer, and the memory of the process that gave it."""
    found = draw(engine, options, done, d)
    return found is not None, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


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

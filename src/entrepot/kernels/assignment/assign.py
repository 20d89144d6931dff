"""Deterministic user equilibrium on congested links (Wardrop 1952; Beckmann 1956).

    every used path of a pair costs the least that any path of the pair costs,
    which minimises  sum over links of the integral of its cost from zero to its volume

Bushes of arcs by origin carry the flow (Algorithm B: Dial 2006, Nie 2010). An iteration updates
all bushes, shifts flow within each, and makes a Newton step for all of them together. Bushes are
updated by several threads, each row by one of them and from the same costs, and sums are formed
in a fixed order, so that the result is the same to the bit for any number of threads.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numba import njit

from entrepot.kernels.arrays import FloatArray, Int32Array
from entrepot.kernels.assignment.bush import Bushes, Demand, Roads, empty_bushes, load, plant
from entrepot.kernels.assignment.bush_newton import newton_step
from entrepot.kernels.assignment.bush_shift import sweep
from entrepot.kernels.assignment.bush_update import update
from entrepot.kernels.assignment.certificate import (
    Certificate,
    certify,
    relative_gap,
)
from entrepot.kernels.assignment.link_costs import (
    LinkCosts,
    beckmann,
    fill,
    link_costs,
)
from entrepot.kernels.assignment.problem import (
    AssignmentProblem,
    Links,
    Trips,
    links,
    prepare,
    trips,
)
from entrepot.kernels.paths.shortest_paths import cores
from entrepot.kernels.short_repr import short_repr
from entrepot.kernels.status import Status

SWEEPS = 5  # over all bushes in one iteration
NEWTON_BELOW = 1e-2  # relative gap; above it bushes change too much for the step to pay
# Rounds of the step's own solver and conjugate gradients in each. Above the gap, arcs still come
# and go, and a step worked out to the end would not be worth its time.
ROUGH_ABOVE = 3e-6
ROUGH, FINE = (3, 5), (20, 30)
ENOUGH = 1e-3  # of the squared gradient may be left in a step
PATIENCE = 25  # iterations without a smaller gap
PROGRESS = 0.9  # of the gap must not be left by then
BLOCKS_PER_THREAD = 4
SMALL = 200_000  # arcs in all bushes, below which threads take longer than they save


@short_repr
@dataclass(frozen=True, slots=True)
class Uses:
    """Links that trips use, by origin and class, to start from another time.

    origin : (n_row,) node
    kind   : (n_row,) class
    start  : (n_row + 1,) first use of each row
    link   : (n_use,) link
    flow   : (n_use,) above zero
    """

    origin: Int32Array
    kind: Int32Array
    start: Int32Array
    link: Int32Array
    flow: FloatArray


@short_repr
@dataclass(frozen=True, slots=True)
class Assignment:
    """An assignment with its certificate.

    volume      : (n_link,) volume of all classes
    volumes     : (n_kind, n_link) by class
    cost        : (n_link,) cost at the volume, without what is a class's own; infinite if closed
    objective   : Beckmann's
    certificate : gap, balance and what was loaded, from the volumes alone
    history     : (n_iteration + 1,) relative gap before each iteration and at the end
    clock       : (n_iteration + 1,) seconds from the start at which it was known
    seconds     : of solving, before the certificate
    threads     : used
    asked       : all trips
    cut_off     : positions of pairs of trips without a route
    intrazonal  : positions of trips from a node to itself
    uses        : what to start from another time
    status      : why it stopped
    """

    volume: FloatArray
    volumes: FloatArray
    cost: FloatArray
    objective: float
    certificate: Certificate
    history: FloatArray
    clock: FloatArray
    seconds: float
    threads: int
    asked: float
    cut_off: Int32Array
    intrazonal: Int32Array
    uses: Uses
    status: Status

    @property
    def iterations(self) -> int:
        return len(self.history) - 1

    @property
    def converged(self) -> bool:
        return self.status in (Status.CONVERGED, Status.EMPTY)


def assign(
    world: Links,
    asked: Trips,
    *,
    gap: float = 1e-10,
    iterations: int = 1000,
    threads: int | None = None,
    warm: Uses | None = None,
) -> Assignment:
    """Assign trips to links.

    gap        : relative gap to reach
    iterations : at most
    threads    : at most; None takes the cores this process may use
    warm       : uses of an assignment on the same links, for other trips or costs
    """
    begin = time.perf_counter()
    threads = threads or cores()
    flow = np.zeros(len(world.tail))
    if warm is not None:
        if len(warm.link) and not 0 <= warm.link.min() <= warm.link.max() < len(flow):
            raise ValueError("The uses to start from are of links that are not there.")
        np.add.at(flow, warm.link, warm.flow)
    problem = prepare(world, asked, flow, threads)
    n_row, n_arc = len(problem.demand.origin), len(problem.link)
    threads = max(1, min(threads, n_row)) if n_row * n_arc > SMALL else 1
    bushes = empty_bushes(n_row, len(problem.net.in_start) - 1, n_arc)
    plant(bushes, problem.net, problem.demand, problem.tree, *_used(problem, world, warm))
    n_kind = len(problem.extra)
    roads = Roads(np.zeros(n_arc), np.zeros(n_arc), np.empty((n_kind, n_arc)), problem.extra)
    volumes = np.zeros((n_kind, n_arc))
    with ThreadPoolExecutor(threads) as pool:
        runner = _runner(pool, n_row, threads)
        history, clock, status = _iterate(
            problem, bushes, roads, volumes, gap, iterations, runner, begin
        )
    seconds = time.perf_counter() - begin
    proof = certify(problem, volumes, roads.price, threads)
    if n_row == 0:
        status = Status.EMPTY
    elif status is Status.CONVERGED and proof.gap > gap:
        status = Status.STALLED
    every = np.zeros((n_kind, len(world.tail)))
    every[:, problem.link] = volumes
    volume = every.sum(axis=0)
    cost = np.empty(len(volume))
    fill(world.costs, volume, cost, np.empty(len(volume)))
    return Assignment(
        volume,
        every,
        cost,
        beckmann(world.costs, volume) + float((world.extra * every).sum()),
        proof,
        np.array(history),
        np.array(clock),
        seconds,
        threads,
        float(asked.amount.sum()),
        problem.cut_off,
        problem.intrazonal,
        _uses(problem, bushes),
        status,
    )


Runner = Callable[[Callable[[int, int], None]], None]


def _runner(pool: ThreadPoolExecutor, n_row: int, threads: int) -> Runner:
    """Runs work on rows first .. end - 1 that together are all."""
    cuts = np.linspace(0, n_row, min(n_row, threads * BLOCKS_PER_THREAD) + 1).astype(int).tolist()

    def run(work: Callable[[int, int], None]) -> None:
        if threads == 1:
            work(0, n_row)
        else:
            list(pool.map(lambda block: work(*block), pairwise(cuts)))

    return run


def _iterate(
    problem: AssignmentProblem,
    bushes: Bushes,
    roads: Roads,
    volumes: FloatArray,
    gap: float,
    iterations: int,
    run: Runner,
    begin: float,
) -> tuple[list[float], list[float], Status]:
    """Iterate in place; history of the gap, seconds, and why it stopped."""
    net, demand, costs = problem.net, problem.demand, problem.costs
    least = np.zeros(len(demand.origin))
    ones = np.ones(len(least))
    history: list[float] = []
    clock: list[float] = []
    best, since = np.inf, 0
    while True:
        _load(bushes, demand, costs, roads, volumes)
        run(lambda first, end: update(bushes, net, demand, roads.price, first, end, least))
        now, _ = relative_gap(volumes.ravel(), roads.price.ravel(), ones, least)
        history.append(now)
        clock.append(time.perf_counter() - begin)
        if now <= gap:
            return history, clock, Status.CONVERGED
        if now < PROGRESS * best:
            best, since = now, 0
        elif since >= PATIENCE:
            return history, clock, Status.STALLED
        since += 1
        if len(history) > iterations:
            return history, clock, Status.EXHAUSTED
        for _ in range(SWEEPS):
            sweep(bushes, demand, costs, roads)
        if now < NEWTON_BELOW:
            budget = ROUGH if now > ROUGH_ABOVE else FINE
            newton_step(bushes, demand, costs, roads, *budget, ENOUGH)


@njit(cache=True, nogil=True)
def _load(
    bushes: Bushes, demand: Demand, costs: LinkCosts, roads: Roads, volumes: FloatArray
) -> None:
    """Load anew and set prices."""
    load(bushes, demand, volumes)
    roads.volume[:] = 0.0
    for q in range(len(volumes)):
        for a in range(len(roads.volume)):
            roads.volume[a] += volumes[q, a]
    fill(costs, roads.volume, roads.price[0], roads.slope)
    for q in range(len(volumes) - 1, -1, -1):
        for a in range(len(roads.volume)):
            roads.price[q, a] = roads.price[0, a] + roads.extra[q, a]


def warm_up() -> None:
    """Have everything compiled, or loaded from where it was, before time counts."""
    costs = link_costs([1.0, 1.5], 1.0, 1.0, 4.0)
    world = links(2, np.zeros(2), np.ones(2), costs, [True, True])
    # No gap is small enough here, so that every part has its turn.
    done = assign(world, trips([0], [1], [2.0]), gap=-1.0, iterations=4)
    assign(world, trips([0], [1], [2.0]), warm=done.uses)


def _used(
    problem: AssignmentProblem, world: Links, warm: Uses | None
) -> tuple[Int32Array, Int32Array, FloatArray]:
    """Earlier uses by row of the problem: first use of each row, arc, flow."""
    demand = problem.demand
    n_row = len(demand.origin)
    nothing = np.zeros(n_row + 1, dtype=np.int32), np.empty(0, dtype=np.int32), np.empty(0)
    if warm is None:
        return nothing
    arc = np.full(len(world.tail), -1, dtype=np.int32)
    arc[problem.link] = np.arange(len(problem.link))
    rows = {
        (k, o): r
        for r, (k, o) in enumerate(zip(warm.kind.tolist(), warm.origin.tolist(), strict=True))
    }
    back = np.zeros(len(problem.net.in_start) - 1, dtype=np.int32)
    back[problem.exit] = np.arange(world.n_node)
    parts = []
    for k, o in zip(demand.kind.tolist(), back[demand.origin].tolist(), strict=True):
        r = rows.get((k, o))
        parts.append(slice(0, 0) if r is None else slice(warm.start[r], warm.start[r + 1]))
    if not parts:
        return nothing
    arcs = [arc[warm.link[part]] for part in parts]
    flows = [warm.flow[part][a >= 0] for part, a in zip(parts, arcs, strict=True)]
    arcs = [a[a >= 0] for a in arcs]
    start = np.concatenate(([0], np.cumsum([len(a) for a in arcs]))).astype(np.int32)
    return start, np.concatenate(arcs), np.concatenate(flows)


def _uses(problem: AssignmentProblem, bushes: Bushes) -> Uses:
    demand = problem.demand
    back = np.zeros(len(problem.net.in_start) - 1, dtype=np.int32)
    back[problem.exit] = np.arange(len(problem.exit))
    link, flow, count = [], [], [0]
    for r in range(len(demand.origin)):
        entries = bushes.start[r, bushes.size[r, 0]]
        some = bushes.flow[r, :entries] > 0.0
        link.append(problem.link[bushes.arc[r, :entries][some]])
        flow.append(bushes.flow[r, :entries][some])
        count.append(count[-1] + int(some.sum()))
    return Uses(
        back[demand.origin],
        demand.kind,
        np.array(count, dtype=np.int32),
        np.concatenate([np.empty(0, dtype=np.int32), *link]),
        np.concatenate([np.empty(0), *flow]),
    )

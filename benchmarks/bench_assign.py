"""Congested assignment beside AequilibraE's bi-conjugate Frank and Wolfe, and growth with size.

    python benchmarks/bench_assign.py [--networks FOLDER]

The published networks are not part of the project. FOLDER holds Anaheim/Anaheim_net.tntp and so
on; the environment variable TNTP_NETWORKS can name it too. AequilibraE runs in a process of its
own, by the Python that AEQUILIBRAE_PYTHON names or by this one; only its solver is timed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from entrepot.assignment.tntp import read_tntp
from entrepot.kernels.assignment.assign import (
    Assignment,
    assign,
    warm_up,
)
from entrepot.kernels.assignment.link_costs import link_costs
from entrepot.kernels.assignment.problem import (
    Links,
    Trips,
    links,
    trips,
)

ROUNDS = 3
THREADS = 2
GAPS = (1e-4, 1e-6, 1e-10, 1e-12)
PEER_GAPS = (1e-4, 1e-6)
NETWORKS = ("SiouxFalls", "Anaheim", "Winnipeg")
FOLDER, PEER = "TNTP_NETWORKS", "AEQUILIBRAE_PYTHON"
BESIDE = Path(__file__).resolve().parents[2] / "shared" / "tntp"
# Side of the grid, zones, trips.
GRIDS = ((20, 50, 30e3), (50, 200, 150e3), (70, 400, 200e3), (100, 708, 300e3))
GRID_GAP = 1e-6
MOST_PEER_ITERATIONS = 20000

PEER_CODE = """
import json, sys, time, warnings
warnings.simplefilter("ignore")
import numpy as np, pandas as pd
from aequilibrae.matrix import AequilibraeMatrix
from aequilibrae.paths import Graph, TrafficAssignment, TrafficClass
data, gap, cores, most = np.load(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
net = pd.DataFrame({"link_id": np.arange(1, len(data["tail"]) + 1), "a_node": data["tail"] + 1,
    "b_node": data["head"] + 1, "direction": 1, "capacity": data["capacity"],
    "free_flow_time": data["time"], "b": data["b"], "power": np.maximum(data["power"], 1.0)})
graph = Graph()
graph.cost = graph.free_flow_time = net["free_flow_time"].to_numpy()
graph.capacity = net["capacity"].to_numpy()
graph.network, graph.network_ok, graph.status = net, True, "OK"
zones = np.arange(1, int(data["zones"]) + 1)
graph.prepare_graph(zones)
graph.set_graph("free_flow_time")
graph.set_skimming([])
graph.set_blocked_centroid_flows(bool(data["closed"]))
table = AequilibraeMatrix()
table.create_empty(zones=len(zones), matrix_names=["trips"], memory_only=True)
table.index[:] = zones
table.matrices[:, :, 0] = data["trips"]
table.computational_view(["trips"])
best = None
for _ in range(int(sys.argv[5])):
    work = TrafficAssignment()
    work.set_classes([TrafficClass("car", graph, table)])
    work.set_vdf("BPR")
    work.set_vdf_parameters({"alpha": "b", "beta": "power"})
    work.set_capacity_field("capacity")
    work.set_time_field("free_flow_time")
    work.set_algorithm("bfw")
    work.max_iter, work.rgap_target = most, gap
    work.set_cores(cores)
    start = time.perf_counter()
    work.execute()
    seconds = time.perf_counter() - start
    best = seconds if best is None else min(best, seconds)
report = work.report()
import aequilibrae
print("RESULT" + json.dumps({"seconds": best, "iterations": len(report),
    "gap": float(report["rgap"].iloc[-1]), "version": getattr(aequilibrae, "__version__", "")}))
"""


def problem(folder: Path, name: str) -> tuple[Links, Trips, dict[str, np.ndarray]]:
    """A published network, and the same as arrays for the peer."""
    road, table = read_tntp(
        folder / name / f"{name}_net.tntp", folder / name / f"{name}_trips.tntp"
    )
    costs = link_costs(road.free_flow_time, road.b, road.capacity, road.power)
    square = np.zeros((len(road.zone), len(road.zone)))
    square[table.origin, table.destination] = table.amount
    arrays = {
        "tail": road.tail.astype(np.int64),
        "head": road.head.astype(np.int64),
        "capacity": road.capacity,
        "time": road.free_flow_time,
        "b": road.b,
        "power": road.power,
        "zones": np.array(len(road.zone)),
        "closed": np.array(road.is_closed.any()),
        "trips": square,
    }
    there = links(len(road.node), road.tail, road.head, costs, road.is_closed)
    return there, trips(table.origin, table.destination, table.amount), arrays


def grid(side: int, zones: int, total: float, seed: int = 7) -> tuple[Links, Trips]:
    """A square of side x side crossings, roads both ways, zones joined to crossings at random."""
    draw = np.random.default_rng(seed)
    n = side * side
    cell = np.arange(n).reshape(side, side)
    tail = np.concatenate([cell[:, :-1], cell[:, 1:], cell[:-1].T, cell[1:].T], axis=None)
    head = np.concatenate([cell[:, 1:], cell[:, :-1], cell[1:].T, cell[:-1].T], axis=None)
    m = len(tail)
    time_, capacity = draw.lognormal(0.0, 0.3, m), draw.choice([500.0, 1000.0, 2000.0], m)
    centre, at = n + np.arange(zones), draw.choice(n, zones, replace=False)
    costs = link_costs(
        np.append(time_, np.full(2 * zones, 0.5)),
        np.append(np.full(m, 0.15), np.zeros(2 * zones)),
        np.append(capacity, np.ones(2 * zones)),
        4.0,
    )
    closed = np.arange(n + zones) >= n
    there = links(n + zones, [*tail, *centre, *at], [*head, *at, *centre], costs, closed)
    origin, destination = (a.ravel() for a in np.meshgrid(centre, centre, indexing="ij"))
    amount = np.where(origin == destination, 0.0, draw.lognormal(0.0, 1.0, zones * zones))
    return there, trips(origin, destination, amount * total / amount.sum())


def quickest(there: Links, asked: Trips, gap: float, **more: object) -> Assignment:
    runs = [assign(there, asked, gap=gap, **more) for _ in range(ROUNDS)]  # type: ignore[arg-type]
    return min(runs, key=lambda run: run.seconds)


def peer(arrays: dict[str, np.ndarray], gap: float) -> dict[str, float] | None:
    """AequilibraE's seconds to a gap; nothing where it is not installed."""
    python = os.environ.get(PEER, sys.executable)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "world.npz"
        np.savez(file, **arrays)  # type: ignore[arg-type]
        rounds = 1 if gap < PEER_GAPS[0] else ROUNDS
        call = [python, "-c", PEER_CODE, file, gap, THREADS, MOST_PEER_ITERATIONS, rounds]
        done = subprocess.run([str(part) for part in call], capture_output=True, text=True)
    for line in done.stdout.splitlines():
        if "RESULT" in line:
            return dict(json.loads(line.split("RESULT", 1)[1]))
    print(done.stderr[-500:], file=sys.stderr)
    return None


def known(run: Assignment, gap: float) -> str:
    """Seconds after which the gap was known to be met."""
    met = np.flatnonzero(run.history <= gap)
    return f"{run.clock[met[0]]:.2g}" if len(met) else "not met"


def published(folder: Path) -> list[str]:
    lines = [
        "| network | pairs | 1e-4 | 1e-6 | 1e-10 | 1e-12 | AequilibraE to 1e-4 | to 1e-6 "
        "| times ours at 1e-4 | at 1e-6 |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    starts = [
        "| network | from nothing to 1e-6 | warm | from nothing to 1e-10 | warm |",
        "|---|---:|---:|---:|---:|",
    ]
    for name in NETWORKS:
        print(name, file=sys.stderr, flush=True)
        there, asked, arrays = problem(folder, name)
        run = quickest(there, asked, GAPS[-1], threads=THREADS)
        row = [name, f"{int((asked.amount > 0).sum()):,}", *(known(run, g) for g in GAPS)]
        ratios = []
        for gap in PEER_GAPS:
            other = peer(arrays, gap)
            ours = quickest(there, asked, gap, threads=THREADS).seconds
            row.append(f"{other['seconds']:.3g}" if other else "not installed")
            ratios.append(f"{other['seconds'] / ours:.0f}" if other else "")
        lines.append("| " + " | ".join([*row, *ratios]) + " |")
        draw = np.random.default_rng(1)
        amount = asked.amount * draw.uniform(0.99, 1.01, len(asked.amount))
        changed = trips(asked.origin, asked.destination, amount)
        cells = [name]
        for gap in (1e-6, 1e-10):
            cold = quickest(there, changed, gap, threads=THREADS)
            warm = quickest(there, changed, gap, threads=THREADS, warm=run.uses)
            cells += [f"{cold.seconds:.2g}", f"{warm.seconds:.2g}"]
        starts.append("| " + " | ".join(cells) + " |")
    return [
        f"Seconds from the start of the solver, {THREADS} threads, the quickest of {ROUNDS} runs "
        "(AequilibraE to 1e-6: one run). A gap counts when it is known.",
        "",
        *lines,
        "",
        "Trips changed by up to 1 % at random, starting from the earlier bushes:",
        "",
        *starts,
    ]


def growth() -> list[str]:
    lines = [
        f"| crossings | links | pairs | seconds to {GRID_GAP:g} | iterations | gap | imbalance |",
        "|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for side, zones, total in GRIDS:
        print(f"grid of {side} x {side}", file=sys.stderr, flush=True)
        there, asked = grid(side, zones, total)
        run = assign(there, asked, gap=GRID_GAP, threads=THREADS)
        proof = run.certificate
        lines.append(
            f"| {side * side:,} | {len(there.tail):,} | {int((asked.amount > 0).sum()):,} "
            f"| {run.seconds:.2g} | {run.iterations} | {proof.gap:.0e} | {proof.node_balance:.0e} |"
        )
    return ["Growth with size, made-up grids, one run each:", "", *lines]


def main(folder: Path | None = None) -> str:
    """Measure; sentences for what is not at hand."""
    warm_up()
    where = folder or Path(os.environ.get(FOLDER, BESIDE))
    parts = [f"Load of the machine when this began: {os.getloadavg()[0]:.1f}."]
    if all((where / name).is_dir() for name in NETWORKS):
        parts += published(where)
    else:
        parts.append(f"The published networks were not at hand; `{FOLDER}` can name their folder.")
    start = time.perf_counter()
    parts += ["", *growth()]
    print(f"grids took {time.perf_counter() - start:.0f} s", file=sys.stderr)
    return "\n".join(parts)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", type=Path, help="folder of the published networks")
    print(main(parser.parse_args().networks))

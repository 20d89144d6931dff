"""A 200 x 200 least-cost matrix by several codes, in one process and turn by turn.

    python benchmarks/bench_least_cost.py [--quick]

The codes take turns on blocks of sources, so that a busy machine slows them alike. Answers are
compared to the last entry. Memory is measured in a process of its own for each code.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

import codes
from graphs import Task, made_up_world, shipped_world

BLOCK = {"shipped": 200, "made_up": 20}  # sources per turn
ROUNDS = {"shipped": 9, "made_up": 2}
TOLERANCE = 1e-12  # relative; the codes add the same costs in the same order
CORES = len(os.sched_getaffinity(0))


@dataclass(frozen=True, slots=True)
class Code:
    """A code with a number of threads. SciPy and rustworkx hold the interpreter: one thread."""

    name: str
    threads: int
    ready: Callable[[Task], codes.Costs]


CODES = {
    "entrepot": Code("entrepot", 1, partial(codes.entrepot, threads=1)),
    "entrepot_threads": Code("entrepot", CORES, partial(codes.entrepot, threads=CORES)),
    "scipy": Code("scipy.sparse.csgraph.dijkstra", 1, codes.scipy),
    "rustworkx": Code("rustworkx.dijkstra_shortest_path_lengths", 1, codes.rustworkx),
}
TASKS: dict[str, Callable[[], Task]] = {"shipped": shipped_world, "made_up": made_up_world}


@dataclass(frozen=True, slots=True)
class Result:
    """What one code did on one task.

    seconds   : wall time for the whole matrix, sum over blocks of the quickest of the rounds
    megabytes : peak memory added while a block of sources is answered
    apart     : largest relative difference from the first code
    """

    code: Code
    seconds: float
    megabytes: float
    apart: float


def measure(name: str, task: Task) -> list[Result]:
    """Time all codes on a task and compare their answers; raises when they disagree."""
    blocks = np.array_split(task.sources, max(1, len(task.sources) // BLOCK[name]))
    ready = {key: code.ready(task) for key, code in CODES.items()}
    for costs in ready.values():
        costs(task.sources[:1])
    seconds = {key: np.full(len(blocks), np.inf) for key in CODES}
    answers: dict[str, list[np.ndarray]] = {key: [] for key in CODES}
    for turn in range(ROUNDS[name]):
        for b, block in enumerate(blocks):
            for key, costs in ready.items():
                start = time.perf_counter()
                found = costs(block)
                seconds[key][b] = min(seconds[key][b], time.perf_counter() - start)
                if turn == 0:
                    answers[key].append(found)
    first = np.vstack(answers["entrepot"])
    results = []
    for key, code in CODES.items():
        apart = difference(first, np.vstack(answers[key]))
        if apart > TOLERANCE:
            raise SystemExit(f"{task.title}: {code.name} differs from entrepot by {apart:g}.")
        results.append(Result(code, float(seconds[key].sum()), memory(name, key), apart))
    return results


def difference(one: np.ndarray, other: np.ndarray) -> float:
    """Largest relative difference; infinite when they disagree on what can be reached."""
    if not np.array_equal(np.isinf(one), np.isinf(other)):
        return np.inf
    reached = np.isfinite(one)
    scale = np.maximum(np.abs(one[reached]), 1e-300)
    return float(np.max(np.abs(one[reached] - other[reached]) / scale, initial=0.0))


def memory(task: str, code: str) -> float:
    """Megabytes a code needs on top of the readied graph, from a process of its own."""
    command = [sys.executable, __file__, "--memory", task, code]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(json.loads(done.stdout))


def _memory_here(task_name: str, code: str) -> None:
    task = TASKS[task_name]()
    costs = CODES[code].ready(task)
    tiny = Task("", np.array([0, 1, 1], dtype=np.int32), np.array([1], dtype=np.int32),
                np.ones(1), np.zeros(1, dtype=np.int32), np.ones(1, dtype=np.int32))  # fmt: skip
    CODES[code].ready(tiny)(tiny.sources)  # load the code itself before looking
    _reset_peak()
    before = _peak_kilobytes()
    costs(task.sources[: BLOCK[task_name]])
    sys.stdout.write(json.dumps((_peak_kilobytes() - before) / 1024))


def _reset_peak() -> None:
    """Forget how much memory making the graph took (Linux, GNU C library)."""
    ctypes.CDLL(None).malloc_trim(0)  # or memory freed before would hide what is taken now
    Path("/proc/self/clear_refs").write_text("5")


def _peak_kilobytes() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))


def table(task: Task, results: list[Result]) -> str:
    """Markdown; ratios are against entrepot on one thread."""
    least = results[0].seconds
    pairs = f"{len(task.sources)} x {len(task.targets)}"
    lines = [
        f"**{task.title}** ({task.size}), {pairs} matrix:",
        "",
        "| code | threads | seconds | times entrepot's | peak memory, MB | largest difference |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {r.code.name} | {r.code.threads} | {r.seconds:.3g} | {r.seconds / least:.2f} "
        f"| {r.megabytes:.0f} | {r.apart:.0e} |"
        for r in results
    ]
    return "\n".join(lines)


def main(quick: bool) -> str:
    """Measure on both worlds."""
    parts = []
    for name, make in TASKS.items():
        task = make()
        if quick:
            task = replace(task, sources=task.sources[:20])
        print(f"{task.title}: {task.size}", file=sys.stderr, flush=True)
        parts.append(table(task, measure(name, task)))
    return "\n\n".join(parts)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="20 sources only")
    parser.add_argument("--memory", nargs=2, metavar=("TASK", "CODE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.memory:
        _memory_here(*options.memory)
    else:
        print(main(options.quick))

"""Measure everything and write README.md beside this file: `make bench`."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import bench_gegravity
import bench_least_cost
import bench_ppml
import bench_routes
import bench_trade

CORES = bench_least_cost.CORES
PAGE = """# Benchmarks

Written by `make bench`; edit the scripts, not this page. {when}, {machine}.
Load of the machine by other work when this started: {load:.1f} processes ({cores} cores).

## Least-cost matrices

Dijkstra's algorithm from each source by three codes, in one process and turn by turn on the same
sources, so that a busy machine slows them alike; each block of sources counts with its quickest
round. All answers are compared with the first line; unreachable pairs must agree too. SciPy and
rustworkx hold the interpreter and so run on one thread; the arcs of rustworkx carry Python
numbers. Getting the graph into each code's own form is not timed. SciPy keeps the labels of all
vertices for every source of a block, which its memory shows. Memory is what answering one block
adds in a process of its own.

Sources in a block: {blocks}.

{least_cost}

## Routes

Waiting time of a person: eight queries on the shipped world, route sets, draws and tables
included; the quickest of several rounds.

{routes}

## Trade in exact changes

{trade}

## One-sector structural gravity beside gegravity

Baseline resistances and one counterfactual, both codes in one process and turn by turn.

{gegravity}

## Gravity by PPML beside pyfixest

{ppml}
"""


def machine() -> str:
    """Processor, cores and versions."""
    libraries = ("numpy", "scipy", "numba", "pandas", "rustworkx", "gegravity", "pyfixest")
    versions = ", ".join(f"{name} {version(name)}" for name in libraries)
    return f"{CORES} cores ({processor()}), Python {platform.python_version()}, {versions}"


def processor() -> str:
    """Model name of the processor."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def main() -> None:
    """Measure and write."""
    load = os.getloadavg()[0]
    world = {"shipped": "the shipped world", "made_up": "the made-up one"}
    blocks = ", ".join(f"{n} for {world[k]}" for k, n in bench_least_cost.BLOCK.items())
    page = PAGE.format(
        when=datetime.now(UTC).strftime("%Y-%m-%d"),
        machine=machine(),
        load=load,
        cores=CORES,
        blocks=blocks,
        least_cost=bench_least_cost.main(quick=False),
        routes=bench_routes.main(),
        trade=bench_trade.main(Path(__file__).parents[1] / "docs" / "trade_growth.svg"),
        gegravity=bench_gegravity.main(),
        ppml=bench_ppml.main(),
    )
    Path(__file__).with_name("README.md").write_text(page, encoding="utf-8")
    print(page)


if __name__ == "__main__":
    main()

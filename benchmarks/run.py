"""Measure and write README.md beside this file: `make bench`, or some sections by name.

python benchmarks/run.py                  everything
python benchmarks/run.py trade gegravity  these; the other sections stay as they were measured
"""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import bench_assign
import bench_coupled
import bench_flows
import bench_gegravity
import bench_least_cost
import bench_ppml
import bench_routes
import bench_study
import bench_trade

CORES = bench_least_cost.CORES
PAGE = Path(__file__).with_name("README.md")
HEAD = """# Benchmarks

Written by `make bench`; edit the scripts, not this page. Each section says when and where it was
measured, and how many processes of other work the machine carried when it began.
"""


def least_cost() -> str:
    """Sentences and tables of least-cost matrices."""
    world = {"shipped": "the shipped world", "made_up": "the made-up one"}
    blocks = ", ".join(f"{n} for {world[k]}" for k, n in bench_least_cost.BLOCK.items())
    return f"""Dijkstra's algorithm from each source by three codes, in one process and turn by turn on the same
sources, so that a busy machine slows them alike; each block of sources counts with its quickest
round. All answers are compared with the first line; unreachable pairs must agree too. SciPy and
rustworkx hold the interpreter and so run on one thread; the arcs of rustworkx carry Python
numbers. Getting the graph into each code's own form is not timed. SciPy keeps the labels of all
vertices for every source of a block, which its memory shows. Memory is what answering one block
adds in a process of its own.

Sources in a block: {blocks}.

{bench_least_cost.main(quick=False)}"""


def routes() -> str:
    """A sentence and a table of waiting times."""
    return f"""Waiting time of a person: eight queries on the shipped world, route sets, draws and tables
included; the quickest of several rounds.

{bench_routes.main()}"""


def trade() -> str:
    """The passage on the trade solver; draws its growth."""
    picture = PAGE.parents[1] / "docs" / "trade_growth.svg"
    return f"{bench_trade.main(picture)}\n\n![Growth of the seconds](../docs/{picture.name})"


# Name, title, what is measured; in the order of the page.
SECTIONS: dict[str, tuple[str, Callable[[], str]]] = {
    "least_cost": ("Least-cost matrices", least_cost),
    "routes": ("Routes", routes),
    "flows": ("Route sets, skims and loads of all pairs", bench_flows.main),
    "coupled": ("Trade and transport together", bench_coupled.main),
    "study": ("Whole studies", bench_study.main),
    "assign": ("Congested assignment beside AequilibraE", bench_assign.main),
    "trade": ("Trade in exact changes", trade),
    "gegravity": ("One-sector structural gravity beside gegravity", bench_gegravity.main),
    "ppml": ("Gravity by PPML beside pyfixest", bench_ppml.main),
}


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


def sections_of(page: str) -> dict[str, str]:
    """Text of each section of a page, by title."""
    parts = re.split(r"^## (.+)\n", page, flags=re.MULTILINE)
    return {t: text.strip() for t, text in zip(parts[1::2], parts[2::2], strict=True)}


def main(chosen: list[str]) -> None:
    """Measure the sections chosen, all if none, and write the page."""
    unknown = [name for name in chosen if name not in SECTIONS]
    if unknown:
        raise SystemExit(f"No section {', '.join(unknown)}. Known: {', '.join(SECTIONS)}.")
    old = sections_of(PAGE.read_text(encoding="utf-8")) if PAGE.is_file() else {}
    for name, (title, measure) in SECTIONS.items():
        if not chosen or name in chosen:
            print(title, file=sys.stderr, flush=True)
            load, when = os.getloadavg()[0], datetime.now(UTC).strftime("%Y-%m-%d")
            old[title] = f"*{when}, {machine()}; load {load:.1f}.*\n\n{measure()}"
            body = "\n\n".join(f"## {t}\n\n{old[t]}" for t, _ in SECTIONS.values() if t in old)
            PAGE.write_text(f"{HEAD}\n{body}\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])

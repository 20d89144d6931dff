"""How long a person waits for routes.

python benchmarks/bench_routes.py
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from entrepot.routes.session import Session
    from entrepot.routes.tables import route_tables

QUERIES = (
    ("almaty", "bandar_abbas", {"commodity": "cereals"}),
    ("almaty", "tehran", {}),
    ("astana", "tehran", {"commodity": "cereals"}),
    ("tehran", "almaty", {"commodity": "perishables"}),
    ("shanghai", "duisburg", {"unit": "feu", "on": "2024"}),
    ("nhava_sheva", "moscow", {"on": "2025-01-15"}),
    ("almaty", "bandar_abbas", {"by": "time"}),
    ("tashkent", "bandar_abbas", {}),
)
COMMANDS = (("--help",), ("routes", "ALMATY", "BANDAR ABBAS", "--commodity", "cereals"))
ROUNDS = 5


def in_process() -> list[tuple[str, float]]:
    """Steps with their seconds; queries are measured with the network built and costs known."""
    from entrepot.facts.load import load_world
    from entrepot.routes.find import find_routes
    from entrepot.routes.query import RouteQuery
    from entrepot.routes.session import Session

    start = time.perf_counter()
    world = load_world()
    session = Session.open(world)
    steps = [("read the facts and build the network", time.perf_counter() - start)]
    queries = [RouteQuery(a, b, **options) for a, b, options in QUERIES]
    start = time.perf_counter()
    route_tables(find_routes(world, queries[0], session=session))
    steps.append(("first query, costs and draws included", time.perf_counter() - start))
    seconds = []
    for query in queries:
        route_tables(find_routes(world, query, session=session))
        best = np.inf
        for _ in range(ROUNDS):
            start = time.perf_counter()
            route_tables(find_routes(world, query, session=session))
            best = min(best, time.perf_counter() - start)
        seconds.append(best)
    steps.append((f"later query, median of {len(seconds)}", float(np.median(seconds))))
    steps.append((f"later query, slowest of {len(seconds)}", max(seconds)))
    steps.append(all_pairs(session))
    return steps


def all_pairs(session: Session) -> tuple[str, float]:
    """Route sets between the main hubs of 60 zones, on one core; no draws and no tables."""
    from entrepot.routes.find import candidate_routes

    hubs = session.world.table("zone_hubs").sort_values("weight", ascending=False)
    hubs = hubs.drop_duplicates("zone_id").sort_values("zone_id").head(60)
    places = list(zip(hubs["zone_id"], hubs["node_id"], strict=True))
    pricing, net = session.pricing(None, "teu", "2025-06"), session.network
    start, found = time.perf_counter(), 0
    for origin, first in places:
        for destination, last in places:
            if first != last:
                passage = pricing.rulebook.passage(origin, destination)
                ends = (net.origin(first), net.destination(last))
                found += bool(candidate_routes(session, pricing, passage, ends))
    pairs = len(places) * (len(places) - 1)
    return (
        f"route sets of all pairs of 60 zones ({found} of {pairs} reached)",
        time.perf_counter() - start,
    )


def from_the_shell() -> list[tuple[str, float]]:
    """Commands with their seconds, compiled code in the cache."""
    program = str(Path(sys.executable).with_name("entrepot"))
    steps = []
    for words in COMMANDS:
        best = np.inf
        for _ in range(3):
            start = time.perf_counter()
            subprocess.run([program, *words], check=True, capture_output=True)
            best = min(best, time.perf_counter() - start)
        shown = " ".join(f'"{w}"' if " " in w else w for w in words)
        steps.append((f"`entrepot {shown}`", best))
    return steps


def main() -> str:
    """A table of steps."""
    steps = in_process() + from_the_shell()
    return "\n".join(
        ["| step | seconds |", "|---|---:|"] + [f"| {step} | {s:.2g} |" for step, s in steps]
    )


if __name__ == "__main__":
    print(main())

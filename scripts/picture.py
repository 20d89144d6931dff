"""Write the pictures of the README from a run of the default study.

python scripts/picture.py runs/iran-kazakhstan docs
"""

from __future__ import annotations

import sys
from pathlib import Path

from entrepot.report.barriers import lever_chart
from entrepot.report.map import route_map
from entrepot.report.ways import gates
from entrepot.studies.store import open_run

QUERY = "boxes_south"


def main(folder: str, target: str) -> None:
    run = open_run(Path(folder))
    routes = run.table("routes")
    routes = routes[routes["query_id"] == QUERY]
    points = run.table("route_points")
    points = points[points["route_id"].isin(routes["route_id"])]
    drawing = route_map(
        points, run.table("land_outline"), "Ways from Almaty to Tehran", gates(run, routes)
    )
    Path(target, "ways.svg").write_text(drawing, encoding="utf-8")
    Path(target, "between.svg").write_text(lever_chart(run.table("trade_levers")), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])

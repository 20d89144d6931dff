"""Write the pictures of the README from a run of the default study.

python scripts/picture.py runs/iran-kazakhstan docs
"""

from __future__ import annotations

import sys
from pathlib import Path

from entrepot.answers.run import Run, open_run
from entrepot.report.charts.effects_map import effects_map
from entrepot.report.charts.fan import fan_chart
from entrepot.report.charts.map import route_map
from entrepot.report.sections.barriers import lever_chart
from entrepot.report.sections.routes import gates
from entrepot.report.sections.target import published, target_of

QUERY = "boxes_south"
PLACES = 12


def main(folder: str, target: str) -> None:
    run = open_run(Path(folder))
    drawings = {"routes": routes(run), "between": lever_chart(run.table("trade_levers"))}
    if "target_paths" in run.manifest["tables"]:
        drawings |= {"target": fan(run), "effects": effects(run)}
    for name, drawing in drawings.items():
        Path(target, f"{name}.svg").write_text(drawing, encoding="utf-8")


def routes(run: Run) -> str:
    routes = run.table("routes")
    routes = routes[routes["query_id"] == QUERY]
    points = run.table("route_points")
    points = points[points["route_id"].isin(routes["route_id"])]
    outline = run.table("land_outline")
    return route_map(points, outline, "Routes from Almaty to Tehran", gates(run.table("legs"), routes))


def fan(run: Run) -> str:
    paths = run.table("target_paths")
    goal = target_of(run.table("target_needs").set_index("figure"))
    points = published(run, int(paths["year"].min()))
    return fan_chart(paths, points, goal, " and ".join(run.manifest["pair_names"]))


def effects(run: Run) -> str:
    places = run.table("place_effects")
    title = "trade of " + " and ".join(run.manifest["pair_names"])
    return effects_map(places[places["rank"] <= PLACES], run.table("land_outline"), title)


if __name__ == "__main__":
    main(*sys.argv[1:])

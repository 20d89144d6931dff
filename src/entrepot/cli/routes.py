"""entrepot routes: which ways can my cargo go?"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any

import typer

from entrepot.cli.shared import (
    AvoidOption,
    ByOption,
    CarrierOption,
    CommodityOption,
    DataOption,
    JsonOption,
    OnOption,
    OriginArgument,
    PlannedOption,
    UnitOption,
    ViaOption,
    print_csv,
    print_json,
    print_table,
    records,
    say,
    shorten,
    span,
)

if TYPE_CHECKING:
    import pandas as pd


def routes(
    origin: OriginArgument,
    destination: OriginArgument,
    commodity: CommodityOption = None,
    unit: UnitOption = None,
    by: ByOption = "overall",
    avoid: AvoidOption = None,
    via: ViaOption = None,
    on: OnOption = None,
    with_planned: PlannedOption = False,
    carrier: CarrierOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="The table of routes as CSV.")] = False,
    as_geojson: Annotated[bool, typer.Option("--geojson", help="Routes as GeoJSON lines.")] = False,
) -> None:
    """Routes that differ in kind, with days, price, CO2e and how sure each is."""
    from entrepot.errors import InfeasibleError
    from entrepot.facts.load import load_world
    from entrepot.routes.find import find_routes
    from entrepot.routes.query import RouteQuery
    from entrepot.routes.tables import route_tables

    query = RouteQuery(
        origin,
        destination,
        commodity,
        unit,
        by,
        tuple(avoid or ()),
        tuple(via or ()),
        on,
        with_planned,
        carrier,
    )
    found = find_routes(load_world(data), query)
    tables = route_tables(found)
    if as_json:
        print_json({name: records(table) for name, table in tables.items()})
    elif as_csv:
        print_csv(tables["routes"])
    elif as_geojson:
        print_json(geojson(tables))
    elif found.candidates:
        _show(tables)
    if not found.candidates:
        raise InfeasibleError(found.message)


def _show(tables: dict[str, pd.DataFrame]) -> None:
    query = tables["queries"].iloc[0]
    routes = tables["routes"]
    unit = query["unit"]
    typer.echo(
        f"{query['title']}, per {unit} of {query['payload_t']:g} t, on {query['on']}, "
        f"by {query['by']}\n"
    )
    rows = []
    for r in routes.itertuples(index=False):
        mark = "=" if r.tie else " "
        rows.append(
            (
                f"{mark}{r.rank}",
                shorten(r.name, 62),
                span(r.days_p10, r.days_p50, r.days_p90),
                span(r.usd_per_unit_p10, r.usd_per_unit_p50, r.usd_per_unit_p90),
                f"{r.usd_per_t_p50:,.0f}",
                f"{r.co2e_kg_per_t:,.0f}",
                f"{r.km:,.0f}",
                f"{r.borders}/{r.transfers}",
                f"{100 * r.share:.0f} %",
                "-".join(r.jurisdictions),
                "" if not r.dominated_reason else f"worse than {r.dominated_by:.0f}",
            )
        )
    print_table(
        (
            "#",
            "way",
            "days",
            f"USD/{unit}",
            "USD/t",
            "kg CO2e/t",
            "km",
            "borders/transfers",
            "share",
            "jurisdictions",
            "",
        ),
        rows,
        right=(2, 3, 4, 5, 6, 7, 8),
    )
    typer.echo(
        "\nP50 (P10-P90). = ties with the line above. Share by path-size logit over these ways."
    )
    _rules(tables["rules_in_force"])
    flags = sorted({f for flags in routes["legal_flags"] for f in flags})
    if flags:
        typer.echo("\nLegal regimes of the jurisdictions passed (information, not advice):")
        typer.echo("  " + "\n  ".join(flags))
    name = f"{query['origin']!r} {query['destination']!r}".replace("'", '"')
    say(f"\nNext: entrepot explain route {name} --rank 1")


def _rules(rules: pd.DataFrame) -> None:
    if not len(rules):
        return
    for acts, title in (("closes", "Closed by rules of the date"), ("changes", "Shaped by rules")):
        own = rules[rules["acts"] == acts]
        if len(own):
            typer.echo(f"\n{title}:")
            for r in own.itertuples(index=False):
                typer.echo(f"  {r.rule_id}  {r.effect} ({r.rule_basis}, {r.value_kind})")


def geojson(tables: dict[str, Any]) -> dict[str, Any]:
    """Routes as lines with all their columns; legal flags travel along."""
    points = tables["route_points"]
    features = []
    for row in records(tables["routes"]):
        own = points[points["route_id"] == row["route_id"]]
        lines = split_at_antimeridian(list(zip(own["lon"], own["lat"], strict=True)))
        one = len(lines) == 1
        features.append(
            {
                "type": "Feature",
                "properties": row,
                "geometry": {
                    "type": "LineString" if one else "MultiLineString",
                    "coordinates": lines[0] if one else lines,
                },
            }
        )
    return {"type": "FeatureCollection", "features": features}


def split_at_antimeridian(points: list[tuple[float, float]]) -> list[list[list[float]]]:
    """A line cut where it crosses 180 degrees, as RFC 7946 asks."""
    lines = [[[float(points[0][0]), float(points[0][1])]]]
    for (x0, y0), (x1, y1) in pairwise(points):
        if abs(x1 - x0) > 180:
            edge = 180.0 if x0 > 0 else -180.0
            far = x1 + 2 * edge
            y = float(y0 + (y1 - y0) * (edge - x0) / (far - x0))
            lines[-1].append([edge, y])
            lines.append([[-edge, y]])
        lines[-1].append([float(x1), float(y1)])
    return lines

"""entrepot routes: which routes can my cargo take?"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

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
    print_answer,
    print_table,
    query_options,
    say_next,
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
    import entrepot as ep

    query = ep.RouteQuery(
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
    answer = ep.find_routes(ep.load_world(data), query)
    if as_json:
        print_answer(answer)
    elif as_csv:
        sys.stdout.write(answer.to_csv("routes"))
    elif as_geojson:
        sys.stdout.write(answer.to_geojson())
    elif answer.status == "ok":
        _show(answer.tables)
        say_next(("explain", "route", origin, destination, "--rank", 1), query_options(query, data))
    if answer.status != "ok":
        raise ep.errors.InfeasibleError(answer.notes[0])


def _show(tables: Mapping[str, pd.DataFrame]) -> None:
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
            "route",
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
        "\nP50 (P10-P90). = ties with the line above. Share by path-size logit over these routes."
    )
    _rules(tables["rules_in_force"])
    flags = sorted({f for flags in routes["legal_flags"] for f in flags})
    if flags:
        typer.echo("\nLegal regimes of the jurisdictions passed (information, not advice):")
        typer.echo("  " + "\n  ".join(flags))


def _rules(rules: pd.DataFrame) -> None:
    if not len(rules):
        return
    for acts, title in (("closes", "Closed by rules of the date"), ("changes", "Shaped by rules")):
        own = rules[rules["acts"] == acts]
        if len(own):
            typer.echo(f"\n{title}:")
            for r in own.itertuples(index=False):
                typer.echo(f"  {r.rule_id}  {r.effect} ({r.rule_basis}, {r.value_kind})")

"""entrepot explain: leg by leg, part by part, source by source."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from entrepot.cli.explain_effects import effects
from entrepot.cli.explain_number import number
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
    print_json,
    print_table,
    records,
    say,
    shorten,
    span,
)

if TYPE_CHECKING:
    import pandas as pd

    from entrepot.facts.world import World

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def explain() -> None:
    """Where a number comes from."""


@app.command("route")
def route(
    origin: OriginArgument,
    destination: OriginArgument,
    rank: Annotated[int, typer.Option(help="Which route of the list.")] = 1,
    commodity: CommodityOption = None,
    unit: UnitOption = None,
    by: ByOption = "overall",
    avoid: AvoidOption = None,
    via: ViaOption = None,
    on: OnOption = None,
    with_planned: PlannedOption = False,
    carrier: CarrierOption = None,
    chart: Annotated[
        Path | None,
        typer.Option(help="Write the time-distance and cost-distance charts (SVG) here."),
    ] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """One route leg by leg, with the facts each leg rests on."""
    from entrepot.errors import InfeasibleError, UsageError
    from entrepot.facts.files import check_output
    from entrepot.facts.load import load_world
    from entrepot.routes.find import find_routes
    from entrepot.routes.query import RouteQuery
    from entrepot.routes.tables import route_tables

    check_output(chart)
    world = load_world(data)
    found = find_routes(
        world,
        RouteQuery(
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
        ),
    )
    if not found.candidates:
        raise InfeasibleError(found.message)
    if not 1 <= rank <= len(found.candidates):
        raise UsageError(f"There is no route {rank}; the list has {len(found.candidates)}.")
    tables = route_tables(found)
    chosen = tables["routes"][tables["routes"]["rank"] == rank]
    legs = tables["legs"][tables["legs"]["route_id"] == chosen["route_id"].iloc[0]]
    if chart is not None:
        from entrepot.report.charts.charts import distance_charts

        chart.write_text(distance_charts(legs, chosen.iloc[0]["name"]), encoding="utf-8")
        say(f"Charts: {chart}")
    if as_json:
        print_json({"route": records(chosen)[0], "legs": records(legs)})
        return
    _show(tables["queries"].iloc[0], chosen.iloc[0], legs, world.table("sources"))


def _show(query: pd.Series, route: pd.Series, legs: pd.DataFrame, sources: pd.DataFrame) -> None:
    typer.echo(f"{query['title']}: {route['name']}, per {query['unit']}\n")
    rows = []
    for leg in legs.itertuples(index=False):
        money = (leg.haulage_usd, leg.handling_usd, leg.border_usd, leg.fee_usd, leg.insurance_usd)
        where = (
            leg.from_name if leg.from_name == leg.to_name else f"{leg.from_name} - {leg.to_name}"
        )
        rows.append(
            (
                leg.leg,
                leg.element,
                leg.what,
                shorten(where, 44),
                "-".join(leg.jurisdictions),
                f"{leg.km:,.0f}" if leg.km else "",
                span(leg.hours_p10, leg.hours_p50, leg.hours_p90),
                f"{sum(money):,.0f}",
                f"{leg.co2e_kg_per_t:.0f}" if leg.co2e_kg_per_t else "",
                f"{leg.cum_hours_p50 / 24:.1f}",
                f"{leg.cum_usd_p50:,.0f}",
                leg.value_kind,
                ";".join(leg.rules),
            )
        )
    print_table(
        (
            "leg",
            "element",
            "what",
            "where",
            "in",
            "km",
            "hours",
            "USD",
            "kg/t",
            "day",
            "USD so far",
            "rests on",
            "rules",
        ),
        rows,
        right=(0, 5, 6, 7, 8, 9, 10),
    )
    parts = [
        (n, legs[f"{n}_usd"].sum()) for n in ("haulage", "handling", "border", "fee", "insurance")
    ]
    typer.echo("\nPrice at the medians: " + ", ".join(f"{n} {v:,.0f}" for n, v in parts if v))
    typer.echo(
        f"Days: {span(route['days_p10'], route['days_p50'], route['days_p90'], 1)}; percentiles "
        "of the sum, which are not the sum of percentiles."
    )
    typer.echo(
        f"Assumed values carry {100 * route['assumed_share_time']:.0f} % of the hours and "
        f"{100 * route['assumed_share_price']:.0f} % of the price."
    )
    typer.echo(
        "CO2e is well to wheel on transport elements (ISO 14083); hubs have no sourced factor "
        "and count nothing."
    )
    if route["legal_flags"]:
        typer.echo("Legal regimes: " + "; ".join(route["legal_flags"]))
    titles = dict(zip(sources["source_id"], sources["title"], strict=True))
    typer.echo("\nSources:")
    for source in route["facts"]:
        typer.echo(f"  {source}  {shorten(titles.get(source, ''), 90)}")
    say("\nNext: entrepot study iran-kazakhstan")


@app.command("trade")
def trade(
    exporter: Annotated[str, typer.Argument(help="Economy that sells, alpha-3 code.")],
    importer: Annotated[str, typer.Argument(help="Economy that buys, alpha-3 code.")],
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """One flow of trade: each good, each source, and what other sources say of it."""
    from entrepot.facts.load import load_world
    from entrepot.questions.between.pair_goods import explain_trade

    world = load_world(data)
    found = explain_trade(world, exporter.upper(), importer.upper())
    if as_json:
        print_json({name: records(table) for name, table in found.items()})
        return
    _show_trade(world, exporter.upper(), importer.upper(), found)


def _show_trade(world: World, exporter: str, importer: str, found: dict[str, pd.DataFrame]) -> None:
    year = world.meta.get("trade_base_year", "")
    typer.echo(f"Goods from {exporter} to {importer} in {year}, as the model uses them\n")
    rows = [
        (
            shorten(r.name, 44),
            f"{r.value_musd:,.2f}",
            span(r.tonnes_p10 / 1e3, r.tonnes_p50 / 1e3, r.tonnes_p90 / 1e3, 1),
            "" if r.usd_per_t != r.usd_per_t else f"{r.usd_per_t:,.0f}",
            "" if r.theta != r.theta else span(r.theta_low, r.theta, r.theta_high, 1),
            r.value_kind,
            " ".join(r.source_id),
        )
        for r in found["goods"].itertuples(index=False)
    ]
    heads = ("good", "million USD", "thousand t", "USD/t", "elasticity", "kind", "sources")
    print_table(heads, rows, right=(1, 2, 3, 4))
    typer.echo("\nThe total:")
    for r in found["total"].itertuples(index=False):
        note = f"; {r.note}" if r.note else ""
        typer.echo(
            f"  {r.value_musd:,.1f} million USD ({r.value_kind}, {' '.join(r.source_id)}){note}"
        )
    if not len(found["total"]):
        typer.echo("  no row in trade_totals.csv: no trade in the base year")
    _lines(
        "Other sources, and what was done with them:",
        [
            f"{r.commodity or 'all goods'}: {r.indicator} {r.value:,g} {r.unit} in {r.period}: {r.use} "
            f"({' '.join(r.source_id)})" + (f"; {r.note}" if r.note else "")
            for r in found["alternatives"].itertuples(index=False)
        ],
    )
    _lines(
        "Published for the pair over time:",
        [
            f"{r.year} {r.period}, {r.flow}, {r.product}: {r.indicator} {r.value:,g} {r.unit} "
            f"({r.value_kind}, {' '.join(r.source_id)})"
            for r in found["series"].itertuples(index=False)
            if r.flow in ("both", f"{exporter}>{importer}") and r.value == r.value
        ],
    )
    _lines(
        "Duties:",
        [
            f"{r.importer} on {r.exporter}, {'all goods' if r.commodity == '*' else r.commodity}, {r.regime}, "
            f"from {r.valid_from}{'' if r.valid_to is None else f' to {r.valid_to}'}: "
            f"{100 * r.rate:.1f} % ({100 * r.rate_low:.1f}-{100 * r.rate_high:.1f}) "
            f"({r.value_kind}, {' '.join(r.source_id)})"
            for r in found["duties"].itertuples(index=False)
        ],
        otherwise="  no row in tariffs.csv: the duty is part of what is not explained",
    )
    _lines(
        "What paying costs, published bounds:",
        [
            f"{'all other goods' if tuple(r.commodities) == ('*',) else ', '.join(r.commodities)}: {100 * r.share:.1f} % "
            f"({100 * r.share_low:.1f}-{100 * r.share_high:.1f}) ({r.value_kind}, {' '.join(r.source_id)})"
            for r in found["payment"].itertuples(index=False)
        ],
    )
    _lines(
        "Value of a tonne, known for the pair:",
        [
            f"{r.commodity}: {r.usd_per_t:,g} USD/t ({r.value_kind}, {' '.join(r.source_id)})"
            for r in found["densities"].itertuples(index=False)
        ],
    )
    _lines(
        "Not on trains, trucks or ships:",
        [
            f"{r.commodity}: {100 * r.share:.0f} %, {r.carried_by} ({r.value_kind}, {' '.join(r.source_id)})"
            for r in found["pipelines"].itertuples(index=False)
        ],
    )
    _lines(
        "Elasticities, as published:",
        [
            f"{commodity}: "
            + ", ".join(f"{r.theta:g} ({r.publication})" for r in own.itertuples(index=False))
            for commodity, own in found["elasticities"].groupby("commodity", sort=False)
        ],
    )
    say(f"\nNext: entrepot trade --cost {exporter}-{importer}=-10%")


app.command("effects")(effects)
app.command("number")(number)


def _lines(title: str, lines: list[str], otherwise: str = "") -> None:
    if lines or otherwise:
        typer.echo(f"\n{title}")
        typer.echo("  " + "\n  ".join(lines) if lines else otherwise)

"""entrepot explain: leg by leg, part by part, source by source."""

from __future__ import annotations

from collections.abc import Mapping
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
    print_answer,
    print_table,
    query_options,
    say,
    say_next,
    shorten,
    span,
    write_text,
)

if TYPE_CHECKING:
    import pandas as pd

    from entrepot import World

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
    import entrepot as ep
    from entrepot.api.files import check_output

    check_output(chart)
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
    answer = ep.explain_route(ep.load_world(data), query, rank)
    tables = answer.tables
    if chart is not None:
        from entrepot.report.charts.charts import distance_charts

        name = str(tables["routes"]["name"].iloc[0])
        write_text(chart, distance_charts(tables["legs"], name))
        say(f"Charts: {chart}")
    if as_json:
        print_answer(answer)
        return
    _show(tables)
    more = {"--chart": "chart.svg" if chart is None else chart}
    words = ("explain", "route", origin, destination, "--rank", rank)
    say_next(words, query_options(query, data) | more)


def _show(tables: Mapping[str, pd.DataFrame]) -> None:
    query, route = tables["queries"].iloc[0], tables["routes"].iloc[0]
    legs, sources = tables["legs"], tables["sources"]
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


@app.command("trade")
def trade(
    exporter: Annotated[str, typer.Argument(help="Economy that sells, by code or name.")],
    importer: Annotated[str, typer.Argument(help="Economy that buys, by code or name.")],
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """One flow of trade: each good, each source, and what other sources say of it."""
    import entrepot as ep

    world = ep.load_world(data)
    answer = ep.explain_trade(world, exporter, importer)
    if as_json:
        print_answer(answer)
        return
    pair = answer.tables["goods"]["exporter"].iloc[0], answer.tables["goods"]["importer"].iloc[0]
    _show_trade(world, pair, answer.tables)
    say_next(("trade",), {"--cost": f"{pair[0]}-{pair[1]}=-10%", "--data": data})


def _show_trade(world: World, pair: tuple[str, str], found: Mapping[str, pd.DataFrame]) -> None:
    exporter, importer = pair
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


app.command("effects")(effects)
app.command("number")(number)


def _lines(title: str, lines: list[str], otherwise: str = "") -> None:
    if lines or otherwise:
        typer.echo(f"\n{title}")
        typer.echo("  " + "\n  ".join(lines) if lines else otherwise)

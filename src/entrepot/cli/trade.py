"""entrepot trade: what if duties, trade costs or payment frictions change?"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from entrepot.cli.shared import (
    DataOption,
    JsonOption,
    SeedOption,
    print_answer,
    print_table,
    say,
    say_next,
)

if TYPE_CHECKING:
    import pandas as pd

SHOWN = 8
MODELS = {
    "sectors": "several sectors in general equilibrium, exact",
    "full": "ONE sector, full endowment equilibrium of structural gravity",
    "conditional": "ONE sector, outputs and spending held fixed: no change of income",
    "partial": "PARTIAL: each import market alone, no equilibrium",
}


def trade(
    tariff: Annotated[
        list[str] | None,
        typer.Option(
            help="IMPORTER:EXPORTER[:GOOD]=RATE, such as IRN:KAZ:cereals=0 or IRN:EAEU=-50%."
        ),
    ] = None,
    cost: Annotated[
        list[str] | None,
        typer.Option(
            help="A-B[:GOOD]=CHANGE of all trade cost, such as KAZ-IRN=-10%; 'A>B' one way."
        ),
    ] = None,
    friction: Annotated[
        list[str] | None,
        typer.Option(
            help="A-B[:GOOD]=SHARE that paying costs, such as KAZ-IRN=5% or KAZ-IRN=-50%."
        ),
    ] = None,
    model: Annotated[
        str, typer.Option(help="sectors, full, conditional (one sector) or partial.")
    ] = "sectors",
    deficit: Annotated[
        str, typer.Option(help="Trade deficits: proportional, nominal or zero.")
    ] = "proportional",
    horizon: Annotated[str, typer.Option(help="long, or short for events under a year.")] = "long",
    on: Annotated[
        str | None, typer.Option(help="Day of the duties to start from; the end of the base year.")
    ] = None,
    detail: Annotated[
        str, typer.Option(help="Goods by commodity (21), or by broad_group (14 sectors).")
    ] = "commodity",
    flows: Annotated[
        Path | None,
        typer.Option(
            help="A file of trade in place of the shipped: BACI, ITPD-E, Comtrade, SDMX-CSV, plain."
        ),
    ] = None,
    flows_format: Annotated[
        str | None,
        typer.Option(
            "--format", help="baci, itpd-e, comtrade, sdmx or plain; told from the header."
        ),
    ] = None,
    year: Annotated[
        int | None, typer.Option(min=1900, max=2100, help="Year of the file, where it has several.")
    ] = None,
    unit: Annotated[
        str | None, typer.Option(help="Unit of the values of the file, such as 'million USD'.")
    ] = None,
    pair: Annotated[
        list[str] | None,
        typer.Option(help="Turnover of a pair to start from, million USD: IRN-KAZ=340."),
    ] = None,
    draws: Annotated[
        int,
        typer.Option(min=0, max=10_000, help="Draws for the ranges, an even number; 0 for none."),
    ] = 40,
    seed: SeedOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Winners and losers as CSV.")] = False,
) -> None:
    """A what-if of trade: winners, losers and flows, with ranges."""
    from entrepot import load_world
    from entrepot.api.trade import trade_answer
    from entrepot.questions.what_if.steps import read_steps
    from entrepot.questions.what_if.trade_effects import (
        TradeRules,
        read_pair,
        trade_effects,
        with_goods,
    )
    from entrepot.trade.world.trade_world import TradeWorld, day_of, read_trade

    world = load_world(data)
    trade_world = TradeWorld.of_world(
        world,
        detail=detail,
        on=None if on is None else day_of(on),
        pair_values=dict(read_pair(p) for p in pair or ()),
        flows=None if flows is None else read_trade(world, flows, flows_format, year, unit),
    )
    world = with_goods(world, trade_world)
    changes = read_steps(
        world, {"tariff": tariff or [], "cost": cost or [], "friction": friction or []}
    )
    rules = TradeRules(model, deficit, horizon, draws)
    if seed is not None:
        rules = replace(rules, seed=seed)
    found = trade_effects(world, trade_world, changes, rules)
    answer = trade_answer(world, found)
    if found.failed:
        say(f"{found.failed} of the draws were not solved and are in no percentile.")
    if as_json:
        print_answer(answer)
    elif as_csv:
        sys.stdout.write(answer.to_csv("trade_effects"))
    else:
        _show(answer.tables)
        flows_moved = answer.tables["trade_flow_changes"]
        if len(flows_moved):
            first = flows_moved.iloc[0]
            say_next(("explain", "trade", first["exporter"], first["importer"]), {"--data": data})


def _show(tables: Mapping[str, pd.DataFrame]) -> None:
    run = tables["trade_run"].iloc[0]
    typer.echo(f"{'; '.join(run['steps'])}")
    typer.echo(
        f"Model: {MODELS[run['model']]}; {run['horizon']} run; trade of {run['base_year']}, "
        f"duties of {run['on']}"
        + (f"; deficits {run['deficit']}" if run["deficit"] else "")
        + f". {run['draws']} draws, {run['failed']} not solved.\n"
    )
    for note in run["notes"]:
        say(f"Note: {note}")
    effects = tables["trade_effects"]
    if effects["real_income_musd"].isna().all():
        typer.echo("Change of exports, million USD a year (this model holds income fixed)")
        _economies(effects, "exports_musd")
    else:
        what = "welfare of the importer" if run["model"] == "partial" else "real income"
        typer.echo(f"Winners and losers: change of {what}, million USD a year")
        _economies(effects, "real_income_musd")
    flows = tables["trade_flow_changes"]
    typer.echo("\nFlows, million USD a year")
    rows = [
        (
            f"{r.exporter} to {r.importer}",
            r.name,
            f"{r.before_musd:,.1f}",
            _signed(r.change_musd_p10, r.change_musd, r.change_musd_p90),
            f"{100 * r.change_musd / r.before_musd:+.1f} %" if r.before_musd > 0 else "",
        )
        for r in flows.head(24).itertuples(index=False)
    ]
    print_table(("flow", "goods", "before", "change", ""), rows, right=(2, 3, 4))
    typer.echo(
        "\nExact at the middle of all figures (P10 to P90 over draws of elasticities, duties and frictions).\n"
        "Goods trade only; zero flows stay zero."
    )
    if run["model"] == "partial":
        top = effects[effects["creation_musd_p50"].abs() > 0]
        for r in top.itertuples(index=False):
            typer.echo(
                f"{r.name}: trade creation {r.creation_musd_p50:+,.1f}, diversion {r.diversion_musd_p50:,.1f}, "
                f"revenue {_signed(r.revenue_musd_p10, r.revenue_musd_p50, r.revenue_musd_p90)} million USD a year."
            )


def _economies(effects: pd.DataFrame, column: str) -> None:
    """The first and last of the list, with a gap between."""
    size = effects[column].abs()
    moved = effects[size > max(5e-3, 1e-3 * float(size.max()))]
    top = moved[moved[column] > 0].head(SHOWN)
    low = moved[moved[column] < 0].tail(SHOWN)
    rows: list[tuple[str, ...]] = []
    for part in (top, low):
        rows += [_economy(r, column) for r in part.itertuples(index=False)]
        if part is top and len(top) and len(low):
            rows.append(("…", "", "", "", "", ""))
    if not rows:
        typer.echo("Nobody gains or loses as much as 5,000 USD a year.")
        return
    heads = ("economy", "change", "% of GDP", "exports", "imports", "gains in")
    shown = [k for k in range(len(heads)) if any(row[k] for row in rows)]
    print_table(
        [heads[k] for k in shown],
        [[row[k] for k in shown] for row in rows],
        right=range(1, len(shown)),
    )


def _economy(r: Any, column: str) -> tuple[str, ...]:
    share = r.share_of_draws_gaining
    gdp = r.real_income_pct_gdp_p50
    return (
        r.name,
        _signed(*(getattr(r, f"{column}{p}") for p in ("_p10", "", "_p90"))),
        "" if gdp != gdp else f"{gdp:+.4f}",
        f"{r.exports_musd:+,.1f}",
        f"{r.imports_musd_p50:+,.1f}",
        "" if share != share else f"{100 * share:.0f} % of draws",
    )


def _signed(low: float, middle: float, high: float) -> str:
    digits = 0 if abs(middle) >= 100 else 1 if abs(middle) >= 1 else 2
    return f"{middle:+,.{digits}f} ({low:+,.{digits}f} to {high:+,.{digits}f})"

"""entrepot what-if: before and after, for the trade, the main routes and the income of two economies."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from entrepot.cli.shared import (
    DataOption,
    JsonOption,
    OnOption,
    SeedOption,
    print_answer,
    print_table,
    say,
    say_next,
)
from entrepot.errors import InfeasibleError

if TYPE_CHECKING:
    import pandas as pd

Texts = list[str] | None


def what_if(
    first: Annotated[str, typer.Argument(help="One economy, alpha-3 code.")],
    second: Annotated[str, typer.Argument(help="The other, alpha-3 code.")],
    cell: Annotated[
        Texts, typer.Option("--set", help="TABLE:ROW:COLUMN=VALUE; *=0.5 scales, += adds.")
    ] = None,
    close: Annotated[
        Texts, typer.Option(help="A place, a link, a crossing, a country or mode:sea.")
    ] = None,
    transit_only: Annotated[
        bool, typer.Option("--transit-only", help="What is closed is closed to transit only.")
    ] = False,
    tariff: Annotated[
        Texts, typer.Option(help="IMPORTER:EXPORTER[:GOODS]=RATE, such as IRN:KAZ:cereals=0.")
    ] = None,
    cost: Annotated[
        Texts, typer.Option(help="A-B[:GOODS]=CHANGE of all trade cost, such as KAZ-IRN=-10%.")
    ] = None,
    friction: Annotated[
        Texts, typer.Option(help="A-B[:GOODS]=SHARE that paying costs, such as KAZ-IRN=-50%.")
    ] = None,
    measure: Annotated[
        Texts, typer.Option(help="A measure of a dossier by its id, at its middle size.")
    ] = None,
    dossier: Annotated[
        str | None, typer.Option(help="The dossier of the measures: a name or a folder.")
    ] = None,
    changes: Annotated[Path | None, typer.Option(help="A file of [[change]] tables, TOML.")] = None,
    hold: Annotated[
        Texts, typer.Option(help="Hold fixed: transport, income, other_markets.")
    ] = None,
    model: Annotated[
        str, typer.Option(help="coupled, sectors, full, conditional or partial.")
    ] = "",
    turnover: Annotated[
        float | None,
        typer.Option(help="Trade of the two to start from, million USD a year; else the facts'."),
    ] = None,
    horizon: Annotated[str, typer.Option(help="long, or short for events under a year.")] = "long",
    deficit: Annotated[
        str, typer.Option(help="Trade deficits: proportional, nominal or zero.")
    ] = "proportional",
    draws: Annotated[int, typer.Option(min=0, help="Draws for the ranges; 0 for none.")] = 0,
    seed: SeedOption = None,
    on: OnOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """What if? Trade, main routes and income of two economies, before and after."""
    import entrepot as ep
    from entrepot.api.what_if import ChangeWords, read_words

    world = ep.load_world(data)
    texts = {"set": cell, "tariff": tariff, "cost": cost, "friction": friction}
    words = ChangeWords(
        {kind: given or [] for kind, given in texts.items()},
        close or [],
        transit_only,
        measure or [],
        dossier,
        changes,
    )
    pair = (first.upper(), second.upper())
    engine = ep.Engine.open(world, seed=seed)
    answer = ep.what_if(
        engine,
        read_words(world, words, on),
        pair,
        model=model,
        hold=tuple(hold or ()),
        deficit=deficit,
        horizon=horizon,
        draws=draws,
        on=on,
        turnover_musd=turnover,
    )
    if answer.status != "ok":
        raise InfeasibleError(answer.notes[0])
    if as_json:
        print_answer(answer)
    else:
        _show(dict(answer.tables))
        say_next(("explain", "effects", *pair), {"--on": on, "--data": data})


def _show(tables: dict[str, pd.DataFrame]) -> None:
    run = tables["trade_run"].iloc[0]
    typer.echo("; ".join(run["steps"]))
    typer.echo(f"Model: {run['model']}, {run['horizon']} run; rules and duties of {run['on']}.\n")
    for note in run["notes"]:
        say(f"Note: {note}")
    rows = [
        (
            r.name,
            r.unit,
            _number(r.before),
            _number(r.after),
            _number(r.change, sign=True),
            _span(r),
        )
        for r in tables["what_if"].itertuples(index=False)
    ]
    heads = ("", "unit", "before", "after", "change", "P10 to P90")
    shown = heads if run["draws"] else heads[:-1]
    print_table(shown, [r[: len(shown)] for r in rows], right=range(2, len(shown)))


def _number(value: float, sign: bool = False) -> str:
    if value != value:
        return ""
    return f"{value:+,.2f}" if sign else f"{value:,.2f}"


def _span(r: Any) -> str:
    low, high = _number(r.change_p10, sign=True), _number(r.change_p90, sign=True)
    return f"{low} to {high}" if low else ""

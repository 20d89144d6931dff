"""entrepot explain effects: where a day or a dollar saved brings most."""

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
    records,
    say,
    say_next,
    shorten,
    write_text,
)

if TYPE_CHECKING:
    import pandas as pd


def effects(
    exporter: Annotated[str, typer.Argument(help="One economy, alpha-3 code.")],
    importer: Annotated[str, typer.Argument(help="The other, alpha-3 code.")],
    objective: Annotated[
        str, typer.Option(help="What to raise: trade of the two, or income of both together.")
    ] = "trade",
    turnover: Annotated[
        float | None,
        typer.Option(help="Trade of the two to start from, million USD a year; else the facts'."),
    ] = None,
    lines: Annotated[bool, typer.Option("--lines", help="Sections of lines as well.")] = False,
    top: Annotated[int, typer.Option(help="How many places.", min=1, max=200)] = 20,
    draws: Annotated[int, typer.Option(help="Draws for the range; 0 for none.", min=0)] = 8,
    seed: SeedOption = None,
    map_file: Annotated[
        Path | None, typer.Option("--map", help="Write a map (SVG) of the places here.")
    ] = None,
    on: OnOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """The places where a day or a dollar saved moves two economies' trade most, and on a map."""
    import entrepot as ep
    from entrepot.api.files import check_output
    from entrepot.api.questions import progress_to
    from entrepot.errors import InfeasibleError

    pair = (exporter.upper(), importer.upper())
    check_output(map_file)
    engine = ep.Engine.open(ep.load_world(data), seed=seed)
    answer = ep.ask(
        engine,
        "effects",
        progress=progress_to(say),
        pair=pair,
        on=on,
        objective=objective,
        turnover_musd=turnover,
        lines=lines,
        top=top,
        draws=draws,
    )
    table, run = answer.tables["place_effects"], records(answer.tables["effects_run"])[0]
    if map_file is not None:
        from entrepot.report.charts.effects_map import effects_map

        outline = engine.world.table("land_outline")
        write_text(map_file, effects_map(table, outline, str(run["objective"])))
        say(f"Map: {map_file}")
    if as_json:
        print_answer(answer)
    else:
        _show(table, run)
    if run["status"] != "converged":
        raise InfeasibleError(f"The coupled equilibrium: {run['status']}, gap {run['gap']:.1e}.")
    if not as_json:
        asked = {"--objective": "income", "--map": "map.svg", "--turnover": turnover, "--on": on}
        say_next(("explain", "effects", *pair), asked | {"--data": data})


def _show(table: pd.DataFrame, run: dict[str, Any]) -> None:
    unit, draws = run["unit"], run["draws"]
    typer.echo(
        f"What moves the {run['objective']} most ({run['value']:,.0f} {unit} to start from), rules of "
        f"{run['on']}\n"
    )
    rows = []
    for r in table.itertuples(index=False):
        spread = (
            f"{r.gain_per_day:,.2f} ({r.gain_per_day_p10:,.2f}-{r.gain_per_day_p90:,.2f})"
            if r.gain_per_day_p10 == r.gain_per_day_p10
            else f"{r.gain_per_day:,.2f}"
        )
        rows.append(
            (
                r.rank,
                shorten(r.name, 36),
                f"{r.kind} {r.mode}".strip(),
                "-".join(r.countries),
                f"{r.hours:,.1f}",
                spread,
                f"{r.gain_if_halved:,.2f}",
                f"{r.gain_per_usd_per_t:,.3f}",
                f"{r.naive_per_day:,.2f}",
                f"{100 * r.traffic_share:.0f} %",
            )
        )
    heads = (
        "", "place", "kind", "in", "hours", "a day less", "half the hours", "1 USD/t less",
        "if nothing answered", "passes",
    )  # fmt: skip
    print_table(heads, rows, right=(0, 4, 5, 6, 7, 8, 9))
    typer.echo(
        f"\nGains in {unit}, first order: they rank places, and say less of large changes. Routes, queues, "
        "trade, wages and prices have answered; the last but one column is what traffic alone would say."
    )
    if draws:
        typer.echo(f"In brackets P10 to P90 of {draws} draws of all that is not known for sure.")

"""entrepot explain effects: where a day or a dollar saved brings most."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from entrepot.cli.shared import (
    DataOption,
    JsonOption,
    OnOption,
    print_json,
    print_table,
    records,
    say,
    shorten,
)

if TYPE_CHECKING:
    import pandas as pd

OBJECTIVES = ("trade", "income")


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
    seed: Annotated[
        int | None, typer.Option(help="Seed of the draws; that of all commands if left out.")
    ] = None,
    map_file: Annotated[
        Path | None, typer.Option("--map", help="Write a map (SVG) of the places here.")
    ] = None,
    jobs: Annotated[int, typer.Option(help="Processes to find routes with.", min=1)] = 2,
    on: OnOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """The places where a day or a dollar saved moves two economies' trade most, and on a map."""
    from entrepot.errors import InfeasibleError, UnknownNameError, UsageError
    from entrepot.facts.files import check_output
    from entrepot.facts.load import load_world
    from entrepot.questions.places.explain_effects import explain_effects
    from entrepot.questions.places.place_effects import STANDING
    from entrepot.routes.session import Session
    from entrepot.uncertainty.sampler import SEED

    seed = SEED if seed is None else seed
    if objective not in OBJECTIVES:
        raise UnknownNameError(objective, "objective", OBJECTIVES)
    pair = (exporter.upper(), importer.upper())
    if pair[0] == pair[1]:
        raise UsageError(f"Two economies are needed, found {pair[0]} twice.")
    check_output(map_file)
    world = load_world(data)
    day = on or world.meta["default_date"]
    found = explain_effects(
        Session.open(world, seed),
        pair,
        day,
        objective=objective,
        turnover=turnover,
        kinds=(*STANDING, "line") if lines else STANDING,
        most=top,
        draws=draws,
        seed=seed,
        jobs=jobs,
        told=say,
    )
    table = found.places
    if map_file is not None:
        from entrepot.report.charts.effects_map import effects_map

        outline = world.table("land_outline")
        map_file.write_text(effects_map(table, outline, found.title), encoding="utf-8")
        say(f"Map: {map_file}")
    if as_json:
        print_json(
            {
                "objective": found.title,
                "value": found.value,
                "unit": found.unit,
                "on": day,
                "status": found.status,
                "gap": found.gap,
                "adjoint_residual": found.residual,
                "draws": found.draws,
                "failed": found.failed,
                "places": records(table),
            }
        )
    else:
        _show(table, found.title, found.value, found.unit, day, found.draws)
    if found.status != "converged":
        raise InfeasibleError(f"The coupled equilibrium: {found.status}, gap {found.gap:.1e}.")
    if not as_json:
        say(
            f"\nNext: entrepot explain effects {pair[0]} {pair[1]} --objective income --map map.svg"
        )


def _show(table: pd.DataFrame, title: str, value: float, unit: str, day: str, draws: int) -> None:
    typer.echo(f"What moves the {title} most ({value:,.0f} {unit} to start from), rules of {day}\n")
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

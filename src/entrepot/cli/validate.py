"""entrepot validate: how good is the model?"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from entrepot.cli.shared import (
    DataOption,
    JsonOption,
    print_answer,
    print_table,
    say,
    say_next,
    shorten,
    span,
    write_text,
)
from entrepot.cli.validate_flows import show_flows
from entrepot.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd


def validate(
    benchmarks: Annotated[
        Path | None, typer.Option(help="A table like route_benchmarks.csv.")
    ] = None,
    paths: Annotated[
        Path | None, typer.Option(help="A table like route_benchmark_paths.csv.")
    ] = None,
    flows: Annotated[
        bool, typer.Option("--flows", help="Tonnes on corridors and events of the past instead.")
    ] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
    write: Annotated[
        Path | None, typer.Option(help="Write the page of the documentation here.")
    ] = None,
) -> None:
    """Compare modelled days, prices and distances, or flows, with published ones."""
    if flows:
        if benchmarks is not None or paths is not None or write is not None:
            raise UsageError("--flows goes with --data and --json only; --write holds both parts.")
        show_flows(data, as_json)
        return
    from entrepot import load_world
    from entrepot.api.files import check_output
    from entrepot.api.validation import validate_flows, validate_routes, validation_answer

    check_output(write)
    world = load_world(data)
    result = validate_routes(world, benchmarks, paths)
    if write is not None:
        from entrepot.report.pages.flow_validation_page import flow_sections
        from entrepot.report.pages.validation_page import validation_page

        say("Flows: estimates without each count, some minutes")
        moved = validate_flows(world, left_out=True)
        constants = world.table("corridor_constants")
        page = validation_page(result.rows, result.summary) + "\n"
        page += flow_sections(moved.counts, moved.back_tests, constants, moved.summary, moved.on)
        write_text(write, page)
        say(f"Written: {write}")
    if as_json:
        print_answer(validation_answer(world, result))
    elif write is None:
        _show(result.rows, result.summary)
        say_next(("study", "iran-kazakhstan"), {"--data": data})


def _show(table: pd.DataFrame, errors: Mapping[str, Mapping[str, float]]) -> None:
    rows = []
    for r in table.itertuples(index=False):
        rows.append(
            (
                r.id,
                shorten(f"{r.origin} - {r.destination}", 38),
                "" if missing(r.year) else f"{r.year:.0f}",
                _number(r.published_days, 1),
                _span(r.days_p10, r.days_p50, r.days_p90, 1),
                _percent(r.days_error),
                r.days_covered,
                _number(r.published_usd),
                _span(r.usd_p10, r.usd_p50, r.usd_p90)
                if r.published_usd == r.published_usd
                else "",
                _percent(r.usd_error),
                r.usd_covered,
                _percent(r.km_error),
                "" if r.free_rank is None or r.free_rank != r.free_rank else f"{r.free_rank:.0f}",
                shorten(r.status, 40),
            )
        )
    print_table(
        (
            "id",
            "route",
            "year",
            "days",
            "modelled",
            "error",
            "in range",
            "USD",
            "modelled",
            "error",
            "in range",
            "km error",
            "rank",
            "status",
        ),
        rows,
        right=(3, 4, 5, 7, 8, 9, 11, 12),
    )
    typer.echo("")
    summary = []
    for name in ("days", "cost", "distance"):
        s = errors[name]
        summary.append(
            (
                name,
                f"{s['n']:.0f}",
                _percent(s["median_abs_error"], sign=False),
                _percent(s["mean_abs_error"], sign=False),
                f"{s['bias']:.2f}",
                _percent(s["coverage"], sign=False),
            )
        )
    print_table(
        ("core rows", "n", "median error", "mean error", "bias", "in P10-P90"),
        summary,
        right=(1, 2, 3, 4, 5),
    )
    free = errors["free_choice"]
    typer.echo(
        f"\nFree choice finds the published corridor among its first three routes in "
        f"{_percent(free['in_first_three'], sign=False)} of {free['n']:.0f} rows."
    )


def missing(value: object) -> bool:
    """Whether a cell is empty."""
    from entrepot.answers.writers.cells import plain

    return plain(value) is None


def _number(value: float, digits: int = 0) -> str:
    return "" if value != value else f"{value:,.{digits}f}"


def _span(low: float, middle: float, high: float, digits: int = 0) -> str:
    return "" if middle != middle else span(low, middle, high, digits)


def _percent(value: float, *, sign: bool = True) -> str:
    if value != value:
        return ""
    return f"{100 * value:+.0f} %" if sign else f"{100 * value:.0f} %"

"""entrepot validate --flows: tonnes on corridors and events of the past."""

from __future__ import annotations

from pathlib import Path

import typer

from entrepot.cli.shared import print_answer, print_table, say, shorten


def show_flows(data: Path | None, as_json: bool) -> None:
    """Print modelled against observed tonnes, and back-tests."""
    from entrepot import load_world
    from entrepot.api.validation import flow_validation_answer, validate_flows

    world = load_world(data)
    if not as_json:
        say("Flows of all pairs; a minute where their routes are not yet kept")
    result = validate_flows(world)
    if as_json:
        print_answer(flow_validation_answer(world, result))
        return
    rows = []
    for r in result.counts.itertuples(index=False):
        spread = r.observed_low_mt == r.observed_low_mt and r.observed_low_mt < r.observed_high_mt
        rows.append(
            (
                shorten(r.name, 48),
                str(r.year),
                r.use,
                f"{r.observed_mt:.2f}",
                f"{r.observed_low_mt:.2f}-{r.observed_high_mt:.2f}" if spread else "",
                f"{r.modelled_mt:.2f}",
                f"{r.factor:.2f}",
                r.within,
            )
        )
    print_table(
        ("Mt a year", "year", "use", "observed", "sources", "modelled", "factor", "within 1.5"),
        rows,
        right=(1, 3, 4, 5, 6),
    )
    typer.echo("")
    for use, s in result.summary.items():
        typer.echo(
            f"{use}: {s['within']:.0f} of {s['n']:.0f} within a factor 1.5, "
            f"mean error a factor {s['mean_factor']:.2f}"
        )
    typer.echo("")
    print_table(
        ("event of the past", "observed", "modelled", "Mt before", "Mt after", "same sign"),
        [
            (
                shorten(r.name, 64),
                f"{100 * r.observed_change:+.0f} %",
                f"{100 * r.modelled_change:+.0f} %",
                f"{r.modelled_before_mt:.2f}",
                f"{r.modelled_after_mt:.2f}",
                r.same_sign,
            )
            for r in result.back_tests.itertuples(index=False)
        ],
        right=(1, 2, 3, 4),
    )
    say(
        f"\nTrade and rules of {result.on}. Constants: corridor_constants.csv; more: docs/validation.md"
    )

"""entrepot assign: congested assignment on any network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from entrepot.cli.shared import (
    JsonOption,
    print_answer,
    records,
    say,
    say_next,
    write_text,
)

if TYPE_CHECKING:
    import pandas as pd

    from entrepot import Answer

SHOWN_PAIRS = 10
NOT_CONVERGED = 4
GAP = 1e-10
ITERATIONS = 1000


def assign(
    tntp: Annotated[
        tuple[Path, Path] | None,
        typer.Option(help="Network and trips in the TNTP format.", metavar="NET TRIPS"),
    ] = None,
    gmns: Annotated[
        Path | None, typer.Option(help="A folder with node.csv and link.csv in GMNS.")
    ] = None,
    omx: Annotated[Path | None, typer.Option(help="Trips in an OMX file, with --gmns.")] = None,
    matrix: Annotated[
        str | None, typer.Option(help="Which matrix of the OMX file; its only one if left out.")
    ] = None,
    gap: Annotated[float, typer.Option(help="Relative gap to reach.")] = GAP,
    toll_factor: Annotated[float, typer.Option(help="Time that a unit of toll is worth.")] = 0.0,
    distance_factor: Annotated[
        float, typer.Option(help="Time that a unit of length is worth.")
    ] = 0.0,
    threads: Annotated[
        int | None, typer.Option(help="At most; all cores if left out. Results do not change.")
    ] = None,
    max_iterations: Annotated[int, typer.Option(help="At most.")] = ITERATIONS,
    warm: Annotated[Path | None, typer.Option(help="Start from what --save kept.")] = None,
    save: Annotated[Path | None, typer.Option(help="Keep what --warm can start from.")] = None,
    flows: Annotated[
        Path | None, typer.Option(help="Write flows by link: TNTP if named .tntp, else CSV.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Assign trips to a congested network: user equilibrium, with its certificate."""
    import entrepot as ep
    from entrepot.api.files import check_output
    from entrepot.errors import UsageError

    if (tntp is None) == (gmns is None):
        raise UsageError("Name one network: --tntp NET TRIPS, or --gmns FOLDER with --omx FILE.")
    if (gmns is None) != (omx is None):
        raise UsageError("--gmns needs the trips with --omx FILE, and --omx a network with --gmns.")
    if matrix is not None and omx is None:
        raise UsageError("--matrix names a matrix of an OMX file; there is none without --omx.")
    check_output(flows, save)
    network, trips = tntp if tntp is not None else (gmns, omx)
    assert network is not None
    assert trips is not None
    answer = ep.assign_traffic(
        network,
        trips,
        matrix=matrix,
        gap=gap,
        toll_factor=toll_factor,
        distance_factor=distance_factor,
        iterations=max_iterations,
        threads=threads,
        start=warm,
        save=save,
    )
    if flows is not None:
        _write(answer, flows)
    if as_json:
        print_answer(answer, "assignment", "disconnected", "history")
    else:
        _show(answer)
    for path in (flows, save):
        if path is not None:
            say(f"Written: {path}")
    _warn(answer.tables["disconnected"])
    if answer.status != "converged":
        raise typer.Exit(NOT_CONVERGED)
    say_next(
        ("assign",),
        {
            "--tntp": tntp,
            "--gmns": gmns,
            "--omx": omx,
            "--matrix": matrix,
            "--gap": None if gap == GAP else f"{gap:g}",
            "--toll-factor": f"{toll_factor:g}" if toll_factor else None,
            "--distance-factor": f"{distance_factor:g}" if distance_factor else None,
            "--threads": threads,
            "--max-iterations": None if max_iterations == ITERATIONS else max_iterations,
            "--flows": flows or Path("flows.csv"),
            "--save": None if save or flows is None else Path("uses.npz"),
            "--warm": save or warm,
        },
    )


def _write(answer: Answer, path: Path) -> None:
    """Flows by link: TNTP where the name ends so, else CSV."""
    if path.suffix.lower() != ".tntp":
        write_text(path, answer.to_csv("volumes"))
        return
    from io import StringIO

    from entrepot.answers.writers.tntp import write_tntp

    out = StringIO(newline="")
    write_tntp(answer.tables["volumes"], out)
    write_text(path, out.getvalue())


def _show(answer: Answer) -> None:
    told = answer.tables["assignment"].iloc[0].to_dict()
    lines = [
        ("nodes, links", f"{told['nodes']:,}, {told['links']:,}"),
        ("trips asked for", f"{told['demand']:,.6g}"),
        ("loaded", f"{told['loaded']:,.6g}"),
        ("within a zone", f"{told['intrazonal']:,.6g}"),
        ("no route between", f"{told['disconnected_demand']:,.6g}"),
        ("objective", f"{told['objective']:.15g}"),
        ("total travel time", f"{told['total_travel_time']:,.8g}"),
        ("relative gap", f"{told['relative_gap']:.2e}"),
        ("average excess cost", f"{told['average_excess_cost']:.2e}"),
        ("largest imbalance", f"{told['node_balance']:.2e}"),
        ("iterations", str(told["iterations"])),
        ("seconds", f"{told['seconds']:.3g} with {told['threads']} threads"),
    ]
    width = max(len(name) for name, _ in lines)
    for name, value in lines:
        typer.echo(f"{name.ljust(width)}  {value}")
    typer.echo(f"\n{answer.notes[0]}")


def _warn(pairs: pd.DataFrame) -> None:
    if not len(pairs):
        return
    say(f"\nNo route between {len(pairs)} pairs with trips, which were not loaded:")
    for row in records(pairs.head(SHOWN_PAIRS)):
        say(f"  {row['origin']} to {row['destination']}: {row['trips']:g} trips")
    if len(pairs) > SHOWN_PAIRS:
        say(f"  and {len(pairs) - SHOWN_PAIRS} more; --json has them all")

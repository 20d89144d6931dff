"""entrepot assign: congested assignment on any network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from entrepot.cli.shared import JsonOption, print_json, say

if TYPE_CHECKING:
    from entrepot.assignment.assign import AssignmentResult

SHOWN_PAIRS = 10
NOT_CONVERGED = 4


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
    gap: Annotated[float, typer.Option(help="Relative gap to reach.")] = 1e-10,
    toll_factor: Annotated[float, typer.Option(help="Time that a unit of toll is worth.")] = 0.0,
    distance_factor: Annotated[
        float, typer.Option(help="Time that a unit of length is worth.")
    ] = 0.0,
    threads: Annotated[
        int | None, typer.Option(help="At most; all cores if left out. Results do not change.")
    ] = None,
    max_iterations: Annotated[int, typer.Option(help="At most.")] = 1000,
    warm: Annotated[Path | None, typer.Option(help="Start from what --save kept.")] = None,
    save: Annotated[Path | None, typer.Option(help="Keep what --warm can start from.")] = None,
    flows: Annotated[
        Path | None, typer.Option(help="Write flows by link: TNTP if named .tntp, else CSV.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Assign trips to a congested network: user equilibrium, with its certificate."""
    from entrepot.assignment.assign import AssignmentSettings, assign_road, save_uses, write_flows
    from entrepot.errors import UsageError
    from entrepot.facts.files import check_output

    if (tntp is None) == (gmns is None):
        raise UsageError("Name one network: --tntp NET TRIPS, or --gmns FOLDER with --omx FILE.")
    if (gmns is None) != (omx is None):
        raise UsageError("--gmns needs the trips with --omx FILE, and --omx a network with --gmns.")
    if matrix is not None and omx is None:
        raise UsageError("--matrix names a matrix of an OMX file; there is none without --omx.")
    check_output(flows, save)
    if tntp is not None:
        from entrepot.assignment.tntp import read_tntp

        road, table = read_tntp(*tntp)
    else:
        from entrepot.assignment.gmns import read_gmns_road
        from entrepot.assignment.omx import read_omx

        assert gmns is not None
        assert omx is not None
        road = read_gmns_road(gmns)
        table = read_omx(omx, road, matrix)
    settings = AssignmentSettings(gap, toll_factor, distance_factor, max_iterations, threads, warm)
    result = assign_road(road, table, settings)
    if flows is not None:
        write_flows(result, flows)
    if save is not None:
        save_uses(result, save)
    if as_json:
        print_json(result.as_json())
    else:
        _show(result)
    for path in (flows, save):
        if path is not None:
            say(f"Written: {path}")
    _warn(result)
    if not result.found.converged:
        raise typer.Exit(NOT_CONVERGED)
    say(f"\nNext: entrepot assign {_told(tntp, gmns, omx)} {_next(flows, save)}")


def _show(result: AssignmentResult) -> None:
    told = result.as_json()
    lines = [
        ("nodes, links", f"{told['nodes']:,}, {told['links']:,}"),
        ("trips asked for", f"{told['demand']:,.6g}"),
        ("loaded", f"{told['loaded']:,.6g}"),
        ("within a zone", f"{told['intrazonal']:,.6g}"),
        ("no way between", f"{told['disconnected_demand']:,.6g}"),
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
    typer.echo(f"\n{told['status']}")


def _warn(result: AssignmentResult) -> None:
    pairs = result.disconnected
    if not pairs:
        return
    say(f"\nNo way between {len(pairs)} pairs with trips, which were not loaded:")
    rows = [(o, d, f"{trips:g}") for o, d, trips in pairs[:SHOWN_PAIRS]]
    for row in rows:
        say(f"  {row[0]} to {row[1]}: {row[2]} trips")
    if len(pairs) > SHOWN_PAIRS:
        say(f"  and {len(pairs) - SHOWN_PAIRS} more; --json has them all")


def _told(tntp: tuple[Path, Path] | None, gmns: Path | None, omx: Path | None) -> str:
    import shlex

    if tntp is not None:
        return f"--tntp {shlex.quote(str(tntp[0]))} {shlex.quote(str(tntp[1]))}"
    return f"--gmns {shlex.quote(str(gmns))} --omx {shlex.quote(str(omx))}"


def _next(flows: Path | None, save: Path | None) -> str:
    import shlex

    if flows is None:
        return "--flows flows.csv"
    return "--save uses.npz" if save is None else f"--warm {shlex.quote(str(save))}"

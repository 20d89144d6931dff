"""entrepot gravity: what trade depends on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from entrepot.cli.shared import JsonOption, print_json, print_table, say, write_csv

if TYPE_CHECKING:
    from entrepot.trade.gravity.estimate import Gravity

SHOWN_ROWS = 40


def gravity(
    file: Annotated[Path, typer.Argument(help="A table of trade: CSV, CSV.GZ or Parquet.")],
    formula: Annotated[
        str,
        typer.Option(
            help="trade ~ rta | exporter^year + importer^year + exporter^importer; also log(x), "
            "a:b, i(year, x)."
        ),
    ],
    cluster: Annotated[
        list[str] | None,
        typer.Option(help="exporter^importer, or another; may be repeated. Pairs if left out."),
    ] = None,
    theta: Annotated[
        float | None, typer.Option(help="Trade elasticity above zero, for ad valorem equivalents.")
    ] = None,
    vcov: Annotated[str, typer.Option(help="cluster or robust.")] = "cluster",
    small_sample: Annotated[
        str, typer.Option(help="Small-sample factor as in ppmlhdfe, as in fixest, or none.")
    ] = "ppmlhdfe",
    reference: Annotated[
        str | None, typer.Option(help="Importer whose inward resistance is one.")
    ] = None,
    keep_singletons: Annotated[
        bool, typer.Option("--keep-singletons", help="Keep levels with one observation.")
    ] = False,
    effects: Annotated[Path | None, typer.Option(help="Write all effects here, as CSV.")] = None,
    resistances: Annotated[
        Path | None, typer.Option(help="Write multilateral resistances here, as CSV.")
    ] = None,
    fitted: Annotated[
        Path | None, typer.Option(help="Write observed and fitted trade by row here, as CSV.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Estimate gravity by PPML with absorbed effects."""
    from entrepot.errors import UsageError, nearest
    from entrepot.facts.files import check_output
    from entrepot.trade.gravity.estimate import GravitySettings, estimate_file

    if vcov not in ("cluster", "robust"):
        near = nearest(vcov, ("cluster", "robust"), 1)
        tip = f" Did you mean '{near[0]}'?" if near else ""
        raise UsageError(f"'{vcov}' is no kind of standard error: cluster or robust.{tip}")
    settings = GravitySettings(
        cluster=tuple(cluster) if cluster else None,
        robust=vcov == "robust",
        convention=small_sample,
        theta=theta,
        reference=reference,
        singletons=not keep_singletons,
    )
    check_output(effects, resistances, fitted)
    result = estimate_file(file, formula, settings)
    written = _write(result, effects, resistances, fitted)
    if as_json:
        print_json(result.as_json())
    else:
        _show(result)
    for note in result.notes:
        say(f"Note: {note}")
    for path in written:
        say(f"Written: {path}")
    say(f"\nNext: {_next(file, formula, theta, effects)}")


def _write(
    result: Gravity, effects: Path | None, resistances: Path | None, fitted: Path | None
) -> list[Path]:
    from entrepot.errors import UsageError

    tables = [(effects, result.effects), (fitted, result.observations)]
    if resistances is not None:
        if result.resistances is None:
            raise UsageError(
                "There are no resistances to write: the effects are not an exporter's and an "
                "importer's, as in exporter^year + importer^year."
            )
        tables.append((resistances, result.resistances))
    written = []
    for path, table in tables:
        if path is not None:
            try:
                with path.open("w", encoding="utf-8", newline="") as file:
                    write_csv(table, file)
            except OSError as error:
                raise UsageError(f"'{path}' cannot be written: {error.strerror}.") from None
            written.append(path)
    return written


def _show(result: Gravity) -> None:
    table = result.coefficients
    has_cost = "ad_valorem" in table
    header = ["", "estimate", "s.e.", "z", "p", "95 % interval", *["ad valorem"] * has_cost]
    rows = []
    for r in table.itertuples(index=False):
        row = [
            str(r.name),
            f"{r.estimate:.6g}",
            f"{r.se:.4g}",
            f"{r.z:.2f}",
            f"{r.p:.4f}",
            f"{r.low:.4g} to {r.high:.4g}",
        ]
        rows.append([*row, f"{100 * r.ad_valorem:+.1f} %"] if has_cost else row)
    if rows:
        print_table(header, rows[:SHOWN_ROWS], right=(1, 2, 3, 4, 5, 6))
        if len(rows) > SHOWN_ROWS:
            typer.echo(f"and {len(rows) - SHOWN_ROWS} more; --json has them all")
        typer.echo("")
    levels = result.effects["effect"].value_counts(sort=False)
    lines = [
        ("observations", f"{len(result.observations):,}"),
        *((f"effects {name}", f"{count:,}") for name, count in levels.items()),
        ("standard errors", result.errors),
        ("small-sample factor", f"{result.covariance.factor:.8g} = {result.covariance.words}"),
        ("deviance", f"{result.deviance:.8g}"),
        ("pseudo R2", f"{result.pseudo_r2:.4f}"),
        (
            "solver",
            f"{result.fit.status.value}, {result.fit.iterations} iterations, totals met to "
            f"{result.fit.imbalance:.0e}",
        ),
    ]
    if result.covariance.clusters:
        lines.insert(-4, ("clusters", " and ".join(f"{c:,}" for c in result.covariance.clusters)))
    width = max(len(name) for name, _ in lines)
    for name, value in lines:
        typer.echo(f"{name.ljust(width)}  {value}")


def _next(file: Path, formula: str, theta: float | None, effects: Path | None) -> str:
    """A command that goes on from here."""
    import shlex

    told = f"entrepot gravity {shlex.quote(str(file))} --formula {shlex.quote(formula)}"
    if theta is None:
        return f"{told} --theta 5"
    if effects is None:
        return f"{told} --theta {theta:g} --effects effects.csv --resistances resistances.csv"
    return f"{told} --vcov robust"

"""entrepot gravity: what trade depends on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from entrepot.cli.shared import (
    JsonOption,
    print_answer,
    print_table,
    say,
    say_next,
    write_text,
)

if TYPE_CHECKING:
    import pandas as pd

    from entrepot import Answer

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
    import entrepot as ep
    from entrepot.api.files import check_output

    check_output(effects, resistances, fitted)
    answer = ep.estimate_gravity(
        file,
        formula,
        theta=theta,
        cluster=cluster,
        vcov=vcov,
        small_sample=small_sample,
        reference=reference,
        keep_singletons=keep_singletons,
    )
    files = {"effects": effects, "resistances": resistances, "observations": fitted}
    written = _write(answer, {name: path for name, path in files.items() if path is not None})
    if as_json:
        print_answer(answer, "coefficients", "fit", "left_out", "history")
    else:
        _show(answer.tables)
    for note in answer.notes:
        say(f"Note: {note}")
    for path in written:
        say(f"Written: {path}")
    options: dict[str, object] = {
        "--formula": formula,
        "--cluster": cluster,
        "--theta": f"{theta:g}" if theta is not None else "5",
        "--vcov": None if vcov == "cluster" else vcov,
        "--small-sample": None if small_sample == "ppmlhdfe" else small_sample,
        "--reference": reference,
        "--keep-singletons": keep_singletons,
    }
    if theta is not None:
        options["--effects"] = effects or Path("effects.csv")
        options["--resistances"] = resistances
        options["--fitted"] = fitted
    say_next(("gravity", file), options)


def _write(answer: Answer, files: dict[str, Path]) -> list[Path]:
    """Write tables as CSV. Raises UsageError where one is not there or cannot be written."""
    from entrepot.errors import UsageError

    for name, path in files.items():
        if name not in answer.tables:
            raise UsageError(
                f"There are no {name} to write: the effects are not an exporter's and an "
                "importer's, as in exporter^year + importer^year."
            )
        write_text(path, answer.to_csv(name))
    return list(files.values())


def _show(tables: Mapping[str, pd.DataFrame]) -> None:
    table, fit = tables["coefficients"], tables["fit"].iloc[0]
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
    levels = tables["effects"]["effect"].value_counts(sort=False)
    lines = [
        ("observations", f"{fit['observations']:,}"),
        *((f"effects {name}", f"{count:,}") for name, count in levels.items()),
        ("standard errors", fit["standard_errors"]),
        ("small-sample factor", f"{fit['small_sample_factor']:.8g} = {fit['small_sample_words']}"),
        ("deviance", f"{fit['deviance']:.8g}"),
        ("pseudo R2", f"{fit['pseudo_r2']:.4f}"),
        (
            "solver",
            f"{fit['solver_status']}, {fit['iterations']} iterations, totals met to "
            f"{fit['imbalance']:.0e}",
        ),
    ]
    if fit["clusters"]:
        lines.insert(-4, ("clusters", " and ".join(f"{c:,}" for c in fit["clusters"])))
    width = max(len(name) for name, _ in lines)
    for name, value in lines:
        typer.echo(f"{name.ljust(width)}  {value}")

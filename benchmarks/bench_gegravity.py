"""Structural gravity beside gegravity (Herman 2021), in one process and turn by turn.

    python benchmarks/bench_gegravity.py [--sample FILE]

Baseline resistances and one counterfactual, on a made-up world of 30 countries and, where the file
is given, on gegravity's own sample. That file, examples/sample_data_set.dlm of the repository
peter-herman/gegravity, is not part of the installed package; name it with --sample or in the
environment variable GEGRAVITY_SAMPLE.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd

from entrepot.trade.one_sector.structural import StructuralGravity, simulate, solve_baseline
from entrepot.trade.one_sector.structural_input import OneSectorOptions

ROUNDS = 3
TURNS_OF_OURS = 20  # ours is over before a clock can tell one run well
TOLERANCE = 1e-10  # asked of gegravity's solver; its default is 1e-8
AGREE = 1e-7  # relative, between the codes where they solve the same equations
SIGMA = 5.0
COUNTRIES = 30
VARIABLE = "GEGRAVITY_SAMPLE"
# Published with gegravity's example for its sample.
COEFFICIENTS = {
    "lndist": -0.3898623,
    "contiguity": 0.891577,
    "common_language": 0.0326249,
    "pta": 0.4711383,
    "international": -3.412584,
    "constant": 16.32434,
}
NOT_INSTALLED = "gegravity is not installed here, so nothing was measured against it."
NO_SAMPLE = (
    "gegravity's own sample is not part of its installed package and was not at hand; "
    f"`{VARIABLE}` can name the file `examples/sample_data_set.dlm` of its repository."
)


@dataclass(frozen=True, slots=True)
class Sample:
    """A world as gegravity wants it: one row by pair, and a second frame after the shock."""

    title: str
    before: pd.DataFrame
    after: pd.DataFrame
    reference: str


@dataclass(frozen=True, slots=True)
class Peer:
    """What gegravity found. Arrays by country in the order of names, trade [importer, exporter].

    seconds : the whole run, and the part in its three nonlinear solves
    rescale : the first scale of outward resistances at which its solver got there
    """

    seconds: float
    solving: float
    residual: float
    rescale: float
    resistances: pd.DataFrame
    prices: np.ndarray
    real_output: np.ndarray
    trade: np.ndarray
    output: np.ndarray


def made_up(title: str, *, open_borders: bool, seed: int = 20) -> Sample:
    """30 countries on a plane, sizes and imbalances at random, world expenditure 0.8 % too high.

    The shock: two countries sign an agreement, or all borders lose half of what they cost.
    """
    draw = np.random.default_rng(seed)
    names = [f"C{k:02d}" for k in range(COUNTRIES)]
    place = draw.uniform(0.0, 9000.0, (COUNTRIES, 2))
    away = np.hypot(*(place[:, None] - place[None]).transpose(2, 0, 1)) + 150.0
    agreed = np.triu(draw.random(away.shape) < 0.3, 1)
    agreed = agreed | agreed.T
    made = np.exp(draw.normal(13.0, 1.0, COUNTRIES))
    spent = made * np.exp(draw.normal(0.0, 0.1, COUNTRIES))
    spent *= 1.008 * made.sum() / spent.sum()
    pair = pd.MultiIndex.from_product([names, names], names=["exporter", "importer"])
    before = pd.DataFrame(index=pair).reset_index()
    before["year"], before["trade"] = "2006", 1.0
    before["Y"], before["E"] = np.repeat(made, COUNTRIES), np.tile(spent, COUNTRIES)
    before["lndist"] = np.log(away).ravel()
    before["contiguity"] = ((away < 1200) & ~np.eye(COUNTRIES, dtype=bool)).ravel().astype(float)
    before["common_language"] = (np.add.outer(np.arange(30), np.arange(30)) % 5 == 0).ravel() * 1.0
    before["pta"] = agreed.ravel().astype(float)
    before["international"] = (~np.eye(COUNTRIES, dtype=bool)).ravel().astype(float)
    before["constant"] = 1.0
    after = before.copy()
    if open_borders:
        after["international"] /= 2.0
    else:
        some = before["exporter"].isin(names[:2]) & before["importer"].isin(names[:2])
        after.loc[some & (before["international"] > 0), "pta"] = 1.0 - agreed[0, 1]
    return Sample(title, before, after, names[4])


def published(path: Path) -> Sample:
    """gegravity's own sample and example: an agreement between Canada and Japan."""
    before = pd.read_csv(path, dtype={"year": str})
    before["constant"] = 1.0
    before = before.sort_values(["exporter", "importer"]).reset_index(drop=True)
    after = before.copy()
    both = {"CAN", "JPN"}
    some = before["exporter"].isin(both) & before["importer"].isin(both)
    after.loc[some & (before["international"] > 0), "pta"] = 1
    return Sample(f"File {path.name}, agreement between Canada and Japan", before, after, "DEU")


def cost_term(frame: pd.DataFrame) -> np.ndarray:
    """t^(1 - sigma) as [importer, exporter]."""
    n = frame["exporter"].nunique()
    total = frame[list(COEFFICIENTS)].to_numpy(dtype=float) @ np.array([*COEFFICIENTS.values()])
    return np.ascontiguousarray(np.exp(total).reshape(n, n).T)


def ours(sample: Sample) -> tuple[float, float, StructuralGravity]:
    """Seconds of the quickest of some runs with costs from covariates, without, and the result."""
    best, best_solving, found = np.inf, np.inf, None
    output = sample.before.groupby("exporter")["Y"].first().to_numpy(dtype=float)
    spent = sample.before.groupby("importer")["E"].first().to_numpy(dtype=float)
    options = OneSectorOptions(
        reference=sorted(sample.before["exporter"].unique()).index(sample.reference),
        balance="scale_expenditure",
        numeraire="reference",
    )
    for _ in range(TURNS_OF_OURS):
        start = time.perf_counter()
        old, new = cost_term(sample.before), cost_term(sample.after)
        ready = time.perf_counter()
        base = solve_baseline(output, spent, old, SIGMA, options)
        found = simulate(base, (new / old) ** (1.0 / (1.0 - SIGMA)))
        end = time.perf_counter()
        best, best_solving = min(best, end - start), min(best_solving, end - ready)
    assert found is not None
    return best, best_solving, found


def theirs(ge: ModuleType, sample: Sample) -> Peer:
    """gegravity with the first scale of outward resistances that works; only that run is timed."""
    for rescale in (1.0, 10.0, 100.0, 1000.0, 0.1, 0.01, 0.001):
        try:
            return _theirs(ge, sample, rescale)
        except (ValueError, UserWarning) as reason:
            print(f"gegravity, omr_rescale {rescale:g}: {reason}", file=sys.stderr)
    raise SystemExit(f"{sample.title}: gegravity did not get there with any scale.")


def _theirs(ge: ModuleType, sample: Sample, rescale: float) -> Peer:
    columns = {"trade_var_name": "trade", "expend_var_name": "E", "output_var_name": "Y"}
    rows = pd.DataFrame({"var": [*COEFFICIENTS], "coeff": [*COEFFICIENTS.values()], "ste": 0.1})
    coefficients = ge.CostCoeffs(rows, identifier_col="var", coeff_col="coeff", stderr_col="ste")
    data = ge.BaselineData(sample.before.copy(), **columns)
    with warnings.catch_warnings(), Stopwatch(sys.modules[ge.OneSectorGE.__module__]) as watch:
        warnings.simplefilter("ignore")
        # It warns when a solve fails, and goes on; that is not an answer.
        warnings.filterwarnings("error", category=UserWarning)
        start = time.perf_counter()
        model = ge.OneSectorGE(
            data,
            year="2006",
            reference_importer=sample.reference,
            sigma=SIGMA,
            cost_variables=[*COEFFICIENTS],
            cost_coeff_values=coefficients,
            quiet=True,
        )
        model.build_baseline(omr_rescale=rescale, mr_tolerance=TOLERANCE, mr_max_iter=5000)
        model.define_experiment(sample.after.copy())
        model.simulate(ge_tolerance=TOLERANCE, ge_max_iter=5000)
        seconds = time.perf_counter() - start
    traded = model.bilateral_trade_results["experiment trade"].unstack("exporter")
    return Peer(
        seconds,
        watch.seconds,
        max(float(np.abs(done.fun).max()) for done in model.solver_diagnostics.values()),
        rescale,
        model.country_mr_terms.sort_index(),
        model.factory_gate_prices.sort_index().iloc[:, 0].to_numpy(),
        1.0 + model.country_results.sort_index()["GDP change (percent)"].to_numpy(float) / 100,
        traded.sort_index().sort_index(axis=1).to_numpy(),
        model.outputs_expenditures.sort_index()["experiment output"].to_numpy(),
    )


class Stopwatch:
    """Adds up the time that gegravity's module spends in scipy.optimize.root."""

    def __init__(self, module: ModuleType) -> None:
        self.module, self.seconds, self.real = module, 0.0, module.root

    def __enter__(self) -> Stopwatch:
        def timed(*values: Any, **named: Any) -> Any:
            start = time.perf_counter()
            try:
                return self.real(*values, **named)
            finally:
                self.seconds += time.perf_counter() - start

        self.module.root = timed
        return self

    def __exit__(self, *_: object) -> None:
        self.module.root = self.real


def apart(one: np.ndarray, other: np.ndarray) -> float:
    """Largest relative difference."""
    return float(np.abs(np.asarray(one, dtype=float) / other - 1.0).max())


def compare(sample: Sample, peer: Peer, found: StructuralGravity) -> list[str]:
    """Sentences on where the codes agree and where not; raises where they should and do not."""
    old, part, full = found.baseline.equilibrium, found.conditional, found.full
    terms = peer.resistances
    alike = {
        "baseline": max(
            apart(terms["baseline imr"], old.inward), apart(terms["baseline omr"], old.outward)
        ),
        "conditional": max(
            apart(terms["conditional imr"], part.inward),
            apart(terms["conditional omr"], part.outward),
        ),
        # With outputs as before, p = (Y / W)^(1 / (1 - sigma)) / (beta Pi) is Pi over new Pi.
        "its full against our conditional": max(
            apart(terms["experiment imr"], part.inward),
            apart(terms["experiment omr"], part.outward),
            apart(peer.prices, old.outward / part.outward),
        ),
    }
    for name, gap in alike.items():
        if not gap < AGREE:
            raise SystemExit(f"{sample.title}: {name} results differ from gegravity by {gap:g}.")
    real = found.full_changes.real_output
    effect = np.abs(real - 1.0).max()
    sales = peer.trade.sum(axis=0)
    unsold = apart(sales / sales.sum(), peer.output / peer.output.sum())
    return [
        f"Baseline and conditional resistances agree to {alike['baseline']:.0e} and "
        f"{alike['conditional']:.0e}; what gegravity calls full equilibrium has the resistances "
        "of the conditional one and prices one round on from there, to "
        f"{alike['its full against our conditional']:.0e}.",
        f"Its full equations keep the output and expenditure shares of the baseline. Where "
        "these adjust as well, as here, real GDP changes by up to "
        f"{effect:.2%}; gegravity is off by up to {np.abs(peer.real_output - real).max():.3%}. "
        f"Sales and output, as shares of the world, differ by up to {unsold:.1e} there and by "
        f"{apart(full.trade.sum(axis=0), full.output):.0e} here.",
    ]


def measure(ge: ModuleType, sample: Sample) -> str:
    """Markdown of one world."""
    runs = [(ours(sample), theirs(ge, sample)) for _ in range(ROUNDS)]
    seconds, solving = (min(run[0][k] for run in runs) for k in (0, 1))
    found, peer = runs[0][0][2], min((run[1] for run in runs), key=lambda p: p.seconds)
    parts = (found.baseline.equilibrium, found.conditional, found.full)
    residual = max(part.residual for part in parts)
    roots = min(run[1].solving for run in runs)
    lines = [
        f"**{sample.title}** ({len(peer.prices)} countries):",
        "",
        "| code | seconds | times entrepot's | of which solving | times entrepot's "
        "| largest residual |",
        "|---|---:|---:|---:|---:|---:|",
        f"| entrepot | {seconds:.2g} | 1 | {solving:.2g} | 1 | {residual:.0e} |",
        f"| gegravity | {peer.seconds:.2g} | {peer.seconds / seconds:.0f} | {roots:.2g} "
        f"| {roots / solving:.0f} | {peer.residual:.0e} |",
        "",
        *(f"- {sentence}" for sentence in compare(sample, peer, found)),
    ]
    if peer.rescale != 1.0:
        lines.append(f"- gegravity needed `omr_rescale={peer.rescale:g}`; earlier tries not timed.")
    return "\n".join(lines)


def main(sample: Path | None = None) -> str:
    """Measure on all worlds at hand; a sentence where gegravity is missing."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import gegravity as ge
    except ImportError:
        return NOT_INSTALLED
    path = sample or (Path(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None)
    worlds = [
        made_up("Made-up world, one agreement", open_borders=False),
        made_up("Made-up world, borders at half their cost", open_borders=True),
    ]
    if path is not None:
        worlds.append(published(path))
    parts = []
    for world in worlds:
        print(world.title, file=sys.stderr, flush=True)
        parts.append(measure(ge, world))
    if path is None:
        parts.append(NO_SAMPLE)
    return "\n\n".join(parts)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=Path, help="gegravity's sample_data_set.dlm")
    print(main(parser.parse_args().sample))

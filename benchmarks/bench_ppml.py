"""Three-way PPML beside pyfixest, in one process and turn by turn.

    python benchmarks/bench_ppml.py [--facts FOLDER]

Two panels of observed trade, gravity_panel.parquet and
gravity_panel_mfg_internal_1986_2006.parquet, looked for in the folder shared/facts beside the
repository unless --facts or the environment variable ENTREPOT_FACTS names another. Without them a
made-up panel of their kind takes their place. pyfixest is on the package registry under that name.
"""

from __future__ import annotations

import argparse
import gc
import os
import subprocess
import sys
import tempfile
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from entrepot.trade.gravity.estimate import Gravity, GravitySettings, estimate_frame

ROUNDS = 3
THREE_WAY = "exporter^year + importer^year + exporter^importer"
TIGHT = 1e-11  # pyfixest's inner tolerance where its coefficients are to hold six digits
VARIABLE = "ENTREPOT_FACTS"
NOT_INSTALLED = (
    "pyfixest is not installed here, so nothing was measured against it: `pip install pyfixest`."
)
MADE_UP = "The observed panels were not at hand, so this is a made-up one."
FIRST_CALL = """
import sys, time
import numpy as np
from entrepot.kernels.ppml import ppml
from entrepot.kernels.separation import separation
rng = np.random.default_rng(0)
n = 900
i, j, t = np.indices((15, 15, 4)).reshape(3, -1)
codes = [i * 4 + t, j * 4 + t, i * 15 + j]
y, x = rng.gamma(1.0, 1.0, n), rng.normal(size=(n, 2))
y[::7] = 0.0
for _ in range(2):
    start = time.perf_counter()
    separation(y, x, codes)
    ppml(y, x, codes)
    print(time.perf_counter() - start)
"""


@dataclass(frozen=True, slots=True)
class Case:
    """A panel with an outcome called trade, and the names of regressors."""

    title: str
    frame: pd.DataFrame
    regressors: tuple[str, ...]

    @property
    def formula(self) -> str:
        return f"trade ~ {' + '.join(self.regressors)} | {THREE_WAY}"


def by_year(frame: pd.DataFrame, names: list[str]) -> list[str]:
    """Slopes by year but the first, added as columns."""
    added = []
    for year in sorted(frame["year"].unique())[1:]:
        for name in names:
            column = f"{name}_{year}"
            frame[column] = frame[name] * (frame["year"] == year)
            added.append(column)
    return added


def lagged(frame: pd.DataFrame, name: str, years: tuple[int, ...]) -> list[str]:
    """A regressor some years ago, zero before the panel begins."""
    keys = ["exporter", "importer", "year"]
    added = []
    for k in years:
        past = frame[[*keys, name]].assign(year=frame["year"] + k)
        found = frame[keys].merge(past, on=keys, how="left")[name].fillna(0.0)
        frame[f"{name}_lag{k}"] = found.to_numpy()
        added.append(f"{name}_lag{k}")
    return added


def world_panel(path: Path) -> list[Case]:
    """190 countries, seven years, mostly foreign trade."""
    frame = duckdb.execute(
        "SELECT year::INT AS year, exporter, importer, trade_musd AS trade, rta_any::DOUBLE AS rta,"
        " eu::DOUBLE AS eu, eaeu::DOUBLE AS eaeu, ln(dist) AS ln_dist, contig::DOUBLE AS contig,"
        " comlang_off::DOUBLE AS language, colony::DOUBLE AS colony FROM read_parquet(?)"
        " WHERE trade_musd IS NOT NULL AND dist IS NOT NULL",
        [str(path)],
    ).df()
    few = ("rta", "eu", "eaeu")
    many = by_year(frame, ["ln_dist", "contig", "language", "colony"])
    return [
        Case("World, 190 countries, 7 years", frame, few),
        Case("World, slopes by year", frame, (*few, *many)),
    ]


def manufactures_panel(path: Path) -> list[Case]:
    """69 countries, 21 years, domestic sales observed."""
    frame = duckdb.execute(
        "SELECT year::INT AS year, exporter, importer, trade, rta::DOUBLE AS rta,"
        " international::DOUBLE AS border FROM read_parquet(?)",
        [str(path)],
    ).df()
    many = (*lagged(frame, "rta", (4, 8)), *by_year(frame, ["border"]))
    return [
        Case("Manufactures, 69 countries, 21 years", frame, ("rta",)),
        Case("Manufactures, lags and borders by year", frame, ("rta", *many)),
    ]


def made_up() -> list[Case]:
    """80 countries, 8 years."""
    draw = np.random.default_rng(4)
    n, years = 80, 8
    i, j, t = np.indices((n, n, years)).reshape(3, -1)
    names = np.array([f"C{k:02d}" for k in range(n)])
    pair = i * n + j
    frame = pd.DataFrame({"exporter": names[i], "importer": names[j], "year": 2000 + t})
    frame["rta"] = (draw.random(n * n)[pair] * 16 < t) * 1.0
    frame["border"] = (i != j) * 1.0
    side = draw.normal(0, 1.5, (2, n, years))
    mean = np.exp(
        0.3 * frame["rta"] + side[0][i, t] + side[1][j, t] + draw.normal(0, 2, n * n)[pair]
    )
    frame["trade"] = mean * draw.gamma(0.5, 2.0, len(frame)) * (draw.random(len(frame)) > 0.25)
    many = by_year(frame, ["border"])
    return [
        Case("Made up, 80 countries, 8 years", frame, ("rta",)),
        Case("Made up, borders by year", frame, ("rta", *many)),
    ]


def cases(facts: Path) -> tuple[list[Case], str]:
    """What to measure, and a remark."""
    world = facts / "gravity_panel.parquet"
    goods = facts / "gravity_panel_mfg_internal_1986_2006.parquet"
    if world.is_file() and goods.is_file():
        return [*world_panel(world), *manufactures_panel(goods)], ""
    return made_up(), MADE_UP


def ours(case: Case) -> tuple[float, Gravity]:
    """Seconds and the estimate: separation, estimate, clustered errors, effects, all tables."""
    gc.collect()
    start = time.perf_counter()
    result = estimate_frame(case.frame, case.formula, GravitySettings(convention="fixest"))
    return time.perf_counter() - start, result


def theirs(pf: ModuleType, case: Case, rows: pd.DataFrame, *, tight: bool) -> tuple[float, Any]:
    """Seconds and the fit of pyfixest, by default or with an inner tolerance that holds digits."""
    options: dict[str, Any] = {}
    if tight:
        demeaner = pf.MapDemeaner(fixef_tol=TIGHT, fixef_maxiter=1_000_000)
        options = {"iwls_tol": 1e-12, "iwls_maxiter": 200, "demeaner": demeaner}
    gc.collect()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        start = time.perf_counter()
        fit = pf.fepois(case.formula, rows, vcov={"CRV1": "pair"}, **options)
        return time.perf_counter() - start, fit


def apart(mine: Gravity, fit: Any, column: str) -> float:
    """Largest difference of coefficients or errors, relative to the larger of the two."""
    own = mine.coefficients.set_index("name")[column]
    other = (fit.coef() if column == "estimate" else fit.se())[own.index]
    return float((np.abs(own - other) / np.maximum(np.abs(own), np.abs(other))).max())


def measure(pf: ModuleType, case: Case) -> list[str]:
    """Rows of the table."""
    print(case.title, file=sys.stderr, flush=True)
    _, result = ours(case)
    # Rows that both codes use; pyfixest would leave singletons that appear when others have gone.
    rows = case.frame.iloc[result.observations["row"].to_numpy()].reset_index(drop=True)
    rows["pair"] = rows["exporter"] + "-" + rows["importer"]
    mine, default = [], []
    fit = None
    for _ in range(ROUNDS):
        mine.append(ours(case)[0])
        seconds, fit = theirs(pf, case, rows, tight=False)
        default.append(seconds)
    slow, exact = theirs(pf, case, rows, tight=True)
    kept = len(result.coefficients)
    best = min(mine)
    head = f"| {case.title} | {len(rows):,} | {kept} "
    return [
        f"{head}| entrepot | {best:.2f} | 1 | | |",
        f"{head}| pyfixest | {min(default):.2f} | {min(default) / best:.1f} "
        f"| {apart(result, fit, 'estimate'):.0e} | {apart(result, fit, 'se'):.0e} |",
        f"{head}| pyfixest, tight | {slow:.2f} | {slow / best:.1f} "
        f"| {apart(result, exact, 'estimate'):.0e} | {apart(result, exact, 'se'):.0e} |",
    ]


def first_call() -> tuple[float, float]:
    """Seconds of a small first estimate in a fresh process without compiled code, and a second."""
    with tempfile.TemporaryDirectory() as folder:
        told = subprocess.run(
            [sys.executable, "-c", FIRST_CALL],
            env={**os.environ, "NUMBA_CACHE_DIR": folder},
            capture_output=True,
            text=True,
            check=True,
        )
    first, second = map(float, told.stdout.split())
    return first, second


def main(facts: Path | None = None) -> str:
    """Measure; a sentence where pyfixest is missing."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pyfixest as pf
    except ImportError:
        return NOT_INSTALLED
    beside = Path(__file__).resolve().parents[2] / "shared" / "facts"
    found, remark = cases(facts or Path(os.environ.get(VARIABLE, beside)))
    lines = [
        "| panel | observations | regressors | code | seconds | times entrepot's "
        "| coefficients apart | errors apart |",
        "|---|---:|---:|---|---:|---:|---:|---:|",
    ]
    for case in found:
        lines += measure(pf, case)
    first, second = first_call()
    lines += [
        "",
        f"Quickest of {ROUNDS} rounds, turn by turn, from a data frame to clustered standard "
        "errors; the tight run once. entrepot's time includes the whole search for separated "
        "observations and tables of all effects; pyfixest gets the rows that are left and looks "
        "for levels of zeros only. Its default inner tolerance is 1e-6; tight is "
        f"{TIGHT:g}, and 1e-12 outside. Differences are relative to the larger value.",
        "",
        f"Compiling, once on a machine: {first - second:.0f} seconds.",
    ]
    return "\n".join([*([remark, ""] if remark else []), *lines])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--facts", type=Path, help="folder with the two panels")
    print(main(parser.parse_args().facts))

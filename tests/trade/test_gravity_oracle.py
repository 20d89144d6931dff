"""Gravity estimates beside those of pyfixest, an independent code.

pyfixest removes singletons and all-zero levels once, not until none is left, so it gets the rows
that are left at the end; what remains must then agree in numbers and in standard errors.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from entrepot.trade.gravity.estimate import Gravity, GravitySettings, estimate_file, estimate_frame

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    pf = pytest.importorskip("pyfixest", reason="pyfixest is not installed")

# Of the larger of 1 and the value; pyfixest's inner iteration stops at 1e-11 at best.
SAME = 1e-6
THREE_WAY = "exporter^year + importer^year + exporter^importer"


def reference(formula: str, rows: pd.DataFrame, vcov: Any, **options: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tight = pf.MapDemeaner(fixef_tol=1e-11, fixef_maxiter=200_000)
        return pf.fepois(
            formula, rows, vcov=vcov, iwls_tol=1e-13, iwls_maxiter=200, demeaner=tight, **options
        )


def agree(mine: Gravity, other: Any) -> None:
    own = mine.coefficients.set_index("name")
    names = [n for n in own.index if n != "(constant)"]
    assert np.abs(own["estimate"][names] - other.coef()[names]).max() <= SAME
    assert np.abs(own["se"][names] / other.se()[names] - 1).max() <= SAME
    assert len(mine.observations) == other._N
    assert mine.deviance == pytest.approx(float(other.deviance), rel=1e-9)


@pytest.fixture(scope="module")
def made_up() -> pd.DataFrame:
    draw = np.random.default_rng(12)
    names = [f"C{k:02d}" for k in range(14)]
    rows = pd.MultiIndex.from_product(
        [names, names, range(2000, 2006)], names=["exporter", "importer", "year"]
    )
    frame = pd.DataFrame(index=rows).reset_index()
    n = len(frame)
    pair = frame.groupby(["exporter", "importer"]).ngroup().to_numpy()
    frame["ln_dist"] = draw.normal(size=196)[pair]
    frame["fta"] = ((draw.random(196)[pair] * 9 + 1998) < frame["year"]).astype(float)
    frame["border"] = (frame["exporter"] != frame["importer"]) * 1.0
    frame["tariff"] = draw.gamma(2.0, 0.05, n)
    mean = np.exp(
        0.5 * frame["fta"] - frame["ln_dist"] - 3 * frame["tariff"] + draw.normal(size=196)[pair]
    )
    frame["trade"] = draw.gamma(0.5, 2.0, n) * mean * (draw.random(n) > 0.2)
    return frame


def remaining(frame: pd.DataFrame, result: Gravity) -> pd.DataFrame:
    return frame.iloc[result.observations["row"].to_numpy()].reset_index(drop=True)


@pytest.mark.parametrize(
    "formula",
    [
        f"trade ~ fta + tariff | {THREE_WAY}",
        "trade ~ fta + tariff + ln_dist + border | exporter^year + importer^year",
        "trade ~ fta + tariff + ln_dist | exporter + importer + year",
        "trade ~ fta + ln_dist | year",
        "trade ~ fta + ln_dist + tariff",
    ],
)
@pytest.mark.parametrize(
    ("settings", "vcov"),
    [
        (GravitySettings(cluster=("exporter^importer",), convention="fixest"), {"CRV1": "pair"}),
        (
            GravitySettings(cluster=("exporter", "importer"), convention="fixest"),
            {"CRV1": "exporter+importer"},
        ),
        (GravitySettings(robust=True, convention="fixest"), "hetero"),
    ],
)
def test_coefficients_and_errors(
    made_up: pd.DataFrame, formula: str, settings: GravitySettings, vcov: Any
) -> None:
    mine = estimate_frame(made_up, formula, settings)
    rows = remaining(made_up, mine)
    rows["pair"] = rows["exporter"] + "-" + rows["importer"]
    agree(mine, reference(formula, rows, vcov))


def test_ppmlhdfe_factor(made_up: pd.DataFrame) -> None:
    """Without the part for parameters, with that for clusters: as ppmlhdfe documents it."""
    formula = f"trade ~ fta + tariff | {THREE_WAY}"
    mine = estimate_frame(made_up, formula, GravitySettings(convention="ppmlhdfe"))
    rows = remaining(made_up, mine)
    rows["pair"] = rows["exporter"] + "-" + rows["importer"]
    agree(mine, reference(formula, rows, {"CRV1": "pair"}, ssc=pf.ssc(k_adj=False)))


def test_no_factor(made_up: pd.DataFrame) -> None:
    formula = "trade ~ fta + tariff + ln_dist | exporter^year + importer^year"
    mine = estimate_frame(made_up, formula, GravitySettings(robust=True, convention="none"))
    rows = remaining(made_up, mine)
    agree(mine, reference(formula, rows, "hetero", ssc=pf.ssc(k_adj=False)))


def test_slopes_by_year(made_up: pd.DataFrame) -> None:
    mine = estimate_frame(made_up, f"trade ~ fta + i(year, border, ref=2000) | {THREE_WAY}")
    rows = remaining(made_up, mine)
    rows["pair"] = rows["exporter"] + "-" + rows["importer"]
    names = [f"border{y}" for y in range(2001, 2006)]
    for name in names:
        rows[name] = rows["border"] * (rows["year"] == int(name[-4:]))
    formula = f"trade ~ fta + {' + '.join(names)} | {THREE_WAY}"
    other = reference(formula, rows, {"CRV1": "pair"}, ssc=pf.ssc(k_adj=False))
    assert np.abs(mine.coefficients["estimate"] - other.coef().to_numpy()).max() <= SAME
    assert np.abs(mine.coefficients["se"] / other.se().to_numpy() - 1).max() <= SAME


def shared_panel(root: Path, name: str) -> Path:
    path = root.parent / "shared" / "facts" / name
    if not path.is_file():
        pytest.skip("the panel is not here")
    return path


@pytest.mark.slow
def test_the_real_panel(root: Path) -> None:
    """Three-way on 170,000 observed flows."""
    path = shared_panel(root, "gravity_panel.parquet")
    formula = f"trade_musd ~ rta_any + eu + eaeu | {THREE_WAY}"
    mine = estimate_file(path, formula, GravitySettings(convention="fixest"))
    assert mine.fit.imbalance <= 1e-10
    rows = remaining(_parquet(path), mine)
    rows["pair"] = rows["exporter"] + "-" + rows["importer"]
    columns = ["trade_musd", "rta_any", "eu", "eaeu"]
    rows[columns] = rows[columns].astype(float)
    agree(mine, reference(formula, rows, {"CRV1": "pair"}))


@pytest.mark.slow
def test_the_panel_of_manufactures_with_borders_by_year(root: Path) -> None:
    """Three-way with twenty border slopes on 100,000 flows with domestic sales."""
    path = shared_panel(root, "gravity_panel_mfg_internal_1986_2006.parquet")
    formula = f"trade ~ rta + i(year, international, ref=1986) | {THREE_WAY}"
    mine = estimate_file(path, formula, GravitySettings(convention="fixest"))
    assert mine.fit.imbalance <= 1e-10
    rows = remaining(_parquet(path), mine)
    rows["pair"] = rows["exporter"] + "-" + rows["importer"]
    names = [f"border{y}" for y in range(1987, 2007)]
    for name in names:
        rows[name] = rows["international"] * (rows["year"] == int(name[-4:]))
    other = reference(f"trade ~ rta + {' + '.join(names)} | {THREE_WAY}", rows, {"CRV1": "pair"})
    assert np.abs(mine.coefficients["estimate"] - other.coef().to_numpy()).max() <= SAME
    assert np.abs(mine.coefficients["se"] / other.se().to_numpy() - 1).max() <= SAME


def _parquet(path: Path) -> pd.DataFrame:
    import duckdb

    return duckdb.execute("SELECT * FROM read_parquet(?)", [str(path)]).df()

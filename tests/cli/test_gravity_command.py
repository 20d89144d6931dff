"""`entrepot gravity` as a stranger meets it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import typer
from typer.testing import CliRunner

from entrepot.cli.gravity import gravity
from entrepot.errors import BadInputError, EntrepotError, UsageError
from tests.cli.test_commands import next_words, tables_of
from tests.trade.test_gravity import THREE_WAY, TWO_WAY, world

FORMULA = f"trade ~ fta | {THREE_WAY}"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("gravity") / "flows.csv"
    world().to_csv(path, index=False, float_format="%.17g")
    return path


def run(*words: object) -> tuple[str, str]:
    """Output and talk of a call that succeeds; errors are raised as they are."""
    door = typer.Typer(add_completion=False)
    door.command()(gravity)
    done = CliRunner().invoke(door, [str(w) for w in words], catch_exceptions=True)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.stdout, done.stderr


def test_a_table_and_the_next_command(file: Path) -> None:
    out, talk = run(file, "--formula", FORMULA)
    assert out.splitlines()[2].startswith("fta")
    assert "clustered by exporter^importer" in out
    assert "G / (G - 1), G = 81" in out
    assert "converged" in out
    assert "Note: Three-way effects and 4 periods" in talk
    assert talk.strip().splitlines()[-1].startswith("Next: entrepot gravity")
    assert "\x1b" not in out


def test_json_has_it_all(file: Path) -> None:
    out, talk = run(file, "--formula", FORMULA, "--theta", 5, "--json")
    told = tables_of(out, "gravity")
    assert set(told) == {"coefficients", "fit", "left_out", "history", "flags"}
    assert told["coefficients"][0]["name"] == "fta"
    assert -1 < told["coefficients"][0]["ad_valorem"] < 0
    assert told["fit"][0]["solver_status"] == "converged"
    assert len(told["history"]) > 1
    assert next_words(talk)[:4] == ["gravity", str(file), "--formula", FORMULA]


def test_the_next_command_keeps_every_option(file: Path) -> None:
    words = ("--cluster", "exporter", "--small-sample", "fixest", "--keep-singletons")
    _, talk = run(file, "--formula", FORMULA, *words)
    assert set(words) < set(next_words(talk))


def test_tables_are_written(file: Path, tmp_path: Path) -> None:
    names = ("effects", "resistances", "fitted")
    options = [w for n in names for w in (f"--{n}", tmp_path / f"{n}.csv")]
    _, talk = run(file, "--formula", f"trade ~ fta | {TWO_WAY}", *options)
    assert talk.count("Written:") == 3
    effects, resistances, fitted = (pd.read_csv(tmp_path / f"{n}.csv") for n in names)
    assert set(effects["effect"]) == {"exporter^year", "importer^year"}
    assert set(resistances["side"]) == {"outward", "inward"}
    assert fitted["fitted"].sum() == pytest.approx(fitted["outcome"].sum())


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--vcov", "robust"), "robust to heteroskedasticity"),
        (
            ("--cluster", "exporter", "--cluster", "importer"),
            "clustered by exporter and by importer",
        ),
        (("--small-sample", "fixest"), "(N - 1) / (N - K)"),
        (("--theta", "4"), "ad valorem"),
        (("--keep-singletons",), "observations"),
    ],
)
def test_options(file: Path, options: tuple[str, ...], told: str) -> None:
    out, _ = run(file, "--formula", FORMULA, *options)
    assert told in out


@pytest.mark.parametrize(
    ("words", "kind", "told"),
    [
        (("--formula", "trade ~ fta2 | exporter^year"), UsageError, "Did you mean 'fta'?"),
        (("--formula", "log(trade) ~ fta"), UsageError, "trade itself"),
        (("--formula", FORMULA, "--vcov", "robst"), UsageError, "robust"),
        (("--formula", FORMULA, "--small-sample", "stata"), UsageError, "ppmlhdfe"),
        (("--formula", FORMULA, "--theta", "-1"), UsageError, "above zero"),
        (("--formula", "trade ~ exporter | year"), BadInputError, "row 2 exporter"),
        (
            ("--formula", "trade ~ fta | year", "--resistances", "r.csv"),
            UsageError,
            "no resistances",
        ),
        (
            ("--formula", FORMULA, "--effects", "no/such/folder.csv"),
            UsageError,
            "cannot be written",
        ),
    ],
)
def test_what_goes_wrong_is_a_sentence(
    file: Path, words: tuple[str, ...], kind: type[EntrepotError], told: str
) -> None:
    with pytest.raises(kind) as caught:
        run(file, *words)
    assert told in str(caught.value)

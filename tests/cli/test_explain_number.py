"""entrepot explain number from the door."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from entrepot.answers.run import write_run
from tests.cli.test_commands import tables_of
from tests.report.promised import other_tables, promise_tables
from tests.report.test_trace import WHOLE


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one saved run in it."""
    place = tmp_path_factory.mktemp("place")
    write_run(place / "runs" / "drawn", other_tables() | promise_tables(), WHOLE)
    return place


def entrepot(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "entrepot.cli.main", "explain", "number", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd)


def test_the_newest_run_answers_for_people(folder: Path) -> None:
    done = entrepot("measure_effects/M1/gain_musd", cwd=folder)
    assert done.returncode == 0, done.stderr
    first, *rest = done.stdout.splitlines()
    assert first == "measure_effects/M1/gain_musd = 100 million USD/year"
    text = "\n".join(rest)
    for words in (
        "gain_musd_p90",
        "value_kind: estimated",
        "https://a.example/",
        "seed 7",
        "abc123",
    ):
        assert words in text
    assert done.stderr.strip().startswith("Next: entrepot explain number --list measure_effects")


def test_as_json_and_as_a_list(folder: Path) -> None:
    run = str(folder / "runs" / "drawn")
    done = entrepot("target_needs/target/p50", "--run", run, "--json", cwd=folder)
    tables = tables_of(done.stdout, "number")
    told = tables["number"][0]
    assert (told["value"], told["facts"], told["run"]) == (3000.0, "abc123", run)
    assert [s["source_id"] for s in tables["sources"]] == ["T9"]
    out = entrepot("--list", "target_needs", "--json", cwd=folder).stdout
    listed = tables_of(out, "numbers")["numbers"]
    assert {"id": "target_needs/target/p50", "value": 3000.0, "unit": "1"} in listed
    assert "target_needs/target/p50" in entrepot("--list", "target_needs", cwd=folder).stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("measure_effects/M11/gain_musd",), "Nearest: M1"),
        (("--list", "target_need"), "Nearest: target_needs"),
        ((), "Give an id, or --list"),
        (("target_needs/target/p50", "--run", "nowhere"), "Not a run"),
    ],
)
def test_what_goes_wrong_is_a_sentence(folder: Path, words: tuple[str, ...], told: str) -> None:
    done = entrepot(*words, cwd=folder)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_run_it_says_how_to_make_one(tmp_path: Path) -> None:
    done = entrepot("target_needs/target/p50", cwd=tmp_path)
    assert done.returncode == 2
    assert "entrepot study iran-kazakhstan" in done.stderr

"""A question of another package is asked like those of this one, and no file of this one knows it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from entrepot.answers.run import Run, open_run
from entrepot.facts.load import load_world
from entrepot.flows.route_cache import VARIABLE
from entrepot.questions.registry import names
from tests.questions.promised_worlds import MAP_PAIR, write_world
from tests.questions.toy_question import write_package
from tests.studies.toml_text import toml_text

STUDY: dict[str, Any] = {
    "name": "toys", "title": "Toys", "question": "How long?", "pair": list(MAP_PAIR),
    "toy": {"zone": "KAZ", "times": 4},
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package and the facts."""
    folder = tmp_path_factory.mktemp("toy")
    write_package(folder / "packages")
    write_world(folder / "facts")
    return folder


def python(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Python with the folder of packages on its path."""
    paths = os.pathsep.join([str(folder / "packages"), os.environ.get("PYTHONPATH", "")])
    return subprocess.run(
        [sys.executable, *words],
        env={**os.environ, "PYTHONPATH": paths, VARIABLE: str(folder / "cache")},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def run_study(
    folder: Path, name: str, content: dict[str, Any], *more: str
) -> subprocess.CompletedProcess[str]:
    file = folder / f"{name}.toml"
    file.write_text(toml_text(content), encoding="utf-8")
    command = ["-m", "entrepot.cli.main", "study", str(file), "--out", str(folder / name)]
    return python(folder, *command, "--data", str(folder / "facts"), *more)


@pytest.fixture(scope="module", params=[1, 2])
def run(request: pytest.FixtureRequest, folder: Path) -> Run:
    workers = request.param
    done = run_study(folder, f"run{workers}", STUDY, "--jobs", str(workers))
    assert done.returncode == 0, done.stderr
    assert "toy: 4 times" in done.stderr
    assert "toy: KAZ" in done.stderr
    return open_run(folder / f"run{workers}")


def test_a_study_asks_it(run: Run, folder: Path) -> None:
    rows = duckdb.sql(f"select * from '{run.folder / 'toy_hours.parquet'}' order by time").df()
    once = load_world(folder / "facts").table("border_crossings")["hours_p50"].sum()
    assert rows["time"].tolist() == [0, 1, 2, 3]
    assert set(rows["zone"]) == {"KAZ"}
    assert rows["hours"].tolist() == [k * once for k in (1, 2, 3, 4)]
    assert run.manifest["tables"]["toy_hours"]["rows"] == 4
    assert run.manifest["questions"]["toy"]["options"] == {"zone": "KAZ", "times": 4}
    page = (run.folder / "report.html").read_text(encoding="utf-8")
    assert "<h1>Toys</h1>" in page
    assert "sentences</strong><ol></ol>" not in page


def test_its_faults_are_told_before_anything_is_computed(folder: Path) -> None:
    for given, told in (
        ({"zone": "ATL"}, "toy: Unknown zone 'ATL'. Known: IRN, KAZ, TKM"),
        ({"zone": "KAZ", "tims": 3}, "toy: unknown key 'tims'; did you mean 'times'?"),
        ({}, "toy: 'zone' is missing"),
        ({"zone": "KAZ", "times": "3"}, "toy: 'times': found '3', expected a whole number"),
    ):
        done = run_study(folder, "wrong", {**STUDY, "toy": given}, "--jobs", "1")
        assert done.returncode == 3, done.stderr
        assert told in " ".join(done.stderr.split())
        assert not (folder / "wrong").exists()


def test_it_has_a_section_in_the_report_and_its_text_stays_text(run: Run, folder: Path) -> None:
    page = (run.folder / "report.html").read_text(encoding="utf-8")
    once = load_world(folder / "facts").table("border_crossings")["hours_p50"].sum()
    assert "Hours of the toy" in page
    assert f"{10 * once:g} hours &lt;b&gt;in all&lt;/b&gt;" in page


def test_it_has_a_command_of_its_own(folder: Path, run: Run) -> None:
    words = ("toy", "--zone", "KAZ", "--times", "4", "--data", str(folder / "facts"))
    done = python(folder, "-m", "entrepot.cli.main", *words, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["schema"] == "entrepot/toy/1"
    rows = duckdb.sql(f"select * from '{run.folder / 'toy_hours.parquet'}' order by time").df()
    assert told["data"]["tables"]["toy_hours"] == rows.to_dict("records")
    listed = python(folder, "-m", "entrepot.cli.main", "--help").stdout
    assert "How many hours a zone waits at its borders" in " ".join(listed.split())
    told_options = python(folder, "-m", "entrepot.cli.main", "toy", "--help").stdout
    assert "--zone" in told_options
    assert "--times" in told_options


def test_the_registry_finds_it_beside_its_own(folder: Path) -> None:
    script = (
        "from entrepot.questions.registry import names, question\n"
        "from entrepot.schema.table import load_schema\n"
        "print(*names())\n"
        "print(question('toy.waits').is_stage, question('toy').results)\n"
        "print(load_schema('results')['toy_hours'].description)\n"
    )
    done = python(folder, "-c", script)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        " ".join(sorted((*names(), "toy"))),
        "True ('toy_hours',)",
        "Hours of the toy",
    ]


def test_without_its_package_it_is_unknown(folder: Path) -> None:
    assert "toy" not in names()
    done = run_study(
        folder / "packages" / "..", "gone", {**STUDY, "toys": {}, "toy": {"zone": "KAZ"}}
    )
    assert "Unknown table [toys]. Did you mean [toy]?" in done.stderr


def test_no_file_of_this_package_names_it(root: Path) -> None:
    files = [p for p in (root / "src").rglob("*") if p.suffix in (".py", ".csv", ".toml")]
    assert files
    assert not [p for p in files if "toy" in p.read_text(encoding="utf-8").lower().split()]

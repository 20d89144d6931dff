"""entrepot assign on the command line."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from entrepot.cli.assign import assign
from entrepot.errors import BadInputError, UsageError
from tests.assignment.test_tntp import (
    GMNS_LINKS,
    GMNS_NODES,
    NET,
    TRIPS,
    files,
    gmns,
    write_omx,
)
from tests.cli.test_commands import next_words, tables_of

KEYS = {
    "objective",
    "relative_gap",
    "iterations",
    "seconds",
    "threads",
    "node_balance",
}
app = typer.Typer()
app.command()(assign)


def run(*arguments: Any) -> Result:
    return CliRunner().invoke(app, [str(a) for a in arguments])


def test_json_holds_the_certificate(tmp_path: Path) -> None:
    done = run("--tntp", *files(tmp_path), "--json")
    assert done.exit_code == 0, done.output
    tables = tables_of(done.stdout, "assignment")
    told = tables["assignment"][0]
    assert set(told) >= KEYS
    assert told["demand"] == 12.5
    assert told["loaded"] == pytest.approx(10)
    assert told["intrazonal"] == 2.5
    assert tables["disconnected"] == []
    assert tables["history"][-1]["relative_gap"] <= 1e-10
    assert told["relative_gap"] <= 1e-10
    assert json.loads(done.stdout)["data"]["status"] == "converged"
    assert json.loads(done.stdout)["notes"][0].startswith("converged")
    # By hand: 2 (1 + 0.15 / 5e4) is the integral of the first link per trip, and so on.
    grown = 0.15 * 0.1**4 / 5
    assert told["objective"] == pytest.approx(10 * (2 * (1 + grown) + 1 + 1 + grown), rel=1e-12)


def test_pairs_without_a_way_are_listed(tmp_path: Path) -> None:
    trips = TRIPS + " 1 : 4;"
    done = run("--tntp", *files(tmp_path, trips=trips), "--json")
    tables = tables_of(done.stdout, "assignment")
    assert tables["disconnected"] == [{"origin": "2", "destination": "1", "trips": 4.0}]
    assert tables["assignment"][0]["disconnected_demand"] == 4.0
    notes = json.loads(done.stdout)["notes"]
    assert "1 pair has no route between them, and 4 trips were not loaded" in notes[0]
    assert "2 to 1: 4 trips" in done.stderr


def test_a_page_for_people(tmp_path: Path) -> None:
    done = run("--tntp", *files(tmp_path))
    assert done.exit_code == 0
    assert "relative gap" in done.stdout
    assert "Next: entrepot assign --tntp" in done.stderr
    words = ("--distance-factor", "0.5", "--max-iterations", "70", "--flows", tmp_path / "f.csv")
    done = run("--tntp", *files(tmp_path), *words)
    assert {str(w) for w in words} < set(next_words(done.stderr))


def test_flows_are_written(tmp_path: Path) -> None:
    table, like_tntp = tmp_path / "flows.csv", tmp_path / "flows.tntp"
    assert run("--tntp", *files(tmp_path), "--flows", table).exit_code == 0
    rows = list(csv.DictReader(table.read_text().splitlines()))
    assert [(r["from"], r["to"]) for r in rows] == [("1", "3"), ("3", "4"), ("4", "2"), ("2", "4")]
    assert [float(r["volume"]) for r in rows] == [10, 10, 10, 0]
    assert run("--tntp", *files(tmp_path), "--flows", like_tntp).exit_code == 0
    assert like_tntp.read_text().split()[:4] == ["From", "To", "Volume", "Cost"]


def test_a_warm_start_needs_no_iteration(tmp_path: Path) -> None:
    kept = tmp_path / "uses.npz"
    assert run("--tntp", *files(tmp_path), "--save", kept).exit_code == 0
    done = run("--tntp", *files(tmp_path), "--warm", kept, "--json")
    assert tables_of(done.stdout, "assignment")["assignment"][0]["iterations"] == 0


def test_not_converged_is_exit_status_four(tmp_path: Path) -> None:
    rows = "\n".join(f"1 {v} 1 1 {v} 1 4\n{v} 2 1 1 1 1 4" for v in (3, 4))
    net = NET.replace("LINKS> 4", "LINKS> 4").split("~ \t")[0] + rows
    done = run("--tntp", *files(tmp_path, net), "--max-iterations", 0, "--json")
    assert done.exit_code == 4
    assert json.loads(done.stdout)["data"]["status"] == "not converged"


def test_gmns_and_omx(tmp_path: Path) -> None:
    folder = gmns(tmp_path, GMNS_NODES, GMNS_LINKS)
    matrix = write_omx(tmp_path / "trips.omx", [[0.0, 7.0], [0.0, 0.0]])
    done = run("--gmns", folder, "--omx", matrix, "--matrix", "cars", "--json")
    assert done.exit_code == 0, done.output
    assert tables_of(done.stdout, "assignment")["assignment"][0]["loaded"] == 7.0


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--gmns", "."],
        ["--omx", "a.omx"],
        ["--tntp", "a", "b", "--gmns", "."],
        ["--tntp", "a", "b", "--matrix", "cars"],
    ],
)
def test_calls_that_make_no_sense(arguments: list[str]) -> None:
    assert isinstance(run(*arguments).exception, UsageError)


def test_bad_files_raise_all_faults(tmp_path: Path) -> None:
    done = run("--tntp", *files(tmp_path, NET.replace("1e2", "x"), TRIPS.replace("2.5;", "y;")))
    assert isinstance(done.exception, BadInputError)
    assert len(done.exception.findings) == 2


def test_flows_that_cannot_be_written(tmp_path: Path) -> None:
    done = run("--tntp", *files(tmp_path), "--flows", tmp_path / "no" / "flows.csv")
    assert isinstance(done.exception, UsageError)

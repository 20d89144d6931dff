"""Exit statuses that no command chooses itself: interruption, a closed pipe, a bug, bad data."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

# Runs the program with one more command that ends as the first argument says.
PROGRAM = """
import sys
from entrepot.cli.main import app, main
from entrepot.errors import BadInputError, InfeasibleError, InterruptedRunError

ENDS = {
    "interrupt": KeyboardInterrupt(),
    "run": InterruptedRunError("Stopped after 3 of 7 answers."),
    "pipe": BrokenPipeError(),
    "bug": ZeroDivisionError("division by zero"),
    "denied": PermissionError(13, "Permission denied", "a/b"),
    "full": OSError(28, "No space left on device"),
    "data": BadInputError("links.csv: 1 fault"),
    "infeasible": InfeasibleError("No way."),
}

@app.command("end")
def end(how: str) -> None:
    raise ENDS[how]

main()
"""


@pytest.mark.parametrize(
    ("how", "status", "told"),
    [
        ("interrupt", 5, "Interrupted"),
        ("run", 5, "Stopped after 3 of 7 answers."),
        ("pipe", 0, ""),
        ("bug", 70, "This is a bug: ZeroDivisionError"),
        ("denied", 2, "'a/b': Permission denied."),
        ("full", 2, "The output cannot be written: No space left on device."),
        ("data", 3, "links.csv: 1 fault"),
        ("infeasible", 4, "No way."),
    ],
)
def test_ends(how: str, status: int, told: str):
    command = [sys.executable, "-c", PROGRAM, "end", how]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stderr
    assert done.stderr.startswith(told)
    assert "Traceback" not in done.stderr


def test_a_bug_shows_where_when_asked():
    command = [sys.executable, "-c", PROGRAM, "end", "bug"]
    env = {"ENTREPOT_TRACEBACK": "1", "PYTHONPATH": ":".join(filter(None, sys.path))}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
    assert done.returncode == 70
    assert "Traceback" in done.stderr


def check(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "entrepot.cli.main", "check", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_sound_data_are_summed_up():
    done = check()
    assert done.returncode == 0, done.stdout
    header, _, *rows = done.stdout.splitlines()
    assert header.split() == ["table", "rows", "measured", "published", "estimated", "assumed"]
    assert any(row.split()[0] == "links" and int(row.split()[1]) > 700 for row in rows)
    assert done.stderr.strip().splitlines()[-1].startswith("No faults. Next: entrepot ")
    assert len(rows) < 60


def test_faults_are_told_by_file_and_as_json(tmp_path: Path):
    (tmp_path / "zones.add.csv").write_text("zone_id,name\nkaz,\n", encoding="utf-8")
    done = check(str(tmp_path))
    assert done.returncode == 1
    assert done.stdout.splitlines()[0].startswith("zones.add.csv: ")
    assert "row 2 (kaz) zone_id: found 'kaz', expected the form [A-Z]{3}" in done.stdout
    assert "Correct them and run the check again." in done.stderr
    as_json = check(str(tmp_path), "--json")
    assert as_json.returncode == 1
    findings = json.loads(as_json.stdout)["data"]["tables"]["findings"]
    assert {f["file"] for f in findings} == {"zones.add.csv"}
    assert {"row", "key", "column", "found", "expected", "suggestion"} < set(findings[0])
    assert json.loads(as_json.stdout)["data"]["status"] == f"{len(findings)} faults"

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

STUDY = """
name = "one-way"
title = "Almaty to Tehran"
question = "How?"
pair = ["IRN", "KAZ"]

[[routes]]
id = "box"
title = "A box"
origin = "almaty"
destination = "tehran"
unit = "feu"
"""


def entrepot(*words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "entrepot.cli.main", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_study_makes_a_report_and_a_report_can_be_made_again(tmp_path: Path):
    file = tmp_path / "mine.toml"
    file.write_text(STUDY, encoding="utf-8")
    out = tmp_path / "a" / "b"
    made = entrepot("study", file, "--out", out, "--seed", "5", "--jobs", "2", "--json")
    assert made.returncode == 0, made.stderr
    told = json.loads(made.stdout)
    assert told["data"]["tables"]["study"] == [
        {"run": str(out), "report": str(out / "report.html")}
    ]
    assert "Seed 5" in told["notes"][0]
    assert "[1/3]" in made.stderr
    assert str(out / "report.html") in made.stderr.strip().splitlines()[-1]
    page = (out / "report.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")

    (out / "report.html").unlink()
    again = entrepot("report", out)
    assert again.returncode == 0, again.stderr
    assert again.stdout.strip() == str(out / "report.html")
    assert (out / "report.html").read_text(encoding="utf-8") == page


@pytest.mark.parametrize(
    ("text", "status", "told"),
    [
        (STUDY.replace('title = "Alm', 'titel = "Alm'), 3, "did you mean 'title'?"),
        (STUDY + "[valdation]\n", 3, "Did you mean [validation]?"),
        (STUDY.replace("[[routes]]", "[[query]]"), 3, "[query] is now called [routes]"),
        (STUDY.replace('"almaty"', '"almatty"'), 3, "routes:box: Unknown place"),
        (STUDY.replace("[[routes]]", "[routes]"), 3, "expected [[routes]] tables"),
    ],
)
def test_a_wrong_study_is_explained(tmp_path: Path, text: str, status: int, told: str):
    file = tmp_path / "mine.toml"
    file.write_text(text, encoding="utf-8")
    made = entrepot("study", file, "--out", tmp_path / "run")
    assert made.returncode == status
    assert told in made.stderr
    assert "Traceback" not in made.stderr
    assert not (tmp_path / "run").exists()


def test_an_unknown_study_and_a_folder_that_is_no_run(tmp_path: Path):
    made = entrepot("study", "iran-kazakstan", "--out", tmp_path / "run")
    assert (made.returncode, "iran-kazakhstan" in made.stderr) == (2, True)
    made = entrepot("report", tmp_path)
    assert (made.returncode, "Not a run" in made.stderr) == (2, True)

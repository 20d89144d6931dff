"""entrepot dossier as a stranger meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.test_commands import next_words, run, tables_of

TEXT = "Trade between Kazakhstan and Iran reached $340 million in 2024."


def test_show_and_history() -> None:
    done = run("dossier", "show", "C021")
    assert done.returncode == 0, done.stderr
    assert "border_crossings: hours_p10" in done.stdout
    assert done.stderr.strip() == "Next: entrepot dossier history C021"
    done = run("dossier", "history", "C011", "--json")
    answer = tables_of(done.stdout, "history")
    assert [c["id"] for c in answer["vintages"]] == ["C050", "C040", "C028", "C011"]
    assert answer["events"][0]["date"] <= answer["events"][-1]["date"]


def test_show_all_as_json() -> None:
    answer = tables_of(run("dossier", "show", "--json").stdout, "dossier")
    assert len(answer["commitments"]) == 66
    assert answer["prospects"][0]["probability"].keys() == {"low", "mid", "high"}


def test_late() -> None:
    out = run("dossier", "late", "--on", "2026-06-30", "--json").stdout
    found = {r["commitment"]: r for r in tables_of(out, "late")["late"]}
    assert found["C050"]["days_late"] > 1200
    assert found["C050"]["class_delay_years"]["p50"] == 1.5
    assert "Nothing is late" in run("dossier", "late", "--on", "2010-01-01").stdout


def test_read_check_and_claim_review(tmp_path: Path) -> None:
    text, review = tmp_path / "a.txt", tmp_path / "a.json"
    text.write_text(TEXT, encoding="utf-8")
    (claim,) = tables_of(run("dossier", "read", str(text), "--json").stdout, "claims")["claims"]
    assert claim["low"] == 340e6
    done = run("dossier", "check", str(text), "--claimreview", str(review))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("CONSISTENT")
    assert json.loads(review.read_text(encoding="utf-8"))["@graph"][0]["@type"] == "ClaimReview"
    text.write_text(TEXT.replace("340 million", "9 billion"), encoding="utf-8")
    done = run("dossier", "check", str(text), "--json")
    assert done.returncode == 1
    assert tables_of(done.stdout, "verdicts")["verdicts"][0]["verdict"] == "inconsistent"


def test_add_to_a_folder_of_ones_own(tmp_path: Path) -> None:
    given = tmp_path / "news.toml"
    given.write_text(
        '[[event]]\nid = "X1"\nabout = "C021"\ndate = "2026-07-01"\naxis = "evidence"\n'
        'status = "permits ended"\nsource_id = ["T88"]\n'
    )
    own = tmp_path / "own"
    done = run("dossier", "add", str(given), "--dossier", str(own))
    assert done.returncode == 0, done.stderr
    assert next_words(done.stderr) == ["dossier", "late", "--dossier", str(own)]
    shown = run("dossier", "history", "C021", "--dossier", str(own))
    assert "permits ended" in shown.stdout
    again = run("dossier", "add", str(given), "--dossier", str(own))
    assert again.returncode == 3
    assert "occurs once" in again.stderr


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (("show", "C0211"), 2, "C021"),
        (("history", "M02"), 2, "Unknown commitment"),
        (("late", "--on", "soon"), 2, "Expected a day"),
        (("read", "nowhere.txt"), 2, "File not found"),
        (("show", "--dossier", "iran-kazakstan"), 2, "iran-kazakhstan"),
        (("add", "nowhere.toml"), 2, "--dossier FOLDER"),
    ],
)
def test_what_goes_wrong_is_a_sentence(words: tuple[str, ...], status: int, told: str) -> None:
    done = run("dossier", *words)
    assert done.returncode == status, done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stderr

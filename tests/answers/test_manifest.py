"""A manifest that was changed by hand is bad data, told with every fault, and never a bug."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from entrepot.answers.manifest import MANIFEST, OF_NUMBERS, check_for_report, read_manifest
from entrepot.answers.run import Run, open_run
from entrepot.errors import BadInputError, EntrepotError, UsageError
from entrepot.report.pages.page import write_report
from entrepot.studies.run import run_study
from tests.studies.test_run import SMALL


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run_study(SMALL, tmp_path_factory.mktemp("runs") / "run")


@pytest.fixture
def folder(made: Run, tmp_path: Path) -> Path:
    """A copy of a run."""
    folder = tmp_path / "run"
    folder.mkdir()
    for file in made.folder.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    return folder


def without(key: str) -> Callable[[Any], Any]:
    return lambda m: {k: v for k, v in m.items() if k != key}


def with_(key: str, value: Any) -> Callable[[Any], Any]:
    return lambda m: m | {key: value}


def entry(value: Any) -> Callable[[Any], Any]:
    return lambda m: m | {"tables": m["tables"] | {"routes": value}}


def named(name: str) -> Callable[[Any], Any]:
    return lambda m: m | {"tables": m["tables"] | {name: m["tables"]["routes"]}}


def asked(options: Any) -> dict[str, Any]:
    """A question of a manifest."""
    return {"options": options, "failed": 0, "why_none": ""}


# Faults that opening finds, and those that only a report needs to be right.
ALWAYS: dict[str, Callable[[Any], Any]] = {
    "a list": lambda m: [m],
    "null": lambda m: None,
    "a text": lambda m: "run",
    "a number": lambda m: 5,
    "empty": lambda m: {},
    "no tables": without("tables"),
    "tables as a list": with_("tables", ["routes"]),
    "tables as null": with_("tables", None),
    "an entry as a text": entry("routes"),
    "an entry without its checksum": entry({"rows": 1, "lists": []}),
    "a checksum as a number": entry({"rows": 1, "lists": [], "sha256": 5}),
    "lists as a text": entry({"rows": 1, "lists": "a", "sha256": "0"}),
    "lists of numbers": entry({"rows": 1, "lists": [1], "sha256": "0"}),
    "rows as a text": entry({"rows": "1", "lists": [], "sha256": "0"}),
    "a name above": named("../routes"),
    "a name of a path": named("/routes"),
    "a name with a folder": named("a/routes"),
    "a name with a dot": named("routes.parquet"),
    "an empty name": named(""),
    "a table that is not there": named("nowhere"),
    "title as a number": with_("title", 5),
    "seed as a text": with_("seed", "5"),
    "pair as a text": with_("pair", "IRNKAZ"),
    "pair of one": with_("pair", ["IRN"]),
    "pair of numbers": with_("pair", [1, 2]),
    "world as a list": with_("world", []),
    "limits as a text": with_("limits", "none"),
    "versions of numbers": with_("versions", {"entrepot": 1}),
    "questions as a list": with_("questions", [1]),
    "a question as a text": with_("questions", {"promises": "all"}),
    "options of another kind": with_("questions", {"between": asked({"on": 5})}),
}
SHOWN = ("title", "question", "pair", "pair_names", "world", "versions", "made", "seed", "limits")
FOR_REPORTS: dict[str, Callable[[Any], Any]] = {
    "a table of promises without what was asked": named("measure_effects"),
    "world without its hash": with_("world", {"name": "x"}),
    "options of nothing": with_("questions", {"between": asked({})}),
    **{f"no {key}": without(key) for key in SHOWN},
}
TEXTS = {
    "no JSON": "{",
    "nothing": "",
    "two values": "{} {}",
    "deep": "[" * 100_000,
    "a long number": '{"seed": ' + "9" * 10_000 + "}",
}


@pytest.mark.parametrize("harm", ALWAYS)
def test_a_manifest_of_another_shape_is_bad_data(folder: Path, harm: str):
    path = folder / MANIFEST
    path.write_text(json.dumps(ALWAYS[harm](json.loads(path.read_text()))))
    with pytest.raises(BadInputError):
        open_run(folder)
    with pytest.raises(BadInputError):
        write_report(folder)


@pytest.mark.parametrize("harm", FOR_REPORTS)
def test_a_report_demands_what_it_shows(folder: Path, harm: str):
    path = folder / MANIFEST
    path.write_text(json.dumps(FOR_REPORTS[harm](json.loads(path.read_text()))))
    with pytest.raises(BadInputError):
        write_report(folder)


@pytest.mark.parametrize("name", TEXTS)
def test_a_manifest_that_is_no_json_is_bad_data(folder: Path, name: str):
    (folder / MANIFEST).write_text(TEXTS[name])
    with pytest.raises(BadInputError, match=r"manifest\.json"):
        open_run(folder)


@pytest.mark.parametrize("content", [b"\xff\xfe{\0}\0", b"{}\0", b"\xff"])
def test_a_manifest_of_other_bytes_is_bad_data(folder: Path, content: bytes):
    (folder / MANIFEST).write_bytes(content)
    with pytest.raises(BadInputError, match=r"UTF-8"):
        open_run(folder)


def test_all_faults_are_told_together(folder: Path):
    path = folder / MANIFEST
    changed = json.loads(path.read_text()) | {"title": 5, "seed": "x"}
    path.write_text(json.dumps(changed))
    with pytest.raises(BadInputError) as caught:
        read_manifest(folder)
    assert [(f.column, f.found, f.expected) for f in caught.value.findings] == [
        ("title", "5", "a text"),
        ("seed", '"x"', "a whole number"),
    ]


def test_a_sound_run_passes(folder: Path):
    manifest = open_run(folder, OF_NUMBERS).manifest
    check_for_report(folder, manifest)
    assert manifest["study"] == SMALL.name


@pytest.mark.parametrize("key", ["study", "title", "made", "seed", "world"])
def test_what_a_number_tells_must_be_there(folder: Path, key: str):
    path = folder / MANIFEST
    path.write_text(json.dumps(without(key)(json.loads(path.read_text()))))
    open_run(folder)
    with pytest.raises(BadInputError, match=key):
        open_run(folder, OF_NUMBERS)


@pytest.mark.parametrize("harm", ["garbage", "column", "not named"])
def test_a_table_that_only_the_manifest_vouches_for_is_bad_data(folder: Path, harm: str):
    import hashlib

    path, content = folder / MANIFEST, b"garbage"
    manifest = json.loads(path.read_text())
    if harm == "garbage":
        (folder / "routes.parquet").write_bytes(content)
        manifest["tables"]["routes"]["sha256"] = hashlib.sha256(content).hexdigest()
    elif harm == "column":
        manifest["tables"]["routes"]["lists"] = ["nowhere"]
    else:
        del manifest["tables"]["routes"]
    path.write_text(json.dumps(manifest))
    with pytest.raises(EntrepotError) as caught:
        open_run(folder).table("routes")
    assert isinstance(caught.value, UsageError if harm == "not named" else BadInputError)


def test_a_report_is_not_written_through_a_link(folder: Path, tmp_path: Path):
    (tmp_path / "own").write_text("mine")
    for name in (".report.html", "report.html"):
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(tmp_path / "own")
    write_report(folder)
    assert (tmp_path / "own").read_text() == "mine"
    assert not (folder / "report.html").is_symlink()
    assert (folder / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")


@pytest.mark.parametrize("name", ["query_id=5", "x[1]", "a*"])
def test_the_name_of_a_folder_adds_no_column(made: Run, folder: Path, name: str):
    other = folder.rename(folder.parent / name)
    (folder.parent / "x1").mkdir()
    assert open_run(other).table("routes").equals(made.table("routes"))


@pytest.mark.parametrize(
    "words", [["report"], ["explain", "number", "routes/box/1/days_p50", "--run"]]
)
def test_commands_tell_it_and_exit_with_3(folder: Path, words: list[str]):
    (folder / MANIFEST).write_text("[]")
    command = [sys.executable, "-m", "entrepot.cli.main", *words, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 3, done.stderr
    assert "manifest.json" in done.stderr

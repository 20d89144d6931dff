"""An output that cannot be written is told before anything is computed."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from entrepot.answers.manifest import MANIFEST
from entrepot.assignment import tntp
from entrepot.cli.main import app
from entrepot.errors import UsageError
from entrepot.facts import load as world
from entrepot.facts.files import check_output, check_output_folder
from entrepot.studies import run as run_module
from entrepot.trade.gravity import estimate as gravity

COMMANDS: dict[str, tuple[str, ...]] = {
    "validate": ("validate", "--write"),
    "explain route": ("explain", "route", "almaty", "tehran", "--chart"),
    "explain effects": ("explain", "effects", "IRN", "KAZ", "--map"),
    "gravity effects": ("gravity", "data.csv", "--formula", "trade ~ dist", "--effects"),
    "gravity resistances": ("gravity", "data.csv", "--formula", "trade ~ dist", "--resistances"),
    "gravity fitted": ("gravity", "data.csv", "--formula", "trade ~ dist", "--fitted"),
    "assign flows": ("assign", "--tntp", "net", "trips", "--flows"),
    "assign save": ("assign", "--tntp", "net", "trips", "--save"),
    "dossier check": ("dossier", "check", "text.txt", "--claimreview"),
}
RUNS: tuple[str, ...] = ("study", "iran-kazakhstan", "--out")


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a file and a folder in the way, where no work can be begun."""

    def work(*_: Any, **__: Any) -> Any:
        pytest.fail("work was begun")

    monkeypatch.setattr(world, "load_world", work)
    monkeypatch.setattr(run_module, "load_world", work)
    monkeypatch.setattr(run_module, "local", work)
    monkeypatch.setattr(gravity, "estimate_file", work)
    monkeypatch.setattr(tntp, "read_tntp", work)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text.txt").write_text("Trade doubled.")
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "folder" / "inner").mkdir(parents=True)
    return tmp_path


def fails(words: tuple[str, ...], out: str) -> str:
    done = CliRunner().invoke(app, [*words, out])
    assert isinstance(done.exception, UsageError), done.output
    return str(done.exception)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("out", "told"),
    [
        ("folder", "it is a folder"),
        ("gone/page", "there is no folder"),
        ("file/page", "Not a directory|is not a folder"),
        ("x" * 300, "too long"),
    ],
)
def test_files(command: str, out: str, told: str, place: Path):
    before = sorted(place.rglob("*"))
    with pytest.raises(UsageError, match=told):
        raise UsageError(fails(COMMANDS[command], out))
    assert sorted(place.rglob("*")) == before


@pytest.mark.parametrize(
    ("out", "told"),
    [
        ("file", "is not a run"),
        ("folder", "is not a run"),
        ("file/run", "is not a folder"),
        ("file/run/run", "is not a folder"),
        ("x" * 300, "too long"),
    ],
)
def test_runs(out: str, told: str, place: Path):
    before = sorted(place.rglob("*"))
    assert told in fails(RUNS, out)
    assert sorted(place.rglob("*")) == before


@pytest.mark.parametrize("words", [*COMMANDS.values(), RUNS], ids=" ".join)
@pytest.mark.parametrize("out", ["folder/new", "gone/new/new"])
def test_a_folder_that_cannot_be_written(
    words: tuple[str, ...], out: str, monkeypatch: pytest.MonkeyPatch
):
    def refuse(*_: Any, **__: Any) -> Any:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    told = fails(words, out)
    assert f"'{out}' cannot be written" in told
    if words == RUNS or out == "folder/new":
        assert "Permission denied" in told


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() == 0, reason="root may write anywhere")
@pytest.mark.parametrize("check", [check_output, check_output_folder])
def test_a_read_only_folder(check: Callable[[Path], None], place: Path):
    (place / "folder").chmod(0o500)
    with pytest.raises(UsageError, match="Permission denied"):
        check(place / "folder" / "new")
    (place / "folder").chmod(0o700)


def test_what_can_be_written_is_left_as_it_is(place: Path):
    before = (place / "file").stat()
    check_output(place / "file", place / "folder" / "new", Path("/dev/null"), None)
    check_output_folder(place / "new" / "run")
    after = (place / "file").stat()
    assert (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
    assert sorted(p.name for p in place.rglob("*")) == ["file", "folder", "inner", "text.txt"]


def test_a_run_may_be_replaced(place: Path):
    (place / "folder" / MANIFEST).write_text("{}")
    with pytest.raises(pytest.fail.Exception, match="work was begun"):
        CliRunner().invoke(app, [*RUNS, "folder"])

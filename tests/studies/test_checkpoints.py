"""Answers of a run that was stopped, on disk."""

from __future__ import annotations

import os
import pickle
import stat
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.answers.plain import encode
from entrepot.flows.route_cache import OFF, VARIABLE
from entrepot.questions.promises.assumptions import LongRun
from entrepot.studies import checkpoints as module
from entrepot.studies.checkpoints import Checkpoints
from tests.answers.test_plain import HOSTILE


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache"


def of_run(*depends: object, run: str = "run", study: str = "study", **more: Any) -> Checkpoints:
    return Checkpoints.of_run(study, Path("runs") / run, depends or (1,), (LongRun,), **more)


def folder_of(kept: Checkpoints) -> Path:
    assert kept.folder is not None
    return kept.folder


def test_an_answer_is_kept_and_asked_for_once():
    kept, asked = of_run(), []

    def submit() -> Any:
        asked.append(1)
        return lambda: {"a": np.arange(3.0)}

    for _ in range(3):
        found = kept.get_or_submit("one", submit)()
        assert np.array_equal(found["a"], np.arange(3.0))
    assert asked == [1]
    assert kept.load("two") == (False, None)


def test_nothing_and_false_are_answers():
    kept = of_run()
    for name, answer in (("none", None), ("zero", 0), ("empty", ())):
        kept.save(name, answer)
        assert kept.load(name) == (True, answer)
        assert kept.get_or_submit(name, lambda: pytest.fail("asked again"))() == answer


def test_an_answer_is_not_asked_for_before_it_is_wanted_twice():
    started, waited = [], []

    def submit() -> Any:
        started.append(1)
        return lambda: waited.append(1)

    later = of_run().get_or_submit("one", submit)
    assert (started, waited) == ([1], [])
    later()
    assert (started, waited) == ([1], [1])


def test_an_answer_that_fails_is_not_kept():
    kept = of_run()

    def fail() -> Any:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        kept.get_or_submit("one", lambda: fail)()
    assert kept.load("one") == (False, None)


def test_they_lie_in_the_cache_and_only_the_user_may_enter(cache: Path):
    kept = of_run()
    kept.save("a", 1)
    folder = folder_of(kept)
    assert folder.parent == cache / "checkpoints"
    assert folder.name.startswith("study-")
    for private in (folder, folder.parent):
        assert stat.S_IMODE(private.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "a").stat().st_mode) == 0o600


def test_what_it_depends_on_is_in_the_name():
    of_run("facts", 1).save("a", 1)
    assert of_run("facts", 1).load("a") == (True, 1)
    other = of_run("facts", 2)
    assert other.load("a") == (False, None)
    assert list(folder_of(other).parent.iterdir()) == []


def test_runs_in_other_folders_and_other_studies_are_left_alone(monkeypatch: pytest.MonkeyPatch):
    others = [of_run(run="other"), of_run(study="study-2"), of_run(study="stud")]
    for k, other in enumerate(others):
        other.save("a", k)
    of_run().save("a", 5)
    assert of_run(2).load("a") == (False, None)
    assert [o.load("a") for o in others] == [(True, 0), (True, 1), (True, 2)]
    of_run(2).clear()
    assert [o.load("a") for o in others] == [(True, 0), (True, 1), (True, 2)]
    monkeypatch.setattr(module, "KEPT_DAYS", -1)
    of_run()
    assert not any(o.load("a")[0] for o in others)


def test_another_process_that_removes_the_folder_does_not_stop_a_run():
    one, two = of_run(), of_run()
    one.save("a", 1)
    two.clear()
    assert one.load("a") == (False, None)
    assert one.save("b", 2) == 2
    assert one.load("b") == (True, 2)
    one.clear()
    two.clear()


def test_nowhere_keeps_nothing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(VARIABLE, OFF)
    assert of_run() == Checkpoints(None)
    kept = Checkpoints(None)
    assert kept.save("a", 5) == 5
    assert kept.load("a") == (False, None)
    kept.clear()


def test_a_folder_that_cannot_be_written_only_costs_time(cache: Path):
    cache.write_text("")
    kept = of_run()
    assert kept.save("a", 5) == 5
    assert kept.load("a") == (False, None)


def test_no_half_written_file_lies_about():
    kept = of_run()
    kept.save("a", list(range(10)))
    answer = object()
    assert kept.save("b", answer) is answer
    assert [p.name for p in folder_of(kept).iterdir()] == ["a"]
    assert kept.load("b") == (False, None)


@given(st.text(max_size=300))
def test_no_name_leads_out_of_the_folder(name: str):
    import tempfile

    with tempfile.TemporaryDirectory() as top, pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, f"{top}/cache")
        kept = Checkpoints.of_run(name, Path(top) / "run", (1,))
        kept.save(name, name)
        assert kept.load(name) == (True, name)
        found = [p for p in Path(top).rglob("*") if p.is_file()]
        assert [p.parent.parent for p in found] == [Path(top, "cache", "checkpoints")]


class Bomb:
    """Makes a folder when a pickle of it is read."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.mark),)


def _objects(path: Path, mark: Path) -> None:
    with path.open("wb") as file:
        np.savez(file, a=np.array([Bomb(mark)], dtype=object))


def _archive(path: Path, _: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("value.json", "{}")


HARM: dict[str, Any] = {
    "bomb": lambda path, mark: path.write_bytes(pickle.dumps(Bomb(mark))),
    "objects": _objects,
    "archive": _archive,
    "cut": lambda path, _: path.write_bytes(path.read_bytes()[:40]),
    "folder": lambda path, _: (path.unlink(), path.mkdir()),
    "pipe": lambda path, _: (path.unlink(), os.mkfifo(path)),
    "device": lambda path, _: (path.unlink(), path.symlink_to("/dev/zero")),
    "link": lambda path, _: (path.rename(path.parent / "b"), path.symlink_to(path.parent / "b")),
    "another class": lambda path, _: path.write_bytes(encode(("a",))),
    "a wrong field": lambda path, _: path.write_bytes(
        encode(LongRun("none", 1.0), {"LongRun": LongRun})  # type: ignore[arg-type]
    ),
    **{name: lambda path, _, data=data: path.write_bytes(data) for name, data in HOSTILE.items()},
}


@pytest.mark.parametrize("harm", HARM)
def test_hostile_files_run_nothing_and_are_computed_anew(tmp_path: Path, harm: str):
    kept, mark = of_run(), tmp_path / "mark"
    kept.save("a", LongRun(1.0, 2.0))
    path = folder_of(kept) / "a"
    HARM[harm](path, mark)
    found = kept.get_or_submit("a", lambda: lambda: LongRun(3.0, 4.0), LongRun)()
    assert found == LongRun(3.0, 4.0)
    assert not mark.exists()
    if harm not in ("folder",):
        assert kept.load("a", LongRun) == (True, found)


def test_the_bomb_is_one(tmp_path: Path):
    """So that the test above can fail."""
    pickle.loads(pickle.dumps(Bomb(tmp_path / "mark")))
    assert (tmp_path / "mark").is_dir()


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o702])
@pytest.mark.parametrize("which", ["own", "parent"])
def test_a_folder_that_others_can_write_is_not_used(mode: int, which: str):
    before = of_run()
    before.save("a", 1)
    folder = folder_of(before) if which == "own" else folder_of(before).parent
    folder.chmod(mode)
    told: list[str] = []
    kept = of_run(on_progress=told.append)
    assert kept.folder is None
    assert kept.load("a") == (False, None)
    assert len(told) == 1
    assert "can be written by other users" in told[0]
    assert str(folder) in told[0]
    if which == "own":
        assert before.load("a") == (False, None)
        before.save("b", 1)
        assert [p.name for p in folder.iterdir()] == ["a"]


def test_a_folder_of_another_user_is_not_used(monkeypatch: pytest.MonkeyPatch):
    before = of_run()
    before.save("a", 1)
    own = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: own + 1)
    told: list[str] = []
    assert of_run(on_progress=told.append).folder is None
    assert len(told) == 1
    assert "belongs to another user" in told[0]
    assert before.load("a") == (False, None)
    before.clear()
    assert folder_of(before).is_dir()


def test_a_file_of_another_user_is_no_answer(monkeypatch: pytest.MonkeyPatch):
    kept = of_run()
    kept.save("a", 1)
    own = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: own + 1)
    monkeypatch.setattr(module, "distrust", lambda _: "")
    assert kept.load("a") == (False, None)


def test_a_link_in_place_of_the_folder_is_not_followed(tmp_path: Path):
    before = of_run()
    before.save("a", 1)
    folder = folder_of(before)
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")
    told: list[str] = []
    assert of_run(on_progress=told.append).folder is None
    assert "is not a folder" in told[0]


def test_an_oversized_file_is_not_read(monkeypatch: pytest.MonkeyPatch):
    kept = of_run()
    kept.save("a", 1)
    monkeypatch.setattr(module, "MOST_BYTES", 10)
    assert kept.load("a") == (False, None)

"""Answers of a run that was stopped, on disk."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.studies.unfinished import Unfinished


def test_an_answer_is_kept_and_asked_for_once(tmp_path: Path):
    kept, asked = Unfinished.beside(tmp_path / "run", 1), []

    def submit() -> Any:
        asked.append(1)
        return lambda: {"a": np.arange(3.0)}

    for _ in range(3):
        found = kept.ask("one", submit)()
        assert np.array_equal(found["a"], np.arange(3.0))
    assert asked == [1]
    assert kept.known("two") == (False, None)


def test_nothing_and_false_are_answers(tmp_path: Path):
    kept = Unfinished.beside(tmp_path / "run", 1)
    for name, answer in (("none", None), ("zero", 0), ("empty", ())):
        kept.keep(name, answer)
        assert kept.known(name) == (True, answer)
        assert kept.ask(name, lambda: pytest.fail("asked again"))() == answer


def test_an_answer_is_not_asked_for_before_it_is_wanted_twice(tmp_path: Path):
    kept = Unfinished.beside(tmp_path / "run", 1)
    started, waited = [], []

    def submit() -> Any:
        started.append(1)
        return lambda: waited.append(1)

    later = kept.ask("one", submit)
    assert (started, waited) == ([1], [])
    later()
    assert (started, waited) == ([1], [1])


def test_an_answer_that_fails_is_not_kept(tmp_path: Path):
    kept = Unfinished.beside(tmp_path / "run", 1)

    def fail() -> Any:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        kept.ask("one", lambda: fail)()
    assert kept.known("one") == (False, None)


def test_what_it_depends_on_is_in_the_name(tmp_path: Path):
    one = Unfinished.beside(tmp_path / "run", "facts", 1)
    one.keep("a", 1)
    assert Unfinished.beside(tmp_path / "run", "facts", 1).known("a") == (True, 1)
    other = Unfinished.beside(tmp_path / "run", "facts", 2)
    assert other.known("a") == (False, None)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["run", "a[b]", "x*", "with space"])
def test_only_leftovers_of_this_run_are_removed(tmp_path: Path, name: str):
    beside = Unfinished.beside(tmp_path / "beside", 1)
    beside.keep("a", 1)
    own = Unfinished.beside(tmp_path / name, 1)
    own.keep("a", 2)
    (tmp_path / name).mkdir()
    again = Unfinished.beside(tmp_path / name, 2)
    assert again.folder is not None
    left = {p.name for p in tmp_path.iterdir()}
    assert left == {name, beside.folder.name if beside.folder else ""}
    again.keep("a", 3)
    again.done()
    assert {p.name for p in tmp_path.iterdir()} == left


def test_nowhere_keeps_nothing():
    kept = Unfinished(None)
    assert kept.keep("a", 5) == 5
    assert kept.known("a") == (False, None)
    kept.done()


def test_a_folder_that_cannot_be_written_only_costs_time(tmp_path: Path):
    (tmp_path / "file").write_text("")
    kept = Unfinished(tmp_path / "file" / "folder")
    assert kept.keep("a", 5) == 5
    assert kept.known("a") == (False, None)


GOOD = pickle.dumps({"a": np.arange(4.0), "b": ("x", 1, None)})


@given(st.integers(0, len(GOOD) - 1), st.integers(0, 255), st.integers(0, len(GOOD)))
def test_a_broken_answer_is_no_answer(at: int, byte: int, cut: int):
    """Whatever happened to the bytes, reading them never stops a run."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        broken = bytearray(GOOD)
        broken[at] = byte
        (Path(folder) / "a").write_bytes(bytes(broken[:cut]))
        there, _ = Unfinished(Path(folder)).known("a")
        assert there in (True, False)


def test_no_half_written_file_lies_about(tmp_path: Path):
    kept = Unfinished.beside(tmp_path / "run", 1)
    kept.keep("a", list(range(10)))
    assert kept.folder is not None
    assert [p.name for p in kept.folder.iterdir()] == ["a"]
    with pytest.raises((pickle.PicklingError, AttributeError)):
        kept.keep("b", lambda: 0)
    assert kept.known("b") == (False, None)

"""Executors give the same records to the bit, pass errors on and leave no process behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from entrepot.engine.engine import Engine
from entrepot.engine.question import Job, Options, Records
from entrepot.engine.spec import EngineSpec
from entrepot.errors import BadInputError
from entrepot.facts.load import load_world
from entrepot.facts.world import World
from entrepot.flows.route_cache import VARIABLE
from entrepot.studies.executors import _STATE, Inline, Processes, Shared, local
from entrepot.studies.plan import answer, engine_spec, make_plan
from tests.questions.promised_worlds import DAY, write_dossier, write_world
from tests.studies.test_promised_study import study


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_world(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def world(data: Path) -> World:
    return load_world(data)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "cache"))


class Nothing(Options):
    """Options of the jobs below."""


def whose(engine: Engine, options: Nothing, done: Records, k: int) -> tuple[int, int, str, int]:
    """Of a job: its process, the object of a shared value, what it holds, and its own number."""
    time.sleep(0.05)
    return os.getpid(), id(done["before"]), str(done["before"]["text"]), k


def fail(engine: Engine, options: Nothing, done: Records, k: int) -> None:
    raise BadInputError(f"Job {k} cannot be done.")


def end(engine: Engine, options: Nothing, done: Records) -> None:
    os._exit(3)


def test_local_takes_the_number_of_workers() -> None:
    with local(1) as one, local(2) as two:
        assert isinstance(one, Inline)
        assert (one.workers, two.workers) == (1, 2)
        assert isinstance(two, Processes)


def test_a_shared_value_is_read_once_by_each_worker(data: Path, world: World) -> None:
    with Processes(2, data) as executor:
        executor.open(world)
        shared = executor.share({"before": {"text": "given"}})
        assert shared.value is None
        assert shared.path is not None
        spec = EngineSpec(data, DAY)
        tasks = [
            executor.submit(spec, Job(str(k), whose, (k,)), Nothing(), shared) for k in range(12)
        ]
        found = [task.result() for task in tasks]
        # The file may go once each worker has read it.
        counts = {pid: {i for p, i, *_ in found if p == pid} for pid, *_ in found}
    assert [k for *_, k in found] == list(range(12))
    assert {text for _, _, text, _ in found} == {"given"}
    assert os.getpid() not in counts
    assert 1 <= len(counts) <= 2
    assert all(len(objects) == 1 for objects in counts.values())
    assert not shared.path.exists()


def test_a_value_shared_in_this_process_is_the_value_itself(world: World) -> None:
    value = {"before": {"text": "given"}}
    with Inline() as executor:
        executor.open(world)
        shared = executor.share(value)
        assert shared.value is value
        task = executor.submit(EngineSpec(None, DAY), Job("a", whose, (7,)), Nothing(), shared)
        assert task.result() == (os.getpid(), id(value["before"]), "given", 7)


def test_jobs_of_this_process_are_done_when_their_records_are_asked_for(world: World) -> None:
    with Inline() as executor:
        executor.open(world)
        task = executor.submit(EngineSpec(None, DAY), Job("a", fail, (1,)), Nothing())
        with pytest.raises(BadInputError, match="Job 1 cannot be done"):
            task.result()


def test_an_error_of_a_worker_is_that_of_the_one_who_waits(data: Path, world: World) -> None:
    given: Shared[Any]
    with Processes(2, data) as executor:
        executor.open(world)
        given = executor.share({"before": {"text": "given"}})
        spec = EngineSpec(data, DAY)
        bad = executor.submit(spec, Job("bad", fail, (5,)), Nothing())
        good = executor.submit(spec, Job("good", whose, (6,)), Nothing(), given)
        with pytest.raises(BadInputError, match="Job 5 cannot be done") as caught:
            bad.result()
        assert caught.value.exit_code == 3
        assert good.result()[-1] == 6, "the worker goes on"


def test_a_worker_that_dies_is_told(data: Path, world: World) -> None:
    from concurrent.futures.process import BrokenProcessPool

    with Processes(1, data) as executor:
        executor.open(world)
        task = executor.submit(EngineSpec(data, DAY), Job("end", end), Nothing())
        with pytest.raises(BrokenProcessPool):
            task.result()


def test_the_process_that_asks_keeps_nothing_of_a_worker() -> None:
    assert (_STATE.world, _STATE.engines, _STATE.shared) == (None, {}, {})


def test_an_engine_is_opened_once_for_a_specification(world: World) -> None:
    with Inline() as executor:
        executor.open(world)
        state = executor._state
        one = state.engine(EngineSpec(None, DAY))
        assert state.engine(EngineSpec(None, DAY)) is one
        assert state.engine(EngineSpec(None, DAY, 5)) is not one


@pytest.mark.slow
def test_any_number_of_workers_gives_the_same_tables(
    data: Path, world: World, tmp_path: Path
) -> None:
    asked = study(write_dossier(tmp_path / "dossier"))
    plan = make_plan(asked.requests)
    spec = engine_spec(world, plan, EngineSpec(data, DAY, 2))

    def tables(executor: Inline | Processes) -> dict[str, pd.DataFrame]:
        with executor:
            executor.open(world)
            executor.prepare(spec)
            answers = answer(plan, Engine.of(world, spec), executor)
        return {name: table for one in answers for name, table in one.tables.items()}

    expected = tables(Inline())
    assert len(expected) > 18
    for workers in (1, 2, 3):
        found = tables(Processes(workers, data))
        assert list(found) == list(expected)
        for name, table in expected.items():
            assert_frame_equal(found[name], table, check_exact=True, obj=f"{name}, {workers}")


INTERRUPTED = """
import sys, time
from pathlib import Path
from entrepot.engine.engine import EngineSpec
from entrepot.engine.question import Job
from entrepot.facts.load import load_world
from entrepot.studies.executors import Processes
from tests.studies.test_executors import Nothing, sleep

if __name__ == "__main__":
    data, marks = Path(sys.argv[1]), Path(sys.argv[2])
    with Processes(2, data) as executor:
        executor.open(load_world(data))
        tasks = [
            executor.submit(EngineSpec(data), Job(str(k), sleep, (str(marks),)), Nothing())
            for k in range(4)
        ]
        for task in tasks:
            task.result()
"""


def sleep(engine: Engine, options: Nothing, done: Records, marks: str) -> None:
    """Leave the number of this process in a folder, and take long."""
    (Path(marks) / str(os.getpid())).write_text("")
    time.sleep(600)


def lives(pid: int) -> bool:
    """Whether a process is there and not only waiting to be counted by its parent."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


@pytest.mark.skipif(not Path("/proc/self/stat").is_file(), reason="reads processes from /proc")
def test_an_interruption_leaves_no_process(
    data: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Ctrl-C goes to the whole group of processes, as from a terminal."""
    script, marks = tmp_path / "script.py", tmp_path / "marks"
    script.write_text(INTERRUPTED, encoding="utf-8")
    marks.mkdir()
    root = request.config.rootpath
    paths = os.pathsep.join([str(root), os.environ.get("PYTHONPATH", "")])
    asking = subprocess.Popen(
        [sys.executable, str(script), str(data), str(marks)],
        env={**os.environ, "PYTHONPATH": paths},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        wait_for(lambda: len(list(marks.iterdir())) == 2 or asking.poll() is not None)
        workers = [int(mark.name) for mark in marks.iterdir()]
        assert len(workers) == 2, asking.communicate()[1]
        os.killpg(asking.pid, signal.SIGINT)
        assert "KeyboardInterrupt" in asking.communicate(timeout=60)[1]
        wait_for(lambda: not any(map(lives, workers)))
        assert not any(map(lives, workers))
    finally:
        if any(map(lives, [asking.pid, *map(int, (m.name for m in marks.iterdir()))])):
            os.killpg(asking.pid, signal.SIGKILL)
        asking.wait()


def wait_for(condition: Any, most: int = 600) -> None:
    """Until a condition holds, a minute at most."""
    for _ in range(most):
        if condition():
            return
        time.sleep(0.1)

"""A study of promises on a small drawn world, whole and taken up again after a stop."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from entrepot.answers.plain import encode
from entrepot.answers.run import Run
from entrepot.engine.engine import Engine
from entrepot.engine.question import Job, Options
from entrepot.engine.spec import EngineSpec
from entrepot.errors import BadInputError, InterruptedRunError
from entrepot.facts.load import load_world
from entrepot.facts.world import World
from entrepot.flows.route_cache import OFF, VARIABLE
from entrepot.questions.promises import question as promises
from entrepot.studies import checkpoints as module
from entrepot.studies.checkpoints import Checkpoints
from entrepot.studies.definition import Study, make_study
from entrepot.studies.executors import Inline, Shared, Task
from entrepot.studies.plan import Plan, answer, engine_spec, make_plan
from entrepot.studies.run import RunSettings, check_study, run_study
from tests.questions.promised_worlds import DAY, MAP_PAIR, TURNOVER, write_dossier, write_world
from tests.studies.same_records import assert_same, classes_in

SLOPES, DRAWS = 3, 4
COUPLED = ("corridor_flows", "link_flows", "border_cuts", "bottlenecks", "place_effects")
PROMISED = (
    "measure_effects", "attribution", "target_paths", "target_needs", "drivers", "assumptions",
    "partner_effects", "sector_effects",
)  # fmt: skip


@pytest.fixture(autouse=True, scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, str(folder))
        yield folder


def kept_in(cache: Path) -> list[Path]:
    """Folders of checkpoints of the study that are there."""
    return list((cache / "checkpoints").glob("drawn-*"))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_world(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def dossier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dossier(tmp_path_factory.mktemp("dossier") / "drawn")


@pytest.fixture(scope="module")
def world(data: Path) -> World:
    return load_world(data)


def content(dossier: Path, **promises: Any) -> dict[str, Any]:
    """The study as TOML has it."""
    return {
        "name": "drawn",
        "title": "Two economies",
        "question": "How much?",
        "pair": list(MAP_PAIR),
        "on": DAY,
        "seed": 2,
        "routes": [
            {"id": "box", "title": "A box", "origin": "alpha", "destination": "beta", "unit": "teu"}
        ],
        "between": {"turnover_musd": TURNOVER, "target_musd": 2 * TURNOVER, "draws": 4},
        "places": {"draws": SLOPES, "turnover_low": 4500.0, "turnover_high": 5500.0},
        "promises": {"dossier": str(dossier), "draws": DRAWS, "partners": ["IRN"], **promises},
    }


def study(dossier: Path, **promises: Any) -> Study:
    return make_study(content(dossier, **promises), text=f"drawn {promises}")


@pytest.fixture(scope="module")
def whole(data: Path, dossier: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    told: list[str] = []
    folder = tmp_path_factory.mktemp("runs") / "whole"
    run = run_study(study(dossier), folder, RunSettings(data=data), on_progress=told.append)
    # Every step is told and counted.
    steps = [t for t in told if t.startswith("[")]
    n = len(steps)
    assert [s.split("]")[0] for s in steps] == [f"[{k}/{n}" for k in range(1, n + 1)]
    return run


def same_tables(one: Run, two: Run) -> None:
    assert set(one.manifest["tables"]) == set(two.manifest["tables"])
    for name, entry in one.manifest["tables"].items():
        assert entry["sha256"] == two.manifest["tables"][name]["sha256"], name


def test_a_study_of_promises_gives_all_tables(whole: Run, cache: Path):
    assert set(COUPLED + PROMISED) <= set(whole.manifest["tables"])
    effects = whole.table("measure_effects")
    assert set(effects["measure_id"]) == {"M1", "M2", "M3", "M4", "M5", "S1"}
    needs = whole.table("target_needs").set_index("figure")
    assert needs.loc["start", "p50"] == pytest.approx(TURNOVER, abs=1e-2)
    # The sum of the parts against the changed facts as a whole: the promises hardly meet here.
    assert needs.loc["all_on_facts", "p50"] == pytest.approx(needs.loc["all_mid", "p50"], rel=1e-4)
    attribution = whole.table("attribution")
    assert set(attribution["theme"]) == {"border", "tariff", "payment", "infrastructure"}
    assert whole.failed("places", "promises") == 0
    assert [p.name for p in whole.folder.parent.iterdir()] == ["whole"]
    assert not [f for f in kept_in(cache) if f.name.startswith("drawn-")]


class Stopping(Inline):
    """Does jobs in this process, and stops before some job."""

    def __init__(self, world: World, after: int) -> None:
        super().__init__()
        self.open(world)
        self.world, self.after, self.done = world, after, list[tuple[str, str]]()

    def submit(self, spec: EngineSpec, job: Job, options: Options, *shared: Shared[Any]) -> Task:
        later = super().submit(spec, job, options, *shared)

        def wait() -> Any:
            if len(self.done) == self.after:
                raise KeyboardInterrupt
            self.done.append((job.function.__name__, job.key))
            return later.result()

        return SimpleNamespace(result=wait)


def slow_plan(dossier: Path) -> Plan:
    """The questions of the study that take long."""
    asked = [r for r in study(dossier).requests if r.question.name in ("places", "promises")]
    return make_plan(asked)


def checkpoints_of(run: Path, plan: Plan) -> Checkpoints:
    return Checkpoints.of_run("same", run, ("same",), plan.classes)


def answered(dossier: Path, executor: Stopping, kept: Checkpoints) -> dict[str, pd.DataFrame]:
    world, plan = executor.world, slow_plan(dossier)
    spec = engine_spec(world, plan, EngineSpec(None, DAY, 2))
    answers = answer(plan, Engine.of(world, spec), executor, None, kept)
    return {name: table for one in answers for name, table in one.tables.items()}


@pytest.fixture(scope="module")
def unbroken(world: World, dossier: Path) -> tuple[dict[str, pd.DataFrame], Stopping]:
    executor = Stopping(world, 10**9)
    return answered(dossier, executor, Checkpoints(None)), executor


@pytest.mark.parametrize("after", [0, 12, 31])
def test_what_was_answered_before_a_stop_is_not_asked_again(
    world: World, dossier: Path, unbroken: tuple[dict[str, pd.DataFrame], Stopping],
    tmp_path: Path, after: int,
):  # fmt: skip
    tables, every = unbroken
    assert len(every.done) > 31
    plan = slow_plan(dossier)
    kept = checkpoints_of(tmp_path / "run", plan)
    first = Stopping(world, after)
    with pytest.raises(KeyboardInterrupt):
        answered(dossier, first, kept)
    assert len(list((kept.folder or tmp_path).glob("*"))) == after
    second = Stopping(world, 10**9)
    found = answered(dossier, second, checkpoints_of(tmp_path / "run", plan))
    assert sorted(first.done + second.done) == sorted(every.done)
    for name, table in tables.items():
        assert_frame_equal(found[name], table, check_exact=True)
    kept.clear()
    assert kept.folder is not None
    assert not kept.folder.exists()
    assert list(tmp_path.iterdir()) == []


def test_an_answer_that_cannot_be_read_is_asked_again(
    world: World, dossier: Path, unbroken: tuple[dict[str, pd.DataFrame], Stopping], tmp_path: Path
):
    kept = checkpoints_of(tmp_path / "run", slow_plan(dossier))
    answered(dossier, Stopping(world, 10**9), kept)
    (alone,) = files_of(kept, "promises.alone-M2")
    (slopes,) = files_of(kept, "places.slopes-0")
    alone.write_bytes(alone.read_bytes()[:40])
    slopes.write_bytes(b"")
    again = Stopping(world, 10**9)
    found = answered(dossier, again, kept)
    assert again.done == [("slopes", "0"), ("alone", "M2")]
    for name, table in unbroken[0].items():
        assert_frame_equal(found[name], table, check_exact=True)


def files_of(kept: Checkpoints, name: str) -> list[Path]:
    """Where the record of a job is kept: names that are not plain are hashed."""
    assert kept.folder is not None
    return [kept.folder / module._file_name(name)]


@pytest.fixture
def stop_at(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, int], list[int]]:
    """Interrupts the run before a call of a function of the promises; returns the calls so far."""

    def stop(function: str, call: int) -> list[int]:
        real, calls = getattr(promises, function), list[int]()

        def stopping(*given: Any) -> Any:
            calls.append(given[-1])
            if len(calls) == call:
                raise KeyboardInterrupt
            return real(*given)

        monkeypatch.setattr(promises, function, wraps(real)(stopping))
        return calls

    return stop


def test_a_stopped_run_says_so_and_goes_on(
    data: Path, dossier: Path, whole: Run, tmp_path: Path, cache: Path,
    stop_at: Callable[[str, int], list[int]],
):  # fmt: skip
    calls = stop_at("draw", 3)
    with pytest.raises(InterruptedRunError, match="goes on from there") as caught:
        run_study(study(dossier), tmp_path / "run", RunSettings(data=data))
    assert caught.value.exit_code == 5
    assert not (tmp_path / "run").exists()
    assert list(tmp_path.iterdir()) == []
    (left,) = kept_in(cache)
    expected = {module._file_name(f"promises.draws-{d}") for d in (0, 1)}
    assert expected <= {f.name for f in left.iterdir()}
    found = run_study(study(dossier), tmp_path / "run", RunSettings(data=data))
    assert calls == [0, 1, 2, *range(2, DRAWS)]
    same_tables(found, whole)
    assert [p.name for p in tmp_path.iterdir()] == ["run"]
    assert kept_in(cache) == []


def test_without_a_cache_a_stopped_run_says_that_nothing_is_kept(
    data: Path, dossier: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    stop_at: Callable[[str, int], list[int]],
):  # fmt: skip
    stop_at("alone", 1)
    monkeypatch.setenv(VARIABLE, OFF)
    with pytest.raises(InterruptedRunError, match="Nothing is kept"):
        run_study(study(dossier), tmp_path / "run", RunSettings(data=data))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("what", ["seed", "study", "dossier"])
def test_leftovers_of_other_inputs_are_not_used(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str,
    stop_at: Callable[[str, int], list[int]],
):  # fmt: skip
    own = write_dossier(tmp_path / "own")
    stop_at("alone", 1)
    cache = tmp_path / "cache"
    monkeypatch.setenv(VARIABLE, str(cache))
    run = tmp_path / "runs" / "run"
    run.parent.mkdir()
    with pytest.raises(InterruptedRunError):
        run_study(study(own), run, RunSettings(data=data))
    (first,) = kept_in(cache)
    changed, seed = study(own), None
    if what == "seed":
        seed = 5
    elif what == "study":
        changed = study(own, last_year=2030)
    else:
        file = own / "all.toml"
        file.write_text(file.read_text().replace("mid = 0.7", "mid = 0.6"), encoding="utf-8")
    stop_at("alone", 1)
    with pytest.raises(InterruptedRunError):
        run_study(changed, run, RunSettings(seed, data=data))
    (second,) = kept_in(cache)
    assert second != first


@pytest.mark.slow
def test_the_number_of_processes_changes_no_table(
    data: Path, dossier: Path, whole: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(VARIABLE, str(tmp_path / "cache"))
    same_tables(run_study(study(dossier), tmp_path / "two", RunSettings(jobs=2, data=data)), whole)


def test_a_study_of_places_alone(data: Path, dossier: Path, tmp_path: Path):
    only = {k: v for k, v in content(dossier).items() if k != "promises"} | {"places": {"draws": 0}}
    run = run_study(make_study(only), tmp_path / "run", RunSettings(data=data))
    assert set(COUPLED) <= set(run.manifest["tables"])
    assert not set(PROMISED) & set(run.manifest["tables"])
    assert run.table("place_effects")["gain_per_day_p10"].isna().all()


@pytest.mark.parametrize(
    ("promises", "places", "told"),
    [
        ({"partners": ["IRM"]}, {}, "promises: 'partners': Unknown economy 'IRM'.*Nearest: IRN"),
        ({"first_year": 2036}, {}, "promises: 'first_year'"),
        (
            {"growth_low": 0.05, "growth_mid": 0.01, "growth_high": 0.1},
            {},
            "promises: 'growth_low'",
        ),
        ({"draws": 0}, {}, "promises: 'draws': found 0"),
        (
            {"dossier": "iran-kazakstan"},
            {},
            "promises: .*'iran-kazakstan'.*Nearest: iran-kazakhstan",
        ),
        ({}, {"draws": -1}, "places: 'draws': found -1"),
        ({}, {"turnover_low": 6000.0}, "places: 'turnover_low'"),
    ],
)
def test_faults_are_told_before_anything_is_computed(
    world: World, dossier: Path, promises: dict[str, Any], places: dict[str, Any], told: str
):
    base = content(dossier)
    wrong = make_study(
        base | {"places": base["places"] | places, "promises": base["promises"] | promises}
    )
    check_study(world, study(dossier))
    with pytest.raises(BadInputError, match=told):
        check_study(world, wrong)


def test_every_kind_of_answer_comes_back_to_the_bit(
    world: World, dossier: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Records of a whole study; each fits what its job says it gives."""
    said: dict[str, tuple[Any, Any]] = {}
    real = Checkpoints.get_or_submit

    def recorded(self: Checkpoints, name: str, submit: Any, kind: Any) -> Callable[[], Any]:
        wait = real(self, name, submit, kind)

        def call() -> Any:
            said[name] = (wait(), kind)
            return said[name][0]

        return call

    monkeypatch.setattr(Checkpoints, "get_or_submit", recorded)
    plan = slow_plan(dossier)
    kept = checkpoints_of(tmp_path / "run", plan)
    answered(dossier, Stopping(world, 10**9), kept)
    assert len(said) > 31
    for name, (record, kind) in said.items():
        assert kind is not Any, name
        there, back = kept.load(name, kind)
        assert there, name
        # The bits of a pickle depend on which objects are one and the same; these do not.
        assert encode(back, kept.classes) == encode(record, kept.classes), name
        assert_same(back, record)
    kept.clear()
    met = {kind for record, _ in said.values() for kind in classes_in(record)}
    assert met == set(plan.classes)

"""A study of promises on a small drawn world, whole and taken up again after a stop."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from entrepot.studies.answers import _Slow, asked_of_coupled
from entrepot.studies.checks import check_queries
from entrepot.studies.coupled_jobs import AskCoupled, dossier_of, modelled
from entrepot.studies.desk import Here, Kept
from pandas.testing import assert_frame_equal

from entrepot.answers.run import Run
from entrepot.errors import BadInputError, InterruptedRunError
from entrepot.facts.load import load_world
from entrepot.facts.world import World
from entrepot.flows.route_cache import OFF, VARIABLE
from entrepot.studies import answers as module
from entrepot.studies.definition import Study, StudyCoupled, StudyPromises, StudyQuery, StudyTrade
from entrepot.studies.run import run_study
from entrepot.studies.unfinished import Unfinished
from tests.questions.promised_worlds import DAY, MAP_PAIR, TURNOVER, write_dossier, write_world

SLOPES, DRAWS = 3, 4
COUPLED = ("corridor_flows", "link_flows", "border_cuts", "bottlenecks", "place_effects")
PROMISED = (
    "measure_effects", "attribution", "target_paths", "target_needs", "drivers", "assumptions",
    "partner_effects", "sector_effects",
)  # fmt: skip


@pytest.fixture(autouse=True, scope="module")
def no_cache() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, OFF)
        yield


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_world(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def dossier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dossier(tmp_path_factory.mktemp("dossier") / "drawn")


@pytest.fixture(scope="module")
def world(data: Path) -> World:
    return load_world(data)


def study(dossier: Path, **promises: Any) -> Study:
    return Study(
        name="drawn",
        title="Two economies",
        question="How much?",
        pair=MAP_PAIR,
        query=(StudyQuery("box", "A box", "alpha", "beta", unit="teu"),),
        on=DAY,
        seed=2,
        validation=False,
        trade=StudyTrade(on=DAY, turnover_musd=TURNOVER, target_musd=2 * TURNOVER, draws=4),
        coupled=StudyCoupled(SLOPES, 4500.0, 5500.0),
        promises=StudyPromises(str(dossier), DRAWS, **{"partners": ("IRN",), **promises}),
        text=f"drawn {promises}",
    )


@pytest.fixture(scope="module")
def whole(data: Path, dossier: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    told: list[str] = []
    folder = tmp_path_factory.mktemp("runs") / "whole"
    run = run_study(study(dossier), folder, data=data, tell=told.append)
    # Every step is told and counted.
    steps = [t for t in told if t.startswith("[")]
    n = len(steps)
    assert [s.split("]")[0] for s in steps] == [f"[{k}/{n}" for k in range(1, n + 1)]
    return run


def same_tables(one: Run, two: Run) -> None:
    assert set(one.manifest["tables"]) == set(two.manifest["tables"])
    for name, entry in one.manifest["tables"].items():
        assert entry["sha256"] == two.manifest["tables"][name]["sha256"], name


def test_a_study_of_promises_gives_all_tables(whole: Run):
    assert set(COUPLED + PROMISED) <= set(whole.manifest["tables"])
    effects = whole.table("measure_effects")
    assert set(effects["measure_id"]) == {"M1", "M2", "M3", "M4", "M5", "S1"}
    needs = whole.table("target_needs").set_index("figure")
    assert needs.loc["start", "p50"] == pytest.approx(TURNOVER, abs=1e-2)
    # The sum of the parts against the changed facts as a whole: the promises hardly meet here.
    assert needs.loc["all_on_facts", "p50"] == pytest.approx(needs.loc["all_mid", "p50"], rel=1e-4)
    attribution = whole.table("attribution")
    assert set(attribution["theme"]) == {"border", "tariff", "payment", "infrastructure"}
    assert whole.manifest["coupled"]["failed"] == 0
    assert list(whole.folder.parent.glob(".*unfinished*")) == []


class Stopping:
    """Asks in this process, and stops before some question."""

    def __init__(self, after: int) -> None:
        self.after, self.asked = after, []

    def __call__(self, question: Callable[..., Any], *given: Any) -> Callable[[], Any]:
        def wait() -> Any:
            if len(self.asked) == self.after:
                raise KeyboardInterrupt
            self.asked.append((question.__name__, *given[1:]))
            return question(*given)

        return wait


def ask(dossier: Path) -> AskCoupled:
    asked = asked_of_coupled(study(dossier), 2)
    assert asked is not None
    return asked


def answered(dossier: Path, submit: Stopping, kept: Unfinished) -> dict[str, pd.DataFrame]:
    nothing: Callable[[str], None] = lambda _: None  # noqa: E731
    asked = ask(dossier)
    measures = len(modelled(dossier_of(Here.session().world, asked)))
    return _Slow(asked, measures, submit, Kept, kept, nothing, nothing).answers().tables


@pytest.fixture(scope="module")
def unbroken(world: World, dossier: Path) -> tuple[dict[str, pd.DataFrame], Stopping]:
    Here.give(None, 2, world)
    submit = Stopping(10**9)
    return answered(dossier, submit, Unfinished(None)), submit


@pytest.mark.parametrize("after", [0, 12, 31])
def test_what_was_answered_before_a_stop_is_not_asked_again(
    world: World, dossier: Path, unbroken: tuple[dict[str, pd.DataFrame], Stopping],
    tmp_path: Path, after: int,
):  # fmt: skip
    tables, all_asked = unbroken
    assert len(all_asked.asked) > 31
    Here.give(None, 2, world)
    kept = Unfinished.beside(tmp_path / "run", "same")
    first = Stopping(after)
    with pytest.raises(KeyboardInterrupt):
        answered(dossier, first, kept)
    assert len(list((kept.folder or tmp_path).glob("*"))) == after
    second = Stopping(10**9)
    found = answered(dossier, second, Unfinished.beside(tmp_path / "run", "same"))
    assert len(first.asked) + len(second.asked) == len(all_asked.asked)
    for name, table in tables.items():
        assert_frame_equal(found[name], table, check_exact=True)
    kept.done()
    assert list(tmp_path.iterdir()) == []


def test_an_answer_that_cannot_be_read_is_asked_again(
    world: World, dossier: Path, unbroken: tuple[dict[str, pd.DataFrame], Stopping], tmp_path: Path
):
    Here.give(None, 2, world)
    kept = Unfinished.beside(tmp_path / "run", "same")
    answered(dossier, Stopping(10**9), kept)
    folder = kept.folder
    assert folder is not None
    (folder / "alone-1").write_bytes((folder / "alone-1").read_bytes()[:40])
    (folder / "slopes-0").write_bytes(b"")
    again = Stopping(10**9)
    found = answered(dossier, again, kept)
    assert [name for name, *_ in again.asked] == ["_slopes", "_alone"]
    for name, table in unbroken[0].items():
        assert_frame_equal(found[name], table, check_exact=True)


def test_a_stopped_run_says_so_and_goes_on(
    data: Path, dossier: Path, whole: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    real = module._promises
    count = 0

    def stop(*given: Any) -> Any:
        nonlocal count
        count += 1
        if count == 3:
            raise KeyboardInterrupt
        return real(*given)

    monkeypatch.setattr(module, "_promises", stop)
    with pytest.raises(InterruptedRunError, match="goes on from there") as caught:
        run_study(study(dossier), tmp_path / "run", data=data)
    assert caught.value.exit_code == 5
    assert not (tmp_path / "run").exists()
    (left,) = tmp_path.iterdir()
    assert {f"promises-{d}" for d in (0, 1)} <= {f.name for f in left.iterdir()}
    found = run_study(study(dossier), tmp_path / "run", data=data)
    assert count == 3 + DRAWS - 2
    same_tables(found, whole)
    assert [p.name for p in tmp_path.iterdir()] == ["run"]


@pytest.mark.parametrize("what", ["seed", "study", "dossier"])
def test_leftovers_of_other_inputs_are_not_used(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
):
    own = write_dossier(tmp_path / "own")

    def stop(*_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "_alone", stop)
    run = tmp_path / "runs" / "run"
    run.parent.mkdir()
    with pytest.raises(InterruptedRunError):
        run_study(study(own), run, data=data)
    (first,) = run.parent.iterdir()
    changed, seed = study(own), None
    if what == "seed":
        seed = 5
    elif what == "study":
        changed = study(own, last_year=2030)
    else:
        file = own / "all.toml"
        file.write_text(file.read_text().replace("mid = 0.7", "mid = 0.6"), encoding="utf-8")
    with pytest.raises(InterruptedRunError):
        run_study(changed, run, data=data, seed=seed)
    (second,) = run.parent.iterdir()
    assert second != first


@pytest.mark.slow
def test_the_number_of_processes_changes_no_table(
    data: Path, dossier: Path, whole: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(VARIABLE, str(tmp_path / "cache"))
    same_tables(run_study(study(dossier), tmp_path / "two", data=data, jobs=2), whole)


def test_a_study_of_borders_alone(data: Path, dossier: Path, tmp_path: Path):
    only = replace(study(dossier), promises=None, coupled=StudyCoupled(0))
    run = run_study(only, tmp_path / "run", data=data)
    assert set(COUPLED) <= set(run.manifest["tables"])
    assert not set(PROMISED) & set(run.manifest["tables"])
    assert run.table("place_effects")["gain_per_day_p10"].isna().all()


@pytest.mark.parametrize(
    ("promises", "coupled", "told"),
    [
        ({"partners": ("IRM",)}, {}, "promises: 'partners': 'IRM'.*Nearest: IRN"),
        ({"first_year": 2036}, {}, "promises: 'first_year'"),
        (
            {"growth_low": 0.05, "growth_mid": 0.01, "growth_high": 0.1},
            {},
            "promises: 'growth_low'",
        ),
        ({"draws": 0}, {}, "promises: 'draws': found 0"),
        ({"dossier": "iran-kazakstan"}, {}, "promises: 'iran-kazakstan'.*Nearest: iran-kazakhstan"),
        ({}, {"draws": -1}, "coupled: 'draws': found -1"),
        ({}, {"turnover_low": 6000.0}, "coupled: 'turnover_low'"),
    ],
)
def test_faults_are_told_before_anything_is_computed(
    world: World, dossier: Path, promises: dict[str, Any], coupled: dict[str, Any], told: str
):
    base = study(dossier)
    assert base.promises is not None
    assert base.coupled is not None
    wrong = replace(
        base,
        promises=replace(base.promises, **promises),
        coupled=replace(base.coupled, **coupled),
    )
    check_queries(world, base)
    with pytest.raises(BadInputError, match=told):
        check_queries(world, wrong)


def test_answers_survive_being_written(unbroken: tuple[dict[str, pd.DataFrame], Stopping]):
    for table in unbroken[0].values():
        assert_frame_equal(pickle.loads(pickle.dumps(table)), table)

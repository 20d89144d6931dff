"""Run a study: ask its questions, save what they answer."""

from __future__ import annotations

import hashlib
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from entrepot.answers.run import Run, check_place, write_run
from entrepot.engine.engine import Engine
from entrepot.engine.spec import EngineSpec
from entrepot.errors import BadInputError, InterruptedRunError
from entrepot.facts.load import load_world
from entrepot.facts.world import World
from entrepot.schema.table import kinds_counted
from entrepot.studies.checkpoints import Checkpoints, code_hash
from entrepot.studies.definition import Study
from entrepot.studies.executors import local
from entrepot.studies.plan import (
    Plan,
    Progress,
    QuestionAnswer,
    answer,
    engine_spec,
    make_plan,
)

STOPPED = {
    True: "Stopped. What is done so far is kept; the same command goes on from there.",
    False: "Stopped. Nothing is kept, because no cache folder is used; the same command starts anew.",
}


@dataclass(frozen=True, slots=True)
class RunSettings:
    """How a study is run.

    seed   : of all draws; None is that of the study
    jobs   : processes; they change the time it takes and nothing else
    data   : folder of the facts; None for the shipped ones
    """

    seed: int | None = None
    jobs: int = 1
    data: Path | None = None


def run_study(
    study: Study,
    folder: Path,
    settings: RunSettings | None = None,
    *,
    on_progress: Callable[[str], None] = lambda _: None,
    finish: Callable[[Path], None] | None = None,
) -> Run:
    """Run a study into a folder. The same seed and facts give the same tables.

    on_progress : called with a line of progress
    finish      : makes the report in the folder before it is moved into place
    """
    how = settings or RunSettings()
    plan = make_plan(study.requests)
    clock = _Clock(on_progress, plan.steps + 2)
    seed = study.head.seed if how.seed is None else how.seed
    check_place(folder)
    with local(how.jobs, how.data) as executor:
        world = load_world(how.data)
        check_study(world, study)
        spec = engine_spec(world, plan, EngineSpec(how.data, study.head.on, seed))
        clock.step("facts read")
        executor.open(world)
        if any(r.question.flows for r in plan.requests):
            executor.prepare(spec)
        asked = [(r.name, r.options.model_dump_json()) for r in plan.requests]
        depends = (
            world.hash,
            asked,
            asdict(spec),
            version("entrepot"),
            code_hash(),
            _dossiers(plan),
        )
        checkpoints = Checkpoints.of_run(study.name, folder, depends, plan.classes, on_progress)
        try:
            engine = Engine.of(world, spec)
            answers = answer(plan, engine, executor, Progress(clock.step, on_progress), checkpoints)
        except KeyboardInterrupt:
            raise InterruptedRunError(STOPPED[checkpoints.folder is not None]) from None
    tables = _stacked(answers)
    tables |= _facts_of(world, study, tables)
    run = write_run(folder, tables, _manifest(study, world, spec, answers, clock), finish)
    checkpoints.clear()
    clock.step("report written")
    return run


def check_study(world: World, study: Study) -> None:
    """Raise with everything a study asks that the facts cannot answer."""
    faults = [
        f"{request.name}: {fault}"
        for request in study.requests
        for fault in request.question.check(world, request.options)
    ]
    if faults:
        raise BadInputError(f"{study.name}:\n  " + "\n  ".join(dict.fromkeys(faults)))


class _Clock:
    """Tells each step with its time."""

    def __init__(self, on_progress: Callable[[str], None], steps: int) -> None:
        self._on_progress, self._steps, self._done = on_progress, steps, 0
        self._last = time.perf_counter()
        self.times: dict[str, float] = {}

    def step(self, what: str) -> None:
        now = time.perf_counter()
        self._done += 1
        self.times[what] = round(now - self._last, 3)
        self._on_progress(f"[{self._done}/{self._steps}] {what} ({now - self._last:.1f} s)")
        self._last = now


def _dossiers(plan: Plan) -> list[str]:
    """What answers depend on beside facts, study and code: the files of dossiers that are named."""
    shipped = Path(str(files("entrepot.data"))) / "dossiers"
    named = {str(getattr(r.options, "dossier", "")) for r in plan.requests} - {""}
    folders = [Path(n) if Path(n).is_dir() else shipped / n for n in sorted(named)]
    found = (p for folder in folders for p in sorted(folder.rglob("*")) if p.is_file())
    return [f"{p}: {hashlib.sha256(p.read_bytes()).hexdigest()}" for p in found]


def _stacked(answers: Sequence[QuestionAnswer]) -> dict[str, pd.DataFrame]:
    """Tables of all answers; those of one question asked several times stand one below another."""
    parts: dict[str, list[pd.DataFrame]] = {}
    for one in answers:
        for name, table in one.tables.items():
            parts.setdefault(name, []).append(table)
    return {name: _stack(found) for name, found in parts.items()}


def _stack(found: list[pd.DataFrame]) -> pd.DataFrame:
    if len(found) == 1:
        return found[0]
    filled = [t for t in found if len(t)]
    return pd.concat(filled, ignore_index=True) if filled else pd.DataFrame()


def _facts_of(
    world: World, study: Study, tables: dict[str, pd.DataFrame]
) -> dict[str, pd.DataFrame]:
    """Facts the report shows, copied into the run so that it stands alone."""
    pair = set(study.head.pair)
    series = world.table("bilateral_series")
    ends = zip(series["zone_a"], series["zone_b"], strict=True)
    series = series[np.array([{a, b} == pair for a, b in ends], dtype=bool)]
    commitments = world.table("commitments")
    commitments = commitments[
        np.array([set(p) >= pair for p in commitments["parties"]], dtype=bool)
    ]
    used: set[str] = set()
    for table in (series, commitments, *tables.values()):
        for column in ("source_id", "facts"):
            used |= {s for ids in table.get(column, []) if isinstance(ids, tuple) for s in ids}
    sources = world.table("sources")
    return {
        "bilateral_series": series.reset_index(drop=True),
        "commitments": commitments.reset_index(drop=True),
        "sources": sources[sources["source_id"].isin(sorted(used))].reset_index(drop=True),
        "land_outline": world.table("land_outline"),
        "parameters": world.table("parameters"),
        "fact_kinds": fact_kinds(world),
    }


def fact_kinds(world: World) -> pd.DataFrame:
    """Values by table and kind."""
    rows = []
    for declared, columns in kinds_counted():
        table = world.table(declared.name)
        for column in columns:
            for kind, count in table[column.name].value_counts(sort=False).items():
                rows.append({"table": declared.name, "value_kind": kind, "rows": int(count)})
    return pd.DataFrame(rows).groupby(["table", "value_kind"], as_index=False, sort=False).sum()


def _manifest(
    study: Study, world: World, spec: EngineSpec, answers: Sequence[QuestionAnswer], clock: _Clock
) -> dict[str, Any]:
    zones = world.table("zones")
    names = dict(zip(zones["zone_id"], zones["name"], strict=True))
    head = study.head
    asked = [one for one in answers if not one.request.question.is_stage]
    return {
        "study": head.name,
        "title": head.title,
        "question": head.question,
        "pair": list(head.pair),
        "pair_names": [names.get(code, code) for code in head.pair],
        "trade_notes": list(head.trade_notes),
        "limits": list(head.limits),
        "definition": study.text,
        "seed": spec.seed,
        "on": spec.on or world.meta["default_date"],
        "world": {
            "name": world.name,
            "title": world.meta.get("title", ""),
            "hash": world.hash,
            "as_of": world.meta.get("as_of", ""),
            "default_date": world.meta["default_date"],
            "trade_base_year": world.meta.get("trade_base_year", ""),
            "overridden": list(world.overridden),
        },
        "questions": {
            one.request.name: {
                "options": one.request.options.model_dump(),
                "failed": one.failed,
                "why_none": one.why_none,
            }
            for one in asked
        },
        "versions": {
            "entrepot": version("entrepot"),
            "python": platform.python_version(),
            "numpy": np.__version__,
            "pandas": pd.__version__,
            "numba": version("numba"),
            "duckdb": version("duckdb"),
        },
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": clock.times,
    }

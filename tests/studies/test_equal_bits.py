"""Tables do not depend on threads of BLAS, on the seed of hashes or on the language of the machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from entrepot.flows.route_cache import VARIABLE
from tests.questions.promised_worlds import write_dossier, write_world
from tests.studies.test_promised_study import content
from tests.studies.toml_text import toml_text

USUAL = {"OPENBLAS_NUM_THREADS": "1", "PYTHONHASHSEED": "1", "LC_ALL": "C.UTF-8"}
OTHERS = {
    "two threads of BLAS": {"OPENBLAS_NUM_THREADS": "2"},
    "another seed of hashes": {"PYTHONHASHSEED": "2"},
    "a language without letters beyond ASCII": {
        "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0",
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a study, its facts and its dossier."""
    folder = tmp_path_factory.mktemp("equal")
    write_world(folder / "facts")
    dossier = write_dossier(folder / "dossier")
    (folder / "drawn.toml").write_text(toml_text(content(dossier)), encoding="utf-8")
    return folder


def hashes(folder: Path, name: str, variables: Mapping[str, str]) -> dict[str, str]:
    """Checksums of the tables of the study, run as a command under some variables."""
    command = [
        sys.executable, "-m", "entrepot.cli.main", "study", str(folder / "drawn.toml"),
        "--data", str(folder / "facts"), "--out", str(folder / name), "--jobs", "1",
    ]  # fmt: skip
    environment = {**os.environ, VARIABLE: str(folder / "cache"), **USUAL, **variables}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    manifest = json.loads((folder / name / "manifest.json").read_text(encoding="utf-8"))
    return {table: entry["sha256"] for table, entry in manifest["tables"].items()}


@pytest.fixture(scope="module")
def usual(folder: Path) -> dict[str, str]:
    return hashes(folder, "usual", {})


@pytest.mark.slow
@pytest.mark.parametrize("other", OTHERS)
def test_a_study_gives_the_same_tables(folder: Path, usual: dict[str, str], other: str) -> None:
    assert len(usual) > 20
    assert hashes(folder, other, OTHERS[other]) == usual


SHIPPED = """
import hashlib, sys
import numpy as np
from entrepot.engine.engine import Engine, EngineSpec
from entrepot.equilibrium.loop import solve
from entrepot.facts.load import load_world
from entrepot.questions.between.pair_trade import pair_trade
from entrepot.questions.promises.individual_effects import log_slopes
from entrepot.questions.promises.question import alone_jobs
from entrepot.studies.definition import find_study
from entrepot.studies.plan import engine_spec, make_plan

def told(name, *arrays):
    hashed = hashlib.sha256(b"".join(np.asarray(a, dtype=float).tobytes() for a in arrays))
    print(name, hashed.hexdigest())

study, world = find_study("iran-kazakhstan"), load_world()
spec = engine_spec(world, make_plan(study.requests), EngineSpec(seed=study.head.seed))
engine, options = Engine.of(world, spec), study.options("promises")
jobs = alone_jobs(engine, options, {})[:8]
alone = [job.function(engine, options, {}, *job.args) for job in jobs]
told("alone", *(one.gain for one in alone))
draw = engine.uncertain.draw(engine.points(24), 0)
found = solve(draw.world)
parts = [one.parts for one in alone]
told("slopes", log_slopes(parts, draw, found, options.pair))
between = study.options("between").model_copy(update={"draws": 8})
for name, table in pair_trade(engine.session, between, spec.seed).items():
    told(name, table.select_dtypes("number").to_numpy())
    print(name, hashlib.sha256(table.to_csv(index=False).encode()).hexdigest())
"""


@pytest.mark.slow
def test_the_shipped_world_gives_the_same_by_one_and_two_threads_of_blas() -> None:
    """Vectors of the shipped world are long enough that BLAS cuts them by its threads."""
    said = [
        subprocess.run(
            [sys.executable, "-c", SHIPPED],
            env={**os.environ, "OPENBLAS_NUM_THREADS": threads},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
        for threads in ("1", "2")
    ]
    assert len(said[0]) == 10
    assert said[0] == said[1]

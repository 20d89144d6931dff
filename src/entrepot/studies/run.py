"""Run a study: ask the rooms below, save what they answer."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from entrepot.answers.run import (
    Run,
    check_place,
    write_run,
)
from entrepot.dossier import load_dossier
from entrepot.errors import InterruptedRunError
from entrepot.facts.load import load_world
from entrepot.facts.world import World
from entrepot.questions.claim_checks import claim_checks
from entrepot.studies.answers import answers, later_day
from entrepot.studies.checks import check_queries
from entrepot.studies.desk import Desk
from entrepot.studies.unfinished import Unfinished, code_hash

if TYPE_CHECKING:
    from entrepot.studies.definition import Study

ROUTE_TABLES = ("queries", "routes", "legs", "route_points", "rules_in_force")
TRADE_TABLES = ("trade_goods", "trade_parts", "trade_figures")
PROMISE_TABLES = ("measure_effects", "claim_checks")
KIND_COLUMNS = ("value_kind", "speed_kind", "rate_kind", "co2e_kind")


def run_study(
    study: Study,
    folder: Path,
    *,
    seed: int | None = None,
    jobs: int = 1,
    data: Path | None = None,
    tell: Callable[[str], None] = lambda _: None,
    finish: Callable[[Path], None] | None = None,
) -> Run:
    """Run a study into a folder. The same seed and facts give the same tables.

    jobs   : processes; they change the time it takes and nothing else
    tell   : called with a line of progress
    finish : makes the report in the folder before it is moved into place
    """
    coupled, promises = study.coupled is not None, study.promises is not None
    asked = (study.validation, study.trade is not None, *2 * (coupled,), *4 * (promises,))
    clock = _Clock(tell, steps=len(study.query) + 2 + sum(asked))
    seed = study.seed if seed is None else seed
    check_place(folder)
    with Desk(data, seed, jobs) as desk:
        world = load_world(data)
        check_queries(world, study)
        clock.step("facts read")
        desk.open(world)
        dossier = None if study.promises is None else load_dossier(study.promises.dossier, world)
        promised = None if dossier is None else dossier.hash
        kept = Unfinished.beside(
            folder, world.hash, study.text, seed, version("entrepot"), code_hash(), promised
        )
        try:
            found = answers(study, world, desk, seed, clock.step, tell, kept)
        except KeyboardInterrupt:
            raise InterruptedRunError(
                "Stopped. What is done so far is kept; the same command goes on from there."
            ) from None
    tables = {name: _stack([part[name] for part in found.routes]) for name in ROUTE_TABLES}
    tables |= found.trade | found.coupled
    validation = found.validation
    if validation is not None:
        tables["validation"] = validation.rows
        tables["validation_summary"] = pd.DataFrame(
            [{"measure": m, **values} for m, values in validation.summary.items()]
        )
    if dossier is not None:
        tables["claim_checks"] = claim_checks(world, dossier)
    tables |= _facts_of(world, study, tables)
    manifest = _manifest(study, world, seed, clock, tables) | {"no_trade": found.no_trade}
    if study.coupled is not None and study.trade is not None:
        manifest["coupled"] = asdict(study.coupled) | {
            "on": study.trade.on,
            "failed": found.coupled_failed,
        }
    if study.promises is not None:
        manifest["promises"] = asdict(study.promises)
    run = write_run(folder, tables, manifest, finish)
    kept.done()
    clock.step("report written")
    return run


class _Clock:
    """Tells each step with its time."""

    def __init__(self, tell: Callable[[str], None], steps: int) -> None:
        self._tell, self._steps, self._done = tell, steps, 0
        self._start = self._last = time.perf_counter()
        self.times: dict[str, float] = {}

    def step(self, what: str) -> None:
        now = time.perf_counter()
        self._done += 1
        self.times[what] = round(now - self._last, 3)
        self._tell(f"[{self._done}/{self._steps}] {what} ({now - self._last:.1f} s)")
        self._last = now


def _stack(found: list[pd.DataFrame]) -> pd.DataFrame:
    filled = [t for t in found if len(t)]
    return pd.concat(filled, ignore_index=True) if filled else pd.DataFrame()


def _facts_of(
    world: World, study: Study, tables: dict[str, pd.DataFrame]
) -> dict[str, pd.DataFrame]:
    """Facts the report shows, copied into the run so that it stands alone."""
    pair = set(study.pair)
    series = world.table("bilateral_series")
    ends = zip(series["zone_a"], series["zone_b"], strict=True)
    series = series[np.array([{a, b} == pair for a, b in ends], dtype=bool)]
    commitments = world.table("commitments")
    commitments = commitments[
        np.array([set(p) >= pair for p in commitments["parties"]], dtype=bool)
    ]
    used = {s for t in ("routes",) if len(tables[t]) for ids in tables[t]["facts"] for s in ids}
    more = [tables[name] for name in (*TRADE_TABLES, *PROMISE_TABLES) if name in tables]
    for table in (series, commitments, tables["rules_in_force"], *more):
        used |= {s for ids in table.get("source_id", []) for s in ids}
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
    for name in (
        "nodes",
        "links",
        "transfers",
        "border_crossings",
        "services",
        "modes",
        "passage_rules",
        "seasons",
        "commodities",
        "trade_totals",
        "trade_by_commodity",
        "internal_trade",
        "tariffs",
        "payment_friction",
        "elasticity_estimates",
        "pipeline_shares",
        "value_densities",
    ):
        table = world.table(name)
        for column in (c for c in KIND_COLUMNS if c in table):
            for kind, count in table[column].value_counts(sort=False).items():
                rows.append({"table": name, "value_kind": kind, "rows": int(count)})
    return pd.DataFrame(rows).groupby(["table", "value_kind"], as_index=False, sort=False).sum()


def _manifest(
    study: Study, world: World, seed: int, clock: _Clock, tables: dict[str, pd.DataFrame]
) -> dict[str, Any]:
    queries, zones = tables["queries"], world.table("zones")
    names = dict(zip(zones["zone_id"], zones["name"], strict=True))
    return {
        "study": study.name,
        "title": study.title,
        "question": study.question,
        "pair": list(study.pair),
        "pair_names": [names.get(code, code) for code in study.pair],
        "trade_notes": list(study.trade_notes),
        "trade": None
        if study.trade is None
        else {**asdict(study.trade), "later": later_day(study, world)},
        "limits": list(study.limits),
        "definition": study.text,
        "seed": seed,
        "world": {
            "name": world.name,
            "title": world.meta.get("title", ""),
            "hash": world.hash,
            "as_of": world.meta.get("as_of", ""),
            "default_date": world.meta["default_date"],
            "trade_base_year": world.meta.get("trade_base_year", ""),
            "overridden": list(world.overridden),
        },
        "status": dict(zip(queries["query_id"], queries["status"], strict=True)),
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

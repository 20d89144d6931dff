"""Several threads may ask one engine at once, and are told the same as one by one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from entrepot.engine.engine import Engine
from entrepot.engine.spec import Turnover
from entrepot.equilibrium.loop import Equilibrium
from entrepot.equilibrium.objectives import Objective, pair_trade
from entrepot.facts.change import Change, apply
from entrepot.facts.load import load_world
from entrepot.facts.world import World
from entrepot.flows.route_cache import OFF, VARIABLE
from entrepot.routes.query import RouteQuery
from tests.questions.promised_worlds import (
    CODES,
    DAY,
    DUTIES,
    MAP_PAIR,
    OPENED,
    PAYMENT,
    SETS,
    TURNOVER,
    hours,
    map_world,
)

THREADS = 8
BORDER, RULE = SETS["border hours"], SETS["rule charge"]
Ask = Callable[[Engine], Any]


@pytest.fixture(autouse=True)
def no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, OFF)


def told(found: Equilibrium) -> tuple[float, bytes, str]:
    return float(pair_trade(found, *MAP_PAIR).value), found.point.answer.tobytes(), found.status


def trade(found: Equilibrium) -> Objective:
    return pair_trade(found, *MAP_PAIR)


def solved(changes: tuple[Change, ...]) -> Ask:
    return lambda engine: told(engine.solve(changes))


def sloped(engine: Engine) -> bytes:
    found = engine.slopes(trade)
    return bytes(found.by_hour.tobytes() + found.by_usd.tobytes())


def costs(engine: Engine, query: RouteQuery, changes: tuple[Change, ...] = ()) -> list[Any]:
    found = engine.routes(query, changes)
    return [(one.cost, tuple(one.path)) for one in found.candidates]


def routed(engine: Engine) -> list[Any]:
    query = RouteQuery("alpha", "beta", unit="teu")
    return [costs(engine, query), costs(engine, query, BORDER)]


def drawn(d: int, changes: tuple[Change, ...] = ()) -> Ask:
    return lambda engine: told(engine.draws(4)[d].solve(changes))


ASKED: dict[str, Ask] = {
    "baseline": lambda engine: told(engine.baseline),
    "border": solved(BORDER),
    "rule": solved(RULE),
    "line": solved(OPENED),
    "slopes": sloped,
    "routes": routed,
    "a draw": drawn(0),
    "a draw that changes": drawn(1, BORDER),
}


def opened(world: World) -> Engine:
    return Engine.open(
        world, DAY, seed=5, turnover=[Turnover(MAP_PAIR, TURNOVER)], candidates=OPENED
    )


def map_world_with(changes: tuple[Change, ...]) -> World:
    def coded(row: str) -> str:
        return ",".join(CODES.get(part, part) for part in row.split(","))

    coded_changes = [Change(c.table, coded(c.row), c.column, c.operation, c.value) for c in changes]
    return apply(map_world(), coded_changes)


def asked_together(engines: list[Engine], asks: list[Ask]) -> list[Any]:
    """Answers of each question by one engine after another; eight threads start at once."""
    barrier = Barrier(THREADS)

    def ask(k: int) -> list[Any]:
        barrier.wait(timeout=60)
        # Each thread begins with another question and another engine.
        out: dict[tuple[int, int], Any] = {}
        for j in range(len(asks)):
            for e in range(len(engines)):
                one, own = (k + j) % len(asks), (k + e) % len(engines)
                out[one, own] = asks[one](engines[own])
        return [out[key] for key in sorted(out)]

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(ask, range(THREADS)))


def in_turn(engines: list[Engine], asks: list[Ask]) -> list[Any]:
    return [ask(engine) for ask in asks for engine in engines]


def test_eight_threads_are_told_the_same_as_one_by_one() -> None:
    asks = list(ASKED.values())
    # Other payment, duties and hours, so that what one engine keeps would be wrong in the other.
    other = map_world_with((*PAYMENT, *DUTIES[1:], *hours("post_a,post_b,road", 1.5)))
    expected = in_turn([opened(map_world()), opened(other)], asks)
    assert len({repr(e) for e in expected}) == len(expected), "the questions must differ"
    for found in asked_together([opened(map_world()), opened(other)], asks):
        assert found == expected


def test_what_is_made_once_is_one_and_the_same() -> None:
    engine = opened(map_world())
    barrier = Barrier(THREADS)

    def ask(_: int) -> tuple[int, ...]:
        barrier.wait(timeout=60)
        return id(engine.facts), id(engine.baseline), id(engine.uncertain), id(engine.middle)

    with ThreadPoolExecutor(THREADS) as pool:
        assert len(set(pool.map(ask, range(THREADS)))) == 1


SCRIPT = """
import sys
import numba
from tests.engine.test_threads import asked_together, ASKED, opened
from tests.questions.promised_worlds import map_world
numba.set_num_threads(min(2, numba.config.NUMBA_NUM_THREADS))
found = asked_together([opened(map_world()), opened(map_world())], list(ASKED.values()))
assert all(one == found[0] for one in found)
print(numba.threading_layer())
"""


@pytest.mark.parametrize("layer", ["workqueue", "default"])
def test_no_threading_layer_ends_the_process(layer: str, request: pytest.FixtureRequest) -> None:
    """`workqueue` ends a process in which two threads enter parallel loops at once."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=request.config.rootpath,
        env={**os.environ, "NUMBA_THREADING_LAYER": layer},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    if layer != "default":
        assert done.stdout.strip() == layer


@pytest.mark.slow
def test_threads_on_the_shipped_world() -> None:
    hours = Change("border_crossings", "akyayla,incheh_borun,road", "hours_p50", "scale", "0.5")
    pair = ("IRN", "KAZ")

    def value(found: Equilibrium) -> tuple[float, bytes]:
        return float(pair_trade(found, *pair).value), found.point.answer.tobytes()

    def open_one() -> Engine:
        return Engine.open(load_world(), "2024-06-30", turnover=[Turnover(pair, 340.0)])

    asks: list[Ask] = [
        lambda engine: value(engine.solve([hours])),
        lambda engine: engine.slopes(lambda f: pair_trade(f, *pair)).by_hour.tobytes(),
        lambda engine: costs(engine, RouteQuery("almaty", "tehran", unit="feu")),
        lambda engine: value(engine.draws(8)[3].solve([hours])),
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(VARIABLE, raising=False)  # route sets of this world are worth keeping
        expected = in_turn([open_one()], asks)
        engine = open_one()
        with ThreadPoolExecutor(THREADS) as pool:
            tasks = [pool.submit(ask, engine) for _ in range(THREADS // len(asks)) for ask in asks]
            found = [task.result() for task in tasks]
    assert found == expected * (THREADS // len(asks))

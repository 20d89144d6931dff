"""entrepot explain effects on a small drawn world of a folder."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numba
import pytest
from typer.testing import CliRunner

from entrepot.cli.main import app
from entrepot.errors import EntrepotError
from entrepot.flows.route_cache import OFF, VARIABLE
from tests.questions.promised_worlds import MAP_PAIR, write_world


@dataclass(frozen=True)
class Done:
    status: int
    out: str
    told: str


@pytest.fixture(autouse=True, scope="module")
def quiet() -> Iterator[None]:
    """One thread, and nothing left in anybody's cache."""
    threads = numba.get_num_threads()
    numba.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, OFF)
        yield
    numba.set_num_threads(threads)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_world(tmp_path_factory.mktemp("world"))


def run(data: Path, *words: object) -> Done:
    """As the door does it: an error is a sentence and a status."""
    told = ["explain", "effects", *map(str, words), "--data", str(data)]
    done = CliRunner().invoke(app, told)
    if isinstance(done.exception, EntrepotError):
        return Done(done.exception.exit_code, done.stdout, f"{done.stderr}{done.exception}")
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Done(done.exit_code, done.stdout, done.stderr)


def tables(done: Done) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Places, and how the run went, of the envelope."""
    found = json.loads(done.out)["data"]["tables"]
    return found["place_effects"], found["effects_run"][0]


def test_places_as_a_table(data: Path):
    done = run(data, *MAP_PAIR, "--draws", 2, "--seed", 4)
    assert done.status == 0, done.told
    assert done.out.startswith("What moves the trade of KAZ and TKM most (")
    assert "rules of 2026-06-30" in done.out
    assert "Post A – Post B" in done.out
    assert "P10 to P90 of 2 draws" in done.out
    assert "Next: entrepot explain effects KAZ TKM --objective income" in done.told


def test_small_letters_are_capitals(data: Path):
    one, two = (run(data, *p, "--draws", 0) for p in (MAP_PAIR, ("kaz", "tkm")))
    assert one == two


def test_json_and_no_draws(data: Path):
    done = run(data, *MAP_PAIR, "--draws", 0, "--json", "--top", 3, "--turnover", 5000)
    places, answer = tables(done)
    assert answer["value"] == pytest.approx(5000)
    assert (answer["draws"], answer["failed"], answer["status"]) == (0, 0, "converged")
    assert answer["adjoint_residual"] < 1e-8
    assert [p["rank"] for p in places] == [1, 2, 3]
    gains = [p["gain_per_day"] for p in places]
    assert gains == sorted(gains, reverse=True)
    assert all(g > 0 for g in gains)
    assert all(p["gain_per_day_p10"] is None for p in places)
    assert "Next" not in done.told


def test_ranges_lie_around_or_near_the_middle(data: Path):
    places = tables(run(data, *MAP_PAIR, "--draws", 6, "--json"))[0]
    assert all(p["gain_per_day_p10"] <= p["gain_per_day_p90"] for p in places)
    again = tables(run(data, *MAP_PAIR, "--draws", 6, "--json"))[0]
    assert again == places
    other = tables(run(data, *MAP_PAIR, "--draws", 6, "--seed", 1, "--json"))[0]
    assert [p["gain_per_day"] for p in other] == [p["gain_per_day"] for p in places]
    assert other != places


def test_order_of_the_two_changes_no_gain(data: Path):
    one, two = (
        tables(run(data, *p, "--draws", 0, "--json"))[0] for p in (MAP_PAIR, MAP_PAIR[::-1])
    )
    assert [p["gain_per_day"] for p in one] == pytest.approx([p["gain_per_day"] for p in two])


def test_income_and_lines(data: Path):
    words = ("--objective", "income", "--lines", "--draws", 0, "--top", 200, "--json")
    places, found = tables(run(data, *MAP_PAIR, *words))
    assert found["objective"] == "real income of KAZ, TKM"
    assert found["value"] > 1000
    kinds = {p["kind"] for p in places}
    assert {"line", "border"} <= kinds
    assert places[0]["objective"] == found["objective"]


def test_a_map_is_written(data: Path, tmp_path: Path):
    file = tmp_path / "map.svg"
    done = run(data, *MAP_PAIR, "--draws", 0, "--map", file)
    assert done.status == 0, done.told
    root = ET.fromstring(file.read_text(encoding="utf-8"))
    assert root.tag.endswith("svg")
    circles = [e for e in root.iter() if e.tag.endswith("circle")]
    assert len(circles) > 3
    assert str(file) in done.told


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (("KAZZ", "TKM"), 2, "Nearest: KAZ"),
        (("KAZ", "Betaland"), 2, "Nearest: TKM"),
        (("KAZ", "kaz"), 2, "found KAZ twice"),
        ((*MAP_PAIR, "--objective", "incom"), 2, "expected trade or income"),
        ((*MAP_PAIR, "--objective", "luck"), 2, "found 'luck', expected trade or income"),
        ((*MAP_PAIR, "--on", "soon"), 2, "'soon'"),
        ((*MAP_PAIR, "--on", "2026-06"), 2, "found '2026-06'"),
        ((*MAP_PAIR, "--turnover", -3), 2, "found -3.0, expected a number above zero"),
        ((*MAP_PAIR, "--draws", -1), 2, "draws"),
        ((*MAP_PAIR, "--top", 0), 2, "top"),
        ((*MAP_PAIR, "--map", "/nowhere/at/all/map.svg"), 2, "/nowhere/at/all"),
        (("KAZ",), 2, "importer"),
    ],
)
def test_what_goes_wrong_is_a_sentence(
    data: Path, words: tuple[object, ...], status: int, told: str
):
    done = run(data, *words)
    assert done.status == status, done.told
    assert told in done.told
    assert "Traceback" not in done.told


def test_names_are_checked_before_routes_are_looked_for(data: Path):
    for words in (("KAZZ", "TKM"), ("KAZ", "TKMM"), (*MAP_PAIR, "--map", "/nowhere/map.svg")):
        assert "Finding the routes" not in run(data, *words).told

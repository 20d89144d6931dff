from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pandas.testing import assert_frame_equal

from entrepot.answers.run import Run, open_run
from entrepot.errors import BadInputError, UsageError
from entrepot.questions.routes import RouteOptions
from entrepot.studies.definition import find_study, make_study
from entrepot.studies.run import RunSettings, run_study

BOX = {"id": "box", "title": "A box", "origin": "almaty", "destination": "tehran", "unit": "feu"}
FRUIT = {
    "id": "fruit", "title": "Fruit", "origin": "tehran", "destination": "almaty",
    "commodity": "perishables", "unit": "truck",
}  # fmt: skip
GRAIN = {
    "id": "grain", "title": "Grain", "origin": "kostanay", "destination": "tehran",
    "commodity": "cereals", "unit": "t",
}  # fmt: skip
HEAD = {
    "name": "small", "title": "Almaty and Tehran", "question": "How?", "pair": ["IRN", "KAZ"],
    "seed": 3,
}  # fmt: skip
CONTENT: dict[str, Any] = {**HEAD, "routes": [BOX, FRUIT, GRAIN]}
SMALL = make_study(CONTENT)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Run:
    told: list[str] = []
    run = run_study(SMALL, tmp_path_factory.mktemp("runs") / "small", on_progress=told.append)
    assert [t.split("]")[0] for t in told] == [f"[{i}/5" for i in range(1, 6)]
    return run


def files(run: Run) -> dict[str, str]:
    return {name: entry["sha256"] for name, entry in run.manifest["tables"].items()}


def test_the_tables_hold_together(small: Run):
    queries, routes, legs = small.table("queries"), small.table("routes"), small.table("legs")
    assert queries["query_id"].tolist() == ["box", "fruit", "grain"]
    found = set(queries.loc[queries["status"] == "found", "query_id"])
    assert found == set(routes["query_id"])
    assert set(legs["route_id"]) == set(routes["route_id"])
    assert set(small.table("route_points")["route_id"]) == set(routes["route_id"])
    price = legs[["haulage_usd", "handling_usd", "border_usd", "fee_usd", "insurance_usd"]]
    ends = legs.groupby("route_id").tail(1).set_index("route_id")
    for route in routes.itertuples(index=False):
        assert route.days_p10 <= route.days_p50 <= route.days_p90
        assert ends.at[route.route_id, "cum_hours_p50"] / 24 == pytest.approx(route.days_p50)
        assert ends.at[route.route_id, "cum_km"] == pytest.approx(route.km)
        own = price[legs["route_id"] == route.route_id].to_numpy().sum()
        assert own == pytest.approx(route.usd_per_unit_p50, rel=0.1)


def test_every_source_used_is_in_the_run(small: Run):
    known = set(small.table("sources")["source_id"])
    for name, column in (
        ("routes", "facts"),
        ("rules_in_force", "source_id"),
        ("bilateral_series", "source_id"),
        ("commitments", "source_id"),
    ):
        assert {s for cell in small.table(name)[column] for s in cell} <= known


def test_legal_flags_travel_with_every_leg_through_a_flagged_country(small: Run):
    legs = small.table("legs")
    through = legs[[("RUS" in j) or ("IRN" in j) for j in legs["jurisdictions"]]]
    assert len(through)
    assert all(len(f) for f in through["legal_flags"])


def test_same_seed_same_bytes_other_seed_other_draws(small: Run, tmp_path: Path):
    again = run_study(SMALL, tmp_path / "again")
    assert files(again) == files(small)
    other = run_study(SMALL, tmp_path / "other", RunSettings(4))
    assert other.manifest["seed"] == 4
    assert files(other)["routes"] != files(small)["routes"]
    assert files(other)["bilateral_series"] == files(small)["bilateral_series"]


def test_the_number_of_processes_changes_nothing(small: Run, tmp_path: Path):
    assert files(run_study(SMALL, tmp_path / "two", RunSettings(jobs=2))) == files(small)


def test_the_order_of_the_queries_changes_no_answer(small: Run, tmp_path: Path):
    turned = run_study(make_study({**CONTENT, "routes": [GRAIN, FRUIT, BOX]}), tmp_path / "turned")
    for name in ("routes", "legs"):
        one, two = small.table(name), turned.table(name)
        two = two.set_index("route_id").loc[one["route_id"].unique()].reset_index()
        assert_frame_equal(one, two[one.columns], check_exact=True, check_dtype=False)


def test_all_unknown_names_are_told_before_anything_is_computed(tmp_path: Path):
    first = {**BOX, "origin": "almatty", "destination": "teheran", "commodity": "cereal"}
    second = {**BOX, "id": "b", "by": "luck", "via": ["aktau_port|kurik_port"]}
    wrong = make_study({**CONTENT, "on": "2026-13", "routes": [first, second]})
    with pytest.raises(BadInputError) as caught:
        run_study(wrong, tmp_path / "wrong")
    told = str(caught.value)
    for word in (
        "2026-13",
        "'almatty'",
        "Nearest: almaty",
        "'teheran'",
        "'cereal'",
        "'luck'",
        "'kurik_port'",
    ):
        assert word in told
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_something_else_is_refused_at_once(tmp_path: Path):
    (tmp_path / "thesis.tex").write_text("")
    with pytest.raises(UsageError, match="not a run"):
        run_study(SMALL, tmp_path)


def test_a_failing_report_leaves_no_run(tmp_path: Path):
    def fail(_: Path) -> None:
        raise RuntimeError("no ink")

    with pytest.raises(RuntimeError, match="no ink"):
        run_study(make_study({**CONTENT, "routes": [BOX]}), tmp_path / "run", finish=fail)
    assert list(tmp_path.iterdir()) == []


def test_the_shipped_study_asks_for_both_directions_of_the_pair():
    study = find_study("iran-kazakhstan")
    assert study.head.pair == ("IRN", "KAZ")
    asked = [r.options for r in study.requests if isinstance(r.options, RouteOptions)]
    assert {"cereals", "iron_steel", "perishables", "pharma"} <= {q.commodity for q in asked}
    south = [q for q in asked if q.destination == "tehran"]
    north = [q for q in asked if q.origin in ("tehran", "isfahan")]
    assert south
    assert north


def test_a_run_can_be_opened_from_anywhere(small: Run, tmp_path: Path):
    moved = small.folder.rename(tmp_path / "moved")
    assert len(open_run(moved).table("routes"))
    moved.rename(small.folder)

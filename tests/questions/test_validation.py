"""The judge of the model is judged: scoring, forcing, free choice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from entrepot.errors import BadInputError, UsageError
from entrepot.facts.world import World
from entrepot.questions.validation.published import forced_path, takes
from entrepot.questions.validation.validation import (
    Validation,
    read_benchmarks,
    summarise,
    validate,
)
from entrepot.routes.session import Session

HEAD = "id,origin,destination,distance_km,transit_days_low,transit_days_typical,transit_days_high,cost_usd_low,cost_usd_typical,cost_usd_high,cost_unit,year,source_id\n"
PATHS = "id,origin_node,destination_node,via_nodes,modes,use,via_avoid,start_layer,end_layer,terminals,score_cost\n"


@pytest.fixture(scope="module")
def result(session: Session) -> Validation:
    return validate(session)


def path_row(session: Session, name: str):
    table = session.world.table("route_benchmark_paths")
    return next(table[table["id"] == name].itertuples(index=False))


def test_errors_by_hand() -> None:
    rows = pd.DataFrame(
        {
            "status": ["scored", "scored", "shown: vague"],
            "published_days": [10.0, 20.0, 1.0],
            "days_p50": [11.0, 10.0, 50.0],
            "days_covered": ["yes", "no", "no"],
            "published_usd": [np.nan] * 3,
            "usd_p50": [np.nan] * 3,
            "usd_covered": [""] * 3,
            "published_km": [100.0, np.nan, np.nan],
            "km": [103.0, 5.0, 5.0],
            "free_best": ["A", "B", "C"],
            "free_rank": [3, None, 1],
            "stated_corridor": [True] * 3,
        }
    )
    out = summarise(rows)
    assert out["days"]["median_abs_error"] == pytest.approx(0.3)
    assert out["days"]["bias"] == pytest.approx(np.sqrt(1.1 * 0.5))
    assert out["days"]["coverage"] == 0.5
    assert out["cost"]["n"] == 0
    assert out["distance"]["median_abs_error"] == pytest.approx(0.03)
    assert out["free_choice"] == {"n": 2, "in_first_three": 0.5}


def test_the_core_rows_are_within_the_bounds_promised(result: Validation) -> None:
    days, cost, free = (result.summary[k] for k in ("days", "cost", "free_choice"))
    assert days["median_abs_error"] <= 0.21
    assert cost["median_abs_error"] <= 0.18
    assert 0.9 <= days["bias"] <= 1.15
    assert 0.9 <= cost["bias"] <= 1.15
    assert days["coverage"] >= 0.65
    assert free["in_first_three"] >= 0.75


def test_rows_left_out_say_why(result: Validation) -> None:
    rest = result.rows[result.rows["status"] != "scored"]
    assert rest["status"].str.startswith(("left out:", "shown:")).all()
    assert (result.rows["use"] == "core").sum() == (result.rows["status"] == "scored").sum()


def test_forced_paths_sail_where_the_source_sailed(session: Session) -> None:
    """Aktau and Alat are joined by ships: the way round the Caspian on land does not count."""
    pricing = session.pricing(None, "teu", "2024")
    path = path_row(session, "RB084")
    forced = forced_path(session, pricing, path)
    assert forced is not None
    passed = session.namer.traits(forced)
    assert "RUS" not in passed.jurisdictions
    assert {"kars", "alat_port"} <= set(passed.places)
    assert takes(session.network, forced, path)


def test_layers_and_terminals_follow_the_row(session: Session) -> None:
    pricing = session.pricing(None, "feu", "2024")
    forced = forced_path(session, pricing, path_row(session, "RB001"))
    assert forced is not None
    net = session.network
    assert net.vertex_layer[net.tail[forced[0]]] == "rail1520"
    assert net.vertex_layer[net.head[forced[-1]]] == "rail1520"
    assert not any(net.step[a].startswith("terminal") for a in forced)
    with_terminal = forced_path(session, pricing, path_row(session, "RB110"))
    assert with_terminal is not None
    assert sum(net.step[a] == "terminal_rail" for a in with_terminal) == 2
    assert not any(net.step[a] == "gauge_break" for a in with_terminal)


def test_own_files(session: Session, shipped: World, tmp_path: Path) -> None:
    benchmarks, paths = tmp_path / "b.csv", tmp_path / "p.csv"
    benchmarks.write_text(HEAD + "X1,Almaty,Tehran,4300,,9,,,,,,2024,ASSUMED\n")
    paths.write_text(PATHS + "X1,almaty,tehran,bolashak;incheh_borun,rail,core,,,,yes,yes\n")
    result = validate(session, *read_benchmarks(shipped, benchmarks, paths))
    assert len(result.rows) == 1
    assert result.summary["days"]["n"] == 1
    assert "bolashak" in result.rows["path"][0]
    json = result.as_json()
    assert set(json) == {"days", "cost", "distance", "free_choice", "rows"}


def test_bad_own_files_are_told(shipped: World, tmp_path: Path) -> None:
    paths = tmp_path / "p.csv"
    paths.write_text(PATHS + "X1,almatty,tehran,bolashak,rail,maybe,,,,yes,yes\n")
    with pytest.raises(BadInputError) as caught:
        read_benchmarks(shipped, None, paths)
    found = {(f.row, f.column) for f in caught.value.findings}
    assert found == {(2, "origin_node"), (2, "use")}
    assert "almaty" in str(caught.value)
    with pytest.raises(UsageError, match="File not found"):
        read_benchmarks(shipped, tmp_path / "nothing.csv", None)


def test_the_page_of_the_documentation(result: Validation, session: Session) -> None:
    from entrepot.report.pages.validation_page import validation_page

    page = validation_page(result.rows, result.summary)
    assert f"{100 * result.summary['days']['median_abs_error']:.1f} %" in page
    assert all(f"| {name} |" in page for name in result.rows["id"])
    assert "nan" not in page

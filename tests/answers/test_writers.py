"""Every writer carries the legal flags, and no cell becomes anything but a cell."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import tempfile
from copy import deepcopy as copy_of
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import entrepot as ep
from entrepot.answers.answer import NO_GEOGRAPHY, NO_REGIME, Answer, make_answer
from entrepot.answers.writers.cells import FORMULA, escaped, safe_cell
from entrepot.answers.writers.csv_file import csv_text
from entrepot.answers.writers.geojson import split_at_antimeridian
from entrepot.answers.writers.json_text import json_text

CODES = ("IRN", "RUS", "KAZ", "AFG")
HOSTILE = st.one_of(
    st.sampled_from(
        [
            '=HYPERLINK("http://x")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1",
            'a"b', "a,b", "a\nb", "</td><script>x</script>", "\x1b[31mred", "\x9b31m", "\x00",
            "a\u202eb", "{}", "'", "",
        ]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
)  # fmt: skip
FLAG = st.builds(
    lambda code, words: f"{code}: {words} (as of 2026-01)",
    st.sampled_from(CODES),
    st.sampled_from(["UN", "UN, EU", "US"]),
)
NUMBER = st.one_of(st.none(), st.floats(-1e9, 1e9), st.just(math.nan), st.just(math.inf))


@st.composite
def answers(draw: st.DrawFn) -> Answer:
    """An answer of routes with drawn legs, flags, and names that mean harm."""
    routes, legs, points = [], [], []
    for rank in range(1, draw(st.integers(1, 3)) + 1):
        route_id = f"q1/{rank}"
        own = draw(st.lists(FLAG, max_size=2))
        row = {"query_id": "q1", "rank": rank, "route_id": route_id, "name": draw(HOSTILE)}
        routes.append(row | {"days_p50": draw(NUMBER), "legal_flags": tuple(own)})
        for leg in range(1, draw(st.integers(1, 3)) + 1):
            flags = tuple(draw(st.lists(FLAG, max_size=2)))
            row = {"route_id": route_id, "leg": leg, "from_name": draw(HOSTILE)}
            legs.append(row | {"legal_flags": flags, "km": draw(NUMBER)})
        for seq in range(2):
            row = {"route_id": route_id, "seq": seq, "node_id": "a", "name": draw(HOSTILE)}
            points.append(row | {"lat": 40.0 + seq, "lon": 50.0 + seq, "mode": "rail"})
    tables = {
        "routes": pd.DataFrame(routes),
        "legs": pd.DataFrame(legs),
        "route_points": pd.DataFrame(points),
        "queries": pd.DataFrame([{"query_id": "q1", "title": draw(HOSTILE)}]),
        "rules_in_force": pd.DataFrame([]),
    }
    return make_answer("routes", tables, notes=(draw(HOSTILE),))


def flags_of_legs(answer: Answer) -> dict[str, set[str]]:
    """Flags of all legs by route."""
    out: dict[str, set[str]] = {r: set() for r in answer.tables["routes"]["route_id"]}
    for r in answer.tables["legs"].itertuples(index=False):
        out[r.route_id] |= set(r.legal_flags)
    return out


def rows_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def check_flags(answer: Answer, folder: Path) -> None:
    """The flags of every leg are beside its route in every export."""
    wanted = flags_of_legs(answer)
    every = set().union(*wanted.values())
    assert every <= set(answer.flags["flag"])

    told = json.loads(answer.to_json())
    assert every <= {r["flag"] for r in told["data"]["tables"]["flags"]}
    legs = told["data"]["tables"]["legs"]
    assert every == {f for r in legs for f in r["legal_flags"]}

    for name in ("routes", "legs", "route_points"):
        head, *rows = rows_of(answer.to_csv(name))
        if every:
            key, flags = head.index("route_id"), head.index("legal_flags")
            for route, own in wanted.items():
                cells = "; ".join(r[flags] for r in rows if r[key] == route)
                assert all(f in cells for f in own)
    head, *rows = rows_of(answer.to_csv("queries"))
    assert all(f in rows[0][head.index("legal_flags")] for f in every)

    shape = json.loads(answer.to_geojson())
    assert every <= set(shape["legal_flags"])
    for feature in shape["features"]:
        own = feature["properties"]
        assert wanted[own["route_id"]] <= set(own["legal_flags"])

    answer.to_parquet(folder)
    with duckdb.connect() as connection:
        query = "SELECT route_id, legal_flags FROM read_parquet(?)"
        saved = connection.execute(query, [str(folder / "routes.parquet")]).fetchall()
    assert all(wanted[route] <= set(own) for route, own in saved)
    assert every <= set(json.loads((folder / "answer.json").read_text())["data"]["legal_flags"])


@settings(max_examples=40)
@given(answer=answers())
def test_flags_of_every_leg_are_in_every_export(answer: Answer) -> None:
    with tempfile.TemporaryDirectory() as folder:
        check_flags(answer, Path(folder) / "out")


def test_flags_of_the_shipped_routes_are_in_every_export(shipped: ep.World, tmp_path: Path) -> None:
    answer = ep.find_routes(shipped, ep.RouteQuery("almaty", "tehran", unit="feu"))
    assert any(flags_of_legs(answer).values())
    check_flags(answer, tmp_path / "out")
    assert repr(answer) == f"<Answer routes: {len(answer.to_frame())} rows of 5 tables, ok>"


CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e]")


@settings(max_examples=60)
@given(answer=answers())
def test_hostile_cells_stay_cells(answer: Answer) -> None:
    for name, table in answer.tables.items():
        text = answer.to_csv(name)
        rows = rows_of(text)
        assert len(rows) == len(table) + 1
        assert len({len(r) for r in rows}) == 1
        assert not CONTROL.search(text.replace("\n", ""))
        for position, column in enumerate(table.columns):
            for cell, value in zip((r[position] for r in rows[1:]), table[column], strict=True):
                if isinstance(value, str):
                    assert not cell.startswith(FORMULA)
                    assert cell.removeprefix("'") == escaped(value).removeprefix("'")
    told = answer.to_json()
    assert not CONTROL.search(told.replace("\n", ""))
    assert "NaN" not in json.dumps([r["days_p50"] for r in _rows(told, "routes")])
    assert [r["name"] for r in _rows(told, "routes")] == list(answer.tables["routes"]["name"])
    page = answer._repr_html_()
    assert "<script" not in page
    assert not CONTROL.search(page)
    assert len(page.encode()) < 20_000
    assert "\n" not in repr(answer)
    assert len(repr(answer)) < 300


def _rows(text: str, table: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(text)["data"]["tables"][table]
    return rows


@given(text=HOSTILE)
def test_a_spreadsheet_runs_nothing_from_a_list_either(text: str) -> None:
    for value in (text, [text, "b"], (text,)):
        assert not safe_cell(value).startswith(FORMULA)


def test_numbers_stay_numbers_in_an_export() -> None:
    table = pd.DataFrame({"a": [-1.5, 2.0], "b": ["=1+1", "x"], "c": [("=A", "b"), ()]})
    assert csv_text(table).splitlines() == ["a,b,c", "-1.5,'=1+1,'=A; b", "2.0,x,"]
    whole = pd.DataFrame({"n": pd.Series([-1, None], dtype="Int64"), "x": [True, False]})
    assert csv_text(whole).splitlines() == ["n,x", "-1,True", ",False"]


def test_the_largest_page_is_below_twenty_kilobytes() -> None:
    table = pd.DataFrame({f"c{i}": ["<&'\">" * 400] * 50 for i in range(60)})
    answer = make_answer("wide", {"wide": table}, notes=[f"{i}" + "&<" * 900 for i in range(40)])
    page = answer._repr_html_()
    assert len(page.encode()) < 20_000
    assert "more rows" in page
    assert page.count("<tr>") == 11


def test_the_envelope_is_the_same_for_every_answer(shipped: ep.World) -> None:
    table = pd.DataFrame({"a": [math.nan, math.inf, 1.0]})
    told = json.loads(make_answer("mine", {"mine": table}, world=shipped).to_json())
    assert list(told) == ["schema", "version", "world", "data", "notes"]
    assert told["schema"] == "entrepot/mine/1"
    assert told["world"]["hash"] == shipped.hash
    assert [r["a"] for r in told["data"]["tables"]["mine"]] == [None, None, 1.0]
    assert told["data"]["status"] == "ok"


def test_no_answer_goes_without_flags() -> None:
    bare = pd.DataFrame({"a": [1]})
    assert NO_GEOGRAPHY in make_answer("bare", {"bare": bare}).notes
    legs = pd.DataFrame([{"route_id": "q/1", "leg": 1, "legal_flags": ("IRN: UN (as of 2026)",)}])
    answer = make_answer("legs", {"legs": legs})
    assert answer.flags["flag"].tolist() == ["IRN: UN (as of 2026)"]
    assert answer.flags["tables"].tolist() == [("legs",)]
    none = make_answer("legs", {"legs": legs.assign(legal_flags=[()])})
    assert NO_REGIME in none.notes
    empty = answer.flags.head(0)
    with pytest.raises(ep.errors.UsageError, match="must carry the legal flags"):
        Answer("entrepot/legs/1", "ok", None, answer.tables, (), empty)
    with pytest.raises(ep.errors.UsageError, match="must say why"):
        Answer("entrepot/bare/1", "ok", None, {"bare": bare}, (), empty)


def test_rows_have_the_flags_of_the_zones_they_name() -> None:
    effects = pd.DataFrame({"zone_id": ["IRN", "KAZ"], "name": ["Iran", "Kazakhstan"]})
    answer = make_answer("trade", {"trade_effects": effects}, flags=["IRN: UN (as of 2026)"])
    rows = list(csv.DictReader(io.StringIO(answer.to_csv("trade_effects"))))
    assert [r["legal_flags"] for r in rows] == ["IRN: UN (as of 2026)", ""]


def test_where_no_zone_is_named_every_row_has_all_flags_but_numbers_have_none() -> None:
    flag = "IRN: UN (as of 2026)"
    tables = {"words": pd.DataFrame({"a": ["x", "y"]}), "numbers": pd.DataFrame({"a": [1.0]})}
    answer = make_answer("words", tables, flags=[flag])
    assert answer.to_csv("words").splitlines() == ["a,legal_flags", f"x,{flag}", f"y,{flag}"]
    assert answer.to_csv("numbers").splitlines() == ["a", "1.0"]


def test_what_has_no_coordinates_is_no_map() -> None:
    answer = make_answer("bare", {"bare": pd.DataFrame({"a": [1]})})
    with pytest.raises(ep.errors.UsageError, match="no geography"):
        answer.to_geojson()
    points = pd.DataFrame({"lat": [1.0, math.nan], "lon": [2.0, 3.0]})
    shape = json.loads(make_answer("points", {"points": points}).to_geojson())
    assert [f["geometry"] for f in shape["features"]] == [
        {"type": "Point", "coordinates": [2.0, 1.0]},
        None,
    ]


def test_parquet_holds_what_the_frames_hold(tmp_path: Path) -> None:
    table = pd.DataFrame(
        {"n": pd.Series([1, None], dtype="Int64"), "x": [1.5, math.nan], "t": ["=a", None],
         "l": [("a", "b"), ()], "none": [None, None]}
    )  # fmt: skip
    answer = make_answer("mine", {"mine": table})
    answer.to_parquet(tmp_path / "out")
    with duckdb.connect() as connection:
        query = "SELECT * FROM read_parquet(?)"
        rows = connection.execute(query, [str(tmp_path / "out" / "mine.parquet")]).fetchall()
    assert rows[0] == (1, 1.5, "=a", ["a", "b"], None)
    assert rows[1][0] is None
    assert rows[1][2:] == (None, [], None)
    with pytest.raises(ep.errors.UsageError, match="not empty"):
        answer.to_parquet(tmp_path / "out")
    with pytest.raises(ep.errors.UnknownNameError, match="mine"):
        answer.to_csv("mien")


def test_an_answer_is_not_changed_from_outside() -> None:
    answer = make_answer("mine", {"mine": pd.DataFrame({"a": [1]})})
    copy = answer.to_frame()
    copy["a"] = 2
    assert answer.to_frame()["a"].tolist() == [1]
    assert copy_of(answer).to_json() == answer.to_json()
    with pytest.raises(TypeError):
        answer.tables["other"] = answer.to_frame()  # type: ignore[index]


@pytest.mark.parametrize("name", ["../x", "A", "", "a/b", "a\nb"])
def test_names_of_tables_never_become_paths(name: str) -> None:
    with pytest.raises(ep.errors.UsageError, match="small letters"):
        make_answer("mine", {name: pd.DataFrame({"a": [1]})})


def test_lines_are_cut_at_the_antimeridian() -> None:
    east, west = split_at_antimeridian([(170.0, 10.0), (-170.0, 20.0), (-120.0, 30.0)])
    assert east == [[170.0, 10.0], [180.0, 15.0]]
    assert west == [[-180.0, 15.0], [-170.0, 20.0], [-120.0, 30.0]]
    assert split_at_antimeridian([]) == []


def test_json_has_no_raw_control_characters() -> None:
    text = json_text({"a\x9b": "\x85\u2028\x7f"})
    assert not CONTROL.search(text.replace("\n", ""))
    assert json.loads(text) == {"a\x9b": "\x85\u2028\x7f"}

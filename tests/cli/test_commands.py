"""The command line as a stranger meets it."""

from __future__ import annotations

import csv
import io
import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer


def run(*words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "entrepot.cli.main", *words]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)


def tables_of(text: str, kind: str) -> dict[str, list[dict[str, Any]]]:
    """Rows by table of an answer printed with --json, once its envelope is seen to be right."""
    told = json.loads(text)
    assert list(told) == ["schema", "version", "world", "data", "notes"]
    assert told["schema"] == f"entrepot/{kind}/1"
    assert set(told["data"]) == {"status", "tables"}
    tables: dict[str, list[dict[str, Any]]] = told["data"]["tables"]
    assert "flags" in tables
    assert tables["flags"] or any("No legal flags" in note for note in told["notes"])
    return tables


def next_words(talk: str) -> list[str]:
    """Words of the next command as a shell reads them."""
    last = talk.strip().splitlines()[-1]
    assert "Next: entrepot " in last
    return shlex.split(last.split("Next: entrepot ")[1])


def test_routes_as_text() -> None:
    done = run("routes", "ALMATY", "TEHRAN", "--commodity", "cereals")
    assert done.returncode == 0, done.stderr
    assert "P50 (P10-P90)" in done.stdout
    assert "IRN: UN" in done.stdout
    assert done.stderr.strip().splitlines()[-1].startswith("Next: entrepot explain route")
    assert "\x1b" not in done.stdout


def test_routes_as_json_csv_and_geojson() -> None:
    tables = tables_of(run("routes", "almaty", "tehran", "--json").stdout, "routes")
    named = {"queries", "routes", "legs", "route_points", "rules_in_force", "flags"}
    assert named == set(tables)
    first = tables["routes"][0]
    assert first["days_p10"] < first["days_p50"] < first["days_p90"]
    rows = list(csv.DictReader(io.StringIO(run("routes", "almaty", "tehran", "--csv").stdout)))
    assert len(rows) == len(tables["routes"])
    assert all("IRN: UN" in r["legal_flags"] for r in rows)
    shape = json.loads(run("routes", "almaty", "tehran", "--geojson").stdout)
    assert shape["type"] == "FeatureCollection"
    assert all(f["properties"]["legal_flags"] for f in shape["features"])
    assert all(len(f["geometry"]["coordinates"]) > 2 for f in shape["features"])


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (("routes", "almatty", "tehran"), 2, "almaty"),
        (("routes", "almaty", "tehran", "--commodity", "cereal"), 2, "cereals"),
        (("routes", "almaty", "tehran", "--unit", "barrel"), 2, "load unit"),
        (("routes", "almaty", "tehran", "--by", "luck"), 2, "order"),
        (("routes", "almaty", "tehran", "--on", "soon"), 2, "date"),
        (("routes", "almaty", "almaty"), 2, "same place"),
        (
            ("routes", "tehran", "almaty", "--commodity", "perishables", "--on", "2026-06-30"),
            4,
            "IR_FD_01",
        ),
        (("routes", "tehran", "colombo", "--unit", "truck"), 4, "No route"),
        (("study", "iran-kazakstan"), 2, "iran-kazakhstan"),
        (("check", "/nowhere/at/all"), 2, "Folder not found"),
        (("report", "/nowhere/at/all"), 2, "Not a run"),
        (("explain", "route", "almaty", "tehran", "--rank", "99"), 2, "no route 99"),
    ],
)
def test_what_goes_wrong_is_a_sentence(words: tuple[str, ...], status: int, told: str) -> None:
    done = run(*words)
    assert done.returncode == status, done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_explain_route_adds_up(tmp_path: Path) -> None:
    done = run("explain", "route", "almaty", "tehran", "--json")
    answer = tables_of(done.stdout, "route")
    last = answer["legs"][-1]
    assert last["cum_usd_p50"] == pytest.approx(answer["routes"][0]["usd_per_unit_p50"])
    chart = tmp_path / "chart.svg"
    text = run("explain", "route", "almaty", "tehran", "--chart", str(chart))
    assert "Sources:" in text.stdout
    assert chart.read_text(encoding="utf-8").startswith("<svg")


def test_check_finds_faults_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "zone_hubs.csv").write_text(
        "zone_id,node_id,weight,value_kind,source_id\nKAZ,almatty,1,assumed,ASSUMED\n"
    )
    done = run("check", str(tmp_path))
    assert done.returncode == 1
    assert "zone_hubs.csv" in done.stdout
    assert "almaty" in done.stdout
    found = tables_of(run("check", str(tmp_path), "--json").stdout, "check")["findings"]
    assert any(f["row"] == 2 and f["column"] == "node_id" for f in found)
    used = run("routes", "almaty", "tehran", "--data", str(tmp_path))
    assert used.returncode == 3
    assert "zone_hubs.csv" in used.stderr


def test_check_of_the_shipped_facts() -> None:
    done = run("check")
    assert done.returncode == 0, done.stdout
    assert "border_crossings" in done.stdout


def test_own_tables_change_the_answer(tmp_path: Path, root: Path) -> None:
    own = (root / "src/entrepot/data/eurasia/border_crossings.csv").read_text(encoding="utf-8")
    lines = own.splitlines(keepends=True)
    changed = [
        x.replace("5.6,14,96", "200,200,200") if x.startswith("akyayla,incheh_borun,rail") else x
        for x in lines
    ]
    assert changed != lines
    (tmp_path / "border_crossings.csv").write_text("".join(changed), encoding="utf-8")
    words = (
        "routes",
        "almaty",
        "tehran",
        "--avoid",
        "mode:road",
        "--via",
        "incheh_borun",
        "--json",
    )
    before = tables_of(run(*words).stdout, "routes")["routes"][0]
    own = run(*words, "--data", str(tmp_path)).stdout
    assert json.loads(own)["world"]["replaced"] == ["border_crossings"]
    after = tables_of(own, "routes")["routes"][0]
    assert after["days_p50"] > before["days_p50"] + 3


def test_lines_are_cut_at_the_antimeridian() -> None:
    shape = json.loads(run("routes", "shanghai", "los_angeles", "--geojson").stdout)
    assert {f["geometry"]["type"] for f in shape["features"]} <= {"LineString", "MultiLineString"}
    assert any(f["geometry"]["type"] == "MultiLineString" for f in shape["features"])


def test_the_next_command_keeps_every_option(tmp_path: Path) -> None:
    """Quoted for a shell, and it works as it stands."""
    own = tmp_path / "my tables; $(id)"
    own.mkdir()
    words = ["almaty", "bandar abbas", "--commodity", "cereals", "--avoid", "RUS"]
    words += ["--avoid", "basin:caspian", "--on", "2025-06", "--by", "time", "--data", str(own)]
    done = run("routes", *words)
    assert done.returncode == 0, done.stderr
    following = next_words(done.stderr)
    assert following[:6] == ["explain", "route", "almaty", "bandar abbas", "--rank", "1"]
    assert sorted(following[6:]) == sorted(words[2:])
    again = run(*following)
    assert again.returncode == 0, again.stderr
    assert next_words(again.stderr)[:4] == ["explain", "route", "almaty", "bandar abbas"]


def test_control_characters_of_a_name_do_not_reach_the_screen() -> None:
    from typer.testing import CliRunner

    from entrepot.cli.shared import print_table

    app = typer.Typer()
    app.command()(lambda: print_table(("a",), [("x\x1b[31m\x9b1m",)]))
    out = CliRunner().invoke(app, []).output
    assert "\x1b" not in out
    assert "\x9b" not in out
    assert "\\x1b[31m" in out

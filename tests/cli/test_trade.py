"""entrepot trade and entrepot explain trade, as a stranger meets them."""

from __future__ import annotations

import csv
import io

import pytest

from tests.cli.test_commands import run, tables_of

QUICK = ("--draws", "4")


def test_a_what_if_as_text() -> None:
    done = run("trade", "--tariff", "IRN:KAZ:cereals=0", "--cost", "KAZ-IRN=-10%", *QUICK)
    assert done.returncode == 0, done.stderr
    assert "Winners and losers" in done.stdout
    assert "Kazakhstan" in done.stdout
    assert "KAZ to IRN" in done.stdout
    assert "(P10 to P90 over draws" in done.stdout
    assert "deficits proportional" in done.stdout
    assert done.stderr.strip().splitlines()[-1] == "Next: entrepot explain trade KAZ IRN"


def test_a_what_if_as_data() -> None:
    words = ("trade", "--friction", "KAZ-IRN=-50%", "--pair", "IRN-KAZ=340", *QUICK)
    tables = tables_of(run(*words, "--json").stdout, "trade")
    assert set(tables) == {"trade_run", "trade_effects", "trade_flow_changes", "flags"}
    first = tables["trade_run"][0]
    assert (first["draws"], first["failed"], first["status"]) == (4, 0, "converged")
    assert "set to 340 million USD" in " ".join(first["notes"])
    rows = list(csv.DictReader(io.StringIO(run(*words, "--csv").stdout)))
    assert len(rows) == 68
    assert {r["zone_id"] for r in rows[:2]} == {"KAZ", "IRN"}
    flags = {r["zone_id"]: r["legal_flags"] for r in rows}
    assert flags["IRN"].startswith("IRN: UN")
    assert flags["KAZ"] == ""


@pytest.mark.parametrize(
    ("model", "label"),
    [
        ("full", "ONE sector, full endowment"),
        ("conditional", "ONE sector, outputs and spending held fixed"),
        ("partial", "PARTIAL: each import market alone"),
    ],
)
def test_each_model_is_labelled(model: str, label: str) -> None:
    change = ("--tariff", "IRN:KAZ=0") if model == "partial" else ("--cost", "KAZ-IRN=-10%")
    done = run("trade", *change, "--model", model, *QUICK)
    assert done.returncode == 0, done.stderr
    assert label in done.stdout
    if model == "partial":
        assert "trade creation" in done.stdout


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        ((), 2, "give --tariff, --cost or --friction"),
        (("--cost", "KAZ-IRN=10%"), 2, "did you mean -10% or +10%?"),
        (("--tariff", "IRN:KAZ:cereal=0"), 2, "cereals"),
        (("--tariff", "IRN:KAZ:zzz=0"), 2, "Known: "),
        (("--cost", "KAZ-IRN=-10%", "--model", "best"), 2, "sectors"),
        (("--tariff", "IRN:KAZ=0", "--model", "full"), 2, "no tariff revenue"),
        (("--cost", "KAZ-IRN=-10%", "--on", "2024"), 2, "2024-06-30"),
        (("--cost", "KAZ-IRN=-10%", "--pair", "IRN"), 2, "IRN-KAZ=340"),
        (("--cost", "KAZ-IRN=-10%", "--detail", "hs6"), 2, "broad_group"),
    ],
)
def test_calls_that_cannot_be_answered(words: tuple[str, ...], status: int, told: str) -> None:
    done = run("trade", *words, *QUICK)
    assert done.returncode == status, done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_where_a_flow_comes_from() -> None:
    done = run("explain", "trade", "KAZ", "IRN")
    assert done.returncode == 0, done.stderr
    for words in (
        "Cereals and milling products",
        "Other sources, and what was done with them",
        "quantity 268.6 kt in 2023: used (T69)",
        "IRN on EAEU, all goods, full agreement, from 2025-05-15: 4.5 %",
        "What paying costs, published bounds",
        "9.11 (Caliendo-Parro 2015)",
    ):
        assert words in done.stdout
    aside = run("explain", "trade", "geo", "kaz")
    assert "set aside (TC21)" in aside.stdout
    assert "no row in tariffs.csv" in aside.stdout
    tables = tables_of(run("explain", "trade", "kazakhstan", "Iran", "--json").stdout, "trade-flow")
    assert {"goods", "alternatives", "duties", "elasticities"} <= set(tables)
    wrong = run("explain", "trade", "KAZ", "IRM")
    assert (wrong.returncode, "IRN" in wrong.stderr) == (2, True)

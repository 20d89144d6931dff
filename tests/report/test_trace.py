"""A number of a report is found in its run again, with its meaning and its sources."""

from __future__ import annotations

import os
import re
from functools import cache
from html import unescape
from pathlib import Path

import pandas as pd
import pytest

from entrepot.answers.run import Run, write_run
from entrepot.answers.trace import (
    Trace,
    ids,
    newest_run,
    trace,
)
from entrepot.errors import UsageError
from entrepot.report.tables import value
from tests.report.promised import MANIFEST, asked, coupled_tables, other_tables, promise_tables
from tests.report.test_page import cell

WHOLE = MANIFEST | {
    "study": "drawn",
    "title": "A drawn study",
    "made": "2026-07-01T00:00:00+00:00",
    "seed": 7,
    "world": {"default_date": "2026-06-30", "hash": "abc123", "as_of": "2026-06-30"},
    "questions": asked(between={"turnover_source_id": ["T1"], "target_source_id": ["T9"]}),
}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    route = {
        "query_id": "q", "rank": 1, "route_id": "q/1", "name": "By rail", "days_p50": 9.0,
        "usd_per_unit_p50": 3000.0, "assumed_share_time": 0.2, "facts": ("T1",),
    }  # fmt: skip
    leg = {"route_id": "q/1", "leg": 2, "haulage_usd": 10.0, "handling_usd": 2.5, "source_id": ()}
    levers = [{"lever": "duty", "cut": c, "gain_musd_p50": 100 * c, "draws": 6} for c in (0.1, 0.5)]
    tables = other_tables() | promise_tables() | coupled_tables()
    tables["routes"], tables["legs"] = pd.DataFrame([route]), pd.DataFrame([leg])
    tables["trade_levers"] = pd.DataFrame(levers)
    return write_run(tmp_path_factory.mktemp("trace") / "run", tables, WHOLE)


def named(found: Trace) -> dict[str, object]:
    return {c.column: c.value for c in found.row}


def test_a_number_has_its_unit_meaning_row_kind_sources_and_run(run: Run) -> None:
    found = trace(run, "measure_effects/M1/gain_musd")
    assert (found.value, found.unit) == (100.0, "million USD/year")
    assert found.table_meaning.startswith("What each measure of the dossier does")
    assert found.cells[0].meaning == "Gain at the middle size; exact"
    row = named(found)
    assert (row["gain_musd_p10"], row["gain_musd_p90"]) == (60.0, 150.0)
    assert "gain_musd" not in row
    assert {c.column: c.value for c in found.known}["value_kind"] == "estimated"
    assert [(s.source_id, s.title, s.url) for s in found.sources] == [
        ("T1", "A page", "https://a.example/")
    ]
    told = (found.study, found.title, found.made[:10], found.seed, found.facts, found.as_of)
    assert told == ("drawn", "A drawn study", "2026-07-01", 7, "abc123", "2026-06-30")


@pytest.mark.parametrize(
    ("number", "expected", "unit"),
    [
        ("target_paths/all,2030/trade_musd_p50", 560.0, "million USD/year"),
        ("trade_levers/duty,0.5/gain_musd_p50", 50.0, "million USD/year"),
        ("routes/q/1/usd_per_unit_p50", 3000.0, "USD per truck"),
        ("legs/q/1/2/haulage_usd+handling_usd", 12.5, "USD per truck"),
        ("measure_effects/M1+M2/gain_musd", 150.0, "million USD/year"),
        ("border_cuts/a,b,rail/gain_musd", 2.0, "million USD/year"),
        ("place_effects/trade,1/gain_per_day", 4.0, "million USD"),
        ("bottlenecks/border,a–b rail/saturation", 1.25, "1"),
        ("claim_checks/K3/low", 815200.0, "t"),
        ("claim_checks/K1/verdict", "consistent", ""),
        ("  target_needs/start/p50 ", 400.0, "1"),
    ],
)
def test_every_form_of_id_finds_its_cell(
    run: Run, number: str, expected: object, unit: str
) -> None:
    found = trace(run, number)
    assert (found.value, found.unit) == (expected, unit)


def test_rows_that_add_up_are_told_apart(run: Run) -> None:
    found = trace(run, "measure_effects/M1+M2/gain_musd")
    assert [(c.key, c.value) for c in found.cells] == [("M1", 100.0), ("M2", 50.0)]
    assert found.row == ()
    kinds = [(c.key, c.value) for c in found.known if c.column == "value_kind"]
    assert kinds == [("M1", "estimated"), ("M2", "assumed")]


def test_sources_come_from_the_study_or_from_measures_or_there_are_none(run: Run) -> None:
    target = trace(run, "target_needs/target/p50")
    assert [s.source_id for s in target.sources] == ["T9"]
    assert target.sources[0].title == ""  # no such row among the sources of the run
    assert [s.source_id for s in trace(run, "target_needs/start/p50").sources] == ["T1"]
    assert [s.source_id for s in trace(run, "routes/q/1/days_p50").sources] == ["T1"]
    themes = run.table("attribution")
    theme = next(r.theme for r in themes.itertuples(index=False) if r.measures)
    assert [s.source_id for s in trace(run, f"attribution/{theme}/gain_musd").sources] == ["T1"]
    none = trace(run, "target_needs/all_mid/p50")
    assert none.sources == ()
    assert none.rests.startswith("No source of its own")


@pytest.mark.parametrize(
    ("number", "told"),
    [
        ("measure_effect/M1/gain_musd", "Nearest: measure_effects"),
        ("qqq/M1/gain_musd", "Known: "),
        ("target_paths/all,2031x/trade_musd_p50", "Nearest: all,2031"),
        ("measure_effects/M1+Z/gain_musd", "Unknown row of measure_effects: 'Z'"),
        ("measure_effects/M1/gain_usd", "Nearest: gain_musd"),
        ("measure_effects/M1", "this table has measure_effects/M1/gain_musd_low"),
        ("measure_effects", "An id is table/key/column"),
        ("measure_effects/M1/title+theme", "only numbers add up"),
        ("", "Unknown table"),
    ],
)
def test_what_is_unknown_is_told_with_what_is_near(run: Run, number: str, told: str) -> None:
    with pytest.raises(UsageError) as failed:
        trace(run, number)
    assert told in str(failed.value)
    assert failed.value.exit_code == 2


def test_the_list_has_every_filled_number_and_only_those(run: Run) -> None:
    listed = {c.key: c.value for c in ids(run, "target_needs")}
    needs = run.table("target_needs")
    filled = sum(int(needs[c].notna().sum()) for c in ("p10", "p50", "p90"))
    assert len(listed) == filled
    assert listed["target_needs/target/p50"] == 3000.0
    assert "target_needs/target/p10" not in listed
    for number, known in listed.items():
        assert trace(run, number).value == known


def test_the_newest_run_is_found(run: Run, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no saved run"):
        newest_run(tmp_path / "runs")
    for age, name in enumerate(("old", "new", ".aside")):
        made = write_run(tmp_path / name, {}, WHOLE)
        os.utime(made.folder / "manifest.json", (1000 + age, 1000 + age))
    assert newest_run(tmp_path) == tmp_path / "new"


def test_the_page_shows_the_id_and_no_markup_of_it() -> None:
    shown = value('a/"<b>/c', "1 < 2")
    assert shown == (
        '<span data-id="a/&#34;&lt;b&gt;/c" title="a/&#34;&lt;b&gt;/c">1 &lt; 2</span>'
    )


class Kept(Run):
    """A run that reads each table once."""

    __slots__ = ()

    def table(self, name: str) -> pd.DataFrame:
        return _kept(self.folder, name).copy(deep=False)


@cache
def _kept(folder: Path, name: str) -> pd.DataFrame:
    from entrepot.answers.run import open_run

    return open_run(folder).table(name)


def test_every_number_of_a_page_is_found(promised: Run, promised_page: str) -> None:
    run = Kept(promised.folder, promised.manifest)
    shown = {unescape(i) for i in re.findall(r'data-id="([^"]*)"', promised_page)}
    assert len(shown) > 300
    for number in shown:
        whole = sum(float(str(v)) for v in cell(run, number))
        assert float(trace(run, number).value) == pytest.approx(whole, nan_ok=True), number

"""The shipped facts hold, and every way we could think of to break them is found and placed.

Each case breaks a copy, says in which row, and what the check must say about it: the file, the
row as a spreadsheet shows it, the column, and words of the message. Nothing else may be reported
unless the case says how many findings one fault rightly makes.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from entrepot.errors import Finding
from entrepot.facts.load import (
    check_folder,
    check_shipped,
    load_world,
    read_plain,
)
from entrepot.schema.table import load_schema
from tests.facts.cases import ALMATY_ROAD, CASES, Case
from tests.facts.copies import Copy


def _text(finding: Finding) -> str:
    return f"{finding.found} | {finding.expected} | {finding.suggestion}"


@pytest.fixture(scope="module")
def baseline() -> set[Finding]:
    return set(check_shipped())


def test_the_shipped_facts_have_no_faults(baseline: set[Finding]) -> None:
    assert not baseline


def test_an_untouched_copy_has_no_faults_of_its_own(tmp_path: Path, baseline: set[Finding]) -> None:
    copy = Copy.of_shipped(tmp_path / "copy")
    assert set(check_folder(copy.folder)) == baseline


def test_the_cases_are_many_and_different() -> None:
    assert len({c.name for c in CASES}) == len(CASES) >= 45


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_broken_copy_is_found(case: Case, tmp_path: Path, baseline: set[Finding]) -> None:
    copy = Copy.of_shipped(tmp_path / "copy")
    row = case.break_it(copy)
    findings = [f for f in check_folder(copy.folder) if f not in baseline]
    told = "\n".join(f"{f.file} {f.row} {f.column}: {_text(f)}" for f in findings)
    right = [
        f
        for f in findings
        if (f.file, f.row, f.column) == (case.file, row, case.column)
        and all(word in _text(f) for word in case.words)
    ]
    assert right, f"expected {case.file} row {row} {case.column} {case.words}\n{told}"
    if case.count > 0:
        assert len(findings) == case.count, told


def test_all_faults_come_in_one_pass(tmp_path: Path, baseline: set[Finding]) -> None:
    """A bad file, a bad cell and tables that do not fit are told together."""
    copy = Copy.of_shipped(tmp_path / "copy")
    cell = copy.edit("nodes", "lat", lambda _: "north", node_id="aktobe")
    link = copy.edit("links", "to_node_id", lambda _: "kordaj", link_id=ALMATY_ROAD)
    hub = copy.edit("zone_hubs", "weight", lambda _: "0.5", node_id="herat")
    found = {(f.file, f.row, f.column) for f in check_folder(copy.folder) if f not in baseline}
    assert found == {
        ("nodes.csv", cell, "lat"),
        ("links.csv", link, "to_node_id"),
        ("zone_hubs.csv", hub, "weight"),
    }


def test_a_copy_of_the_shipped_world_is_the_shipped_world(tmp_path: Path) -> None:
    copy = Copy.of_shipped(tmp_path / "copy")
    world = read_plain(copy.folder)
    for name in load_schema():
        world.table(name)
    assert world.hash == load_world().hash


def test_a_column_that_is_missing_is_one_fault_and_not_hundreds(tmp_path: Path) -> None:
    (tmp_path / "links.csv").write_text("link_id,from_node\n", encoding="utf-8")
    findings = check_folder(tmp_path)
    assert {(f.file, f.row) for f in findings} == {("links.csv", 1)}
    assert {"from_node_id", "to_node_id", "mode"} <= {f.column for f in findings}

from __future__ import annotations

from pathlib import Path

import pytest

from entrepot.answers.run import Run, write_run
from entrepot.report.pages.page import write_report
from entrepot.studies.definition import make_study
from entrepot.studies.run import run_study
from tests.report.promised import PROMISES, asked, coupled_tables, promise_tables

BOX = {
    "id": "box", "title": "A box of general cargo", "origin": "almaty", "destination": "tehran",
    "unit": "feu",
}  # fmt: skip
FRUIT = {
    "id": "fruit", "title": "A truck of fruit", "origin": "tehran", "destination": "almaty",
    "commodity": "perishables", "unit": "truck",
}  # fmt: skip
PILLS = {
    "id": "pills", "title": "A truck of medicines", "origin": "tehran", "destination": "astana",
    "commodity": "pharma", "unit": "truck",
}  # fmt: skip
STUDY = make_study(
    {
        "name": "both-ways",
        "title": "Almaty and Tehran",
        "question": "How do goods go?",
        "pair": ["IRN", "KAZ"],
        "on": "2026-06-30",
        "trade_notes": ["A note on trade."],
        "limits": ["A limit of this study."],
        "routes": [BOX, FRUIT, PILLS],
        "between": {
            "on": "2024-06-30",
            "turnover_musd": 340.0,
            "turnover_year": "2024",
            "turnover_source_id": ["T57"],
            "target_musd": 3000.0,
            "target_source_id": ["T84"],
            "draws": 6,
        },
        "validation": {},
    }
)


@pytest.fixture(scope="session")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A real run with its report: two sets of routes, one closed, the trade of the pair, and the
    validation."""
    return run_study(STUDY, tmp_path_factory.mktemp("saved") / "run", finish=write_report)


@pytest.fixture(scope="session")
def page(saved: Run) -> str:
    return (saved.folder / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def promised(saved: Run, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The same run with small drawn tables of promises and of trade and transport together."""
    tables = {name: saved.table(name) for name in saved.manifest["tables"]}
    manifest = {k: v for k, v in saved.manifest.items() if k != "tables"}
    more = asked(promises=PROMISES, places={"draws": 4, "on": "2024-06-30"})
    manifest["questions"] = manifest["questions"] | more
    folder = tmp_path_factory.mktemp("promised") / "run"
    return write_run(folder, tables | promise_tables() | coupled_tables(), manifest, write_report)


@pytest.fixture(scope="session")
def promised_page(promised: Run) -> str:
    return (promised.folder / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="session", params=["saved", "promised"])
def report_file(request: pytest.FixtureRequest) -> Path:
    """The reports with and without promises."""
    run: Run = request.getfixturevalue(request.param)
    return run.folder / "report.html"

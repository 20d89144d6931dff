"""One seed at every door: Python, the command line, studies and the pages give the same figures."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from entrepot.cli.main import app
from entrepot.engine.drawn_world import HOURS, MONEY, OTHER
from entrepot.engine.engine import Engine
from entrepot.facts.world import World
from entrepot.questions.validation.validation import validate
from entrepot.routes.find import find_routes
from entrepot.routes.query import RouteQuery
from entrepot.routes.session import Session
from entrepot.routes.tables import route_tables
from entrepot.studies.definition import find_study
from entrepot.uncertainty.sampler import SEED
from entrepot.uncertainty.sources import SOURCES, source_of

ROOT = Path(__file__).parents[2]
SHOWN = ["days_p10", "days_p50", "days_p90", "usd_per_unit_p10", "usd_per_unit_p50", "usd_per_unit_p90"]  # fmt: skip


def figures(world: World, session: Session | None) -> list[list[float]]:
    found = find_routes(world, RouteQuery("almaty", "tehran", unit="feu"), session=session)
    return route_tables(found)["routes"][SHOWN].to_numpy().tolist()


def test_a_box_costs_the_same_at_every_door(session: Session) -> None:
    world = session.world
    plain = figures(world, None)
    study = find_study("iran-kazakhstan")
    assert study.head.seed == SEED
    assert figures(world, Engine.open(world, seed=study.head.seed).session) == plain
    told = CliRunner().invoke(app, ["routes", "Almaty", "Tehran", "--unit", "feu", "--json"])
    rows = json.loads(told.stdout)["data"]["tables"]["routes"]
    assert len(rows) == len(plain)
    for row, figure in zip(rows, plain, strict=True):
        assert [row[c] for c in SHOWN] == pytest.approx(figure)
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    table = re.findall(r"\| (\d+) \((\d+)–(\d+)\) \| ([\d,]+) \(([\d,]+)–([\d,]+)\) \|", text)
    assert len(table) == 6
    known = {
        (f"{m:.0f}", f"{lo:.0f}", f"{hi:.0f}", f"{u:,.0f}", f"{ul:,.0f}", f"{uh:,.0f}")
        for lo, m, hi, ul, u, uh in plain
    }
    assert set(table) <= known


def test_the_pages_tell_the_coverage_that_is_found(session: Session) -> None:
    found = validate(Session.open(session.world), free=False).summary
    days, cost = (f"{100 * found[k]['coverage']:.0f} %" for k in ("days", "cost"))
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"{days} and {cost} of the published values" in text
    page = (ROOT / "docs" / "validation.md").read_text(encoding="utf-8")
    for name, share in (("days", days), ("cost", cost)):
        assert re.search(rf"^\| {name} \| .* \| {share} \|$", page, re.M)


def test_every_source_of_routes_and_worlds_is_listed(session: Session) -> None:
    listed = {s.name for s in SOURCES}
    assert {*HOURS, *MONEY, *OTHER} <= listed
    for s in SOURCES:
        assert not s.common or s.common in listed
    costs = session.pricing(None, "feu", None).costs
    for elements, top in ((costs.time, "delays"), (costs.price, "charges")):
        for name, common in zip(elements.names, elements.common, strict=True):
            assert name.startswith(f"{common}:")
            found = source_of(name)
            assert found is not None
            assert (found.name, found.common) == (common, top)

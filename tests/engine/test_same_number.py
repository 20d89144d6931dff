"""One change, one number: at the engine, as a question, on the command line, as a measure of a dossier."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest
from typer.testing import CliRunner

from entrepot.cli.main import app
from entrepot.dossier import Measure, MeasureChange
from entrepot.engine.engine import Engine
from entrepot.engine.packages import changes_at
from entrepot.engine.spec import Turnover
from entrepot.equilibrium.objectives import pair_trade
from entrepot.facts.change import Change
from entrepot.facts.load import load_world
from entrepot.facts.read_changes import read_changes
from entrepot.flows.route_cache import OFF, VARIABLE
from entrepot.questions.what_if.closures import closure
from entrepot.questions.what_if.trade_effects import TradeRules, trade_effects
from tests.engine.new_lines import NEW_BORDER, NEW_LINE
from tests.questions.promised_worlds import DAY, PAIR, promised_world

TIGHT = 1e-9
HALF = Change("border_crossings", "post_a,post_b,rail", "hours", "scale", "0.5")
# Name: changes, and the same as options of the command line.
CASES: dict[str, tuple[tuple[Change, ...], tuple[str, ...]]] = {
    "duty": (
        (Change("tariffs", "BBB,AAA,*", "rate", "scale", "0.5"),),
        ("--tariff", "BBB:AAA=-50%"),
    ),
    "duty of a good": (
        (Change("tariffs", "BBB,AAA,cereals", "rate", "set", "0"),),
        ("--tariff", "BBB:AAA:cereals=0"),
    ),
    "border": ((HALF,), ("--set", "border_crossings:post_a,post_b,rail:hours*=0.5")),
    "payment": (
        (Change("payment_friction", "AAA,BBB", "share", "scale", "0.5"),),
        ("--friction", "AAA-BBB=-50%"),
    ),
    "trade cost": (
        tuple(
            Change("trade_costs", f"{row},*", "factor", "scale", "0.9")
            for row in ("AAA,BBB", "BBB,AAA")
        ),
        ("--cost", "AAA-BBB=-10%"),
    ),
}


@pytest.fixture(autouse=True, scope="module")
def _no_cache() -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, OFF)
        yield


@cache
def engine() -> Engine:
    return Engine.open(promised_world(), DAY, turnover=[Turnover(PAIR)])


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands read the small world."""
    monkeypatch.setattr("entrepot.facts.load.load_world", lambda data=None: promised_world())


def on_the_command_line(*words: str) -> dict[str, list[dict[str, object]]]:
    done = CliRunner().invoke(app, ["what-if", *words, "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)["data"]["tables"]


def trade_of(tables: dict[str, list[dict[str, object]]], pair: tuple[str, str] = PAIR) -> float:
    (row,) = [
        r for r in tables["what_if"]
        if (r["quantity"], r["where"]) == ("trade", "-".join(pair))
    ]  # fmt: skip
    return float(str(row["after"]))


def measure(changes: tuple[Change, ...]) -> Measure:
    parts = tuple(
        MeasureChange(
            c.table, (c.row,) if c.row else (), (c.column,) if c.column else (), c.operation,
            c.text, c.text, c.text, tuple(sorted(c.cells.items())),
        )
        for c in changes
    )  # fmt: skip
    return Measure("M1", "Drawn", "border", "drawn", ("ASSUMED",), commitment="C1", change=parts)


def solved(changes: tuple[Change, ...]) -> float:
    found = engine().solve(changes)
    assert found.converged
    return pair_trade(found, *PAIR).value


@pytest.mark.parametrize("name", CASES)
def test_python_the_command_line_and_a_measure_agree(name: str, small: None) -> None:
    changes, words = CASES[name]
    number = solved(changes)
    assert number != pytest.approx(pair_trade(engine().baseline, *PAIR).value, rel=1e-6)
    said = on_the_command_line(*PAIR, *words, "--on", DAY)
    assert trade_of(said) == pytest.approx(number, rel=TIGHT)
    package = changes_at([measure(changes)], {}, DAY)
    assert solved(package) == pytest.approx(number, rel=TIGHT)


def test_a_closure(small: None) -> None:
    change = (closure(engine().world, "post_a,post_b,rail"),)
    number = solved(change)
    assert number < pair_trade(engine().baseline, *PAIR).value
    said = on_the_command_line(*PAIR, "--close", "post_a,post_b,rail", "--on", DAY)
    assert trade_of(said) == pytest.approx(number, rel=TIGHT)
    assert solved(changes_at([measure(change)], {}, DAY)) == pytest.approx(number, rel=TIGHT)
    status = (Change("links", "post_a-post_b:rail", "status", "set", "suspended"),)
    assert solved(status) == pytest.approx(number, rel=TIGHT)
    assert solved((Change("links", "post_a-post_b:rail", operation="remove"),)) == pytest.approx(
        number, rel=TIGHT
    )


def test_a_new_line(small: None, tmp_path: Path) -> None:
    new = (*NEW_LINE, *NEW_BORDER)
    number = solved(new)
    assert number > (1 + 1e-6) * pair_trade(engine().baseline, *PAIR).value
    text = "\n".join(
        f'[[change]]\ntable = "{c.table}"\noperation = "insert"\n[change.value]\n'
        + "\n".join(f'{k} = "{v}"' for k, v in c.cells.items())
        for c in new
    )
    assert read_changes(text) == new
    file = tmp_path / "line.toml"
    file.write_text(text, encoding="utf-8")
    said = on_the_command_line(*PAIR, "--changes", str(file), "--on", DAY)
    assert trade_of(said) == pytest.approx(number, rel=TIGHT)
    known = Engine.open(promised_world(), DAY, turnover=[Turnover(PAIR)], candidates=new)
    assert pair_trade(known.solve(new), *PAIR).value == pytest.approx(number, rel=TIGHT)
    assert known.with_candidates(new) is known
    assert engine().with_candidates(new) is engine().with_candidates(new)
    assert engine().with_candidates(new) is not engine()
    assert solved(changes_at([measure(new)], {}, DAY)) == pytest.approx(number, rel=TIGHT)


def test_a_line_of_the_facts_that_is_shut_opens_without_being_a_candidate() -> None:
    opened = (Change("links", "acity-beta:rail", "status", "set", "operating"),)
    assert solved(opened) > (1 + 1e-6) * pair_trade(engine().baseline, *PAIR).value


def test_transport_held_is_one_number(small: None) -> None:
    """The exact equilibrium of trade alone, the coupled world at its traffic, and the command."""
    changes, words = CASES["duty"]
    held = pair_trade(engine().solve(changes, hold={"transport"}), *PAIR).value
    assert held != pytest.approx(solved(changes), rel=1e-7), "transport answers"
    trade = engine().trade
    flows = trade_effects(engine().world, trade, changes, TradeRules(draws=0)).tables[
        "trade_flow_changes"
    ]
    own = flows[
        (flows["sector"] == "*") & flows["exporter"].isin(PAIR) & flows["importer"].isin(PAIR)
    ]
    assert (own["before_musd"] + own["change_musd"]).sum() == pytest.approx(held, rel=TIGHT)
    said = on_the_command_line(*PAIR, *words, "--hold", "transport", "--on", DAY)
    assert trade_of(said) == pytest.approx(held, rel=TIGHT)
    assert "Held fixed: transport." in said["trade_run"][0]["notes"]


@pytest.mark.slow
def test_the_shipped_world(monkeypatch: pytest.MonkeyPatch) -> None:
    """The duty of 2024 between Iran and Kazakhstan, gone: one number with transport, one held."""
    monkeypatch.delenv(VARIABLE)
    pair, day = ("IRN", "KAZ"), "2024-06-30"
    own = Engine.open(load_world(), day, turnover=[Turnover(pair, 340.0)])
    changes = tuple(
        Change("tariffs", f"{row},*", "rate", "set", "0") for row in ("IRN,KAZ", "KAZ,IRN")
    )
    words = (
        "--tariff", "IRN:KAZ=0", "--tariff", "KAZ:IRN=0", "--turnover", "340", "--on", day,
    )  # fmt: skip
    for hold in ((), ("--hold", "transport")):
        number = pair_trade(own.solve(changes, hold=hold[1:]), *pair).value
        assert trade_of(on_the_command_line(*pair, *words, *hold), pair) == pytest.approx(
            number, rel=TIGHT
        )
    done = CliRunner().invoke(
        app,
        ["trade", *words[:4], "--pair", "IRN-KAZ=340", "--on", day, "--draws", "0", "--json"],
    )
    rows = [
        r for r in json.loads(done.stdout)["data"]["tables"]["trade_flow_changes"]
        if r["sector"] == "*" and {r["exporter"], r["importer"]} == set(pair)
    ]  # fmt: skip
    assert sum(r["before_musd"] + r["change_musd"] for r in rows) == pytest.approx(
        number, rel=TIGHT
    )

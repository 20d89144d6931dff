"""Calibration finds what made its counts; back-tests put events in; the shipped world keeps its word."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from entrepot.errors import UsageError
from entrepot.facts.check import check_world
from entrepot.facts.world import World
from entrepot.flows.counts import Counters, route_flows
from entrepot.flows.flow_model import FlowModel
from entrepot.questions.validation import calibration as module
from entrepot.questions.validation.calibration import Calibration, mean_log_error
from entrepot.questions.validation.flow_validation import changed, validate_flows
from entrepot.routes.session import Session
from tests.flows.test_counts import CONSTANTS, built, zone_world

A, B = range(2)


def row(**own: Any) -> SimpleNamespace:
    base: dict[str, Any] = {
        "count_id": "x", "back_test_id": "t", "event": "e", "through": ("post_a-post_b",),
        "ends_a": (), "ends_b": (), "one_way": False, "transit_of": (), "cargo": (),
        "low_mt": np.nan, "high_mt": np.nan, "value_mt": 1.0, "value": np.nan, "along": (),
    }  # fmt: skip
    return SimpleNamespace(**{**base, **own})


@pytest.fixture(scope="module")
def model() -> FlowModel:
    return built(zone_world())


@pytest.fixture(scope="module")
def tonnes() -> np.ndarray:
    out = np.zeros((2, 3, 3))
    out[0, B, A], out[0, A, B], out[1, B, A] = 7e6, 3e6, 0.9e6
    return out


def on_border(model: FlowModel, tonnes: np.ndarray, costs=None) -> float:
    flows = route_flows(model, tonnes, costs)
    return float(Counters.of(model, [row()]).read(flows)[0])


def test_calibration_recovers_what_made_the_counts(
    model: FlowModel, tonnes: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without priors, and with as many counts as parameters."""
    monkeypatch.setattr(module, "SPREAD", 1e4)
    monkeypatch.setattr(module, "SPREAD_MU", 1e4)
    counts = [row(), row(through=("caspian",), cargo=("bulk",)), row(cargo=("bulk",))]
    constants = [row(cargo=("container",))]
    maker = Calibration(model, tonnes, counts, constants)
    assert set(maker.groups) == {"container", "bulk"}
    true_mu, true_odds = np.log([1.0, 1.3]), np.array([0.8])
    if maker.groups[0] == "bulk":
        true_mu = true_mu[::-1]
    made = maker.modelled(true_mu, true_odds)
    for count, t in zip(counts, made, strict=True):
        count.value_mt = t / 1e6
    known = Calibration(model, tonnes, counts, constants, by_group=False)
    found = Calibration(model, tonnes, counts, constants).fit(tolerance=1e-12)
    assert found.modelled == pytest.approx(made, rel=1e-5)
    assert found.mu[found.groups.index("bulk")] == pytest.approx(8 * 1.3, rel=1e-3)
    assert mean_log_error(known.fit().modelled, made) > mean_log_error(found.modelled, made)


def test_priors_hold_what_no_count_speaks_of(model: FlowModel, tonnes: np.ndarray) -> None:
    counts = [row(value_mt=on_border(model, tonnes) / 1e6)]
    elsewhere = row(through=("isle",))
    found = Calibration(model, tonnes, counts, [elsewhere]).fit()
    assert found.log_odds[0] == pytest.approx(0, abs=1e-6)
    assert found.mu == pytest.approx([8, 8], rel=1e-6)
    assert found.error[0] == pytest.approx(module.SPREAD, rel=1e-3)


def test_the_same_facts_give_the_same_estimate(model: FlowModel, tonnes: np.ndarray) -> None:
    counts = [row(value_mt=1.0), row(value_mt=0.2, cargo=("bulk",))]
    first, again = (Calibration(model, tonnes, counts, [row()]).fit() for _ in range(2))
    assert np.array_equal(first.modelled, again.modelled)
    assert first.log_odds[0] > 0.3


def test_a_calibration_starts_from_no_constants(tonnes: np.ndarray) -> None:
    """Constants that the facts hold already are not counted twice."""
    text = CONSTANTS.format(value="1.7", transit="", cargo="")
    held = built(zone_world(corridor_constants=text))
    calibration = Calibration(held, tonnes, [row()], [row()], by_group=False)
    there = calibration.modelled(np.zeros(0), np.array([1.7]))[0]
    assert there == pytest.approx(on_border(held, tonnes), rel=1e-12)


def test_without_counts_there_is_nothing_to_do(model: FlowModel, tonnes: np.ndarray) -> None:
    with pytest.raises(UsageError, match="Nothing to calibrate"):
        Calibration(model, tonnes, [], [])


def test_events_change_routes(model: FlowModel, tonnes: np.ndarray) -> None:
    def after(**event: Any) -> float:
        return on_border(model, tonnes, changed(model, model.on, [row(**event)]))

    before = on_border(model, tonnes)
    assert after(quantity="closed") == 0
    assert after(quantity="hours", value=100.0) < before
    assert after(quantity="usd_per_teu", value=-300.0) > before
    assert after(quantity="choice_weight", value=2.0) > before
    assert after(quantity="choice_weight", value=1.0) == pytest.approx(before, rel=1e-12)
    shared = {"quantity": "haulage_factor", "value": 2.0}
    assert after(**shared, along=("AAA@rail|BBB@rail",)) < after(**shared, along=("AAA@rail",))
    assert after(**shared, along=("AAA@rail",)) < before
    assert after(**shared, along=("AAA@road",)) == pytest.approx(before, rel=1e-12)
    with pytest.raises(UsageError, match="needs a value"):
        after(quantity="hours")


def test_faults_of_the_tables_are_found() -> None:
    text = CONSTANTS.format(value="1", transit="NOWHERE", cargo="sand").replace(
        "post_b@rail", "post_c@rail"
    )
    events = (
        "back_test_id,event,side,through,quantity,value_kind,source_id\n"
        "t,e,before,post_a-post_b@rial,hours,assumed,ASSUMED"
    )
    world = zone_world(corridor_constants=text, back_test_events=events)
    found = {(f.file, f.column) for f in check_world(world)}
    assert {
        ("corridor_constants.csv", "through"),
        ("corridor_constants.csv", "transit_of"),
        ("corridor_constants.csv", "cargo"),
        ("back_test_events.csv", "through"),
        ("back_test_events.csv", "value"),
    } <= found


@pytest.mark.slow
def test_the_shipped_world_meets_its_counts(shipped: World) -> None:
    result = validate_flows(Session.open(shipped))
    assert result.summary["calibration"]["within"] >= 8
    assert result.summary["calibration"]["mean_factor"] < 1.5
    assert result.summary["test"]["within"] >= 5
    assert (result.back_tests["same_sign"] == "yes").all()

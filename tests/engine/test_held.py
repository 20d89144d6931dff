"""What is held fixed, and what each model says of it."""

from __future__ import annotations

import numpy as np
import pytest

from entrepot.engine.engine import Engine, Turnover
from entrepot.engine.held import HELD, model_of
from entrepot.equilibrium.objectives import pair_trade
from entrepot.errors import UnknownNameError, UsageError
from entrepot.facts.change import Change
from entrepot.flows.route_cache import OFF, VARIABLE
from tests.questions.promised_worlds import DAY, PAIR, promised_world

NO_DUTY = (Change("tariffs", "BBB,AAA,*", "rate", "set", "0"),)


@pytest.fixture(scope="module")
def engine() -> Engine:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, OFF)
        made = Engine.open(promised_world(), DAY, turnover=[Turnover(PAIR)])
        made.facts  # noqa: B018
        return made


def test_what_is_held_tells_the_model() -> None:
    assert model_of() == "coupled"
    assert model_of("", {"transport"}) == "sectors"
    assert model_of("", {"transport", "income"}) == "conditional"
    assert model_of("", set(HELD["partial"])) == "partial"
    assert model_of("full", {"transport"}) == "full"
    for hold, model in ((("income",), ""), (("transport",), "coupled")):
        with pytest.raises(UsageError):
            model_of(model, hold)
    for hold, model in ((("prices",), ""), ((), "best")):
        with pytest.raises(UnknownNameError):
            model_of(model, hold)


def test_models_without_routes_refuse_what_they_do_not_know(engine: Engine) -> None:
    border = Change("border_crossings", "post_a,post_b,rail", "hours", "scale", "0.5")
    with pytest.raises(UsageError, match="has no routes"):
        engine.solve((border,), model="partial")
    with pytest.raises(UsageError, match="no tariff revenue"):
        engine.solve(NO_DUTY, model="full")
    found = engine.solve(NO_DUTY, model="partial")
    assert found.solved
    a, b = (engine.trade.position(z) for z in PAIR)
    assert (found.new - found.old)[:, b, a].sum() > 0


def test_transport_held_keeps_traffic_and_lets_routes_be_chosen(engine: Engine) -> None:
    border = Change("border_crossings", "post_a,post_b,rail", "hours", "scale", "0.5")
    held = engine.solve((border,), hold={"transport"})
    assert np.array_equal(held.point.traffic, engine.baseline.point.traffic)
    assert not held.point.hours.any()
    free, number, before = (
        pair_trade(found, *PAIR).value for found in (engine.solve((border,)), held, engine.baseline)
    )
    assert min(free, number) > before
    assert free != pytest.approx(number, rel=1e-6)


def test_the_short_run_answers_less(engine: Engine) -> None:
    before = pair_trade(engine.baseline, *PAIR).value
    long, short = (
        pair_trade(engine.solve(NO_DUTY, horizon=h), *PAIR).value for h in ("long", "short")
    )
    assert before < short < long


def test_a_duty_that_goes_is_gone_in_every_draw(engine: Engine) -> None:
    a, b = (engine.trade.position(z) for z in PAIR)
    charged = [own for own in engine.draws(4) if (own.world.tariff[:, b, a] > 0).all()]
    assert len(charged) > 1  # at the low end of its range a duty may be nothing already
    for own in charged:
        found = own.solve(NO_DUTY)
        assert found.scenario.tariff is not None
        assert (found.scenario.tariff[:, b, a] == 0.0).all()


def test_a_hard_limit_holds_traffic_to_the_capacity(engine: Engine) -> None:
    spots = engine.facts.world.bottlenecks
    at = spots.name.index("post_a-post_b:rail")
    traffic = engine.baseline.point.traffic[at] / 1e6
    row = "post_a,post_b,rail"
    small = Change("border_crossings", row, "capacity_mt_per_year", "set", str(0.8 * traffic))
    limit = Change("border_crossings", row, "limit", "set", "yes")
    free, held = engine.solve((small,)), engine.solve((small, limit))
    assert free.point.traffic[at] > 1.01 * 0.8e6 * traffic
    assert held.converged
    assert held.point.traffic[at] <= 0.8e6 * traffic * (1 + 1e-5)
    assert held.shadow_usd_per_t[at] > 0
    with pytest.raises(UsageError, match="has no capacity"):
        engine.solve((Change("border_crossings", "post_e,post_f,rail", "limit", "set", "yes"),))

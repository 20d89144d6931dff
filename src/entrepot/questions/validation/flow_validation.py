"""Do the flows look like the world's? Tonnes on corridors against counts, and events of the past.

The demand is the trade of the base year; rules and seasons are those of its first of July. A
back-test puts an event into the model and asks for the change on one corridor; demand stays, so
growth of trade and new customers are not part of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from entrepot.cost.arcs import HAULAGE
from entrepot.errors import UsageError
from entrepot.flows.counts import Counters, route_flows
from entrepot.flows.flow_model import Costs, FlowModel
from entrepot.kernels.arrays import FloatArray
from entrepot.kernels.choice.route_choice import route_cost
from entrepot.questions.validation.calibration import Calibration, mean_log_error
from entrepot.routes.passing import (
    Passing,
    arcs_of,
    vehicles,
)
from entrepot.trade.world.shipments import shipments
from entrepot.trade.world.trade_world import TradeWorld

if TYPE_CHECKING:
    from entrepot.routes.session import Session

NEAR = 1.5


@dataclass(frozen=True, slots=True)
class FlowValidation:
    """Tables `flow_counts` and `flow_back_tests`, and a summary by use: n, within, mean_factor,
    and, where it was asked for, mean_factor_left_out.
    """

    counts: pd.DataFrame
    back_tests: pd.DataFrame
    summary: dict[str, dict[str, float]]
    on: str

    def as_json(self) -> dict[str, Any]:
        def rows(table: pd.DataFrame) -> list[dict[str, Any]]:
            found = table.astype(object).where(table.notna(), None).to_dict(orient="records")
            return [{str(k): v for k, v in row.items()} for row in found]

        return {
            "on": self.on,
            "summary": self.summary,
            "counts": rows(self.counts),
            "back_tests": rows(self.back_tests),
        }


def calibration_day(session: Session) -> str:
    """First of July of the year of the trade."""
    return f"{session.world.meta['trade_base_year']}-07-01"


def base_tonnes(session: Session) -> FloatArray:
    """(C, N, N) t a year of the base year, [commodity, importer, exporter]; nothing inside a zone."""
    trade = TradeWorld.of_world(session.world, detail="commodity")
    names = trade.folding.commodities
    tonnes = shipments(session.world, trade.zones, names, trade.value).tonnes.mid.copy()
    inside = np.arange(len(trade.zones))
    tonnes[:, inside, inside] = 0.0
    return tonnes


def validate_flows(session: Session, *, left_out: bool = False, jobs: int = 1) -> FlowValidation:
    """Compare the flows of the base year with every count and event of the facts.

    left_out : estimate the constants once more without each count (minutes)
    """
    model = FlowModel.of(session, calibration_day(session), jobs=jobs)
    tonnes = base_tonnes(session)
    counts = flow_counts(model, tonnes, left_out=left_out)
    return FlowValidation(counts, back_tests(model, tonnes), summarise(counts), model.on)


def flow_counts(model: FlowModel, tonnes: FloatArray, *, left_out: bool = False) -> pd.DataFrame:
    """Table `flow_counts`."""
    rows = list(model.session.world.table("corridor_counts").itertuples(index=False))
    modelled = Counters.of(model, rows).read(route_flows(model, tonnes)) / 1e6
    apart = dict.fromkeys((r.count_id for r in rows), np.nan)
    if left_out:
        chosen = [r for r in rows if r.use == "calibration"]
        constants = list(model.session.world.table("corridor_constants").itertuples(index=False))
        fit = Calibration(model, tonnes, chosen, constants, by_group=False)
        found = fit.left_out(fit.fit())
        apart.update(zip((r.count_id for r in chosen), (found / 1e6).tolist(), strict=True))
    return pd.DataFrame(
        [
            _count(r, m, apart[r.count_id])
            for r, m in zip(rows, modelled.tolist(), strict=True)
        ]
    )  # fmt: skip


def summarise(counts: pd.DataFrame) -> dict[str, dict[str, float]]:
    """By use: number, number within a factor 1.5, mean factor of the error."""
    out = {}
    for use in ("calibration", "test", "explained"):
        own = counts[counts["use"] == use]
        observed = own["observed_mt"].to_numpy(dtype=float) * 1e6
        if not len(own):
            continue
        out[use] = {
            "n": len(own),
            "within": int((own["within"] == "yes").sum()),
            "mean_factor": mean_log_error(own["modelled_mt"].to_numpy(dtype=float) * 1e6, observed),
        }
        apart = own["left_out_mt"].to_numpy(dtype=float) * 1e6
        if np.isfinite(apart).all():
            out[use]["mean_factor_left_out"] = mean_log_error(apart, observed)
    return out


def back_tests(model: FlowModel, tonnes: FloatArray) -> pd.DataFrame:
    """Table `flow_back_tests`."""
    world = model.session.world
    counts = {r.count_id: r for r in world.table("corridor_counts").itertuples(index=False)}
    events = list(world.table("back_test_events").itertuples(index=False))
    rows = []
    for test in world.table("back_tests").itertuples(index=False):
        counter = Counters.of(model, [counts[test.count_id]])
        sides = []
        for side, day in (("before", test.date_before), ("after", test.date_after)):
            own = [
                e for e in events if e.back_test_id == test.back_test_id and e.side == side
            ]  # fmt: skip
            costs = changed(model, str(day), own)
            sides.append(float(counter.read(route_flows(model, tonnes, costs))[0]) / 1e6)
        rows.append(_back_test(test, *sides))
    return pd.DataFrame(rows)


def changed(model: FlowModel, day: str, events: Sequence[Any]) -> Costs:
    """Costs under the rules of a day and events, rows of back_test_events.csv."""
    session, routes = model.session, model.routes
    costs = model.baseline if day == model.on else model.priced(session, day)
    total: FloatArray = costs.total.copy()
    by_vehicle = vehicles(session.world)
    for event in events:
        if event.quantity != "closed" and not np.isfinite(event.value):
            raise UsageError(f"{event.back_test_id}/{event.event}: {event.quantity} needs a value.")
        passing = Passing.of_row(session.world, event)
        hit = passing.routes(session.network, routes.sets, routes.pairs)
        for c in np.flatnonzero(passing.classes(model.classes, by_vehicle)).tolist():
            total[c, hit] += _added(model, c, day, event, total[c])[hit]
    return Costs(total)


def _added(model: FlowModel, c: int, day: str, event: Any, now: FloatArray) -> FloatArray:
    """(R,) USD/t that an event adds to each route for a class."""
    sets, one = model.routes.sets, model.classes[c]
    pricing = model.session.pricing(one.commodity, one.unit, day)
    whole = np.ones(sets.n_route)
    if event.quantity == "closed":
        return np.where(whole > 0, np.inf, 0.0)
    if event.quantity == "hours":
        return whole * (float(event.value) * pricing.cargo.usd_per_t_hour)
    if event.quantity == "usd_per_teu":
        return whole * pricing.cargo.per_box_usd_per_t(float(event.value))
    if event.quantity == "choice_weight":
        base = model.bases[c]
        least = np.full(sets.n_pair, np.inf)
        np.minimum.at(least, sets.pair, now)
        scale = np.where(np.isfinite(base.least), base.least, least)[sets.pair]
        return np.where(np.isfinite(now), -np.log(float(event.value)) * scale / base.mu, 0.0)
    if event.quantity == "haulage_factor":
        dearer = np.zeros(sets.n_arc)
        words = tuple(w for item in event.along for w in item.split("|"))
        arcs = arcs_of(model.session.network, words)
        dearer[arcs] = pricing.costs.money[HAULAGE][arcs] * (event.value - 1)
        return route_cost(sets, np.where(np.isfinite(dearer), dearer, 0.0))
    raise UsageError(f"'{event.quantity}' is not a change of a back-test.")


def _count(row: Any, modelled: float, apart: float) -> dict[str, Any]:
    factor = modelled / row.value_mt
    low, high = row.low_mt, row.high_mt
    known = np.isfinite(low) and np.isfinite(high) and low < high
    inside = ("yes" if low <= modelled <= high else "no") if known else ""
    return {
        "count_id": row.count_id,
        "name": row.name,
        "year": row.year,
        "scope": row.scope,
        "use": row.use,
        "observed_low_mt": low,
        "observed_mt": row.value_mt,
        "observed_high_mt": high,
        "modelled_mt": modelled,
        "left_out_mt": apart,
        "factor": factor,
        "within": "yes" if 1 / NEAR <= factor <= NEAR else "no",
        "in_range": inside,
        "why": row.why,
    }


def _back_test(test: Any, before: float, after: float) -> dict[str, Any]:
    observed = test.observed_after / test.observed_before - 1
    change = after / before - 1 if before > 0 else (np.inf if after > 0 else 0.0)
    return {
        "back_test_id": test.back_test_id,
        "name": test.name,
        "count_id": test.count_id,
        "period": test.period,
        "modelled_before_mt": before,
        "modelled_after_mt": after,
        "modelled_change": change,
        "observed_change": observed,
        "same_sign": "yes" if change * observed > 0 else "no",
        "why": test.why,
    }

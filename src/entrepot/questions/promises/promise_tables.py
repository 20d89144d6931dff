"""Tables of what promises do, from measures alone and from draws."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from entrepot.dossier import Dossier
from entrepot.engine.coupled_facts import CoupledFacts
from entrepot.kernels.arrays import FloatArray
from entrepot.questions.promises.individual_effects import own_factors
from entrepot.questions.promises.promises import SETBACKS, DrawnPromises, PromisePlan
from entrepot.uncertainty.draws import (
    percentiles,
    rank_stability,
    share_of,
    ties,
)

# Goods are shown that make this part of the gain or of the trade.
LEAST_GOOD = 0.005
TOP = 5
GOODS_COLUMNS = (
    "exporter", "importer", "sector", "name", "before_musd", "gain_musd_p10", "gain_musd_p50",
    "gain_musd_p90", "gain_pct", "days", "largest",
)  # fmt: skip


def drawn_gains(plan: PromisePlan, drawn: Sequence[DrawnPromises], slope: FloatArray) -> FloatArray:
    """(D, M) gain of each measure alone in each draw that tells it, million USD a year.

    drawn : D draws with slopes; slope : (M,) at the middle of everything, see `individual_effects.log_slopes`
    """
    shape = (len(drawn), len(plan.measures))
    middle = np.array([plan.alone[m.id].gain[1] for m in plan.measures])
    score, slopes = (
        np.array([getattr(d, name) for d in drawn]).reshape(shape) for name in ("score", "slope")
    )
    sized = [plan.alone[m.id].gains(score[:, k]) for k, m in enumerate(plan.measures)]
    trade = np.array([d.base for d in drawn])
    return np.column_stack(sized) * own_factors(middle, plan.start, slope, trade, slopes)


def measure_effects(
    facts: CoupledFacts, dossier: Dossier, plan: PromisePlan, over: FloatArray
) -> pd.DataFrame:
    """Table measure_effects: every measure of a dossier, with effect or with the reason why none.

    over : (D, M) gains of measures alone, see `drawn_gains`
    """
    base = float(_pair_flows(facts, plan.pair).sum())
    position = {m.id: k for k, m in enumerate(plan.measures)}
    promises = [k for k, m in enumerate(plan.measures) if m.theme != SETBACKS]
    first = dict(zip(promises, rank_stability(over[:, promises], TOP), strict=True))
    rows = []
    for m in dossier.measures:
        row: dict[str, Any] = {
            "measure_id": m.id,
            "title": m.title,
            "commitment_id": m.commitment,
            "theme": m.theme,
            "modelled": m.modelled,
            "why_not": m.no_effect_because,
            "value_kind": m.evidence if m.modelled else "",
            "reason": m.reason,
            "source_id": m.source_id,
            "status": "",
        }
        names = (
            "gain_musd_low", "gain_musd", "gain_musd_high", "gain_musd_p10", "gain_musd_p90",
            "gain_pct", "income_a_musd", "income_b_musd", "among_first", "draws", "probability_low",
            "probability", "probability_high", "due", "delay_p50", "expected_musd",
        )  # fmt: skip
        row |= dict.fromkeys(names, np.nan)
        if m.id in position:
            own = plan.alone[m.id]
            k = position[m.id]
            low, mid, high = (float(x) for x in own.gain)
            p10, _, p90 = percentiles(over[:, k])
            row |= {
                "gain_musd_low": low,
                "gain_musd": mid,
                "gain_musd_high": high,
                "gain_musd_p10": p10,
                "gain_musd_p90": p90,
                "gain_pct": 100 * mid / base,
                "income_a_musd": float(own.income[0]),
                "income_b_musd": float(own.income[1]),
                "among_first": float(first.get(k, np.nan)),
                "draws": len(over),
                "status": own.status,
            }
            prospect = plan.prospects.get(m.id)
            if prospect is not None:
                chance = prospect.probability
                row |= {
                    "probability_low": chance.low,
                    "probability": chance.mid,
                    "probability_high": chance.high,
                    "due": prospect.due,
                    "delay_p50": prospect.delay.mid,
                    "expected_musd": chance.mid * mid,
                }
        rows.append(row)
    table = pd.DataFrame(rows)
    against = table["theme"] == SETBACKS
    table = table.iloc[np.lexsort((-table["gain_musd"].abs().fillna(-1.0), against))]
    table["tied_to"] = ""
    for own, sign in ((~against, 1.0), (against, -1.0)):
        ids = table.loc[own & table["modelled"], "measure_id"].tolist()
        size = over[:, [position[m] for m in ids]]
        table.loc[own & table["modelled"], "tied_to"] = _tied(ids, sign * size)
    return table.reset_index(drop=True)


def _tied(names: Sequence[str], values: FloatArray) -> list[str]:
    """Name of the one each is tied to, of names in the order of their size; "" for those that lead."""
    return [names[lead] if lead != k else "" for k, lead in enumerate(ties(values))]


def with_ranges(
    table: pd.DataFrame, plan: PromisePlan, drawn: Sequence[DrawnPromises], over: FloatArray
) -> pd.DataFrame:
    """Table attribution with P10 and P90.

    In each draw a kind's part moves with the gains of its measures alone there; what is left to the
    whole of the draw is shared out by the size of the parts. drawn, over : see `drawn_gains`
    """
    position = {m.id: k for k, m in enumerate(plan.measures)}
    middle = np.array([plan.alone[m.id].gain[1] for m in plan.measures])
    parts = np.empty((len(drawn), len(table)))
    for t, (gain, ids) in enumerate(zip(table["gain_musd"], table["measures"], strict=True)):
        own = [position[m] for m in ids]
        parts[:, t] = gain + over[:, own].sum(axis=1) - middle[own].sum()
    left = np.array([d.all - d.none for d in drawn]) - parts.sum(axis=1)
    size = np.abs(parts)
    total = size.sum(axis=1, keepdims=True)
    parts += left[:, None] * np.divide(size, total, out=np.zeros_like(size), where=total > 0)
    out = table.copy()
    for side, k in (("p10", 0), ("p90", 2)):
        out[f"gain_musd_{side}"] = [percentiles(own)[k] for own in parts.T]
    return out


def target_paths(plan: PromisePlan, drawn: Sequence[DrawnPromises]) -> pd.DataFrame:
    """Table target_paths: trade by year with no promise kept, as they are likely kept, with all."""
    rows = []
    for scenario in ("none", "likely", "all"):
        over = np.array([getattr(d, f"path_{scenario}") for d in drawn])
        over = over.reshape(len(drawn), len(plan.years))
        for y, year in enumerate(plan.years):
            p10, p50, p90 = percentiles(over[:, y])
            reached = np.nan if plan.target is None else share_of(over[:, y] >= plan.target)
            rows.append(
                {
                    "scenario": scenario,
                    "year": int(year),
                    "trade_musd_p10": p10,
                    "trade_musd_p50": p50,
                    "trade_musd_p90": p90,
                    "reaches_target": reached,
                    "draws": len(drawn),
                }
            )
    return pd.DataFrame(rows)


def partner_effects(
    facts: CoupledFacts, plan: PromisePlan, drawn: Sequence[DrawnPromises], partners: Sequence[str]
) -> pd.DataFrame:
    """Table partner_effects: what all promises of the pair bring to others."""
    shape = (len(drawn), len(facts.trade.zones))
    income = np.array([d.income for d in drawn]).reshape(shape)
    sold = np.array([d.exports for d in drawn]).reshape(shape)
    rows = []
    for zone in (*plan.pair, *(p for p in partners if p not in plan.pair)):
        n = facts.trade.position(zone)
        p10, p50, p90 = percentiles(income[:, n])
        e10, e50, e90 = percentiles(sold[:, n])
        rows.append(
            {
                "zone_id": zone,
                "name": facts.trade.names[n],
                "income_musd_p10": p10,
                "income_musd_p50": p50,
                "income_musd_p90": p90,
                "income_pct_gdp": 100 * p50 / float(facts.trade.gdp[n]),
                "exports_musd_p10": e10,
                "exports_musd_p50": e50,
                "exports_musd_p90": e90,
                "gaining": share_of(income[:, n] > 0),
            }
        )
    table = pd.DataFrame(rows).assign(tied_to="")
    others = table[~table["zone_id"].isin(plan.pair)]
    others = others.sort_values("income_musd_p50", ascending=False, kind="stable")
    names = others["zone_id"].tolist()
    own = income[:, [facts.trade.position(z) for z in names]]
    table.loc[others.index, "tied_to"] = _tied(names, own)
    return table


def sector_effects(
    facts: CoupledFacts, plan: PromisePlan, drawn: Sequence[DrawnPromises]
) -> pd.DataFrame:
    """Table sector_effects: the pair's goods with no promise and with all, by direction."""
    if not drawn:
        return pd.DataFrame(columns=GOODS_COLUMNS)
    before = np.array([d.goods for d in drawn])
    gain = np.array([d.goods_all for d in drawn]) - before
    trade = facts.trade
    middle = np.median(gain, axis=0)
    rows = []
    for direction, (seller, buyer) in enumerate((plan.pair, plan.pair[::-1])):
        start = np.median(before[:, direction], axis=0)
        most = np.argmax(gain[:, direction], axis=1)
        for j in np.argsort(-middle[direction], kind="stable").tolist():
            large = start[j] >= LEAST_GOOD * np.median(before.sum(axis=(1, 2)))
            if not large and middle[direction, j] < LEAST_GOOD * middle.sum():
                continue
            p10, p50, p90 = percentiles(gain[:, direction, j])
            rows.append(
                {
                    "exporter": seller,
                    "importer": buyer,
                    "sector": trade.sectors[j],
                    "name": trade.folding.names[j],
                    "before_musd": float(start[j]),
                    "gain_musd_p10": p10,
                    "gain_musd_p50": p50,
                    "gain_musd_p90": p90,
                    "gain_pct": 100 * p50 / float(start[j]) if start[j] > 0 else np.nan,
                    "days": _days(facts, seller, buyer, trade.sectors[j]),
                    "largest": share_of(most == j),
                }
            )
    return pd.DataFrame(rows, columns=GOODS_COLUMNS)


def _days(facts: CoupledFacts, seller: str, buyer: str, good: str) -> float:
    """Mean days on the routes of a good at the baseline, over hubs and shares; NaN where none is open."""
    model, world = facts.model, facts.world
    names = [c.name for c in model.classes]
    if good not in names:
        return np.nan
    c = names.index(good)
    pairs, sets = model.routes.pairs, model.routes.sets
    i, n = model.zones.index(seller), model.zones.index(buyer)
    own = np.flatnonzero((pairs.exporter == i) & (pairs.importer == n))
    one = model.classes[c]
    hours = facts.session.pricing(one.commodity, one.unit, facts.on).costs.mean_hours()
    total = 0.0
    for p in own.tolist():
        weight = float(world.choice.weight[c, p])
        for r in range(int(sets.first[p]), int(sets.first[p + 1])):
            share = float(world.choice.share[c, r])
            if weight * share > 0:
                arcs = sets.arcs[sets.start[r] : sets.start[r + 1]]
                total += weight * share * float(hours[arcs].sum())
    return total / 24 if total > 0 else np.nan


def _pair_flows(facts: CoupledFacts, pair: tuple[str, str]) -> FloatArray:
    a, b = (facts.trade.position(p) for p in pair)
    return np.asarray(facts.trade.flows[:, [a, b], [b, a]])

"""How trade and transport answer each other between two economies.

Where the pair's goods go today, which places they wait at, what a shorter wait at each border on
their routes would bring once routes, queues, trade, wages and prices have all answered, and where a
day or a dollar saved brings most.

Middle values are exact solutions. Ranges are over draws of the world (`drawn_world`): of each the
slopes at its own baseline, and the exact middle effect times what its slope is over the middle one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from entrepot.engine.coupled_facts import CoupledFacts
from entrepot.engine.drawn_world import Uncertain
from entrepot.equilibrium.coupled import CoupledWorld, Scenario
from entrepot.equilibrium.loop import Equilibrium, solve
from entrepot.equilibrium.objectives import pair_trade, welfare
from entrepot.equilibrium.sensitivity import Gradient, gradient
from entrepot.kernels.arrays import FloatArray
from entrepot.kernels.choice.route_choice import sums_by_arc
from entrepot.network.graph import ArcKind
from entrepot.questions.places.place_effects import (
    STANDING,
    arc_hours,
    gain_of,
    passage_of,
    place_effects,
    places_of,
)
from entrepot.uncertainty.draws import Draws, percentiles

CUT_HOURS = 10.0
# A border is one of the pair's where this part of its tonnes passes.
LEAST_SHARE = 0.01
# Bottlenecks are shown from this part of their capacity on.
NEAR = 0.7
LEAST_LINK_MT = 0.005
CUT_COLUMNS = (
    "place", "name", "mode", "countries", "hours", "cut_hours", "traffic_share", "gain_musd_p10",
    "gain_musd", "gain_musd_p90", "gain_pct", "naive_musd", "income_a_musd", "income_b_musd",
    "traffic_mt", "traffic_change_pct", "queue_hours", "status", "gap",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class DrawnSlopes:
    """Of one draw: slopes of the pair's trade, and where goods go.

    by_hour, by_usd : (A,) slopes of the pair's trade, million USD a year
    corridors       : (2, K + 1) Mt a year of all trade and of the pair by corridor
    """

    by_hour: FloatArray
    by_usd: FloatArray
    corridors: FloatArray


def drawn_slopes(uncertain: Uncertain, draws: Draws, d: int) -> DrawnSlopes:
    """Slopes at the baseline of a draw."""
    world = uncertain.draw(draws, d).world
    found = solve(world)
    slopes = gradient(found, pair_trade(found, *uncertain.pair))
    return DrawnSlopes(slopes.by_hour, slopes.by_usd, corridor_tonnes(world, uncertain.pair))


def corridor_tonnes(world: CoupledWorld, pair: tuple[str, str]) -> FloatArray:
    """(2, K + 1) Mt a year by corridor, of all trade and of the pair; the last has no name."""
    model = world.response.model
    count = len(model.session.namer.rows) + 1
    where = np.where(model.corridor >= 0, model.corridor, count - 1)
    return np.array(
        [
            np.bincount(where, world.response.route_loads(world.choice, t), count) / 1e6
            for t in _tonnes(world, pair)
        ]
    )


def _tonnes(world: CoupledWorld, pair: tuple[str, str]) -> tuple[FloatArray, FloatArray]:
    """Tonnes (C, N, N) between the zones of the flows: all, and of the pair."""
    whole = world.inner(world.cargo.tonnes)
    zones = world.response.model.zones
    a, b = (zones.index(p) for p in pair)
    own = np.zeros_like(whole)
    own[:, [a, b], [b, a]] = whole[:, [a, b], [b, a]]
    return whole, own


def feedback(
    facts: CoupledFacts, pair: tuple[str, str], drawn: Sequence[DrawnSlopes | None] = ()
) -> dict[str, pd.DataFrame]:
    """Tables corridor_flows, link_flows, border_cuts, bottlenecks, place_effects.

    drawn : slopes of the draws, None for one that failed
    """
    base = solve(facts.world)
    slopes = gradient(base, pair_trade(base, *pair))
    good = [d for d in drawn if d is not None]
    return {
        "corridor_flows": _corridors(facts, pair, good),
        "link_flows": _links(facts, pair),
        "border_cuts": _cuts(facts, pair, base, slopes, good),
        "bottlenecks": _bottlenecks(base),
        "place_effects": _places(base, slopes, good),
    }


def _corridors(
    facts: CoupledFacts, pair: tuple[str, str], drawn: Sequence[DrawnSlopes]
) -> pd.DataFrame:
    middle = corridor_tonnes(facts.world, pair)
    over = np.array([d.corridors for d in drawn])
    rows = list(facts.session.namer.rows)
    names = [(r.corridor_id, r.name) for r in rows] + [("", "Other routes")]
    out = []
    for s, scope in enumerate(("all", "pair")):
        for k in np.argsort(-middle[s], kind="stable").tolist():
            if middle[s, k] > 0:
                p10, _, p90 = percentiles(over[:, s, k]) if len(over) else (np.nan,) * 3
                out.append(
                    {
                        "scope": scope,
                        "corridor_id": names[k][0],
                        "name": names[k][1],
                        "mt_p10": p10,
                        "mt": float(middle[s, k]),
                        "mt_p90": p90,
                        "share": float(middle[s, k] / middle[s].sum()),
                    }
                )
    return pd.DataFrame(out)


def _links(facts: CoupledFacts, pair: tuple[str, str]) -> pd.DataFrame:
    """Loads of links for a map, both directions together."""
    world, network = facts.world, facts.session.network
    loads = [
        sums_by_arc(world.response.sets, world.response.route_loads(world.choice, t))
        for t in _tonnes(world, pair)
    ]
    haul = np.flatnonzero(network.kind == ArcKind.HAUL)
    # A line over a border is two arcs each way; it is entered from a place once.
    haul = haul[network.vertex_place[network.tail[haul]] >= 0]
    mt = [np.bincount(network.link[haul], x[haul], len(network.link_id)) / 1e6 for x in loads]
    out = []
    for link in np.flatnonzero((mt[0] > 0) | (mt[1] > 0)).tolist():
        if mt[0][link] < LEAST_LINK_MT and mt[1][link] < LEAST_LINK_MT:
            continue
        a, b = int(network.link_from[link]), int(network.link_to[link])
        out.append(
            {
                "link_id": network.link_id[link],
                "mode": network.link_id[link].rsplit(":", 1)[-1],
                "from_node": network.place_id[a],
                "to_node": network.place_id[b],
                "from_lat": float(network.place_lat[a]),
                "from_lon": float(network.place_lon[a]),
                "to_lat": float(network.place_lat[b]),
                "to_lon": float(network.place_lon[b]),
                "mt_all": float(mt[0][link]),
                "mt_pair": float(mt[1][link]),
            }
        )
    return pd.DataFrame(out)


def _cuts(
    facts: CoupledFacts,
    pair: tuple[str, str],
    base: Equilibrium,
    slopes: Gradient,
    drawn: Sequence[DrawnSlopes],
) -> pd.DataFrame:
    """What up to ten hours less at each border of the pair's routes would bring, solved exactly."""
    model, network = facts.model, facts.session.network
    before, at_base = pair_trade(base, *pair).value, arc_hours(base)
    rows = []
    for place in places_of(network):
        if place.kind != "border":
            continue
        arcs = list(place.arcs)
        share = float(slopes.traffic_share[arcs].sum())
        hours = passage_of(place, at_base)
        cut = min(CUT_HOURS, hours)
        if share < LEAST_SHARE or cut <= 0:
            continue
        saved = np.zeros(network.n_arc)
        saved[arcs] = -cut
        found = solve(facts.world, Scenario(cost=model.dearer(hours=saved).total), start=base)
        gain = pair_trade(found, *pair).value - before
        linear = cut * gain_of(place, slopes.by_hour)
        over = np.array([cut * gain_of(place, d.by_hour) * gain / linear for d in drawn])
        p10, _, p90 = percentiles(over) if len(over) else (np.nan,) * 3
        incomes = [welfare(found, [z]).value for z in pair]
        spot = int(facts.world.bottlenecks.of_arc[arcs[0]])
        was, now = (
            float(p.answer[spot]) if spot >= 0 else np.nan for p in (base.point, found.point)
        )
        rows.append(
            {
                "place": place.id,
                "name": place.name,
                "mode": place.mode,
                "countries": place.countries,
                "hours": hours,
                "cut_hours": cut,
                "traffic_share": share,
                "gain_musd_p10": p10,
                "gain_musd": gain,
                "gain_musd_p90": p90,
                "gain_pct": 100 * gain / before,
                "naive_musd": cut * gain_of(place, slopes.naive_by_hour),
                "income_a_musd": incomes[0],
                "income_b_musd": incomes[1],
                "traffic_mt": was / 1e6,
                "traffic_change_pct": 100 * (now / was - 1) if was > 0 else np.nan,
                "queue_hours": float(found.point.hours[spot]) if spot >= 0 else 0.0,
                "status": found.status,
                "gap": found.gap,
            }
        )
    table = pd.DataFrame(rows, columns=CUT_COLUMNS)
    return table.sort_values("gain_musd", ascending=False, kind="stable").reset_index(drop=True)


def _bottlenecks(base: Equilibrium) -> pd.DataFrame:
    """Places near their capacity, the fullest first."""
    spots, full = base.world.bottlenecks, base.saturation
    whole = base.point.traffic + base.world.background
    slope = base.world.delays.slope(whole)
    rows = []
    for f in np.argsort(-np.nan_to_num(full), kind="stable").tolist():
        if not full[f] >= NEAR:
            break
        rows.append(
            {
                "kind": spots.place[f],
                "name": spots.name[f],
                "traffic_mt": float(whole[f]) / 1e6,
                "capacity_mt": float(spots.capacity[f]) / 1e6,
                "saturation": float(full[f]),
                "hours": float(spots.hours[f]),
                "hours_per_mt": float(slope[f]) * 1e6,
            }
        )
    columns = ["kind", "name", "traffic_mt", "capacity_mt", "saturation", "hours", "hours_per_mt"]
    return pd.DataFrame(rows, columns=columns)


def _places(base: Equilibrium, slopes: Gradient, drawn: Sequence[DrawnSlopes]) -> pd.DataFrame:
    return place_effects(base, slopes, [d.by_hour for d in drawn], kinds=STANDING)

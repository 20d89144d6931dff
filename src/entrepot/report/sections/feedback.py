"""Section: how trade and transport answer each other."""

from __future__ import annotations

from typing import Any

import pandas as pd
from markupsafe import Markup

from entrepot.answers.run import Run
from entrepot.report.charts.effects_map import effects_map, flow_map
from entrepot.report.charts.svg import number
from entrepot.report.ranges import ranged
from entrepot.report.tables import pair_of, value
from entrepot.report.templates import fill

SHOWN_CORRIDORS = 8
SHOWN_CUTS = 12


def answering_section(run: Run) -> str:
    """Flows by corridor on a map, what ten hours less at each border bring, where a day brings most."""
    if "border_cuts" not in run.manifest["tables"]:
        return ""
    cuts, places = run.table("border_cuts"), run.table("place_effects")
    outline, pair = run.table("land_outline"), pair_of(run)
    title = f"Goods between {pair} (colours) over all trade of the model (grey)"
    return fill(
        "feedback.html",
        pair=pair,
        names=run.manifest["pair_names"],
        coupled=run.options("places"),
        flow_map=flow_map(run.table("link_flows"), outline, title),
        flows=_flows(run.table("corridor_flows")),
        cuts=[_cut(r) for r in cuts.head(SHOWN_CUTS).to_dict("records")],
        unsolved=int((cuts["status"] != "converged").sum()),
        effects_map=effects_map(places, outline, f"trade of {pair}") if len(places) else "",
        places=[_place(r) for r in places.to_dict("records")],
        full=[_full(r) for r in run.table("bottlenecks").to_dict("records")],
    )


def _range(low: float, mid: float, high: float) -> str:
    return ranged(low, mid, high, 1 if abs(mid) >= 1 else 2)


def _flows(flows: pd.DataFrame) -> list[list[str]]:
    own = flows[flows["scope"] == "pair"].head(SHOWN_CORRIDORS)
    return [
        [
            r.name,
            value(
                f"corridor_flows/pair,{r.corridor_id}/mt",
                f"{ranged(1e3 * r.mt_p10, 1e3 * r.mt, 1e3 * r.mt_p90, 0)}\u00a0kt",
            ),
            value(
                f"corridor_flows/pair,{r.corridor_id}/share", f"{number(100 * r.share, 0)}\u00a0%"
            ),
        ]
        for r in own.itertuples(index=False)
    ]


def _cut(r: dict[str, Any]) -> dict[str, str]:
    """What fewer hours at one border bring."""
    key = f"border_cuts/{r['place']}"
    gain = _range(r["gain_musd_p10"], r["gain_musd"], r["gain_musd_p90"])
    return {
        "name": r["name"],
        "mode": r["mode"],
        "hours": value(f"{key}/hours", number(r["hours"], 1)),
        "cut": value(f"{key}/cut_hours", number(r["cut_hours"], 1)),
        "gain": value(f"{key}/gain_musd", gain),
        "naive": value(f"{key}/naive_musd", number(r["naive_musd"], 2)),
        "income_a": value(f"{key}/income_a_musd", number(r["income_a_musd"], 1)),
        "income_b": value(f"{key}/income_b_musd", number(r["income_b_musd"], 1)),
        "traffic": value(
            f"{key}/traffic_change_pct", f"{number(r['traffic_change_pct'], 1)}\u00a0%"
        ),
    }


def _place(r: dict[str, Any]) -> dict[str, str]:
    """What a day saved at one place brings."""
    key = f"place_effects/{r['objective']},{r['rank']}"
    day = _range(r["gain_per_day_p10"], r["gain_per_day"], r["gain_per_day_p90"])
    return {
        "rank": r["rank"],
        "name": r["name"],
        "kind": f"{r['kind']} {r['mode']}".strip(),
        "day": value(f"{key}/gain_per_day", day),
        "halved": value(f"{key}/gain_if_halved", number(r["gain_if_halved"], 2)),
        "dollar": value(f"{key}/gain_per_usd_per_t", number(r["gain_per_usd_per_t"], 2)),
        "naive": value(f"{key}/naive_per_day", number(r["naive_per_day"], 2)),
        "passes": value(f"{key}/traffic_share", f"{number(100 * r['traffic_share'], 0)}\u00a0%"),
    }


def _full(r: dict[str, Any]) -> dict[str, str]:
    """How much of a place's capacity is used."""

    def cell(column: str, shown: str) -> Markup:
        return value(f"bottlenecks/{r['kind']},{r['name']}/{column}", shown)

    return {
        "name": r["name"],
        "kind": r["kind"],
        "traffic": cell("traffic_mt", number(r["traffic_mt"], 1)),
        "capacity": cell("capacity_mt", number(r["capacity_mt"], 1)),
        "used": cell("saturation", f"{number(100 * r['saturation'], 0)}\u00a0%"),
        "slope": cell("hours_per_mt", number(r["hours_per_mt"], 2)),
    }

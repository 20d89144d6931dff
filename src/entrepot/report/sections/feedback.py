"""Section: how trade and transport answer each other."""

from __future__ import annotations

from typing import Any

import pandas as pd

from entrepot.answers.run import Run
from entrepot.report.charts.effects_map import effects_map, flow_map
from entrepot.report.charts.svg import esc, number
from entrepot.report.ranges import ranged
from entrepot.report.tables import details, table, value

SHOWN_CORRIDORS = 8
SHOWN_CUTS = 12


def answering_section(run: Run) -> str:
    """Flows by corridor on a map, what ten hours less at each border bring, where a day brings most."""
    if "border_cuts" not in run.manifest["tables"]:
        return ""
    cuts, places = run.table("border_cuts"), run.table("place_effects")
    flows, links = run.table("corridor_flows"), run.table("link_flows")
    return "".join(
        (
            _lead(run, cuts),
            _flows(run, flows, links),
            _cuts(run, cuts),
            _places(run, places),
            _full(run.table("bottlenecks")),
        )
    )


def _lead(run: Run, cuts: pd.DataFrame) -> str:
    pair = esc(" and ".join(run.manifest["pair_names"]))
    coupled = run.manifest["coupled"]
    text = (
        f"<p>A shorter wait brings trade, trade fills trains and queues, and queues cost time again. Here all of it is "
        f"solved together for every economy and commodity of the world: ways, waiting, trade, wages and prices, on the rules of "
        f"{esc(coupled['on'])} and with the trade of {pair} that the study starts from.</p>"
    )
    if len(cuts):
        best = cuts.iloc[0]
        text += (
            f"<p>The border where ten hours less would bring {pair} most is {esc(best['name'])} ({esc(best['mode'])}): "
            f"{_gain(best)} million USD a year. Each of these is small beside the target: a border is one of many costs, and "
            f"goods that gain at one border meet the next.</p>"
        )
    return text


def _gain(row: Any) -> str:
    return value(
        f"border_cuts/{row['place']}/gain_musd",
        _range(row["gain_musd_p10"], row["gain_musd"], row["gain_musd_p90"]),
    )


def _range(low: float, mid: float, high: float) -> str:
    return ranged(low, mid, high, 1 if abs(mid) >= 1 else 2)


def _flows(run: Run, flows: pd.DataFrame, links: pd.DataFrame) -> str:
    own = flows[flows["scope"] == "pair"].head(SHOWN_CORRIDORS)
    rows = [
        [
            esc(r.name),
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
    pair = " and ".join(run.manifest["pair_names"])
    told = table(
        ("corridor", "tonnes a year", "of the pair's tonnes"),
        rows,
        right=(1, 2),
        caption=f"Goods between {pair} by corridor: middle values (P10–P90 of the draws)",
    )
    title = f"Goods between {pair} (colours) over all trade of the model (grey)"
    drawn = flow_map(links, run.table("land_outline"), title)
    return (
        "<h3>Where the goods go</h3>"
        f"<figure>{drawn}<figcaption>Widths go with the square root of tonnes. Model flows at the baseline, not counts.</figcaption></figure>{told}"
    )


def _cuts(run: Run, cuts: pd.DataFrame) -> str:
    if not len(cuts):
        return "<p>No border carries a part of the pair's trade worth showing.</p>"
    names = run.manifest["pair_names"]
    rows = [_cut_row(r) for r in cuts.head(SHOWN_CUTS).to_dict("records")]
    heads = (
        "border", "hours", "taken away", "trade of the pair, million USD",
        "if nothing answered", f"income {names[0]}", f"income {names[1]}", "traffic",
    )  # fmt: skip
    told = table(
        heads,
        rows,
        right=tuple(range(1, 8)),
        caption="Up to ten hours less at one border, everything else as it is; million USD a year",
    )
    bad = cuts[cuts["status"] != "converged"]
    warning = (
        f"<p>{len(bad)} of these were not solved to the end and are as far as the solver came.</p>"
        if len(bad)
        else ""
    )
    return (
        "<h3>Ten hours less at each border</h3>"
        f"<p>Ranges are P10–P90 of {run.manifest['coupled']['draws']} draws of elasticities, values per tonne, speeds, rates, waits "
        "and habits. “If nothing answered” counts only the goods already on the way, with no rerouting, no queues and no change "
        "of wages and prices; where the full answer is smaller, others take the freed place or the next border binds.</p>"
        f"{told}{warning}"
    )


def _cut_row(r: dict[str, Any]) -> list[str]:
    key = f"border_cuts/{r['place']}"
    mode = f'<span class="tag">{esc(r["mode"])}</span>'
    return [
        f"{esc(r['name'])} {mode}",
        value(f"{key}/hours", number(r["hours"], 1)),
        value(f"{key}/cut_hours", number(r["cut_hours"], 1)),
        _gain(r),
        value(f"{key}/naive_musd", number(r["naive_musd"], 2)),
        value(f"{key}/income_a_musd", number(r["income_a_musd"], 1)),
        value(f"{key}/income_b_musd", number(r["income_b_musd"], 1)),
        value(f"{key}/traffic_change_pct", f"{number(r['traffic_change_pct'], 1)}\u00a0%"),
    ]


def _places(run: Run, places: pd.DataFrame) -> str:
    if not len(places):
        return ""
    pair = " and ".join(run.manifest["pair_names"])
    drawn = effects_map(places, run.table("land_outline"), f"trade of {pair}")
    rows = []
    for r in places.to_dict("records"):
        key = f"place_effects/{r['objective']},{r['rank']}"
        kind = f'<span class="tag">{esc((r["kind"] + " " + r["mode"]).strip())}</span>'
        rows.append(
            [
                str(r["rank"]),
                f"{esc(r['name'])} {kind}",
                value(
                    f"{key}/gain_per_day",
                    _range(r["gain_per_day_p10"], r["gain_per_day"], r["gain_per_day_p90"]),
                ),
                value(f"{key}/gain_if_halved", number(r["gain_if_halved"], 2)),
                value(f"{key}/gain_per_usd_per_t", number(r["gain_per_usd_per_t"], 2)),
                value(f"{key}/naive_per_day", number(r["naive_per_day"], 2)),
                value(f"{key}/traffic_share", f"{number(100 * r['traffic_share'], 0)}\u00a0%"),
            ]
        )
    told = table(
        (
            "", "place", "a day less", "half of its hours", "a dollar a tonne less",
            "a day, if nothing answered", "of the pair's trade passes",
        ),
        rows,
        right=(0, 2, 3, 4, 5, 6),
        caption="Trade gained, million USD a year: slopes of the coupled model (first order)",
    )  # fmt: skip
    return (
        "<h3>Where a day saved brings most</h3>"
        f"<figure>{drawn}<figcaption>Areas of circles go with the gain for a day saved on every passage.</figcaption></figure>"
        + details("The places as a table", told, printed=True)
    )


def _full(full: pd.DataFrame) -> str:
    if not len(full):
        return ""
    rows = [
        [
            f'{esc(r["name"])} <span class="tag">{esc(r["kind"])}</span>',
            value(f"bottlenecks/{r['kind']},{r['name']}/traffic_mt", number(r["traffic_mt"], 1)),
            value(f"bottlenecks/{r['kind']},{r['name']}/capacity_mt", number(r["capacity_mt"], 1)),
            value(
                f"bottlenecks/{r['kind']},{r['name']}/saturation",
                f"{number(100 * r['saturation'], 0)}\u00a0%",
            ),
            value(
                f"bottlenecks/{r['kind']},{r['name']}/hours_per_mt", number(r["hours_per_mt"], 2)
            ),
        ]
        for r in full.to_dict("records")
    ]
    told = table(
        ("place", "traffic, Mt a year", "capacity, Mt", "used", "hours for a Mt more"),
        rows,
        right=(1, 2, 3, 4),
        caption="Places of the model near or beyond the capacity of the facts",
    )
    return details("Places near their capacity", told) + (
        '<p class="soft">Where the model sends more than a place can take, its waiting is continued with the slope it has '
        "near its capacity; such loads are errors of the model's choice of ways, and the calibration page shows how large.</p>"
    )

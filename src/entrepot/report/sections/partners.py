"""Section: who else gains, who loses, and which goods."""

from __future__ import annotations

from typing import Any

import pandas as pd

from entrepot.answers.run import Run
from entrepot.report.charts.range_bars import range_bars
from entrepot.report.charts.svg import esc, number
from entrepot.report.ranges import counted, leaders, ranged
from entrepot.report.tables import span, table, value, words

NAMED = 6
TRUCK = "truck"
# Commodities of the facts that need a controlled temperature.
COLD = ("perishables", "pharma")


def partners_section(run: Run) -> str:
    """Real income and exports of others if all promises are kept, and the pair's goods."""
    if "partner_effects" not in run.manifest["tables"]:
        return ""
    partners = run.table("partner_effects")
    return _others(run, partners) + _goods(run) + _cold(run)


def verdict(row: Any) -> str:
    """gains, loses or cannot be told, by whether P10 and P90 lie on one side of zero."""
    if row["income_musd_p10"] > 0:
        return "gains"
    return "loses" if row["income_musd_p90"] < 0 else "cannot be told"


def _income(r: Any) -> str:
    shown = ranged(r["income_musd_p10"], r["income_musd_p50"], r["income_musd_p90"])
    return value(f"partner_effects/{r['zone_id']}/income_musd_p50", shown)


def _others(run: Run, partners: pd.DataFrame) -> str:
    own = set(run.manifest["pair"])
    ranked = partners.sort_values("income_musd_p50", ascending=False, kind="stable")
    pair = ranked[ranked["zone_id"].isin(own)].to_dict("records")
    others = ranked[~ranked["zone_id"].isin(own)].reset_index(drop=True)
    both = words([f"{esc(r['name'])} {_income(r)}" for r in pair])
    text = (
        f"<p>If all promises are kept, real income changes by million USD a year: {both}. {_told(others)} Promises act on borders, "
        "railways, ports and duties that others use too, so this counts all trade that passes there, not only the pair's.</p>"
    )
    bars = ""
    if len(others):
        rows = [
            (r.name, r.income_musd_p10, r.income_musd_p50, r.income_musd_p90)
            for r in others.itertuples(index=False)
        ]
        chart = range_bars(
            rows, "million USD a year", "Real income of others if all promises are kept"
        )
        bars = (
            f"<figure>{chart}<figcaption>Real income of others, all promises of the pair kept: P50 with P10–P90. "
            "A line that crosses zero: the sign cannot be told.</figcaption></figure>"
        )
    draws = int(run.table("target_paths")["draws"].max())
    cells = []
    for r in [*pair, *others.to_dict("records")]:
        key = f"partner_effects/{r['zone_id']}"
        sold = ranged(r["exports_musd_p10"], r["exports_musd_p50"], r["exports_musd_p90"])
        cells.append(
            [
                esc(r["name"]),
                _income(r),
                value(f"{key}/income_pct_gdp", f"{_tiny(r['income_pct_gdp'])}\u00a0%"),
                value(f"{key}/exports_musd_p50", sold),
                value(f"{key}/gaining", counted(r["gaining"], draws)),
                verdict(r),
            ]
        )
    told = table(
        ("economy", "real income, million USD", "of its GDP", "all its exports, million USD",
         "gains in", "so"),
        cells,
        right=(1, 2, 3, 4),
        caption="All promises kept against none kept, a year in the long run: P50 (P10–P90). The two of the pair first",
    )  # fmt: skip
    return f"{text}{bars}{told}"


def _tiny(shown: float) -> str:
    """A number near zero with a digit that says something."""
    return number(shown, 2 if abs(shown) >= 0.1 else 3 if abs(shown) >= 0.001 else 5)


def _told(others: pd.DataFrame) -> str:
    """Who gains, loses, and of whom it cannot be told; ties with the first."""
    if not len(others):
        return "No other economy is looked at."
    rows = others.to_dict("records")
    by = {
        v: [esc(r["name"]) for r in rows if verdict(r) == v]
        for v in ("gains", "loses", "cannot be told")
    }
    out = []
    if by["gains"]:
        out.append(f"Of others, {words(by['gains'], NAMED)} gain.")
    if len(by["gains"]) and verdict(rows[0]) == "gains":
        lead = leaders(others["zone_id"].tolist(), others["tied_to"].tolist())
        tied = [esc(r["name"]) for k, r in enumerate(rows) if k and lead[k] == 0]
        first = f"{esc(rows[0]['name'])} gains most ({_income(rows[0])})"
        out.append(
            f"{first}, but ties with {words(tied, NAMED)}."
            if tied
            else f"{first}, and no other more in over a tenth of the draws."
        )
    out.append(f"{words(by['loses'], NAMED)} lose." if by["loses"] else "Nobody loses for sure.")
    if by["cannot be told"]:
        out.append(f"For {words(by['cannot be told'], NAMED)} even the sign cannot be told.")
    return " ".join(out)


def _goods(run: Run) -> str:
    if "sector_effects" not in run.manifest["tables"]:
        return ""
    goods = run.table("sector_effects")
    if not len(goods):
        return ""
    names = dict(zip(run.manifest["pair"], run.manifest["pair_names"], strict=True))
    draws = int(run.table("target_paths")["draws"].max())
    out = ["<h3>Which goods</h3>"]
    heads = (
        "good", "no promise kept, million USD", "gain if all are kept", "gain, %", "days on the way",
    )  # fmt: skip
    for (seller, buyer), group in goods.groupby(["exporter", "importer"], sort=False):
        group = group.sort_values("gain_musd_p50", ascending=False, kind="stable")
        way = f"{names.get(seller, seller)} to {names.get(buyer, buyer)}"
        rows = [_good(r) for r in group.to_dict("records")]
        out.append(_most(group, way, draws))
        out.append(
            table(
                heads,
                rows,
                right=(1, 2, 3, 4),
                caption=f"{way}: goods that make up most of the trade or of the gain; P50 (P10–P90). Days are those of the rules of "
                f"{run.manifest['trade']['on']}",
            )
        )
    out.append(
        "<p class='soft'>Goods that the two do not trade today stay at zero in the model, so a new good cannot show up here. "
        "A low end near zero means that in some draws a setback, such as a ban, takes the whole gain.</p>"
    )
    return "".join(out)


def _good(r: dict[str, Any]) -> list[str]:
    key = f"sector_effects/{r['exporter']},{r['importer']},{r['sector']}"
    gain = ranged(r["gain_musd_p10"], r["gain_musd_p50"], r["gain_musd_p90"])
    return [
        esc(r["name"]),
        value(f"{key}/before_musd", number(r["before_musd"])),
        value(f"{key}/gain_musd_p50", gain),
        value(f"{key}/gain_pct", f"{number(r['gain_pct'], 0)}\u00a0%")
        if r["gain_pct"] == r["gain_pct"]
        else "",
        value(f"{key}/days", number(r["days"], 1))
        if r["days"] == r["days"]
        else '<span class="dim">no way is open</span>',
    ]


def _good_name(r: Any) -> str:
    """The name of a good inside a sentence; names are lists themselves."""
    return f"“{esc(str(r['name']).partition(' (')[0])}”"


def _most(group: pd.DataFrame, way: str, draws: int) -> str:
    """The good that gains most, and in how many draws it does."""
    top = group.iloc[0].to_dict()
    key = f"sector_effects/{top['exporter']},{top['importer']},{top['sector']}"
    gain = value(
        f"{key}/gain_musd_p50",
        ranged(top["gain_musd_p10"], top["gain_musd_p50"], top["gain_musd_p90"]),
    )
    often = value(f"{key}/largest", counted(float(top["largest"]), draws))
    return f"<p>From {esc(way)}, most is gained in {_good_name(top)}: {gain} million USD. It gains most of all goods in {often}.</p>"


def _cold(run: Run) -> str:
    """Goods that go by truck only: how many days, and what the facts do not hold."""
    if "queries" not in run.manifest["tables"]:
        return ""
    queries, routes = run.table("queries"), run.table("routes")
    own = queries[(queries["unit"] == TRUCK) & queries["commodity"].isin(COLD)]
    if not len(own):
        return ""
    items = []
    for q in own.itertuples(index=False):
        if q.status != "found":
            items.append(f"<li>{esc(q.title)}: {esc(q.message)}</li>")
            continue
        mine = routes[routes["query_id"] == q.query_id]
        best, fast = mine.iloc[0], mine.loc[mine["days_p50"].idxmin()]
        text = (
            f"<li>{esc(q.title)} (rules of {esc(q.on)}): {_days(best)} days by {esc(best['name'])}"
        )
        if fast["route_id"] != best["route_id"]:
            text += f"; fastest {_days(fast)} by {esc(fast['name'])}"
        items.append(text + ".</li>")
    return (
        "<h3>Goods that go by truck only: food that spoils, medicines</h3>"
        f"<ul>{''.join(items)}</ul><p>A day costs such goods more than others, and that is in the model. The facts do not hold "
        "how many refrigerated trucks and boxes there are, where they can be plugged in, what temperature is kept in a queue, "
        "how long inspections of food and medicines take, or what is lost on the way: a way shown here may be fit for dry goods "
        "only.</p>"
    )


def _days(route: pd.Series[Any]) -> str:
    shown = span(route["days_p10"], route["days_p50"], route["days_p90"], 0)
    return value(f"routes/{route['route_id']}/days_p50", shown)

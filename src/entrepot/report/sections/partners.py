"""Section: who else gains, who loses, and which goods."""

from __future__ import annotations

from typing import Any

import pandas as pd
from markupsafe import Markup

from entrepot.answers.run import Run
from entrepot.report.charts.range_bars import range_bars
from entrepot.report.charts.svg import number
from entrepot.report.ranges import counted, leaders, ranged
from entrepot.report.sections.barrier_tables import direction
from entrepot.report.tables import span, value
from entrepot.report.templates import fill

NAMED = 6
TRUCK = "truck"
# Commodities of the facts that need a controlled temperature.
COLD = ("perishables", "pharma")


def partners_section(run: Run) -> str:
    """Real income and exports of others if all promises are kept, and the pair's goods."""
    if "partner_effects" not in run.manifest["tables"]:
        return ""
    partners = run.table("partner_effects")
    own = set(run.manifest["pair"])
    ranked = partners.sort_values("income_musd_p50", ascending=False, kind="stable")
    pair = ranked[ranked["zone_id"].isin(own)].to_dict("records")
    others = ranked[~ranked["zone_id"].isin(own)].to_dict("records")
    draws = int(run.table("target_paths")["draws"].max())
    return fill(
        "partners.html",
        both=[r["name"] + " " + _income(r) for r in pair],
        others=others,
        most_named=NAMED,
        chart=_chart(others),
        rows=[_row(r, draws) for r in [*pair, *others]],
        directions=_directions(run, draws),
        on=run.options("between")["on"],
        cold=_cold(run),
        **_told(others),
    )


def verdict(row: Any) -> str:
    """gains, loses or cannot be told, by whether P10 and P90 lie on one side of zero."""
    if row["income_musd_p10"] > 0:
        return "gains"
    return "loses" if row["income_musd_p90"] < 0 else "cannot be told"


def _income(r: Any) -> Markup:
    shown = ranged(r["income_musd_p10"], r["income_musd_p50"], r["income_musd_p90"])
    return value(f"partner_effects/{r['zone_id']}/income_musd_p50", shown)


def _chart(others: list[dict[str, Any]]) -> str:
    if not others:
        return ""
    columns = ("name", "income_musd_p10", "income_musd_p50", "income_musd_p90")
    return range_bars(
        [(r[columns[0]], r[columns[1]], r[columns[2]], r[columns[3]]) for r in others],
        "million USD a year",
        "Real income of others if all promises are kept",
    )


def _row(r: dict[str, Any], draws: int) -> list[str]:
    """Income, exports and how often one economy gains."""
    key = f"partner_effects/{r['zone_id']}"
    sold = ranged(r["exports_musd_p10"], r["exports_musd_p50"], r["exports_musd_p90"])
    return [
        r["name"],
        _income(r),
        value(f"{key}/income_pct_gdp", f"{_tiny(r['income_pct_gdp'])}\u00a0%"),
        value(f"{key}/exports_musd_p50", sold),
        value(f"{key}/gaining", counted(r["gaining"], draws)),
        verdict(r),
    ]


def _tiny(shown: float) -> str:
    """A number near zero with a digit that says something."""
    return number(shown, 2 if abs(shown) >= 0.1 else 3 if abs(shown) >= 0.001 else 5)


def _told(others: list[dict[str, Any]]) -> dict[str, object]:
    """Who gains, loses, and of whom it cannot be told; ties with the first."""
    by: dict[str, list[str]] = {"gains": [], "loses": [], "cannot be told": []}
    for r in others:
        by[verdict(r)].append(r["name"])
    told: dict[str, object] = {
        "gains": by["gains"],
        "loses": by["loses"],
        "unknown": by["cannot be told"],
        "first": None,
    }
    if not others or verdict(others[0]) != "gains":
        return told
    lead = leaders([r["zone_id"] for r in others], [r["tied_to"] for r in others])
    return told | {
        "first": others[0]["name"],
        "first_income": _income(others[0]),
        "tied": [r["name"] for k, r in enumerate(others) if k and lead[k] == 0],
    }


def _directions(run: Run, draws: int) -> list[dict[str, object]]:
    """The goods of each direction, those that gain most first."""
    if "sector_effects" not in run.manifest["tables"]:
        return []
    goods = run.table("sector_effects")
    names = dict(zip(run.manifest["pair"], run.manifest["pair_names"], strict=True))
    ranked = goods.sort_values("gain_musd_p50", ascending=False, kind="stable")
    out: list[dict[str, object]] = []
    for (seller, buyer), _ in goods.groupby(["exporter", "importer"], sort=False):
        own = ranked[(ranked["exporter"] == seller) & (ranked["importer"] == buyer)]
        rows = [_good(r, draws) for r in own.to_dict("records")]
        out.append({"name": direction(names, seller, buyer), "goods": rows, "most": rows[0]})
    return out


def _good(r: dict[str, Any], draws: int) -> dict[str, Any]:
    """What a good gains; its name in a sentence leaves out the list in brackets."""
    key = f"sector_effects/{r['exporter']},{r['importer']},{r['sector']}"
    gain = ranged(r["gain_musd_p10"], r["gain_musd_p50"], r["gain_musd_p90"])
    known = r["gain_pct"] == r["gain_pct"]
    return {
        "name": r["name"],
        "short": str(r["name"]).partition(" (")[0],
        "before": value(f"{key}/before_musd", number(r["before_musd"])),
        "gain": value(f"{key}/gain_musd_p50", gain),
        "gain_pct": value(f"{key}/gain_pct", f"{number(r['gain_pct'], 0)}\u00a0%") if known else "",
        "days": value(f"{key}/days", number(r["days"], 1)) if r["days"] == r["days"] else None,
        "largest": value(f"{key}/largest", counted(float(r["largest"]), draws)),
    }


def _cold(run: Run) -> list[dict[str, Any]]:
    """Goods that go by truck only, and how many days they take."""
    queries, routes = run.rows("queries"), run.rows("routes")
    own = queries[(queries["unit"] == TRUCK) & queries["commodity"].isin(COLD)]
    items = []
    for q in own.to_dict("records"):
        item = {c: q[c] for c in ("title", "message", "on")} | {"best": None, "fastest": None}
        if q["status"] == "found":
            mine = routes[routes["query_id"] == q["query_id"]]
            best, fast = mine.iloc[0], mine.loc[mine["days_p50"].idxmin()]
            item |= {"best": best["name"], "days": _days(best)}
            if fast["route_id"] != best["route_id"]:
                item |= {"fastest": fast["name"], "fastest_days": _days(fast)}
        items.append(item)
    return items


def _days(route: pd.Series[Any]) -> Markup:
    shown = span(route["days_p10"], route["days_p50"], route["days_p90"], 0)
    return value(f"routes/{route['route_id']}/days_p50", shown)

"""Section: what each promise does."""

from __future__ import annotations

from typing import Any

import pandas as pd
from markupsafe import Markup

from entrepot.answers.run import Run
from entrepot.report.charts.range_bars import range_bars
from entrepot.report.charts.svg import number
from entrepot.report.ranges import leaders, month, percent, ranged, round_money
from entrepot.report.tables import pair_of, value
from entrepot.report.templates import fill

SETBACKS = "setbacks"
THEMES = {
    "tariff": "duties and tariffs",
    "payment": "payment",
    "infrastructure": "railways, roads, ports",
    "border": "borders and customs",
    "transport": "transport services",
    "people": "visas for people",
    "other": "other",
    SETBACKS: "setback",
}
SHOWN = 10
NEARLY_SURE = 0.9
NAMED = 5


def promises_section(run: Run) -> str:
    """What all promises bring together, by kind, each alone, and those without an effect."""
    if "measure_effects" not in run.manifest["tables"]:
        return ""
    effects = run.table("measure_effects")
    good = effects[effects["modelled"] & effects["gain_musd"].notna()]
    kept = good[good["theme"] != SETBACKS].reset_index(drop=True)
    against = good[good["theme"] == SETBACKS].sort_values("gain_musd", kind="stable")
    kinds = run.table("attribution")
    kinds = kinds[kinds["gain_musd"].notna()]
    return fill(
        "promises.html",
        pair=pair_of(run),
        measures=len(effects),
        start=start_of(run.table("target_needs").set_index("figure")),
        whole=all_kept(run),
        kind=first_kind(run),
        kinds=[_kind(r) for r in kinds.to_dict("records")],
        kinds_chart=_kinds_chart(kinds),
        kept=_ranked(kept),
        setbacks=[_measure(r, k, k) for k, r in enumerate(against.to_dict("records"))],
        without=[
            {"title": r.title, "theme": THEMES.get(r.theme, r.theme), "why_not": r.why_not}
            for r in effects[~effects["modelled"]].itertuples(index=False)
        ],
        draws=int(kept["draws"].max()) if len(kept) else 0,
        most_shown=SHOWN,
        most_named=NAMED,
        **_largest(kept, run),
    )


def start_of(needs: pd.DataFrame) -> Markup:
    """Trade at the start; needs: table target_needs by figure."""
    return value("target_needs/start/p50", round_money(float(needs.at["start", "p50"])))


def all_kept(run: Run) -> dict[str, Markup]:
    """Trade with all promises kept in the long run, at middle, low and high sizes."""
    needs = run.table("target_needs").set_index("figure")
    mid, low, high = (float(needs.at[f"all_{s}", "p50"]) for s in ("mid", "low", "high"))
    return {
        "mid": value("target_needs/all_mid/p50", round_money(mid)),
        "low": value("target_needs/all_low/p50", number(low, 0)),
        "high": value("target_needs/all_high/p50", number(high, 0)),
    }


def first_kind(run: Run) -> dict[str, str] | None:
    """The kind that brings most, with its share and gain; None where no kind brings anything."""
    kinds = run.table("attribution")
    if not len(kinds) or not kinds.iloc[0]["gain_musd"] > 0:
        return None
    top = kinds.iloc[0]
    key = f"attribution/{top['theme']}"
    return {
        "theme": THEMES.get(top["theme"], top["theme"]),
        "gain": value(f"{key}/gain_musd", _gain(top)),
        "share": value(f"{key}/share", percent(top["share"])),
    }


def _gain(row: Any) -> str:
    return ranged(row["gain_musd_p10"], row["gain_musd"], row["gain_musd_p90"])


def _largest(kept: pd.DataFrame, run: Run) -> dict[str, object]:
    """The largest promise, whether it is in force by its date and odds, and what ties with it."""
    if not len(kept) or not kept.iloc[0]["gain_musd"] > 0:
        return {"largest": None}
    top = kept.iloc[0].to_dict()
    today = str(run.manifest["world"]["default_date"])
    now = int(today[:4]) + (int(today[5:7]) - 0.5) / 12
    key = f"measure_effects/{top['measure_id']}"
    lead = leaders(kept["measure_id"].tolist(), kept["tied_to"].tolist())
    titles = kept["title"].tolist()
    return {
        "largest": _measure(top, 0, 0),
        "in_force": top["probability"] >= NEARLY_SURE and top["due"] < now,
        "largest_chance": value(f"{key}/probability", percent(top["probability"])),
        "tied_to_first": [t for k, t in enumerate(titles) if k and lead[k] == 0],
        "second": titles[1] if len(titles) > 2 else None,
        "tied_to_second": [t for k, t in enumerate(titles) if k > 1 and lead[k] == 1],
    }


def _kinds_chart(kinds: pd.DataFrame) -> str:
    if not len(kinds):
        return ""
    return range_bars(
        [
            (THEMES.get(r.theme, r.theme), r.gain_musd_p10, r.gain_musd, r.gain_musd_p90)
            for r in kinds.itertuples(index=False)
        ],
        "million USD a year",
        "What each kind of promise brings to the pair's trade",
    )


def _kind(r: dict[str, Any]) -> list[object]:
    """What one kind of promise brings."""
    key = f"attribution/{r['theme']}"
    return [
        THEMES.get(r["theme"], r["theme"]),
        len(r["measures"]),
        value(f"{key}/gain_musd", _gain(r)),
        value(f"{key}/share", percent(r["share"])),
        value(f"{key}/alone_musd", number(r["alone_musd"])),
        value(f"{key}/last_musd", number(r["last_musd"])),
    ]


def _ranked(kept: pd.DataFrame) -> list[dict[str, object]]:
    """Promises by rank, each with the one it ties with."""
    lead = leaders(kept["measure_id"].tolist(), kept["tied_to"].tolist())
    return [_measure(r, k, lead[k]) for k, r in enumerate(kept.to_dict("records"))]


def _measure(r: dict[str, Any], k: int, lead: int) -> dict[str, object]:
    """What one promise or setback does; what is not known is None."""
    key = f"measure_effects/{r['measure_id']}"
    late = r["delay_p50"] == r["delay_p50"] and r["delay_p50"] > 0
    return {
        "rank": k + 1,
        "title": r["title"],
        "theme": THEMES.get(r["theme"], r["theme"]),
        "tied_to_rank": lead + 1 if lead != k else 0,
        "unsolved": "" if r["status"] in ("", "converged") else r["status"],
        "sizes": _sizes(r, key),
        "gain": value(f"{key}/gain_musd", _gain(r)),
        "gain_pct": value(f"{key}/gain_pct", f"{number(r['gain_pct'], 1)}\u00a0%"),
        "chance": _chance(r, key),
        "due": value(f"{key}/due", month(r["due"])) if r["due"] == r["due"] else None,
        "late": value(f"{key}/delay_p50", number(r["delay_p50"], 1)) if late else None,
        "expected": value(f"{key}/expected_musd", number(r["expected_musd"]))
        if r["expected_musd"] == r["expected_musd"]
        else None,
        "value_kind": r["value_kind"],
    }


def _chance(r: dict[str, Any], key: str) -> Markup | None:
    low, mid, high = (r["probability_low"], r["probability"], r["probability_high"])
    if mid != mid:
        return None
    shown = f"{number(100 * mid, 0)} ({number(100 * low, 0)}–{number(100 * high, 0)})\u00a0%"
    return value(f"{key}/probability", shown)


def _sizes(r: dict[str, Any], key: str) -> list[Markup]:
    """The effect at each size where it changes its sign with its size."""
    columns = ("gain_musd_low", "gain_musd", "gain_musd_high")
    if min(r[c] for c in columns) >= 0 or max(r[c] for c in columns) <= 0:
        return []
    return [value(f"{key}/{c}", number(r[c], 1)) for c in columns]

"""Section: what each promise does."""

from __future__ import annotations

from typing import Any

import pandas as pd

from entrepot.answers.run import Run
from entrepot.report.charts.range_bars import range_bars
from entrepot.report.charts.svg import esc, number
from entrepot.report.ranges import leaders, month, percent, plural, ranged, round_money
from entrepot.report.tables import details, table, value, words

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
    return "".join(
        (
            _lead(run, kept, len(effects)),
            _kinds(run),
            _measures(kept, run),
            _setbacks(good[good["theme"] == SETBACKS], run),
            _without(effects[~effects["modelled"]]),
        )
    )


def all_kept(run: Run) -> str:
    """Trade with all promises kept in the long run, at middle, low and high sizes."""
    needs = run.table("target_needs").set_index("figure")
    key = "target_needs/{}/p50"
    mid, low, high = (float(needs.at[f"all_{s}", "p50"]) for s in ("mid", "low", "high"))
    return (
        f"{value(key.format('all_mid'), round_money(mid))} USD a year "
        f"({value(key.format('all_low'), number(low, 0))} if every one of them turns out small, "
        f"{value(key.format('all_high'), number(high, 0))} if every one turns out large)"
    )


def first_kind(run: Run) -> str:
    """The kind that brings most, with its share and gain."""
    kinds = run.table("attribution")
    if not len(kinds) or not kinds.iloc[0]["gain_musd"] > 0:
        return "nothing that the model knows"
    top = kinds.iloc[0]
    key = f"attribution/{top['theme']}"
    gain = value(f"{key}/gain_musd", _gain(top))
    share = value(f"{key}/share", percent(top["share"]))
    return f"{esc(THEMES.get(top['theme'], top['theme']))}: {gain} million, {share} of it"


def _gain(row: Any) -> str:
    return ranged(row["gain_musd_p10"], row["gain_musd"], row["gain_musd_p90"])


def _lead(run: Run, kept: pd.DataFrame, n: int) -> str:
    pair = esc(" and ".join(run.manifest["pair_names"]))
    needs = run.table("target_needs").set_index("figure")
    begin = value("target_needs/start/p50", round_money(float(needs.at["start", "p50"])))
    text = (
        f"<p>The dossier of this study holds {plural(n, 'measure')}, promises and setbacks, for {pair}; of the promises {len(kept)} "
        "change a cost that the model knows. If all of these were kept in full and trade had years to adjust, the pair's trade would go from "
        f"{begin} to {all_kept(run)}. Most would come from {first_kind(run)}.</p>"
    )
    if not len(kept) or not kept.iloc[0]["gain_musd"] > 0:
        return text
    return text + f"<p>{_due(kept.iloc[0], run)}{_first(kept)}</p>"


def _due(top: Any, run: Run) -> str:
    """Whether the largest promise has been kept already, by its date and its odds."""
    today = str(run.manifest["world"]["default_date"])
    now = int(today[:4]) + (int(today[5:7]) - 0.5) / 12
    name = f"<strong>{esc(top['title'])}</strong>"
    key = f"measure_effects/{top['measure_id']}"
    gain = value(f"{key}/gain_musd", _gain(top))
    text = f"The largest single promise is {name}: {gain} million USD a year. "
    if top["probability"] >= NEARLY_SURE and top["due"] < now:
        chance = value(f"{key}/probability", percent(top["probability"]))
        since = value(f"{key}/due", month(top["due"]))
        text += (
            f"Its date, {since}, has passed and it is held to be in force ({chance}), so its effect is on its way already "
            "and not news to come. "
        )
    return text


def _first(kept: pd.DataFrame) -> str:
    """Which promises cannot be told apart from the first, and from the one after."""
    lead = leaders(kept["measure_id"].tolist(), kept["tied_to"].tolist())
    tied = [str(kept.at[k, "title"]) for k in range(1, len(kept)) if lead[k] == 0]
    if tied:
        names = words([esc(t) for t in tied], NAMED)
        return f"It cannot be told apart from {names}: these are ties."
    text = "No other promise brings more than it in over a tenth of the draws. "
    if len(kept) < 3:
        return text
    after = [k for k in range(2, len(kept)) if lead[k] == 1]
    second = esc(kept.at[1, "title"])
    if after:
        names = words([esc(kept.at[k, "title"]) for k in after], NAMED)
        return text + f"The second, {second}, cannot be told apart from {names}; these are ties."
    return text + f"The second, {second}, stands apart from the rest too."


def _kinds(run: Run) -> str:
    kinds = run.table("attribution")
    shown = kinds[kinds["gain_musd"].notna()]
    if not len(shown):
        return ""
    bars = range_bars(
        [
            (
                THEMES.get(r.theme, r.theme),
                r.gain_musd_p10,
                r.gain_musd,
                r.gain_musd_p90,
            )
            for r in shown.itertuples(index=False)
        ],
        "million USD a year",
        "What each kind of promise brings to the pair's trade",
    )
    rows = []
    for r in shown.to_dict("records"):
        key = f"attribution/{r['theme']}"
        rows.append(
            [
                esc(THEMES.get(r["theme"], r["theme"])),
                str(len(r["measures"])),
                value(f"{key}/gain_musd", _gain(r)),
                value(f"{key}/share", percent(r["share"])),
                value(f"{key}/alone_musd", number(r["alone_musd"])),
                value(f"{key}/last_musd", number(r["last_musd"])),
            ]
        )
    told = table(
        ("kind", "promises", "gain, million USD", "of the whole", "if only this kind were kept",
         "lost if only this kind failed"),
        rows,
        right=(1, 2, 3, 4, 5),
        caption="Gain of the pair's trade by kind, million USD a year in the long run: P50 (P10–P90)",
    )  # fmt: skip
    return (
        f"<h3>By kind</h3><figure>{bars}<figcaption>Bars end at P50; the thin line runs from P10 to P90.</figcaption></figure>"
        f"{told}<p class='soft'>Promises help each other: lower duties are worth more where payment works. The gain of a kind "
        "is its mean over all orders in which the kinds could come (Shapley value), so the kinds add up to the whole. In "
        "each draw a kind moves with what its own promises are worth there, and the kinds still add up; ends of ranges do "
        "not.</p>"
    )


HEADS = (
    "", "promise", "gain, million USD", "of trade at the start", "how likely", "due, usual delay",
    "likely gain", "size known by",
)  # fmt: skip


def _measures(kept: pd.DataFrame, run: Run) -> str:
    if not len(kept):
        return ""
    lead = leaders(kept["measure_id"].tolist(), kept["tied_to"].tolist())
    rows = [_row(r, k, lead[k]) for k, r in enumerate(kept.to_dict("records"))]
    caption = (
        "Each promise alone, in the long run, largest first: middle (P10–P90). Promises marked as a tie cannot be told apart "
        "from the one named. How likely: that it comes at all, middle (low–high). Likely gain: gain times how likely"
    )
    first = table(HEADS, rows[:SHOWN], right=(0, 2, 3, 4, 5, 6), caption=caption)
    rest = rows[SHOWN:]
    more = (
        details(
            f"{plural(len(rest), 'more promise')} with a smaller effect",
            table(HEADS, rest, right=(0, 2, 3, 4, 5, 6), caption="Promises with a smaller effect"),
            printed=True,
        )
        if rest
        else ""
    )
    draws = int(kept["draws"].max())
    return (
        f"<h3>Each promise alone</h3>{first}{more}<p class='soft'>Ranges hold what is not known about the size of the promise "
        f"and about the world, over {draws} draws; the middle is solved exactly. How likely comes from what became of promises "
        "of the same class, or from a judgement that says so.</p>"
    )


def _row(r: dict[str, Any], k: int, lead: int) -> list[str]:
    key = f"measure_effects/{r['measure_id']}"
    tie = f'<span class="tag">tie with {lead + 1}</span>' if lead != k else ""
    theme = esc(THEMES.get(r["theme"], r["theme"]))
    known = esc(r["value_kind"])
    name = (
        f'<strong>{esc(r["title"])}</strong><br><span class="tag">{theme}</span>{tie}'
        f"{_unsolved(r)}{_either_way(r)}"
    )
    return [
        str(k + 1),
        name,
        value(f"{key}/gain_musd", _gain(r)),
        value(f"{key}/gain_pct", f"{number(r['gain_pct'], 1)}\u00a0%"),
        _chance(r, key),
        _when(r, key),
        value(f"{key}/expected_musd", number(r["expected_musd"]))
        if r["expected_musd"] == r["expected_musd"]
        else '<span class="dim">not known</span>',
        f'<span class="tag">{known}</span>',
    ]


def _chance(r: dict[str, Any], key: str) -> str:
    low, mid, high = (r["probability_low"], r["probability"], r["probability_high"])
    if mid != mid:
        return '<span class="dim">not known</span>'
    shown = f"{number(100 * mid, 0)} ({number(100 * low, 0)}–{number(100 * high, 0)})\u00a0%"
    return value(f"{key}/probability", shown)


def _when(r: dict[str, Any], key: str) -> str:
    if r["due"] != r["due"]:
        return '<span class="dim">not known</span>'
    due = value(f"{key}/due", month(r["due"]))
    if r["delay_p50"] != r["delay_p50"] or r["delay_p50"] <= 0:
        return due
    return f"{due}, {value(f'{key}/delay_p50', number(r['delay_p50'], 1))} years late"


def _unsolved(r: dict[str, Any]) -> str:
    bad = r["status"] not in ("", "converged")
    return f'<br><span class="tag">not solved to the end: {esc(r["status"])}</span>' if bad else ""


def _either_way(r: dict[str, Any]) -> str:
    """A mark where the effect changes its sign with its size."""
    sizes = [r["gain_musd_low"], r["gain_musd"], r["gain_musd_high"]]
    if min(sizes) >= 0 or max(sizes) <= 0:
        return ""
    key = f"measure_effects/{r['measure_id']}"
    shown = ", ".join(
        value(f"{key}/{c}", number(r[c], 1))
        for c in ("gain_musd_low", "gain_musd", "gain_musd_high")
    )
    return f'<br><span class="tag">may go either way</span><small>small, middle, large size: {shown}</small>'


def _setbacks(found: pd.DataFrame, run: Run) -> str:
    if not len(found):
        return ""
    found = found.sort_values("gain_musd", kind="stable").reset_index(drop=True)
    rows = [_row(r, k, k) for k, r in enumerate(found.to_dict("records"))]
    heads = ("", "setback", "trade, million USD", *HEADS[3:6], "likely change", HEADS[7])
    told = table(
        heads,
        rows,
        right=(0, 2, 3, 4, 5, 6),
        caption="What works against the promises: each alone, middle (P10–P90) in the long run",
    )
    return (
        "<h3>What works against them</h3><p>These are no promises; they are what may stand in the way, and they count in every "
        f"outlook of the next section as often as they are likely.</p>{told}"
    )


def _without(found: pd.DataFrame) -> str:
    if not len(found):
        return ""
    rows = [
        [
            esc(r.title),
            f'<span class="tag">{esc(THEMES.get(r.theme, r.theme))}</span>',
            esc(r.why_not),
        ]
        for r in found.itertuples(index=False)
    ]
    told = table(("promise", "kind", "why"), rows, caption="No effect here is not no worth")
    return details(f"{plural(len(found), 'promise')} without an effect in the model, and why", told)

"""Section: is the target plausible, and when?"""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from entrepot.answers.run import Run
from entrepot.report.charts.fan import OUTLOOKS, fan_chart
from entrepot.report.charts.svg import esc, number
from entrepot.report.ranges import (
    at_most,
    counted,
    musd,
    odds,
    percent,
    ranged,
    round_money,
)
from entrepot.report.tables import table, value, words

SHOWN_DRIVERS = 8
NAMED = 3
# Draws by arithmetic stand for solved ones where they tell at least this part of their spread.
LEAST_FOLLOWED = 0.5
# A source of doubt is named where chance makes any of all sources look like it less often than this, and
# where it makes up so much of the spread.
SURE, LARGE = 0.05, 0.05


def target_heading(run: Run) -> str:
    """The question of the section; without a target it is another one."""
    aimed = (run.manifest.get("trade") or {}).get("target_musd") is not None
    return (
        "Is the target plausible, and when?"
        if aimed
        else "How trade goes on, with promises and without"
    )


def target_section(run: Run) -> str:
    """Trade by year in three outlooks, the odds of the target, what it takes, and what drives it."""
    if "target_paths" not in run.manifest["tables"]:
        return ""
    paths, needs = run.table("target_paths"), run.table("target_needs").set_index("figure")
    return "".join(
        (
            _lead(run, paths, needs),
            _chart(run, paths, needs),
            _by_year(paths, needs),
            _needs(run, needs),
            _assumptions(run, paths),
            _drivers(run, paths, needs),
            _assumed(run),
        )
    )


def target_of(needs: pd.DataFrame) -> float | None:
    """The target, million USD a year."""
    return float(needs.at["target", "p50"]) if "target" in needs.index else None


def horizon_trade(needs: pd.DataFrame, scenario: str) -> str:
    """Trade of the last year in an outlook."""
    row = needs.loc[f"horizon_{scenario}"]
    return value(f"target_needs/horizon_{scenario}/p50", musd(row["p10"], row["p50"], row["p90"]))


def reached(needs: pd.DataFrame, scenario: str, draws: int) -> str:
    """In how many draws the target is reached in the last year."""
    name = f"reach_{scenario}"
    return value(f"target_needs/{name}/p50", counted(float(needs.at[name, "p50"]), draws))


def horizon(paths: pd.DataFrame) -> tuple[int, int]:
    """Last year, and draws."""
    return int(paths["year"].max()), int(paths["draws"].max())


def _lead(run: Run, paths: pd.DataFrame, needs: pd.DataFrame) -> str:
    last, draws = horizon(paths)
    target = target_of(needs)
    text = (
        f"<p>In {last} the pair trades {horizon_trade(needs, 'none')} USD if no promise is kept, "
        f"{horizon_trade(needs, 'likely')} USD if promises are kept as often and as late as such promises usually are, and "
        f"{horizon_trade(needs, 'all')} USD if all are kept on their dates. "
    )
    if target is None:
        return text + "No target is named.</p>"
    share = float(needs.at["reach_likely", "p50"])
    goal = value("target_needs/target/p50", round_money(target))
    text += (
        f"The official target is {goal} USD; by then it is reached in {reached(needs, 'none', draws)} without "
        f"promises, in {reached(needs, 'likely', draws)} with promises kept as is usual and in {reached(needs, 'all', draws)} with "
        f"all kept on time. On these assumptions the target is <strong>{odds(share)}</strong> by {last}; we say not plausible of "
        f"what comes in fewer than one draw of twenty, promises kept as is usual.</p><p>{_never(paths, draws)}{_many(needs)}{_when(paths, last)}</p>"
    )
    return text


def _never(paths: pd.DataFrame, draws: int) -> str:
    """What none of the draws means."""
    likely = paths[paths["scenario"] == "likely"]
    if not len(likely) or likely["reaches_target"].max() > 0:
        return ""
    return (
        f"None of {draws} draws is not never: it leaves a probability of up to {percent(at_most(draws))} even if the model "
        "were right in everything else. "
    )


def _many(needs: pd.DataFrame) -> str:
    """The same odds from many draws by arithmetic, where these follow the solved ones."""
    if not _follow(needs):
        return ""
    many = int(needs.at["quick_draws", "p50"])
    often = [
        value(
            f"target_needs/quick_reach_{s}/p50",
            counted(float(needs.at[f"quick_reach_{s}", "p50"]), many),
        )
        for s in ("likely", "all")
    ]
    return (
        f"Draws put together by arithmetic from what was solved, which follow {_followed(needs)} of the spread of the solved ones, "
        f"reach it in {often[0]} with promises kept as is usual and in {often[1]} with all kept on time. They leave out some of "
        "what is not known, so they say less about what is rare than their number suggests. "
    )


def _follow(needs: pd.DataFrame) -> bool:
    """Whether draws by arithmetic may stand for solved ones."""
    return float(needs.at["quick_follows", "p50"]) >= LEAST_FOLLOWED


def _followed(needs: pd.DataFrame) -> str:
    part = max(float(needs.at["quick_follows", "p50"]), 0.0)
    return value("target_needs/quick_follows/p50", percent(part) if part > 0 else "nothing")


def _when(paths: pd.DataFrame, last: int) -> str:
    """The first year in which half of the draws reach the target."""
    told = []
    for name, (what, _, _) in OUTLOOKS.items():
        own = paths[(paths["scenario"] == name) & (paths["reaches_target"] >= 0.5)]
        if len(own):
            told.append(f"in {int(own['year'].min())} with {what}")
    if not told:
        return f"As to when: in no outlook and in no year to {last} do half of the draws reach the target."
    return f"Half of the draws reach it first {words(told)}."


def _chart(run: Run, paths: pd.DataFrame, needs: pd.DataFrame) -> str:
    pair = " and ".join(run.manifest["pair_names"])
    points = published(run, int(paths["year"].min()))
    goal = target_of(needs)
    drawn = fan_chart(paths, points, goal, pair)
    aim = "" if goal is None else "The dashed line is an official target, not a forecast. "
    return (
        f"<figure>{drawn}<figcaption>Lines are P50, bands P10–P90 of the draws. Dots: turnover of calendar years as published, "
        f"with all sources that disagree. {aim}"
        f"The outlooks start from {_start(run, needs)}, with setbacks as often as they are likely, and not from the last dot."
        "</figcaption></figure>"
    )


def _start(run: Run, needs: pd.DataFrame) -> str:
    """The trade the outlooks start from."""
    begin = value("target_needs/start/p50", round_money(float(needs.at["start", "p50"])))
    year = (run.manifest.get("trade") or {}).get("turnover_year", "")
    return f"the {begin} USD of {esc(year)}" if year else f"trade of {begin} USD"


def published(run: Run, before: int) -> pd.DataFrame:
    """Published turnover of whole calendar years before a year, million USD: columns year, value."""
    series = run.table("bilateral_series")
    own = series[
        (series["indicator"] == "turnover")
        & (series["unit"] == "MUSD")
        & (series["product"] == "all")
        & series["value"].notna()
        & series["period"].astype(str).str.startswith("calendar")
    ]
    rows = [
        (float(y), float(v))
        for y, v in zip(own["year"], own["value"], strict=True)
        if re.fullmatch(r"\d{4}", str(y)) and int(y) < before
    ]
    return pd.DataFrame(rows, columns=["year", "value"])


def shown_years(years: list[int]) -> list[int]:
    """The first and last year and those that end in 0 or 5."""
    return sorted({min(years), max(years), *(y for y in years if y % 5 == 0)})


def _by_year(paths: pd.DataFrame, needs: pd.DataFrame) -> str:
    years = shown_years(sorted(set(paths["year"].astype(int))))
    found = paths.set_index(["scenario", "year"])
    draws = int(paths["draws"].max())
    goal = target_of(needs)
    rows = []
    for name, (what, _, _) in OUTLOOKS.items():
        cells = [esc(what)]
        for year in years:
            if (name, year) not in found.index:
                cells.append("")
                continue
            r = found.loc[(name, year)]
            key = f"target_paths/{name},{year}"
            low, mid, high = (float(r[f"trade_musd_{p}"]) for p in ("p10", "p50", "p90"))
            cell = value(f"{key}/trade_musd_p50", ranged(low, mid, high, 0))
            if goal is not None:
                often = value(f"{key}/reaches_target", counted(float(r["reaches_target"]), draws))
                cell += f"<br><small>target in {often}</small>"
            cells.append(cell)
        rows.append(cells)
    return table(
        ("promises", *map(str, years)),
        rows,
        right=tuple(range(1, 1 + len(years))),
        caption="Trade of the pair, million USD a year: P50 (P10–P90)"
        + ("" if goal is None else ", and in how many draws the target is reached"),
    )


def _needs(run: Run, needs: pd.DataFrame) -> str:
    target = target_of(needs)
    if target is None:
        return ""

    def told(name: str) -> str:
        return value(f"target_needs/{name}/p50", round_money(float(needs.at[name, "p50"])))

    goal = round_money(target)
    items = [
        f"All promises kept, in full and with time to work, bring {told('all_mid')} USD at the middle of their sizes and "
        f"{told('all_high')} if every one of them turns out large; without growth of the economies."
    ]
    for side, name in (("mid", "of middle size"), ("high", "large")):
        if f"remaining_{side}" not in needs.index:
            continue
        cut = float(needs.at[f"remaining_{side}", "p50"])
        if not cut > 0:
            items.append(f"With all promises kept and {name}, {goal} is reached without more.")
            continue
        fall = value(f"target_needs/remaining_{side}/p50", percent(cut))
        items.append(
            f"With all promises kept and {name}, everything that stands between a seller in one and a buyer in the other "
            f"(the good and all that is added on the way, together) would have to fall by a further {fall} for {goal}."
        )
    items.append(_fewest(run, needs))
    shown = "".join(f"<li>{item}</li>" for item in items if item)
    return (
        f"<h3>What would have to be true</h3><ul>{shown}</ul><p class='soft'>Arithmetic of the model with long-run elasticities "
        "published for other countries and times; not a plan and not a forecast.</p>"
    )


def _fewest(run: Run, needs: pd.DataFrame) -> str:
    """The fewest promises that reach the target, or that none do."""
    effects = run.table("measure_effects").set_index("measure_id")["title"]
    out: list[tuple[str | None, str, str]] = []
    for side, name in (("mid", "of middle size"), ("high", "large")):
        figure = f"fewest_{side}"
        if figure not in needs.index:
            continue
        row = needs.loc[figure]
        if row["p50"] != row["p50"]:
            out.append((None, name, ""))
        else:
            ids = [i.strip() for i in str(row["note"]).split(",")]
            titles = words([esc(effects.get(i, i)) for i in ids])
            out.append((value(f"target_needs/{figure}/p50", number(row["p50"], 0)), name, titles))
    if out and all(n is None for n, _, _ in out):
        return "No set of the promises reaches the target by itself, whether they are of middle size or large."
    return " ".join(
        f"If promises are {name}, no set of them reaches it."
        if n is None
        else f"If promises are {name}, the fewest that reach it are {n}: {titles}."
        for n, name, titles in out
    )


def firm_drivers(run: Run) -> pd.DataFrame:
    """Sources of doubt that are no chance and make up enough of the spread to be named."""
    listed = run.table("drivers")
    firm = listed["chance"] * listed["looked_at"] < SURE
    return listed[firm & (listed["first_order"] >= LARGE)]


def _assumptions(run: Run, paths: pd.DataFrame) -> str:
    """One assumption at a time: which move the trade of the horizon most."""
    if "assumptions" not in run.manifest["tables"]:
        return ""
    rows = run.table("assumptions")
    last, _ = horizon(paths)
    cells = [
        [
            esc(r.name),
            value(f"assumptions/{r.source}/trade_musd_low", number(r.trade_musd_low, 0)),
            value(f"assumptions/{r.source}/trade_musd_high", number(r.trade_musd_high, 0)),
            value(f"assumptions/{r.source}/swing_musd", number(r.swing_musd, 0)),
            f'<span class="tag">{esc(r.value_kind)}</span>',
        ]
        for r in rows.itertuples(index=False)
    ]
    first = rows.iloc[0]
    usual = value(f"assumptions/{first['source']}/trade_musd", number(first["trade_musd"], 0))
    told = table(
        ("assumption", "at its low value", "at its high value", "swing", "range known by"),
        cells,
        right=(1, 2, 3),
        caption=f"Trade in {last}, promises kept as is likely, million USD a year: one assumption at P10 and at P90, the others "
        "at the middle",
    )
    names = words([movers_name(r) for r in rows.head(3).itertuples(index=False)])
    alone = " None of them alone carries it to the target." if _all_below(run, rows) else ""
    return (
        f"<h3>Which assumptions move the answer most</h3><p>With everything at the middle, and without setbacks and delays, the "
        f"pair would trade {usual} million USD in {last}; the draws, which hold both, give less. One at a time, most is moved by "
        f"{names}.{alone}</p>{told}"
    )


def movers_name(r: Any) -> str:
    """An assumption with what it does, in a sentence."""
    low = value(f"assumptions/{r.source}/trade_musd_low", number(r.trade_musd_low, 0))
    high = value(f"assumptions/{r.source}/trade_musd_high", number(r.trade_musd_high, 0))
    return f"{esc(r.name)} ({low} to {high})"


def _all_below(run: Run, rows: pd.DataFrame) -> bool:
    needs = run.table("target_needs").set_index("figure")
    goal = target_of(needs)
    return goal is not None and bool(
        (rows[["trade_musd_low", "trade_musd_high"]] < goal).all(axis=None)
    )


def _drivers(run: Run, paths: pd.DataFrame, needs: pd.DataFrame) -> str:
    firm, listed = firm_drivers(run), run.table("drivers")
    last, draws = horizon(paths)
    head = f"<h3>What the answer hangs on</h3><p>{draws} solved draws are too few to tell sources of doubt apart"
    if not _follow(needs):
        known = float(needs.at["quick_follows", "p50"])
        why = (
            f"its draws follow {_followed(needs)} of the spread of the solved ones"
            if known == known
            else "there are too few to tell how well it does"
        )
        return f"{head}, and arithmetic does not stand in for them here: {why}.</p>"
    many = value("target_needs/quick_draws/p50", number(needs.at["quick_draws", "p50"], 0))
    text = (
        f"{head}, so trade in {last} is put together by arithmetic in {many} draws, which follow {_followed(needs)} of the spread "
        "of the solved ones. Speeds, rates, hours at borders, values of a tonne and costs of payment stay at their middle there. "
    )
    if not len(firm):
        return f"{text}No single source of doubt stands out; the spread comes from many things together.</p>"
    names = words([_driver(r) for r in firm.head(NAMED).itertuples(index=False)])
    rows = [
        [esc(r.name), value(f"drivers/{r.source}/first_order", percent(r.first_order))]
        for r in listed.head(SHOWN_DRIVERS).itertuples(index=False)
    ]
    told = table(
        ("what is not known", "part of the spread"),
        rows,
        right=(1,),
        caption=f"What the spread of trade in {last} rests on, promises kept as is usual: part of the variance of its log "
        "(first-order Sobol index). What one source does together with others is in no row",
    )
    return f"{text}The spread comes first from {names}.</p>{told}"


def _driver(r: object) -> str:
    source, name, part = (getattr(r, c) for c in ("source", "name", "first_order"))
    return f"{esc(name)} ({value(f'drivers/{source}/first_order', percent(part))})"


def _assumed(run: Run) -> str:
    """Growth and adjustment, said plainly."""
    asked = run.manifest["promises"]
    low, mid, high = (100 * float(asked[f"growth_{s}"] or 0.0) for s in ("low", "mid", "high"))
    growth = f"{mid:.3g} % a year ({low:.3g} to {high:.3g} %)"
    parameters = run.table("parameters").set_index("parameter")["value"]
    first = value("parameters/short_run_share/value", percent(float(parameters["short_run_share"])))
    years = value("parameters/adjustment_years/value", number(parameters["adjustment_years"], 0))
    speed = f"A promise works slowly: {first} of its long-run effect in the first year, all of it {years} years later"
    return (
        f'<div class="box"><p>Assumed, not known: without any promise trade grows by {growth}. {speed}. Both are judgements, and '
        "both move the answer. Wars, new sanctions or goods that the two do not trade today are not in it.</p></div>"
    )

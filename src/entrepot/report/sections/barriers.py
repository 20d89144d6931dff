"""Section: what stands between the trade of a pair today and its target."""

from __future__ import annotations

from typing import Any

import pandas as pd

from entrepot.answers.run import Run
from entrepot.report.charts.range_bars import Bar, range_bars
from entrepot.report.charts.svg import esc, number
from entrepot.report.ranges import musd, ranged
from entrepot.report.sections.barrier_tables import (
    ORDER,
    PART_NAMES,
    cited,
    goods_table,
    parts_by_good,
    span_of,
)
from entrepot.report.tables import details, link, table, value


def barriers(run: Run) -> str:
    """The pair's trade cost by part, what each part would bring, and what pairs alike trade."""
    if "trade_parts" not in run.manifest["tables"]:
        why = run.manifest.get("no_trade", "")
        return f'<div class="box"><p>{esc(why)}</p></div>' if why else ""
    parts, figures = run.table("trade_parts"), run.table("trade_figures").set_index("figure")
    levers, goods = run.table("trade_levers"), run.table("trade_goods")
    names = dict(zip(run.manifest["pair"], run.manifest["pair_names"], strict=True))
    sources = run.table("sources")
    links = {r.source_id: link(r.url, r.source_id) for r in sources.itertuples(index=False)}
    return "".join(
        (
            _lead(run, parts, figures),
            _parts(run, parts, names, links),
            _levers(run, levers, figures),
            _potential(figures, links),
            _cautions(run, levers, figures, goods),
            details("Trade by good: value, tonnes, elasticity", goods_table(goods, names, links)),
            details("The parts for each good", parts_by_good(parts, names)),
        )
    )


def title(run: Run) -> str:
    """The heading, with the two figures it is about."""
    if "trade_figures" not in run.manifest["tables"]:
        return "What stands in between"
    figures = run.table("trade_figures").set_index("figure")
    if "target" not in figures.index or figures.at["growth", "p50"] <= 1:
        return "What stands in between"
    start, goal = figures.at["turnover", "p50"], figures.at["target", "p50"]
    return f"What stands between {_money(start)} and {_money(goal)}"


def sentence(run: Run) -> str:
    """One sentence for the top of the page."""
    if "trade_figures" not in run.manifest["tables"]:
        return ""
    figures = run.table("trade_figures").set_index("figure")
    if "half_named" not in figures.index:
        return ""
    told = (
        f"If duties, freight, time, borders and payment all cost half as much, the model's long-run answer is trade of "
        f"{_figure(figures, 'half_named')} USD a year"
    )
    if "half_named_reaches" in figures.index:
        reached = _figure(figures, "half_named_reaches", 0, 100)
        told += f"; the target of {_figure(figures, 'target')} is reached in {reached} of the draws"
    return told + "."


def _money(musd: float) -> str:
    if musd < 1000:
        return f"{number(musd, 0)} million USD"
    return f"{musd / 1000:.3g} billion USD"


def _percent(row: Any, column: str) -> str:
    return span_of(row, column, 0, 100) + "\u00a0%"


def _figure(figures: pd.DataFrame, name: str, digits: int = 0, scale: float = 1.0) -> str:
    """A figure with its range; trade as million or billion, with as many digits as it deserves."""
    row = figures.loc[name]
    if row["unit"] == "million USD/year":
        return value(f"trade_figures/{name}/p50", musd(row["p10"], row["p50"], row["p90"], 0))
    low, mid, high = (scale * float(row[p]) for p in ("p10", "p50", "p90"))
    shown = ranged(low, mid, high, digits)
    return value(f"trade_figures/{name}/p50", shown + ("\u00a0%" if scale == 100 else ""))


def _lead(run: Run, parts: pd.DataFrame, figures: pd.DataFrame) -> str:
    both = parts[parts["importer"] == "*"].set_index("part")
    named = [p for p in ORDER[:5] if p in both.index]
    largest = both.loc[named, "share_p50"].sort_values(ascending=False).index
    pair = esc(" and ".join(run.manifest["pair_names"]))
    shares = [f"{PART_NAMES[p]} {_share(both, p)}" for p in largest]
    unknown = (
        ""
        if "duty" in both.index
        else " No duty of both directions is in the facts; what there is lies in the part that is not explained."
    )
    out = [
        f"<p>Beside what {pair} sell at home, what they sell each other implies that all that stands between a seller "
        f"in one and a buyer in the other weighs {_share(both, 'total')} of the value of the goods, beyond what trade at home "
        f"costs. Named are {', '.join(shares[:-1])} and {shares[-1]}. Parts multiply; in logs, where they add up, the named "
        f"parts make {_figure(figures, 'named_share', 0, 100)} of the whole, and the rest is not explained by any figure at "
        f"hand.{unknown} Ranges are P10–P90 of {run.manifest['trade']['draws']} draws.</p>"
    ]
    if "needed_cut" in figures.index:
        out.append(
            f"<p>The target is {_figure(figures, 'growth', 1)} times the trade {_of_year(figures)}. "
            f"If nothing else changed, all costs between producer and buyer (the good and what is added on the way, "
            f"taken together) would have to fall by {_figure(figures, 'needed_cut', 0, 100)} to bring it; "
            f"with wages and prices adjusting, a little more. That is arithmetic with published elasticities, not a forecast.</p>"
        )
    return "".join(out)


def _of_year(figures: pd.DataFrame) -> str:
    year = figures.at["turnover", "note"]
    return f"of {esc(year)}" if year else "it starts from"


def _share(both: pd.DataFrame, part: str) -> str:
    row = both.loc[part]
    key = f"{row['exporter']},*,*,{part}"
    return value(f"trade_parts/{key}/share_p50", _percent(row, "share"))


def _parts(run: Run, parts: pd.DataFrame, names: dict[str, str], links: dict[str, str]) -> str:
    """Chart and table of the parts, both directions together and each."""
    all_goods = parts[parts["commodity"] == "*"]
    both = all_goods[all_goods["importer"] == "*"].set_index("part")
    ways = list(
        dict.fromkeys(
            (r.exporter, r.importer) for r in all_goods.itertuples(index=False) if r.importer != "*"
        )
    )
    shown = [p for p in ORDER if p in both.index]
    chart = range_bars(
        [_bar(PART_NAMES[p], both.loc[p], "share", 100.0) for p in shown],
        "% of the value of the goods",
        "Parts of the pair's trade cost, both directions together",
    )
    by_way = {
        w: all_goods[(all_goods["exporter"] == w[0]) & (all_goods["importer"] == w[1])].set_index(
            "part"
        )
        for w in ways
    }
    rows = []
    for p in (*ORDER[:6], "known", "total"):
        cells = [esc(PART_NAMES[p]), _share(both, p) if p in both.index else _unknown(p)]
        for w in ways:
            own = by_way[w]
            cells.append(
                value(f"trade_parts/{w[0]},{w[1]},*,{p}/share_p50", _percent(own.loc[p], "share"))
                if p in own.index
                else _unknown(p)
            )
        origin = both.loc[p, "source_id"] if p in both.index else ()
        cells.append(cited(origin, links))
        rows.append(cells)
    heads = [f"{names.get(a, a)} to {names.get(b, b)}" for a, b in ways]
    shown_table = table(
        ("part", "both ways", *heads, "sources"),
        rows,
        right=tuple(range(1, 2 + len(ways))),
        caption="Parts of the trade cost, % of the value of the goods: P50 (P10–P90). All are estimates",
    )
    trade = run.manifest["trade"]
    return (
        f"<figure>{chart}<figcaption>Under the rules and duties of {esc(trade['on'])}. Bars end at P50; the thin line runs from "
        f"P10 to P90. Both directions together are a geometric mean.</figcaption></figure>{shown_table}"
        "<p class='soft'>Freight and borders come from the ways of the model on that day between the hubs of both "
        "economies, weighted by hub and by the share of each way; time is hours times what a day costs the good; duties are "
        "mean rates for all goods unless a row names one; payment stays within published fees and premia, and "
        "where in between follows from how the pair compares with pairs alike. The whole is read back from trade beside "
        "domestic sales, which are themselves reckoned, by good assumed. The parts count carriage in full, the whole only what "
        "it costs beyond trade at home, so a little too little is left unexplained. That rest holds law, risk, language, "
        "missing contacts, and every error of the parts above it.</p>"
    )


def _unknown(part: str) -> str:
    return '<span class="dim">not known</span>' if part == "duty" else ""


def _levers(run: Run, levers: pd.DataFrame, figures: pd.DataFrame) -> str:
    """What a tenth, a half and all of each part would bring."""
    found = levers.set_index(["lever", "cut"])
    base = float(figures.at["turnover", "p50"])
    rows = []
    for name in _solved(found):
        cells = [esc(found.loc[(name, 0.1), "title"])]
        for cut in (0.1, 0.5, 1.0):
            if (name, cut) not in found.index:
                cells.append("")
                continue
            row = found.loc[(name, cut)]
            cells.append(
                "+" + value(f"trade_levers/{name},{cut}/gain_musd_p50", span_of(row, "gain_musd"))
            )
        rows.append(cells)
    told = table(
        ("part of the cost", "a tenth less", "half as much", "gone"),
        rows,
        right=(1, 2, 3),
        caption=f"Trade gained in the long run, million USD a year beside the {number(base, 0)} of the start, other things equal",
    )
    chart = lever_chart(levers)
    agreed = ""
    if ("agreement", 1.0) in found.index:
        row = found.loc[("agreement", 1.0)]
        gain = value("trade_levers/agreement,1.0/gain_musd_p50", span_of(row, "gain_musd"))
        agreed = (
            f"<p>Duties of all economies changed between {esc(run.manifest['trade']['on'])} and {esc(run.manifest['trade']['later'])}. By the "
            f"same reckoning those in the facts are worth +{gain} million USD a year to the pair once trade has had years to adjust.</p>"
        )
    return (
        "<h3>What less of each part would bring</h3>"
        f"<figure>{chart}<figcaption>Gain from a tenth less of each part.</figcaption></figure>{told}{agreed}"
    )


def _solved(found: pd.DataFrame) -> list[str]:
    """Levers with an answer to a tenth less, in the order of the page."""
    return [name for name in (*ORDER[:6], "named") if (name, 0.1) in found.index]


def lever_chart(levers: pd.DataFrame) -> str:
    """Trade gained from a tenth less of each part, as bars with ranges."""
    found = levers.set_index(["lever", "cut"])
    tenth = [
        _bar(PART_NAMES.get(n, "all named parts"), found.loc[(n, 0.1)], "gain_musd")
        for n in _solved(found)
    ]
    return range_bars(tenth, "million USD a year", "Trade gained from a tenth less of each part")


def _potential(figures: pd.DataFrame, links: dict[str, str]) -> str:
    """What gravity expects and pairs alike trade, beside what these two do and did."""
    order = (
        "matrix", "turnover", "highest", "expected_own", "spread_own", "expected_alike",
        "spread_alike", "target",
    )  # fmt: skip
    rows = [
        [
            esc(figures.at[f, "title"])
            + (f" ({esc(figures.at[f, 'note'])})" if figures.at[f, "note"] else ""),
            _figure(figures, f),
            f'<span class="tag">{esc(figures.at[f, "value_kind"])}</span>',
            cited(figures.at[f, "source_id"], links),
        ]
        for f in order
        if f in figures.index
    ]
    told = table(
        ("", "USD a year", "kind", "sources"),
        rows,
        right=(1,),
        caption="Trade of the pair beside what a gravity equation over all pairs expects",
    )
    rank = ""
    if "rank_own" in figures.index:
        rank = (
            f" Distance, border, coast, history, size and income apart, {_figure(figures, 'rank_alike', 0, 100)} of all pairs are "
            f"nearer to each other than these two; given how open each is to everybody else it is "
            f"{_figure(figures, 'rank_own', 0, 100)}."
        )
    return (
        "<h3>What pairs alike trade</h3><p>A gravity equation over all pairs expects trade of "
        f"{_figure(figures, 'expected_own')} USD a year when each is as open to the rest of the world as it is, and "
        f"{_figure(figures, 'expected_alike')} when both are as open as economies of their size and income. Real pairs "
        "scatter widely around that: the fifty most like this one, taken at its size, trade "
        f"{_figure(figures, 'spread_own')} and {_figure(figures, 'spread_alike')}. Gravity tells the order of size and no "
        f"more.{rank}</p>{told}"
    )


def _cautions(run: Run, levers: pd.DataFrame, figures: pd.DataFrame, goods: pd.DataFrame) -> str:
    failed = int(levers["failed"].max())
    lost = (
        f" {failed} of {int(levers['draws'].max())} draws were not solved and are left out."
        if failed
        else " All draws were solved."
    )
    passed = float(figures.at["negative", "p50"])
    over = (
        f" In {_figure(figures, 'negative', 0, 100)} of the draws the named parts pass the whole; then nothing is left "
        f"unexplained and that lever is zero."
        if passed > 0
        else ""
    )
    shut = goods.loc[goods["note"] != "", "name"]
    held = (
        f" Nothing carries {esc(', '.join(sorted(set(shut))))} under the rules of the day."
        if len(shut)
        else ""
    )
    notes = "".join(f"<p>{esc(note)}</p>" for note in run.manifest["trade"]["notes"])
    return (
        '<div class="box"><p>How to read this: each line changes one part and leaves the rest of the world as it was; '
        "general equilibrium of goods trade with long-run elasticities, deficits a constant part of income, no inputs between "
        "sectors, no new goods: what the two do not trade today stays at zero, and goods of less than half a per cent of a "
        "direction's trade stay as they are, for nobody knows their cost. Half of a cost is far from anything observed. Nothing "
        f"here says that a part will fall.{lost}{over}{held}</p>{notes}</div>"
    )


def _bar(name: str, row: Any, column: str, scale: float = 1.0) -> Bar:
    low, mid, high = (scale * float(row[f"{column}_{p}"]) for p in ("p10", "p50", "p90"))
    return name, low, mid, high

"""Section: what stands between the trade of a pair today and its target."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from entrepot.report.svg import COLOURS, GRID, SOFT, Scale, esc, figure, line, number, tag, text
from entrepot.report.tables import details, link, table, value
from entrepot.studies.store import Run

PART_NAMES = {
    "duty": "customs duties",
    "freight": "freight",
    "time": "time under way",
    "border": "borders: fees and waiting",
    "payment": "payment",
    "unexplained": "all else, not explained",
    "known": "all named parts",
    "total": "everything together",
}
ORDER = tuple(PART_NAMES)
UNKNOWN = "all else"
Bar = tuple[str, float, float, float]


def barriers(run: Run) -> str:
    """The pair's trade cost by part, what each part would bring, and what pairs alike trade."""
    if "trade_parts" not in run.manifest["tables"]:
        return ""
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
            _cautions(run, levers),
            details("Trade by good: value, tonnes, elasticity", _goods(goods, names, links)),
            details("The parts for each good", _by_good(parts, names)),
        )
    )


def title(run: Run) -> str:
    """The heading, with the two figures it is about."""
    if "trade_figures" not in run.manifest["tables"]:
        return ""
    figures = run.table("trade_figures").set_index("figure")
    if "target" not in figures.index:
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
    low, high = (float(figures.at["half_named", p]) for p in ("p10", "p90"))
    told = (
        f"If duties, freight, time, borders and payment all cost half as much, the model's long-run "
        f"answer is trade of {_figure(figures, 'half_named')} million USD a year"
    )
    if "target" in figures.index:
        goal = float(figures.at["target", "p50"])
        place = "within" if low <= goal <= high else "above" if goal > high else "below"
        told += f"; the target of {number(goal, 0)} lies {place} that range"
    return told + "."


def _money(musd: float) -> str:
    if musd < 1000:
        return f"{number(musd, 0)} million USD"
    return f"{musd / 1000:.3g} billion USD"


def _percent(row: Any, column: str) -> str:
    return _span(row, column, 0, 100) + "\u00a0%"


def _span(row: Any, column: str, digits: int = 0, scale: float = 1.0) -> str:
    low, mid, high = (scale * float(row[f"{column}_{p}"]) for p in ("p10", "p50", "p90"))
    return f"{number(mid, digits)} ({number(low, digits)}–{number(high, digits)})"


def _figure(figures: pd.DataFrame, name: str, digits: int = 0, scale: float = 1.0) -> str:
    row = figures.loc[name]
    if row["p10"] != row["p10"]:
        shown = number(scale * float(row["p50"]), digits)
    else:
        low, mid, high = (scale * float(row[p]) for p in ("p10", "p50", "p90"))
        shown = f"{number(mid, digits)} ({number(low, digits)}–{number(high, digits)})"
    return value(f"trade_figures/{name}/p50", shown + ("\u00a0%" if scale == 100 else ""))


def _lead(run: Run, parts: pd.DataFrame, figures: pd.DataFrame) -> str:
    both = parts[parts["importer"] == "*"].set_index("part")
    largest = both.loc[list(ORDER[:5]), "share_p50"].sort_values(ascending=False).index
    pair = esc(" and ".join(run.manifest["pair_names"]))
    shares = [f"{PART_NAMES[p]} {_share(both, p)}" for p in largest]
    out = [
        f"<p>{pair} trade little beside what each sells at home. Read back from that, all that stands between a "
        f"seller in one and a buyer in the other weighs like a surcharge of {_share(both, 'total')} on the price at "
        f"home. Of the value of the goods, {', '.join(shares[:-1])} and {shares[-1]} can be named; "
        f"{_share(both, 'unexplained')} is left that no figure at hand explains. Ranges are P10–P90 of "
        f"{run.manifest['trade']['draws']} draws.</p>"
    ]
    if "needed_cut" in figures.index:
        out.append(
            f"<p>The target is {_figure(figures, 'growth', 1)} times the trade of {esc(figures.at['turnover', 'note'])}. "
            f"If nothing else changed, all costs between producer and buyer (the good and what is added on the way, "
            f"taken together) would have to fall by {_figure(figures, 'needed_cut', 0, 100)} to bring it. That is "
            f"arithmetic with published elasticities, not a forecast.</p>"
        )
    return "".join(out)


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
        cells = [esc(PART_NAMES[p]), _share(both, p) if p in both.index else ""]
        for w in ways:
            own = by_way[w]
            cells.append(
                value(f"trade_parts/{w[0]},{w[1]},*,{p}/share_p50", _percent(own.loc[p], "share"))
                if p in own.index
                else ""
            )
        origin = both.loc[p, "source_id"] if p in both.index else ()
        cells.append(_cited(origin, links))
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
        "<p class='soft'>Freight and borders come from the routes of this report over all pairs of hubs, weighted by "
        "their share; time is hours times what a day costs the good; payment lies within published premia; the total "
        "is read back from how little the two trade beside what they sell at home, and all else is what remains of it. "
        "Parts multiply, so they do not add up to the total. What "
        "remains holds law, risk, language, missing contacts, and every error of the parts above it.</p>"
    )


def _cited(ids: Sequence[str], links: dict[str, str], most: int = 4) -> str:
    shown = " ".join(links.get(i, esc(i)) for i in ids[:most])
    rest = " ".join(links.get(i, esc(i)) for i in ids[most:])
    more = f"<details><summary>{len(ids) - most} more</summary>{rest}</details>" if rest else ""
    return shown + more


def _levers(run: Run, levers: pd.DataFrame, figures: pd.DataFrame) -> str:
    """What a tenth, a half and all of each part would bring."""
    found = levers.set_index(["lever", "cut"])
    base = float(figures.at["turnover", "p50"])
    rows = []
    for name in _solved(found):
        cells = [esc(found.loc[(name, 0.1), "title"])]
        for cut in (0.1, 0.5, 1.0):
            if (name, cut) not in found.index:
                cells.append('<span class="dim">not asked</span>')
                continue
            row = found.loc[(name, cut)]
            cells.append(
                "+" + value(f"trade_levers/{name},{cut}/gain_musd_p50", _span(row, "gain_musd"))
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
        gain = value("trade_levers/agreement,1.0/gain_musd_p50", _span(row, "gain_musd"))
        agreed = (
            f"<p>Duties changed between {esc(run.manifest['trade']['on'])} and {esc(run.manifest['trade']['later'])}. By the "
            f"same reckoning that alone is worth +{gain} million USD a year once trade has had years to adjust.</p>"
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
    """What pairs alike trade, beside what these two do and did."""
    shown = [
        f
        for f in ("matrix", "turnover", "highest", "potential_own", "potential_alike", "target")
        if f in figures.index
    ]
    rows = [
        [
            esc(figures.at[f, "title"])
            + (f" ({esc(figures.at[f, 'note'])})" if figures.at[f, "note"] else ""),
            _figure(figures, f),
            f'<span class="tag">{esc(figures.at[f, "value_kind"])}</span>',
            _cited(figures.at[f, "source_id"], links),
        ]
        for f in shown
    ]
    told = table(
        ("", "million USD a year", "kind", "sources"),
        rows,
        right=(1,),
        caption="Trade of the pair beside what a gravity equation expects of pairs alike",
    )
    return (
        "<h3>What pairs alike trade</h3><p>Pairs of the same size, distance, border and history trade "
        f"{_figure(figures, 'potential_own')} million USD a year when both are as open to the rest of the world as these two "
        f"are, and {_figure(figures, 'potential_alike')} million when both are as open as economies like them. The range is "
        "what the fifty nearest pairs really trade: gravity tells the order of size and no more. The cost of this pair lies "
        f"{_figure(figures, 'peculiar', 0, 100)} above that of pairs alike.</p>{told}"
    )


def _cautions(run: Run, levers: pd.DataFrame) -> str:
    failed = int(levers["failed"].max())
    lost = (
        f" {failed} of {int(levers['draws'].max())} draws were not solved and are left out."
        if failed
        else " All draws were solved."
    )
    return (
        '<div class="box"><p>How to read this: each line changes one part and leaves the rest of the world as it was; '
        "general equilibrium of goods trade with long-run elasticities, deficits a constant part of income, no inputs between "
        "sectors, no new goods: what the two do not trade today stays at zero. A change of a tenth lies "
        "near what was observed; half of a cost is far from it, and the ranges say so. Nothing here says that a part will fall."
        f"{lost}</p></div>"
    )


def _goods(goods: pd.DataFrame, names: dict[str, str], links: dict[str, str]) -> str:
    rows = []
    for r in goods.itertuples(index=False):
        way = f"{names.get(r.exporter, r.exporter)} to {names.get(r.importer, r.importer)}"
        key = f"trade_goods/{r.exporter},{r.importer},{r.commodity}"
        tonnes = _kt(r.tonnes_p10, r.tonnes_p50, r.tonnes_p90)
        theta = (
            ""
            if r.theta != r.theta
            else f"{number(r.theta, 1)} ({number(r.theta_low, 1)}–{number(r.theta_high, 1)})"
        )
        bold = r.commodity == "*"
        rows.append(
            [
                esc(way),
                f"<strong>{esc(r.name)}</strong>" if bold else esc(r.name),
                value(f"{key}/value_musd", number(r.value_musd)),
                value(f"{key}/tonnes_p50", tonnes),
                number(r.usd_per_t, 0),
                theta,
                f'<span class="tag">{esc(r.value_kind)}</span>',
                _cited(r.source_id, links),
            ]
        )
    return table(
        (
            "direction",
            "good",
            "million USD",
            "tonnes: P50 (P10–P90)",
            "USD/t",
            "elasticity",
            "kind",
            "sources",
        ),
        rows,
        right=(2, 3, 4, 5),
        caption="The trade the reckoning starts from; its mix is that of the base year, fitted to totals",
    )


def _kt(low: float, mid: float, high: float) -> str:
    return f"{number(mid / 1e3)} ({number(low / 1e3)}–{number(high / 1e3)}) kt"


def _by_good(parts: pd.DataFrame, names: dict[str, str]) -> str:
    own = parts[parts["commodity"] != "*"]
    rows = []
    for (a, b, _), group in own.groupby(["exporter", "importer", "commodity"], sort=False):
        by = group.set_index("part")
        rows.append(
            [
                esc(f"{names.get(a, a)} to {names.get(b, b)}"),
                esc(group["name"].iloc[0]),
                *(_span(by.loc[p], "share", 0, 100) for p in ORDER[:5]),
            ]
        )
    return table(
        ("direction", "good", *(PART_NAMES[p] for p in ORDER[:5])),
        rows,
        right=(2, 3, 4, 5, 6),
        caption="Goods of at least half a per cent of a direction's trade, % of their value",
    )


def _bar(name: str, row: Any, column: str, scale: float = 1.0) -> Bar:
    low, mid, high = (scale * float(row[f"{column}_{p}"]) for p in ("p10", "p50", "p90"))
    return name, low, mid, high


def range_bars(rows: Sequence[Bar], unit: str, title: str) -> str:
    """Horizontal bars to P50 with a line from P10 to P90. rows: (name, p10, p50, p90)."""
    left, right = 190.0, 740.0
    least = min(0.0, *(r[1] for r in rows))
    most = max(r[3] for r in rows)
    across = Scale(least, most * 1.02 if most > 0 else 1.0, left, right)
    bottom = 8.0 + 26 * len(rows)
    out = []
    for t in across.ticks(6):
        out += [
            line(across(t), 4, across(t), bottom, stroke=GRID),
            text(across(t), bottom + 15, number(t, 0), size=11, anchor="middle", fill=SOFT),
        ]
    for k, (name, low, mid, high) in enumerate(rows):
        y = 8.0 + 26 * k
        start, end = sorted((across(0.0), across(mid)))
        dim = UNKNOWN in name or "everything" in name
        out += [
            text(left - 8, y + 14, name, size=12, anchor="end"),
            tag(
                "rect",
                tag("title", f"{name}: {number(mid)} ({number(low)}–{number(high)}) {unit}"),
                x=start, y=y + 3, width=max(end - start, 0.8), height=14.0,
                fill=COLOURS[7] if dim else COLOURS[0], fill_opacity=0.55 if dim else 0.85,
            ),
            line(across(low), y + 10, across(high), y + 10, stroke="#1d2733", width=1.4),
            line(across(low), y + 6, across(low), y + 14, stroke="#1d2733", width=1.4),
            line(across(high), y + 6, across(high), y + 14, stroke="#1d2733", width=1.4),
        ]  # fmt: skip
    out.append(text(right, bottom + 32, unit, size=11, anchor="end", fill=SOFT))
    return figure(760, bottom + 38, "".join(out), title)

"""Section: what stands between the trade of a pair today and its target."""

from __future__ import annotations

from typing import Any

import pandas as pd
from markupsafe import Markup

from entrepot.answers.run import Run
from entrepot.report.charts.range_bars import Bar, range_bars
from entrepot.report.charts.svg import number
from entrepot.report.ranges import musd, ranged
from entrepot.report.sections.barrier_tables import (
    NAMED_PARTS,
    ORDER,
    PART_NAMES,
    direction,
    good_part_rows,
    goods_rows,
    span_of,
)
from entrepot.report.tables import addresses, pair_of, value
from entrepot.report.templates import fill, macros

# Figures of the section whose digits and scale are not those of whole numbers.
SHARES = ("named_share", "needed_cut", "negative", "rank_own", "rank_alike", "half_named_reaches")
POTENTIAL = (
    "matrix", "turnover", "highest", "expected_own", "spread_own", "expected_alike",
    "spread_alike", "target",
)  # fmt: skip


def barriers(run: Run) -> str:
    """The pair's trade cost by part, what each part would bring, and what pairs alike trade."""
    if "trade_parts" not in run.manifest["tables"]:
        return fill("no_trade.html", why=run.why_none("between"))
    parts, figures = run.table("trade_parts"), run.table("trade_figures").set_index("figure")
    levers, goods = run.table("trade_levers"), run.table("trade_goods")
    names = dict(zip(run.manifest["pair"], run.manifest["pair_names"], strict=True))
    all_goods = parts[parts["commodity"] == "*"]
    both = parts[parts["importer"] == "*"].set_index("part")
    named = [p for p in NAMED_PARTS if p in both.index]
    largest = both.loc[named, "share_p50"].sort_values(ascending=False).index
    directions = _directions(all_goods)
    found = levers.set_index(["lever", "cut"])
    return fill(
        "barriers.html",
        pair=pair_of(run),
        trade=run.options("between"),
        later=run.options("between")["later"] or run.manifest["world"]["default_date"],
        links=addresses(run),
        figures={name: _figure(figures, name) for name in figures.index},
        total=_share(both, "total"),
        named=[PART_NAMES[p] + " " + _share(both, p) for p in largest],
        duty_known="duty" in both.index,
        start_year=figures.at["turnover", "note"],
        parts_chart=_parts_chart(both),
        directions=[direction(names, a, b) for a, b in directions],
        parts=_parts(all_goods, both, directions),
        lever_chart=lever_chart(levers),
        levers=_levers(found),
        base=number(float(figures.at["turnover", "p50"]), 0),
        agreed=_gain(found, "agreement", 1.0) if ("agreement", 1.0) in found.index else None,
        potential=[_potential(figures, f) for f in POTENTIAL if f in figures.index],
        failed=int(levers["failed"].max()),
        draws=int(levers["draws"].max()),
        passed=float(figures.at["negative", "p50"]) > 0,
        shut=sorted(set(goods.loc[goods["note"] != "", "name"])),
        goods=goods_rows(goods, names),
        heads=[PART_NAMES[p] for p in NAMED_PARTS],
        good_parts=good_part_rows(parts, names),
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
    asked = ("half_named", "half_named_reaches", "target")
    told = {name: _figure(figures, name) for name in asked if name in figures.index}
    made: str = macros("sentences.html").half_named(told)
    return made


def _money(musd: float) -> str:
    if musd < 1000:
        return f"{number(musd, 0)} million USD"
    return f"{musd / 1000:.3g} billion USD"


def _figure(figures: pd.DataFrame, name: str) -> Markup:
    """A figure with its range; trade as million or billion, shares in per cent."""
    row = figures.loc[name]
    low, mid, high = (float(row[p]) for p in ("p10", "p50", "p90"))
    if row["unit"] == "million USD/year":
        shown = musd(low, mid, high, 0)
    elif name in SHARES:
        shown = ranged(100 * low, 100 * mid, 100 * high, 0) + "\u00a0%"
    else:
        shown = ranged(low, mid, high, 1 if name == "growth" else 0)
    return value(f"trade_figures/{name}/p50", shown)


def _share(rows: pd.DataFrame, part: str) -> Markup:
    """A part as a share of the value of the goods; rows: parts of one direction, or of both, by part."""
    row = rows.loc[part]
    key = f"{row['exporter']},{row['importer']},*,{part}"
    return value(f"trade_parts/{key}/share_p50", span_of(row, "share", 0, 100) + "\u00a0%")


def _directions(all_goods: pd.DataFrame) -> list[tuple[str, str]]:
    """Seller and buyer of each direction, in the order of the table."""
    own = all_goods[all_goods["importer"] != "*"]
    return list(dict.fromkeys(zip(own["exporter"], own["importer"], strict=True)))


def _parts_chart(both: pd.DataFrame) -> Markup:
    """The parts of both directions together, as bars with ranges."""
    return range_bars(
        [_bar(PART_NAMES[p], both.loc[p], "share", 100.0) for p in ORDER if p in both.index],
        "% of the value of the goods",
        "Parts of the pair's trade cost, both directions together",
    )


def _parts(
    all_goods: pd.DataFrame, both: pd.DataFrame, directions: list[tuple[str, str]]
) -> list[dict[str, object]]:
    """Each part, both directions together and each alone; a duty that is not known is None."""
    by_direction = [
        all_goods[(all_goods["exporter"] == a) & (all_goods["importer"] == b)].set_index("part")
        for a, b in directions
    ]
    return [
        {
            "name": PART_NAMES[p],
            "shares": [
                _share(own, p) if p in own.index else None if p == "duty" else ""
                for own in (both, *by_direction)
            ],
            "source_id": both.loc[p, "source_id"] if p in both.index else (),
        }
        for p in (*ORDER[:6], "known", "total")
    ]


def _gain(found: pd.DataFrame, lever: str, cut: float) -> Markup:
    """Trade gained by a cut of a lever."""
    shown = span_of(found.loc[(lever, cut)], "gain_musd")
    return value(f"trade_levers/{lever},{cut}/gain_musd_p50", shown)


def _levers(found: pd.DataFrame) -> list[list[str]]:
    """What a tenth, a half and all of each part would bring."""
    return [
        [
            found.loc[(name, 0.1), "title"],
            *(
                "+" + _gain(found, name, cut) if (name, cut) in found.index else ""
                for cut in (0.1, 0.5, 1.0)
            ),
        ]
        for name in _solved(found)
    ]


def _solved(found: pd.DataFrame) -> list[str]:
    """Levers with an answer to a tenth less, in the order of the page."""
    return [name for name in (*ORDER[:6], "named") if (name, 0.1) in found.index]


def lever_chart(levers: pd.DataFrame) -> Markup:
    """Trade gained from a tenth less of each part, as bars with ranges."""
    found = levers.set_index(["lever", "cut"])
    tenth = [
        _bar(PART_NAMES.get(n, "all named parts"), found.loc[(n, 0.1)], "gain_musd")
        for n in _solved(found)
    ]
    return range_bars(tenth, "million USD a year", "Trade gained from a tenth less of each part")


def _potential(figures: pd.DataFrame, name: str) -> dict[str, object]:
    """What gravity expects, pairs alike trade, or these two do and did."""
    row = figures.loc[name]
    told = {c: row[c] for c in ("title", "note", "value_kind", "source_id")}
    return told | {"shown": _figure(figures, name)}


def _bar(name: str, row: Any, column: str, scale: float = 1.0) -> Bar:
    low, mid, high = (scale * float(row[f"{column}_{p}"]) for p in ("p10", "p50", "p90"))
    return name, low, mid, high

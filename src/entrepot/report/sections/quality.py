"""Sections on trust: validation, sources, limits."""

from __future__ import annotations

import pandas as pd

from entrepot.answers.run import Run
from entrepot.report.charts.charts import validation_chart
from entrepot.report.charts.svg import esc, number
from entrepot.report.sections.target import movers_name
from entrepot.report.tables import details, link, table, value, words

KINDS = ("measured", "published", "estimated", "assumed")


def percent(share: float, sign: bool = False) -> str:
    """A share in per cent, empty when unknown."""
    if share != share:
        return ""
    return f"{100 * share:+.0f} %" if sign else f"{100 * share:.0f} %"


def model_quality(run: Run) -> str:
    """Modelled against published days, prices and distances."""
    if "validation" not in run.manifest["tables"]:
        return ""
    rows, totals = run.table("validation"), run.table("validation_summary")
    scored = rows[rows["status"] == "scored"]
    days = scored[scored["published_days"].notna()]
    usd = scored[scored["published_usd"].notna()]
    charts = (
        f'<div class="pair"><figure>{validation_chart(days, "days", "days")}<figcaption>Days. Bars: P10 to P90; orange '
        f"where the published value lies outside</figcaption></figure><figure>"
        f"{validation_chart(usd, 'usd', 'USD per unit')}<figcaption>Price</figcaption></figure></div>"
    )
    left_out = rows[rows["status"] != "scored"]
    counted = left_out["status"].str.removeprefix("shown: ").str.removeprefix("left out: ")
    reasons = ", ".join(f"{n} {esc(s)}" for s, n in counted.value_counts().items())
    worst = scored.assign(size=scored["days_error"].abs()).nlargest(5, "size")
    weak = "; ".join(
        f"{esc(r.origin)}–{esc(r.destination)} ({esc(r.corridor)}) {percent(r.days_error, True)}"
        for r in worst.itertuples(index=False)
    )
    return (
        "<p>Published days and prices of trains, trucks and ships were run through the model on their published "
        "corridor. The rows were also used to choose two factors (on speeds and dwell times that are estimated "
        "or assumed), so the errors are in-sample; other routes may come out worse. Published figures themselves "
        "differ by 12 to 17 per cent where the same pair was published twice.</p>"
        f"{summary_table(totals)}{charts}"
        f"<p>Furthest off on days: {weak}.</p><p>Published rows that are not scored: {reasons}.</p>"
        f"{details('All rows', rows_table(rows))}"
    )


def summary_table(totals: pd.DataFrame) -> str:
    """Errors by measure."""
    names = {"days": "days", "cost": "price", "distance": "distance"}
    body = []
    for r in totals.itertuples(index=False):
        if r.measure == "free_choice":
            continue
        i = f"validation_summary/{r.measure}"
        body.append(
            [
                names[r.measure],
                value(f"{i}/n", f"{r.n:.0f}"),
                value(f"{i}/median_abs_error", percent(r.median_abs_error)),
                value(f"{i}/mean_abs_error", percent(r.mean_abs_error)),
                value(f"{i}/bias", f"{r.bias:.2f}"),
                value(f"{i}/coverage", percent(r.coverage)),
            ]
        )
    free = totals[totals["measure"] == "free_choice"].iloc[0]
    shown = percent(free["in_first_three"])
    told = value("validation_summary/free_choice/in_first_three", shown)
    return table(
        ("", "rows", "median error", "mean error", "bias", "inside P10–P90"),
        body,
        right=(1, 2, 3, 4, 5),
        caption="Errors of the core rows; bias is the geometric mean of modelled over published",
    ) + (
        f"<p>Left to its own choice, under the rules of the year, the model finds the published corridor among its first "
        f"three ways in {told} of {free['n']:.0f} rows that name one.</p>"
    )


def rows_table(rows: pd.DataFrame) -> str:
    """Every benchmark with its modelled values."""
    body = []
    for r in rows.itertuples(index=False):
        rank = "" if pd.isna(r.free_rank) else f"{r.free_rank:.0f}"
        body.append(
            [
                esc(r.id),
                f"{esc(r.origin)}–{esc(r.destination)}",
                esc(r.corridor),
                "" if pd.isna(r.year) else f"{r.year:.0f}",
                number(r.published_days),
                _range(r.days_p10, r.days_p50, r.days_p90),
                percent(r.days_error, True),
                number(r.published_usd, 0),
                _range(r.usd_p10, r.usd_p50, r.usd_p90)
                if r.published_usd == r.published_usd
                else "",
                percent(r.usd_error, True),
                percent(r.km_error, True),
                rank,
                esc(r.status),
            ]
        )
    header = (
        "id",
        "route",
        "corridor",
        "year",
        "days",
        "modelled",
        "error",
        "USD",
        "modelled",
        "error",
        "km error",
        "rank",
        "status",
    )
    return table(header, body, right=(3, 4, 5, 6, 7, 8, 9, 10, 11))


def _range(low: float, middle: float, high: float) -> str:
    return "" if middle != middle else f"{number(middle)} ({number(low)}–{number(high)})"


def sources_and_limits(run: Run) -> str:
    """What the numbers rest on and what the model cannot say."""
    manifest, kinds, sources = run.manifest, run.table("fact_kinds"), run.table("sources")
    pivot = kinds.pivot_table(
        index="table", columns="value_kind", values="rows", aggfunc="sum", fill_value=0, sort=False
    )
    counted = table(
        ("table of facts", *KINDS),
        [
            [esc(name), *(number(float(row.get(k, 0)), 0) for k in KINDS)]
            for name, row in pivot.iterrows()
        ],
        right=(1, 2, 3, 4),
        caption="How the values are known",
    )
    listed = table(
        ("id", "title", "publisher", "year"),
        [
            [esc(r.source_id), link(r.url, r.title), esc(r.publisher), esc(r.year)]
            for r in sources.itertuples(index=False)
        ],
        caption="Sources used in this report",
    )
    parameters = table(
        ("parameter", "value", "range", "unit", "meaning", "kind"),
        [
            [
                esc(p.parameter),
                number(p.value),
                f"{number(p.low)}–{number(p.high)}",
                esc(p.unit),
                esc(p.description),
                esc(p.value_kind),
            ]
            for p in run.table("parameters").itertuples(index=False)
        ],
        right=(1, 2),
        caption="Numbers of the model that are no property of a place",
    )
    world = manifest["world"]
    changed = (
        f" Tables replaced by the user: {esc(', '.join(world['overridden']))}."
        if world["overridden"]
        else ""
    )
    limits = "".join(
        f"<li>{item}</li>"
        for item in (
            f"Rules of passage, seasons and legal flags were last read in {esc(world['as_of'][:7])}. A rule without an "
            "end date may have ended.",
            *(esc(limit) for limit in manifest["limits"]),
            "Legal flags are information for planning, not advice.",
            "Prices are rates per unit built from published tariffs and estimates, not quotations; payment costs, duties "
            "and inland collection are not in them.",
            "Times assume cargo that is ready and papers in order. Queues in a surge are in the P90 of their border, not in a "
            "forecast of the day.",
            "Wagon supply, slots and the capacity of ferries do not bind yet: a way that is cheap here may be full.",
            "CO₂e is well to wheel for transport legs; hubs have no sourced factor and count nothing.",
            "Country lines on the maps are de facto lines from Natural Earth and imply no position.",
        )
    )
    return (
        f"{rests_on(run)}<ul>{limits}</ul><p>{esc(world['title'])}, facts {esc(world['hash'][:12])}.{changed}</p>{counted}"
        f"{details('Parameters of the model', parameters)}{details('Sources', listed)}"
    )


def rests_on(run: Run) -> str:
    """Which part of what promises are likely to bring rests on which kind of value, and on what else."""
    if "measure_effects" not in run.manifest["tables"]:
        return ""
    effects = run.table("measure_effects")
    own = effects[(effects["theme"] != "setbacks") & effects["expected_musd"].notna()]
    whole = float(own["expected_musd"].sum())
    if not whole > 0:
        return ""
    rows = []
    for kind in KINDS:
        mine = own[own["value_kind"] == kind]
        if not len(mine):
            continue
        total = float(mine["expected_musd"].sum())
        key = f"measure_effects/{'+'.join(mine['measure_id'])}/expected_musd"
        rows.append(
            [kind, str(len(mine)), value(key, number(total, 1)), of_whole(total / whole)],
        )
    told = table(
        ("size of the promise", "promises", "likely gain, million USD", "of all"),
        rows,
        right=(1, 2, 3),
        caption="What the likely gain of all promises rests on: gain times how likely, by how its size is known",
    )
    return (
        f"<h3>What the answer rests on</h3>{told}<p>Assumed besides: growth without promises, how fast trade answers, and the "
        f"odds of promises without a record of promises like them. {_movers(run)}</p><h3>Limits</h3>"
    )


def of_whole(share: float) -> str:
    """A part in per cent, never rounded to nothing."""
    return "under 1\u00a0%" if 0 < share < 0.005 else percent(share)


def _movers(run: Run) -> str:
    """The three assumptions that move the trade of the horizon most."""
    if "assumptions" not in run.manifest["tables"]:
        return ""
    names = words(
        [movers_name(r) for r in run.table("assumptions").head(3).itertuples(index=False)]
    )
    return f"One at a time, most is moved by {names} million USD a year."

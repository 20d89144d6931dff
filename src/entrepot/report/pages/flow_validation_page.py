"""The part of docs/validation.md on flows: counts and events of the past."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from entrepot.report.charts.svg import number
from entrepot.report.sections.quality import percent

HEAD = """## Flows: tonnes on corridors

The trade of {year} in tonnes goes by the routes that the model chooses on {on}, with the rules of that day.
A shipment counts once where it passes a corridor. Mt a year; *factor* is modelled over observed.
*Calibration*: the constants of corridor_constants.csv are estimated on the count, so its error is in-sample;
*left out* is what they give when estimated without it. *Test*: compared only. *Explained*: shown, but what the source
counts or its year is not what the model holds. Where sources conflict, the lowest and the highest stand in brackets.
"""
USES = {"calibration": "calibration", "test": "test", "explained": "explained"}


def flow_sections(
    counts: pd.DataFrame,
    back_tests: pd.DataFrame,
    constants: pd.DataFrame,
    summary: Mapping[str, Mapping[str, float]],
    on: str,
) -> str:
    """Markdown of counts, constants and back-tests; constants: corridor_constants.csv."""
    lines = [
        HEAD.format(year=on[:4], on=on),
        "| use | counts | within a factor 1.5 | mean error, as a factor | left out |",
        "|---|---:|---:|---:|---:|",
    ]
    for use, s in summary.items():
        apart = s.get("mean_factor_left_out", float("nan"))
        lines.append(
            f"| {USES[use]} | {s['n']:.0f} | {s['within']:.0f} | {number(s['mean_factor'], 2)} | "
            f"{number(apart, 2)} |"
        )
    lines += [
        "",
        "| count | year | use | observed | modelled | left out | factor | within 1.5 | what to know |",
        "|---|---:|---|---:|---:|---:|---:|---|---|",
    ]
    for r in counts.itertuples(index=False):
        cells = (
            r.name,
            r.year,
            USES[r.use],
            observed(r.observed_low_mt, r.observed_mt, r.observed_high_mt),
            number(r.modelled_mt, 2),
            number(r.left_out_mt, 2),
            number(r.factor, 2),
            r.within,
            r.why,
        )
        lines.append(_row(cells))
    lines += [
        "",
        "### Constants of corridors",
        "",
        "A constant takes exp(-constant) from the odds of the routes it is about. They stay in counterfactuals.",
        "",
        "| constant | log odds | two standard errors | what it stands for |",
        "|---|---:|---:|---|",
    ]
    for r in constants.itertuples(index=False):
        span = f"{number(r.low, 1)} to {number(r.high, 1)}" if r.low == r.low else ""
        lines.append(_row((r.name, number(r.log_odds, 2), span, r.why)))
    lines += [
        "",
        "### Back-tests: events of the past",
        "",
        "Demand stays that of the base year on both sides, so growth of trade is no part of the modelled change.",
        "",
        "| event | observed in | observed change | modelled change | modelled Mt a year | same sign | how it is put in |",
        "|---|---|---:|---:|---:|---|---|",
    ]
    for r in back_tests.itertuples(index=False):
        tonnes = f"{number(r.modelled_before_mt, 2)} to {number(r.modelled_after_mt, 2)}"
        lines.append(
            _row(
                (
                    r.name,
                    r.period,
                    percent(r.observed_change, True),
                    percent(r.modelled_change, True),
                    tonnes,
                    r.same_sign,
                    r.why,
                )
            )
        )
    return "\n".join([*lines, ""])


def observed(low: float, value: float, high: float) -> str:
    """The value compared with, and the range of sources where there is one."""
    text = number(value, 2)
    if low == low and high == high and low < high:
        text += f" ({number(low, 2)}-{number(high, 2)})"
    return text


def _row(cells: tuple[object, ...]) -> str:
    return "| " + " | ".join(str(c).replace("|", "/") for c in cells) + " |"

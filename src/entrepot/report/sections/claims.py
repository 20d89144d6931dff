"""Section: what was claimed, and what the data say."""

from __future__ import annotations

from typing import Any

import pandas as pd

from entrepot.answers.run import Run
from entrepot.report.charts.svg import esc, number
from entrepot.report.sections.barrier_tables import cited
from entrepot.report.tables import link, table, value

WISHES = ("target", "forecast", "capacity")
# Larger units people read; a test of the page knows the same words.
LARGER = (
    ("million USD", 1e3, "billion"),
    ("t", 1e6, "Mt"),
    ("t", 1e3, "kt"),
)
SIGNS = {"percent": "%", "million USD": "million USD"}


def claims_section(run: Run) -> str:
    """Claims of the dossier with their verdicts; targets apart, for a wish cannot be true or false."""
    if "claim_checks" not in run.manifest["tables"]:
        return ""
    claims = run.table("claim_checks")
    if not len(claims):
        return ""
    sources = run.table("sources")
    links = {r.source_id: link(r.url, r.source_id) for r in sources.itertuples(index=False)}
    wishes = claims["kind"].isin(WISHES)
    return "".join(
        (
            _lead(claims[~wishes], claims[wishes]),
            _table(claims[~wishes], links, "What was said to be so", "what other sources say"),
            _table(
                claims[wishes],
                links,
                "Targets, forecasts and capacities. Consistent means that others said it too, not that it is likely",
                "what is on record",
            ),
        )
    )


def _lead(facts: pd.DataFrame, wishes: pd.DataFrame) -> str:
    alone = int((facts["own_source"]).sum())
    disagree = int(facts["reason"].str.startswith("Sources disagree").sum())
    good, bad, open_ = (
        int((facts["verdict"] == v).sum()) for v in ("consistent", "inconsistent", "cannot tell")
    )
    text = (
        f"<p>Of {len(facts)} statements on what is or was, other sources bear out {good} and contradict {bad}, and {open_} cannot "
        "be judged. A figure that comes from the same report as the statement proves nothing, so each is held against other "
        "sources only."
    )
    if alone:
        text += f" Nobody but the speaker says so in {alone} of these."
    if disagree:
        text += f" In {disagree} the speaker's source and others disagree."
    if len(wishes):
        told = int((wishes["verdict"] == "consistent").sum())
        text += (
            f" Of {len(wishes)} targets, forecasts and capacities {told} were named by others as well; whether they are "
            "likely is the matter of the section on the target, not of this one."
        )
    return (
        text + " Statements are told in our own words; articles are not shipped. Names such "
        "as C050 or bilateral_series IK028 are rows of the dossier and of the facts.</p>"
    )


def _table(claims: pd.DataFrame, links: dict[str, str], caption: str, heard: str) -> str:
    if not len(claims):
        return ""
    order = {"inconsistent": 0, "consistent": 1, "cannot tell": 2}
    rank = claims["verdict"].map(order).fillna(3)
    shown = claims.assign(rank=rank).sort_values(["rank", "said"], kind="stable")
    rows = [_row(r, links) for r in shown.to_dict("records")]
    return table(("said", "claim", "value", "verdict", heard), rows, right=(2,), caption=caption)


def _row(r: dict[str, Any], links: dict[str, str]) -> list[str]:
    who = f"<br><small>{esc(r['who'])}</small>" if r["who"] else ""
    when = f"<br><small>{esc(str(r['period']).replace('/', ' to '))}</small>" if r["period"] else ""
    sources = cited(r["source_id"], links)
    return [
        f'<span class="date">{esc(r["said"])}</span>',
        f'{esc(r["text"])} <span class="tag">{esc(r["kind"])}</span>{who}',
        _value(r) + when,
        f'<strong class="date">{esc(r["verdict"])}</strong>',
        esc(r["reason"]) + (f" <small>Sources: {sources}</small>" if sources else ""),
    ]


def _value(r: dict[str, Any]) -> str:
    """The value of a claim with its unit; a bound says on which side it is open."""
    key = f"claim_checks/{r['claim_id']}"
    low, high, unit = r["low"], r["high"], str(r["unit"])
    ends = [(c, float(v)) for c, v in (("low", low), ("high", high)) if v == v and v is not None]
    if not ends:
        return ""
    column, end = ends[0]
    scale, name = next(
        ((s, n) for u, s, n in LARGER if u == unit and abs(end) >= s), (1.0, SIGNS.get(unit, unit))
    )
    shown = value(f"{key}/{column}", f"{number(end / scale, _digits(end / scale))}\u00a0{name}")
    if len(ends) == 1:
        shown += " or more" if column == "low" else " or less"
    elif low != high:
        top = value(
            f"{key}/high",
            f"{number(float(high) / scale, _digits(float(high) / scale))}\u00a0{name}",
        )
        shown = f"{shown} to {top}"
    grows = r["measure"] == "growth" and unit != "times"
    return ("growth " if grows else "") + shown


def _digits(shown: float) -> int:
    return 0 if shown == round(shown) else 1

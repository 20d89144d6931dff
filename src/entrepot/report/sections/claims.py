"""Section: what was claimed, and what the data say."""

from __future__ import annotations

from typing import Any

import pandas as pd
from markupsafe import Markup, escape

from entrepot.answers.run import Run
from entrepot.report.charts.svg import number
from entrepot.report.tables import addresses, value
from entrepot.report.templates import fill

VERDICTS = ("consistent", "inconsistent", "cannot tell")
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
    is_wish = claims["kind"].isin(WISHES)
    facts, wishes = claims[~is_wish], claims[is_wish]
    good, bad, undecided = (int((facts["verdict"] == v).sum()) for v in VERDICTS)
    return fill(
        "claims.html",
        facts=_rows(facts),
        wishes=_rows(wishes),
        good=good,
        bad=bad,
        open=undecided,
        alone=int(facts["own_source"].sum()),
        disagree=int(facts["reason"].str.startswith("Sources disagree").sum()),
        told=int((wishes["verdict"] == "consistent").sum()),
        links=addresses(run),
    )


def _rows(claims: pd.DataFrame) -> list[dict[str, Any]]:
    """Claims with what is contradicted first."""
    order = {"inconsistent": 0, "consistent": 1, "cannot tell": 2}
    rank = claims["verdict"].map(order).fillna(3)
    shown = claims.assign(rank=rank).sort_values(["rank", "said"], kind="stable")
    return [
        r | {"shown": _value(r), "period": str(r["period"] or "").replace("/", " to ")}
        for r in shown.to_dict("records")
    ]


def _value(r: dict[str, Any]) -> Markup:
    """The value of a claim with its unit; a bound says on which side it is open."""
    ends = [(c, float(r[c])) for c in ("low", "high") if r[c] == r[c] and r[c] is not None]
    if not ends:
        return escape("")
    shown = _end(r, *ends[0])
    if len(ends) == 1:
        shown += " or more" if ends[0][0] == "low" else " or less"
    elif r["low"] != r["high"]:
        shown += " to " + _end(r, *ends[1])
    grows = r["measure"] == "growth" and r["unit"] != "times"
    return ("growth " if grows else "") + shown


def _end(r: dict[str, Any], column: str, end: float) -> Markup:
    """One end of the value in the unit that people read, which the size of the first end chooses."""
    unit = str(r["unit"])
    size = abs(next(float(v) for v in (r["low"], r["high"]) if v == v and v is not None))
    scale, name = next(
        ((s, n) for u, s, n in LARGER if u == unit and size >= s), (1.0, SIGNS.get(unit, unit))
    )
    scaled = end / scale
    digits = 0 if scaled == round(scaled) else 1
    return value(f"claim_checks/{r['claim_id']}/{column}", f"{number(scaled, digits)}\u00a0{name}")

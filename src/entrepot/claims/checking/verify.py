"""Are the claims of a text right? Compared with the data of the world and with the dossier.

The verdict is `consistent`, `inconsistent` or `cannot tell`, with the reason. Where there are no
data the answer is `cannot tell`; nothing is made up, and a part of a year is never blown up to a
whole one to find fault.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from entrepot.claims.checking.evidence import (
    Datum,
    amount,
    around,
    corridor_data,
    flow_in,
    product_in,
    same_period,
    totals_data,
    trade_data,
)
from entrepot.claims.checking.records import (
    capacity_verdict,
    count_verdict,
    date_verdict,
    target_verdict,
)
from entrepot.claims.checking.verdict import (
    CANNOT,
    CONSISTENT,
    INCONSISTENT,
    Verdict,
)
from entrepot.claims.reading.periods import year_before
from entrepot.claims.reading.read import (
    Proposal,
    moved,
    read_claims,
)
from entrepot.claims.reading.split import sentences
from entrepot.claims.reading.words import COUNTRY
from entrepot.dossier.objects import Dossier
from entrepot.facts.world import World
from entrepot.kernels.short_repr import short_repr

ROUNDING = 0.05  # published figures are rounded and revised
OTHER_METHOD = 0.15  # totals of a balanced matrix beside national statistics
CLEARLY = 0.5


@short_repr
@dataclass(frozen=True, slots=True)
class Context:
    """What a claim is judged by: the dossier, the world, and whom the text is about."""

    dossier: Dossier
    world: World
    parties: tuple[str, ...]


def check_text(text: str, dossier: Dossier, world: World) -> tuple[Verdict, ...]:
    """A verdict for each claim of a text, in its order.

    A sentence that names no country is taken to be about those the text named last.
    """
    out: list[Verdict] = []
    parties: tuple[str, ...] = ()
    for start, end in sentences(text):
        named = tuple(c for c, p in COUNTRY.items() if p.search(text[start:end]))
        # A sentence about one country of those named last is still about all of them.
        if len(named) > 1 or not set(named) <= set(parties):
            parties = named
        claims = [moved(c, start) for c in read_claims(text[start:end])]
        for claim in claims:
            own = [c for c in claims if c is not claim]
            out.append(check_claim(claim, Context(dossier, world, parties), own))
    return tuple(out)


def check_claim(claim: Proposal, context: Context, others: Sequence[Proposal] = ()) -> Verdict:
    """The verdict on one claim; others: claims of the same sentence."""
    clash = _arithmetic(claim, others)
    if clash is not None:
        return clash
    if claim.kind == "qualitative":
        return Verdict(
            claim, CANNOT, "A statement without a figure; compare it with the events by hand."
        )
    if claim.kind in ("target", "forecast"):
        return target_verdict(claim, context.dossier, context.world, context.parties)
    if claim.kind == "capacity":
        return capacity_verdict(claim, context.dossier, context.world)
    if claim.kind == "date":
        return date_verdict(claim, context.dossier, context.world, context.parties)
    if claim.kind == "cost":
        return Verdict(claim, CANNOT, "Costs of single works are not compared.")
    if claim.unit == "documents" or claim.measure == "share":
        return count_verdict(claim, context.dossier, context.parties)
    if claim.measure == "growth":
        return _growth(claim, context)
    return _level(claim, context)


def _data(claim: Proposal, context: Context, unit: str) -> list[Datum]:
    """Published values of what a claim is about."""
    world, sentence = context.world, claim.sentence
    pair = context.parties[:2] if len(context.parties) == 2 else ()
    if unit == "USD" and len(pair) == 2:
        ends = (pair[0], pair[1])
        flow, product = flow_in(sentence, ends), product_in(sentence)
        indicator = "turnover" if flow == "both" else "export value"
        if flow == "both" and product == "agriculture":
            indicator = "agricultural turnover"
        data = trade_data(world, ends, indicator, flow, product)
        return data + (totals_data(world, ends, flow) if flow and product == "all" else [])
    if unit in ("t", "TEU", "trains"):
        data = corridor_data(world, sentence, unit)
        if unit == "t" and len(pair) == 2:
            ends = (pair[0], pair[1])
            flow, product = flow_in(sentence, ends), product_in(sentence)
            kinds = (
                ("rail weight",) if flow in ("", "both") else ("export weight", "rail+port weight")
            )
            for kind in kinds:
                name = "all rail freight" if kind == "rail weight" else product
                data += trade_data(world, ends, kind, flow or "both", name)
        return data
    return []


def _level(claim: Proposal, context: Context) -> Verdict:
    data = _data(claim, context, claim.unit)
    if not data:
        return Verdict(claim, CANNOT, "The data hold nothing of this kind.")
    if not claim.period:
        return Verdict(claim, CANNOT, "No period is named, so there is nothing to compare with.")
    exact = same_period(data, claim.period)
    if exact:
        return _judge(claim, exact)
    longer, shorter = around(data, claim.period)
    least = claim.low if claim.low is not None else 0.0
    most = claim.high if claim.high is not None else float("inf")
    if longer and least > max(d.value for d in longer) * (1 + ROUNDING) and not claim.negated:
        whole = max(longer, key=lambda d: d.value)
        reason = f"A part cannot be more than the whole: {whole.words}."
        return Verdict(claim, INCONSISTENT, reason, _sources(longer))
    if shorter and most < max(d.value for d in shorter) * (1 - ROUNDING) and not claim.negated:
        part = max(shorter, key=lambda d: d.value)
        reason = f"The whole cannot be less than a part of it: {part.words}."
        return Verdict(claim, INCONSISTENT, reason, _sources(shorter))
    near = (longer or shorter)[:2]
    if near:
        told = "; ".join(d.words for d in near)
        reason = f"No figure of exactly this period; near it: {told}."
        return Verdict(claim, CANNOT, reason + _annualised(claim, longer), _sources(near))
    return Verdict(claim, CANNOT, f"The data hold no figure for {claim.period}.")


def _annualised(claim: Proposal, longer: Sequence[Datum]) -> str:
    """What a part of a year comes to for twelve months, said with its caution."""
    from entrepot.claims.reading.periods import months_of

    months = months_of(claim.period)
    value = claim.low if claim.low is not None else claim.high
    if months is None or value is None:
        return ""
    n = months[1] - months[0] + 1
    if n == 12 or not longer:
        return ""
    year = amount(12 / n * value, claim.unit)
    return (
        f" {n} months come to {year} a year if every month were alike, which trade in grain is not."
    )


def _judge(claim: Proposal, data: Sequence[Datum]) -> Verdict:
    """Compare a level with published values of the same thing and period."""
    told = "; ".join(d.words for d in data[:4])
    good = [d for d in data if _fits(claim, d)]
    if claim.negated:
        value = claim.low if claim.low is not None else claim.high
        if value is None:
            return Verdict(claim, CANNOT, told, _sources(data))
        below = all(d.value < value * (1 - ROUNDING) for d in data)
        above = all(d.value >= value * (1 + ROUNDING) for d in data)
        verdict = CONSISTENT if below else INCONSISTENT if above else CANNOT
        return Verdict(claim, verdict, f"Published: {told}.", _sources(data))
    if good:
        others = [d for d in data if d not in good]
        more = f" Other sources differ: {'; '.join(d.words for d in others[:3])}." if others else ""
        told = "; ".join(d.words for d in good[:3])
        return Verdict(claim, CONSISTENT, f"Published: {told}.{more}", _sources(data))
    off = [_distance(claim, d) for d in data]
    if min(off) > (
        CLEARLY if any("totals" in d.where for d in data) and len(data) == 1 else 2 * ROUNDING
    ):
        factor = _factor(claim, min(data, key=lambda d: _distance(claim, d)))
        return Verdict(claim, INCONSISTENT, f"Published: {told}.{factor}", _sources(data))
    return Verdict(claim, CANNOT, f"Near, but not the same: {told}.", _sources(data))


def _tolerance(d: Datum) -> float:
    return OTHER_METHOD if d.where == "trade_totals" else ROUNDING


def _fits(claim: Proposal, d: Datum) -> bool:
    low = -float("inf") if claim.low is None else claim.low
    high = float("inf") if claim.high is None else claim.high
    room = _tolerance(d) * abs(d.value)
    return low - room <= d.value <= high + room


def _distance(claim: Proposal, d: Datum) -> float:
    """How far outside the claim a value lies, as a part of it."""
    low = d.value if claim.low is None else claim.low
    high = d.value if claim.high is None else claim.high
    gap = max(low - d.value, d.value - high, 0.0)
    return gap / abs(d.value) if d.value else float("inf")


def _factor(claim: Proposal, d: Datum) -> str:
    value = claim.low if claim.low is not None else claim.high
    if not value or not d.value:
        return ""
    ratio = value / d.value
    return (
        f" The claim is {ratio:.2g} times that."
        if ratio > 1
        else f" The claim is 1/{1 / ratio:.2g} of that."
    )


def _growth(claim: Proposal, context: Context) -> Verdict:
    """Growth against published growth, or against what two published levels give."""
    if not claim.period:
        return Verdict(claim, CANNOT, "No period is named, so there is nothing to compare with.")
    wanted = _as_percent(claim)
    if wanted is None:
        return Verdict(claim, CANNOT, "A growth without an end.")
    told: list[str] = []
    values: list[float] = []
    sources: list[str] = []
    if claim.subject == "trade" and len(context.parties) == 2:
        pair = (context.parties[0], context.parties[1])
        for d in same_period(
            trade_data(context.world, pair, "turnover growth", "both", "all"), claim.period
        ):
            values.append(d.value)
            told.append(d.words)
            sources += d.source_id
    unit = "USD" if claim.subject in ("trade", "exports", "imports") else "t"
    data = _data(claim, context, unit)
    now, before = same_period(data, claim.period), same_period(data, year_before(claim.period))
    implied = [100 * (a.value / b.value - 1) for a in now for b in before if b.value]
    if implied:
        values += implied
        low, high = min(implied), max(implied)
        told.append(
            f"levels give {low:.0f} %" if low == high else f"levels give {low:.0f} to {high:.0f} %"
        )
        sources += [s for d in (*now, *before) for s in d.source_id]
    if not values:
        return Verdict(claim, CANNOT, f"The data hold no growth for {claim.period}.")
    room = max(2.0, 0.1 * abs(wanted))
    source_id = tuple(dict.fromkeys(sources))
    reason = f"Published: {'; '.join(told)}."
    if any(abs(v - wanted) <= room for v in values):
        return Verdict(claim, CONSISTENT, reason, source_id)
    if min(values) - 2 * room <= wanted <= max(values) + 2 * room:
        return Verdict(claim, CANNOT, reason + " Sources disagree about it.", source_id)
    return Verdict(claim, INCONSISTENT, reason, source_id)


def _as_percent(claim: Proposal) -> float | None:
    value = claim.low if claim.low is not None else claim.high
    if value is None:
        return None
    return 100 * (value - 1) if claim.unit == "times" else value


def _arithmetic(claim: Proposal, others: Sequence[Proposal]) -> Verdict | None:
    """A growth that does not lead from one level of its sentence to the other."""
    if claim.measure != "growth" or claim.negated:
        return None
    wanted = _as_percent(claim)
    levels = [
        c for c in others if c.measure == "level" and c.low == c.high and c.low and not c.negated
    ]
    if wanted is None or claim.low != claim.high or len(levels) != 2:
        return None
    first, second = levels
    if first.unit != second.unit or first.unit == "percent":
        return None
    ratio = (second.low or 1.0) / (first.low or 1.0)
    stated = 1 + wanted / 100
    if stated > 0 and min(abs(ratio / stated - 1), abs(1 / ratio / stated - 1)) > 2 * ROUNDING:
        reason = (
            f"The figures of the sentence do not fit: {amount(first.low or 0, first.unit)} and "
            f"{amount(second.low or 0, second.unit)} differ by a factor {max(ratio, 1 / ratio):.2f}, the "
            f"growth stated is a factor {stated:.2f}."
        )
        return Verdict(claim, INCONSISTENT, reason)
    return None


def _sources(data: Sequence[Datum]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(s for d in data for s in d.source_id))

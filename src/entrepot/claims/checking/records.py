"""Claims against what is on record: targets, capacities, dates and counts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from entrepot.claims.checking.evidence import (
    CORRIDORS,
    amount,
    latest,
    trade_data,
)
from entrepot.claims.checking.verdict import (
    CANNOT,
    CONSISTENT,
    INCONSISTENT,
    Verdict,
)
from entrepot.claims.reading.periods import year_in
from entrepot.claims.reading.read import Proposal
from entrepot.dossier.history import outcome
from entrepot.dossier.objects import Commitment, Dossier
from entrepot.facts.world import World

UNITS = {
    "MUSD/year": ("USD", 1e6), "MUSD": ("USD", 1e6), "kt/year": ("t", 1e3), "times": ("times", 1.0),
    "percent": ("percent", 1.0), "documents": ("documents", 1.0), "days": ("days", 1.0),
    "permits": ("permits", 1.0), "count/year": ("permits", 1.0),
}  # fmt: skip
NEAR = 0.02
PLAIN = re.compile(r"[A-Z][a-z]{3,}")
COMMON = {
    "Railway",
    "Port",
    "Kazakh",
    "Kazakhstan",
    "Iran",
    "Iraq",
    "Russia",
    "China",
    "Programme",
    "Eastern",
}


def in_units(c: Commitment) -> tuple[float, str] | None:
    """The value of a commitment in whole units."""
    if c.value is None or c.unit not in UNITS:
        return None
    unit, factor = UNITS[c.unit]
    return c.value * factor, unit


def _alike(claim: Proposal, c: Commitment, parties: Sequence[str]) -> bool:
    found = in_units(c)
    if found is None or found[1] != claim.unit:
        return False
    if parties and not set(parties) <= set(c.parties) and "EAEU" not in c.parties:
        return False
    value = found[0]
    wanted = [v for v in (claim.low, claim.high) if v is not None]
    return any(abs(v - value) <= NEAR * value for v in wanted)


def target_verdict(
    claim: Proposal, dossier: Dossier, world: World, parties: tuple[str, ...]
) -> Verdict:
    """A target or forecast against those on record, their earlier vintages, and the way to go."""
    same = [c for c in dossier.commitments if _alike(claim, c, parties)]
    if not same:
        return Verdict(claim, CANNOT, "No such target or forecast is on record.")
    same.sort(key=lambda c: c.date)
    missed = [c for c in same if outcome(dossier, c.id) == "not kept"]
    told = ", ".join(
        f"{c.id} of {c.date}{f' for {c.deadline}' if c.deadline else ''}"
        f"{' (not kept)' if c in missed else ''}"
        for c in same
    )
    about = tuple(c.id for c in same)
    sources = tuple(dict.fromkeys(s for c in same for s in c.source_id))
    reason = f"On record: {told}." + _distance(claim, world, parties)
    if claim.negated:
        kept = [c for c in same if outcome(dossier, c.id) == "kept"]
        verdict = CONSISTENT if missed else INCONSISTENT if kept else CANNOT
        return Verdict(claim, verdict, reason, sources, about)
    year = year_in(claim.period)
    deadlines = {year_in(c.deadline) for c in same if c.deadline} - {None}
    if year is not None and year not in deadlines:
        reason += f" None of them is for {year}."
        return Verdict(claim, CANNOT, reason, sources, about)
    return Verdict(claim, CONSISTENT, reason, sources, about)


def _distance(claim: Proposal, world: World, parties: tuple[str, ...]) -> str:
    """How far the last published trade is from the target, and what growth that needs."""
    value = claim.high if claim.high is not None else claim.low
    if claim.unit != "USD" or len(parties) != 2 or value is None:
        return ""
    last = latest(trade_data(world, (parties[0], parties[1]), "turnover", "both", "all"))
    if last is None:
        return ""
    factor = value / last.value
    out = f" That is {factor:.1f} times the {amount(last.value, 'USD')} of {last.label}"
    end, start = year_in(claim.period), year_in(last.label)
    if end is not None and start is not None and end > start:
        yearly = 100 * (factor ** (1 / (end - start)) - 1)
        out += f", or {yearly:.0f} % growth a year for {end - start} years"
    return out + "."


def capacity_verdict(claim: Proposal, dossier: Dossier, world: World) -> Verdict:
    """A capacity against those of the works and corridors it names."""
    if claim.unit not in ("t", "TEU"):
        return Verdict(claim, CANNOT, "No capacity of this kind is on record.")
    known: list[tuple[float, str, str, tuple[str, ...]]] = []
    if claim.unit == "t":
        for p in projects_in(world, claim.sentence):
            for column, word in (("capacity_before_mt", "before"), ("capacity_after_mt", "after")):
                value = p[column]
                if value == value and value > 0:
                    known.append(
                        (value * 1e6, f"{p['name']} {word}", p["project_id"], p["source_id"])
                    )
        if any(re.search(words, claim.sentence, re.I) for words, _ in CORRIDORS[:1]) or re.search(
            r"\bkti\b|kazakhstan-turkmenistan-iran", claim.sentence, re.I
        ):
            for c in dossier.commitments:
                found = in_units(c)
                if found and found[1] == "t" and "capacity" in c.target:
                    known.append((found[0], f"{c.target}, {c.date}", c.id, c.source_id))
    if not known:
        return Verdict(claim, CANNOT, "No capacity of what it names is on record.")
    told = "; ".join(f"{amount(v, claim.unit)} ({name}, {i})" for v, name, i, _ in known)
    sources = tuple(dict.fromkeys(s for *_, ids in known for s in ids))
    about = tuple(dict.fromkeys(i for _, _, i, _ in known))
    value = claim.high if claim.high is not None else claim.low or 0.0
    if any(abs(v - value) <= 0.05 * v for v, *_ in known):
        return Verdict(claim, CONSISTENT, f"On record: {told}.", sources, about)
    least, most = min(v for v, *_ in known), max(v for v, *_ in known)
    verdict = INCONSISTENT if value > 2 * most or value < least / 2 else CANNOT
    return Verdict(claim, verdict, f"On record: {told}.", sources, about)


def projects_in(world: World, sentence: str) -> list[dict[str, Any]]:
    """Projects whose names a sentence holds: two words of the name, or its only one."""
    out: list[dict[str, Any]] = []
    for row in world.table("projects").to_dict(orient="records"):
        words = [w for w in dict.fromkeys(PLAIN.findall(str(row["name"]))) if w not in COMMON]
        hits = [w for w in words if re.search(rf"\b{w}", sentence, re.I)]
        if words and len(hits) >= min(2, len(words)):
            out.append({str(k): v for k, v in row.items()})
    return out


def date_verdict(
    claim: Proposal, dossier: Dossier, world: World, parties: tuple[str, ...]
) -> Verdict:
    """An opening or start against dates announced and seen."""
    same_day = [
        e
        for e in dossier.events
        if len(claim.period) > 7 and e.date == claim.period and e.axis == "evidence"
    ]
    if same_day:
        told = "; ".join(f"{e.date} {e.status} ({e.id})" for e in same_day)
        sources = tuple(s for e in same_day for s in e.source_id)
        return Verdict(
            claim, CONSISTENT, f"On record: {told}.", sources, tuple(e.about for e in same_day)
        )
    found = projects_in(world, claim.sentence)
    year = year_in(claim.period)
    if not found or year is None:
        return Verdict(claim, CANNOT, "No work of this name with a date is on record.")
    p = found[0]
    first, last = str(p["first_promised"]), str(p["latest_announced"])
    own = str(p["project_id"])
    about = (own, *(c.id for c in dossier.commitments if c.project == own))
    due = [e.due for a in about for e in dossier.events_of(a) if e.due]
    told = f"{p['name']}: {p['status']}, first promised for {first or 'no date'}"
    told += f", dates since {', '.join(dict.fromkeys(due))}" if due else ""
    told += f", last announced {last}." if last else "."
    sources = _ids(p["source_id"])
    known = {y for t in (first, *due) if (y := year_in(t)) is not None}
    final = year_in(last)
    if final is None:
        return Verdict(claim, CANNOT, told, sources, about)
    if claim.negated:
        verdict = CONSISTENT if final >= year else INCONSISTENT
        return Verdict(claim, verdict, told, sources, about)
    if year == final:
        return Verdict(claim, CONSISTENT, told, sources, about)
    if p["status"] == "open":
        return Verdict(claim, INCONSISTENT, told, sources, about)
    if year in known and year < final:
        return Verdict(claim, INCONSISTENT, told + " The date has slipped since.", sources, about)
    return Verdict(claim, CANNOT, told + f" {year} is not among them.", sources, about)


def _ids(value: object) -> tuple[str, ...]:
    return tuple(str(v) for v in value) if isinstance(value, Iterable) else ()


def count_verdict(claim: Proposal, dossier: Dossier, parties: tuple[str, ...]) -> Verdict:
    """Documents signed and shares of tariff lines against those on record."""
    same = [c for c in dossier.commitments if _alike(claim, c, parties)]
    if claim.unit == "percent":
        same = [c for c in same if re.search(r"tariff|dut", claim.sentence, re.I)]
    if not same:
        return Verdict(claim, CANNOT, "Nothing of this kind is on record.")
    told = "; ".join(f"{c.id} of {c.date}: {c.text}" for c in same)
    sources = tuple(dict.fromkeys(s for c in same for s in c.source_id))
    return Verdict(claim, CONSISTENT, f"On record: {told}.", sources, tuple(c.id for c in same))

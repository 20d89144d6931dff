"""Claims of a dossier, each against the data of other sources.

A figure that was taken from the same report as the claim proves nothing. So each claim is compared
twice: with all the facts, and with those that neither come from its own source nor were worked out
from a claim. Only the second can confirm it.
"""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from entrepot.claims.checking.verdict import (
    CANNOT,
    CONSISTENT,
    INCONSISTENT,
    Verdict,
)
from entrepot.claims.checking.verify import Context, check_claim
from entrepot.claims.reading.read import Proposal
from entrepot.dossier import Claim, Dossier, load_dossier
from entrepot.engine.engine import Engine
from entrepot.engine.question import Options, Question, Records, Tables
from entrepot.facts.world import World
from entrepot.schema.check import Raw

COLUMNS = (
    "claim_id", "text", "who", "said", "kind", "measure", "period", "low", "high", "unit",
    "verdict", "reason", "data", "source_id", "own_source",
)  # fmt: skip
# Tables that hold published figures, and works with their dates.
PUBLISHED = ("bilateral_series", "corridor_volumes", "projects")
# A range whose ends read alike.
SAME_ENDS = re.compile(r"\b(-?\d+) to \1 %")
ROW = re.compile(r"\b(bilateral_series|corridor_volumes) (\w+)|\b(trade_totals)\b")
# Money is told in millions, everything else in whole units.
SCALES: dict[str, tuple[str, float]] = {"USD": ("million USD", 1e-6)}


def claim_checks(world: World, dossier: Dossier) -> pd.DataFrame:
    """Table claim_checks: every claim of a dossier that no other supersedes."""
    documents = {d.id: d for d in dossier.documents}
    sources = world.table("sources")
    address = dict(zip(sources["source_id"], sources["url"], strict=True))
    gone = {i for c in dossier.claims for i in c.supersedes}
    rows = []
    for claim in (c for c in dossier.claims if c.id not in gone):
        document = documents.get(claim.document)
        own = _same_pages(document.source_id if document is not None else (), address)
        verdict, alone = judged(claim, world, dossier, own)
        unit, scale = SCALES.get(claim.unit, (claim.unit, 1.0))
        rows.append(
            {
                "claim_id": claim.id,
                "text": claim.text,
                "who": claim.who,
                "said": document.date if document is not None else "",
                "kind": claim.kind,
                "measure": claim.measure,
                "period": claim.period,
                "low": None if claim.low is None else claim.low * scale,
                "high": None if claim.high is None else claim.high * scale,
                "unit": unit,
                "verdict": verdict.verdict,
                "reason": SAME_ENDS.sub(r"\1 %", verdict.reason),
                "data": _data(verdict),
                "source_id": verdict.source_id,
                "own_source": alone,
            }
        )
    return pd.DataFrame(rows, columns=list(COLUMNS))


def judged(
    claim: Claim, world: World, dossier: Dossier, own: frozenset[str]
) -> tuple[Verdict, bool]:
    """The verdict on a claim, and whether only its own source says so.

    own : sources of the document it stands in
    """
    asked = _proposal(claim, world)
    told = check_claim(asked, Context(dossier, world, claim.parties))
    if told.verdict == CANNOT:
        return told, False
    others = Context(_dossier_without(dossier, own), _world_without(world, own), claim.parties)
    other = check_claim(asked, others)
    if other.verdict == told.verdict:
        return replace(told, source_id=other.source_id), False
    if other.verdict == CANNOT:
        if told.verdict == INCONSISTENT:
            return told, False
        reason = f"Only its own source says so. Of others: {other.reason}"
        return Verdict(asked, CANNOT, reason, other.source_id, other.about), True
    words = "bears it out" if told.verdict == CONSISTENT else "speaks against it"
    reason = f"Sources disagree: its own {words}, others do not. {other.reason}"
    return Verdict(asked, CANNOT, reason, other.source_id, other.about), False


def _same_pages(ids: Sequence[str], address: Mapping[str, str]) -> frozenset[str]:
    """Sources and all others that stand at the same address under another name."""
    pages = {address[i] for i in ids if address.get(i)}
    return frozenset(ids) | {i for i, page in address.items() if page in pages}


def _proposal(claim: Claim, world: World) -> Proposal:
    """A claim of the dossier in the form of one read from a text."""
    zones = world.table("zones")
    names = dict(zip(zones["zone_id"], zones["name"], strict=True))
    where = " and ".join(names.get(p, p) for p in claim.parties)
    sentence = f"{claim.subject} of {where}: {claim.text}, {claim.basis}"
    return Proposal(
        0,
        len(claim.text),
        claim.text,
        sentence,
        claim.kind,
        claim.measure,
        claim.low,
        claim.high,
        claim.unit,
        claim.period,
        claim.subject,
        claim.parties,
        claim.who,
        claim.modality,
        claim.negated,
    )


def _world_without(world: World, own: frozenset[str]) -> World:
    """The facts without published figures of some sources, and without those worked out from claims."""
    kept = {n: _rows_without(world.raw[n], own) for n in PUBLISHED if world.raw.get(n)}
    raw: Mapping[str, Raw] = ChainMap(kept, dict(world.raw))
    return World(raw, world.meta, world.overridden)


def _rows_without(cells: Raw, own: frozenset[str]) -> Raw:
    sources = [frozenset(filter(None, cell.split(";"))) for cell in cells["source_id"]]
    basis = [
        f"{a} {b}"
        for a, b in zip(
            cells.get("period", [""] * len(sources)),
            cells.get("basis", [""] * len(sources)),
            strict=True,
        )
    ]
    keep = [
        not (s and s <= own) and "implied" not in b for s, b in zip(sources, basis, strict=True)
    ]
    return {
        column: [cell for cell, k in zip(values, keep, strict=True) if k]
        for column, values in cells.items()
    }


def _dossier_without(dossier: Dossier, own: frozenset[str]) -> Dossier:
    """The dossier without promises on record from some sources only."""
    kept = tuple(c for c in dossier.commitments if not set(c.source_id) <= own)
    return replace(dossier, commitments=kept)


def _data(verdict: Verdict) -> tuple[str, ...]:
    """What a verdict was reached with: objects of the dossier and rows of the facts."""
    found: dict[str, Any] = dict.fromkeys(verdict.about)
    for table, key, whole in ROW.findall(verdict.reason):
        found[whole or f"{table} {key}"] = None
    return tuple(found)


class ClaimOptions(Options):
    """Options of the check of claims. dossier : name of a shipped dossier, or a folder."""

    dossier: str


def tables(engine: Engine, options: ClaimOptions, done: Records) -> Tables:
    """Table claim_checks."""
    folder = Path(options.dossier)
    dossier = load_dossier(folder if folder.is_dir() else options.dossier, engine.world)
    return {"claim_checks": claim_checks(engine.world, dossier)}


QUESTIONS = (
    Question(
        "claim_checks",
        ClaimOptions,
        lambda options: "claims checked against the data",
        ("claim_checks",),
        inherits=("promises",),
        tables=tables,
    ),
)

"""What became of commitments: earlier vintages of the same promise, and what is late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from entrepot.dossier.objects import Commitment, Dossier, Event
from entrepot.dossier.parse import year_of
from entrepot.dossier.reference import ALL, reference_class
from entrepot.facts.world import World
from entrepot.uncertainty.ranges import Range

DAYS = 365.25


@dataclass(frozen=True, slots=True)
class Late:
    """A commitment past its deadline without evidence that it was kept.

    days            : since the end of the deadline
    outcome         : not kept or partly where that is settled, else empty
    reference_class : class its delay is compared with, and that class's delays in years
    restated        : later commitments to the same thing
    """

    commitment: Commitment
    days: int
    outcome: str
    last_evidence: Event | None
    reference_class: str
    delay: Range[float]
    restated: tuple[str, ...]


def vintages(dossier: Dossier, name: str) -> tuple[Commitment, ...]:
    """All commitments to the same thing, oldest first: those a commitment supersedes and follows."""
    by_id = {c.id: c for c in dossier.commitments}
    chain = {name}
    grown = True
    while grown:
        grown = False
        for c in dossier.commitments:
            linked = {c.id, *c.supersedes}
            if linked & chain and not linked <= chain:
                chain |= linked
                grown = True
    return tuple(sorted((by_id[i] for i in chain if i in by_id), key=lambda c: (c.date, c.id)))


def outcome(dossier: Dossier, name: str) -> str:
    """The last outcome on record, empty where there is none."""
    return next((e.outcome for e in reversed(dossier.events_of(name)) if e.outcome), "")


def late(dossier: Dossier, world: World, on: date) -> list[Late]:
    """Commitments whose deadline passed on a day without evidence, the latest first."""
    now = on.year + (on.timetuple().tm_yday - 1) / DAYS
    prospects = dossier.prospects
    out = []
    for c in dossier.commitments:
        end = year_of(c.deadline, end=True)
        found = outcome(dossier, c.id)
        if end is None or end > now or found == "kept":
            continue
        own = [prospects[m.id] for m in dossier.measures_of(c.id) if m.id in prospects]
        name = next((p.delay_class or p.reference_class for p in own if p.reference_class), ALL)
        seen = [e for e in dossier.events_of(c.id) if e.axis == "evidence" and e.date <= str(on)]
        later = [v.id for v in vintages(dossier, c.id) if v.date > c.date]
        out.append(
            Late(
                c,
                round((now - end) * DAYS),
                found,
                seen[-1] if seen else None,
                name,
                reference_class(world, name).delay,
                tuple(later),
            )
        )
    return sorted(out, key=lambda x: (-x.days, x.commitment.id))

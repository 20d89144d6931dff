"""What a dossier holds, as frozen objects."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from hashlib import sha256

from entrepot.facts.change import Change
from entrepot.uncertainty.ranges import Range

THEMES = ("transport", "border", "tariff", "payment", "infrastructure", "people", "other")
SETBACKS = "setbacks"
CLAIM_KINDS = ("actual", "target", "capacity", "forecast", "cost", "date", "qualitative")
CLAIM_MEASURES = ("level", "growth", "share")
MODALITIES = ("asserted", "intended", "possible", "obliged")
AXES = ("official", "evidence", "schedule")
EVIDENCE = ("measured", "published", "estimated", "assumed")
PROSPECT_KINDS = ("elicited", "assumed", "estimated")
SIDES = ("low", "mid", "high")
OUTCOMES = ("kept", "partly", "not kept")
# Names of the three figures of a range in files, by column.
RANGE_KEYS = {"probability": ("low", "mid", "high"), "delay": ("p10", "p50", "p90")}


@dataclass(frozen=True, slots=True)
class Document:
    """Something published.

    date : as far as known: 2025, 2025-12 or 2025-12-11
    text : name of the text file in the folder of the dossier; empty where there is none
    """

    id: str
    title: str
    date: str
    source_id: tuple[str, ...]
    parties: tuple[str, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a document's text; start and end are positions of characters, end not in."""

    id: str
    document: str
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Claim:
    """What somebody says.

    low, high : range of the value in `unit`; one of them None for a bound, both for no number
    measure   : level, growth or share
    period    : 2024, 2024-01/2024-09, 2024/25, a day or a month; of a target its deadline
    basis     : what the period and the figure rest on, such as calendar, Iranian year, rail only
    who       : who says it
    """

    id: str
    document: str
    kind: str
    text: str
    measure: str = "level"
    subject: str = ""
    parties: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    unit: str = ""
    period: str = ""
    basis: str = ""
    who: str = ""
    modality: str = "asserted"
    negated: bool = False
    span: str = ""
    supersedes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Commitment:
    """A promise.

    date         : when it was made, as far as known
    value, unit  : what is promised, where it can be measured
    deadline     : 2027 or 2027-06-30; empty: none was given
    supersedes   : earlier promises of the same thing
    first_stated : when the thing was first promised, by this or an earlier commitment
    """

    id: str
    text: str
    parties: tuple[str, ...]
    date: str
    theme: str
    source_id: tuple[str, ...]
    instrument: str = ""
    target: str = ""
    value: float | None = None
    unit: str = ""
    deadline: str = ""
    supersedes: tuple[str, ...] = ()
    first_stated: str = ""
    project: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class MeasureChange:
    """Cells of one table that change alike; low, mid and high are the sizes of the effect.

    cells : of a row that is put in, by column; rows and columns are empty then
    """

    table: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    operation: str
    low: str
    mid: str
    high: str
    cells: tuple[tuple[str, str], ...] = ()

    def value(self, side: str) -> str:
        return {"low": self.low, "mid": self.mid, "high": self.high}[side]


@dataclass(frozen=True, slots=True)
class Measure:
    """What a commitment, or a setback, does to the model.

    commitment           : empty for a setback
    in_facts_from        : day from which the facts hold the effect by themselves
    no_effect_because    : why nothing is changed
    """

    id: str
    title: str
    theme: str
    reason: str
    source_id: tuple[str, ...]
    commitment: str = ""
    evidence: str = "assumed"
    change: tuple[MeasureChange, ...] = ()
    no_effect_because: str = ""
    in_facts_from: str = ""
    supersedes: tuple[str, ...] = ()

    @property
    def modelled(self) -> bool:
        """Whether anything changes."""
        return bool(self.change)

    def in_facts(self, on: date | str) -> bool:
        """Whether the facts hold the effect on a day."""
        return bool(self.in_facts_from) and str(on) >= self.in_facts_from

    def changes(self, side: str = "mid", on: date | str | None = None) -> tuple[Change, ...]:
        """The changes at the low, middle or high size of the effect, with their low and high values.

        on : day of the rules; none on a day on which the facts hold the effect already
        """
        if side not in SIDES:
            raise ValueError(f"'{side}' is none of {', '.join(SIDES)}")
        if on is not None and self.in_facts(on):
            return ()
        return tuple(
            Change(
                part.table,
                row,
                column,
                part.operation,
                part.cells or part.value(side),
                part.low,
                part.high,
                reason=self.reason,
                source_id=";".join(self.source_id),
            )
            for part in self.change
            for row in part.rows or ("",)
            for column in part.columns or ("",)
        )


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a promise or project. Events are added, never changed.

    axis    : official (said or signed), evidence (seen), schedule (a date named)
    outcome : kept, partly or not kept, where the event settles that
    due     : on the axis schedule the day or year named
    """

    id: str
    about: str
    date: str
    axis: str
    status: str
    source_id: tuple[str, ...] = ()
    outcome: str = ""
    due: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Prospect:
    """How likely a measure comes at all, and when.

    probability     : of its coming at all
    due             : year with decimals when it is promised, or could be at the earliest
    delay           : years after `due`, given that it comes
    reference_class : rows of delivery_base_rates.csv it is judged by
    delay_class     : rows the delay is judged by; empty: the same
    kind            : estimated: both follow from the class; assumed; elicited
    group           : measures of one group tend to come or fail together
    """

    id: str
    measure: str
    probability: Range[float]
    due: float
    delay: Range[float]
    kind: str
    reason: str
    reference_class: str = ""
    delay_class: str = ""
    group: str = ""
    supersedes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Dossier:
    """A dossier. Measures and prospects that are superseded are only in `all_`.

    >>> ep.load_dossier("middle-corridor", ep.load_world()).commitments[0].id
    'K01'
    """

    name: str
    title: str
    pair: tuple[str, ...] = ()
    documents: tuple[Document, ...] = ()
    spans: tuple[Span, ...] = ()
    claims: tuple[Claim, ...] = ()
    commitments: tuple[Commitment, ...] = ()
    all_measures: tuple[Measure, ...] = ()
    events: tuple[Event, ...] = ()
    all_prospects: tuple[Prospect, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def hash(self) -> str:
        """SHA-256 over all objects and texts."""
        return sha256(json.dumps(asdict(self), default=str, sort_keys=True).encode()).hexdigest()

    def __repr__(self) -> str:
        promises, measures = len(self.commitments), len(self.measures)
        return f"<Dossier {self.name[:60]}: {promises} commitments, {measures} measures>"

    @property
    def measures(self) -> tuple[Measure, ...]:
        """Measures that no other supersedes."""
        gone = {i for m in self.all_measures for i in m.supersedes}
        return tuple(m for m in self.all_measures if m.id not in gone)

    @property
    def prospects(self) -> dict[str, Prospect]:
        """The prospect in force of each measure, by the id of the measure."""
        gone = {i for p in self.all_prospects for i in p.supersedes}
        return {p.measure: p for p in self.all_prospects if p.id not in gone}

    @property
    def superseded(self) -> frozenset[str]:
        """Commitments that a later one supersedes."""
        return frozenset(i for c in self.commitments for i in c.supersedes)

    def commitment(self, name: str) -> Commitment:
        return next(c for c in self.commitments if c.id == name)

    def measures_of(self, commitment: str) -> tuple[Measure, ...]:
        return tuple(m for m in self.measures if m.commitment == commitment)

    def events_of(self, about: str) -> tuple[Event, ...]:
        """Events of a commitment or project, oldest first."""
        return tuple(sorted((e for e in self.events if e.about == about), key=lambda e: e.date))

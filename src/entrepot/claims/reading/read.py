"""Claims proposed from plain text by fixed rules. The same text gives the same claims.

A proposal is a suggestion for a person to take over or not. It keeps the exact place and words, so
that what was read can be seen beside what was written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from entrepot.claims.reading.cue_file import words
from entrepot.claims.reading.events import act, events
from entrepot.claims.reading.kinds import kinds, negated
from entrepot.claims.reading.measures import Measured, measure
from entrepot.claims.reading.sentence import Sentence
from entrepot.claims.reading.split import quoted, sentences
from entrepot.claims.reading.timing import periods
from entrepot.claims.reading.words import COUNTRY, SUBJECT

MODALITY = {"target": "intended", "forecast": "possible"}
SAYING = rf"(?:{words('saying')})"
WHO = (
    re.compile(r"\b[Aa]ccording to (?P<who>[^,;.]{3,60}),"),
    re.compile(rf",[\"”]? (?:the )?(?P<who>[A-Za-z' -]{{3,50}}?) {SAYING}\b"),
    re.compile(rf"^(?P<who>[^,;.\"“]{{3,60}}?) {SAYING}\b"),
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A claim read from a text.

    start, end : positions of the quote in the text; sentence: the sentence it stands in
    low, high  : whole units; None on the open side, both None where nothing is counted
    parties    : countries the sentence names
    """

    start: int
    end: int
    quote: str
    sentence: str
    kind: str
    measure: str = "level"
    low: float | None = None
    high: float | None = None
    unit: str = ""
    period: str = ""
    subject: str = ""
    parties: tuple[str, ...] = ()
    who: str = ""
    modality: str = "asserted"
    negated: bool = False
    quoted: bool = False


def read_claims(text: str) -> tuple[Proposal, ...]:
    """Claims of a text, in the order they stand in it."""
    out: list[Proposal] = []
    for start, end in sentences(text):
        out += [moved(p, start) for p in _claims(text[start:end])]
    return tuple(out)


def moved(p: Proposal, by: int) -> Proposal:
    """The proposal at another place of a longer text."""
    return replace(p, start=p.start + by, end=p.end + by)


def _claims(text: str) -> list[Proposal]:
    """Claims of one sentence."""
    f = Sentence(text)
    dates = events(f)
    used = {e.period.start for e in dates}
    free = [p for p in f.periods if p.start not in used]
    of_kind = kinds(f)
    measured: list[Measured] = []
    for i in range(len(f.quantities)):
        measured.append(measure(f, i, measured))
    of_time = periods(f, of_kind, [m[0] for m in measured], free)
    make = _Maker(text)
    out = [
        make(
            q.start, q.end, of_kind[i], measure=measured[i][0], low=measured[i][1], high=measured[i][2],
            unit=q.unit, period=of_time[i], negated=negated(f, i),
        )
        for i, q in enumerate(f.quantities)
    ]  # fmt: skip
    for e in dates:
        modality = "intended" if e.planned else "asserted"
        out.append(
            make(e.start, e.period.end, "date", unit="date", period=e.period.value, negated=e.negated, modality=modality)
        )  # fmt: skip
    if not out and (found := act(f)):
        end = len(text.rstrip(' .!?"”'))
        begin = len(text) - len(text.lstrip(' "“'))
        modality = "intended" if found[1] else "asserted"
        out.append(make(begin, end, "qualitative", negated=found[0], modality=modality))
    return sorted(out, key=lambda p: (p.start, p.end))


class _Maker:
    """Makes proposals that share what the whole sentence says."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.parties = tuple(c for c, pattern in COUNTRY.items() if pattern.search(text))
        self.subject = next((n for n, p in SUBJECT.items() if p.search(text)), "")
        found = next((m for pattern in WHO if (m := pattern.search(text))), None)
        self.who = found["who"].strip() if found else ""
        self.quotes = quoted(text)

    def __call__(self, start: int, end: int, kind: str, **given: object) -> Proposal:
        values = {
            "subject": self.subject,
            "parties": self.parties,
            "who": self.who,
            "modality": MODALITY.get(kind, "asserted"),
            "quoted": any(a <= start and end <= b for a, b in self.quotes),
            **given,
        }
        return Proposal(start, end, self.text[start:end], self.text, kind, **values)  # type: ignore[arg-type]

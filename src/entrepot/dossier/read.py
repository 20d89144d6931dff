"""Claims proposed from plain text by fixed rules. The same text gives the same claims.

A proposal is a suggestion for a person to take over or not. It keeps the exact place and words, so
that what was read can be seen beside what was written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from entrepot.dossier.numbers import Quantity, find_quantities
from entrepot.dossier.periods import Period, find_periods, year_before
from entrepot.dossier.sentences import Clause, clauses, quoted, sentences
from entrepot.dossier.words import (
    ACTS,
    COMPARED,
    COUNTRY,
    CUE,
    DOWN,
    FROM_BEFORE,
    FUTURE,
    NEGATED_ACTS,
    NEGATION,
    NOT_NEGATION,
    OPENS,
    PARALLEL,
    SUBJECT,
    TRADE,
    UP,
)

MONEY = ("USD", "EUR", "GBP", "IRR", "KZT", "RUB", "CNY")
GOODS = re.compile(rf"{TRADE.pattern}|\bgoods\b", re.IGNORECASE)
MODALITY = {"target": "intended", "forecast": "possible"}
SAYING = (
    r"(?:said|says|told|stated|announced|reported|added|noted|believes?|promised|admit(?:s|ted)?)"
)
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
        out += [moved(p, start) for p in _Sentence(text[start:end]).claims()]
    return tuple(out)


def moved(p: Proposal, by: int) -> Proposal:
    """The proposal at another place of a longer text."""
    return replace(p, start=p.start + by, end=p.end + by)


class _Sentence:
    def __init__(self, text: str) -> None:
        self.text = text
        periods = [p for p in find_periods(text) if not p.since]
        taken = [(p.start, p.end) for p in periods]
        self.quantities = [
            q
            for q in find_quantities(text)
            if not any(a <= q.start and q.end <= b for a, b in taken)
            and not any(a < q.end and q.start < b and q.unit == "" for a, b in taken)
        ]
        self.periods = [p for p in periods if not self._inside(p)]
        self.clauses = clauses(text)
        self.parties = tuple(c for c, pattern in COUNTRY.items() if pattern.search(text))
        found = next((m for pattern in WHO if (m := pattern.search(text))), None)
        self.who = found["who"].strip() if found else ""
        self.quotes = quoted(text)

    def _inside(self, p: Period) -> bool:
        return any(q.start <= p.start and p.end <= q.end for q in self.quantities)

    def claims(self) -> list[Proposal]:
        dates = self._dates()
        used = {p.start for _, p in dates}
        periods = [p for p in self.periods if p.start not in used and not self._compared(p)]
        out: list[Proposal] = []
        kinds: list[str] = []
        for i, q in enumerate(self.quantities):
            kind = self._kind(i, kinds)
            kinds.append(kind)
            out.append(self._claim(i, q, kind, periods, out))
        out += [claim for claim, _ in dates]
        if not out:
            out += self._qualitative()
        return sorted(out, key=lambda p: (p.start, p.end))

    # ---------------------------------------------------------------- kind

    def _clause(self, q: Quantity) -> int:
        return next(i for i, c in enumerate(self.clauses) if c.start <= q.start < c.end)

    def _kind(self, i: int, kinds: list[str]) -> str:
        q = self.quantities[i]
        if q.attributive:
            return "actual"
        at = self._clause(q)
        clause = self.clauses[at]
        cue = self._cue(clause, q)
        if self._is_before(q):
            return "cost" if cue == "cost" else "actual"
        if cue:
            return cue
        earlier = [j for j in range(i) if not self.quantities[j].before]
        if earlier and not clause.hard and self._clause(self.quantities[earlier[-1]]) < at:
            return kinds[earlier[-1]]
        if at and not clause.hard:
            before = self._cue(self.clauses[at - 1], q)
            if before and not FUTURE.search(self.text[clause.start : clause.end]):
                return before
        if FUTURE.search(self.text[clause.start : q.start]):
            return "forecast"
        return "actual"

    def _is_before(self, q: Quantity) -> bool:
        """Whether it is what something was before, or is compared with; a range is not."""
        one = q.low == q.high
        return q.before or (one and FROM_BEFORE.search(self.text[: q.start]) is not None)

    def _cue(self, clause: Clause, q: Quantity) -> str:
        """The nearest word before the number that tells the kind, or else the nearest after it."""
        head = self.text[clause.start : max(q.start, clause.start)]
        body = self.text[max(clause.start, q.start - 5) : q.end]  # "will not exceed three days"
        tail = self.text[q.end : clause.end]
        before = [
            (m.end(), kind)
            for kind, pattern in CUE.items()
            if self._fits(kind, q, head)
            for m in pattern.finditer(head)
        ]
        if before:
            return max(before)[1]
        inside = [k for k in ("target", "forecast") if CUE[k].search(body)]
        if inside:
            return inside[0]
        after = [
            (m.start(), kind)
            for kind, pattern in CUE.items()
            if kind != "cost"
            for m in pattern.finditer(tail)
            if kind in ("target", "forecast")
        ]
        return min(after)[1] if after else ""

    def _fits(self, kind: str, q: Quantity, head: str) -> bool:
        if kind == "cost":
            of_trade = re.search(r"\b(?:estimated at|valued at|worth)\b", head) and GOODS.search(
                head
            )
            return q.unit in MONEY and not of_trade
        if kind == "capacity":
            return q.unit not in MONEY and q.unit not in ("percent", "times")
        return True

    # ------------------------------------------------------------- periods

    def _compared(self, p: Period) -> bool:
        """Whether a time is only what something is compared with."""
        return COMPARED.search(self.text[: p.start] + " ") is not None or bool(
            re.search(r"(?:than|same period)\s*$", self.text[: p.start].rstrip(), re.I)
        )

    def _period(self, i: int, kind: str, periods: list[Period], earlier: list[Proposal]) -> str:
        q = self.quantities[i]
        if q.attributive or not periods:
            return ""
        if re.match(
            r" (?:in |over )?(?:a|the) (?:year|season) (?:earlier|before)\b", self.text[q.end :]
        ):
            previous = next((p.period for p in reversed(earlier) if p.period), "")
            if FROM_BEFORE.search(self.text[: q.start]):
                return year_before(previous) if "year" in self.text[q.end : q.end + 20] else ""
        stop = self.quantities[i + 1].start if i + 1 < len(self.quantities) else len(self.text)
        following = [p for p in periods if q.end <= p.start < stop]
        if following and not self._hard_between(q.end, following[0].start):
            return following[0].value
        if self._is_before(q) or self.text[: q.start].rstrip().lower().endswith(
            ("than the", "of the")
        ):
            return ""
        preceding = [p for p in periods if p.end <= q.start]
        if preceding and not self._foreign(preceding[-1], q, kind):
            return preceding[-1].value
        later = [p for p in periods if p.start >= stop]
        if (
            later
            and not self._hard_between(q.end, later[0].start)
            and not self._hard_between(0, q.start)
        ):
            crossed = [r for r in self.quantities[i + 1 :] if r.end <= later[0].start]
            if all(not r.before for r in crossed):
                return later[0].value
        return ""

    def _foreign(self, p: Period, q: Quantity, kind: str) -> bool:
        """A deadline does not hold for what a thing costs; a hard break ends a time."""
        if kind == "cost" and p.deadline:
            return True
        return self._hard_between(p.end, q.start, parallel=False)

    def _hard_between(self, a: int, b: int, parallel: bool = True) -> bool:
        """Whether something new begins between two places; parallel: "while" counts too."""
        return any(
            c.hard and a <= c.start < b and (parallel or not PARALLEL.match(self.text, c.start))
            for c in self.clauses
            if c.start
        )

    # -------------------------------------------------------------- claims

    def _claim(
        self, i: int, q: Quantity, kind: str, periods: list[Period], earlier: list[Proposal]
    ) -> Proposal:
        measure, low, high = self._measured(q)
        period = self._period(i, kind, periods, earlier)
        return self._make(
            q.start,
            q.end,
            kind,
            measure=measure,
            low=low,
            high=high,
            unit=q.unit,
            period=period,
            negated=self._negated(q),
        )

    def _measured(self, q: Quantity) -> tuple[str, float | None, float | None]:
        """Level, growth or share, and the sign of a fall."""
        if q.unit not in ("percent", "times"):
            return q.measure, q.low, q.high
        if q.unit == "times" or q.paired:
            return "growth" if q.unit == "times" else "level", q.low, q.high
        clause = self.clauses[self._clause(q)]
        head, tail = self.text[clause.start : q.start], self.text[q.end : clause.end]
        ups, downs = list(UP.finditer(head)), list(DOWN.finditer(head))
        last_up = ups[-1].end() if ups else -1
        last_down = downs[-1].end() if downs else -1
        if max(last_up, last_down) < 0:
            near = tail[:30]
            up, down = UP.search(near), DOWN.search(near)
            last_up = 1 if up and not re.match(r" of\b", tail) else -1
            last_down = 1 if down and not re.match(r" of\b", tail) else -1
        if re.search(r"\bshare\b", head, re.I):
            return "share", q.low, q.high
        if max(last_up, last_down) >= 0:
            sign = -1.0 if last_down > last_up else 1.0
            low, high = (None if v is None else sign * v for v in (q.low, q.high))
            return "growth", low, high
        if re.match(r" of\b", tail):
            return "share", q.low, q.high
        return "level", q.low, q.high

    def _negated(self, q: Quantity) -> bool:
        clause = self.clauses[self._clause(q)]
        part = NOT_NEGATION.sub("", self.text[clause.start : clause.end])
        head = self.text[clause.start : q.start]
        bounded = re.search(r"\b(?:not|never) (?:exceed|surpass)", self.text[clause.start : q.end])
        if bounded:
            return False
        head = NOT_NEGATION.sub("", head)
        if NEGATION.search(head):
            return True
        after = part[len(head) :]
        return bool(re.search(r"\b(?:was|were|is|been) (?:not|never|missed)\b", after))

    def _dates(self) -> list[tuple[Proposal, Period]]:
        """Openings and the like, with the time named for them."""
        out = []
        taken: set[int] = set()
        for m in OPENS.finditer(self.text):
            later = [p for p in self.periods if p.start >= m.end()]
            if not later or later[0].start in taken:
                continue
            p = later[0]
            between = self.text[m.end() : p.start]
            busy = any(m.end() <= q.start < p.start for q in self.quantities)
            if busy or len(between) > 45 or self._hard_between(m.end(), p.start) or "," in between:
                continue
            taken.add(p.start)
            planned = CUE["target"].search(self.text[: m.end()]) or FUTURE.search(self.text)
            claim = self._make(
                m.start(), p.end, "date", unit="date", period=p.value,
                negated=bool(NEGATION.search(self.text[max(0, m.start() - 20) : m.start()])),
                modality="intended" if planned else "asserted",
            )  # fmt: skip
            out.append((claim, p))
        return out

    def _qualitative(self) -> list[Proposal]:
        """An act without a number: something agreed, opened, ended or not done."""
        plain = NOT_NEGATION.sub("", self.text)
        negated = bool(NEGATION.search(plain))
        act = ACTS.search(self.text) or (NEGATED_ACTS.search(self.text) if negated else None)
        if act is None:
            return []
        end = len(self.text.rstrip(' .!?"”'))
        begin = len(self.text) - len(self.text.lstrip(' "“'))
        intended = FUTURE.search(self.text) or CUE["target"].search(self.text)
        modality = "intended" if intended or act[0].lower().startswith("agree") else "asserted"
        return [self._make(begin, end, "qualitative", negated=negated, modality=modality)]

    def _make(self, start: int, end: int, kind: str, **given: object) -> Proposal:
        subject = next((n for n, p in SUBJECT.items() if p.search(self.text)), "")
        values = {
            "subject": subject,
            "parties": self.parties,
            "who": self.who,
            "modality": MODALITY.get(kind, "asserted"),
            "quoted": any(a <= start and end <= b for a, b in self.quotes),
            **given,
        }
        return Proposal(start, end, self.text[start:end], self.text, kind, **values)  # type: ignore[arg-type]

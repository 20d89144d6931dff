"""A sentence with its quantities, times and clauses, and where one number's words begin and end."""

from __future__ import annotations

import re

from entrepot.claims.reading.clauses import SAME_SUBJECT, breaks
from entrepot.claims.reading.cue_file import words
from entrepot.claims.reading.periods import Period, find_periods
from entrepot.claims.reading.quantities import find_quantities
from entrepot.claims.reading.quantity import Quantity
from entrepot.claims.reading.units import TIMES
from entrepot.claims.reading.words import ABOUT

PARALLEL = re.compile(r",?\s+(?:while|whereas)\b", re.IGNORECASE)
FROM_BEFORE = re.compile(
    rf"(?:{words('from_before')})\s+{ABOUT}(?:(?:previous|former|current|present) )*{ABOUT}$",
    re.IGNORECASE,
)


class Sentence:
    """What one sentence is made of.

    hard : places where something new begins that does not go on with what stands before
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.quantities = find_quantities(text)
        self.periods: list[Period] = [
            p
            for p in find_periods(text)
            if not any(q.start <= p.start and p.end <= q.end for q in self.quantities)
        ]
        self.hard = breaks(text)

    def begin(self, i: int, colon: bool = True) -> int:
        """Where the words before a number begin: behind the number before it or a hard break."""
        q = self.quantities[i]
        if q.paired and not q.before and i:
            return self.begin(i - 1, colon)
        at = q.start
        cuts = [h for h in self.hard if h < at and (colon or self.text[h] != ":")]
        before = self.quantities[i - 1].end if i else 0
        return min(at, max([before, *cuts]))

    def clause(self, i: int) -> int:
        """Where the clause of a number begins, other numbers or not."""
        at = self.quantities[i].start
        return max([0, *(h for h in self.hard if h < at)])

    def topic(self, i: int) -> int:
        """Where the subject of a number's clause stands: before "and is planned to" where it has none."""
        at = self.clause(i)
        while at and SAME_SUBJECT.match(self.text, at):
            at = max([0, *(h for h in self.hard if h < at)])
        return at

    def stop(self, i: int) -> int:
        """Where the next number begins, or the text ends."""
        return self.quantities[i + 1].start if i + 1 < len(self.quantities) else len(self.text)

    def tail_end(self, i: int) -> int:
        """Where the words after a number end: at the next number or hard break."""
        end = self.quantities[i].end
        return min([self.stop(i), *(h for h in self.hard if h >= end)])

    def hard_between(self, a: int, b: int, parallel: bool = True, colon: bool = True) -> bool:
        """Whether something new begins between two places; parallel: "while" counts too."""
        return any(
            a <= h < b
            and (parallel or not PARALLEL.match(self.text, h))
            and (colon or self.text[h] != ":")
            for h in self.hard
        )

    def is_before(self, q: Quantity) -> bool:
        """Whether it is what something was before, or is compared with; a range is not."""
        ranged = q.low is not None and q.high is not None and q.low != q.high
        if q.before or ranged:
            return q.before
        found = FROM_BEFORE.search(self.text[: q.start])
        return found is not None and not (q.unit in TIMES and found[0].lower().startswith("after"))

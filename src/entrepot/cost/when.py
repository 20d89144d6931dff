"""The date a cost is for: one day, one month or a whole year."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from entrepot.errors import UsageError


@dataclass(frozen=True, slots=True)
class When:
    """A date for rules, and the weight of each month for seasons.

    day    : rules of passage hold or not on this day
    months : (12,) shares that sum to one; a day or a month puts all weight on its month
    text   : the date as it was asked for
    """

    day: date
    months: tuple[float, ...]
    text: str

    @classmethod
    def parse(cls, text: str | date) -> When:
        """Read 2026-06-30, 2026-06 (the 15th) or 2026 (1 July, seasons averaged over the year)."""
        if isinstance(text, date):
            return cls(text, _one_month(text.month), text.isoformat())
        match = re.fullmatch(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", text.strip())
        if match is None:
            raise UsageError(f"'{text}' is not a date. Write 2026-06-30, 2026-06 or 2026.")
        year, month, day = match.groups()
        try:
            if month is None:
                return cls(date(int(year), 7, 1), (1 / 12,) * 12, year)
            return cls(date(int(year), int(month), int(day or 15)), _one_month(int(month)), text)
        except ValueError as error:
            raise UsageError(f"'{text}' is not a date of the calendar: {error}.") from None

    def share_of(self, month_from: int, month_to: int) -> float:
        """Weight of the months from one to another, both included, over the turn of the year."""
        chosen = list(range(month_from, month_to + 1))
        if month_from > month_to:
            chosen = [*range(month_from, 13), *range(1, month_to + 1)]
        return sum(self.months[m - 1] for m in chosen)


def _one_month(month: int) -> tuple[float, ...]:
    return tuple(1.0 if m == month else 0.0 for m in range(1, 13))

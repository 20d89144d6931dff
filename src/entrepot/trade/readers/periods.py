"""Years and parts of years, as the formats write them."""

from __future__ import annotations

import re

_PERIOD = re.compile(
    r"(?P<year>[12][0-9]{3})(?:\.0)?"
    r"(?:-?(?:(?P<half>[SH][12])|(?P<quarter>Q[1-4])|M?(?P<month>0[1-9]|1[0-2]))"
    r"|-A1|-12-31|-01-01)?",
    re.IGNORECASE,
)
YEAR, HALF, QUARTER, MONTH = 1, 2, 4, 12
NAMES = {YEAR: "years", HALF: "half years", QUARTER: "quarters", MONTH: "months"}


def parse(text: str) -> tuple[int, int] | None:
    """Year, and how many such periods a year has; None for what is not a period.

    2023, 2023.0, 2023-S1, 2023-Q2, 2023Q2, 202304, 2023-04, 2023-M04, 2023M04
    """
    found = _PERIOD.fullmatch(text)
    if found is None:
        return None
    for part, count in (("half", HALF), ("quarter", QUARTER), ("month", MONTH)):
        if found[part]:
            return int(found["year"]), count
    return int(found["year"]), YEAR

"""Words for ranges, ties, counts of draws and dates, the same in every section."""

from __future__ import annotations

from collections.abc import Sequence

from entrepot.report.charts.svg import number

MONTHS = (
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
)  # fmt: skip
# In so many draws of a hundred or fewer, something is called likely, possible and so on.
ODDS = ((0.05, "not plausible"), (1 / 3, "unlikely"), (2 / 3, "possible"), (0.95, "likely"))


def ranged(low: float, mid: float, high: float, digits: int | None = None) -> str:
    """P50 (P10–P90), or P50 alone where nothing else is known; one number of digits for all."""
    if mid != mid:
        return ""
    if digits is None:
        size = max(abs(v) for v in (low, mid, high) if v == v)
        digits = 0 if size >= 20 else 1 if size >= 1 else 2
    if low != low or high != high:
        return number(mid, digits)
    dash = " to " if min(low, mid, high) < 0 else "–"
    ends = [_signless(number(v, digits)) for v in (low, high)]
    return f"{_signless(number(mid, digits))} ({ends[0]}{dash}{ends[1]})"


def _signless(shown: str) -> str:
    """No minus before a zero."""
    return shown.lstrip("-") if not any(d in shown for d in "123456789") else shown


def musd(low: float, mid: float, high: float, digits: int | None = None) -> str:
    """A range of million USD, in billions where that reads better; digits: of millions."""
    if abs(mid) >= 1000:
        return f"{ranged(low / 1e3, mid / 1e3, high / 1e3, 1)}\u00a0billion"
    return f"{ranged(low, mid, high, digits)}\u00a0million"


def round_money(value: float) -> str:
    """A round sum such as a target: 3 billion."""
    if abs(value) >= 1000:
        return f"{value / 1e3:.3g}\u00a0billion"
    return f"{number(value, 0)}\u00a0million"


def percent(share: float, digits: int = 0) -> str:
    """A share in per cent; small ones keep a digit that says something."""
    shown = 100 * share
    if 0 < abs(shown) < 1 and not digits:
        digits = 1
    return f"{number(shown, digits)}\u00a0%"


def counted(share: float, draws: int) -> str:
    """A part of draws as a count, so that none and all do not read as certainty."""
    return f"{round(share * draws):,} of {draws:,} draws"


def at_most(draws: int) -> float:
    """What a probability may still be, at 95 %, when none of so many draws shows it."""
    return float(1.0 - 0.05 ** (1.0 / max(draws, 1)))


def odds(share: float) -> str:
    """Not plausible, unlikely, possible, likely or nearly sure, by part of draws."""
    return next((word for top, word in ODDS if share < top), "nearly sure")


def month(year: float) -> str:
    """A year with decimals as a month, or as a year where it has none."""
    whole = int(year // 1)
    part = year - whole
    return str(whole) if part < 0.005 else f"{MONTHS[min(int(12 * part), 11)]} {whole}"


def leaders(names: Sequence[str], tied_to: Sequence[str]) -> list[int]:
    """For rows in order of size: the row that leads the tie each belongs to, itself where it is none."""
    at = {name: k for k, name in enumerate(names)}
    return [at.get(lead, k) for k, lead in enumerate(tied_to)]

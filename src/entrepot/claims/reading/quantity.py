"""A quantity and where it stands in a sentence."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quantity:
    """A quantity read from a sentence.

    start, end   : positions in the sentence, from its bound or currency to the end of its unit
    low, high    : None on the open side of a bound
    measure      : growth or share where the words at the number tell, else level
    before       : it is what was before a change
    attributive  : "a 925-km railway"
    paired       : one end of "from ... to"
    """

    start: int
    end: int
    low: float | None
    high: float | None
    unit: str
    measure: str = "level"
    before: bool = False
    attributive: bool = False
    paired: bool = False

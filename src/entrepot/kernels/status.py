"""Why an iteration stopped; each member is a sentence."""

from __future__ import annotations

from enum import Enum


class Status(Enum):
    """Why an iteration stopped."""

    CONVERGED = "converged"
    EXHAUSTED = "not converged: the most iterations were made and the error is above what was asked"
    STALLED = "not converged: no step lowers the error any more, and it is above what was asked"
    DIVERGING = (
        "not converged: linear indices run off to minus infinity, observations are separated"
    )
    EMPTY = "nothing to assign: there are no trips between two nodes with a route between them"

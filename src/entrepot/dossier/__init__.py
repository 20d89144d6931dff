"""Promises and what is said of them: documents, claims, commitments, measures, events, prospects.

A dossier is a folder of TOML files and texts. What is in it is never edited: a later object
supersedes an earlier one, and events are added.
"""

from __future__ import annotations

from entrepot.dossier.load import check_dossier, load_dossier
from entrepot.dossier.objects import (
    Claim,
    Commitment,
    Document,
    Dossier,
    Event,
    Measure,
    MeasureChange,
    Prospect,
    Span,
)

__all__ = [
    "Claim",
    "Commitment",
    "Document",
    "Dossier",
    "Event",
    "Measure",
    "MeasureChange",
    "Prospect",
    "Span",
    "check_dossier",
    "load_dossier",
]

"""Claims and verdicts as tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields

import pandas as pd

from entrepot.claims.checking.verdict import CANNOT, Verdict
from entrepot.claims.reading.read import Proposal

CLAIM_COLUMNS = tuple(f.name for f in fields(Proposal))
VERDICT_COLUMNS = tuple(Verdict(Proposal(0, 0, "", "", ""), CANNOT, "").as_dict())


def claims_table(claims: Sequence[Proposal]) -> pd.DataFrame:
    """One row by claim, in the order of the text."""
    return pd.DataFrame([asdict(c) for c in claims], columns=list(CLAIM_COLUMNS))


def verdicts_table(verdicts: Sequence[Verdict]) -> pd.DataFrame:
    """One row by verdict, in the order of the text."""
    return pd.DataFrame([v.as_dict() for v in verdicts], columns=list(VERDICT_COLUMNS))

"""How well the model meets published days, prices and distances."""

from __future__ import annotations

import pandas as pd

from entrepot.engine.engine import Engine
from entrepot.engine.question import Options, Question, Records, Tables
from entrepot.questions.validation.validation import validate


class ValidationOptions(Options):
    """Options of the comparison with published days, prices and distances; there are none."""


def tables(engine: Engine, options: ValidationOptions, done: Records) -> Tables:
    """Tables validation and validation_summary."""
    result = validate(engine.session)
    summary = [{"measure": m, **values} for m, values in result.summary.items()]
    return {"validation": result.rows, "validation_summary": pd.DataFrame(summary)}


QUESTIONS = (
    Question(
        "validation",
        ValidationOptions,
        lambda options: "compared with published routes",
        ("validation", "validation_summary"),
        tables=tables,
    ),
)

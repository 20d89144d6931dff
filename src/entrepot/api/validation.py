"""How good the model is, as answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from entrepot.answers.answer import Answer
    from entrepot.facts.world import World
    from entrepot.questions.validation.flow_validation import FlowValidation
    from entrepot.questions.validation.validation import Validation


def validation_answer(world: World, result: Validation) -> Answer:
    """Tables validation (published against modelled, row by row) and validation_summary."""
    import pandas as pd

    from entrepot.answers.answer import make_answer
    from entrepot.api.flags import world_flags

    summary = [{"measure": name, **values} for name, values in result.summary.items()]
    tables = {"validation": result.rows, "validation_summary": pd.DataFrame(summary)}
    return make_answer("validation", tables, world=world, flags=world_flags(world))


def flow_validation_answer(world: World, result: FlowValidation) -> Answer:
    """Tables flow_counts, flow_back_tests and summary (errors by use of the counts)."""
    import pandas as pd

    from entrepot.answers.answer import make_answer
    from entrepot.api.flags import world_flags

    summary = [{"use": use, **values} for use, values in result.summary.items()]
    tables = {
        "flow_counts": result.counts,
        "flow_back_tests": result.back_tests,
        "summary": pd.DataFrame(summary),
    }
    notes = (f"Trade and rules of {result.on}.",)
    return make_answer(
        "flow-validation", tables, world=world, notes=notes, flags=world_flags(world)
    )

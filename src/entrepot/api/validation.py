"""How good the model is, as answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from entrepot.answers.answer import Answer
    from entrepot.facts.world import World
    from entrepot.questions.validation.flow_validation import FlowValidation
    from entrepot.questions.validation.validation import Validation


def validate_routes(
    world: World, benchmarks: Path | None = None, paths: Path | None = None
) -> Validation:
    """Compare modelled days, prices and distances with published ones.

    benchmarks, paths : tables like route_benchmarks.csv and route_benchmark_paths.csv; the
                        shipped ones where left out
    """
    from entrepot.questions.validation.validation import read_benchmarks, validate
    from entrepot.routes.session import Session

    return validate(Session.open(world), *read_benchmarks(world, benchmarks, paths))


def validate_flows(world: World, *, left_out: bool = False) -> FlowValidation:
    """Compare modelled tonnes on corridors and events of the past with observed ones.

    left_out : estimate without each count too, which takes some minutes
    """
    from entrepot.questions.validation.flow_validation import validate_flows as validate
    from entrepot.routes.session import Session

    return validate(Session.open(world), left_out=left_out)


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

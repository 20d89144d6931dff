"""The numbers of a saved run: what each means and what it rests on."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from entrepot.api.flags import shipped_flags

if TYPE_CHECKING:
    from collections.abc import Iterable

    from entrepot.answers.answer import Answer
    from entrepot.answers.run import Run
    from entrepot.answers.trace import Trace

_CODE = re.compile(r"\b[A-Z]{3}\b")
# Parts of a trace that are tables of their own.
PARTS = ("cells", "row", "known", "sources")


def number_answer(run: Run, trace: Trace) -> Answer:
    """Tables number (one row), cells, row, known and sources of a traced number."""
    import pandas as pd

    from entrepot.answers.answer import make_answer

    whole = asdict(trace)
    parts = {name: pd.DataFrame(whole.pop(name)) for name in PARTS}
    number = pd.DataFrame([whole | {"run": str(run.folder)}])
    texts = [trace.id, *(str(c.value) for c in (*trace.cells, *trace.row))]
    tables = {"number": number, **parts}
    return make_answer("number", tables, flags=_flags(texts))


def numbers_answer(run: Run, table: str) -> Answer:
    """Table numbers: id, value and unit of every number of a table of the run."""
    import pandas as pd

    from entrepot.answers.answer import make_answer
    from entrepot.answers.trace import ids

    rows = [{"id": c.key, "value": c.value, "unit": c.unit} for c in ids(run, table)]
    numbers = pd.DataFrame(rows, columns=["id", "value", "unit"])
    return make_answer("numbers", {"numbers": numbers}, flags=_flags(numbers["id"]))


def open_newest(folder: Path) -> Run:
    """Open the run of a folder of runs that was written last."""
    from entrepot.answers.run import open_run
    from entrepot.answers.trace import newest_run

    return open_run(newest_run(folder))


def _flags(texts: Iterable[str]) -> tuple[str, ...]:
    """Flags of the countries that texts name by code."""
    return shipped_flags(code for text in texts for code in _CODE.findall(text))

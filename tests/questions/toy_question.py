"""A question of another package, as its author would write it: a module, a table of results, metadata."""

from __future__ import annotations

from pathlib import Path

MODULE = '''"""How many hours a zone waits at its borders, some times over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from entrepot.engine.engine import Engine
from entrepot.engine.question import Job, Options, Question, Records, Tables
from entrepot.facts.world import World


class ToyOptions(Options):
    """Options of the toy. zone : alpha-3 code; times : rows wanted"""

    zone: str
    times: int = 3


@dataclass(frozen=True)
class Waited:
    """Hours of one time."""

    time: int
    hours: float


def check(world: World, options: ToyOptions) -> Sequence[str]:
    known = sorted(world.table("zones")["zone_id"])
    return [] if options.zone in known else [f"Unknown zone {options.zone!r}. Known: {', '.join(known)}."]


def jobs(engine: Engine, options: ToyOptions, done: Records) -> Sequence[Job]:
    return [Job(str(k), wait, (k,)) for k in range(options.times)]


def wait(engine: Engine, options: ToyOptions, done: Records, k: int) -> Waited:
    """Hours of all crossings, k + 1 times over."""
    return Waited(k, (k + 1) * float(engine.world.table("border_crossings")["hours_p50"].sum()))


def tables(engine: Engine, options: ToyOptions, done: Records) -> Tables:
    waited = done["toy.waits"].values()
    rows = [{"time": w.time, "zone": options.zone, "hours": w.hours} for w in waited]
    return {"toy_hours": pd.DataFrame(rows)}


QUESTIONS = (
    Question("toy.waits", ToyOptions, lambda o: f"toy: {o.times} times", records=(Waited,), jobs=jobs),
    Question(
        "toy", ToyOptions, lambda o: f"toy: {o.zone}", ("toy_hours",), needs=("toy.waits",),
        check=check, tables=tables,
    ),
)


def hours_section(run) -> str:
    """Content of the section; nothing where the toy was not asked."""
    hours = run.rows("toy_hours")["hours"]
    return f"{hours.sum():g} hours <b>in all</b>" if len(hours) else ""


SECTION = ("toy", "Hours of the toy", hours_section)
'''
RESULT = """column,type,unit,default,rule,description
*,,,,,Hours of the toy
time,integer,,,key,Which time
zone,id,,,required,Zone
hours,number,h,,required,Hours at all borders
"""
METADATA = "Metadata-Version: 2.1\nName: toy\nVersion: 1.0\n"
ENTRY_POINTS = """[entrepot.questions]
toy = toy_question

[entrepot.results]
toy = toy_question.results

[entrepot.sections]
toy = toy_question:SECTION
"""


def write_package(folder: Path) -> Path:
    """The package as an installer leaves it in a folder of the path."""
    files = {
        "toy_question/__init__.py": MODULE,
        "toy_question/results/__init__.py": "",
        "toy_question/results/toy_hours.csv": RESULT,
        "toy-1.0.dist-info/METADATA": METADATA,
        "toy-1.0.dist-info/entry_points.txt": ENTRY_POINTS,
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder

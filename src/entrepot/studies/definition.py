"""What a study asks, read strictly from TOML.

Beside its title a study holds one table for each question that it asks, [NAME] or [[NAME]]. Its `pair`
and `on` fill in the options of questions that leave them out, and so do the tables of questions that
another one builds on.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from entrepot.engine.question import Options, Question
from entrepot.errors import BadInputError, UnknownNameError, nearest
from entrepot.facts.files import read_text
from entrepot.questions.registry import names, question
from entrepot.schema.model import STRICT, read_model
from entrepot.studies.plan import Request
from entrepot.uncertainty.sampler import SEED

# The name becomes the name of a folder.
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
# Options that each table says for itself.
OWN = ("id", "title", "draws", "notes")
# Tables of before, and what they are called now.
RENAMED = {"query": "routes", "trade": "between", "coupled": "places"}


class StudyHead(BaseModel):
    """What a study says beside its questions.

    name        : small letters, digits and hyphens
    pair        : two alpha-3 codes
    on          : day of the rules; None is the day of the facts
    trade_notes : paragraphs that go with the trade of the pair
    limits      : what else a reader must know, one sentence or two each
    """

    model_config = STRICT

    name: str
    title: str
    question: str
    pair: tuple[str, str]
    on: str | None = None
    seed: int = SEED
    trade_notes: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Study:
    """A study: its head, what it asks, and the text it was read from."""

    head: StudyHead
    requests: tuple[Request, ...]
    text: str = ""

    @property
    def name(self) -> str:
        return self.head.name

    def options(self, name: str) -> Options | None:
        """Options of a question that is asked once; None where it is not asked."""
        return next((r.options for r in self.requests if r.question.name == name), None)


def find_study(name: str) -> Study:
    """A shipped study by name, or any by the path of its TOML file."""
    path = Path(name)
    if path.suffix == ".toml":
        if not path.is_file():
            raise BadInputError(f"File not found: '{name}'.")
        return parse_study(read_text(path), path.name)
    shipped = files("entrepot.data").joinpath("studies")
    known = sorted(p.name.removesuffix(".toml") for p in shipped.iterdir())
    if name not in known:
        raise UnknownNameError(name, "study", known)
    return parse_study(shipped.joinpath(f"{name}.toml").read_text(encoding="utf-8"), name)


def parse_study(text: str, file: str) -> Study:
    """A study from TOML; unknown keys, missing keys and wrong types are told together."""
    try:
        content = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadInputError(f"{file}: {error}") from None
    return make_study(content, file, text)


def make_study(content: Mapping[str, Any], file: str = "study", text: str = "") -> Study:
    """A study from the content of a TOML file. Raises BadInputError with every fault."""
    faults: list[str] = []
    tables = {k: v for k, v in content.items() if _is_table(v)}
    head = read_model(StudyHead, {k: v for k, v in content.items() if k not in tables}, "", faults)
    known = names()
    requests: list[Request] = []
    for name in tables:
        if name in RENAMED:
            faults.append(f"[{name}] is now called [{RENAMED[name]}].")
        elif name not in known:
            near = nearest(name, known, 1)
            tip = f" Did you mean [{near[0]}]?" if near else f" Known: {', '.join(known)}."
            faults.append(f"Unknown table [{name}].{tip}")
    for name, given in tables.items():
        if name in known:
            requests += _requests(question(name), given, tables, content, faults)
    if not tables:
        faults.append(f"A study needs a table for a question at least. Known: {', '.join(known)}.")
    if head is not None and not NAME.fullmatch(head.name):
        faults.append(
            f"'name': found {head.name!r}, expected at most 64 small letters (a-z), digits and hyphens, "
            "no hyphen first."
        )
    if faults or head is None:
        raise BadInputError(f"{file}:\n  " + "\n  ".join(faults))
    return Study(head, tuple(requests), text)


def _is_table(value: Any) -> bool:
    """Whether a value of TOML is a table or a list of tables."""
    if isinstance(value, dict):
        return True
    return isinstance(value, list) and bool(value) and all(isinstance(v, dict) for v in value)


def _requests(
    own: Question[Any],
    given: Any,
    tables: Mapping[str, Any],
    content: Mapping[str, Any],
    faults: list[str],
) -> list[Request]:
    """Requests of one table or list of tables."""
    if isinstance(given, list) != own.many:
        form = f"[[{own.name}]] tables" if own.many else f"one [{own.name}] table"
        faults.append(f"'{own.name}': expected {form}.")
        return []
    out = []
    for k, values in enumerate(given if own.many else [given], start=1):
        where = f"{own.name} {k}" if own.many else own.name
        filled = {**_inherited(own, tables, content), **values}
        options = read_model(own.options, filled, f"{where}: ", faults)
        if options is not None:
            out.append(Request(own, options, str(getattr(options, "id", "")) if own.many else ""))
    ids = [r.id for r in out]
    for i in dict.fromkeys(ids):
        if ids.count(i) > 1:
            faults.append(f"{own.name}: id '{i}' occurs {ids.count(i)} times.")
    return out


def _inherited(
    own: Question[Any], tables: Mapping[str, Any], content: Mapping[str, Any]
) -> dict[str, Any]:
    """Options that the head of the study, or tables this question builds on, fill in."""
    fields = own.options.model_fields
    out: dict[str, Any] = {k: content[k] for k in ("pair", "on") if k in content and k in fields}
    for name in reversed(own.inherits):
        values = tables.get(name)
        if isinstance(values, dict):
            out |= {k: v for k, v in values.items() if k in fields and k not in OWN}
    return out

"""What a study asks, read strictly from TOML."""

from __future__ import annotations

import math
import re
import tomllib
from dataclasses import MISSING, dataclass, field, fields
from importlib.resources import files
from pathlib import Path
from typing import Any

from entrepot.errors import BadInputError, UnknownNameError, nearest
from entrepot.facts.files import read_text

# A study's name becomes the name of a folder.
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
# Numbers that may be below zero.
SIGNED = {"signed": True}


@dataclass(frozen=True, slots=True)
class StudyQuery:
    """A set of routes the study shows; the words are those of `entrepot routes`.

    on : date of the rules for this set; None is the date of the study
    """

    id: str
    title: str
    origin: str
    destination: str
    commodity: str | None = None
    unit: str | None = None
    by: str = "overall"
    on: str | None = None
    avoid: tuple[str, ...] = ()
    via: tuple[str, ...] = ()
    with_planned: bool = False
    carrier: str | None = None


@dataclass(frozen=True, slots=True)
class StudyTrade:
    """What the study asks of the pair's trade: [trade] in the file.

    turnover_musd : trade to start from; None is the trade of the base year
    target_musd   : what somebody wants it to be
    on            : day of the rules and duties that go with the turnover
    later         : day of later duties to compare with; None is the date of the study
    draws         : of everything that is not known for sure
    notes         : what else a reader of these figures must know
    """

    on: str
    later: str | None = None
    turnover_musd: float | None = None
    turnover_year: str = ""
    turnover_source_id: tuple[str, ...] = ()
    target_musd: float | None = None
    target_source_id: tuple[str, ...] = ()
    draws: int = 100
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StudyCoupled:
    """What the study asks of trade and transport together: [coupled] in the file; needs [trade].

    draws         : worlds drawn for the ranges; 0 for none
    turnover_low, turnover_high : P10 and P90 of the turnover of [trade], million USD a year
    """

    draws: int = 16
    turnover_low: float | None = None
    turnover_high: float | None = None


@dataclass(frozen=True, slots=True)
class StudyPromises:
    """What the study asks of promises: [promises] in the file; needs [coupled].

    dossier  : name of a shipped dossier, or a folder
    draws    : of everything that is not known for sure, delivery and delay with it
    first_year, last_year : years looked at
    growth_low, growth_mid, growth_high : P10, P50 and P90 of the yearly growth of the pair's trade
                                          if nothing is promised, as a part
    partners : economies whose gain or loss is shown
    """

    dossier: str
    draws: int = 48
    first_year: int = 2026
    last_year: int = 2035
    growth_low: float | None = field(default=None, metadata=SIGNED)
    growth_mid: float | None = field(default=None, metadata=SIGNED)
    growth_high: float | None = field(default=None, metadata=SIGNED)
    partners: tuple[str, ...] = ()

    @property
    def growth(self) -> tuple[float, float, float]:
        """Zero where nothing is said."""
        return (self.growth_low or 0.0, self.growth_mid or 0.0, self.growth_high or 0.0)


@dataclass(frozen=True, slots=True)
class Study:
    """A study.

    pair        : two alpha-3 codes
    trade       : what stands between the pair; None leaves it out
    coupled     : how trade and transport answer each other; None leaves it out
    promises    : what a dossier of promises does; None leaves it out
    on          : date of the rules; None is the date of the facts
    trade_notes : paragraphs that go with the trade of the pair
    limits      : what else a reader must know, one sentence or two each
    """

    name: str
    title: str
    question: str
    pair: tuple[str, ...]
    query: tuple[StudyQuery, ...]
    on: str | None = None
    seed: int = 0
    validation: bool = True
    trade_notes: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    trade: StudyTrade | None = None
    coupled: StudyCoupled | None = None
    promises: StudyPromises | None = None
    text: str = ""


PARTS: dict[str, type] = {
    "trade": StudyTrade,
    "coupled": StudyCoupled,
    "promises": StudyPromises,
}


def find_study(name: str) -> Study:
    """A shipped study by name, or any by the path of its TOML file."""
    path = Path(name)
    if path.suffix == ".toml":
        if not path.is_file():
            raise BadInputError(f"'{name}' is no file.")
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
    faults: list[str] = []
    queries = content.pop("query", [])
    if not isinstance(queries, list) or not queries:
        faults.append("'query': at least one [[query]] table is expected")
        queries = []
    parts_of = {name: content.pop(name, None) for name in PARTS}
    main = _take(content, Study, faults, "", skip=("query", "text", *PARTS))
    name = main.get("name")
    if isinstance(name, str) and not NAME.fullmatch(name):
        faults.append(
            f"'name': found {name!r}, expected at most 64 small letters (a-z), digits and hyphens, "
            "no hyphen first"
        )
    for name, asked in parts_of.items():
        if isinstance(asked, dict):
            main[name] = _take(asked, PARTS[name], faults, f"{name}: ")
        elif asked is not None:
            faults.append(f"'{name}': found {asked!r}, expected a [{name}] table")
    if "coupled" in main and "trade" not in main:
        faults.append("'coupled': needs a [trade] table, which says what the pair trades and when")
    if "promises" in main and "coupled" not in main:
        faults.append("'promises': needs a [coupled] table")
    parts = [_take(q, StudyQuery, faults, f"query {i + 1}: ") for i, q in enumerate(queries)]
    ids = [p.get("id") for p in parts]
    faults += [f"query id '{i}' occurs twice" for i in dict.fromkeys(ids) if ids.count(i) > 1]
    if faults:
        raise BadInputError(f"{file}:\n  " + "\n  ".join(faults))
    for name, kind in PARTS.items():
        if name in main:
            main[name] = kind(**main[name])
    return Study(**main, query=tuple(StudyQuery(**p) for p in parts), text=text)


def _take(
    content: dict[str, Any], kind: type, faults: list[str], where: str, skip: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Values of a dataclass from a TOML table."""
    expected = {f.name: f for f in fields(kind) if f.name not in skip}
    for key in content:
        if key not in expected:
            near = nearest(key, expected, 1)
            tip = f"; did you mean '{near[0]}'?" if near else ""
            faults.append(f"{where}unknown key '{key}'{tip}")
    out = {}
    for name, known in expected.items():
        if name not in content:
            if known.default is MISSING:
                faults.append(f"{where}'{name}' is missing")
            continue
        value = content[name]
        wanted = str(known.type)
        signed = bool(known.metadata.get("signed"))
        if wanted.startswith("tuple"):
            good = isinstance(value, list) and all(isinstance(v, str) for v in value)
            value = tuple(value) if good else value
        elif wanted.startswith("str"):
            value = value.isoformat() if hasattr(value, "isoformat") else value
            good = isinstance(value, str)
        elif wanted == "bool":
            good = isinstance(value, bool)
        elif wanted.startswith("float"):
            good = isinstance(value, int | float) and not isinstance(value, bool)
            good = good and (math.isfinite(value) if signed else 0 < value < math.inf)
            value = float(value) if good else value
        else:
            good = isinstance(value, int) and not isinstance(value, bool)
        if not good:
            faults.append(f"{where}'{name}': found {value!r}, expected {_in_words(wanted, signed)}")
        out[name] = value
    return out


def _in_words(wanted: str, signed: bool = False) -> str:
    """A type as people call it."""
    if signed:
        return "a number"
    for start, words in (
        ("tuple", "a list of texts"),
        ("str", "a text"),
        ("float", "a number above zero"),
        ("bool", "true or false"),
        ("int", "a whole number"),
    ):
        if wanted.startswith(start):
            return words
    return wanted

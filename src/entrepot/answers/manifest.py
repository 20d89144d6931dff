"""The manifest of a run: read as text that anybody may have changed, checked before it is used."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Union, get_args, get_origin

from entrepot.answers.plain import fits
from entrepot.errors import BadInputError, Finding, format_findings
from entrepot.facts.files import read_text, refused

MANIFEST = "manifest.json"
# A name of a table becomes the name of a file.
TABLE = re.compile(r"[a-z0-9][a-z0-9_]{0,63}")
# By key: an annotation, a dictionary of keys, or a tuple for a list so long.
SHAPE: dict[str, Any] = {
    "study": str,
    "title": str,
    "question": str,
    "pair": (str, str),
    "pair_names": (str, str),
    "trade_notes": list[str],
    "limits": list[str],
    "definition": str,
    "seed": int,
    "world": {
        "name": str,
        "title": str,
        "hash": str,
        "as_of": str,
        "default_date": str,
        "overridden": list[str],
    },
    "questions": dict[str, Any],
    "versions": dict[str, str],
    "made": str,
}
# What reports read of the options of three questions, where a study asks them.
PARTS: dict[str, dict[str, Any]] = {
    "between": {
        "on": str,
        "later": str | None,
        "turnover_musd": float | None,
        "turnover_year": str,
        "target_musd": float | None,
        "draws": int,
        "notes": list[str],
    },
    "places": {"on": str, "draws": int},
    "promises": {
        "dossier": str,
        "draws": int,
        "first_year": int,
        "last_year": int,
        "growth_low": float,
        "growth_mid": float,
        "growth_high": float,
        "partners": list[str],
    },
}
PROMISE_TABLES = ("measure_effects", "target_paths", "target_needs", "assumptions", "attribution")
COUPLED_TABLES = ("border_cuts", "corridor_flows", "place_effects", "bottlenecks")
TRADE_TABLES = ("trade_goods", "trade_parts", "trade_figures", *COUPLED_TABLES, *PROMISE_TABLES)
# What a table of the run needs in the manifest.
NEEDED_BY = {"between": TRADE_TABLES, "places": COUPLED_TABLES, "promises": PROMISE_TABLES}
# Of each question: its options, jobs without a record, and why there are no tables.
QUESTION: dict[str, Any] = {"options": dict[str, Any], "failed": int, "why_none": str}
ENTRY: dict[str, Any] = {"rows": int, "lists": list[str], "sha256": str}


# What `entrepot explain number` tells of a run.
OF_NUMBERS = ("study", "title", "made", "seed", "world.hash", "world.as_of")


def read_manifest(folder: Path, needs: Sequence[str] = ()) -> dict[str, Any]:
    """The manifest of a run. Raises BadInputError with every fault.

    needs : keys that must be there, as in OF_NUMBERS; others may be left out
    """
    path = folder / MANIFEST
    try:
        found = json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        told = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise refused(path, told, "JSON") from None
    if not isinstance(found, dict):
        raise refused(path, _words(found), "a table of keys")
    faults = _table_faults(found.get("tables"))
    for key, shape in SHAPE.items():
        if key in found:
            faults += _faults(found[key], shape, key)
    faults += _question_faults(found.get("questions", {}))
    faults += [fault for need in needs for fault in _missing(found, need)]
    raise_faults(folder, faults)
    return found


def check_for_report(folder: Path, manifest: dict[str, Any]) -> None:
    """Raise BadInputError where a report needs more than the manifest has."""
    needs = []
    for key, shape in SHAPE.items():
        needs += [f"{key}.{inner}" for inner in shape] if isinstance(shape, dict) else [key]
    for name, shape in PARTS.items():
        if name in manifest.get("questions", {}) or set(manifest["tables"]) & set(NEEDED_BY[name]):
            given = f"questions.{name}.options"
            needs += [f"{given}.{n}" for n, hint in shape.items() if not fits(None, hint)]
    raise_faults(folder, [fault for need in needs for fault in _missing(manifest, need)])


def _missing(manifest: dict[str, Any], need: str) -> list[tuple[str, str, str]]:
    asked = {name: {"options": shape} for name, shape in PARTS.items()}
    value: Any = manifest
    shape: Any = SHAPE | {"questions": asked}
    for key in need.split("."):
        if not isinstance(value, dict) or key not in value:
            return [(need, "nothing", _words_of(shape.get(key)))]
        value, shape = value[key], shape[key]
    return []


def raise_faults(folder: Path, faults: list[tuple[str, str, str]]) -> None:
    """Raise BadInputError for faults: column, found and expected of each."""
    if faults:
        findings = [Finding(MANIFEST, 0, "", *fault) for fault in faults]
        raise BadInputError(f"{folder}: {format_findings(findings)}", findings)


def _table_faults(tables: Any) -> list[tuple[str, str, str]]:
    """Column, found and expected of entries that are none."""
    if not isinstance(tables, dict):
        return [("tables", _words(tables), "a table of keys")]
    out = []
    for name, entry in tables.items():
        if not TABLE.fullmatch(name):
            out.append(("tables", repr(name), "a name of small letters, digits and underscores"))
        else:
            where = f"tables.{name}"
            out += _faults(entry, ENTRY, where)
            lost = [k for k in ENTRY if isinstance(entry, dict) and k not in entry]
            out += [(f"{where}.{k}", "nothing", _words_of(ENTRY[k])) for k in lost]
    return out


def _question_faults(questions: Any) -> list[tuple[str, str, str]]:
    """Column, found and expected of questions that are none."""
    if not isinstance(questions, dict):
        return []
    return [
        fault
        for name, own in questions.items()
        for fault in _faults(own, QUESTION | _shape_of(name), f"questions.{name}")
    ]


def _shape_of(question: str) -> dict[str, Any]:
    """What the options of a question must be like."""
    return {"options": PARTS[question]} if question in PARTS else {}


def _faults(value: Any, shape: Any, where: str) -> list[tuple[str, str, str]]:
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            return [(where, _words(value), "a table of keys")]
        return [
            fault
            for key, inner in shape.items()
            if key in value
            for fault in _faults(value[key], inner, f"{where}.{key}")
        ]
    if isinstance(shape, tuple):
        good = isinstance(value, list) and len(value) == len(shape)
        good = good and all(map(fits, value, shape))
    else:
        good = fits(value, shape) and not (shape is int and isinstance(value, bool))
    return [] if good else [(where, _words(value), _words_of(shape))]


def _words(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:59] + "…"


def _words_of(shape: Any) -> str:
    """A shape as people call it."""
    if isinstance(shape, tuple):
        return f"a list of {len(shape)} texts"
    if isinstance(shape, dict) or get_origin(shape) is dict:
        return "a table of keys"
    if get_origin(shape) is list:
        return "a list of texts"
    if get_origin(shape) in (Union, type(int | None)):
        return " or ".join(_words_of(a) for a in get_args(shape))
    return {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}.get(
        shape, "null"
    )

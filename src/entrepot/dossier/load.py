"""A dossier from its folder, checked against itself and against a world.

dossier.toml says name, title, pair and `base`, a shipped dossier it is laid over. Every other
TOML file holds [[document]], [[span]], [[claim]], [[commitment]], [[measure]], [[event]] and
[[prospect]] tables, read in the order of the file names. Texts are plain files in UTF-8.
"""

from __future__ import annotations

import atexit
import tomllib
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from entrepot.dossier.check import check_objects
from entrepot.dossier.objects import (
    Claim,
    Commitment,
    Document,
    Dossier,
    Event,
    Measure,
    Prospect,
    Span,
)
from entrepot.dossier.parse import Taker
from entrepot.errors import BadInputError, Finding, UnknownNameError, UsageError, format_findings
from entrepot.facts.files import read_text
from entrepot.facts.world import World
from entrepot.kernels.short_repr import short_repr

DEFAULT = "iran-kazakhstan"
NONE = "none"
HEAD = "dossier.toml"
HEAD_KEYS = ("name", "title", "pair", "base")
KINDS: dict[str, type] = {
    "document": Document,
    "span": Span,
    "claim": Claim,
    "commitment": Commitment,
    "measure": Measure,
    "event": Event,
    "prospect": Prospect,
}


@short_repr
@dataclass
class Gathered:
    """Objects of all files of a dossier so far, with the file and place of each."""

    objects: dict[str, list[Any]] = field(default_factory=lambda: {k: [] for k in KINDS})
    places: dict[tuple[str, str], list[tuple[str, int]]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    head: dict[str, Any] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def load_dossier(folder: Path | str | None, world: World) -> Dossier:
    """A dossier.

    folder : a folder, the name of a shipped dossier, or None for the shipped one of the default
             study
    Raises BadInputError with every fault of the folder.
    """
    dossier, findings = check_dossier(folder, world)
    if findings:
        many = f"{len(findings)} faults" if len(findings) > 1 else "1 fault"
        where = folder or DEFAULT
        raise BadInputError(f"{where}: {many}\n{format_findings(findings)}", findings)
    return dossier


def check_dossier(
    folder: Path | str | None, world: World, added: dict[str, str] | None = None
) -> tuple[Dossier, list[Finding]]:
    """A dossier and all its faults.

    added : further TOML texts by file name, as if they stood in the folder already
    """
    path = dossier_folder(folder)
    gathered = _gather(path, set())
    for name, text in (added or {}).items():
        _read_toml(text, name, gathered)
    dossier = _dossier(gathered, path.name)
    findings = gathered.findings + check_objects(dossier, world, gathered.places)
    return dossier, findings


def dossier_folder(folder: Path | str | None) -> Path:
    """The folder of a dossier."""
    if folder is None:
        folder = DEFAULT
    if isinstance(folder, Path) or Path(folder).is_dir():
        path = Path(folder)
        if not path.is_dir():
            raise UsageError(f"Folder not found: '{folder}'.")
        return path
    root = _shipped()
    known = sorted(p.name for p in root.iterdir() if p.is_dir())
    if folder not in known:
        raise UnknownNameError(folder, "dossier", known)
    return root / folder


@cache
def _shipped() -> Path:
    return _OPEN.enter_context(as_file(files("entrepot.data") / "dossiers"))


def _gather(folder: Path, seen: set[Path]) -> Gathered:
    """All files of a folder, after those of its base."""
    own = Gathered()
    head = folder / HEAD
    if head.exists():
        _read_head(head, own)
    base = own.head.get("base", NONE)
    out = own
    if base != NONE and isinstance(base, str):
        under = dossier_folder(base)
        if under in seen or under == folder:
            own.findings.append(Finding(HEAD, 0, "", "base", base, "another dossier"))
        else:
            out = _gather(under, {*seen, folder})
            out.head = {**out.head, **own.head}
            out.findings += own.findings
    for path in sorted(folder.glob("*.toml")):
        if path.name == HEAD:
            continue
        try:
            _read_toml(read_text(path), path.name, out)
        except BadInputError as error:
            out.findings += error.findings
    for path in sorted((folder / "texts").glob("*.txt")):
        try:
            out.texts[path.name] = read_text(path, errors="replace")
        except BadInputError as error:
            out.findings += error.findings
    return out


def _read_head(path: Path, out: Gathered) -> None:
    try:
        content = _parse(read_text(path, errors="replace"), path.name, out)
    except BadInputError as error:
        out.findings += error.findings
        return
    taker = Taker(path.name, out.findings)
    taker.unknown(0, "", content, HEAD_KEYS)
    for key, value in content.items():
        good = isinstance(value, list) if key == "pair" else isinstance(value, str)
        if key in HEAD_KEYS and not good:
            taker.fault(0, "", key, value, "a list of codes" if key == "pair" else "a text")
        else:
            out.head[key] = value


def _parse(text: str, file: str, out: Gathered) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        out.findings.append(Finding(file, 0, "", "", str(error), "TOML"))
        return {}


def _read_toml(text: str, file: str, out: Gathered) -> None:
    content = _parse(text, file, out)
    taker = Taker(file, out.findings)
    taker.unknown(0, "", content, list(KINDS))
    for kind, make in KINDS.items():
        items = content.get(kind, [])
        if not isinstance(items, list):
            taker.fault(0, "", kind, items, f"[[{kind}]] tables")
            continue
        for i, item in enumerate(items):
            made = taker.take(make, item, i + 1)
            name = item.get("id") if isinstance(item, dict) else None
            if isinstance(name, str):
                out.places.setdefault((kind, name), []).append((file, i + 1))
            if made is not None:
                out.objects[kind].append(made)


def _dossier(gathered: Gathered, name: str) -> Dossier:
    head, found = gathered.head, gathered.objects
    return Dossier(
        name=str(head.get("name", name)),
        title=str(head.get("title", name)),
        pair=tuple(map(str, head.get("pair", ()))),
        documents=tuple(found["document"]),
        spans=tuple(found["span"]),
        claims=tuple(found["claim"]),
        commitments=tuple(found["commitment"]),
        all_measures=tuple(found["measure"]),
        events=tuple(found["event"]),
        all_prospects=tuple(found["prospect"]),
        texts=dict(gathered.texts),
    )


_OPEN = ExitStack()
atexit.register(_OPEN.close)

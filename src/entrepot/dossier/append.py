"""Add to a dossier: a new file beside the others. Nothing that is there is touched."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

from entrepot.dossier.load import DEFAULT, HEAD, check_dossier
from entrepot.errors import BadInputError, UsageError, format_findings
from entrepot.facts.files import read_text
from entrepot.facts.world import World


def add(file: Path, folder: Path, world: World) -> Path:
    """Check a TOML file of new objects against the dossier and put it into the folder.

    A folder that does not exist is made, laid over the shipped dossier.
    Raises BadInputError with every fault; then nothing is written. Gives the new file.
    """
    if not file.is_file():
        raise UsageError(f"File not found: '{file}'.")
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"Folder not found: '{folder}'.")
    text = read_text(file)
    made = _free_name(folder, file.stem)
    if folder.is_dir():
        findings = check_dossier(folder, world, {made: text})[1]
    else:
        findings = check_dossier(DEFAULT, world, {made: text})[1]
    if findings:
        many = f"{len(findings)} faults" if len(findings) > 1 else "1 fault"
        raise BadInputError(f"{file}: {many}\n{format_findings(findings)}", findings)
    folder.mkdir(parents=True, exist_ok=True)
    if not any(folder.glob("*.toml")):
        _write(folder / HEAD, f'name = "{_plain(folder.name)}"\nbase = "{DEFAULT}"\n')
    _write(folder / made, text)
    return folder / made


def _plain(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-") or "added"


def _free_name(folder: Path, stem: str) -> str:
    """A name after all others of the folder, so that what is added is read last."""
    numbers = [int(m[1]) for p in folder.glob("*.toml") if (m := re.match(r"z(\d{4})-", p.name))]
    return f"z{max(numbers, default=0) + 1:04d}-{_plain(stem)}.toml"


def _write(path: Path, text: str) -> None:
    """Write a file in one step; an existing one is never overwritten."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text)
        os.link(temporary, path)
    except FileExistsError:
        raise UsageError(f"'{path}' is there already; nothing was written.") from None
    finally:
        os.unlink(temporary)

"""Files that users name: read within a budget of bytes, and tried before they are written."""

from __future__ import annotations

import glob
import os
import stat
import tempfile
from pathlib import Path

from entrepot.errors import BadInputError, Finding, UsageError, format_findings

MB = 1_000_000
# What is read whole into memory.
MOST_TABLE = 64 * MB
MOST_TOML = 16 * MB
KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISSOCK, "a socket"),
)


def read_bytes(path: Path, most: int = MOST_TABLE) -> bytes:
    """All bytes of a regular file of at most so many. Raises BadInputError for anything else."""
    try:
        # A pipe without a writer would be waited for.
        handle = os.open(
            path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        )
        with os.fdopen(handle, "rb") as file:
            found = os.fstat(handle)
            for is_kind, name in KINDS:
                if is_kind(found.st_mode):
                    raise refused(path, name, "a file")
            content = file.read(most + 1)
    except IsADirectoryError:
        raise refused(path, "a folder", "a file") from None
    except FileNotFoundError:
        raise refused(path, "no such file", "a file") from None
    except OSError as error:
        raise refused(path, error.strerror or str(error), "a file that can be read") from None
    if len(content) > most:
        size = max(found.st_size, len(content)) / MB
        raise refused(path, f"{size:,.1f} MB", f"at most {most / MB:,.0f} MB")
    return content


def read_text(path: Path, most: int = MOST_TOML, errors: str = "strict") -> str:
    """Text in UTF-8 of a regular file. Raises BadInputError for anything else.

    errors : "replace" puts a mark in place of each byte that is none
    """
    content = read_bytes(path, most)
    other = other_text(content)
    if other:
        raise refused(path, other, "text in UTF-8", "Save the file as UTF-8.")
    try:
        text = content.decode("utf-8-sig", errors=errors)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        found = f"byte 0x{content[error.start]:02x}"
        raise refused(path, found, "text in UTF-8", "Save the file as UTF-8.", line) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def other_text(content: bytes) -> str:
    """What bytes are that cannot be text in UTF-8 as a whole; nothing where they may be."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "text in UTF-16"
    return "bytes that are not text" if b"\0" in content else ""


def refused(path: Path, found: str, expected: str, tip: str = "", row: int = 0) -> BadInputError:
    """The error of a file that cannot be read."""
    findings = [Finding(path.name, row, "", "", found, expected, tip)]
    return BadInputError(format_findings(findings), findings)


def exact_path(path: Path) -> str:
    """A path as DuckDB reads this one file: no pattern, no home folder, no address of a host."""
    return glob.escape(str(path.absolute()))


def check_output(*paths: Path | None) -> None:
    """Raise UsageError where a file cannot be written, before work is done for it.

    Nothing is left behind and nothing that is there is changed.
    """
    for path in paths:
        if path is None:
            continue
        try:
            if path.is_dir():
                raise UsageError(f"'{path}' cannot be written: it is a folder.")
            if path.is_file():
                with path.open("ab"):
                    pass
            elif not path.exists():
                _try_folder(path.absolute().parent, path)
        except OSError as error:
            raise UsageError(f"'{path}' cannot be written: {error.strerror}.") from None


def check_output_folder(folder: Path) -> None:
    """Raise UsageError where a folder cannot be made or replaced, before work is done for it."""
    try:
        above = folder.absolute().parent
        while not above.exists() and above != above.parent:
            above = above.parent
        _try_folder(above, folder)
    except OSError as error:
        raise UsageError(f"'{folder}' cannot be written: {error.strerror}.") from None


def _try_folder(folder: Path, path: Path) -> None:
    if not folder.exists():
        raise UsageError(f"'{path}' cannot be written: there is no folder '{folder}'.")
    if not folder.is_dir():
        raise UsageError(f"'{path}' cannot be written: '{folder}' is not a folder.")
    with tempfile.TemporaryFile(dir=folder):
        pass

"""Answers of a run that is not finished yet, so that an interrupted one can go on.

They lie in the user's cache folder, in `checkpoints`, which only the user may enter, under the name
of the study, the place of the run and everything the answers depend on. They are plain data
(`answers/plain.py`): reading them runs nothing. They are deleted when the run is complete.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from entrepot.answers.plain import DamagedError, NotPlainError, decode, encode, fits
from entrepot.flows.route_cache import cache_folder

# Folders of runs that nobody took up again in so many days are removed.
KEPT_DAYS = 30
# An answer is a few megabytes; nothing this large was written by a run.
MOST_BYTES = 2**30
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")


def code_hash() -> str:
    """Of the code and the declared tables of this package: answers of others are not taken over."""
    found = hashlib.sha256()
    root = Path(__file__).resolve().parents[1]
    for file in sorted([*root.rglob("*.py"), *root.glob("schema/**/*.csv")]):
        found.update(file.relative_to(root).as_posix().encode() + b"\0" + file.read_bytes())
    return found.hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """Where answers are kept; None keeps nothing.

    classes : what answers are made of beside plain data; a file can name no other class
    """

    folder: Path | None
    classes: Mapping[str, type] = field(default_factory=dict)

    @classmethod
    def of_run(
        cls,
        study: str,
        run: Path,
        depends: Sequence[object],
        classes: Sequence[type] = (),
        on_progress: Callable[[str], None] = lambda _: None,
    ) -> Checkpoints:
        """For a run of a study into a folder; answers that depended on something else are removed.

        depends     : everything the answers depend on
        classes     : what answers are made of beside plain data
        on_progress : called with a line where the folder of checkpoints cannot be trusted
        """
        root = cache_folder()
        if root is None:
            return cls(None)
        every = root.absolute() / "checkpoints"
        start = f"{_file_name(study)}-{_short(str(run.absolute()))}-"
        own = every / f"{start}{_short(repr(tuple(depends)))}"
        for folder in (every, own):
            why = distrust(folder)
            if why:
                on_progress(f"Checkpoints are not used: {folder} {why}.")
                return cls(None)
        _remove_old(every, start, own)
        return cls(own, {kind.__name__: kind for kind in classes})

    def load(self, name: str, kind: Any = Any) -> tuple[bool, Any]:
        """Whether an answer is there, and the answer.

        kind : annotation of what is expected; a file with anything else is not an answer
        """
        if self.folder is None or distrust(self.folder):
            return False, None
        try:
            answer = decode(_read(self.folder / _file_name(name)), self.classes)
        except (OSError, DamagedError):
            return False, None
        return (True, answer) if fits(answer, kind) else (False, None)

    def save(self, name: str, answer: Any) -> Any:
        """Write an answer in one step; where that fails the run goes on without."""
        if self.folder is None:
            return answer
        temporary: str | None = None
        try:
            data = encode(answer, self.classes)
            for folder in (self.folder.parent, self.folder):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                if distrust(folder):
                    return answer
            with tempfile.NamedTemporaryFile(dir=self.folder, prefix=".", delete=False) as file:
                temporary = file.name
                file.write(data)
            os.replace(temporary, self.folder / _file_name(name))
        except (OSError, NotPlainError):
            if temporary is not None:
                Path(temporary).unlink(missing_ok=True)
        return answer

    def get_or_submit(
        self, name: str, submit: Callable[[], Callable[[], Any]], kind: Any = Any
    ) -> Callable[[], Any]:
        """A call for an answer: the one that is there, or one that is asked for now and kept."""
        there, answer = self.load(name, kind)
        if there:
            return lambda: answer
        wait = submit()
        return lambda: self.save(name, wait())

    def clear(self) -> None:
        """Remove what was kept: the run is complete."""
        if self.folder is not None and not distrust(self.folder):
            shutil.rmtree(self.folder, ignore_errors=True)


def distrust(folder: Path) -> str:
    """Why a folder must not be read from or written to; nothing where it may, or is not there."""
    try:
        found = folder.lstat()
    except OSError:
        return ""
    if not stat.S_ISDIR(found.st_mode):
        return "is not a folder"
    if not hasattr(os, "getuid"):
        return ""
    if found.st_uid != os.getuid():
        return "belongs to another user"
    if found.st_mode & 0o022:
        return "can be written by other users"
    return ""


def _read(path: Path) -> bytes:
    """Bytes of a regular file of this user; links are not followed and pipes are not waited for."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    with os.fdopen(os.open(path, flags | getattr(os, "O_BINARY", 0)), "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode) or found.st_size > MOST_BYTES:
            raise DamagedError("not a file of an answer")
        if hasattr(os, "getuid") and found.st_uid != os.getuid():
            raise DamagedError("a file of another user")
        return file.read()


def _remove_old(every: Path, start: str, own: Path) -> None:
    """Folders of this run that depended on something else, and of any run long left alone."""
    limit = time.time() - KEPT_DAYS * 24 * 3600
    try:
        folders = [f for f in every.iterdir() if f != own]
    except OSError:
        return
    for folder in folders:
        try:
            is_old = folder.name.startswith(start) or folder.lstat().st_mtime < limit
        except OSError:  # another process removed it
            continue
        if is_old and not distrust(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _file_name(name: str) -> str:
    """The name where it is plain, else its hash: names come from files of users."""
    return name if NAME.fullmatch(name) else f"x-{_short(name)}"


def _short(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]

"""Answers of a run that is not finished yet, so that an interrupted one can go on.

They lie beside the folder of the run, under a name made from everything they depend on, and are
deleted when the run is complete.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from glob import escape
from pathlib import Path
from typing import Any


def code_hash() -> str:
    """Of the code and the declared tables of this package: answers of others are not taken over."""
    found = hashlib.sha256()
    root = Path(__file__).resolve().parents[1]
    for file in sorted([*root.rglob("*.py"), *root.glob("schema/**/*.csv")]):
        found.update(file.relative_to(root).as_posix().encode() + b"\0" + file.read_bytes())
    return found.hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Unfinished:
    """Where answers are kept; None keeps nothing."""

    folder: Path | None

    @classmethod
    def beside(cls, run: Path, *depends: object) -> Unfinished:
        """For a run; answers that depended on something else are thrown away."""
        key = hashlib.sha256(repr(depends).encode()).hexdigest()[:16]
        run = run.absolute()
        own = run.parent / f".{run.name}-unfinished-{key}"
        for old in run.parent.glob(f".{escape(run.name)}-unfinished-*"):
            if old != own:
                shutil.rmtree(old, ignore_errors=True)
        return cls(own)

    def known(self, name: str) -> tuple[bool, Any]:
        """Whether an answer is there, and the answer."""
        if self.folder is None:
            return False, None
        try:
            return True, pickle.loads((self.folder / name).read_bytes())
        except Exception:  # a pickle that was cut short or changed can raise anything
            return False, None

    def keep(self, name: str, answer: Any) -> Any:
        """Write an answer in one step; where that fails the run goes on without."""
        if self.folder is None:
            return answer
        temporary: str | None = None
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self.folder, prefix=".", delete=False) as file:
                temporary = file.name
                pickle.dump(answer, file)
            os.replace(temporary, self.folder / name)
        except OSError:
            if temporary is not None:
                Path(temporary).unlink(missing_ok=True)
        return answer

    def ask(self, name: str, submit: Callable[[], Callable[[], Any]]) -> Callable[[], Any]:
        """A call for an answer: the one that is there, or one that is asked for now and kept."""
        there, answer = self.known(name)
        if there:
            return lambda: answer
        wait = submit()
        return lambda: self.keep(name, wait())

    def done(self) -> None:
        """The run is complete."""
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)

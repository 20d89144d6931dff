"""A run on disk: Parquet tables, a manifest, a report. Written in one step, read with care."""

from __future__ import annotations

import glob
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from entrepot.answers.manifest import MANIFEST, read_manifest
from entrepot.answers.writers.html import answer_html
from entrepot.errors import BadInputError, UsageError
from entrepot.facts.files import check_output_folder, exact_path, refused
from entrepot.schema.table import load_schema

LIST_MARK = "\x1f"


class GivenOptions(dict[str, Any]):
    """Options of a question as a run was asked; one that is not there is a fault of the manifest."""

    def __init__(self, question: str, options: Mapping[str, Any]) -> None:
        super().__init__(options)
        self.question = question

    def __missing__(self, key: str) -> Any:
        raise BadInputError(f"{MANIFEST}: questions.{self.question}.options.{key} is missing.")


@dataclass(frozen=True, slots=True)
class Run:
    """A saved run: a folder with a manifest, tables and a report.

    >>> from pathlib import Path
    >>> manifest = {"study": "mine", "title": "Mine", "made": "", "seed": 0, "tables": {}}
    >>> ep.Run(Path("runs/mine"), manifest)
    <Run mine: 0 tables>
    """

    folder: Path
    manifest: dict[str, Any]
    _read: dict[str, pd.DataFrame] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __repr__(self) -> str:
        return f"<Run {str(self.manifest['study'])[:60]}: {len(self.manifest['tables'])} tables>"

    def _repr_html_(self) -> str:
        """The title, and the tables with their rows, escaped; below 20 kB."""
        told = self.manifest
        rows = [(name, entry["rows"]) for name, entry in told["tables"].items()]
        notes = [f"Made {told['made']}, seed {told['seed']}, in {self.folder}"]
        listed = pd.DataFrame(rows, columns=["table", "rows"])
        return answer_html(f"Run {told['study']}", str(told["title"]), listed, notes, rows=60)

    def rows(self, name: str) -> pd.DataFrame:
        """A table of the run; no rows of its declared columns where the run does not have it."""
        if name in self.manifest["tables"]:
            return self.table(name)
        return pd.DataFrame(columns=[c.name for c in load_schema("results")[name].columns])

    def options(self, question: str) -> GivenOptions:
        """Options that a question was asked with; empty where it was not asked."""
        return GivenOptions(question, self._question(question).get("options", {}))

    def failed(self, *questions: str) -> int:
        """Jobs of some questions that gave no answer."""
        return sum(int(self._question(name).get("failed", 0)) for name in questions)

    def why_none(self, question: str) -> str:
        """Why a question has no tables; empty where it has, or was not asked."""
        return str(self._question(question).get("why_none", ""))

    def _question(self, name: str) -> Mapping[str, Any]:
        asked: Mapping[str, Mapping[str, Any]] = self.manifest.get("questions", {})
        return asked.get(name, {})

    def table(self, name: str) -> pd.DataFrame:
        """A table of the run; lists come back as tuples. It is read once, and each call has its own."""
        if name not in self._read:
            self._read[name] = self._table(name)
        return self._read[name].copy()

    def _table(self, name: str) -> pd.DataFrame:
        path = self.folder / f"{name}.parquet"
        entry = self.manifest["tables"].get(name)
        if entry is None or not path.is_file():
            raise UsageError(f"The run in {self.folder} has no table '{name}'.")
        with duckdb.connect() as connection, _no_table(path):
            data = connection.execute(
                "SELECT * FROM read_parquet(?, hive_partitioning=false)", [exact_path(path)]
            ).df()
            data = data.astype(
                {c: object for c in data.columns if pd.api.types.is_string_dtype(data[c])}
            )
        for column in entry["lists"]:
            if column not in data:
                raise refused(path, f"no column '{column}'", "the columns that the manifest names")
            data[column] = pd.Series(
                [tuple(t for t in str(cell or "").split(LIST_MARK) if t) for cell in data[column]],
                dtype=object,
            )
        return data


def open_run(folder: Path, needs: Sequence[str] = ()) -> Run:
    """Open a run and check that its files are those that were written.

    needs : keys that the manifest must have
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise UsageError(f"Not a run: '{folder}' has no {MANIFEST}.")
    manifest = read_manifest(folder, needs)
    for name, entry in manifest["tables"].items():
        file = folder / f"{name}.parquet"
        if not file.is_file() or _sha256(file) != entry["sha256"]:
            raise BadInputError(f"{file} is missing or was changed after the run.")
    return Run(folder, manifest)


def write_run(
    folder: Path,
    tables: Mapping[str, pd.DataFrame],
    manifest: Mapping[str, Any],
    finish: Callable[[Path], None] | None = None,
) -> Run:
    """Write a run beside its place and move it there in one step.

    finish : makes what is derived from the tables (the report) while the folder is still aside.
    An earlier run stays untouched until the new one is complete.
    """
    folder = folder.absolute()
    folder.parent.mkdir(parents=True, exist_ok=True)
    _put_back(folder)
    check_place(folder)
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        entries = {name: _write_table(aside, name, data) for name, data in tables.items()}
        whole = {**manifest, "tables": entries}
        text = json.dumps(whole, indent=1, ensure_ascii=False, default=str)
        (aside / MANIFEST).write_text(text, encoding="utf-8")
        if finish is not None:
            finish(aside)
        for file in aside.iterdir():
            _sync(file)
        _sync(aside)
        aside.chmod(0o755)
        _replace(aside, folder)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    return open_run(folder)


def _replace(aside: Path, folder: Path) -> None:
    """Rename; an older run is moved away first and deleted last."""
    if not folder.exists():
        aside.rename(folder)
    else:
        check_place(folder)
        old = Path(tempfile.mkdtemp(prefix=_old(folder), dir=folder.parent))
        folder.rename(old / "run")
        try:
            aside.rename(folder)
        except BaseException:
            _put_back(folder)
            raise
        shutil.rmtree(old, ignore_errors=True)
    _sync(folder.parent)


def check_place(folder: Path) -> None:
    """Raise when a run must not or cannot be written to a folder: what is there is not a run."""
    try:
        is_other = folder.exists() and not (folder / MANIFEST).is_file()
        if is_other and not (folder.is_dir() and not any(folder.iterdir())):
            raise UsageError(
                f"'{folder}' exists and is not a run; choose another folder with --out."
            )
    except OSError as error:
        raise UsageError(f"'{folder}' cannot be written: {error.strerror}.") from None
    check_output_folder(folder)


def _put_back(folder: Path) -> None:
    """Put a run back that a stop between the two renames of `_replace` left aside."""
    for old in sorted(folder.parent.glob(glob.escape(_old(folder)) + "*/run")):
        if not folder.exists():
            old.rename(folder)
        shutil.rmtree(old.parent, ignore_errors=True)


def _old(folder: Path) -> str:
    return f".{folder.name}-old-"


def as_declared(name: str, data: pd.DataFrame) -> pd.DataFrame:
    """A table with the declared columns and types, as they are written."""
    declared = {**load_schema("tables"), **load_schema("results")}[name]
    unknown = set(data.columns) - {c.name for c in declared.columns}
    if unknown:
        raise BadInputError(f"{name}: columns {sorted(unknown)} are not declared.")
    out = {}
    for column in declared.columns:
        values = data[column.name] if column.name in data else pd.Series([None] * len(data))
        values = values.reset_index(drop=True)
        if column.type == "number":
            out[column.name] = pd.to_numeric(values).astype("float64")
        elif column.type == "integer":
            out[column.name] = pd.to_numeric(values.astype(object)).astype("Int64")
        elif column.type == "yes_no":
            out[column.name] = values.astype(bool)
        elif column.type == "list":
            out[column.name] = values.map(lambda v: LIST_MARK.join(map(str, v or ())))
        else:
            out[column.name] = values.map(lambda v: "" if v is None or v != v else str(v))
    return pd.DataFrame(out)


def _write_table(folder: Path, name: str, data: pd.DataFrame) -> dict[str, Any]:
    declared = {**load_schema("tables"), **load_schema("results")}[name]
    lists = [c.name for c in declared.columns if c.type == "list"]
    plain = as_declared(name, data)
    file = folder / f"{name}.parquet"
    with duckdb.connect() as connection:
        connection.register("data", plain)
        quoted = str(file).replace("'", "''")
        connection.execute(f"COPY data TO '{quoted}' (FORMAT parquet)")
    return {"rows": len(data), "lists": lists, "sha256": _sha256(file)}


@contextmanager
def _no_table(path: Path) -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        raise refused(path, str(error).splitlines()[0], "a Parquet file") from None


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

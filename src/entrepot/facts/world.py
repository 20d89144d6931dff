"""A world: all tables of facts together.

The shipped world is data/eurasia. A folder of the user's own may replace any table of it, add
rows to one (`links.add.csv`), bring GMNS files (`node.csv`, `link.csv`), or stand alone
(`base = "none"` in its world.toml).
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import as_file, files
from pathlib import Path

import pandas as pd

from entrepot.errors import BadInputError, UsageError, nearest
from entrepot.facts.read import read_csv, typed
from entrepot.schema.check import Finding, Raw, check_table, format_findings
from entrepot.schema.table import load_schema

META_KEYS = ("name", "title", "base", "default_date", "as_of", "trade_base_year", "description")
ADDED = ".add.csv"


@dataclass(frozen=True, eq=False)
class World:
    """Facts by table.

    raw        : cells as text, by table and column
    meta       : what world.toml says, as text
    overridden : tables that are not the shipped ones
    """

    raw: Mapping[str, Raw]
    meta: Mapping[str, str]
    overridden: tuple[str, ...] = ()
    _typed: dict[str, pd.DataFrame] = field(default_factory=dict, repr=False, compare=False)

    @property
    def name(self) -> str:
        return self.meta.get("name", "world")

    def table(self, name: str) -> pd.DataFrame:
        """A table with typed columns; empty when the world does not have it. Not to be changed."""
        if name not in self._typed:
            declared = load_schema()
            if name not in declared:
                raise UsageError(f"There is no table '{name}'.")
            empty: Raw = {c.name: [] for c in declared[name].columns}
            self._typed[name] = typed(declared[name], self.raw.get(name) or empty)
        return self._typed[name]

    @property
    def hash(self) -> str:
        """SHA-256 over all cells."""
        digest = hashlib.sha256()
        for name in sorted(self.raw):
            digest.update(name.encode() + b"\x00")
            for column in sorted(self.raw[name]):
                digest.update(column.encode() + b"\x01")
                digest.update("\x02".join(self.raw[name][column]).encode())
        digest.update(str(sorted(self.meta.items())).encode())
        return digest.hexdigest()


def load_world(folder: Path | str | None = None) -> World:
    """The shipped world, or it with a user's folder laid over it.

    Raises BadInputError with all faults of a user's folder; the shipped facts are checked by the
    test suite and by `entrepot check`, not on every start.
    """
    if folder is None:
        return _shipped()
    from entrepot.facts.check import check_world

    world, findings = read_world(Path(folder))
    findings += check_world(world) if not findings else []
    if findings:
        many = f"{len(findings)} faults" if len(findings) > 1 else "1 fault"
        raise BadInputError(f"{folder}: {many}\n{format_findings(findings)}", findings)
    return world


def read_world(folder: Path) -> tuple[World, list[Finding]]:
    """A user's world and the faults of its files and cells (not of the tables together)."""
    if not folder.is_dir():
        raise UsageError(f"'{folder}' is no folder.")
    meta, findings = _read_meta(folder)
    alone = meta.get("base") == "none"
    shipped = _shipped()
    raw: dict[str, Raw] = {} if alone else dict(shipped.raw)
    if not alone:
        meta = {**shipped.meta, "name": folder.name, **meta}
    if (folder / "node.csv").exists() or (folder / "link.csv").exists():
        from entrepot.facts.gmns import read_gmns

        tables, faults = read_gmns(folder)
        findings += faults
        raw.update(tables)
        overridden = set(tables)
    else:
        overridden = set()
    schema = load_schema()
    for path in sorted(folder.glob("*.csv")):
        if path.name in ("node.csv", "link.csv"):
            continue
        name = path.name.removesuffix(ADDED) if path.name.endswith(ADDED) else path.stem
        if name not in schema:
            near = nearest(name, schema, 1)
            tip = f"Did you mean '{near[0]}.csv'?" if near else ""
            findings.append(Finding(path.name, 0, "", "", path.name, "the name of a table", tip))
            continue
        cells, faults = read_csv(path)
        findings += faults
        if not cells:
            continue
        findings += check_table(schema[name], cells, path.name)
        if path.name.endswith(ADDED):
            cells = _append(raw.get(name, {}), cells, [c.name for c in schema[name].columns])
        raw[name] = cells
        overridden.add(name)
    return World(raw, meta, tuple(sorted(overridden))), findings


def _append(old: Raw, new: Raw, columns: list[str]) -> Raw:
    n_old, n_new = len(next(iter(old.values()), [])), len(next(iter(new.values())))
    return {
        c: [*old.get(c, [""] * n_old), *new.get(c, [""] * n_new)]
        for c in columns
        if c in old or c in new
    }


def _read_meta(folder: Path) -> tuple[dict[str, str], list[Finding]]:
    path = folder / "world.toml"
    if not path.exists():
        return {}, []
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        return {}, [Finding(path.name, 0, "", "", str(error), "TOML")]
    findings = []
    for key in content:
        if key not in META_KEYS:
            near = nearest(key, META_KEYS, 1)
            tip = f"Did you mean '{near[0]}'?" if near else ""
            findings.append(
                Finding(path.name, 0, "", key, key, "one of " + ", ".join(META_KEYS), tip)
            )
    if content.get("base", "eurasia") not in ("eurasia", "none"):
        findings.append(Finding(path.name, 0, "", "base", str(content["base"]), "eurasia or none"))
    return {k: str(v) for k, v in content.items()}, findings


def _shipped() -> World:
    if not _CACHE:
        with as_file(files("entrepot.data").joinpath("eurasia")) as folder:
            _CACHE.append(read_plain(folder))
    return _CACHE[0]


def read_plain(folder: Path) -> World:
    """A complete world folder as it is, unchecked."""
    raw = {}
    for path in sorted(folder.glob("*.csv")):
        raw[path.stem], _ = read_csv(path)
    meta = tomllib.loads((folder / "world.toml").read_text(encoding="utf-8"))
    return World(raw, {k: str(v) for k, v in meta.items()})


_CACHE: list[World] = []

"""Worlds from folders, checked.

The shipped world is data/eurasia. A folder of the user's own may replace any table of it, add
rows to one (`links.add.csv`), or bring GMNS files (`node.csv`, `link.csv`). Its world.toml says
what it is laid over:

base = "eurasia"   the shipped world; the default
base = "rates"     what the shipped world says of no particular place: rates and speeds, default
                   hours, commodities, units; the default where there are GMNS files
base = "none"      nothing
"""

from __future__ import annotations

import atexit
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from functools import cache, partial
from importlib.resources import as_file, files
from pathlib import Path

from entrepot.errors import BadInputError, Finding, UsageError, format_findings, nearest
from entrepot.facts.check import check_world
from entrepot.facts.files import read_text
from entrepot.facts.gmns import CONFIG, LINK_FILE, NODE_FILE, read_gmns
from entrepot.facts.read import read_csv
from entrepot.facts.world import (
    Origin,
    Tables,
    World,
)
from entrepot.schema.check import NO_COLUMN, Raw, check_added, check_table, is_day
from entrepot.schema.table import load_schema

__all__ = ["World", "check_folder", "check_shipped", "load_world", "read_plain", "read_world"]

META_KEYS = ("name", "title", "base", "default_date", "as_of", "trade_base_year", "description")
BASES = ("eurasia", "rates", "none")
ADDED = ".add.csv"
GMNS = (NODE_FILE, LINK_FILE, CONFIG)


def load_world(folder: Path | str | None = None) -> World:
    """The shipped world, or it with a user's folder laid over it.

    Raises BadInputError with all faults of a user's folder; the shipped facts are checked by the
    test suite and by `entrepot check`, not on every start.
    """
    if folder is None:
        return _shipped()
    world, findings = _checked(Path(folder))
    if findings:
        many = f"{len(findings)} faults" if len(findings) > 1 else "1 fault"
        raise BadInputError(f"{folder}: {many}\n{format_findings(findings)}", findings)
    return world


def check_folder(folder: Path) -> list[Finding]:
    """Faults of a user's folder: files, cells, and tables together."""
    return _checked(folder)[1]


def _checked(folder: Path) -> tuple[World, list[Finding]]:
    """A world and all its faults; a column that is missing hides what the tables say together."""
    world, findings = read_world(folder)
    if any(f.found == NO_COLUMN for f in findings):
        return world, findings
    return world, findings + check_world(world)


def check_shipped() -> list[Finding]:
    """Faults of the shipped world."""
    with as_file(files("entrepot.data").joinpath("eurasia")) as folder:
        return check_folder(folder)


def read_world(folder: Path) -> tuple[World, list[Finding]]:
    """A user's world and the faults of its files and cells (not of the tables together)."""
    if not folder.is_dir():
        raise UsageError(f"Folder not found: '{folder}'.")
    has_gmns = any((folder / file).exists() for file in (NODE_FILE, LINK_FILE))
    own, findings = _read_meta(folder)
    base = own.get("base", "rates" if has_gmns else "eurasia")
    raw = _base_tables(base)
    meta = own if base == "none" else {**_shipped().meta, "name": folder.name, **own}
    origin: dict[str, Origin] = {}
    overridden: set[str] = set()
    if has_gmns:
        given, faults = read_gmns(folder)
        findings += faults
        for name, (cells, rows) in given.items():
            raw[name], origin[name] = cells, rows
            overridden.add(name)
    for path, name in _table_files(folder, findings):
        cells, faults = read_csv(path)
        findings += faults
        if path.name.endswith(ADDED):
            findings += _add_rows(raw, origin, name, path.name, cells)
        else:
            findings += check_table(load_schema()[name], cells, path.name) if cells else []
            raw[name] = cells
            origin.pop(name, None)
        overridden.add(name)
    findings += _missing(raw, meta, base, told=("nodes", "links") if has_gmns else ())
    findings += _parameters(raw)
    return World(raw, meta, tuple(sorted(overridden)), origin), findings


def _base_tables(base: str) -> Tables:
    shipped = _shipped().raw
    if base == "none":
        return Tables({}, {})
    if base != "rates":
        return Tables({}, {name: partial(shipped.__getitem__, name) for name in shipped})
    out = Tables({}, {})
    for name, table in load_schema().items():
        if table.is_general:
            out[name] = shipped[name]
        elif table.general_rows:
            keep = [i for i, cell in enumerate(shipped[name][table.general_rows]) if cell == "*"]
            out[name] = {c: [cells[i] for i in keep] for c, cells in shipped[name].items()}
    return out


def _table_files(folder: Path, findings: list[Finding]) -> Iterator[tuple[Path, str]]:
    """Files and the tables they give, whole tables before added rows; other names are faults."""
    schema = load_schema()
    paths = [p for p in sorted(folder.iterdir()) if p.suffix.lower() == ".csv"]
    paths = [p for p in paths if p.name not in GMNS]
    for path in sorted(paths, key=lambda p: (p.name.endswith(ADDED), p.name)):
        name = path.name.removesuffix(ADDED) if path.name.endswith(ADDED) else path.name[:-4]
        if name in schema and path.suffix == ".csv":
            yield path, name
            continue
        near = nearest(name, schema, 1)
        tip = f"Did you mean '{near[0]}.csv'?" if near else ""
        findings.append(Finding(path.name, 0, "", "", path.name, "the name of a table", tip))


def _add_rows(
    raw: Tables, origin: dict[str, Origin], name: str, file: str, new: Raw
) -> list[Finding]:
    """Put rows behind those of a table; the faults are those of the new rows."""
    if not new:
        raw[name] = {}
        return []
    table = load_schema()[name]
    old = raw.get(name, {})
    n_old, n_new = len(next(iter(old.values()), [])), len(next(iter(new.values())))
    origin[name] = (
        *origin.get(name, tuple((table.file, i + 2) for i in range(n_old))),
        *((file, i + 2) for i in range(n_new)),
    )
    raw[name] = {
        c.name: [*old.get(c.name, [""] * n_old), *new.get(c.name, [""] * n_new)]
        for c in table.columns
        if c.name in old or c.name in new
    }
    return check_table(table, new, file) + check_added(table, old, new, file)


def _missing(
    raw: Mapping[str, Raw], meta: dict[str, str], base: str, told: tuple[str, ...]
) -> list[Finding]:
    """What a world cannot do without and its base does not give."""
    out = [
        Finding(f"{name}.csv", 0, "", "", "no such file", f"the table, as base is {base}")
        for name, table in load_schema().items()
        if table.is_required and name not in raw and name not in told
    ]
    if "default_date" not in meta:
        expected = f"a day like 2026-06-30, as base is {base}"
        out.append(Finding("world.toml", 0, "", "default_date", "nothing", expected))
    return out


def _parameters(raw: Tables) -> list[Finding]:
    """The model reads the parameters the shipped world has: no fewer, and others are not read."""
    file = "parameters.csv"
    known = _shipped().raw["parameters"]["parameter"]
    names = raw.get("parameters", {}).get("parameter")
    if names is None:
        return []
    out = [
        Finding(file, 0, "", "parameter", "no such row", f"a row for {name}")
        for name in known
        if name not in names
    ]
    for i, name in enumerate(names):
        if name and name not in known:
            near = nearest(name, known, 1)
            tip = f"Did you mean '{near[0]}'?" if near else ""
            expected = "a parameter of the model"
            out.append(Finding(file, i + 2, name, "parameter", name, expected, tip))
    return out


def _read_meta(folder: Path) -> tuple[dict[str, str], list[Finding]]:
    path = folder / "world.toml"
    if not path.exists():
        return {}, []
    try:
        content = tomllib.loads(read_text(path))
    except BadInputError as error:
        return {}, list(error.findings)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return {}, [Finding(path.name, 0, "", "", str(error), "TOML")]
    findings = []
    meta: dict[str, str] = {}
    for key, value in content.items():
        meta[key] = str(value)
        if key not in META_KEYS:
            near = nearest(key, META_KEYS, 1)
            tip = f"Did you mean '{near[0]}'?" if near else ""
            findings.append(
                Finding(path.name, 0, "", key, key, "one of " + ", ".join(META_KEYS), tip)
            )
    if meta.get("base", BASES[0]) not in BASES:
        near = nearest(meta["base"], BASES, 1)
        tip = f"Did you mean '{near[0]}'?" if near else ""
        findings.append(
            Finding(path.name, 0, "", "base", meta.pop("base"), "one of " + ", ".join(BASES), tip)
        )
    day = meta.get("default_date", "2000-01-01")
    if not is_day(day):
        findings.append(Finding(path.name, 0, "", "default_date", day, "a day like 2026-06-30"))
    return meta, findings


@cache
def _shipped() -> World:
    # Open to the end of the process, for tables are read when they are asked for.
    return read_plain(_OPEN.enter_context(as_file(files("entrepot.data") / "eurasia")))


def read_plain(folder: Path) -> World:
    """A complete world folder as it is, unchecked."""
    waiting = {path.stem: partial(_cells, path) for path in folder.glob("*.csv")}
    meta = tomllib.loads((folder / "world.toml").read_text(encoding="utf-8"))
    return World(Tables({}, waiting), {k: str(v) for k, v in meta.items()})


def _cells(path: Path) -> Raw:
    return read_csv(path)[0]


_OPEN = ExitStack()
atexit.register(_OPEN.close)

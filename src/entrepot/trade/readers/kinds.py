"""The first scan: which kinds of rows a file holds, and which of them are wanted.

Rows of one kind share period, flow, unit and whatever splits flows further. There are few kinds
however long the file, so that Python can decide.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from entrepot.errors import UsageError, nearest
from entrepot.kernels.short_repr import short_repr
from entrepot.trade.readers import periods
from entrepot.trade.readers.layout import EXPORT, IMPORT, unit_factor
from entrepot.trade.readers.numbers import Numbers
from entrepot.trade.readers.products import Products
from entrepot.trade.readers.reading import Fault, Reading

MOST_KINDS = 200_000
Prefer = Literal["importer", "exporter"]
PARTS = ("period", "flow", "unit", "multiplier")


@dataclass(frozen=True, slots=True)
class Kind:
    """Rows that share all cells of the columns of kinds.

    cells  : of those columns
    rows   : how many; first: the number of the first of them
    value  : sum of the column of values, in its own unit
    why    : why they are left out; empty where they are wanted
    split  : cells of the columns whose parts are summed
    """

    cells: tuple[str, ...]
    rows: int
    first: int
    value: float
    year: int | None = None
    per_year: int = periods.YEAR
    side: str = ""
    usd_m: float = 1.0
    why: str = ""
    split: str = ""


@short_repr
@dataclass(frozen=True, slots=True)
class Asked:
    """What the caller wants.

    year  : None for the only one there is
    unit  : million USD in one unit; None for what the file says
    where : column to the values wanted
    areas : codes to zones, empty text to leave them out
    zones : None for all countries that occur
    rest  : the zone that takes all others; empty to leave them out
    """

    year: int | None = None
    unit: float | None = None
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    products: Products = None
    areas: Mapping[str, str] = field(default_factory=dict)
    zones: tuple[str, ...] | None = None
    rest: str = ""
    prefer: Prefer = "importer"


def columns_of(reading: Reading, asked: Asked) -> list[str]:
    """Columns whose cells make a kind. Raises UnknownNameError for a column nobody knows."""
    layout = reading.layout
    names = [layout.columns[part] for part in PARTS if part in layout.columns]
    names += [b.name for b in layout.breakdowns]
    names += layout.accepted
    names += [reading.find_column(name) for name in asked.where]
    return list(dict.fromkeys(names))


def take(reading: Reading, numbers: Numbers, asked: Asked) -> tuple[list[str], list[Kind]]:
    """Columns and kinds, decided. Adds faults; raises UsageError where the year is not told."""
    names = columns_of(reading, asked)
    cells = ", ".join(f"{reading.cell(name)} k{i}" for i, name in enumerate(names))
    value = numbers.sql(reading.cell(reading.layout.columns["value"]))
    # Both scans look at the same columns, so that they can take apart the same rows.
    looked = " + ".join(f"count({reading.cell(c)})" for c in reading.layout.columns.values())
    found = reading.scan(
        f"SELECT {cells + ', ' if cells else ''}{looked}, count(*), min(n),"
        f" coalesce(fsum({value}), 0) FROM {{rows}} GROUP BY ALL HAVING count(*) > 0"
        f" ORDER BY min(n) LIMIT {MOST_KINDS + 1}"
    )
    if len(found) > MOST_KINDS:
        raise UsageError(
            f"{reading.file.name}: more than {MOST_KINDS:,} combinations of {', '.join(names)}; "
            "narrow them down with where={…}."
        )
    kinds = [Kind(tuple(row[: len(names)]), *row[-3:]) for row in found]
    if not kinds:
        return names, []
    # The value of rows left out is told too, so every kind has its price.
    kinds = [_priced(_asked_for(k, names, reading, asked), names, reading, asked) for k in kinds]
    for step in (_accepted, _dated, _sided):
        kinds = [kind if kind.why else step(kind, names, reading, asked) for kind in kinds]
    kinds = _of_one_unit(kinds, names, reading, asked)
    kinds = _split(kinds, names, reading)
    return names, _of_one_year(kinds, reading, asked)


def _cell(kind: Kind, names: Sequence[str], reading: Reading, part: str) -> str | None:
    column = reading.layout.columns.get(part)
    return None if column is None else kind.cells[names.index(column)]


def _asked_for(kind: Kind, names: Sequence[str], reading: Reading, asked: Asked) -> Kind:
    for wanted, values in asked.where.items():
        name = reading.find_column(wanted)
        if kind.cells[names.index(name)] not in values:
            return replace(kind, why=f"{name} is not {' or '.join(values)}, as asked")
    return kind


def _accepted(kind: Kind, names: Sequence[str], reading: Reading, _: Asked) -> Kind:
    for column, (pattern, expected) in reading.layout.accepted.items():
        cell = kind.cells[names.index(column)]
        if not re.fullmatch(pattern, cell):
            reading.faults.append(Fault(kind.first, column, cell, expected, "", kind.rows))
            return replace(kind, why="another classification")
    return kind


def _dated(kind: Kind, names: Sequence[str], reading: Reading, asked: Asked) -> Kind:
    cell = _cell(kind, names, reading, "period")
    if cell is None:
        return replace(kind, year=asked.year)
    if not cell:
        return replace(kind, why="no year")
    period = periods.parse(cell)
    if period is None:
        column = reading.layout.columns["period"]
        tip = "Weeks and days are not read; sum them first." if cell[:4].isdigit() else ""
        expected = "a year, half year, quarter or month"
        reading.faults.append(Fault(kind.first, column, cell, expected, tip, kind.rows))
        return replace(kind, why="no year")
    return replace(kind, year=period[0], per_year=period[1])


def _sided(kind: Kind, names: Sequence[str], reading: Reading, _: Asked) -> Kind:
    cell = _cell(kind, names, reading, "flow")
    if cell is None:
        return kind
    sides = {name.lower(): side for name, side in reading.layout.sides.items()}
    side = sides.get(cell.lower())
    if side is None:
        near = nearest(cell, reading.layout.sides, 2)
        tip = f"Nearest: {', '.join(near)}." if near else ""
        column = reading.layout.columns["flow"]
        reading.faults.append(
            Fault(kind.first, column, cell, "a flow, such as M or X", tip, kind.rows)
        )
        return replace(kind, why="no flow")
    if side in (IMPORT, EXPORT):
        return replace(kind, side=side)
    return replace(kind, why=side)


def _priced(kind: Kind, names: Sequence[str], reading: Reading, asked: Asked) -> Kind:
    power = _cell(kind, names, reading, "multiplier") or "0"
    scale = 1.0
    if power.lstrip("+-").isdigit() and abs(int(power)) < 20:
        scale = 10.0 ** int(power)
    elif not kind.why:
        column = reading.layout.columns["multiplier"]
        expected = "a power of ten, such as 6"
        reading.faults.append(Fault(kind.first, column, power, expected, "", kind.rows))
    usd_m = asked.unit or reading.layout.usd_m
    unit = _cell(kind, names, reading, "unit")
    if kind.why and asked.unit is not None and unit:
        usd_m = None  # rows of another unit than the caller speaks of
    if unit and asked.unit is None:
        usd_m = unit_factor(unit)
    return replace(kind, usd_m=scale * (usd_m or 0.0))


def _of_one_unit(
    kinds: list[Kind], names: Sequence[str], reading: Reading, asked: Asked
) -> list[Kind]:
    """Leave out what is not USD where other rows are; without any USD the unit is a fault."""
    column = reading.layout.columns.get("unit")
    wanted = [kind for kind in kinds if not kind.why]
    units = {_cell(k, names, reading, "unit") or "": k for k in reversed(wanted)} if column else {}
    if asked.unit is not None:
        if len(units) > 1:
            tip = f"Choose one with where={{'{column}': …}}."
            found = ", ".join(sorted(units))
            expected = "one unit, as unit=… was passed"
            reading.faults.append(Fault(wanted[0].first, column or "", found, expected, tip))
        return kinds
    if all(kind.usd_m for kind in wanted):
        return kinds
    if not any(kind.usd_m for kind in wanted):
        name = column or reading.layout.columns["value"]
        found = ", ".join(sorted(units)) if any(units) else f"no unit in the name '{name}'"
        tip = "Pass unit='million USD', or the USD in one unit as a number."
        if len(units) > 1:
            tip = f"Choose one with where={{'{column}': …}} and pass unit=…"
        reading.faults.append(Fault(wanted[0].first, name, found, "USD", tip))
        return kinds
    why = f"{column} is not USD"
    return [replace(k, why=why) if not (k.why or k.usd_m) else k for k in kinds]


def _split(kinds: list[Kind], names: Sequence[str], reading: Reading) -> list[Kind]:
    """Of a column that splits flows further, the total; else its parts, where they add up."""
    for split in reading.layout.breakdowns:
        at = names.index(split.name)
        wanted = [kind for kind in kinds if not kind.why]
        values = dict.fromkeys(kind.cells[at] for kind in wanted)
        whole = next((v for v in split.totals if v in values), None)
        if len(values) < 2:
            only = next(iter(values), "")
            if only not in ("", "_Z", *split.totals):
                reading.tell(f"{split.name} is {only} in every row.")
        elif whole is not None:
            why = f"parts of flows by {split.name}, whose whole ({whole or 'empty'}) is used"
            kinds = [k if k.why or k.cells[at] == whole else replace(k, why=why) for k in kinds]
        elif split.additive:
            shown = ", ".join(list(values)[:5])
            reading.tell(f"{split.name} has no total; its {len(values)} parts are summed: {shown}.")
            kinds = [replace(k, split=f"{k.split}|{k.cells[at]}") for k in kinds]
        else:
            found = ", ".join(list(values)[:8])
            tip = f"Choose one with where={{'{split.name}': …}}."
            expected = "one value, or a total among them"
            reading.faults.append(Fault(wanted[0].first, split.name, found, expected, tip))
    return kinds


def _of_one_year(kinds: list[Kind], reading: Reading, asked: Asked) -> list[Kind]:
    years = sorted({k.year for k in kinds if not k.why and k.year is not None})
    if not years or "period" not in reading.layout.columns:
        return kinds
    if asked.year is None and len(years) > 1:
        raise UsageError(
            f"{reading.file.name} holds {len(years)} years, {years[0]} to {years[-1]}; "
            f"choose one, such as year={years[-1]}."
        )
    year = years[-1] if asked.year is None else asked.year
    if year not in years:
        near = min(years, key=lambda y: abs(y - year))
        span = f"{years[0]} to {years[-1]}" if len(years) > 1 else f"{years[0]} only"
        raise UsageError(f"{reading.file.name} holds {span}, not {year}. Nearest: {near}.")
    return [k if k.why or k.year == year else replace(k, why="other years") for k in kinds]


def account(kinds: Sequence[Kind]) -> Iterator[tuple[str, int, float]]:
    """Reason, rows and value in million USD of the kinds left out."""
    rows: dict[str, int] = defaultdict(int)
    value: dict[str, float] = defaultdict(float)
    for kind in kinds:
        if kind.why:
            rows[kind.why] += kind.rows
            value[kind.why] += kind.value * kind.usd_m
    for why, count in rows.items():
        yield why, count, value[why]

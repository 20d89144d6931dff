"""Read trade flows from a file of any format known here."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

import duckdb
import pandas as pd

from entrepot.errors import BadInputError, Finding, UnknownNameError, UsageError, format_findings
from entrepot.kernels.short_repr import short_repr
from entrepot.trade.readers import baci, comtrade, itpde, kinds, plain, sdmx, sift
from entrepot.trade.readers.csvfile import (
    CsvFile,
    digest,
    open_csv,
    parse_small,
    refused,
    rows_sql,
)
from entrepot.trade.readers.flows import TABLE, TradeFlows
from entrepot.trade.readers.kinds import Asked, Prefer
from entrepot.trade.readers.layout import UNITS, Layout, unit_factor
from entrepot.trade.readers.load import bring_in
from entrepot.trade.readers.numbers import Numbers
from entrepot.trade.readers.products import Products
from entrepot.trade.readers.reading import Reading

MEMORY = "512MB"
# Up to here a database in memory is faster; beyond it one on disk, which is compressed, is smaller.
MOST_IN_MEMORY = 20_000_000  # bytes of the file
# World trade is some 25 million million USD, with domestic sales some 150; beyond it is a unit.
MOST_MUSD = 1e9
Areas = Mapping[str, str] | Path | str | None
Where = Mapping[str, str | Sequence[str]]


@short_repr
@dataclass(frozen=True, slots=True)
class Format:
    """A format: whether a header is one of it, and how to read a file of it."""

    fits: Callable[[CsvFile], bool]
    layout: Callable[[CsvFile], Layout]


# In the order of asking: names that only one format has come first.
FORMATS: dict[str, Format] = {
    module.NAME: Format(module.fits, module.layout)
    for module in (sdmx, comtrade, itpde, baci, plain)
}


def read_flows(
    path: Path | str,
    format: str | None = None,
    *,
    year: int | None = None,
    products: Products = None,
    areas: Areas = None,
    zones: Sequence[str] | None = None,
    rest: str | None = None,
    unit: str | float | None = None,
    columns: Mapping[str, str] | None = None,
    where: Where | None = None,
    prefer: Prefer = "importer",
    decimal: str = ".",
    thousands: str = "",
    encoding: str = "utf-8",
) -> TradeFlows:
    """Trade between zones by sector in one year.

    format    : `baci`, `itpd-e`, `comtrade`, `sdmx` or `plain`; None to tell it from the header
    year      : which one; needed where the file holds several
    products  : for HS codes `all`, `HS2` (the default), `HS4`, `HS6`, a mapping from beginnings
                of codes to sectors, or a World, for its commodity groups; for sectors of the
                file's own `codes` (the default), `all`, or a mapping
    areas     : codes of the file to zones, or to empty text to leave them out; or a list of
                countries of BACI, which is found by itself beside the file
    zones     : which to keep, in the order of the result; None for all countries that occur
    rest      : the zone that takes all other countries; without it their trade is left out
    unit      : such as `million USD`, or the USD in one unit as a number; goes before what the
                file says
    columns   : for a plain table whose names do not tell: exporter, importer, value, period,
                product, tonnes or unit to the name of the column
    where     : column to the value or values wanted, to choose among rows
    prefer    : whose report of a flow to use where both sides report
    decimal, thousands : signs in numbers
    encoding  : `utf-8`, `latin-1` or `utf-16`

    Raises UsageError for a call that makes no sense, such as a year the file does not hold, and
    BadInputError with all faults of the file. Every row is used, or left out with a note, or a
    fault.

    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> file = Path(mkdtemp()) / "flows.csv"
    >>> _ = file.write_text("exporter,importer,value_musd" + chr(10) + "KAZ,IRN,200" + chr(10))
    >>> ep.read_flows(file).table["value_musd"].tolist()
    [200.0]
    """
    numbers = Numbers(decimal, thousands)
    if prefer not in get_args(Prefer):
        raise UsageError(f"prefer='{prefer}' is neither 'importer' nor 'exporter'.")
    _check_zones(zones, rest)
    conditions = {k: (v,) if isinstance(v, str) else tuple(v) for k, v in (where or {}).items()}
    asked = Asked(
        year,
        _unit(unit),
        conditions,
        products,
        areas if isinstance(areas, Mapping) else {},
        None if zones is None else tuple(zones),
        rest or "",
        prefer,
    )
    file = open_csv(Path(path), encoding)
    with tempfile.TemporaryDirectory(prefix="entrepot-") as folder:
        settings: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": MEMORY,
            "temp_directory": folder,
        }
        is_small = not file.zipped and file.path.stat().st_size < MOST_IN_MEMORY
        place = ":memory:" if is_small else str(Path(folder) / "flows.duckdb")
        with duckdb.connect(place, config=settings) as database:
            database.execute("SET enable_progress_bar = false")  # it goes where results go
            reading = _open(file, format, columns or {}, database)
            return _read(reading, numbers, asked, _listed(areas, reading))


def detect(file: CsvFile) -> str:
    """Name of the format of a file. Raises BadInputError where the header fits none."""
    found = next((name for name, known in FORMATS.items() if known.fits(file)), None)
    if found is not None:
        return found
    shown = ", ".join(file.header[:8]) + (", …" if len(file.header) > 8 else "")
    tip = "Pass format=…, or name the columns exporter, importer and value."
    raise refused(
        file.path, shown, "the columns of BACI, ITPD-E, Comtrade, SDMX or a plain table", tip
    )


def _open(
    file: CsvFile,
    format: str | None,
    columns: Mapping[str, str],
    database: duckdb.DuckDBPyConnection,
) -> Reading:
    if format is not None and format not in FORMATS:
        raise UnknownNameError(format, "format of trade flows", FORMATS)
    if columns:
        return Reading(file, _chosen(file, format, columns), database, rows_sql(file))
    may_be_matrix = format in (None, plain.NAME) and not any(
        known.fits(file) for known in FORMATS.values()
    )
    if may_be_matrix and plain.is_matrix(file):
        return _open_matrix(file, database)
    layout = FORMATS[format or detect(file)].layout(file)
    return Reading(file, layout, database, rows_sql(file))


def _chosen(file: CsvFile, format: str | None, columns: Mapping[str, str]) -> Layout:
    """The layout of a plain table whose columns the caller names."""
    if format not in (None, plain.NAME):
        raise UsageError(f"columns are for a plain table; {format} has names of its own.")
    parts = (*plain.PARTS, "value", "tonnes")
    for part, name in columns.items():
        if part not in parts:
            raise UnknownNameError(part, f"part of a plain table ({', '.join(parts)})", parts)
        if name not in file.header:
            raise UnknownNameError(name, f"column of {file.name}", file.header)
    return plain.layout(file, columns)


def _open_matrix(file: CsvFile, database: duckdb.DuckDBPyConnection) -> Reading:
    """A square table of countries as one of pairs."""
    sells = plain.rows_sell(file)
    _, rows = parse_small(file.path, file.encoding)
    long = []
    for n, cells in rows:
        if len(cells) != len(file.header):
            findings = [
                Finding(
                    file.name, n, cells[0], "", f"{len(cells)} cells", f"{len(file.header)} cells"
                )
            ]
            raise BadInputError(format_findings(findings), findings)
        pairs = zip(file.header[1:], cells[1:], strict=True)
        long += [(n, *((cells[0], to) if sells else (to, cells[0])), cell) for to, cell in pairs]
    header = ("exporter", "importer", "value")
    pairs_file = replace(file, header=header, width=3, separator=",")
    layout = plain.layout(pairs_file)
    reading = Reading(pairs_file, layout, database, ("matrix", []), is_numbered=True)
    declared = {"n": "BIGINT", "c0": "VARCHAR", "c1": "VARCHAR", "c2": "VARCHAR"}
    reading.make_table("matrix", declared, long)
    return reading


def _read(
    reading: Reading, numbers: Numbers, asked: Asked, listed: Mapping[str, str]
) -> TradeFlows:
    for remark in reading.layout.remarks:
        reading.tell(remark)
    names, found = kinds.take(reading, numbers, asked)
    if not found:
        reading.raise_if_faulty()
        raise refused(reading.file.path, "no rows below the header", "rows of trade", "")
    for why, count, value in kinds.account(found):
        reading.leave_out(why, count, value)
    bring_in(reading, numbers, names, found)
    sift.check_numbers(reading, numbers)
    sift.find_areas(reading, asked.areas, listed)
    order = sift.find_products(reading, asked.products)
    sift.choose_periods(reading)
    sift.find_repeats(reading)
    reading.raise_if_faulty()
    sift.mirror(reading, asked.prefer)
    sift.fold_zones(reading, asked.zones, asked.rest)
    sift.account(reading)
    return _result(reading, found, order, asked)


def _result(
    reading: Reading,
    found: Sequence[kinds.Kind],
    order: tuple[str, ...] | None,
    asked: Asked,
) -> TradeFlows:
    # One thread sums in the order of the file, so that the same file gives the same bits.
    reading.database.execute("SET threads TO 1")
    table = reading.database.execute(
        """
        SELECT sector, q.zone importer, p.zone exporter, sum(value) value_musd, sum(tonnes) tonnes,
            coalesce(sum(value) FILTER (tonnes IS NOT NULL), 0.0) weighed_musd, count(*) used
        FROM flows JOIN products ON products.code = product
        JOIN areas a ON a.code = exporter JOIN areas b ON b.code = importer
        JOIN places p ON p.country = a.country JOIN places q ON q.country = b.country
        WHERE flows.why = '' GROUP BY ALL
        """
    ).df()
    if table.empty:
        told = "\n".join(f"  {note}" for note in reading.notes if note.kind == "left out")
        raise BadInputError(f"{reading.file.name}: no row can be used.\n{told}")
    sectors = order or tuple(sorted(table["sector"].unique(), key=_sector_key))
    places = _zones(table, asked)
    table = _sorted(table, sectors, places)
    _remark(reading, table)
    years = {k.year for k in found if not k.why}
    return TradeFlows(
        zones=places,
        sectors=sectors,
        table=table[list(TABLE)],
        year=next(iter(years), None) if "period" in reading.layout.columns else asked.year,
        format=reading.layout.format,
        domestic=_has_domestic(reading),
        notes=tuple(reading.notes),
        rows=sum(kind.rows for kind in found),
        used=int(table["used"].sum()),
        sha256=digest(reading.file.path),
    )


def _sector_key(sector: str) -> tuple[int, str]:
    """Numbers by size, words by the alphabet."""
    return (len(sector), sector) if sector.isdigit() else (1000, sector)


def _zones(table: pd.DataFrame, asked: Asked) -> tuple[str, ...]:
    if asked.zones is None:
        return tuple(sorted({*table["importer"], *table["exporter"]}))
    extra = (asked.rest,) if asked.rest and asked.rest not in asked.zones else ()
    return asked.zones + extra


def _sorted(table: pd.DataFrame, sectors: Sequence[str], zones: Sequence[str]) -> pd.DataFrame:
    order = {"sector": sectors, "importer": zones, "exporter": zones}
    keys = {name: pd.Index(list(names)).get_indexer(table[name]) for name, names in order.items()}
    place = pd.DataFrame(keys).sort_values(list(order)).index
    return table.loc[place].reset_index(drop=True)


def _has_domestic(reading: Reading) -> bool:
    if not reading.layout.domestic:
        return False
    return bool(
        reading.ask(
            "SELECT 1 FROM flows JOIN areas a ON a.code = exporter JOIN areas b ON"
            " b.code = importer WHERE flows.why = '' AND a.country = b.country AND value > 0"
            " LIMIT 1"
        )
    )


def _remark(reading: Reading, table: pd.DataFrame) -> None:
    total = float(table["value_musd"].sum())
    if total > MOST_MUSD:
        reading.tell(
            f"The sum is {total:,.3g} million USD, more than the world trades: is the unit right?"
        )
    if "tonnes" in reading.layout.columns and total > 0:
        share = float(table["weighed_musd"].sum()) / total
        if share < 1.0:
            reading.tell(f"{1 - share:.2%} of the value has no weight.")
    if "period" not in reading.layout.columns:
        reading.tell("The file has no year.")


def _unit(unit: str | float | None) -> float | None:
    """Million USD in one unit."""
    if unit is None:
        return None
    if isinstance(unit, str):
        factor = unit_factor(unit)
        if factor is None:
            raise UnknownNameError(unit, "unit of value", UNITS)
        return factor
    if not 0 < unit < float("inf"):
        raise UsageError(f"unit={unit}: expected a number of USD above zero.")
    return unit * 1e-6


def _check_zones(zones: Sequence[str] | None, rest: str | None) -> None:
    if isinstance(zones, str) or (zones is not None and len(set(zones)) < len(zones)):
        raise UsageError("zones are a list of names, each once.")
    if zones is not None and not zones:
        raise UsageError("zones is empty; leave it out for all countries.")
    if rest is not None and zones is None:
        raise UsageError("rest needs zones: it takes the countries that are none of them.")


def _listed(areas: Areas, reading: Reading) -> Mapping[str, str]:
    """Codes to countries of the list given, or of the one beside a file of BACI."""
    path: Path | None = None
    if areas is not None and not isinstance(areas, Mapping):
        path = Path(areas)
    elif reading.layout.format == baci.RELEASE:
        path = baci.code_list(reading.file.path)
    return {} if path is None else baci.read_codes(path)

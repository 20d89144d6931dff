"""CSV files of any size: separator, header, and the rows as DuckDB sees them.

DuckDB reads the rows; Python reads the header only, and the file a second time where there are
faults, to tell their rows.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import duckdb

from entrepot.errors import BadInputError, Finding, UsageError, format_findings, nearest
from entrepot.facts.files import MOST_TABLE, exact_path

SEPARATORS = (",", ";", "\t", "|")
# As Python calls them, and as DuckDB does.
ENCODINGS = {"utf-8": "utf-8", "latin-1": "latin-1", "utf-16": "utf-16"}
MOST_HEADER = 1_000_000  # characters
# Two characters no table holds, so that DuckDB takes no cell for missing behind our back.
_NO_NULL = "\x01\x02"
_OTHER_FILES = (
    (b"PK\x03\x04", "a ZIP archive or a spreadsheet", "Unpack it, or save the sheet as CSV."),
    (b"PAR1", "a Parquet file", "Write it as CSV."),
    (b"\xd0\xcf\x11\xe0", "an old Excel file", "Save the sheet as CSV."),
    (b"BZh", "a bzip2 archive", "Unpack it."),
    (b"\x28\xb5\x2f\xfd", "a zstd archive", "Unpack it, or use gzip."),
)


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A file whose header has been read.

    header : names of the columns as they stand, blanks around them removed
    width  : cells of a row; one more than the header where rows end in a separator
    """

    path: Path
    separator: str
    header: tuple[str, ...]
    width: int
    zipped: bool
    encoding: str

    @property
    def name(self) -> str:
        return self.path.name


def open_csv(path: Path, encoding: str = "utf-8") -> CsvFile:
    """Read the header. Raises UsageError without a file, BadInputError without a header."""
    if encoding not in ENCODINGS:
        near = nearest(encoding, ENCODINGS, 1)
        tip = f" Did you mean '{near[0]}'?" if near else ""
        raise UsageError(f"'{encoding}' is not an encoding read here: {', '.join(ENCODINGS)}.{tip}")
    if not path.is_file():
        raise UsageError(f"File not found: '{path}'.")
    with path.open("rb") as raw:
        start = raw.read(4)
    for magic, found, tip in _OTHER_FILES:
        if start.startswith(magic):
            raise refused(path, found, "a CSV file", tip)
    if start[:2] in (b"\xff\xfe", b"\xfe\xff") and encoding != "utf-16":
        tip = "Save the file as UTF-8, or pass encoding='utf-16'."
        raise refused(path, "text in UTF-16", "text in UTF-8", tip)
    zipped = start[:2] == b"\x1f\x8b"
    try:
        with _text(path, zipped, encoding) as file:
            first = file.readline(MOST_HEADER)
            separator = max(SEPARATORS, key=first.count)
            file.seek(0)
            rows = csv.reader(file, delimiter=separator)
            header = [name.strip() for name in next(rows, [])]
            sample = next((row for row in rows if row), header)
    except (OSError, EOFError, UnicodeError, csv.Error, zlib.error) as error:
        raise refused(path, str(error), "a CSV file", "") from None
    _check_start(path, first, header)
    while not header[-1]:
        header.pop()
    spills = len(sample) == len(header) + 1 and not sample[-1].strip()
    return CsvFile(path, separator, tuple(header), len(header) + spills, zipped, encoding)


def _check_start(path: Path, first: str, header: list[str]) -> None:
    if first.lstrip().lower().startswith(("<!doctype", "<html", "<?xml")):
        tip = "The server sent something else than the table; download it again."
        raise refused(path, "a page of HTML or XML", "a CSV file", tip)
    if first.lstrip().startswith(("{", "[")):
        raise refused(path, "JSON", "a CSV file", "Download the table as CSV.")
    if "\x00" in first:
        raise refused(path, "bytes that are not text", "a CSV file", "")
    if "\ufffd" in first:
        tip = "Save the file as UTF-8, or pass encoding='latin-1'."
        raise refused(path, "bytes that are not UTF-8", "text in UTF-8", tip)
    if not any(header):
        raise refused(path, "an empty file" if not first else "an empty row", "a header row", "")
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        raise refused(path, ", ".join(twice), "columns that occur once", "")


def refused(path: Path, found: str, expected: str, tip: str) -> BadInputError:
    """The error of a file that cannot be taken apart."""
    findings = [Finding(path.name, 1, "", "", found, expected, tip)]
    return BadInputError(format_findings(findings), findings)


def _text(path: Path, zipped: bool, encoding: str) -> TextIO:
    name = "utf-8-sig" if encoding == "utf-8" else encoding
    if zipped:
        return gzip.open(path, "rt", encoding=name, errors="replace", newline="")
    return path.open(encoding=name, errors="replace", newline="")


def rows_sql(file: CsvFile) -> tuple[str, list[str]]:
    """SQL for all rows as text in columns c0, c1, …; and its parameters.

    No name of the file's own ends up in SQL.
    """
    columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(file.width))
    sql = (
        f"read_csv(?, columns={{{columns}}}, auto_detect=false, header=true, delim=?, quote='\"',"
        " escape='\"', nullstr=?, store_rejects=true, rejects_limit=0,"
        " compression=?, encoding=?, hive_partitioning=false)"
    )
    # Characters of a pattern in a file's name would name other files.
    path = exact_path(file.path)
    zipped = "gzip" if file.zipped else "none"
    return sql, [path, file.separator, _NO_NULL, zipped, ENCODINGS[file.encoding]]


def rejected(file: CsvFile, connection: duckdb.DuckDBPyConnection) -> dict[int, tuple[str, ...]]:
    """Rows the last scan could not take apart: row of the file to found, expected, suggestion."""
    out: dict[int, tuple[str, ...]] = {}
    # Rows of a scan are a part of those of a later one that looks at more columns.
    query = (
        "SELECT line, error_type::VARCHAR, csv_line, error_message FROM reject_errors WHERE"
        " scan_id = (SELECT max(scan_id) FROM reject_errors) ORDER BY line"
    )
    for line, kind, text, message in connection.execute(query).fetchall():
        if kind == "UNQUOTED VALUE" or text.count('"') % 2:
            found = ("quotes that do not close", "quotes that open and close", "")
        elif kind in ("MISSING COLUMNS", "TOO MANY COLUMNS"):
            count = len(next(csv.reader([text.strip()], delimiter=file.separator), []))
            tip = "A separator inside a cell needs quotes." if count > file.width else ""
            found = (f"{count} cells", f"{file.width} cells", tip)
        elif kind == "INVALID ENCODING":
            tip = "Save the file as UTF-8, or pass encoding='latin-1'."
            found = ("bytes that are not UTF-8", "text in UTF-8", tip)
        else:
            found = (message.splitlines()[0], "a row of the table", "")
        out.setdefault(line, found)
    return out


def file_rows(file: CsvFile, wanted: Collection[int], bad: Collection[int]) -> dict[int, int]:
    """Row of the file, the header being row 1, of rows known by their number among the good ones.

    wanted : numbers from 1
    bad    : rows of the file that were not read
    """
    out: dict[int, int] = {}
    number, last = 0, max(wanted, default=0)
    for place, filled in enumerate(_filled(file), start=1):
        if number >= last:
            break
        if place == 1 or not filled or place in bad:
            continue
        number += 1
        if number in wanted:
            out[number] = place
    return out


def _filled(file: CsvFile) -> Iterator[bool]:
    """Whether each row, the header first, holds anything at all."""
    with _text(file.path, file.zipped, file.encoding) as text:
        reader = csv.reader(text, delimiter=file.separator)
        try:
            yield from map(bool, reader)
        except csv.Error:
            return


def digest(path: Path) -> str:
    """SHA-256 of the bytes of a file."""
    with path.open("rb") as raw:
        return hashlib.file_digest(raw, "sha256").hexdigest()


def parse_small(path: Path, encoding: str = "utf-8") -> tuple[CsvFile, list[tuple[int, list[str]]]]:
    """The file and its filled rows with their numbers in it, all in memory."""
    file = open_csv(path, encoding)
    with _text(path, file.zipped, encoding) as opened:
        text = opened.read(MOST_TABLE + 1)
        if len(text) > MOST_TABLE:
            raise refused(path, "a larger file", f"at most {MOST_TABLE:,} characters", "")
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=file.separator)
        rows = [(i, [c.strip() for c in cells]) for i, cells in enumerate(reader, 1) if any(cells)]
    return file, rows[1:]

"""BACI of CEPII, one year of trade by HS six-digit product.

Follows the release 202501 and those before it since 2012: columns t (year), i (exporter),
j (importer), k (product), v (thousand USD, fob), q (tonnes; empty or NA where unknown), with
numbers for countries that the file country_codes_V*.csv explains. Codes of products may have
lost a leading zero on their way through a spreadsheet.
"""

from __future__ import annotations

from pathlib import Path

from entrepot.trade.readers.csvfile import CsvFile, parse_small, refused
from entrepot.trade.readers.layout import Layout, demand, pick, pick_all

NAME = "baci"
RELEASE = "BACI 202501"
PARTS = {
    "period": ("t",),
    "exporter": ("i",),
    "importer": ("j",),
    "product": ("k", "hs6"),
    "value": ("v",),
    "tonnes": ("q",),
}
MEANING = {
    "period": "t, the year",
    "exporter": "i, the exporter",
    "importer": "j, the importer",
    "product": "k, the product",
    "value": "v, the value in thousand USD",
}


def fits(file: CsvFile) -> bool:
    """Whether the header is that of BACI."""
    return sum(pick(file.header, (name,)) is not None for name in "tijkv") > 3


def layout(file: CsvFile) -> Layout:
    """How to read it. Raises BadInputError that names the columns missing."""
    columns = pick_all(file.header, PARTS)
    demand(file, RELEASE, columns, MEANING)
    return Layout(RELEASE, columns, usd_m=1e-3)


def code_list(path: Path) -> Path | None:
    """The list of countries beside a file of BACI; of several, the one of its own release."""
    lists = sorted(path.parent.glob("country_codes_V*.csv"))
    own = [p for p in lists if p.stem.rpartition("_")[2] in path.name]
    return next(iter(own or lists[-1:]), None)


def read_codes(path: Path) -> dict[str, str]:
    """Numbers to alpha-3 of a list of countries. Raises BadInputError for another file."""
    file, rows = parse_small(path)
    code = pick(file.header, ("country_code", "code", "i"))
    iso = pick(file.header, ("country_iso3", "iso_3digit_alpha", "iso3"))
    if code is None or iso is None:
        tip = "The list of BACI is called country_codes_V*.csv."
        raise refused(path, ", ".join(file.header), "country_code and country_iso3", tip)
    at, to = file.header.index(code), file.header.index(iso)
    full = [cells for _, cells in rows if len(cells) > max(at, to)]
    return {cells[at].lstrip("0"): cells[to] for cells in full if cells[at] and cells[to]}

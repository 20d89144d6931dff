"""What a format module tells of a file: which column plays which part.

A format is told from its header alone. Everything after that is the same for all formats, in
load.py and sift.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from entrepot.errors import BadInputError, Finding, format_findings, nearest
from entrepot.kernels.short_repr import short_repr
from entrepot.trade.readers.csvfile import CsvFile
from entrepot.trade.readers.products import Codes

# USD millions in one unit, by what people write.
UNITS = {
    "usd": 1e-6,
    "us$": 1e-6,
    "us dollar": 1e-6,
    "us dollars": 1e-6,
    "usd exc": 1e-6,
    "value usd": 1e-6,
    "value in usd": 1e-6,
    "thousands usd": 1e-3,
    "millions usd": 1.0,
    "thousand usd": 1e-3,
    "usd thousand": 1e-3,
    "1000 usd": 1e-3,
    "kusd": 1e-3,
    "tusd": 1e-3,
    "million usd": 1.0,
    "usd million": 1.0,
    "musd": 1.0,
    "mn usd": 1.0,
    "usd mn": 1.0,
    "billion usd": 1e3,
    "usd billion": 1e3,
    "busd": 1e3,
    "bn usd": 1e3,
    "usd bn": 1e3,
}
IMPORT, EXPORT = "M", "X"


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A column that splits flows further.

    totals   : values that stand for the whole
    additive : whether the parts may be summed where no row holds the whole
    """

    name: str
    totals: tuple[str, ...] = ()
    additive: bool = False


@short_repr
@dataclass(frozen=True, slots=True)
class Layout:
    """How to read a file.

    format    : its name and the release followed
    columns   : part to name of the column. Either exporter and importer, or reporter, partner
                and flow; value; and where there are such: period, product, tonnes, unit,
                multiplier (power of ten)
    sides     : values of flow to the side that reports, M or X; others to the reason why rows
                with them are left out
    usd_m     : million USD in one unit of value; None when nobody knows
    tonnes    : tonnes in one unit of the column tonnes
    products  : which codes it has, see products.py
    has_zero_weights : whether a weight of zero means that nobody knows it
    domestic  : whether rows of a country with itself are domestic sales
    breakdowns: columns that split flows further
    accepted  : columns whose cells must have a form, with the words for it
    labelled  : columns whose cells read `code: name`
    """

    format: str
    columns: Mapping[str, str]
    usd_m: float | None
    tonnes: float = 1.0
    products: Codes = "hs"
    domestic: bool = False
    has_zero_weights: bool = False
    sides: Mapping[str, str] = field(default_factory=dict)
    breakdowns: tuple[Breakdown, ...] = ()
    accepted: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    labelled: frozenset[str] = frozenset()
    remarks: tuple[str, ...] = ()

    @property
    def reports(self) -> bool:
        """Whether both partners may report the same flow."""
        return "flow" in self.columns


def plain(name: str) -> str:
    """A column's name without case, blanks and signs, to compare."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def pick(header: Sequence[str], names: Sequence[str]) -> str | None:
    """The column of the header that bears the first of the names it has."""
    known = {plain(name): name for name in reversed(header)}
    return next((known[plain(n)] for n in names if plain(n) in known), None)


def pick_all(header: Sequence[str], parts: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Parts found, with the columns that play them."""
    found = {part: pick(header, names) for part, names in parts.items()}
    return {part: name for part, name in found.items() if name is not None}


def demand(
    file: CsvFile, format_name: str, found: Mapping[str, str], parts: Mapping[str, str]
) -> None:
    """Raise BadInputError that names every part the header does not have."""
    findings = []
    for part, expected in parts.items():
        if part in found:
            continue
        near = nearest(expected.split(",")[0], file.header, 1)
        tip = f"Nearest column: '{near[0]}'." if near else ""
        text = f"a column {expected} ({format_name})"
        findings.append(Finding(file.name, 1, "", part, "no such column", text, tip))
    if findings:
        raise BadInputError(format_findings(findings), findings)


def unit_factor(text: str) -> float | None:
    """Million USD in one of a unit as people write it; None for another currency or measure."""
    words = re.sub(r"[_\s-]+", " ", text.strip().lower())
    return UNITS.get(words.replace("us$", "usd") if words != "us$" else words)

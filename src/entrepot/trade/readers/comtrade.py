"""UN Comtrade, as downloaded by hand or through its interface.

Follows the names of Comtrade Plus and its data interface of 2023 (refYear, period, reporterCode,
flowCode, partnerCode, partner2Code, cmdCode, customsCode, motCode, netWgt, primaryValue, …) and
those of the site before it (`Trade Flow Code`, `Reporter Code`, `Commodity Code`,
`Netweight (kg)`, `Trade Value (US$)`).

Values are USD, imports at cif and exports at fob. Exports hold re-exports and imports hold
re-imports already, so that rows of those are left out, as are the rows of customs procedures
such as inward processing. Weights are kilograms; a weight of zero means that it is not known.
"""

from __future__ import annotations

from entrepot.trade.readers.csvfile import CsvFile
from entrepot.trade.readers.layout import EXPORT, IMPORT, Breakdown, Layout, demand, pick, pick_all

NAME = "comtrade"
RELEASE = "UN Comtrade"
PARTS = {
    "reporter": (
        "reporterCode",
        "Reporter Code",
        "reporterISO",
        "Reporter ISO",
        "rtCode",
        "rt3ISO",
    ),
    "partner": ("partnerCode", "Partner Code", "partnerISO", "Partner ISO", "ptCode", "pt3ISO"),
    "flow": ("flowCode", "Trade Flow Code", "rgCode", "flowDesc", "Trade Flow", "rgDesc"),
    "period": ("period", "refYear", "Year", "yr"),
    "product": ("cmdCode", "Commodity Code"),
    "value": ("primaryValue", "Trade Value (US$)", "TradeValue"),
    "tonnes": ("netWgt", "Netweight (kg)", "NetWeight"),
}
MEANING = {
    "reporter": "reporterCode or reporterISO",
    "partner": "partnerCode or partnerISO",
    "flow": "flowCode",
    "product": "cmdCode",
    "value": "primaryValue",
}
BREAKDOWNS = (
    (("partner2Code", "2nd Partner Code", "pt2Code", "partner2ISO"), ("0", "", "W00")),
    (("customsCode", "Customs Proc. Code"), ("C00", "")),
    (("mosCode",), ("0", "")),
    (("motCode", "Mode of Transport Code"), ("0", "")),
)
ACCEPTED = (
    (("typeCode",), "C|", "C, for goods"),
    (("classificationCode", "Classification", "pfCode"), "H[0-9S]|", "HS, as H0 to H6 or HS"),
)
REEXPORT, REIMPORT = "re-exports, which exports hold", "re-imports, which imports hold"
PROCEDURE = "a customs procedure, which imports or exports hold"
SIDES = {
    "M": IMPORT, "1": IMPORT, "Import": IMPORT, "Imports": IMPORT,
    "X": EXPORT, "2": EXPORT, "Export": EXPORT, "Exports": EXPORT,
    "RX": REEXPORT, "3": REEXPORT, "Re-Export": REEXPORT, "Re-Exports": REEXPORT,
    "RM": REIMPORT, "4": REIMPORT, "Re-Import": REIMPORT, "Re-Imports": REIMPORT,
    "DX": "domestic exports, which exports hold", "FM": "foreign imports, which imports hold",
    "MIP": PROCEDURE, "MOP": PROCEDURE, "XIP": PROCEDURE, "XOP": PROCEDURE,
}  # fmt: skip


def fits(file: CsvFile) -> bool:
    """Whether the header is one of Comtrade."""
    return all(pick(file.header, PARTS[part]) for part in ("reporter", "partner", "flow", "value"))


def layout(file: CsvFile) -> Layout:
    """How to read it. Raises BadInputError that names the columns missing."""
    columns = pick_all(file.header, PARTS)
    demand(file, RELEASE, columns, MEANING)
    splits = [(pick(file.header, names), totals) for names, totals in BREAKDOWNS]
    breakdowns = [Breakdown(name, totals, additive=True) for name, totals in splits if name]
    forms = {pick(file.header, names): (form, words) for names, form, words in ACCEPTED}
    return Layout(
        RELEASE,
        columns,
        usd_m=1e-6,
        tonnes=1e-3,
        sides=SIDES,
        has_zero_weights=True,
        breakdowns=tuple(breakdowns),
        accepted={name: told for name, told in forms.items() if name},
        remarks=("Imports are cif and exports fob, as reported.",),
    )

"""SDMX-CSV, the exchange format of statistical offices.

Follows SDMX-CSV 1.0 (a column DATAFLOW) and 2.0 (STRUCTURE, STRUCTURE_ID, ACTION), with codes,
with `code: name` in cells, or with names in columns of their own. The parts are found by the
names that IMF (IMTS and the Direction of Trade before it), OECD, UNSD and Eurostat give to their
dimensions. Dimensions stand before OBS_VALUE, attributes after it.

Months, quarters and half years are summed. UNIT_MULT is a power of ten; SCALE of the IMF tells
how a value is shown and changes nothing. Where a dimension that means nothing here has several
values, its total is used; without a total it is for the user to choose one with `where`.
"""

from __future__ import annotations

import re

from entrepot.trade.readers.csvfile import CsvFile
from entrepot.trade.readers.layout import (
    EXPORT,
    IMPORT,
    Breakdown,
    Layout,
    demand,
    pick,
    pick_all,
)

NAME = "sdmx"
RELEASES = {"DATAFLOW": "SDMX-CSV 1.0", "STRUCTURE": "SDMX-CSV 2.0"}
PARTS = {
    "reporter": ("REF_AREA", "REPORTER", "REPORTING_AREA", "COUNTRY", "GEO"),
    "partner": (
        "COUNTERPART_AREA", "COUNTERPART_AREA_1", "COUNTERPART", "COUNTERPART_COUNTRY",
        "PARTNER", "VIS_AREA", "PARTNER_AREA",
    ),
    "flow": ("TRADE_FLOW", "FLOW", "STK_FLOW", "INDICATOR", "MEASURE", "ACCOUNTING_ENTRY"),
    "product": ("COMMODITY", "COMMODITY_1", "PRODUCT", "CMD", "ITEM", "SITC", "HS"),
    "period": ("TIME_PERIOD",),
    "value": ("OBS_VALUE",),
    "multiplier": ("UNIT_MULT", "UNIT_MULTIPLIER"),
    "unit": ("UNIT_MEASURE", "INDICATORS", "UNIT", "CURRENCY"),
}  # fmt: skip
MEANING = {
    "reporter": "REF_AREA",
    "partner": "COUNTERPART_AREA",
    "flow": "TRADE_FLOW, or an INDICATOR that tells imports from exports",
    "period": "TIME_PERIOD",
    "value": "OBS_VALUE",
}
# Columns that are not a dimension, before OBS_VALUE or without one.
NO_DIMENSION = ("STRUCTURE", "STRUCTURE_ID", "STRUCTURE_NAME", "ACTION", "DATAFLOW", "KEY", "LASTUPDATE",
                "SERIES_KEY", "FREQ", "FREQUENCY", "DECIMALS")  # fmt: skip
TOTALS = ("_T", "TOTAL", "W00", "WLD", "T", "0", "C00", "B00", "ALL")
BALANCE = "balances or sums of both sides"
SIDES = {
    "M": IMPORT, "I": IMPORT, "IM": IMPORT, "IMP": IMPORT, "IMPORT": IMPORT, "IMPORTS": IMPORT,
    "MG": IMPORT, "1": IMPORT, "D": IMPORT,
    "X": EXPORT, "E": EXPORT, "EX": EXPORT, "EXP": EXPORT, "EXPORT": EXPORT, "EXPORTS": EXPORT,
    "XG": EXPORT, "2": EXPORT, "C": EXPORT,
    "TMG_CIF_USD": IMPORT, "MG_CIF_USD": IMPORT, "TXG_FOB_USD": EXPORT, "XG_FOB_USD": EXPORT,
    "TMG_FOB_USD": "imports at fob, which imports at cif hold",
    "MG_FOB_USD": "imports at fob, which imports at cif hold",
    "TBG_USD": BALANCE, "BG_USD": BALANCE, "B": BALANCE, "BAL": BALANCE, "TB": BALANCE,
    "RX": "re-exports, which exports hold", "RM": "re-imports, which imports hold",
    "3": "re-exports, which exports hold", "4": "re-imports, which imports hold",
}  # fmt: skip


def _code(name: str) -> str:
    """The code of a column labelled `REF_AREA: Reference area`."""
    return re.split(r"\s*:\s*", name, maxsplit=1)[0]


def fits(file: CsvFile) -> bool:
    """Whether the header is one of SDMX-CSV."""
    codes = [_code(name) for name in file.header]
    return "OBS_VALUE" in codes and "TIME_PERIOD" in codes


def layout(file: CsvFile) -> Layout:
    """How to read it. Raises BadInputError that names the columns missing."""
    names = {_code(name): name for name in reversed(file.header)}
    codes = [_code(name) for name in file.header]
    before = codes[: codes.index("OBS_VALUE")] if "OBS_VALUE" in codes else []
    # A dimension goes before an attribute of another name that tells the same.
    found = pick_all(codes, PARTS) | pick_all(before, PARTS)
    demand(file, "SDMX-CSV", found, MEANING)
    if "unit" in found and found["unit"] == found["flow"]:
        del found["unit"]
    own = set(found.values())
    breakdowns = [
        Breakdown(names[code], TOTALS)
        for code in before
        # A column of names beside one of codes is not written like an identifier.
        if code not in own and pick((code,), NO_DIMENSION) is None and re.fullmatch(r"\w+", code)
        and (code.isupper() or code.islower())
    ]  # fmt: skip
    release = next((r for c, r in RELEASES.items() if pick(codes, (c,))), "SDMX-CSV")
    remarks = ["Imports and exports as each side reports them."]
    if pick(codes, ("SCALE",)):
        remarks.append("SCALE tells how values are shown and was not applied.")
    action = pick(codes, ("ACTION",))
    return Layout(
        release,
        {part: names[code] for part, code in found.items()},
        usd_m=1e-6 if _tells_usd(found) else None,
        products="likely",
        sides=SIDES,
        breakdowns=tuple(breakdowns),
        accepted={names[action]: ("[A-CE-Z]?", "data, not a request to delete them")}
        if action
        else {},
        labelled=frozenset(name for name in file.header if ":" in name),
        remarks=tuple(remarks),
    )


def _tells_usd(found: dict[str, str]) -> bool:
    """Indicators of the IMF end in the currency, which the sides above have checked."""
    return found["flow"].upper() == "INDICATOR" and "unit" not in found

"""A plain table of flows: exporter, importer, value, and perhaps year, product and tonnes.

Follows no release; columns are found by the names that gravity data sets, tariff tools and people
give them. The unit of the value comes from the name of its column (value_musd, trade_usd_thousand,
…), from a column `unit`, or from the caller. A square table of countries is read too where its
first column says whether rows sell or buy.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from entrepot.errors import BadInputError, Finding, format_findings
from entrepot.trade.readers.areas import area_of
from entrepot.trade.readers.csvfile import CsvFile
from entrepot.trade.readers.layout import Layout, demand, pick, pick_all

NAME = "plain"
RELEASE = "plain table"
EXPORTER = (
    "exporter", "exporter_iso3", "exporter_iso", "exporter_code", "iso3_exporter", "iso_exporter",
    "origin", "orig", "iso_o", "iso3_o", "origin_iso3", "exp", "from", "source", "seller",
    "exporting_country", "export_country", "country_o", "zone_from", "from_zone", "i",
)  # fmt: skip
IMPORTER = (
    "importer", "importer_iso3", "importer_iso", "importer_code", "iso3_importer", "iso_importer",
    "destination", "dest", "iso_d", "iso3_d", "destination_iso3", "imp", "to", "target", "buyer",
    "importing_country", "import_country", "country_d", "zone_to", "to_zone", "j",
)  # fmt: skip
HS_NAMES = (
    "hs6", "hs4", "hs2", "hs", "hs_code", "hscode", "commodity", "commodity_code", "product",
    "product_code", "k",
)  # fmt: skip
PARTS = {
    "exporter": EXPORTER,
    "importer": IMPORTER,
    "period": ("year", "period", "time", "time_period", "t", "date"),
    "product": ("sector", *HS_NAMES, "industry", "industry_id", "group", "good"),
    "unit": ("unit", "units", "value_unit", "currency"),
}  # fmt: skip
VALUE = (
    "value", "trade", "flow", "flows", "trade_value", "tradevalue", "trade_flow", "exports",
    "imports", "amount", "v", "tradeflow", "export_value", "import_value",
)  # fmt: skip
# Endings of a value's name, to million USD.
ENDINGS = {
    "usd": 1e-6, "us": 1e-6, "dollars": 1e-6,
    "kusd": 1e-3, "thusd": 1e-3, "tusd": 1e-3, "usdthousand": 1e-3, "thousandusd": 1e-3,
    "usdk": 1e-3, "1000usd": 1e-3, "usd1000": 1e-3, "usdth": 1e-3,
    "musd": 1.0, "mnusd": 1.0, "usdm": 1.0, "usdmn": 1.0, "usdmillion": 1.0, "millionusd": 1.0,
    "musdperyear": 1.0,
    "busd": 1e3, "bnusd": 1e3, "usdbn": 1e3, "usdbillion": 1e3, "billionusd": 1e3,
}  # fmt: skip
WEIGHT = {
    "tonnes": 1.0, "tons": 1.0, "t": 1.0, "weight_t": 1.0, "quantity_t": 1.0, "tonnes_per_year": 1.0,
    "kg": 1e-3, "weight_kg": 1e-3, "netweight_kg": 1e-3, "net_weight_kg": 1e-3, "netwgt": 1e-3,
    "kt": 1e3, "thousand_tonnes": 1e3, "mt": 1e6, "million_tonnes": 1e6, "q": 1.0,
}  # fmt: skip
MEANING = {
    "exporter": "exporter, or origin, iso_o, …",
    "importer": "importer, or destination, iso_d, …",
    "value": "value, or value_musd, trade, flow, …",
}


def fits(file: CsvFile) -> bool:
    """Whether the header names an exporter and an importer."""
    return pick(file.header, EXPORTER) is not None and pick(file.header, IMPORTER) is not None


def value_columns(header: tuple[str, ...]) -> dict[str, float | None]:
    """Columns that hold a value, with million USD in one unit where the name says it."""
    out: dict[str, float | None] = {}
    for name in header:
        words = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
        stem = next((s for s in sorted(VALUE, key=len, reverse=True)
                     if words == s or words.startswith(s + "_")), None)  # fmt: skip
        rest = words[len(stem) :] if stem else words
        rest = rest.replace("_", "")
        if stem and not rest:
            out[name] = None
        elif rest.removeprefix("in") in ENDINGS:
            out[name] = ENDINGS[rest.removeprefix("in")]
    return out


def layout(file: CsvFile, given: Mapping[str, str] | None = None) -> Layout:
    """How to read it. Raises BadInputError that names the columns missing or in doubt.

    given : parts to the columns that play them, where their names do not tell
    """
    columns = pick_all(file.header, PARTS) | dict(given or {})
    values = value_columns(tuple(n for n in file.header if n not in columns.values()))
    if "value" in columns:
        values = value_columns((columns["value"],)) or {columns["value"]: None}
    elif len(values) > 1:
        tip = "Choose one with columns={'value': …}."
        findings = [
            Finding(file.name, 1, "", "value", ", ".join(values), "one column of values", tip)
        ]
        raise BadInputError(format_findings(findings), findings)
    columns["value"] = next(iter(values), "")
    columns = {part: name for part, name in columns.items() if name}
    demand(file, RELEASE, columns, MEANING)
    if "tonnes" not in columns:
        free = tuple(n for n in file.header if n not in columns.values())
        weight = pick(free, tuple(WEIGHT))
        columns |= {"tonnes": weight} if weight else {}
    is_likely = pick((columns.get("product", ""),), HS_NAMES) is not None
    return Layout(
        RELEASE,
        columns,
        usd_m=values[columns["value"]],
        tonnes=next(
            (f for w, f in WEIGHT.items() if pick((columns.get("tonnes", ""),), (w,))), 1.0
        ),
        products="likely" if is_likely else "either",
        domestic=True,
    )


def is_matrix(file: CsvFile) -> bool:
    """Whether the header looks like a row of countries."""
    names = [name for name in file.header[1:] if name]
    known = sum(area_of(name) is not None for name in names)
    return len(names) > 1 and known > len(names) / 2


def rows_sell(file: CsvFile) -> bool:
    """Whether the rows of a matrix are exporters. Raises BadInputError where it does not tell."""
    word = file.header[0].lower()
    first = re.split(r"[\\/|,;>\s]+", word)[0]
    if pick((first,), EXPORTER):
        return True
    if pick((first,), IMPORTER):
        return False
    tip = (
        "Name the first column exporter if its rows sell, importer if they buy; or bring a row"
        " for each pair with the columns exporter, importer and value."
    )
    findings = [Finding(file.name, 1, "", "", file.header[0], "exporter or importer", tip)]
    raise BadInputError(format_findings(findings), findings)

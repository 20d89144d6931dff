"""ITPD-E, the International Trade and Production Database for Estimation of the USITC.

Follows the releases 2 and 3: exporter_iso3, importer_iso3 (release 3 and some copies add
exporter_dynamic_code, or exporter_iso3_dynamic), year, industry_id, industry_descr, broad_sector,
trade (million USD), flag_mirror, flag_zero. Rows of a country with itself are domestic sales.
Release 1 has the same columns but for some names, and is read too.
"""

from __future__ import annotations

from entrepot.trade.readers.csvfile import CsvFile
from entrepot.trade.readers.layout import Layout, demand, pick, pick_all

NAME = "itpd-e"
RELEASE = "ITPD-E R02/R03"
PARTS = {
    "exporter": ("exporter_iso3", "exporter_iso3_dynamic", "exporter_dynamic_code"),
    "importer": ("importer_iso3", "importer_iso3_dynamic", "importer_dynamic_code"),
    "period": ("year",),
    "product": ("industry_id", "industry_code", "industry_descr", "broad_sector"),
    "value": ("trade",),
}
MEANING = {
    "exporter": "exporter_iso3",
    "importer": "importer_iso3",
    "period": "year",
    "product": "industry_id",
    "value": "trade, in million USD",
}


def fits(file: CsvFile) -> bool:
    """Whether the header is that of ITPD-E."""
    own = ("industry_id", "industry_descr", "broad_sector", "flag_mirror")
    return pick(file.header, ("exporter_iso3",)) is not None and any(
        pick(file.header, (name,)) for name in own
    )


def layout(file: CsvFile) -> Layout:
    """How to read it. Raises BadInputError that names the columns missing."""
    columns = pick_all(file.header, PARTS)
    demand(file, RELEASE, columns, MEANING)
    return Layout(RELEASE, columns, usd_m=1.0, products="own", domestic=True)

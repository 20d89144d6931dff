"""The second scan: the rows wanted, with numbers as numbers, into a table of the database."""

from __future__ import annotations

from collections.abc import Sequence

from entrepot.trade.readers.kinds import Kind
from entrepot.trade.readers.layout import EXPORT
from entrepot.trade.readers.numbers import Numbers, is_missing
from entrepot.trade.readers.reading import Reading


def bring_in(
    reading: Reading, numbers: Numbers, names: Sequence[str], kinds: Sequence[Kind]
) -> None:
    """The second scan: a table `flows` of the rows wanted, in million USD and tonnes.

    n, exporter, importer (codes), side (M, X or empty), period, per_year (how many such periods
    a year has), product, split, value, tonnes; bad_value and bad_tonnes, the text of what is not a
    number or below zero; and why, empty where a row is used.
    """
    columns = reading.layout.columns
    declared = {f"k{i}": "VARCHAR" for i in range(len(names))}
    extra = {"side": "VARCHAR", "period": "VARCHAR", "per_year": "INTEGER", "up": "DOUBLE"}
    extra |= {"down": "DOUBLE"}
    wanted = [k for k in kinds if not k.why]
    at = names.index(columns["period"]) if "period" in columns else None
    reading.make_table(
        "kinds",
        declared | extra | {"split": "VARCHAR"},
        [
            (
                *k.cells,
                k.side,
                "" if at is None else k.cells[at],
                k.per_year,
                *_fraction(k.usd_m),
                k.split,
            )
            for k in wanted
        ],
    )
    keys = " AND ".join(f"kinds.k{i} = {reading.cell(n)}" for i, n in enumerate(names)) or "true"
    ends = _ends(reading)
    product = reading.cell(columns["product"]) if "product" in columns else "''"
    value = reading.cell(columns["value"])
    weight = reading.cell(columns["tonnes"]) if "tonnes" in columns else "''"
    tonnes = (
        f"({numbers.sql(weight)}) * {reading.layout.tonnes!r}" if "tonnes" in columns else "NULL"
    )
    reading.scan(
        f"""
        CREATE OR REPLACE TABLE flows AS
        SELECT n, {ends[0]} exporter, {ends[1]} importer, side, period, per_year, {product} product,
            split, ({numbers.sql(value)}) * up / down AS value, ({tonnes})::DOUBLE tonnes,
            CASE WHEN value IS NULL AND NOT {is_missing(value)} THEN {value}
                WHEN value < 0 THEN {value} END bad_value,
            CASE WHEN tonnes IS NULL AND NOT {is_missing(weight)} THEN {weight}
                WHEN tonnes < 0 THEN {weight} END bad_tonnes,
            CASE WHEN {is_missing(value)} THEN 'no value' ELSE '' END why
        FROM {{rows}} rows JOIN kinds ON {keys}
        """
    )
    if reading.layout.has_zero_weights:
        reading.database.execute("UPDATE flows SET tonnes = NULL WHERE tonnes = 0 AND value > 0")


def _ends(reading: Reading) -> tuple[str, str]:
    """SQL of the codes of exporter and importer."""
    columns = reading.layout.columns
    if not reading.layout.reports:
        return reading.cell(columns["exporter"]), reading.cell(columns["importer"])
    reporter, partner = reading.cell(columns["reporter"]), reading.cell(columns["partner"])
    exports = f"side = '{EXPORT}'"
    return (
        f"CASE WHEN {exports} THEN {reporter} ELSE {partner} END",
        f"CASE WHEN {exports} THEN {partner} ELSE {reporter} END",
    )


def _fraction(usd_m: float) -> tuple[float, float]:
    """A unit as a fraction: 309541080 USD are 309.54108 million divided, not quite multiplied."""
    down = round(1 / usd_m) if usd_m else 0
    return (1.0, float(down)) if down and abs(usd_m * down - 1) < 1e-12 else (usd_m, 1.0)

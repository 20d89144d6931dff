"""What becomes of the rows brought in: faults, rows left out with the reason, the rest folded.

Each step looks at the rows that the steps before it left in. A row left out gets its reason, the
first that applies.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from entrepot.errors import UsageError, nearest
from entrepot.trade.readers import periods
from entrepot.trade.readers.areas import area_of, kinds_of, near_countries
from entrepot.trade.readers.numbers import Numbers
from entrepot.trade.readers.products import Products, folding
from entrepot.trade.readers.reading import Fault, Reading

NAMED = 5  # examples in a note
HS_LEVELS = (0, 2, 4, 6, 8)
PRODUCT_COLUMNS = {"code": "VARCHAR", "hs": "VARCHAR", "sector": "VARCHAR", "coarse": "BOOLEAN"}


def check_numbers(reading: Reading, numbers: Numbers) -> None:
    """Cells that are not a number, and numbers below zero."""
    for part in ("value", "tonnes"):
        if part not in reading.layout.columns:
            continue
        column = reading.layout.columns[part]
        bad = reading.ask(
            f"SELECT bad_{part}, min(n), count(*) FROM flows WHERE bad_{part} IS NOT NULL GROUP BY 1"
        )
        for cell, first, rows in bad:
            expected = "zero or more" if numbers.is_number(cell) else "a number"
            tip = numbers.tip(cell)
            reading.faults.append(Fault(first, column, cell, expected, tip, rows))


def find_areas(reading: Reading, own: Mapping[str, str], listed: Mapping[str, str]) -> None:
    """A table `areas` from codes to countries; rows of what is not a country left out.

    own    : codes of the user's
    listed : codes of the file's own list of countries
    """
    codes = reading.ask(
        "SELECT code, min(n), count(*), part FROM (SELECT exporter code, n, 'exporter' part"
        " FROM flows UNION ALL SELECT importer, n, 'importer' FROM flows) GROUP BY ALL"
        " ORDER BY ALL"
    )
    kinds = kinds_of(code for code, *_ in codes)
    found: dict[str, tuple[str, str, str]] = {}
    meant: dict[str, str] = {}
    for code, first, count, part in codes:
        area = area_of(code, own, listed, kinds)
        if area is None:
            tip = near_countries(code) if code else ""
            column = _area_column(reading, part)
            reading.faults.append(Fault(first, column, code, "a country", tip, count))
            continue
        why = ""
        if not area.country:
            why = "totals of other rows" if area.is_total else "partners that are not countries"
        elif area.meaning:
            meant[code] = f"{code} as {area.country} ({area.meaning})"
        found[code] = (code, area.country, why)
    rows = list(found.values())
    reading.make_table("areas", {"code": "VARCHAR", "country": "VARCHAR", "why": "VARCHAR"}, rows)
    for end in ("exporter", "importer"):
        for why in dict.fromkeys(row[2] for row in rows if row[2]):
            reading.database.execute(
                f"UPDATE flows SET why = ? FROM areas WHERE areas.code = {end} AND areas.why = ?"
                " AND flows.why = ''",
                [why, why],
            )
    _tell_meanings(reading, meant)
    if not reading.layout.domestic:
        reading.database.execute(
            "UPDATE flows SET why = 'a country with itself' FROM areas a, areas b WHERE"
            " a.code = exporter AND b.code = importer AND a.country = b.country AND flows.why = ''"
        )


def _area_column(reading: Reading, part: str) -> str:
    columns = reading.layout.columns
    return columns[part] if part in columns else f"{columns['reporter']} or {columns['partner']}"


def _tell_meanings(reading: Reading, meant: Mapping[str, str]) -> None:
    if not meant:
        return
    used = reading.ask(
        "SELECT code, count(*), fsum(value) FROM (SELECT exporter code, value FROM flows WHERE"
        " why = '' UNION ALL SELECT importer, value FROM flows WHERE why = '')"
        " WHERE code IN (SELECT unnest(?)) GROUP BY 1 ORDER BY 3 DESC, 1",
        [list(meant)],
    )
    for code, rows, value in used[:NAMED]:
        reading.tell(f"Read {meant[code]}", rows, value)
    if len(used) > NAMED:
        rest = used[NAMED:]
        names = ", ".join(meant[code] for code, *_ in rest)
        reading.tell(f"Read {names}", sum(r[1] for r in rest), sum(r[2] for r in rest))


def find_products(reading: Reading, products: Products) -> tuple[str, ...] | None:
    """A table `products` from codes to sectors; rows of none, and sums of others, left out.

    Returns the sectors in their order, None for those that occur.
    """
    column = reading.layout.columns.get("product")
    if column is None and products not in (None, "all", "codes"):
        raise UsageError(f"{reading.file.name} has no column of products; leave products out.")
    found = reading.ask(
        "SELECT product, min(n), count(*), coalesce(fsum(value), 0) FROM flows WHERE why = ''"
        " GROUP BY 1 ORDER BY 2"
    )
    codes = [code for code, *_ in found] if column else []
    fold = folding(products, reading.layout.products, codes)
    rows: list[tuple[str, str, str, bool]] = []
    mended: tuple[int, float] = (0, 0.0)
    for code, first, count, value in found:
        product = fold.fold(code)
        if product is None and column:
            expected = "an HS code of 2, 4 or 6 digits" if fold.is_hs else "a product"
            tip = _near_sector(code, fold.sectors)
            reading.faults.append(Fault(first, column, code, expected, tip, count))
        elif product is None:
            rows.append((code, "", "all", False))
        else:
            rows.append((code, product.code, product.sector, product.is_coarse))
            if product.is_mended:
                mended = (mended[0] + count, mended[1] + value)
    reading.make_table("products", PRODUCT_COLUMNS, rows)
    if mended[0]:
        reading.tell("HS codes that got back a lost zero", mended[0], mended[1])
    if not column:
        return fold.sectors
    lengths = {len(row[1]) for row in rows}
    if len(lengths) > 1 and (fold.is_hs or 0 in lengths):
        _leave_out_sums(reading, HS_LEVELS if fold.is_hs else (0,))
    reading.database.execute(
        "UPDATE flows SET why = CASE WHEN coarse THEN 'products not told in enough detail'"
        " ELSE 'products of no sector asked for' END FROM products"
        " WHERE code = product AND sector = '' AND why = ''"
    )
    return fold.sectors


def _near_sector(code: str, sectors: Iterable[str] | None) -> str:
    near = nearest(code, sectors or (), 1)
    return f"Nearest: '{near[0]}'." if near else ""


def _leave_out_sums(reading: Reading, levels: Sequence[int]) -> None:
    """Where a file holds a code and its parts, use the broadest that is not too broad.

    The broadest holds what is kept secret or not told in more detail.
    """
    group = "exporter, importer, side, period, split"
    same = " AND ".join(f"f.{name} = used.{name}" for name in group.split(", "))
    reading.database.execute(
        f"CREATE OR REPLACE TABLE used AS SELECT DISTINCT {group}, hs FROM flows JOIN products"
        " ON code = product WHERE why = '' AND NOT coarse"
    )
    for digits in levels:
        reading.database.execute(
            f"""
            UPDATE flows SET why = 'products that a broader code of the same flow holds'
            WHERE why = '' AND n IN (
                SELECT n FROM flows f JOIN products p ON p.code = f.product JOIN used
                ON {same} AND used.hs = p.hs[:{digits}]
                WHERE f.why = '' AND NOT p.coarse AND length(p.hs) > {digits}
                AND length(used.hs) = {digits})
            """
        )
        reading.database.execute(
            f"""
            UPDATE flows SET why = 'sums of products that are told in more detail'
            WHERE why = '' AND n IN (
                SELECT n FROM flows f JOIN products p ON p.code = f.product JOIN used
                ON {same} AND p.hs = used.hs[:{digits}]
                WHERE f.why = '' AND p.coarse AND length(p.hs) = {digits})
            """
        )


def choose_periods(reading: Reading) -> None:
    """Of a year and its parts use the year, pair by pair; tell of years that are not whole."""
    reading.database.execute(
        "CREATE OR REPLACE TABLE longest AS SELECT exporter, importer, side,"
        " min(per_year) per_year FROM flows WHERE why = '' GROUP BY ALL"
    )
    reading.database.execute(
        "UPDATE flows SET why = 'parts of a year that is there as a whole' FROM longest l"
        " WHERE l.exporter = flows.exporter AND l.importer = flows.importer"
        " AND l.side = flows.side AND flows.per_year > l.per_year AND flows.why = ''"
    )
    # A pair may trade in some months only, so it is the reporter whose year must be whole.
    reporter = "CASE side WHEN 'M' THEN importer WHEN 'X' THEN exporter ELSE '' END"
    part = reading.ask(
        f"SELECT {reporter} reporter, side, per_year, count(DISTINCT period) told FROM flows"
        " WHERE why = '' AND per_year > 1 GROUP BY ALL HAVING told < per_year ORDER BY ALL"
    )
    countries: dict[str, str] = dict(reading.ask("SELECT code, country FROM areas"))
    words = {"M": "imports ", "X": "exports ", "": ""}
    shown = [
        f"{countries.get(who, who)} {words[side]}{told} of {count} {periods.NAMES[count]}".strip()
        for who, side, count, told in part
    ]
    if shown:
        more = f" and {len(shown) - NAMED} more" if len(shown) > NAMED else ""
        reading.tell(f"The year is not whole: {'; '.join(shown[:NAMED])}{more}.")
    summed = reading.ask(
        "SELECT per_year, count(*), fsum(value) FROM flows WHERE why = '' AND per_year > 1"
        " GROUP BY 1"
    )
    for count, rows, value in summed:
        reading.tell(f"{periods.NAMES[count].capitalize()} summed", rows, value)


def find_repeats(reading: Reading) -> None:
    """Rows told twice: copies left out, rows that contradict each other as faults."""
    key = "exporter, importer, side, period, hs, split"
    joined = "flows JOIN products ON code = product WHERE why = '' AND bad_value IS NULL"
    # A number a row and a sort need far less memory than a table of all keys.
    marks = reading.database.execute(f"SELECT hash({key}) FROM {joined}").fetchnumpy()
    values = np.sort(np.asarray(next(iter(marks.values())), dtype=np.uint64))
    twice = np.unique(values[1:][values[1:] == values[:-1]])
    if not twice.size:
        return
    reading.make_table("twice", {"mark": "UBIGINT"}, [(int(mark),) for mark in twice])
    reading.database.execute(
        f"CREATE OR REPLACE TABLE repeats AS SELECT n, {key}, value, tonnes,"
        f" min(n) OVER (PARTITION BY {key}) first,"
        f" min(n) OVER (PARTITION BY {key}, value, tonnes) original"
        f" FROM {joined} AND hash({key}) IN (SELECT mark FROM twice)"
    )
    reading.database.execute(
        "UPDATE flows SET why = 'copies of other rows' WHERE why = '' AND"
        " n IN (SELECT n FROM repeats WHERE n > original)"
    )
    parts = ("exporter", "importer", "reporter", "partner", "flow", "period", "product")
    columns = reading.layout.columns
    told = ", ".join(columns[part] for part in parts if part in columns)
    for exporter, importer, product, n, first_value, value in reading.ask(
        "SELECT r.exporter, r.importer, r.hs, r.n, f.value, r.value FROM repeats r"
        " JOIN repeats f ON f.n = r.first WHERE r.n = r.original AND r.n > r.first ORDER BY r.n"
    ):
        found = " ".join(w for w in (exporter, importer, product) if w)
        tip = f"{value:g} here and {first_value:g} before, million USD; sum or choose."
        reading.faults.append(Fault(n, told, found, "a flow that is told once", tip))


def mirror(reading: Reading, prefer: str) -> None:
    """Where both sides report, one of them for the whole pair; else the only one."""
    if not reading.layout.reports:
        return
    first, second = ("M", "X") if prefer == "importer" else ("X", "M")
    pair = "SELECT a.country e, b.country i"
    ends = "JOIN areas a ON a.code = exporter JOIN areas b ON b.code = importer"
    reading.database.execute(
        f"CREATE OR REPLACE TABLE pairs AS {pair}, side, count(*) n, fsum(value) value"
        f" FROM flows {ends} WHERE flows.why = '' GROUP BY ALL"
    )
    names = {"M": "importers' reports (cif)", "X": "exporters' reports (fob)"}
    why = f"{names[second]} where there are {names[first]}"
    reading.database.execute(
        "UPDATE flows SET why = ? FROM areas a, areas b, pairs WHERE a.code = exporter AND"
        " b.code = importer AND e = a.country AND i = b.country AND pairs.side = ?"
        " AND flows.side = ? AND flows.why = ''",
        [why, first, second],
    )
    both = "(SELECT e, i FROM pairs WHERE side = ?)"
    for side, other in ((first, None), (second, first)):
        clause = f" AND (e, i) NOT IN {both}" if other else ""
        given = [side, other] if other else [side]
        [(pairs, rows, value)] = reading.ask(
            f"SELECT count(*), sum(n)::BIGINT, fsum(value) FROM pairs WHERE side = ?{clause}", given
        )
        if pairs:
            only = " for want of the other" if other else ""
            many = f"{pairs:,} pair{'s' if pairs > 1 else ''}"
            reading.tell(f"{many} by {names[side]}{only}", rows, value)
    [(pairs, one, two)] = reading.ask(
        "SELECT count(*), fsum(p.value), fsum(q.value) FROM pairs p JOIN pairs q USING (e, i)"
        " WHERE p.side = 'M' AND q.side = 'X'"
    )
    if pairs:
        reading.tell(
            f"Both sides report {pairs:,} pair{'s' if pairs > 1 else ''}: importers "
            f"{one:,.6g}, exporters {two:,.6g} million USD."
        )


def fold_zones(reading: Reading, zones: Sequence[str] | None, rest: str) -> None:
    """A table `places` from countries to zones; rows of countries not asked for left out."""
    countries = [row[0] for row in reading.ask("SELECT DISTINCT country FROM areas ORDER BY 1")]
    wanted = countries if zones is None else zones
    place = {c: c if c in wanted else rest for c in countries if c}
    reading.make_table("places", {"country": "VARCHAR", "zone": "VARCHAR"}, place.items())
    if zones is None:
        return
    silent = [zone for zone in zones if zone not in countries and zone != rest]
    if silent:
        reading.tell(f"No row is of {', '.join(silent)}.")
    joined = (
        "FROM flows JOIN areas a ON a.code = exporter JOIN areas b ON b.code = importer"
        " JOIN places p ON p.country = a.country JOIN places q ON q.country = b.country"
        " WHERE flows.why = ''"
    )
    if not rest:
        reading.database.execute(
            "UPDATE flows SET why = 'countries outside the zones asked for' WHERE why = '' AND"
            f" n IN (SELECT n {joined} AND (p.zone = '' OR q.zone = ''))"
        )
        return
    folded = [c for c, zone in place.items() if zone == rest and c != rest]
    moved = (
        f"SELECT count(*), fsum(value) {joined} AND (p.country <> p.zone OR q.country <> q.zone)"
    )
    [(rows, value)] = reading.ask(moved)
    if rows:
        reading.tell(f"{len(folded)} countries folded into {rest}", rows, value)
    [(rows, value)] = reading.ask(
        f"SELECT count(*), fsum(value) {joined} AND p.zone = ? AND q.zone = ?"
        " AND a.country <> b.country",
        [rest, rest],
    )
    if rows:
        reading.tell(
            f"Trade between countries of {rest} stands on the diagonal of {rest}", rows, value
        )


def account(reading: Reading) -> None:
    """Note what was left out of the rows brought in, by reason, with examples of areas."""
    for why, rows, value in reading.ask(
        "SELECT why, count(*), fsum(value) FROM flows WHERE why <> '' GROUP BY 1 ORDER BY min(n)"
    ):
        text = why
        if why in ("totals of other rows", "partners that are not countries"):
            found = reading.ask(
                "SELECT areas.code FROM flows JOIN areas ON areas.code IN (exporter, importer)"
                " WHERE flows.why = ? AND areas.why = ? GROUP BY 1 ORDER BY fsum(value) DESC, 1",
                [why, why],
            )
            names = [_named(code) for (code,) in found]
            more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
            text = f"{why}: {', '.join(names[:NAMED])}{more}"
        reading.leave_out(text, rows, value)


def _named(code: str) -> str:
    area = area_of(code)
    return f"{code} {area.meaning}" if area and area.meaning else code

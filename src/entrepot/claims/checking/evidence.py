"""What the data of a world say of a flow, a corridor or a pair in a period."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from entrepot.claims.reading.periods import iranian_span, months_of
from entrepot.claims.reading.words import COUNTRY, SHORT_MONTHS
from entrepot.facts.world import World

FACTORS = {"MUSD": ("USD", 1e6), "kt": ("t", 1e3), "percent": ("percent", 1.0)}
PRODUCTS = {
    "agriculture": r"agricultur\w+|farm goods|farm trade", "barley": r"barley", "wheat": r"wheat",
    "maize": r"maize|corn", "grain": r"grain",
}  # fmt: skip
PRODUCT = {name: re.compile(rf"\b(?:{text})\b", re.I) for name, text in PRODUCTS.items()}
# Words of a text and the names in corridor_volumes.csv that begin alike.
CORRIDORS = (
    (r"eastern (?:branch|route|north-south)|bolashak", ("INSTC eastern", "INSTC east")),
    (r"middle corridor|trans-caspian (?:route|international)|\btitr\b", ("TITR",)),
    (r"baku-tbilisi-kars|\bbtk\b", ("BTK",)),
    (r"north-south corridor|\binstc\b", ("INSTC all branches",)),
    (r"kazakhstan-turkmenistan-iran|\bkti\b", ("KTI line",)),
    (r"shahid rajaee|bandar abbas", ("Bandar Abbas",)),
    (r"\baktau\b", ("Aktau port", "Kazakhstan-Iran grain via Aktau")),
    (r"\bkuryk\b", ("Kuryk port",)),
    (r"\bsarakhs\b", ("Sarakhs rail transit",)),
)
RAIL = re.compile(r"\brail\w*\b", re.I)


@dataclass(frozen=True, slots=True)
class Datum:
    """One published value.

    months : first and last month, counted from year 0; None for seasons and foreign years
    label  : the period as published, such as 2024/25
    """

    value: float
    unit: str
    label: str
    months: tuple[int, int] | None
    where: str
    source_id: tuple[str, ...]

    @property
    def words(self) -> str:
        return f"{amount(self.value, self.unit)} in {self.label} ({self.where})"


def amount(value: float, unit: str) -> str:
    """A value as people write it."""
    for size, word in ((1e9, " billion"), (1e6, " million")):
        if abs(value) >= size and unit in ("USD", "EUR", "t"):
            return f"{value / size:,.4g}{word} {unit}"
    sign = " %" if unit == "percent" else f" {unit}" if unit else ""
    return f"{value:,.6g}{sign}"


def period_of(year: str, period: str, basis: str = "") -> tuple[str, tuple[int, int] | None]:
    """(label, months) of a row's year, period and basis.

    Parts of an Iranian year ("2021/22", "Mar-Mar") are counted in whole months from April, as the
    reader of texts counts them.
    """
    year, period = str(year), period.strip()
    if period.startswith(("calendar", "full year")) and re.fullmatch(r"\d{4}", year):
        return year, months_of(year)
    names = re.match(r"([A-Z][a-z]{2})[a-z]*(?:-([A-Z][a-z]{2})[a-z]*)?(?: |$)", period)
    if names and names[1].lower() in SHORT_MONTHS and re.fullmatch(r"\d{4}", year):
        first = SHORT_MONTHS.index(names[1].lower())
        last_name = (names[2] or names[1]).lower()
        if last_name in SHORT_MONTHS:
            last = SHORT_MONTHS.index(last_name)
            if first <= last:
                return f"{period} {year}", (int(year) * 12 + first, int(year) * 12 + last)
    quarter = re.fullmatch(r"Q([1-4])", period)
    if quarter and re.fullmatch(r"\d{4}", year):
        first = int(year) * 12 + 3 * (int(quarter[1]) - 1)
        return f"{period} {year}", (first, first + 2)
    if re.fullmatch(r"\d{4}/\d\d", year):
        label = year if period in ("Sep-Aug", "Mar-Mar") else f"{period} of {year}"
        n = _iranian_months(period, basis)
        return label, iranian_span(int(year[:4]), n) if n else None
    return f"{year} ({period})", None


def _iranian_months(period: str, basis: str) -> int:
    """How many months from the start of an Iranian year a period of a row covers; 0: not such a one."""
    if period == "Mar-Mar":
        return 12
    count = re.fullmatch(r"(?:Mar-[A-Z][a-z]{2} \()?(\d{1,2}) months\)?", period)
    if count and (period.startswith("Mar-") or "Iranian year" in basis):
        return int(count[1])
    return 0


def product_in(sentence: str) -> str:
    """The good a sentence is about; 'all' where it names none."""
    return next((n for n, p in PRODUCT.items() if p.search(sentence)), "all")


def flow_in(sentence: str, pair: tuple[str, str]) -> str:
    """'KAZ>IRN', 'both', or '' where a direction is meant but cannot be told."""
    if re.search(r"\b(?:trade|turnover)\b", sentence, re.I) and not re.search(
        r"\b(?:exports?|imports?|exported|imported)\b", sentence, re.I
    ):
        return "both"
    places = {c: [m.start() for m in COUNTRY[c].finditer(sentence)] for c in pair if c in COUNTRY}
    for word, step in ((r"\bto ", 1), (r"\bfrom ", -1)):
        for m in re.finditer(word, sentence, re.I):
            for code, at in places.items():
                if any(m.end() <= p <= m.end() + 4 for p in at):
                    other = pair[0] if code == pair[1] else pair[1]
                    return f"{other}>{code}" if step == 1 else f"{code}>{other}"
    return ""


def trade_data(
    world: World, pair: tuple[str, str], indicator: str, flow: str, product: str
) -> list[Datum]:
    """Rows of bilateral_series.csv for a pair, in USD, t or percent."""
    table = world.table("bilateral_series")
    out = []
    for r in table.itertuples(index=False):
        if {r.zone_a, r.zone_b} != set(pair) or r.indicator != indicator or r.value != r.value:
            continue
        if r.flow != flow or r.product != product or r.unit not in FACTORS:
            continue
        unit, factor = FACTORS[r.unit]
        label, months = period_of(r.year, r.period, r.basis)
        where = f"bilateral_series {r.series_id}"
        out.append(Datum(float(r.value) * factor, unit, label, months, where, r.source_id))
    return out


def totals_data(world: World, pair: tuple[str, str], flow: str) -> list[Datum]:
    """Trade of the base year by trade_totals.csv."""
    year = world.meta.get("trade_base_year", "")
    table = world.table("trade_totals")
    if not re.fullmatch(r"\d{4}", year):
        return []
    ways = [tuple(flow.split(">"))] if ">" in flow else [pair, pair[::-1]]
    parts = [table[(table["exporter"] == a) & (table["importer"] == b)] for a, b in ways]
    if any(not len(p) for p in parts):
        return []
    value = 1e6 * sum(float(p["value_musd"].iloc[0]) for p in parts)
    sources = tuple(dict.fromkeys(s for p in parts for s in p["source_id"].iloc[0]))
    return [Datum(value, "USD", year, months_of(year), "trade_totals", sources)]


def corridor_data(world: World, sentence: str, unit: str) -> list[Datum]:
    """Rows of corridor_volumes.csv that a sentence is about, in t, TEU or trains."""
    named = (names for words, names in CORRIDORS if re.search(words, sentence, re.I))
    starts = list(next(named, ()))  # the first is the narrowest
    if RAIL.search(sentence) and all(COUNTRY[c].search(sentence) for c in ("KAZ", "IRN")):
        starts.append("Kazakhstan-Iran rail")
    column, factor = {"t": ("volume_mt", 1e6), "TEU": ("teu", 1.0), "trains": ("trains", 1.0)}[unit]
    out = []
    for r in world.table("corridor_volumes").itertuples(index=False):
        value = getattr(r, column)
        if value != value or not any(r.corridor.startswith(s) for s in starts):
            continue
        if re.search(r"plan|forecast|capacity", f"{r.period} {r.basis}"):
            continue
        label, months = period_of(str(r.year), r.period, r.basis)
        where = f"corridor_volumes {r.volume_id}, {r.corridor}"
        out.append(Datum(float(value) * factor, unit, label, months, where, r.source_id))
    return out


def same_period(data: Iterable[Datum], period: str) -> list[Datum]:
    """Data of exactly the period."""
    wanted = months_of(period)
    if wanted is None:
        return [d for d in data if d.label == period]
    return [d for d in data if d.months == wanted]


def around(data: Iterable[Datum], period: str) -> tuple[list[Datum], list[Datum]]:
    """(data of longer periods that hold it, data of shorter ones inside it)."""
    wanted = months_of(period)
    longer, shorter = [], []
    for d in data:
        if wanted is None or d.months is None or d.months == wanted:
            continue
        if d.months[0] <= wanted[0] and wanted[1] <= d.months[1]:
            longer.append(d)
        elif wanted[0] <= d.months[0] and d.months[1] <= wanted[1]:
            shorter.append(d)
    return longer, shorter


def latest(data: Iterable[Datum]) -> Datum | None:
    """The datum of the last whole year."""
    whole = [d for d in data if d.months and d.months[1] - d.months[0] == 11]
    return max(whole, key=lambda d: (d.months or (0, 0), d.value), default=None)

"""What numbers count: currencies, measures and counted things, as news of trade names them."""

from __future__ import annotations

import re

# Sign or name to currency. Names that several countries share are told apart in SHARED.
SIGNS = {
    "us$": "USD", "$": "USD", "€": "EUR", "£": "GBP", "¥": "CNY", "₽": "RUB", "₸": "KZT",
    "rm": "MYR", "hk$": "HKD", "s$": "SGD", "a$": "AUD", "c$": "CAD", "r$": "BRL", "₹": "INR", "₺": "TRY", "₼": "AZN", "₾": "GEL", "₴": "UAH", "֏": "AMD",
}  # fmt: skip
CODES = (
    "USD", "EUR", "GBP", "RUB", "KZT", "CNY", "RMB", "UZS", "KGS", "TJS", "TMT", "AZN", "GEL",
    "AMD", "IRR", "IQD", "TRY", "INR", "PKR", "AFN", "AED", "SAR", "QAR", "KWD", "BHD", "OMR",
    "JPY", "CHF", "PLN", "BYN", "UAH", "MNT", "EGP", "KRW", "CAD", "AUD", "NOK", "SEK", "DKK",
    "HUF", "RON", "BGN", "CZK", "RSD", "MDL", "ILS", "JOD", "SGD", "HKD", "MYR", "THB", "VND",
    "IDR", "KES", "TZS", "UGX", "ZAR", "NGN", "ETB", "LKR", "BDT", "BRL", "MXN",
)  # fmt: skip
NAMES = {
    "dollar": "USD", "euro": "EUR", "pound": "GBP", "sterling": "GBP", "rouble": "RUB", "ruble": "RUB",
    "tenge": "KZT", "yuan": "CNY", "renminbi": "CNY", "sum": "UZS", "soum": "UZS", "som": "KGS",
    "somoni": "TJS", "manat": "AZN", "lari": "GEL", "dram": "AMD", "rial": "IRR", "riyal": "SAR",
    "dinar": "IQD", "lira": "TRY", "rupee": "INR", "afghani": "AFN", "dirham": "AED", "yen": "JPY",
    "franc": "CHF", "zloty": "PLN", "hryvnia": "UAH", "tugrik": "MNT",
    "krone": "NOK", "kroner": "NOK", "krona": "SEK", "kronor": "SEK", "forint": "HUF", "lei": "RON",
    "leva": "BGN", "shekel": "ILS", "baht": "THB", "ringgit": "MYR", "rand": "ZAR", "shilling": "KES",
    "birr": "ETB", "naira": "NGN", "taka": "BDT", "dong": "VND", "rupiah": "IDR",
}  # fmt: skip
# (name, what the words around say) to currency; the first that fits holds.
SHARED = (
    ("rial", r"\boman", "OMR"), ("rial", r"\bqatar", "QAR"), ("riyal", r"\bqatar", "QAR"),
    ("riyal", r"\boman", "OMR"), ("dinar", r"\bkuwait", "KWD"), ("dinar", r"\bbahrain", "BHD"),
    ("rupee", r"\bpakistan", "PKR"), ("manat", r"\bturkmen", "TMT"), ("som", r"\buzbek", "UZS"),
    ("dinar", r"\btunisia", "TND"), ("dinar", r"\balgeria", "DZD"), ("dinar", r"\blibya", "LYD"),
    ("dinar", r"\bserbia", "RSD"), ("dinar", r"\bjordan", "JOD"), ("krone", r"\bdanish|\bdenmark", "DKK"),
    ("kroner", r"\bdanish|\bdenmark", "DKK"), ("lei", r"\bmoldov", "MDL"), ("rupee", r"\bsri lanka", "LKR"),
    ("shilling", r"\btanzania", "TZS"), ("shilling", r"\buganda", "UGX"),
    ("pound", r"\begypt", "EGP"), ("rouble", r"\bbelarusian r", "BYN"), ("ruble", r"\bbelarusian r", "BYN"),
)  # fmt: skip
SHARED_RE = tuple((name, re.compile(cue, re.I), code) for name, cue, code in SHARED)
CURRENCIES = {*SIGNS.values(), *CODES, *NAMES.values(), *(code for _, _, code in SHARED)}


def currency(word: str, text: str) -> str:
    """The currency a sign, code or name stands for in a sentence."""
    low = word.lower().rstrip(".")
    if low in SIGNS:
        return SIGNS[low]
    if word in CODES:
        return "CNY" if word == "RMB" else word
    name = low if low in NAMES else low.removesuffix("s")
    if name.endswith("lire"):
        name = "lira"
    return next((c for n, cue, c in SHARED_RE if n == name and cue.search(text)), NAMES[name])


# Noun to (unit, factor).
MEASURES = {
    "tonnes": ("t", 1.0), "tonne": ("t", 1.0), "tons": ("t", 1.0), "ton": ("t", 1.0), "t": ("t", 1.0),
    "kt": ("t", 1e3), "mt": ("t", 1e6), "mmt": ("t", 1e6), "kilotonnes": ("t", 1e3), "megatonnes": ("t", 1e6),
    "kilograms": ("kg", 1.0), "kg": ("kg", 1.0),
    "teu": ("TEU", 1.0), "teus": ("TEU", 1.0), "20-foot containers": ("TEU", 1.0),
    "twenty-foot containers": ("TEU", 1.0), "twenty-foot equivalent units": ("TEU", 1.0),
    "20-foot equivalent units": ("TEU", 1.0), "twenty-foot equivalents": ("TEU", 1.0),
    "feu": ("FEU", 1.0), "feus": ("FEU", 1.0),
    "barrels": ("barrels", 1.0), "barrel": ("barrels", 1.0), "bpd": ("barrels", 1.0), "bcm": ("bcm", 1.0),
    "cubic metres": ("m3", 1.0), "cubic meters": ("m3", 1.0), "litres": ("litres", 1.0), "liters": ("litres", 1.0),
    "kilometres": ("km", 1.0), "kilometre": ("km", 1.0), "kilometers": ("km", 1.0), "kilometer": ("km", 1.0),
    "km": ("km", 1.0), "kms": ("km", 1.0), "miles": ("miles", 1.0), "mile": ("miles", 1.0),
    "nautical miles": ("nautical miles", 1.0),
    "kilometres an hour": ("km/h", 1.0), "kilometres per hour": ("km/h", 1.0), "km/h": ("km/h", 1.0),
    "kilometers an hour": ("km/h", 1.0), "kilometers per hour": ("km/h", 1.0),
    "km per hour": ("km/h", 1.0), "km an hour": ("km/h", 1.0), "kph": ("km/h", 1.0), "kmh": ("km/h", 1.0),
    "metres": ("m", 1.0), "metre": ("m", 1.0), "meters": ("m", 1.0), "meter": ("m", 1.0),
    "square metres": ("m2", 1.0), "square meters": ("m2", 1.0), "sq m": ("m2", 1.0),
    "square kilometres": ("km2", 1.0), "square kilometers": ("km2", 1.0),
    "hectares": ("ha", 1.0), "hectare": ("ha", 1.0), "ha": ("ha", 1.0),
    "tonne-kilometres": ("tkm", 1.0), "ton-kilometres": ("tkm", 1.0), "tonne-km": ("tkm", 1.0),
    "tonne-kilometers": ("tkm", 1.0), "ton-kilometers": ("tkm", 1.0), "ton-km": ("tkm", 1.0), "tonnes-km": ("tkm", 1.0),
    "passenger-kilometres": ("pkm", 1.0), "passenger-kilometers": ("pkm", 1.0), "passenger km": ("pkm", 1.0), "passenger-km": ("pkm", 1.0),
    "days": ("days", 1.0), "day": ("days", 1.0), "hours": ("hours", 1.0), "hour": ("hours", 1.0),
    "minutes": ("hours", 1 / 60), "minute": ("hours", 1 / 60), "weeks": ("weeks", 1.0), "week": ("weeks", 1.0),
    "mw": ("MW", 1.0), "gw": ("MW", 1e3), "megawatts": ("MW", 1.0), "gigawatts": ("MW", 1e3), "megawatt": ("MW", 1.0),
    "kwh": ("kWh", 1.0), "mwh": ("MWh", 1.0), "gwh": ("GWh", 1.0), "kilowatt-hours": ("kWh", 1.0),
}  # fmt: skip
RATES = ("percent", "times", "percentage points")
TIMES = ("days", "hours", "weeks")

# Counted thing to unit; what is not named here counts as itself.
ALIASES = {
    "lorries": "trucks", "hgvs": "trucks", "rigs": "trucks", "railcars": "wagons", "rail cars": "wagons",
    "freight cars": "wagons", "tank cars": "wagons", "waggons": "wagons", "boxes": "containers",
    "agreements": "documents", "memoranda": "documents", "memorandums": "documents",
    "memoranda of understanding": "documents", "accords": "documents", "contracts": "documents",
    "deals": "documents", "protocols": "documents", "treaties": "documents", "mous": "documents", "papers": "documents",
    "memorandums of understanding": "documents",
    "enterprises": "firms", "companies": "firms", "businesses": "firms", "ventures": "firms",
    "persons": "people", "travelers": "travellers", "customs posts": "checkpoints",
    "check points": "checkpoints", "licenses": "licences", "airplanes": "planes",
}  # fmt: skip
THINGS = (
    "trucks", "wagons", "trains", "containers", "documents", "firms", "permits", "checkpoints",
    "flights", "jobs", "vehicles", "cars", "buses", "people", "passengers", "travellers",
    "tourists", "visitors", "pilgrims", "drivers", "hauliers", "carriers", "workers",
    "employees", "labourers", "specialists", "engineers", "ships", "vessels", "ferries",
    "tankers", "barges", "berths", "locomotives", "cranes", "terminals", "stations",
    "warehouses", "bridges", "tunnels", "overpasses", "viaducts", "crossings", "aircraft",
    "planes", "projects", "factories", "plants", "silos", "elevators", "sidings", "lanes",
    "scanners", "declarations", "consignments", "shipments", "parcels", "calls", "voyages",
    "sailings", "trips", "journeys", "visas", "licences", "applications", "pallets", "turbines",
    "wells", "households", "head", "animals", "sheep", "offices", "carriages", "tractors",
    "trailers", "semi-trailers", "loaders", "reloaders", "booths", "pumps", "refugees",
    "residents", "families", "suppliers", "importers", "exporters", "shareholders", "investors",
    "students", "migrants", "certificates", "seals", "inspections", "violations", "accidents",
    "incidents", "bays", "tracks", "piers", "depots", "hubs", "substations", "refineries",
    "airports", "services",
)  # fmt: skip
COUNTS = {
    **{w: w for w in THINGS},
    **ALIASES,
    "border posts": "border posts",
    "joint ventures": "firms",
}
# Those who come to a meeting are not what a text of trade counts.
PEOPLE = (
    "people",
    "firms",
    "specialists",
    "engineers",
    "students",
    "investors",
    "exporters",
    "importers",
)


def is_money(unit: str) -> bool:
    """Whether a unit is a currency."""
    return unit in CURRENCIES

"""The words the reader of texts knows. English, as news of trade and transport is written."""

from __future__ import annotations

import re

UNITS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14,
    "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
    "eighty": 80, "ninety": 90,
}  # fmt: skip
MAGNITUDES = {
    "hundred": 1e2, "thousand": 1e3, "thousands": 1e3, "k": 1e3,
    "million": 1e6, "millions": 1e6, "mln": 1e6, "mn": 1e6, "m": 1e6,
    "billion": 1e9, "billions": 1e9, "bln": 1e9, "bn": 1e9, "trillion": 1e12, "trn": 1e12,
}  # fmt: skip
CURRENCIES = {
    "us$": "USD", "$": "USD", "usd": "USD", "€": "EUR", "eur": "EUR", "£": "GBP", "gbp": "GBP",
    "us dollars": "USD", "us dollar": "USD", "dollars": "USD", "dollar": "USD", "euros": "EUR",
    "euro": "EUR", "rials": "IRR", "tenge": "KZT", "roubles": "RUB", "rubles": "RUB", "yuan": "CNY",
}  # fmt: skip
# Noun to (unit, factor).
MEASURES = {
    "tonnes": ("t", 1.0), "tonne": ("t", 1.0), "tons": ("t", 1.0), "ton": ("t", 1.0),
    "metric tons": ("t", 1.0), "metric tonnes": ("t", 1.0), "barrels": ("barrels", 1.0), "bcm": ("bcm", 1.0), "t": ("t", 1.0), "kt": ("t", 1e3), "mt": ("t", 1e6),
    "teu": ("TEU", 1.0), "teus": ("TEU", 1.0), "20-foot containers": ("TEU", 1.0),
    "kilometres": ("km", 1.0), "kilometre": ("km", 1.0), "kilometers": ("km", 1.0), "km": ("km", 1.0),
    "hectares": ("ha", 1.0), "ha": ("ha", 1.0),
    "days": ("days", 1.0), "day": ("days", 1.0), "hours": ("hours", 1.0), "hour": ("hours", 1.0),
    "minutes": ("hours", 1 / 60),
}  # fmt: skip
COUNTS = {
    "trucks": "trucks", "lorries": "trucks", "vehicles": "trucks", "truck": "trucks",
    "wagons": "wagons", "railcars": "wagons", "cars": "wagons", "trains": "trains",
    "containers": "containers", "boxes": "containers", "ships": "ships", "vessels": "ships",
    "documents": "documents", "agreements": "documents", "memoranda": "documents",
    "memorandums": "documents", "accords": "documents", "contracts": "documents", "deals": "documents",
    "enterprises": "firms", "companies": "firms", "firms": "firms", "permits": "permits",
    "checkpoints": "checkpoints", "flights": "flights", "jobs": "jobs",
}  # fmt: skip

MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
SHORT_MONTHS = tuple(m[:3] for m in MONTHS)
ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": 0}

# What kind of claim a clause makes. Looked for before the number first, then after it.
CUES = {
    "target": r"aim(?:s|ed|ing)?\b|goals?\b|targets?\b|targeted\b|plan(?:s|ned|ning)?\b|intend(?:s|ed)?\b"
    r"|(?:is|are|was|were) to\b(?! be seen)|wants?\b|seeks?\b|must\b|should\b|instructed\b|foresees?\b"
    r"|ready to (?:bring|raise|lift|take|increase)\b|promised?\b|guaranteed?\b|pledged?\b|undertook\b"
    r"|agreed to (?:bring|raise|lift|take|increase)\b|(?:hopes?|decided|failed) to (?:take|bring|raise|lift|increase)\b"
    r"|will not exceed\b|ambition\b|commit(?:s|ted)? to\b|eye(?:s|d|ing)\b|envisag\w+|provides? for\b|vow(?:s|ed)\b"
    r"|propos(?:es?|ed|al) to\b",
    "forecast": r"expect(?:s|ed|ing)?\b|forecasts?\b|projected\b|predict(?:s|ed)?\b|could\b|may\b(?! \d)|might\b"
    r"|likely\b|hopes?\b|hoped\b|prospects?\b|potential\b|ready to (?:supply|send|ship|export)\b|would\b"
    r"|(?:set|due|on track|on course) to\b|possibl[ey]\b",
    "capacity": r"capacity\b|capacities\b|can (?:now )?(?:handle|carry|process|take|pass|receive|accept)\b"
    r"|able to (?:handle|carry|process|take|pass)\b|designed (?:for|to)\b|capable of\b|accommodates?\b|will (?:be able to )?handle\b",
    "cost": r"costs?\b|worth\b|loans?\b|lend(?:s|ing)?\b|lent\b|to invest\b|will invest\b|invested\b|fund(?:s|ed)\b"
    r"|allocat\w+|earmark\w+|grants?\b|pa(?:y|ys|id)\b|will put\b|invest(?:s|ors?)\b|price tag\b|outlay\b"
    r"|financ(?:e|es|ed|ing)\b|budget(?:s|ed)?\b|fees?\b|prices?\b|charges?\b|spen[dt]\b|estimated at\b|valued at\b",
}  # fmt: skip
CUE = {kind: re.compile(rf"\b(?:{text})", re.IGNORECASE) for kind, text in CUES.items()}
FUTURE = re.compile(r"\bwill\b|\bshall\b", re.IGNORECASE)
TRADE = re.compile(r"\b(?:trade|turnover|exports?|exported|imports?|imported|shipments?)\b", re.I)

UP = re.compile(
    r"\b(?:rose|rises?|risen|rising|grew|grows?|grown|growing|growth|increas\w+|up|climb\w*|jump\w*|soar\w*"
    r"|surg\w+|gain\w*|expand\w*|more|higher|above|raised?|added)\b",
    re.IGNORECASE,
)
DOWN = re.compile(
    r"\b(?:fell|falls?|fallen|falling|drop\w*|declin\w+|decreas\w+|down|cut|cuts|slump\w*|less|lower\w*|reduc\w+"
    r"|shr[aiu]nk\w*|discounts?|shorten\w*|plunged?|lost)\b",
    re.IGNORECASE,
)
CHANGING = re.compile(
    rf"(?:{UP.pattern})|(?:{DOWN.pattern})|\b(?:went|lift\w*|brought|bring)\b", re.I
)
NEGATION = re.compile(
    r"\b(?:not|never|no|neither|nor|without|denied|denies|fail(?:s|ed)? to|fell short of|missed|cannot|hardly|none of|yet to)\b|n't\b",
    re.IGNORECASE,
)
NOT_NEGATION = re.compile(
    r"\b(?:not only|no (?:less|fewer|more) than|not (?:less|fewer|more) than)\b", re.I
)
OPENS = re.compile(
    r"\b(?:open(?:s|ed|ing)?|complet(?:e|es|ed|ion)|commission(?:ed|ing)|launch(?:ed)?|inaugurat(?:ed|ion)"
    r"|enter(?:ed|s)? into force|begin(?:s|ning)?|began|start(?:s|ed)?|finish(?:ed)?|ready|put off|postponed"
    r"|put into (?:service|operation)|delayed|operational|on stream|enter(?:s|ed)? service|commenc(?:e|es|ed)|due)\b",
    re.IGNORECASE,
)
ACTS = re.compile(
    r"\b(?:agree(?:d|s)?|sign(?:ed)?|abolish(?:ed)?|simplif(?:y|ied)|introduc(?:e|ed)|remov(?:e|ed)|open(?:ed)?"
    r"|launch(?:ed)?|built|build|complet(?:e|ed)|ratif(?:y|ied)|approv(?:e|ed)|establish(?:ed)?|pledg(?:e|ed)"
    r"|ban(?:ned)?|clos(?:e|ed)|suspend(?:ed)?|resum(?:e|ed)|exempt(?:ed)?)\b",
    re.IGNORECASE,
)
NEGATED_ACTS = re.compile(
    r"\b(?:export|import|ship|carr(?:y|ie)|buy|bought|s(?:ell|old)|deliver)(?:s|ed|d)?\b", re.I
)

PARALLEL = re.compile(r",?\s+(?:while|whereas)\b", re.IGNORECASE)
HARD_BREAK = re.compile(
    r"[;:]|,?\s+\b(?:but|while|whereas|although|though|however)\b", re.IGNORECASE
)
SOFT_BREAK = re.compile(
    r",\s+|\s+\b(?=against\b|instead of\b|compared (?:with|to)\b)", re.IGNORECASE
)
COMPARED = re.compile(
    r"\b(?:than(?: in)?|compared (?:with|to)|versus|same period (?:of|in)|half of the|on)\s+(?:the )?(?:same period (?:of|in) )?$",
    re.IGNORECASE,
)
FROM_BEFORE = re.compile(
    r"(?:\bfrom|\bagainst|\binstead of|\bcompared (?:with|to)|\bversus)\s+"
    r"(?:about |some |roughly |almost |nearly |around |the |more than |over |only )*(?:US)?[$€£]?\s*$",
    re.IGNORECASE,
)

COUNTRIES = {
    "KAZ": r"kazakh\w*|astana", "IRN": r"iran\w*|tehran|teheran", "TKM": r"turkmen\w*|ashgabat",
    "RUS": r"russia\w*|moscow", "CHN": r"china|chinese|beijing", "UZB": r"uzbek\w*|tashkent",
    "TUR": r"turk(?:ey|iye|ish)|türkiye|ankara", "AZE": r"azerbaijan\w*|baku", "GEO": r"georgia\w*",
    "ARM": r"armenia\w*", "AFG": r"afghan\w*|kabul", "PAK": r"pakistan\w*", "IND": r"india|indian",
    "KGZ": r"kyrgyz\w*", "TJK": r"tajik\w*", "IRQ": r"iraq\w*", "ARE": r"emirates|uae",
}  # fmt: skip
COUNTRY = {code: re.compile(rf"\b(?:{names})\b", re.I) for code, names in COUNTRIES.items()}
SUBJECTS = {
    "trade": r"trade|turnover|commerce", "exports": r"exports?|exported|sold", "imports": r"imports?|imported",
    "transit": r"transit", "freight": r"freight|cargo|tonnes|goods|traffic|throughput|volumes?",
    "grain": r"grain|barley|wheat", "containers": r"containers?|teu|boxes", "duties": r"dut(?:y|ies)|tariff lines",
    "tariffs": r"tariffs?|rates", "railway": r"railway|rail|line|track", "port": r"port|terminal",
    "border": r"border|crossing|checkpoints?|customs", "permits": r"permits?", "visas": r"visas?",
    "investment": r"invest\w*", "documents": r"documents?|agreements?|memorand\w+|contracts?",
}  # fmt: skip
SUBJECT = {name: re.compile(rf"\b(?:{text})\b", re.I) for name, text in SUBJECTS.items()}

"""Words for numbers, months, countries and subjects, in the English of trade and transport news."""

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
    "hundred": 1e2, "hundred thousand": 1e5, "hundred million": 1e8, "hundred billion": 1e11,
    "thousand million": 1e9, "thousand billion": 1e12,
    "lakh": 1e5, "crore": 1e7, "thousand": 1e3, "thousands": 1e3, "k": 1e3, "thsd": 1e3, "ths": 1e3, "thous": 1e3,
    "million": 1e6, "millions": 1e6, "mln": 1e6, "mn": 1e6, "m": 1e6,
    "billion": 1e9, "billions": 1e9, "bln": 1e9, "bn": 1e9, "b": 1e9,
    "trillion": 1e12, "trillions": 1e12, "trn": 1e12, "tn": 1e12, "dozen": 12.0,
}  # fmt: skip
# Words between a verb or a preposition and its number.
ABOUT = (
    r"(?:(?:about|some|only|just|almost|nearly|around|roughly|the|an?|over|more than|less than|under"
    r"|perhaps|even|at least|up to|another|further|as (?:much|many) as) )*"
)
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
IRANIAN_MONTHS = (
    "farvardin", "ordibehesht", "khordad", "tir", "mordad", "shahrivar", "mehr", "aban", "azar", "dey",
    "bahman", "esfand",
)  # fmt: skip
SHORT_MONTHS = tuple(m[:3] for m in MONTHS)
ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": 0}

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

"""Which sector a product belongs to.

HS codes are folded by what stands at their beginning: two digits for chapters, four for headings,
six for subheadings. Codes that a format calls its own stay as they are, or go through a mapping.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from entrepot.errors import UsageError, nearest
from entrepot.facts.world import World
from entrepot.kernels.short_repr import short_repr

DIGITS = {"all": 0, "HS2": 2, "HS4": 4, "HS6": 6}
CHOICES = (*DIGITS, "codes")
ALL = "all"
MAY_BE_HS = re.compile(r"[0-9]{1,10}|9999[0-9A-Z]{2}")
HS = re.compile(r"[0-9]{2}([0-9]{2}([0-9A-Z]{2}([0-9A-Z]{2}){0,2})?)?")
TOTAL_CODES = frozenset({"TOTAL", "_T", "ALL"})
Codes = Literal["hs", "likely", "either", "own"]
Products = str | Mapping[str, str] | World | None


@dataclass(frozen=True, slots=True)
class Product:
    """What became of one code.

    code      : as HS writes it, a lost zero put back; empty for the total of all products
    sector    : empty where none takes it
    is_coarse : whether the code holds products of more sectors than one
    """

    code: str
    sector: str
    is_coarse: bool = False
    is_mended: bool = False


@short_repr
@dataclass(frozen=True, slots=True)
class ProductFolding:
    """From codes to sectors.

    kind    : all into one; by first digits; by the beginning of the code; as they stand
    digits  : how many first digits
    mapping : beginning of a code, or a whole code, to sector
    sectors : in the order of the result; None for those that occur
    is_hs   : whether codes are HS
    totals  : codes that stand for all the others
    """

    kind: Literal["all", "digits", "beginning", "as they stand"]
    digits: int = 0
    mapping: Mapping[str, str] | None = None
    sectors: tuple[str, ...] | None = None
    is_hs: bool = True
    totals: frozenset[str] = TOTAL_CODES

    def fold(self, code: str) -> Product | None:
        """The product of a code; None for one that is not a code at all."""
        text = code.strip()
        if text.upper() in self.totals:
            return Product("", ALL) if self.kind == "all" else Product("", "", is_coarse=True)
        if not self.is_hs:
            if self.kind == "all":
                return Product(text, ALL)
            sector = text if self.mapping is None else self.mapping.get(text, "")
            return Product(text, sector) if text else None
        # Digits come in pairs, so an odd number of them has lost a zero.
        is_mended = text.isascii() and text.isdigit() and len(text) % 2 == 1
        text = "0" + text if is_mended else text
        if not HS.fullmatch(text):
            return None
        sector, is_coarse = self._sector(text)
        return Product(text, sector, is_coarse, is_mended)

    def _sector(self, text: str) -> tuple[str, bool]:
        if self.kind == "all":
            return ALL, False
        if self.mapping is None:
            is_coarse = len(text) < self.digits
            return "" if is_coarse else text[: self.digits], is_coarse
        begun = (text[:n] for n in range(len(text), 0, -1))
        sector = next((self.mapping[t] for t in begun if t in self.mapping), "")
        inside = {s for t, s in self.mapping.items() if t.startswith(text)}
        is_coarse = bool(inside - {sector})
        return "" if is_coarse else sector, is_coarse


def folding(products: Products, kind: Codes, codes: Collection[str]) -> ProductFolding:
    """How the caller wants products folded. Raises UsageError for what cannot be.

    kind  : `hs`, or the format's `own`; `likely` HS by the name of the column, and `either`, are
            told from the codes, and differ in what they are by default
    codes : of the file; none where it has no column of products
    """
    if not codes:
        return ProductFolding("all", is_hs=False)
    parts = [code for code in codes if code.upper() not in TOTAL_CODES]
    may_be_hs = kind == "hs" or (kind != "own" and all(map(MAY_BE_HS.fullmatch, parts)))
    # One sector called total, and no other, is a sector.
    totals = TOTAL_CODES if parts else frozenset()
    if isinstance(products, World):
        names = tuple(products.table("commodities")["commodity"])
        if kind != "hs" and set(parts) <= set(names):
            return ProductFolding("as they stand", 0, {n: n for n in names}, names, False, totals)
        _need_hs(may_be_hs, "A world's commodity groups")
        return ProductFolding("beginning", 0, hs_rules(products), names)
    if isinstance(products, Mapping):
        order = tuple(dict.fromkeys(products.values()))
        if kind == "hs" or (may_be_hs and all(map(HS.fullmatch, products))):
            return ProductFolding("beginning", 0, products, order)
        return ProductFolding("as they stand", 0, products, order, False, totals)
    if products is None:
        products = "HS2" if kind == "hs" or (kind == "likely" and may_be_hs) else "codes"
    if products not in CHOICES:
        near = nearest(products, CHOICES, 1)
        tip = f" Did you mean '{near[0]}'?" if near else ""
        raise UsageError(f"products='{products}' is none of {', '.join(CHOICES)}.{tip}")
    if products == "codes":
        if kind == "hs":
            raise UsageError("HS codes come in levels: pass products='HS2', 'HS4', 'HS6' or 'all'.")
        return ProductFolding("as they stand", is_hs=False, totals=totals)
    if products == "all":
        return ProductFolding("all", is_hs=kind == "hs" or (kind == "likely" and may_be_hs))
    _need_hs(may_be_hs, products)
    return ProductFolding("digits", DIGITS[products])


def _need_hs(is_hs: bool, what: str) -> None:
    if not is_hs:
        raise UsageError(
            f"{what} need HS codes, and this file has sectors of its own. Pass products='codes',"
            " products='all', or a mapping from its codes to sectors."
        )


def hs_rules(world: World) -> dict[str, str]:
    """Beginning of an HS code to commodity group, from the column hs_chapters of a world.

    Items are split by `;`: `10`, `2709`, a range `01-08`. What stands in brackets, and `part of`,
    is said for people: a longer beginning of another group goes first anyway.
    """
    rules: dict[str, str] = {}
    table = world.table("commodities")
    for name, text in zip(table["commodity"], table["hs_chapters"], strict=True):
        for item in re.sub(r"\([^)]*\)|part of", "", text).split(";"):
            first, _, last = item.strip().partition("-")
            if not re.fullmatch(r"([0-9]{2}){1,3}", first) or (last and len(last) != len(first)):
                if item.strip():
                    raise UsageError(
                        f"commodities: '{item.strip()}' of {name} is not an HS chapter."
                    )
                continue
            for number in range(int(first), int(last or first) + 1):
                rules[f"{number:0{len(first)}d}"] = name
    if not rules:
        raise UsageError("The world's commodities say no HS chapters.")
    return rules

"""Codes of countries, products and periods."""

from __future__ import annotations

import pytest

from entrepot.errors import UsageError
from entrepot.facts.countries import CODES
from entrepot.facts.world import World
from entrepot.trade.readers import periods
from entrepot.trade.readers.areas import ALPHA_2, NUMERIC, area_of, kinds_of, near_countries
from entrepot.trade.readers.products import folding, hs_rules


def test_every_country_has_three_codes() -> None:
    assert set(NUMERIC.values()) == CODES
    assert set(ALPHA_2.values()) == CODES | {"XKX"}
    assert len(NUMERIC) == len(CODES)


@pytest.mark.parametrize(
    ("code", "country"),
    [
        ("KAZ", "KAZ"),
        ("KZ", "KAZ"),
        ("398", "KAZ"),
        ("4", "AFG"),
        ("004", "AFG"),
        ("842", "USA"),
        ("699", "IND"),
        ("757", "CHE"),
        ("251", "FRA"),
        ("579", "NOR"),
        ("490", "TWN"),
        ("S19", "TWN"),
        ("EL", "GRC"),
        ("XS", "SRB"),
        ("XKX", "XKX"),
        ("810", "SUN"),
        (" KAZ ", "KAZ"),
    ],
)
def test_codes_of_countries(code: str, country: str) -> None:
    area = area_of(code)
    assert area is not None
    assert area.country == country


@pytest.mark.parametrize("code", ["0", "W00", "WLD", "EU27_2020", "97", "G20", "GX170", "_T", "B5"])
def test_codes_of_totals(code: str) -> None:
    area = area_of(code)
    assert area is not None
    assert area.is_total
    assert not area.country


@pytest.mark.parametrize("code", ["899", "837", "X1", "_X", "697", "QP"])
def test_codes_of_nobody(code: str) -> None:
    area = area_of(code)
    assert area is not None
    assert not area.is_total
    assert not area.country
    assert area.meaning


@pytest.mark.parametrize("code", ["", "KAS", "kaz", "999", "Kazakhstan", "1e3", "١٢٣"])
def test_codes_nobody_knows(code: str) -> None:
    assert area_of(code) is None


def test_two_letters_count_where_most_codes_have_two() -> None:
    assert "alpha-2" in kinds_of(["NA", "KZ", "IR"])
    assert "alpha-2" not in kinds_of(["NA", "KAZ", "IRN"])
    assert area_of("NA", kinds=kinds_of(["NA", "KAZ", "IRN"])) is None


def test_nearest_countries() -> None:
    assert "KAZ" in near_countries("KAX")
    assert "areas={'Kazakhstan': …}" in near_countries("Kazakhstan")


def test_every_chapter_has_a_group(shipped: World) -> None:
    fold = folding(shipped, "hs", ["010121"])
    for chapter in range(1, 98):
        product = fold.fold(f"{chapter:02d}0199")
        assert product is not None
        assert product.sector or chapter == 27, chapter
    for heading in range(2701, 2717):
        assert (product := fold.fold(str(heading))) is not None
        assert product.sector, heading


def test_a_chapter_of_two_groups_is_too_broad(shipped: World) -> None:
    fold = folding(shipped, "hs", ["010121"])
    found = {code: fold.fold(code) for code in ("27", "28", "2844", "284410", "01", "TOTAL")}
    assert {c: (p.sector, p.is_coarse) for c, p in found.items() if p} == {
        "27": ("", True),
        "28": ("", True),
        "2844": ("uranium", False),
        "284410": ("uranium", False),
        "01": ("perishables", False),
        "TOTAL": ("", True),
    }


def test_rules_of_a_world(shipped: World) -> None:
    rules = hs_rules(shipped)
    assert (rules["01"], rules["08"], rules["09"]) == ("perishables", "perishables", "food_other")
    assert (rules["28"], rules["2844"], rules["99"]) == (
        "chemicals_plastics",
        "uranium",
        "other_manufactures",
    )
    broken = {name: list(cells) for name, cells in shipped.raw["commodities"].items()}
    broken["hs_chapters"][0] = "10;eleven"
    with pytest.raises(UsageError, match="'eleven' of cereals is not an HS chapter"):
        hs_rules(World({"commodities": broken}, {}))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2023", (2023, 1)),
        ("2023.0", (2023, 1)),
        ("2023-A1", (2023, 1)),
        ("2023-S2", (2023, 2)),
        ("2023-Q4", (2023, 4)),
        ("2023Q4", (2023, 4)),
        ("202312", (2023, 12)),
        ("2023-12", (2023, 12)),
        ("2023-M12", (2023, 12)),
        ("2023M12", (2023, 12)),
        ("202313", None),
        ("2023-Q5", None),
        ("2023-W05", None),
        ("23", None),
        ("", None),
    ],
)
def test_periods(text: str, expected: tuple[int, int] | None) -> None:
    assert periods.parse(text) == expected

"""Verdicts on claims: from data, from arithmetic, or none at all."""

from __future__ import annotations

import json

import pytest

from entrepot.claims.checking.evidence import period_of
from entrepot.claims.checking.verdict import (
    CANNOT,
    CONSISTENT,
    INCONSISTENT,
    claim_review,
)
from entrepot.claims.checking.verify import check_text
from entrepot.claims.reading.periods import find_periods, months_of
from entrepot.dossier import Dossier, load_dossier
from entrepot.facts.world import World

BOTH = "Trade between Kazakhstan and Iran"


@pytest.fixture(scope="module")
def dossier(shipped: World) -> Dossier:
    return load_dossier(None, shipped)


@pytest.mark.parametrize(
    ("text", "verdict", "told"),
    [
        (f"{BOTH} reached $340 million in 2024.", CONSISTENT, "IK030"),
        (f"{BOTH} exceeded 340 million dollars in 2024.", CONSISTENT, "IK030"),
        (f"{BOTH} reached $3 billion in 2024.", INCONSISTENT, "8.8 times"),
        (f"{BOTH} reached $340,000 in 2024.", INCONSISTENT, "1/1e+03"),
        (f"{BOTH} did not reach 1 billion dollars in 2024.", CONSISTENT, "340 million"),
        (f"{BOTH} did not reach 200 million dollars in 2024.", INCONSISTENT, "340 million"),
        (f"{BOTH} came to 302 million dollars in 2023.", CONSISTENT, "differ"),
        (f"{BOTH} came to 227 million dollars in 2023.", CONSISTENT, "trade_totals"),
        (f"{BOTH} came to 900 million dollars in the first half of 2022.", INCONSISTENT, "whole"),
        (f"{BOTH} came to 260 million dollars in the first half of 2022.", CANNOT, "6 months"),
        (f"{BOTH} came to 300 million dollars in 2022.", INCONSISTENT, "528"),
        (f"{BOTH} was 10 million dollars in 1977.", CANNOT, "no figure for 1977"),
        (f"{BOTH} was 340 million dollars.", CANNOT, "No period"),
        (f"{BOTH} rose by 27 % in 2025.", CONSISTENT, "27"),
        (f"{BOTH} rose by 80 % in 2025.", INCONSISTENT, "27"),
        (f"{BOTH} grew by 40 % in the first ten months of 2025.", CONSISTENT, "IK032"),
        (f"{BOTH} rose by 10 % in 1988.", CANNOT, "no growth"),
        (f"{BOTH} came to 265 million dollars in the Iranian year 1400.", CONSISTENT, "IK039"),
        (f"{BOTH} came to 900 million dollars in the Iranian year 1400.", INCONSISTENT, "IK039"),
        (f"{BOTH} was 209 million dollars in the first eight months of the Iranian year 1401.", CONSISTENT, "IK051"),
        ("Kazakhstan and Iran want to raise trade to 3 billion dollars.", CONSISTENT, "C050 of 2019"),
        ("Kazakhstan and Iran want to raise trade to 3 billion dollars by 2030.", CANNOT, "47 %"),
        ("Kazakhstan and Iran want to raise trade to 7 billion dollars.", CANNOT, "No such target"),
        ("Kazakhstan and Iran failed to lift trade to 3 billion dollars by 2022.", CONSISTENT, "C050"),
        ("The eastern branch carried 650 thousand tonnes in 2023.", CONSISTENT, "INSTC eastern"),
        ("The eastern branch carried 50 million tonnes in 2023.", INCONSISTENT, "INSTC eastern"),
        ("The eastern route has a capacity of 10 million tonnes.", CONSISTENT, "C036"),
        ("The eastern route has a capacity of 90 million tonnes.", INCONSISTENT, "C036"),
        ("The Rasht-Astara railway will open in 2030.", CONSISTENT, "first promised for 2019"),
        ("The Rasht-Astara railway will open in 2027.", INCONSISTENT, "slipped"),
        ("The railway to the moon will open in 2027.", CANNOT, "No work of this name"),
        ("Iran's agreement on free trade entered into force on 15 May 2025.", CONSISTENT, "E"),
        ("Kazakhstan and Iran signed fourteen documents.", CONSISTENT, "C001"),
        ("Kazakhstan and Iran agreed to abolish permits.", CANNOT, "without a figure"),
        ("Trade between Chad and Peru reached 5 million dollars in 2023.", CANNOT, "nothing"),
        ("The line costs 3 billion dollars.", CANNOT, "Costs"),
    ],
)  # fmt: skip
def test_verdicts(dossier: Dossier, shipped: World, text: str, verdict: str, told: str):
    (found,) = check_text(text, dossier, shipped)
    assert found.verdict == verdict, found.reason
    assert told in found.reason


@pytest.mark.parametrize(
    ("year", "period", "basis", "label", "months"),
    [
        ("2021/22", "Mar-Mar", "", "2021/22", "2021-04/2022-03"),
        ("2021/22", "Mar-Aug (5 months)", "", "Mar-Aug (5 months) of 2021/22", "2021-04/2021-08"),
        ("2022/23", "8 months", "customs, Iranian year", "8 months of 2022/23", "2022-04/2022-11"),
        ("2022/23", "8 months", "customs", "8 months of 2022/23", ""),
        ("2024/25", "Sep-Aug", "", "2024/25", ""),
        ("2025", "Jan-Oct", "", "Jan-Oct 2025", "2025-01/2025-10"),
    ],
)
def test_periods_of_rows(year: str, period: str, basis: str, label: str, months: str):
    assert period_of(year, period, basis) == (label, months_of(months))


def test_iranian_years_of_a_text_and_of_a_row_are_the_same_months():
    (named,) = find_periods("It was so in the Iranian year 1400.")
    assert months_of(named.value) == period_of("2021/22", "Mar-Mar")[1]


def test_figures_of_a_sentence_must_fit_each_other(dossier: Dossier, shipped: World):
    text = "Sales of tea rose by 27 % from 340 to {} million dollars."
    good = check_text(text.format(432), dossier, shipped)
    bad = check_text(text.format(500), dossier, shipped)
    assert INCONSISTENT not in {v.verdict for v in good}
    assert [v.verdict for v in bad if v.claim.measure == "growth"] == [INCONSISTENT]


def test_the_pair_of_the_text_goes_on_to_the_next_sentence(dossier: Dossier, shipped: World):
    text = f"{BOTH} is old. Turnover was 340 million dollars in 2024."
    (found,) = check_text(text, dossier, shipped)
    assert found.verdict == CONSISTENT
    (lost,) = check_text("Turnover was 340 million dollars in 2024.", dossier, shipped)
    assert lost.verdict == CANNOT


def test_without_data_nothing_is_said(shipped: World):
    empty = {t: {c: [] for c in cells} for t, cells in shipped.raw.items()
             if t in ("bilateral_series", "corridor_volumes", "projects", "trade_totals")}  # fmt: skip
    bare = World({**shipped.raw, **empty}, shipped.meta)
    nothing = Dossier("none", "none")
    text = (
        f"{BOTH} reached $3 billion in 2024. It rose by 50 % in 2023. They want to lift trade to "
        "9 billion dollars by 2030. The Rasht-Astara railway will open in 2027. The eastern route "
        "has a capacity of 10 million tonnes. The eastern branch carried 2 million tonnes in 2024."
    )
    found = check_text(text, nothing, bare)
    assert len(found) == 6
    assert {v.verdict for v in found} == {CANNOT}


def test_claim_review(dossier: Dossier, shipped: World):
    text = f"{BOTH} reached $3 billion in 2024. It was 1 dollar in 1900."
    verdicts = check_text(text, dossier, shipped)
    review = claim_review(verdicts, {"T57": "https://example.org/x"}, "2026-06-30", "a.txt")
    assert json.loads(json.dumps(review)) == review
    assert review["@context"] == "https://schema.org"
    first, second = review["@graph"]
    assert first["@type"] == "ClaimReview"
    assert first["reviewRating"]["ratingValue"] == 1
    assert first["citation"] == ["https://example.org/x"]
    assert first["claimReviewed"] == f"{BOTH} reached $3 billion in 2024."
    assert second["reviewRating"] == {"@type": "Rating", "alternateName": CANNOT}

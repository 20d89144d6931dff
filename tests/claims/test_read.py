"""The reader of texts: scores on sentences with known claims, and laws."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from entrepot.claims.reading.periods import (
    find_periods,
    months_of,
    year_before,
)
from entrepot.claims.reading.quantities import find_quantities
from entrepot.claims.reading.read import read_claims
from entrepot.claims.reading.score import (
    evaluate,
    read_gold,
    report,
)
from entrepot.claims.reading.split import sentences

GOLD = read_gold(Path(__file__).with_name("sentences.toml"))
TUNED = [s for s in GOLD if not s.held]
HELD = [s for s in GOLD if s.held]


def test_there_are_enough_sentences():
    assert len(GOLD) >= 250
    assert len(HELD) >= 100
    assert len({s.id for s in GOLD}) == len(GOLD)


def test_tuned_sentences():
    score = evaluate(TUNED)
    assert score.precision >= 0.95, score.wrong
    assert score.recall >= 0.85, score.wrong
    assert score.magnitude_errors == 0, score.wrong


def test_held_out_sentences_keep_their_score():
    """What was measured once is a floor; the rules were not tuned on these. Only figures are shown.

    Some of them follow habits that newer sentences decided otherwise.
    """
    score = replace(evaluate(HELD), wrong=())
    assert score.precision >= 0.87
    assert score.recall >= 0.85
    assert score.magnitude_errors == 0
    assert "held out" in report(GOLD)


def test_the_score_sees_a_cut_magnitude_and_a_wrong_kind():
    from entrepot.claims.reading.score import Gold, GoldSentence

    text = "Trade was 340 million dollars in 2024."
    right = Gold("actual", "level", 340e6, 340e6, "USD", "2024", False)
    assert evaluate([GoldSentence("x", text, False, (right,))]).right == 1
    cut = Gold("actual", "level", 340.0, 340.0, "USD", "2024", False)
    score = evaluate([GoldSentence("x", text, False, (cut,))])
    assert (score.right, score.magnitude_errors) == (0, 1)
    other = Gold("target", "level", 340e6, 340e6, "USD", "2024", False)
    score = evaluate([GoldSentence("x", text, False, (other,))])
    assert (score.right, score.magnitude_errors) == (0, 0)


MAGNITUDES = {"": 1, "thousand": 1e3, "million": 1e6, "mln": 1e6, "bn": 1e9, "billion": 1e9}
UNITS = {"dollars": "USD", "tonnes": "t", "TEU": "TEU", "euros": "EUR"}


@settings(max_examples=150)
@given(
    st.integers(1, 999_999),
    st.sampled_from(list(MAGNITUDES)),
    st.sampled_from(list(UNITS)),
    st.booleans(),
)
def test_a_magnitude_is_never_cut(number: int, magnitude: str, unit: str, grouped: bool):
    written = f"{number:,}" if grouped else str(number)
    if not magnitude and not grouped and 1900 <= number <= 2099:
        return  # reads as a year
    text = f"The total was {written} {magnitude} {unit} that time.".replace("  ", " ")
    (found,) = find_quantities(text)
    assert found.low == found.high == number * MAGNITUDES[magnitude]
    assert found.unit == UNITS[unit]


@settings(max_examples=80)
@given(st.integers(1, 400), st.integers(401, 999), st.sampled_from(["million", "bn", "thousand"]))
def test_two_numbers_share_their_magnitude(a: int, b: int, magnitude: str):
    size = MAGNITUDES[magnitude]
    (wide,) = find_quantities(f"It carries {a}-{b} {magnitude} tonnes.")
    assert (wide.low, wide.high) == (a * size, b * size)
    before, after = find_quantities(f"It rose from {a} to {b} {magnitude} dollars.")
    assert (before.low, after.low, before.before) == (a * size, b * size, True)
    (between,) = find_quantities(f"Between {a} and {b} {magnitude} tonnes pass.")
    assert (between.low, between.high) == (a * size, b * size)


@settings(max_examples=60)
@given(st.lists(st.sampled_from([s.text for s in GOLD]), min_size=1, max_size=5))
def test_quotes_stand_where_they_say_and_sentences_do_not_touch_each_other(texts: list[str]):
    text = " ".join(texts)
    found = read_claims(text)
    assert all(text[c.start : c.end] == c.quote for c in found)
    assert found == read_claims(text)
    assert [c.quote for c in found] == [c.quote for t in texts for c in read_claims(t)]


@given(st.text(max_size=120))
@settings(max_examples=100)
def test_any_text_is_read_without_an_error(text: str):
    for c in read_claims(text):
        assert text[c.start : c.end] == c.quote


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("in the first nine months of 2025", "2025-01/2025-09"),
        ("in January-October 2025", "2025-01/2025-10"),
        ("between January and October 2025", "2025-01/2025-10"),
        ("in Jan-Aug 2025", "2025-01/2025-08"),
        ("in the second half of 2024", "2024-07/2024-12"),
        ("in Q1 2026", "2026-01/2026-03"),
        ("in the ten months to January 2023", "2022-04/2023-01"),
        ("on 11 December 2025", "2025-12-11"),
        ("in March 2020", "2020-03"),
        ("in the 2024/25 season", "2024/25"),
        ("in the Iranian year 1403", "2024-04/2025-03"),
        ("in the first five months of the Iranian year 1404", "2025-04/2025-08"),
        ("between 2025 and 2029", "2025/2029"),
        ("in the 2023-24 marketing year", "2023/24"),
        ("in the first three quarters of 2025", "2025-01/2025-09"),
        ("by the summer of 2030", "2030"),
        ("by the end of 2027", "2027"),
        ("by mid-2026", "2026"),
    ],
)
def test_periods(text: str, value: str):
    (found,) = find_periods(f"It was so {text}.")
    assert found.value == value


def test_periods_as_months_and_a_year_before():
    assert months_of("2024") == (24288, 24299)
    assert months_of("2024-03") == months_of("2024-03-15") == (24290, 24290)
    assert months_of("2024/25") is None
    assert months_of("2025/2029") == (24300, 24359)
    assert year_before("2025-01/2025-09") == "2024-01/2024-09"
    assert year_before("2024/25") == "2023/24"


@pytest.mark.parametrize(
    "text",
    [
        "Resolution 2231 was discussed.",
        "The 19th commission met.",
        "Line 5 ran at 20:00 on Monday.",
        "Train No. 45 stops here.",
        "Article 12 names 31 countries.",
        "The minister, 54, spoke for the first time in 17 years.",
        "Ships of over 20,000 tonnes lie here.",
        "The village is 20 kilometres from the border.",
    ],
)
def test_numbers_that_count_nothing_are_left(text: str):
    assert read_claims(text) == ()


def told(text: str) -> list[tuple[str, float | None, float | None, str]]:
    """Kind, both ends and period of each claim."""
    return [(c.kind, c.low, c.high, c.period) for c in read_claims(text)]


@pytest.mark.parametrize("joint", ["and", ", and it", "but", ", while it"])
@pytest.mark.parametrize(
    ("verb", "kind"),
    [
        ("is planned to reach", "target"),
        ("is expected to reach", "forecast"),
        ("is due to reach", "forecast"),
        ("should reach", "target"),
        ("could reach", "forecast"),
        ("will reach", "forecast"),
        ("plans to reach", "target"),
        ("intends to reach", "target"),
        ("hopes to reach", "target"),
    ],
)
def test_the_verb_behind_and_takes_its_own_number_and_time(joint: str, verb: str, kind: str):
    text = f"Traffic came to 41,000 TEU in 2023 {joint} {verb} 60,000 TEU by 2026.".replace(
        " ,", ","
    )
    assert told(text) == [("actual", 41e3, 41e3, "2023"), (kind, 60e3, 60e3, "2026")]


def test_a_clause_that_does_not_turn_shares_its_time():
    text = "By 2030 the port is to handle 20 million tonnes and earn 400 million dollars."
    assert [c.period for c in read_claims(text)] == ["2030", "2030"]
    (one,) = read_claims("Trade between Iran and Oman is expected to reach $5 billion in 2028.")
    assert (one.kind, one.period) == ("forecast", "2028")


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("Rail traffic more than doubled in 2024.", 2, None),
        ("Rail traffic nearly tripled in 2024.", 3, 3),
        ("Rail traffic at least doubled in 2024.", 2, None),
        ("Rail traffic will more than triple by 2030.", 3, None),
        ("Rail traffic more than halved in 2024.", None, -50),
        ("Timber makes up less than 4% of the exports.", None, 4),
        ("More than one in four wagons is empty.", 25, None),
    ],
)
def test_bounds_of_multiples_and_shares(text: str, low: float | None, high: float | None):
    (found,) = read_claims(text)
    assert (found.low, found.high) == (low, high)


@pytest.mark.parametrize(
    ("text", "first", "second"),
    [
        ("The opening, first planned for 2023, is now expected in 2026.", "2023", "2026"),
        ("The bridge, originally planned for 2021, will open in 2026.", "2021", "2026"),
        ("Completion, once promised for May 2022, was put off until 2027.", "2022-05", "2027"),
    ],
)
def test_both_dates_of_what_was_put_off(text: str, first: str, second: str):
    found = read_claims(text)
    assert [(c.kind, c.period) for c in found] == [("date", first), ("date", second)]


@pytest.mark.parametrize(
    "text",
    [
        "The programme for 2026-2028 provides for 60 locomotives.",
        "Nine documents were signed, among them a plan of exchanges for 2024-2026.",
        "Under the 2024-2028 strategy 60 wagons will be bought.",
        "The operator gets 115 wagons under a 2022 contract.",
    ],
)
def test_the_years_of_a_programme_are_not_those_of_the_number(text: str):
    (found,) = read_claims(text)
    assert found.period == ""


@pytest.mark.parametrize(
    "text",
    [
        "The two sides met after a break of seven weeks.",
        "Following negotiations that lasted eleven days, they went home.",
        "The delegation spent four days in Shanghai.",
        "Our peoples are linked by centuries of good-neighbourly ties.",
        "The visit opened a new chapter in relations.",
        "They agreed to continue consultations at expert level.",
        "Analysts doubt whether the road will ever be built.",
    ],
)
def test_pauses_visits_and_courtesy_claim_nothing(text: str):
    assert read_claims(text) == ()


@pytest.mark.parametrize(
    ("text", "low", "high", "unit"),
    [
        ("It came to two thousand five hundred wagons.", 2500, 2500, "wagons"),
        ("It came to a quarter of a million euros.", 250e3, 250e3, "EUR"),
        ("It came to 1 million 200 thousand tonnes.", 1.2e6, 1.2e6, "t"),
        ("It came to 3 hundred wagons.", 300, 300, "wagons"),
        ("It came to 2 hundred thousand tonnes.", 2e5, 2e5, "t"),
        ("It came to five hundred million rials.", 5e8, 5e8, "IRR"),
        ("It came to 12 lakh tons.", 1.2e6, 1.2e6, "t"),
        ("It came to KZT 1.4 trn.", 1.4e12, 1.4e12, "KZT"),
        ("It came to 31 billion Pakistani rupees.", 31e9, 31e9, "PKR"),
        ("It came to between 3 and 4 billion euros.", 3e9, 4e9, "EUR"),
        ("It came to 13 hours or more.", 13, None, "hours"),
        ("It did not carry more than 900 wagons.", None, 900, "wagons"),
        ("It never fell below 900 wagons.", 900, None, "wagons"),
        ("It carried no fewer than 900 wagons.", 900, None, "wagons"),
        ("Container traffic shot up to 900 TEU.", 900, 900, "TEU"),
        ("Eight out of ten lorries are empty.", 80, 80, "percent"),
        ("More than half of the wagons are empty.", 50, None, "percent"),
        ("It came to AED195.4 billion.", 195.4e9, 195.4e9, "AED"),
        ("The port turned over 900 TEU.", 900, 900, "TEU"),
        ("The quay has a length of 210 m.", 210, 210, "m"),
    ],
)
def test_quantities(text: str, low: float | None, high: float | None, unit: str):
    (found,) = find_quantities(text)
    assert (found.low, found.high, found.unit) == (low, high, unit)


def test_a_number_without_a_unit_takes_that_of_its_neighbour():
    units = {q.unit for q in find_quantities("It fell to 12 days from 38-53.")}
    assert units == {"days"}
    before, after = find_quantities("The number of permits rose from 2,000 to 3,500.")
    assert (before.low, after.low, after.unit) == (2000, 3500, "permits")
    first, second = find_quantities("It takes 40 minutes instead of 90.")
    assert (first.low, second.low, second.unit) == (pytest.approx(2 / 3), 1.5, "hours")


def test_sentences_are_cut_at_their_ends_only():
    text = 'He said 3.5 million. "We agree." Mr. Smith left at 4 p.m. yesterday.'
    assert [text[a:b] for a, b in sentences(text)] == [
        "He said 3.5 million.", '"We agree."', "Mr. Smith left at 4 p.m. yesterday.",
    ]  # fmt: skip

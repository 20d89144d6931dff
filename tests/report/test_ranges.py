from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.report.ranges import at_most, counted, leaders, month, musd, odds, ranged

NAN = float("nan")


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ((112.1, 258.0, 317.7), "258 (112–318)"),
        ((1.2, 3.04, 9.9), "3.0 (1.2–9.9)"),
        ((0.02, 0.11, 0.3), "0.11 (0.02–0.30)"),
        ((-60.0, -30.0, -5.0), "-30 (-60 to -5)"),
        ((-0.4, 22.0, 30.0), "22 (0 to 30)"),
        ((NAN, 5.0, NAN), "5.0"),
        ((NAN, NAN, NAN), ""),
    ],
)
def test_a_range_has_one_number_of_digits(values: tuple[float, float, float], shown: str):
    assert ranged(*values) == shown


def test_money_turns_to_billions():
    assert musd(400.0, 900.0, 1400.0) == "900 (400–1,400)\u00a0million"
    assert musd(900.0, 1200.0, 3000.0) == "1.2 (0.9–3.0)\u00a0billion"


def test_dates_and_counts():
    assert month(2025.37) == "May 2025"
    assert month(2028.0) == "2028"
    assert month(2027.999) == "Dec 2027"
    assert counted(0.0, 48) == "0 of 48 draws"
    assert counted(1 / 12, 12) == "1 of 12 draws"
    assert [odds(s) for s in (0.0, 0.1, 0.5, 0.9, 1.0)] == [
        "not plausible", "unlikely", "possible", "likely", "nearly sure",
    ]  # fmt: skip


@given(st.integers(1, 500))
def test_none_of_the_draws_is_one_in_twenty_at_the_bound(draws: int):
    assert (1 - at_most(draws)) ** draws == pytest.approx(0.05)


def test_rows_lead_themselves_unless_they_are_tied():
    assert leaders(["a", "b", "c", "d"], ["", "a", "a", ""]) == [0, 0, 0, 3]
    # A leader that is not shown leaves a row to itself.
    assert leaders(["b", "c"], ["a", "b"]) == [0, 0]

"""Sections on promises, target, partners and claims, from small drawn tables."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pandas as pd
import pytest

from entrepot.answers.run import write_run
from entrepot.report.sections.claims import claims_section
from entrepot.report.sections.partners import partners_section
from entrepot.report.sections.promises import promises_section
from entrepot.report.sections.quality import rests_on
from entrepot.report.sections.summary import summary
from entrepot.report.sections.target import target_section
from tests.report.promised import (
    DRAWS,
    MANIFEST,
    attribution,
    claim,
    claims,
    drivers,
    goods,
    measure,
    measures,
    needs,
    other_tables,
    partners,
    paths,
    small_run,
)

ALL = (promises_section, target_section, partners_section, claims_section, rests_on)


def words(page: str) -> str:
    page = re.sub(r"</?(span|strong|a)\b[^>]*>", "", page)
    return " ".join(re.sub(r"<[^>]+>", " ", page).replace("\u00a0", " ").split())


def row(page: str, text: str) -> str:
    """The words of the table row that holds a text."""
    return next(words(r) for r in re.findall(r"<tr>.*?</tr>", page, re.S) if text in r)


@pytest.mark.parametrize("make", ALL)
def test_a_run_without_promises_has_no_such_section(make, tmp_path: Path):
    assert make(write_run(tmp_path / "run", other_tables(), MANIFEST)) == ""


def test_promises_that_cannot_be_told_apart_are_called_ties(tmp_path: Path):
    page = promises_section(small_run(tmp_path / "run"))
    assert "tie with" not in row(page, "Promise M1")
    assert "100 (60–150)" in row(page, "Promise M1")
    assert "tie with 1" in row(page, "Promise M2")
    assert "tie with 1" in row(page, "Promise M3")
    assert "tie with" not in row(page, "Promise M4")
    assert "It cannot be told apart from Promise M2 and Promise M3" in words(page)


def test_a_promise_that_stands_apart_is_said_to(tmp_path: Path):
    table = pd.DataFrame(
        [
            measure("M1", "tariff", (90.0, 100.0, 150.0)),
            measure("M2", "border", (20.0, 50.0, 80.0)),
            measure("M3", "border", (1.0, 2.0, 3.0)),
        ]
    )
    page = words(promises_section(small_run(tmp_path / "run", measure_effects=table)))
    assert "No other promise brings more than it in over a tenth of the draws." in page
    assert "The second, Promise M2, stands apart" in page
    assert "tie with" not in page


def test_a_promise_past_its_date_and_nearly_sure_is_said_to_be_kept(tmp_path: Path):
    for due, probability, told in (
        (2025.37, 0.98, True),
        (2027.0, 0.98, False),
        (2025.4, 0.5, False),
    ):
        first = measure(
            "M1", "tariff", (60.0, 100.0, 150.0), due=due, probability=probability, delay_p50=0.0
        )
        page = words(
            promises_section(small_run(tmp_path / "run", measure_effects=pd.DataFrame([first])))
        )
        assert ("has passed and it is held to be in force (98 %)" in page) is told
    assert "May 2025" in page


def test_setbacks_are_apart_and_a_sign_that_changes_is_marked(tmp_path: Path):
    page = promises_section(small_run(tmp_path / "run"))
    before, _, after = page.partition("What works against them")
    assert "Promise S1" not in before
    assert "-30 (-60 to -5)" in row(after, "Promise S1")
    assert "may go either way" in row(after, "Promise S2")
    assert "may go either way" not in row(after, "Promise S1")


def test_promises_without_effect_are_folded_with_their_reason(tmp_path: Path):
    page = promises_section(small_run(tmp_path / "run"))
    folded = page[page.rindex("<details") :]
    assert "1 promise without an effect in the model, and why" in folded
    assert "It moves no cost." in folded
    assert page.count("Promise M5") == 1


def test_no_draw_at_the_target_is_a_count_and_never_zero_per_cent(tmp_path: Path):
    page = words(target_section(small_run(tmp_path / "run")))
    assert f"0 of {DRAWS} draws" in page
    assert "1 of 20 draws with all kept" in page
    assert not re.search(r"\b0(\.0)? % (of the draws|probability)", page)
    assert "not plausible" in page
    assert "up to 14 %" in page  # 1 - 0.05 ** (1 / 20)
    assert "do half of the draws reach the target" in page
    assert "No set of the promises reaches the target by itself" in page
    assert "by a further 25 % for 3 billion" in page


@pytest.mark.parametrize(
    ("share", "word"),
    [(0.0, "not plausible"), (0.2, "unlikely"), (0.5, "possible"), (0.7, "likely")],
)
def test_the_word_for_the_target_goes_with_its_odds(share: float, word: str, tmp_path: Path):
    tables = {
        "target_needs": needs(reach_likely=share, fewest_mid=2.0, remaining_mid=0.0),
        "target_paths": paths({"likely": share}),
    }
    page = target_section(small_run(tmp_path / "run", **tables))
    assert f"<strong>{word}</strong>" in page
    assert ("Zero of 20 draws does not mean impossible" in page) is (share == 0)
    assert ("Half of the draws reach it first in 2035" in page) is (share >= 0.5)
    assert "the fewest that reach it are 2: Promise M1 and Promise M2" in words(page)
    assert "With all promises kept and of middle size, 3 billion is reached" in words(page)


def test_the_target_is_drawn_as_no_forecast_beside_published_points(tmp_path: Path):
    page = target_section(small_run(tmp_path / "run"))
    drawing = re.search(r"<svg.*?</svg>", page, re.S)
    assert drawing
    assert "3,000: official target, not a forecast" in drawing[0]
    assert drawing[0].count("<circle") == 2
    assert "340 million USD, as published" in drawing[0]
    heights = [float(y) for y in re.findall(r'y="([\d.]+)"[^>]*>\d+ in 2035', drawing[0])]
    assert len(heights) == 3
    assert all(b - a >= 13.9 for a, b in itertools.pairwise(heights))


def test_a_study_without_a_target_says_so(tmp_path: Path):
    table = needs()
    table = table[~table["figure"].str.startswith(("target", "reach", "remaining", "fewest"))]
    run = small_run(
        tmp_path / "run", target_needs=table, target_paths=paths().assign(reaches_target=None)
    )
    page = words(target_section(run))
    assert "No target is named." in page
    assert "What would have to be true" not in page
    assert "official target, not a forecast" not in page.replace(
        "dashed line is an official target", ""
    )
    assert words(summary(run))


def test_what_may_be_chance_is_not_told_as_a_finding(tmp_path: Path):
    firm = words(target_section(small_run(tmp_path / "run")))
    assert "comes first from growth without any promise (70 %)." in firm
    assert "in 4,096 draws, which follow 80 % of the spread of the solved ones" in firm
    assert "reach it in 0 of 4,096 draws with promises kept as is usual and in 51 of 4,096" in firm
    weak = drivers().assign(chance=[0.004, 0.005])
    run = small_run(tmp_path / "run", drivers=weak)
    assert "No single source of doubt stands out" in words(target_section(run))
    small = small_run(tmp_path / "run", drivers=drivers().assign(first_order=0.01))
    assert "No single source of doubt stands out" in words(target_section(small))
    assert "most is moved by growth without any promise (500 to 900)" in words(rests_on(run))


@pytest.mark.parametrize(
    ("follows", "told"),
    [
        (0.3, "its draws follow 30 % of the spread"),
        (-0.3, "its draws follow nothing of the spread"),
        (float("nan"), "there are too few to tell how well it does"),
    ],
)
def test_arithmetic_that_does_not_follow_the_solved_draws_tells_nothing(
    tmp_path: Path, follows: float, told: str
):
    page = words(
        target_section(small_run(tmp_path / "run", target_needs=needs(quick_follows=follows)))
    )
    assert f"arithmetic does not stand in for them here: {told}" in page
    assert "comes first from" not in page
    assert "put together by arithmetic from what was solved" not in page


def test_growth_and_adjustment_are_said_to_be_assumed(tmp_path: Path):
    page = words(target_section(small_run(tmp_path / "run")))
    assert "Assumed, not known: without any promise trade grows by 2 % a year (0 to 5 %)" in page
    assert "40 % of its long-run effect in the first year, all of it 5 years later" in page


def test_partners_gain_lose_or_cannot_be_told(tmp_path: Path):
    page = partners_section(small_run(tmp_path / "run"))
    text = words(page)

    assert "Turkmenistan gains most (20 (10–40)), but ties with Russia" in text
    assert "United Arab Emirates lose." in text
    assert "For India even the sign cannot be told" in text
    assert row(page, ">India<").endswith("11 of 20 draws cannot be told")
    assert row(page, "United Arab Emirates").endswith("0 of 20 draws loses")


def test_goods_by_direction_with_days_and_what_the_facts_do_not_hold(tmp_path: Path):
    page = partners_section(small_run(tmp_path / "run"))
    text = words(page)
    assert "“Fruit, meat”: 60 (20–90) million USD. It gains most of all goods in 15 of 20" in text
    assert "“Cereals”: 130 (70–200) million USD. It gains most of all goods in 20 of 20" in text
    assert row(page, "Fruit, meat (fresh)").endswith("8.8")
    assert row(page, "Cereals").endswith("no route is open")
    assert "A truck of fruit: No way." in text
    assert "The facts do not hold how many refrigerated trucks" in text


def test_claims_come_with_verdicts_and_wishes_apart(tmp_path: Path):
    page = claims_section(small_run(tmp_path / "run"))
    text = words(page)
    assert "Of 4 statements" in text
    assert "other sources bear out 1 and contradict 1, and 2 cannot be judged" in text
    assert "Nobody but the speaker says so in 1 of these" in text
    assert "not that it is likely" in text
    facts, _, wishes = page.partition("Targets, forecasts and capacities.")
    assert facts.index("Claim K2") < facts.index("Claim K1") < facts.index("Claim K3")
    assert "Claim K4" in wishes
    assert "340 million USD" in row(facts, "Claim K1")
    assert "growth 50 %" in row(facts, "Claim K2")
    assert "815.2 kt or more" in row(facts, "Claim K3")
    assert "3 billion" in row(wishes, "Claim K4")
    assert "15 Mt" in row(wishes, "Claim K6")


def test_a_claim_between_two_values_shows_both(tmp_path: Path):
    table = pd.concat(
        [claims(), pd.DataFrame([claim("K9", "actual", "consistent", low=300.0, high=1200.0)])]
    )
    page = claims_section(small_run(tmp_path / "run", claim_checks=table))
    assert "300 million USD to 1,200 million USD" in row(page, "Claim K9")


def test_five_sentences_with_promises(tmp_path: Path):
    page = summary(small_run(tmp_path / "run"))
    assert page.count("<li>") == 5
    assert "In five sentences" in page
    text = words(page)
    assert "340 million USD in 2024" in text
    assert "none for A truck of fruit" in text
    assert "from 400 million to 620 million USD a year" in text
    assert "not plausible by 2035" in text
    assert "0 of 20 draws and 1 of 20 draws" in text
    assert "cannot know wars" in text


def test_what_the_answer_rests_on_adds_up(tmp_path: Path):
    page = rests_on(small_run(tmp_path / "run"))
    shown = {
        k: float(v)
        for k, v in re.findall(r"<td>(\w+)</td>.*?expected_musd\">([\d.]+)</span>", page)
    }
    table = measures()
    own = table[(table["theme"] != "setbacks") & table["expected_musd"].notna()]
    assert shown == {"published": 20.0, "estimated": 50.0, "assumed": 25.2}
    assert sum(shown.values()) == pytest.approx(own["expected_musd"].sum())
    assert "most is moved by growth without any promise (500 to 900)" in words(page)


def test_many_goods_and_partners_do_not_break_a_sentence(tmp_path: Path):
    many = pd.concat(
        [partners().assign(zone_id=lambda d, k=k: d["zone_id"] + str(k)) for k in range(4)]
    )
    table = pd.concat(
        [goods().assign(sector=lambda d, k=k: d["sector"] + str(k)) for k in range(4)]
    )
    page = partners_section(small_run(tmp_path / "run", partner_effects=many, sector_effects=table))
    assert "more" in words(page)


def test_a_dossier_without_effects_claims_or_firm_drivers_still_has_its_sections(tmp_path: Path):
    run = small_run(
        tmp_path / "run",
        measure_effects=measures().query("measure_id == 'M5'"),
        attribution=attribution().head(0),
        drivers=drivers().head(0),
        claim_checks=claims().head(0),
        sector_effects=goods().head(0),
    )
    assert claims_section(run) == ""
    assert rests_on(run) == ""
    assert "of the promises 0 change a cost" in words(promises_section(run))
    assert "No single source of doubt stands out" in words(target_section(run))
    assert "Which goods" not in partners_section(run)
    assert summary(run).count("<li>") == 5

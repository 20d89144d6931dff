"""[coupled] and [promises] as they are read."""

from __future__ import annotations

import pytest
from entrepot.studies.answers import asked_of_coupled

from entrepot.errors import BadInputError
from entrepot.facts.load import load_world
from entrepot.studies.definition import Study, find_study, parse_study

TEXT = """
name = "two"
title = "Two places"
question = "How?"
pair = ["IRN", "KAZ"]

[trade]
on = "2024-06-30"
turnover_musd = 340
target_musd = 3000

[coupled]
draws = 8
turnover_low = 320
turnover_high = 400

[promises]
dossier = "iran-kazakhstan"
draws = 12
first_year = 2027
last_year = 2033
growth_low = -0.02
growth_mid = 0
growth_high = 0.06
partners = ["TKM", "RUS"]

[[query]]
id = "a"
title = "A to B"
origin = "almaty"
destination = "tehran"
"""


def read(old: str = "", new: str = "") -> Study:
    assert not old or old in TEXT
    return parse_study(TEXT.replace(old, new) if old else TEXT, "two.toml")


def test_both_are_read():
    study = read()
    assert study.coupled is not None
    assert study.promises is not None
    assert (study.coupled.draws, study.coupled.turnover_low) == (8, 320.0)
    assert study.promises.growth == (-0.02, 0.0, 0.06)
    assert study.promises.partners == ("TKM", "RUS")
    ask = asked_of_coupled(study, 3)
    assert ask is not None
    assert ask.turnover_range == pytest.approx((320 / 340, 400 / 340))
    assert (ask.seed, ask.slopes, ask.draws, ask.years) == (3, 8, 12, (2027, 2033))
    assert ask.target_musd == 3000


def test_defaults():
    study = read(TEXT[TEXT.index("[promises]") : TEXT.index("[[query]]")])
    assert study.promises is None
    ask = asked_of_coupled(study, 0)
    assert ask is not None
    assert (ask.dossier, ask.draws, ask.target_musd) == (None, 0, None)
    study = read("turnover_low = 320\nturnover_high = 400\n")
    ask = asked_of_coupled(study, 0)
    assert ask is not None
    assert ask.turnover_range is None
    given = load_world().table("uncertainty").set_index("quantity").loc["turnover"]
    assert (given["p10_ratio"], given["p90_ratio"]) == (0.9, 1.1)
    assert asked_of_coupled(find_study("iran-kazakhstan"), 0) is not None


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("turnover_low", "turnover_lo", "coupled: unknown key 'turnover_lo'; did you mean"),
        ("dossier =", "dosier =", "promises: unknown key 'dosier'; did you mean 'dossier'"),
        ('dossier = "iran-kazakhstan"', "", "promises: 'dossier' is missing"),
        ("draws = 8", 'draws = "8"', "coupled: 'draws': found '8', expected a whole number"),
        ("draws = 8", "draws = 8.5", "coupled: 'draws': found 8.5"),
        ("draws = 8", "draws = true", "coupled: 'draws': found True"),
        ("turnover_low = 320", "turnover_low = -320", "'turnover_low': found -320.*above zero"),
        ("turnover_low = 320", "turnover_low = nan", "coupled: 'turnover_low': found nan"),
        ("growth_mid = 0", 'growth_mid = "none"', "promises: 'growth_mid': found 'none', expected a number"),
        ("growth_mid = 0", "growth_mid = inf", "promises: 'growth_mid': found inf"),
        ("growth_mid = 0", "growth_mid = false", "promises: 'growth_mid': found False"),
        ("first_year = 2027", "first_year = 2027.0", "'first_year': found 2027.0"),
        ('partners = ["TKM", "RUS"]', 'partners = "TKM"', "promises: 'partners': found 'TKM'"),
        (TEXT[TEXT.index("[trade]") : TEXT.index("[coupled]")], "", r"'coupled': needs a \[trade\]"),
        (TEXT[TEXT.index("[coupled]") : TEXT.index("[promises]")], "", r"'promises': needs a \[coupled\]"),
        ("[coupled]", "coupled = 3\n[other]", "'other'"),
        ("pair =", "promises = 3\npair =", "two.toml"),
    ],
)  # fmt: skip
def test_faults(old: str, new: str, told: str):
    with pytest.raises(BadInputError, match=told):
        read(old, new)


def test_all_faults_of_all_tables_are_told_together():
    text = TEXT.replace("draws = 8", "draws = -x").replace("draws = -x", 'draws = "x"')
    text = text.replace("growth_high = 0.06", 'growth_high = "much"').replace("id =", "ide =")
    with pytest.raises(BadInputError) as caught:
        parse_study(text, "two.toml")
    for word in ("coupled: 'draws'", "promises: 'growth_high'", "query 1: 'id' is missing"):
        assert word in str(caught.value)

"""[places] and [promises] as they are read, with what they take over from [between]."""

from __future__ import annotations

import pytest

from entrepot.engine.spec import EngineSpec, Turnover
from entrepot.errors import BadInputError
from entrepot.facts.load import load_world
from entrepot.questions.places.question import PlaceOptions
from entrepot.questions.promises.options import PromiseOptions
from entrepot.studies.definition import Study, find_study, parse_study
from entrepot.studies.plan import engine_spec, make_plan

TEXT = """
name = "two"
title = "Two places"
question = "How?"
pair = ["IRN", "KAZ"]

[between]
on = "2024-06-30"
turnover_musd = 340
target_musd = 3000

[places]
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

[[routes]]
id = "a"
title = "A to B"
origin = "almaty"
destination = "tehran"
"""


def read(old: str = "", new: str = "") -> Study:
    assert not old or old in TEXT
    return parse_study(TEXT.replace(old, new) if old else TEXT, "two.toml")


def places_of(study: Study) -> PlaceOptions:
    options = study.options("places")
    assert isinstance(options, PlaceOptions)
    return options


def promises_of(study: Study) -> PromiseOptions:
    options = study.options("promises")
    assert isinstance(options, PromiseOptions)
    return options


def test_both_are_read():
    study = read()
    places, promises = places_of(study), promises_of(study)
    assert (places.draws, places.turnover_low) == (8, 320.0)
    assert promises.growth == (-0.02, 0.0, 0.06)
    assert promises.partners == ("TKM", "RUS")
    for own in (places, promises):
        assert own.pair == ("IRN", "KAZ")
        assert own.on == "2024-06-30"
        assert own.turnover() == Turnover(("IRN", "KAZ"), 340.0, (320 / 340, 400 / 340))
    assert (promises.draws, promises.first_year, promises.last_year) == (12, 2027, 2033)
    assert promises.target_musd == 3000


def test_one_engine_answers_all():
    world, study = load_world(), read()
    spec = engine_spec(world, make_plan(study.requests), EngineSpec(None, study.head.on, 3))
    assert (spec.on, spec.seed) == ("2024-06-30", 3)
    assert spec.turnover == (Turnover(("IRN", "KAZ"), 340.0, (320 / 340, 400 / 340)),)
    assert spec.candidates


def test_defaults():
    study = read(TEXT[TEXT.index("[promises]") : TEXT.index("[[routes]]")])
    assert study.options("promises") is None
    assert places_of(study).draws == 8
    study = read("turnover_low = 320\nturnover_high = 400\n")
    for own in (places_of(study), promises_of(study)):
        assert own.turnover().ratio is None
    given = load_world().table("uncertainty").set_index("quantity").loc["turnover"]
    assert (given["p10_ratio"], given["p90_ratio"]) == (0.9, 1.1)
    assert find_study("iran-kazakhstan").options("promises") is not None


def test_a_day_of_the_study_is_that_of_its_questions():
    study = read('[between]\non = "2024-06-30"', '[between]\non = "2025-01-01"')
    assert places_of(study).on == promises_of(study).on == "2025-01-01"
    text = TEXT[: TEXT.index("[between]")] + 'on = "2024-02-01"\n\n[places]\n'
    assert places_of(parse_study(text, "two.toml")).on == "2024-02-01"


def test_promises_can_be_asked_for_without_places():
    study = read(TEXT[TEXT.index("[places]") : TEXT.index("[promises]")])
    assert study.options("places") is None
    assert promises_of(study).turnover() == Turnover(("IRN", "KAZ"), 340.0)


def test_questions_of_different_days_have_no_engine():
    study = read("[places]", '[places]\non = "2025-01-01"')
    with pytest.raises(BadInputError, match=r"one day for the whole world, found 2024-06-30.*2025"):
        engine_spec(load_world(), make_plan(study.requests), EngineSpec())


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("turnover_low", "turnover_lo", "places: unknown key 'turnover_lo'; did you mean"),
        ("dossier =", "dosier =", "promises: unknown key 'dosier'; did you mean 'dossier'"),
        ('dossier = "iran-kazakhstan"', "", "promises: 'dossier' is missing"),
        ("draws = 8", 'draws = "8"', "places: 'draws': found '8', expected a whole number"),
        ("draws = 8", "draws = 8.5", "places: 'draws': found 8.5"),
        ("draws = 8", "draws = true", "places: 'draws': found True"),
        ("turnover_low = 320", "turnover_low = -320", "'turnover_low': found -320.*above zero"),
        ("turnover_low = 320", "turnover_low = nan", "places: 'turnover_low': found nan"),
        ("growth_mid = 0", 'growth_mid = "none"', "promises: 'growth_mid': found 'none', expected a number"),
        ("growth_mid = 0", "growth_mid = inf", "promises: 'growth_mid': found inf"),
        ("growth_mid = 0", "growth_mid = false", "promises: 'growth_mid': found False"),
        ("first_year = 2027", "first_year = 2027.0", "'first_year': found 2027.0"),
        ('partners = ["TKM", "RUS"]', 'partners = "TKM"', "promises: 'partners': found 'TKM'"),
        (TEXT[TEXT.index("[between]") : TEXT.index("[places]")], "", "places: 'on' is missing"),
        ("[places]", "[other]", r"Unknown table \[other\]"),
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
    for word in ("places: 'draws'", "promises: 'growth_high'", "routes 1: 'id' is missing"):
        assert word in str(caught.value)

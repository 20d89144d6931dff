from __future__ import annotations

import json
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from typer.testing import CliRunner

from entrepot.cli.main import app
from entrepot.errors import BadInputError, UnknownNameError
from entrepot.questions.between.options import BetweenOptions
from entrepot.questions.routes import RouteOptions
from entrepot.studies import run as run_module
from entrepot.studies.definition import find_study, parse_study
from entrepot.uncertainty.sampler import SEED

GOOD = """
name = "two"
title = "Two places"
question = "How?"
pair = ["IRN", "KAZ"]

[[routes]]
id = "a"
title = "A to B"
origin = "almaty"
destination = "tehran"
"""


def test_a_good_study_is_read_with_its_defaults():
    study = parse_study(GOOD, "two.toml")
    assert (study.name, study.head.pair, study.head.seed, study.head.on) == (
        "two",
        ("IRN", "KAZ"),
        SEED,
        None,
    )
    (request,) = study.requests
    assert (request.name, request.id) == ("routes:a", "a")
    options = request.options
    assert isinstance(options, RouteOptions)
    assert (options.id, options.commodity, options.by, options.avoid) == ("a", None, "overall", ())
    assert study.text == GOOD


def test_questions_that_are_not_asked_are_not_in_the_study():
    assert parse_study(GOOD, "two.toml").options("validation") is None
    study = parse_study(GOOD + "\n[validation]\n", "two.toml")
    assert study.options("validation") is not None


def test_all_faults_are_told_in_one_pass_with_the_nearest_key():
    text = (
        GOOD.replace("question", "qestion")
        .replace('title = "A to B"', "titel = 3")
        .replace('["IRN", "KAZ"]', '"IRN"')
        + "seed = 3\n"
    )
    with pytest.raises(BadInputError) as caught:
        parse_study(text, "two.toml")
    told = str(caught.value)
    assert told.startswith("two.toml:")
    assert "unknown key 'qestion'; did you mean 'question'?" in told
    assert "'question' is missing" in told
    assert "routes 1: unknown key 'titel'; did you mean 'title'?" in told
    assert "routes 1: 'title' is missing" in told
    assert "routes 1: unknown key 'seed'" in told
    assert "'pair': found 'IRN'" in told
    assert caught.value.exit_code == 3


def test_two_sets_of_routes_of_one_id_are_refused():
    block = GOOD[GOOD.index("[[routes]]") :]
    with pytest.raises(BadInputError, match="routes: id 'a' occurs 2 times"):
        parse_study(GOOD + block, "two.toml")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (GOOD[: GOOD.index("[[routes]]")], "needs a table for a question"),
        (GOOD + "seed = ", "two.toml"),
        (GOOD.replace('"two"', '"two"\nseed = true'), "'seed': found True"),
        (GOOD.replace('"two"', '"two"\nvalidation = 1'), "unknown key 'validation'"),
        (GOOD.replace("[[routes]]", "[routes]"), r"'routes': expected \[\[routes\]\] tables"),
        (GOOD + "[[validation]]\n", r"'validation': expected one \[validation\] table"),
        (GOOD.replace("[[routes]]", "[[query]]"), r"\[query\] is now called \[routes\]"),
        (GOOD + "[trade]\n", r"\[trade\] is now called \[between\]"),
        (GOOD + "[coupled]\n", r"\[coupled\] is now called \[places\]"),
        (GOOD + "[validatoin]\n", r"Unknown table \[validatoin\]. Did you mean \[validation\]\?"),
    ],
)
def test_what_cannot_be_used_is_refused(text: str, told: str):
    with pytest.raises(BadInputError, match=told):
        parse_study(text, "two.toml")


def test_a_study_is_found_by_path_and_by_name(tmp_path: Path):
    file = tmp_path / "mine.toml"
    file.write_text(GOOD, encoding="utf-8")
    assert find_study(str(file)).name == "two"
    assert find_study("iran-kazakhstan").head.pair == ("IRN", "KAZ")
    with pytest.raises(UnknownNameError, match="iran-kazakhstan"):
        find_study("iran-kazahstan")
    with pytest.raises(BadInputError, match="File not found"):
        find_study(str(tmp_path / "none.toml"))


BETWEEN = """
[between]
on = "2024-06-30"
turnover_musd = 340
target_musd = 3000.5
target_source_id = ["T84"]
"""


def test_the_trade_of_the_pair_is_read():
    study = parse_study(GOOD.replace("[[routes]]", BETWEEN + "\n[[routes]]"), "two.toml")
    options = study.options("between")
    assert isinstance(options, BetweenOptions)
    assert options.pair == ("IRN", "KAZ")
    assert (options.on, options.turnover_musd, options.target_musd) == (
        "2024-06-30",
        340.0,
        3000.5,
    )
    assert (options.later, options.draws) == (None, 100)
    assert parse_study(GOOD, "two.toml").options("between") is None


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("turnover_musd = 340", "turnover_musd = -3", "between: 'turnover_musd': found -3"),
        ("turnover_musd = 340", 'turnover_musd = "340"', "between: 'turnover_musd': found '340'"),
        ("target_musd", "target", "did you mean 'target_musd'?"),
        ('on = "2024-06-30"', "", "between: 'on' is missing"),
    ],
)
def test_faults_of_the_table_of_what_stands_between(old: str, new: str, told: str):
    text = GOOD.replace("[[routes]]", BETWEEN.replace(old, new) + "\n[[routes]]")
    with pytest.raises(BadInputError) as caught:
        parse_study(text, "two.toml")
    assert told in str(caught.value)


def test_a_question_must_be_a_table():
    with pytest.raises(BadInputError, match=r"unknown key 'between'"):
        parse_study(GOOD.replace("pair =", "between = 3\npair ="), "two.toml")


@pytest.mark.parametrize("name", ["a", "iran-kazakhstan", "2026", "a" * 64, "a-"])
def test_plain_names_of_studies_are_taken(name: str):
    assert parse_study(GOOD.replace('"two"', f'"{name}"'), "two.toml").name == name


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../two", "/two", "a/b", "a\\b", "-a", "A", "ä", "a b", "a\n", "a\0", "~", "a" * 65,
     "a.toml", "c:"],
)  # fmt: skip
def test_a_name_that_could_be_a_path_is_refused(name: str):
    with pytest.raises(BadInputError) as caught:
        parse_study(GOOD.replace('"two"', json.dumps(name)), "two.toml")
    assert f"'name': found {name!r}, expected at most 64 small letters" in str(caught.value)


@given(st.text(st.characters(codec="utf-8")) | st.text(alphabet="./\\a-~\0", max_size=8))
@example("../out")
@example("ok")
def test_no_name_of_a_study_writes_outside_of_the_runs(name: str):
    """The command as it is, with a run that only writes a file into the folder it is given."""

    def write(_: Any, folder: Path, *__: Any, **___: Any) -> Any:
        folder.mkdir(parents=True)
        (folder / "report.html").write_text("")
        return SimpleNamespace(folder=folder)

    with tempfile.TemporaryDirectory() as top, pytest.MonkeyPatch.context() as patch:
        own = Path(top) / "a" / "b"
        own.mkdir(parents=True)
        patch.chdir(own)
        patch.setattr(run_module, "run_study", write)
        file = own / "mine.toml"
        quoted = json.dumps(name, ensure_ascii=False).replace("\x7f", "\\u007f")
        file.write_text(GOOD.replace('"two"', quoted), encoding="utf-8")
        done = CliRunner().invoke(app, ["study", str(file)])
        written = [p for p in Path(top).rglob("*") if p.is_file() and p != file]
        if done.exception is None:
            assert written == [own / "runs" / name / "report.html"]
        else:
            assert isinstance(done.exception, BadInputError)
            assert "'name': found" in str(done.exception)
            assert written == []

"""Formulas: what they mean, and what is said of those that mean nothing."""

from __future__ import annotations

import pytest

from entrepot.errors import UsageError
from entrepot.trade.gravity.formula import parse_formula, split_names


def test_the_usual_one() -> None:
    f = parse_formula(" trade ~ ln_dist+contig  + fta | exp^year + imp ^ year + exp^imp ")
    assert f.outcome == "trade"
    assert [t.text for t in f.terms] == ["ln_dist", "contig", "fta"]
    assert f.effects == (("exp", "year"), ("imp", "year"), ("exp", "imp"))
    assert f.numbers == ("trade", "ln_dist", "contig", "fta")
    assert f.labels == ("exp", "year", "imp")


def test_logs_products_and_levels() -> None:
    f = parse_formula("x ~ log(dist) + a:b + i(year, border) + i(year, rta, ref=2000) + i(bloc)")
    log, product, by_year, less, dummies = f.terms
    assert (log.logged, log.columns, log.text) == (True, ("dist",), "log(dist)")
    assert product.columns == ("a", "b")
    assert (by_year.level, by_year.columns, by_year.omitted) == ("year", ("border",), "")
    assert (less.level, less.omitted) == ("year", "2000")
    assert (dummies.level, dummies.columns) == ("bloc", ())
    assert f.labels == ("year", "bloc")
    assert f.effects == ()


def test_names_that_are_no_words() -> None:
    f = parse_formula("`trade, USD` ~ log(`a+b`) + größe | `country of origin`^year")
    assert f.outcome == "trade, USD"
    assert f.terms[0].columns == ("a+b",)
    assert f.terms[1].text == "größe"
    assert f.effects == (("country of origin", "year"),)


def test_a_constant_is_no_term() -> None:
    assert parse_formula("x ~ 1 | a + b").terms == ()
    assert [t.text for t in parse_formula("x ~ 1 + z").terms] == ["z"]
    assert parse_formula("x ~ z | 0").effects == ()


def test_clusters_are_joined_names() -> None:
    assert split_names("exporter ^ importer") == ("exporter", "importer")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("trade", "one ~"),
        ("trade ~ a ~ b", "one ~"),
        ("~ a", "one ~"),
        ("log(trade) ~ a", "trade itself"),
        ("ln(trade) ~ a", "trade itself"),
        ("a + b ~ c", "not a name of a column"),
        ("trade ~ a | b | c", "at most one"),
        ("trade ~", "nothing stands right"),
        ("trade ~ a + | b", "a term is missing"),
        ("trade ~ a + + b", "a term is missing"),
        ("trade ~ lgo(a)", "not a regressor"),
        ("trade ~ a*b", "one by one"),
        ("trade ~ log(a", "does not close"),
        ("trade ~ `a", "does not close"),
        ("trade ~ a + a", "stands there twice"),
        ("trade ~ a | b^c + c^b", "stands there twice"),
        ("trade ~ a | b*c", "not an effect"),
        ("trade ~ a | b^b", "with itself"),
        ("trade ~ 2 * a", "not a regressor"),
        ("trade ~ i(a, b, c)", "not a regressor"),
    ],
)
def test_what_goes_wrong_is_a_sentence(text: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        parse_formula(text)

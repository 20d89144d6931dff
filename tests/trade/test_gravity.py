"""Gravity estimates: certificates, laws, what they say of themselves."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from entrepot.errors import InfeasibleError, UnknownNameError, UsageError
from entrepot.kernels.regression.sandwich import (
    clustered_meat,
    intersection,
    nested,
    to_positive,
)
from entrepot.trade.gravity.estimate import Gravity, GravitySettings, estimate_frame
from entrepot.trade.gravity.roles import find_roles

TWO_WAY = "exporter^year + importer^year"
THREE_WAY = f"{TWO_WAY} + exporter^importer"
ADDING_UP = 1e-10


def world(seed: int = 1, countries: int = 9, years: int = 4, *, noise: bool = True) -> pd.DataFrame:
    """Trade of a few countries, domestic sales among it, a tenth of the flows zero."""
    draw = np.random.default_rng(seed)
    names = [f"C{k}" for k in range(countries)]
    rows = pd.MultiIndex.from_product(
        [names, names, range(2000, 2000 + years)], names=["exporter", "importer", "year"]
    )
    frame = pd.DataFrame(index=rows).reset_index()
    pair = frame.groupby(["exporter", "importer"]).ngroup().to_numpy()
    size = np.exp(draw.normal(size=(2, countries * years)))
    i = frame.groupby(["exporter", "year"]).ngroup().to_numpy()
    j = frame.groupby(["importer", "year"]).ngroup().to_numpy()
    frame["dist"] = np.exp(draw.normal(7, 1, countries**2))[pair]
    frame["fta"] = ((draw.random(countries**2) * 6 + 1998)[pair] < frame["year"]) * 1.0
    frame["border"] = (frame["exporter"] != frame["importer"]) * 1.0
    frame["trade"] = (
        50
        * size[0][i]
        * size[1][j]
        * np.exp(0.4 * frame["fta"] - 0.8 * (np.log(frame["dist"]) - 7) - 1.2 * frame["border"])
    )
    if noise:
        frame["trade"] *= draw.gamma(1.0, 1.0, len(frame)) * (draw.random(len(frame)) > 0.1)
    return frame


def coefficient(result: Gravity, name: str) -> float:
    return float(result.coefficients.set_index("name").loc[name, "estimate"])


@pytest.mark.parametrize("effects", [TWO_WAY, THREE_WAY, "exporter + importer + year"])
def test_fitted_totals_are_the_observed_ones(effects: str) -> None:
    """Fally (2015): in every level of every effect."""
    result = estimate_frame(world(), f"trade ~ fta | {effects}")
    table = result.effects
    gap = np.abs(table["fitted_total"] - table["observed_total"]) / table["observed_total"]
    assert gap.max() <= ADDING_UP
    assert result.fit.imbalance <= ADDING_UP
    assert result.fit.score <= ADDING_UP


def test_trade_without_noise_gives_back_what_it_was_made_with() -> None:
    result = estimate_frame(world(noise=False), f"trade ~ fta + log(dist) + border | {TWO_WAY}")
    assert coefficient(result, "fta") == pytest.approx(0.4, abs=1e-9)
    assert coefficient(result, "log(dist)") == pytest.approx(-0.8, abs=1e-9)
    assert coefficient(result, "border") == pytest.approx(-1.2, abs=1e-9)


def test_resistances_solve_the_system_of_gravity() -> None:
    """Anderson and van Wincoop: each side's term is the other's sum over what trade costs."""
    frame = world()
    frame["trade"] += 0.01
    result = estimate_frame(frame, f"trade ~ fta + log(dist) + border | {TWO_WAY}")
    assert result.resistances is not None
    table = result.resistances.set_index(["side", "zone", "time"])
    cost = sum(
        coefficient(result, name) * values
        for name, values in (
            ("fta", frame["fta"]), ("log(dist)", np.log(frame["dist"])), ("border", frame["border"]),
        )
    )  # fmt: skip
    t = np.exp(cost.to_numpy())
    year = frame["year"].astype(str)
    outward = table.loc["outward"].loc[list(zip(frame["exporter"], year, strict=True))]
    inward = table.loc["inward"].loc[list(zip(frame["importer"], year, strict=True))]
    bought = (t * outward["total"] / outward["term"].to_numpy()).groupby(level=1).sum()
    assert len(bought) == 4
    whole = frame.assign(v=t * (outward["total"] / outward["term"]).to_numpy())
    ratio = whole.groupby(["importer", "year"])["v"].sum().to_numpy() / (
        table.loc["inward"].sort_index()["term"].to_numpy()
    )
    # Equal in every year up to one factor, which the reference sets.
    by_year = ratio.reshape(9, 4)
    assert np.abs(by_year / by_year[0] - 1).max() <= 1e-9
    back = frame.assign(v=t * (inward["total"] / inward["term"]).to_numpy())
    ratio = back.groupby(["exporter", "year"])["v"].sum().to_numpy() / (
        table.loc["outward"].sort_index()["term"].to_numpy()
    )
    by_year = ratio.reshape(9, 4)
    assert np.abs(by_year / by_year[0] - 1).max() <= 1e-9
    assert np.allclose(table.loc["inward"].loc["C0"]["term"], 1.0, atol=1e-12)


def test_resistances_take_a_reference_and_an_elasticity() -> None:
    frame, formula = world(), f"trade ~ fta + log(dist) | {TWO_WAY}"
    result = estimate_frame(frame, formula, GravitySettings(theta=4.0, reference="C3"))
    assert result.resistances is not None
    mine = result.resistances.set_index(["side", "zone"]).loc[("inward", "C3")]
    assert np.allclose(mine["term"], 1.0, atol=1e-12)
    table = result.resistances
    assert np.allclose(table["resistance"] ** -4.0, table["term"], rtol=1e-12)
    with pytest.raises(UnknownNameError, match="C3"):
        estimate_frame(frame, formula, GravitySettings(reference="C33"))


def test_three_way_resistances_are_changes() -> None:
    result = estimate_frame(world(), f"trade ~ fta | {THREE_WAY}")
    assert result.resistances is not None
    first = result.resistances[result.resistances["time"] == "2000"]
    assert np.allclose(first["term"], 1.0)
    # They do not depend on how the level is split between effects.
    other = estimate_frame(world().iloc[::-1], f"trade ~ fta | exporter^importer + {TWO_WAY}")
    assert other.resistances is not None
    keys = ["side", "zone", "time"]
    both = result.resistances.merge(other.resistances, on=keys)
    assert np.allclose(both["term_x"], both["term_y"], rtol=1e-8)


def test_ad_valorem_equivalents() -> None:
    result = estimate_frame(
        world(), f"trade ~ fta + border | {TWO_WAY}", GravitySettings(theta=5.0)
    )
    table = result.coefficients
    assert np.allclose((1 + table["ad_valorem"]) ** -5.0, np.exp(table["estimate"]))


def test_intervals_and_p_values_are_normal() -> None:
    table = estimate_frame(world(), f"trade ~ fta | {TWO_WAY}").coefficients
    assert np.allclose(table["high"] - table["low"], 2 * 1.959963984540054 * table["se"])
    assert np.allclose(table["z"], table["estimate"] / table["se"])


def test_scale_of_trade_moves_nothing_but_levels() -> None:
    frame = world()
    one = estimate_frame(frame, f"trade ~ fta | {THREE_WAY}")
    other = estimate_frame(frame.assign(trade=frame["trade"] * 1e6), f"trade ~ fta | {THREE_WAY}")
    for column in ("estimate", "se"):
        assert np.allclose(one.coefficients[column], other.coefficients[column], atol=1e-9)


def test_order_and_names_move_nothing() -> None:
    frame = world()
    one = estimate_frame(frame, f"trade ~ fta + log(dist) | {TWO_WAY}")
    mixed = frame.sample(frac=1.0, random_state=3)
    renamed = {f"C{k}": f"Z{(7 * k) % 9}" for k in range(9)}
    mixed = mixed.assign(
        exporter=mixed["exporter"].map(renamed), importer=mixed["importer"].map(renamed)
    )
    other = estimate_frame(mixed, f"trade ~ fta + log(dist) | {TWO_WAY}")
    for column in ("estimate", "se"):
        assert np.allclose(one.coefficients[column], other.coefficients[column], atol=1e-9)


def test_rows_lead_back_to_the_source() -> None:
    frame = world()
    frame.loc[5, "trade"] = np.nan
    result = estimate_frame(frame, f"trade ~ fta | {TWO_WAY}")
    seen = result.observations
    assert 5 not in set(seen["row"])
    assert np.array_equal(frame["trade"].to_numpy()[seen["row"]], seen["outcome"])


def test_short_three_way_panels_are_warned_of() -> None:
    told = " ".join(estimate_frame(world(), f"trade ~ fta | {THREE_WAY}").notes)
    assert "Weidner and Zylkin 2021" in told
    assert "4 periods" in told
    long = " ".join(estimate_frame(world(years=10), f"trade ~ fta | {THREE_WAY}").notes)
    assert "Weidner" not in long
    assert "Weidner" not in " ".join(estimate_frame(world(), f"trade ~ fta | {TWO_WAY}").notes)


def test_what_is_left_out_is_told() -> None:
    frame = world()
    frame.loc[3, "fta"] = np.nan
    frame.loc[frame["exporter"] == "C7", "trade"] = 0.0
    frame["seen"] = (frame["trade"] == 0) & (frame["exporter"] == "C2")
    frame["seen"] = frame["seen"].astype(float)
    frame["again"] = 2 * frame["fta"]
    result = estimate_frame(frame, f"trade ~ fta + again + log(dist) + seen | {THREE_WAY}")
    told = "\n".join(result.notes)
    assert "Left out for missing values, 1 row: fta in 1 (rows 4)" in told
    assert "all zero" in told
    assert "separate them" in told
    assert result.dropped["again"] == "other regressors already hold it"
    assert result.dropped["log(dist)"] == "the effects already hold it"
    assert "again" in told
    assert list(result.coefficients["name"]) == ["fta"]


def test_repeated_pairs_are_told() -> None:
    frame = pd.concat([world(), world().iloc[:3]])
    told = " ".join(estimate_frame(frame, f"trade ~ fta | {TWO_WAY}").notes)
    assert "repeat a pair and year that stands there already: 3" in told


def test_errors_name_their_factor() -> None:
    result = estimate_frame(world(), f"trade ~ fta | {TWO_WAY}")
    assert result.errors == "clustered by exporter^importer"
    assert result.covariance.clusters == (81,)
    assert result.covariance.words == "G / (G - 1), G = 81"
    assert result.covariance.factor == pytest.approx(81 / 80)
    plain = estimate_frame(world(), "trade ~ fta | year")
    assert plain.errors == "robust to heteroskedasticity"
    assert any("do not tell what a pair is" in note for note in plain.notes)


def test_no_regressor_is_a_model_too() -> None:
    result = estimate_frame(world(), f"trade ~ 1 | {TWO_WAY}")
    assert len(result.coefficients) == 0
    assert result.fit.imbalance <= ADDING_UP


def test_json_is_plain() -> None:
    result = estimate_frame(world(), f"trade ~ fta | {THREE_WAY}")
    told = json.loads(json.dumps(result.as_json()))
    assert told["solver"]["status"] == "converged"
    assert told["observations"]["used"] == len(result.observations)
    assert told["levels"]["exporter^year"] == 36


@pytest.mark.parametrize(
    ("formula", "settings", "told"),
    [
        (f"trade ~ fta | {TWO_WAY}", GravitySettings(convention="fixst"), "fixest"),
        (f"trade ~ fta | {TWO_WAY}", GravitySettings(theta=-4.0), "above zero"),
        (f"trade ~ fta | {TWO_WAY}", GravitySettings(level=95.0), "share"),
        (
            f"trade ~ fta | {TWO_WAY}",
            GravitySettings(robust=True, cluster=("year",)),
            "not for both",
        ),
        (f"trade ~ fta | {TWO_WAY}", GravitySettings(cluster=("exporter importer",)), "joined by"),
        (f"trade ~ fta | {TWO_WAY}", GravitySettings(cluster=("exporte",)), "exporter"),
    ],
)
def test_calls_that_make_no_sense(formula: str, settings: GravitySettings, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        estimate_frame(world(), formula, settings)


def test_one_cluster_and_nothing_left_are_refused() -> None:
    frame = world().assign(all="one")
    with pytest.raises(InfeasibleError, match="only one cluster"):
        estimate_frame(frame, f"trade ~ fta | {TWO_WAY}", GravitySettings(cluster=("all",)))
    with pytest.raises(InfeasibleError, match="no observation is left"):
        estimate_frame(frame.assign(trade=0.0), f"trade ~ fta | {TWO_WAY}")


@pytest.mark.parametrize(
    ("effects", "exporter", "pair"),
    [
        (["exporter^year", "importer^year", "exporter^importer"], "exporter", 2),
        (["exporter^importer", "importer^year", "exporter^year"], "exporter", 0),
        (["iso_d^year", "iso_o^year"], "iso_o", -1),
        (["exp", "imp", "year"], "exp", -1),
        (["a^t", "b^t", "a^b"], "a", 2),
        (["a^b", "b^t", "a^t"], "b", 0),
    ],
)
def test_roles_are_found_in_any_order(effects: list[str], exporter: str, pair: int) -> None:
    roles = find_roles([tuple(e.split("^")) for e in effects])
    assert roles is not None
    assert roles.exporter == (exporter,)
    assert roles.pair_effect == pair


@pytest.mark.parametrize("effects", [["year"], ["firm^year"], [], ["exporter", "year"]])
def test_other_effects_have_no_roles(effects: list[str]) -> None:
    assert find_roles([tuple(e.split("^")) for e in effects]) is None


def test_meat_of_one_cluster_each_is_robust() -> None:
    scores = np.random.default_rng(0).normal(size=(30, 3))
    (part,) = clustered_meat(scores, [np.arange(30)])
    assert np.allclose(part.meat, scores.T @ scores)
    parts = clustered_meat(scores, [np.arange(30) % 5, np.arange(30) % 3])
    assert [(p.sign, p.clusters) for p in parts] == [(1, 5), (1, 3), (-1, 15)]


def test_small_helpers_of_clusters() -> None:
    a, b = np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1])
    assert intersection([a, b]).tolist() == [0, 1, 2, 2]
    assert nested(intersection([a, b]), a)
    assert not nested(a, b)
    fixed, repaired = to_positive(np.array([[1.0, 2.0], [2.0, 1.0]]))
    assert repaired
    assert np.linalg.eigvalsh(fixed).min() >= -1e-12
    assert not to_positive(np.eye(2))[1]

"""One module makes random numbers, by the names of their sources."""

from __future__ import annotations

import ast
import hashlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import entrepot
from entrepot.uncertainty.draws import Draws
from entrepot.uncertainty.sampler import N_DRAW, SEED, Sampler

NAMES = st.lists(st.text(min_size=1, max_size=6), min_size=1, max_size=6, unique=True)
SAMPLERS = st.builds(Sampler, st.integers(0, 2**63), st.integers(1, 60))


@given(SAMPLERS, NAMES)
def test_one_draw_in_each_stratum(sampler: Sampler, names: list[str]):
    points = sampler.uniforms(names)
    assert points.shape == (len(names), sampler.n)
    assert ((points > 0) & (points < 1)).all()
    strata = np.sort(np.floor(points * sampler.n), axis=1)
    assert np.array_equal(strata, np.tile(np.arange(sampler.n), (len(names), 1)))


@given(SAMPLERS, NAMES, st.data())
def test_a_source_depends_on_its_name_seed_and_number_only(
    sampler: Sampler, names: list[str], data: st.DataObject
):
    order = data.draw(st.permutations([*names, "one more"]))
    whole = dict(zip(order, sampler.normals(order), strict=True))
    other = Sampler(sampler.seed, sampler.n)
    for name in names:
        alone = other.normal(name)
        assert np.array_equal(whole[name], alone)
        assert np.array_equal(Draws.latin(order, sampler.n, sampler.seed).normal(name), alone)
        assert np.array_equal(other.uniform(name), sampler.uniform(name))


def test_seeds_names_and_numbers_give_other_draws():
    one = Sampler(1, 50)
    assert not np.array_equal(one.uniform("a"), one.uniform("b"))
    assert not np.array_equal(one.uniform("a"), Sampler(2, 50).uniform("a"))
    assert not np.array_equal(one.uniform("a"), Sampler(1, 51).uniform("a")[:50])


def test_bits_stay_those_of_the_hash():
    """Draws that were published can be made again: the rule in plain steps."""
    digest = hashlib.sha256(b"7/speed:rail").digest()
    rng = np.random.default_rng(int.from_bytes(digest[:8], "big"))
    strata = (np.arange(24) + rng.random(24)) / 24
    assert np.array_equal(Sampler(7, 24).uniform("speed:rail"), rng.permutation(strata))


def test_one_draw_is_enough():
    one = Sampler(0, 1)
    assert one.normals(["a", "b"]).shape == (2, 1)
    assert np.isfinite(one.correlated("all", "a", 0.5)).all()
    assert one.normals([]).shape == (0, 1)


def test_a_common_factor_joins_its_members():
    sampler = Sampler(3, 4000)
    a, b = (sampler.correlated("all", n, 0.6) for n in "ab")
    assert a.std() == pytest.approx(1, abs=0.03)
    assert np.corrcoef(a, b)[0, 1] == pytest.approx(0.6, abs=0.04)
    assert np.array_equal(sampler.correlated("all", "a", 0.0), sampler.normal("a"))
    assert np.array_equal(sampler.correlated("all", "a", 1.0), sampler.normal("all"))


def test_what_is_kept_cannot_be_written_to():
    sampler = Sampler(0, 4)
    with pytest.raises(ValueError, match="read-only"):
        sampler.normal("a")[0] = 0.0
    found = sampler.normals(["a"])
    found[:] = 0.0
    assert (sampler.normal("a") != 0).any()


def test_the_default_is_one_seed_and_one_number():
    assert Sampler() == Sampler(SEED, N_DRAW)


def makers(source: str) -> list[str]:
    """What a text names of the makers of random numbers."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [a.name for a in node.names if is_maker(a.name)]
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            names = [f"{module}.{a.name}" for a in node.names]
            found += [n for n in names if is_maker(module) or is_maker(n)]
        elif isinstance(node, ast.Attribute) and node.attr in ("random", "default_rng", "rvs"):
            found.append(ast.unparse(node))
    return found


def is_maker(name: str) -> bool:
    parts = name.split(".")
    return parts[0] in ("random", "secrets") or parts[:2] in (
        ["numpy", "random"],
        ["scipy", "qmc"],
        ["os", "urandom"],
    ) or name.startswith("scipy.stats.qmc")  # fmt: skip


@pytest.mark.parametrize(
    "source",
    [
        "import random",
        "from random import choice",
        "import numpy.random",
        "from numpy import random",
        "from numpy.random import default_rng",
        "import numpy as np\nx = np.random.normal()",
        "import scipy.stats.qmc",
        "x = beta.rvs(3)",
    ],
)
def test_makers_are_seen(source: str):
    assert makers(source)


def test_no_other_module_makes_random_numbers():
    root = Path(entrepot.__file__).parent
    found = {
        p.relative_to(root).as_posix(): makers(p.read_text("utf-8")) for p in root.rglob("*.py")
    }
    assert [p for p, names in found.items() if names] == ["uncertainty/sampler.py"]

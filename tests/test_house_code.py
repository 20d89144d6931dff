"""House rules on the code: names, sizes, arguments, and nothing that changes behind one's back."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.house_rules import class_names, functions, shared_state

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "entrepot"
MOST_FILES = 25
MOST_ARGUMENTS = 6
# Functions with more arguments than that: this number may only fall.
TOO_MANY = 24
# What a worker process keeps of the jobs that it was given.
OF_WORKERS = {"flows/route_sets.py": ["_FINDER"]}
# Commands of the command line have one argument for each option.
COMMANDS = 7
# One file for each table that is declared.
ONE_PER_TABLE = ("schema/tables", "schema/results")


def code() -> dict[str, str]:
    """Text of each file of the package."""
    return {
        p.relative_to(PACKAGE).as_posix(): p.read_text(encoding="utf-8")
        for p in sorted(PACKAGE.rglob("*.py"))
    }


def test_every_class_has_a_name_of_its_own() -> None:
    counts = Counter(name for text in code().values() for name in class_names(text))
    assert {name for name, count in counts.items() if count > 1} == set()


def test_types_of_arrays_are_declared_once() -> None:
    declared = [name for name, text in code().items() if re.search(r"^FloatArray\b.*=", text, re.M)]
    assert declared == ["kernels/arrays.py"]


def test_functions_have_few_arguments() -> None:
    """Beside kernels, which take arrays, and commands, whose arguments are options."""
    long = [
        f"{file}: {name} ({count})"
        for file, text in code().items()
        if not file.startswith("kernels/")
        for name, count in functions(text)
        if count > MOST_ARGUMENTS
    ]
    commands = [one for one in long if one.startswith("cli/")]
    others = [one for one in long if not one.startswith("cli/")]
    assert len(commands) <= COMMANDS, "\n".join(commands)
    assert len(others) <= TOO_MANY, "\n".join(others)


def test_folders_hold_few_files() -> None:
    folders = [
        f for top in ("src", "tests", "benchmarks") for f in [ROOT / top, *(ROOT / top).rglob("*")]
    ]
    full = {
        f.relative_to(ROOT).as_posix(): count
        for f in folders
        if f.is_dir()
        and "__pycache__" not in f.parts
        and not f.is_relative_to(PACKAGE / "data")
        and f not in [PACKAGE / name for name in ONE_PER_TABLE]
        and (count := sum(p.is_file() for p in f.iterdir())) > MOST_FILES
    }
    assert not full


def test_nothing_of_a_module_or_a_class_changes() -> None:
    """But what a worker process keeps, and caches of functools."""
    found = {name: names for name, text in code().items() if (names := shared_state(text))}
    assert found == OF_WORKERS


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("KNOWN = {}\ndef f(k):\n    KNOWN[k] = 1", ["KNOWN"]),
        ("SEEN: list[int] = []\ndef f():\n    SEEN.append(1)", ["SEEN"]),
        ("class A:\n    made = set()\n    def f(self):\n        A.made.add(1)", ["made"]),
        ("N = 0\ndef f():\n    global N\n    N += 1", ["N"]),
        ("ROWS = [1]\ndef f():\n    return ROWS[0]", []),
        ("def f():\n    out = []\n    out.append(1)", []),
        ("A = dict()\ndef f():\n    A.update(b=1)\n    del A['b']", ["A"]),
    ],
)
def test_shared_state_is_recognised(source: str, names: list[str]) -> None:
    assert shared_state(source) == names


def test_arguments_are_counted_without_self() -> None:
    source = (
        "class A:\n    def f(self, a, *b, c=1, **d): ...\n    @classmethod\n    def g(cls): ..."
    )
    assert list(functions(source)) == [("f", 4), ("g", 0)]

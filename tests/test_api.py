"""The public face: every example runs, every name is documented, and no repr fills a screen."""

from __future__ import annotations

import doctest
import importlib
import inspect
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

import entrepot as ep
from entrepot.routes.find import find_routes as find_route_set
from entrepot.routes.query import RouteSet
from entrepot.routes.session import Session

NAMES = [name for name in ep.__all__ if not isinstance(getattr(ep, name), ModuleType)]


@pytest.mark.parametrize("name", NAMES)
def test_the_example_of_each_name_runs(name: str) -> None:
    thing = getattr(ep, name)
    found = doctest.DocTestFinder(recurse=False).find(thing, name, globs={"ep": ep})
    examples = [e for test in found for e in test.examples]
    assert examples, "a public name shows how it is used"
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    out: list[str] = []
    for test in found:
        runner.run(test, out=out.append)
    assert not runner.failures, "".join(out)


@pytest.mark.parametrize("name", ep.__all__)
def test_each_name_is_documented_and_listed(name: str, root: Path) -> None:
    assert inspect.getdoc(getattr(ep, name))
    assert name in dir(ep)
    page = (root / "docs" / "api.md").read_text(encoding="utf-8")
    assert f"## {name}" in page.splitlines()


def test_the_page_of_the_face_is_up_to_date(root: Path) -> None:
    script = root / "scripts" / "api_page.py"
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True)
    page = (root / "docs" / "api.md").read_text(encoding="utf-8")
    assert page == done.stdout, "run `make docs`"


def test_the_types_of_the_face_are_those_at_run_time(root: Path) -> None:
    """What a type checker imports is what a reader gets."""
    text = (root / "src" / "entrepot" / "__init__.py").read_text(encoding="utf-8")
    told = text.split("if TYPE_CHECKING:")[1].split("__version__")[0]
    for name in ep.__all__:
        assert re.search(rf"import .*\b{name}\b", told), name


def blocks(root: Path) -> list[tuple[str, str]]:
    """Python of the documents at the top and in docs, but not of decisions."""
    pages = [root / "README.md", *sorted((root / "docs").glob("*.md"))]
    return [
        (page.name, block)
        for page in pages
        for block in re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.S)
    ]


def test_documents_use_public_names_only(root: Path) -> None:
    found = blocks(root)
    assert {"README.md", "dossier.md", "trade_data.md"} <= {page for page, _ in found}
    for page, block in found:
        assert not re.search(r"from entrepot|import entrepot(?! as ep)", block), (page, block)
        used = set(re.findall(r"\bep\.(\w+)", block))
        assert used
        assert used <= set(ep.__all__), page


def test_the_python_of_the_readme_runs(root: Path) -> None:
    (block,) = (b for page, b in blocks(root) if page == "README.md")
    names: dict[str, object] = {}
    exec(compile(block, "README.md", "exec"), names)
    assert str(names["lines"]).startswith("{")


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="find_routes"):
        ep.find_rutes  # noqa: B018
    assert not hasattr(ep, "find_rutes")


def test_an_import_needs_no_heavy_library() -> None:
    """Names load when they are asked for."""
    script = (
        "import sys, entrepot\n"
        "heavy = {'numba', 'pandas', 'scipy', 'duckdb', 'numpy', 'typer'} & set(sys.modules)\n"
        "own = [m for m in sys.modules if m.startswith('entrepot.')]\n"
        "print(sorted(heavy), own)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[] []"


def test_each_name_lives_where_it_is_said_to() -> None:
    for name, module in ep._HOME.items():
        assert getattr(importlib.import_module(module), name) is getattr(ep, name)


def test_routes_say_when_there_are_none(shipped: ep.World) -> None:
    query = ep.RouteQuery("tehran", "almaty", commodity="perishables", on="2026-06-30")
    answer = ep.find_routes(shipped, query)
    assert (answer.status, len(answer.to_frame())) == ("closed", 0)
    assert "IR_FD_01" in answer.notes[0]
    assert any(f.startswith("IRN") for f in answer.flags["flag"])
    assert repr(answer) == "<Answer routes: 0 rows of 5 tables, closed>"


def test_an_engine_answers_like_its_world(shipped: ep.World, session: Session) -> None:
    """Whatever has a method `routes` keeps its network between questions."""

    class Kept:
        def routes(self, query: ep.RouteQuery) -> RouteSet:
            return find_route_set(shipped, query, session=session)

    query = ep.RouteQuery("almaty", "tehran", unit="feu")
    kept, opened = ep.find_routes(Kept(), query), ep.find_routes(shipped, query)
    assert list(kept.tables) == list(opened.tables)
    for name, table in kept.tables.items():
        pd.testing.assert_frame_equal(table, opened.tables[name])


def test_names_are_found_alike(shipped: ep.World) -> None:
    by_name = ep.explain_trade(shipped, "kazakhstan", "iran").to_frame()
    assert by_name.equals(ep.explain_trade(shipped, "KAZ", "irn").to_frame())
    routes = [
        ep.find_routes(shipped, ep.RouteQuery("Almaty", "tehran", commodity=c)).to_frame("queries")
        for c in ("cereals", "Cereals and milling products")
    ]
    assert routes[0].equals(routes[1])
    with pytest.raises(ep.errors.UnknownNameError, match=r"Nearest: cereals.*Known: .*cereals"):
        ep.find_routes(shipped, ep.RouteQuery("almaty", "tehran", commodity="cereal"))


def test_claims_name_the_regimes_of_their_parties() -> None:
    answer = ep.read_claims("Trade between Kazakhstan and Iran reached $340 million in 2024.")
    assert any(f.startswith("IRN: ") for f in answer.flags["flag"])
    assert answer.to_csv().splitlines()[0].endswith(",legal_flags")
    nothing = ep.read_claims("A fine day.")
    assert not len(nothing.flags)
    assert "No legal flags" in nothing.notes[-1]

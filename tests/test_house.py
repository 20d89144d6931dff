"""The house rules that a machine can hold."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from entrepot.schema.document import document
from entrepot.schema.table import TYPES, load_schema
from tests.clocks import timed_assertions

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "entrepot"
MOST_LINES = 400

# Put together from pieces, so that this file does not find itself.
SLASH = "/"
FORBIDDEN = {
    "a path of one machine": re.compile(
        rf"(?<![\w.:]){SLASH}(?:work|home|root|tmp|Users)(?={SLASH}\w)"
    ),
    "the address of a package registry": re.compile(
        "|".join(
            re.escape(name)
            for name in (
                "pypi" + ".org",
                "python" + "hosted.",
                "registry" + ".npmjs",
                "deb" + ".debian",
                "--index" + "-url",
                "--find" + "-links",
            )
        )
    ),
    "the number of a ticket": re.compile("(?i)\\b(?:is" + "sue|tick" + "et) ?#?\\d"),
    "unfinished work": re.compile("\\b(?:TO" + "DO|FIX" + "ME|X" + "XX)\\b"),
}


def tracked() -> list[Path]:
    """Text files git knows or would add; every file of the tree where there is no git."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a git work tree")
    listed = subprocess.run(
        [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    return [p for name in listed.split("\0") if name and (p := ROOT / name).is_file()]


def sources() -> list[Path]:
    folders = (PACKAGE, ROOT / "tests", ROOT / "benchmarks")
    return sorted(p for folder in folders for p in folder.rglob("*.py"))


def rooms() -> list[Path]:
    return sorted(p for p in PACKAGE.iterdir() if p.is_dir() and p.name != "__pycache__")


def test_files_stay_short() -> None:
    long = {
        str(p.relative_to(ROOT)): n
        for p in sources()
        if (n := len(p.read_text(encoding="utf-8").splitlines())) > MOST_LINES
    }
    assert not long


def test_nothing_names_a_machine_a_registry_or_a_ticket() -> None:
    found = []
    for path in tracked():
        text = path.read_bytes().decode("utf-8", errors="ignore")
        for what, pattern in FORBIDDEN.items():
            for hit in pattern.finditer(text):
                line = text.count("\n", 0, hit.start()) + 1
                found.append(f"{path.relative_to(ROOT)}:{line}: {what}: {hit.group()!r}")
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (f"open('{SLASH}work{SLASH}main')", "a path of one machine"),
        ("--index" + "-url x", "the address of a package registry"),
        ("see is" + "sue #12", "the number of a ticket"),
    ],
)
def test_the_forbidden_words_are_recognised(text: str, what: str) -> None:
    assert FORBIDDEN[what].search(text)


def test_constraints_are_versions_only() -> None:
    """Exact versions and nothing that says where to download them."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").split("\n")
    names = [line for line in lines if line and not line.startswith("#")]
    assert names
    assert not [line for line in names if not re.fullmatch(r"[A-Za-z0-9_.-]+==[\w.+!]+", line)]


@pytest.mark.parametrize("room", rooms(), ids=lambda p: p.name)
def test_no_room_is_empty(room: Path) -> None:
    init = room / "__init__.py"
    assert init.is_file()
    assert init.read_text(encoding="utf-8").startswith('"""'), "say what the room is for"
    assert [p for p in room.rglob("*") if p.is_file() and p != init and p.suffix != ".pyc"]


def test_every_table_of_facts_is_declared() -> None:
    shipped = {p.stem for p in (PACKAGE / "data" / "eurasia").glob("*.csv")}
    assert shipped <= set(load_schema())


@pytest.mark.parametrize("kind", ["tables", "results"])
def test_every_column_says_what_it_holds(kind: str) -> None:
    for table in load_schema(kind).values():
        assert table.description, table.name
        for column in table.columns:
            where = f"{table.name}.{column.name}"
            assert column.type in TYPES, where
            assert column.description, where
        names = [c.name for c in table.columns]
        assert len(set(names)) == len(names), table.name


def test_layers_hold() -> None:
    """`import-linter` reads the contract in pyproject.toml."""
    program = shutil.which("lint-imports", path=str(Path(sys.executable).parent))
    assert program, "install the dev extra"
    done = subprocess.run([program], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_help_needs_no_heavy_library() -> None:
    """Somebody who asks for help should not wait for compilers and tables."""
    script = (
        "import sys\n"
        "from entrepot.cli.main import main\n"
        "sys.argv = ['entrepot', '--help']\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        "heavy = {'numba', 'pandas', 'scipy', 'duckdb', 'numpy'} & set(sys.modules)\n"
        "print(sorted(heavy), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "routes" in done.stdout
    assert done.stderr.strip() == "[]"


def test_the_page_of_tables_is_up_to_date() -> None:
    page = (ROOT / "docs" / "tables.md").read_text(encoding="utf-8")
    assert page == document(), "run `make docs`"


def test_every_decision_is_in_the_index() -> None:
    folder = ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text(encoding="utf-8")
    pages = {p.name for p in folder.glob("*.md")} - {"README.md"}
    assert not {name for name in pages if name not in index}


def test_files_named_by_the_documents_exist() -> None:
    """`path/like.this` in a document at the top is a file or folder of the repository."""
    lost = []
    for document_name in ("ARCHITECTURE.md", "CONTRIBUTING.md"):
        text = (ROOT / document_name).read_text(encoding="utf-8")
        for name in re.findall(r"`([\w.-]+/[\w./-]*)`", text):
            if not any((base / name).exists() for base in (ROOT, PACKAGE)):
                lost.append(f"{document_name}: {name}")
    assert not lost


def test_no_test_asserts_a_time() -> None:
    """A busy machine would fail it; times belong to the benchmarks."""
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sorted((ROOT / "tests").rglob("*.py"))
        for line in timed_assertions(path.read_text(encoding="utf-8"))
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("start = perf_counter()\nassert perf_counter() - start < 2.0", [2]),
        ("start = time.time()\nwork()\ntook = time.time() - start\nassert 1.0 > took", [4]),
        ("def f():\n    a = time.monotonic_ns()\n    assert (monotonic_ns() - a) / 1e9 < 3", [3]),
        ("assert run.elapsed < 5", [1]),
        ("assert result and seconds <= 5 * usual", [1]),
        ("def f():\n    t = time.time()\ndef g():\n    t = 2\n    assert t == 2", []),
        ("t = perf_counter()\nprint(perf_counter() - t)", []),
        ("assert signal.time() == 5\nassert 'seconds' in table", []),
        ("assert column.is_monotonic_increasing\nassert days < 3", []),
    ],
)
def test_assertions_on_clocks_are_recognised(source: str, lines: list[int]) -> None:
    assert timed_assertions(source) == lines


# Processes of one run hand each other pickles in folders of their own that last as long as the run.
EXECUTORS = ("studies/executors.py", "flows/route_sets.py")
RUN_CODE = {"pickle", "_pickle", "cPickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}


def readers_that_run_code(source: str) -> list[str]:
    """Imports and calls by which a file that is read could run code."""
    found = []
    for node in ast.walk(ast.parse(source)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            whose = node.func.value.id if isinstance(node.func.value, ast.Name) else ""
            safe = any(
                k.arg == "allow_pickle" and isinstance(k.value, ast.Constant) and not k.value.value
                for k in node.keywords
            )
            if node.func.attr == "read_pickle" or (
                (whose, node.func.attr) in (("np", "load"), ("numpy", "load")) and not safe
            ):
                found.append(f"{node.lineno}: {node.func.attr}")
        found += [f"{node.lineno}: {n}" for n in names if n.split(".")[0] in RUN_CODE]
    return found


def test_no_file_that_is_read_can_run_code() -> None:
    found = {
        name: hits
        for path in sorted(PACKAGE.rglob("*.py"))
        if (name := path.relative_to(PACKAGE).as_posix()) not in EXECUTORS
        and (hits := readers_that_run_code(path.read_text(encoding="utf-8")))
    }
    assert not found
    for name in EXECUTORS:
        assert readers_that_run_code((PACKAGE / name).read_text(encoding="utf-8")), name


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("import pickle", 1),
        ("def f():\n    from pickle import loads", 1),
        ("import joblib.numpy_pickle", 1),
        ("np.load(path)", 1),
        ("np.load(path, allow_pickle=True)", 1),
        ("np.load(path, allow_pickle=False)\njson.load(file)", 0),
        ("pd.read_pickle(path)", 1),
    ],
)
def test_readers_that_run_code_are_recognised(source: str, count: int) -> None:
    assert len(readers_that_run_code(source)) == count

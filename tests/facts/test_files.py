"""Files of users: whatever they are, a sentence says so, and nothing waits or fills the memory."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from entrepot.assignment.tntp import read_tntp
from entrepot.cli.main import app
from entrepot.dossier import load_dossier
from entrepot.errors import BadInputError, EntrepotError, UsageError
from entrepot.facts.files import exact_path, read_bytes, read_text
from entrepot.facts.load import check_folder
from entrepot.facts.read import read_csv
from entrepot.facts.read_changes import read_changes
from entrepot.facts.world import World
from entrepot.studies.definition import find_study, parse_study
from entrepot.trade.gravity.data import read_cells
from entrepot.trade.readers.csvfile import open_csv, parse_small


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))


ODD: dict[str, tuple[Callable[[Path], object], str]] = {
    "folder": (lambda p: p.mkdir(), "a folder"),
    "pipe": (lambda p: os.mkfifo(p), "a pipe"),
    "endless device": (lambda p: p.symlink_to("/dev/zero"), "a device"),
    "nothing": (lambda p: None, "no such file"),
    "dangling link": (lambda p: p.symlink_to("gone"), "no such file"),
    "link to itself": (lambda p: p.symlink_to(p.name), "symbolic links"),
    "UTF-16": (lambda p: p.write_text("a,b\n1,2\n", encoding="utf-16"), "text in UTF-16"),
    "binary": (lambda p: p.write_bytes(b"\x7fELF\0\0\0\0"), "bytes that are not text"),
    "archive": (lambda p: p.write_bytes(b"PK\3\4\0\0\0\0"), "bytes that are not text"),
    "large": (lambda p: p.write_bytes(b"a" * 2000), "0.0 MB"),
}


@pytest.mark.parametrize("kind", ODD)
def test_odd_files_are_refused_with_a_sentence(kind: str, tmp_path: Path):
    make, told = ODD[kind]
    make(tmp_path / "odd.toml")
    with pytest.raises(BadInputError, match=told) as caught:
        read_text(tmp_path / "odd.toml", 1000)
    assert caught.value.exit_code == 3
    (finding,) = caught.value.findings
    assert finding.file == "odd.toml"


def test_a_socket_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)  # the name of a socket must be short
    _socket(Path("s"))
    with pytest.raises(BadInputError):
        read_bytes(Path("s"))


def test_text_comes_as_it_is(tmp_path: Path):
    path = tmp_path / "a.toml"
    path.write_bytes("\ufeffü = 1\r\nb = 2\r".encode())
    assert read_text(path) == "ü = 1\nb = 2\n"
    path.write_bytes(b"a\nb\xff\n")
    with pytest.raises(BadInputError, match="byte 0xff") as caught:
        read_text(path)
    assert caught.value.findings[0].row == 2
    assert read_text(path, errors="replace") == "a\nb\ufffd\n"
    assert read_bytes(path, 5) == b"a\nb\xff\n"
    with pytest.raises(BadInputError):
        read_bytes(path, 4)


@pytest.mark.parametrize("kind", [k for k in ODD if k not in ("nothing", "large")])
@pytest.mark.parametrize("name", ["nodes.csv", "world.toml"])
def test_odd_files_of_a_world_are_faults(kind: str, name: str, tmp_path: Path):
    if name == "world.toml" and kind in ("dangling link", "link to itself"):
        pytest.skip("as if it were not there")
    ODD[kind][0](tmp_path / name)
    assert [f.file for f in check_folder(tmp_path)][:1] == [name]
    assert ODD[kind][1] in check_folder(tmp_path)[0].found


@pytest.mark.parametrize("kind", [k for k in ODD if k not in ("nothing", "large")])
@pytest.mark.parametrize("name", ["dossier.toml", "more.toml", "texts/a.txt"])
def test_odd_files_of_a_dossier_are_faults(kind: str, name: str, tmp_path: Path, shipped: World):
    if name == "dossier.toml" and kind in ("dangling link", "link to itself"):
        pytest.skip("as if it were not there")
    (tmp_path / "texts").mkdir()
    ODD[kind][0](tmp_path / name)
    with pytest.raises(BadInputError, match=ODD[kind][1]):
        load_dossier(tmp_path, shipped)


@pytest.mark.parametrize("kind", [k for k in ODD if k != "large"])
@pytest.mark.parametrize(
    "read",
    [
        lambda p: find_study(str(p)),
        lambda p: read_tntp(p, p),
        lambda p: open_csv(p),
        lambda p: read_cells(p, ["trade"], []),
    ],
)
def test_odd_files_of_commands_are_errors_of_use_or_of_data(
    kind: str, read: Callable[[Path], object], tmp_path: Path
):
    ODD[kind][0](tmp_path / "odd.toml")
    with pytest.raises(EntrepotError) as caught:
        read(tmp_path / "odd.toml")
    assert caught.value.exit_code in (2, 3)


@pytest.mark.parametrize("kind", [k for k in ODD if k != "large"])
@pytest.mark.parametrize("command", ["check", "read"])
def test_odd_texts_are_refused(kind: str, command: str, tmp_path: Path):
    ODD[kind][0](tmp_path / "odd.txt")
    done = CliRunner().invoke(app, ["dossier", command, str(tmp_path / "odd.txt")])
    assert isinstance(done.exception, UsageError | BadInputError)


def test_a_table_beyond_the_budget_is_a_fault(tmp_path: Path):
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    assert read_csv(tmp_path / "a.csv", 8)[1] == []
    cells, findings = read_csv(tmp_path / "a.csv", 7)
    assert cells == {}
    assert [f.file for f in findings] == ["a.csv"]


def test_a_packed_table_that_grows_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    import gzip

    from entrepot.trade.readers import csvfile

    monkeypatch.setattr(csvfile, "MOST_TABLE", 10_000)
    (tmp_path / "a.csv").write_bytes(gzip.compress(b"a,b\n" + b"1,2\n" * 10_000))
    with pytest.raises(BadInputError, match="at most 10,000 characters"):
        parse_small(tmp_path / "a.csv")


@pytest.mark.parametrize("read", [lambda t: parse_study(t, "a.toml"), read_changes])
def test_toml_nested_too_deeply_is_bad_data(read: Callable[[str], object]):
    with pytest.raises(BadInputError):
        read("a = " + "[" * 100_000 + "]" * 100_000)


NAMES = ["x[1].parquet", "*.parquet", "?.parquet", "[a-z].parquet", "a{b,c}.parquet",
         "year=5/a.parquet", "trade=5/a.parquet", "it's.parquet", "~/a.parquet", "é ü.parquet"]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("format", ["parquet", "csv"])
def test_names_of_files_are_no_patterns(
    name: str, format: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Files that a pattern would find beside the one that is named are not read."""
    monkeypatch.chdir(tmp_path)
    path = Path(name).with_suffix(f".{format}")
    path.parent.mkdir(parents=True, exist_ok=True)
    copy = "COPY (SELECT {} AS trade) TO '{}' (FORMAT {})"
    for other in ("x1", "a", "b", "ab", "ac"):
        beside = path.parent / f"{other}.{format}"
        duckdb.execute(copy.format(1, beside, format))
    duckdb.execute(copy.format(2, tmp_path / "own", format))
    (tmp_path / "own").replace(path)
    found = read_cells(path, ["trade"], ["year"])
    assert found.numbers["trade"].tolist() == [2.0]
    assert found.known == ("trade",)


def test_a_path_is_absolute_so_that_no_host_is_meant():
    assert os.path.isabs(exact_path(Path("http:/example.org/a.parquet")))
    assert os.path.isabs(exact_path(Path("~/a.parquet")))

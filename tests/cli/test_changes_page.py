"""Every example of docs/changes.md: TOML, command line and Python say the same, and it can be made."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import entrepot as ep
from entrepot.cli.main import app
from entrepot.facts.change import Change, apply
from entrepot.facts.load import load_world
from entrepot.facts.read_changes import read_changes

PAGE = Path(__file__).resolve().parents[2] / "docs" / "changes.md"
SECTIONS = re.findall(
    r"## (.+?)\n.*?```toml\n(.*?)```\n```sh\n(.*?)```\n```python\n(.*?)```",
    PAGE.read_text(encoding="utf-8"),
    re.DOTALL,
)


class Asked(Exception):
    """What a command would have asked."""

    def __init__(self, changes: tuple[Change, ...]) -> None:
        super().__init__()
        self.changes = changes


def bare(changes: tuple[Change, ...]) -> list[Change]:
    return [replace(c, reason="") for c in changes]


def test_the_page_has_every_difference() -> None:
    assert len(SECTIONS) == 12
    tables = {read_changes(toml)[0].table for _, toml, _, _ in SECTIONS}
    assert tables == {
        "border_crossings", "links", "passage_rules", "tariffs", "payment_friction", "trade_costs",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("toml", "words", "python"), [s[1:] for s in SECTIONS], ids=[s[0] for s in SECTIONS]
)
def test_an_example(
    toml: str, words: str, python: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def asked(engine: object, changes: Sequence[Change], pair: object, **options: Any) -> None:
        raise Asked(tuple(changes))

    written = read_changes(toml)
    assert bare(written) == [eval(python, {"ep": ep})]
    monkeypatch.setattr("entrepot.what_if", asked, raising=False)
    monkeypatch.chdir(tmp_path)
    for file in re.findall(r"\w+\.toml", words):
        (tmp_path / file).write_text(toml, encoding="utf-8")
    done = CliRunner().invoke(app, shlex.split(words)[1:])
    assert isinstance(done.exception, Asked), done.output
    assert bare(done.exception.changes) == bare(written)
    world = load_world()
    changed = apply(world, written)
    flows = {"tariffs", "payment_friction", "trade_costs"}
    assert (changed.hash != world.hash) == (written[0].table not in flows)

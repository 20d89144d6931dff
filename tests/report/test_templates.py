"""Pages are made by templates that escape: no other code writes HTML, and no text from data becomes part of it."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import UndefinedError
from markupsafe import Markup

from entrepot.answers.run import Run
from entrepot.report.charts.svg import tag
from entrepot.report.pages.page import CONTROL, render
from entrepot.report.tables import value
from entrepot.report.templates import environment, fill
from entrepot.report.words import is_web_address, words
from tests.report.test_page import DECLARED, Reader

MARKUP = re.compile(r"</?[A-Za-z]|<!")
# What may call the constructor of text that is not escaped again.
MAKERS = {"templates.py", "charts/svg.py"}
# Uses of the filter that turns escaping off: template and the line it stands in.
UNESCAPED: set[tuple[str, str]] = set()
# Columns whose texts choose what a section shows.
CODES = {
    "status", "mode", "element", "acts", "value_kind", "unit", "indicator", "product", "period",
    "target", "kind", "measure", "commodity", "scenario", "figure", "theme", "verdict", "objective",
    "scope", "parameter", "part", "lever",
}  # fmt: skip
# Columns of texts that no code compares with others.
PROSE = {
    "title",
    "note",
    "message",
    "effect",
    "reason",
    "text",
    "why_not",
    "description",
    "publisher",
}
PIECES = (
    "<script>alert(1)</script>", "</script>", "</style>", "</title>", "</svg>", "</td></tr></table>",
    "<img src=x onerror=alert(1)>", "<svg/onload=alert(2)>", "<!--", "-->", "]]>", "<!doctype html>",
    '"', "'", "`", "&", "&lt;", "&#60;script&#62;", '" onmouseover="alert(3)', "javascript:alert(4)",
    "{{ 7 * 7 }}", "{% raw %}", "{# a #}", "\x00", "\x08", "\x0b", "\x1b[2J", "\x7f", "\x85", "\u202e", "a",
)  # fmt: skip
NASTY = st.lists(st.sampled_from(PIECES), min_size=1, max_size=8).map("".join)
# Everything that means something to HTML, to templates or to terminals.
MEANING = re.compile(r"[<>\"'`&#{}%=\x00-\x1f\x7f-\x9f\u202e]")


@pytest.fixture(scope="module")
def report(root: Path) -> Path:
    return root / "src" / "entrepot" / "report"


def test_no_code_but_that_of_charts_writes_an_element(report: Path) -> None:
    found = [
        f"{file.relative_to(report)}:{node.lineno}: {node.value[:40]}"
        for file in report.rglob("*.py")
        if "charts" not in file.parts
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and MARKUP.search(node.value)
    ]
    assert not found


def test_text_is_declared_to_be_markup_in_two_places_only(report: Path) -> None:
    callers = {
        str(file.relative_to(report).as_posix())
        for file in report.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "Markup"
    }
    assert callers == MAKERS


def test_no_template_turns_escaping_off(report: Path) -> None:
    found = {
        (file.name, line.strip())
        for file in (report / "templates").iterdir()
        for line in file.read_text(encoding="utf-8").splitlines()
        if re.search(r"\|\s*safe\b|\{%-?\s*autoescape|\bMarkup\b", line)
    }
    assert found == UNESCAPED


def test_every_template_is_used_and_sound(report: Path) -> None:
    texts = [
        p.read_text(encoding="utf-8") for p in report.rglob("*") if p.suffix in (".py", ".html")
    ]
    for name in environment().list_templates():
        environment().get_template(name)
        assert any(f'"{name}"' in text for text in texts), name


def test_a_name_that_a_template_does_not_know_is_a_fault() -> None:
    with pytest.raises(UndefinedError, match="sentences"):
        fill("summary.html", many="one sentence")


@given(NASTY)
def test_numbers_lists_and_elements_escape_what_they_are_given(text: str) -> None:
    for made in (
        value(text, text),
        words([text, value("a", "1"), text]),
        tag("text", text, x=1.0, title=text),
    ):
        assert isinstance(made, Markup)
        read = Reader(CONTROL.sub("", str(made)))
        assert {name for name, _ in read.tags} <= {"span", "text"}
        assert {a for _, given in read.tags for a in given} <= {"data-id", "title", "x"}
        assert read.open == []


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("https://a.example/b?c=d&e=f", True),
        ("http://a.example", True),
        ("javascript:alert(1)", False),
        (" https://a.example", False),
        ("https://a.example/\x00", False),
        ('https://a.example/" onclick="x', False),
        ("data:text/html,x", False),
        ("", False),
    ],
)
def test_only_web_addresses_become_links(url: str, may: bool) -> None:
    assert is_web_address(url) is may


def written(run: Run, change: Callable[[str], str]) -> Run:
    """The run with every free text of its tables and its manifest changed; kept in memory."""

    def named(found: str) -> str:
        """A name or an id; a star stands for all, and pandas tells no two texts apart after a zero byte."""
        return found if found == "*" else change(found).replace("\x00", "x")

    def deep(found: Any) -> Any:
        if isinstance(found, str):
            return change(found)
        if isinstance(found, list):
            return [deep(v) for v in found]
        return {k: deep(v) for k, v in found.items()} if isinstance(found, dict) else found

    free = {k: v for k, v in run.manifest.items() if k not in ("tables", "pair", "promises")}
    manifest = run.manifest | deep(free) | {"pair": [named(v) for v in run.manifest["pair"]]}
    made = Run(run.folder, manifest)
    for name in run.manifest["tables"]:
        data = run.table(name)
        for column in DECLARED[name].columns:
            if column.name not in data or column.name in CODES:
                continue
            if column.name == "url":  # no text that is changed stays the address of a page
                data["url"] = [change("javascript:" + str(v)) for v in data["url"]]
            elif column.type in ("id", "text"):
                turn = change if column.name in PROSE else named
                data[column.name] = [turn(str(v)) for v in data[column.name]]
            elif column.type == "list" and column.name not in ("modes", "parties"):
                data[column.name] = [tuple(map(change, cell)) for cell in data[column.name]]
        made._read[name] = data.head(300) if name == "land_outline" else data
    return made


def structure(page: str) -> list[tuple[str, tuple[str, ...]]]:
    """Elements in their order, each with the names of its attributes."""
    read = Reader(page)
    assert read.open == []
    for name, attributes in read.tags:
        assert name != "script"
        assert not any(a.startswith("on") for a in attributes)
        if "href" in attributes:
            assert re.match(r"https?://|#", attributes["href"] or "")
    return [(name, tuple(attributes)) for name, attributes in read.tags]


@settings(max_examples=8, deadline=None)
@given(text=NASTY)
def test_no_element_and_no_attribute_comes_from_data(promised: Run, text: str) -> None:
    """The page has the elements of the same page with harmless letters in place of what means something."""
    harmless = MEANING.sub("x", text)
    page = render(written(promised, lambda found: found + text))
    assert structure(page) == structure(render(written(promised, lambda found: found + harmless)))
    assert not CONTROL.search(page)
    if "<script" in text:
        assert page.count("&lt;script&gt;") > 100


def test_the_page_would_show_an_element_from_data(promised: Run) -> None:
    """What the test above compares does tell a page with one more element apart."""
    clean = render(written(promised, lambda found: found))
    assert structure(clean.replace("</h1>", "<b></b></h1>")) != structure(clean)


def test_a_validation_row_named_like_an_element_stays_text(promised: Run) -> None:
    """Names of benchmarks stand in the tooltips of a chart too."""
    run = written(promised, lambda found: found)
    rows: pd.DataFrame = run._read["validation"]
    rows["id"] = "<b>row</b>"
    page = render(run)
    assert "<b>" not in page
    assert page.count("&lt;b&gt;row&lt;/b&gt;") >= 2 * len(rows[rows["status"] == "scored"]) > 0


def test_no_function_of_the_report_takes_more_than_six_arguments(report: Path) -> None:
    found = [
        f"{file.name}: {node.name}"
        for file in report.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
        and len(node.args.posonlyargs + node.args.args + node.args.kwonlyargs) > 6
    ]
    assert not found

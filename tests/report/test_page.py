from __future__ import annotations

import ast
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from entrepot.answers.run import Run, write_run
from entrepot.errors import BadInputError
from entrepot.report.pages.page import render, write_report
from entrepot.report.ranges import MONTHS
from entrepot.report.sections.summary import SECTIONS
from entrepot.schema.table import load_schema

UNITS = {"%": 0.01, "kt": 1e3, "Mt": 1e6, "billion": 1e3}
VOID = {"meta", "br", "link", "img", "input", "hr"}
DECLARED = {**load_schema("tables"), **load_schema("results")}


class Reader(HTMLParser):
    """Tags, their attributes, and whether they are closed in order."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.numbers: dict[str, str] = {}
        self.words: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)
        number = dict(self.tags[-1][1]).get("data-id") if self.tags else None
        if number and self.open and self.open[-1] == "span":
            self.numbers[number] = data


@pytest.fixture(scope="module")
def read(page: str) -> Reader:
    return Reader(page)


def test_every_element_is_closed_in_order(read: Reader):
    assert read.open == []


BARE = ["trade", "routes", "parts", "between", "quality", "sources"]
FULL = [
    "trade", "routes", "parts", "between", "answering", "promises", "target", "partners", "claims",
    "quality", "sources",
]  # fmt: skip


def both_runs(request: pytest.FixtureRequest, name: str) -> tuple[Run, str]:
    """A saved run and its page."""
    run: Run = request.getfixturevalue(name)
    return run, (run.folder / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "anchors"), [("saved", BARE), ("promised", FULL)])
def test_every_section_is_there_and_in_the_contents(
    name: str, anchors: list[str], request: pytest.FixtureRequest
):
    run, page = both_runs(request, name)
    assert re.findall(r'<section id="(\w+)">', page) == anchors
    titles = {a: t if isinstance(t, str) else t(run) for a, t, _ in SECTIONS}
    assert [a for a in titles if a in anchors] == anchors
    assert list(titles) == FULL
    for anchor in anchors:
        assert f'<section id="{anchor}"><h2>{titles[anchor]}</h2>' in page
        assert f'<a href="#{anchor}">{titles[anchor]}</a>' in page


def test_nothing_is_fetched_from_outside(read: Reader, page: str):
    for tag, attributes in read.tags:
        assert tag not in ("script", "iframe", "object", "embed", "link", "img", "base", "form")
        for name, content in attributes.items():
            assert not name.startswith("on")
            if name in ("src", "href", "srcset", "poster", "action"):
                assert tag == "a"
                assert re.match(r"(https?://|#)", content or "")
    assert not re.search(r"url\(|@import|@font-face", page)
    policy = next(a["content"] for t, a in read.tags if "http-equiv" in a)
    assert "default-src 'none'" in str(policy)
    assert "script-src" not in str(policy)


def test_links_tell_nobody_where_they_were_followed(read: Reader):
    outside = [a for t, a in read.tags if t == "a" and not str(a["href"]).startswith("#")]
    assert outside
    assert all("noreferrer" in str(a["rel"]) for a in outside)


def test_each_drawing_has_a_title_and_is_sound(page: str):
    drawings = re.findall(r"<svg viewBox.*?</svg>(?=<figcaption)", page, re.S)
    assert len(drawings) >= 2 + 2 * 3 + 3
    for drawing in drawings:
        root = ET.fromstring(drawing)
        assert root.attrib["role"] == "img"
        title = root.find("{http://www.w3.org/2000/svg}title")
        assert title is not None
        assert title.text
        assert not re.search(r"\bnan\b|\binf\b", drawing)


def cell(run: Run, number: str) -> list[object]:
    """The cells a number's id names: table/key/column, where keys or columns joined by + add up."""
    table, _, rest = number.partition("/")
    key, _, columns = rest.rpartition("/")
    data = run.table(table)
    if table in ("routes", "legs"):  # the id of a route holds a stroke itself
        route, leg = (key.rsplit("/", 1)) if table == "legs" else (key, None)
        rows = data[data["route_id"] == route]
        rows = rows[rows["leg"] == int(leg)] if leg else rows
    else:
        keys = [c.name for c in DECLARED[table].columns if c.is_key]
        parts = key.split(",") if len(keys) > 1 else [key]
        if len(keys) == 1 and "+" in key:
            rows = data[data[keys[0]].astype(str).isin(key.split("+"))]
            assert len(rows) == key.count("+") + 1, number
            return list(rows[columns])
        rows = data
        for name, part in zip(keys, parts, strict=True):
            rows = rows[rows[name].astype(str) == part]
    assert len(rows) == 1, number
    return [rows.iloc[0][c] for c in columns.split("+")]


def told(shown: str, unit: str) -> tuple[float, float]:
    """What a shown number says in the unit of its cell, and how far off it may be."""
    shown = shown.strip()
    draws = re.fullmatch(r"(\d+) of (\d+) draws", shown.replace(",", ""))
    if draws:
        return int(draws[1]) / int(draws[2]), 0.51 / int(draws[2])
    date = re.fullmatch(rf"({'|'.join(MONTHS)}) (\d{{4}})", shown)
    if date:
        return int(date[2]) + (MONTHS.index(date[1]) + 0.5) / 12, 0.51 / 12
    first = re.match(r"-?[\d,]*\.?\d+", shown)
    assert first, shown
    scale = next((u for word, u in UNITS.items() if shown.endswith(word)), 1.0)
    if unit == "%" and shown.endswith("%"):  # the cell is in per cent itself
        scale = 1.0
    if unit.startswith("Mt") and shown.endswith(("kt", "Mt")):
        scale /= 1e6
    digits = len(first[0].partition(".")[2])
    return float(first[0].replace(",", "")) * scale, 0.51 * scale * 10**-digits


def unit_of(run: Run, number: str) -> str:
    """The declared unit of a cell, or that of its row."""
    table, _, rest = number.partition("/")
    key, _, columns = rest.rpartition("/")
    unit = next(c.unit for c in DECLARED[table].columns if c.name == columns.partition("+")[0])
    if unit == "see unit" and table == "claim_checks":
        own = run.table(table).set_index("claim_id").at[key, "unit"]
        return "%" if own == "percent" else str(own)
    return unit


@pytest.mark.parametrize(("name", "least"), [("saved", 200), ("promised", 300)])
def test_each_number_can_be_traced_to_its_cell(
    name: str, least: int, request: pytest.FixtureRequest
):
    run, page = both_runs(request, name)
    numbers = Reader(page).numbers
    assert len(numbers) > least
    for number, shown in numbers.items():
        known = sum(float(str(v)) for v in cell(run, number))
        value, room = told(shown, unit_of(run, number))
        assert value == pytest.approx(known, abs=room), (number, shown)


def test_ranges_go_with_days_and_prices(read: Reader, saved: Run):
    for route in saved.table("routes").itertuples(index=False):
        for column in ("days_p50", "usd_per_unit_p50"):
            shown = read.numbers[f"routes/{route.route_id}/{column}"]
            middle, low, high = (
                float(n.replace(",", "")) for n in re.findall(r"[\d,]*\.?\d+", shown)[:3]
            )
            assert low <= middle <= high


def test_all_published_figures_are_shown(page: str, saved: Run):
    series = saved.table("bilateral_series")
    turnover = series[
        (series["indicator"] == "turnover")
        & (series["unit"] == "MUSD")
        & (series["product"] == "all")
        & series["value"].notna()
    ]
    shown = set(re.findall(r'data-id="bilateral_series/([^/]+)/value"', page))
    several = turnover["period"].str.contains("years|cumulative")
    assert set(turnover.loc[~several, "series_id"]) == shown


def test_targets_are_called_targets_and_never_forecasts(page: str):
    assert "A target is a wish with a number, not a forecast" in page
    chart = page[page.index("Published trade of") :]
    assert re.search(r"target 3,000, stated in 20\d\d", chart)
    assert "official target, not a forecast" in chart


def test_legal_flags_cannot_be_missed(page: str, saved: Run):
    flags = {f for cell in saved.table("routes")["legal_flags"] for f in cell}
    assert flags
    for flag in flags:
        words, _, date = flag.removesuffix(")").partition(" (as of ")
        place, _, regimes = words.rpartition(": ")
        row = f"<td>{place.replace('_', ' ')}</td><td>{regimes}</td><td>{date}</td>"
        assert row in page
    assert "information for planning, not advice" in page


def test_a_closed_way_says_which_rule_shut_it(page: str, saved: Run):
    queries = saved.table("queries").set_index("query_id")
    assert queries.at["fruit", "status"] == "closed"
    assert str(queries.at["fruit", "message"]) in page
    closing = saved.table("rules_in_force").query("query_id == 'fruit' and acts == 'closes'")
    assert len(closing)
    assert all(rule in page for rule in closing["rule_id"])


def test_sources_used_are_listed_with_links(page: str, saved: Run):
    sources = saved.table("sources")
    assert len(sources) > 20
    for source in sources[sources["url"].str.startswith("https://")].itertuples(index=False):
        assert f'href="{source.url.replace("&", "&amp;")}"' in page


def test_words_of_the_study_are_in_the_page(page: str):
    for words in (
        "Almaty and Tehran",
        "How do goods go?",
        "A note on trade.",
        "A limit of this study.",
    ):
        assert words in page
    assert "imply no position" in page


NASTY = "<script>alert(1)</script>\"'&<svg/onload=alert(2)>"


def poisoned(saved: Run) -> tuple[dict[str, pd.DataFrame], dict[str, object]]:
    """The run with something nasty in every text that is free."""
    kept = {
        "status",
        "by",
        "on",
        "mode",
        "element",
        "acts",
        "value_kind",
        "unit",
        "indicator",
        "product",
        "period",
        "target",
        "kind",
        "measure",
        "commodity",
        "scenario",
        "figure",
        "theme",
        "verdict",
        "objective",
        "scope",
        "parameter",
    }
    tables = {}
    for name in saved.manifest["tables"]:
        data = saved.table(name)
        for column in DECLARED[name].columns:
            if column.type == "text" and column.name not in kept:
                data[column.name] = data[column.name].astype(str) + NASTY
            if column.type == "list" and column.name not in ("modes", "parties"):
                data[column.name] = [
                    tuple(str(v) + NASTY for v in cell) for cell in data[column.name]
                ]
        tables[name] = data
    manifest = {k: v for k, v in saved.manifest.items() if k != "tables"}
    for key in ("title", "question", "study", "made"):
        manifest[key] = str(manifest[key]) + NASTY
    for key in ("trade_notes", "limits", "pair_names"):
        manifest[key] = [v + NASTY for v in manifest[key]]
    manifest["world"] = {
        k: v + NASTY if isinstance(v, str) else v for k, v in manifest["world"].items()
    }
    return tables, manifest


@pytest.mark.parametrize("name", ["saved", "promised"])
def test_text_from_data_never_becomes_markup(
    name: str, tmp_path: Path, request: pytest.FixtureRequest
):
    tables, manifest = poisoned(request.getfixturevalue(name))
    page = render(write_run(tmp_path / "run", tables, manifest))
    read = Reader(page)
    assert page.count("&lt;script&gt;") > 100
    assert "<script" not in page
    assert "<svg/" not in page
    assert not [a for _, a in read.tags if any(name.startswith("on") for name in a)]
    assert read.open == []


def test_a_link_that_is_no_web_address_stays_text(saved: Run, tmp_path: Path):
    tables = {name: saved.table(name) for name in saved.manifest["tables"]}
    tables["sources"]["url"] = "javascript:alert(1)"
    page = render(write_run(tmp_path / "run", tables, saved.manifest))
    assert 'href="javascript' not in page


def test_a_run_without_validation_or_figures_still_has_a_page(saved: Run, tmp_path: Path):
    tables = {n: saved.table(n) for n in saved.manifest["tables"] if "validation" not in n}
    tables["bilateral_series"] = tables["bilateral_series"].head(0)
    tables["commitments"] = tables["commitments"].head(0)
    page = render(write_run(tmp_path / "run", tables, saved.manifest))
    assert Reader(page).open == []
    assert 'id="quality"' not in page
    assert 'id="trade"' not in page
    assert 'id="routes"' in page


def test_a_run_without_trade_has_no_section_on_it(saved: Run, tmp_path: Path):
    tables = {n: saved.table(n) for n in saved.manifest["tables"] if not n.startswith("trade_")}
    page = render(write_run(tmp_path / "run", tables, saved.manifest))
    assert Reader(page).open == []
    assert 'id="between"' not in page


def test_what_stands_between_is_told_with_ranges_and_cautions(page: str, saved: Run):
    section = page[page.index('<section id="between">') : page.index('<section id="quality">')]
    section = " ".join(section.split())
    assert "What stands between 340 million USD and 3 billion USD" in section
    assert "not a forecast" in section
    assert "Nothing here says that a part will fall" in section
    assert "what the two do not trade today stays at zero" in section
    assert re.search(r"is reached in .*%.*\sof the draws", page[: page.index("<section")])
    levers = saved.table("trade_levers")
    asked = set(zip(levers["lever"], levers["cut"].astype(str), strict=True))
    shown = {tuple(i.split(",")) for i in re.findall(r'data-id="trade_levers/([^/]+)/', section)}
    assert shown == asked


def test_a_run_with_every_way_closed_still_has_a_page(saved: Run, tmp_path: Path):
    tables = {n: saved.table(n) for n in saved.manifest["tables"]}
    tables["queries"] = tables["queries"].query("query_id == 'fruit'")
    for name in ("routes", "legs", "route_points"):
        tables[name] = tables[name].head(0)
    page = render(write_run(tmp_path / "run", tables, saved.manifest))
    assert Reader(page).open == []
    assert "IR_FD_01" in page


def test_a_run_that_was_changed_gets_no_report(saved: Run, tmp_path: Path):
    tables = {n: saved.table(n) for n in saved.manifest["tables"]}
    run = write_run(tmp_path / "run", tables, saved.manifest)
    (run.folder / "legs.parquet").write_bytes(b"")
    with pytest.raises(BadInputError, match="legs"):
        write_report(run.folder)


def test_the_report_is_the_same_each_time(saved: Run, page: str):
    assert render(saved) == page


def test_the_report_reads_runs_only(root: Path):
    banned = {"flows", "cost", "network", "facts", "questions", "kernels"}
    for file in (root / "src" / "entrepot" / "report").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("entrepot."):
                assert str(node.module).split(".")[1] not in banned, file.name

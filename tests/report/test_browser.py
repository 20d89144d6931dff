"""The report in a real browser: Debian's Chromium, without network."""

from __future__ import annotations

import base64
import io
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

pypdf = pytest.importorskip("pypdf")
webdriver = pytest.importorskip("selenium.webdriver")
if TYPE_CHECKING:
    from selenium.webdriver import Chrome

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="needs chromium and chromedriver"),
]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(str(DRIVER)))
    yield driver
    driver.quit()


def opened(browser: Chrome, file: Path, width: int) -> None:
    screen = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    browser.get(file.as_uri())


@pytest.mark.parametrize("width", [360, 768, 1200])
def test_the_page_fits_its_screen(browser: Chrome, report_file: Path, width: int):
    opened(browser, report_file, width)
    wide, screen = browser.execute_script(
        "document.querySelectorAll('details').forEach(d => d.open = true);"
        "return [document.documentElement.scrollWidth, window.innerWidth]"
    )
    assert screen == width
    assert wide <= width


def test_labels_can_be_read_on_a_phone(browser: Chrome, report_file: Path):
    opened(browser, report_file, 360)
    heights = browser.execute_script(
        "return [...document.querySelectorAll('figure svg text')]"
        ".map(t => t.getBoundingClientRect().height)"
    )
    assert len(heights) > 100
    assert min(heights) > 8


@pytest.mark.parametrize("width", [360, 1200])
def test_names_on_a_map_do_not_cover_each_other(browser: Chrome, report_file: Path, width: int):
    opened(browser, report_file, width)
    covered = browser.execute_script(
        """
        const out = [];
        for (const svg of document.querySelectorAll('#routes figure > svg')) {
          const names = [...svg.querySelectorAll('text')].map(t => [t.textContent, t.getBBox()]);
          names.forEach(([a, p], i) => names.slice(i + 1).forEach(([b, q]) => {
            const wide = Math.min(p.x + p.width, q.x + q.width) - Math.max(p.x, q.x);
            const tall = Math.min(p.y + p.height, q.y + q.height) - Math.max(p.y, q.y);
            if (wide > 2 && tall > 4) out.push(a + ' / ' + b);
          }));
        }
        return out;
        """
    )
    assert covered == []


def test_no_drawing_is_cut_off(browser: Chrome, report_file: Path):
    opened(browser, report_file, 1200)
    outside = browser.execute_script(
        """
        const out = [];
        for (const svg of document.querySelectorAll('figure > svg')) {
          const box = svg.viewBox.baseVal;
          for (const t of svg.querySelectorAll('text')) {
            const p = t.getBBox();
            if (p.x < -1 || p.y < -1 || p.x + p.width > box.width + 1
                || p.y + p.height > box.height + 3) out.push(t.textContent);
          }
        }
        return out;
        """
    )
    assert outside == []


def test_nothing_is_asked_of_the_network_and_nothing_is_complained_of(
    browser: Chrome, report_file: Path
):
    browser.get_log("performance")
    opened(browser, report_file, 1200)
    asked = [
        entry["message"]
        for entry in browser.get_log("performance")
        if "Network.requestWillBeSent" in entry["message"] and '"url":"http' in entry["message"]
    ]
    assert asked == []
    assert browser.get_log("browser") == []


def test_it_prints_on_a4_from_the_first_page_on(browser: Chrome, report_file: Path):
    opened(browser, report_file, 1200)
    printed = browser.execute_cdp_cmd(
        "Page.printToPDF", {"preferCSSPageSize": True, "printBackground": True}
    )
    pages = pypdf.PdfReader(io.BytesIO(base64.b64decode(printed["data"]))).pages
    assert len(pages) > 1
    assert [round(float(v)) for v in pages[0].mediabox[2:]] == [595, 842]
    words = [page.extract_text() for page in pages]
    assert "Almaty and Tehran" in words[0]
    assert all(len(text) > 20 for text in words)
    paper = " ".join(" ".join(words).split())
    assert "information for planning, not advice" in paper  # unfolded on paper
    assert "further notice" in paper  # the words of the rule that shuts the way


def test_a_screenshot_is_not_blank(browser: Chrome, report_file: Path, tmp_path: Path):
    for width in (360, 1200):
        opened(browser, report_file, width)
        picture = browser.get_screenshot_as_png()
        assert len(picture) > 20_000
        (tmp_path / f"{width}.png").write_bytes(picture)

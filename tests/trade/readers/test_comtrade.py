"""UN Comtrade: who reports, re-exports, totals beside their parts."""

from __future__ import annotations

from pathlib import Path

import pytest

from entrepot.trade.readers import read_flows
from tests.trade.readers.files import (
    COMTRADE,
    LEGACY,
    cells,
    comtrade_row,
    fault,
    left_out,
    legacy_row,
    note_on,
    told,
    write,
)

KAZ, IRN, RUS, WORLD = 398, 364, 643, 0


def test_the_importer_goes_first(tmp_path: Path) -> None:
    """Kazakhstan says it bought for 12, Iran that it sold for 10; of Russia only it tells."""
    path = write(
        tmp_path,
        COMTRADE
        + comtrade_row(KAZ, "M", IRN, "08", 12e6, kg="4000")
        + comtrade_row(IRN, "X", KAZ, "08", 7e6)
        + comtrade_row(IRN, "X", KAZ, "10", 3e6)
        + comtrade_row(RUS, "X", KAZ, "10", 5e6, kg="0"),
    )
    flows = read_flows(path)
    assert cells(flows) == {("08", "IRN", "KAZ"): 12.0, ("10", "RUS", "KAZ"): 5.0}
    assert flows.table["tonnes"].tolist()[0] == 4.0
    assert flows.table["tonnes"].isna().tolist() == [False, True]  # zero kilograms say nothing
    [(text, (rows, value))] = left_out(flows).items()
    assert text == "exporters' reports (fob) where there are importers' reports (cif)"
    assert (rows, value) == (2, 10.0)
    assert note_on(flows, "1 pair by importers' reports (cif)").value_musd == 12.0
    assert note_on(flows, "for want of the other").value_musd == 5.0
    assert "importers 12, exporters 10 million USD" in told(flows)
    other = read_flows(path, prefer="exporter")
    assert cells(other) == {
        ("08", "IRN", "KAZ"): 7.0,
        ("10", "IRN", "KAZ"): 3.0,
        ("10", "RUS", "KAZ"): 5.0,
    }


def test_flows_that_others_hold_are_left_out(tmp_path: Path) -> None:
    content = COMTRADE + comtrade_row(IRN, "X", KAZ, "10", 10e6)
    for flow in ("RX", "RM", "DX", "FM", "MIP", "XOP"):
        content += comtrade_row(IRN, flow, KAZ, "10", 1e6)
    flows = read_flows(write(tmp_path, content))
    assert flows.total_musd == 10.0
    assert left_out(flows) == {
        "re-exports, which exports hold": (1, 1.0),
        "re-imports, which imports hold": (1, 1.0),
        "domestic exports, which exports hold": (1, 1.0),
        "foreign imports, which imports hold": (1, 1.0),
        "a customs procedure, which imports or exports hold": (2, 2.0),
    }


MIXED = COMTRADE + "".join(
    comtrade_row(KAZ, "M", IRN, code, usd)
    for code, usd in (
        ("TOTAL", 100e6),
        ("27", 60e6),
        ("2709", 50e6),
        ("270900", 50e6),
        ("10", 30e6),
        ("1001", 29e6),
    )
)


@pytest.mark.parametrize(
    ("products", "expected"),
    [
        ("all", {"all": 100.0}),
        ("HS2", {"27": 60.0, "10": 30.0}),
        ("HS4", {"2709": 50.0, "1001": 29.0}),
        ("HS6", {"270900": 50.0}),
        ({"27": "fuel"}, {"fuel": 60.0}),
        ({"2709": "oil", "27": "fuel"}, {"oil": 50.0}),
    ],
)
def test_a_total_and_its_parts_count_once(
    tmp_path: Path, products: object, expected: dict[str, float]
) -> None:
    """TOTAL 100 = 27: 60 (2709: 50, 270900: 50) + 10: 30 (1001: 29) + a part not told."""
    flows = read_flows(write(tmp_path, MIXED), products=products)  # type: ignore[arg-type]
    assert {s: v for (s, _, _), v in cells(flows).items()} == expected
    assert flows.used + sum(n.rows for n in flows.left_out) == 6
    assert flows.total_musd + sum(n.value_musd for n in flows.left_out) == pytest.approx(319.0)


def test_what_is_not_told_in_detail_is_named(tmp_path: Path) -> None:
    content = MIXED + comtrade_row(RUS, "M", IRN, "TOTAL", 40e6)
    notes = left_out(read_flows(write(tmp_path, content), products="HS4"))
    assert notes["products not told in enough detail"] == (1, 40.0)
    assert notes["sums of products that are told in more detail"] == (3, 190.0)
    assert notes["products that a broader code of the same flow holds"] == (1, 50.0)


def test_partners_that_are_no_country(tmp_path: Path) -> None:
    content = COMTRADE + "".join(
        comtrade_row(KAZ, "M", partner, "10", usd)
        for partner, usd in ((WORLD, 100e6), (IRN, 60e6), (899, 30e6), (97, 20e6), (KAZ, 10e6))
    )
    flows = read_flows(write(tmp_path, content))
    assert flows.total_musd == 60.0
    assert left_out(flows) == {
        "totals of other rows: 0 World, 97 European Union": (2, 120.0),
        "partners that are not countries: 899 Areas, nes": (1, 30.0),
        "a country with itself": (1, 10.0),
    }


def test_parts_by_transport_give_way_to_the_whole(tmp_path: Path) -> None:
    whole = comtrade_row(KAZ, "M", IRN, "10", 10e6)
    parts = "".join(
        comtrade_row(KAZ, "M", IRN, "10", usd, transport=code)
        for code, usd in (("2100", 6e6), ("3200", 4e6))
    )
    both = read_flows(write(tmp_path, COMTRADE + whole + parts))
    assert both.total_musd == 10.0
    assert left_out(both) == {"parts of flows by motCode, whose whole (0) is used": (2, 10.0)}
    only = read_flows(write(tmp_path, COMTRADE + parts))
    assert only.total_musd == 10.0
    assert "motCode has no total; its 2 parts are summed" in told(only)
    rail = read_flows(write(tmp_path, COMTRADE + parts), where={"motCode": "2100"})
    assert rail.total_musd == 6.0
    assert left_out(rail) == {"motCode is not 2100, as asked": (1, 4.0)}


def test_months_are_summed_and_years_that_are_not_whole_are_named(tmp_path: Path) -> None:
    months = "".join(
        comtrade_row(KAZ, "M", IRN, "10", 1e6, period=f"2023{month:02d}") for month in range(1, 10)
    )
    flows = read_flows(write(tmp_path, COMTRADE + months))
    assert flows.total_musd == 9.0
    assert "The year is not whole: KAZ imports 9 of 12 months." in told(flows)
    year = comtrade_row(KAZ, "M", IRN, "10", 12e6)
    whole = read_flows(write(tmp_path, COMTRADE + months + year))
    assert whole.total_musd == 12.0
    assert left_out(whole) == {"parts of a year that is there as a whole": (9, 9.0)}
    other = comtrade_row(KAZ, "M", RUS, "10", 5e6)
    assert read_flows(write(tmp_path, COMTRADE + months + other)).total_musd == 14.0


def test_names_of_the_older_site(tmp_path: Path) -> None:
    content = LEGACY + "".join(
        [
            legacy_row(KAZ, 1, IRN, "10", 309_541_080, "5000"),
            legacy_row(KAZ, 1, IRN, "1", 2_000_000),
            legacy_row(KAZ, 3, IRN, "10", 1_000_000),
        ]
    )
    flows = read_flows(write(tmp_path, content))
    assert (flows.year, flows.format) == (2016, "UN Comtrade")
    assert cells(flows) == {("01", "IRN", "KAZ"): 2.0, ("10", "IRN", "KAZ"): 309.54108}
    assert flows.table["tonnes"].tolist()[1] == 5.0
    assert left_out(flows) == {"re-exports, which exports hold": (1, 1.0)}


def test_rows_that_end_in_a_separator(tmp_path: Path) -> None:
    """Some downloads have a cell more in every row than in the header."""
    rows = comtrade_row(KAZ, "M", IRN, "10", 1e6) + comtrade_row(RUS, "M", IRN, "10", 2e6)
    flows = read_flows(write(tmp_path, COMTRADE + rows.replace("\n", ",\n")))
    assert flows.total_musd == 3.0


def test_letters_of_latin_1_in_columns_nobody_needs(tmp_path: Path) -> None:
    content = COMTRADE + comtrade_row(384, "M", IRN, "10", 1e6).replace("384,,,", "384,CIV,Côte,")
    assert read_flows(write(tmp_path, content.encode("latin-1"))).zones == ("CIV", "IRN")


def test_other_classifications_are_refused(tmp_path: Path) -> None:
    content = COMTRADE + comtrade_row(KAZ, "M", IRN, "001", 1e6, classification="S4")
    words = str(fault(write(tmp_path, content)))
    assert "classificationCode: found 'S4', expected HS" in words
    services = COMTRADE + comtrade_row(KAZ, "M", IRN, "10", 1e6).replace("C,A", "S,A", 1)
    assert "typeCode: found 'S', expected C, for goods" in str(fault(write(tmp_path, services)))

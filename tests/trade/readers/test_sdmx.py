"""SDMX-CSV of several offices."""

from __future__ import annotations

from pathlib import Path

import pytest

from entrepot.trade.readers import read_flows
from tests.trade.readers.files import cells, fault, left_out, note_on, told, write

IMF = (
    "DATAFLOW,COUNTRY,INDICATOR,COUNTERPART_COUNTRY,FREQUENCY,TIME_PERIOD,OBS_VALUE,SCALE,"
    "PRECISION,TRADE_FLOW,VALUATION,UNIT,STATUS\n"
)
EUROSTAT = (
    "DATAFLOW,LAST UPDATE,freq,reporter,partner,product,flow,indicators,TIME_PERIOD,OBS_VALUE\n"
)
OECD = (
    "STRUCTURE,STRUCTURE_ID,ACTION,REF_AREA: Reporter,COUNTERPART_AREA: Partner,"
    "TRADE_FLOW: Flow,ADJUSTMENT: Adjustment,UNIT_MEASURE: Unit,FREQ: Frequency,"
    "TIME_PERIOD: Period,OBS_VALUE: Value,UNIT_MULT: Multiplier,OBS_STATUS: Status\n"
)


def _imf(country: str, indicator: str, partner: str, period: str, usd: str) -> str:
    flow, valuation = indicator[:2], indicator[3:6]
    return (
        f"IMF.STA:IMTS(1.0.0),{country},{indicator},{partner},A,{period},{usd},6,,{flow},"
        f"{valuation},USD,\n"
    )


def _eurostat(unit: str, value: str, product: str = "030462") -> str:
    return f"ESTAT:DS-045409(1.0),15/09/26,A,DE,VN,{product},1,{unit},2024,{value}\n"


def _oecd(
    period: str, value: str, adjustment: str = "_T: Total", unit: str = "USD: US dollar"
) -> str:
    return (
        f'dataflow,OECD:X(1.0),I,KAZ: Kazakhstan,"IRN: Iran, Islamic Republic",M: Imports,'
        f"{adjustment},{unit},Q: Quarterly,{period},{value},6: Millions,A: Normal\n"
    )


def test_trade_of_the_imf(tmp_path: Path) -> None:
    """Values are USD; SCALE says only how the IMF shows them."""
    flows = read_flows(
        write(
            tmp_path,
            IMF
            + _imf("KAZ", "MG_CIF_USD", "IRN", "2023", "5000000")
            + _imf("KAZ", "MG_FOB_USD", "IRN", "2023", "4500000")
            + _imf("KAZ", "XG_FOB_USD", "KOS", "2023", "1000000")
            + _imf("KAZ", "TBG_USD", "IRN", "2023", "1000000")
            + _imf("KAZ", "MG_CIF_USD", "G001", "2023", "9000000")
            + _imf("KAZ", "MG_CIF_USD", "RUS", "2023", ""),
        )
    )
    assert flows.format == "SDMX-CSV 1.0"
    assert cells(flows) == {("all", "IRN", "KAZ"): 5.0, ("all", "KAZ", "XKX"): 1.0}
    notes = left_out(flows)
    assert notes["imports at fob, which imports at cif hold"] == (1, 4.5)
    assert notes["balances or sums of both sides"] == (1, 1.0)
    assert notes["no value"] == (1, 0.0)
    assert "SCALE" in told(flows)


def test_labels_multipliers_and_quarters(tmp_path: Path) -> None:
    content = OECD + "".join(_oecd(f"2023-Q{q}", "1.5") for q in (1, 2, 3, 4))
    flows = read_flows(write(tmp_path, content))
    assert flows.format == "SDMX-CSV 2.0"
    assert cells(flows) == {("all", "IRN", "KAZ"): 6.0}
    assert note_on(flows, "Quarters summed").rows == 4
    assert "not whole" not in told(flows)


def test_dimensions_that_mean_nothing_here(tmp_path: Path) -> None:
    content = OECD + _oecd("2023", "1.5") + _oecd("2023", "1.4", "Y: Adjusted")
    flows = read_flows(write(tmp_path, content))
    assert flows.total_musd == 1.5
    content = OECD + _oecd("2023", "1.5", "N: Neither") + _oecd("2023", "1.4", "Y: Adjusted")
    path = write(tmp_path, content)
    words = str(fault(path))
    assert "ADJUSTMENT: Adjustment: found 'N, Y', expected one value, or a total" in words
    assert "where={" in words
    assert read_flows(path, where={"ADJUSTMENT": "Y"}).total_musd == 1.4


def test_names_in_columns_of_their_own(tmp_path: Path) -> None:
    header = (
        "STRUCTURE,STRUCTURE_ID,STRUCTURE_NAME,ACTION,REF_AREA,Reference area,COUNTERPART_AREA,"
        "Counterpart area,TRADE_FLOW,Trade flow,TIME_PERIOD,OBS_VALUE,UNIT_MULT,UNIT_MEASURE\n"
    )
    row = "DATAFLOW,OECD:X(1.0),Name {0},I,KAZ,Kazakhstan,{1},Iran {0},X,Exports,2023,{0},3,USD\n"
    flows = read_flows(write(tmp_path, header + row.format(1, "IRN") + row.format(2, "RUS")))
    assert flows.total_musd == pytest.approx(0.003)


def test_euros_need_a_rate(tmp_path: Path) -> None:
    content = (
        EUROSTAT + _eurostat("QUANTITY_IN_100KG", "90212.63") + _eurostat("VALUE_IN_EUROS", "2e6")
    )
    path = write(tmp_path, content)
    words = str(fault(path))
    assert "indicators: found 'QUANTITY_IN_100KG, VALUE_IN_EUROS', expected USD" in words
    assert "where={'indicators': …}" in words
    assert "Pass unit=" in str(
        fault(write(tmp_path, EUROSTAT + _eurostat("VALUE_EUR", "1"), "e.csv"))
    )
    flows = read_flows(path, unit=1.1, where={"indicators": "VALUE_IN_EUROS"})
    assert cells(flows) == {("03", "VNM", "DEU"): pytest.approx(2.2)}
    assert "one unit, as unit=… was passed" in str(fault(path, unit=1.1))


def test_other_units_beside_usd(tmp_path: Path) -> None:
    content = OECD + _oecd("2023", "1.5") + _oecd("2023", "9", unit="EUR: Euro")
    flows = read_flows(write(tmp_path, content))
    assert flows.total_musd == 1.5
    assert left_out(flows) == {"UNIT_MEASURE: Unit is not USD": (1, 0.0)}


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("2023-W05", "Weeks and days are not read"),
        ("2023-13", "a year, half year, quarter or month"),
        ("next", "a year, half year, quarter or month"),
    ],
)
def test_periods_nobody_reads(tmp_path: Path, cell: str, words: str) -> None:
    content = OECD + _oecd("2023", "1.5") + _oecd(cell, "1.5")
    assert words in str(fault(write(tmp_path, content)))


def test_flows_and_multipliers_nobody_knows(tmp_path: Path) -> None:
    content = OECD + _oecd("2023", "1").replace("M: Imports", "Import_: Imports")
    content += _oecd("2023", "2").replace("6: Millions", "many: Millions")
    words = str(fault(write(tmp_path, content)))
    assert (
        "TRADE_FLOW: Flow: found 'Import_', expected a flow, such as M or X   Nearest: I" in words
    )
    assert "UNIT_MULT: Multiplier: found 'many', expected a power of ten, such as 6" in words

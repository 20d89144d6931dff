"""A plain table: names of columns, units, signs in numbers, square tables."""

from __future__ import annotations

import itertools
from pathlib import Path

import pandas as pd
import pytest

from entrepot.errors import UnknownNameError, UsageError
from entrepot.facts.world import World
from entrepot.trade.readers import TradeFlows, read_flows
from entrepot.trade.readers.flows import TABLE
from tests.trade.readers.files import cells, fault, left_out, told, write


@pytest.mark.parametrize(
    "header",
    [
        "exporter,importer,value_musd",
        "origin,destination,trade_musd",
        "iso_o,iso_d,flow_musd",
        "Orig,Dest,Trade (million USD)",
        "exp,imp,value_usd_million",
        "ISO3_O,ISO3_D,tradeflow_mn_usd",
        "from,to,musd",
        "exporter_iso3,importer_iso3,Exports [USD mn]",
    ],
)
def test_names_people_use(tmp_path: Path, header: str) -> None:
    flows = read_flows(write(tmp_path, f"{header}\nKAZ,IRN,2.5\nIRN,KAZ,1\n"))
    assert cells(flows) == {("all", "KAZ", "IRN"): 2.5, ("all", "IRN", "KAZ"): 1.0}
    assert (flows.year, flows.format, flows.domestic) == (None, "plain table", False)
    assert "no year" in told(flows)


@pytest.mark.parametrize(
    ("name", "factor"),
    [("value_usd", 1e-6), ("trade_kusd", 1e-3), ("value_1000usd", 1e-3), ("flow_bn_usd", 1e3)],
)
def test_units_in_names(tmp_path: Path, name: str, factor: float) -> None:
    flows = read_flows(write(tmp_path, f"exporter,importer,{name}\nKAZ,IRN,2\n"))
    assert flows.total_musd == pytest.approx(2 * factor, rel=1e-15)


@pytest.mark.parametrize(
    ("unit", "expected"),
    [("million USD", 2.0), ("USD", 2e-6), ("thousand_usd", 2e-3), (1.1, 2.2e-6)],
)
def test_units_from_the_caller(tmp_path: Path, unit: str | float, expected: float) -> None:
    path = write(tmp_path, "exporter,importer,value\nKAZ,IRN,2\n")
    assert "no unit in the name 'value'" in str(fault(path))
    assert read_flows(path, unit=unit).total_musd == pytest.approx(expected, rel=1e-15)


def test_a_column_of_units(tmp_path: Path) -> None:
    content = "exporter,importer,value,unit\nKAZ,IRN,2,million USD\nIRN,KAZ,3e6,USD\n"
    assert read_flows(write(tmp_path, content)).total_musd == 5.0
    content += "RUS,KAZ,3,EUR\n"
    flows = read_flows(write(tmp_path, content))
    assert left_out(flows) == {"unit is not USD": (1, 0.0)}


def test_year_product_weight_and_domestic_sales(tmp_path: Path) -> None:
    content = "year,exporter,importer,sector,value_musd,kg\n2020,KAZ,KAZ,food,7,\n2020,KAZ,IRN,food,2,500\n"
    flows = read_flows(write(tmp_path, content))
    assert (flows.year, flows.domestic, flows.sectors) == (2020, True, ("food",))
    _, tonnes = flows.arrays()
    assert tonnes is not None
    assert tonnes.sum() == 0.5
    named = read_flows(write(tmp_path, content), columns={"tonnes": "kg"})
    assert named.table.equals(flows.table)


def test_products_that_look_like_hs(tmp_path: Path, shipped: World) -> None:
    """A column hs or product holds HS where its codes may be; a column sector does not."""
    rows = "KAZ,IRN,{},2\nKAZ,IRN,{},3\n"
    names = "exporter,importer,{},value_musd\n"
    path = write(tmp_path, names.format("hs6") + rows.format("100199", "10121"))
    assert read_flows(path).sectors == ("01", "10")
    assert cells(read_flows(path, products=shipped))["cereals", "KAZ", "IRN"] == 2.0
    path = write(tmp_path, names.format("sector") + rows.format("1001", "9"))
    assert read_flows(path).sectors == ("9", "1001")
    path = write(tmp_path, names.format("commodity") + rows.format("cereals", "coal"))
    flows = read_flows(path, products=shipped)
    assert flows.sectors == tuple(shipped.table("commodities")["commodity"])
    assert cells(flows) == {("cereals", "KAZ", "IRN"): 2.0, ("coal", "KAZ", "IRN"): 3.0}


def test_a_total_beside_sectors_counts_once(tmp_path: Path) -> None:
    content = (
        "exporter,importer,sector,value_musd\nKAZ,IRN,food,2\nKAZ,IRN,ore,3\nKAZ,IRN,Total,6\n"
    )
    path = write(tmp_path, content)
    flows = read_flows(path)
    assert cells(flows) == {("food", "KAZ", "IRN"): 2.0, ("ore", "KAZ", "IRN"): 3.0}
    assert left_out(flows) == {"sums of products that are told in more detail": (1, 6.0)}
    assert read_flows(path, products="all").total_musd == 6.0


def test_decimal_commas_and_thousands(tmp_path: Path) -> None:
    path = write(tmp_path, "exporter;importer;value_musd\nKAZ;IRN;1.234,5\nIRN;KAZ;0,5\n")
    words = str(fault(path))
    assert "found '1.234,5', expected a number   Pass decimal=',' and thousands='.'." in words
    assert "found '0,5', expected a number   Pass decimal=','." in words
    flows = read_flows(path, decimal=",", thousands=".")
    assert cells(flows) == {("all", "KAZ", "IRN"): 1234.5, ("all", "IRN", "KAZ"): 0.5}
    path = write(tmp_path, 'exporter,importer,value_musd\nKAZ,IRN,"1,234,567.5"\nIRN,KAZ,"12,34"\n')
    assert "Pass thousands=','." in str(fault(path))
    words = str(fault(path, thousands=","))
    assert "1 fault" in words
    assert "12,34" in words  # groups of two digits are not thousands


def test_two_letters(tmp_path: Path) -> None:
    """NA is Namibia among codes of two letters, and nothing among codes of three."""
    two = write(tmp_path, "exporter,importer,value_musd\nNA,KZ,2\nIR,NA,1\n")
    assert read_flows(two).zones == ("IRN", "KAZ", "NAM")
    three = write(tmp_path, "exporter,importer,value_musd\nNA,KAZ,2\nIRN,NAM,1\n")
    assert "exporter: found 'NA', expected a country" in str(fault(three))


def test_values_nobody_knows_are_counted(tmp_path: Path) -> None:
    rows = "".join(f"KAZ,{to},{cell}\n" for to, cell in
                   zip(("IRN", "RUS", "CHN", "DEU", "UZB"), ("", "NA", "..", " : ", "4"), strict=True))  # fmt: skip
    flows = read_flows(write(tmp_path, "exporter,importer,value_musd\n" + rows))
    assert left_out(flows) == {"no value": (4, 0.0)}
    assert flows.total_musd == 4.0


def test_rows_without_a_year(tmp_path: Path) -> None:
    content = "exporter,importer,year,value_musd\nKAZ,IRN,2020,1\nKAZ,RUS,,2\nKAZ,CHN,2020.0,4\n"
    flows = read_flows(write(tmp_path, content))
    assert (flows.year, flows.total_musd) == (2020, 5.0)
    assert left_out(flows) == {"no year": (1, 2.0)}


def test_a_square_table(tmp_path: Path) -> None:
    square = "{},KAZ,IRN,DEU\nKAZ,10,2,3\nIRN,4,,\nDEU,5,6,7\n"
    sells = read_flows(write(tmp_path, square.format("exporter\\importer")), unit="million USD")
    buys = read_flows(write(tmp_path, square.format("importer")), unit="million USD")
    value, _ = sells.arrays()
    # DEU, IRN, KAZ; a row is what the importer buys.
    assert value[0].tolist() == [[7, 0, 3], [6, 0, 2], [5, 4, 10]]
    assert buys.arrays()[0][0].tolist() == value[0].T.tolist()
    assert (sells.rows, sells.used, sells.domestic) == (9, 7, True)
    words = str(fault(write(tmp_path, square.format("")), unit="million USD"))
    assert "exporter, importer and value" in words
    broken = square.format("exporter").replace("5,6,7", "5,six,7")
    words = str(fault(write(tmp_path, broken), unit="million USD"))
    assert "row 4 value: found 'six', expected a number" in words
    short = square.format("exporter").replace("5,6,7", "5,6")
    assert "found '3 cells', expected 4 cells" in str(fault(write(tmp_path, short), unit="USD"))


def test_columns_by_name(tmp_path: Path) -> None:
    """The gravity data set of CEPII has several flows, in thousand USD."""
    content = (
        "year,iso3_o,iso3_d,dist,tradeflow_comtrade_o,tradeflow_baci\n2019,KAZ,IRN,2000,900,1000\n"
    )
    path = write(tmp_path, content)
    assert "value: found 'no such column'" in str(fault(path))
    options = {"columns": {"value": "tradeflow_baci"}, "unit": "thousand USD"}
    flows = read_flows(path, **options)  # type: ignore[arg-type]
    assert (flows.total_musd, flows.year) == (1.0, 2019)
    with pytest.raises(UnknownNameError, match="Nearest: tradeflow_baci"):
        read_flows(path, columns={"value": "tradeflow_bacy"})
    with pytest.raises(UnknownNameError, match="Nearest: value"):
        read_flows(path, columns={"valu": "tradeflow_baci"})
    with pytest.raises(UsageError, match="names of its own"):
        read_flows(path, "baci", columns={"value": "tradeflow_baci"})


def test_two_columns_of_values(tmp_path: Path) -> None:
    path = write(tmp_path, "exporter,importer,value_musd,value_usd\nKAZ,IRN,1,1000000\n")
    assert "found 'value_musd, value_usd', expected one column of values" in str(fault(path))
    for name, total in (("value_musd", 1.0), ("value_usd", 1.0)):
        assert read_flows(path, columns={"value": name}).total_musd == total


def test_groups_need_products(tmp_path: Path, shipped: World) -> None:
    path = write(tmp_path, "exporter,importer,value_musd\nKAZ,IRN,2\n")
    with pytest.raises(UsageError, match="no column of products"):
        read_flows(path, products=shipped)


def test_arrays_that_are_too_large() -> None:
    empty = pd.DataFrame(columns=list(TABLE))
    names = tuple(str(n) for n in range(1000))
    flows = TradeFlows(names, names[:5], empty, 2023, "", False, (), 0, 0, "")
    assert flows.arrays()[0].shape == (5, 1000, 1000)
    with pytest.raises(UsageError, match="more than 4 GiB"):
        TradeFlows(names, names, empty, 2023, "", False, (), 0, 0, "").arrays()


def test_separators(tmp_path: Path) -> None:
    totals = {
        read_flows(write(tmp_path, f"exporter{s}importer{s}value_musd\nKAZ{s}IRN{s}2\n")).total_musd
        for s in (",", ";", "\t", "|")
    }
    assert totals == {2.0}


def test_rows_in_any_order_give_the_same(tmp_path: Path) -> None:
    rows = ["KAZ,IRN,2\n", "IRN,KAZ,4\n", "RUS,IRN,8\n"]
    tables = [
        read_flows(write(tmp_path, "exporter,importer,value_musd\n" + "".join(order))).table
        for order in itertools.permutations(rows)
    ]
    assert all(table.equals(tables[0]) for table in tables)

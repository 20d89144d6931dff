"""ITPD-E: industries of its own, million USD, domestic sales."""

from __future__ import annotations

from pathlib import Path

import pytest

from entrepot.errors import UsageError
from entrepot.facts.world import World
from entrepot.trade.exact.baseline import Baseline
from entrepot.trade.readers import read_flows
from tests.trade.readers.files import cells, left_out, write

R02 = (
    "exporter_iso3,exporter_dynamic_code,exporter_name,importer_iso3,importer_dynamic_code,"
    "importer_name,year,industry_id,industry_descr,broad_sector,trade,flag_mirror,flag_zero\n"
)
R03 = (
    "exporter_iso3,exporter_iso3_dynamic,exporter_name,importer_iso3,importer_iso3_dynamic,"
    "importer_name,broad_sector,industry_id,industry_descr,year,trade,flag_mirror,flag_zero\n"
)
R01 = "exporter_iso3,importer_iso3,year,industry_id,broad_sector,trade\n"
FLOWS = [
    ("KAZ", "KAZ", 2, 100.5),
    ("KAZ", "IRN", 2, 3.25),
    ("IRN", "KAZ", 10, 1.5),
    ("IRN", "IRN", 10, 80.0),
    ("IRN", "KAZ", 2, 0.0),
]


def _r02(year: int) -> str:
    return R02 + "".join(
        f'{e},{e},"{e}, Rep.",{i},{i},{i},{year},{s},Wheat,Agriculture,{v},0,p\n'
        for e, i, s, v in FLOWS
    )


def _r03(year: int) -> str:
    return R03 + "".join(
        f"{e},{e}.2,{e},{i},{i}.2,{i},Agriculture,{s},Wheat,{year},{v},0,p\n"
        for e, i, s, v in FLOWS
    )


def _r01(year: int) -> str:
    return R01 + "".join(f"{e},{i},{year},{s},Agriculture,{v}\n" for e, i, s, v in FLOWS)


@pytest.mark.parametrize("make", [_r01, _r02, _r03])
def test_every_release(tmp_path: Path, make: object) -> None:
    flows = read_flows(write(tmp_path, make(2019)))  # type: ignore[operator]
    assert (flows.format, flows.year, flows.domestic) == ("ITPD-E R02/R03", 2019, True)
    assert flows.sectors == ("2", "10")  # by size, not by the alphabet
    assert cells(flows) == {(str(s), e, i): v for e, i, s, v in FLOWS}
    value, tonnes = flows.arrays()
    assert tonnes is None
    assert value[0].trace() == 100.5


def test_sectors_through_a_mapping(tmp_path: Path) -> None:
    path = write(tmp_path, _r02(2019))
    flows = read_flows(path, products={"2": "grain"})
    assert cells(flows)["grain", "KAZ", "IRN"] == 3.25
    assert left_out(flows) == {"products of no sector asked for": (2, 81.5)}
    broad = read_flows(path, products="all")
    assert broad.total_musd == 185.25


def test_hs_groups_make_no_sense(tmp_path: Path, shipped: World) -> None:
    path = write(tmp_path, _r02(2019))
    for products in (shipped, "HS2"):
        with pytest.raises(UsageError, match="sectors of its own"):
            read_flows(path, products=products)


def test_a_copy_in_usd(tmp_path: Path) -> None:
    content = _r02(2019).replace("3.25", "3250000").replace("100.5", "1e8")
    assert cells(read_flows(write(tmp_path, content), unit="USD"))["2", "KAZ", "IRN"] == 3.25
    assert any(
        "unit right" in str(n)
        for n in read_flows(write(tmp_path, content.replace("1e8", "1e12"))).notes
    )


def test_the_arrays_make_a_baseline(tmp_path: Path) -> None:
    flows = read_flows(write(tmp_path, _r02(2019)), products="all")
    value, _ = flows.arrays()
    baseline = Baseline.from_flows(value, zones=flows.zones, sectors=flows.sectors)
    assert baseline.zones == ("IRN", "KAZ")
    assert baseline.output[0].tolist() == [81.5, 103.75]

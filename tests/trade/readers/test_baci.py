"""BACI: numbers for countries, HS six digits, thousand USD, tonnes."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from entrepot.facts.world import World
from entrepot.trade.readers import read_flows
from tests.trade.readers.files import BACI, cells, fault, left_out, note_on, write

CODES = "country_code,country_name,country_iso2,country_iso3\n"
SMALL = BACI + (
    "2023,398,364,100199,1500,6000\n"
    "2023,364,398,080251,250,100\n"
    "2023,398,156,270900,9000,NA\n"
    "2023,398,156,270400,50,           7\n"
)


def test_values_by_hand(tmp_path: Path) -> None:
    flows = read_flows(write(tmp_path, SMALL))
    assert (flows.format, flows.year, flows.domestic) == ("BACI 202501", 2023, False)
    assert flows.zones == ("CHN", "IRN", "KAZ")
    assert flows.sectors == ("08", "10", "27")
    assert cells(flows) == {
        ("08", "IRN", "KAZ"): 0.25,
        ("10", "KAZ", "IRN"): 1.5,
        ("27", "KAZ", "CHN"): 9.05,
    }
    value, tonnes = flows.arrays()
    assert value.shape == (3, 3, 3)
    assert value.flags.c_contiguous
    assert value[1, 1, 2] == 1.5  # cereals, importer Iran, exporter Kazakhstan
    assert value.sum() == pytest.approx(flows.total_musd)
    assert tonnes is not None
    assert tonnes[2, 0, 2] == 7.0
    oil = flows.table[flows.table["sector"] == "27"].iloc[0]
    assert oil["weighed_musd"] == 0.05  # only coke came with a weight
    assert (flows.rows, flows.used) == (4, 4)
    assert len(flows.sha256) == 64
    assert "no weight" in note_on(flows, "no weight").text


def test_the_world_folds_products_into_its_groups(tmp_path: Path, shipped: World) -> None:
    rows = "2023,398,643,284410,7,\n2023,398,643,280110,8,\n2023,398,643,9999AA,9,\n"
    flows = read_flows(write(tmp_path, SMALL + rows), products=shipped)
    assert flows.sectors == tuple(shipped.table("commodities")["commodity"])
    found = {sector: value for (sector, _, _), value in cells(flows).items()}
    assert found == {
        "cereals": 1.5,
        "perishables": 0.25,
        "crude_gas": 9.0,
        "coal": 0.05,
        "uranium": 0.007,
        "chemicals_plastics": 0.008,
        "other_manufactures": 0.009,
    }


@pytest.mark.parametrize(
    ("choice", "sectors"),
    [
        ("all", ("all",)),
        ("HS2", ("08", "10", "27")),
        ("HS4", ("0802", "1001", "2704", "2709")),
        ("HS6", ("080251", "100199", "270400", "270900")),
        ({"27": "energy", "2704": "coke", "1": "plants"}, ("energy", "coke", "plants")),
    ],
)
def test_levels_of_products(tmp_path: Path, choice: object, sectors: tuple[str, ...]) -> None:
    flows = read_flows(write(tmp_path, SMALL), products=choice)  # type: ignore[arg-type]
    assert flows.sectors == sectors
    assert flows.used + sum(n.rows for n in flows.left_out) == flows.rows


def test_a_mapping_takes_the_longest_beginning_and_tells_what_it_leaves(tmp_path: Path) -> None:
    flows = read_flows(write(tmp_path, SMALL), products={"27": "energy", "2704": "coke"})
    assert cells(flows) == {("energy", "KAZ", "CHN"): 9.0, ("coke", "KAZ", "CHN"): 0.05}
    assert left_out(flows) == {"products of no sector asked for": (2, 1.75)}


def test_lost_zeros_come_back(tmp_path: Path) -> None:
    flows = read_flows(write(tmp_path, BACI + "2023,4,8,10121,1,1\n2023,8,4,10129,1,1\n"))
    assert flows.sectors == ("01",)
    assert flows.zones == ("AFG", "ALB")
    assert note_on(flows, "lost zero").rows == 2


def test_numbers_of_countries(tmp_path: Path) -> None:
    """490 is Taiwan, 842 and 841 the United States, 697 and 899 nobody, 711 South Africa."""
    rows = "".join(f"2023,{i},276,010121,1000,1\n" for i in (490, 842, 841, 697, 899, 711, 891))
    flows = read_flows(write(tmp_path, BACI + rows))
    assert flows.zones == ("DEU", "SCG", "TWN", "USA", "ZAF")
    assert cells(flows)["01", "USA", "DEU"] == 2.0
    [text] = left_out(flows)
    assert text.startswith("partners that are not countries")
    assert "697 Europe EFTA, nes" in text
    assert "899 Areas, nes" in text
    assert note_on(flows, "490 as TWN (Other Asia, nes)").value_musd == 1.0


def test_codes_of_the_user_go_first(tmp_path: Path) -> None:
    path = write(tmp_path, BACI + "2023,490,276,010121,1000,1\n2023,899,276,010121,5000,1\n")
    flows = read_flows(path, areas={"490": "", "899": "ROW"})
    assert cells(flows) == {("01", "ROW", "DEU"): 5.0}
    assert left_out(flows) == {"partners that are not countries: 490 Other Asia, nes": (1, 1.0)}


def test_the_list_of_countries_beside_the_file(tmp_path: Path) -> None:
    data = BACI + "2023,998,276,010121,1000,1\n"
    path = write(tmp_path, data, "BACI_HS17_Y2023_V202501.csv")
    assert "998" in str(fault(path))
    write(tmp_path, CODES + "998,Newland,NW,XNW\n", "country_codes_V202401.csv")
    write(tmp_path, CODES + "998,Kosovo,XK,XKX\n", "country_codes_V202501.csv")
    assert read_flows(path).zones == ("DEU", "XKX")
    older = tmp_path / "country_codes_V202401.csv"
    assert read_flows(path, areas=older).zones == ("DEU", "XNW")
    words = str(fault(path, areas=path))
    assert "country_codes_V" in words


def test_more_old_codes_than_a_note_has_room_for(tmp_path: Path) -> None:
    codes = (58, 230, 490, 711, 736, 886, 891, 810)
    rows = "".join(f"2023,{i},276,010121,{1000 * i},1\n" for i in codes)
    notes = [
        n for n in read_flows(write(tmp_path, BACI + rows)).notes if n.text.startswith("Read ")
    ]
    assert len(notes) == 6
    assert sum(n.rows for n in notes) == len(codes)
    assert "58 as BEL (Belgium-Luxembourg)" in notes[-1].text


def test_zones_and_the_rest(tmp_path: Path) -> None:
    """KAZ -> IRN stays, KAZ -> CHN becomes KAZ -> ROW, CHN -> DEU stays within ROW."""
    path = write(tmp_path, SMALL + "2023,156,276,850000,4000,1\n")
    flows = read_flows(path, products="all", zones=["KAZ", "IRN"], rest="ROW")
    assert flows.zones == ("KAZ", "IRN", "ROW")
    assert cells(flows) == {
        ("all", "KAZ", "IRN"): 1.5,
        ("all", "IRN", "KAZ"): 0.25,
        ("all", "KAZ", "ROW"): 9.05,
        ("all", "ROW", "ROW"): 4.0,
    }
    assert note_on(flows, "2 countries folded into ROW").rows == 3
    assert note_on(flows, "diagonal").value_musd == 4.0
    assert not flows.domestic
    without = read_flows(path, products="all", zones=["IRN", "KAZ", "UZB"])
    assert without.zones == ("IRN", "KAZ", "UZB")
    assert without.total_musd == 1.75
    assert left_out(without) == {"countries outside the zones asked for": (3, 13.05)}
    assert note_on(without, "No row is of UZB.")
    value, _ = without.arrays()
    assert value.shape == (1, 3, 3)


def test_two_years_need_a_choice(tmp_path: Path) -> None:
    path = write(tmp_path, SMALL + "2022,398,364,100199,7,1\n")
    flows = read_flows(path, year=2022)
    assert (flows.year, flows.total_musd) == (2022, 0.007)
    assert left_out(flows) == {"other years": (4, 10.8)}


def test_gzip_bom_crlf_and_blank_rows(tmp_path: Path) -> None:
    content = ("\ufeff" + SMALL).replace("\n", "\r\n") + "\r\n\r\n"
    plain = read_flows(write(tmp_path, SMALL))
    packed = tmp_path / "flows.csv.gz"
    packed.write_bytes(gzip.compress(content.encode()))
    for path in (write(tmp_path, content, "crlf.csv"), packed):
        assert cells(read_flows(path)) == cells(plain)


def test_the_same_file_gives_the_same_bits(tmp_path: Path) -> None:
    draw = np.random.default_rng(7)
    rows = "".join(
        f"2023,398,364,{k:06d},{draw.lognormal()!r},{draw.random()!r}\n"
        for k in range(10_000, 30_000)
    )
    path = write(tmp_path, BACI + rows)
    first, second = (read_flows(path, products="all") for _ in range(2))
    assert first.table.equals(second.table)
    assert first.notes == second.notes


def test_names_of_files_are_no_patterns(tmp_path: Path) -> None:
    write(tmp_path, BACI + "2023,4,8,010121,1,1\n", "a1.csv")
    assert read_flows(write(tmp_path, SMALL, "a[1].csv")).rows == 4

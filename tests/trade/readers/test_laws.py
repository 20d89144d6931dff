"""Laws: every row is accounted for, and what should not matter does not."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from entrepot.facts.load import load_world
from entrepot.facts.world import World
from entrepot.trade.readers import TradeFlows, read_flows
from tests.trade.readers.files import BACI, COMTRADE, comtrade_row

EXACT = 1e-9  # sums of some dozen numbers
COUNTRIES = (398, 364, 643, 156, 792, 842, 490, 899, 0, 697)
CODES = ("010121", "10121", "270900", "284410", "980000", "9999AA", "TOTAL", "27", "2709", "100199")


def reading(content: str, **options: object) -> TradeFlows:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "flows.csv"
        path.write_text(content, encoding="utf-8")
        return read_flows(path, **options)  # type: ignore[arg-type]


keys = st.tuples(st.sampled_from(COUNTRIES), st.sampled_from(COUNTRIES), st.sampled_from(CODES))
values = st.integers(1, 10**7)
# One sound flow, so that something is always left.
SOUND = {(398, 364, "110100"): 5000}


def accounted(flows: TradeFlows, rows: int, musd: float) -> None:
    """Rows and value of the file are those used and those left out."""
    assert flows.rows == rows
    assert flows.used + sum(note.rows for note in flows.left_out) == rows
    left = sum(note.value_musd for note in flows.left_out)
    assert flows.total_musd + left == pytest.approx(musd, rel=EXACT)


@settings(max_examples=20)
@given(st.dictionaries(keys, values, max_size=25), st.sampled_from(["all", "HS2", "HS4", "world"]))
def test_every_row_of_baci_is_accounted_for(
    drawn: dict[tuple[int, int, str], int], how: str
) -> None:
    trade = drawn | SOUND
    # A code and the same with its lost zero are one flow told twice.
    trade = {
        key: v for key, v in trade.items() if key[2] != "10121" or (*key[:2], "010121") not in trade
    }
    content = BACI + "".join(f"2023,{i},{j},{k},{v},\n" for (i, j, k), v in trade.items())
    products: str | World = load_world() if how == "world" else how
    flows = reading(content, products=products)
    accounted(flows, len(trade), sum(trade.values()) * 1e-3)
    zones = ["IRN", "KAZ"]
    accounted(
        reading(content, products=products, zones=zones), len(trade), sum(trade.values()) * 1e-3
    )
    folded = reading(content, products=products, zones=zones, rest="ROW")
    assert folded.total_musd == pytest.approx(flows.total_musd, rel=EXACT)
    assert folded.arrays()[0].sum() == pytest.approx(flows.total_musd, rel=EXACT)


@settings(max_examples=20)
@given(
    st.dictionaries(
        st.tuples(
            keys, st.sampled_from(["M", "X", "RX", "1"]), st.sampled_from(["2023", "202301"])
        ),
        values,
        max_size=25,
    ),
    st.sampled_from(["all", "HS2", "HS6"]),
    st.sampled_from(["importer", "exporter"]),
)
def test_every_row_of_comtrade_is_accounted_for(
    drawn: dict[tuple[tuple[int, int, str], str, str], int], how: str, prefer: str
) -> None:
    trade: dict[tuple[int, str, int, str, str], int] = {}
    for ((a, b, code), flow, period), value in (
        drawn | {((398, 364, "110100"), "M", "2023"): 7}
    ).items():
        same = (a, {"1": "M"}.get(flow, flow), b, "010121" if code == "10121" else code, period)
        trade[same] = value
    content = COMTRADE + "".join(
        comtrade_row(a, flow, b, code, value, period=period)
        for (a, flow, b, code, period), value in trade.items()
    )
    flows = reading(content, products=how, prefer=prefer)
    accounted(flows, len(trade), sum(trade.values()) * 1e-6)
    assert flows.table["value_musd"].gt(0).all()


pairs = st.dictionaries(
    st.tuples(
        st.sampled_from(["food", "ores", "1", "NA"]),
        st.sampled_from(["KAZ", "IRN", "NAM", "XKX"]),
        st.sampled_from(["KAZ", "IRN", "NAM", "XKX"]),
    ),
    st.tuples(st.floats(0, 1e9), st.floats(0, 1e9) | st.none()),
    min_size=1,
)


@settings(max_examples=20)
@given(pairs, st.sampled_from([",", ";", "\t"]), st.sampled_from(["\n", "\r\n"]))
def test_what_is_written_is_read(
    drawn: dict[tuple[str, str, str], tuple[float, float | None]], separator: str, end: str
) -> None:
    """To the last bit, through another table of the same kind."""
    rows = [
        (s, e, i, repr(value), "" if tonnes is None else repr(tonnes))
        for (s, e, i), (value, tonnes) in drawn.items()
    ]
    header = ("sector", "exporter", "importer", "value_musd", "tonnes")
    content = "".join(separator.join(row) + end for row in (header, *rows))
    flows = reading(content)
    table = flows.table
    found = dict(
        zip(
            zip(table["sector"], table["exporter"], table["importer"], strict=True),
            zip(table["value_musd"], table["tonnes"].astype(object).where(table["tonnes"].notna(), None), strict=True),
            strict=True,
        )
    )  # fmt: skip
    assert found == drawn
    again = reading(table.to_csv(index=False), columns={"value": "value_musd"})
    assert again.table.equals(table)
    assert again.zones == flows.zones


@settings(max_examples=20)
@given(
    st.floats(0, 1e12, allow_nan=False),
    st.sampled_from([(".", ","), (",", "."), (",", " "), (".", "'")]),
)
def test_numbers_in_every_hand(value: float, signs: tuple[str, str]) -> None:
    decimal, thousands = signs
    text = f"{value:,.3f}".replace(",", "T").replace(".", decimal).replace("T", thousands)
    content = f'exporter;importer;value_musd\nKAZ;IRN;"{text}"\n'
    flows = reading(content, decimal=decimal, thousands=thousands)
    assert flows.total_musd == float(f"{value:.3f}")


@given(st.permutations(range(6)))
@settings(max_examples=10)
def test_the_order_of_rows_means_nothing(order: list[int]) -> None:
    rows = [
        comtrade_row(398, "M", 364, "TOTAL", 10e6),
        comtrade_row(398, "M", 364, "10", 4e6),
        comtrade_row(398, "M", 364, "1001", 3e6),
        comtrade_row(364, "X", 398, "10", 9e6),
        comtrade_row(643, "X", 398, "10", 8e6, kg="5"),
        comtrade_row(643, "X", 398, "27", 8e6),
    ]
    flows = reading(COMTRADE + "".join(rows[n] for n in order))
    wanted = reading(COMTRADE + "".join(rows))
    assert flows.table.equals(wanted.table)
    assert set(flows.notes) == set(wanted.notes)

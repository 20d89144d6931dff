"""Small files of every format, for the tests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from entrepot.errors import BadInputError
from entrepot.trade.readers import Note, TradeFlows, read_flows

BACI = "t,i,j,k,v,q\n"
COMTRADE = (
    "typeCode,freqCode,refPeriodId,refYear,refMonth,period,reporterCode,reporterISO,reporterDesc,"
    "flowCode,flowDesc,partnerCode,partnerISO,partnerDesc,partner2Code,classificationCode,cmdCode,"
    "cmdDesc,aggrLevel,customsCode,motCode,netWgt,isNetWgtEstimated,cifvalue,fobvalue,primaryValue\n"
)
LEGACY = (
    "Classification,Year,Period,Period Desc.,Aggregate Level,Is Leaf Code,Trade Flow Code,"
    "Trade Flow,Reporter Code,Reporter,Reporter ISO,Partner Code,Partner,Partner ISO,"
    "Commodity Code,Commodity,Qty Unit Code,Qty Unit,Qty,Netweight (kg),Trade Value (US$),Flag\n"
)


def comtrade_row(
    reporter: int,
    flow: str,
    partner: int,
    code: str,
    usd: float,
    *,
    period: str = "2023",
    kg: str = "",
    transport: str = "0",
    customs: str = "C00",
    second: str = "0",
    classification: str = "H6",
) -> str:
    """A row of Comtrade Plus."""
    return (
        f"C,A,20230101,{period[:4]},52,{period},{reporter},,,{flow},,{partner},,,{second},"
        f"{classification},{code},,6,{customs},{transport},{kg},,,,{usd}\n"
    )


def legacy_row(reporter: int, flow: int, partner: int, code: str, usd: float, kg: str = "") -> str:
    """A row of the Comtrade before it."""
    return (
        f'H4,2016,2016,2016,2,0,{flow},,{reporter},"Name, with comma",,{partner},,,{code},'
        f"Goods,1,No Quantity,,{kg},{usd},0\n"
    )


def write(folder: Path, content: str | bytes, name: str = "flows.csv") -> Path:
    """A file with this content."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def cells(flows: TradeFlows) -> dict[tuple[str, str, str], float]:
    """Sector, exporter and importer to million USD."""
    table = flows.table
    keys = zip(table["sector"], table["exporter"], table["importer"], strict=True)
    return dict(zip(keys, table["value_musd"], strict=True))


def left_out(flows: TradeFlows) -> Mapping[str, tuple[int, float]]:
    """Text of the notes on rows left out, to rows and value."""
    return {note.text: (note.rows, note.value_musd) for note in flows.left_out}


def told(flows: TradeFlows) -> str:
    """All notes as a text."""
    return "\n".join(str(note) for note in flows.notes)


def note_on(flows: TradeFlows, words: str) -> Note:
    """The one note that holds these words."""
    [found] = [note for note in flows.notes if words in note.text]
    return found


def fault(path: Path, **options: object) -> BadInputError:
    """The error that reading the file ends in."""
    with pytest.raises(BadInputError) as caught:
        read_flows(path, **options)  # type: ignore[arg-type]
    return caught.value

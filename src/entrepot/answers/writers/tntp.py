"""Flows by link in the TNTP format."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from entrepot.answers.writers.cells import escaped

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("from", "to", "volume", "cost")


def write_tntp(links: pd.DataFrame, file: TextIO) -> None:
    """Write the columns from, to, volume and cost of links; numbers keep every digit."""
    file.write("From \tTo \tVolume \tCost \n")
    for tail, head, volume, cost in zip(*(links[c].tolist() for c in COLUMNS), strict=True):
        file.write(f"{escaped(str(tail))} \t{escaped(str(head))} \t{volume!r} \t{cost!r} \n")

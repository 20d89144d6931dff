"""Trade flows from the files that people who work with trade have."""

from entrepot.trade.readers.flows import Note, TradeFlows
from entrepot.trade.readers.read import read_flows

__all__ = ["Note", "TradeFlows", "read_flows"]

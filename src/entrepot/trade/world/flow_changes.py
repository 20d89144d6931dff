"""Changes of duties, payment and trade costs as changes of trade flows.

The figure in use belongs to the baseline: the rate in force, the friction that was estimated within
published bounds (`friction.py`), the factor on trade costs. A change sets, adds to or scales it in the
cells that its row rules, or in those that its row names (`facts/trade_flows.py`); nothing is estimated
again. A cell that another row rules afterwards, one that was put in or that a new member of a group
falls under, takes the published figure of that row. The same changes act on any draw of the figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from entrepot.facts.change import ROWS, Change, apply, changed_rows, matching_rows, row_keys
from entrepot.facts.trade_flows import ALL, FIGURE, flows_of, names_flows
from entrepot.facts.world import World
from entrepot.kernels.arrays import BoolArray, FloatArray
from entrepot.kernels.short_repr import short_repr
from entrepot.schema.table import load_schema
from entrepot.trade.world.trade_world import TradeWorld
from entrepot.trade.world.wedges import (
    Places,
    payment_friction,
    payment_owners,
    tariff_owners,
    tariffs,
    trade_cost_owners,
    trade_costs,
)

GROUPS = "zone_groups"
NEUTRAL = {"tariffs": 0.0, "payment_friction": 0.0, "trade_costs": 1.0}


@short_repr
@dataclass(frozen=True, slots=True, eq=False)
class FlowChange:
    """One change of a figure (J, N, N).

    part  : (J, N, N) of the trade of a sector that it is about, 0 to 1
    value : one for all, or (J, N, N)
    """

    part: FloatArray
    operation: str
    value: float | FloatArray

    def act(self, figure: FloatArray) -> FloatArray:
        """(J, N, N) the figure afterwards."""
        if self.operation == "set":
            new = np.broadcast_to(self.value, figure.shape)
        else:
            new = figure + self.value if self.operation == "add" else figure * self.value
        mixed = figure + self.part * (new - figure)
        return np.asarray(np.where(self.part == 1.0, new, np.where(self.part > 0, mixed, figure)))


def changed_figure(figure: FloatArray, changes: Sequence[FlowChange]) -> FloatArray:
    """(J, N, N) a figure after changes, in their order; zero at least."""
    for change in changes:
        figure = np.maximum(change.act(figure), 0.0)
    return figure


def flow_changes(
    trade: TradeWorld, world: World, changes: Sequence[Change], table: str
) -> tuple[FlowChange, ...]:
    """What changes of the facts do to the figures of a table.

    table : tariffs, payment_friction or trade_costs; changes of others but zone_groups are passed over
    """
    out: list[FlowChange] = []
    now = _Ruled(trade, world, table)
    for change in changes:
        if change.table not in (table, GROUPS):
            continue
        acts = change.operation not in ROWS and change.column in (FIGURE[table], "")
        if change.table == table and names_flows(table, change.row) and acts:
            out.append(now.flow_change(now.named(change.row), change))
            continue
        after = _Ruled(trade, apply(now.world, (change,)), table)
        if change.table == table and acts:
            cells = np.isin(now.owner, changed_rows(now.world, change))
            out.append(now.flow_change(cells, change))
        before = now.owner_after(change)
        moved = after.owner != before
        if moved.any():
            folding = trade.folding
            part = folding.mean(moved.astype(float), trade.value)
            held = folding.total(trade.value * moved)
            weight = np.where(held[folding.of] > 0, trade.value * moved, moved * 1.0)
            whole = np.maximum(folding.total(weight), 1e-300)
            out.append(FlowChange(part, "set", folding.total(weight * after.published) / whole))
        now = after
    return tuple(out)


@short_repr
@dataclass(frozen=True, slots=True, eq=False)
class _Ruled:
    """Which row of a table of some facts rules which cell."""

    trade: TradeWorld
    world: World
    table: str

    @property
    def places(self) -> Places:
        return Places.of_world(self.world, self.trade.zones)

    @property
    def owner(self) -> NDArray[np.intp]:
        """(C, N, N) position of the row, -1 for none."""
        goods = self.trade.folding.commodities
        if self.table == "tariffs":
            return tariff_owners(self.world, self.places, goods, self.trade.on)
        find = payment_owners if self.table == "payment_friction" else trade_cost_owners
        return find(self.world, self.places, goods)

    @property
    def published(self) -> FloatArray:
        """(C, N, N) middle figures of the rows."""
        goods = self.trade.folding.commodities
        if self.table == "tariffs":
            return tariffs(self.world, self.places, goods, self.trade.on).mid
        if self.table == "payment_friction":
            return payment_friction(self.world, self.places, goods).mid
        return trade_costs(self.world, self.places, goods)

    def owner_after(self, change: Change) -> NDArray[np.intp]:
        """(C, N, N) the same owners, counted as after a change that may take rows away."""
        owner = self.owner
        if change.operation != "remove" or change.table != self.table:
            return owner
        keys = row_keys(load_schema()[self.table], self.world.raw[self.table])
        gone = np.sort(np.array(matching_rows(keys, change.row), dtype=np.intp))
        left = owner - np.searchsorted(gone, owner)
        return np.where(np.isin(owner, gone), -2, np.where(owner < 0, owner, left))

    def named(self, row: str) -> BoolArray:
        """(C, N, N) the cells of flows that a row names; what is sold at home is not a flow."""
        flows = flows_of(self.world, self.table, row)
        folding, n = self.trade.folding, len(self.trade.zones)
        pair = np.zeros((n, n), dtype=bool)
        buyers, sellers = (self.places.positions(x) for x in (flows.buyer, flows.seller))
        pair[np.ix_(buyers, sellers)] = True
        if flows.both_ways:
            pair |= pair.T
        np.fill_diagonal(pair, False)
        goods = np.array([ALL in flows.goods or c in flows.goods for c in folding.commodities])
        return np.asarray(goods[:, None, None] & pair)

    def flow_change(self, cells: BoolArray, change: Change) -> FlowChange:
        """A change of the figure in cells (C, N, N)."""
        part = self.trade.folding.mean(cells.astype(float), self.trade.value)
        return FlowChange(part, change.operation, float(change.text))

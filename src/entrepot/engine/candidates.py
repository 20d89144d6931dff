"""Candidates: what scenarios may open, in the network from the start and shut until then.

The network is built once. Rows that candidates put in are part of it: lines are suspended in the
baseline, and what serves only new lines and places (crossings, sailings, nodes) is idle. A scenario
that puts the same row in writes its cells over those of the shut row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from entrepot.errors import UsageError
from entrepot.facts.change import Change, apply, changed_rows, new_row
from entrepot.facts.world import World

NETWORK = ("nodes", "links", "gauge_breaks")
# Rows about the link between two nodes, and the columns with its ends.
ON_LINKS = {
    "border_crossings": ("node_a_id", "node_b_id"),
    "services": ("from_node_id", "to_node_id"),
}
SHUT = "suspended"


def network_rows(changes: Iterable[Change]) -> tuple[Change, ...]:
    """The rows among changes that put new lines or places into the network, each once."""
    new: dict[tuple[str, str], Change] = {}
    for change in changes:
        if change.operation == "insert" and change.table in (*NETWORK, *ON_LINKS):
            new.setdefault((change.table, change.key), change)
    lines = [c.cells for c in new.values() if c.table == "links"]
    ends = {(frozenset((c.get("from_node_id"), c.get("to_node_id"))), c.get("mode")) for c in lines}
    return tuple(c for c in new.values() if c.table in NETWORK or _on_new(c, ends))


def _on_new(change: Change, ends: set[tuple[frozenset[str | None], str | None]]) -> bool:
    first, second = ON_LINKS[change.table]
    cells = change.cells
    return (frozenset((cells.get(first), cells.get(second))), cells.get("mode")) in ends


def with_shut(world: World, candidates: Iterable[Change]) -> World:
    """The facts with the rows of candidates in them, lines shut."""
    rows = []
    for change in network_rows(candidates):
        cells = change.cells | ({"status": SHUT} if change.table == "links" else {})
        rows.append(replace(change, value=cells))
    # A crossing needs its posts and a line its ends.
    order = ("nodes", "links", *NETWORK[2:], *ON_LINKS)
    return apply(world, sorted(rows, key=lambda c: order.index(c.table)))


def on_network(world: World, changes: Sequence[Change]) -> tuple[Change, ...]:
    """Changes as changes of cells of a network that is built already.

    world : facts with the rows of candidates in them. A line that is put in opens, one that is taken
            out is suspended.
    Raises UsageError for a line or place that the network does not have.
    """
    out: list[Change] = []
    for change in changes:
        if change.table == "links" and change.operation == "remove":
            out.append(replace(change, column="status", operation="set", value=SHUT))
        elif change.table in ("nodes", "border_crossings") and change.operation == "remove":
            raise UsageError(
                f"{change.table}, {change.row}: lines end there. Close or remove the lines instead."
            )
        elif change.operation == "insert" and change.table in (*NETWORK, *ON_LINKS):
            out += _written_over(world, change)
        else:
            out.append(change)
    return tuple(out)


def _written_over(world: World, change: Change) -> list[Change]:
    found = changed_rows(world, replace(change, row=change.key, operation="set"))
    if not found:
        if change.table in NETWORK:
            raise UsageError(
                f"{change.table}, {change.key}: the network of this engine does not have it. "
                "Open the engine with it among `candidates`, or call `Engine.solve`."
            )
        return [change]
    cells, raw = new_row(change), world.raw[change.table]
    if change.table == "links":
        cells.setdefault("status", "operating")
    differ = [c for c, v in cells.items() if (raw[c][found[0]] if c in raw else "") != v]
    fixed = {"mode", "basin", "length_km", "gauge_mm", "from_node_id", "to_node_id"} & set(differ)
    if change.table == "links" and fixed:
        raise UsageError(f"links, {change.key}: there is such a link; change its cells by `set`.")
    return [
        replace(change, row=change.key, column=c, operation="set", value=cells[c]) for c in differ
    ]


def routes_needed(
    world: World, candidates: Sequence[Change], changes: Sequence[Change]
) -> tuple[Change, ...]:
    """Changes that open routes and are not among candidates: new lines, and lines that are shut."""
    new = {(c.table, c.key) for c in network_rows(candidates)}
    opened = {(c.table, c.row) for c in candidates if c.operation == "set"}
    out = [c for c in network_rows(changes) if (c.table, c.key) not in new and not _has(world, c)]
    for change in changes:
        if change.table != "links" or change.column != "status" or change.text != "operating":
            continue
        status = _column(world.raw["links"], "status")
        rows = changed_rows(world, change)
        shut = any(status[i] not in ("", "operating") for i in rows if i < len(status))
        if shut and (change.table, change.row) not in opened:
            out.append(change)
    return tuple(out)


def _has(world: World, change: Change) -> bool:
    return bool(changed_rows(world, replace(change, row=change.key, operation="set")))


def _column(raw: Mapping[str, list[str]], name: str) -> list[str]:
    return raw.get(name, [])

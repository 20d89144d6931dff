"""Closures as changes: a place, a link, a border crossing, a country or a mode that nothing passes."""

from __future__ import annotations

import re

from entrepot.errors import UnknownNameError
from entrepot.facts.change import Change, row_keys
from entrepot.facts.places import describe_place
from entrepot.facts.world import World
from entrepot.schema.table import load_schema


def closure(world: World, text: str, *, transit_only: bool = False) -> Change:
    """The rule of passage that closes what a text names.

    text         : a place; a link (uzen-bolashak:rail); a crossing (bolashak,serhetyaka,rail); a country
                   by its alpha-3 code; or mode:sea
    transit_only : goods from and to the country may still pass
    Raises UnknownNameError, or UsageError where several places go by the name.
    """
    where, mode = _where(world, text.strip())
    cells = {
        "rule_id": f"scenario_closed_{re.sub(r'[^a-z0-9]+', '_', text.strip().lower())}",
        "applies_to": where,
        "mode": mode,
        "rule": "closed_to_transit" if transit_only else "closed",
        "effect": f"Closed{' to transit' if transit_only else ''}: {text.strip()}",
        "rule_basis": "operations",
    }
    return Change("passage_rules", operation="insert", value=cells, reason=f"--close {text}")


def _where(world: World, text: str) -> tuple[str, str]:
    """(places of a rule, mode)."""
    schema = load_schema()
    links = {row.link_id: row for row in world.records("links")}
    if text in links:
        return f"{links[text].from_node_id}-{links[text].to_node_id}", links[text].mode
    crossings = row_keys(schema["border_crossings"], world.raw.get("border_crossings", {}))
    if text.replace(" ", "") in crossings:
        a, b, mode = text.replace(" ", "").split(",")
        return f"{a}-{b}", mode
    modes = sorted({row.mode for row in world.records("links")})
    if text.startswith("mode:"):
        if text.removeprefix("mode:") not in modes:
            raise UnknownNameError(text, "mode", [f"mode:{m}" for m in modes])
        return "any", text.removeprefix("mode:")
    if text.upper() in set(world.table("nodes")["country"]):
        return text.upper(), "any"
    try:
        return describe_place(world, text).nodes[0], "any"
    except UnknownNameError:
        nodes = world.table("nodes")
        known = [*nodes["node_id"], *nodes["name"], *links, *crossings]
        raise UnknownNameError(text, "place, link or crossing", known) from None

"""Words that name places, cargo and countries in rules, seasons, chokepoints and named lines."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from entrepot.errors import Finding, nearest
from entrepot.facts.countries import CODES, is_country
from entrepot.facts.read import split_list
from entrepot.facts.view import View


def _tokens(view: View) -> tuple[set[str], set[str], set[str], set[str]]:
    """Known nodes, links (both ways), alpha-3 codes, groups."""
    links = set()
    for _, row in view.rows("links"):
        links.add(f"{row['from_node_id']}-{row['to_node_id']}")
        links.add(f"{row['to_node_id']}-{row['from_node_id']}")
    codes = {r["country"] for r in view.nodes.values()} | {
        r["zone_id"] for _, r in view.rows("zones")
    }
    groups = {r["group"] for _, r in view.rows("rule_groups")}
    return set(view.nodes), links, codes, groups


def passage_words(view: View) -> Iterator[Finding]:
    """Words of the rules of passage and of chokepoints are known, dates in order."""
    nodes, links, codes, groups = _tokens(view)
    places = nodes | links | codes | groups
    countries = codes | groups
    cargo = {r["commodity"] for _, r in view.rows("commodities")} | groups
    cargo |= {"all", "container", "truck", "bulk"}
    columns = (
        ("applies_to", places, "a node, link, alpha-3 code or group"),
        ("cargo", cargo, "a commodity, load or group"),
        ("carrier_group", countries, "an alpha-3 code or group"),
    )
    for at, row in view.rows("passage_rules"):
        for column, known, what in columns:
            yield from _unknown(view, "passage_rules", at, row, column, known, what)
        for column in ("origin_group", "destination_group"):
            for word in split_list(row[column]):
                if word not in countries and not is_country(word):
                    near = nearest(word, countries | CODES, 1)
                    tip = f"nearest known: '{near[0]}'" if near else ""
                    yield view.fault(
                        "passage_rules", at, column, "an alpha-3 code or group", tip, word
                    )
        if row["from_date"] and row["to_date"] and row["to_date"] < row["from_date"]:
            yield view.fault("passage_rules", at, "to_date", f"a day not before {row['from_date']}")
        if row["effect_quantity"] != "none" and not row["effect_value"]:
            yield view.fault(
                "passage_rules", at, "effect_value", f"a value in {row['effect_quantity']}"
            )
        share = row["effect_quantity"] in ("choice_weight", "load_factor", "capacity_factor")
        if share and not 0 < view.number(row["effect_value"] or "1") <= 1:
            tip = "Write a share, not per cent."
            yield view.fault("passage_rules", at, "effect_value", "a share between 0 and 1", tip)
    for at, row in view.rows("chokepoints"):
        yield from _unknown(
            view, "chokepoints", at, row, "applies_to", nodes | links, "a node or link"
        )


def _unknown(
    view: View, table: str, at: int, row: dict[str, str], column: str, known: set[str], what: str
) -> Iterator[Finding]:
    for word in split_list(row[column]):
        for part in word.split("|"):
            if part in known:
                continue
            near = nearest(part, known, 1)
            tip = f"nearest known: '{near[0]}'" if near else ""
            yield view.fault(table, at, column, what, tip, found=part)


def season_words(view: View) -> Iterator[Finding]:
    """Places of seasons are known, effects have values."""
    nodes, links, _, _ = _tokens(view)
    basins = {r["basin"] for _, r in view.rows("links") if r["basin"]}
    known = {"node": nodes, "link": links, "basin": basins}
    for at, row in view.rows("seasons"):
        kind = row["place_kind"]
        yield from _unknown(
            view, "seasons", at, row, "place_id", known.get(kind, set()), f"a {kind}"
        )
        if row["effect_quantity"] != "closed" and not row["effect_value"]:
            yield view.fault("seasons", at, "effect_value", f"a value in {row['effect_quantity']}")
        share = row["effect_quantity"] in ("open_share", "capacity_factor")
        if share and not 0 < view.number(row["effect_value"] or "1") <= 1:
            yield view.fault("seasons", at, "effect_value", "a share between 0 and 1")


def route_words(view: View) -> Iterator[Finding]:
    """Words that describe routes, in corridors and published routes, are known."""
    nodes, _, codes, _ = _tokens(view)
    links = [row for _, row in view.rows("links")]
    modes = {f"mode:{row['mode']}" for row in links}
    basins = {f"basin:{row['basin']}" for row in links if row["basin"]}
    words = nodes | codes | modes | basins
    columns = (
        ("corridors", "requires", words, "a node, alpha-3 code, mode:… or basin:…"),
        ("corridors", "excludes", words, "a node, alpha-3 code, mode:… or basin:…"),
        ("route_benchmark_paths", "via_nodes", nodes, "a node"),
    )
    for table, column, known, what in columns:
        for at, row in view.rows(table):
            yield from _unknown(view, table, at, row, column, known, what)


def flow_words(view: View) -> Iterator[Finding]:
    """Places, ends and cargo of counts, constants and back-tests are known."""
    nodes, links, codes, _ = _tokens(view)
    rows = [row for _, row in view.rows("links")]
    basins = {row["basin"] for row in rows if row["basin"]}
    modes = {row["mode"] for row in rows}
    places = nodes | links | codes | basins
    words = places | {f"{p}@{m}" for p in places for m in modes}
    ends = {r["zone_id"] for _, r in view.rows("zones")}
    ends |= {r["group"] for _, r in view.rows("zone_groups")}
    cargo = {r["commodity"] for _, r in view.rows("commodities")}
    cargo |= {"all", "container", "truck", "bulk"}
    columns = (
        ("through", words, "a node, link, alpha-3 code or basin, with @mode where it has one"),
        ("along", words, "a node, link, alpha-3 code or basin, with @mode where it has one"),
        ("ends_a", ends, "an economy or a group"),
        ("ends_b", ends, "an economy or a group"),
        ("transit_of", ends, "an economy or a group"),
        ("cargo", cargo, "a commodity or a load"),
    )
    for table in ("corridor_counts", "corridor_constants", "back_test_events"):
        for at, row in view.rows(table):
            for column, known, what in columns:
                if column in row:
                    yield from _unknown(view, table, at, row, column, known, what)
    for at, row in view.rows("back_test_events"):
        if row["quantity"] != "closed" and not row["value"]:
            yield view.fault("back_test_events", at, "value", f"a value in {row['quantity']}")


def country_codes(view: View) -> Iterator[Finding]:
    """Countries of nodes and jurisdictions of legal flags are codes of the standard."""
    used = {r["country"] for r in view.nodes.values() if is_country(r["country"])}
    for at, row in view.rows("nodes"):
        code = row["country"]
        if len(code) == 3 and code.isupper() and not is_country(code):
            near = nearest(code, used, 1) or nearest(code, CODES, 1)
            tip = f"nearest known: '{near[0]}'" if near else ""
            yield view.fault("nodes", at, "country", "an ISO 3166 alpha-3 code", tip)
    for at, row in view.rows("legal_flags"):
        if not is_country(row["jurisdiction"].split(":")[0]):
            expected = "an ISO 3166 alpha-3 code before the colon"
            yield view.fault("legal_flags", at, "jurisdiction", expected)


def named_lines(view: View) -> Iterator[Finding]:
    """Lines with a published length run over links and come out within 3 per cent."""
    km = {
        (frozenset((r["from_node_id"], r["to_node_id"])), r["mode"]): view.number(r["length_km"])
        for _, r in view.rows("links")
    }
    for at, row in view.rows("named_lines"):
        nodes = split_list(row["nodes"])
        steps = [(frozenset(p), row["mode"]) for p in pairwise(nodes)]
        gaps = [s for s in steps if s not in km]
        if gaps:
            found = " - ".join(sorted(gaps[0][0]))
            yield view.fault(
                "named_lines", at, "nodes", f"a link by {row['mode']} at each step", "", found
            )
            continue
        length, published = sum(km[s] for s in steps), view.number(row["published_km"])
        if abs(length / published - 1) > 0.03:
            expected = f"within 3 % of the links, {length:.0f} km"
            yield view.fault("named_lines", at, "published_km", expected)

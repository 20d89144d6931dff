"""Ways to break the shipped facts, each with what must be said about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.facts.copies import Copy

ALMATY_ROAD = "almaty-kordai:road"


@dataclass(frozen=True)
class Case:
    """break_it : breaks the copy and gives the row that is wrong (0: the file as a whole)"""

    name: str
    break_it: Callable[[Copy], int]
    file: str
    column: str
    words: tuple[str, ...]
    count: int = 1


def _swap(copy: Copy) -> int:
    at = copy.find("nodes", node_id="almaty")
    lat, lon = copy.get("nodes", at, "lat"), copy.get("nodes", at, "lon")
    return copy.put("nodes", at, lat=lon, lon=lat)


def _twin(copy: Copy) -> int:
    """The same road again, told from its other end."""
    at = copy.find("links", link_id=ALMATY_ROAD)
    row = dict(zip(copy.rows("links")[0], copy.rows("links")[at - 1], strict=True))
    row |= {"link_id": "again", "from_node_id": "kordai", "to_node_id": "almaty"}
    return copy.add("links", **row)


def _short_row(copy: Copy) -> int:
    rows = copy.rows("links")
    rows[9] = rows[9][:-2]
    copy.write("links", rows)
    return 10


def _long_row(copy: Copy) -> int:
    rows = copy.rows("nodes")
    rows[4] = [*rows[4], "one cell too many"]
    copy.write("nodes", rows)
    return 5


def _blank_row(copy: Copy) -> int:
    """An empty row does not move the numbers of the rows after it."""
    rows = copy.rows("zones")
    rows.insert(5, ["", "", "", "", "", ""])
    copy.write("zones", rows)
    return 6


def _fault_after_blank_row(copy: Copy) -> int:
    _blank_row(copy)
    return copy.edit("zones", "value_kind", lambda _: "guessed", zone_id="ZAF")


def _rename(old: str, new: str, table: str) -> Callable[[Copy], int]:
    def break_it(copy: Copy) -> int:
        copy.replace_bytes(table, old.encode(), new.encode())
        return 1

    return break_it


def _drop_column(table: str, column: str) -> Callable[[Copy], int]:
    def break_it(copy: Copy) -> int:
        rows = copy.rows(table)
        at = rows[0].index(column)
        copy.write(table, [row[:at] + row[at + 1 :] for row in rows])
        return 1

    return break_it


def _latin_1(copy: Copy) -> int:
    copy.replace_bytes("zones", b"Armenia", "Arm\xe9nia".encode("latin-1"))
    return 4


def _open_quote(copy: Copy) -> int:
    rows = copy.path("zones").read_text(encoding="utf-8").splitlines()
    rows[-1] = rows[-1].replace(",", ',"', 1)
    copy.path("zones").write_text("\n".join(rows), encoding="utf-8")
    return len(rows)


def _empty(copy: Copy) -> int:
    copy.path("seasons").write_bytes(b"")
    return 1


def _semicolons(copy: Copy) -> int:
    text = copy.path("zones").read_text(encoding="utf-8")
    copy.path("zones").write_text(text.replace(",", ";"), encoding="utf-8")
    return 1


def _strange_file(copy: Copy) -> int:
    copy.path("nodes").rename(copy.folder / "node_list.csv")
    return 0


def _two_hubs_in_per_cent(copy: Copy) -> int:
    copy.put("zone_hubs", copy.find("zone_hubs", zone_id="AFG", node_id="kabul"), weight="60")
    return copy.put(
        "zone_hubs", copy.find("zone_hubs", zone_id="AFG", node_id="herat"), weight="40"
    )


def _hub_without_links(copy: Copy) -> int:
    copy.add(
        "nodes", node_id="nowhere", name="Nowhere", country="KAZ", lat="48", lon="67",
        kind="city", value_kind="assumed", source_id="ASSUMED",
    )  # fmt: skip
    at = copy.find("zone_hubs", zone_id="KAZ", node_id="aktobe")
    return copy.put("zone_hubs", at, node_id="nowhere")


def _no_service(copy: Copy) -> int:
    """Without the default of the rivers, the first river link without a row of its own."""
    copy.drop("services", from_node_id="*", mode="inland_waterway")
    rows = copy.rows("services")
    own = {
        frozenset((r[0], r[1])) for r in rows[1:] if r[rows[0].index("mode")] == "inland_waterway"
    }
    links = copy.rows("links")
    mode, a, b = (links[0].index(c) for c in ("mode", "from_node_id", "to_node_id"))
    return next(
        i + 1
        for i, r in enumerate(links)
        if r[mode] == "inland_waterway" and frozenset((r[a], r[b])) not in own
    )


def _no_rate(copy: Copy) -> int:
    """Without the default for bulk by rail, the first rail link of a country without a row."""
    copy.drop("modes", mode="rail", area="*", vehicle_class="bulk")
    modes = copy.rows("modes")
    known = {r[1] for r in modes if r[0] == "rail" and r[2] == "bulk"}
    country = {r[0]: r[2] for r in copy.rows("nodes")}
    return next(
        i + 1
        for i, r in enumerate(copy.rows("links"))
        if r[3] == "rail" and not {country[r[1]], country[r[2]]} <= known
    )


def _duplicate_key(copy: Copy) -> int:
    rows = copy.rows("commodities")
    copy.write("commodities", [*rows, rows[3]])
    return len(rows) + 1


def _self_link(copy: Copy) -> int:
    return copy.put("links", copy.find("links", link_id=ALMATY_ROAD), to_node_id="almaty")


def _set(table: str, column: str, value: str, **key: str) -> Callable[[Copy], int]:
    return lambda copy: copy.edit(table, column, lambda _: value, **key)


def _times(table: str, column: str, factor: float, **key: str) -> Callable[[Copy], int]:
    return lambda copy: copy.edit(table, column, lambda v: f"{float(v) * factor:.6g}", **key)


DOSTYK_RAIL = {"node_a_id": "dostyk", "node_b_id": "alashankou", "mode": "rail"}

CASES = (
    # Files
    Case("latin_1", _latin_1, "zones.csv", "", ("0xe9", "UTF-8")),
    Case("open_quote", _open_quote, "zones.csv", "", ("quotes",)),
    Case("empty_file", _empty, "seasons.csv", "", ("an empty file", "header")),
    Case("semicolons", _semicolons, "zones.csv", "", ("separated by semicolons",)),
    Case("unknown_file", _strange_file, "node_list.csv", "", ("the name of a table",)),
    Case("short_row", _short_row, "links.csv", "", ("11 cells", "13 cells"), 2),
    Case("long_row", _long_row, "nodes.csv", "", ("12 cells", "11 cells", "quotes")),
    Case("blank_row", _blank_row, "zones.csv", "", ("an empty row",)),
    Case("row_after_blank", _fault_after_blank_row, "zones.csv", "value_kind", ("guessed",), 2),
    # Headers
    Case("misspelt_column", _rename("speed_kmh", "speed_kmph", "modes"), "modes.csv",
         "speed_kmph", ("Did you mean 'speed_kmh'?",), 2),
    Case("missing_column", _drop_column("zones", "name"), "zones.csv", "name", ("no such column",)),
    Case("column_twice", _rename("main_city", "name", "zones"), "zones.csv", "name", ("once",), 2),
    # Cells
    Case("word_for_number", _set("links", "length_km", "long", link_id=ALMATY_ROAD), "links.csv",
         "length_km", ("long", "a number (km)")),
    Case("decimal_comma", _set("nodes", "lat", "43,34", node_id="almaty"), "nodes.csv", "lat",
         ("point for decimals",)),
    Case("underscored_number", _set("links", "length_km", "2_18", link_id=ALMATY_ROAD),
         "links.csv", "length_km", ("a number (km)",)),
    Case("nan", _set("links", "length_km", "NaN", link_id=ALMATY_ROAD), "links.csv", "length_km",
         ("a finite number",)),
    Case("infinite", _set("modes", "usd_per_tkm", "inf", mode="rail", area="KAZ"), "modes.csv",
         "usd_per_tkm", ("a finite number",)),
    Case("overflow", _set("links", "length_km", "1e999", link_id=ALMATY_ROAD), "links.csv",
         "length_km", ("a finite number",)),
    Case("half_a_year", _set("links", "opened_year", "2011.5", link_id="hairatan-mazar:rail"),
         "links.csv", "opened_year", ("a whole number",)),
    Case("year_2", _set("links", "opened_year", "11", link_id="hairatan-mazar:rail"),
         "links.csv", "opened_year", (">= 1800",)),
    Case("negative_length", _set("links", "length_km", "-218", link_id=ALMATY_ROAD), "links.csv",
         "length_km", ("> 0",)),
    Case("negative_fee", _times("border_crossings", "usd_per_teu", -1, node_a_id="gyumri"),
         "border_crossings.csv", "usd_per_teu", (">= 0",)),
    Case("not_allowed", _set("links", "mode", "raod", link_id=ALMATY_ROAD), "links.csv", "mode",
         ("Did you mean 'road'?",)),
    Case("empty_name", _set("nodes", "name", "", node_id="almaty"), "nodes.csv", "name",
         ("a value",)),
    Case("spaces_around_id", _set("zones", "zone_id", "ARM ", zone_id="ARM"), "zones.csv",
         "zone_id", ("without spaces", "'ARM'"), 21),
    Case("small_letters", _set("nodes", "country", "kaz", node_id="almaty"), "nodes.csv",
         "country", ("Did you mean 'KAZ'?",)),
    Case("no_such_country", _set("nodes", "country", "KZA", node_id="almaty"), "nodes.csv",
         "country", ("ISO 3166", "nearest known")),
    Case("locode", _set("nodes", "unlocode", "KZ ALA", node_id="almaty"), "nodes.csv",
         "unlocode", ("the form",)),
    Case("yes_or_no", _set("nodes", "rail_road", "true", node_id="almaty"), "nodes.csv",
         "rail_road", ("yes or no",)),
    Case("day_first", _set("passage_rules", "from_date", "16.04.2022", rule_id="EU_BY_01"),
         "passage_rules.csv", "from_date", ("Is it 2022-04-16?",)),
    Case("no_such_day", _set("passage_rules", "from_date", "2022-02-30", rule_id="EU_BY_01"),
         "passage_rules.csv", "from_date", ("a date like",)),
    Case("packed_day", _set("passage_rules", "from_date", "20220409", rule_id="EU_BY_01"),
         "passage_rules.csv", "from_date", ("a date like",)),
    Case("month_13", _set("seasons", "month_to", "13", place_id="sost-khunjerab_chn"),
         "seasons.csv", "month_to", ("<= 12",)),
    Case("share_above_one", _set("commodities", "containerisable_share", "20",
         commodity="cereals"), "commodities.csv", "containerisable_share", ("<= 1",)),
    Case("duplicate_key", _duplicate_key, "commodities.csv", "commodity", ("First in row 4",)),
    Case("percentiles", _set("border_crossings", "hours_p90", "8", node_a_id="gyumri"),
         "border_crossings.csv", "hours_p90", (">= hours_p50 (14)",)),
    Case("unknown_kind", _set("zones", "value_kind", "gussed", zone_id="ARM"), "zones.csv",
         "value_kind", ("measured",)),
    # Names
    Case("unknown_node", _set("links", "to_node_id", "kordaj", link_id=ALMATY_ROAD), "links.csv",
         "to_node_id", ("nearest known: 'kordai'",)),
    Case("unknown_source", _set("zones", "source_id", "T01;T0", zone_id="ARM"), "zones.csv",
         "source_id", ("a source_id of sources.csv",)),
    Case("unknown_zone", _set("zone_hubs", "zone_id", "AFX", node_id="herat"), "zone_hubs.csv",
         "zone_id", ("'AFG'",), 3),
    Case("unknown_line_node", _set("named_lines", "nodes", "xian;lanzou", line_id="longhai"),
         "named_lines.csv", "nodes", ("'lanzhou'",), 2),
    Case("rule_place", _set("passage_rules", "applies_to", "brset", rule_id="EU_BY_01"),
         "passage_rules.csv", "applies_to", ("'brest'",)),
    Case("rule_origin", _set("passage_rules", "origin_group", "anny", rule_id="EU_BY_01"),
         "passage_rules.csv", "origin_group", ("'any'",)),
    Case("rule_carrier", _set("passage_rules", "carrier_group", "BLR trailor",
         rule_id="EU_BY_02"), "passage_rules.csv", "carrier_group", ("'BLR trailer'",)),
    Case("rule_cargo", _set("passage_rules", "cargo", "cereal", rule_id="EU_BY_01"),
         "passage_rules.csv", "cargo", ("'cereals'",)),
    Case("season_place", _set("seasons", "place_id", "sost-khunjerab", place_id="sost-khunjerab_chn"),
         "seasons.csv", "place_id", ("'sost-khunjerab_chn'",)),
    Case("chokepoint_place", _set("chokepoints", "applies_to", "bosporus",
         chokepoint_id="bosporus"), "chokepoints.csv", "applies_to", ("a node or link",)),
    Case("corridor_word", _set("corridors", "requires", "alat_port;mode:raod",
         corridor_id="middle_poti"), "corridors.csv", "requires", ("'mode:road'",)),
    Case("corridor_choice", _set("corridors", "requires", "aktau_port|kurik_port",
         corridor_id="middle_aktau"), "corridors.csv", "requires", ("'kuryk_port'",)),
    Case("benchmark_via", _set("route_benchmark_paths", "via_nodes", "brst", id="RB003"),
         "route_benchmark_paths.csv", "via_nodes", ("'brest'",)),
    Case("benchmark_id", _set("route_benchmark_paths", "id", "RB999", id="RB003"),
         "route_benchmark_paths.csv", "id", ("route_benchmarks.csv",)),
    Case("flag_country", _set("legal_flags", "jurisdiction", "IRX:chabahar",
         jurisdiction="IRN:chabahar"), "legal_flags.csv", "jurisdiction", ("ISO 3166",)),
    Case("parameter_name", _set("parameters", "parameter", "max_rotes", parameter="max_routes"),
         "parameters.csv", "parameter", ("Did you mean 'max_routes'?",), 2),
    # Links
    Case("self_link", _self_link, "links.csv", "to_node_id", ("another node",)),
    Case("twin_link", _twin, "links.csv", "link_id", ("both directions",)),
    Case("miles", _times("links", "length_km", 1 / 1.609, link_id="ayagoz-semey:road"),
         "links.csv", "length_km", ("looks like miles",)),
    Case("metres", _times("links", "length_km", 1000, link_id=ALMATY_ROAD), "links.csv",
         "length_km", ("looks like metres",)),
    Case("nautical_miles", _times("links", "length_km", 1 / 1.852, link_id="alat_port-amirabad:sea"),
         "links.csv", "length_km", ("nautical miles",)),
    Case("too_long", _times("links", "length_km", 4, link_id=ALMATY_ROAD), "links.csv",
         "length_km", ("2.5 times",)),
    Case("rail_without_gauge", _set("links", "gauge_mm", "", link_id="almaty-kazybek_bek:rail"),
         "links.csv", "gauge_mm", ("by rail",)),
    Case("road_with_gauge", _set("links", "gauge_mm", "1520", link_id=ALMATY_ROAD), "links.csv",
         "gauge_mm", ("no gauge",)),
    Case("gauge_changes", _set("links", "gauge_mm", "1435", link_id="almaty-kazybek_bek:rail"),
         "links.csv", "gauge_mm", ("gauge_breaks.csv", "almaty"), 2),
    Case("sea_without_basin", _set("links", "basin", "", link_id="alat_port-amirabad:sea"),
         "links.csv", "basin", ("by sea",), 4),
    Case("road_with_basin", _set("links", "basin", "caspian", link_id=ALMATY_ROAD), "links.csv",
         "basin", ("not by sea",)),
    # Tables together
    Case("gauge_break_lost", lambda c: (c.drop("gauge_breaks", node_id="dostyk"), c.find(
         "links", link_id="dostyk-aktogay:rail"))[1], "links.csv", "gauge_mm", ("dostyk",)),
    Case("gauge_break_elsewhere", _set("gauge_breaks", "from_gauge_mm", "1676", node_id="dostyk"),
         "gauge_breaks.csv", "from_gauge_mm", ("1435, 1520",), 2),
    Case("gauge_break_of_one", _set("gauge_breaks", "to_gauge_mm", "1435", node_id="dostyk"),
         "gauge_breaks.csv", "to_gauge_mm", ("another gauge",), 2),
    Case("border_inside", _set("border_crossings", "node_b_id", "almaty", **DOSTYK_RAIL),
         "border_crossings.csv", "node_b_id", ("Both lie in KAZ",), 3),
    Case("border_lost", lambda c: (c.drop("border_crossings", **DOSTYK_RAIL), c.find(
         "links", link_id="dostyk-alashankou:rail"))[1], "links.csv", "link_id", ("KAZ-CHN",)),
    Case("hub_weights", _set("zone_hubs", "weight", "0.5", node_id="herat"), "zone_hubs.csv",
         "weight", ("sum to one", "1.1")),
    Case("hub_per_cent", _two_hubs_in_per_cent, "zone_hubs.csv", "weight", ("per cent",), 3),
    Case("hub_lost", lambda c: (c.drop("zone_hubs", zone_id="ARM"), c.find(
         "zones", zone_id="ARM"))[1], "zones.csv", "zone_id", ("a hub",)),
    Case("hub_without_links", _hub_without_links, "zone_hubs.csv", "node_id", ("operating link",)),
    Case("no_service", _no_service, "links.csv", "mode", ("services.csv",), -1),
    Case("service_nowhere", _set("services", "mode", "ferry_roro", mode="ferry_rail",
         from_node_id="poti"), "services.csv", "to_node_id", ("joined by a link",), -1),
    Case("no_rate", _no_rate, "links.csv", "mode", ("modes.csv", "bulk by rail"), -1),
    Case("no_box_rate", _set("modes", "usd_per_teu_km", "", mode="rail", area="KAZ",
         vehicle_class="container"), "modes.csv", "usd_per_teu_km", ("a rate per box",)),
    Case("dates_reversed", _set("passage_rules", "to_date", "2020-01-01", rule_id="EU_BY_01"),
         "passage_rules.csv", "to_date", ("not before 2022-04-09",)),
    Case("effect_without_value", _set("passage_rules", "effect_quantity", "hours",
         rule_id="EU_BY_01"), "passage_rules.csv", "effect_value", ("a value in hours",)),
    Case("season_without_value", _set("seasons", "effect_value", "", place_id="sost-khunjerab_chn"),
         "seasons.csv", "effect_value", ("capacity_factor",)),
    Case("season_in_per_cent", _set("seasons", "effect_value", "30", place_id="sost-khunjerab_chn"),
         "seasons.csv", "effect_value", ("between 0 and 1",)),
    Case("named_line_length", _times("named_lines", "published_km", 0.62, line_id="longhai"),
         "named_lines.csv", "published_km", ("within 3 %",)),
    # Units
    Case("metres_per_second", _times("modes", "speed_kmh", 1 / 3.6, mode="sea", area="caspian",
         vehicle_class="container"), "modes.csv", "speed_kmh", ("looks like m/s",)),
    Case("km_a_day", _times("modes", "speed_kmh", 24, mode="sea", area="caspian",
         vehicle_class="container"), "modes.csv", "speed_kmh", ("km a day",), 2),
    Case("rate_per_box", _times("modes", "usd_per_tkm", 12, mode="rail", area="KAZ",
         vehicle_class="container"), "modes.csv", "usd_per_tkm", ("per box or truck",), 2),
    Case("box_rate_per_tonne", _times("modes", "usd_per_teu_km", 1 / 12, mode="rail", area="KAZ",
         vehicle_class="container"), "modes.csv", "usd_per_teu_km", ("5 to 30 times",)),
    Case("minutes", lambda c: c.put("border_crossings", c.find("border_crossings",
         node_a_id="gyumri"), hours_p50="840", hours_p90="2520"), "border_crossings.csv",
         "hours_p50", ("looks like minutes",)),
    Case("days", lambda c: c.put("transfers", c.find("transfers", kind="port_sea_rail",
         node_id="*"), hours_p10="0.5", hours_p50="1.2", hours_p90="3"), "transfers.csv",
         "hours_p50", ("looks like days",)),
    Case("coordinates_exchanged", _swap, "nodes.csv", "lat", ("exchanged",), -1),
    Case("wrong_sign", _times("nodes", "lon", -1, node_id="almaty"), "nodes.csv", "lon",
         ("sign of the longitude",), -1),
    Case("range_reversed", _set("parameters", "low", "99", parameter="max_routes"),
         "parameters.csv", "value", ("not below low (99)",)),
)  # fmt: skip

"""Small drawn worlds, laid over nothing but what a test needs."""

from __future__ import annotations

from pathlib import Path

from entrepot.facts.load import read_plain
from entrepot.facts.world import World
from entrepot.schema.table import load_schema

SHIPPED = Path(__file__).parent.parent / "src" / "entrepot" / "data" / "eurasia"
KEPT = ("units", "uncertainty", "parameters", "commodities", "sources", "rule_groups", "modes")


def world(**tables: str) -> World:
    """A world from CSV texts; the tables of KEPT come from the shipped facts unless given."""
    shipped = read_plain(SHIPPED)
    schema = load_schema()
    raw = {name: {c: list(v) for c, v in shipped.raw[name].items()} for name in KEPT}
    for name, text in tables.items():
        lines = [line.strip() for line in text.strip().splitlines()]
        header = lines[0].split(",")
        cells = [line.split(",") for line in lines[1:]]
        known = [c.name for c in schema[name].columns]
        assert set(header) <= set(known), (name, set(header) - set(known))
        raw[name] = {h: [row[i] for row in cells] for i, h in enumerate(header)}
    return World(raw, {"name": "drawn", "default_date": "2026-06-30"})


TRANSFERS = """kind,node_id,hours_p10,hours_p50,hours_p90,usd_per_teu,usd_per_t,value_kind,source_id
terminal_rail,*,5,10,20,60,1,measured,ASSUMED
terminal_road,*,2,4,8,30,1,measured,ASSUMED
terminal_sea,*,12,24,48,120,4,measured,ASSUMED
terminal_ferry,*,6,12,24,50,2,measured,ASSUMED
port_sea_rail,*,30,60,120,170,5,measured,ASSUMED
port_sea_road,*,30,60,120,170,5,measured,ASSUMED
rail_road,*,18,36,72,90,4,measured,ASSUMED
ferry_load_rail,*,12,24,72,60,8,measured,ASSUMED
ferry_load_road,*,8,16,48,50,2,measured,ASSUMED
gauge_break,*,12,24,48,60,4,measured,ASSUMED
sea_transship,*,60,120,240,120,4,measured,ASSUMED
"""
SERVICES = """from_node_id,to_node_id,mode,basin,sailings_per_week,waiting_hours_p10,waiting_hours_p50,waiting_hours_p90,surcharge_usd_per_teu,surcharge_part,value_kind,source_id
*,*,sea,caspian,2,10,40,120,0,haulage,measured,ASSUMED
*,*,sea,ocean,2,10,40,120,0,haulage,measured,ASSUMED
*,*,ferry_rail,,3,5,26,120,0,haulage,measured,ASSUMED
"""
EMPTY = {
    "passage_rules": "rule_id,applies_to,mode,rule,effect,rule_basis,value_kind,source_id",
    "corridors": "corridor_id,name,family,priority,requires,excludes,source_id",
    "chokepoints": "chokepoint_id,name,applies_to,source_id",
    "seasons": "place_kind,place_id,mode,month_from,month_to,effect_quantity,effect_value",
    "zones": "zone_id,name",
    "zone_hubs": "zone_id,node_id,weight",
    "legal_flags": "jurisdiction,regime,scope,as_of",
}


def border_world(**more: str) -> World:
    """Two countries, two gauges, and a sea between the ends.

    alpha ── 1000 km, 1520 mm ── post_a ║ 20 km ║ post_b ── 500 km, 1435 mm ── beta   (rail)
      └──────────────── 1600 km by sea (caspian) ────────────────────────────────┘
    AAA: alpha, post_a; BBB: post_b, beta. Gauge changes at post_b.
    """
    tables = {
        "nodes": """node_id,name,country,lat,lon,kind,rail_road,value_kind,source_id
            alpha,Alpha,AAA,45,50,port,yes,published,ASSUMED
            post_a,Post A,AAA,45,58,border_crossing,no,published,ASSUMED
            post_b,Post B,BBB,45,58.2,border_crossing,no,published,ASSUMED
            beta,Beta,BBB,45,63,port,yes,published,ASSUMED""",
        "links": """link_id,from_node_id,to_node_id,mode,basin,length_km,gauge_mm,status,value_kind,source_id
            alpha-post_a:rail,alpha,post_a,rail,,1000,1520,operating,published,ASSUMED
            post_a-post_b:rail,post_a,post_b,rail,,20,1520,operating,published,ASSUMED
            post_b-beta:rail,post_b,beta,rail,,500,1435,operating,published,ASSUMED
            alpha-beta:sea,alpha,beta,sea,caspian,1600,,operating,published,ASSUMED""",
        "gauge_breaks": """node_id,from_gauge_mm,to_gauge_mm,technique,value_kind,source_id
            post_b,1520,1435,transshipment,published,ASSUMED""",
        "border_crossings": """node_a_id,node_b_id,mode,hours_p10,hours_p50,hours_p90,usd_per_teu,usd_per_t,value_kind,source_id
            post_a,post_b,rail,5,10,30,100,5,measured,ASSUMED""",
        "transfers": TRANSFERS,
        "services": SERVICES,
        **EMPTY,
    }
    return world(**{**tables, **more})

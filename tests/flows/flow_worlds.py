"""Worlds with zones, drawn or cut from the shipped one."""

from __future__ import annotations

from entrepot.facts.world import World
from entrepot.routes.cargo_class import CargoClass
from tests.worlds import border_world

BOX = (CargoClass(None, "teu"),)
RULE_COLUMNS = (
    "rule_id,applies_to,mode,origin_group,destination_group,cargo,carrier_group,rule,effect,"
    "effect_quantity,effect_value,from_date,to_date,rule_basis,value_kind,source_id\n"
)


def zone_world(**more: str) -> World:
    """The two countries of `border_world`, a second hub behind beta, and an island.

    alpha ── 1000 km ── post_a ║ post_b ── 500 km ── beta ── 300 km ── gamma   (rail)
      └───────────────── 1600 km by sea ───────────────┘            isle
    AAA: alpha; BBB: beta 3/4, gamma 1/4; CCC: isle, where nothing goes.
    """
    tables = {
        "nodes": """node_id,name,country,lat,lon,kind,rail_road,value_kind,source_id
            alpha,Alpha,AAA,45,50,port,yes,published,ASSUMED
            post_a,Post A,AAA,45,58,border_crossing,no,published,ASSUMED
            post_b,Post B,BBB,45,58.2,border_crossing,no,published,ASSUMED
            beta,Beta,BBB,45,63,port,yes,published,ASSUMED
            gamma,Gamma,BBB,45,67,rail_station,yes,published,ASSUMED
            isle,Isle,CCC,30,60,port,yes,published,ASSUMED
            sandbank,Sandbank,CCC,30,61,port,yes,published,ASSUMED""",
        "links": """link_id,from_node_id,to_node_id,mode,basin,length_km,gauge_mm,status,value_kind,source_id
            alpha-post_a:rail,alpha,post_a,rail,,1000,1520,operating,published,ASSUMED
            post_a-post_b:rail,post_a,post_b,rail,,20,1520,operating,published,ASSUMED
            post_b-beta:rail,post_b,beta,rail,,500,1435,operating,published,ASSUMED
            beta-gamma:rail,beta,gamma,rail,,300,1435,operating,published,ASSUMED
            alpha-beta:sea,alpha,beta,sea,caspian,1600,,operating,published,ASSUMED
            isle-sandbank:sea,isle,sandbank,sea,caspian,50,,operating,published,ASSUMED""",
        "zones": """zone_id,name
            AAA,Alphaland
            BBB,Betaland
            CCC,Isles""",
        "zone_hubs": """zone_id,node_id,weight
            AAA,alpha,1
            BBB,beta,0.75
            BBB,gamma,0.25
            CCC,isle,1""",
    }
    return border_world(**{**tables, **more})


def only(world: World, zones: tuple[str, ...]) -> World:
    """The same facts with some of the zones, in this order."""
    raw = dict(world.raw.items())
    for table in ("zones", "zone_hubs"):
        codes = raw[table]["zone_id"]
        rows = [i for z in zones for i, c in enumerate(codes) if c == z]
        raw[table] = {c: [cells[i] for i in rows] for c, cells in raw[table].items()}
    return World(raw, world.meta)


def without_constants(world: World) -> World:
    """The same facts without constants of corridors, which the one-pair path does not take."""
    return World(
        {name: cells for name, cells in world.raw.items() if name != "corridor_constants"},
        world.meta,
    )

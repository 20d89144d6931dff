"""A small world in which freight, congestion and trade all answer, drawn in full."""

from __future__ import annotations

from functools import cache

import numpy as np

from entrepot.equilibrium.coupled import CoupledWorld, Scenario
from entrepot.facts.load import read_plain
from entrepot.facts.world import World
from entrepot.flows.flow_model import FlowModel
from entrepot.flows.route_sets import find_route_sets
from entrepot.network.graph import ArcKind
from entrepot.routes.cargo_class import all_classes
from entrepot.routes.session import Session
from entrepot.trade.world.trade_world import TradeWorld
from tests.worlds import SERVICES, SHIPPED, border_world

GOODS = {"cereals": "food", "perishables": "food", "machinery_electrical": "machines"}
FERRY = "*,*,ferry_roro,,3,5,26,120,0,haulage,measured,ASSUMED\n"
NO_ROWS = "place,capacity_known,shape,exponent,rise_at_capacity,value_kind,source_id"
CONGESTION = f"""{NO_ROWS}
border,no,power,0.1,0,assumed,ASSUMED
border,yes,queue,,0,assumed,ASSUMED
port,no,power,0.1,0,assumed,ASSUMED
gauge,no,power,0.1,0,assumed,ASSUMED
sailing,no,power,0.1,0,assumed,ASSUMED
sailing,yes,queue,,0,assumed,ASSUMED
line,yes,power,4,0.15,assumed,ASSUMED"""
TABLES = {
    "nodes": """node_id,name,country,lat,lon,kind,rail_road,value_kind,source_id
        alpha,Alpha,AAA,45,50,port,yes,published,ASSUMED
        acity,Acity,AAA,46,48,rail_station,yes,published,ASSUMED
        post_a,Post A,AAA,45,58,border_crossing,no,published,ASSUMED
        post_b,Post B,BBB,45,58.2,border_crossing,no,published,ASSUMED
        post_c,Post C,AAA,44,58,border_crossing,no,published,ASSUMED
        post_d,Post D,BBB,44,58.2,border_crossing,no,published,ASSUMED
        beta,Beta,BBB,45,63,port,yes,published,ASSUMED
        gamma,Gamma,BBB,45,67,rail_station,yes,published,ASSUMED
        post_e,Post E,BBB,45,70,border_crossing,no,published,ASSUMED
        post_f,Post F,CCC,45,70.2,border_crossing,no,published,ASSUMED
        delta,Delta,CCC,45,72,port,yes,published,ASSUMED""",
    "links": """link_id,from_node_id,to_node_id,mode,basin,length_km,gauge_mm,status,capacity_mt_per_year,value_kind,source_id
        acity-alpha:rail,acity,alpha,rail,,200,1520,operating,0.7,published,ASSUMED
        acity-alpha:road,acity,alpha,road,,190,,operating,,published,ASSUMED
        alpha-post_a:rail,alpha,post_a,rail,,1000,1520,operating,,published,ASSUMED
        post_a-post_b:rail,post_a,post_b,rail,,20,1520,operating,,published,ASSUMED
        post_b-beta:rail,post_b,beta,rail,,500,1435,operating,1.2,published,ASSUMED
        alpha-post_c:rail,alpha,post_c,rail,,1040,1520,operating,,published,ASSUMED
        post_c-post_d:rail,post_c,post_d,rail,,30,1520,operating,0.3,published,ASSUMED
        post_d-beta:rail,post_d,beta,rail,,520,1435,operating,,published,ASSUMED
        beta-gamma:rail,beta,gamma,rail,,300,1435,operating,,published,ASSUMED
        gamma-post_e:rail,gamma,post_e,rail,,250,1435,operating,,published,ASSUMED
        post_e-post_f:rail,post_e,post_f,rail,,10,1435,operating,,published,ASSUMED
        post_f-delta:rail,post_f,delta,rail,,150,1435,operating,,published,ASSUMED
        alpha-post_a:road,alpha,post_a,road,,980,,operating,,published,ASSUMED
        post_a-post_b:road,post_a,post_b,road,,20,,operating,,published,ASSUMED
        post_b-beta:road,post_b,beta,road,,490,,operating,,published,ASSUMED
        beta-gamma:road,beta,gamma,road,,290,,operating,,published,ASSUMED
        gamma-post_e:road,gamma,post_e,road,,240,,operating,,published,ASSUMED
        post_e-post_f:road,post_e,post_f,road,,10,,operating,,published,ASSUMED
        post_f-delta:road,post_f,delta,road,,140,,operating,,published,ASSUMED
        alpha-beta:sea,alpha,beta,sea,caspian,1600,,operating,,published,ASSUMED
        alpha-delta:sea,alpha,delta,sea,caspian,2300,,operating,,published,ASSUMED
        alpha-beta:roro,alpha,beta,ferry_roro,,1500,,operating,0.25,published,ASSUMED""",
    "gauge_breaks": """node_id,from_gauge_mm,to_gauge_mm,technique,value_kind,source_id
        post_b,1520,1435,transshipment,published,ASSUMED
        post_d,1520,1435,transshipment,published,ASSUMED""",
    "border_crossings": """node_a_id,node_b_id,mode,hours_p10,hours_p50,hours_p90,usd_per_teu,usd_per_t,capacity_mt_per_year,value_kind,source_id
        post_a,post_b,rail,5,30,60,100,5,0.4,measured,ASSUMED
        post_c,post_d,rail,5,20,60,80,4,0.25,measured,ASSUMED
        post_a,post_b,road,4,16,40,50,5,2,measured,ASSUMED
        post_e,post_f,rail,3,9,20,50,3,,measured,ASSUMED
        post_e,post_f,road,3,8,20,40,3,,measured,ASSUMED""",
    "services": SERVICES + FERRY,
    "zones": """zone_id,name,region,gdp_musd,population,landlocked,latitude,longitude,borders,value_kind,source_id
        ROW,Rest,West,90000,100,no,0,0,,assumed,ASSUMED
        AAA,Alphaland,East,9000,10,no,45,50,BBB,assumed,ASSUMED
        BBB,Betaland,East,7000,8,no,45,65,AAA,assumed,ASSUMED
        CCC,Gammaland,East,3000,4,no,45,72,BBB,assumed,ASSUMED""",
    "zone_hubs": """zone_id,node_id,weight
        AAA,alpha,0.7
        AAA,acity,0.3
        BBB,beta,0.75
        BBB,gamma,0.25
        CCC,delta,1""",
    "zone_groups": "group,kind,members,value_kind,source_id",
    "tariffs": """importer,exporter,commodity,regime,valid_from,valid_to,rate,rate_low,rate_high,value_kind,source_id
        AAA,*,*,first,2020-01-01,,0.1,0.05,0.2,assumed,ASSUMED
        BBB,AAA,*,first,2020-01-01,,0.25,0.05,0.4,assumed,ASSUMED
        BBB,AAA,cereals,first,2020-01-01,,0.05,0.01,0.1,assumed,ASSUMED
        CCC,BBB,*,first,2020-01-01,,0.15,0.05,0.2,assumed,ASSUMED""",
    "payment_friction": "zone_a,zone_b,commodities,share,share_low,share_high,value_kind,source_id",
    "value_densities": "exporter,importer,commodity,usd_per_t,value_kind,source_id",
    "pipeline_shares": """exporter,importer,commodity,share,share_low,share_high,value_kind,source_id
        AAA,BBB,cereals,0.4,0.3,0.5,assumed,ASSUMED
        BBB,CCC,machinery_electrical,0.2,0.1,0.3,assumed,ASSUMED""",
    "elasticity_estimates": """commodity,publication,theta,value_kind,source_id
        cereals,one,6,assumed,ASSUMED
        perishables,one,5,assumed,ASSUMED
        machinery_electrical,one,4,assumed,ASSUMED""",
    "congestion": CONGESTION,
}  # fmt: skip
# Million USD a year: exporter, importer, then by good.
TRADE = """
    AAA BBB 260 700 2600
    BBB AAA 150 380 5200
    AAA CCC 120 150 1300
    CCC AAA 90 260 800
    BBB CCC 70 210 900
    CCC BBB 140 120 1400
    AAA ROW 300 200 900
    ROW AAA 100 150 4000
    BBB ROW 150 100 800
    ROW BBB 200 180 3500
    CCC ROW 60 80 300
    ROW CCC 40 60 900
"""
HOME = {"ROW": 90000, "AAA": 9000, "BBB": 7000, "CCC": 3000}
KIND = "assumed,ASSUMED"


def facts(scale: float = 1.0, home: bool = True, **more: str) -> World:
    """The facts of the small world.

    acity ─ alpha ═ post_a ║ post_b ═ beta ═ gamma ═ post_e ║ post_f ═ delta     rail and road
              ├──── post_c ║ post_d ────┤                                     a second railway
              ├─────── sea and ro-ro ───┘                                │
              └──────────────────────── sea ─────────────────────────────┘
    AAA: acity, alpha; BBB: beta, gamma; CCC: delta; ROW trades but has no hub.
    scale : of trade between economies
    """
    rows = [line.split() for line in TRADE.strip().splitlines()]
    pairs = [(a, b, [scale * float(x) for x in cells]) for a, b, *cells in rows]
    totals = "\n".join(f"{a},{b},{sum(v)},{KIND}" for a, b, v in pairs)
    cells = "\n".join(
        f"{a},{b},{good},{x},{KIND}" for a, b, v in pairs for good, x in zip(GOODS, v, strict=True)
    )
    inside = "\n".join(f"{z},{v},{v},{KIND}" for z, v in HOME.items())
    made = border_world(
        **{
            **TABLES,
            "commodities": _commodities(),
            "trade_totals": "exporter,importer,value_musd,value_kind,source_id\n" + totals,
            "trade_by_commodity": "exporter,importer,commodity,value_musd,value_kind,source_id\n"
            + cells,
            "internal_trade": "zone_id,from_goods_output_musd,from_gdp_musd,value_kind,source_id\n"
            + inside,
            **more,
        }
    )
    return World(made.raw, {**made.meta, "trade_base_year": "2022"})


def _commodities() -> str:
    """Three goods of the shipped facts, two of them in one sector."""
    raw = read_plain(SHIPPED).raw["commodities"]
    columns = [c for c in raw if c not in ("note", "name", "hs_chapters")]
    rows = []
    for good, sector in GOODS.items():
        row = {c: raw[c][raw["commodity"].index(good)] for c in columns}
        rows.append(",".join({**row, "broad_group": sector}[c] for c in columns))
    return "\n".join([",".join(columns), *rows])


def couple(
    world: World, detail: str = "broad_group", deficit: str = "proportional"
) -> CoupledWorld:
    """Flows and trade of facts, nothing kept on disk."""
    session = Session.open(world)
    classes = all_classes(world)
    model = FlowModel.on_sets(session, find_route_sets(session, classes=classes), classes)
    return CoupledWorld.of(model, TradeWorld.of_world(world, detail=detail), deficit=deficit)


@cache
def small(scale: float = 1.0, detail: str = "broad_group") -> CoupledWorld:
    """The small world, drawn once."""
    return couple(facts(scale), detail)


def arcs_of(world: CoupledWorld, link: str, kind: ArcKind | None = None) -> np.ndarray:
    """(A,) arcs of a link, of one kind or of all."""
    network = world.response.model.session.network
    on = network.link == network.link_id.index(link)
    return on if kind is None else on & (network.kind == kind)


def dearer(world: CoupledWorld, arcs: np.ndarray, hours: float = 0.0, usd: float = 0.0) -> Scenario:
    """Hours and USD/t more on arcs (A,)."""
    model, on = world.response.model, arcs.astype(float)
    return Scenario(cost=model.dearer(hours=hours * on, usd_per_t=usd * on).total)


def closed(world: CoupledWorld, *links: str) -> Scenario:
    """Links that nothing passes."""
    model = world.response.model
    shut = np.logical_or.reduce([arcs_of(world, link) for link in links])
    return Scenario(cost=model.dearer(closed=shut).total)


def spot(world: CoupledWorld, name: str) -> int:
    """Number of a bottleneck."""
    return world.bottlenecks.name.index(name)

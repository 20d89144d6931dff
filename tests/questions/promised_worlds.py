"""The small coupled world with a line to be built, rules, payment, and promises on it."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from unittest.mock import patch

import numpy as np

from entrepot.dossier import Dossier, Measure, MeasureChange, Prospect
from entrepot.engine.coupled_facts import CoupledFacts
from entrepot.engine.drawn_world import Uncertain
from entrepot.equilibrium.loop import Equilibrium, solve
from entrepot.facts.change import Change
from entrepot.facts.world import World
from entrepot.flows.route_cache import OFF, VARIABLE
from entrepot.questions.promises.promises import Alone, PromisePlan, measure_alone
from entrepot.routes.session import Session
from entrepot.schema.table import load_schema
from entrepot.uncertainty.ranges import Range
from tests.equilibrium.coupled_worlds import TABLES, facts
from tests.flows.flow_worlds import RULE_COLUMNS
from tests.worlds import KEPT

PAIR = ("AAA", "BBB")
DAY = "2026-06-30"
TURNOVER = 5000.0
NEW_LINE = "acity-beta:rail"
RULES = RULE_COLUMNS + (
    "R1,post_a-post_b,rail,any,any,all,any,slower,Slow,hours,12,,,operations,assumed,ASSUMED\n"
    "R2,alpha-beta,sea,any,any,all,any,not_used_in_practice,Rare,choice_weight,0.3,,,practice,assumed,ASSUMED\n"
    "R3,alpha-post_c,rail,any,any,all,any,restricted,Half full,load_factor,0.7,,,operations,assumed,ASSUMED\n"
    "R4,alpha-post_a,road,any,any,all,any,closed,Shut in 2027,none,,2027-01-01,,law,assumed,ASSUMED\n"
    "R5,post_a-post_b,road,any,any,all,any,restricted,Toll,usd_per_teu,90,,,law,assumed,ASSUMED\n"
    "R6,alpha-beta,ferry_roro,any,any,machinery_electrical,any,closed,No machines,none,,,,law,assumed,ASSUMED\n"
)
MORE = {
    "passage_rules": RULES,
    "links": TABLES["links"]
    + "\n        acity-beta:rail,acity,beta,rail,,1200,1520,planned,,published,ASSUMED",
    "border_crossings": TABLES["border_crossings"]
    + "\n        acity,beta,rail,3,8,20,60,3,,measured,ASSUMED",
    "payment_friction": """zone_a,zone_b,commodities,share,share_low,share_high,value_kind,source_id
        AAA,BBB,*,0.1,0.04,0.2,assumed,ASSUMED
        AAA,CCC,*,0.05,0.02,0.1,assumed,ASSUMED""",
}  # fmt: skip


def change(table: str, row: str, column: str, operation: str, value: object) -> Change:
    return Change(table, row, column, operation, str(value))


OPENED = (change("links", NEW_LINE, "status", "set", "operating"),)
# One change or more of every table that promises use.
SETS: dict[str, tuple[Change, ...]] = {
    "border hours": tuple(
        change("border_crossings", "post_a,post_b,rail", f"hours_p{p}", "scale", 0.8)
        for p in (10, 50, 90)
    ),
    "border fees": (
        change("border_crossings", "post_a,post_b,road", "usd_per_teu", "add", -20),
        change("border_crossings", "post_e,post_f,rail", "usd_per_t", "scale", 0.5),
    ),
    "border capacity": (
        change("border_crossings", "post_a,post_b,rail", "capacity_mt_per_year", "scale", 1.5),
    ),
    "transfers": (
        *(change("transfers", "gauge_break,*", f"hours_p{p}", "scale", 0.9) for p in (10, 50, 90)),
        change("transfers", "port_sea_rail,*", "usd_per_teu", "add", 15),
    ),
    "services": (
        change("services", "*,*,sea,caspian", "waiting_hours_p50", "set", 30),
        change("services", "*,*,sea,caspian", "extra_hours", "add", 5),
        change("services", "*,*,ferry_roro,", "surcharge_usd_per_teu", "add", 40),
    ),
    "modes": (
        change("modes", "rail,*,container", "speed_kmh", "scale", 1.1),
        change("modes", "rail,*,container", "usd_per_teu_km", "scale", 0.9),
    ),
    "line opens": OPENED,
    "line shut": (change("links", "post_a-post_b:rail", "status", "set", "suspended"),),
    "line capacity": (
        change("links", "post_b-beta:rail", "capacity_mt_per_year", "scale", 1.3),
    ),
    "rule hours": (change("passage_rules", "R1", "effect_value", "set", 3),),
    "rule weight": (change("passage_rules", "R2", "effect_value", "set", 0.8),),
    "rule loads": (change("passage_rules", "R3", "effect_value", "set", 0.9),),
    "rule shuts": (change("passage_rules", "R4", "from_date", "set", "2020-01-01"),),
    "rule charge": (change("passage_rules", "R5", "effect_value", "set", 20),),
    "rule opens": (change("passage_rules", "R6", "rule", "set", "restricted"),),
    "parameters": (
        change("parameters", "reliability_ratio", "value", "scale", 1.1),
        change("parameters", "dwell_factor", "value", "scale", 0.9),
        change("parameters", "co2e_price_usd_per_t", "value", "set", 25),
    ),
}  # fmt: skip
DUTIES = (
    change("tariffs", "BBB,AAA,*,2020-01-01", "rate", "add", -0.1),
    change("tariffs", "AAA,*,*,2020-01-01", "rate", "scale", 0.5),
)
PAYMENT = (
    change("payment_friction", "AAA,BBB,*", "share", "scale", 0.6),
    change("payment_friction", "AAA,BBB,*", "share_low", "scale", 0.6),
    change("payment_friction", "AAA,BBB,*", "share_high", "scale", 0.6),
)


@cache
def promised_world() -> World:
    return facts(**MORE)


@cache
def session() -> Session:
    return Session.open(promised_world())


@cache
def coupled(opening: bool = True) -> CoupledFacts:
    # Nothing of a drawn world is left in anybody's cache.
    with patch.dict(os.environ, {VARIABLE: OFF}):
        return CoupledFacts.of(
            session(), DAY, {PAIR: TURNOVER}, candidates=OPENED if opening else ()
        )


@cache
def base(opening: bool = True) -> Equilibrium:
    return solve(coupled(opening).world)


@cache
def uncertain() -> Uncertain:
    return Uncertain(coupled(), PAIR, (0.9, 1.1))


def measure(
    name: str, changes: Sequence[Change], theme: str = "border", low: Sequence[str] | None = None,
    high: Sequence[str] | None = None,
) -> Measure:  # fmt: skip
    """A measure of changes; low and high sizes are the middle one unless given."""
    mid = [c.value for c in changes]
    return Measure(
        name,
        f"Measure {name}",
        theme,
        "drawn",
        ("ASSUMED",),
        commitment="" if theme == "setbacks" else "C1",
        change=tuple(
            MeasureChange(c.table, (c.row,), (c.column,), c.operation, a, c.value, b)
            for c, a, b in zip(changes, low or mid, high or mid, strict=True)
        ),
    )


def prospect(
    name: str,
    probability: tuple[float, float, float] = (0.3, 0.5, 0.7),
    due: float = 2028.0,
    delay: tuple[float, float, float] = (0.0, 1.0, 4.0),
    group: str = "",
) -> Prospect:
    return Prospect(
        f"P-{name}", name, Range(*probability), due, Range(*delay), "assumed", "drawn",
        group=group,
    )  # fmt: skip


def hours(row: str, factor: float) -> list[Change]:
    return [change("border_crossings", row, f"hours_p{p}", "scale", factor) for p in (10, 50, 90)]


@cache
def measures() -> tuple[Measure, ...]:
    rail = hours("post_a,post_b,rail", 0.7)
    return (
        measure("M1", rail, "border", ["0.9"] * 3, ["0.4"] * 3),
        measure("M2", DUTIES[:1], "tariff", ["-0.05"], ["-0.2"]),
        measure("M3", PAYMENT, "payment", ["0.9"] * 3, ["0.4"] * 3),
        measure("M4", OPENED, "infrastructure"),
        measure("M5", SETS["border capacity"], "border", ["1.2"], ["2"]),
        measure("S1", hours("post_a,post_b,road", 1.5), "setbacks"),
    )


@cache
def alone() -> tuple[Alone, ...]:
    return tuple(measure_alone(coupled(), m, PAIR, base()) for m in measures())


def plan(
    probability: tuple[float, float, float] | None = None,
    target: float | None = 7000.0,
    growth: tuple[float, float, float] = (0.0, 0.02, 0.04),
    delay: tuple[float, float, float] = (0.0, 1.0, 4.0),
    group: str = "",
) -> PromisePlan:
    """The promises, all with the same odds where they are given."""
    odds = probability or (0.3, 0.5, 0.7)
    return PromisePlan(
        PAIR,
        measures(),
        {m.id: prospect(m.id, odds, delay=delay, group=group) for m in measures()},
        {a.id: a for a in alone()},
        np.arange(2026, 2036.0),
        2026.5,
        growth,
        (0.35, 5.0),
        0.5,
        target,
        TURNOVER,
    )


def dossier() -> Dossier:
    return Dossier("drawn", "Drawn", PAIR, all_measures=measures())


# Codes that are on the map, and lengths no shorter than great circles.
CODES = {"AAA": "KAZ", "BBB": "TKM", "CCC": "IRN"}
LENGTHS = {
    "beta-gamma:rail": "330", "post_e-post_f:rail": "20", "beta-gamma:road": "320",
    "post_e-post_f:road": "20",
}  # fmt: skip


@cache
def map_world() -> World:
    """The promised world as a user could have it: it passes every check of a folder."""
    raw = {n: {c: list(v) for c, v in t.items()} for n, t in promised_world().raw.items()}
    schema = load_schema()
    for name, table in raw.items():
        for column, cells in table.items():
            table[column] = [",".join(CODES.get(p, p) for p in x.split(",")) for x in cells]
        count = len(next(iter(table.values())))
        for column in schema[name].columns:
            if column.name not in table:
                filled = {"value_kind": "assumed", "source_id": "ASSUMED", "name": "Good"}
                table[column.name] = [filled.get(column.name, column.default or "")] * count
        if name not in KEPT:
            # Nothing goes between the rest of the world and hubs that are on no map.
            keep = [i for i in range(count) if "ROW" not in {c[i] for c in table.values()}]
            raw[name] = {c: [v[i] for i in keep] for c, v in table.items()}
    links = raw["links"]
    links["length_km"] = [
        LENGTHS.get(n, x) for n, x in zip(links["link_id"], links["length_km"], strict=True)
    ]
    return World(raw, {**promised_world().meta, "trade_base_year": "2022"})


MAP_PAIR = ("KAZ", "TKM")


def write_world(folder: Path) -> Path:
    """`map_world` as a folder of the user's own, laid over nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    world = map_world()
    for name, cells in world.raw.items():
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            out = csv.writer(file)
            out.writerow(cells)
            out.writerows(zip(*cells.values(), strict=True))
    meta = {**world.meta, "base": "none"}
    text = "\n".join(f'{k} = "{v}"' for k, v in meta.items())
    (folder / "world.toml").write_text(text + "\n", encoding="utf-8")
    return folder


def write_dossier(folder: Path) -> Path:
    """The promises on `map_world` as a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    themes = dict.fromkeys(m.theme for m in measures() if m.commitment)
    text = "\n".join(_commitment(t) for t in themes)
    text += "\n".join(_measure(m) + _prospect(m.id) for m in measures())
    (folder / "all.toml").write_text(text, encoding="utf-8")
    pair = ", ".join(f'"{z}"' for z in MAP_PAIR)
    head = f'name = "drawn"\ntitle = "Drawn"\npair = [{pair}]\nbase = "none"\n'
    (folder / "dossier.toml").write_text(head, encoding="utf-8")
    return folder


def _commitment(theme: str) -> str:
    return (
        f'[[commitment]]\nid = "C-{theme}"\ndate = "2026-01"\nparties = ["KAZ", "TKM"]\n'
        f'text = "A promise"\ntheme = "{theme}"\nsource_id = ["ASSUMED"]\n'
    )


def _measure(m: Measure) -> str:
    about = f'commitment = "C-{m.theme}"\n' if m.commitment else ""
    out = (
        f'\n[[measure]]\nid = "{m.id}"\ntitle = "{m.title}"\ntheme = "{m.theme}"\n{about}'
        f'reason = "drawn"\nsource_id = ["ASSUMED"]\n'
    )
    for c in m.change:
        row = ",".join(CODES.get(p, p) for p in c.rows[0].split(","))
        out += (
            f'[[measure.change]]\ntable = "{c.table}"\nrows = ["{row}"]\n'
            f'columns = ["{c.columns[0]}"]\noperation = "{c.operation}"\n'
        )
        out += "".join(f"{side} = {_value(c.value(side))}\n" for side in ("low", "mid", "high"))
    return out


def _value(text: str) -> str:
    try:
        return str(float(text))
    except ValueError:
        return f'"{text}"'


def _prospect(name: str) -> str:
    return (
        f'\n[[prospect]]\nid = "P-{name}"\nmeasure = "{name}"\n'
        "probability = { low = 0.3, mid = 0.5, high = 0.7 }\ndue = 2028.0\n"
        'delay = { p10 = 0, p50 = 1, p90 = 4 }\nkind = "assumed"\nreason = "Drawn"\n'
    )

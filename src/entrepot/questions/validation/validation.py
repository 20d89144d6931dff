"""How good is the model? Modelled against published days, prices and distances.

Each benchmark is run twice. *Forced*: through its published corridor, with the published modes,
and without rules of passage (the trip took place). *Free*: with the rules of its year, to see at
which rank the model's own choice takes the published corridor.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from entrepot.errors import BadInputError, Finding, UsageError, format_findings, nearest
from entrepot.facts.read import read_csv, split_list, typed
from entrepot.questions.validation.published import forced_path, takes
from entrepot.routes.evaluate import RuleEffect, sample
from entrepot.routes.find import candidate_routes
from entrepot.routes.session import Pricing, Session
from entrepot.schema.check import Raw, check_table
from entrepot.schema.table import load_schema

if TYPE_CHECKING:
    from pathlib import Path

    from entrepot.facts.world import World

NO_RULES = RuleEffect((), (), 1.0, (), ())
UNITS = {"TEU": "teu", "FEU": "feu", "truck": "truck", "container": "feu", "tonne": "t"}


@dataclass(frozen=True, slots=True)
class Validation:
    """Rows and summary.

    rows    : table `validation`, one row per benchmark with a path
    summary : errors of the core rows, by measure: n, median_abs_error, mean_abs_error,
              bias (geometric mean of modelled over published), coverage (share of published values
              within the modelled P10-P90); free_choice: n, in_first_three
    """

    rows: pd.DataFrame
    summary: dict[str, dict[str, float]]

    def as_json(self) -> dict[str, Any]:
        rows = self.rows.astype(object).where(self.rows.notna(), None)
        return {**self.summary, "rows": rows.to_dict(orient="records")}


def validate(
    session: Session,
    benchmarks: pd.DataFrame | None = None,
    paths: pd.DataFrame | None = None,
    *,
    free: bool = True,
) -> Validation:
    """Run every benchmark that has a path; the shipped ones when none are given."""
    world = session.world
    benchmarks = world.table("route_benchmarks") if benchmarks is None else benchmarks
    paths = world.table("route_benchmark_paths") if paths is None else paths
    by_id = {r.id: r for r in benchmarks.itertuples(index=False)}
    rows = [
        _row(session, by_id[p.id], p, free=free)
        for p in paths.itertuples(index=False)
        if p.id in by_id
    ]
    table = pd.DataFrame(rows)
    return Validation(table, summarise(table))


def read_benchmarks(
    world: World, benchmarks: Path | None, paths: Path | None
) -> tuple[pd.DataFrame | None, pd.DataFrame | None]:
    """Tables of the user's own, checked like any other; None where no file is given."""
    schema = load_schema()
    findings: list[Finding] = []
    tables: list[pd.DataFrame | None] = []
    known = set(world.table("nodes")["node_id"])
    for name, path in (("route_benchmarks", benchmarks), ("route_benchmark_paths", paths)):
        if path is None:
            tables.append(None)
            continue
        if not path.is_file():
            raise UsageError(f"File not found: '{path}'.")
        raw, faults = read_csv(path)
        faults += check_table(schema[name], raw, path.name) if raw else []
        if name == "route_benchmark_paths":
            faults += _unknown_nodes(raw, path.name, known)
        findings += faults
        tables.append(typed(schema[name], raw) if not faults else None)
    if findings:
        raise BadInputError(format_findings(findings), findings)
    return tables[0], tables[1]


def _unknown_nodes(raw: Raw, file: str, known: set[str]) -> list[Finding]:
    out = []
    for column in ("origin_node", "destination_node", "via_nodes", "via_avoid"):
        for i, cell in enumerate(raw.get(column, [])):
            for node in (n for item in split_list(cell) for n in item.split("|")):
                if node not in known:
                    near = nearest(node, known, 1)
                    tip = f"nearest known: '{near[0]}'" if near else ""
                    out.append(Finding(file, i + 2, raw["id"][i], column, node, "a node", tip))
    return out


def summarise(rows: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Errors of the scored rows."""
    scored = rows[rows["status"] == "scored"]
    out = {
        "days": _errors(scored["published_days"], scored["days_p50"], scored["days_covered"]),
        "cost": _errors(scored["published_usd"], scored["usd_p50"], scored["usd_covered"]),
        "distance": _errors(scored["published_km"], scored["km"], None),
    }
    asked = scored[scored["free_best"] != ""]
    asked = asked[asked["stated_corridor"]]
    n = len(asked)
    hits = int((asked["free_rank"].fillna(99) <= 3).sum())
    out["free_choice"] = {"n": n, "in_first_three": hits / n if n else float("nan")}
    return out


def _errors(
    published: pd.Series[float], modelled: pd.Series[float], covered: pd.Series[str] | None
) -> dict[str, float]:
    known = published.notna() & modelled.notna()
    if not known.any():
        return {
            "n": 0,
            "median_abs_error": np.nan,
            "mean_abs_error": np.nan,
            "bias": np.nan,
            "coverage": np.nan,
        }
    ratio = (modelled[known] / published[known]).to_numpy(dtype=float)
    size = np.abs(ratio - 1)
    share = float((covered[known] == "yes").mean()) if covered is not None else np.nan
    return {
        "n": int(known.sum()),
        "median_abs_error": float(np.median(size)),
        "mean_abs_error": float(size.mean()),
        "bias": float(np.exp(np.log(ratio).mean())),
        "coverage": share,
    }


def _row(session: Session, bench: Any, path: Any, *, free: bool) -> dict[str, Any]:
    days = _typical(bench.transit_days_low, bench.transit_days_typical, bench.transit_days_high)
    usd = _typical(bench.cost_usd_low, bench.cost_usd_typical, bench.cost_usd_high)
    unit = _unit(bench.cost_unit)
    if not path.score_cost or unit is None:
        usd = np.nan
    row: dict[str, Any] = {
        "id": bench.id,
        "use": path.use,
        "origin": bench.origin,
        "destination": bench.destination,
        "corridor": bench.corridor,
        "year": bench.year,
        "published_days": days,
        "days_p10": np.nan,
        "days_p50": np.nan,
        "days_p90": np.nan,
        "days_error": np.nan,
        "days_covered": "",
        "published_usd": usd,
        "cost_unit": bench.cost_unit,
        "usd_p10": np.nan,
        "usd_p50": np.nan,
        "usd_p90": np.nan,
        "usd_error": np.nan,
        "usd_covered": "",
        "published_km": float(bench.distance_km),
        "km": np.nan,
        "km_error": np.nan,
        "free_rank": None,
        "free_best": "",
        "status": "scored",
        "path": "",
        "stated_corridor": bool(path.via_nodes),
    }
    if path.use == "unused" or not path.origin_node:
        return row | {"status": "left out: no comparable route in the network"}
    year = None if pd.isna(bench.year) else str(int(bench.year))
    pricing = session.pricing(None, unit or "teu", year)
    forced = forced_path(session, pricing, path)
    if forced is None:
        return row | {"status": "no route through the published corridor"}
    drawn = sample(
        pricing.costs,
        session.pricing(None, unit or "teu", year).draws,
        forced,
        NO_RULES,
        [0] * len(forced),
    )
    row |= _percentiles("days", drawn.hours[0] / 24, days)
    row |= _percentiles("usd", drawn.usd[0] * pricing.cargo.payload_t, usd)
    km = float(session.network.km[list(forced)].sum())
    row |= {"km": km, "km_error": km / bench.distance_km - 1}
    row["path"] = " > ".join(session.namer.traits(forced).places)
    if path.use != "core":
        row["status"] = f"shown: {path.use}"
    if free:
        row |= _free_choice(session, pricing, path)
    return row


def _typical(low: float, typical: float, high: float) -> float:
    """The typical value, else the middle of the range, else the bound there is."""
    if not np.isnan(typical):
        return float(typical)
    known = [x for x in (low, high) if not np.isnan(x)]
    return float(np.mean(known)) if known else float("nan")


def _unit(text: str) -> str | None:
    """Load unit of a price; None where it is not the price of a shipment."""
    if not text:
        return "teu"
    words = text.split()
    return UNITS.get(words[-1]) if words[:2] == ["USD", "per"] else None


def _percentiles(name: str, draws: np.ndarray, published: float) -> dict[str, Any]:
    p10, p50, p90 = (float(x) for x in np.percentile(draws, (10, 50, 90)))
    out: dict[str, Any] = {f"{name}_p10": p10, f"{name}_p50": p50, f"{name}_p90": p90}
    if not np.isnan(published):
        out[f"{name}_error"] = p50 / published - 1
        out[f"{name}_covered"] = "yes" if p10 <= published <= p90 else "no"
    return out


def _free_choice(session: Session, pricing: Pricing, path: Any) -> dict[str, Any]:
    """Rank of the published corridor among the routes the model would choose."""
    network = session.network
    ends = (network.origin(path.origin_node), network.destination(path.destination_node))
    countries = dict(zip(network.place_id, network.place_country, strict=True))
    passage = pricing.rulebook.passage(
        countries[path.origin_node], countries[path.destination_node]
    )
    routes = candidate_routes(session, pricing, passage, ends)
    if not routes:
        return {"free_best": "no route", "free_rank": None}
    passed = [session.namer.traits(r.path) for r in routes]
    best = session.namer.name(passed[0])[1]
    families = [session.namer.kind(t)[0] for t in passed]
    ranks = {family: i + 1 for i, family in enumerate(dict.fromkeys(families))}
    rank = next(
        (
            ranks[f]
            for r, f in zip(routes, families, strict=True)
            if takes(session.network, r.path, path)
        ),
        None,
    )
    return {"free_best": best, "free_rank": rank}

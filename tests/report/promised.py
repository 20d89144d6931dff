"""Small drawn tables of promises, as a run holds them, with ties, a setback and a promise without effect."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from entrepot.answers.run import Run, write_run

DRAWS = 20
PROMISES: dict[str, Any] = {
    "dossier": "drawn",
    "draws": DRAWS,
    "first_year": 2026,
    "last_year": 2035,
    "growth_low": 0.0,
    "growth_mid": 0.02,
    "growth_high": 0.05,
    "partners": ["TKM", "RUS", "IND"],
}


def asked(**options: dict[str, Any]) -> dict[str, Any]:
    """Questions of a manifest, by name, with their options."""
    return {n: {"options": given, "failed": 0, "why_none": ""} for n, given in options.items()}


MANIFEST: dict[str, Any] = {
    "pair": ["IRN", "KAZ"],
    "pair_names": ["Iran", "Kazakhstan"],
    "world": {"default_date": "2026-06-30"},
    "questions": asked(between={"on": "2024-06-30", "turnover_year": "2024"}, promises=PROMISES),
}


def measure(name: str, theme: str, gain: tuple[float, float, float], **more: Any) -> dict[str, Any]:
    """A measure; gain: P10, middle, P90."""
    low, mid, high = gain
    return {
        "measure_id": name, "title": f"Promise {name}", "commitment_id": "C1", "theme": theme,
        "modelled": True, "why_not": "", "value_kind": "assumed", "reason": "", "source_id": ("T1",),
        "status": "converged", "gain_musd_low": low, "gain_musd": mid, "gain_musd_high": high,
        "gain_musd_p10": low, "gain_musd_p90": high, "gain_pct": mid / 4, "income_a_musd": 1.0,
        "income_b_musd": 1.0, "among_first": 1.0, "probability_low": 0.2, "probability": 0.5,
        "probability_high": 0.7, "due": 2027.5, "delay_p50": 1.5, "expected_musd": mid / 2,
        "tied_to": "", "draws": DRAWS,
    } | more  # fmt: skip


def measures() -> pd.DataFrame:
    blank = dict.fromkeys(
        ("gain_musd_low", "gain_musd", "gain_musd_high", "gain_musd_p10", "gain_musd_p90", "gain_pct",
         "probability", "probability_low", "probability_high", "due", "delay_p50", "expected_musd")
    )  # fmt: skip
    return pd.DataFrame(
        [
            measure("M1", "tariff", (60.0, 100.0, 150.0), value_kind="estimated"),
            measure("M2", "border", (20.0, 50.0, 80.0), tied_to="M1"),
            measure("M3", "payment", (15.0, 40.0, 70.0), value_kind="published", tied_to="M1"),
            measure("M4", "people", (0.1, 0.4, 0.9)),
            measure("S1", "setbacks", (-60.0, -30.0, -5.0)),
            measure("S2", "setbacks", (-8.0, 1.0, 2.0)),
            measure("M5", "other", (0, 0, 0), modelled=False, why_not="It moves no cost.", **blank),
        ]
    )


def needs(**figures: Any) -> pd.DataFrame:
    """Table target_needs; figures replace single values."""
    whole = {
        "start": 400.0, "all_mid": 620.0, "all_low": 480.0, "all_high": 800.0,
        "horizon_none": (420.0, 480.0, 560.0), "reach_none": 0.0,
        "horizon_likely": (450.0, 600.0, 780.0), "reach_likely": 0.0,
        "horizon_all": (520.0, 700.0, 1150.0), "reach_all": 0.05, "target": 3000.0,
        "quick_draws": 4096.0, "quick_follows": 0.8,
        "quick_likely": (440.0, 610.0, 800.0), "quick_reach_likely": 0.0,
        "quick_all": (510.0, 690.0, 1100.0), "quick_reach_all": 0.0125,
        "remaining_mid": 0.25, "fewest_mid": None, "remaining_high": 0.2, "fewest_high": None,
    } | figures  # fmt: skip
    rows = []
    for figure, found in whole.items():
        low, mid, high = found if isinstance(found, tuple) else (None, found, None)
        note = "none does" if figure.startswith("fewest") and found is None else ""
        if figure.startswith("fewest") and found is not None:
            note = "M1, M2"
        rows.append((figure, figure, "1", low, mid, high, note))
    columns = ["figure", "title", "unit", "p10", "p50", "p90", "note"]
    return pd.DataFrame(rows, columns=columns)


def paths(reach: Mapping[str, float] | None = None) -> pd.DataFrame:
    """Table target_paths; reach: part of draws at the target in the last year."""
    often = {"none": 0.0, "likely": 0.0, "all": 0.05} | dict(reach or {})
    rows = []
    for scenario, step in (("none", 4.0), ("likely", 20.0), ("all", 30.0)):
        for year in range(2026, 2036):
            mid = 440.0 + step * (year - 2026)
            rows.append(
                {
                    "scenario": scenario, "year": year, "trade_musd_p10": 0.8 * mid,
                    "trade_musd_p50": mid, "trade_musd_p90": 1.3 * mid,
                    "reaches_target": often[scenario] if year == 2035 else 0.0, "draws": DRAWS,
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def partners() -> pd.DataFrame:
    rows = []
    for zone, name, low, mid, high in (
        ("IRN", "Iran", 20.0, 90.0, 200.0),
        ("KAZ", "Kazakhstan", 5.0, 9.0, 14.0),
        ("TKM", "Turkmenistan", 10.0, 20.0, 40.0),
        ("RUS", "Russia", 12.0, 18.0, 30.0),
        ("IND", "India", -3.0, 1.0, 4.0),
        ("ARE", "United Arab Emirates", -9.0, -6.0, -1.0),
    ):
        rows.append(
            {
                "zone_id": zone, "name": name, "income_musd_p10": low, "income_musd_p50": mid,
                "income_musd_p90": high, "income_pct_gdp": mid / 4e4, "exports_musd_p10": -1.0,
                "exports_musd_p50": 3.0, "exports_musd_p90": 7.0,
                "gaining": 1.0 if low > 0 else 0.55 if high > 0 else 0.0,
                "tied_to": "TKM" if zone == "RUS" else "",
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def goods() -> pd.DataFrame:
    rows = [
        ("IRN", "KAZ", "perishables", "Fruit, meat (fresh)", 90.0, 20.0, 60.0, 90.0, 8.8),
        ("IRN", "KAZ", "chemicals_plastics", "Chemicals", 50.0, 9.0, 17.0, 25.0, 12.0),
        ("KAZ", "IRN", "cereals", "Cereals", 60.0, 70.0, 130.0, 200.0, None),
    ]
    columns = [
        "exporter", "importer", "sector", "name", "before_musd", "gain_musd_p10", "gain_musd_p50",
        "gain_musd_p90", "days",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns).assign(gain_pct=40.0, largest=[0.75, 0.25, 1.0])


def claim(name: str, kind: str, verdict: str, **more: Any) -> dict[str, Any]:
    return {
        "claim_id": name, "text": f"Claim {name}", "who": "a minister", "said": "2025-12", "kind": kind,
        "measure": "level", "period": "2024", "low": None, "high": None, "unit": "million USD",
        "verdict": verdict, "reason": f"Reason of {name}.", "data": (), "source_id": (),
        "own_source": False,
    } | more  # fmt: skip


def claims() -> pd.DataFrame:
    return pd.DataFrame(
        [
            claim("K1", "actual", "consistent", low=340.0, high=340.0),
            claim("K2", "actual", "inconsistent", low=50.0, high=50.0, unit="percent", measure="growth"),
            claim("K3", "actual", "cannot tell", low=815200.0, unit="t", own_source=True),
            claim("K4", "target", "consistent", low=3000.0, high=3000.0),
            claim("K5", "qualitative", "cannot tell"),
            claim("K6", "target", "cannot tell", low=15e6, high=15e6, unit="t"),
        ]
    )  # fmt: skip


def drivers() -> pd.DataFrame:
    """The first far beyond chance, the second not when many sources are looked at."""
    rows = [
        ("growth", "growth without any promise", 0.7, 1e-6, 200),
        ("size:M1", "how large its effect is: Promise M1", 0.2, 0.005, 200),
    ]
    columns = ["source", "name", "first_order", "chance", "looked_at"]
    return pd.DataFrame(rows, columns=columns)


def assumptions() -> pd.DataFrame:
    """Two of them; the first moves more."""
    rows = [
        ("growth", "growth without any promise", "assumed", 500.0, 650.0, 900.0, 400.0),
        ("mu", "how closely goods follow costs of routes", "assumed", 640.0, 650.0, 655.0, 15.0),
    ]
    columns = [
        "source", "name", "value_kind", "trade_musd_low", "trade_musd", "trade_musd_high",
        "swing_musd",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def attribution() -> pd.DataFrame:
    rows = [
        ("tariff", 120.0, 0.6, 100.0, 140.0, ("M1",), 80.0, 170.0),
        ("border", 80.0, 0.4, 60.0, 100.0, ("M2",), 50.0, 110.0),
    ]
    columns = [
        "theme", "gain_musd", "share", "alone_musd", "last_musd", "measures", "gain_musd_p10",
        "gain_musd_p90",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def promise_tables() -> dict[str, pd.DataFrame]:
    """All tables of promises."""
    return {
        "measure_effects": measures(),
        "attribution": attribution(),
        "target_paths": paths(),
        "target_needs": needs(),
        "drivers": drivers(),
        "assumptions": assumptions(),
        "partner_effects": partners(),
        "sector_effects": goods(),
        "claim_checks": claims(),
    }


def coupled_tables() -> dict[str, pd.DataFrame]:
    """How trade and transport answer each other: one border, one place, one way."""
    cut = {
        "place": "a,b,rail", "name": "Akyayla", "mode": "rail", "countries": ("TKM", "IRN"),
        "hours": 30.0, "cut_hours": 10.0, "traffic_share": 0.5, "gain_musd_p10": 1.0,
        "gain_musd": 2.0, "gain_musd_p90": 3.0, "gain_pct": 0.5, "naive_musd": 2.4,
        "income_a_musd": 1.0, "income_b_musd": 0.2, "traffic_mt": 2.0, "traffic_change_pct": 5.0,
        "queue_hours": 0.1, "status": "converged", "gap": 1e-9,
    }  # fmt: skip
    place = {
        "objective": "trade", "rank": 1, "place": "a,b,rail", "kind": "border", "name": "Akyayla",
        "mode": "rail", "countries": ("TKM", "IRN"), "lat": 37.5, "lon": 54.5, "hours": 30.0,
        "gain_per_day": 4.0, "gain_per_day_p10": 2.0, "gain_per_day_p90": 7.0,
        "gain_per_usd_per_t": 0.4, "gain_if_halved": 2.5, "naive_per_day": 5.0,
        "traffic_share": 0.5, "unit": "million USD",
    }  # fmt: skip
    flow = {"scope": "pair", "corridor_id": "kti", "name": "KTI", "mt_p10": 0.8, "mt": 1.0,
            "mt_p90": 1.3, "share": 0.6}  # fmt: skip
    link = {"link_id": "l", "mode": "rail", "from_node": "a", "to_node": "b", "from_lat": 37.5,
            "from_lon": 54.5, "to_lat": 41.0, "to_lon": 60.0, "mt_all": 5.0, "mt_pair": 1.0}  # fmt: skip
    full = {"kind": "border", "name": "a–b rail", "traffic_mt": 5.0, "capacity_mt": 4.0,
            "saturation": 1.25, "hours": 30.0, "hours_per_mt": 9.0}  # fmt: skip
    return {
        "border_cuts": pd.DataFrame([cut]),
        "place_effects": pd.DataFrame([place]),
        "corridor_flows": pd.DataFrame([flow]),
        "link_flows": pd.DataFrame([link]),
        "bottlenecks": pd.DataFrame([full]),
    }


def other_tables() -> dict[str, pd.DataFrame]:
    """What the sections read besides: published figures, sources, parameters, one set of routes."""
    series = pd.DataFrame(
        [("B1", "2023", 300.0), ("B2", "2024", 340.0)], columns=["series_id", "year", "value"]
    ).assign(
        zone_a="IRN", zone_b="KAZ", period="calendar", indicator="turnover", flow="both",
        unit="MUSD", product="all", basis="drawn", value_kind="published", note="",
        source_id=[("T1",)] * 2,
    )  # fmt: skip
    query = {
        "query_id": "q", "title": "A truck of fruit", "origin": "a", "destination": "b",
        "origin_country": "IRN", "destination_country": "KAZ", "commodity": "perishables",
        "unit": "truck", "payload_t": 20.0, "usd_per_t": 1500.0, "on": "2026-06-30", "by": "overall",
        "status": "closed", "message": "No way.",
    }  # fmt: skip
    return {
        "bilateral_series": series,
        "sources": pd.DataFrame([{"source_id": "T1", "title": "A page", "url": "https://a.example/"}]),
        "parameters": pd.DataFrame(
            {"parameter": ["short_run_share", "adjustment_years"], "value": [0.4, 5.0]}
        ),
        "queries": pd.DataFrame([query]),
        "routes": pd.DataFrame(columns=["query_id", "route_id"]),
    }  # fmt: skip


def small_run(folder: Path, **tables: pd.DataFrame) -> Run:
    """A run with what the sections on promises read; tables replace the drawn ones."""
    return write_run(folder, other_tables() | promise_tables() | tables, MANIFEST)

"""Claims of a dossier against sources other than their own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from entrepot.dossier import Claim, Commitment, Document, Dossier, load_dossier
from entrepot.facts.load import load_world
from entrepot.facts.world import World
from entrepot.questions.claim_checks import claim_checks

SERIES = (
    "series_id", "zone_a", "zone_b", "year", "period", "indicator", "flow", "value", "unit",
    "product", "basis", "value_kind", "source_id", "note",
)  # fmt: skip


def world_of(shipped: World, *rows: tuple[str, str, str, float, str]) -> World:
    """The shipped facts with a drawn table of turnovers: (id, year, period, value, source)."""
    cells = {c: [] for c in SERIES}
    for name, year, period, value, source in rows:
        row = (
            name, "IRN", "KAZ", year, period, "turnover", "both", str(value), "MUSD", "all", "drawn",
            "published", source, "",
        )  # fmt: skip
        for column, cell in zip(SERIES, row, strict=True):
            cells[column].append(cell)
    nothing = {name: {} for name in ("corridor_volumes", "trade_totals")}
    sources = {"source_id": ["A", "B", "A2"], "title": ["a", "b", "a"], "kind": ["trade"] * 3,
               "url": ["https://a.example/x", "https://b.example/", "https://a.example/x"]}  # fmt: skip
    raw = dict(shipped.raw) | nothing | {"bilateral_series": cells, "sources": sources}
    return World(raw, shipped.meta)


def dossier_of(*claims: Claim, commitments: tuple[Commitment, ...] = ()) -> Dossier:
    document = Document("D1", "A report", "2025-12", ("A",))
    return Dossier("drawn", "Drawn", documents=(document,), claims=claims, commitments=commitments)


def said(value: float, **more: object) -> Claim:
    base = Claim(
        "K1", "D1", "actual", "Trade so high", subject="trade", parties=("KAZ", "IRN"), low=value,
        high=value, unit="USD", period="2024",
    )  # fmt: skip
    return replace(base, **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def shipped() -> World:
    return load_world()


@pytest.mark.parametrize(
    ("rows", "verdict", "alone"),
    [
        # the only figure comes from the report the claim stands in
        ([("B1", "2024", "calendar", 340.0, "A")], "cannot tell", True),
        # and so does one with another name at the same address
        ([("B1", "2024", "calendar", 340.0, "A2")], "cannot tell", True),
        ([("B1", "2024", "calendar", 340.0, "A"), ("B2", "2024", "calendar", 342.0, "B")],
         "consistent", False),
        ([("B2", "2024", "calendar", 342.0, "B")], "consistent", False),
        ([("B2", "2024", "calendar", 150.0, "B")], "inconsistent", False),
        # a figure worked out from a claim is not a second source
        ([("B1", "2024", "calendar", 340.0, "A"), ("B2", "2024", "calendar, implied", 340.0, "B")],
         "cannot tell", True),
        # sources disagree: that is not proof against it
        ([("B1", "2024", "calendar", 340.0, "A"), ("B2", "2024", "calendar", 150.0, "B")],
         "cannot tell", False),
        ([], "cannot tell", False),
    ],
)  # fmt: skip
def test_only_other_sources_can_bear_a_claim_out(
    rows: list[tuple[str, str, str, float, str]], verdict: str, alone: bool, shipped: World
):
    found = claim_checks(world_of(shipped, *rows), dossier_of(said(340e6))).iloc[0]
    assert (found["verdict"], bool(found["own_source"])) == (verdict, alone), found["reason"]
    assert ("Sources disagree" in found["reason"]) is (
        len(rows) == 2 and not alone and verdict == "cannot tell"
    )
    assert found["said"] == "2025-12"
    assert (found["low"], found["unit"]) == (340.0, "million USD")


def test_a_target_is_on_record_when_another_source_named_it(shipped: World):
    goal = said(3e9, kind="target", period="")
    own = Commitment(
        "C1",
        "3 billion",
        ("KAZ", "IRN"),
        "2025-12",
        "other",
        ("A",),
        value=3000.0,
        unit="MUSD/year",
    )
    other = replace(own, id="C2", date="2019", source_id=("B",))
    world = world_of(shipped)
    alone = claim_checks(world, dossier_of(goal, commitments=(own,))).iloc[0]
    both = claim_checks(world, dossier_of(goal, commitments=(own, other))).iloc[0]
    assert (alone["verdict"], bool(alone["own_source"])) == ("cannot tell", True)
    assert (both["verdict"], both["data"]) == ("consistent", ("C2", "C1"))
    assert both["source_id"] == ("B",)


def test_superseded_claims_are_left_out_and_bounds_stay_open(shipped: World):
    first, second = said(100e6), said(340e6, id="K2", high=None, supersedes=("K1",))
    found = claim_checks(world_of(shipped), dossier_of(first, second))
    assert list(found["claim_id"]) == ["K2"]
    assert found["low"].iloc[0] == 340.0
    assert found["high"].isna().iloc[0]


def test_every_claim_of_the_shipped_dossier_gets_a_verdict_from_other_sources(shipped: World):
    dossier = load_dossier(None, shipped)
    found = claim_checks(shipped, dossier).set_index("claim_id")
    own = {d.id: set(d.source_id) for d in dossier.documents}
    assert set(found.index) == {c.id for c in dossier.claims}
    for claim in dossier.claims:
        row = found.loc[claim.id]
        if row["verdict"] == "consistent":
            assert row["source_id"]
            assert not set(row["source_id"]) <= own[claim.document]
    # 340 million of 2024 over the 302 million of 2023 in the trade matrix is not growth of 50 %
    assert "Sources disagree" in found.at["K18", "reason"]
    assert "13 %" in found.at["K18", "reason"]

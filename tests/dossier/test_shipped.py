"""The shipped dossier: complete, applicable, and honest about what it does not know."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from entrepot.dossier import Dossier, Measure, load_dossier
from entrepot.dossier.history import late, vintages
from entrepot.dossier.objects import SETBACKS, SIDES
from entrepot.dossier.reference import reference_class
from entrepot.facts.change import apply, row_keys
from entrepot.facts.load import load_world
from entrepot.facts.world import World
from entrepot.schema.table import load_schema

WORLD = load_world()
DOSSIER = load_dossier(None, WORLD)
MODELLED = [m for m in DOSSIER.measures if m.modelled]
HOURS = ("hours_p10", "hours_p50", "hours_p90")
WAITS = ("waiting_hours_p10", "waiting_hours_p50", "waiting_hours_p90")


def cell(world: World, table: str, row: str, column: str) -> str:
    schema = load_schema()[table]
    i = row_keys(schema, world.raw[table])[row]
    return world.raw[table][column][i] or schema.column(column).default


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("measure", MODELLED, ids=lambda m: m.id)
def test_every_measure_changes_the_world_on_every_side(measure: Measure, side: str):
    changed = apply(WORLD, measure.changes(side))
    assert changed.hash != WORLD.hash
    for change in measure.changes(side):
        after = cell(changed, change.table, change.row, change.column)
        before = cell(WORLD, change.table, change.row, change.column)
        if change.operation == "scale":
            assert float(after) == pytest.approx(float(before) * float(change.value))
        else:
            assert after == change.value


@pytest.mark.parametrize("side", SIDES)
def test_all_measures_together_can_be_applied_in_any_order(side: str):
    changes = [m.changes(side) for m in MODELLED]
    there = apply(WORLD, [c for own in changes for c in own])
    back = apply(WORLD, [c for own in reversed(changes) for c in own])
    for table in there.overridden:
        for column in there.raw[table]:
            for a, b in zip(there.raw[table][column], back.raw[table][column], strict=True):
                assert a == b or float(a) == pytest.approx(float(b), rel=1e-12)


def test_a_cell_is_set_by_one_measure_only_and_then_not_scaled():
    users: dict[tuple[str, str, str], set[tuple[str, str]]] = {}
    for m in MODELLED:
        for c in m.changes():
            users.setdefault((c.table, c.row, c.column), set()).add((m.id, c.operation))
    for cell_, by in users.items():
        if any(operation == "set" for _, operation in by):
            assert len(by) == 1, (cell_, by)


@pytest.mark.parametrize("measure", MODELLED, ids=lambda m: m.id)
def test_sizes_go_one_way_and_percentiles_move_together(measure: Measure):
    for part in measure.change:
        if part.operation == "scale":
            low, mid, high = float(part.low), float(part.mid), float(part.high)
            assert abs(low - 1) <= abs(mid - 1) <= abs(high - 1)
            assert (mid - 1) * (high - 1) > 0
        for group in (HOURS, WAITS):
            if set(group) & set(part.columns):
                assert set(group) <= set(part.columns)


def test_setbacks_hurt_and_commitments_help():
    worse = {"hours_p50": 1, "waiting_hours_p50": 1, "share": 1, "usd_per_tkm": 1, "rate": 1}
    for m in MODELLED:
        for c in m.changes():
            if c.column in worse and c.operation == "scale":
                assert (float(c.value) > 1) == (m.theme == SETBACKS), m.id


def test_every_commitment_has_a_measure_or_a_reason_for_none():
    assert len(DOSSIER.commitments) == 66
    for c in DOSSIER.commitments:
        own = DOSSIER.measures_of(c.id)
        assert own, c.id
        assert all(m.modelled != bool(m.no_effect_because) for m in own)


def test_targets_are_judged_and_never_put_in():
    for name in ("C011", "C012", "C017", "C050"):
        assert not any(m.modelled for m in DOSSIER.measures_of(name))


def test_every_modelled_measure_has_a_prospect_and_estimates_follow_from_their_class():
    for m in MODELLED:
        p = DOSSIER.prospects[m.id]
        assert p.group
        if p.kind == "estimated":
            assert p.probability == reference_class(WORLD, p.reference_class).probability
            assert p.delay == reference_class(WORLD, p.delay_class or p.reference_class).delay
    assert set(DOSSIER.prospects) == {m.id for m in MODELLED}


def test_classes_count_what_the_table_says():
    all_works = reference_class(WORLD, "region: all works")
    assert (all_works.kept, all_works.n) == (13, 25)
    assert all_works.delay.mid == 1.5  # the median the compilers derived by themselves
    new = reference_class(WORLD, "region: rail new")
    assert (new.kept, new.n) == (7, 14)
    assert new.probability.mid == 0.5
    assert reference_class(WORLD, "region: trade target").kept == 0


def test_what_the_facts_hold_by_themselves_is_not_changed_again():
    duties = next(m for m in DOSSIER.measures if m.id == "M22")
    assert duties.changes("mid", on="2024-06-30")
    assert duties.changes("mid", on=date(2025, 5, 15)) == ()
    assert duties.changes("mid")
    with pytest.raises(ValueError, match="none of low"):
        duties.changes("middle")


def test_the_three_billion_has_four_vintages():
    chain = [c.id for c in vintages(DOSSIER, "C040")]
    assert chain == ["C050", "C040", "C028", "C011"]
    assert {c.value for c in vintages(DOSSIER, "C011")} == {3000.0}


def test_late_counts_from_the_end_of_the_deadline():
    found = {x.commitment.id: x for x in late(DOSSIER, WORLD, date(2026, 6, 30))}
    assert found["C050"].days == pytest.approx((date(2026, 6, 30) - date(2023, 1, 1)).days, abs=2)
    assert found["C050"].outcome == "not kept"
    assert found["C050"].restated == ("C040", "C028", "C011")
    assert "C030" not in found  # kept
    assert "C035" not in found  # due in 2030
    assert [x for x in late(DOSSIER, WORLD, date(2017, 1, 1)) if x.commitment.deadline] == []


def test_quotes_stand_in_the_text():
    texts = {d.id: DOSSIER.texts[d.text] for d in DOSSIER.documents if d.text}
    for s in DOSSIER.spans:
        assert texts[s.document][s.start : s.end] == s.quote
    assert len(DOSSIER.spans) == 10


def test_the_dossier_opens_on_a_small_part_of_what_it_names(shipped: World):
    assert isinstance(load_dossier("iran-kazakhstan", shipped), Dossier)


def test_the_world_with_all_measures_passes_the_checks_of_facts():
    from entrepot.facts.check import check_world

    changed = apply(WORLD, [c for m in MODELLED for c in m.changes("high")])
    assert check_world(changed) == []


def test_the_hash_of_a_dossier_sees_each_value(shipped: World) -> None:
    """Its line does not, so no key of saved work may be made of that."""
    dossier = load_dossier(None, shipped)
    first, *others = dossier.commitments
    changed = replace(dossier, commitments=(replace(first, text=first.text + " "), *others))
    text = replace(dossier, texts={**dossier.texts, "more.txt": "a"})
    assert repr(changed) == repr(dossier)
    assert len({dossier.hash, changed.hash, text.hash}) == 3
    assert load_dossier(None, shipped).hash == dossier.hash

"""Strict reading of dossiers: every fault, in one pass; nothing is edited."""

from __future__ import annotations

from pathlib import Path

import pytest

from entrepot.dossier import check_dossier, load_dossier
from entrepot.dossier.append import add
from entrepot.errors import BadInputError, UnknownNameError, UsageError
from entrepot.facts.world import World

GOOD = """
[[document]]
id = "D1"
title = "Note"
date = "2026-01"
source_id = ["OWN_MODEL"]
text = "note.txt"

[[span]]
id = "S1"
document = "D1"
start = 4
end = 9
quote = "trade"

[[claim]]
id = "K1"
document = "D1"
kind = "target"
text = "More trade"
low = 1e9
unit = "USD"
span = "S1"

[[commitment]]
id = "C1"
date = "2026-01"
parties = ["AAA", "BBB"]
text = "A faster border"
theme = "border"
source_id = ["OWN_MODEL"]

[[measure]]
id = "M1"
title = "Faster"
commitment = "C1"
theme = "border"
reason = "Drawn"
source_id = ["OWN_MODEL"]
[[measure.change]]
table = "border_crossings"
rows = ["akyayla,incheh_borun,rail"]
columns = ["hours_p10", "hours_p50", "hours_p90"]
operation = "scale"
low = 0.9
mid = 0.8
high = 0.5

[[event]]
id = "E1"
about = "C1"
date = "2026-02-03"
axis = "evidence"
status = "Seen"
source_id = ["OWN_MODEL"]

[[prospect]]
id = "P1"
measure = "M1"
probability = { low = 0.1, mid = 0.2, high = 0.3 }
due = 2027.5
delay = { p10 = 0, p50 = 1, p90 = 4 }
kind = "assumed"
reason = "Drawn"
"""


def folder(tmp_path: Path, text: str = GOOD) -> Path:
    (tmp_path / "texts").mkdir(exist_ok=True)
    (tmp_path / "texts" / "note.txt").write_text("The trade of two lands.", encoding="utf-8")
    (tmp_path / "all.toml").write_text(text, encoding="utf-8")
    return tmp_path


def test_a_good_folder(tmp_path: Path, shipped: World):
    found = load_dossier(folder(tmp_path), shipped)
    measure = found.measures[0]
    assert [c.value for c in measure.changes("high")] == ["0.5"] * 3
    prospect = found.prospects["M1"]
    assert prospect.probability.mid == 0.2
    assert prospect.delay.high == 4
    assert prospect.due == 2027.5
    assert found.claims[0].low == 1e9
    assert found.claims[0].high is None


@pytest.mark.parametrize(
    ("old", "new", "column", "told"),
    [
        ('theme = "border"\nsource', 'theme = "boder"\nsource', "theme", "'border'"),
        ('commitment = "C1"', 'commitment = "C2"', "commitment", "a known commitment"),
        ('commitment = "C1"\n', "", "commitment", "none for a setback"),
        ('"border_crossings"', '"border_crossing"', "table", "'border_crossings'"),
        ("incheh_borun,rail", "incheh_borum,rail", "rows", "akyayla,incheh_borun,rail"),
        ('"hours_p90"]', '"hours_p95"]', "columns", "'hours_p90'"),
        ('operation = "scale"', 'operation = "multiply"', "operation", "a known operation"),
        ("high = 0.5", "high = -0.5", "high", ">= 0"),
        ("mid = 0.8\n", "", "mid", "a value"),
        ('about = "C1"', 'about = "C9"', "about", "commitment or project"),
        ('axis = "evidence"', 'axis = "evidense"', "axis", "'evidence'"),
        ('date = "2026-02-03"', 'date = "3 Feb"', "date", "2025-12-11"),
        ("p50 = 1", "p50 = 9", "delay", "do not fall"),
        ("high = 0.3 }", "high = 1.3 }", "probability", "0 to 1"),
        ("due = 2027.5", "due = 27", "due", "1990"),
        ('kind = "assumed"', 'kind = "estimated"', "reference_class", "a class"),
        ('kind = "assumed"', 'kind = "assumed"\nreference_class = "x"', "reference_class", "class"),
        ('source_id = ["OWN_MODEL"]\n[[', 'source_id = ["OWN_MODL"]\n[[', "source_id", "OWN_MODEL"),
        ('quote = "trade"', 'quote = "lands"', "quote", "It stands at 17 to 22"),
        ('status = "Seen"', 'status = "Seen"\nsatus = "x"', "satus", "'status'"),
        ('kind = "target"', 'kind = "wish"', "kind", "one of actual"),
        ("low = 1e9", "low = nan", "low", "a number"),
        ('span = "S1"', 'span = "S7"', "span", "a known span"),
        ('id = "E1"', 'id = "E1"\n[[events]]\nid = "E2"', "events", "'event'"),
    ],
)  # fmt: skip
def test_a_fault_is_told(
    tmp_path: Path, shipped: World, old: str, new: str, column: str, told: str
):
    assert old in GOOD
    findings = check_dossier(folder(tmp_path, GOOD.replace(old, new, 1)), shipped)[1]
    assert findings
    assert any(column in f.column and told in f"{f.expected} {f.suggestion}" for f in findings)


def test_all_faults_come_in_one_pass(tmp_path: Path, shipped: World):
    bad = (
        GOOD.replace('about = "C1"', 'about = "C9"')
        .replace('theme = "border"\nreason', 'theme = "sea"\nreason')
        .replace('quote = "trade"', 'quote = "peace"')
        .replace("incheh_borun,rail", "nowhere,rail")
        .replace('measure = "M1"', 'measure = "M8"')
    )
    with pytest.raises(BadInputError) as caught:
        load_dossier(folder(tmp_path, bad), shipped)
    assert {f.column for f in caught.value.findings} >= {
        "about", "theme", "quote", "rows", "measure",
    }  # fmt: skip
    assert caught.value.exit_code == 3


def test_an_id_twice_and_a_second_prospect_in_force(tmp_path: Path, shipped: World):
    second = GOOD.split("[[prospect]]")[1]
    text = GOOD + "[[prospect]]" + second + "[[prospect]]" + second.replace('"P1"', '"P2"')
    findings = check_dossier(folder(tmp_path, text), shipped)[1]
    assert any("occurs once" in f.expected for f in findings)
    assert any("one in force" in f.expected for f in findings)
    text = (
        GOOD
        + "[[prospect]]"
        + second.replace('"P1"', '"P2"\nsupersedes = ["P1"]').replace(
            "due = 2027.5", "due = 2029.0"
        )
    )
    assert load_dossier(folder(tmp_path, text), shipped).prospects["M1"].due == 2029.0


def test_a_superseded_measure_is_kept_but_not_in_force(tmp_path: Path, shipped: World):
    more = """
[[measure]]
id = "M2"
title = "Slower than thought"
commitment = "C1"
theme = "border"
reason = "Looked again"
source_id = ["OWN_MODEL"]
supersedes = ["M1"]
no_effect_because = "nothing came of it"
"""
    found = load_dossier(folder(tmp_path, GOOD + more), shipped)
    assert [m.id for m in found.measures] == ["M2"]
    assert [m.id for m in found.all_measures] == ["M1", "M2"]


def test_text_that_is_not_at_hand_is_not_compared(tmp_path: Path, shipped: World):
    path = folder(tmp_path, GOOD.replace('quote = "trade"', 'quote = "peace"'))
    (path / "texts" / "note.txt").unlink()
    assert not check_dossier(path, shipped)[1]


EVENT = """
[[event]]
id = "X1"
about = "C021"
date = "2026-07-01"
axis = "evidence"
status = "permits ended"
outcome = "kept"
source_id = ["T88"]
"""


def test_adding_makes_a_new_file_and_leaves_the_others(tmp_path: Path, shipped: World):
    given, own = tmp_path / "news.toml", tmp_path / "own"
    given.write_text(EVENT, encoding="utf-8")
    first = add(given, own, shipped)
    before = {p.name: p.read_bytes() for p in own.iterdir()}
    found = load_dossier(own, shipped)
    assert [e.id for e in found.events_of("C021")] == ["X1"]
    assert len(found.commitments) == 66  # laid over the shipped one
    with pytest.raises(BadInputError, match="occurs once"):
        add(given, own, shipped)
    given.write_text(EVENT.replace('"X1"', '"X2"'), encoding="utf-8")
    second = add(given, own, shipped)
    assert second.name > first.name
    assert all((own / name).read_bytes() == content for name, content in before.items())


def test_a_bad_addition_writes_nothing(tmp_path: Path, shipped: World):
    given, own = tmp_path / "news.toml", tmp_path / "own"
    given.write_text(EVENT.replace("C021", "C999"), encoding="utf-8")
    with pytest.raises(BadInputError):
        add(given, own, shipped)
    assert not own.exists()


def test_names_of_dossiers(shipped: World):
    with pytest.raises(UnknownNameError, match="iran-kazakhstan"):
        load_dossier("iran-kazakstan", shipped)
    with pytest.raises(UsageError, match="Folder not found"):
        load_dossier(Path("nowhere"), shipped)

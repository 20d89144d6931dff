"""The file of cues: it is strict, each cue has a sentence that needs it, and code holds no word lists."""

from __future__ import annotations

import ast
import importlib
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

import entrepot.claims.reading as room
from entrepot.claims.reading import cue_file
from entrepot.claims.reading.score import GoldSentence, read_gold
from entrepot.errors import BadInputError

FOLDER = Path(room.__file__).parent
CUES = cue_file.shipped()
TUNED = {s.id: s for s in read_gold(Path(__file__).with_name("sentences.toml")) if not s.held}
SINGLE = [c for c in CUES.cues if c.needed_by and not c.word_class]
CLASSES = [c for c in CUES.cues if c.needed_by and c.word_class]
LONGEST = 12


@contextmanager
def reader(cues: cue_file.CueFile) -> Iterator[ModuleType]:
    """The scorer with a reader that was built from other cues."""
    names = [n for n in sys.modules if n.startswith(f"{room.__name__}.")]
    kept = {n: sys.modules[n] for n in names}
    own = cue_file.shipped
    try:
        for name in names:
            if kept[name] is not cue_file:
                del sys.modules[name]
        cue_file.shipped = lambda: cues  # type: ignore[assignment]
        yield importlib.import_module(f"{room.__name__}.score")
    finally:
        cue_file.shipped = own
        sys.modules.update(kept)
        for name, module in kept.items():
            setattr(room, name.rpartition(".")[2], module)


def is_wrong(sentence: GoldSentence, gone: Iterable[cue_file.Cue]) -> bool:
    """Whether a sentence is read wrong without some cues."""
    left = tuple(c for c in CUES.cues if c not in set(gone))
    with reader(replace(CUES, cues=left)) as score:
        return bool(score.evaluate([sentence]).wrong)


def unneeded(cues: Iterable[cue_file.Cue]) -> list[tuple[str, str]]:
    """Cues whose sentence is read right without them; of a class the whole kind is taken away."""
    out = []
    for c in cues:
        gone = [d for d in CUES.cues if d.kind == c.kind] if c.word_class else [c]
        if not is_wrong(TUNED[c.needed_by], gone):
            out.append((c.kind, c.patterns[0]))
    return out


def test_the_reader_is_right_with_all_cues_and_built_anew():
    with reader(CUES) as score:
        assert score.evaluate(list(TUNED.values())[::20]).wrong == ()
    assert sys.modules["entrepot.claims.reading.cue_file"].shipped() is CUES


def test_every_cue_names_a_tuned_sentence_unless_its_class_is_closed():
    assert {c.needed_by for c in CUES.cues if c.needed_by} <= TUNED.keys()
    assert all(c.word_class == "closed" for c in CUES.cues if not c.needed_by)


def test_a_sample_of_cues_is_needed():
    assert unneeded([*SINGLE[::30], *CLASSES[::30]]) == []


@pytest.mark.slow
def test_all_cues_are_needed():
    assert unneeded([*SINGLE, *CLASSES]) == []


def test_the_kinds_and_tables_of_the_file_are_those_that_code_asks_for():
    code = "\n".join(p.read_text(encoding="utf-8") for p in FOLDER.glob("*.py"))
    asked = set(re.findall(r"words\([\"'](\w+)[\"']\)", code))
    inside = {k for c in CUES.cues for p in c.patterns for k in cue_file.REFERENCE.findall(p)}
    assert asked | inside == set(CUES.kinds)
    assert set(re.findall(r"\btable\(\"(\w+)\"\)", code)) == set(CUES.tables)


FAULTY = """
colour = "red"

[kinds]
rise = "a rise"
unused = "nothing"

[[cue]]
kind = "rise"
pattern = "rose("
needed_by = "a01"

[[cue]]
kind = "fall"
pattern = "fell"
needed_by = "a01"

[[cue]]
kind = "rise"
pattern = "grew"

[[cue]]
kind = "rise"
class = "open"
words = ["grew"]
needed_by = "a01"
size = 3

[table.months]
words = ["january"]
"""


def test_all_faults_of_a_file_are_told_together():
    with pytest.raises(BadInputError) as error:
        cue_file.parse(FAULTY)
    told = {(f.key, f.column) for f in error.value.findings}
    assert told == {
        ("colour", ""),
        ("unused", "kinds"),
        ("fell", "kind"),
        ("grew", "needed_by"),
        ("['grew']", "size"),
        ("['grew']", "class"),
        ("months", "table"),
    }


@pytest.mark.parametrize("pattern", ["rose(", "{fall} again", "{rise} again"])
def test_a_pattern_that_does_not_compile_or_refers_to_nothing_is_a_fault(pattern: str):
    text = f'[kinds]\nrise = "a rise"\n[[cue]]\nkind = "rise"\npattern = "{pattern}"\nneeded_by = "a01"\n'
    with pytest.raises(BadInputError, match="pattern"):
        cue_file.parse(text)


def test_cues_refer_to_other_kinds_and_an_unknown_kind_is_an_error():
    text = """
[kinds]
more = "a comparison"
rise = "a rise"
[[cue]]
kind = "more"
class = "closed"
words = ["more", "longer"]
[[cue]]
kind = "rise"
pattern = "(?:{more}) than"
needed_by = "a01"
"""
    assert cue_file.parse(text).alternatives("rise") == "(?:more|longer) than"
    with pytest.raises(KeyError, match="Unknown kind of cue 'fall'"):
        cue_file.parse(text).alternatives("fall")


def long_lists(code: str) -> list[int]:
    """Lines of literals with more than twelve words, or of patterns with as many alternatives."""
    out = []
    tree = ast.parse(code)
    docs = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
    for node in ast.walk(tree):
        parts: list[ast.expr | None] = []
        if isinstance(node, ast.Tuple | ast.Set | ast.List):
            parts = [*node.elts]
        elif isinstance(node, ast.Dict):
            parts = [*node.keys, *node.values]
        strings = [p for p in parts if isinstance(p, ast.Constant) and isinstance(p.value, str)]
        text = ""
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            text = node.value
        if len(strings) > LONGEST or _alternatives(text) > LONGEST:
            out.append(node.lineno)
    return out


def _alternatives(pattern: str) -> int:
    """The most alternatives of one group of a pattern."""
    depth, counts, most, i = 0, {0: 1}, 1, 0
    plain = re.sub(r"\\.|\[\^?\]?(?:\\.|[^\]])*\]", "", pattern)
    while i < len(plain):
        if plain[i] == "(":
            depth += 1
            counts[depth] = 1
        elif plain[i] == ")":
            depth -= 1
            counts.setdefault(depth, 1)
        elif plain[i] == "|":
            counts[depth] += 1
            most = max(most, counts[depth])
        i += 1
    return most


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda p: p.stem)
def test_no_long_list_of_words_stands_in_code(path: Path):
    assert long_lists(path.read_text(encoding="utf-8")) == []


def test_a_long_list_in_code_is_seen():
    words = [f"w{i}" for i in range(LONGEST + 1)]
    assert long_lists(f"x = {words!r}") == [1]
    assert long_lists(f"x = {{{', '.join(repr(w) + ': 1' for w in words)}}}") == [1]
    assert long_lists(f"x = r'(?:{'|'.join(words)}) (a|b)'") == [1]
    assert long_lists(f"x = {words[1:]!r}") == []

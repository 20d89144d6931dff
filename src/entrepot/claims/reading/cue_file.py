"""The words the reader of texts goes by: a file of cues and tables, checked as a whole when it is read.

A cue is a pattern of words of one kind. The modules of the reader say how cues stand together in a
sentence; the file `data/claims/cues.toml` says which words they are.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from entrepot.errors import BadInputError, Finding, format_findings

FILE = "claims/cues.toml"
REFERENCE = re.compile(r"\{([a-z]\w*)\}")  # a cue that holds the words of another kind


@dataclass(frozen=True, slots=True)
class Cue:
    """A pattern of one kind, or the words of a class.

    needed_by : id of a sentence that is read wrong without it, or without the whole kind where it is
                a class; '' for a closed class that no sentence needs yet
    """

    kind: str
    patterns: tuple[str, ...]
    needed_by: str
    word_class: str = ""


@dataclass(frozen=True, slots=True)
class CueFile:
    """Cues by kind, and tables of words with what each stands for.

    kinds : what the cues of a kind mark
    """

    kinds: Mapping[str, str]
    cues: tuple[Cue, ...]
    tables: Mapping[str, Mapping[str, Any]]

    def alternatives(self, kind: str) -> str:
        """The patterns of a kind as alternatives of a regular expression."""
        if kind not in self.kinds:
            raise KeyError(f"Unknown kind of cue '{kind}'.")
        text = "|".join(p for c in self.cues if c.kind == kind for p in c.patterns)
        return REFERENCE.sub(lambda m: self.alternatives(m[1]), text) or "(?!)"


@cache
def shipped() -> CueFile:
    """The cues that come with the package."""
    return parse((files("entrepot.data") / FILE).read_text(encoding="utf-8"))


def words(kind: str) -> str:
    """The patterns of a kind of the shipped file, as alternatives of a regular expression."""
    return shipped().alternatives(kind)


def table(name: str) -> Any:
    """A table of the shipped file: a word and what it stands for."""
    return shipped().tables[name]


def parse(text: str) -> CueFile:
    """Cues from TOML. Raises BadInputError with all faults of the text."""
    raw = tomllib.loads(text)
    kinds = raw.get("kinds", {})
    entries = raw.get("cue", [])
    tables = raw.get("table", {})
    found = [*_top(raw), *_entries(entries, kinds), *_tables(tables)]
    if not found:
        cues = tuple(
            Cue(e["kind"], _patterns(e), e.get("needed_by", ""), e.get("class", ""))
            for e in entries
        )
        out = CueFile(kinds, cues, {n: t["words"] for n, t in tables.items()})
        found = list(_regular(out))
        if not found:
            return out
    raise BadInputError(f"The file of cues cannot be used.\n{format_findings(found)}", found)


def _fault(key: str, column: str, value: object, expected: str) -> Finding:
    return Finding(FILE, 0, key, column, str(value), expected)


def _patterns(entry: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(entry["words"]) if "words" in entry else (entry["pattern"],)


def _top(raw: Mapping[str, Any]) -> Iterator[Finding]:
    for key in raw.keys() - {"kinds", "cue", "table"}:
        yield _fault(key, "", key, "one of kinds, cue, table")
    for kind, marks in raw.get("kinds", {}).items():
        if not isinstance(marks, str) or not marks:
            yield _fault(kind, "kinds", marks, "what the cues of this kind mark")


def _entries(entries: list[dict[str, Any]], kinds: Mapping[str, str]) -> Iterator[Finding]:
    for e in entries:
        key = str(e.get("pattern", e.get("words")))[:60]
        for k in e.keys() - {"kind", "pattern", "words", "needed_by", "class"}:
            yield _fault(key, k, e[k], "one of kind, pattern, words, needed_by, class")
        if e.get("kind") not in kinds:
            yield _fault(key, "kind", e.get("kind"), "a kind that [kinds] names")
        word_class = e.get("class", "")
        if word_class not in ("", "closed", "domain"):
            yield _fault(key, "class", word_class, "closed or domain")
        if word_class != "closed" and not e.get("needed_by"):
            yield _fault(key, "needed_by", e.get("needed_by"), "a sentence, or class = closed")
        if ("words" in e) == ("pattern" in e) or ("words" in e) != bool(word_class):
            yield _fault(key, "words", key, "the words of a class, or one pattern")
    used = {e.get("kind") for e in entries}
    for kind in kinds:
        if kind not in used:
            yield _fault(kind, "kinds", kind, "a kind that has a cue")


def _tables(tables: Mapping[str, Any]) -> Iterator[Finding]:
    for name, t in tables.items():
        for k in t.keys() - {"marks", "class", "words"}:
            yield _fault(name, k, t[k], "one of marks, class, words")
        if t.get("class") != "closed" or not t.get("marks") or not t.get("words"):
            yield _fault(name, "table", sorted(t), "marks, class = closed and words")


def _regular(cues: CueFile) -> Iterator[Finding]:
    """Faults of the patterns themselves: what does not compile, refers to nothing or stands twice."""
    seen: set[tuple[str, str]] = set()
    for kind, pattern in ((c.kind, p) for c in cues.cues for p in c.patterns):
        if (kind, pattern) in seen:
            yield _fault(pattern, "pattern", kind, "a pattern once for a kind")
        seen.add((kind, pattern))
        unknown = [k for k in REFERENCE.findall(pattern) if k not in cues.kinds or k == kind]
        if unknown:
            yield _fault(pattern, "pattern", ", ".join(unknown), "kinds that [kinds] names")
            continue
        try:
            re.compile(REFERENCE.sub("x", pattern))
        except re.error as error:
            yield _fault(pattern, "pattern", error, "a regular expression")

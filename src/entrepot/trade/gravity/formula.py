"""Formulas of gravity in the manner people know.

    trade ~ log(dist) + contig + i(year, rta) | exporter^year + importer^year + exporter^importer

Left the outcome; then regressors: a column, `log(column)`, a product `a:b`, or `i(level, column)`
for one slope by level (`i(level, column, ref=2000)` leaves one level out, `i(level)` gives
dummies). After the bar the effects to absorb, where `^` joins columns. Names that are not plain words
stand in backticks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from entrepot.errors import UsageError

NAME = r"(?:`[^`]+`|[^\W\d][\w.]*)"
_FORMS = "column, log(column), a:b, i(level) or i(level, column)"


@dataclass(frozen=True, slots=True)
class Term:
    """A regressor, or one by level.

    text    : as written, blanks removed
    columns : the numbers multiplied
    logged  : whether their log is taken
    level   : column whose levels split it, empty for none
    omitted : level left out, empty for none
    """

    text: str
    columns: tuple[str, ...]
    logged: bool = False
    level: str = ""
    omitted: str = ""


@dataclass(frozen=True, slots=True)
class Formula:
    """What to explain, by what, and which effects; each effect a tuple of joined columns."""

    text: str
    outcome: str
    terms: tuple[Term, ...]
    effects: tuple[tuple[str, ...], ...]

    @property
    def numbers(self) -> tuple[str, ...]:
        """Columns that must hold numbers, each once."""
        names = [self.outcome, *(c for t in self.terms for c in t.columns)]
        return tuple(dict.fromkeys(names))

    @property
    def labels(self) -> tuple[str, ...]:
        """Columns whose cells are names of levels."""
        names = [c for effect in self.effects for c in effect]
        return tuple(dict.fromkeys([*names, *(t.level for t in self.terms if t.level)]))


def parse_formula(text: str) -> Formula:
    """Take a formula apart. Raises UsageError that says what was expected."""
    sides = text.split("~")
    if len(sides) != 2 or not sides[0].strip():
        raise UsageError(
            f"Formula '{text}': expected one ~ between the outcome and the rest, as in "
            "'trade ~ rta | exporter^year + importer^year + exporter^importer'."
        )
    outcome = sides[0].strip()
    if re.match(r"(log|ln|log1p)\s*\(", outcome):
        raise UsageError(
            f"Formula: '{outcome}' on the left. PPML explains trade itself, zeros included, by the "
            "exponent of the right side; write the column without log."
        )
    if not re.fullmatch(NAME, outcome):
        raise UsageError(f"Formula: '{outcome}' on the left is not a name of a column.")
    right = sides[1].split("|")
    if len(right) > 2:
        raise UsageError(f"Formula '{text}': expected at most one | before the effects.")
    terms = [_term(part) for part in _parts(right[0], text)]
    effects = [_effect(part) for part in _parts(right[1], text)] if len(right) == 2 else []
    for kind, names in (
        ("regressor", [t.text for t in terms]),
        ("effect", ["^".join(sorted(e)) for e in effects]),
    ):
        for name in names:
            if names.count(name) > 1:
                raise UsageError(f"Formula: the {kind} '{name}' stands there twice.")
    if not terms and not effects:
        raise UsageError(f"Formula '{text}': nothing stands right of the ~.")
    return Formula(
        " ".join(text.split()),
        _bare(outcome),
        tuple(t for t in terms if t.text not in ("0", "1")),
        tuple(effects),
    )


def split_names(text: str) -> tuple[str, ...]:
    """Columns joined by ^, as in exporter^importer."""
    return _effect(text)


def _parts(text: str, whole: str) -> list[str]:
    """Terms between plus signs; 0 and 1 stand for no term."""
    parts, depth, quoted, last = [], 0, False, 0
    for at, char in enumerate(text):
        if char == "`":
            quoted = not quoted
        elif not quoted:
            depth += (char == "(") - (char == ")")
            if char == "+" and depth == 0:
                parts.append(text[last:at])
                last = at + 1
    if depth or quoted:
        raise UsageError(f"Formula '{whole}': a bracket or backtick does not close.")
    parts = [p.strip() for p in [*parts, text[last:]]]
    if parts == [""]:
        return []
    if "" in parts:
        raise UsageError(f"Formula '{whole}': a term is missing beside a +.")
    return [p for p in parts if p not in ("0", "1")]


def _term(text: str) -> Term:
    name = re.sub(r"\s+", " ", text) if "`" in text else re.sub(r"\s+", "", text)
    if re.fullmatch(NAME, name):
        return Term(_bare(name), (_bare(name),))
    if found := re.fullmatch(rf"(?:log|ln)\(({NAME})\)", name):
        return Term(f"log({_bare(found[1])})", (_bare(found[1]),), logged=True)
    if re.fullmatch(rf"{NAME}(?::{NAME})+", name):
        columns = tuple(_bare(c) for c in re.findall(NAME, name))
        return Term(":".join(columns), columns)
    if found := re.fullmatch(rf"i\(({NAME})(?:,({NAME}))?(?:,ref=([^,()]+))?\)", name):
        level = _bare(found[1])
        column = (_bare(found[2]),) if found[2] else ()
        omitted = (found[3] or "").strip("'\"")
        return Term(name.replace("`", ""), column, level=level, omitted=omitted)
    tip = " Give * terms one by one." if "*" in name else ""
    raise UsageError(f"Formula: '{text}' is not a regressor; expected {_FORMS}.{tip}")


def _effect(text: str) -> tuple[str, ...]:
    if not re.fullmatch(rf"\s*{NAME}(?:\s*\^\s*{NAME})*\s*", text):
        raise UsageError(
            f"Formula: '{text}' is not an effect; expected columns joined by ^, as in exporter^year."
        )
    columns = tuple(_bare(c) for c in re.findall(NAME, text))
    if len(set(columns)) < len(columns):
        raise UsageError(f"Formula: '{text}' joins a column with itself.")
    return columns


def _bare(name: str) -> str:
    return name.strip("`")

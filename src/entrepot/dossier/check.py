"""Check the objects of a dossier against each other and against a world. All faults in one pass."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from entrepot.dossier import objects as o
from entrepot.dossier.parse import is_moment
from entrepot.dossier.reference import class_names
from entrepot.errors import BadInputError, Finding, nearest
from entrepot.facts.change import (
    OPERATIONS,
    Change,
    apply,
    matching_rows,
    range_columns,
    row_keys,
)
from entrepot.facts.trade_flows import names_flows
from entrepot.facts.world import World
from entrepot.schema.table import load_schema

Places = Mapping[tuple[str, str], Sequence[tuple[str, int]]]


def check_objects(dossier: o.Dossier, world: World, places: Places) -> list[Finding]:
    """Faults of the objects together.

    places : file and number of each object by (kind, id); all places that use an id
    """
    checker = _Checker(dossier, world, places)
    findings = [
        *checker.twice(),
        *checker.names(),
        *checker.words(),
        *checker.dates(),
        *checker.spans(),
        *checker.measures(),
        *checker.prospects(),
    ]
    bad_changes = checker.change_names()
    findings += bad_changes
    if not bad_changes:
        findings += checker.applied()
    return findings


class _Checker:
    def __init__(self, dossier: o.Dossier, world: World, places: Places) -> None:
        self.dossier, self.world, self.places = dossier, world, places
        self.ids = {
            "document": {d.id for d in dossier.documents},
            "span": {s.id for s in dossier.spans},
            "claim": {c.id for c in dossier.claims},
            "commitment": {c.id for c in dossier.commitments},
            "measure": {m.id for m in dossier.all_measures},
            "prospect": {p.id for p in dossier.all_prospects},
        }
        self.projects = set(world.table("projects")["project_id"])

    def fault(
        self, kind: str, name: str, column: str, found: object, expected: str, tip: str = ""
    ) -> Finding:
        file, row = self.places.get((kind, name), [("dossier", 0)])[-1]
        return Finding(file, row, name, column, str(found), expected, tip)

    def _known(
        self, kind: str, name: str, column: str, found: str, known: Collection[str], what: str
    ) -> Iterator[Finding]:
        if found not in known:
            near = nearest(found, known, 1)
            tip = f"Did you mean '{near[0]}'?" if near else ""
            yield self.fault(kind, name, column, found, f"a known {what}", tip)

    def twice(self) -> Iterator[Finding]:
        for (kind, name), where in self.places.items():
            if len(where) > 1:
                file, row = where[0]
                tip = f"First in {file}, table {row}. Nothing is edited: give it an id of its own."
                yield self.fault(kind, name, "id", name, "an id that occurs once", tip)

    def names(self) -> Iterator[Finding]:
        """Ids that objects name."""
        d, ids = self.dossier, self.ids
        for s in d.spans:
            yield from self._known(
                "span", s.id, "document", s.document, ids["document"], "document"
            )
        for c in d.claims:
            yield from self._known(
                "claim", c.id, "document", c.document, ids["document"], "document"
            )
            if c.span:
                yield from self._known("claim", c.id, "span", c.span, ids["span"], "span")
        for kind, things in (
            ("claim", d.claims),
            ("commitment", d.commitments),
            ("measure", d.all_measures),
            ("prospect", d.all_prospects),
        ):
            for x in things:
                for name in x.supersedes:
                    yield from self._known(kind, x.id, "supersedes", name, ids[kind], kind)
                    if name == x.id:
                        yield self.fault(kind, x.id, "supersedes", name, "another than itself")
        about = ids["commitment"] | self.projects
        for e in d.events:
            yield from self._known("event", e.id, "about", e.about, about, "commitment or project")
        for m in d.all_measures:
            if m.commitment:
                yield from self._known(
                    "measure", m.id, "commitment", m.commitment, ids["commitment"], "commitment"
                )
        for c2 in d.commitments:
            if c2.project:
                yield from self._known(
                    "commitment", c2.id, "project", c2.project, self.projects, "project"
                )
        for p in d.all_prospects:
            yield from self._known(
                "prospect", p.id, "measure", p.measure, ids["measure"], "measure"
            )
        sources = set(self.world.table("sources")["source_id"])
        for kind, sourced in (
            ("document", d.documents),
            ("commitment", d.commitments),
            ("measure", d.all_measures),
            ("event", d.events),
        ):
            for y in sourced:
                for source in y.source_id:
                    yield from self._known(kind, y.id, "source_id", source, sources, "source")

    def words(self) -> Iterator[Finding]:
        """Words that must be of a list."""
        d = self.dossier
        rows = [
            *(("claim", c.id, "kind", c.kind, o.CLAIM_KINDS) for c in d.claims),
            *(("claim", c.id, "measure", c.measure, o.CLAIM_MEASURES) for c in d.claims),
            *(("claim", c.id, "modality", c.modality, o.MODALITIES) for c in d.claims),
            *(("commitment", c.id, "theme", c.theme, o.THEMES) for c in d.commitments),
            *(("measure", m.id, "theme", m.theme, (*o.THEMES, o.SETBACKS)) for m in d.all_measures),
            *(("measure", m.id, "evidence", m.evidence, o.EVIDENCE) for m in d.all_measures),
            *(("event", e.id, "axis", e.axis, o.AXES) for e in d.events),
            *(("event", e.id, "outcome", e.outcome, ("", *o.OUTCOMES)) for e in d.events),
            *(("prospect", p.id, "kind", p.kind, o.PROSPECT_KINDS) for p in d.all_prospects),
        ]
        for kind, name, column, found, allowed in rows:
            if found not in allowed:
                near = nearest(found, allowed, 1)
                tip = f"Did you mean '{near[0]}'?" if near else ""
                expected = "one of " + ", ".join(w for w in allowed if w)
                yield self.fault(kind, name, column, found, expected, tip)

    def dates(self) -> Iterator[Finding]:
        d = self.dossier
        rows = [
            *(("document", x.id, "date", x.date) for x in d.documents),
            *(("commitment", x.id, "date", x.date) for x in d.commitments),
            *(("commitment", x.id, "deadline", x.deadline) for x in d.commitments),
            *(("commitment", x.id, "first_stated", x.first_stated) for x in d.commitments),
            *(("event", x.id, "date", x.date) for x in d.events),
            *(("event", x.id, "due", x.due) for x in d.events),
            *(("measure", x.id, "in_facts_from", x.in_facts_from) for x in d.all_measures),
        ]
        for kind, name, column, found in rows:
            if found and not is_moment(found):
                yield self.fault(kind, name, column, found, "2025, 2025-12 or 2025-12-11")

    def spans(self) -> Iterator[Finding]:
        """Quotes stand where the span says, wherever the text is at hand."""
        files = {x.id: x.text for x in self.dossier.documents}
        for s in self.dossier.spans:
            text = self.dossier.texts.get(files.get(s.document, ""))
            if text is None or text[s.start : s.end] == s.quote:
                continue
            at = text.find(s.quote) if s.quote else -1
            tip = f"It stands at {at} to {at + len(s.quote)}." if at >= 0 else ""
            found = text[s.start : s.end]
            yield self.fault("span", s.id, "quote", found, f"'{s.quote}'", tip)

    def measures(self) -> Iterator[Finding]:
        for m in self.dossier.all_measures:
            if bool(m.change) == bool(m.no_effect_because):
                found = "both" if m.change else "neither"
                expected = "either [[measure.change]] tables or no_effect_because"
                yield self.fault("measure", m.id, "change", found, expected)
            if (m.theme == o.SETBACKS) == bool(m.commitment):
                expected = "a commitment, or none for a setback"
                yield self.fault("measure", m.id, "commitment", m.commitment or "nothing", expected)

    def prospects(self) -> Iterator[Finding]:
        classes = class_names(self.world)
        gone = {i for p in self.dossier.all_prospects for i in p.supersedes}
        first: dict[str, str] = {}
        for p in self.dossier.all_prospects:
            if not 0 <= p.probability.low <= p.probability.high <= 1:
                yield self.fault("prospect", p.id, "probability", p.probability, "values in 0 to 1")
            if not 1990 <= p.due <= 2100:
                yield self.fault("prospect", p.id, "due", p.due, "a year from 1990 to 2100")
            if p.kind == "estimated" and not p.reference_class:
                yield self.fault("prospect", p.id, "reference_class", "nothing", "a class")
            for column in ("reference_class", "delay_class"):
                name = getattr(p, column)
                if name:
                    yield from self._known("prospect", p.id, column, name, classes, "class")
            if p.id not in gone and p.measure in first:
                tip = f"'{first[p.measure]}' holds too; say supersedes."
                yield self.fault("prospect", p.id, "measure", p.measure, "one in force", tip)
            if p.id not in gone:
                first.setdefault(p.measure, p.id)

    def change_names(self) -> list[Finding]:
        """Tables, rows, columns and operations that the world does not have."""
        schema = load_schema()
        out: list[Finding] = []
        keys: dict[str, dict[str, int]] = {}
        for m in self.dossier.all_measures:
            for part in m.change:
                if part.table not in schema:
                    out += self._known("measure", m.id, "table", part.table, list(schema), "table")
                    continue
                table = schema[part.table]
                if part.table not in keys:
                    keys[part.table] = row_keys(table, self.world.raw.get(part.table, {}))
                for row in part.rows:
                    if names_flows(part.table, row) or matching_rows(keys[part.table], row):
                        continue
                    out += self._known("measure", m.id, "rows", row, keys[part.table], "row")
                columns = [c.name for c in table.columns]
                for column in part.columns:
                    if range_columns(table, column):
                        continue
                    out += self._known("measure", m.id, "columns", column, columns, "column")
                out += self._known(
                    "measure", m.id, "operation", part.operation, OPERATIONS, "operation"
                )
        return out

    def applied(self) -> Iterator[Finding]:
        """Values that the tables do not take, each measure by itself where all together fail."""
        for side in o.SIDES:
            together: list[Change] = [c for m in self.dossier.measures for c in m.changes(side)]
            try:
                apply(self.world, together)
                continue
            except BadInputError as error:
                whole = error
            alone = 0
            for m in self.dossier.measures:
                try:
                    apply(self.world, m.changes(side))
                except BadInputError as error:
                    for f in error.findings:
                        alone += 1
                        where = f"{side}: {f.key} {f.column}"
                        yield self.fault("measure", m.id, where, f.found, f.expected, f.suggestion)
            if not alone:
                for f in whole.findings:
                    where = f"{side}, all measures together: {f.key} {f.column}"
                    yield Finding("measures", 0, "", where, f.found, f.expected, f.suggestion)

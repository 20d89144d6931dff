"""Promises, and what texts say of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from entrepot.api.flags import shipped_flags

if TYPE_CHECKING:
    from datetime import date

    from entrepot.answers.answer import Answer
    from entrepot.dossier.history import Late
    from entrepot.dossier.objects import Commitment, Dossier
    from entrepot.facts.world import World


def load_dossier(folder: Path | str | None, world: World) -> Dossier:
    """Load a dossier: what was promised, what became of it, what each promise changes.

    folder : a folder, the name of a shipped dossier, or None for that of the default study
    Raises BadInputError with every fault of the folder.

    >>> ep.load_dossier(None, ep.load_world())
    <Dossier iran-kazakhstan: 66 commitments, 72 measures>
    """
    from entrepot.dossier import load_dossier as load

    return load(folder, world)


def read_claims(text: str) -> Answer:
    """Read the claims of a text by fixed rules: who says what amount of what, and when.

    Table claims: start and end of the quote in the text, kind, low and high in whole units, unit,
    period, parties (alpha-3 codes) and how the text puts it.

    >>> text = "Trade between Kazakhstan and Iran reached $340 million in 2024."
    >>> ep.read_claims(text).to_frame()[["low", "unit", "period"]].values.tolist()
    [[340000000.0, 'USD', '2024']]
    """
    from entrepot.answers.answer import make_answer
    from entrepot.claims.reading.read import read_claims as read
    from entrepot.claims.tables import claims_table

    claims = read(text)
    flags = shipped_flags(code for c in claims for code in c.parties)
    return make_answer("claims", {"claims": claims_table(claims)}, flags=flags)


def check_claims(text: str, dossier: Dossier, world: World) -> Answer:
    """Check each claim of a text against the data and the dossier.

    Table verdicts: the claim, its verdict (consistent, inconsistent, cannot tell), the reason, what
    it was compared with (about) and the sources. Where there are no data the verdict is cannot
    tell. Whole claims stand in the table claims, row by row.

    >>> world = ep.load_world()
    >>> text = "Trade between Kazakhstan and Iran reached $340 million in 2024."
    >>> ep.check_claims(text, ep.load_dossier(None, world), world).to_frame()["verdict"].tolist()
    ['consistent']
    """
    from entrepot.answers.answer import make_answer
    from entrepot.claims.checking.verify import check_text
    from entrepot.claims.tables import claims_table, verdicts_table
    from entrepot.routes.legs import legal_flags

    verdicts = check_text(text, dossier, world)
    claims = [v.claim for v in verdicts]
    flags = legal_flags(world, (code for c in claims for code in c.parties))
    tables = {"verdicts": verdicts_table(verdicts), "claims": claims_table(claims)}
    return make_answer("verdicts", tables, world=world, flags=flags)


def dossier_answer(
    kind: str, tables: Mapping[str, Sequence[Any]], dossier: Dossier, world: World
) -> Answer:
    """Objects of a dossier as an answer, one table by kind of object.

    kind : of the answer, such as dossier, commitment, late or history
    The flags are those of everybody who promised something in the dossier.
    """
    import pandas as pd

    from entrepot.answers.answer import make_answer
    from entrepot.routes.legs import legal_flags

    parties = dict.fromkeys(p for c in dossier.commitments for p in c.parties)
    frames = {name: pd.DataFrame(list(map(as_row, things))) for name, things in tables.items()}
    flags = legal_flags(world, (*dossier.pair, *parties))
    return make_answer(kind, frames, world=world, flags=flags)


def as_row(thing: Any) -> dict[str, Any]:
    """An object of a dossier as a row; three values keep their names."""
    from dataclasses import asdict, is_dataclass

    from entrepot.dossier.objects import RANGE_KEYS

    def named(name: str, value: Any) -> Any:
        return dict(zip(RANGE_KEYS[name], value, strict=True)) if name in RANGE_KEYS else value

    if not is_dataclass(thing):
        return {str(k): named(str(k), v) for k, v in dict(thing).items()}
    made = asdict(thing, dict_factory=lambda items: {k: named(k, v) for k, v in items})  # type: ignore[arg-type]
    return dict(made)


def claim_review(answer: Answer, world: World, title: str) -> dict[str, Any]:
    """The verdicts of `check_claims` as ClaimReview of schema.org; title: name of the text."""
    from entrepot.answers.writers.cells import rows_of
    from entrepot.claims.checking.verdict import Verdict
    from entrepot.claims.checking.verdict import claim_review as review
    from entrepot.claims.reading.read import Proposal

    verdicts = [
        Verdict(
            Proposal(**c | {"parties": tuple(c["parties"])}),
            v["verdict"],
            v["reason"],
            tuple(v["source_id"]),
            tuple(v["about"]),
        )
        for c, v in zip(
            rows_of(answer.tables["claims"]), rows_of(answer.tables["verdicts"]), strict=True
        )
    ]
    sources = world.table("sources")
    urls = dict(zip(sources["source_id"], sources["url"], strict=True))
    return review(verdicts, urls, world.meta.get("as_of", ""), title)


def value_in_words(claim: Mapping[str, Any]) -> str:
    """The value of a row of claims for people."""
    from entrepot.claims.checking.evidence import amount

    low, high, unit = claim["low"], claim["high"], claim["unit"]
    sign = "growth " if claim["measure"] == "growth" else ""
    if low is None and high is None:
        return ""
    if low is None:
        return f"{sign}up to {amount(high, unit)}"
    if high is None:
        return f"{sign}{amount(low, unit)} or more"
    return sign + (amount(low, unit) if low == high else f"{low:,g} to {amount(high, unit)}")


def late_commitments(dossier: Dossier, world: World, day: date) -> list[Late]:
    """Find commitments whose deadline has passed without evidence, beside how late their class is."""
    from entrepot.dossier.history import late

    return list(late(dossier, world, day))


def vintages_of(dossier: Dossier, commitment: str) -> tuple[Commitment, ...]:
    """Find the vintages of a promise, oldest first."""
    from entrepot.dossier.history import vintages

    return tuple(vintages(dossier, commitment))


def add_objects(file: Path, folder: Path, world: World) -> Path:
    """Add the objects of a TOML file to a dossier of one's own; returns the file that was made."""
    from entrepot.dossier.append import add

    return add(file, folder, world)

"""entrepot dossier: what was promised, what became of it, and is a text right?"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from entrepot.cli.shared import DataOption, JsonOption, print_json, print_table, say, shorten

if TYPE_CHECKING:
    from entrepot.dossier import Dossier
    from entrepot.facts.world import World

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
DossierOption = Annotated[
    str | None, typer.Option("--dossier", help="A folder, or the name of a shipped dossier.")
]


@app.callback()
def dossier() -> None:
    """What was promised, what became of it, and whether a text is right."""


def _open(folder: str | None, data: Path | None) -> tuple[Dossier, World]:
    from entrepot.dossier import load_dossier
    from entrepot.facts.load import load_world

    world = load_world(data)
    return load_dossier(folder, world), world


def _plain(thing: Any) -> dict[str, Any]:
    """An object as a plain dictionary; three values keep their names."""
    from dataclasses import asdict

    from entrepot.dossier.objects import RANGE_KEYS

    out = asdict(thing)
    three = {k: dict(zip(RANGE_KEYS[k], out[k], strict=True)) for k in RANGE_KEYS if k in out}
    return out | three


def _text_of(file: Path) -> str:
    from entrepot.errors import UsageError
    from entrepot.facts.files import read_text

    if not file.is_file():
        raise UsageError(f"'{file}' is no file.")
    return read_text(file)


@app.command("show")
def show(
    name: Annotated[
        str | None,
        typer.Argument(metavar="[ID]", help="A commitment, measure or claim; all if left out."),
    ] = None,
    folder: DossierOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """All commitments with what they do to the model, or one object in full."""
    found, _ = _open(folder, data)
    if name is None:
        _show_all(found, as_json)
        return
    from entrepot.errors import UnknownNameError

    things: dict[str, Any] = {
        x.id: x
        for group in (
            found.documents,
            found.claims,
            found.all_measures,
            found.events,
            found.commitments,
        )
        for x in group
    }
    if name not in things:
        raise UnknownNameError(name, "object of the dossier", things)
    thing = things[name]
    measures = found.measures_of(name) or tuple(m for m in found.measures if m.id == name)
    prospects = [found.prospects[m.id] for m in measures if m.id in found.prospects]
    if as_json:
        related = {
            "measures": list(map(_plain, measures)),
            "prospects": list(map(_plain, prospects)),
        }
        print_json({**_plain(thing), **related})
        return
    for key, value in _plain(thing).items():
        if value not in ("", (), None, False) and key != "change":
            typer.echo(
                f"{key:15}{'; '.join(map(str, value)) if isinstance(value, tuple | list) else value}"
            )
    for m in measures:
        if m is not thing:
            typer.echo(f"\nmeasure {m.id}: {m.title}")
        if not m.modelled:
            typer.echo(f"  no effect modelled, because {m.no_effect_because}")
        for part in m.change:
            sizes = part.low if part.low == part.high else f"{part.low}, {part.mid}, {part.high}"
            typer.echo(
                f"  {part.table}: {', '.join(part.columns)} of {' | '.join(part.rows)}: {part.operation} {sizes}"
            )
        p = found.prospects.get(m.id)
        if p is not None:
            low, mid, high = p.probability
            typer.echo(
                f"  comes with {100 * mid:.0f} % ({100 * low:.0f}-{100 * high:.0f} %), {p.due:.1f} plus "
                f"{p.delay.mid:g} years ({p.delay.low:g}-{p.delay.high:g}); {p.kind}, {p.reference_class or 'no class'}"
            )
    say(
        f"\nNext: entrepot dossier history {name if name in {c.id for c in found.commitments} else 'C011'}"
    )


def _show_all(found: Dossier, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "name": found.name,
                "title": found.title,
                "commitments": list(map(_plain, found.commitments)),
                "measures": list(map(_plain, found.measures)),
                "prospects": list(map(_plain, found.prospects.values())),
                "claims": list(map(_plain, found.claims)),
            }
        )
        return
    typer.echo(f"{found.title}\n")
    rows = []
    for c in found.commitments:
        own = found.measures_of(c.id)
        does = ", ".join(m.id for m in own if m.modelled) or ("nothing" if own else "")
        state = "superseded" if c.id in found.superseded else ""
        rows.append(
            (
                c.id,
                c.date,
                "-".join(c.parties),
                c.theme,
                shorten(c.text, 70),
                c.deadline,
                does,
                state,
            )
        )
    print_table(("id", "date", "parties", "theme", "what", "by", "does", ""), rows)
    setbacks = [m for m in found.measures if not m.commitment]
    if setbacks:
        typer.echo("\nWhat works against them:")
        for m in setbacks:
            typer.echo(f"  {m.id}  {m.title}{'' if m.modelled else ' (no effect modelled)'}")
    modelled = sum(m.modelled for m in found.measures)
    typer.echo(f"\n{len(found.measures)} measures, {modelled} of them change the model.")
    say("\nNext: entrepot dossier late")


@app.command("late")
def late(
    on: Annotated[
        str | None, typer.Option(help="A day, 2026-06-30; the day of the facts if left out.")
    ] = None,
    folder: DossierOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Commitments whose deadline has passed without evidence, beside how late their class is."""
    from entrepot.dossier.history import late as find_late
    from entrepot.dossier.objects import RANGE_KEYS
    from entrepot.errors import UsageError

    found, world = _open(folder, data)
    text = on or world.meta.get("default_date", "")
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"'{text}' is no day like 2026-06-30.") from None
    rows = find_late(found, world, day)
    if as_json:
        print_json(
            [
                {
                    "commitment": x.commitment.id,
                    "text": x.commitment.text,
                    "deadline": x.commitment.deadline,
                    "days_late": x.days,
                    "outcome": x.outcome or "open",
                    "last_evidence": x.last_evidence.status if x.last_evidence else None,
                    "reference_class": x.reference_class,
                    "class_delay_years": dict(zip(RANGE_KEYS["delay"], x.delay, strict=True)),
                    "restated_as": list(x.restated),
                }
                for x in rows
            ]
        )
        return
    if not rows:
        typer.echo(f"Nothing is late on {day}.")
    else:
        typer.echo(f"Late on {day}; the delay of the class is P50 (P10-P90) in years\n")
        print_table(
            (
                "id",
                "by",
                "days late",
                "state",
                "what",
                "last seen",
                "class",
                "its delay",
                "said again as",
            ),
            [
                (
                    x.commitment.id,
                    x.commitment.deadline,
                    f"{x.days:,}",
                    x.outcome or "open",
                    shorten(x.commitment.text, 48),
                    shorten(f"{x.last_evidence.date} {x.last_evidence.status}", 44)
                    if x.last_evidence
                    else "",
                    x.reference_class,
                    f"{x.delay.mid:g} ({x.delay.low:g}-{x.delay.high:g})",
                    " ".join(x.restated),
                )
                for x in rows
            ],
            right=(2,),
        )
    say(f"\nNext: entrepot dossier history {rows[0].commitment.id if rows else 'C011'}")


@app.command("history")
def history(
    name: Annotated[str, typer.Argument(metavar="ID", help="A commitment.")],
    folder: DossierOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """One promise through its vintages and events, oldest first."""
    from entrepot.dossier.history import vintages
    from entrepot.errors import UnknownNameError

    found, _ = _open(folder, data)
    known = [c.id for c in found.commitments]
    if name not in known:
        raise UnknownNameError(name, "commitment", known)
    chain = vintages(found, name)
    about = {c.id for c in chain} | {c.project for c in chain if c.project}
    events = sorted((e for a in about for e in found.events_of(a)), key=lambda e: (e.date, e.id))
    if as_json:
        print_json({"vintages": list(map(_plain, chain)), "events": list(map(_plain, events))})
        return
    typer.echo(f"{len(chain)} vintage{'s' if len(chain) > 1 else ''}\n")
    for c in chain:
        worth = f"; {c.value:,g} {c.unit}" if c.value is not None else ""
        by = f" by {c.deadline}" if c.deadline else ""
        typer.echo(f"  {c.date:11}{c.id:6}{shorten(c.text, 90)}{worth}{by}")
    typer.echo("")
    rows = [
        (e.date, e.about, e.axis, shorten(e.status, 80), e.due, e.outcome, " ".join(e.source_id))
        for e in events
    ]
    if rows:
        print_table(("date", "about", "axis", "what", "named", "outcome", "sources"), rows)
    else:
        typer.echo("No events on record.")
    say(f"\nNext: entrepot dossier show {name}")


@app.command("add")
def add(
    file: Annotated[
        Path, typer.Argument(help="TOML with [[event]], [[claim]], [[commitment]] ... tables.")
    ],
    folder: Annotated[
        Path | None,
        typer.Option(
            "--dossier", help="Your folder; made if it is not there, laid over the shipped dossier."
        ),
    ] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add objects to a dossier of your own. Nothing is edited; all faults are told in one pass."""
    from entrepot.dossier.append import add as append
    from entrepot.errors import UsageError
    from entrepot.facts.load import load_world

    if folder is None:
        raise UsageError("Say where to: --dossier FOLDER. The shipped dossier is not written to.")
    made = append(file, folder, load_world(data))
    if as_json:
        print_json({"file": str(made)})
    else:
        typer.echo(f"Added as {made}")
    say(f"\nNext: entrepot dossier late --dossier {folder}")


@app.command("read")
def read(
    file: Annotated[Path, typer.Argument(help="A text in UTF-8.")],
    as_json: JsonOption = False,
) -> None:
    """Claims of a text, as fixed rules read them; take them over by hand."""
    from dataclasses import asdict

    from entrepot.claims.reading.read import read_claims

    claims = read_claims(_text_of(file))
    if as_json:
        print_json([asdict(c) for c in claims])
    elif not claims:
        typer.echo("No claim found.")
    else:
        print_table(
            ("at", "kind", "of", "value", "period", "not", "words"),
            [
                (
                    f"{c.start}-{c.end}",
                    c.kind,
                    c.subject,
                    _range(c),
                    c.period,
                    "not" if c.negated else "",
                    shorten(c.quote, 60),
                )
                for c in claims
            ],
        )
    say(f"\nNext: entrepot dossier check {file}")


def _range(claim: Any) -> str:
    """The value of a claim for people."""
    from entrepot.claims.checking.evidence import amount

    low, high = claim.low, claim.high
    sign = "growth " if claim.measure == "growth" else ""
    if low is None and high is None:
        return ""
    if low is None:
        return f"{sign}up to {amount(high, claim.unit)}"
    if high is None:
        return f"{sign}{amount(low, claim.unit)} or more"
    return sign + (
        amount(low, claim.unit) if low == high else f"{low:,g} to {amount(high, claim.unit)}"
    )


@app.command("check")
def check(
    file: Annotated[Path, typer.Argument(help="A text in UTF-8.")],
    claimreview: Annotated[
        Path | None, typer.Option(help="Write schema.org ClaimReview (JSON-LD) here.")
    ] = None,
    folder: DossierOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Each claim of a text against the data and the dossier. Exit status 1 when one is inconsistent."""
    import json

    from entrepot.claims.checking.verdict import INCONSISTENT, claim_review
    from entrepot.claims.checking.verify import check_text
    from entrepot.facts.files import check_output

    text = _text_of(file)
    check_output(claimreview)
    found, world = _open(folder, data)
    verdicts = check_text(text, found, world)
    if claimreview is not None:
        sources = world.table("sources")
        urls = dict(zip(sources["source_id"], sources["url"], strict=True))
        review = claim_review(verdicts, urls, world.meta.get("as_of", ""), file.name)
        claimreview.write_text(
            json.dumps(review, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
        )
        say(f"ClaimReview: {claimreview}")
    if as_json:
        print_json([v.as_dict() for v in verdicts])
    elif not verdicts:
        typer.echo("No claim found.")
    else:
        for v in verdicts:
            typer.echo(f"{v.verdict.upper():13}{shorten(v.claim.quote, 90)}")
            typer.echo(f"{'':13}{v.reason}")
            if v.source_id:
                typer.echo(f"{'':13}Sources: {' '.join(v.source_id)}")
    wrong = sum(v.verdict == INCONSISTENT for v in verdicts)
    say(f"\n{len(verdicts)} claims, {wrong} inconsistent. Next: entrepot dossier show")
    raise typer.Exit(1 if wrong else 0)

"""entrepot dossier: what was promised, what became of it, and is a text right?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from entrepot.cli.dossier_texts import check, read
from entrepot.cli.shared import (
    DataOption,
    DossierOption,
    JsonOption,
    print_answer,
    print_table,
    say_next,
    shorten,
)

if TYPE_CHECKING:
    from entrepot import Dossier, World

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def dossier() -> None:
    """What was promised, what became of it, and whether a text is right."""


def _open(folder: str | None, data: Path | None) -> tuple[Dossier, World]:
    import entrepot as ep

    world = ep.load_world(data)
    return ep.load_dossier(folder, world), world


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
    from entrepot.api.dossiers import as_row, dossier_answer
    from entrepot.errors import UnknownNameError

    found, world = _open(folder, data)
    own = {"--dossier": folder, "--data": data}
    if name is None:
        if as_json:
            print_answer(dossier_answer("dossier", _objects(found), found, world))
            return
        _show_all(found)
        say_next(("dossier", "late"), own)
        return

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
        tables = {"object": [thing], "measures": measures, "prospects": prospects}
        print_answer(dossier_answer("dossier-object", tables, found, world))
        return
    for key, value in as_row(thing).items():
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
    if name in {c.id for c in found.commitments}:
        say_next(("dossier", "history", name), own)
    else:
        say_next(("dossier", "late"), own)


def _objects(found: Dossier) -> dict[str, Sequence[Any]]:
    return {
        "commitments": found.commitments,
        "measures": found.measures,
        "prospects": tuple(found.prospects.values()),
        "claims": found.claims,
    }


def _show_all(found: Dossier) -> None:
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
    from entrepot.api.dossiers import dossier_answer, late_commitments
    from entrepot.errors import UsageError

    found, world = _open(folder, data)
    text = on or world.meta.get("default_date", "")
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"Expected a day such as 2026-06-30, found '{text}'.") from None
    rows = late_commitments(found, world, day)
    if as_json:
        told = [
            {
                "commitment": x.commitment.id,
                "text": x.commitment.text,
                "deadline": x.commitment.deadline,
                "days_late": x.days,
                "outcome": x.outcome or "open",
                "last_evidence": x.last_evidence.status if x.last_evidence else None,
                "reference_class": x.reference_class,
                "class_delay_years": {"p10": x.delay.low, "p50": x.delay.mid, "p90": x.delay.high},
                "restated_as": list(x.restated),
            }
            for x in rows
        ]
        print_answer(dossier_answer("late", {"late": told}, found, world))
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
    words = ("history", rows[0].commitment.id) if rows else ("show",)
    say_next(("dossier", *words), {"--dossier": folder, "--data": data})


@app.command("history")
def history(
    name: Annotated[str, typer.Argument(metavar="ID", help="A commitment.")],
    folder: DossierOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """One promise through its vintages and events, oldest first."""
    from entrepot.api.dossiers import dossier_answer, vintages_of
    from entrepot.errors import UnknownNameError

    found, world = _open(folder, data)
    known = [c.id for c in found.commitments]
    if name not in known:
        raise UnknownNameError(name, "commitment", known)
    chain = vintages_of(found, name)
    about = {c.id for c in chain} | {c.project for c in chain if c.project}
    events = sorted((e for a in about for e in found.events_of(a)), key=lambda e: (e.date, e.id))
    if as_json:
        tables = {"vintages": chain, "events": events}
        print_answer(dossier_answer("history", tables, found, world))
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
    say_next(("dossier", "show", name), {"--dossier": folder, "--data": data})


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
    from entrepot import load_dossier, load_world
    from entrepot.api.dossiers import add_objects, dossier_answer
    from entrepot.errors import UsageError

    if folder is None:
        raise UsageError("Say where to: --dossier FOLDER. The shipped dossier is not written to.")
    world = load_world(data)
    made = add_objects(file, folder, world)
    if as_json:
        tables = {"added": [{"file": str(made)}]}
        print_answer(dossier_answer("added", tables, load_dossier(folder, world), world))
    else:
        typer.echo(f"Added as {made}")
    say_next(("dossier", "late"), {"--dossier": folder, "--data": data})


app.command("read")(read)
app.command("check")(check)

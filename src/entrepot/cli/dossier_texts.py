"""entrepot dossier read and check: what a text claims, and whether it is right."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from entrepot.cli.shared import (
    DataOption,
    DossierOption,
    JsonOption,
    print_answer,
    print_table,
    records,
    say,
    say_next,
    shorten,
    write_text,
)

TextArgument = Annotated[Path, typer.Argument(help="A text in UTF-8.")]


def read(file: TextArgument, as_json: JsonOption = False) -> None:
    """Claims of a text, as fixed rules read them; take them over by hand."""
    import entrepot as ep
    from entrepot.api.dossiers import value_in_words

    answer = ep.read_claims(text_of(file))
    claims = records(answer.tables["claims"])
    if as_json:
        print_answer(answer)
    elif not claims:
        typer.echo("No claim found.")
    else:
        print_table(
            ("at", "kind", "of", "value", "period", "not", "words"),
            [
                (
                    f"{c['start']}-{c['end']}",
                    c["kind"],
                    c["subject"],
                    value_in_words(c),
                    c["period"],
                    "not" if c["negated"] else "",
                    shorten(c["quote"], 60),
                )
                for c in claims
            ],
        )
    say_next(("dossier", "check", file), {})


def check(
    file: TextArgument,
    claimreview: Annotated[
        Path | None, typer.Option(help="Write schema.org ClaimReview (JSON-LD) here.")
    ] = None,
    folder: DossierOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Each claim of a text against the data and the dossier. Exit status 1 when one is inconsistent."""
    import entrepot as ep
    from entrepot.answers.writers.json_text import json_text
    from entrepot.api.dossiers import claim_review
    from entrepot.api.files import check_output

    text = text_of(file)
    check_output(claimreview)
    world = ep.load_world(data)
    answer = ep.check_claims(text, ep.load_dossier(folder, world), world)
    verdicts = records(answer.tables["verdicts"])
    if claimreview is not None:
        review = json_text(claim_review(answer, world, file.name))
        write_text(claimreview, review)
        say(f"ClaimReview: {claimreview}")
    if as_json:
        print_answer(answer)
    elif not verdicts:
        typer.echo("No claim found.")
    else:
        for v in verdicts:
            typer.echo(f"{v['verdict'].upper():13}{shorten(v['quote'], 90)}")
            typer.echo(f"{'':13}{v['reason']}")
            if v["source_id"]:
                typer.echo(f"{'':13}Sources: {' '.join(v['source_id'])}")
    wrong = sum(v["verdict"] == "inconsistent" for v in verdicts)
    told = f"{len(verdicts)} claims, {wrong} inconsistent. "
    say_next(("dossier", "show"), {"--dossier": folder, "--data": data}, before=told)
    raise typer.Exit(1 if wrong else 0)


def text_of(file: Path) -> str:
    """The text of a file. Raises UsageError without it, BadInputError where it is not UTF-8."""
    from entrepot.api.files import read_text
    from entrepot.errors import UsageError

    if not file.is_file():
        raise UsageError(f"File not found: '{file}'.")
    return read_text(file)

"""entrepot dossier read and check: what a text claims, and whether it is right."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

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
                    _range(c),
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
    from entrepot.claims.checking.verdict import INCONSISTENT

    text = text_of(file)
    world = ep.load_world(data)
    answer = ep.check_claims(text, ep.load_dossier(folder, world), world)
    verdicts = records(answer.tables["verdicts"])
    if claimreview is not None:
        review = json.dumps(_review(answer, world, file.name), ensure_ascii=False, indent=1)
        write_text(claimreview, review + "\n")
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
    wrong = sum(v["verdict"] == INCONSISTENT for v in verdicts)
    told = f"{len(verdicts)} claims, {wrong} inconsistent. "
    say_next(("dossier", "show"), {"--dossier": folder, "--data": data}, before=told)
    raise typer.Exit(1 if wrong else 0)


def text_of(file: Path) -> str:
    """The text of a file. Raises UsageError without it, BadInputError where it is not UTF-8."""
    from entrepot.errors import BadInputError, UsageError

    if not file.is_file():
        raise UsageError(f"'{file}' is no file.")
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise BadInputError(f"{file} is not text in UTF-8.") from None


def _review(answer: Any, world: Any, title: str) -> dict[str, Any]:
    """The verdicts as ClaimReview of schema.org."""
    from entrepot.claims.checking.verdict import Verdict, claim_review
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
            records(answer.tables["claims"]), records(answer.tables["verdicts"]), strict=True
        )
    ]
    sources = world.table("sources")
    urls = dict(zip(sources["source_id"], sources["url"], strict=True))
    return claim_review(verdicts, urls, world.meta.get("as_of", ""), title)


def _range(claim: dict[str, Any]) -> str:
    """The value of a claim for people."""
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

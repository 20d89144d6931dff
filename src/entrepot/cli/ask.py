"""Commands of questions, made from the models of their options."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, get_args, get_origin

import typer
import typer.main

from entrepot.cli.shared import (
    DataOption,
    JsonOption,
    SeedOption,
    print_answer,
    print_table,
    records,
    say,
)

MOST_ROWS = 12
MOST_COLUMNS = 7


def command_of(question: str, title: str) -> Any:
    """The command of a question, with an option for each of its options."""
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command(question.replace("_", "-"), help=title)(_function(question))
    return typer.main.get_command(app)


def _function(question: str) -> Callable[..., None]:
    """A function with the signature of the command."""
    from entrepot.api.questions import option_fields, option_meanings

    fields, told = option_fields(question), option_meanings(question)

    def command(**given: Any) -> None:
        data, seed, as_json = (given.pop(name) for name in ("data", "seed", "as_json"))
        _ask(
            question,
            {k: v for k, v in given.items() if v not in (None, [], ())},
            data,
            seed,
            as_json,
        )

    parameters = [_parameter(name, field, told.get(name, "")) for name, field in fields.items()]
    for name, annotation, default in (
        ("seed", SeedOption, None),
        ("data", DataOption, None),
        ("as_json", JsonOption, False),
    ):
        kind = inspect.Parameter.KEYWORD_ONLY
        parameters.append(inspect.Parameter(name, kind, default=default, annotation=annotation))
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {p.name: p.annotation for p in parameters}
    return command


def _parameter(name: str, field: Any, told: str) -> inspect.Parameter:
    """A parameter of the command for an option of the question."""
    kind = field.annotation
    inner = [a for a in get_args(kind) if a is not NoneType]
    if NoneType in get_args(kind):
        kind = inner[0]
    if get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    many = getattr(kind, "__origin__", None) is tuple and Ellipsis in get_args(kind)
    annotation = list[str] if many else kind
    option = typer.Option(f"--{name.replace('_', '-')}", help=told)
    if field.is_required():
        return inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, annotation=Annotated[annotation, option]
        )
    default = None if many else field.default
    whole = annotation if default is not None else annotation | None
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[whole, option]
    )


def _ask(
    question: str, options: dict[str, Any], data: Path | None, seed: int | None, as_json: bool
) -> None:
    import entrepot as ep
    from entrepot.api.questions import progress_to

    world = ep.load_world(data)
    engine = ep.Engine.open(world, seed=seed)
    answer = ep.ask(engine, question, progress=progress_to(say), **options)
    if as_json:
        print_answer(answer)
        return
    for name, table in answer.tables.items():
        shown = records(table)[:MOST_ROWS]
        heads = list(table.columns)[:MOST_COLUMNS]
        typer.echo(f"{name}: {len(table)} rows")
        print_table(heads, [[_cell(row[h]) for h in heads] for row in shown])
        typer.echo("")
    for note in answer.notes:
        typer.echo(note)
    say("All rows and columns: the same command with --json.")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:,.4g}"
    text = "; ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return text if len(text) <= 28 else text[:27] + "…"

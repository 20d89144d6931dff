"""The command line. Commands import what they need when they run, so that help is quick."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from typing import Any, NoReturn

import typer
import typer.core

from entrepot.cli import (
    assign,
    check,
    dossier,
    explain,
    gravity,
    routes,
    study,
    trade,
    validate,
    what_if,
)
from entrepot.errors import EntrepotError, InterruptedRunError, UsageError

INTERRUPTED = 5
BUG = 70


class Door(typer.core.TyperGroup):
    """Keeps interruptions and closed pipes from the framework, which has its own statuses."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise InterruptedRunError("Interrupted; nothing was left half written.") from None
        except BrokenPipeError:
            _let_go_of_stdout()
            raise typer.Exit(0) from None


def _let_go_of_stdout() -> None:
    """Nobody reads any more: send the rest nowhere, so that the exit does not fail on it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


app = typer.Typer(
    name="entrepot",
    cls=Door,
    help="What is a freight corridor worth? Routes, days, money, and how sure all that is.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)
app.command("routes")(routes.routes)
app.command("what-if")(what_if.what_if)
app.command("trade")(trade.trade)
app.command("gravity")(gravity.gravity)
app.command("assign")(assign.assign)
app.command("study")(study.study)
app.command("report")(study.report)
app.command("validate")(validate.validate)
app.command("check")(check.check)
app.add_typer(
    dossier.app,
    name="dossier",
    help="What was promised, what became of it, and whether a text is right.",
)
app.add_typer(explain.app, name="explain", help="Where a number comes from.")


def main() -> None:
    """Run a command; errors become a sentence on stderr and an exit status."""
    try:
        try:
            app()
        finally:
            sys.stdout.flush()
    except EntrepotError as error:
        typer.echo(str(error), err=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        typer.echo("Interrupted; nothing was left half written.", err=True)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        _let_go_of_stdout()
        sys.exit(0)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            _bug(error)
        _let_go_of_stdout()
        typer.echo(f"The output cannot be written: {error.strerror}.", err=True)
        sys.exit(UsageError.exit_code)
    except Exception as error:
        _bug(error)


def _bug(error: Exception) -> NoReturn:
    if os.environ.get("ENTREPOT_TRACEBACK"):
        traceback.print_exc()
    typer.echo(
        f"This is a bug: {type(error).__name__}: {error}\n"
        "Set ENTREPOT_TRACEBACK=1 to see where, and please report it.",
        err=True,
    )
    sys.exit(BUG)


if __name__ == "__main__":
    main()

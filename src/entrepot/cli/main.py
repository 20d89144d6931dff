"""The command line. Commands import what they need when they run, so that help is quick."""

from __future__ import annotations

import errno
import os
import sys
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
# What a disk or a folder can be blamed for.
OUTSIDE = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM)


class Door(typer.core.TyperGroup):
    """Keeps interruptions and closed pipes from the framework, which has its own statuses.

    Every question that has no command of its own here gets one, made from its options.
    """

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """A command written here, or that of a question."""
        own = super().get_command(ctx, cmd_name)
        if own is not None:
            return own
        from entrepot.api.questions import question_titles

        name, titles = cmd_name.replace("-", "_"), question_titles()
        if name not in titles:
            return None
        from entrepot.cli.ask import command_of

        return command_of(name, titles[name])

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The commands written here, then the questions."""
        super().format_commands(ctx, formatter)
        from entrepot.api.questions import question_titles

        rows = [(n.replace("_", "-"), t) for n, t in question_titles().items()]
        with formatter.section("Questions of a study, each a command too"):
            formatter.write_dl([row for row in rows if row[0] not in self.commands])

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
        if error.errno not in OUTSIDE:
            _bug(error)
        if error.errno == errno.ENOSPC:
            _let_go_of_stdout()
        what = "The output cannot be written" if error.filename is None else f"'{error.filename}'"
        typer.echo(f"{what}: {error.strerror}.", err=True)
        sys.exit(UsageError.exit_code)
    except Exception as error:
        _bug(error)


def _bug(error: Exception) -> NoReturn:
    if os.environ.get("ENTREPOT_TRACEBACK"):
        import traceback

        traceback.print_exc()
    typer.echo(
        f"This is a bug: {type(error).__name__}: {error}\n"
        "Set ENTREPOT_TRACEBACK=1 to see where, and please report it.",
        err=True,
    )
    sys.exit(BUG)


if __name__ == "__main__":
    main()

"""The command line. Commands import what they need when they run, so that help is quick."""

from __future__ import annotations

import os
import sys
import traceback

import typer

from entrepot.cli import check, explain, routes, study, validate
from entrepot.errors import EntrepotError

app = typer.Typer(
    name="entrepot",
    help="What is a freight corridor worth? Routes, days, money, and how sure all that is.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)
app.command("routes")(routes.routes)
app.command("study")(study.study)
app.command("report")(study.report)
app.command("validate")(validate.validate)
app.command("check")(check.check)
app.add_typer(explain.app, name="explain", help="Where a number comes from.")

INTERRUPTED = 5
BUG = 70


def main() -> None:
    """Run a command; errors become a sentence on stderr and an exit status."""
    try:
        app()
    except EntrepotError as error:
        typer.echo(str(error), err=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        typer.echo("Interrupted; nothing was left half written.", err=True)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:
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

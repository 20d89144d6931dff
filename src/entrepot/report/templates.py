"""The one environment of the templates of pages: what comes from data is escaped unless it is markup."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from types import ModuleType

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from entrepot.report.words import is_web_address, plural, words

MARKDOWN = ".md"


@cache
def environment() -> Environment:
    """Templates of `report/templates`; an unknown name in one is a fault, not an empty place.

    All but Markdown is escaped, for Markdown is read as text in the repository.
    """
    made = Environment(
        loader=PackageLoader("entrepot.report"),
        autoescape=lambda name: name is None or not name.endswith(MARKDOWN),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
        auto_reload=False,
    )
    made.filters |= {"plural": plural, "row": _row, "words": words}
    made.tests["web_address"] = is_web_address
    return made


def fill(template: str, **values: object) -> str:
    """A template with its values: markup, or plain text of a Markdown template."""
    made = environment().get_template(template).render(values)
    return made if template.endswith(MARKDOWN) else Markup(made)


@cache
def macros(template: str) -> ModuleType:
    """The macros of a template, to be called from Python; each gives markup."""
    return environment().get_template(template).module  # type: ignore[return-value]


def _row(cells: Sequence[object]) -> str:
    """A row of a Markdown table."""
    return "| " + " | ".join(str(c).replace("|", "/") for c in cells) + " |"

"""The one environment of the templates of pages: what comes from data is escaped unless it is markup."""

from __future__ import annotations

from functools import cache
from types import ModuleType

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from entrepot.report.words import is_web_address, plural, words


@cache
def environment() -> Environment:
    """Templates of `report/templates`; an unknown name in one is a fault, not an empty place."""
    made = Environment(
        loader=PackageLoader("entrepot.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters |= {"plural": plural, "words": words}
    made.tests["web_address"] = is_web_address
    return made


def fill(template: str, **values: object) -> Markup:
    """A template with its values; the page has what it gives as markup."""
    return Markup(environment().get_template(template).render(values))


@cache
def macros(template: str) -> ModuleType:
    """The macros of a template, to be called from Python; each gives markup."""
    return environment().get_template(template).module  # type: ignore[return-value]

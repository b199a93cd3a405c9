"""The Jinja environment of all pages: every word is escaped, and a name that a template misspells is an error."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined


def page_environment() -> Environment:
    """Make an environment over `report/templates`, to which a page adds its own filters and functions."""
    return Environment(
        loader=PackageLoader("sameperson.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

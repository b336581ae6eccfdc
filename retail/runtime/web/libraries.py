"""The shared macros, made once for a rendering: nearly every template imports them, a page of thirty templates too.

Jinja makes a template anew at each import `with context`, and all that it imports itself: for one page some sixty
times, which was most of the time that the page took. These need the words of the rendering only, nothing that a
template sets, so that all templates of a rendering can share them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from jinja2 import Template
from jinja2.environment import TemplateModule

LIBRARIES: Final = frozenset(
    {"shared/macros.html", "shared/controls.html", "shared/icon.html", "shared/lists.html", "shared/exports.html"}
)
_SHARED: Final = "libraries_of_this_rendering"


class Libraries:
    """The libraries of one rendering, as its words make them."""

    def __init__(self, words: dict[str, Any]) -> None:
        self.words = words
        self.made: dict[str, TemplateModule] = {}


def sharing(words: dict[str, Any]) -> dict[str, Any]:
    """Give the words of a rendering, whose templates share their libraries from now on."""
    found = dict(words)
    found[_SHARED] = Libraries(found)  # in the words themselves: a library imports others
    return found


class Sharing(Template):
    """A template that is made once for a rendering if it is a library, however many templates import it."""

    def make_module(self, *given: Any, **named: Any) -> TemplateModule:  # noqa: ANN401 - as Jinja calls it
        """Give the library of the rendering; what isn't one is made as ever. The first that is given: the words."""
        words: Mapping[str, Any] = (given[0] if given else named.get("vars")) or {}
        kept: Libraries | None = words.get(_SHARED)
        if kept is None or self.name not in LIBRARIES:
            return super().make_module(*given, **named)
        if self.name not in kept.made:
            kept.made[self.name] = super().make_module(kept.words)
        return kept.made[self.name]

"""The products of one count as its page lists them: all, those that differ, or those still to be counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from retail.runtime.tenancy import Scope
from retail.runtime.web.asked import Asked
from retail.stock.counts.queries import CountFacts, Line, is_hidden

VIEWS: Final = ("all", "differing", "open")


def views(of: CountFacts, scope: Scope) -> tuple[str, ...]:
    """Name the ways to look at a count; nobody asks a blind one what differs before it is finished."""
    return tuple(view for view in VIEWS if not (view == "differing" and is_hidden(of, scope)))


def view_asked(asked: Asked, of: CountFacts, lines: Sequence[Line], scope: Scope) -> str:
    """Read which products are asked for; a finished count begins with what differs, where anything does."""
    typed = asked.option("show", VIEWS)
    known = views(of, scope)
    if typed in known:
        return typed
    begins = of.state == "finished" and any(line.outcome and line.outcome.variance for line in lines)
    return "differing" if begins and not typed and "differing" in known else "all"


def picked(lines: Sequence[Line], view: str, text: str) -> list[Line]:
    """Give the products of a view that have a text in their name or SKU, the dearest difference first."""
    wanted = text.casefold()
    found = [line for line in lines if wanted in line.name.casefold() or wanted in line.sku.casefold()]
    if view == "differing":
        kept = [line for line in found if line.outcome is not None and line.outcome.variance]
        return sorted(kept, key=lambda line: -abs(line.outcome.value_minor if line.outcome else 0))
    return [line for line in found if line.outcome is None] if view == "open" else found

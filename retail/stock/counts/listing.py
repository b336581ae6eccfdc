"""The products of one count as its page lists them: all, those that differ, or those still to be counted, or again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from retail.catalog.lists.wanted import narrow_to_words
from retail.kit.paging import Page
from retail.kit.text import ngettext
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read
from retail.runtime.ordering import Key, Order
from retail.runtime.tenancy import Scope
from retail.runtime.web.asked import Asked
from retail.stock.counts.queries import CountFacts, Line, counts_blind, is_hidden, lines
from retail.stock.counts.rules import to_recount

_FIRST: Final = 5
_BY_NAME: Final = Order("name", (Key("p.sort_name", "sort_name", str), Key("p.id", "id", UUID)))
VIEWS: Final = ("all", "differing", "again", "open")
_CALLED: Final = """
SELECT p.id, p.sort_name FROM stock_count_line l JOIN product p ON p.tenant_id = l.tenant_id AND p.id = l.product_id
 WHERE l.tenant_id = $1 AND l.count_id = $2"""


def views(of: CountFacts, scope: Scope) -> tuple[str, ...]:
    """Name the ways to look at a count; nobody asks a blind one what differs before it is finished."""
    without = {"differing"} if is_hidden(of, scope) else set()
    return tuple(view for view in VIEWS if view not in (without if of.state == "open" else without | {"again"}))


def view_asked(asked: Asked, of: CountFacts, lines: Sequence[Line], scope: Scope) -> str:
    """Read which products are asked for; a finished count begins with what differs, where anything does."""
    typed = asked.option("show", VIEWS)
    known = views(of, scope)
    if typed in known:
        return typed
    begins = of.state == "finished" and any(line.outcome and line.outcome.variance for line in lines)
    return "differing" if begins and not typed and "differing" in known else "all"


def left_out(many: int) -> str:
    """Say that so many products of a count are no goods: finishing it doesn't change their stock."""
    return ngettext(
        "%(num)d product is left out: it is a service, or stocked as its parts.",
        "%(num)d products are left out: they are services, or stocked as their parts.",
        many,
    ) % {"num": many}


@dataclass(frozen=True, slots=True)
class Costless:
    """The products of which more was found and nobody knows what they cost: how many, and the first of them."""

    many: int
    first: Sequence[Line]


def costless(lines: Sequence[Line]) -> Costless | None:
    """Gather the products whose cost nobody knows and of which more was found; None where there are none."""
    found = [line for line in lines if line.outcome is not None and line.outcome.costless]
    return Costless(len(found), found[:_FIRST]) if found else None


async def called(read: Read, of: CountFacts, text: str) -> frozenset[UUID] | None:
    """Find the products of a count that have these words in name or SKU, or as a barcode; None: it doesn't narrow."""
    if not text:
        return None
    where = Conditions(read.tenant, of.id)
    narrow_to_words(where, text)
    return frozenset(row["id"] for row in await read.fetch(f"{_CALLED}{where.sql}", *where.args))


async def lines_page(read: Read, of: CountFacts, *, limit: int, after: str | None) -> Page[Line]:
    """Give a page of the products of a count, by name; only those of the page are worked out."""
    where = Conditions(read.tenant, of.id)
    _BY_NAME.go_on(where, after)
    rows = await read.fetch(f"{_CALLED}{where.sql} ORDER BY {_BY_NAME.sql} LIMIT {limit + 1:d}", *where.args)
    shown = await lines(read, of, [row["id"] for row in rows[:limit]])
    return Page(shown, _BY_NAME.following(rows, limit))


def should_again(of: CountFacts, lines: Sequence[Line], scope: Scope) -> frozenset[UUID]:
    """Tell which products differ by so much that they should be counted again; nobody asks a blind counter."""
    if of.state != "open" or counts_blind(of, scope):
        return frozenset()
    found = [line.outcome for line in lines if line.outcome is not None]
    return frozenset(one.product for one in to_recount(found, of.recount_minor))


def picked(
    lines: Sequence[Line], view: str, only: Collection[UUID] | None = None, again: Collection[UUID] = ()
) -> list[Line]:
    """Give the products of a view, `only` some where told, the dearest difference first.

    `again`: those that should be counted again, beside those of which a new round has begun.
    """
    found = [line for line in lines if only is None or line.product in only]
    if view == "differing":
        kept = [line for line in found if line.outcome is not None and line.outcome.variance]
        return sorted(kept, key=lambda line: -abs(line.outcome.value_minor if line.outcome else 0))
    if view == "again":
        begun = [line for line in found if line.round > 1 and line.outcome is None and line.stocked]
        return [line for line in found if line.product in again] + begun
    if view == "open":
        return [line for line in found if line.outcome is None and line.stocked]
    return found

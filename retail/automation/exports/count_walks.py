"""Counts as lists that go out: all of them, and the products of one with what came out of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from retail.automation.columns import said
from retail.automation.exports.walking import AT_ONCE, Col, Walk, Walked
from retail.identity.permissions import VIEW_STOCK
from retail.kit.paging import Page
from retail.runtime.db import Read
from retail.runtime.web.asked import Asked
from retail.stock.counts import listing, queries
from retail.stock.counts.queries import CountFacts, Line
from retail.tenants import queries as tenants


@dataclass(frozen=True, slots=True)
class _Counted:
    """A product of a count; what should be there is None where nobody may know it yet."""

    of: CountFacts
    line: Line
    counted: Decimal | None = None
    at: datetime | None = None
    expected: Decimal | None = None
    difference: Decimal | None = None
    value_minor: int | None = None


async def _counts(read: Read, asked: Asked) -> Walk:
    store = asked.one_of("store", {one.id for one in await tenants.stores(read)})
    state = asked.option("state", queries.STATES)
    return lambda after: queries.counts(read, store=store, state=state, limit=AT_ONCE, after=after)


async def _lines(read: Read, asked: Asked) -> Walk:
    """Walk the products of one count, of all counts where none is named: a page is a count."""
    id, text = asked.uuid("count", required=False), asked.search()
    asked.option("show", listing.VIEWS)
    one = await queries.count(read, id) if id else None

    async def walk(after: str | None) -> Page[_Counted]:
        page = Page([one], None) if one else await queries.counts(read, limit=1, after=after)
        return Page([row for of in page.items for row in await found(of)], page.next)

    async def found(of: CountFacts) -> list[_Counted]:
        lines, hidden = await queries.lines(read, of), queries.is_hidden(of, read.scope)
        view = listing.view_asked(asked, of, lines, read.scope) if one else "all"
        called = await listing.called(read, of, text)
        again = listing.should_again(of, lines, read.scope)
        return [_counted(of, line, hidden=hidden) for line in listing.picked(lines, view, called, again)]

    return walk


def _counted(of: CountFacts, line: Line, *, hidden: bool) -> _Counted:
    came = line.outcome
    if came is None:
        return _Counted(of, line)
    if hidden:
        return _Counted(of, line, came.counted, came.at)
    return _Counted(of, line, came.counted, came.at, came.expected, came.variance, came.value_minor)


COUNTS: Final[dict[str, Walked]] = {
    "counts": Walked(
        said("Counts"), VIEW_STOCK,
        (Col("count", "plain", "id"), Col("name"), Col("store", at="store_name"), Col("kind"), Col("state"),
         Col("started_at", "moment"), Col("started_by", at="started_by_name"), Col("finished_at", "moment"),
         Col("finished_by", at="finished_by_name"), Col("products", "plain"), Col("counted", "plain"),
         Col("difference", "worth", "variance_minor"), Col("difference_gross", "worth", "gross_minor")),
        _counts,
    ),
    "counted": Walked(
        said("Products of a count"), VIEW_STOCK,
        (Col("count", at="of.name"), Col("store", at="of.store_name"), Col("sku", at="line.sku"),
         Col("name", at="line.name"), Col("counted", "quantity"), Col("expected", "quantity"),
         Col("difference", "quantity"), Col("unit", at="line.unit"), Col("value", "worth", "value_minor"),
         Col("counted_at", "moment", "at")),
        _lines,
    ),
}  # fmt: skip

"""What a list's address asks for: filters, order and page, read by one parser, each wrong value with its sentence.

A list that was asked wrongly shows nothing but the sentences (422), and its form keeps what was typed: a filter that is
silently ignored would show other rows than the address promises.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import date
from ipaddress import ip_address
from typing import Final, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from starlette.datastructures import QueryParams
from starlette.requests import Request

from retail.kit.errors import Invalid
from retail.kit.paging import Page
from retail.kit.text import _
from retail.runtime.ordering import Order, Orders
from retail.runtime.web.forms import Fields

Item = TypeVar("Item")

_NO_FILTERS: Final = ("q", "sort", "columns", "after")
_NARROW_NOTHING: Final = frozenset({"sort", "columns"})
_MOST_TYPED: Final = 100


class Asked(Fields):
    """The address of one list. Read every filter, then its page with `page()`; templates read the rest."""

    def __init__(self, path: str, asked: QueryParams | Mapping[str, str]) -> None:
        super().__init__(asked)
        self.path = path
        self._read: dict[str, None] = {}
        self._orders: Orders | None = None
        self._order: Order | None = None

    @classmethod
    def of(cls, request: Request, path: str) -> Asked:
        """Read a request's address; `path` is the list's own, without the tenant's prefix."""
        return cls(path, request.query_params)

    def raw(self, name: str) -> str:
        """Give a filter exactly as typed, and remember that the list has it."""
        self._read[name] = None
        return super().raw(name)

    @property
    def kept(self) -> dict[str, str]:
        """Give what narrows and sorts the list, as typed; the address of an export has the same."""
        return {name: typed for name in self._read if name != "after" and (typed := super(Asked, self).raw(name))}

    @property
    def filters(self) -> frozenset[str]:
        """Name what the list could be narrowed by: all that was read so far."""
        return frozenset(self._read)

    @property
    def narrowed(self) -> bool:
        """Claim that the list shows less than all."""
        return any(name not in _NARROW_NOTHING for name in self.kept)

    @property
    def active(self) -> int:
        """Count the filters in use; the search box is seen anyway."""
        return sum(name not in _NO_FILTERS for name in self.kept)

    @property
    def status(self) -> int:
        """Give the page's status."""
        return 422 if self.errors else 200

    @property
    def loose(self) -> list[str]:
        """Give the sentences about what has no field of its own on the page."""
        foreign = (name for name in self.errors if name not in self._read and name not in _NO_FILTERS)
        return [sentence for name in (*_NO_FILTERS, *foreign) for sentence in self.errors.get(name, [])]

    def search(self) -> str:
        """Read the search box."""
        return self.text("q", _MOST_TYPED)

    def one_of(self, name: str, known: Collection[UUID]) -> UUID | None:
        """Read the id of one of the things that the filter offers."""
        picked = self.uuid(name, required=False)
        if picked is not None and picked not in known:
            self.error(name, _("Pick one from the list."))
        return picked

    def option(self, name: str, options: Collection[str]) -> str:
        """Read one of a few values, '' where none is asked for."""
        return self.choice(name, options, required=False)

    def ip(self, name: str) -> str:
        """Read the address of a computer, as typed; '' where none is asked for."""
        typed = self.text(name, 64)
        try:
            if typed:
                ip_address(typed)
        except ValueError:
            self.error(name, _("Type a whole IP address, as in 203.0.113.9."))
        return typed

    def period(self, first: str = "from", last: str = "to") -> tuple[date | None, date | None]:
        """Read the first and the last day, both included; None is open."""
        begin, end = self.day(first, required=False), self.day(last, required=False)
        if begin and end and end < begin:
            self.error(last, _("The last day can't be before the first."))
        return begin, end

    def order(self, orders: Orders) -> Order:
        """Read the order; the usual one where none is asked for."""
        typed = self.raw("sort")
        found = orders.named(typed) if typed else orders.usual
        if found is None:
            self.error("sort", _("This list can't be sorted that way. Pick a column's heading."))
        self._orders, self._order = orders, found or orders.usual
        return self._order

    def refuse_others(self) -> None:
        """Refuse what the list can't be narrowed by, once all its filters are read: nobody is shown more than asked."""
        known = {*self._read, *_NARROW_NOTHING, "after"}
        for name in self._form:
            if name not in known and self.many(name) != [""]:
                self.error(name, _('There is no filter "%(name)s" here. Take it out of the address.') % {"name": name})

    async def page(self, read: Callable[[str | None], Awaitable[Page[Item]]]) -> Page[Item]:
        """Read the page behind the cursor of the address; an empty one where anything was wrong."""
        after = self.raw("after") or None
        if not self.errors:
            try:
                return await read(after)
            except Invalid as wrong:
                self.errors |= wrong.errors
        return Page([], None)

    def typed(self, name: str) -> str:
        """Give what a field shows."""
        return super().raw(name)

    def address(self, **changed: str) -> str:
        """Give the list's address with some values changed, from its first page; '' leaves a value out."""
        query = {name: value for name, value in (self.kept | changed).items() if value}
        return f"{self.path}?{urlencode(query)}" if query else self.path

    def next(self, page: Page[Item]) -> str | None:
        """Give the address of the page that follows."""
        return self.address(after=page.next) if page.next else None

    @property
    def first(self) -> str | None:
        """Give the address of the first page, None on it."""
        return self.address() if self.typed("after") else None

    @property
    def query(self) -> str:
        """Give this very page's query, for a form that comes back to it."""
        return urlencode(self.kept | ({"after": self.typed("after")} if self.typed("after") else {}))

    def sorted_by(self, name: str) -> str | None:
        """Say which way the list is sorted by a column (ascending, descending); None by another one."""
        if self._order is None or self._order.name != name:
            return None
        return "descending" if self._order.descending else "ascending"

    def sort_address(self, name: str) -> str:
        """Give the address that a column's heading leads to: sorted by it, or the other way round where it is."""
        assert self._orders is not None  # noqa: S101 - a template sorts only what its handler has ordered
        assert self._order is not None  # noqa: S101 - the same
        wanted = self._order.turned if self._order.name == name else self._orders[name]
        return self.address(sort="" if wanted == self._orders.usual else wanted.asked)

    def sort_choices(self, names: Mapping[str, str]) -> list[tuple[str, str, bool]]:
        """List every order both ways, for where there are no headings: value, words, and whether it is this one."""
        assert self._orders is not None  # noqa: S101 - a template sorts only what its handler has ordered
        both = [way for order in self._orders for way in (order, order.turned)]
        return [
            (
                "" if way == self._orders.usual else way.asked,
                f"{names[way.name]} {'↓' if way.descending else '↑'}",
                way == self._order,
            )
            for way in both
        ]

"""Orders of lists: which columns a list sorts by, and how its pages follow each other in each of them.

An order is a few keys that never are NULL, the last of them unique, all in one direction: so one row comparison goes on
behind any row, an index serves it both ways, and rows that are added meanwhile move nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, TypeVar
from uuid import UUID

from retail.kit.errors import Invalid
from retail.kit.paging import decode_cursor, encode_cursor
from retail.kit.text import _
from retail.runtime.conditions import Conditions

Item = TypeVar("Item")

_WRITTEN: Final[dict[type, Callable[[Any], str]]] = {
    str: str, int: str, UUID: str, Decimal: str, datetime: datetime.isoformat, date: date.isoformat,
}  # fmt: skip


def _text(told: str) -> str:
    if "\x00" in told:
        raise ValueError(told)
    return told


def _whole(told: str) -> int:
    number = int(told)
    if abs(number) >= 2**63:
        raise ValueError(told)
    return number


def moment_in(told: str) -> datetime:
    """Read a moment out of a cursor. Raises ValueError for one without its offset, which is no moment."""
    moment = datetime.fromisoformat(told)
    if moment.tzinfo is None:
        raise ValueError(told)
    return moment


_READ: Final[dict[type, Callable[[str], Any]]] = {
    str: _text, int: _whole, UUID: UUID, Decimal: Decimal, datetime: moment_in, date: date.fromisoformat,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Key:
    """One key: what the database sorts by (never NULL), the name it has in a row, and its type."""

    sql: str
    column: str
    kind: type


@dataclass(frozen=True, slots=True)
class Order:
    """One order of a list, in the direction that people want first of this column."""

    name: str
    keys: tuple[Key, ...] = ()
    descending: bool = False

    @property
    def asked(self) -> str:
        """Give the order as an address says it: "total", or "-total" for the highest first."""
        return f"-{self.name}" if self.descending else self.name

    @property
    def turned(self) -> Order:
        """Give the other direction."""
        return replace(self, descending=not self.descending)

    @property
    def sql(self) -> str:
        """Give what follows ORDER BY."""
        return ", ".join(f"{key.sql} DESC" if self.descending else key.sql for key in self.keys)

    def go_on(self, where: Conditions, after: str | None) -> None:
        """Narrow to what follows a cursor of this very order. Raises Invalid for anything else."""
        if not after:
            return
        told = decode_cursor(after, str, *(str for _key in self.keys))
        try:
            if told[0] != self.asked:
                raise ValueError(told[0])
            values = [_READ[key.kind](str(text)) for key, text in zip(self.keys, told[1:], strict=True)]
        except (ValueError, ArithmeticError) as broken:
            wrong = _("This page link is not valid; start again from the first page.")
            raise Invalid({"after": [wrong]}) from broken
        sign = "<" if self.descending else ">"
        columns, places = ", ".join(key.sql for key in self.keys), ", ".join("{}" for _key in self.keys)
        where.add(f"({columns}) {sign} ({places})", *values)

    def cursor(self, row: Mapping[str, Any]) -> str:
        """Give the cursor of what follows a row."""
        return encode_cursor(self.asked, *(_WRITTEN[key.kind](row[key.column]) for key in self.keys))

    def following(self, rows: list[Any], limit: int) -> str | None:
        """Give the cursor behind a page that was read with one row more than its limit; None at the end."""
        return self.cursor(rows[limit - 1]) if len(rows) > limit else None


class Orders:
    """The orders that a list knows; the first is the usual one."""

    def __init__(self, *orders: Order) -> None:
        self.usual = orders[0]
        self._known = {order.name: order for order in orders}

    def __iter__(self) -> Iterator[Order]:
        """Give each order in its own direction."""
        return iter(self._known.values())

    def __getitem__(self, name: str) -> Order:
        """Give an order in its own direction. Raises KeyError."""
        return self._known[name]

    def named(self, asked: str) -> Order | None:
        """Give the order that an address asks for, in the direction it asks for; None where there is none."""
        known = self._known.get(asked.removeprefix("-"))
        return replace(known, descending=asked.startswith("-")) if known else None


def in_order(items: Iterable[Item], order: Order, keys: Mapping[str, Callable[[Item], Any]]) -> list[Item]:
    """Sort a list that is short enough to be whole on one page; equal ones keep their usual order."""
    return sorted(items, key=keys[order.name], reverse=order.descending)

"""The lists that go out as files: those that come in again, in the same columns, and those that only go out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from retail.automation.cells import COST, Ways
from retail.automation.columns import said
from retail.automation.exports.analytics_walks import FIGURES
from retail.automation.exports.business_walks import BUSINESS
from retail.automation.exports.catalogue_walks import CATALOGUE
from retail.automation.exports.count_walks import COUNTS
from retail.automation.exports.customer_walks import OF_CUSTOMERS
from retail.automation.exports.foresight_walks import FORESEEN
from retail.automation.exports.recommending_walks import RECOMMENDED
from retail.automation.exports.report_walks import REPORTED
from retail.automation.exports.segment_walks import SEGMENTED
from retail.automation.exports.sql_lists import TABLES, Table, counted, of_days, rows
from retail.automation.exports.stock_walks import STOCK
from retail.automation.exports.vigilance_walks import VIGILANT
from retail.automation.exports.walking import Walked
from retail.automation.kinds.all_kinds import KINDS
from retail.automation.kinds.base import Kind
from retail.catalog.costs import costs_by_sku
from retail.identity.permissions import (
    VIEW_BOOKS,
    VIEW_CATALOGUE,
    VIEW_CUSTOMERS,
    VIEW_SALES,
    VIEW_STOCK,
)
from retail.kit.errors import NotFound
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read

_FIGURES: Final = frozenset({"money", "cost", "quantity"})
_AT_ONCE: Final = 500
AVERAGE_COST: Final = "average_cost"
"""The column that goes out only: what one costs the business by what lies there; `unit_cost` is what was typed."""


class List(Protocol):
    """A list as a table: its headings, which of them are numbers, and its rows."""

    @property
    def label(self) -> str:
        """Name the list."""

    @property
    def permission(self) -> str:
        """Name the right to see it."""

    def header(self, *, costs: bool) -> list[str]:
        """Name the columns; without `costs` those that tell what goods cost are left out."""

    def numbers(self, *, costs: bool) -> frozenset[int]:
        """Say at which places numbers stand."""

    async def longer(self, read: Read, narrowed: Any, most: int) -> bool:  # noqa: ANN401 - the list's own
        """Claim that it has more than `most` rows, where that can be told without reading them."""

    def rows(
        self,
        read: Read,
        ways: Ways,
        form: str,
        narrowed: Any,  # noqa: ANN401 - the list's own
        *,
        costs: bool,
    ) -> AsyncIterator[Sequence[object]]:
        """Give the rows."""


@dataclass(frozen=True)
class _OfKind:
    """A list whose file imports again."""

    kind: Kind
    permission: str
    titled: str = ""

    @property
    def label(self) -> str:
        return self.titled or self.kind.label

    def _places(self, *, costs: bool) -> list[int]:
        return [place for place, column in enumerate(self.kind.columns) if costs or not column.cost]

    def header(self, *, costs: bool) -> list[str]:
        return [self.kind.columns[place].name for place in self._places(costs=costs)]

    def numbers(self, *, costs: bool) -> frozenset[int]:
        places = enumerate(self._places(costs=costs))
        return frozenset(at for at, place in places if self.kind.columns[place].sort.number)

    async def longer(self, read: Read, narrowed: Conditions | None, most: int) -> bool:
        return await counted(read, *self.kind.chosen(read, narrowed), most) > most

    async def rows(
        self, read: Read, ways: Ways, _form: str, narrowed: Conditions | None, *, costs: bool
    ) -> AsyncIterator[Sequence[object]]:
        places = self._places(costs=costs)
        async for row in self.kind.listed(read, ways, narrowed):
            yield [row[place] for place in places]


@dataclass(frozen=True)
class _OfProducts(_OfKind):
    """Products with, as their last column, what each costs the business now: told, and passed over by an import."""

    def header(self, *, costs: bool) -> list[str]:
        return super().header(costs=costs) + ([AVERAGE_COST] if costs else [])

    def numbers(self, *, costs: bool) -> frozenset[int]:
        last = len(super().header(costs=costs))
        return super().numbers(costs=costs) | ({last} if costs else frozenset())

    async def rows(
        self, read: Read, ways: Ways, form: str, narrowed: Conditions | None, *, costs: bool
    ) -> AsyncIterator[Sequence[object]]:
        waiting: list[Sequence[object]] = []
        async for row in super().rows(read, ways, form, narrowed, costs=costs):
            if not costs:
                yield row
                continue
            waiting.append(row)
            if len(waiting) >= _AT_ONCE:
                for one in await _with_costs(read, ways, waiting):
                    yield one
                waiting = []
        for one in await _with_costs(read, ways, waiting):
            yield one


async def _with_costs(read: Read, ways: Ways, rows: Sequence[Sequence[object]]) -> list[Sequence[object]]:
    known = await costs_by_sku(read, [str(row[0]) for row in rows])
    return [(*row, COST.write(cost, ways) if (cost := known.get(str(row[0]))) else "") for row in rows]


@dataclass(frozen=True)
class _OfTable:
    """A list that only goes out."""

    label: str
    permission: str
    table: Table

    def _columns(self, *, costs: bool) -> tuple[tuple[str, str], ...]:
        return tuple(column for column in self.table.columns if costs or column[1] != "cost")

    def header(self, *, costs: bool) -> list[str]:
        return [name for name, _kind in self._columns(costs=costs)]

    def numbers(self, *, costs: bool) -> frozenset[int]:
        return frozenset(at for at, (_name, kind) in enumerate(self._columns(costs=costs)) if kind in _FIGURES)

    async def longer(self, read: Read, narrowed: Conditions | None, most: int) -> bool:
        where = narrowed or of_days(read, self.table)
        return await counted(read, f"{self.table.sql} {where.sql}", where.args, most) > most

    async def rows(
        self, read: Read, ways: Ways, form: str, narrowed: Conditions | None, *, costs: bool
    ) -> AsyncIterator[Sequence[object]]:
        table = Table(self._columns(costs=costs), self.table.sql, self.table.order, self.table.usual, self.table.day)
        async for row in rows(read, table, form, ways.money, narrowed or of_days(read, table)):
            yield row


_ALONE: Final[dict[str, List]] = {
    "products": _OfProducts(KINDS["products"], VIEW_CATALOGUE),
    "products-pictures": _OfProducts(KINDS["products"], VIEW_CATALOGUE, said("Products with their pictures (ZIP)")),
    "prices": _OfProducts(KINDS["prices"], VIEW_CATALOGUE),
    "stock": _OfKind(KINDS["stock"], VIEW_STOCK),
    "suppliers": _OfKind(KINDS["suppliers"], VIEW_CATALOGUE),
    "supplier_products": _OfKind(KINDS["supplier_products"], VIEW_CATALOGUE),
    "customers": _OfKind(KINDS["customers"], VIEW_CUSTOMERS),
    "sales": _OfTable(said("Sales, line by line"), VIEW_SALES, TABLES["sales"]),
    "moves": _OfTable(said("Moves of stock"), VIEW_STOCK, TABLES["moves"]),
    "journal": _OfTable(said("Journal"), VIEW_BOOKS, TABLES["journal"]),
}
PACKED: Final = frozenset({"products-pictures"})
"""Lists that go out in a ZIP with the pictures that they name."""
LISTS: Final[dict[str, List]] = {
    **_ALONE, **CATALOGUE, **STOCK, **COUNTS, **BUSINESS, **OF_CUSTOMERS, **RECOMMENDED, **FIGURES, **FORESEEN,
    **SEGMENTED, **REPORTED, **VIGILANT,
}  # fmt: skip


def rights_of(one: List) -> tuple[str, ...]:
    """Name the rights that a list asks for, beside the one to take files out."""
    return (one.permission, one.also) if isinstance(one, Walked) and one.also else (one.permission,)


def list_of(name: str) -> List:
    """Give a list by its name. Raises NotFound."""
    if name not in LISTS:
        raise NotFound("list")
    return LISTS[name]

"""What settling an exception can book, and booking it back. Each goes through the feature whose figures it changes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final
from uuid import UUID

from retail.catalog.operations import archive_product, restore_product
from retail.kit.errors import Conflict
from retail.kit.ids import new_id
from retail.kit.text import _
from retail.runtime.db import Tx
from retail.sales.inbox.suggesting import CHARGE, FIXES, RESTORE, STOCK
from retail.sales.listing import Looked
from retail.stock import queries as stock
from retail.stock import stockroom
from retail.stock.mending import take_back
from retail.stock.rules import Document, Taken
from retail.value import Use, account_of
from retail.value.desk import make_up
from retail.value.rules import ACCOUNT

_GOODS: Final = "SELECT kind = 'goods' FROM product WHERE tenant_id = $1 AND id = $2"
_ON_SALE: Final = "SELECT archived_at IS NULL FROM product WHERE tenant_id = $1 AND id = $2"
_CHARGED: Final = "SELECT account_id, amount_minor FROM value_move WHERE tenant_id = $1 AND source_id = $2"


class NothingToBook(Conflict):
    """What is suggested can't be booked for this exception."""

    code = "nothing_to_book"

    def sentence(self) -> str:
        """Say what to do instead."""
        return _("There is nothing to book for this one. Settle it with a note.")


def can_fix(looked: Looked, fix: str) -> bool:
    """Claim that an exception names what a fix needs."""
    needs: Mapping[str, tuple[object, ...]] = {
        STOCK: (looked.store, looked.remark.product),
        CHARGE: (looked.store, looked.customer),
        RESTORE: (looked.remark.product,),
    }
    return fix in needs and None not in needs[fix]


async def book(tx: Tx, looked: Looked, fix: str) -> UUID | None:
    """Book a fix; gives the document to book back, None where nothing had to be booked any more. Raises DomainError."""
    if not can_fix(looked, fix):
        raise NothingToBook
    _require(tx, looked, fix)
    return await _BOOK[fix](tx, looked)


async def book_back(tx: Tx, looked: Looked, fix: str, document: UUID) -> None:
    """Undo what a fix has booked. Raises DomainError."""
    _require(tx, looked, fix)
    await _BACK[fix](tx, looked, document)


def _require(tx: Tx, looked: Looked, fix: str) -> None:
    if looked.store is None:
        tx.scope.require(FIXES[fix])
    else:
        tx.scope.require_in(FIXES[fix], looked.store)


def _place(looked: Looked) -> tuple[UUID, UUID]:
    if looked.store is None or looked.remark.product is None:
        raise NothingToBook
    return looked.store, looked.remark.product


async def _to_zero(tx: Tx, looked: Looked) -> UUID | None:
    store, product = _place(looked)
    if not await tx.fetchval(_GOODS, tx.tenant, product):
        raise NothingToBook
    level = (await stock.lock_levels(tx, [(store, product)]))[store, product]
    if level.on_hand >= 0:
        return None
    document = Document(new_id(), store, _("Sold below zero"), tx.now)
    await stockroom.adjust(tx, document, [Taken(product, -level.on_hand)])
    return document.id


async def _off_again(tx: Tx, looked: Looked, document: UUID) -> None:
    store, _product = _place(looked)
    await take_back(tx, Document(new_id(), store, _("Correction taken back"), tx.now), document)


async def _charge(tx: Tx, looked: Looked) -> UUID | None:
    lacking = int(looked.remark.facts.get("amount", 0)) - int(looked.remark.facts.get("taken", 0))
    if looked.customer is None or looked.store is None or lacking <= 0:
        raise NothingToBook
    account, source = await account_of(tx, looked.customer, ACCOUNT), new_id()
    await make_up(tx, Use(account, lacking, source, None, _("A payment lacked it")), looked.store, up=False)
    return source


async def _uncharge(tx: Tx, looked: Looked, document: UUID) -> None:
    row = await tx.fetchrow(_CHARGED, tx.tenant, document)
    if row is None or looked.store is None:
        raise NothingToBook
    use = Use(row["account_id"], -row["amount_minor"], new_id(), None, _("Charge taken back"))
    await make_up(tx, use, looked.store, up=True)


async def _restore(tx: Tx, looked: Looked) -> UUID | None:
    product = looked.remark.product
    if product is None:
        raise NothingToBook
    sold = await tx.fetchval(_ON_SALE, tx.tenant, product)
    await restore_product(tx, product)
    return None if sold else product


async def _archive(tx: Tx, _looked: Looked, document: UUID) -> None:
    await archive_product(tx, document)


_BOOK: Final[Mapping[str, Callable[[Tx, Looked], Awaitable[UUID | None]]]] = {
    STOCK: _to_zero,
    CHARGE: _charge,
    RESTORE: _restore,
}
_BACK: Final[Mapping[str, Callable[[Tx, Looked, UUID], Awaitable[None]]]] = {
    STOCK: _off_again,
    CHARGE: _uncharge,
    RESTORE: _archive,
}

"""What a return puts back onto gift cards, store credit and customers' accounts; asked only where one did.

The money was promised to the customer, so what names no account is told, and booked like a card: somebody credits it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final
from uuid import UUID

from retail.kit.errors import DomainError, NotFound
from retail.runtime.db import Tx
from retail.sales.buyers import with_buyers
from retail.sales.documents import StoredSale, TenderIn
from retail.sales.remarks import Remark
from retail.value import PURPOSES, Use, give_back
from retail.value.operations import account_of, lock_accounts
from retail.value.rules import ACCOUNT, DOWN_PAYMENT, STORE_CREDIT

_LOST: Final = "not_credited"


async def credited(tx: Tx, made: StoredSale, customer: str) -> StoredSale:
    """Put the tenders that go back onto their accounts, each once; give it with what could not be, remarked on.

    `customer` is who it is for, where the document itself names nobody. Locks the accounts in the order of their ids,
    and the customer before them.
    """
    if not any(one.type in PURPOSES for one in made.tenders):
        return made
    whose = await _customer(tx, made, customer)
    found = [await _account(tx, one, whose) if one.type in PURPOSES else None for one in made.tenders]
    await lock_accounts(tx, [one for one in found if one is not None])
    sums: dict[UUID, int] = {}
    tenders: list[TenderIn] = []
    odd: list[Remark] = []
    for tender, account in zip(made.tenders, found, strict=True):
        if tender.type not in PURPOSES:
            tenders.append(tender)
        elif account is None:
            odd.append(Remark("refund_not_credited", {"amount": -tender.net, "means": tender.type}))
            tenders.append(replace(tender, type=_LOST, value=None))
        else:
            sums[account] = sums.get(account, 0) - tender.net
            tenders.append(replace(tender, value=account))
    for account in sorted(sums):
        await give_back(tx, Use(account, sums[account], made.id, made.occurred_at))
    return replace(made, tenders=tuple(tenders), remarks=(*made.remarks, *odd))


async def _customer(tx: Tx, made: StoredSale, customer: str) -> UUID | None:
    named = replace(made, customer=customer or made.customer)
    (known,) = await with_buyers(tx, [named])
    try:
        return UUID(known.customer)
    except ValueError:
        return None


async def _account(tx: Tx, tender: TenderIn, whose: UUID | None) -> UUID | None:
    """Find the account that a tender names, of its own kind; else the customer's."""
    if tender.value is not None:
        kind = await tx.fetchval(
            "SELECT kind FROM value_account WHERE tenant_id = $1 AND id = $2", tx.tenant, tender.value
        )
        if kind == tender.type and kind != DOWN_PAYMENT:
            return tender.value
    if whose is None or tender.type not in {STORE_CREDIT, ACCOUNT}:
        return None
    try:
        async with tx.savepoint():
            return await account_of(tx, whose, tender.type)
    except (NotFound, DomainError):
        return None

"""What sales take from gift cards, store credit and customers' accounts; asked only where a sale was paid so.

A paid sale is never refused: it takes what is there, and what is lacking is remarked on and becomes a payment
difference. The redemption's source is the sale, so the same sale again takes nothing more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from retail.kit.errors import NotFound
from retail.runtime.db import Tx
from retail.sales.documents import StoredSale, TenderIn
from retail.sales.remarks import Remark
from retail.value import PURPOSES, Use, redeem
from retail.value.errors import SourceUsed
from retail.value.operations import lock_accounts


async def redeemed(tx: Tx, sales: Sequence[StoredSale]) -> Sequence[StoredSale]:
    """Take from accounts what sales were paid with; give the sales with what was lacking, remarked on.

    Locks the accounts in the order of their ids.
    """
    if not any(tender.type in PURPOSES for sale in sales for tender in sale.tenders):
        return sales
    known = await _kinds(tx, sales)
    await lock_accounts(tx, list(known))
    return [await _take(tx, sale, known) for sale in sales]


async def _kinds(tx: Tx, sales: Sequence[StoredSale]) -> Mapping[UUID, str]:
    named = sorted({tender.value for sale in sales for tender in sale.tenders if tender.value is not None})
    rows = await tx.fetch("SELECT id, kind FROM value_account WHERE tenant_id = $1 AND id = ANY($2)", tx.tenant, named)
    return {row["id"]: row["kind"] for row in rows}


async def _take(tx: Tx, sale: StoredSale, known: Mapping[UUID, str]) -> StoredSale:
    tenders: list[TenderIn] = []
    remarks: list[Remark] = []
    taken: dict[UUID, int] = {}
    for tender in sale.tenders:
        if tender.type not in PURPOSES or tender.net <= 0:
            tenders.append(replace(tender, value=None) if tender.value not in known else tender)
            continue
        account = tender.value if tender.value is not None and known.get(tender.value) == tender.type else None
        if account is not None and account not in taken:
            taken[account] = await _redeemed(tx, sale, account)
        there = min(tender.net, taken.get(account, 0)) if account is not None else 0
        if account is not None:
            taken[account] -= there
        tenders.append(replace(tender, value=account, lacking=tender.net - there))
        if there < tender.net:
            facts = {"means": tender.type, "amount": tender.net, "taken": there}
            remarks.append(Remark("value_short", facts))
    return replace(sale, tenders=tuple(tenders), remarks=(*sale.remarks, *remarks))


async def _redeemed(tx: Tx, sale: StoredSale, account: UUID) -> int:
    """Take all that a sale names of an account, and give what was there."""
    wanted = sum(one.net for one in sale.tenders if one.value == account)
    try:
        return (await redeem(tx, Use(account, wanted, sale.id, sale.occurred_at), partial=True)).amount_minor
    except (NotFound, SourceUsed):
        return 0

"""Taking in sales: any number at once, each stored exactly once, none that was paid refused."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

import asyncpg

from retail.kit.errors import Invalid
from retail.kit.text import _
from retail.runtime.db import RETRIED, Tx
from retail.runtime.outages import UNREACHABLE
from retail.sales import queries
from retail.sales.allowance import hold_all, unapproved
from retail.sales.altered import tell_altered
from retail.sales.assess import Seller, Spot, assess
from retail.sales.buyers import with_buyers
from retail.sales.context import Context, hold_context
from retail.sales.documents import Outcome, SaleIn, StoredSale
from retail.sales.exchanged import sure_exchanges
from retail.sales.late_payments import sure_payments
from retail.sales.late_prices import sure_prices
from retail.sales.late_value import redeemed
from retail.sales.layaways.handing import agreed, apart, handed_over
from retail.sales.offered import NOTHING_OFF, keep_offers, offers_of
from retail.sales.receipts.links import keep_links
from retail.sales.remarks import Remark
from retail.sales.shortages import sure_shortages
from retail.sales.writing import follow_up, insert

Extra = Mapping[UUID, Sequence[Remark]]

MOST_AT_ONCE: Final = 500
_NOTHING: Final[Extra] = {}
log = logging.getLogger("countertop.sales")


async def complete_sales(tx: Tx, sales: Sequence[SaleIn], extra: Extra = _NOTHING) -> list[Outcome]:
    """Store sales, 1 to 500 at once, in a handful of statements; outcomes come in the order of the sales.

    A sale that was stored before with the same content is `replayed` with its first answer, one with other content is
    a `conflict`, what is no sale is `invalid`; none of these harms the others. `extra` remarks join those that a sale
    stored now gets.
    What a cashier may not do alone needs an approval that the sale brings, else it is remarked on.
    Holds the shifts of the sales, then their approvals; takes the till's row only where a number is taken.
    Emits SaleCompleted, StockMoved.
    """
    first: dict[UUID, SaleIn] = {}
    for sale in sales:
        first.setdefault(sale.id, sale)
    context = await hold_context(tx, list(first.values()))
    came = await agreed(tx, list(first.values()), context.stored)
    await hold_all(tx, sales)
    seller = Seller(tx.actor.id, tx.actor.name, tx.now)
    own = {sale.id: apart(sale) for sale in came}  # what was agreed before is nobody's to question now
    offered = await offers_of(tx, list(own.values()), context)
    outcomes: dict[UUID, Outcome] = {}
    fresh: list[StoredSale] = []
    for sale, spot in zip(came, context.spots, strict=True):
        if sale.id in context.stored:
            continue
        try:
            odd = (*extra.get(sale.id, ()), *offered.remarks.get(sale.id, ()))
            stored = _assess(sale, spot, context, seller, odd)
        except Invalid as wrong:
            outcomes[sale.id] = Outcome(sale.id, "invalid", errors=wrong.errors)
        else:
            lacking = await unapproved(tx, own[sale.id], stored.store, offered.off.get(sale.id, NOTHING_OFF))
            fresh.append(replace(stored, remarks=(*stored.remarks, *lacking)) if lacking else stored)
    alone = {one.id for one, spot in zip(came, context.spots, strict=True) if spot and not spot.follows}
    created = await keep_offers(tx, await _store(tx, await _looked_into(tx, fresh, alone)), offered)
    await _note(tx, created, own, offered.off)
    outcomes |= {sale.id: Outcome(sale.id, "created", sale) for sale in created}
    return await _answers(tx, sales, first, outcomes)


async def _note(
    tx: Tx, created: Sequence[StoredSale], first: Mapping[UUID, SaleIn], off: Mapping[UUID, Mapping[UUID, int]]
) -> None:
    tell_altered(tx, created, first, off)
    await keep_links(tx, [first[sale.id] for sale in created])


async def _looked_into(tx: Tx, fresh: Sequence[StoredSale], alone: set[UUID]) -> Sequence[StoredSale]:
    """Find the buyers, and ask what only some sales need to be asked about: prices, payments, value, stock."""
    priced = await sure_payments(tx, await sure_prices(tx, await sure_exchanges(tx, await with_buyers(tx, fresh))))
    paid = await handed_over(tx, await redeemed(tx, priced))
    return await sure_shortages(tx, _gaps_marked(paid, alone))


async def complete_sale(tx: Tx, sale: SaleIn) -> Outcome:
    """Store one sale; as complete_sales."""
    return (await complete_sales(tx, [sale]))[0]


async def complete_batch(tx: Tx, sales: Sequence[SaleIn], extra: Extra = _NOTHING) -> list[Outcome]:
    """Store sales as complete_sales does, and where the database refuses the set, find the one it refuses.

    The set is halved until the culprit stands alone; it is `invalid`, logged, and all others are stored.
    """
    try:
        async with tx.savepoint():
            return await complete_sales(tx, sales, extra)
    except (*RETRIED, *UNREACHABLE, asyncpg.QueryCanceledError, asyncpg.LockNotAvailableError):
        raise  # not the fault of any sale: the whole is tried again
    except asyncpg.PostgresError as error:
        if len(sales) == 1:
            log.exception("sale %s could not be stored", sales[0].id, exc_info=error)
            sentence = _("This sale could not be stored. Keep it on the till and call support.")
            return [Outcome(sales[0].id, "invalid", errors={"": [sentence]})]
    half = len(sales) // 2
    return [*await complete_batch(tx, sales[:half], extra), *await complete_batch(tx, sales[half:], extra)]


async def lock_numbers(tx: Tx, till: UUID) -> None:
    """Lock a till's series of numbers, until the commit: the counters come last in the global order of locks."""
    await tx.fetchval("SELECT 1 FROM till WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE", tx.tenant, till)


def _assess(sale: SaleIn, spot: Spot | None, context: Context, seller: Seller, extra: Sequence[Remark]) -> StoredSale:
    wares = context.wares.get(spot.store, {}) if spot else {}
    return assess(
        sale,
        spot,
        wares,
        tax_classes=context.tax_classes,
        terms=context.terms,
        seller=seller,
        extra=extra,
        taxing=context.taxing,
        choice_prices=context.choice_prices,
    )


def _gaps_marked(fresh: Sequence[StoredSale], alone: set[UUID]) -> Sequence[StoredSale]:
    """Mark sales whose number follows neither on a stored one (those are not `alone`) nor on one of this set."""
    if not alone:
        return fresh
    here = {(sale.till, sale.number) for sale in fresh}
    return [
        replace(sale, remarks=(*sale.remarks, Remark("number_gap", {"number": sale.number})))
        if sale.id in alone and (sale.till, sale.number - 1) not in here
        else sale
        for sale in fresh
    ]


async def _store(tx: Tx, fresh: Sequence[StoredSale]) -> list[StoredSale]:
    """Insert sales; a number that another sale of the till has is kept, marked as a clash."""
    if not fresh:
        return []
    inserted = await insert(tx, fresh)
    created = [sale for sale in fresh if sale.id in inserted]
    if len(created) < len(fresh):
        left = [sale for sale in fresh if sale.id not in inserted]
        stored = await queries.bodies(tx, [sale.id for sale in left])
        for sale in left:
            if sale.id not in stored:
                created += await store_under_clash(tx, sale)
    await follow_up(tx, created)
    return created


async def store_under_clash(tx: Tx, sale: StoredSale) -> list[StoredSale]:
    """Store a sale whose number another one has; empty where its id is taken. Locks the till's numbers."""
    await lock_numbers(tx, sale.till)
    clash = await tx.fetchval(
        """SELECT coalesce(max(number_clash), -1) + 1 FROM sale
            WHERE tenant_id = $1 AND till_id = $2 AND (kind = 'return') = ($3 = 'return') AND number = $4""",
        tx.tenant,
        sale.till,
        sale.kind,
        sale.number,
    )
    marked = sale.under_clash(clash, Remark("number_taken", {"number": sale.number}))
    return [marked] if await insert(tx, [marked]) else []


async def _answers(
    tx: Tx, sales: Sequence[SaleIn], first: dict[UUID, SaleIn], outcomes: dict[UUID, Outcome]
) -> list[Outcome]:
    """Give an outcome for each sale as sent: those without one were stored before; a repeat within the set too."""
    before = [id for id in first if id not in outcomes]
    stored = {sale.id: sale for sale in await queries.stored_sales(tx, before)} if before else {}
    answers = []
    for sale in sales:
        outcome = outcomes.get(sale.id)
        known = stored.get(sale.id) or (outcome.sale if outcome and sale is not first[sale.id] else None)
        if known is None:
            answers.append(outcome or Outcome(sale.id, "invalid"))
        elif known.body_hash == sale.body_hash:
            answers.append(Outcome(sale.id, "replayed", known))
        else:
            tx.audit("sales.conflict", "sale", sale.id, till=sale.till, number=sale.number)
            answers.append(Outcome(sale.id, "conflict"))
    return answers

"""Payments on kept goods, and money that goes back where they are cancelled: documents of their own that sell nothing.

What was paid is paid: nothing is refused but what is no payment. docs/algorithms/layaways.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from retail.identity.approval_rules import Act, act_hash
from retail.identity.approval_uses import Use as ApprovalUse
from retail.identity.permissions import REFUND
from retail.kit.errors import Invalid
from retail.kit.text import _
from retail.runtime.db import Row, Tx
from retail.sales import queries
from retail.sales.allowance import hold_all, missing
from retail.sales.assess import Seller, assess
from retail.sales.buyers import with_buyers
from retail.sales.context import hold_context
from retail.sales.credited import credited
from retail.sales.documents import Outcome, StoredSale
from retail.sales.late_payments import sure_payments
from retail.sales.late_value import redeemed
from retail.sales.layaways.errors import NoSuchLayaway
from retail.sales.layaways.keeping import end, lock
from retail.sales.layaways.reading import PaymentIn
from retail.sales.layaways.rules import label
from retail.sales.operations import store_under_clash
from retail.sales.receipts.links import keep_links
from retail.sales.refund_rules import Policy
from retail.sales.remarks import Remark
from retail.sales.writing import follow_up, insert
from retail.stock.reserving.operations import end_of
from retail.tenants.settings_changes import values
from retail.value import Use, load, take_out
from retail.value.desk import keep_fee

_UNEXPECTED = "down_payment_unexpected"


async def take_payment(tx: Tx, payment: PaymentIn, marks: Sequence[Remark] = ()) -> Outcome:
    """Store a payment on kept goods, once; the same again is replayed, another content under its id a conflict.

    Holds the shift and the approvals; locks the kept goods, then value accounts. Emits SaleCompleted (kind payment).
    """
    sale = payment.sale
    context = await hold_context(tx, [sale])
    spot = context.spots[0]
    if spot is None:
        return Outcome(sale.id, "invalid", errors={"till": [_("We don't know this till.")]})
    kept = await _kept(tx, payment.layaway)
    if sale.id in context.stored or await queries.bodies(tx, [sale.id]):
        return await _again(tx, payment)
    await hold_all(tx, [sale])
    seller = Seller(tx.actor.id, tx.actor.name, tx.now)
    try:
        made = assess(
            sale, spot, {}, tax_classes=context.tax_classes, terms=context.terms, seller=seller, extra=marks,
            taxing=context.taxing,
        )  # fmt: skip
    except Invalid as wrong:
        return Outcome(sale.id, "invalid", errors=wrong.errors)
    odd = [one for one in made.remarks if one.code != "total_mismatch"]  # nothing is sold: all of it is paid ahead
    if not spot.follows:
        odd.append(Remark("number_gap", {"number": sale.number}))
    made = replace(made, kind="payment", layaway=kept["id"] if kept else None, remarks=tuple(odd))
    made = (await with_buyers(tx, [_bought(made, kept)]))[0]
    made = await (_back(tx, payment, made, kept) if payment.cancels else _into(tx, payment, made, kept))
    created = await _stored(tx, made)
    if created is None:
        return await _again(tx, payment)
    await keep_links(tx, [sale])
    await follow_up(tx, [created])
    return Outcome(sale.id, "created", created)


async def _kept(tx: Tx, layaway: UUID | None) -> Row | None:
    if layaway is None:
        return None
    try:
        return await lock(tx, layaway)
    except NoSuchLayaway:
        return None


def _bought(made: StoredSale, kept: Row | None) -> StoredSale:
    return replace(made, customer=str(kept["customer_id"])) if kept and not made.customer else made


async def _again(tx: Tx, payment: PaymentIn) -> Outcome:
    stored = await queries.stored_sale(tx, payment.sale.id)
    if stored.body_hash == payment.sale.body_hash:
        return Outcome(stored.id, "replayed", stored)
    tx.audit("sales.conflict", "sale", stored.id, till=payment.sale.till, number=payment.sale.number)
    return Outcome(stored.id, "conflict")


async def _into(tx: Tx, payment: PaymentIn, made: StoredSale, kept: Row | None) -> StoredSale:
    """Put a payment onto the account of the kept goods; without any, its money is a payment difference."""
    made = (await redeemed(tx, await sure_payments(tx, [made])))[0]
    amount = payment.sale.total
    if kept is None:
        return _odd(made, {"layaway": "?", "amount": amount})
    taken = await load(tx, Use(kept["id"], amount, made.id, made.occurred_at))
    tx.audit("layaway.paid", "layaway", kept["id"], name=label(kept["number"]), amount_minor=amount, sale=made.id)
    made = replace(made, down=amount)
    if kept["ended_at"] is None and taken.balance_minor <= kept["total_minor"]:
        return made
    over = amount if kept["ended_at"] is not None else taken.balance_minor - kept["total_minor"]
    return _odd(made, {"layaway": label(kept["number"]), "amount": over})


async def _back(tx: Tx, payment: PaymentIn, made: StoredSale, kept: Row | None) -> StoredSale:
    """Give back what was paid, less the fee, and end the keeping; money beyond what was there is remarked on."""
    amount = -payment.sale.total
    made = await credited(tx, made, made.customer)
    asked = await _unapproved(tx, payment, made, amount)
    made = replace(made, remarks=(*made.remarks, *asked))
    if kept is None:
        return _odd(made, {"layaway": "?", "amount": amount})
    name = label(kept["number"])
    taken = await take_out(tx, Use(kept["id"], amount, made.id, made.occurred_at), "paid_back") if amount else None
    fee = await keep_fee(tx, Use(kept["id"], payment.fee, made.id), made.store) if payment.fee else None
    last = fee or taken
    left = last.balance_minor if last else await _balance(tx, kept["id"])
    if kept["ended_at"] is None:
        await end_of(tx, kept["id"], "released")
        await end(tx, kept["id"], "cancelled", made.id, fee.amount_minor if fee else 0)
    tx.audit("layaway.cancelled", "layaway", kept["id"], name=name, amount_minor=amount, sale=made.id)
    made = replace(made, down=-taken.amount_minor if taken else 0)
    lacking = taken.lacking_minor if taken else 0
    return _odd(made, {"layaway": name, "amount": lacking or left}) if lacking or left else made


async def _balance(tx: Tx, account: UUID) -> int:
    sql = "SELECT balance_minor FROM value_account WHERE tenant_id = $1 AND id = $2"
    return int(await tx.fetchval(sql, tx.tenant, account))


async def _unapproved(tx: Tx, payment: PaymentIn, made: StoredSale, amount: int) -> list[Remark]:
    """Ask for what goods without a receipt need, where the business asks for that."""
    if not amount:
        return []
    policy = Policy.of(await values(tx, made.store))
    use = ApprovalUse(REFUND, amount, made.id, act_hash(Act(made.id)), made.occurred_at)
    found = await missing(tx, made.store, made.till, use, payment.sale.approvals, always=policy.approval)
    return [found] if found else []


def _odd(made: StoredSale, facts: dict[str, str | int]) -> StoredSale:
    return replace(made, remarks=(*made.remarks, Remark(_UNEXPECTED, facts)))


async def _stored(tx: Tx, made: StoredSale) -> StoredSale | None:
    if made.id in await insert(tx, [made]):
        return made
    marked = await store_under_clash(tx, made)
    return marked[0] if marked else None

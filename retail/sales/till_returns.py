"""Taking in a return that has happened at a till: docs/algorithms/returns.md. The money is out, so nothing is refused.

What came back of a known sale is worked out from it, to the last unit; what nobody knows, and goods without a receipt,
like a sale that runs backwards. What is off is remarked on, above all goods that were back already.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from retail.identity.approval_rules import act_hash
from retail.identity.approval_uses import Use
from retail.identity.permissions import REFUND
from retail.kit.clock import business_day
from retail.kit.errors import IdempotencyConflict, Invalid
from retail.kit.text import _
from retail.runtime.db import Tx
from retail.sales import queries
from retail.sales.allowance import missing
from retail.sales.assess import Seller, Spot, assess, net
from retail.sales.backwards import backwards
from retail.sales.context import Context, hold_context
from retail.sales.credited import credited
from retail.sales.documents import StoredSale, TenderIn
from retail.sales.holds import release
from retail.sales.oddities import unknown_tenders
from retail.sales.operations import store_under_clash
from retail.sales.pieces_back import names_of, not_of_this_sale
from retail.sales.refund import Desk, Refund, document
from retail.sales.refund_rules import Policy, cash_beyond, over_returned, priced_as_believed
from retail.sales.remarks import Remark
from retail.sales.return_reading import TillReturn
from retail.sales.returned_twice import twice
from retail.sales.standing import lock_returns, returned
from retail.sales.thrown_away import throw_away
from retail.sales.writing import follow_up, insert
from retail.stock.queries import named_of
from retail.stock.rules import Named
from retail.tenants.settings_changes import values

_KEEP: Final = frozenset({"price_changed", "unknown_product"})


async def take_return(tx: Tx, back: TillReturn) -> StoredSale:
    """Store a till's return; the same again gives what is stored.

    Holds the shift, locks the returns of the sale, approvals, value accounts and, for a number that is taken, the
    till's numbers. Raises Invalid for what is no return, IdempotencyConflict. Emits SaleCompleted (kind return).
    """
    context = await hold_context(tx, [back.goods])
    spot = context.spots[0]
    if spot is None:
        raise Invalid({"till": [_("We don't know this till.")]})
    if back.sale is not None:
        await lock_returns(tx, back.sale)
    if context.stored:
        return await _again(tx, back)
    seller = Seller(tx.actor.id, tx.actor.name, tx.now)
    made, basis = await _worked_out(tx, back, context, spot, seller)
    made = await credited(tx, _paid(made, back, context), back.goods.customer)
    policy = Policy.of(await values(tx, spot.store))
    odd = await _oddities(tx, back, made, spot, policy, basis)
    made = await _stored(tx, replace(made, remarks=(*made.remarks, *odd)))
    await _note(tx, back, basis)
    await follow_up(tx, [made])
    await throw_away(tx, made, back.wasted)
    await release(tx, made.till, made.id)
    tx.audit("sales.returned", "sale", made.original or made.id, returned=made.id, number=made.number, total=made.total)
    return made


async def _again(tx: Tx, back: TillReturn) -> StoredSale:
    stored = await queries.stored_sale(tx, back.id)
    if stored.kind != "return" or stored.body_hash != back.goods.body_hash:
        raise IdempotencyConflict
    return stored


async def _worked_out(tx: Tx, back: TillReturn, context: Context, spot: Spot, seller: Seller) -> tuple[StoredSale, str]:
    """Work out what goes back, from the sale where it is known; and say from what it was worked out."""
    found = await queries.stored_sales(tx, [back.sale]) if back.sale is not None else []
    sold = found[0] if found and found[0].kind == "sale" else None
    if sold is not None and not over_returned(sold, {}, back.quantities):
        return await _of_receipt(tx, back, sold, spot, seller), "receipt"
    classes = context.tax_classes
    made = assess(
        back.goods, spot, context.wares.get(spot.store, {}), tax_classes=classes, terms=context.terms, seller=seller,
        taxing=context.taxing, choice_prices=context.choice_prices,
    )  # fmt: skip
    made = backwards(made, [one for one in made.remarks if one.code in _KEEP])
    return made, "none" if back.sale is None else "unknown"


async def _of_receipt(tx: Tx, back: TillReturn, sold: StoredSale, spot: Spot, seller: Seller) -> StoredSale:
    standing = await returned(tx, sold.id)
    believed, priced = priced_as_believed(sold, standing, back.quantities, back.before)
    parts = await queries.parts_of(tx, sold.id)
    parts_back = await queries.tax_parts_back(tx, sold.id) if any(tax.parts for tax in sold.taxes) else {}
    named = {**_left(sold, await named_of(tx, sold.id)), **back.plain.named}
    refund = Refund(back.plain, sold, believed, priced, 0, "card", named, parts, parts_back)
    desk = Desk(back.goods.till, spot.store, spot.timezone, spot.day_cutoff_hour, 1, back.goods.shift or back.id)
    made = document(refund, desk, back.goods.number, seller)
    lines = tuple(replace(one, returned_before_milli=standing.get(one.id, 0)) for one in made.lines)
    over = over_returned(sold, standing, back.quantities)
    odd = await twice(tx, sold, over, back, seller) if over else []
    odd += not_of_this_sale(sold, back.plain.named, await names_of(tx, sold.id))
    return replace(
        made, lines=lines, occurred_at=back.goods.occurred_at, body_hash=back.goods.body_hash,
        remarks=tuple(odd),
        business_date=business_day(back.goods.occurred_at, spot.timezone, spot.day_cutoff_hour),
    )  # fmt: skip


def _left(sold: StoredSale, left: Mapping[UUID, Sequence[str]]) -> dict[UUID, Named]:
    """Tell of which lot goods are that left as one; pieces are named by whoever read their numbers."""
    names = {line.id: left.get(line.product, []) if line.product else [] for line in sold.lines}
    return {id: Named(lot=found[0]) for id, found in names.items() if len(found) == 1}


def _paid(made: StoredSale, back: TillReturn, context: Context) -> StoredSale:
    """Put what was paid out to a return, as the till says it; what doesn't add up is remarked on."""
    spot = context.spots[0]
    tenders = tuple(TenderIn(one.type, -one.amount, 0, one.reference, one.attempt, value=one.value)
                    for one in back.tenders)  # fmt: skip
    coin = context.terms.cash_unit_minor
    rounding = back.cash_rounding if abs(back.cash_rounding) < coin else 0
    odd = [*made.remarks, *unknown_tenders(tenders)]
    if back.total != -made.total:
        odd.append(Remark("total_mismatch", {"claimed": -back.total, "computed": made.total}))
    if net(tenders) != made.total + rounding:
        odd.append(Remark("tender_mismatch", {"paid": net(tenders), "due": made.total + rounding}))
    odd += _of_shift(spot, back.goods.shift)
    known = spot is not None and spot.shift_known
    return replace(
        made, tenders=tenders, cash_rounding=rounding, claimed_total=-back.total, remarks=tuple(odd),
        shift=back.goods.shift if known else (spot.counted_in if spot else None),
        after_close=known and spot is not None and spot.shift_closed,
    )  # fmt: skip


def _of_shift(spot: Spot | None, shift: UUID | None) -> list[Remark]:
    if spot is None or (spot.shift_known and not spot.shift_closed):
        return []
    code = "shift_closed" if spot.shift_known else "other_shift" if spot.counted_in else "unknown_shift"
    return [Remark(code, {"shift": str(shift) if shift else None})]


async def _oddities(  # noqa: PLR0917 - what is looked at
    tx: Tx, back: TillReturn, made: StoredSale, spot: Spot, policy: Policy, basis: str
) -> list[Remark]:
    facts = {"amount": -made.total, "cashier": tx.actor.name}
    odd = [Remark("return_of_unknown", facts)] if basis == "unknown" else []
    use = Use(REFUND, -made.total, back.id, act_hash(back.act), made.occurred_at)
    asked = await missing(tx, spot.store, made.till, use, back.proofs, always=basis != "receipt" and policy.approval)
    odd += [asked] if asked else []
    if basis == "none" and not policy.allows(back.tenders):
        odd.append(Remark("return_without_receipt", facts))
    doubled = any(one.code == "returned_twice" for one in made.remarks)  # the cash that is paid twice follows from it
    if basis == "receipt" and made.original is not None:
        odd += await cash_beyond(tx, made, policy, alone=doubled)
    if made.number > 1 and not await tx.fetchval(
        "SELECT true FROM sale WHERE tenant_id = $1 AND till_id = $2 AND kind = 'return' AND number = $3",
        tx.tenant, made.till, made.number - 1,
    ):  # fmt: skip
        odd.append(Remark("number_gap", {"number": made.number}))
    return odd


async def _stored(tx: Tx, made: StoredSale) -> StoredSale:
    if made.id in await insert(tx, [made]):
        return made
    marked = await store_under_clash(tx, made)
    if not marked:
        raise IdempotencyConflict
    return marked[0]


async def _note(tx: Tx, back: TillReturn, basis: str) -> None:
    await tx.execute(
        """INSERT INTO return_note (tenant_id, sale_id, basis, named_sale, exchange_id, reason, wasted)
           VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb)""",
        tx.tenant,
        back.id,
        basis,
        back.sale,
        back.exchange,
        back.reason,
        json.dumps(sorted(str(one) for one in back.wasted)),
    )

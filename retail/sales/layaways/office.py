"""Cancelling kept goods in the office, without a till: what was paid becomes store credit, or the shop keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from retail.identity.permissions import REFUND
from retail.kit.errors import Invalid
from retail.kit.text import _
from retail.runtime.db import Tx
from retail.sales.layaways import queries
from retail.sales.layaways.errors import LayawayOver
from retail.sales.layaways.keeping import end, lock
from retail.stock.reserving.operations import end_of
from retail.value import Use, account_of
from retail.value.desk import credit_back, keep_fee
from retail.value.rules import STORE_CREDIT

WAYS: Final = ("credit", "keep")


@dataclass(frozen=True, slots=True)
class Cancelling:
    """How kept goods are cancelled: `way` is credit or keep, `fee` what stays with the shop of a credit, and why.

    `id` is the form's own: the same again does nothing more.
    """

    id: UUID
    way: str
    fee: int
    reason: str


async def cancel(tx: Tx, layaway: UUID, how: Cancelling) -> None:
    """Cancel kept goods, or settle what is left on the account of those that are over.

    Locks the layaway, then the customer and the accounts. Raises NoSuchLayaway, Forbidden, Invalid, LayawayOver where
    nothing is left. The same form again does nothing.
    """
    row = await lock(tx, layaway)
    tx.scope.require_in(REFUND, row["store_id"])
    facts = await queries.layaway(tx, layaway)
    open_still = row["ended_at"] is None
    if not open_still and (row["ended_id"] == how.id or not facts.balance):
        if row["ended_id"] == how.id:
            return
        raise LayawayOver
    fee = facts.balance if how.way == "keep" else how.fee
    _check(tx, how, fee, facts.balance, row["store_id"])
    if fee:
        await keep_fee(tx, Use(layaway, fee, how.id, None, how.reason), row["store_id"])
    if facts.balance > fee:
        credit = await account_of(tx, facts.customer, STORE_CREDIT)
        await credit_back(tx, Use(layaway, facts.balance - fee, how.id, None, how.reason), row["store_id"], credit)
    if open_still:
        await end_of(tx, layaway, "released")
        await end(tx, layaway, "cancelled", how.id, fee)
    tx.audit(
        "layaway.cancelled", "layaway", layaway, name=facts.label, amount_minor=facts.balance - fee, fee_minor=fee,
        reason=how.reason,
    )  # fmt: skip


def _check(tx: Tx, how: Cancelling, fee: int, balance: int, store: UUID) -> None:
    wrong: dict[str, list[str]] = {}
    if not how.reason:
        wrong["reason"] = [_("Say why, in a few words.")]
    if how.way not in WAYS:
        wrong["way"] = [_("Pick one from the list.")]
    if not 0 <= fee <= balance:
        wrong["fee"] = [_("The fee can't be more than what was paid.")]
    elif tx.scope.decide(REFUND, balance, store) != "allowed":
        wrong[""] = [_("This is more than you may decide on alone. Ask somebody who may.")]
    if wrong:
        raise Invalid(wrong)

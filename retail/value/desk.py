"""What is done with stored value at the desk, without a sale: each verb moves the account and posts its own entry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from retail.kit.errors import Invalid
from retail.kit.ids import new_id
from retail.kit.text import _
from retail.ledger import Entry, Posting, post
from retail.ledger.queries import place
from retail.runtime.db import Tx
from retail.runtime.keys import Keyring
from retail.value.errors import CardIssued, SourceUsed
from retail.value.operations import append, give_back, lock_account, take_out
from retail.value.queries import code_mac
from retail.value.rules import GIVEN, MEANS, MOST_MINOR, PURPOSES, STORE_CREDIT, Taken, Use, new_code

_MADE: Final = "SELECT amount_minor FROM value_move WHERE tenant_id = $1 AND account_id = $2 AND source_id = $3"
_ISSUE: Final = """
INSERT INTO value_account (tenant_id, id, kind, code_mac, last_four, balance_minor, expires_on, created_at)
VALUES ($1, $2, 'gift_card', $3, $4, 0, $5, $6)
"""
_RUN_OUT: Final = """
SELECT a.id FROM value_account a JOIN tenant t ON t.id = a.tenant_id
 WHERE a.tenant_id = $1 AND a.expires_on < ($2::timestamptz AT TIME ZONE t.timezone)::date AND a.balance_minor > 0
 ORDER BY a.id LIMIT 500
"""


@dataclass(frozen=True, slots=True)
class Issue:
    """A gift card that somebody buys at the desk, or gets: `means` is cash, card, transfer, or '' for nothing."""

    id: UUID
    store: UUID
    amount_minor: int
    means: str
    expires_on: date | None = None
    reason: str = ""


async def issue(tx: Tx, keyring: Keyring, card: Issue) -> str:
    """Issue a gift card and give its code, which nobody can read again.

    Raises Invalid, NotFound, and CardIssued where the card's id came before.
    """
    _refuse_wrong(card.amount_minor, card.means, card.reason)
    if card.expires_on is not None and card.expires_on <= tx.now.date():
        raise Invalid({"expires_on": [_("Pick a day to come, or leave it empty.")]})
    await tx.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 56))", f"card:{tx.tenant}:{card.id}")
    if await tx.fetchval("SELECT 1 FROM value_account WHERE tenant_id = $1 AND id = $2", tx.tenant, card.id):
        raise CardIssued
    code = new_code()
    mac = code_mac(keyring, tx.tenant, code)
    await tx.execute(_ISSUE, tx.tenant, card.id, mac, code[-4:], card.expires_on, tx.now)
    held = await lock_account(tx, card.id)
    made = await append(
        tx, held, "issued", Use(card.id, card.amount_minor, card.id, None, card.reason), card.amount_minor
    )
    await _post(tx, card.store, "issued", held.kind, made, MEANS.get(card.means, GIVEN))
    return code


async def receive_payment(tx: Tx, use: Use, store: UUID, means: str) -> Taken:
    """Take what a customer pays on their debt, or in advance. Raises Invalid, NotFound, SourceUsed."""
    if means not in MEANS:
        raise Invalid({"means": [_("Pick one from the list.")]})
    return await _come(tx, "paid", use, store, MEANS[means])


async def adjust(tx: Tx, use: Use, store: UUID, *, up: bool) -> Taken:
    """Correct an account upwards or downwards, with a reason. Raises Invalid, NotFound, SourceUsed, NotEnoughValue."""
    if not use.reason:
        raise Invalid({"reason": [_("Say why, in a few words.")]})
    return await _come(tx, "adjusted", use, store, GIVEN, up=up)


async def make_up(tx: Tx, use: Use, store: UUID, *, up: bool) -> Taken:
    """Take what a payment lacked, or give it back (`up`): between an account and the payment differences.

    Raises Invalid, NotFound, SourceUsed, NotEnoughValue.
    """
    return await _come(tx, "adjusted", use, store, "tender_difference", up=up)


async def block(tx: Tx, account: UUID, reason: str) -> None:
    """Block a card: nothing is taken from it any more. Once more does nothing. Raises Invalid, NotFound."""
    if not reason:
        raise Invalid({"reason": [_("Say why, in a few words.")]})
    held = await lock_account(tx, account)
    if held.blocked_at is None:
        await _set_blocked(tx, account, blocked=True)
        tx.audit("value.blocked", "value_account", account, reason=reason)


async def unblock(tx: Tx, account: UUID) -> None:
    """Let a blocked card be used again. Once more does nothing. Raises NotFound."""
    held = await lock_account(tx, account)
    if held.blocked_at is not None:
        await _set_blocked(tx, account, blocked=False)
        tx.audit("value.unblocked", "value_account", account)


async def let_expire(tx: Tx, store: UUID) -> int:
    """Take what is left off the cards whose last day is over, 500 at once at most; gives how many there were."""
    rows = await tx.fetch(_RUN_OUT, tx.tenant, tx.now)
    for row in rows:
        held = await lock_account(tx, row["id"])
        if held.balance_minor > 0:
            use = Use(held.id, held.balance_minor, new_id())
            made = await append(tx, held, "expired", use, -held.balance_minor)
            await _post(tx, store, "expired", held.kind, made, "breakage", up=False)
    return len(rows)


async def _come(tx: Tx, cause: str, use: Use, store: UUID, against: str, *, up: bool = True) -> Taken:
    if not 0 < use.amount_minor <= MOST_MINOR:
        raise Invalid({"amount": [_("Type an amount above zero.")]})
    held = await lock_account(tx, use.account)
    amount = use.amount_minor if up else -use.amount_minor
    before = await tx.fetchval(_MADE, tx.tenant, use.account, use.source)
    if before is not None:
        if before != amount:
            raise SourceUsed
        return Taken(None, held.id, held.kind, use.amount_minor, 0, held.balance_minor, replayed=True)
    made = await append(tx, held, cause, use, amount)
    await _post(tx, store, cause, held.kind, made, against, up=up)
    return made


async def keep_fee(tx: Tx, use: Use, store: UUID) -> Taken:
    """Keep an amount of a down payment as income, at most what is there. Raises NotFound, Invalid, SourceUsed."""
    made = await take_out(tx, use, "kept")
    if made.move is not None and not made.replayed:
        await _post(tx, store, "kept", made.kind, made, "kept_down_payments", up=False)
    return made


async def credit_back(tx: Tx, use: Use, store: UUID, credit: UUID) -> Taken:
    """Move an amount of a down payment onto a customer's store credit. Raises NotFound, Invalid, SourceUsed."""
    made = await take_out(tx, use, "paid_back")
    if made.move is not None and not made.replayed:
        await give_back(tx, Use(credit, made.amount_minor, use.source, use.at, use.reason))
        await _post(tx, store, "paid_back", made.kind, made, PURPOSES[STORE_CREDIT], up=False)
    return made


async def _post(  # noqa: PLR0917 - what an entry is made of
    tx: Tx, store: UUID, cause: str, kind: str, made: Taken, against: str, *, up: bool = True
) -> None:
    where = await place(tx, store)
    amount = made.amount_minor if up else -made.amount_minor
    move = made.move or new_id()
    postings = (Posting(against, amount), Posting(PURPOSES[kind], -amount))
    day = where.business_date(tx.now)
    await post(tx, [Entry(new_id(), store, f"value_{cause}", move, tx.now, day, where.currency, "", postings)])


async def _set_blocked(tx: Tx, account: UUID, *, blocked: bool) -> None:
    await tx.execute(
        "UPDATE value_account SET blocked_at = $3 WHERE tenant_id = $1 AND id = $2",
        tx.tenant,
        account,
        tx.now if blocked else None,
    )


def _refuse_wrong(amount: int, means: str, reason: str) -> None:
    wrong: dict[str, list[str]] = {}
    if not 0 < amount <= MOST_MINOR:
        wrong["amount"] = [_("Type an amount above zero.")]
    if means and means not in MEANS:
        wrong["means"] = [_("Pick one from the list.")]
    if not means and not reason:
        wrong["reason"] = [_("Say why it is given for nothing.")]
    if wrong:
        raise Invalid(wrong)

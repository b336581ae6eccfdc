"""Moving stored value: each verb locks the account, moves it once per source, and never takes it below its floor."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from retail.kit.errors import Invalid, NotFound
from retail.kit.ids import new_id
from retail.kit.text import _
from retail.runtime.db import Row, Tx
from retail.value.errors import NotEnoughValue, SourceUsed, ValueShut
from retail.value.rules import ACCOUNT, MOST_MINOR, STORE_CREDIT, Held, Taken, Use

# A customer's own row comes before their accounts: whoever may owe 50 may owe 50 on all of their accounts together.
_LOCK_PERSON: Final = """
SELECT k.id FROM value_account a
  JOIN customer c ON c.tenant_id = a.tenant_id AND c.id = a.customer_id
  JOIN customer k ON k.tenant_id = c.tenant_id AND k.id = coalesce(c.merged_into, c.id)
 WHERE a.tenant_id = $1 AND a.id = $2 AND a.kind = 'account' FOR NO KEY UPDATE OF k
"""
_LOCK: Final = """
SELECT a.id, a.kind, a.customer_id, a.balance_minor, a.blocked_at, a.expires_on,
       ($3::timestamptz AT TIME ZONE t.timezone)::date AS today
  FROM value_account a JOIN tenant t ON t.id = a.tenant_id WHERE a.tenant_id = $1 AND a.id = $2 FOR UPDATE OF a
"""
_FLOOR: Final = """
SELECT -k.credit_limit_minor - coalesce((
         SELECT sum(o.balance_minor)
           FROM value_account o JOIN customer oc ON oc.tenant_id = $1 AND oc.id = o.customer_id
          WHERE o.tenant_id = $1 AND o.kind = 'account' AND o.id <> $3 AND coalesce(oc.merged_into, oc.id) = k.id), 0)
  FROM customer c JOIN customer k ON k.tenant_id = $1 AND k.id = coalesce(c.merged_into, c.id)
 WHERE c.tenant_id = $1 AND c.id = $2
"""
_MADE: Final = """
SELECT id, amount_minor, lacking_minor, balance_after_minor FROM value_move
 WHERE tenant_id = $1 AND account_id = $2 AND cause = $3 AND source_id = $4
"""
_CHANGE: Final = """
UPDATE value_account SET balance_minor = balance_minor + $3
 WHERE tenant_id = $1 AND id = $2 AND ($3 > 0 OR balance_minor + $3 >= $4) RETURNING balance_minor
"""
_APPEND: Final = """
INSERT INTO value_move (tenant_id, id, account_id, cause, amount_minor, lacking_minor, balance_after_minor, source_id,
                        reason, actor_name, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""
_PERSON: Final = "SELECT coalesce(merged_into, id) FROM customer WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE"
_OPEN: Final = """
INSERT INTO value_account (tenant_id, id, kind, customer_id, balance_minor, created_at)
VALUES ($1, $2, $3, $4, 0, $5)
ON CONFLICT (tenant_id, customer_id, kind) WHERE kind <> 'gift_card' DO UPDATE SET kind = excluded.kind RETURNING id
"""

_OPEN_DOWN: Final = """
INSERT INTO value_account (tenant_id, id, kind, balance_minor, created_at) VALUES ($1, $2, 'down_payment', 0, $3)
"""


async def account_of(tx: Tx, customer: UUID, kind: str) -> UUID:
    """Give a customer's store credit or account, made where there is none; of merged ones whose part they are now.

    Raises NotFound. Locks the customer.
    """
    if kind not in {STORE_CREDIT, ACCOUNT}:
        raise ValueError("only store credit and accounts are a customer's")
    person = await tx.fetchval(_PERSON, tx.tenant, customer)
    if person is None:
        raise NotFound("customer")
    found: UUID = await tx.fetchval(_OPEN, tx.tenant, new_id(), kind, person, tx.now)
    return found


async def redeem(tx: Tx, use: Use, *, partial: bool = False) -> Taken:
    """Take an amount from an account; `partial` takes what is there and tells what is lacking. Posts nothing.

    Raises NotFound, Invalid, SourceUsed, and without `partial` NotEnoughValue and ValueShut. Locks the account.
    """
    held = await lock_account(tx, use.account)
    made = await _made_before(tx, held, "redeemed", use)
    if made is not None:
        return made
    if not partial and held.shut:
        raise ValueShut
    taken = min(use.amount_minor, held.spendable_minor)
    if taken < use.amount_minor and not partial:
        raise NotEnoughValue(held.id, held.spendable_minor)
    if not taken:
        return Taken(None, held.id, held.kind, 0, use.amount_minor, held.balance_minor)
    return await append(tx, held, "redeemed", use, -taken, lacking=use.amount_minor - taken)


async def load(tx: Tx, use: Use) -> Taken:
    """Put an amount onto an account that a sale was paid for. Posts nothing. Raises as redeem does, and ValueShut."""
    held = await lock_account(tx, use.account)
    made = await _made_before(tx, held, "loaded", use)
    if made is None and held.shut:
        raise ValueShut
    return made or await append(tx, held, "loaded", use, use.amount_minor)


async def open_down_payment(tx: Tx, id: UUID) -> None:
    """Open the account for what is paid on kept goods; it has their id, and no customer of its own."""
    await tx.execute(_OPEN_DOWN, tx.tenant, id, tx.now)


async def take_out(tx: Tx, use: Use, cause: str) -> Taken:
    """Take down payments out: "paid_back" to the customer, or "kept" by the shop; at most what is there. Posts nothing.

    Raises NotFound, Invalid, SourceUsed. Locks the account.
    """
    held = await lock_account(tx, use.account)
    made = await _made_before(tx, held, cause, use)
    if made is not None:
        return made
    taken = min(use.amount_minor, max(0, held.balance_minor))
    if not taken:
        return Taken(None, held.id, held.kind, 0, use.amount_minor, held.balance_minor)
    return await append(tx, held, cause, use, -taken, lacking=use.amount_minor - taken)


async def give_back(tx: Tx, use: Use) -> Taken:
    """Put back what was redeemed, onto a blocked card too. Posts nothing. Raises NotFound, Invalid, SourceUsed."""
    held = await lock_account(tx, use.account)
    return await _made_before(tx, held, "refunded", use) or await append(tx, held, "refunded", use, use.amount_minor)


async def lock_accounts(tx: Tx, accounts: list[UUID]) -> None:
    """Lock several accounts in the order of their ids, before any of them is moved."""
    for account in sorted(set(accounts)):
        await lock_account(tx, account)


async def lock_account(tx: Tx, account: UUID) -> Held:
    """Have an account to oneself until the commit, and the customer before it where they may owe. Raises NotFound."""
    await tx.fetchval(_LOCK_PERSON, tx.tenant, account)
    row = await tx.fetchrow(_LOCK, tx.tenant, account, tx.now)
    if row is None:
        raise NotFound("value_account")
    floor = await tx.fetchval(_FLOOR, tx.tenant, row["customer_id"], account) if row["kind"] == ACCOUNT else 0
    return Held(
        row["id"],
        row["kind"],
        row["balance_minor"],
        int(floor),
        row["blocked_at"],
        row["expires_on"],
        row["today"],
    )


async def append(tx: Tx, held: Held, cause: str, use: Use, amount: int, *, lacking: int = 0) -> Taken:
    """Change a locked account's balance and write the move down; `amount` is above or below zero.

    Raises NotEnoughValue where it would go below its floor.
    """
    balance = await tx.fetchval(_CHANGE, tx.tenant, held.id, amount, held.floor_minor)
    if balance is None:
        raise NotEnoughValue(held.id, held.spendable_minor)
    move = new_id()
    await tx.execute(
        _APPEND, tx.tenant, move, held.id, cause, amount, lacking, balance, use.source, use.reason, tx.actor.name,
        use.at or tx.now,
    )  # fmt: skip
    tx.audit(f"value.{cause}", "value_account", held.id, amount_minor=amount, source=use.source, move=move)
    return Taken(move, held.id, held.kind, abs(amount), lacking, balance)


async def _made_before(tx: Tx, held: Held, cause: str, use: Use) -> Taken | None:
    """Give the move that this source has made already. Raises SourceUsed where it was another amount, Invalid."""
    if not 0 < use.amount_minor <= MOST_MINOR:
        raise Invalid({"amount": [_("Type an amount above zero.")]})
    row: Row | None = await tx.fetchrow(_MADE, tx.tenant, held.id, cause, use.source)
    if row is None:
        return None
    amount, lacking = abs(row["amount_minor"]), row["lacking_minor"]
    if amount + lacking != use.amount_minor:
        raise SourceUsed
    return Taken(row["id"], held.id, held.kind, amount, lacking, row["balance_after_minor"], replayed=True)

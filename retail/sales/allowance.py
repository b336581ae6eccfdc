"""What a cashier may do alone, checked when it arrives: without a valid approval it is taken in and marked.

Nothing that has happened is refused here (docs/algorithms/approvals.md, 5). Sales that take nothing off cost nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from retail.identity.approval_queries import scope_of_person
from retail.identity.approval_rules import Act, ActLine, act_hash, asks_of, plain_percent
from retail.identity.approval_uses import Use, hold_approvals, spend, take_offline
from retail.identity.permissions import APPROVE, DISCOUNT
from retail.runtime.db import Tx
from retail.runtime.tenancy import Scope
from retail.sales.assess import LONG_PAST, MOST_AHEAD
from retail.sales.documents import ProofIn, SaleIn
from retail.sales.remarks import Remark

CODE: Final = "approval_missing"
_NOTHING: Final[Mapping[UUID, int]] = {}


async def hold_all(tx: Tx, sales: Sequence[SaleIn]) -> None:
    """Lock the approvals that sales bring, sorted, so that two sets of sales wait instead of deadlocking."""
    wanted = {proof.id for sale in sales for proof in sale.approvals}
    if wanted:
        await hold_approvals(tx, sorted(wanted))


async def unapproved(tx: Tx, sale: SaleIn, store: UUID, off: Mapping[UUID, int] = _NOTHING) -> list[Remark]:
    """Find what a sale's cashier may not do alone and nobody has approved; uses the approvals that the sale brings.

    `off` is what offers take off its lines: that is nobody's own discount.
    """
    act = act_of(sale, off)
    asked = asks_of(act)
    if not asked:
        return []
    at = sale.occurred_at if LONG_PAST <= sale.occurred_at <= tx.now + MOST_AHEAD else tx.now
    bound, typed = act_hash(act), {DISCOUNT: plain_percent(act)}
    found = [
        await missing(
            tx, store, sale.till, Use(permission, amount, act.id, bound, at, typed.get(permission)), sale.approvals
        )
        for permission, amount in asked.items()
    ]
    return [remark for remark in found if remark is not None]


async def missing(
    tx: Tx, store: UUID, till: UUID, use: Use, proofs: Sequence[ProofIn], *, always: bool = False
) -> Remark | None:
    """Tell that an act needed an approval and brings no valid one; None where all is well.

    `always`: the act needs one whatever the cashier may do, unless they are one of those who approve.
    """
    scope = await _cashiers_scope(tx)
    approves = not always or scope.decide(APPROVE, None, store) == "allowed"
    free = approves and scope.decide(use.permission, use.amount, store) == "allowed"
    why = "missing"
    for proof in proofs:
        if proof.permission == use.permission:
            offline = proof.offline
            why = await (take_offline(tx, offline, use, store, till) if offline else spend(tx, proof.id, use))
            if not why:
                return None
    if free:
        return None
    right = scope.right(use.permission, store)
    facts = {
        "permission": use.permission,
        "amount": use.amount,
        "limit": right.limit if right else None,
        "cashier": tx.actor.name,
        "why": why,
    }
    return Remark(CODE, facts)


def act_of(sale: SaleIn, off: Mapping[UUID, int] = _NOTHING) -> Act:
    """Give a sale as approvals see it; `off` is what offers take off its lines."""
    return Act(
        sale.id,
        sale.basket_discount,
        [
            ActLine(
                line.id,
                line.product,
                line.quantity_milli,
                line.unit_price,
                line.discount - off.get(line.id, 0),
                line.list_price,
                off.get(line.id, 0),
            )
            for line in sale.lines
        ],
    )


def vouched(proofs: Sequence[ProofIn], *, signed: bool) -> tuple[ProofIn, ...]:
    """Take the contents out of approvals that no device vouches for: what is left is an id to look up."""
    return tuple(proofs) if signed else tuple(replace(one, offline=None) for one in proofs)


async def _cashiers_scope(tx: Tx) -> Scope:
    """Give the rights of who acts; of a journal's cashier those of now, of nobody who works here none."""
    actor = tx.scope.actor
    if actor.kind != "person" or actor.id is None or tx.scope.permissions:
        return tx.scope
    return await scope_of_person(tx, actor.id) or tx.scope

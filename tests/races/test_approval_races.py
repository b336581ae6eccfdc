"""Two sales with one approval at the same moment: one is fine, one is marked; and what happens without the lock."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest

from retail.identity import approval_uses, approvals
from retail.identity.approval_errors import Decided
from retail.identity.approval_queries import Approval, approval
from retail.identity.approval_rules import Act
from retail.identity.approval_uses import Use
from retail.identity.approvals import Wanted, ask
from retail.kit.ids import new_id
from retail.runtime.db import Tx
from retail.runtime.tenancy import Scope
from tests.identity.test_approvals import somebody
from tests.support.world import Shop


async def granted(shop: Shop) -> tuple[Scope, Approval]:
    clerk, manager, id = await somebody(shop, "clerk"), await somebody(shop, "manager"), new_id()
    request = await shop.db.run(clerk, ask, id, Wanted("refund", shop.store, Act(new_id()), 6000, shop.till))
    return clerk, await shop.db.run(manager, approvals.answer, request.id, granted=True)


def use_of(one: Approval) -> Use:
    return Use("refund", 6000, one.act, one.act_hash, one.asked_at)


async def test_of_two_acts_at_once_one_uses_it_and_the_other_finds_it_used(shop: Shop) -> None:
    clerk, one = await granted(shop)
    both = asyncio.Barrier(2)

    async def act() -> str:
        async with shop.db.begin(clerk) as tx:
            await both.wait()
            # another sale that says it is this one: what is left to tell them apart is that it was used
            found = await approval_uses.spend(tx, one.id, use_of(one))
            if not found:
                await tx.execute(
                    "UPDATE approval SET used_for = $3 WHERE tenant_id = $1 AND id = $2", tx.tenant, one.id, new_id()
                )
            return found

    assert sorted(await asyncio.gather(act(), act())) == ["", "used"]


async def test_control_without_the_lock_both_would_use_it(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    clerk, one = await granted(shop)
    both = asyncio.Barrier(2)

    async def unlocked(read: Any, id: UUID, *, lock: bool = False) -> Approval | None:
        found = await approval(read, id)
        await both.wait()
        return found

    monkeypatch.setattr(approval_uses, "approval", unlocked)

    async def act() -> str:
        async with shop.db.begin(clerk) as tx:
            return await approval_uses.spend(tx, one.id, use_of(one))

    assert await asyncio.gather(act(), act()) == ["", ""]


async def test_of_two_managers_who_answer_at_once_one_decides(shop: Shop) -> None:
    clerk, one, two = [await somebody(shop, role) for role in ("clerk", "manager", "owner")]
    request = await shop.db.run(clerk, ask, new_id(), Wanted("refund", shop.store, Act(new_id()), 6000, shop.till))
    both = asyncio.Barrier(2)

    async def say(by: Scope, *, granted: bool) -> str:
        async def operation(tx: Tx) -> str:
            await both.wait()
            return (await approvals.answer(tx, request.id, granted=granted)).state

        try:
            async with shop.db.begin(by) as tx:
                return await operation(tx)
        except Decided as told:
            return f"not any more: {told.state}"

    done = sorted(await asyncio.gather(say(one, granted=True), say(two, granted=False)))
    assert done in (["granted", "not any more: granted"], ["not any more: refused", "refused"])

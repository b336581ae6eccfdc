"""Changing stores and tills: each change is made against the version that was looked at, so nobody's is lost."""

from __future__ import annotations

from uuid import UUID

import asyncpg

from retail.identity.plan_room import refuse_one_more
from retail.kit.errors import NotFound
from retail.runtime.audit_record import changed
from retail.runtime.db import Row, Tx
from retail.tenants.errors import CodeTaken, Edited, LastStore, StoreArchived, TillsStand


async def lock_store(tx: Tx, store: UUID, version: int | None = None) -> Row:
    """Lock a store, as it was looked at. Raises NotFound, Edited."""
    row = await tx.fetchrow("SELECT * FROM store WHERE tenant_id = $1 AND id = $2 FOR UPDATE", tx.tenant, store)
    if row is None:
        raise NotFound("store")
    if version is not None and row["version"] != version:
        raise Edited
    return row


async def lock_till(tx: Tx, till: UUID, version: int | None = None) -> Row:
    """Lock a till, as it was looked at. Raises NotFound, Edited."""
    row = await tx.fetchrow("SELECT * FROM till WHERE tenant_id = $1 AND id = $2 FOR UPDATE", tx.tenant, till)
    if row is None:
        raise NotFound("till")
    if version is not None and row["version"] != version:
        raise Edited
    return row


async def change_code(tx: Tx, store: UUID, code: str) -> None:
    """Give a store another code, from the next receipt on. Locks the store. Raises NotFound, CodeTaken."""
    known = await lock_store(tx, store)
    if known["code"] == code:
        return
    try:
        async with tx.savepoint():
            await tx.execute(
                "UPDATE store SET code = $3, version = version + 1 WHERE tenant_id = $1 AND id = $2",
                tx.tenant,
                store,
                code,
            )
    except asyncpg.UniqueViolationError as taken:
        raise CodeTaken from taken
    tx.audit("store.changed", "store", store, **changed({"code": known["code"]}, {"code": code}))


async def archive_store(tx: Tx, store: UUID, version: int) -> None:
    """Take a store out of use; its past stays. Locks the store. Raises NotFound, Edited, TillsStand, LastStore."""
    known = await lock_store(tx, store, version)
    if known["archived_at"] is not None:
        return
    if await tx.fetchval(
        "SELECT EXISTS (SELECT FROM till WHERE tenant_id = $1 AND store_id = $2 AND retired_at IS NULL)",
        tx.tenant,
        store,
    ):
        raise TillsStand
    others = await tx.fetchval(
        "SELECT count(*) FROM store WHERE tenant_id = $1 AND id <> $2 AND archived_at IS NULL", tx.tenant, store
    )
    if not others:
        raise LastStore
    await tx.execute(
        "UPDATE store SET archived_at = $3, version = version + 1 WHERE tenant_id = $1 AND id = $2",
        tx.tenant,
        store,
        tx.now,
    )
    tx.audit("store.archived", "store", store, code=known["code"], name=known["name"])


async def reopen_store(tx: Tx, store: UUID) -> None:
    """Take an archived store into use again. Locks the store. Raises NotFound, PlanTooSmall."""
    known = await lock_store(tx, store)
    if known["archived_at"] is None:
        return
    await refuse_one_more(tx, "stores")
    await tx.execute(
        "UPDATE store SET archived_at = NULL, version = version + 1 WHERE tenant_id = $1 AND id = $2", tx.tenant, store
    )
    tx.audit("store.reopened", "store", store, code=known["code"])


async def change_till(tx: Tx, till: UUID, version: int, name: str, code: str) -> None:
    """Give a till another name or code. Locks the till. Raises NotFound, Edited, CodeTaken."""
    known = await lock_till(tx, till, version)
    after = {"name": name, "code": code}
    before = {"name": known["name"], "code": known["code"]}
    if before == after:
        return
    try:
        async with tx.savepoint():
            await tx.execute(
                "UPDATE till SET name = $3, code = $4, version = version + 1 WHERE tenant_id = $1 AND id = $2",
                tx.tenant,
                till,
                name,
                code,
            )
    except asyncpg.UniqueViolationError as taken:
        raise CodeTaken from taken
    tx.audit("till.changed", "till", till, **changed(before, after))


async def refuse_archived(tx: Tx, store: UUID) -> None:
    """Let nothing new stand in an archived store. Raises StoreArchived, NotFound."""
    if (await lock_store(tx, store))["archived_at"] is not None:
        raise StoreArchived

"""Stores and tills: opened once, coded once, seen by their own business only."""

from __future__ import annotations

import pytest

from retail.kit.errors import NotFound
from retail.kit.ids import new_id
from retail.runtime.db import Database
from retail.tenants import operations, queries
from retail.tenants.errors import CodeTaken
from tests.support.world import Shop, open_shop


async def test_tills_are_listed_by_store_and_code(shop: Shop) -> None:
    await shop.db.run(
        shop.scope, operations.set_up_till, operations.NewTill(new_id(), shop.second_store, "A1", "Quay till")
    )
    async with shop.db.read(shop.scope) as read:
        found = await queries.tills(read)
    assert [(till.store_name, till.code) for till in found] == [("Altstadt", "T1"), ("Altstadt", "T2"), ("Hafen", "A1")]


async def test_a_code_that_is_in_use_is_refused_and_nothing_is_made(shop: Shop) -> None:
    with pytest.raises(CodeTaken):
        await shop.db.run(shop.scope, operations.set_up_till, operations.NewTill(new_id(), shop.store, "T1", "Again"))
    with pytest.raises(CodeTaken):
        await shop.db.run(shop.scope, operations.open_store, operations.NewStore(new_id(), "ALT", "Again", "UTC"))
    async with shop.db.read(shop.scope) as read:
        assert (len(await queries.tills(read)), len(await queries.stores(read))) == (2, 2)


async def test_two_businesses_may_use_the_same_codes_and_see_only_their_own(db: Database, shop: Shop) -> None:
    other = await open_shop(db)
    async with db.read(other.scope) as read:
        with pytest.raises(NotFound):
            await queries.till(read, shop.till)
        assert {till.id for till in await queries.tills(read)} == {other.till, other.second_till}


async def test_a_business_is_found_by_its_address_before_anybody_is_known(db: Database, shop: Shop) -> None:
    async with db.platform() as unit:
        assert await queries.tenant_by_slug(unit, shop.tenant.slug) == shop.tenant
        assert await queries.tenant_by_slug(unit, "nobody-here") is None

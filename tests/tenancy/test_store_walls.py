"""The floor between the stores of one business: who may see one store reads no row of another, in any table."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import asyncpg
import pytest

from migrations.m0005_rights import OF_A_PARENT, OF_A_STORE, SEED
from retail.identity.operations import NewMember, add_member
from retail.identity.permissions import MOVE_STOCK, VIEW_DASHBOARD, VIEW_SALES, VIEW_STOCK
from retail.kit.errors import Forbidden
from retail.kit.ids import new_id
from retail.live import switchboard
from retail.runtime.realtime.guests import allowed, hearing
from retail.runtime.tenancy import Right, Scope
from retail.stock.forms import MoveForm
from retail.stock.recording import record_of
from tests.support.database import Clone
from tests.support.selling import open_counter
from tests.support.web import PASSWORD_HASH, Site, session
from tests.support.world import Shop

ELSEWHERE = {"role_grant": "a directory table: the floor binds the application's role"}


@pytest.fixture
async def catalogue(clone: Clone) -> asyncpg.Connection:
    conn = await asyncpg.connect(clone.admin_url)
    yield conn
    await conn.close()


async def test_every_table_with_a_store_has_the_floor(catalogue: asyncpg.Connection) -> None:
    rows = await catalogue.fetch(
        """SELECT a.attrelid::regclass::text AS tab,
                  EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = a.attrelid AND p.polname = 'store_floor'
                             AND NOT p.polpermissive AND p.polcmd = 'r') AS walled
             FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
            WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
              AND a.attname = 'store_id' AND NOT a.attisdropped"""
    )
    assert [row["tab"] for row in rows if not row["walled"]] == []
    assert {*OF_A_STORE, *ELSEWHERE} <= {row["tab"] for row in rows}


async def test_every_table_that_hangs_on_such_a_row_has_it_too(catalogue: asyncpg.Connection) -> None:
    rows = await catalogue.fetch(
        """SELECT DISTINCT k.conrelid::regclass::text AS tab FROM pg_constraint k
            WHERE k.contype = 'f' AND k.confrelid::regclass::text IN ('store', 'till', 'shift', 'sale', 'journal_entry')
              AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = k.conrelid AND p.polname = 'store_floor')"""
    )
    assert {row["tab"] for row in rows} == set()


async def counts(shop: Shop, scope: Scope) -> dict[str, int]:
    async with shop.db.read(scope) as read:
        return {
            table: await read.fetchval(f"SELECT count(*) FROM {table}")
            for table in ("store", *OF_A_STORE, *OF_A_PARENT)
        }


async def test_one_store_sees_its_rows_the_other_none_and_everybody_all(shop: Shop) -> None:
    till = await open_counter(shop)
    await till.send(till.sale())
    everything = await counts(shop, shop.scope)
    assert min(everything[table] for table in ("sale", "sale_line", "tender", "journal_line", "stock_move")) > 0
    here = await counts(shop, replace(shop.scope, stores=frozenset({shop.store})))
    there = await counts(shop, replace(shop.scope, stores=frozenset({shop.second_store})))
    nowhere = await counts(shop, replace(shop.scope, stores=frozenset()))
    assert here == everything | {"store": 1}
    assert there == dict.fromkeys(everything, 0) | {"store": 1}
    assert nowhere == dict.fromkeys(everything, 0)
    assert await counts(shop, shop.scope) == everything, "nothing of it stays on the connection"


async def test_live_topics_of_other_stores_are_not_heard(shop: Shop) -> None:
    rights = {name: Right() for name in (VIEW_STOCK, VIEW_SALES, VIEW_DASHBOARD)}
    one = replace(
        shop.scope,
        role="custom",
        permissions=frozenset(rights),
        rights=rights,
        store_rights={shop.store: rights},
        stores=frozenset({shop.store}),
    )
    topics = [f"stock:{shop.store}", f"stock:{shop.second_store}", "sales", "today:all", f"today:{shop.store}"]
    own = frozenset({shop.store})
    assert hearing(switchboard(), one, topics) == {
        f"stock:{shop.store}": None, "sales": own, "today:all": own, f"today:{shop.store}": None,
    }  # fmt: skip
    nowhere = replace(one, store_rights={}, stores=frozenset())
    assert hearing(switchboard(), nowhere, topics) == {}
    assert allowed(switchboard(), shop.scope, topics) == topics


async def test_a_business_that_was_there_before_gets_the_same_roles(catalogue: asyncpg.Connection, shop: Shop) -> None:
    tenant = shop.tenant.id
    async with shop.db.read(shop.scope) as read:
        wanted = await read.fetch("SELECT role_key, permission, state, limit_amount FROM role_right ORDER BY 1, 2")
    transaction = catalogue.transaction()
    await transaction.start()
    await catalogue.execute("DELETE FROM role_right WHERE tenant_id = $1", tenant)
    await catalogue.execute(SEED)
    found = await catalogue.fetch(
        "SELECT role_key, permission, state, limit_amount FROM role_right WHERE tenant_id = $1 ORDER BY 1, 2", tenant
    )
    await transaction.rollback()
    first = {row["permission"] for row in found}  # what came later is given by the migration that brought it
    assert [tuple(row) for row in found] == [tuple(row) for row in wanted if row["permission"] in first]
    assert len(first) > 30


async def test_who_moves_stock_in_one_store_changes_nothing_in_another(site: Site, shop: Shop) -> None:
    draft = NewMember(f"{new_id().hex}@shop.example", "Ina", "manager", PASSWORD_HASH, stores=(shop.store,))
    member = await shop.db.run(shop.scope, add_member, draft)
    keeper = site.visitor(await session(site.db, member.person_id))
    base = f"/t/{shop.tenant.slug}"
    page = (await keeper.get(f"{base}/stores")).text
    assert "Altstadt" in page
    assert "Hafen" not in page
    before = await counts(shop, shop.scope)
    body = {"kind": "receipt", "store": str(shop.second_store), "product": str(shop.products[0].id)}
    scope = replace(
        shop.scope,
        role="manager",
        rights={MOVE_STOCK: Right()},
        store_rights={shop.store: {MOVE_STOCK: Right()}},
        stores=frozenset({shop.store}),
    )
    form = MoveForm(new_id(), "receipt", shop.second_store, None, "", Decimal(1), Decimal(1), "")
    with pytest.raises(Forbidden):
        await shop.db.run(scope, record_of, form, shop.products[0].id)
    sent = await keeper.post(f"{base}/api/v1/stock/moves", json=body | {"id": str(new_id()), "quantity": "1"})
    assert sent.status_code == 403
    assert await counts(shop, shop.scope) == before

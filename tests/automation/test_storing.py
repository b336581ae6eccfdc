"""Storing a checked file: all of it or nothing, good rows alone, cancelled, cut off, overtaken by others."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from retail.automation.imports import operations, storing
from retail.automation.imports.errors import NotAtThisStage
from retail.automation.imports.storing import store
from retail.automation.kinds.base import Reason
from retail.automation.kinds.products import PRODUCT_ROWS
from retail.catalog.operations import Draft, put_products
from retail.kit.errors import Invalid, NotFound
from retail.kit.ids import new_id
from retail.runtime import jobs
from retail.runtime.tenancy import Scope
from tests.automation.conftest import Exchange
from tests.support.world import ean13, open_shop

HEADER = "sku,name,price,tax_class,barcodes\n"
ROWS = [f"T-{n},Tea {n},2.49,R,{ean13(700 + n)}" for n in range(6)]


@pytest.fixture(autouse=True)
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take two rows to a batch, so that six are three."""
    monkeypatch.setattr(storing, "AT_ONCE", 2)


async def teas(exchange: Exchange) -> list[str]:
    rows = await exchange.fetch("SELECT sku FROM product WHERE tenant_id = $1 AND sku LIKE 'T-%' ORDER BY sku")
    return [row["sku"] for row in rows]


async def test_a_file_is_stored_as_a_whole_in_the_name_of_whoever_asked(exchange: Exchange) -> None:
    run = await exchange.take_in(HEADER + "\n".join(ROWS))
    assert (run.stage, run.stored_count, len(await teas(exchange))) == ("done", 6, 6)
    (record,) = await exchange.fetch(
        "SELECT actor_name, facts FROM audit_event WHERE tenant_id = $1 AND action = 'import.stored'"
    )
    assert record["actor_name"] == "Olga Owner"
    again = await exchange.check(HEADER + "\n".join(ROWS))
    assert (again.same_count, again.to_store) == (6, 0)
    with pytest.raises(Invalid):
        await exchange.store(again.id)


async def test_a_file_with_refused_rows_is_not_stored_as_a_whole(exchange: Exchange) -> None:
    run = await exchange.check(HEADER + "\n".join([*ROWS, "T-X,,1,R,"]))
    with pytest.raises(Invalid):
        await exchange.store(run.id, whole=True)
    assert await teas(exchange) == []
    assert (await exchange.store(run.id, whole=False)).stored_count == 6


async def test_where_others_were_faster_a_whole_file_changes_nothing_and_says_which_row(exchange: Exchange) -> None:
    shop = exchange.shop
    run = await exchange.check(HEADER + "\n".join(ROWS))
    async with shop.db.begin(shop.scope) as tx:
        await put_products(tx, [Draft(new_id(), "OTHER", "Coffee", shop.standard, 1, barcodes=(ean13(705),))])
    back = await exchange.store(run.id)
    assert (back.stage, back.refused_count, back.stored_count) == ("checked", 1, 0)
    assert "Nothing was stored" in back.problem
    (row,) = await exchange.rows(run.id, "refused")
    assert (row.name, row.reasons[0].sentence) == ("T-5", f"Barcode {ean13(705)} belongs to another product.")
    assert await teas(exchange) == []
    good = await exchange.store(run.id, whole=False)
    assert (good.stage, good.stored_count, len(await teas(exchange))) == ("done", 5, 5)


@pytest.mark.parametrize(("whole", "left"), [(True, 0), (False, 4)])
async def test_a_worker_that_dies_is_followed_by_one_that_goes_on_and_doubles_nothing(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch, whole: bool, left: int
) -> None:
    shop, system = exchange.shop, Scope.system(exchange.shop.tenant.id)
    run = await exchange.check(HEADER + "\n".join(ROWS))
    await shop.db.run(shop.scope, operations.ask_to_store, run.id, whole=whole)
    run = await exchange.run(run.id)
    assert run.job_id is not None
    mine = await shop.db.run(system, jobs.claim, run.job_id)
    assert mine is not None
    reached, batches, real = asyncio.Event(), [0], PRODUCT_ROWS.store

    async def stuck(tx: Any, verdicts: Any, known: Any) -> None:
        batches[0] += 1
        await real(tx, verdicts, known)
        if batches[0] == 3:
            reached.set()
            await asyncio.Event().wait()

    with monkeypatch.context() as patched:
        patched.setattr(PRODUCT_ROWS, "store", stuck)
        dying = asyncio.create_task(jobs.run_body(shop.db, mine))
        await asyncio.wait_for(reached.wait(), 20)
        dying.cancel()
        with pytest.raises(asyncio.CancelledError):
            await dying
    cut = await exchange.run(run.id)
    assert (cut.stage, cut.stored_count, len(await teas(exchange))) == ("storing", left, left)
    async with shop.db.begin(system) as tx:  # its lease runs out
        await tx.execute("UPDATE job SET claimed_until = NULL WHERE tenant_id = $1 AND id = $2", tx.tenant, mine.id)
    done = await exchange.work_off(run.id)
    assert (done.stage, done.stored_count, len(await teas(exchange))) == ("done", 6, 6)
    printed = [ean13(700 + n) for n in range(6)]
    assert len(await exchange.fetch("SELECT 1 FROM barcode WHERE tenant_id = $1 AND code = ANY($2)", printed)) == 6


@pytest.mark.parametrize(("whole", "left"), [(True, 0), (False, 2)])
async def test_a_cancelled_import_leaves_nothing_half_done(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch, whole: bool, left: int
) -> None:
    shop = exchange.shop
    run = await exchange.check(HEADER + "\n".join(ROWS))
    await shop.db.run(shop.scope, operations.ask_to_store, run.id, whole=whole)

    told: list[int] = []

    async def tell(done: int, _total: int) -> None:
        told.append(done)
        if len(told) == 1:
            async with shop.db.begin(shop.scope) as tx:
                await operations.cancel(tx, run.id)

    real = jobs.progress

    async def progress(done: int, total: int) -> None:
        await real(done, total)
        await tell(done, total)

    monkeypatch.setattr(storing, "progress", progress)
    cancelled = await exchange.work_off(run.id)
    assert (cancelled.stage, cancelled.stored_count, len(await teas(exchange))) == ("cancelled", left, left)
    with pytest.raises(NotAtThisStage):
        await exchange.store(run.id, whole=whole)


async def test_a_plan_without_room_refuses_the_rows_beyond_it(exchange: Exchange) -> None:
    shop = exchange.shop
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute("UPDATE tenant SET plan = 'starter' WHERE id = $1", tx.tenant)
    rows = [f"P-{n},Thing {n},1,R," for n in range(500)]
    run = await exchange.check(HEADER + "\n".join(rows))
    assert (run.new_count, run.refused_count) == (494, 6)
    (first, *_rest) = await exchange.rows(run.id, "refused")
    said = "Your plan Starter has room for 500 products, and this would be one more."
    assert (first.name, first.reasons) == ("P-494", (Reason("", said, "/billing"),))


@pytest.mark.parametrize("whole", [True, False])
async def test_a_plan_that_fills_up_between_check_and_storing_takes_what_fits(exchange: Exchange, whole: bool) -> None:
    shop = exchange.shop
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute("UPDATE tenant SET plan = 'starter' WHERE id = $1", tx.tenant)
    run = await exchange.check(HEADER + "\n".join(f"P-{n},Thing {n},1,R," for n in range(7)))
    assert (run.new_count, run.refused_count) == (7, 0)
    others = [Draft(new_id(), f"Q-{n}", "Other", shop.reduced, 1) for n in range(489)]
    await shop.db.run(shop.scope, put_products, others)
    ended = await exchange.store(run.id, whole=whole)
    made = await exchange.fetch("SELECT sku FROM product WHERE tenant_id = $1 AND sku LIKE 'P-%' ORDER BY sku")
    refused = [row.name for row in await exchange.rows(run.id, "refused")]
    if whole:
        assert (ended.stage, len(made), bool(refused)) == ("checked", 0, True)
        return
    assert (ended.stage, ended.stored_count) == ("done", 5)
    assert [row["sku"] for row in made] == [f"P-{n}" for n in range(5)]
    assert refused == ["P-5", "P-6"]


async def test_kits_deposits_families_and_groups_may_stand_in_any_order(exchange: Exchange) -> None:
    header = "sku,name,price,tax_class,kind,parts,deposit,family,options,category\n"
    rows = [
        'CRATE,Crate,20,S,kit,"2 x PACK",,,,Drinks > Beer',
        "PACK,Six-pack,7,S,kit,6 x BOTTLE,,,,Drinks > Beer",
        "BOTTLE,Bottle,1.20,S,goods,,PFAND,,,Drinks > Beer",
        "PFAND,Deposit,0.08,S,service,,,,,Deposits",
        "TS-M,Shirt M,19.99,S,,,,T-shirt,Size=M,Clothes",
        "TS-L,Shirt L,19.99,S,,,,T-shirt,Size=L,Clothes",
        "TS-L2,Shirt L again,19.99,S,,,,T-shirt,Size=L,Clothes",
        "LOOP,Loop,1,S,kit,1 x LOOP,,,,",
        "LOST,Lost,1,S,kit,1 x NOWHERE,,,,",
        "LOST2,Lost with it,1,S,kit,1 x LOST,,,,",
    ]
    run = await exchange.check(header + "\n".join(rows))
    refused = {row.name: row.reasons[0].sentence for row in await exchange.rows(run.id, "refused")}
    assert refused == {
        "TS-L2": "Another product of the family has these options.",
        "LOOP": "A kit can't hold itself. Take it out of its parts.",
        "LOST": "There is no product NOWHERE, and no good row of the file makes it.",
        "LOST2": "There is no product LOST, and no good row of the file makes it.",
    }
    groups = ["Drinks", "Drinks > Beer", "Deposits", "Clothes"]
    assert run.makes == {"groups": groups, "families": ["T-shirt"]}
    done = await exchange.store(run.id, whole=False)
    assert (done.stage, done.stored_count, done.refused_count) == ("done", 6, 4)
    parts = await exchange.fetch("SELECT quantity FROM component WHERE tenant_id = $1 ORDER BY quantity")
    assert [int(row["quantity"]) for row in parts] == [2, 6]
    again = await exchange.check(header + "\n".join(rows[:6]))
    assert (again.same_count, again.refused_count) == (6, 0)


async def test_products_are_found_by_barcode_and_prices_change_by_it(exchange: Exchange) -> None:
    ware = exchange.shop.products[0]
    run = await exchange.check(f"EAN,Price\n{ware.barcode},5.55\n4006381333931,1.00\n", "prices")
    assert run.match_by == "barcode"
    refused, changed = await exchange.rows(run.id, "refused"), await exchange.rows(run.id, "changed")
    assert [row.reasons[0].sentence for row in refused] == ["There is no product with this barcode."]
    assert [(row.name, [(one.before, one.after) for one in row.changes]) for row in changed] == [
        ("SKU-001", [("4.20", "5.55")])
    ]
    await exchange.store(run.id, whole=False)
    (row,) = await exchange.fetch("SELECT price_minor, version FROM product WHERE tenant_id = $1 AND sku = 'SKU-001'")
    head = await exchange.fetch("SELECT version FROM catalogue_head WHERE tenant_id = $1")
    assert (row["price_minor"], row["version"]) == (555, head[0]["version"])


async def test_stock_opens_and_counts_with_moves_and_books(exchange: Exchange) -> None:
    shop = exchange.shop
    run = await exchange.take_in(
        "sku;store;quantity;unit_cost\nSKU-001;ALT;12;1.50\nSKU-006;Altstadt;1,250;\n", "stock"
    )
    assert (run.stage, run.stored_count) == ("done", 2)
    later = await exchange.check(
        "sku;store;quantity\nSKU-001;ALT;10\nSKU-002;XXX;1\nSKU-002;ALT;1,5\nSKU-001;ALT;3\n", "stock"
    )
    assert [row.reasons[0].sentence for row in await exchange.rows(later.id, "refused")] == [
        "There is no store with this code or name.",
        "This product is counted in whole pieces. Type a whole number.",
        "This product stands in the file twice for this store; the row on line 2 counts.",
    ]
    await exchange.store(later.id, whole=False)
    moves = await exchange.fetch(
        "SELECT kind, quantity FROM stock_move WHERE tenant_id = $1 AND product_id = $2 ORDER BY id",
        shop.products[0].id,
    )
    assert [(row["kind"], int(row["quantity"])) for row in moves] == [("opening", 12), ("count", -2)]
    posted = await exchange.fetch("SELECT sum(amount_minor) AS left FROM journal_line WHERE tenant_id = $1")
    assert posted[0]["left"] == 0


async def test_a_closed_store_is_only_counted_down_to_nothing(exchange: Exchange) -> None:
    shop = exchange.shop
    await exchange.take_in("sku;store;quantity\nSKU-001;HAF;12\nSKU-002;HAF;3\nSKU-003;HAF;4\n", "stock")
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute("UPDATE store SET archived_at = now() WHERE id = $1", shop.second_store)
    run = await exchange.check(
        "sku;store;quantity\nSKU-001;HAF;12\nSKU-002;HAF;0\nSKU-003;HAF;5\nSKU-004;HAF;1\n", "stock"
    )
    assert [row.reasons[0].sentence for row in await exchange.rows(run.id, "refused")] == ["This store is closed."] * 2
    await exchange.store(run.id, whole=False)
    on_hand = await exchange.fetch(
        "SELECT on_hand::int AS many FROM stock_balance WHERE tenant_id = $1 AND store_id = $2 ORDER BY on_hand",
        shop.second_store,
    )
    assert sorted(row["many"] for row in on_hand) == [0, 4, 12]


async def test_another_business_sees_nothing_of_it(exchange: Exchange) -> None:
    run = await exchange.check(HEADER + "\n".join(ROWS))
    other = Exchange(await open_shop(exchange.shop.db))
    with pytest.raises(NotFound):
        await other.run(run.id)
    assert await other.rows(run.id, "new") == []
    with pytest.raises(NotFound):
        await other.shop.db.run(other.shop.scope, operations.cancel, run.id)
    await store(other.shop.db, Scope.system(exchange.shop.tenant.id), run.id)  # not asked for: nothing
    assert await teas(exchange) == []

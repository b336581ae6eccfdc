"""The checks are green after any day at the tills, and each one goes red when its rows are tampered with."""

from __future__ import annotations

import random
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from retail.cash import open_shift
from retail.kit.ids import new_id
from retail.kit.quantity import quantity_text
from retail.runtime.db import Database
from retail.sales.checks import checks
from retail.sales.closing import close
from retail.sales.documents import ReturnIn, StoredSale
from retail.sales.returns import return_goods
from tests.support.database import Clone
from tests.support.device import Device
from tests.support.selling import AT, Counter, open_counter
from tests.support.world import Shop, open_shop


async def red(shop: Shop) -> dict[str, str]:
    async with shop.db.read(shop.scope) as read:
        return {check.name: check.detail for check in await checks(read) if not check.ok}


async def live_a_day(shop: Shop, dice: random.Random) -> list[StoredSale]:
    """Sell, bring back, close and sell on, at two tills and from a device, in random pieces."""
    tills = [await open_counter(shop), await open_counter(shop, shop.second_till)]
    sold: list[StoredSale] = []
    for turn in range(30):
        till = dice.choice(tills)
        await _one_step(shop, till, sold, dice)
        if turn == 15:
            await shop.db.run(shop.scope, close, till.shift, dice.randint(0, 50_000), None, AT)
            await till.sell()
            till.shift = new_id()
            await shop.db.run(shop.scope, open_shift, till.shift, till.till, 5_000, AT + timedelta(hours=1))
    return sold


async def _one_step(shop: Shop, till: Counter, sold: list[StoredSale], dice: random.Random) -> None:
    if sold and dice.random() < 0.3:
        await _bring_some_back(shop, till, dice.choice(sold), dice)
        return
    lines = []
    for ware in dice.sample(shop.products, dice.randint(1, 4)):
        milli = dice.randint(1, 2500) if ware.name == "Bananas" else dice.randint(1, 5) * 1000
        price = dice.choice([ware.price_minor, ware.price_minor - 7])
        lines.append(
            {
                "product": str(ware.id),
                "quantity": quantity_text(milli),
                "unit_price": price,
                "discount": dice.choice([0, 3]),
            }
        )
    lines.append({"name": "Flowers", "quantity": "1", "unit_price": 100})
    extra = dice.choice([0, 0, 0, 5])
    body = till.sale(*lines)
    body["tenders"] = [{"type": dice.choice(["cash", "card"]), "amount": body["total"] + extra}]
    if dice.random() < 0.1:
        body["number"] += 1
        till.next += 1
    outcome = (await till.send(body))[0]
    assert outcome.sale is not None
    sold.append(outcome.sale)


async def _bring_some_back(shop: Shop, till: Counter, sale: StoredSale, dice: random.Random) -> None:
    from retail.sales.returns import returned

    async with shop.db.read(shop.scope) as read:
        standing = await returned(read, sale.id)
    left = {line.id: line.quantity_milli - standing.get(line.id, 0) for line in sale.lines}
    open_lines = [id for id, milli in left.items() if milli > 0]
    if open_lines:
        id = dice.choice(open_lines)
        milli = left[id] if dice.random() < 0.5 else dice.randint(1, left[id])
        pieces = {ware.id for ware in shop.products if ware.name != "Bananas"}
        if next(line.product for line in sale.lines if line.id == id) in pieces:
            milli = min(left[id], -(-milli // 1000) * 1000)
        await shop.db.run(
            shop.scope, return_goods, sale.id, ReturnIn(new_id(), till.till, None, {id: milli}, (), new_id().bytes * 2)
        )


@pytest.mark.parametrize("seed", range(6))
async def test_after_a_random_day_every_check_is_green(db: Database, seed: int) -> None:
    dice = random.Random(seed)
    terms = [
        ("EUR", True, 1, "Europe/Berlin"),
        ("CHF", True, 5, "Europe/Zurich"),
        ("USD", False, 1, "America/New_York"),
    ]
    currency, with_tax, unit, timezone = terms[seed % 3]
    shop = await open_shop(db, currency=currency, prices_include_tax=with_tax, cash_unit_minor=unit, timezone=timezone)
    await live_a_day(shop, dice)
    assert await red(shop) == {}


@pytest.fixture
async def day(shop: Shop) -> UUID:
    """A small known day: three sales, a return, a closing, a device's journal. Gives the first sale."""
    till = await open_counter(shop)
    first = await till.sell((shop.products[0], 3), (shop.products[3], 1))
    await till.sell()
    await till.sell()
    assert first.sale is not None
    returned = ReturnIn(new_id(), till.till, till.shift, {first.sale.lines[0].id: 1000}, (), b"1" * 32)
    await shop.db.run(shop.scope, return_goods, first.id, returned)
    await shop.db.run(shop.scope, close, till.shift, 12_000, None, AT)
    device = Device(shop, shop.second_till)
    await device.claim()
    device.open_shift()
    device.sell()
    device.sell()
    await device.deliver()
    assert await red(shop) == {}
    return first.id


SUMS = "sales: totals are the sums of their lines and of their taxes"
ENTRY = "sales: each has exactly one journal entry"
BOOKS = "sales: the books hold what was sold and paid"
STOCK = "sales: what was sold left the stock"
BACK = "sales: nothing came back that was not sold"
CLOSING = "sales: Z reports hold what their shifts sold"
UNCOUNTED = "sales: a drawer counts every sale's cash, or somebody settled it"
NUMBERS = "sales: numbers of each till follow each other, or somebody was told"
JOURNAL = "sales: the tills' journals are whole and unchanged"
OF_SALE = "tenant_id = $1 AND sale_id = $2"
ONE_JOURNAL_SALE = "tenant_id = $1 AND $2::uuid IS NOT NULL AND seq = 2"
CORRUPTIONS = [
    (SUMS, f"UPDATE sale_line SET net_minor = net_minor + 1, total_minor = total_minor + 1 WHERE {OF_SALE}"),
    (SUMS, f"UPDATE sale_line SET cost_minor = cost_minor + 1 WHERE {OF_SALE} AND position = 1"),
    (
        SUMS,
        f"UPDATE sale_tax SET tax_minor = tax_minor + 1, base_minor = base_minor - 1 WHERE {OF_SALE}",
    ),
    (SUMS, f"DELETE FROM sale_line WHERE {OF_SALE} AND position = 2"),
    (SUMS, "UPDATE sale SET discount_minor = 1 WHERE tenant_id = $1 AND id = $2"),
    (ENTRY, "DELETE FROM journal_entry WHERE tenant_id = $1 AND source_id = $2"),
    (ENTRY, "UPDATE journal_entry SET source_id = uuidv7() WHERE tenant_id = $1 AND source_id = $2"),
    (ENTRY, "UPDATE journal_entry SET business_date = business_date + 1 WHERE tenant_id = $1 AND source_id = $2"),
    (
        BOOKS,
        """UPDATE journal_line l SET amount_minor = l.amount_minor + 1 FROM journal_entry e
            WHERE l.tenant_id = $1 AND e.tenant_id = $1 AND e.id = l.entry_id AND e.source_id = $2
              AND l.position = 1""",
    ),
    (BOOKS, f"UPDATE tender SET amount_minor = amount_minor - 1 WHERE {OF_SALE}"),
    (BOOKS, f"UPDATE tender SET type = 'card' WHERE {OF_SALE}"),
    (STOCK, "UPDATE stock_move SET quantity = quantity - 1 WHERE tenant_id = $1 AND source_id = $2"),
    (STOCK, "DELETE FROM stock_move WHERE tenant_id = $1 AND source_id = $2"),
    (BACK, "UPDATE sale_line SET quantity = -4 WHERE tenant_id = $1 AND original_sale_id = $2"),
    (BACK, "UPDATE sale_line SET returned_before = 1 WHERE tenant_id = $1 AND original_sale_id = $2"),
    (BACK, "UPDATE sale_line SET original_line_id = uuidv7() WHERE tenant_id = $1 AND original_sale_id = $2"),
    (CLOSING, "UPDATE sale SET after_close = true WHERE tenant_id = $1 AND id = $2"),
    (
        CLOSING,
        """UPDATE z_report SET report = jsonb_set(report, '{total}', '1')
            WHERE tenant_id = $1 AND $2::uuid IS NOT NULL""",
    ),
    (UNCOUNTED, "UPDATE sale SET shift_id = NULL WHERE tenant_id = $1 AND id = $2"),
    (NUMBERS, "UPDATE sale SET number = 99 WHERE tenant_id = $1 AND id = $2"),
    (NUMBERS, "UPDATE sale SET number = 2, number_clash = 1 WHERE tenant_id = $1 AND id = $2"),
    (NUMBERS, "UPDATE sale SET number = 2 WHERE tenant_id = $1 AND original_id = $2"),
    (JOURNAL, f"UPDATE till_journal SET payload = payload || ' ' WHERE {ONE_JOURNAL_SALE}"),
    (JOURNAL, f"UPDATE till_journal SET at = 'later' WHERE {ONE_JOURNAL_SALE}"),
    (JOURNAL, f"DELETE FROM till_journal WHERE {ONE_JOURNAL_SALE}"),
    (JOURNAL, f"UPDATE till_journal SET intact = false WHERE {ONE_JOURNAL_SALE}"),
    (JOURNAL, f"UPDATE till_journal SET record_id = uuidv7() WHERE {ONE_JOURNAL_SALE}"),
]


@pytest.mark.parametrize(
    ("name", "corruption"), CORRUPTIONS, ids=[sql.split(" WHERE")[0][:70] for _, sql in CORRUPTIONS]
)
async def test_a_planted_corruption_is_found_by_its_check(
    shop: Shop, day: UUID, clone: Clone, name: str, corruption: str
) -> None:
    conn = await asyncpg.connect(clone.admin_url)
    try:
        await conn.execute("SET session_replication_role = replica")  # no foreign key, no trigger
        tag = await conn.execute(corruption, shop.tenant.id, day)
    finally:
        await conn.close()
    assert not tag.endswith(" 0")
    assert name in await red(shop)


async def test_the_application_itself_may_not_edit_what_was_sold(shop: Shop, day: UUID) -> None:
    for table in ("sale", "sale_line", "sale_tax", "tender", "till_journal"):
        for verb in (f"UPDATE {table} SET tenant_id = tenant_id", f"DELETE FROM {table}"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with shop.db.begin(shop.scope) as tx:
                    await tx.execute(verb)

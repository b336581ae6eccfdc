"""The inbox of exceptions: every code has a suggestion; one press does it, one press undoes it; many at once; live."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest

from retail.catalog.operations import archive_product
from retail.customers.operations import add_customer
from retail.customers.rules import Customer
from retail.kit.errors import Forbidden
from retail.kit.ids import new_id
from retail.runtime.db import Read
from retail.sales import listing
from retail.sales.checks import checks as sale_checks
from retail.sales.inbox.operations import MOST_AT_ONCE, Settled, reopen, settle
from retail.sales.inbox.suggesting import FIXES, LOOKS, SEEN
from retail.sales.inbox.suggestions import suggestion, suggestions
from retail.sales.listing import Looked
from retail.sales.remark_words import label
from retail.sales.remarks import CODES, Remark
from retail.sales.writing import remark
from retail.stock import Arrival, Document, on_hand, receive
from retail.stock.checks import checks as stock_checks
from retail.value.checks import checks as value_checks
from tests.support.selling import AT, Counter, open_counter
from tests.support.web import Site, site
from tests.support.world import Shop

__all__ = ["site"]


@pytest.fixture
async def till(shop: Shop) -> Counter:
    """A till in a shop whose shelves are full, and whose first receipt is here."""
    full = [Arrival(ware.id, Decimal(100), ware.unit_cost) for ware in shop.products]
    await shop.db.run(shop.scope, receive, Document(new_id(), shop.store, "", AT), full)
    return await open_counter(shop)


async def looked(shop: Shop, *, settled: bool = False) -> list[Looked]:
    async with shop.db.read(shop.scope) as read:
        return list((await listing.exceptions(read, settled=settled, limit=200)).items)


async def all_well(shop: Shop) -> list[str]:
    async with shop.db.read(shop.scope) as read:
        found = [*await sale_checks(read), *await stock_checks(read), *await value_checks(read)]
    return [f"{one.name}: {one.detail}" for one in found if not one.ok]


def page(shop: Shop, path: str) -> str:
    return f"/t/{shop.tenant.slug}{path}"


@pytest.mark.parametrize("code", CODES)
def test_every_kind_says_what_it_means_and_what_one_press_does(code: str) -> None:
    found = suggestions()[code]
    assert len(found.means) > 20
    assert 3 < len(found.press) <= 32
    assert 3 < len(found.note) <= 100
    assert found.fix == SEEN or found.fix in FIXES
    assert found.look in {"", *LOOKS}
    assert label(code) != code


def test_nothing_is_suggested_for_a_kind_that_is_not_and_one_of_a_newer_version_is_shown_all_the_same() -> None:
    assert set(suggestions()) == set(CODES)
    assert suggestion("of_next_year").fix == SEEN


async def test_stock_below_zero_is_corrected_by_one_press_and_the_press_is_undone(till: Counter) -> None:
    shop, milk = till.shop, till.shop.products[1]
    await till.sell((milk, 103))
    (one,) = await looked(shop)
    assert (one.remark.code, one.remark.product) == ("stock_below_zero", milk.id)
    assert await shop.db.run(shop.scope, settle, [one.id], suggested=True) == Settled((one.id,), {})

    async def there() -> Decimal:
        async with shop.db.read(shop.scope) as read:
            return (await on_hand(read, shop.store, [milk.id]))[milk.id]

    assert await there() == 0
    (settled,) = await looked(shop, settled=True)
    assert (settled.fix, settled.resolution, settled.resolved_by) == (
        "stock", "The stock was corrected to zero.", "Olga Owner",
    )  # fmt: skip
    assert await all_well(shop) == []
    await shop.db.run(shop.scope, reopen, one.id)
    assert await there() == -3
    (again,) = await looked(shop)
    assert (again.id, again.resolved_at, again.fix, again.fix_id) == (one.id, None, None, None)
    await shop.db.run(shop.scope, reopen, one.id)
    assert await there() == -3
    assert await all_well(shop) == []


async def test_stock_that_came_meanwhile_is_not_corrected_over(till: Counter) -> None:
    shop, milk = till.shop, till.shop.products[1]
    await till.sell((milk, 103))
    document = Document(new_id(), shop.store, "", till_now())
    await shop.db.run(shop.scope, receive, document, [Arrival(milk.id, Decimal(10), Decimal(1))])
    (one,) = await looked(shop)
    await shop.db.run(shop.scope, settle, [one.id], suggested=True)
    async with shop.db.read(shop.scope) as read:
        assert (await on_hand(read, shop.store, [milk.id]))[milk.id] == 7
    (settled,) = await looked(shop, settled=True)
    assert (settled.fix, settled.fix_id) == ("stock", None)
    await shop.db.run(shop.scope, reopen, one.id)
    async with shop.db.read(shop.scope) as read:
        assert (await on_hand(read, shop.store, [milk.id]))[milk.id] == 7


async def test_many_are_settled_at_once_and_one_that_is_refused_stays_open(till: Counter) -> None:
    shop = till.shop
    await till.sell(number=7)
    card = [{"type": "gift_card", "amount": 420, "change": 0, "value": str(new_id())}]
    await till.sell(tenders=card, number=8)
    found = {one.remark.code: one for one in await looked(shop)}
    assert set(found) >= {"number_gap", "value_short"}
    lacking = found["value_short"]
    settled = await shop.db.run(shop.scope, settle, [one.id for one in found.values()], suggested=True)
    assert set(settled.refused) == {lacking.id}
    assert "Settle it with a note." in settled.refused[lacking.id]
    assert [one.id for one in await looked(shop)] == [lacking.id]
    await shop.db.run(shop.scope, settle, [lacking.id], note="Paid in cash next day")
    assert await looked(shop) == []


async def test_what_a_gift_card_lacked_is_charged_to_the_customers_account_and_taken_back(till: Counter) -> None:
    shop, customer = till.shop, new_id()
    await shop.db.run(shop.scope, add_customer, customer, Customer("Ada", credit_limit_minor=10_000))
    card = [{"type": "gift_card", "amount": 420, "change": 0, "value": str(new_id())}]
    await till.sell(tenders=card, customer=str(customer))
    (one,) = [one for one in await looked(shop) if one.remark.code == "value_short"]

    async def owed() -> list[int]:
        async with shop.db.read(shop.scope) as read:
            return [
                row["balance_minor"]
                for row in await read.fetch(
                    "SELECT balance_minor FROM value_account WHERE tenant_id = $1 AND kind = 'account'", read.tenant
                )
            ]

    settled = await shop.db.run(shop.scope, settle, [one.id], suggested=True)
    assert settled.refused == {}
    assert await owed() == [-420]
    assert await all_well(shop) == []
    await shop.db.run(shop.scope, reopen, one.id)
    assert await owed() == [0]
    assert await all_well(shop) == []


async def test_an_archived_product_is_put_back_on_sale_and_taken_off_again(till: Counter) -> None:
    shop, bread = till.shop, till.shop.products[0]
    await shop.db.run(shop.scope, archive_product, bread.id)
    await till.sell(bread)
    (one,) = await looked(shop)

    async def archived(read: Read) -> bool:
        return bool(
            await read.fetchval(
                "SELECT archived_at IS NOT NULL FROM product WHERE tenant_id = $1 AND id = $2", read.tenant, bread.id
            )
        )

    await shop.db.run(shop.scope, settle, [one.id], suggested=True)
    assert not await shop.db.run(shop.scope, archived)
    await shop.db.run(shop.scope, reopen, one.id)
    assert await shop.db.run(shop.scope, archived)


async def test_who_may_settle_and_not_move_stock_books_nothing(till: Counter) -> None:
    from dataclasses import replace

    shop, milk = till.shop, till.shop.products[1]
    await till.sell((milk, 103))
    (one,) = await looked(shop)
    lesser = replace(shop.scope, permissions=shop.scope.permissions - {"move_stock"})
    settled = await shop.db.run(lesser, settle, [one.id], suggested=True)
    assert settled.done == ()
    assert set(settled.refused) == {one.id}
    assert len(await looked(shop)) == 1
    nobody = replace(shop.scope, permissions=frozenset())
    refused = await shop.db.run(nobody, settle, [one.id], note="mine")
    assert refused.done == ()
    with pytest.raises(Forbidden):
        nobody.require("settle_exceptions")


async def test_each_act_is_on_the_audit_trail(till: Counter) -> None:
    shop = till.shop
    await till.sell((shop.products[1], 103))
    (one,) = await looked(shop)
    await shop.db.run(shop.scope, settle, [one.id], suggested=True)
    await shop.db.run(shop.scope, reopen, one.id)
    async with shop.db.read(shop.scope) as read:
        acts = await read.fetch(
            """SELECT action FROM audit_event WHERE tenant_id = $1 AND subject_id = $2 ORDER BY at, id""",
            read.tenant,
            one.id,
        )
    assert [row["action"] for row in acts] == ["sales.exception_resolved", "sales.exception_reopened"]


async def test_the_page_filters_settles_undoes_and_opens_again(site: Site, till: Counter) -> None:
    shop = till.shop
    owner = await site.member(shop)
    await till.sell((shop.products[1], 103))
    await till.sell(number=7)
    listed = (await owner.get(page(shop, "/exceptions"))).text
    assert "A receipt before it is missing." in listed
    assert "Correct the stock to zero" in listed
    assert re.search(r"<dt[^>]*>In stock</dt><dd[^>]*>-3</dd>", listed)
    only = (await owner.get(page(shop, f"/exceptions?code=number_gap&store={shop.store}&till={till.till}"))).text
    assert ("Correct the stock" in only, "Mark as checked" in only) == (False, True)
    assert "<tr id=" not in (await owner.get(page(shop, f"/exceptions?store={new_id()}"))).text
    assert (await owner.get(page(shop, "/exceptions/waiting"))).text.startswith('<span class="pill warn num">2<')
    (gap,) = [one for one in await looked(shop) if one.remark.code == "number_gap"]
    pressed = await owner.post(
        page(shop, f"/exceptions/{gap.id}/resolution"), data={"act": "suggested", "back": "code=number_gap&evil=1"}
    )
    assert pressed.status_code == 303
    assert pressed.headers["location"] == page(shop, f"/exceptions?code=number_gap&just={gap.id}")
    after = (await owner.get(pressed.headers["location"])).text
    assert "Undo" in after
    undone = await owner.post(page(shop, f"/exceptions/{gap.id}/reopening"), data={"back": ""})
    assert undone.status_code == 303
    assert len(await looked(shop)) == 2


async def test_ticked_ones_are_settled_as_suggested_or_with_a_note(site: Site, till: Counter) -> None:
    shop = till.shop
    owner = await site.member(shop)
    await till.sell((shop.products[1], 103))
    await till.sell(number=7)
    await till.sell(number=20)
    address = page(shop, "/exceptions/settlement")
    assert (await owner.post(address, data={"act": "suggested"})).status_code == 303
    assert (await owner.post(address, data={"act": "suggested", "ids": "what"})).status_code == 303
    assert len(await looked(shop)) == 3
    gaps = [str(one.id) for one in await looked(shop) if one.remark.code == "number_gap"]
    assert (await owner.post(address, data={"act": "note", "ids": gaps, "note": " "})).status_code == 303
    assert len(await looked(shop)) == 3
    assert (await owner.post(address, data={"act": "note", "ids": gaps, "note": "Paper roll"})).status_code == 303
    assert {one.resolution for one in await looked(shop, settled=True)} == {"Paper roll"}
    rest = [str(one.id) for one in await looked(shop)]
    assert (await owner.post(address, data={"act": "suggested", "ids": rest})).status_code == 303
    assert await looked(shop) == []
    many = [str(new_id()) for _ in range(MOST_AT_ONCE + 1)]
    assert (await owner.post(address, data={"act": "suggested", "ids": many})).status_code == 303


async def test_who_may_look_and_not_settle_gets_no_buttons(site: Site, till: Counter) -> None:
    shop = till.shop
    clerk = await site.member(shop, "clerk")
    await till.sell(number=7)
    (gap,) = await looked(shop)
    listed = await clerk.get(page(shop, "/exceptions"))
    assert ("A receipt before it is missing." in listed.text, "Mark as checked" in listed.text) == (True, False)
    for path in (f"/exceptions/{gap.id}/resolution", f"/exceptions/{gap.id}/reopening", "/exceptions/settlement"):
        assert (await clerk.post(page(shop, path), data={"act": "suggested", "ids": str(gap.id)})).status_code == 403
    assert len(await looked(shop)) == 1


async def test_what_comes_while_the_list_is_open_is_told(site: Site, till: Counter) -> None:
    import html

    shop = till.shop
    owner = await site.member(shop)
    await till.sell(number=7)
    listed = (await owner.get(page(shop, "/exceptions"))).text
    found = re.search(r'hx-get="([^"]*/exceptions/news[^"]*)"', listed)
    assert found is not None
    news = html.unescape(found[1])
    assert "new one" not in (await owner.get(news)).text
    await shop.db.run(shop.scope, remark, till.till, [Remark("drawer_short", {"amount": 5, "reason": "x"})])
    assert "1 new one" in (await owner.get(news)).text


async def test_the_words_of_every_kind_reach_the_page(site: Site, till: Counter) -> None:
    shop = till.shop
    owner = await site.member(shop)
    await shop.db.run(shop.scope, remark, till.till, [Remark(code) for code in CODES])
    listed = (await owner.get(page(shop, "/exceptions"))).text
    rows = re.findall(r'<tr id="exception-', listed)
    assert len(rows) == min(len(CODES), 50)


def till_now() -> Any:
    from datetime import UTC, datetime

    return datetime.now(UTC)

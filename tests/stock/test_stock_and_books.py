"""The value of the stock and account Stock: what they differ by is explained to the cent, or the check says so."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from retail import stock
from retail.kit.ids import new_id
from retail.ledger import Entry, Posting, post
from retail.stock import Arrival, Taken
from retail.stock.checks import checks
from retail.stock.levels import worth
from retail.stock.reconciling import Gap, gaps
from tests.support.selling import open_counter
from tests.support.stockroom import AT, balances, document
from tests.support.web import Site, site
from tests.support.world import Shop

__all__ = ["site"]

D = Decimal


async def receive(shop: Shop, quantity: str, cost: str, product: int = 0) -> None:
    await shop.db.run(
        shop.scope, stock.receive, document(shop), [Arrival(shop.products[product].id, D(quantity), D(cost))]
    )


async def gap(shop: Shop) -> Gap:
    async with shop.db.read(shop.scope) as read:
        here = next(one for one in await gaps(read) if one.store == shop.store)
        assert here.value == (await worth(read, shop.store)).value_minor
    return here


async def test_sales_below_zero_and_a_receipt_after_them_are_explained(shop: Shop) -> None:
    counter, loaf = await open_counter(shop), shop.products[0]
    await receive(shop, "2", "100")
    await counter.sell((loaf, 5))
    below = await gap(shop)
    assert (below.value, below.books, below.below_zero, below.unexplained) == (0, -300, -300, 0)
    await receive(shop, "10", "150.5")  # 7 are left at 150.5; three of them left at 100
    after = await gap(shop)
    assert (after.value, after.books, after.below_zero) == (1054, 1205, 0)
    assert (after.costs, after.rounding, after.unexplained) == (152, -1, 0)
    assert after.books == (await balances(shop))["stock"]
    async with shop.db.read(shop.scope) as read:
        assert all(one.ok for one in await checks(read))


async def test_goods_that_went_to_another_store_stay_in_the_books_of_the_first(shop: Shop) -> None:
    await receive(shop, "4", "100")
    await shop.db.run(
        shop.scope, stock.transfer, document(shop), shop.second_store, [Taken(shop.products[0].id, D("3"))]
    )
    async with shop.db.read(shop.scope) as read:
        found = {one.store: (one.value, one.books, one.moved, one.unexplained) for one in await gaps(read)}
    assert found[shop.store] == (100, 400, -300, 0)
    assert found[shop.second_store] == (300, 0, 300, 0)


async def test_what_nothing_explains_fails_the_check(shop: Shop) -> None:
    await receive(shop, "4", "100")
    postings = (Posting("stock", 250), Posting("opening", -250))
    entry = Entry(new_id(), shop.store, "stock_opening", new_id(), AT, date(2026, 11, 20), "EUR", "by hand", postings)
    await shop.db.run(shop.scope, post, [entry])
    async with shop.db.read(shop.scope) as read:
        wrong = [one for one in await checks(read) if not one.ok]
    assert [one.name for one in wrong] == [
        "stock: the books hold each store's stock at cost, but for what is explained"
    ]
    assert "not explained 250" in wrong[0].detail


async def test_both_pages_lead_to_the_difference_in_words_with_its_amount(shop: Shop, site: Site) -> None:
    counter, home = await open_counter(shop), f"/t/{shop.tenant.slug}"
    await receive(shop, "2", "100")
    await counter.sell((shop.products[0], 5))
    owner = await site.member(shop)
    for page in ("/stock", "/ledger"):
        assert f'hx-get="{home}/stock/books"' in (await owner.get(home + page)).text
    part = await owner.get(f"{home}/stock/books", headers={"HX-Request": "true"})
    assert "is €3.00 below the value at cost" in part.text
    assert "<html" not in part.text
    assert "Sold below zero, not received yet" in (await owner.get(f"{home}/stock/books")).text
    clerk = await site.member(shop, "clerk")
    assert (await clerk.get(f"{home}/stock/books")).status_code == 403

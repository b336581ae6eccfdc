"""Pages of the books, and the journal as a download."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx

from retail.cash import move_cash
from retail.kit.ids import new_id
from retail.ledger import Entry, Posting, post
from retail.ledger.queries import accounts
from retail.stock import Arrival, Document, receive, waste
from retail.stock.rules import Taken
from tests.support.selling import open_counter
from tests.support.web import Site, site
from tests.support.world import Shop, open_shop

__all__ = ["site"]

AT = datetime(2026, 11, 20, 12, 31, tzinfo=UTC)


def home(shop: Shop) -> str:
    return f"/t/{shop.tenant.slug}"


async def cash_of(shop: Shop) -> UUID:
    async with shop.db.read(shop.scope) as read:
        return next(one.id for one in await accounts(read) if one.purpose == "cash")


async def posted(shop: Shop, memo: str = "") -> Entry:
    postings = (Posting("cash", 500), Posting("revenue", -467), Posting("tax", -33))
    made = Entry(new_id(), shop.store, "sale", new_id(), AT, date(2026, 11, 20), "EUR", memo, postings)
    await shop.db.run(shop.scope, post, [made])
    return made


async def test_the_books_show_balances_the_journal_and_one_entry(shop: Shop, site: Site) -> None:
    made, owner = await posted(shop, "<b>bold</b>"), await site.member(shop)
    books = await owner.get(f"{home(shop)}/ledger?all=1")
    assert books.status_code == 200
    assert "Cash in drawers" in books.text
    assert books.text.count("€5.00") >= 3
    empty = await owner.get(f"{home(shop)}/ledger?from=2026-11-21")
    assert (empty.status_code, "€5.00" in empty.text) == (200, False)
    wrong = await owner.get(f"{home(shop)}/ledger?from=2026-11-19&to=nonsense")
    assert (wrong.status_code, "€5.00" in wrong.text, 'value="nonsense"' in wrong.text) == (422, False, True)
    journal = await owner.get(f"{home(shop)}/ledger/entries?from=2026-11-20&to=2026-11-20")
    assert f"/ledger/entries/{made.id}" in journal.text
    assert "&lt;b&gt;bold&lt;/b&gt;" in journal.text
    entry = await owner.get(f"{home(shop)}/ledger/entries/{made.id}")
    assert "€4.67" in entry.text
    assert str(made.source) in entry.text
    assert "Nothing is booked here" in (await owner.get(f"{home(shop)}/ledger/entries?kind=return")).text
    wrong = await owner.get(f"{home(shop)}/ledger/entries?account=nonsense")
    assert (wrong.status_code, wrong.text.count("Pick one from the list.")) == (422, 1)


async def test_without_a_period_the_books_are_of_this_month_with_a_way_to_all_time(shop: Shop, site: Site) -> None:
    owner, today = await site.member(shop), shop.db.clock.now().astimezone(ZoneInfo("Europe/Berlin")).date()
    for day, cents in ((date(2019, 4, 30), 700), (today, 500)):
        postings = (Posting("cash", cents), Posting("revenue", -cents))
        at = datetime.combine(day, time(12), UTC)
        await shop.db.run(
            shop.scope, post, [Entry(new_id(), shop.store, "sale", new_id(), at, day, "EUR", "", postings)]
        )
    books = (await owner.get(f"{home(shop)}/ledger")).text
    assert "€5.00" in books
    assert "€12.00" not in books
    month = re.search(r'name="from"[^>]*value="(\d{4}-\d{2}-01)"', books)
    assert month, "the field says from when"
    assert f"/ledger/entries?account={await cash_of(shop)}&amp;from={month[1]}" in books, (
        "the journal is of the same time"
    )
    [current] = re.findall(r'<a href="[^"]+/ledger\?([^"]+)" aria-current="true">', books)
    assert current == f"from={month[1]}"
    whole = (await owner.get(f"{home(shop)}/ledger?all=1")).text
    assert "€12.00" in whole
    assert re.findall(r'<a href="[^"]+/ledger\?([^"]+)" aria-current="true">', whole) == ["all=1"]
    old = (await owner.get(f"{home(shop)}/ledger?from=2019-04-01&to=2019-04-30")).text
    assert "€7.00" in old
    assert "€12.00" not in old


async def test_the_journal_downloads_in_three_formats(shop: Shop, site: Site) -> None:
    await posted(shop)
    owner = await site.member(shop)
    for format, media_type, beginning in (
        ("hledger", "text/plain", "commodity 1000.00 EUR\n"),
        ("beancount", "text/plain", 'option "operating_currency" "EUR"\n'),
        ("csv", "text/csv", "entry,date,store,kind,source,memo,account_code,account,amount,currency\r\n"),
    ):
        answer = await owner.get(f"{home(shop)}/api/v1/exports/journal?format={format}&from=2026-11-01&to=2026-11-30")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(media_type)
        assert "journal-2026-11-01-2026-11-30." in answer.headers["content-disposition"]
        assert answer.text.startswith(beginning)
        assert "5.00" in answer.text
    backwards = await owner.get(f"{home(shop)}/api/v1/exports/journal?from=2026-11-30&to=2026-11-01")
    assert (backwards.status_code, list(backwards.json()["errors"])) == (422, ["to"])
    assert (await owner.get(f"{home(shop)}/api/v1/exports/journal?format=xml")).status_code == 422


async def test_the_books_of_another_business_and_of_a_clerk_stay_shut(shop: Shop, site: Site) -> None:
    other = await open_shop(shop.db)
    made, owner, clerk = await posted(other), await site.member(shop), await site.member(shop, "clerk")
    assert (await owner.get(f"{home(shop)}/ledger/entries/{made.id}")).status_code == 404
    assert (await clerk.get(f"{home(shop)}/ledger")).status_code == 403
    assert (await clerk.get(f"{home(shop)}/api/v1/exports/journal")).status_code == 403


async def entry_page(shop: Shop, owner: httpx.AsyncClient, kind: str) -> str:
    listed = (await owner.get(f"{home(shop)}/ledger/entries?kind={kind}")).text
    found = re.search(r"/ledger/entries/[0-9a-f-]{36}", listed)
    assert found is not None
    return (await owner.get(home(shop) + found[0])).text


async def test_an_entry_says_in_words_where_it_comes_from(shop: Shop, site: Site) -> None:
    till, owner = await open_counter(shop), await site.member(shop)
    bread, milk, *_rest = shop.products
    sale = await till.sell(bread)
    move, document = new_id(), Document(new_id(), shop.store, "Delivery of Monday", AT)
    await shop.db.run(shop.scope, move_cash, move, till.shift, "pay_out", 350, "Milk for the staff", AT)
    arrivals = [Arrival(ware.id, Decimal(12), Decimal(50)) for ware in (bread, milk)]
    await shop.db.run(shop.scope, receive, document, arrivals)
    spoilt = Document(new_id(), shop.store, "Mould", AT)
    await shop.db.run(shop.scope, waste, spoilt, [Taken(bread.id, Decimal(2))])
    for kind, words, source in (
        ("sale", ("T1-000001", f"/sales/{sale.id}"), None),
        ("shift_opened", ("Shift 1 of till T1", f"/shifts/{till.shift}"), None),
        ("cash_pay_out", ("Milk for the staff", "Shift 1 of till T1", f"/shifts/{till.shift}"), move),
        ("stock_receipt", ("Delivery of Monday", "2 moves of stock", milk.name, f"/stock/{milk.id}"), document.id),
        ("stock_waste", ("Mould", bread.name, f"/stock/{bread.id}", "-2"), spoilt.id),
    ):
        page = await entry_page(shop, owner, kind)
        for word in words:
            assert word in page, (kind, word)
        assert source is None or str(source) not in page

"""Pages of the books, and the journal as a download."""

from __future__ import annotations

from datetime import UTC, date, datetime

from retail.kit.ids import new_id
from retail.ledger import Entry, Posting, post
from tests.support.web import Site, site
from tests.support.world import Shop, open_shop

__all__ = ["site"]

AT = datetime(2026, 11, 20, 12, 31, tzinfo=UTC)


def home(shop: Shop) -> str:
    return f"/t/{shop.tenant.slug}"


async def posted(shop: Shop, memo: str = "") -> Entry:
    postings = (Posting("cash", 500), Posting("revenue", -467), Posting("tax", -33))
    made = Entry(new_id(), shop.store, "sale", new_id(), AT, date(2026, 11, 20), "EUR", memo, postings)
    await shop.db.run(shop.scope, post, [made])
    return made


async def test_the_books_show_balances_the_journal_and_one_entry(shop: Shop, site: Site) -> None:
    made, owner = await posted(shop, "<b>bold</b>"), await site.member(shop)
    books = await owner.get(f"{home(shop)}/ledger")
    assert books.status_code == 200
    assert "Cash in drawers" in books.text
    assert books.text.count("€5.00") >= 3
    empty = await owner.get(f"{home(shop)}/ledger?from=2026-11-21&to=nonsense")
    assert "€5.00" not in empty.text
    journal = await owner.get(f"{home(shop)}/ledger/entries?from=2026-11-20&to=2026-11-20")
    assert f"/ledger/entries/{made.id}" in journal.text
    assert "&lt;b&gt;bold&lt;/b&gt;" in journal.text
    entry = await owner.get(f"{home(shop)}/ledger/entries/{made.id}")
    assert "€4.67" in entry.text
    assert str(made.source) in entry.text
    assert "Nothing is booked here" in (await owner.get(f"{home(shop)}/ledger/entries?kind=return")).text
    assert (await owner.get(f"{home(shop)}/ledger/entries?account=nonsense")).status_code == 404


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

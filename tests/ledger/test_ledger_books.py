"""Entries balance or don't exist; what they come to is told to the minor unit."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, date, datetime
from decimal import Decimal

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retail.kit.ids import new_id
from retail.ledger import EmptyBooks, Entry, Posting, Unbalanced, open_books, post, queries
from retail.ledger.api import written
from retail.ledger.checks import checks
from retail.ledger.errors import UnknownPurpose
from retail.ledger.exports import FORMATS, account_name, amount_text, one_line
from retail.ledger.queries import Period
from retail.ledger.rules import CHART, PURPOSES, settled
from retail.runtime.db import Tx
from tests.support.world import Shop

AT = datetime(2026, 11, 20, 12, 31, 7, tzinfo=UTC)
CARD = next(one.code for one in CHART if one.purpose == "card")


def entry(shop: Shop, *postings: tuple[str, int], kind: str = "sale", day: int = 20, memo: str = "") -> Entry:
    return Entry(
        new_id(),
        shop.store,
        kind,
        new_id(),
        AT.replace(day=day),
        date(2026, 11, day),
        "EUR",
        memo,
        tuple(Posting(*one) for one in postings),
    )


def a_sale(shop: Shop, **more: object) -> Entry:
    return entry(
        shop,
        ("cash", 500),
        ("revenue", -467),
        ("tax", -33),
        ("cogs", 168),
        ("stock", -168),
        **more,  # type: ignore[arg-type]
    )


async def balances(shop: Shop, period: Period | None = None) -> dict[str, int]:
    async with shop.db.read(shop.scope) as read:
        return {
            str(one.purpose): one.balance_minor for one in await queries.accounts(read, period) if one.balance_minor
        }


def test_an_entry_refuses_to_exist_unbalanced(shop: Shop) -> None:
    with pytest.raises(Unbalanced) as refused:
        entry(shop, ("cash", 500), ("revenue", -499))
    assert refused.value.difference_minor == 1


def test_an_entry_refuses_a_purpose_that_no_chart_has(shop: Shop) -> None:
    with pytest.raises(UnknownPurpose):
        entry(shop, ("cash", 5), ("pocket", -5))


def test_the_chart_has_an_account_for_every_purpose_and_each_code_once() -> None:
    assert {"cash", "card", "safe", "revenue", "tax", "cogs", "stock", "rounding", "over_short"} <= PURPOSES
    assert {"tender_difference", "opening", "goods_received", "in_transit"} <= PURPOSES
    assert len({one.code for one in CHART}) == len({one.purpose for one in CHART}) == len(CHART) == 34


@given(st.lists(st.tuples(st.sampled_from(["cash", "card", "tax"]), st.integers(-1000, 1000))))
def test_settling_keeps_the_sum_and_names_each_purpose_once(pairs: list[tuple[str, int]]) -> None:
    lines = settled([Posting(*pair) for pair in pairs])
    assert sum(amount for _purpose, amount in lines) == sum(amount for _purpose, amount in pairs)
    assert len({purpose for purpose, _amount in lines}) == len(lines)
    assert all(amount for _purpose, amount in lines)


async def test_five_hundred_entries_are_posted_at_once_and_add_up(shop: Shop) -> None:
    await shop.db.run(shop.scope, post, [a_sale(shop) for _ in range(500)])
    assert await balances(shop) == {
        "cash": 250_000,
        "stock": -84_000,
        "tax": -16_500,
        "revenue": -233_500,
        "cogs": 84_000,
    }
    async with shop.db.read(shop.scope) as read:
        found = await checks(read)
        lines = await read.fetchval("SELECT count(*) FROM journal_line")
    assert lines == 2500
    assert [(one.ok, one.detail) for one in found] == [(True, "500 checked"), (True, "2500 checked")]


async def test_zero_postings_leave_no_line_and_equal_purposes_become_one(shop: Shop) -> None:
    made = entry(shop, ("cash", 300), ("cash", 200), ("tax", 0), ("revenue", -500))
    await shop.db.run(shop.scope, post, [made])
    async with shop.db.read(shop.scope) as read:
        found = await queries.entry(read, made.id)
    assert [(line.code, line.amount_minor) for line in found.lines] == [("1000", 500), ("4000", -500)]
    assert found.amount_minor == 500


async def test_a_thing_is_posted_once(shop: Shop) -> None:
    made = a_sale(shop)
    await shop.db.run(shop.scope, post, [made])
    again = Entry(
        new_id(), made.store, made.kind, made.source, made.occurred_at, made.business_date, "EUR", "", made.postings
    )
    with pytest.raises(asyncpg.UniqueViolationError):
        await shop.db.run(shop.scope, post, [again])
    assert (await balances(shop))["cash"] == 500


async def test_the_database_refuses_an_unbalanced_entry_from_whomever(shop: Shop) -> None:
    made = entry(shop)

    async def post_and_add_a_line(tx: Tx) -> None:
        await post(tx, [made])
        await tx.execute(
            """INSERT INTO journal_line (tenant_id, entry_id, position, account_id, amount_minor)
               SELECT tenant_id, $1, 1, id, 5 FROM account WHERE purpose = 'cash'""",
            made.id,
        )

    with pytest.raises(asyncpg.CheckViolationError, match="does not balance"):
        await shop.db.run(shop.scope, post_and_add_a_line)
    assert await balances(shop) == {}


async def test_nobody_edits_the_books(shop: Shop) -> None:
    await shop.db.run(shop.scope, post, [a_sale(shop)])
    for statement in (
        "UPDATE journal_line SET amount_minor = 1",
        "DELETE FROM journal_line",
        "UPDATE journal_entry SET memo = 'x'",
        "DELETE FROM journal_entry",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with shop.db.begin(shop.scope) as tx:
                await tx.execute(statement)
    assert (await balances(shop))["cash"] == 500


async def test_a_missing_account_stops_the_posting_and_leaves_nothing(shop: Shop) -> None:
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute("UPDATE account SET purpose = NULL WHERE purpose = 'tax'")
    with pytest.raises(EmptyBooks):
        await shop.db.run(shop.scope, post, [a_sale(shop)])
    async with shop.db.read(shop.scope) as read:
        assert await read.fetchval("SELECT count(*) FROM journal_entry") == 0


async def test_books_that_are_opened_twice_stay_as_they_are(shop: Shop) -> None:
    await shop.db.run(shop.scope, open_books)
    async with shop.db.read(shop.scope) as read:
        assert [one.code for one in await queries.accounts(read)] == [one.code for one in CHART]


async def test_a_period_takes_both_its_ends(shop: Shop) -> None:
    await shop.db.run(shop.scope, post, [a_sale(shop, day=day) for day in (18, 19, 20)])
    assert (await balances(shop, Period(date(2026, 11, 18), date(2026, 11, 19))))["cash"] == 1000
    assert (await balances(shop, Period(date(2026, 11, 20), None)))["cash"] == 500
    assert await balances(shop, Period(None, date(2026, 11, 17))) == {}


async def test_pages_of_entries_follow_each_other_and_filters_narrow(shop: Shop) -> None:
    made = [a_sale(shop, day=day) for day in (18, 19, 19, 20)] + [
        entry(shop, ("card", 7), ("revenue", -7), kind="return", day=17)
    ]
    await shop.db.run(shop.scope, post, made)
    seen: list[date] = []
    after = None
    async with shop.db.read(shop.scope) as read:
        while True:
            page = await queries.entries(read, Period(), limit=2, after=after)
            seen += [one.business_date for one in page.items]
            after = page.next
            if after is None:
                break
        card = next(one.id for one in await queries.accounts(read) if one.purpose == "card")
        narrowed = await queries.entries(read, Period(), account=card, limit=50, after=None)
        returns = await queries.entries(read, Period(), kind="return", limit=50, after=None)
    assert [day.day for day in seen] == [20, 19, 19, 18, 17]
    assert [one.id for one in narrowed.items] == [one.id for one in returns.items] == [made[4].id]


@pytest.mark.parametrize("few", [20_000, 0], ids=["found by its lines", "found by day"])
async def test_the_entries_of_an_account_are_the_same_whichever_way_they_are_found(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(queries, "_FEW_LINES", few)
    rare = [entry(shop, ("card", 5), ("card", 2), ("revenue", -7), kind="return", day=day) for day in (3, 9, 9, 17, 20)]
    await shop.db.run(shop.scope, post, [*(a_sale(shop, day=day) for day in (2, 9, 18, 20)), *rare])
    async with shop.db.read(shop.scope) as read:
        card = next(id for id, code, _name in await queries.chart(read) if code == CARD)
        found, after = [], None
        while True:
            page = await queries.entries(read, Period(), account=card, limit=2, after=after)
            found += page.items
            after = page.next
            if after is None:
                break
        wanted = Period(date(2026, 11, 9), date(2026, 11, 17))
        some = await queries.entries(read, wanted, account=card, kind="return", limit=50, after=None)
    newest = sorted(rare, key=lambda one: (one.business_date, one.id), reverse=True)
    assert [one.id for one in found] == [one.id for one in newest], "each once, though two of its lines touch it"
    assert [one.id for one in some.items] == [one.id for one in newest[1:4]]


async def test_entries_of_a_rare_account_are_looked_up_by_the_lines_that_touch_it(shop: Shop) -> None:
    await shop.db.run(shop.scope, post, [a_sale(shop, day=day) for day in (18, 19, 20)])
    async with shop.db.read(shop.scope) as read:
        card = next(id for id, code, _name in await queries.chart(read) if code == CARD)
        for other in ("seqscan", "bitmapscan"):  # with a handful of entries anything is cheap
            await read.conn.execute(f"SET LOCAL enable_{other} = off")
        order = "ORDER BY e.business_date DESC, e.id DESC LIMIT 50"
        plan = await read.fetch(
            f"EXPLAIN {queries._ENTRIES}{queries._FEW} {order}) SELECT * FROM page", read.tenant, card
        )
    text = "\n".join(row[0] for row in plan)
    assert "journal_line_account" in text, text
    assert "journal_entry_date" not in text, "all entries would be looked through"


async def exported(shop: Shop, form: str, period: Period | None = None) -> str:
    pieces = written(shop.db, shop.scope, FORMATS[form], period or Period(), "EUR")
    return "".join([piece async for piece in pieces])


HLEDGER_ENTRY = re.compile(r"\d{4}-\d\d-\d\d \* [^;|\n]*  ; id:[0-9a-f-]{36}, source:[0-9a-f-]{36}")
HLEDGER_LINE = re.compile(r"    ([A-Z][A-Za-z]+:\d{4}[A-Za-z0-9-]*)  (-?\d+\.\d{2}) EUR")
BEAN_ENTRY = re.compile(r'\d{4}-\d\d-\d\d \* "[^"\\]*" "[^"\\]*"')
BEAN_META = re.compile(r'  (id|source): "[0-9a-f-]{36}"')
BEAN_LINE = re.compile(r"  ([A-Z][A-Za-z]+:\d{4}[A-Za-z0-9-]*)  (-?\d+\.\d{2}) EUR")


def read_blocks(text: str, head: re.Pattern[str], line: re.Pattern[str], skipped: re.Pattern[str] | None) -> list[dict]:
    """A strict reader of transactions: anything that fits no rule is an error."""
    entries: list[dict] = []
    for row in text.splitlines():
        if head.fullmatch(row):
            entries.append({})
        elif found := line.fullmatch(row):
            entries[-1][found[1]] = entries[-1].get(found[1], Decimal(0)) + Decimal(found[2])
        elif row and not (skipped and skipped.fullmatch(row)):
            raise AssertionError(f"not a line of a journal: {row!r}")
    assert all(sum(one.values()) == 0 for one in entries)
    return entries


SALE_AS_TEXT = {
    "Assets:1000-Cash-in-drawers": Decimal("5.00"),
    "Income:4000-Sales": Decimal("-4.67"),
    "Liabilities:2100-Tax-collected": Decimal("-0.33"),
    "Expenses:5000-Cost-of-goods-sold": Decimal("1.68"),
    "Assets:1200-Stock": Decimal("-1.68"),
}


async def test_the_hledger_export_declares_what_it_uses_and_every_entry_balances(shop: Shop) -> None:
    nasty = 'Möbel "sold"; (id:evil)\n2026-01-01 * fake | x'
    await shop.db.run(shop.scope, post, [a_sale(shop, memo=nasty), a_sale(shop, day=19), entry(shop, kind="empty")])
    text = await exported(shop, "hledger")
    head, rest = text.split("\n\n", 1)
    declared = head.splitlines()
    assert declared[0] == "commodity 1000.00 EUR"
    assert "account Assets:1000-Cash-in-drawers" in declared
    assert len(declared) == 35
    assert read_blocks(rest, HLEDGER_ENTRY, HLEDGER_LINE, None) == [SALE_AS_TEXT, SALE_AS_TEXT]
    assert rest.index("2026-11-19") < rest.index("2026-11-20")


async def test_the_beancount_export_opens_its_accounts_first_and_every_entry_balances(shop: Shop) -> None:
    await shop.db.run(shop.scope, post, [a_sale(shop, memo='a "quoted" \\ memo\nnew line'), a_sale(shop, day=19)])
    text = await exported(shop, "beancount")
    lines = text.splitlines()
    assert lines[0] == 'option "operating_currency" "EUR"'
    opened = [line for line in lines if " open " in line]
    assert len(opened) == 34
    assert opened[0] == "2026-11-19 open Assets:1000-Cash-in-drawers"
    rest = "\n".join(line for line in lines[1:] if " open " not in line)
    assert read_blocks(rest, BEAN_ENTRY, BEAN_LINE, BEAN_META) == [SALE_AS_TEXT, SALE_AS_TEXT]


async def test_the_csv_export_has_a_row_per_line_and_runs_nothing_in_a_spreadsheet(shop: Shop) -> None:
    made = entry(shop, ("cash", 500), ("revenue", -500), memo='=HYPERLINK("x"), "y"')
    await shop.db.run(shop.scope, post, [made])
    rows = list(csv.DictReader(io.StringIO(await exported(shop, "csv"))))
    assert [(row["account_code"], row["amount"], row["currency"]) for row in rows] == [
        ("1000", "5.00", "EUR"),
        ("4000", "-5.00", "EUR"),
    ]
    assert rows[0]["memo"] == '\'=HYPERLINK("x"), "y"'
    assert rows[0]["date"] == "2026-11-20"


async def test_an_export_of_a_period_has_that_period_alone(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "EXPORT_BATCH", 2)
    await shop.db.run(shop.scope, post, [a_sale(shop, day=day) for day in (16, 17, 18, 18, 18, 19, 20)])
    text = await exported(shop, "beancount", Period(date(2026, 11, 17), date(2026, 11, 19)))
    days = [row[:10] for row in text.splitlines() if " * " in row]
    assert days == ["2026-11-17", "2026-11-18", "2026-11-18", "2026-11-18", "2026-11-19"]
    assert "2026-11-17 open Assets:1200-Stock" in text


@pytest.mark.parametrize(
    ("name", "written_as"),
    [
        ("Cash in drawers", "Assets:1000-Cash-in-drawers"),
        ("Kasse; Büro: (2)", "Assets:1000-Kasse-Buro-2"),
        ("صندوق", "Assets:1000"),
        ("  two  spaces ", "Assets:1000-two-spaces"),
    ],
)
def test_account_names_are_ones_that_both_programs_take(name: str, written_as: str) -> None:
    assert account_name("asset", "1000", name) == written_as


@pytest.mark.parametrize(("code", "text"), [("EUR", "-12.05 EUR"), ("JPY", "-1205 JPY"), ("KWD", "-1.205 KWD")])
def test_amounts_have_the_decimals_of_their_currency(code: str, text: str) -> None:
    assert amount_text(-1205, code) == text


def test_a_text_in_a_line_stays_one_line() -> None:
    assert one_line('a\n2026-01-01 open X; "b" | (c)\u2028d') == "a 2026-01-01 open X b c d"

"""Cashiers beside each other: what is counted, with whom it is compared, and that nobody is shown their own line."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from retail.customers.operations import add_customer
from retail.customers.rules import Customer
from retail.kit.ids import new_id
from retail.risk.exceptions import KINDS, Wanted, exceptional
from retail.runtime.tenancy import Scope
from retail.sales.documents import ReturnIn
from retail.sales.returns import return_goods
from retail.sales.voids import Undone, note_undone
from retail.tenants.settings_changes import change
from retail.vigilance.report import Line, report
from tests.identity.test_approvals import somebody
from tests.risk.test_risk_alerts import drawer, void
from tests.sales.test_sale_approvals import with_discount
from tests.sales.test_till_returns import AT, back_of, take
from tests.support import told
from tests.support.days import trading_day
from tests.support.selling import Counter
from tests.support.web import Site
from tests.support.world import Shop

TODAY = trading_day()
SOON, LONG_AGO = TODAY + timedelta(days=1), TODAY - timedelta(days=2)


async def counts(shop: Shop, by: Scope, first: date = LONG_AGO, **more: Any) -> dict[str, Line]:
    """Give the report of the last days by cashier, as somebody sees it."""
    async with shop.db.read(by) as read:
        found = await report(read, first, SOON, **more)
    return {one.cashier_name: one for one in found}


def seen(line: Line) -> dict[str, int]:
    return {kind: one.seen for kind, one in line.measures.items() if one.seen}


async def sell(counter: Counter, by: Scope, times: int) -> None:
    stamp = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    await counter.send(*(counter.sale(occurred_at=stamp) for _ in range(times)), scope=by)


async def test_each_kind_counts_once_with_its_worth_and_leads_to_its_records(shop: Shop, counter: Counter) -> None:
    ada, ben = await somebody(shop, "manager"), await somebody(shop, "clerk")
    await sell(counter, ada, 4)
    await sell(counter, ben, 2)
    await void(shop, counter, ada, 1)
    await void(shop, counter, ada, 2, tendered=True)
    gone = await void(shop, counter, ada, 3)
    late = await void(shop, counter, ada, 4, tendered=True)
    for one in (gone, late):
        await shop.db.run(ada, note_undone, counter.till, Undone(new_id(), one, datetime.now(UTC)))
    await drawer(shop, counter, ada, 5)
    await counter.send(with_discount(counter, 84), scope=ada)
    stamp = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    for seller in (ada, ben):
        sale = (await counter.send(counter.sale(occurred_at=stamp), scope=seller))[0].sale
        assert sale is not None
        back = ReturnIn(new_id(), shop.till, counter.shift, {sale.lines[0].id: 1000}, (), new_id().bytes * 2)
        await shop.db.run(ada, return_goods, sale.id, back)
    await told.relay(shop)
    lines = await counts(shop, shop.scope)
    assert set(lines) == {ada.actor.name, ben.actor.name}
    mine = lines[ada.actor.name]
    assert (mine.sales, lines[ben.actor.name].sales) == (6, 3)
    assert seen(mine) == {"void": 1, "void_late": 1, "no_sale": 1, "discount": 1, "refund": 2, "refund_own": 1}
    assert (mine.amounts["void"], mine.amounts["discount"], mine.amounts["refund"]) == (420, 84, 840)
    assert mine.measures["void"].rate == pytest.approx(100 / 6)
    assert (mine.measures["void"].expected, mine.measures["void"].tone) == (None, ""), "the others sold too little"
    assert seen(lines[ben.actor.name]) == {}
    async with shop.db.read(shop.scope) as read:
        for kind in KINDS:
            page = await exceptional(read, Wanted(LONG_AGO, SOON, None, ada.actor.id, kind), limit=10)
            assert len(page.items) == mine.measures[kind].seen, kind
        whole = Wanted(LONG_AGO, SOON)
        first = await exceptional(read, whole, limit=4)
        rest = await exceptional(read, whole, limit=10, after=first.next)
    assert len({(one.id, one.kind) for one in (*first.items, *rest.items)}) == 7


async def test_goods_without_a_receipt_are_counted_apart(shop: Shop, counter: Counter) -> None:
    await shop.db.run(shop.scope, change, {"returns_without_receipt": "approval"})
    await sell(counter, shop.scope, 1)
    line = {"id": str(new_id()), "product": str(shop.products[0].id), "quantity": "2", "unit_price": 420, "worth": 840}
    await take(shop, back_of(counter, None, line))
    await told.relay(shop)
    async with shop.db.read(shop.scope) as read:
        [mine] = await report(read, AT.date(), SOON)
    assert (seen(mine), mine.amounts["refund_blind"]) == ({"refund_blind": 1}, 840)


async def test_three_discounts_for_one_known_customer_are_a_favour_and_two_are_none(
    shop: Shop, counter: Counter
) -> None:
    ada = await somebody(shop, "clerk")
    friends = [new_id(), new_id()]
    for number, friend in enumerate(friends):
        await shop.db.run(shop.scope, add_customer, friend, Customer(f"Friend {number}"))
    for friend in (friends[0], friends[0], friends[1], friends[1]):
        await counter.send(with_discount(counter, 84, customer=str(friend)), scope=ada)
    await told.relay(shop)
    assert seen((await counts(shop, shop.scope))[ada.actor.name]) == {"discount": 4}
    await counter.send(with_discount(counter, 84, customer=str(friends[0])), scope=ada)
    await told.relay(shop)
    assert seen((await counts(shop, shop.scope))[ada.actor.name]) == {"discount": 5, "favour": 3}


async def add_up(shop: Shop, cashier: UUID, sales: int, day: date, store: UUID | None = None) -> None:
    """Let somebody have sold so often in an hour, at 5.00 each."""
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute(
            """INSERT INTO cashier_hour (tenant_id, business_date, store_id, cashier_id, local_hour, sales, units,
                                         revenue_minor, refunds, refunds_minor)
               VALUES ($1, $2, $3, $4, 10, $5::bigint, $5::bigint, $5::bigint * 500, 0, 0)""",
            tx.tenant, day, store or shop.store, cashier, sales,
        )  # fmt: skip


async def opened(shop: Shop, cashier: UUID, times: int, day: date) -> None:
    """Let somebody have opened the drawer so often."""
    at = datetime(day.year, day.month, day.day, 10, 5, tzinfo=UTC)
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute(
            """INSERT INTO risk_act (tenant_id, id, kind, store_id, till_id, cashier_id, subject_id, amount_minor,
                                     explained, approved, occurred_at, created_at)
               SELECT $1, gen_random_uuid(), 'no_sale', $2, $3, $4, gen_random_uuid(), 0, true, false,
                      $5::timestamptz + n * interval '1 second', $5 FROM generate_series(1, $6::int) AS n""",
            tx.tenant, shop.store, shop.till, cashier, at, times,
        )  # fmt: skip


async def test_a_cashier_is_held_against_the_others_of_the_store_over_four_weeks(shop: Shop) -> None:
    ada, ben, eva = [(await somebody(shop, "clerk")) for _ in range(3)]
    day, before = TODAY - timedelta(days=1), TODAY - timedelta(days=20)
    await add_up(shop, ada.actor.id, 100, day)
    await add_up(shop, ben.actor.id, 1000, before)
    await add_up(shop, eva.actor.id, 5000, before, shop.second_store)
    await opened(shop, ada.actor.id, 9, day)
    await opened(shop, ben.actor.id, 10, before)
    lines = await counts(shop, shop.scope, day)
    assert set(lines) == {ada.actor.name}, "only who did something in the time is told; the others count"
    told_of = lines[ada.actor.name].measures["no_sale"]
    assert told_of.expected == pytest.approx(100 * 11 / 1000, rel=0.2)
    assert (told_of.seen, told_of.tone) == (9, "bad")
    assert lines[ada.actor.name].basket_beside == pytest.approx(1.0, abs=0.01)


async def test_nobody_but_the_owner_is_shown_their_own_line_and_stores_have_their_wall(
    shop: Shop, counter: Counter, site: Site
) -> None:
    home, owner, manager = (
        f"/t/{shop.tenant.slug}",
        await site.member(shop, "owner"),
        await site.member(shop, "manager"),
    )
    ben = await somebody(shop, "clerk")
    async with shop.db.read(shop.scope) as read:
        [me] = await read.fetch("SELECT person_id, name FROM membership WHERE tenant_id = $1 AND role = 'manager'",
                                read.tenant)  # fmt: skip
    own = Scope(shop.tenant.id, ben.actor.__class__("person", me["person_id"], me["name"]), ben.permissions, "manager")
    for by in (own, ben):
        await sell(counter, by, 2)
        await drawer(shop, counter, by, 1)
    await told.relay(shop)
    for path in ("/risk/cashiers", "/risk/exceptions"):
        for who, both in ((owner, True), (manager, False)):
            page = await who.get(f"{home}{path}")
            assert page.status_code == 200
            text = page.text.split("<main", 1)[1]
            assert (me["name"] in text, ben.actor.name in text) == (both, True), path
    assert (await manager.get(f"{home}/risk/cashiers/{me['person_id']}")).status_code == 404
    assert (await owner.get(f"{home}/risk/cashiers/{me['person_id']}")).status_code == 200
    assert (await owner.get(f"{home}/risk/cashiers/{new_id()}")).status_code == 404
    file = await manager.get(f"{home}/risk/cashiers/export?format=csv")
    rows = list(csv.DictReader(io.StringIO(file.text.lstrip("\ufeff"))))
    assert [(row["cashier"], row["sales"], row["no_sale"]) for row in rows] == [(ben.actor.name, "2", "1")]
    assert len((await manager.get(f"{home}/risk/exceptions/export?format=csv")).text.strip().splitlines()) == 2
    clerk = await site.member(shop, "clerk")
    for path in ("/risk/cashiers", "/risk/exceptions", f"/risk/cashiers/{ben.actor.id}", "/risk/cashiers/export"):
        assert (await clerk.get(f"{home}{path}")).status_code == 403, path
    elsewhere = Scope(shop.tenant.id, own.actor, own.permissions, "manager", stores=frozenset({shop.second_store}))
    assert await counts(shop, elsewhere) == {}


@pytest.mark.parametrize(
    ("query", "status"),
    [("period=week", 200), ("period=month&to=2026-02-03", 200), ("from=2020-01-01&to=2026-01-01", 422),
     ("from=2026-02-01&to=2026-01-01", 422), ("store=00000000-0000-0000-0000-000000000009", 422), ("kind=x", 422)],
)  # fmt: skip
async def test_what_the_address_asks_for_is_answered_or_told(shop: Shop, site: Site, query: str, status: int) -> None:
    owner = await site.member(shop, "owner")
    path = "exceptions" if "kind" in query else "cashiers"
    assert (await owner.get(f"/t/{shop.tenant.slug}/risk/{path}?{query}")).status_code == status

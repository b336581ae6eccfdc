"""Prices of stores: lists that hold, the till's copy, sales, changes that lie ahead, many at once and undone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from retail.catalog import jobs
from retail.catalog.prices import history
from retail.catalog.prices.applying import apply_due
from retail.catalog.prices.batches import batch, start
from retail.catalog.prices.errors import BatchUndone, ChangeApplied, LaterInThePast, NothingChosen
from retail.catalog.prices.exchange import put_rate, remove_rate
from retail.catalog.prices.explaining import standings
from retail.catalog.prices.folding import fold_prices, turn
from retail.catalog.prices.lists import Price, archive_list, put_list, put_prices
from retail.catalog.prices.reckoning import Ending, Rule
from retail.catalog.prices.rules import PriceList
from retail.catalog.prices.surveying import Choice, Plan, survey
from retail.catalog.prices.undoing import Undone, undo_batch
from retail.catalog.prices.windows import Window
from retail.catalog.snapshot import snapshot
from retail.kit.clock import FixedClock
from retail.kit.errors import Invalid, NotFound
from retail.kit.ids import new_id
from tests.support.days import today
from tests.support.selling import open_counter
from tests.support.web import Site
from tests.support.world import Shop

ALWAYS = Window()
assert jobs.apply_prices  # what is queued is known


def a_list(shop: Shop, **changes: Any) -> PriceList:
    made = {
        "id": new_id(), "name": "Altstadt", "currency": "EUR", "includes_tax": None,
        "stores": frozenset({shop.store}), "group": None, "window": ALWAYS, "priority": 0,
    }  # fmt: skip
    return PriceList(**(made | changes))


async def make(shop: Shop, of: PriceList, *prices: tuple[int, int]) -> UUID:
    await shop.db.run(shop.scope, put_list, of)
    asked = [Price(shop.products[number].id, minor) for number, minor in prices]
    await shop.db.run(shop.scope, put_prices, of.id, asked)
    return of.id


async def copy(shop: Shop, since: int = 0, store: UUID | None = None) -> dict[str, Any]:
    async with shop.db.read(shop.scope) as read:
        return await snapshot(read, since, store)


async def price_at(shop: Shop, number: int, store: UUID) -> int:
    told = await copy(shop, 0, store)
    return int(told["products"]["price"][told["products"]["id"].index(str(shop.products[number].id))])


async def codes(shop: Shop, till: UUID | None = None, **line: Any) -> list[str]:
    counter = await open_counter(shop, till)
    outcome = await counter.sell({"product": str(shop.products[0].id), "quantity": "1", **line})
    assert outcome.sale is not None
    return [one.code for one in outcome.sale.remarks if one.code != "stock_below_zero"]


async def test_a_stores_list_is_what_its_tills_and_sales_go_by_and_other_stores_keep_the_price(shop: Shop) -> None:
    before = (await copy(shop))["version"]
    id = await make(shop, a_list(shop), (0, 399))
    assert (await price_at(shop, 0, shop.store), await price_at(shop, 0, shop.second_store)) == (399, 420)
    delta = await copy(shop, before, shop.store)
    assert (delta["products"]["id"], delta["products"]["price"]) == ([str(shop.products[0].id)], [399])
    assert (await copy(shop, before, shop.second_store))["products"]["id"] == []
    assert await codes(shop, unit_price=399) == []
    await shop.db.run(shop.scope, archive_list, id)
    assert await price_at(shop, 0, shop.store) == 420
    assert (await copy(shop, delta["version"], shop.store))["products"]["price"] == [420]


async def test_a_sale_at_the_old_price_is_stored_with_a_remark(shop: Shop) -> None:
    await make(shop, a_list(shop), (0, 399))
    assert await codes(shop, unit_price=420) == ["price_changed"]


async def test_folding_once_more_changes_nothing(shop: Shop) -> None:
    await make(shop, a_list(shop), (0, 399), (1, 99))
    version = (await copy(shop))["version"]
    assert await shop.db.run(shop.scope, fold_prices, None) == 0
    await shop.db.run(shop.scope, turn)
    assert (await copy(shop))["version"] == version


@pytest.mark.parametrize("hour", [0, 12, 23])
async def test_a_window_that_opens_later_is_told_beforehand_and_holds_after_its_turn(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, hour: int
) -> None:
    monkeypatch.setattr(shop.db, "clock", FixedClock(datetime.now(UTC).replace(hour=hour, minute=30)))
    tomorrow = today(shop, ahead=1)
    await make(shop, a_list(shop, window=Window(tomorrow, tomorrow)), (0, 300))
    told = await copy(shop, 0, shop.store)
    place = told["products"]["id"].index(str(shop.products[0].id))
    assert told["products"]["price"][place] == 420
    later = [(moment.date() if moment.hour else moment, price) for at, moment, price in told["later"] if at == place]
    assert [price for _moment, price in later] == [300, 420]
    async with shop.db.read(shop.scope) as read:
        noon = datetime(tomorrow.year, tomorrow.month, tomorrow.day, 12, tzinfo=UTC)
        then = await standings(read, shop.products[0].id, at=noon)
    assert (then[shop.store].price_minor, then[shop.second_store].price_minor) == (300, 420)


async def test_groups_and_larger_quantities_are_told_to_tills_and_resolved(shop: Shop) -> None:
    staff = a_list(shop, name="Staff", stores=None, group="Staff")
    await make(shop, staff, (0, 300))
    many = a_list(shop, name="Many")
    await shop.db.run(shop.scope, put_list, many)
    await shop.db.run(shop.scope, put_prices, many.id, [Price(shop.products[0].id, 350, Decimal(10))])
    told = await copy(shop, 0, shop.store)
    place = told["products"]["id"].index(str(shop.products[0].id))
    assert told["products"]["price"][place] == 420
    assert told["offers"] == {str(place): [[None, 10_000, 350], ["Staff", 0, 300]]}
    assert told["groups"] == ["Staff"]
    async with shop.db.read(shop.scope) as read:
        found = await standings(read, shop.products[0].id, group="Staff")
    assert found[shop.second_store].price_minor == 300


async def test_a_list_in_another_currency_follows_its_rate(shop: Shop) -> None:
    of = a_list(shop, currency="CHF")
    with pytest.raises(Invalid) as refused:
        await shop.db.run(shop.scope, put_list, of)
    assert list(refused.value.errors) == ["currency"]
    await shop.db.run(shop.scope, put_rate, "CHF", today(shop, ahead=-3), 1_050_000_000)
    await make(shop, of, (0, 400))
    assert await price_at(shop, 0, shop.store) == 420
    await shop.db.run(shop.scope, put_rate, "CHF", today(shop), 1_100_000_000)
    assert await price_at(shop, 0, shop.store) == 440
    async with shop.db.read(shop.scope) as read:
        ids = [row["id"] for row in await read.fetch("SELECT id FROM currency_rate WHERE tenant_id = $1", read.tenant)]
    await shop.db.run(shop.scope, remove_rate, ids[0])
    with pytest.raises(Invalid):
        await shop.db.run(shop.scope, remove_rate, ids[1])


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"stores": frozenset()}, "stores"),
        ({"window": Window(weekdays=0)}, "weekdays"),
        ({"window": Window(from_minute=600)}, "to_time"),
        ({"priority": 1000}, "priority"),
        ({"stores": frozenset({new_id()})}, "stores"),
    ],
)
async def test_a_list_that_cannot_be_is_refused_at_its_field(shop: Shop, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        await shop.db.run(shop.scope, put_list, a_list(shop, **changes))
    assert list(refused.value.errors) == [field]
    async with shop.db.read(shop.scope) as read:
        assert await read.fetchval("SELECT count(*) FROM price_list WHERE tenant_id = $1", read.tenant) == 0


async def test_another_businesss_product_gets_no_price_here(shop: Shop) -> None:
    of = a_list(shop)
    await shop.db.run(shop.scope, put_list, of)
    with pytest.raises(Invalid):
        await shop.db.run(shop.scope, put_prices, of.id, [Price(new_id(), 100)])
    with pytest.raises(NotFound):
        await shop.db.run(shop.scope, put_prices, new_id(), [Price(shop.products[0].id, 100)])


async def test_a_price_to_come_is_told_applied_once_and_kept_as_history(shop: Shop) -> None:
    product, id = shop.products[0].id, new_id()
    at = datetime.now(UTC) + timedelta(hours=2)
    await shop.db.run(shop.scope, history.schedule_price, id, product, 450, at, "Flour")
    told = await copy(shop, 0, shop.store)
    place = told["products"]["id"].index(str(product))
    assert (told["products"]["price"][place], [step[2] for step in told["later"] if step[0] == place]) == (420, [450])
    assert await shop.db.run(shop.scope, apply_due) == 0
    await arrive(shop, id)
    assert await shop.db.run(shop.scope, apply_due) == 1
    assert await shop.db.run(shop.scope, apply_due) == 0
    assert await price_at(shop, 0, shop.store) == 450
    with pytest.raises(ChangeApplied):
        await shop.db.run(shop.scope, history.undo_change, id)
    async with shop.db.read(shop.scope) as read:
        newest = (await history.changes_of(read, product))[0]
    assert (newest.from_minor, newest.to_minor, newest.source, newest.reason) == (420, 450, "schedule", "Flour")


async def test_a_price_to_come_is_taken_back_and_the_past_is_refused(shop: Shop) -> None:
    product, id = shop.products[0].id, new_id()
    at = datetime.now(UTC) + timedelta(hours=2)
    await shop.db.run(shop.scope, history.schedule_price, id, product, 450, at, "")
    await shop.db.run(shop.scope, history.undo_change, id)
    await shop.db.run(shop.scope, history.undo_change, id)
    assert (await copy(shop, 0, shop.store))["later"] == []
    with pytest.raises(LaterInThePast):
        await shop.db.run(
            shop.scope, history.schedule_price, new_id(), product, 1, datetime.now(UTC) - timedelta(1), ""
        )


async def test_a_sale_that_the_till_made_before_the_change_is_no_remark(shop: Shop) -> None:
    """AT, when the sale of `selling` happens, lies before the change."""
    await shop.db.run(shop.scope, history.schedule_price, new_id(), shop.products[0].id, 450, None, "")
    assert await codes(shop, unit_price=420) == []
    assert await codes(shop, shop.second_till, unit_price=430) == ["price_changed"]


async def test_plus_five_percent_to_99_is_looked_at_done_and_undone(shop: Shop) -> None:
    plan = Plan(Rule("percent", 500, Ending(100, 99)), Choice())
    async with shop.db.read(shop.scope) as read:
        looked = await survey(read, plan)
    assert sorted((line.before_minor, line.after.price_minor) for line in looked.lines) == [
        (110, 199), (135, 199), (199, 199), (245, 299), (375, 399), (420, 499),
    ]  # fmt: skip
    assert (looked.changing, looked.staying) == (5, 1)
    id = new_id()
    await shop.db.run(shop.scope, start, id, plan, None, "Autumn")
    assert [await price_at(shop, n, shop.store) for n in range(6)] == [499, 199, 299, 199, 399, 199]
    await shop.db.run(shop.scope, history.schedule_price, new_id(), shop.products[0].id, 555, None, "")
    undone = await shop.db.run(shop.scope, undo_batch, id)
    assert undone == Undone(back=4, kept=1)
    assert [await price_at(shop, n, shop.store) for n in range(6)] == [555, 135, 245, 110, 375, 199]
    with pytest.raises(BatchUndone):
        await shop.db.run(shop.scope, undo_batch, id)


async def test_many_to_come_are_taken_back_as_one(shop: Shop) -> None:
    id, at = new_id(), datetime.now(UTC) + timedelta(days=1)
    await shop.db.run(shop.scope, start, id, Plan(Rule("amount", 10), Choice(text="loaf")), at, "")
    told = await copy(shop, 0, shop.store)
    assert [price for _place, _moment, price in told["later"]] == [430]
    async with shop.db.read(shop.scope) as read:
        assert (await batch(read, id)).state == "waiting"
    assert await shop.db.run(shop.scope, undo_batch, id) == Undone(back=1, kept=0)
    assert (await copy(shop, 0, shop.store))["later"] == []


async def test_nothing_chosen_is_refused_and_nothing_is_kept(shop: Shop) -> None:
    with pytest.raises(NothingChosen):
        await shop.db.run(shop.scope, start, new_id(), Plan(Rule("amount", 10), Choice(text="zzz")), None, "")
    async with shop.db.read(shop.scope) as read:
        assert await read.fetchval("SELECT count(*) FROM price_batch WHERE tenant_id = $1", read.tenant) == 0


async def test_many_in_a_list_follow_the_own_prices(shop: Shop) -> None:
    of = await make(shop, a_list(shop))
    id = new_id()
    await shop.db.run(shop.scope, start, id, Plan(Rule("percent", -1000), Choice(text="loaf"), of), None, "")
    assert (await price_at(shop, 0, shop.store), await price_at(shop, 0, shop.second_store)) == (378, 420)
    await shop.db.run(shop.scope, undo_batch, id)
    assert await price_at(shop, 0, shop.store) == 420


async def arrive(shop: Shop, change: UUID) -> None:
    """Let a change's moment come."""
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute(
            "UPDATE price_change SET effective_at = $3 WHERE tenant_id = $1 AND id = $2", tx.tenant, change, tx.now
        )


async def test_what_a_list_asks_is_told_in_its_own_currency(site: Site, shop: Shop) -> None:
    await shop.db.run(shop.scope, put_rate, "JPY", today(shop, ahead=-3), 6_000_000_000)
    await make(shop, a_list(shop, name="Tokyo", currency="JPY"), (0, 650))
    owner, home = await site.member(shop), f"/t/{shop.tenant.slug}/products"
    for page in (f"{home}/prices/changes", f"{home}/{shop.products[0].id}/prices"):
        told = (await owner.get(page)).text
        assert ("¥650" in told.replace("\xa0", ""), "€6.50" in told) == (True, False), page
    async with shop.db.read(shop.scope) as read:
        (change,) = [
            one for one in (await history.changes(read, limit=9, after=None)).items if one.list_name == "Tokyo"
        ]
    assert (change.currency, change.before, change.after) == ("JPY", "", "650")

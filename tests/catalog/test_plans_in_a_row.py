"""Plans that follow one another: each starts from what the one before it sets, as shown and as a rule makes it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from retail.catalog.prices import history
from retail.catalog.prices.batches import start
from retail.catalog.prices.lists import Price, put_list, put_prices
from retail.catalog.prices.reckoning import Rule
from retail.catalog.prices.rules import PriceList
from retail.catalog.prices.surveying import Choice, Plan, survey
from retail.catalog.prices.windows import Window
from retail.kit.ids import new_id
from tests.support.web import Site
from tests.support.world import Shop

RISE = Rule("percent", 1_000)


def days(number: int) -> datetime:
    return datetime.now(UTC) + timedelta(days=number)


async def planned(shop: Shop, price: int, day: int) -> UUID:
    id = new_id()
    await shop.db.run(shop.scope, history.schedule_price, id, shop.products[0].id, price, days(day), "")
    return id


async def befores(shop: Shop) -> dict[int | None, int | None]:
    """Give of each change of the loaf what it becomes, and what it says that holds before."""
    async with shop.db.read(shop.scope) as read:
        return {one.to_minor: one.from_minor for one in await history.changes_of(read, shop.products[0].id)}


async def test_a_plan_starts_from_the_plan_before_it_in_whatever_order_they_were_made(shop: Shop) -> None:
    await planned(shop, 600, 3)
    first = await planned(shop, 500, 1)
    await planned(shop, 550, 2)
    assert await befores(shop) == {500: 420, 550: 500, 600: 550}
    await shop.db.run(shop.scope, history.undo_change, first)
    assert (await befores(shop))[550] == 420
    async with shop.db.read(shop.scope) as read:
        kept = await read.fetchval(
            "SELECT from_minor FROM price_change WHERE tenant_id = $1 AND to_minor = 550", read.tenant
        )
    assert kept == 500, "what it was to change when it was planned"


async def test_a_percentage_that_is_planned_is_of_the_price_that_will_hold(shop: Shop) -> None:
    await planned(shop, 500, 1)
    choice, id = Choice(text="loaf"), new_id()
    async with shop.db.read(shop.scope) as read:
        then = await survey(read, Plan(RISE, choice, None, days(2)))
        today = await survey(read, Plan(RISE, choice))
    assert [(one.before_minor, one.after.price_minor) for one in then.lines] == [(500, 550)]
    assert [(one.before_minor, one.after.price_minor) for one in today.lines] == [(420, 462)]
    await shop.db.run(shop.scope, start, id, Plan(RISE, choice), days(2), "")
    assert await befores(shop) == {500: 420, 550: 500}


async def test_a_list_that_is_planned_to_change_twice_starts_from_its_own_plan(shop: Shop) -> None:
    of = PriceList(new_id(), "Altstadt", "EUR", None, None, None, Window(), 0)
    await shop.db.run(shop.scope, put_list, of)
    await shop.db.run(shop.scope, put_prices, of.id, [Price(shop.products[0].id, 400)])
    for day, price in ((1, 380), (2, 360)):
        plan = Plan(Rule("exact", price), Choice(text="loaf"), of.id)
        await shop.db.run(shop.scope, start, new_id(), plan, days(day), "")
    assert await befores(shop) == {400: None, 380: 400, 360: 380}
    async with shop.db.read(shop.scope) as read:
        looked = await survey(read, Plan(RISE, Choice(text="loaf"), of.id, days(3)))
    assert [(one.before_minor, one.after.price_minor) for one in looked.lines] == [(360, 462)]


async def test_the_page_of_a_rule_says_what_holds_right_before(site: Site, shop: Shop) -> None:
    owner = await site.member(shop)
    await planned(shop, 500, 1)
    asked = {"kind": "percent", "value": "10", "q": "loaf"}
    path = f"/t/{shop.tenant.slug}/products/prices/batches/preview"
    page = (await owner.get(path, params=asked | {"at": f"{days(2):%Y-%m-%dT%H:%M}"})).text
    assert "Right before" in page
    assert "€5.00" in page
    assert "€5.50" in page
    assert "€4.62" in (await owner.get(path, params=asked)).text

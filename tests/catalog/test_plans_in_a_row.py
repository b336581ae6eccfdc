"""Plans that follow one another: each starts from what the one before it sets, as shown and as a rule makes it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from retail.catalog.prices import history
from retail.catalog.prices.batches import start
from retail.catalog.prices.lists import Price, put_list, put_prices
from retail.catalog.prices.reckoning import Ending, Proposal, Rule, Subject, propose
from retail.catalog.prices.rules import PriceList
from retail.catalog.prices.surveying import Choice, Plan, survey
from retail.catalog.prices.undoing import undo_batch
from retail.catalog.prices.windows import Window
from retail.catalog.products.traits import Traits
from retail.kit.ids import new_id
from tests.support.kits import put
from tests.support.web import Site
from tests.support.world import Shop

RISE = Rule("percent", 1_000)
BEGAN = datetime.now(UTC)


def days(number: int) -> datetime:
    return BEGAN + timedelta(days=number)


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


async def rule(shop: Shop, day: int | None, by: Rule = RISE, of: UUID | None = None) -> UUID:
    id = new_id()
    await shop.db.run(
        shop.scope,
        start,
        id,
        Plan(by, Choice(text="loaf"), of, days(day) if day else None),
        days(day) if day else None,
        "",
    )
    return id


async def ahead(shop: Shop) -> list[int | None]:
    """Give what the loaf's plans make of its price, in their order."""
    async with shop.db.read(shop.scope) as read:
        found = await history.changes_of(read, shop.products[0].id)
    return [
        one.to_minor for one in sorted(found, key=lambda one: (one.effective_at, one.of is None, one.id)) if one.waits
    ]


async def test_planned_percentages_follow_the_price_that_they_rest_on(shop: Shop) -> None:
    given = await planned(shop, 500, 1)
    once = await rule(shop, 2)
    await rule(shop, 3, Rule("percent", 1_000, Ending(100, 99)))
    assert await ahead(shop) == [500, 550, 599]
    await shop.db.run(shop.scope, history.undo_change, given)
    assert await ahead(shop) == [462, 499]
    await shop.db.run(shop.scope, undo_batch, once)
    assert await ahead(shop) == [499]
    await shop.db.run(shop.scope, history.schedule_price, new_id(), shop.products[0].id, 1_000, None, "at once")
    assert await ahead(shop) == [1_099]
    await planned(shop, 2_000, 2)
    assert await ahead(shop) == [2_000, 2_199]
    async with shop.db.read(shop.scope) as read:
        told = await read.fetchval("SELECT count(*) FROM audit_event WHERE action = 'prices.batch_reworked'")
    assert told == 4


async def test_a_change_of_many_prices_at_once_moves_what_is_planned_after_it(shop: Shop) -> None:
    await rule(shop, 2, Rule("amount", 100))
    assert await ahead(shop) == [520]
    at_once = await rule(shop, None)
    assert await ahead(shop) == [562]
    await shop.db.run(shop.scope, undo_batch, at_once)
    assert await ahead(shop) == [520]
    before = await rule(shop, 1)
    assert await ahead(shop) == [462, 562]
    await shop.db.run(shop.scope, undo_batch, before)
    assert await ahead(shop) == [520]


async def test_a_price_typed_on_the_product_moves_what_is_planned_after_it(shop: Shop) -> None:
    bag = await put(shop, "Loaf of cheese", 1_000, Traits())
    await shop.db.run(
        shop.scope, start, new_id(), Plan(RISE, Choice(ids=(bag.id,)), None, days(1)), days(1), "a dearer spring"
    )
    await put(shop, "Loaf of cheese", 2_000, Traits(), id=bag.id)
    async with shop.db.read(shop.scope) as read:
        (one,) = [one for one in await history.changes_of(read, bag.id) if one.waits]
    assert (one.from_minor, one.to_minor) == (2_000, 2_200)


async def test_a_list_of_prices_move_them_too(site: Site, shop: Shop) -> None:
    of = PriceList(new_id(), "Altstadt", "EUR", None, None, None, Window(), 0)
    await shop.db.run(shop.scope, put_list, of)
    await rule(shop, 2, RISE, of.id)
    await rule(shop, 2, Rule("exact", 600))
    assert await ahead(shop) == [660, 600], "a list's follow the products' own of the same moment"
    await rule(shop, 3)
    await shop.db.run(shop.scope, history.schedule_price, new_id(), shop.products[0].id, 300, None, "")
    assert await ahead(shop) == [660, 600, 660], "what sets one price rests on nothing"


async def test_a_margin_and_one_price_stay_as_they_were_planned(shop: Shop) -> None:
    await rule(shop, 1, Rule("exact", 333))
    await rule(shop, 2, Rule("margin", 5_000))
    before = await ahead(shop)
    await shop.db.run(shop.scope, history.schedule_price, new_id(), shop.products[0].id, 900, None, "")
    assert await ahead(shop) == before


def test_a_part_of_nothing_is_nothing_whatever_the_ending() -> None:
    nothing = Subject(0, Decimal(0), 70_000, True)
    assert propose(Rule("percent", 1_000, Ending(100, 99)), nothing) == Proposal(0)
    assert propose(Rule("amount", 100, Ending(100, 99)), nothing) == Proposal(99)

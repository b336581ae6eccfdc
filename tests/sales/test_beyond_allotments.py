"""What a till sold of scarce goods beyond its share is found when it arrives, and kept."""

from __future__ import annotations

from datetime import timedelta

from retail.kit.clock import FixedClock
from retail.kit.ids import new_id
from retail.sales import listing
from retail.sales.setup import setup
from retail.stock.allotting.operations import mark_scarce, set_shares, work_out
from retail.stock.allotting.queries import articles
from retail.tenants.settings_changes import change
from tests.sales.test_beyond_limits import HOUR, arrive, clock, device, sell
from tests.support.enrolled import SigningDevice
from tests.support.shelves import stocked
from tests.support.world import Shop

__all__ = ["clock", "device"]
BEYOND = "beyond_allotment"


async def share(shop: Shop, milli: int) -> None:
    """Give the first till so much of the first article, by hand."""
    id = new_id()
    await stocked(shop, "50")
    await shop.db.run(shop.scope, mark_scarce, id, shop.store, shop.products[0].id, "hand")
    await shop.db.run(shop.scope, set_shares, id, "hand", {shop.till: milli}, 1)


async def test_the_till_hears_its_share_and_up_to_where_it_counts(device: SigningDevice, clock: FixedClock) -> None:
    shop = device.shop
    async with shop.db.read(shop.scope) as read:
        assert (await setup(read, shop.till))["allotments"] is None
    await share(shop, 2_000)
    async with shop.db.read(shop.scope) as read:
        told = (await setup(read, shop.till))["allotments"]
    assert told == {"device": device.id, "seq": 1, "shares": {str(shop.products[0].id): "2"}}


async def test_the_first_sale_beyond_the_share_is_told_and_all_are_kept(
    device: SigningDevice, clock: FixedClock
) -> None:
    shop = device.shop
    await share(shop, 2_000)
    await shop.db.run(shop.scope, change, {"allotment_then": "warn"})
    begun = clock.at
    clock.advance(5 * HOUR)
    sell(device, begun + HOUR)
    assert await arrive(device) == [[]]
    await shop.db.run(shop.scope, work_out, [(shop.store, shop.products[0].id)])
    for minutes in (1, 2, 3):
        sell(device, begun + HOUR + timedelta(minutes=minutes))
    assert await arrive(device) == [[], [BEYOND], []], "over both deliveries; told once"
    async with shop.db.read(shop.scope) as read:
        (told,) = [one for one in (await listing.exceptions(read, limit=20)).items if one.remark.code == BEYOND]
        (article,) = (await articles(read, limit=5)).items
    assert (told.remark.facts["sold"], told.remark.facts["share"]) == ("3", "2")
    assert "sold 3 of" in told.remark.sentence(str)
    assert [till.late for till in article.tills if till.till == shop.till] == [4]


async def test_where_a_manager_was_to_be_asked_and_nobody_was_it_is_told(
    device: SigningDevice, clock: FixedClock
) -> None:
    shop = device.shop
    await share(shop, 0)
    begun = clock.at
    clock.advance(5 * HOUR)
    sell(device, begun + HOUR)
    assert await arrive(device) == [[BEYOND]]


async def test_what_is_sold_online_is_never_beyond(device: SigningDevice, clock: FixedClock) -> None:
    await share(device.shop, 0)
    sell(device, clock.at)
    assert await arrive(device) == [[]]

"""The value of the stock is whole while goods are between two stores."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from retail.kit.clock import FixedClock
from retail.kit.ids import new_id
from retail.stock.costing.between import Between, value_between
from retail.stock.costing.valuation import value_by_store
from retail.stock.transfers.operations import cancel
from retail.stock.transfers.receiving import Found, decide, receive
from tests.support.shelves import all_holds, lines_of, sent, stocked
from tests.support.stockroom import AT
from tests.support.web import Site, site
from tests.support.world import Shop

__all__ = ["site"]

D = Decimal


async def test_what_was_sent_and_what_is_missing_are_part_of_the_value_then_and_now(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stocked(shop, "10")
    clock = FixedClock(AT + timedelta(hours=1))
    monkeypatch.setattr(shop.db, "clock", clock)
    moments = [clock.now()]
    clock.advance(timedelta(hours=1))
    id = await sent(shop, (0, "6", ""))
    moments.append(clock.now())
    clock.advance(timedelta(hours=1))
    [line] = await lines_of(shop, id)
    await shop.db.run(shop.scope, receive, id, new_id(), {line.line.id: Found(D(4))})
    moments.append(clock.now())
    clock.advance(timedelta(hours=1))
    await shop.db.run(shop.scope, decide, id, {line.line.id: "receiver"}, "dropped")
    moments.append(clock.now())
    clock.advance(timedelta(hours=1))
    back = await sent(shop, (0, "1", ""))
    moments.append(clock.now())
    clock.advance(timedelta(hours=1))
    await shop.db.run(shop.scope, cancel, back, "van broke down")
    moments.append(clock.now())
    told = []
    async with shop.db.read(shop.scope) as read:
        for at in moments:
            between = await value_between(read, at)
            assert between is not None
            told.append((between, between.value + sum(one.value for one in await value_by_store(read, at))))
    way = Between(0, 0)
    assert told == [
        (way, 500), (Between(300, 0), 500), (Between(0, 100), 500), (way, 400), (Between(50, 0), 400), (way, 400)
    ]  # fmt: skip
    await all_holds(shop)


async def test_the_page_and_the_answer_say_what_is_on_the_way(shop: Shop, site: Site) -> None:
    await stocked(shop, "10")
    id = await sent(shop, (0, "6", ""))
    owner, home = await site.member(shop), f"/t/{shop.tenant.slug}"
    page = (await owner.get(f"{home}/stock/valuation")).text
    assert "On the way between stores" in page
    assert "€3.00" in page.partition('id="on-the-way"')[2].partition("</tr>")[0]
    assert "€5.00" in page.partition('id="value-total"')[2][:80]
    answer = (await owner.get(f"{home}/api/v1/stock/valuation")).json()
    assert (answer["value"], answer["on_the_way"], answer["unsettled"]) == (200, 300, 0)
    one = f"?store={shop.store}"
    alone = (await owner.get(f"{home}/stock/valuation{one}")).text
    assert ('id="on-the-way"' in alone, "they stand under all stores" in alone) == (False, True)
    answer = (await owner.get(f"{home}/api/v1/stock/valuation{one}")).json()
    assert (answer["value"], answer["on_the_way"], answer["unsettled"]) == (200, None, None)
    [line] = await lines_of(shop, id)
    await shop.db.run(shop.scope, receive, id, new_id(), {line.line.id: Found(D(4))})
    page = (await owner.get(f"{home}/stock/valuation")).text
    assert "€1.00" in page.partition('id="unsettled"')[2].partition("</tr>")[0]
    assert "€5.00" in page.partition('id="value-total"')[2][:80]

"""More arrives than was sent: it is asked once, called what it is, and decided in words that fit."""

from __future__ import annotations

import html

from retail.kit.ids import new_id
from tests.support.shelves import all_holds, lines_of, sent, stocked
from tests.support.stockroom import D, balances, on_hand
from tests.support.web import Site, site
from tests.support.world import Shop

__all__ = ["site"]


async def test_more_than_was_sent_is_asked_once_and_decided_as_a_surplus(shop: Shop, site: Site) -> None:
    await stocked(shop, "20")
    id = await sent(shop, (0, "10", ""))
    (line,) = await lines_of(shop, id)
    owner = await site.member(shop)
    page = f"/t/{shop.tenant.slug}/stock/transfers/{id}"
    more = {"id": str(new_id()), f"arrived-{line.line.id}": "12"}
    asked = await owner.post(f"{page}/receipt", data=more)
    assert (asked.status_code, "2 more than were sent." in asked.text) == (422, True)
    assert 'name="beyond"' in asked.text
    assert await on_hand(shop, store=shop.second_store) == D(0)
    before = await balances(shop)
    assert (await owner.post(f"{page}/receipt", data=more | {"beyond": "on"})).status_code == 303
    assert await on_hand(shop, store=shop.second_store) == D(12)
    shown = html.unescape((await owner.get(page)).text)
    for words in ("Difference", "2 too many", "take it off the sender's shelf", "Found: a gain in the books of"):
        assert words in shown, words
    assert ("bears it" in shown, "It never left" in shown) == (False, False)
    decided = {f"line-{line.line.id}": "receiver", "reason": "counted twice"}
    assert (await owner.post(f"{page}/decision", data=decided)).status_code == 303
    gained = (await balances(shop)).get("stock_difference", 0) - before.get("stock_difference", 0)
    assert gained == -100, "a gain, as it says: two at 0.50"
    assert "Found by" in (await owner.get(page)).text
    await all_holds(shop)


async def test_what_is_missing_is_not_asked_about(shop: Shop, site: Site) -> None:
    await stocked(shop, "20")
    id = await sent(shop, (0, "10", ""))
    (line,) = await lines_of(shop, id)
    owner = await site.member(shop)
    page = f"/t/{shop.tenant.slug}/stock/transfers/{id}"
    data = {"id": str(new_id()), f"arrived-{line.line.id}": "8"}
    assert (await owner.post(f"{page}/receipt", data=data)).status_code == 303
    shown = html.unescape((await owner.get(page)).text)
    assert ("2 missing" in shown, "bears it" in shown, "Found:" in shown) == (True, True, False)

"""After a decision a transfer's page says what became of each difference, who bears it, and what it comes to."""

from __future__ import annotations

import re

import pytest

from retail.identity.holders import who_may
from retail.kit.ids import new_id
from retail.stock.transfers.receiving import Found, decide, receive
from tests.support.shelves import D, lines_of, sent, stocked
from tests.support.web import Site, site
from tests.support.world import Shop

__all__ = ["site"]


@pytest.mark.parametrize(
    ("found", "decision", "said"),
    [
        (
            Found(D(4), D(1)),
            "shelf",
            ["1 broken: wasted by Altstadt, €2.83", "1 missing: back on the shelf of Altstadt"],
        ),
        (Found(D(3), D(1)), "receiver", ["1 broken: wasted by Hafen, €2.83", "2 missing: lost by Hafen, €5.66"]),
        (Found(D(5)), "sender", ["1 missing: lost by Altstadt, €2.83"]),
        (Found(D(7)), "shelf", ["1 too many: off the shelf of Altstadt"]),
        (Found(D(7)), "receiver", ["1 too many: found by Hafen, €2.83"]),
        (Found(D(7), D(1)), "sender", ["1 broken: wasted by Altstadt, €2.83", "2 too many: found by Altstadt, €5.66"]),
    ],
)
async def test_a_decided_line_says_what_became_of_it_and_who_bears_it(
    shop: Shop, site: Site, found: Found, decision: str, said: list[str]
) -> None:
    await stocked(shop, "10", cost="283")
    id = await sent(shop, (0, "6", ""))
    [line] = await lines_of(shop, id)
    await shop.db.run(shop.scope, receive, id, new_id(), {line.line.id: found})
    owner, clerk = await site.member(shop), await site.member(shop, "clerk")
    at = f"/t/{shop.tenant.slug}/stock/transfers/{id}"
    assert outcomes_in((await owner.get(at)).text) == []
    await shop.db.run(shop.scope, decide, id, {line.line.id: decision}, "looked twice")
    page = (await owner.get(at)).text
    assert outcomes_in(page) == said
    assert "Transfer no. 1 from Altstadt" in page
    assert outcomes_in((await clerk.get(at)).text) == [one.split(", ")[0] for one in said]


async def test_the_page_of_waste_says_where_to_find_what_broke_on_the_way(shop: Shop, site: Site) -> None:
    await stocked(shop, "10")
    await sent(shop, (0, "6", ""))
    owner, home = await site.member(shop), f"/t/{shop.tenant.slug}/stock"
    page = (await owner.get(f"{home}/waste")).text
    assert "What broke on the way between two stores is waste in the books too." in page
    assert "Broken between stores" not in page
    assert f'href="{home}/transfers?state=received"' in page
    assert "No. 1 from Altstadt" in (await owner.get(f"{home}/transfers")).text


def outcomes_in(page: str) -> list[str]:
    words = [re.sub(r"<[^>]+>", "", one) for one in re.findall(r'<p class="muted sm">(.*?)</p>', page, re.S)]
    return [one for one in words if re.match(r"[\d.]+ (broken|missing|too many):", one)]


async def test_who_may_not_receive_is_told_which_right_it_takes_and_whom_to_ask(shop: Shop, site: Site) -> None:
    await stocked(shop, "10")
    id = await sent(shop, (0, "6", ""))
    clerk, manager = await site.member(shop, "clerk"), await site.member(shop, "manager")
    at = f"/t/{shop.tenant.slug}/stock/transfers/{id}"
    page = (await clerk.get(at)).text
    assert "Receiving it in Hafen takes the right “Receive, count, transfer and write off stock”. Ask " in page
    async with shop.db.read(shop.scope) as read:
        names = await who_may(read, "move_stock", shop.second_store)
        assert await who_may(read, "manage_billing", shop.second_store) == []  # of those who work here
    assert len(names) == 1
    assert f"Ask {', '.join(names)}." in page
    assert "Receiving it in" not in (await manager.get(at)).text


async def test_what_the_senders_shelf_lacks_is_told_at_its_line(shop: Shop, site: Site) -> None:
    for product in (0, 1):
        await stocked(shop, "6", product)
    id = await sent(shop, (0, "6", ""), (1, "4", ""))
    first, second = await lines_of(shop, id)
    found = {first.line.id: Found(D(8)), second.line.id: Found(D(3))}
    await shop.db.run(shop.scope, receive, id, new_id(), found)
    owner, at = await site.member(shop), f"/t/{shop.tenant.slug}/stock/transfers/{id}"
    form = {f"line-{first.line.id}": "shelf", f"line-{second.line.id}": "shelf", "reason": "looked twice"}
    answer = await owner.post(f"{at}/decision", data=form)
    assert answer.status_code == 422
    told = re.search(rf'id="line-{first.line.id}-error">(.*?)</p>', answer.text, re.DOTALL)
    assert told is not None
    assert "Only 0 on hand, 2 wanted." in told[1]
    assert f'id="line-{second.line.id}-error"' not in answer.text


async def test_lines_of_a_transfer_come_page_by_page(shop: Shop, site: Site) -> None:
    for product in range(3):
        await stocked(shop, "6", product)
    id = await sent(shop, *((product, "2", "") for product in (2, 0, 1)))
    owner, at = await site.member(shop), f"/t/{shop.tenant.slug}/api/v1/stock/transfers"
    first = (await owner.get(f"{at}/{id}/lines?limit=2")).json()
    rest = (await owner.get(f"{at}/{id}/lines?limit=2&after={first['next']}")).json()
    assert rest["next"] is None
    products = [one["product"] for one in first["items"] + rest["items"]]
    assert products == [str(shop.products[product].id) for product in (2, 0, 1)]
    assert (await owner.get(f"{at}/{id}")).json()["lines"] == 3
    assert (await owner.get(f"{at}/{new_id()}/lines")).status_code == 404


async def test_what_broke_between_stores_is_a_line_of_its_own_in_the_sums_of_waste(shop: Shop, site: Site) -> None:
    await stocked(shop, "10", cost="283")
    id = await sent(shop, (0, "6", ""))
    [line] = await lines_of(shop, id)
    await shop.db.run(shop.scope, receive, id, new_id(), {line.line.id: Found(D(4), D(2))})
    await shop.db.run(shop.scope, decide, id, {line.line.id: "receiver"}, "dropped")
    owner, at = await site.member(shop), f"/t/{shop.tenant.slug}/stock/waste"
    page = " ".join((await owner.get(at)).text.split())
    assert re.search(r"Broken between stores .*?1</span></span><span class=\"num\">€5\.66<", page)
    assert "Broken between stores" in (await owner.get(f"{at}?store={shop.second_store}")).text
    assert "Broken between stores" not in (await owner.get(f"{at}?store={shop.store}")).text
    clerk = await site.member(shop, "clerk")
    assert "Broken between stores" not in (await clerk.get(at)).text

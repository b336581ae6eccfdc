"""After a decision a transfer's page says what became of each difference, who bears it, and what it comes to."""

from __future__ import annotations

import re

import pytest

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
    assert f'href="{home}/transfers?state=received"' in page
    assert "No. 1 from Altstadt" in (await owner.get(f"{home}/transfers")).text


def outcomes_in(page: str) -> list[str]:
    words = [re.sub(r"<[^>]+>", "", one) for one in re.findall(r'<p class="muted sm">(.*?)</p>', page, re.S)]
    return [one for one in words if re.match(r"[\d.]+ (broken|missing|too many):", one)]

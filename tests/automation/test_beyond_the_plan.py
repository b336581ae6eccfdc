"""A file with more new products than the plan has room for: what fits, what waits, what to do, and nothing is lost."""

from __future__ import annotations

import re

from retail.catalog.operations import Draft, put_products
from retail.identity.permissions import EDIT_CATALOGUE, IMPORT
from retail.kit.ids import new_id
from tests.automation.conftest import Exchange
from tests.support.web import Site
from tests.support.working import work_off

HEAD = "sku,name,price,tax_class\n"


async def nearly_full(exchange: Exchange) -> None:
    """Take the smallest plan, 250 products for each of two stores, and leave room for two."""
    shop = exchange.shop
    await shop.db.run(shop.scope, put_products, [Draft(new_id(), f"Q-{n}", "Old", shop.reduced, 1) for n in range(492)])
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute("UPDATE tenant SET plan = 'starter' WHERE id = $1", tx.tenant)


async def room_for_all(exchange: Exchange) -> None:
    async with exchange.shop.db.begin(exchange.shop.scope) as tx:
        largest = "(SELECT key FROM plan WHERE products_per_store IS NULL LIMIT 1)"
        await tx.execute(f"UPDATE tenant SET plan = {largest} WHERE id = $1", tx.tenant)


async def test_the_page_says_what_fits_and_the_file_is_checked_again_when_there_is_room(
    site: Site, exchange: Exchange
) -> None:
    await nearly_full(exchange)
    shop = exchange.shop
    owner, home = await site.member(shop), f"/t/{shop.tenant.slug}"
    run = await exchange.check(HEAD + "\n".join(f"P-{n},Thing {n},1,R" for n in range(5)))
    page = f"{home}/products/imports/{run.id}"
    text = (await owner.get(page)).text
    for said in (
        "3 new products have no room in your plan.",
        "2 new products of the file fit.",
        "Your plan Starter has room for 500 products, 250 per store; 498 are on sale.",
        "Take a larger plan, or take products off sale.",
        "Nothing of the file is lost: it stays here as it is. Then check it again.",
        "All other rows are good: store them now, or wait until there is room for all.",
        "Store the 2 good rows",
    ):
        assert said in text, said
    assert f'href="{home}/billing"' in text
    assert "Correct them and hand the file in again" not in text
    again = text.partition(f'action="{page}/columns"')[2].partition("</form>")[0]
    form = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', again))
    await room_for_all(exchange)
    assert (await owner.post(f"{page}/columns", data=form)).status_code == 303
    await work_off(shop.db, shop.tenant.id)
    checked = await exchange.run(run.id)
    assert (checked.stage, checked.new_count, checked.refused_count) == ("checked", 5, 0)
    assert "no room in your plan" not in (await owner.get(page)).text


async def test_after_storing_the_rest_is_told_and_handed_in_again(site: Site, exchange: Exchange) -> None:
    await nearly_full(exchange)
    shop = exchange.shop
    owner, home = await site.member(shop), f"/t/{shop.tenant.slug}"
    run = await exchange.check(HEAD + "\n".join(f"P-{n},Thing {n},1,R" for n in range(3)) + "\nP-9,,1,R\n")
    await exchange.store(run.id, whole=False)
    page = f"{home}/products/imports/{run.id}"
    text = (await owner.get(page)).text
    for said in (
        "1 new product has no room in your plan.",
        "2 new products are stored.",
        "Nothing of the file is lost: then hand the refused rows in again, which you get below as CSV.",
        "Refused rows as CSV",
    ):
        assert said in text, said
    assert "Check the file again" not in text
    report = (await owner.get(f"{page}/report")).text
    assert "P-2" in report
    await room_for_all(exchange)
    rest = await exchange.check(report)
    assert (rest.new_count, rest.refused_count) == (1, 1)


async def test_who_may_not_change_the_plan_is_told_whom_to_ask(site: Site, exchange: Exchange) -> None:
    await nearly_full(exchange)
    shop = exchange.shop
    run = await exchange.check(HEAD + "\n".join(f"P-{n},Thing {n},1,R" for n in range(3)))
    helper = await site.holder(shop, IMPORT, EDIT_CATALOGUE)
    text = (await helper.get(f"/t/{shop.tenant.slug}/products/imports/{run.id}")).text
    assert "Ask whoever looks after the subscription for a larger plan" in text
    assert "See the plans" not in text

"""The forecast of one product is found: from its page, from lists, by its name; and sections keep what was chosen."""

from __future__ import annotations

from retail.foresight.asking import PATH, wanted_in
from retail.runtime.web.asked import Asked
from tests.foresight.conftest import forecast_now
from tests.support.shelves import stocked
from tests.support.web import Site
from tests.support.world import Shop


async def test_a_product_without_a_store_is_that_of_the_store_that_sells_most_of_it(traded: Shop, site: Site) -> None:
    await forecast_now(traded)
    loaf = traded.products[0]
    async with traded.db.read(traded.scope) as read:
        wanted = await wanted_in(read, Asked(PATH, {"product": str(loaf.id)}))
    assert (wanted.store, wanted.level) == (traded.store, "product")
    owner, base = await site.member(traded), f"/t/{traded.tenant.slug}"
    page = (await owner.get(f"{base}/analytics/forecast?product={loaf.id}")).text
    assert "Likely in 30 days" in page
    assert f"{loaf.name} in " in page
    never = (await owner.get(f"{base}/analytics/forecast?product={traded.products[4].id}")).text
    assert "It sold nothing in the last 91 days" in never


async def test_links_lead_to_it_from_the_product_the_products_table_and_to_order(traded: Shop, site: Site) -> None:
    await forecast_now(traded)
    await stocked(traded, "2")
    loaf, owner, base = traded.products[0].id, await site.member(traded), f"/t/{traded.tenant.slug}"
    link = f"{base}/analytics/forecast?product={loaf}"
    for path in (f"/products/{loaf}", "/analytics/products", "/stock/suggestions"):
        assert link in (await owner.get(base + path)).text.replace("&amp;", "&"), path


async def test_a_product_is_found_by_its_name_and_by_its_code_and_what_is_not_there_is_said(
    traded: Shop, site: Site
) -> None:
    await forecast_now(traded)
    loaf, owner, at = traded.products[0], await site.member(traded), f"/t/{traded.tenant.slug}{PATH}"
    for typed in (loaf.name, loaf.sku):
        page = (await owner.get(at, params={"q": typed, "days": "7"})).text.replace("&amp;", "&")
        assert f"{at}?days=7&product={loaf.id}" in page
    assert "No product is called so" in (await owner.get(at, params={"q": "zzzz"})).text


async def test_sections_keep_store_and_product_and_time(traded: Shop, site: Site) -> None:
    loaf, owner, base = traded.products[0].id, await site.member(traded), f"/t/{traded.tenant.slug}"
    kept = f"store={traded.store}&product={loaf}"
    for section in ("", "/insights", "/sales", "/forecast", "/unusual", "/customers", "/products"):
        page = (await owner.get(f"{base}/analytics{section}?{kept}&against=year")).text.replace("&amp;", "&")
        for other in ("/sales", "/forecast", "/products"):
            assert f'"{base}/analytics{other}?against=year&{kept}"' in page, (section, other)

"""What is suggested goes by the preferred supplier's terms where no rule says otherwise, names it, and is narrowed."""

from __future__ import annotations

from decimal import Decimal

import pytest

from retail.catalog.suppliers.operations import archive_supplier
from retail.stock.reordering.operations import NewRule, set_rule
from retail.stock.reordering.queries import Suggested, suggestions
from tests.support.shelves import stocked
from tests.support.vendors import a_supplier, sells
from tests.support.web import Site, make_site
from tests.support.world import Shop


async def wanted(shop: Shop, **narrowed: object) -> list[Suggested]:
    async with shop.db.read(shop.scope) as read:
        return await suggestions(read, **narrowed)  # type: ignore[arg-type]


async def test_the_preferred_suppliers_terms_are_the_defaults_under_the_rules(shop: Shop) -> None:
    await stocked(shop, "2")
    plain = (await wanted(shop))[0]
    assert (plain.supplier, plain.supplier_name, plain.suggestion.packs) == (None, "", None)
    mill = await a_supplier(shop, "Mill", lead_days=9)
    product = await sells(shop, mill, pack_quantity=Decimal(12), min_order_quantity=Decimal(30), cost=Decimal("99.5"))
    one = (await wanted(shop))[0]
    assert (one.supplier, one.supplier_name, one.unit_cost) == (mill, "Mill", Decimal("99.5"))
    assert (one.need.lead_days, one.suggestion.packs, one.suggestion.order) == (9, 3, Decimal(36))
    assert one.suggestion.raised_to_minimum
    await sells(shop, mill, pack_quantity=Decimal(12), lead_days=2)
    assert (await wanted(shop))[0].need.lead_days == 2
    await shop.db.run(shop.scope, set_rule, NewRule(product, None, pack_quantity=Decimal(5)))
    assert (await wanted(shop))[0].suggestion.order == Decimal(10), "two packs of five"
    await shop.db.run(shop.scope, set_rule, NewRule(product, shop.store, lead_days=7, pack_quantity=Decimal(4)))
    store = (await wanted(shop))[0]
    assert (store.need.lead_days, store.suggestion.order) == (7, Decimal(8))


async def test_only_a_preferred_supplier_in_use_counts_and_foreign_money_is_no_cost(shop: Shop) -> None:
    await stocked(shop, "2")
    before = (await wanted(shop))[0]
    mill = await a_supplier(shop, "Mill", currency="CHF")
    await sells(shop, mill, pack_quantity=Decimal(12), cost=Decimal(5), preferred=False)
    assert (await wanted(shop))[0] == before
    await sells(shop, mill, pack_quantity=Decimal(12), cost=Decimal(5), preferred=True)
    named = (await wanted(shop))[0]
    assert (named.supplier_name, named.unit_cost) == ("Mill", before.unit_cost)
    await shop.db.run(shop.scope, archive_supplier, mill)
    assert (await wanted(shop))[0] == before


@pytest.fixture
async def owners_page(shop: Shop) -> str:
    return f"/t/{shop.tenant.slug}/stock/suggestions"


async def test_the_list_names_suppliers_and_is_narrowed_to_one(shop: Shop, owners_page: str) -> None:
    site: Site = make_site(shop.db)
    owner = await site.member(shop)
    await stocked(shop, "2", 0)
    await stocked(shop, "2", 1)
    mill, dairy = await a_supplier(shop, "Mill"), await a_supplier(shop, "Dairy")
    loaf, milk = await sells(shop, mill, 0), await sells(shop, dairy, 1)
    page = (await owner.get(owners_page)).text
    assert all(f"/products/suppliers/{id}" in page for id in (mill, dairy))
    assert [one.product for one in await wanted(shop, supplier=mill)] == [loaf]
    narrowed = (await owner.get(f"{owners_page}?supplier={dairy}")).text
    assert f"/stock/{milk}" in narrowed
    assert f"/stock/{loaf}" not in narrowed
    assert (await owner.get(f"{owners_page}?supplier={loaf}")).status_code == 422
    file = (await owner.get(f"{owners_page}/export?supplier={mill}")).text
    assert [line.split(",")[8] for line in file.splitlines()[:2]] == ["supplier", "Mill"]
    rules = (await owner.get(f"/t/{shop.tenant.slug}/stock/{loaf}/rules")).text
    assert "Usually from Mill" in rules
    await site.close()

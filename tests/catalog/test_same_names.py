"""Names of categories are their own place's: Men > Shoes beside Women > Shoes; and how a category is removed."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from retail.catalog import queries
from retail.catalog.errors import CategoryHolds, CategoryInUse, CategoryTaken
from retail.catalog.operations import add_category, archive_product, change_category, put_products, remove_category
from retail.catalog.products.drafting import draft_of
from retail.catalog.products.placing import place_category
from retail.catalog.products.tree import Spot
from retail.catalog.snapshot import snapshot
from retail.kit.errors import Invalid
from retail.kit.ids import new_id
from tests.support.web import Site
from tests.support.world import Shop


async def grow(shop: Shop) -> dict[str, UUID]:
    """Make Men and Women with Shoes in both."""
    ids = {name: new_id() for name in ("Men", "Women", "Men > Shoes", "Women > Shoes")}
    async with shop.db.begin(shop.scope) as tx:
        for path, id in ids.items():
            above, _sign, name = path.rpartition(" > ")
            await add_category(tx, id, name, 10, None, ids[above] if above else None)
    return ids


async def test_one_name_stands_in_two_places_and_once_in_each(shop: Shop) -> None:
    ids = await grow(shop)
    async with shop.db.read(shop.scope) as read:
        found = {one.id: one for one in await queries.categories(read)}
        copy = await snapshot(read, 0)
    assert [found[id].called for id in ids.values()] == list(ids)
    assert found[ids["Men > Shoes"]].indented == "\u2003Men > Shoes"
    assert [one["name"] for one in copy["categories"]] == [
        "Groceries", "Men", "Men > Shoes", "Women", "Women > Shoes",
    ]  # fmt: skip
    for parent, name in ((ids["Men"], "shoes"), (None, "MEN")):
        with pytest.raises(CategoryTaken):
            await shop.db.run(shop.scope, add_category, new_id(), name, 10, None, parent)
    with pytest.raises(Invalid) as met:
        await shop.db.run(shop.scope, place_category, ids["Men > Shoes"], Spot(ids["Women"]))
    assert met.value.errors["parent"][0].startswith("There is a category Shoes in that place already.")
    await shop.db.run(shop.scope, change_category, ids["Men > Shoes"], "Boots", 10, 1)
    await shop.db.run(shop.scope, place_category, ids["Men > Shoes"], Spot(ids["Women"]))
    with pytest.raises(CategoryTaken):
        await shop.db.run(shop.scope, change_category, ids["Men > Shoes"], "SHOES", 10, 1)


async def test_a_form_renames_and_moves_at_once_by_the_names_of_the_new_place(site: Site, shop: Shop) -> None:
    ids = await grow(shop)
    owner, home = await site.member(shop), f"/t/{shop.tenant.slug}/products/categories"
    page = f"{home}/{ids['Men > Shoes']}"
    form = {"name": "Shoes", "hue": "55", "parent": str(ids["Women"])}
    taken = await owner.post(page, data=form)
    assert (taken.status_code, "Another category has this name in the same place." in taken.text) == (422, True)
    assert (await owner.post(page, data=form | {"name": "Sandals"})).status_code == 303
    assert (await owner.post(home, data={"name": "Shoes", "hue": "55", "parent": str(ids["Men"])})).status_code == 303


async def test_a_category_is_removed_when_it_is_empty_or_after_its_products_moved(shop: Shop) -> None:
    ids = await grow(shop)
    loaf = shop.products[0].id
    await shop.db.run(shop.scope, archive_product, loaf)
    with pytest.raises(CategoryInUse) as used:
        await shop.db.run(shop.scope, remove_category, shop.category)
    assert used.value.products == len(shop.products)
    with pytest.raises(CategoryHolds) as holds:
        await shop.db.run(shop.scope, remove_category, ids["Men"])
    assert holds.value.sentence().startswith("1 other category lies in this one.")
    for wrong in (shop.category, new_id()):
        with pytest.raises(Invalid):
            await shop.db.run(shop.scope, remove_category, shop.category, wrong)
    async with shop.db.read(shop.scope) as read:
        version = (await snapshot(read, 0))["version"]
    await shop.db.run(shop.scope, remove_category, shop.category, ids["Men"])
    async with shop.db.read(shop.scope) as read:
        delta = await snapshot(read, version)
        assert (await queries.product(read, loaf)).category == ids["Men"]
        told = await read.fetch(
            "SELECT action FROM audit_event WHERE tenant_id = $1 AND action IN ('category.removed', 'product.put')",
            read.tenant,
        )
    assert str(shop.category) not in {one["id"] for one in delta["categories"]}
    assert len(delta["products"]["id"]) == len(shop.products)
    assert [row["action"] for row in told].count("category.removed") == 1
    assert len(told) >= 1 + len(shop.products)


async def test_the_page_says_what_is_inside_and_moves_it_in_one_step(site: Site, shop: Shop) -> None:
    ids = await grow(shop)
    owner, home = await site.member(shop), f"/t/{shop.tenant.slug}/products/categories"
    page = (await owner.get(f"{home}/{shop.category}/edit")).text
    assert "6 products are in it, on sale or off." in page
    assert "1 other category lies in this one." in (await owner.get(f"{home}/{ids['Men']}/edit")).text
    await owner.post(f"{home}/{shop.category}/removal", data={"to": str(ids["Women"])})
    async with shop.db.read(shop.scope) as read:
        assert shop.category not in {one.id for one in await queries.categories(read)}
        assert (await queries.product(read, shop.products[0].id)).category == ids["Women"]


async def test_a_category_that_was_counted_can_be_removed(shop: Shop) -> None:
    other = new_id()
    async with shop.db.begin(shop.scope) as tx:
        await add_category(tx, other, "Other", 10)
        draft = draft_of(await queries.product(tx, shop.products[0].id))
        await put_products(tx, [replace(draft, category=other)])
        await tx.execute(
            """INSERT INTO stock_count (tenant_id, id, store_id, name, kind, classes, category_id, blind, uncounted,
                                        started_at, started_by_name)
               VALUES ($1, $2, $3, 'Some', 'some', '{}', $4, false, 'keep', $5, 'Ann')""",
            tx.tenant, new_id(), shop.store, other, tx.now,
        )  # fmt: skip
        await remove_category(tx, other, shop.category)
    async with shop.db.read(shop.scope) as read:
        assert await read.fetchval("SELECT category_id FROM stock_count WHERE tenant_id = $1", read.tenant) is None

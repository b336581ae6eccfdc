"""Upper and lower case make no other SKU: no second product comes up by accident, and one rule finds it everywhere."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from retail.analytics.finding import wares
from retail.catalog import operations, queries
from retail.catalog.codes.finding import find
from retail.catalog.codes.skus import BySku, small
from retail.catalog.errors import SkuTaken
from retail.catalog.products.reading import by_codes
from retail.kit.errors import Invalid
from retail.kit.ids import new_id
from retail.stock.scanning import scanned
from tests.support.web import Site
from tests.support.world import Shop


def tea(shop: Shop, sku: str = "Tea-1", name: str = "Green tea") -> operations.Draft:
    return operations.Draft(new_id(), sku, name, shop.reduced, 249)


async def two_from_before(shop: Shop) -> tuple[operations.Draft, operations.Draft]:
    """Have two SKUs that differ in case alone, as a business may have them from before."""
    first, second = tea(shop, "TEA-1"), tea(shop, "OTHER", "Black tea")
    await shop.db.run(shop.scope, operations.put_products, [first, second])
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute("UPDATE product SET sku = 'tea-1' WHERE tenant_id = $1 AND id = $2", tx.tenant, second.id)
    return first, replace(second, sku="tea-1")


async def test_a_sku_in_another_case_is_taken_and_the_sentence_says_by_whom(shop: Shop) -> None:
    await shop.db.run(shop.scope, operations.put_products, [tea(shop)])
    with pytest.raises(SkuTaken) as taken:
        await shop.db.run(shop.scope, operations.put_products, [tea(shop, "TEA-1", "Another")])
    assert taken.value.sentence() == (
        "There is SKU Tea-1 already; it belongs to “Green tea”, and upper and lower case make no other SKU."
        " Choose another one, or edit that product."
    )
    with pytest.raises(SkuTaken) as same:
        await shop.db.run(shop.scope, operations.put_products, [tea(shop, "Tea-1", "Another")])
    assert same.value.sentence().startswith("There is SKU Tea-1 already; it belongs to “Green tea”. Choose")
    with pytest.raises(SkuTaken):
        await shop.db.run(shop.scope, operations.put_products, [tea(shop, "Öl-1"), tea(shop, "öL-1")])
    async with shop.db.read(shop.scope) as read:
        found = await read.fetch("SELECT sku FROM product WHERE tenant_id = $1 AND sku NOT LIKE 'SKU-%'", read.tenant)
    assert [row["sku"] for row in found] == ["Tea-1"]


async def test_of_two_people_at_once_one_gets_the_sku(shop: Shop) -> None:
    tries = [shop.db.run(shop.scope, operations.put_products, [tea(shop, sku)]) for sku in ("race-1", "RACE-1")]
    ended = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(isinstance(one, SkuTaken) for one in ended) == [False, True], ended


async def test_a_product_may_change_the_case_of_its_own_sku(shop: Shop) -> None:
    made = tea(shop)
    await shop.db.run(shop.scope, operations.put_products, [made])
    await shop.db.run(shop.scope, operations.put_products, [replace(made, sku="TEA-1")])
    async with shop.db.read(shop.scope) as read:
        assert (await queries.product(read, made.id)).sku == "TEA-1"


async def test_two_from_before_can_still_be_edited_and_no_third_comes_up(shop: Shop) -> None:
    first, second = await two_from_before(shop)
    await shop.db.run(shop.scope, operations.put_products, [replace(first, price_minor=1), replace(second, name="Oo")])
    with pytest.raises(SkuTaken):
        await shop.db.run(shop.scope, operations.put_products, [tea(shop, "Tea-1")])
    with pytest.raises(SkuTaken):
        await shop.db.run(shop.scope, operations.put_products, [replace(second, sku="Tea-1")])
    await shop.db.run(shop.scope, operations.put_products, [replace(second, sku="tea-2")])


async def test_every_field_and_scan_finds_it_in_another_case_and_what_is_written_just_so_wins(shop: Shop) -> None:
    made = tea(shop)
    await shop.db.run(shop.scope, operations.put_products, [made])
    async with shop.db.read(shop.scope) as read:
        page = await queries.products(read, queries.Wanted(sku="tEA-1"), limit=5, after=None)
        assert [one.id for one in page.items] == [made.id]
        assert await by_codes(read, ["TEA-1"]) == {"TEA-1": made.id}
        assert (await scanned(read, "tea-1")).product == made.id
        assert [one.id for one in await wares(read, "TEA-1", 3)] == [made.id]
        article = (await find(read, "tea-1")).article
    assert article is not None
    assert article.id == made.id


async def test_of_two_from_before_each_is_found_as_it_is_written_and_neither_otherwise(shop: Shop) -> None:
    first, second = await two_from_before(shop)
    async with shop.db.read(shop.scope) as read:
        assert await by_codes(read, ["TEA-1", "tea-1", "Tea-1"]) == {"TEA-1": first.id, "tea-1": second.id}
        with pytest.raises(Invalid):
            await scanned(read, "Tea-1")


async def test_a_number_of_the_series_that_somebody_typed_in_small_letters_is_passed_over(shop: Shop) -> None:
    first = tea(shop, "")
    await shop.db.run(shop.scope, operations.put_products, [first])
    async with shop.db.read(shop.scope) as read:
        given = (await queries.product(read, first.id)).sku
    following = f"{given[:-4]}{int(given[-4:]) + 1:04d}"
    next_one = tea(shop, "")
    await shop.db.run(shop.scope, operations.put_products, [tea(shop, following.lower())])
    await shop.db.run(shop.scope, operations.put_products, [next_one])
    async with shop.db.read(shop.scope) as read:
        assert (await queries.product(read, next_one.id)).sku == f"{given[:-4]}{int(given[-4:]) + 2:04d}"


async def test_small_letters_are_the_databases(shop: Shop) -> None:
    odd = ["İSTANBUL-Σ", "ÄÖÜß-Ž", "TEA-1", "ΑΣ", "K\u212a-\u2126"]
    async with shop.db.read(shop.scope) as read:
        there = await read.fetch("SELECT lower(t) AS low FROM unnest($1::text[]) t", odd)
    assert [small(one) for one in odd] == [row["low"] for row in there]


def test_things_by_sku_are_found_in_any_case_unless_two_differ_so() -> None:
    things: BySku[int] = BySku()
    things["Tea-1"], things["COLA"], things["cola"] = 1, 2, 3
    assert (things.meant("TEA-1"), things.spelt("tea-1")) == (1, "Tea-1")
    assert (things.meant("COLA"), things.meant("cola"), things.meant("Cola")) == (2, 3, None)
    assert things.problem("Cola").startswith("Several products have this SKU in another case: COLA, cola.")
    assert things.problem("none") == "There is no product with this SKU."


async def test_the_form_says_it_at_the_field(site: Site, shop: Shop) -> None:
    owner = await site.member(shop)
    form = {"name": "Loaf", "sku": "sku-001", "price": "1.00", "tax_class": str(shop.reduced), "unit": "each"}
    answer = await owner.post(f"/t/{shop.tenant.slug}/products", data=form)
    assert answer.status_code == 422
    wrong = answer.text.partition('id="f-sku-error"')[2].partition("</p>")[0]
    assert "There is SKU SKU-001 already" in wrong
    assert "upper and lower case make no other SKU" in wrong


async def test_the_matrix_of_a_family_says_it_at_the_field_of_its_variant(site: Site, shop: Shop) -> None:
    owner = await site.member(shop)
    form = {
        "name": "Shirt", "options": "Size: S, M", "drawn": "on", "tax_class": str(shop.reduced),
        "make.S": "on", "sku.S": "sku-001", "price.S": "10.00", "barcode.S": "",
        "make.M": "on", "sku.M": "SHIRT-M", "price.M": "10.00", "barcode.M": "",
    }  # fmt: skip
    answer = await owner.post(f"/t/{shop.tenant.slug}/products/families", data=form)
    assert answer.status_code == 422
    behind = answer.text.partition('name="sku.S"')[2]
    assert "There is SKU SKU-001 already" in behind.partition('name="price.S"')[0]

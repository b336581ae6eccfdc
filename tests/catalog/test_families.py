"""Variants are made of options, as a matrix; each is a product of its own, and no two of a family are the same."""

from __future__ import annotations

import re
from html import unescape
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from retail.catalog.products.families import FamilyFacts, families, family
from retail.catalog.products.variants import Option, combinations, key_of, read_options, variant_sku, written
from tests.support.web import Site
from tests.support.world import Shop

HTMX = {"HX-Request": "true"}
MANY = ",".join(map(str, range(20)))
OPTIONS = "Size: S, M, L\nColour: Red, Blue"


def typed(shop: Shop, **changes: str) -> dict[str, str]:
    return {
        "name": "T-shirt", "options": OPTIONS, "price": "12.50", "sku": "TS", "tax_class": str(shop.standard),
        "category": str(shop.category), "drawn": "on",
    } | changes  # fmt: skip


def places(**changes: str) -> dict[str, str]:
    rows: dict[str, str] = {}
    for choice in combinations(read_options(OPTIONS)[0]):
        key = key_of(choice, ["Size", "Colour"])
        rows |= {f"make.{key}": "on", f"sku.{key}": variant_sku("TS", choice), f"price.{key}": "12.50"}
    return rows | changes


async def only(shop: Shop) -> FamilyFacts:
    async with shop.db.read(shop.scope) as read:
        found = await families(read)
        assert len(found) == 1
        return await family(read, found[0].id)


async def test_options_make_a_matrix_and_the_ticked_places_are_put_on_sale(site: Site, shop: Shop) -> None:
    owner = await site.member(shop)
    home = f"/t/{shop.tenant.slug}/products/families"
    drawn = await owner.post(f"{home}/matrix", data=typed(shop), headers=HTMX)
    assert drawn.status_code == 200
    assert re.findall(r'name="make\.([^"]+)"', drawn.text) == [
        "S|Red", "S|Blue", "M|Red", "M|Blue", "L|Red", "L|Blue"
    ]  # fmt: skip
    assert 'value="TS-M-BLUE"' in drawn.text
    rows = places(**{"price.L|Red": "14,00", "barcode.M|Blue": "4006381333931"})
    del rows["make.S|Blue"]
    made = await owner.post(home, data=typed(shop) | rows)
    assert made.status_code == 303, made.text
    known = await only(shop)
    assert [(one.sku, one.price_minor, dict(one.choice)) for one in known.variants] == [
        ("TS-S-RED", 1250, {"Size": "S", "Colour": "Red"}),
        ("TS-M-RED", 1250, {"Size": "M", "Colour": "Red"}),
        ("TS-M-BLUE", 1250, {"Size": "M", "Colour": "Blue"}),
        ("TS-L-RED", 1400, {"Size": "L", "Colour": "Red"}),
        ("TS-L-BLUE", 1250, {"Size": "L", "Colour": "Blue"}),
    ]
    assert [one.name for one in known.variants][:1] == ["T-shirt S / Red"]
    page = await owner.get(f"{home}/{known.id}")
    assert page.text.count("TS-M-BLUE") == 1
    more = typed(shop, options="Size: S, M, L, XL\nColour: Red, Blue", family=str(known.id))
    again = await owner.post(f"{home}/matrix", data=more, headers=HTMX)
    assert re.findall(r'name="make\.([^"]+)"', again.text) == ["S|Blue", "XL|Red", "XL|Blue"]
    added = more | {"make.XL|Red": "on", "sku.XL|Red": "", "price.XL|Red": "15"}
    assert (await owner.post(f"{home}/{known.id}", data=added)).status_code == 303
    assert len((await only(shop)).variants) == 6


async def test_what_is_wrong_is_said_and_nothing_is_made(site: Site, shop: Shop) -> None:
    owner = await site.member(shop)
    home = f"/t/{shop.tenant.slug}/products/families"
    for change, sentence in (
        ({"options": "Size"}, "Write an option and its values"),
        ({"options": "A: 1\nB: 1\nC: 1\nD: 1"}, "Use at most 3 options."),
        ({"options": "Size: S\nsize: M"}, "The same option stands there twice."),
        (
            {"options": f"A: {','.join(map(str, range(20)))}\nB: {','.join(map(str, range(20)))}"},
            "more than 200 variants",
        ),
        ({"name": ""}, "Fill this in."),
        ({"tax_class": ""}, "Fill this in."),
        ({"price.S|Red": "two"}, "Type an amount like "),
        ({"barcode.S|Red": "4006381333932"}, "has a wrong digit: it should end with 1"),
        ({"sku.S|Red": "SKU-001"}, "There is SKU SKU-001 already"),
    ):
        refused = await owner.post(home, data=typed(shop) | places() | change)
        assert refused.status_code == 422, change
        assert sentence in refused.text, change
    nothing = await owner.post(home, data=typed(shop))
    assert "tick at least one" in nothing.text
    async with shop.db.read(shop.scope) as read:
        assert await families(read) == []
        assert await read.fetchval("SELECT count(*) FROM product WHERE tenant_id = $1", read.tenant) == 6


async def test_what_two_new_variants_share_is_said_at_the_later_one_with_barcodes_in_use(
    site: Site, shop: Shop
) -> None:
    owner = await site.member(shop)
    home = f"/t/{shop.tenant.slug}/products/families"
    taken, shared = shop.products[0], "4006381333931"
    same = {"sku.S|Red": "MUG", "sku.M|Red": "mug", "barcode.S|Blue": shared, "barcode.M|Blue": shared}
    refused = await owner.post(home, data=typed(shop) | places(**same, **{"barcode.L|Red": taken.barcode}))
    assert refused.status_code == 422
    page = unescape(refused.text)
    assert "Two variants have SKU mug. Give each one its own." in error_at(page, "sku.M|Red")
    assert "Two variants have barcode" in error_at(page, "barcode.M|Blue")
    assert f"belongs to “{taken.name}” already" in error_at(page, "barcode.L|Red")
    assert error_at(page, "sku.S|Red") == error_at(page, "barcode.S|Blue") == ""
    assert "it belongs to" not in page


def error_at(page: str, field: str) -> str:
    """Give what stands as wrong at a field of the matrix."""
    cell = page.partition(f'name="{field}"')[2].partition("</td>")[0]
    return cell.partition('class="error"')[2]


async def test_a_product_joins_a_family_once_and_leaves_it(site: Site, shop: Shop) -> None:
    owner = await site.member(shop)
    home = f"/t/{shop.tenant.slug}/products/families"
    assert (await owner.post(home, data=typed(shop) | places())).status_code == 303
    known = await only(shop)
    taken = {"code": "SKU-001", "value.0": "S", "value.1": "Red"}
    refused = await owner.post(f"{home}/{known.id}/members", data=taken)
    assert refused.status_code == 422
    assert "has a variant with these values already" in refused.text
    assert (await owner.post(f"{home}/{known.id}/members", data=taken | {"value.0": "XXL"})).status_code == 303
    assert len((await only(shop)).variants) == 7
    kept = await owner.post(f"{home}/{known.id}/removal")
    assert kept.status_code == 303
    for one in (await only(shop)).variants:
        left = await owner.post(f"{home}/{known.id}/leavings", data={"product": str(one.id)})
        assert left.status_code == 303
    assert (await owner.post(f"{home}/{known.id}/removal")).headers["location"].endswith("/products/families")
    async with shop.db.read(shop.scope) as read:
        assert await families(read) == []
        assert await read.fetchval("SELECT count(*) FROM product WHERE tenant_id = $1", read.tenant) == 12


async def test_nobody_else_sees_or_touches_a_family(site: Site, shop: Shop) -> None:
    owner = await site.member(shop)
    home = f"/t/{shop.tenant.slug}/products/families"
    nobody = UUID(int=7)
    for path, data in (
        (f"{home}/{nobody}", None),
        (f"{home}/{nobody}", typed(shop)),
        (f"{home}/{nobody}/members", {"code": "SKU-001"}),
        (f"{home}/{nobody}/removal", {}),
        (f"{home}/nonsense", None),
    ):
        answer = await (owner.get(path) if data is None else owner.post(path, data=data))
        assert answer.status_code == 404, path


words = st.text(st.characters(categories=("Lu", "Ll", "Nd")), min_size=1, max_size=8)


@given(st.lists(st.tuples(words, st.lists(words, min_size=1, max_size=4, unique=True)), min_size=1, max_size=3))
def test_options_are_read_as_they_are_written_and_make_each_choice_once(made: list[tuple[str, list[str]]]) -> None:
    options = [Option(name, tuple(values)) for name, values in made]
    read, wrong = read_options(written(options))
    if len({one.name.casefold() for one in options}) < len(options):
        assert wrong == ["The same option stands there twice."]
        return
    assert (read, wrong) == (options, [])
    keys = [key_of(one, [option.name for option in options]) for one in combinations(options)]
    expected = 1
    for option in options:
        expected *= len(option.values)
    assert len(set(keys)) == len(keys) == expected


async def test_variants_added_later_begin_with_what_most_of_the_family_have(site: Site, shop: Shop) -> None:
    owner = await site.member(shop)
    home = f"/t/{shop.tenant.slug}/products/families"
    assert (await owner.post(home, data=typed(shop, sku="") | places(**{"price.S|Red": "11"}))).status_code == 303
    known = await only(shop)
    page = (await owner.get(f"{home}/{known.id}")).text
    assert 'value="12.50"' in page
    for name, id in (("tax_class", shop.standard), ("category", shop.category)):
        assert re.findall(r'value="([^"]*)"\s+selected', page.split(f'name="{name}"')[1])[0] == str(id)
    more = {"name": "T-shirt", "options": "Size: S, M, L, XL\nColour: Red, Blue", "family": str(known.id)}
    drawn = await owner.post(f"{home}/matrix", data=more, headers=HTMX)
    assert re.search(r'name="price.XL\|Red"\s+value="12.50"', drawn.text)
    sent = more | {"make.XL|Red": "on", "sku.XL|Red": ""}
    assert (await owner.post(f"{home}/{known.id}", data=sent)).status_code == 303
    nothing = more | {"make.XL|Blue": "on", "sku.XL|Blue": "", "category": ""}
    assert (await owner.post(f"{home}/{known.id}", data=nothing)).status_code == 303
    async with shop.db.read(shop.scope) as read:
        rows = await read.fetch(
            """SELECT options ->> 'Colour' AS colour, tax_class_id, category_id, price_minor FROM product
                WHERE tenant_id = $1 AND options ->> 'Size' = 'XL' ORDER BY 1 DESC""",
            read.tenant,
        )
    assert [tuple(row.values()) for row in rows] == [
        ("Red", shop.standard, shop.category, 1250), ("Blue", shop.standard, None, 1250)
    ]  # fmt: skip


async def test_the_form_of_a_family_all_off_sale_still_begins_as_its_variants_are(site: Site, shop: Shop) -> None:
    owner = await site.member(shop)
    home = f"/t/{shop.tenant.slug}/products/families"
    await owner.post(home, data=typed(shop) | places())
    known = await only(shop)
    for one in known.variants:
        assert (await owner.post(f"/t/{shop.tenant.slug}/products/{one.id}/archival")).status_code == 303
    assert 'value="12.50"' in (await owner.get(f"{home}/{known.id}")).text

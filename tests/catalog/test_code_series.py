"""SKUs and own barcodes: one series per category and year, without a gap, never twice, also by many at once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retail.catalog import operations, queries
from retail.catalog.codes.errors import SeriesFull
from retail.catalog.codes.numbering import Rule, code_rule, own_barcodes, save_code_rule
from retail.catalog.codes.rulebook import category_series, set_letters
from retail.catalog.codes.series import letters_for, matching_barcode, running_barcode, sku_of
from retail.catalog.operations import Draft, put_products
from retail.kit.barcode import gtin_is_valid
from retail.kit.errors import Invalid, NotFound
from retail.kit.ids import new_id
from retail.runtime.db import Database, Tx
from tests.support.world import Shop


def draft(shop: Shop, sku: str = "", *barcodes: str) -> Draft:
    return Draft(new_id(), sku, "Rye bread", shop.reduced, 420, shop.category, barcodes)


async def put(shop: Shop, *drafts: Draft) -> list[str]:
    async with shop.db.begin(shop.scope) as tx:
        await put_products(tx, drafts)
        return [(await queries.product(tx, one.id)).sku for one in drafts]


def year_of(shop: Shop) -> str:
    return f"{datetime.now(UTC).year % 100:02d}"


@pytest.mark.parametrize(
    ("name", "taken", "letters"),
    [
        ("Groceries", (), "GR"),
        ("Groceries", ("GR",), "GO"),
        ("Fresh bread", ("FR",), "FB"),
        ("Öle", (), "OE"),
        ("Äpfel", (), "AE"),
        ("X-tra", (), "XT"),
        ("XX large", (), "XL"),
        ("7-Up", (), "UP"),
        ("خبز", (), "AA"),
        ("خبز", ("AA", "AB"), "AC"),
        ("Q", (), "QQ"),
    ],
)
def test_a_category_gets_letters_of_its_name(name: str, taken: tuple[str, ...], letters: str) -> None:
    assert letters_for(name, taken) == letters


@given(st.lists(st.text(min_size=1, max_size=20), max_size=60))
def test_no_two_categories_get_the_same_letters(names: list[str]) -> None:
    taken: list[str] = []
    for name in names:
        taken.append(letters_for(name, taken))
    assert len(set(taken)) == len(taken)
    assert all(len(letters) == 2 and letters.isascii() and letters.isupper() for letters in taken)


@given(
    st.lists(
        st.tuples(st.from_regex("[A-Z]{2}", fullmatch=True), st.integers(0, 99), st.integers(1, 99_999)),
        min_size=2,
        max_size=40,
        unique=True,
    )
)
def test_each_sku_has_a_barcode_of_its_own_with_a_right_check_digit(numbers: list[tuple[str, int, int]]) -> None:
    codes = [matching_barcode("29", sku_of(*one)) for one in numbers]
    assert all(gtin_is_valid(code) and len(code) == 13 and code.startswith("29") for code in codes)
    assert len(set(codes)) == len(codes)
    assert not {running_barcode("29", n) for n in range(50)} & set(codes)


def test_the_barcode_says_what_the_sku_says() -> None:
    assert sku_of("BA", 2026, 17) == "SKU-BA260017"
    assert matching_barcode("29", "SKU-BA260017") == "2902626000175"
    assert matching_barcode("29", sku_of("ZZ", 26, 12345))[:12] == "296752612345"
    assert matching_barcode("29", "SHELF-7") == ""


async def test_products_without_a_sku_get_the_next_numbers_of_their_category_and_year(shop: Shop) -> None:
    year = year_of(shop)
    assert await put(shop, draft(shop), draft(shop, "MINE"), draft(shop)) == [
        f"SKU-GR{year}0001", "MINE", f"SKU-GR{year}0002",
    ]  # fmt: skip
    assert await put(shop, replace(draft(shop), category=None)) == [f"SKU-XX{year}0001"]
    assert await put(shop, draft(shop)) == [f"SKU-GR{year}0003"]


async def test_the_year_is_the_shops_own(shop: Shop) -> None:
    async with shop.db.begin(shop.scope) as tx:
        tx.now = datetime(2030, 12, 31, 23, 30, tzinfo=UTC)  # in Berlin it is 2031
        await put_products(tx, [one := draft(shop)])
        assert (await queries.product(tx, one.id)).sku == "SKU-GR310001"


async def test_a_number_that_somebody_typed_by_hand_is_passed_over(shop: Shop) -> None:
    year = year_of(shop)
    await put(shop, draft(shop, f"SKU-GR{year}0002"))
    made = await put(shop, draft(shop), draft(shop), draft(shop, f"SKU-GR{year}0004"), draft(shop))
    assert made == [f"SKU-GR{year}{n}" for n in ("0001", "0003", "0004", "0005")]


async def test_a_product_that_exists_keeps_its_sku(shop: Shop) -> None:
    ware = shop.products[0]
    again = Draft(ware.id, "", ware.name, shop.reduced, 430, shop.category, (ware.barcode,))
    assert await put(shop, again) == [ware.sku]


async def test_a_change_that_is_rolled_back_gives_its_number_back(shop: Shop) -> None:
    year = year_of(shop)

    async def fail(tx: Tx) -> None:
        await put_products(tx, [draft(shop), draft(shop)])
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await shop.db.run(shop.scope, fail)
    assert await put(shop, draft(shop)) == [f"SKU-GR{year}0001"]


async def test_many_at_once_get_numbers_without_a_gap_and_none_twice(shop: Shop) -> None:
    year, room = year_of(shop), asyncio.Semaphore(8)  # who waits for a connection for long is told to come again

    async def one(place: int) -> str:
        try:
            async with room, shop.db.begin(shop.scope) as tx:
                await put_products(tx, [made := draft(shop)])
                sku = (await queries.product(tx, made.id)).sku
                await asyncio.sleep(0.002)
                if place % 5 == 0:
                    raise ZeroDivisionError
                return sku
        except ZeroDivisionError:
            return ""

    got = sorted(filter(None, await asyncio.gather(*(one(place) for place in range(40)))))
    assert got == [f"SKU-GR{year}{number:04d}" for number in range(1, 33)]


async def test_control_who_only_looks_for_the_highest_number_gives_one_twice(db: Database, shop: Shop) -> None:
    both = asyncio.Barrier(2)

    async def look() -> int:
        async with db.begin(shop.scope) as tx:
            highest = await tx.fetchval("SELECT count(*) FROM product WHERE tenant_id = $1", tx.tenant)
            await both.wait()
            return int(highest) + 1

    first, second = await asyncio.gather(look(), look())
    assert first == second


async def test_after_9999_numbers_have_five_digits_and_after_99999_people_are_asked(shop: Shop) -> None:
    year = year_of(shop)
    await put(shop, draft(shop))

    async def skip_to(tx: Tx, last: int) -> None:
        await tx.execute("UPDATE sku_series SET last = $2 WHERE tenant_id = $1", tx.tenant, last)

    await shop.db.run(shop.scope, skip_to, 9_999)
    assert await put(shop, draft(shop)) == [f"SKU-GR{year}10000"]
    await shop.db.run(shop.scope, skip_to, 99_998)
    with pytest.raises(SeriesFull) as full:
        await put(shop, draft(shop), draft(shop))
    assert full.value.sentence() == (
        f"The numbers of SKU-GR{year} are used up. Type a SKU, or give the category other letters."
    )
    assert await put(shop, draft(shop)) == [f"SKU-GR{year}99999"]


async def test_letters_can_be_changed_and_belong_to_one_category(shop: Shop) -> None:
    other = new_id()
    await put(shop, draft(shop))
    await shop.db.run(shop.scope, operations.add_category, other, "Grain", 10)
    with pytest.raises(Invalid) as taken:
        await shop.db.run(shop.scope, set_letters, {other: "GR"})
    assert "Groceries" in taken.value.errors[str(other)][0]
    for wrong in ("XX", "G", "gr", "G1", "ABC", ""):
        with pytest.raises(Invalid):
            await shop.db.run(shop.scope, set_letters, {other: wrong, shop.category: "FO"})
    with pytest.raises(NotFound):
        await shop.db.run(shop.scope, set_letters, {new_id(): "AB"})
    await shop.db.run(shop.scope, set_letters, {shop.category: "FO", other: "AB"})
    await shop.db.run(shop.scope, set_letters, {shop.category: "AB", other: "FO"})
    await shop.db.run(shop.scope, set_letters, {shop.category: "FO", other: "GR"})
    year = year_of(shop)
    assert await put(shop, draft(shop), replace(draft(shop), category=other)) == [
        f"SKU-FO{year}0001", f"SKU-GR{year}0002",
    ]  # fmt: skip
    async with shop.db.read(shop.scope) as read:
        told = {one.name: (one.letters, one.last) for one in await category_series(read)}
    assert told == {"Grain": ("GR", ((int(year), 2),)), "Groceries": ("FO", ((int(year), 1),))}


async def test_new_products_without_a_barcode_get_one_where_the_rule_says_so(shop: Shop) -> None:
    await shop.db.run(shop.scope, save_code_rule, Rule("28", 0, always=True))
    plain, coded, named = draft(shop), draft(shop, "", "96385074"), draft(shop, "SHELF-7")
    await put(shop, plain, coded, named)
    async with shop.db.read(shop.scope) as read:
        codes = [(await queries.product(read, one.id)).barcodes for one in (plain, coded, named)]
        assert (await code_rule(read)).last == 1
        sku = (await queries.product(read, plain.id)).sku
    assert codes == [(matching_barcode("28", sku),), ("96385074",), (running_barcode("28", 1),)]


async def test_own_barcodes_pass_over_those_that_are_taken(shop: Shop) -> None:
    sku = "SKU-GR260001"
    await put(shop, draft(shop, "A", matching_barcode("29", sku)), draft(shop, "B", running_barcode("29", 2)))

    async def make(tx: Tx) -> list[str]:
        return await own_barcodes(tx, [sku, "C", "D", "SKU-GR260002"], [running_barcode("29", 1)])

    made = await shop.db.run(shop.scope, make)
    running = [running_barcode("29", number) for number in (3, 4, 5)]
    assert sorted(made) == sorted([matching_barcode("29", "SKU-GR260002"), *running])


async def test_a_product_with_a_sku_of_ours_gets_the_barcode_that_says_the_same(shop: Shop) -> None:
    plain, coded, named = draft(shop), draft(shop, "", "96385074"), draft(shop, "SHELF-7")
    await put(shop, plain, coded, named)

    async def codes_of(*drafts: Draft) -> list[tuple[str, ...]]:
        async with shop.db.read(shop.scope) as read:
            return [tuple((await queries.product(read, one.id)).barcodes) for one in drafts]

    year = year_of(shop)
    assert await codes_of(plain, coded, named) == [(matching_barcode("29", f"SKU-GR{year}0001"),), ("96385074",), ()]
    await shop.db.run(shop.scope, save_code_rule, Rule("29", 0, matching=False))
    bare = draft(shop)
    await put(shop, bare)
    assert await codes_of(bare) == [()]

"""Suppliers and their terms: what may be, what is stored, who is preferred, and refusals that change nothing."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from retail.catalog.operations import Draft, put_products
from retail.catalog.products.traits import Part, Traits
from retail.catalog.suppliers import operations, queries, supplies
from retail.catalog.suppliers.errors import SupplierArchived
from retail.catalog.suppliers.queries import Wanted
from retail.catalog.suppliers.rules import MOST_PER_PRODUCT, Supplier, Supply, problems, supply_problems
from retail.kit.errors import ChangedMeanwhile, Invalid, NotFound
from retail.kit.ids import new_id
from tests.support.vendors import a_supplier, sells
from tests.support.world import Shop, open_shop

MILL = Supplier("Nordmühle", "EUR")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 161}, "name"),
        ({"code": "x" * 41}, "code"),
        ({"email": "orders at example"}, "email"),
        ({"email": "a@b"}, "email"),
        ({"website": "javascript:alert(1)"}, "website"),
        ({"website": "ftp://example.com"}, "website"),
        ({"website": "no website"}, "website"),
        ({"currency": "XXX"}, "currency"),
        ({"lead_days": -1}, "lead_days"),
        ({"lead_days": 366}, "lead_days"),
        ({"min_order_minor": -1}, "min_order"),
        ({"notes": "x" * 2001}, "notes"),
    ],
)
def test_what_a_supplier_can_not_be_is_said_at_its_field(changes: dict[str, Any], field: str) -> None:
    assert list(problems(replace(MILL, **changes))) == [field]


@pytest.mark.parametrize("website", ["", "www.example.com", "https://example.com/shop?a=1", "HTTP://example.com:8080"])
def test_usual_web_addresses_are_taken(website: str) -> None:
    assert problems(replace(MILL, website=website)) == {}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"pack_quantity": Decimal(0)}, "pack_quantity"),
        ({"pack_quantity": Decimal("0.0001")}, "pack_quantity"),
        ({"min_order_quantity": Decimal(-1)}, "min_order_quantity"),
        ({"cost": Decimal(-1)}, "cost"),
        ({"cost": Decimal("0.0000001")}, "cost"),
        ({"cost": Decimal(10**10)}, "cost"),
        ({"lead_days": 366}, "lead_days"),
        ({"supplier_sku": "x" * 61}, "supplier_sku"),
    ],
)
def test_what_terms_can_not_be_is_said_at_their_field(changes: dict[str, Any], field: str) -> None:
    assert list(supply_problems(replace(Supply(new_id(), new_id()), **changes))) == [field]


async def stored(shop: Shop) -> tuple[list[Any], list[Any]]:
    async with shop.db.read(shop.scope) as read:
        return (
            await read.fetch("SELECT * FROM supplier WHERE tenant_id = $1 ORDER BY id", read.tenant),
            await read.fetch("SELECT * FROM product_supplier WHERE tenant_id = $1 ORDER BY id", read.tenant),
        )


async def trail(shop: Shop) -> list[str]:
    async with shop.db.read(shop.scope) as read:
        rows = await read.fetch(
            "SELECT action FROM audit_event WHERE tenant_id = $1 AND action ~ '^suppl(y|ier)[.]' ORDER BY id",
            read.tenant,
        )
    return [row["action"] for row in rows]


async def test_a_supplier_is_made_changed_archived_and_brought_back_and_the_trail_tells(shop: Shop) -> None:
    id = await a_supplier(shop, " Nordmühle ", code=" NM ", website="www.example.com", email="ola@example.com")
    async with shop.db.read(shop.scope) as read:
        made = await queries.supplier(read, id)
    assert (made.name, made.code, made.website, made.version) == ("Nordmühle", "NM", "https://www.example.com", 1)
    await shop.db.run(shop.scope, operations.change_supplier, id, replace(operations.as_wanted(made), lead_days=3), 1)
    await shop.db.run(shop.scope, operations.change_supplier, id, replace(operations.as_wanted(made), lead_days=3))
    for _again in range(2):
        await shop.db.run(shop.scope, operations.archive_supplier, id)
    with pytest.raises(SupplierArchived):
        await shop.db.run(shop.scope, operations.change_supplier, id, MILL)
    await shop.db.run(shop.scope, operations.restore_supplier, id)
    async with shop.db.read(shop.scope) as read:
        now = await queries.supplier(read, id)
        facts = await read.fetchval(
            "SELECT facts FROM audit_event WHERE tenant_id = $1 AND action = 'supplier.put' ORDER BY id LIMIT 1",
            read.tenant,
        )
    assert (now.lead_days, now.version, now.archived_at) == (3, 4, None)
    assert await trail(shop) == ["supplier.put", "supplier.put", "supplier.archived", "supplier.restored"]
    assert "ola@example.com" not in facts, "what names somebody can't be erased from the trail"
    assert "email" in facts


async def test_names_and_codes_mean_one_supplier_whatever_the_letters(shop: Shop) -> None:
    id = await a_supplier(shop, "Hansa", code="H1")
    other = await a_supplier(shop, "Alster")
    before = await stored(shop)
    for wrong, field in (
        (Supplier("hansa", "EUR"), "name"),
        (Supplier("H1", "EUR"), "name"),
        (Supplier("Other", "EUR", "h1"), "code"),
        (Supplier("Other", "EUR", "ALSTER"), "code"),
    ):
        with pytest.raises(Invalid) as refused:
            await shop.db.run(shop.scope, operations.add_supplier, new_id(), wrong)
        assert list(refused.value.errors) == [field]
    with pytest.raises(Invalid):
        await shop.db.run(shop.scope, operations.change_supplier, other, Supplier("Alster", "EUR", "h1"))
    await shop.db.run(shop.scope, operations.archive_supplier, id)
    with pytest.raises(Invalid, match="marked") as refused:
        await shop.db.run(shop.scope, operations.add_supplier, new_id(), Supplier("Hansa", "EUR"))
    assert "archived" in refused.value.errors["name"][0]
    assert [row["name"] for row in (await stored(shop))[0]] == [row["name"] for row in before[0]]
    elsewhere = await open_shop(shop.db)
    await a_supplier(elsewhere, "Hansa", code="H1")


async def test_of_two_who_saw_the_same_supplier_the_second_is_told(shop: Shop) -> None:
    id = await a_supplier(shop)
    await shop.db.run(shop.scope, operations.change_supplier, id, replace(MILL, phone="1"), 1)
    with pytest.raises(ChangedMeanwhile):
        await shop.db.run(shop.scope, operations.change_supplier, id, replace(MILL, phone="2"), 1)
    assert (await stored(shop))[0][0]["phone"] == "1"


async def test_the_currency_stays_while_there_are_costs_in_it(shop: Shop) -> None:
    id = await a_supplier(shop)
    await sells(shop, id, cost=Decimal("12.5"))
    with pytest.raises(Invalid) as refused:
        await shop.db.run(shop.scope, operations.change_supplier, id, replace(MILL, currency="CHF"))
    assert list(refused.value.errors) == ["currency"]
    await sells(shop, id, cost=None)
    await shop.db.run(shop.scope, operations.change_supplier, id, replace(MILL, currency="CHF"))


async def test_the_list_is_searched_paged_and_ordered(shop: Shop) -> None:
    for n, name in enumerate(("Zürich Käse", "Alster", "hansa", "Elbe")):
        await a_supplier(shop, name, code=f"C{n}", lead_days=9 - n, email=f"{n}@x.example")
    gone = await a_supplier(shop, "Gone")
    await shop.db.run(shop.scope, operations.archive_supplier, gone)
    async with shop.db.read(shop.scope) as read:
        first = await queries.suppliers(read, Wanted(), limit=2)
        then = await queries.suppliers(read, Wanted(), limit=2, after=first.next)
        by_lead = await queries.suppliers(read, Wanted(), limit=9, order=queries.ORDERS["lead"])
        found = [
            [one.name for one in (await queries.suppliers(read, Wanted(text), limit=9)).items]
            for text in ("zurich kase", "c2", "1@x", "nothing", "100%")
        ]
        archived = await queries.suppliers(read, Wanted(archived=True), limit=9)
        all_of_them = await queries.suppliers(read, Wanted(archived=None), limit=9)
    assert [one.name for one in (*first.items, *then.items)] == ["Alster", "Elbe", "hansa", "Zürich Käse"]
    assert then.next is None
    assert [one.name for one in by_lead.items] == ["Elbe", "hansa", "Alster", "Zürich Käse"]
    assert found == [["Zürich Käse"], ["hansa"], ["Alster"], [], []]
    assert ([one.name for one in archived.items], len(all_of_them.items)) == (["Gone"], 5)


async def test_the_first_supplier_of_a_product_is_preferred_and_another_takes_its_place(shop: Shop) -> None:
    one, two = await a_supplier(shop, "One", lead_days=4), await a_supplier(shop, "Two")
    product = await sells(shop, one, pack_quantity=Decimal(6))
    await sells(shop, two, lead_days=2)
    async with shop.db.read(shop.scope) as read:
        found = await queries.suppliers_of(read, product)
    assert [(each.supplier_name, each.preferred, each.lead_days) for each in found] == [
        ("One", True, 4),
        ("Two", False, 2),
    ]
    await shop.db.run(shop.scope, supplies.prefer, product, two)
    async with shop.db.read(shop.scope) as read:
        found = await queries.suppliers_of(read, product)
        facts = await read.fetchval(
            "SELECT facts FROM audit_event WHERE tenant_id = $1 AND action = 'supply.put' ORDER BY id DESC LIMIT 1",
            read.tenant,
        )
    assert [(each.supplier_name, each.preferred, each.version) for each in found] == [
        ("Two", True, 2),
        ("One", False, 2),
    ]
    assert str(one) in facts, "the trail says whose place it took"
    await sells(shop, two, preferred=False)
    async with shop.db.read(shop.scope) as read:
        assert not any(each.preferred for each in await queries.suppliers_of(read, product))


async def test_terms_that_are_as_they_were_change_nothing(shop: Shop) -> None:
    id = await a_supplier(shop)
    await sells(shop, id, cost=Decimal("1.5"), pack_quantity=Decimal(6))
    before, told = await stored(shop), await trail(shop)
    await sells(shop, id, cost=Decimal("1.500000"), pack_quantity=Decimal("6.000"))
    assert (await stored(shop), await trail(shop)) == (before, told)


async def test_refused_terms_leave_nothing_changed(shop: Shop) -> None:
    id, gone = await a_supplier(shop), await a_supplier(shop, "Gone")
    product = await sells(shop, id)
    await shop.db.run(shop.scope, operations.archive_supplier, gone)
    pack = new_id()
    kit = Traits("kit", (Part(product, Decimal(6)),))
    async with shop.db.begin(shop.scope) as tx:
        await put_products(tx, [Draft(pack, "PACK", "Six", shop.standard, 100, traits=kit)])
    before = await stored(shop)
    there = await open_shop(shop.db)
    theirs = await a_supplier(there)
    wrong: list[tuple[Supply, int | None, type[Exception]]] = [
        (Supply(product, id, lead_days=999), None, Invalid),
        (Supply(product, id, lead_days=3), 7, ChangedMeanwhile),
        (Supply(product, id), 0, ChangedMeanwhile),
        (Supply(pack, id), None, Invalid),
        (Supply(product, gone), None, SupplierArchived),
        (Supply(new_id(), id), None, NotFound),
        (Supply(product, new_id()), None, NotFound),
        (Supply(product, theirs), None, NotFound),
        (Supply(there.products[0].id, id), None, NotFound),
    ]
    for supply, seen, expected in wrong:
        with pytest.raises(expected):
            await shop.db.run(shop.scope, supplies.put_supply, supply, seen)
    for act in (supplies.prefer, supplies.remove_supply):
        with pytest.raises(NotFound):
            await shop.db.run(shop.scope, act, product, new_id())
    assert await stored(shop) == before


async def test_a_product_has_so_many_suppliers_at_most(shop: Shop) -> None:
    for n in range(MOST_PER_PRODUCT):
        await sells(shop, await a_supplier(shop, f"Supplier {n}"))
    with pytest.raises(Invalid) as refused:
        await sells(shop, await a_supplier(shop, "One more"))
    assert list(refused.value.errors) == ["supplier"]
    assert len((await stored(shop))[1]) == MOST_PER_PRODUCT


async def test_a_product_is_taken_from_a_supplier(shop: Shop) -> None:
    id = await a_supplier(shop)
    product = await sells(shop, id)
    await shop.db.run(shop.scope, supplies.remove_supply, product, id)
    assert ((await stored(shop))[1], (await trail(shop))[-1]) == ([], "supply.removed")


async def test_many_who_prefer_at_once_leave_one_preferred(shop: Shop) -> None:
    made = [await a_supplier(shop, f"Supplier {n}") for n in range(5)]
    for id in made:
        product = await sells(shop, id)
    await asyncio.gather(*(shop.db.run(shop.scope, supplies.prefer, product, id) for id in made))
    assert sum(row["preferred"] for row in (await stored(shop))[1]) == 1


async def test_what_a_supplier_sells_is_searched_and_paged(shop: Shop) -> None:
    id = await a_supplier(shop)
    for place in range(6):
        await sells(shop, id, place, supplier_sku=f"NM-{place}")
    async with shop.db.read(shop.scope) as read:
        first = await queries.products_of(read, id, limit=4)
        then = await queries.products_of(read, id, limit=4, after=first.next)
        by_number = await queries.products_of(read, id, text="nm-3", limit=9)
        by_name = await queries.products_of(read, id, text="chocol", limit=9)
        assert len((await queries.products_of(read, id, preferred=True, limit=9)).items) == 6
        count = (await queries.supplier(read, id)).products
    names = [one.name for one in (*first.items, *then.items)]
    assert (names, count) == (sorted(names, key=str.lower), 6)
    assert [one.name for one in by_number.items] == ["Cola 330 ml"]
    assert [one.name for one in by_name.items] == ["Dark chocolate 70 %"]

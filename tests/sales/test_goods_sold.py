"""What a line of a sale says beyond article, quantity and price: choices, a note, a deposit, a checked age."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from retail.catalog.operations import Draft
from retail.catalog.products.families import FamilyFacts, put_family
from retail.catalog.products.modifiers import Group, Modifier, put_group
from retail.catalog.products.traits import Part, Traits
from retail.catalog.snapshot import snapshot
from retail.kit.ids import new_id
from retail.sales import listing, queries
from retail.sales.documents import StoredSale
from retail.sales.refund import with_deposits
from retail.sales.sale_json import sale_json
from tests.support.kits import make_kit, make_service, put
from tests.support.selling import as_sale, line_json, open_counter
from tests.support.shelves import follow_by
from tests.support.world import Shop

DEPOSITS = json.loads((Path(__file__).resolve().parents[1] / "vectors" / "deposits.json").read_text())
CHEESE, OLIVES = Modifier(new_id(), "Extra cheese", 150), Modifier(new_id(), "Without olives", -50)


def chosen(one: Modifier, price: int | None = None, quantity: int = 1) -> dict[str, Any]:
    return {
        "id": str(one.id), "name": one.name, "price": one.price_minor if price is None else price, "quantity": quantity,
    }  # fmt: skip


def codes(sale: StoredSale | None) -> list[str]:
    assert sale is not None
    return [one.code for one in sale.remarks]


async def stored(shop: Shop, id: UUID) -> StoredSale:
    async with shop.db.read(shop.scope) as read:
        return await queries.stored_sale(read, id)


async def test_choices_are_priced_by_the_catalogue_and_kept_with_the_line(shop: Shop) -> None:
    own = [Modifier(new_id(), one.name, one.price_minor) for one in (CHEESE, OLIVES)]
    toppings = Group(new_id(), "Toppings", 0, 3, tuple(own))
    await shop.db.run(shop.scope, put_group, toppings)
    pizza = await put(shop, "Pizza", 900, Traits(modifier_groups=(toppings.id,)))
    till = await open_counter(shop)
    cheese, olives = own

    wanted = [chosen(cheese, quantity=2), chosen(olives)]
    sold = await till.sell(line_json((pizza, 2)) | {"unit_price": 1150, "choices": wanted, "note": " no salt "})
    assert (sold.status, codes(sold.sale)) == ("created", ["stock_below_zero"])
    kept = await stored(shop, sold.id)
    line = sale_json(kept, str)["lines"][0]
    assert (line["choices"], line["note"], line["unit_price"], line["total"]) == (wanted, "no salt", 1150, 2300)

    # a price of a choice that isn't the catalogue's, an unknown one at its own, and a line without any
    lied = await till.sell(line_json(pizza) | {"unit_price": 910, "choices": [chosen(cheese, 10)]})
    assert "price_changed" in codes(lied.sale)
    assert lied.sale is not None
    told = next(one for one in lied.sale.remarks if one.code == "price_changed")
    assert (told.facts["charged"], told.facts["listed"], told.facts["extra"]) == (910, 1050, 150)
    gone = await till.sell(line_json(pizza) | {"unit_price": 1100, "choices": [chosen(Modifier(new_id(), "Ham", 200))]})
    assert "price_changed" not in codes(gone.sale)
    assert "choices" not in sale_json((await till.sell(pizza)).sale, str)["lines"][0]  # type: ignore[arg-type]


async def test_what_is_no_choice_is_left_out_and_the_sale_is_stored(shop: Shop) -> None:
    till = await open_counter(shop)
    odd: list[Any] = [None, 3, {}, {"id": "x", "name": "A", "price": 1}, chosen(CHEESE)]
    odd += [{"id": str(new_id()), "name": "B", "price": "1"}]
    odd += [{"id": str(new_id()), "name": "C", "price": 1, "quantity": 0}]
    sold = await till.sell(line_json(shop.products[0]) | {"choices": odd, "note": "x" * 700, "parent": "nothing"})
    assert sold.status == "created"
    kept = (await stored(shop, sold.id)).lines[0]
    assert ([one.name for one in kept.choices], len(kept.note), kept.parent) == (["Extra cheese"], 200, None)
    assert "text_cut" in codes(sold.sale)
    assert as_sale(till.sale(line_json(shop.products[0]) | {"choices": "all"})).lines[0].choices == ()


async def test_an_age_that_nobody_checked_is_remarked_on_once(shop: Shop) -> None:
    beer, gin = await put(shop, "Beer", 150, Traits(min_age=16)), await put(shop, "Gin", 1500, Traits(min_age=18))
    till = await open_counter(shop)
    none = await till.sell(beer, gin, shop.products[0])
    told = [one for one in none.sale.remarks if one.code == "age_not_checked"]  # type: ignore[union-attr]
    assert [(one.facts["name"], one.facts["age"], one.product) for one in told] == [("Gin", 18, gin.id)]
    assert "Gin is sold from the age of 18" in told[0].sentence(str)
    low = await till.sell(beer, gin, checks={"age": 16})
    assert "age_not_checked" in codes(low.sale)
    for right in ({"age": 18}, {"age": 21}):
        sold = await till.sell(beer, gin, checks=right)
        assert "age_not_checked" not in codes(sold.sale)
        assert sale_json(await stored(shop, sold.id), str)["checks"] == right
    assert "age_not_checked" not in codes((await till.sell(shop.products[0], checks={"age": "no"})).sale)
    assert "age_not_checked" in codes((await till.sell(beer, checks={"age": True})).sale)


async def test_a_deposit_goes_with_its_bottle_and_comes_back_with_it(shop: Shop) -> None:
    deposit = await make_service(shop, "Bottle deposit", 25)
    cola = await put(shop, "Cola", 110, Traits(deposit=deposit.id))
    till = await open_counter(shop)
    bottle = line_json((cola, 3))
    along = line_json((deposit, 3)) | {"parent": bottle["id"]}
    alone = line_json(shop.products[0]) | {"parent": str(new_id())}
    sold = await till.sell(bottle, along, alone)
    kept = await stored(shop, sold.id)
    assert [line.parent for line in kept.lines] == [None, kept.lines[0].id, None]

    ids = [line.id for line in kept.lines]
    assert with_deposits(kept, {}, {ids[0]: 2000}) == {ids[0]: 2000, ids[1]: 2000}
    assert with_deposits(kept, {ids[1]: 2000}, {ids[0]: 2000}) == {ids[0]: 2000, ids[1]: 1000}
    assert with_deposits(kept, {}, {ids[0]: 2000}, {ids[1]}) == {ids[0]: 2000}
    assert with_deposits(kept, {}, {ids[0]: 2000, ids[1]: 1000}) == {ids[0]: 2000, ids[1]: 1000}
    assert with_deposits(kept, {}, {ids[1]: 1000}) == {ids[1]: 1000}


async def test_a_packs_deposits_are_those_of_its_parts_however_deep(shop: Shop) -> None:
    bottle, crate = await make_service(shop, "Bottle deposit", 25), await make_service(shop, "Crate deposit", 150)
    cola = await put(shop, "Cola", 110, Traits(deposit=bottle.id))
    six = await make_kit(shop, "Six-pack", 600, {cola.id: Decimal(6), shop.products[0].id: Decimal(1)})
    inside = (Part(six.id, Decimal(4)), Part(cola.id, Decimal(1)))
    case = await put(shop, "Case", 2400, Traits(kind="kit", parts=inside, deposit=crate.id))
    plain = await make_kit(shop, "Basket", 900, {shop.products[0].id: Decimal(2)})
    async with shop.db.read(shop.scope) as read:
        answer = await snapshot(read, 0)
    traits = {answer["products"]["id"][int(at)]: one for at, one in answer["traits"].items()}
    assert traits[str(cola.id)] == {"deposit": str(bottle.id)}
    assert traits[str(six.id)] == {"deposit": str(bottle.id), "deposits": [[str(bottle.id), 6]]}
    both = [[str(crate.id), 1], [str(bottle.id), 25]]
    assert traits[str(case.id)] == {"deposit": str(crate.id), "deposits": both}
    assert str(plain.id) not in traits

    await put(shop, "Cola", 110, Traits(), id=cola.id)  # tills hear of what holds it too
    async with shop.db.read(shop.scope) as read:
        news = await snapshot(read, answer["version"])
    traits = {news["products"]["id"][int(at)]: one for at, one in news["traits"].items()}
    assert {str(six.id), str(case.id)} <= set(news["products"]["id"])
    assert traits == {str(case.id): {"deposit": str(crate.id), "deposits": [[str(crate.id), 1]]}}


@pytest.mark.parametrize("case", DEPOSITS, ids=lambda one: str(one["name"]))
def test_what_comes_back_brings_its_deposits_as_the_vectors_say(case: dict[str, Any]) -> None:
    pack, ids = new_id(), {name: new_id() for name in case["along"]}
    lines = [SimpleNamespace(id=pack, parent=None, quantity_milli=case["sold"])]
    lines += [SimpleNamespace(id=ids[name], parent=pack, quantity_milli=milli) for name, milli in case["along"].items()]
    sold: Any = SimpleNamespace(lines=lines)
    back = with_deposits(sold, {}, {pack: case["back"]})
    assert back == {pack: case["back"], **{ids[name]: milli for name, milli in case["along_back"].items()}}


async def test_tills_are_told_which_goods_are_followed(shop: Shop) -> None:
    await follow_by(shop, "serial")
    async with shop.db.read(shop.scope) as read:
        answer = await snapshot(read, 0)
    traits = {answer["products"]["id"][int(at)]: one for at, one in answer["traits"].items()}
    assert traits[str(shop.products[0].id)] == {"tracked": "serial"}


async def test_tills_are_told_of_families_and_which_variant_is_which(shop: Shop) -> None:
    family = FamilyFacts(new_id(), "T-shirt", ("Size", "Colour"))
    new = [
        (Draft(new_id(), f"TS-{size}-{colour}", f"T-shirt {size} {colour}", shop.reduced, 900), (size, colour))
        for size, colour in (("S", "Red"), ("M", "Red"), ("M", "Blue"))
    ]
    made = [(draft, dict(zip(family.options, values, strict=True))) for draft, values in new]
    await shop.db.run(shop.scope, put_family, family, made)
    async with shop.db.read(shop.scope) as read:
        answer = await snapshot(read, 0)
    assert answer["families"] == [
        {"id": str(family.id), "name": "T-shirt", "options": [["Size", ["S", "M"]], ["Colour", ["Red", "Blue"]]]}
    ]
    traits = {answer["products"]["sku"][int(at)]: one for at, one in answer["traits"].items()}
    assert traits["TS-M-Blue"] == {"family": str(family.id), "options": {"Size": "M", "Colour": "Blue"}}


async def test_what_is_in_no_catalogue_takes_an_approval_and_is_listed_apart(shop: Shop) -> None:
    till = await open_counter(shop)
    quick = {"product": None, "name": "Flower pot", "quantity": "1", "unit_price": 750, "tax_code": "R"}
    plain = await till.sell()
    body = till.sale(line_json(quick | {"list_price": 0}))
    [sold] = await till.send(body, scope=shop.as_role("clerk"))
    assert codes(sold.sale) == ["approval_missing"]
    assert codes((await till.sell(line_json(quick | {"list_price": 0}))).sale) == []  # an owner needs nobody
    async with shop.db.read(shop.scope) as read:
        page = await listing.sales(read, listing.Wanted(only_unlisted=True), limit=50, after=None)
        everything = await listing.sales(read, listing.Wanted(), limit=50, after=None)
    assert {one.id for one in everything.items} - {one.id for one in page.items} == {plain.id}
    assert (await stored(shop, sold.id)).lines[0].tax_code == "R"

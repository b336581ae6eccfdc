"""Kits and packs leave the shelf as their parts, services not at all; books and shelf agree to the last cent."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retail.kit.ids import new_id
from retail.kit.money import mul_div
from retail.runtime.db import Database
from retail.sales.checks import checks
from retail.sales.documents import ReturnIn, StoredPart
from retail.sales.returns import return_goods
from retail.sales.rules import line_cost
from retail.sales.wares import NOTHING, PartOf, Ware, back, explode, summed
from retail.stock import Arrival, Document, fold, on_hand, open_stock
from retail.stock.checks import checks as stock_checks
from tests.support.kits import make_kit, make_service
from tests.support.selling import AT, Counter, open_counter
from tests.support.world import Shop


async def shelf(shop: Shop, *products: UUID) -> list[Decimal]:
    async with shop.db.read(shop.scope) as read:
        held = await on_hand(read, shop.store, products)
    return [held[product] for product in products]


async def stock_up(shop: Shop) -> None:
    arrivals = [Arrival(ware.id, Decimal(100), ware.unit_cost) for ware in shop.products]
    await shop.db.run(shop.scope, open_stock, Document(new_id(), shop.store, "", AT), arrivals)


async def all_well(shop: Shop) -> list[str]:
    async with shop.db.read(shop.scope) as read:
        found = [*await checks(read), *await stock_checks(read)]
    return [f"{one.name}: {one.detail}" for one in found if not one.ok]


async def test_a_six_pack_takes_six_from_the_shelf_at_the_cost_of_six(shop: Shop) -> None:
    await stock_up(shop)
    cola = shop.products[3]
    pack = await make_kit(shop, "Cola 6-pack", 599, {cola.id: Decimal(6)})
    done = await (await open_counter(shop)).sell((pack, 2))
    assert (done.status, done.sale.cost if done.sale else 0) == ("created", 12 * 42)
    assert done.sale is not None
    assert done.sale.remarks == ()
    assert await shelf(shop, cola.id, pack.id) == [Decimal(88), Decimal(0)]
    assert await all_well(shop) == []


async def test_kits_within_a_kit_are_taken_apart_and_a_part_in_several_kits_is_one_move(shop: Shop) -> None:
    await stock_up(shop)
    cola, roll, chocolate = shop.products[3], shop.products[4], shop.products[2]
    pack = await make_kit(shop, "Cola 6-pack", 599, {cola.id: Decimal(6)})
    case = await make_kit(shop, "Cola case", 2200, {pack.id: Decimal(4)})
    party = await make_kit(shop, "Party", 3000, {case.id: Decimal(1), cola.id: Decimal(1), roll.id: Decimal(2)})
    done = await (await open_counter(shop)).sell(party, pack, cola, chocolate)
    assert await shelf(shop, cola.id, roll.id, chocolate.id) == [Decimal(100 - 32), Decimal(98), Decimal(99)]
    async with shop.db.read(shop.scope) as read:
        moved = await read.fetch(
            "SELECT product_id, quantity FROM stock_move WHERE tenant_id = $1 AND source_id = $2 ORDER BY quantity",
            read.tenant,
            done.id,
        )
    assert [(row[0], row[1]) for row in moved] == [
        (cola.id, Decimal(-31)), (roll.id, Decimal(-2)), *[(one, Decimal(-1)) for one in (moved[2][0], moved[3][0])]
    ]  # fmt: skip
    assert {moved[2][0], moved[3][0]} == {cola.id, chocolate.id}
    assert await all_well(shop) == []


async def test_a_service_moves_nothing_and_costs_the_stock_nothing(shop: Shop) -> None:
    await stock_up(shop)
    wrapping = await make_service(shop, "Gift wrapping", 300, unit_cost=Decimal(50))
    counter = await open_counter(shop)
    done = await counter.sell(wrapping, shop.products[0])
    assert done.sale is not None
    assert (done.sale.cost, done.sale.remarks) == (168, ())
    assert await shelf(shop, wrapping.id, shop.products[0].id) == [Decimal(0), Decimal(99)]
    assert await all_well(shop) == []


async def test_a_kit_that_comes_back_in_pieces_puts_back_what_left_even_if_it_was_changed_meanwhile(shop: Shop) -> None:
    await stock_up(shop)
    cola, fruit = shop.products[3], next(one for one in shop.products if one.name == "Bananas")
    bundle = await make_kit(shop, "Bundle", 999, {cola.id: Decimal(2), fruit.id: Decimal("0.5")})
    wrapping = await make_service(shop, "Wrapping", 100)
    counter = await open_counter(shop)
    done = await counter.sell((bundle, 3), wrapping)
    assert await shelf(shop, cola.id, fruit.id) == [Decimal(94), Decimal("98.5")]
    await make_kit(shop, "Bundle", 999, {cola.id: Decimal(50)}, id=bundle.id)
    assert done.sale is not None
    line, wrapped = done.sale.lines[0].id, done.sale.lines[1].id
    await give_back(counter, done.id, {line: 1000, wrapped: 1000})
    assert await shelf(shop, cola.id, fruit.id) == [Decimal(96), Decimal("99")]
    await give_back(counter, done.id, {line: 2000})
    assert await shelf(shop, cola.id, fruit.id) == [Decimal(100), Decimal(100)]
    assert await all_well(shop) == []


async def give_back(counter: Counter, sale: UUID, quantities: dict[UUID, int]) -> None:
    wanted = ReturnIn(new_id(), counter.till, counter.shift, quantities, (), new_id().bytes * 2)
    await counter.shop.db.run(counter.shop.scope, return_goods, sale, wanted)


async def test_demand_for_a_part_counts_over_the_whole_basket(shop: Shop) -> None:
    cola = shop.products[3]
    opening = Document(new_id(), shop.store, "", AT)
    await shop.db.run(shop.scope, open_stock, opening, [Arrival(cola.id, Decimal(7), Decimal(42))])
    pack = await make_kit(shop, "Cola 6-pack", 599, {cola.id: Decimal(6)})
    counter = await open_counter(shop)
    enough = await counter.sell(pack)
    await shop.db.run(shop.scope, fold)
    short = await counter.sell(pack, cola)
    assert enough.sale
    assert short.sale
    assert [one.code for one in enough.sale.remarks] == []
    told = [one for one in short.sale.remarks if one.code == "stock_below_zero"]
    assert [(one.product, one.facts["on_hand"]) for one in told] == [(cola.id, "-5")]


async def test_a_set_without_a_kit_asks_nothing_more_than_before(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    fetch = asyncpg.Connection.fetch

    async def listen(self: asyncpg.Connection, sql: str, *args: object, **more: object) -> object:
        asked.append(sql)
        return await fetch(self, sql, *args, **more)

    counter = await open_counter(shop)
    pack = await make_kit(shop, "Pack", 599, {shop.products[3].id: Decimal(6)})
    monkeypatch.setattr(asyncpg.Connection, "fetch", listen)
    await counter.sell(shop.products[0], shop.products[1])
    assert not [sql for sql in asked if "kit_parts" in sql]
    await counter.sell(pack)
    assert len([sql for sql in asked if "kit_parts" in sql]) == 1


async def test_an_open_price_is_no_price_that_changed(shop: Shop, db: Database) -> None:
    free = await make_service(shop, "Repair", 0, open_price=True)
    done = await (await open_counter(shop)).sell(
        {"product": str(free.id), "quantity": "1", "unit_price": 4990}, tenders=None
    )
    assert done.sale is not None
    assert (done.sale.total, done.sale.remarks) == (4990, ())


def ware(kind: str, cost: int = 0, parts: tuple[PartOf, ...] = ()) -> Ware:
    return Ware(new_id(), "S", "N", 100, False, "R", 70_000, cost, 0, kind, parts=parts)


quantities = st.decimals(Decimal("0.001"), Decimal(1000), places=3)
costs = st.integers(0, 10**12)


@given(
    st.lists(st.tuples(quantities, costs), min_size=1, max_size=3), st.lists(st.integers(-9, 9), min_size=1, max_size=6)
)
def test_what_lines_cost_is_what_their_moves_are_worth(inside: list[tuple[Decimal, int]], sold: list[int]) -> None:
    parts = tuple(PartOf(ware("goods", cost), quantity) for quantity, cost in inside)
    kits = [ware("kit", parts=parts), ware("kit", parts=parts[:1])]
    taken = explode([1000 * one for one in sold], [kits[at % 2] for at in range(len(sold))])
    worth = sum(line_cost(Decimal(one.unit_cost_micros).scaleb(-6), one.quantity_milli) for one in summed(taken))
    assert worth == sum(one.cost for line in taken for one in line or ())


@given(st.integers(-(10**9), 10**9), st.integers(0, 10**9), st.lists(st.integers(1, 5000), min_size=1, max_size=6))
def test_what_comes_back_in_pieces_is_in_the_end_what_was_sold(milli: int, cost: int, pieces: list[int]) -> None:
    sold, before, total = sum(pieces), 0, [0, 0]
    for piece in pieces:
        for one in back((StoredPart(UUID(int=1), milli, 5, cost),), sold, before, piece) or ():
            total = [total[0] + one.quantity_milli, total[1] + one.cost]
        before += piece
    assert total[0] == -milli


def test_a_kit_of_services_takes_nothing() -> None:
    empty = ware("kit", parts=())
    assert explode([1000, 1000], [empty, ware("service")]) == [(NOTHING,), (NOTHING,)]
    assert back((NOTHING,), 1000, 0, 1000) == (NOTHING,)
    assert mul_div(1, 1, 1) == 1

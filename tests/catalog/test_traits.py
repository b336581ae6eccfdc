"""Kits, services, ages, deposits, schedules: kept as said, and refused at the field where they can't be."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retail.catalog import queries
from retail.catalog.operations import Draft, archive_product, put_products
from retail.catalog.products.limits import PlanFull
from retail.catalog.products.reading import traits_of
from retail.catalog.products.traits import DEEPEST, Part, Traits, holders, kit_problem
from retail.kit.errors import Invalid
from retail.kit.ids import new_id
from retail.runtime.db import Tx
from retail.stock import Arrival, Document, open_stock
from retail.stock.levels import Narrowed, levels
from tests.support.kits import make_kit, make_service
from tests.support.selling import AT
from tests.support.web import Site
from tests.support.world import Shop

HTMX = {"HX-Request": "true"}


def typed(shop: Shop, **changes: str) -> dict[str, str]:
    known = {"name": "Green tea", "sku": "TEA-1", "price": "2.49", "tax_class": str(shop.reduced), "unit": "each"}
    return known | {"kind": "goods"} | changes


async def by_sku(shop: Shop, sku: str) -> tuple[queries.ProductFacts | None, Traits | None]:
    async with shop.db.read(shop.scope) as read:
        found = (await queries.products(read, queries.Wanted(sku=sku), limit=1, after=None)).items
        traits = await traits_of(read, [one.id for one in found])
    return (found[0], traits[found[0].id]) if found else (None, None)


async def test_everything_that_is_typed_is_kept_and_shown_again(site: Site, shop: Shop) -> None:
    owner = await site.member(shop)
    home = f"/t/{shop.tenant.slug}/products"
    deposit = await make_service(shop, "Bottle deposit", 25)
    await owner.post(f"{home}/choices", data={"name": "Milk", "least": "0", "most": "1", "modifiers": "Oat +0.50"})
    async with shop.db.read(shop.scope) as read:
        milk = await read.fetchval("SELECT id FROM modifier_group WHERE tenant_id = $1", read.tenant)
    form = typed(
        shop,
        open_price="on",
        min_age="18",
        deposit=str(deposit.id),
        content="0,75 l",
        tags="organic, local,organic",
        traits="Vintage: 2019\nOrigin: Italy",
        notes="Keep it dark.",
        available_from="2026-11-01T08:00",
        available_until="2026-12-24T14:00",
        tracking="lot",
        **{f"group.{milk}": "on"},
    )
    assert (await owner.post(home, data=form)).status_code == 303
    product, traits = await by_sku(shop, "TEA-1")
    assert product is not None
    assert traits == Traits(
        "goods", (), True, 18, deposit.id, ("organic", "local"), {"Origin": "Italy", "Vintage": "2019"},
        "Keep it dark.", datetime(2026, 11, 1, 7, tzinfo=UTC), datetime(2026, 12, 24, 13, tzinfo=UTC), "lot", 750, "l",
        (milk,),
    )  # fmt: skip
    page = (await owner.get(f"{home}/{product.id}/edit")).text
    for shown in (
        'value="0.75 l"',
        "Vintage: 2019\nOrigin: Italy",
        'value="2026-11-01T08:00"',
        "organic, local",
        "Keep it dark.",
    ):
        assert shown in page


async def test_a_kit_is_typed_by_skus_and_barcodes(site: Site, shop: Shop) -> None:
    owner = await site.member(shop)
    home = f"/t/{shop.tenant.slug}/products"
    parts = f"6 {shop.products[3].sku}\n\n0,5 x {shop.products[5].barcode}"
    assert (await owner.post(home, data=typed(shop, kind="kit", parts=parts))).status_code == 303
    product, traits = await by_sku(shop, "TEA-1")
    assert product is not None
    assert traits is not None
    assert traits.parts == (Part(shop.products[3].id, Decimal(6)), Part(shop.products[5].id, Decimal("0.500")))
    found = await owner.get(f"{home}/parts", params={"q": "cola 330"}, headers=HTMX)
    assert 'data-add-line="1 SKU-004"' in found.text
    nothing = await owner.get(f"{home}/parts", params={"q": "zzz"}, headers=HTMX)
    assert "Nothing on sale has this name" in nothing.text


WRONG: list[tuple[dict[str, str], str, str]] = [
    ({"kind": "kit"}, "parts", "A kit needs at least one part."),
    ({"kind": "kit", "parts": "6 NOBODY"}, "parts", "No product has the SKU or barcode NOBODY."),
    ({"kind": "kit", "parts": "cola"}, "parts", "Write each part as how many and its SKU"),
    ({"kind": "kit", "parts": "0 SKU-001"}, "parts", "Write each part as how many and its SKU"),
    ({"kind": "kit", "parts": "1 SKU-001\n2 SKU-001"}, "parts", "A part stands there twice."),
    ({"kind": "kit", "parts": "1 SKU-001", "unit": "kg"}, "unit", "A kit is sold by the piece."),
    ({"content": "3 bananas"}, "content", "Type how much is in it and one of the units"),
    ({"content": "0 l"}, "content", "Type how much is in it and one of the units"),
    ({"min_age": "120"}, "min_age", "The most is 99."),
    ({"deposit": str(UUID(int=5))}, "deposit", "Pick one from the list."),
    ({"traits": "Italy"}, "traits", "Write one per line as name and value"),
    ({"tags": "x" * 41}, "tags", "Use at most 40 letters for a tag."),
    ({"available_from": "tomorrow"}, "available_from", "Pick a day and a time."),
    (
        {"available_from": "2026-11-02T08:00", "available_until": "2026-11-01T08:00"},
        "available_until",
        "must come after the first",
    ),
    ({"unit": "furlong"}, "unit", "Pick one of the choices."),
]  # fmt: skip


@pytest.mark.parametrize(("change", "field", "sentence"), WRONG, ids=[str(one[0])[:40] for one in WRONG])
async def test_what_cant_be_is_said_at_its_field_and_nothing_is_lost(
    site: Site, shop: Shop, change: dict[str, str], field: str, sentence: str
) -> None:
    owner = await site.member(shop)
    refused = await owner.post(
        f"/t/{shop.tenant.slug}/products", data=typed(shop, **change, notes="Kept"), headers=HTMX
    )
    assert refused.status_code == 422
    assert f'id="f-{field}-error"' in refused.text
    assert sentence in refused.text
    assert ">Kept</textarea>" in refused.text
    assert await by_sku(shop, "TEA-1") == (None, None)


async def put(shop: Shop, id: UUID, traits: Traits) -> None:
    await shop.db.run(
        shop.scope, put_products, [Draft(id, f"K-{id.hex[-10:]}", "Kit", shop.reduced, 100, traits=traits)]
    )


def kit_of(*parts: UUID) -> Traits:
    return Traits("kit", tuple(Part(part, Decimal(1)) for part in parts))


async def test_a_kit_never_holds_itself_however_deep_and_kits_lie_three_deep_at_most(shop: Shop) -> None:
    one, two, three, four = new_id(), new_id(), new_id(), new_id()
    await put(shop, one, kit_of(shop.products[0].id))
    await put(shop, two, kit_of(one))
    await put(shop, three, kit_of(two))
    for kit, traits, sentence in (
        (one, kit_of(one), "A kit can't hold itself."),
        (one, kit_of(three), "so it would hold itself"),
        (four, kit_of(three), "at most 3 deep"),
        (one, kit_of(four), "We don't know one of the parts."),
    ):
        with pytest.raises(Invalid) as refused:
            await put(shop, kit, traits)
        assert sentence in refused.value.errors["parts"][0]
    async with shop.db.read(shop.scope) as read:
        assert (await traits_of(read, [one]))[one] == kit_of(shop.products[0].id)


async def test_a_ring_of_two_new_kits_is_refused_in_one_set(shop: Shop) -> None:
    one, two = new_id(), new_id()
    drafts = [
        Draft(one, "R-1", "One", shop.reduced, 1, traits=kit_of(two)),
        Draft(two, "R-2", "Two", shop.reduced, 1, traits=kit_of(one)),
    ]
    with pytest.raises(Invalid):
        await shop.db.run(shop.scope, put_products, drafts)
    assert await by_sku(shop, "R-1") == (None, None)


async def test_what_has_moved_stays_goods(shop: Shop) -> None:
    bread = shop.products[0]
    opening = Document(new_id(), shop.store, "", AT)
    await shop.db.run(shop.scope, open_stock, opening, [Arrival(bread.id, Decimal(3), Decimal(100))])
    draft = Draft(bread.id, bread.sku, bread.name, shop.reduced, 420, traits=Traits("service"))
    with pytest.raises(Invalid) as refused:
        await shop.db.run(shop.scope, put_products, [draft])
    assert "it stays goods" in refused.value.errors["kind"][0]


async def test_a_kit_s_stock_is_what_its_parts_make(shop: Shop) -> None:
    cola, roll = shop.products[3], shop.products[4]
    arrivals = [Arrival(cola.id, Decimal(20), Decimal(42)), Arrival(roll.id, Decimal(7), Decimal(190))]
    await shop.db.run(shop.scope, open_stock, Document(new_id(), shop.store, "", AT), arrivals)
    wrapping = await make_service(shop, "Wrapping", 100)
    pack = await make_kit(shop, "Pack", 599, {cola.id: Decimal(6)})
    both = await make_kit(shop, "Both", 999, {pack.id: Decimal(1), roll.id: Decimal(2), wrapping.id: Decimal(1)})
    async with shop.db.read(shop.scope) as read:
        held = {
            (one.product, one.store): one.on_hand
            for id in (pack.id, both.id)
            for one in (await levels(read, Narrowed(product=id), limit=10)).items
        }
        services = (await levels(read, Narrowed(product=wrapping.id), limit=10)).items
    assert held == {
        (pack.id, shop.store): 3, (pack.id, shop.second_store): 0,
        (both.id, shop.store): 3, (both.id, shop.second_store): 0,
    }  # fmt: skip
    assert services == []


async def test_a_draft_without_traits_keeps_those_there_are(shop: Shop) -> None:
    kit = await make_kit(shop, "Kit", 599, {shop.products[3].id: Decimal(6)})
    await shop.db.run(shop.scope, put_products, [Draft(kit.id, kit.sku, "Renamed", shop.reduced, 600)])
    product, traits = await by_sku(shop, kit.sku)
    assert product is not None
    assert traits is not None
    assert (product.name, traits.kind, len(traits.parts)) == ("Renamed", "kit", 1)


async def test_a_kit_that_changes_gives_those_that_hold_it_a_new_version(shop: Shop) -> None:
    inner = await make_kit(shop, "Inner", 1, {shop.products[0].id: Decimal(1)})
    outer = await make_kit(shop, "Outer", 2, {inner.id: Decimal(2)})
    before, _traits = await by_sku(shop, outer.sku)
    await make_kit(shop, "Inner", 1, {shop.products[0].id: Decimal(5)}, id=inner.id)
    after, _traits = await by_sku(shop, outer.sku)
    changed, _traits = await by_sku(shop, inner.sku)
    assert before
    assert after
    assert changed
    assert before.version < after.version == changed.version


async def starter(shop: Shop, room: int) -> None:
    async def plan(tx: Tx) -> None:
        await tx.execute("UPDATE tenant SET plan = 'starter' WHERE id = $1", tx.tenant)

    await shop.db.run(shop.scope, plan)
    more = [
        Draft(new_id(), f"FILL-{at:04d}", f"Filler {at}", shop.reduced, 100) for at in range(500 - 6 - room)
    ]  # two stores of 250 each, six products are there
    await shop.db.run(shop.scope, put_products, more)


async def test_a_full_plan_says_so_and_nothing_typed_is_lost(site: Site, shop: Shop) -> None:
    await starter(shop, 1)
    owner = await site.member(shop)
    home = f"/t/{shop.tenant.slug}/products"
    assert (await owner.post(home, data=typed(shop))).status_code == 303
    refused = await owner.post(home, data=typed(shop, sku="TEA-2", notes="Kept"), headers=HTMX)
    assert refused.status_code == 422
    assert "Your plan Starter has room for 500 products, 250 per store, and 500 are on sale." in refused.text
    assert "take a larger plan under Subscription." in refused.text
    told = await (await site.member(shop, "manager")).post(home, data=typed(shop, sku="TEA-2"), headers=HTMX)
    assert "or ask whoever looks after your subscription for a larger plan." in told.text
    assert "under Subscription" not in told.text
    assert 'value="TEA-2"' in refused.text
    assert ">Kept</textarea>" in refused.text
    changed = await owner.post(f"{home}/{shop.products[0].id}", data=typed(shop, sku="SKU-001"), headers=HTMX)
    assert changed.status_code == 204
    program = await owner.post(
        f"/t/{shop.tenant.slug}/api/v1/products",
        json={"sku": "API-1", "name": "More", "price": 1, "tax_class": str(shop.reduced)},
    )
    assert (program.status_code, program.json()["code"], program.json()["most"]) == (409, "plan_full", 500)
    await shop.db.run(shop.scope, archive_product, shop.products[1].id)
    assert (await owner.post(home, data=typed(shop, sku="TEA-2"))).status_code == 303
    back = {"ids": f"{shop.products[1].id}@0", "act": "restore"}
    async with shop.db.read(shop.scope) as read:
        back["ids"] = f"{shop.products[1].id}@{(await queries.product(read, shop.products[1].id)).version}"
    full = await owner.post(f"{home}/changes", data=back, headers=HTMX)
    assert full.status_code == 409
    async with shop.db.read(shop.scope) as read:
        assert (await queries.product(read, shop.products[1].id)).archived_at is not None


async def test_two_at_once_dont_pass_a_plan_s_last_place(shop: Shop) -> None:
    import asyncio

    await starter(shop, 1)
    drafts = [Draft(new_id(), f"RACE-{at}", "Racer", shop.reduced, 1) for at in range(4)]
    done = await asyncio.gather(
        *(shop.db.run(shop.scope, put_products, [draft]) for draft in drafts), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in done) == ["PlanFull", "PlanFull", "PlanFull", "int"]
    assert issubclass(PlanFull, Exception)


async def test_programs_say_and_hear_the_same(site: Site, shop: Shop) -> None:
    owner = await site.member(shop)
    api = f"/t/{shop.tenant.slug}/api/v1/products"
    body: dict[str, Any] = {
        "sku": "PACK-6", "name": "Six", "price": 599, "tax_class": str(shop.standard), "kind": "kit",
        "parts": [{"product": str(shop.products[3].id), "quantity": "6"}], "tags": ["party"],
        "attributes": {"Origin": "DE"}, "min_age": 16,
    }  # fmt: skip
    made = await owner.post(api, json=body)
    assert made.status_code == 201, made.text
    told = made.json()
    assert {name: told[name] for name in ("kind", "tags", "attributes", "min_age", "parts")} == {
        "kind": "kit", "tags": ["party"], "attributes": {"Origin": "DE"}, "min_age": 16,
        "parts": [{"product": str(shop.products[3].id), "quantity": "6"}],
    }  # fmt: skip
    itself = {"parts": [{"product": told["id"], "quantity": "1"}]}
    refused = await owner.patch(f"{api}/{told['id']}", json=itself)
    assert (refused.status_code, list(refused.json()["errors"])) == (422, ["parts"])
    kept = await owner.patch(f"{api}/{told['id']}", json={"price": 649})
    assert (kept.json()["price"], kept.json()["tags"]) == (649, ["party"])
    goods = await owner.patch(f"{api}/{told['id']}", json={"kind": "goods", "parts": []})
    assert (goods.status_code, goods.json()["kind"]) == (200, "goods")


ids = [UUID(int=at) for at in range(1, 7)]
graphs = st.dictionaries(st.sampled_from(ids), st.lists(st.sampled_from(ids), min_size=1, max_size=3, unique=True))


@given(graphs, st.sampled_from(ids), st.lists(st.sampled_from(ids), min_size=1, max_size=3, unique=True))
def test_what_is_let_through_keeps_every_kit_free_of_rings_and_shallow(
    graph: dict[UUID, list[UUID]], kit: UUID, parts: list[UUID]
) -> None:
    inside: dict[UUID, list[UUID]] = {}
    for id, held in graph.items():
        if not kit_problem(id, held, inside):
            inside[id] = held
    if not kit_problem(kit, parts, inside):
        inside[kit] = parts

    def deep(one: UUID, above: tuple[UUID, ...] = ()) -> int:
        assert one not in above
        return 1 + max(deep(part, (*above, one)) for part in inside[one]) if one in inside else 0

    assert all(deep(one) <= DEEPEST for one in inside)
    assert all(kit not in inside.get(one, ()) for one in inside if one not in holders([kit], inside))


def test_a_schedule_is_on_from_its_first_moment_up_to_its_last() -> None:
    first, last = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
    traits = Traits(available_from=first, available_until=last)
    moments = [datetime(2025, 12, 31, tzinfo=UTC), first, last]
    assert [traits.on_sale(now) for now in moments] == [False, True, False]
    assert replace(traits, available_until=None).on_sale(last)

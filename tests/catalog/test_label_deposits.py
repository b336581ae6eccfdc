"""Labels of goods with a deposit say it beside the price, and are due again when it changes."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from retail.catalog.labels import shelf
from retail.catalog.labels.wishes import text_of
from retail.catalog.prices.history import schedule_price
from retail.catalog.products.traits import Traits
from retail.kit.ids import new_id
from tests.support.kits import make_kit, make_service, put
from tests.support.world import Shop


async def test_a_label_says_the_deposit_and_is_due_again_when_that_changes(shop: Shop) -> None:
    bottle = await make_service(shop, "Bottle deposit", 25)
    cola = await put(shop, "Cola", 110, Traits(deposit=bottle.id, content_milli=330_000, content_unit="ml"))
    six = await make_kit(shop, "Six-pack", 600, {cola.id: Decimal(6)})
    store = shop.store

    async def due() -> set[UUID]:
        async with shop.db.read(shop.scope) as read:
            return set(await shelf.due_ids(read, store))

    async with shop.db.read(shop.scope) as read:
        facts = await shelf.label_facts(read, [cola.id, six.id, shop.products[0].id], store)
    assert [one.deposit_minor for one in facts] == [25, 150, 0]
    text = text_of(facts[0], shop.tenant)
    assert (text.price, text.deposit, text.beside) == ("€1.10", "+ deposit €0.25", "+ deposit €0.25 · 1 l = €3.33")
    await shop.db.run(shop.scope, shelf.labels_printed, store, {cola.id: 110, six.id: 600, bottle.id: 25})
    assert not await due() & {cola.id, six.id}
    await shop.db.run(shop.scope, schedule_price, new_id(), bottle.id, 30, None, "dearer")
    assert {cola.id, six.id} <= await due()
    await shop.db.run(shop.scope, shelf.labels_printed, store, {cola.id: 110, six.id: 600, bottle.id: 30})
    await put(shop, "Cola", 110, Traits(content_milli=330_000, content_unit="ml"), id=cola.id)
    assert {cola.id, six.id} <= await due()

"""A closed store takes nothing but what brings it to an end; pieces stay whole, at every door."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from retail import stock
from retail.kit.ids import new_id
from retail.stock import Arrival, Counted, Document, Taken
from retail.stock.errors import StoreIsClosed
from retail.stock.transfers.operations import NewTransfer, Wanted, cancel, draft, put_line, send
from retail.stock.transfers.receiving import Found, note_arrival, receive
from tests.support.shelves import all_holds, drafted, fold, follow_by, invalid, lines_of, sent, stocked
from tests.support.stockroom import AT, D, count, document, moved, on_hand
from tests.support.web import Site, site
from tests.support.world import Shop

__all__ = ["site"]


def home(shop: Shop) -> str:
    return f"/t/{shop.tenant.slug}"


async def close_second(shop: Shop) -> None:
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute("UPDATE store SET archived_at = now() WHERE id = $1", shop.second_store)


async def test_programs_put_nothing_into_a_closed_store(shop: Shop, site: Site) -> None:
    await stocked(shop, "10")
    await follow_by(shop, "lot", 2)
    await follow_by(shop, "serial", 3)
    await close_second(shop)
    owner = await site.member(shop)
    closed, product = str(shop.second_store), str(shop.products[0].id)
    into: dict[str, Any] = {"store": closed, "product": product, "quantity": "3"}
    over = {"store": str(shop.store), "product": product, "kind": "transfer", "quantity": "1", "to_store": closed}
    later = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    doors: list[tuple[str, dict[str, Any], str]] = [
        ("moves", into | {"kind": "receipt"}, "store"),
        ("moves", into | {"kind": "count"}, "store"),
        ("moves", into | {"kind": "adjustment", "reason": "found"}, "store"),
        ("moves", over, "to_store"),
        ("lots", into | {"product": str(shop.products[2].id), "lot": "L1"}, "store"),
        ("serials", {"store": closed, "product": str(shop.products[3].id), "serials": ["A1"]}, "store"),
        ("reservations", into | {"expires_at": later}, "store"),
        ("transfers", {"from_store": str(shop.store), "to_store": closed}, "to_store"),
        ("counts", {"store": closed, "name": "Friday", "areas": [{"name": "Floor"}]}, "store"),
    ]
    for door, body, field in doors:
        answer = await owner.post(f"{home(shop)}/api/v1/stock/{door}", json=body)
        said = answer.json()
        assert (answer.status_code, said["code"], list(said["errors"])) == (409, "store_closed", [field]), (door, said)
        assert "is closed. Pick a store that is open" in said["errors"][field][0]
    assert (await on_hand(shop), await on_hand(shop, 0, shop.second_store)) == (D(10), D(0))
    assert await count(shop, "lot") == await count(shop, "serial") == await count(shop, "transfer") == 0


async def test_what_brings_a_closed_store_to_an_end_goes_on(shop: Shop) -> None:
    await stocked(shop, "9", store=shop.second_store)
    await stocked(shop, "5", 1)
    await stocked(shop, "2", 2, store=shop.second_store)
    there = await sent(shop, (1, "2", ""))
    waiting = await drafted(shop, (1, "1", ""))
    out = new_id()

    async def draft_out(tx: Any) -> None:
        await draft(tx, NewTransfer(out, shop.second_store, shop.store))
        await put_line(tx, out, Wanted(shop.products[0].id, D(1)))

    await close_second(shop)

    def here() -> Document:
        return Document(new_id(), shop.second_store, "closing", AT)

    goods = shop.products[0].id
    await shop.db.run(shop.scope, stock.waste, here(), [Taken(goods, D(2))])
    await shop.db.run(shop.scope, stock.adjust, here(), [Taken(goods, D(-1))])
    await shop.db.run(shop.scope, stock.transfer, here(), shop.store, [Taken(goods, D(2))])
    await shop.db.run(shop.scope, draft_out)
    await shop.db.run(shop.scope, send, out)
    await shop.db.run(shop.scope, cancel, out, "kept")
    [line] = await lines_of(shop, there)
    await shop.db.run(shop.scope, receive, there, new_id(), {line.line.id: Found(D(2))})
    with pytest.raises(StoreIsClosed):
        await shop.db.run(shop.scope, send, waiting)
    await shop.db.run(shop.scope, stock.count, here(), [Counted(shop.products[2].id, D(0))])
    left = [await on_hand(shop, one, shop.second_store) for one in (0, 1, 2)]
    assert left == [D(4), D(2), D(0)]
    await fold(shop)
    await all_holds(shop)


async def test_a_document_that_was_recorded_before_the_store_closed_repeats_safely(shop: Shop) -> None:
    document = Document(new_id(), shop.second_store, "delivery", AT)
    arrivals = [Arrival(shop.products[0].id, D(3), D(50))]
    first = await shop.db.run(shop.scope, stock.receive, document, arrivals)
    await close_second(shop)
    again = await shop.db.run(shop.scope, stock.receive, document, arrivals)
    assert [one.id for one in again] == [one.id for one in first]


async def test_forms_do_not_offer_a_closed_store(shop: Shop, site: Site) -> None:
    await stocked(shop, "10")
    owner = await site.member(shop)
    option = f'<option value="{shop.second_store}"'
    pages = {"moves/new": 2, "lots/new": 1, "serials/new": 1, "waste/new": 1, "counts/new": 1, "transfers/new": 2}
    for path, times in pages.items():
        page = await owner.get(f"{home(shop)}/stock/{path}")
        assert (page.status_code, page.text.count(option)) == (200, times), path
    await stocked(shop, "1", store=shop.second_store)
    await close_second(shop)
    for path in pages:
        page = await owner.get(f"{home(shop)}/stock/{path}")
        # What is left in a closed store may be sent to another one.
        assert page.text.count(option) == (1 if path == "transfers/new" else 0), path
    wish = (await owner.get(f"{home(shop)}/stock/reservations")).text
    assert option not in wish[wish.index('name="wish_store"') :].split("</select>")[0]
    form = {"kind": "receipt", "store": str(shop.second_store), "code": "SKU-001", "quantity": "1"}
    refused = await owner.post(f"{home(shop)}/stock/moves", data=form)
    assert (refused.status_code, "is closed. Pick a store that is open" in refused.text) == (422, True)


async def test_programs_move_whole_pieces_only(shop: Shop, site: Site) -> None:
    await stocked(shop, "10")
    await follow_by(shop, "lot", 2)
    owner = await site.member(shop)
    at: dict[str, Any] = {"store": str(shop.store), "product": str(shop.products[0].id)}
    later = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    doors: list[tuple[str, dict[str, Any]]] = [
        ("moves", at | {"kind": "receipt", "quantity": "0.5"}),
        ("moves", at | {"kind": "count", "quantity": "2.345"}),
        ("moves", at | {"kind": "adjustment", "quantity": "0.25", "reason": "found"}),
        ("moves", at | {"kind": "waste", "quantity": "0.25", "reason": "broken"}),
        ("moves", at | {"kind": "transfer", "quantity": "0.5", "to_store": str(shop.second_store)}),
        ("lots", at | {"product": str(shop.products[2].id), "lot": "L1", "quantity": "0.5"}),
        ("reservations", at | {"quantity": "0.5", "expires_at": later}),
    ]
    for door, body in doors:
        answer = await owner.post(f"{home(shop)}/api/v1/stock/{door}", json=body)
        assert (answer.status_code, list(answer.json()["errors"])) == (422, ["quantity"]), (body, answer.text)
        assert "counted in whole pieces" in answer.text
    form = {"kind": "receipt", "store": str(shop.store), "code": "SKU-001", "quantity": "0.5"}
    typed = await owner.post(f"{home(shop)}/stock/moves", data=form)
    assert (typed.status_code, "counted in whole pieces" in typed.text) == (422, True)
    assert await on_hand(shop) == D(10)


async def test_people_count_whole_pieces(shop: Shop, site: Site) -> None:
    await stocked(shop, "10")
    owner = await site.member(shop)
    form = {"store": str(shop.store), "kind": "full", "name": "Friday", "uncounted": "keep", "areas": "Floor"}
    made = await owner.post(f"{home(shop)}/stock/counts", data=form)
    entries = made.headers["location"]
    page = await owner.get(entries)
    area = page.text.split('name="area" value="')[1][:36]
    half = {"code": "SKU-001", "quantity": "0.7", "mode": "add", "area": area}
    said = await owner.post(entries, data=half)
    assert (said.status_code, "counted in whole pieces" in said.text) == (422, True)
    assert await count(shop, "stock_count_entry") == 0


async def test_what_a_sale_left_of_a_piece_can_be_put_right(shop: Shop) -> None:
    await stocked(shop, "6")
    await shop.db.run(shop.scope, stock.move, [moved(shop, "-0.5")])
    goods = shop.products[0].id
    with invalid("counted in whole pieces"):
        await shop.db.run(shop.scope, stock.waste, document(shop), [Taken(goods, D("0.25"))])
    await shop.db.run(shop.scope, stock.waste, document(shop), [Taken(goods, D("0.5"))])
    assert await on_hand(shop) == D(5)


async def test_a_transfer_is_unpacked_in_whole_pieces(shop: Shop) -> None:
    await stocked(shop, "6")
    id = await sent(shop, (0, "2", ""))
    with invalid("counted in whole pieces"):
        await shop.db.run(shop.scope, note_arrival, id, shop.products[0].id, "", D("0.5"))
    [line] = await lines_of(shop, id)
    with invalid("counted in whole pieces"):
        await shop.db.run(shop.scope, receive, id, new_id(), {line.line.id: Found(D("1.5"), D("0.5"))})

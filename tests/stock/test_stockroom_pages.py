"""Pages of the stockroom: transfers, places, reservations, lots and pieces, and what is refused."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from babel.dates import format_date

from retail import stock
from retail.identity.permissions import MOVE_STOCK, VIEW_STOCK
from retail.kit.ids import new_id
from retail.kit.text import dates_of
from tests.support.days import today
from tests.support.shelves import (
    D,
    all_holds,
    drafted,
    fold,
    follow_by,
    lines_of,
    lot_in,
    pieces_in,
    pieces_of,
    sent,
    stocked,
)
from tests.support.stockroom import on_hand
from tests.support.web import Site, site
from tests.support.world import Shop

__all__ = ["site"]


def home(shop: Shop) -> str:
    return f"/t/{shop.tenant.slug}/stock"


def told(answer: httpx.Response) -> str:
    return re.sub(r"\s+", " ", answer.text.replace("&#39;", "'"))


async def test_a_transfer_goes_from_draft_to_decision_by_its_pages(shop: Shop, site: Site) -> None:
    await stocked(shop, "10")
    owner = await site.member(shop)
    empty = await owner.get(f"{home(shop)}/transfers")
    assert "No transfers yet" in empty.text
    assert "From store" in (await owner.get(f"{home(shop)}/transfers/new")).text
    begun = {
        "id": str(new_id()),
        "from_store": str(shop.store),
        "to_store": str(shop.second_store),
        "note": "for Sunday",
    }
    answer = await owner.post(f"{home(shop)}/transfers", data=begun)
    at = f"{home(shop)}/transfers/{begun['id']}"
    assert (answer.status_code, answer.headers["location"]) == (303, at)
    assert "Scan the first product" in (await owner.get(at)).text
    for code in (shop.products[0].barcode, shop.products[0].sku):
        assert (await owner.post(f"{at}/lines", data={"code": code})).status_code == 303
    [held] = await lines_of(shop, new_uuid(begun["id"]))
    line = {f"quantity-{held.line.id}": "6"}
    assert (await owner.post(f"{at}/quantities", data=line)).status_code == 303
    assert (await owner.post(f"{at}/dispatch")).headers["location"] == at
    page = await owner.get(at)
    assert "Arrived whole" in page.text
    assert 'value="6"' in page.text
    assert "Sourdough loaf 800 g" in (await owner.get(f"{at}/paper")).text
    [sent_line] = await lines_of(shop, new_uuid(begun["id"]))
    found = {f"arrived-{sent_line.line.id}": "4", f"damaged-{sent_line.line.id}": "1"}
    assert (await owner.post(f"{at}/receipt", data=found)).status_code == 303
    assert "Who bears the difference" in (await owner.get(at)).text
    refused = await owner.post(f"{at}/decision", data={"reason": ""})
    assert (refused.status_code, "Fill this in." in refused.text) == (422, True)
    decided = {f"line-{sent_line.line.id}": "sender", "reason": "one fell out"}
    assert (await owner.post(f"{at}/decision", data=decided)).status_code == 303
    page = await owner.get(at)
    assert "Altstadt bears it" in page.text
    assert "one fell out" in page.text
    listed = await owner.get(f"{home(shop)}/transfers?state=received&store={shop.store}")
    assert "No. 1" in listed.text
    assert (await on_hand(shop), await on_hand(shop, store=shop.second_store)) == (D(4), D(4))
    await all_holds(shop)


def new_uuid(text: str) -> Any:
    from uuid import UUID

    return UUID(text)


async def test_thousands_arrive_as_thousands_where_nobody_changed_what_the_form_says(shop: Shop, site: Site) -> None:
    await stocked(shop, "2500")
    owner = await site.member(shop)
    id = await sent(shop, (0, "1500", ""))
    at = f"{home(shop)}/transfers/{id}"
    [line] = await lines_of(shop, id)
    name = f"arrived-{line.line.id}"
    shown = re.search(rf'<input name="{name}"[^>]* value="([^"]*)"', (await owner.get(at)).text)
    assert shown
    refused = await owner.post(f"{at}/receipt", data={name: "1,500"})
    assert (refused.status_code, "This could be 1.5 or 1500" in refused.text) == (422, True)
    assert (await owner.post(f"{at}/receipt", data={name: shown[1]})).status_code == 303
    [line] = await lines_of(shop, id)
    assert (line.line.sound, line.line.missing) == (D(1500), D(0))


async def test_what_cant_be_sent_stands_at_its_line_and_nothing_changes(shop: Shop, site: Site) -> None:
    await stocked(shop, "1")
    owner = await site.member(shop)
    id = await drafted(shop, (0, "3", ""))
    answer = await owner.post(f"{home(shop)}/transfers/{id}/dispatch")
    assert answer.status_code == 422
    assert "Only 1 on hand and not reserved." in told(answer)
    wrong = await owner.post(f"{home(shop)}/transfers/{id}/lines", data={"code": "nonsense"})
    assert (wrong.status_code, 'value="nonsense"' in wrong.text) == (422, True)
    same = {"from_store": str(shop.store), "to_store": str(shop.store)}
    answer = await owner.post(f"{home(shop)}/transfers", data=same)
    assert (answer.status_code, "where they are" in answer.text) == (422, True)
    assert await on_hand(shop) == D(1)
    gone = await owner.post(f"{home(shop)}/transfers/{id}/cancellation", data={"reason": "no need"})
    assert gone.status_code == 303
    again = await owner.post(f"{home(shop)}/transfers/{id}/dispatch")
    assert (again.status_code, "was cancelled by Owner" in told(again)) == (409, True)
    assert (await owner.get(f"{home(shop)}/transfers/{new_id()}")).status_code == 404


async def test_a_delivery_is_scanned_in_on_its_page(shop: Shop, site: Site) -> None:
    await stocked(shop, "5")
    owner = await site.member(shop)
    id = await sent(shop, (0, "2", ""))
    scan = {"code": shop.products[0].barcode}
    answer = await owner.post(f"{home(shop)}/transfers/{id}/lines", data=scan, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    [line] = await lines_of(shop, id)
    assert line.line.arrived == D(1)
    assert f'name="arrived-{line.line.id}"' in answer.text
    bad = await owner.post(f"{home(shop)}/transfers/{id}/receipt", data={f"arrived-{line.line.id}": "x"})
    assert (bad.status_code, "at most three decimals" in bad.text) == (422, True)


async def test_places_are_added_and_goods_moved_and_listed(shop: Shop, site: Site) -> None:
    await stocked(shop, "5")
    owner = await site.member(shop)
    assert "Everything lies on the shop floor" in (await owner.get(f"{home(shop)}/places")).text
    new = {"place_store": str(shop.store), "name": "Cellar", "kind": "cold", "id": str(new_id())}
    assert (await owner.post(f"{home(shop)}/places", data=new)).status_code == 303
    twice = await owner.post(f"{home(shop)}/places", data={**new, "id": str(new_id())})
    assert (twice.status_code, "a place with this name" in twice.text) == (422, True)
    move = {"code": "SKU-001", "quantity": "3", "from_place": f"main@{shop.store}", "to_place": new["id"]}
    assert (await owner.post(f"{home(shop)}/places/moves", data=move)).status_code == 303
    more = await owner.post(f"{home(shop)}/places/moves", data={**move, "quantity": "9"})
    assert (more.status_code, "Only 2 there, 9 wanted" in more.text) == (409, True)
    nowhere = await owner.post(f"{home(shop)}/places/moves", data={**move, "to_place": f"main@{shop.store}"})
    assert (nowhere.status_code, "Pick another place: goods can" in nowhere.text) == (422, True)
    elsewhere = await owner.post(f"{home(shop)}/places/moves", data={**move, "to_place": f"main@{shop.second_store}"})
    assert "These are two stores" in elsewhere.text
    page = await owner.get(f"{home(shop)}/places/{new['id']}")
    assert "Sourdough loaf 800 g" in page.text
    full = await owner.post(f"{home(shop)}/places/{new['id']}/closure")
    assert (full.status_code, "Something still lies here" in full.text) == (409, True)
    renamed = {"name": "Old cellar", "kind": "cold"}
    assert (await owner.post(f"{home(shop)}/places/{new['id']}", data=renamed)).status_code == 303
    assert "Old cellar" in (await owner.get(f"{home(shop)}/{shop.products[0].id}")).text


async def test_goods_are_kept_and_given_free_and_the_list_of_stock_says_so(shop: Shop, site: Site) -> None:
    await stocked(shop, "5")
    owner = await site.member(shop)
    until = (shop.db.clock.now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    wish = {"code": "SKU-001", "quantity": "4", "wish_store": str(shop.store), "until": until, "note": "for Ada"}
    assert (await owner.post(f"{home(shop)}/reservations", data=wish)).status_code == 303
    page = await owner.get(f"{home(shop)}/reservations")
    assert "for Ada" in page.text
    too_much = await owner.post(f"{home(shop)}/reservations", data=wish)
    assert (too_much.status_code, "Only 1 available, 4 wanted" in too_much.text) == (409, True)
    past = await owner.post(f"{home(shop)}/reservations", data={**wish, "quantity": "1", "until": "2020-01-01T10:00"})
    assert (past.status_code, "still to come" in past.text) == (422, True)
    assert "4 reserved" in (await owner.get(home(shop))).text
    id = re.search(r"reservations/([0-9a-f-]{36})/ending", page.text)
    assert id
    seen = re.search(r'name="kept_until" value="([^"]+)"', page.text)
    assert seen
    ends = "SELECT expires_at FROM reservation WHERE id = $1"
    async with shop.db.read(shop.scope) as read:
        before = await read.fetchval(ends, UUID(id[1]))
    for _ in range(2):  # the same form twice is one day more
        longer = await owner.post(f"{home(shop)}/reservations/{id[1]}/longer", data={"kept_until": seen[1]})
        assert longer.status_code == 303
    async with shop.db.read(shop.scope) as read:
        assert await read.fetchval(ends, UUID(id[1])) == before + timedelta(days=1)
    assert (await owner.post(f"{home(shop)}/reservations/{id[1]}/ending", data={"ending": "used"})).status_code == 303
    assert "Nothing is reserved" in (await owner.get(f"{home(shop)}/reservations")).text
    assert "Fetched" in (await owner.get(f"{home(shop)}/reservations?ended=1")).text


async def test_lots_are_received_listed_by_date_and_written_off(shop: Shop, site: Site) -> None:
    await follow_by(shop, "lot")
    owner = await site.member(shop)
    form = {"code": "SKU-001", "quantity": "4", "lot": "L1", "lot_store": str(shop.store), "unit_cost": "0,50"}
    soon = {**form, "expires_on": today(shop, ahead=5).isoformat()}
    assert (await owner.post(f"{home(shop)}/lots", data=soon)).status_code == 303
    await fold(shop)
    await lot_in(shop, "OLD", "2", date(2020, 1, 1))
    other = await owner.post(f"{home(shop)}/lots", data={**soon, "expires_on": "2031-01-01"})
    day = format_date(today(shop, ahead=5), "medium", locale=dates_of(shop.tenant.locale))
    assert (other.status_code, f"known with another date, {day}." in other.text) == (422, True)
    assert "Expired" in (await owner.get(f"{home(shop)}/lots")).text
    assert "L1" not in (await owner.get(f"{home(shop)}/lots?days=3")).text
    assert "L1" in (await owner.get(f"{home(shop)}/lots?days=7")).text
    assert (await owner.get(f"{home(shop)}/lots?days=8")).status_code == 422
    async with shop.db.read(shop.scope) as read:
        old = await read.fetchval("SELECT id FROM lot WHERE code = 'OLD'")
    gone = {"store": str(shop.store)}
    assert (await owner.post(f"{home(shop)}/lots/{old}/waste", data=gone)).status_code == 303
    await fold(shop)
    page = await owner.get(f"{home(shop)}/lots/{old}")
    assert "Nothing of it is left." in page.text
    assert await on_hand(shop) == D(4)
    again = await owner.post(f"{home(shop)}/lots/{old}/waste", data=gone)
    assert (again.status_code, "Only 0 of this lot here" in again.text) == (422, True)


async def test_pieces_are_received_by_scanning_and_found_by_their_number(shop: Shop, site: Site) -> None:
    await follow_by(shop, "serial")
    owner = await site.member(shop)
    form = {"code": "SKU-001", "piece_store": str(shop.store), "numbers": "A1\r\nA2\r\n\r\nA1\r\n", "unit_cost": "9"}
    assert (await owner.post(f"{home(shop)}/serials", data=form)).status_code == 303
    assert list(await pieces_of(shop)) == ["A1", "A2"]
    twice = await owner.post(f"{home(shop)}/serials", data={**form, "numbers": "A2\nA3"})
    assert (twice.status_code, "The number A2 is known already" in twice.text) == (422, True)
    found = await owner.get(f"{home(shop)}/serials?q=A2")
    assert found.status_code == 303
    page = await owner.get(found.headers["location"])
    assert "In stock" in page.text
    assert "Nobody knows this number" in (await owner.get(f"{home(shop)}/serials?q=ZZ")).text
    bare = await owner.post(f"{found.headers['location']}/waste", data={"reason": ""})
    assert (bare.status_code, "Fill this in." in bare.text) == (422, True)
    assert (await owner.post(f"{found.headers['location']}/waste", data={"reason": "broken"})).status_code == 303
    assert (await pieces_of(shop))["A2"][0] == "scrapped"
    seen = {**form, "numbers": "B7", "seen": "on"}
    assert (await owner.post(f"{home(shop)}/serials", data=seen)).status_code == 303
    assert (await pieces_of(shop))["B7"] == ("in_stock", shop.store)


@pytest.mark.parametrize("path", ["/transfers", "/places", "/reservations", "/lots", "/serials"])
async def test_who_may_not_see_stock_sees_no_page_and_who_may_only_look_gets_no_form(
    shop: Shop, site: Site, path: str
) -> None:
    nobody = await site.holder(shop, "view_sales")
    assert (await nobody.get(f"{home(shop)}{path}")).status_code == 403
    onlooker = await site.holder(shop, VIEW_STOCK)
    page = await onlooker.get(f"{home(shop)}{path}")
    assert page.status_code == 200
    assert 'method="post" action="/t/' not in page.text.split("<main", 1)[1]


async def test_programs_use_the_same_by_the_api(shop: Shop, site: Site) -> None:
    await stocked(shop, "9")
    owner = await site.holder(shop, VIEW_STOCK, MOVE_STOCK, "reserve_stock", "settle_transfers")
    api = f"/t/{shop.tenant.slug}/api/v1/stock"
    until = (shop.db.clock.now() + timedelta(hours=1)).isoformat()
    wish = {"store": str(shop.store), "product": str(shop.products[0].id), "quantity": "2", "expires_at": until}
    kept = await owner.post(f"{api}/reservations", json=wish, headers={"Idempotency-Key": "a"})
    assert (kept.status_code, kept.json()["state"]) == (201, "live")
    assert (await owner.post(f"{api}/reservations", json=wish, headers={"Idempotency-Key": "a"})).status_code == 200
    level = (await owner.get(f"{api}?store={shop.store}&product={shop.products[0].id}")).json()
    assert [level[name] for name in ("on_hand", "reserved", "available", "incoming")] == ["9", "2", "7", "0"]
    short = await owner.post(f"{api}/reservations", json={**wish, "quantity": "8"})
    assert (short.status_code, short.json()["code"]) == (409, "not_available")
    ended = await owner.patch(f"{api}/reservations/{kept.json()['id']}", json={"ending": "released"})
    assert ended.json()["state"] == "released"
    line = {"product": str(shop.products[0].id), "quantity": "3"}
    new = {"from_store": str(shop.store), "to_store": str(shop.second_store), "lines": [line]}
    made = (await owner.post(f"{api}/transfers", json=new)).json()
    on_its_way = (await owner.post(f"{api}/transfers/{made['id']}/dispatch")).json()
    (line,) = (await owner.get(f"{api}/transfers/{made['id']}/lines")).json()["items"]
    assert (on_its_way["state"], on_its_way["lines"], line["unit_cost"]) == ("sent", 1, None)
    level = (await owner.get(f"{api}?store={shop.second_store}&product={shop.products[0].id}")).json()
    assert level["incoming"] == "3"
    found = {"lines": [{"line": line["id"], "arrived": "2"}]}
    got = (await owner.post(f"{api}/transfers/{made['id']}/receipt", json=found)).json()
    assert (got["state"], got["undecided"]) == ("received", True)
    verdict = {"lines": [{"line": line["id"], "decision": "shelf"}], "reason": "still here"}
    assert (await owner.post(f"{api}/transfers/{made['id']}/decision", json=verdict)).json()["undecided"] is False
    late = await owner.post(f"{api}/transfers/{made['id']}/cancellation", json={})
    assert (late.status_code, late.json()["code"]) == (409, "transfer_moved_on")
    assert await on_hand(shop) == D(7)
    listed = (await owner.get(f"{api}/transfers?state=received")).json()
    assert [one["id"] for one in listed["items"]] == [made["id"]]
    await all_holds(shop)


async def test_programs_receive_lots_and_pieces_and_move_between_places(shop: Shop, site: Site) -> None:
    await follow_by(shop, "lot", 0)
    await follow_by(shop, "serial", 1)
    owner = await site.member(shop)
    api = f"/t/{shop.tenant.slug}/api/v1/stock"
    here = {"store": str(shop.store)}
    lot = {**here, "product": str(shop.products[0].id), "quantity": "4", "lot": "L1", "expires_on": "2030-01-01"}
    assert (await owner.post(f"{api}/lots", json=lot)).status_code == 201
    pieces = {**here, "product": str(shop.products[1].id), "serials": ["A1", "A2"]}
    assert (await owner.post(f"{api}/serials", json=pieces)).status_code == 201
    await shop.db.run(shop.scope, stock.fold)
    assert (await owner.get(f"{api}/lots?expires_by=2030-06-01")).json()["items"][0]["on_hand"] == "4"
    assert (await owner.get(f"{api}/serials?number=A2")).json()["items"][0]["state"] == "in_stock"
    place = str(new_id())
    form = {"place_store": str(shop.store), "name": "Cellar", "kind": "storage", "id": place}
    assert (await owner.post(f"{home(shop)}/places", data=form)).status_code == 303
    move = {**here, "product": str(shop.products[0].id), "quantity": "1", "to_place": place}
    assert (await owner.post(f"{api}/places/moves", json=move)).status_code == 201
    lying = (await owner.get(f"{api}/places?product={shop.products[0].id}")).json()["items"]
    assert [(one["place"], one["on_hand"]) for one in lying] == [(None, "3"), (place, "1")]
    assert [one["name"] for one in (await owner.get(f"{api}/places?store={shop.store}")).json()["items"]] == ["Cellar"]
    await all_holds(shop)


async def test_pieces_lots_and_places_of_another_business_are_not_there(shop: Shop, site: Site) -> None:
    from tests.support.world import open_shop

    other = await open_shop(shop.db)
    await follow_by(other, "serial")
    await pieces_in(other, ["A1"])
    theirs = await sent_in(other)
    owner = await site.member(shop)
    assert "Nobody knows this number" in (await owner.get(f"{home(shop)}/serials?q=A1")).text
    assert (await owner.get(f"{home(shop)}/transfers/{theirs}")).status_code == 404
    assert (await owner.post(f"{home(shop)}/transfers/{theirs}/cancellation")).status_code == 404


async def sent_in(other: Shop) -> Any:
    await stocked(other, "3", 2)
    return await sent(other, (2, "1", ""))

"""All waste is listed with its cost, followed goods come in named, and refusals stand at the field that was sent."""

from __future__ import annotations

from typing import Any

import pytest

from retail.kit.ids import new_id
from retail.stock.wasting.reasons import NO_REASON
from tests.support.shelves import all_holds, fold, follow_by, stocked
from tests.support.stockroom import D, balances, count, on_hand
from tests.support.web import Site, site
from tests.support.world import Shop

__all__ = ["site"]

TIMES = "\N{MULTIPLICATION SIGN}"


def home(shop: Shop) -> str:
    return f"/t/{shop.tenant.slug}"


def body_of(shop: Shop, kind: str, quantity: str, **more: object) -> dict[str, Any]:
    return {"store": str(shop.store), "product": str(shop.products[0].id), "kind": kind, "quantity": quantity} | more


async def test_waste_by_move_stock_and_by_programs_is_listed_with_its_cost(shop: Shop, site: Site) -> None:
    await stocked(shop, "10")
    owner = await site.member(shop)
    form = {"kind": "waste", "store": str(shop.store), "code": shop.products[0].sku, "quantity": "2", "reason": "fell"}
    assert (await owner.post(f"{home(shop)}/stock/moves", data=form)).status_code == 303
    sent = await owner.post(f"{home(shop)}/api/v1/stock/moves", json=body_of(shop, "waste", "3", reason="mice"))
    assert sent.status_code == 201, sent.text
    page = (await owner.get(f"{home(shop)}/stock/waste/new")).text
    reason = page.split('name="reason"')[1].split('<option value="')[2][:36]
    listed = {"store": str(shop.store), "code": shop.products[0].sku, "quantity": "1", "reason": reason}
    assert (await owner.post(f"{home(shop)}/stock/waste", data=listed)).status_code == 303
    every = (await owner.get(f"{home(shop)}/stock/waste")).text
    shown = ("fell", "mice", "No reason from the list", f"{TIMES}2", "€2.50", f"{TIMES}1", "€0.50")
    assert [words in every for words in shown] == [True] * 7
    posted = await balances(shop)
    assert posted["waste"] + posted["waste_expired"] == 300
    without = (await owner.get(f"{home(shop)}/stock/waste?reason={NO_REASON}")).text
    assert [words in without for words in ("fell", "mice", f"{TIMES}2", f"{TIMES}1")] == [True, True, True, False]
    with_one = (await owner.get(f"{home(shop)}/stock/waste?reason={reason}")).text
    assert ("fell" in with_one, f"{TIMES}1" in with_one) == (False, True)
    elsewhere = (await owner.get(f"{home(shop)}/stock/waste?store={shop.second_store}")).text
    assert "Nothing was written off" in elsewhere


async def test_move_stock_offers_the_reasons_of_the_list_for_waste(shop: Shop, site: Site) -> None:
    await stocked(shop, "10")
    owner, at = await site.member(shop), f"{home(shop)}/stock/moves"
    page = (await owner.get(f"{at}/new")).text
    offered = page.split('name="waste_reason"')[1].split("</select>")[0]
    reason = next(one[:36] for one in offered.split('<option value="') if ">Broken<" in one.replace("\n", ""))
    form = {"kind": "waste", "store": str(shop.store), "code": shop.products[0].sku, "quantity": "2"}
    neither = await owner.post(at, data=form | {"waste_reason": ""})
    assert (neither.status_code, await on_hand(shop)) == (422, D(10))
    fallen = form | {"waste_reason": reason, "reason": "fell", "id": str(new_id())}
    wrong = await owner.post(at, data=fallen | {"quantity": "much"})
    assert f'value="{reason}" selected' in " ".join(wrong.text.split()), "what was picked stays picked"
    for _again in range(2):  # sent twice, it leaves once
        assert (await owner.post(at, data=fallen)).status_code == 303
    assert (await owner.post(at, data=form | {"waste_reason": str(new_id())})).status_code == 404
    assert await on_hand(shop) == D(8)
    assert (await balances(shop))["waste_damaged"] == 100
    listed = (await owner.get(f"{home(shop)}/stock/waste?reason={reason}")).text
    assert ("fell" in listed, "€1.00" in listed) == (True, True)
    counted = {"kind": "count", "waste_reason": reason, "quantity": "5"}  # left over from another kind: no matter
    assert (await owner.post(at, data=form | counted)).status_code == 303
    assert await on_hand(shop) == D(5)
    await all_holds(shop)


async def test_programs_say_why_goods_are_waste(shop: Shop, site: Site) -> None:
    await stocked(shop, "10")
    owner = await site.member(shop)
    for more in ({}, {"reason": "  "}):
        refused = await owner.post(f"{home(shop)}/api/v1/stock/moves", json=body_of(shop, "waste", "1", **more))
        assert (refused.status_code, refused.json()["errors"]) == (422, {"reason": ["Say in a few words why."]})
    assert await on_hand(shop) == D(10)


@pytest.mark.parametrize(("tracking", "words"), [("lot", "with its lot"), ("serial", "with its numbers")])
async def test_followed_goods_come_in_by_lot_or_number(shop: Shop, site: Site, tracking: str, words: str) -> None:
    await follow_by(shop, tracking)
    owner = await site.member(shop)
    sent = await owner.post(f"{home(shop)}/api/v1/stock/moves", json=body_of(shop, "receipt", "3"))
    assert (sent.status_code, list(sent.json()["errors"])) == (422, ["product"])
    assert words in sent.json()["errors"]["product"][0]
    form = {"kind": "receipt", "store": str(shop.store), "code": shop.products[0].sku, "quantity": "3"}
    page = await owner.post(f"{home(shop)}/stock/moves", data=form)
    assert (page.status_code, words in page.text) == (422, True)
    assert await count(shop, "stock_move") == 0
    named = {"lot": ("lots", {"quantity": "3", "lot": "L1"}), "serial": ("serials", {"serials": ["A1", "A2", "A3"]})}
    door, goods = named[tracking]
    at = {"store": str(shop.store), "product": str(shop.products[0].id)}
    assert (await owner.post(f"{home(shop)}/api/v1/stock/{door}", json=at | goods)).status_code == 201
    await fold(shop)
    assert await on_hand(shop) == D(3)
    await all_holds(shop)


async def test_more_than_a_balance_or_the_books_hold_is_told_at_the_quantity(shop: Shop, site: Site) -> None:
    await stocked(shop, "10")
    owner = await site.member(shop)
    for kind, more in (
        ("receipt", {"unit_cost": "0"}),
        ("adjustment", {"reason": "found"}),
        ("receipt", {"unit_cost": "1000000000000"}),
    ):
        body = body_of(shop, kind, "99999999999", id=str(new_id()), **more)
        refused = await owner.post(f"{home(shop)}/api/v1/stock/moves", json=body)
        assert (refused.status_code, list(refused.json()["errors"])) == (422, ["quantity"]), refused.text
    assert (await on_hand(shop), await count(shop, "stock_move")) == (D(10), 1)


async def test_a_transfers_errors_have_the_names_of_what_was_sent(shop: Shop, site: Site) -> None:
    await stocked(shop, "10")
    owner = await site.member(shop)
    api = f"{home(shop)}/api/v1/stock/transfers"
    ends = {"from_store": str(shop.store), "to_store": str(shop.second_store)}
    good, other = ({"product": str(one.id), "quantity": "2"} for one in shop.products[:2])
    unknown = good | {"product": str(new_id())}

    async def wrong(path: str, body: dict[str, Any], method: str = "POST") -> list[str]:
        answer = await owner.request(method, f"{api}{path}", json=body)
        assert answer.status_code == 422, answer.text
        return list(answer.json()["errors"])

    assert await wrong("", ends | {"lines": [good, unknown]}) == ["lines.1.product"]
    assert await wrong("", ends | {"lines": [good, other | {"quantity": "0.5"}]}) == ["lines.1.quantity"]
    assert await count(shop, "transfer") == 0
    made = (await owner.post(api, json=ends)).json()["id"]
    assert await wrong(f"/{made}/lines", unknown, "PUT") == ["product"]
    assert await wrong(f"/{made}/dispatch", {}) == ["lines"]
    for line in (good, other):
        assert (await owner.put(f"{api}/{made}/lines", json=line)).status_code == 200
    assert await wrong(f"/{made}/dispatch", {}) == ["lines.1"], "nothing of the second is there"
    assert (await owner.put(f"{api}/{made}/lines", json=other | {"quantity": "0"})).status_code == 200
    await owner.post(f"{api}/{made}/dispatch")
    [sent] = (await owner.get(f"{api}/{made}/lines")).json()["items"]
    assert await wrong(f"/{made}/receipt", {}) == ["lines"]
    half = {"lines": [{"line": sent["id"], "arrived": "0.5"}]}
    assert await wrong(f"/{made}/receipt", half) == ["lines.0.arrived"]
    came = {"lines": [{"line": sent["id"], "arrived": "1"}]}
    assert (await owner.post(f"{api}/{made}/receipt", json=came)).status_code == 200


async def test_lots_pieces_and_places_are_refused_at_members_too(shop: Shop, site: Site) -> None:
    await stocked(shop, "10")
    owner = await site.member(shop)
    goods = {"store": str(shop.store), "product": str(shop.products[0].id)}
    for door, more, field in (
        ("lots", {"quantity": "1", "lot": "L1"}, "product"),
        ("serials", {"serials": ["A1"]}, "product"),
        ("places/moves", {"quantity": "1"}, "to_place"),
    ):
        answer = await owner.post(f"{home(shop)}/api/v1/stock/{door}", json=goods | more)
        assert (answer.status_code, list(answer.json()["errors"])) == (422, [field]), door

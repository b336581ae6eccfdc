"""Pages and JSON API of offers: each kind is built with a live example, started, sold, tried on past sales; coupons."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from retail.kit.ids import new_id
from retail.promotions import jobs, offers, trials
from retail.promotions.facts import OfferFacts
from tests.support.selling import open_counter
from tests.support.web import Site
from tests.support.world import Shop


def plain(answer: httpx.Response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def home(shop: Shop) -> str:
    return f"/t/{shop.tenant.slug}/promotions"


FORMS: dict[str, dict[str, str]] = {
    "percent": {"terms.percent": "20"},
    "amount": {"terms.amount": "0.50"},
    "fixed": {"terms.price": "1.00"},
    "buy_get": {"terms.buy": "2", "terms.free": "1", "terms.percent": "100"},
    "mix": {"terms.count": "3", "terms.price": "2.00"},
    "meal": {"terms.price": "3.00", "terms.slots.0.name": "Bread", "terms.slots.1.name": "More"},
    "tiered": {"terms.by": "pieces", "terms.tiers.0.from": "2", "terms.tiers.0.percent": "5",
               "terms.tiers.1.from": "4", "terms.tiers.1.percent": "10"},
    "basket": {"terms.from": "10", "terms.amount": "2"},
}  # fmt: skip


def filled(shop: Shop, kind: str, **more: str) -> dict[str, str]:
    if kind == "meal":
        more |= {f"terms.slots.{at}.goods.products": shop.products[at].sku for at in (0, 1)}
    return {"kind": kind, "name": f"Our {kind}"} | FORMS[kind] | more


@pytest.mark.parametrize("kind", FORMS)
async def test_each_kind_is_built_with_a_live_example_and_comes_back_as_it_was_typed(
    site: Site, shop: Shop, kind: str
) -> None:
    owner, typed = await site.member(shop), filled(shop, kind)
    assert (await owner.get(f"{home(shop)}/new?kind={kind}")).status_code == 200
    example = plain(await owner.get(f"{home(shop)}/example", params=typed))
    assert "Together" in example, example
    made = await owner.post(home(shop), data=typed)
    assert made.status_code == 303, plain(made)
    page = await owner.get(made.headers["location"])
    assert page.status_code == 200
    for name, value in typed.items():
        shown = re.search(rf'name="{re.escape(name)}"[^>]*?value="([^"]*)"', page.text)
        if name not in {"terms.by"}:
            assert shown is not None, name
            number = re.fullmatch(r"[\d.]+", value)
            assert (float(shown[1]) == float(value)) if number else (shown[1] == value), name
    again = await owner.post(made.headers["location"], data=typed)
    assert again.status_code == 303
    async with shop.db.read(shop.scope) as read:
        row = await read.fetchrow("SELECT version, state FROM offer WHERE tenant_id = $1", read.tenant)
    assert row is not None
    assert tuple(row) == (1, "draft"), "saved as it was, nothing changed"


async def test_an_offer_starts_rests_ends_and_is_found_by_its_state(site: Site, shop: Shop) -> None:
    owner = await site.member(shop)
    assert "No offers yet" in (await owner.get(home(shop))).text
    hours = {"day.4": "on", "from_time": "17:00", "to_time": "19:00"}
    at = (await owner.post(home(shop), data=filled(shop, "percent", **hours))).headers["location"]
    for state in ("running", "paused", "running", "ended"):
        turned = await owner.post(f"{at}/state", data={"state": state})
        assert turned.status_code == 303
        found = plain(await owner.get(home(shop), params={"standing": state, "q": "our"}))
        assert "Our percent" in found
    assert "Nothing matches" in plain(await owner.get(home(shop), params={"standing": "running"}))
    copy = await owner.post(f"{at}/copies")
    assert "Copy of Our percent" in plain(await owner.get(copy.headers["location"]))
    assert (await owner.post(f"{copy.headers['location']}/removal")).status_code == 303
    assert (await owner.get(copy.headers["location"])).status_code == 404


async def test_what_is_wrong_is_told_at_its_field_and_nothing_typed_is_lost(site: Site, shop: Shop) -> None:
    owner = await site.member(shop)
    wrong = filled(shop, "percent", **{"terms.percent": "120", "terms.goods.products": "NOPE", "name": "Kept"})
    page = await owner.post(home(shop), data=wrong)
    assert page.status_code == 422
    assert "No product has the SKU or barcode NOPE." in page.text
    assert "Type a percentage from 0.01 to 100" in page.text
    assert 'value="Kept"' in page.text
    clerk = await site.member(shop, "clerk")
    assert (await clerk.post(home(shop), data=filled(shop, "percent"))).status_code == 403
    async with shop.db.read(shop.scope) as read:
        assert await read.fetchval("SELECT count(*) FROM offer WHERE tenant_id = $1", read.tenant) == 0


async def test_the_example_says_what_is_wrong_while_it_is_typed_and_knows_weighed_goods(site: Site, shop: Shop) -> None:
    owner = await site.member(shop)
    bananas = next(one for one in shop.products if one.name == "Bananas")

    async def example(**typed: str) -> str:
        return plain(await owner.get(f"{home(shop)}/example", params={"kind": "percent"} | typed))

    weighed = await example(**{"terms.percent": "15", "terms.goods.products": bananas.sku})
    assert f"{bananas.name} 3 kg" in weighed
    assert "Together" in weighed
    unknown = await example(**{"terms.percent": "15", "terms.goods.products": "NOPE"})
    assert "No product has the SKU or barcode NOPE." in unknown
    assert "Type a percentage from 0.01 to 100" in await example(**{"terms.percent": "150"})
    assert "Fill in what it takes off" in await example()  # what is empty is not wrong yet


async def test_two_and_one_for_nothing_is_said_to_be_free(site: Site, shop: Shop) -> None:
    owner = await site.member(shop)
    at = (await owner.post(home(shop), data=filled(shop, "buy_get"))).headers["location"]
    assert "buy 2, get 1 free" in plain(await owner.get(at))


async def test_coupons_are_made_checked_downloaded_and_taken_back(site: Site, shop: Shop) -> None:
    owner = await site.member(shop)
    at = (await owner.post(home(shop), data=filled(shop, "basket", coupon="on"))).headers["location"]
    await owner.post(f"{at}/state", data={"state": "running"})
    assert (await owner.post(f"{at}/coupons", data={"kind": "made", "prefix": "x", "count": "3"})).status_code == 422
    made = await owner.post(f"{at}/coupons", data={"kind": "made", "prefix": "sum", "count": "60", "uses": "1"})
    assert made.status_code == 303, plain(made)
    page = await owner.get(f"{at}/coupons")
    [series] = re.findall(r"coupons/([0-9a-f-]{36})/export", page.text)
    file = await owner.get(f"{at}/coupons/{series}/export")
    rows = file.text.split("\r\n")
    assert (rows[0], len(rows)) == ("code,written,used", 62)
    code = rows[1].split(",")[1]
    assert "Good for Our basket." in plain(await owner.get(f"{at}/coupons", params={"code": code}))
    assert (await owner.post(f"{at}/coupons/{series}/closing")).status_code == 303
    assert "These coupons were taken back." in plain(await owner.get(f"{at}/coupons", params={"code": code}))
    api = f"/t/{shop.tenant.slug}/api/v1"
    judged = (await owner.post(f"{api}/coupons/check", json={"code": code})).json()
    assert (judged["good"], judged["why"]) == (False, "closed")
    listed = (await owner.get(f"{api}/coupons/{series}/codes", params={"limit": 50})).json()
    assert (len(listed["items"]), listed["next"] is not None) == (50, True)


async def test_a_trial_walks_past_baskets_and_says_what_they_would_have_earned(site: Site, shop: Shop) -> None:
    owner, counter = await site.member(shop), await open_counter(shop)
    loaf, other = shop.products[0], shop.products[1]
    await counter.send(*[counter.sale((loaf, "2")) for _ in range(3)], counter.sale(other))
    goods = {"goods": {"products": [str(loaf.id)]}, "percent": 5000}
    of = await shop.db.run(shop.scope, offers.create, OfferFacts(new_id(), "Half", "percent", goods))
    async with shop.db.begin(shop.scope) as tx:
        trial = await jobs.start(tx, of.id)
        assert await jobs.start(tx, of.id) == trial, "one at a time"
    async with shop.db.read(shop.scope) as read:
        wanted = (await trials.trial(read, trial)).wanted
    while await shop.db.run(shop.scope, trials.walk, trial, 2):
        pass
    async with shop.db.read(shop.scope) as read:
        found = await trials.trial(read, trial)
    figures = {name: found.figure(name) for name in ("baskets", "touched", "revenue", "given", "margin_after")}
    net = 785 * 3  # 2 x 4.20 with 7 % is 7.85 without
    assert (found.state, wanted, found.walked) == ("done", 4, 4)
    assert (figures["baskets"], figures["touched"], figures["given"]) == (4, 3, 393 * 3)
    assert figures["margin_after"] == found.figure("margin_before") - figures["given"]
    assert figures["revenue"] > net
    assert found.result["top"] == [("Sourdough loaf 800 g", 393 * 3)]
    page = plain(await owner.get(f"{home(shop)}/{of.id}/trials/{trial}"))
    assert "Baskets with the offer" in page


async def test_a_program_makes_reads_changes_and_starts_an_offer(site: Site, shop: Shop) -> None:
    owner, api = await site.member(shop), f"/t/{shop.tenant.slug}/api/v1"
    body: dict[str, Any] = {"name": "Cheap", "kind": "percent", "terms": {"goods": {}, "percent": 1000},
                            "stores": [str(shop.store)], "priority": 3}  # fmt: skip
    made = await owner.post(f"{api}/offers", json=body, headers={"Idempotency-Key": "k"})
    assert made.status_code == 201, made.text
    assert (await owner.post(f"{api}/offers", json=body, headers={"Idempotency-Key": "k"})).json() == made.json()
    one = made.json()
    at = f"{api}/offers/{one['id']}"
    assert {name: one[name] for name in body} == body
    wrong = await owner.patch(at, json={"terms": {"goods": {}, "percent": 0}, "version": 1})
    assert (wrong.status_code, list(wrong.json()["errors"])) == (422, ["terms.percent"])
    changed = await owner.patch(at, json={"stores": None, "version": 1})
    assert (changed.status_code, changed.json()["stores"], changed.json()["version"]) == (200, None, 2)
    late = await owner.patch(at, json={"priority": 1, "version": 1})
    assert (late.status_code, late.json()["code"]) == (409, "version_changed")
    started = await owner.post(f"{at}/state", json={"state": "running"})
    assert started.json()["standing"] == "running"
    told = (await owner.get(f"{api}/offers/set", params={"store": str(shop.store)})).json()
    assert [offer["id"] for offer in told["offers"]] == [one["id"]]
    catalogue = (await owner.get(f"{api}/catalogue", params={"since": 0, "store": str(shop.store)})).json()
    assert catalogue["promotions"] == told["version"]
    same = (await owner.get(f"{api}/offers/set", params={"store": str(shop.store), "since": told["version"]})).json()
    assert same == {"version": told["version"], "same": True}
    assert (await owner.delete(at)).status_code == 409
    performance = (await owner.get(f"{at}/performance")).json()
    assert (performance["sales"], performance["given"]) == (0, 0)

"""The JSON API of customers: found by phone, card and name, kept once, changed by version, merged."""

from __future__ import annotations

import re
from typing import Any

import pytest

from retail.catalog.taxes.keeping import ExemptionFacts, exempt, exemptions
from retail.identity.permissions import EDIT_CUSTOMERS, SELL, VIEW_CUSTOMERS
from retail.kit.ids import new_id
from retail.sales.queries import stored_sale
from tests.support.buyers import a_customer
from tests.support.selling import AT, open_counter
from tests.support.web import Site
from tests.support.world import Shop


def api_of(shop: Shop) -> str:
    return f"/t/{shop.tenant.slug}/api/v1/customers"


async def test_a_customer_is_kept_once_and_changed_by_version(site: Site, shop: Shop) -> None:
    owner, api = await site.member(shop), api_of(shop)
    new = {"id": str(new_id()), "name": "Anna Berg", "phone": "+49 171 2345678", "email": "Anna@Example.com",
           "member_card": "2042 0001", "group": "club", "credit_limit": 5000}  # fmt: skip
    made = await owner.post(api, json=new)
    assert made.status_code == 201, made.text
    assert (await owner.post(api, json=new)).json() == made.json()
    one = made.json()
    assert {name: one[name] for name in ("phone_digits", "email", "member_card", "group", "credit_limit", "alike")} == {
        "phone_digits": "491712345678", "email": "anna@example.com", "member_card": "20420001", "group": "club",
        "credit_limit": 5000, "alike": [],
    }  # fmt: skip
    clash = await owner.post(api, json=new | {"name": "Berta"})
    assert clash.json()["errors"] == {"id": ["This id exists; change it with PATCH."]}
    at = f"{api}/{one['id']}"
    changed = await owner.patch(at, json={"group": None, "note": "left-handed", "version": 1})
    assert (changed.json()["group"], changed.json()["note"], changed.json()["name"]) == (
        None,
        "left-handed",
        "Anna Berg",
    )
    late = await owner.patch(at, json={"note": "", "version": 1})
    assert (late.status_code, late.json()["code"]) == (409, "version_changed")
    twin = await owner.post(api, json={"name": "A. Berg", "phone": "0049 171 2345678"})
    assert twin.json()["alike"] == [{"id": one["id"], "name": "Anna Berg", "by": "phone"}]
    taken = await owner.post(api, json={"name": "Carl", "member_card": "20420001"})
    assert (taken.status_code, list(taken.json()["errors"])) == (422, ["member_card"])
    assert (await owner.delete(at)).status_code == 204
    assert (await owner.patch(at, json={"note": "x"})).json()["code"] == "customer_archived"
    assert (await owner.post(f"{at}/restoration")).json()["active"] is True


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=berg", ["Anna Berg"]),
        ("q=ann", ["Anna Berg", "Hanna Öz"]),
        ("q=oz", ["Hanna Öz"]),
        ("q=2345678", ["Anna Berg"]),
        ("q=%2B491712345678", ["Anna Berg"]),
        ("q=20420001", ["Hanna Öz"]),
        ("q=hanna@", ["Hanna Öz"]),
        ("phone=%2B49%20171%202345678", ["Anna Berg"]),
        ("card=20420001", ["Hanna Öz"]),
        ("card=2042", []),
        ("q=nobody", []),
    ],
)
async def test_people_are_found_by_name_phone_card_and_mail(
    site: Site, shop: Shop, query: str, found: list[str]
) -> None:
    await a_customer(shop, phone="+49 171 2345678")
    await a_customer(shop, "Hanna Öz", member_card="20420001", email="hanna@example.com")
    clerk = await site.member(shop, "clerk")
    answer = await clerk.get(f"{api_of(shop)}?{query}")
    assert [one["name"] for one in answer.json()["items"]] == found


async def test_the_list_goes_on_page_by_page_and_by_change(site: Site, shop: Shop) -> None:
    owner, api = await site.member(shop), api_of(shop)
    for name in "CAB":
        await a_customer(shop, name)
    first = (await owner.get(f"{api}?limit=2")).json()
    then = (await owner.get(f"{api}?limit=2&after={first['next']}")).json()
    assert [one["name"] for one in (*first["items"], *then["items"])] == ["A", "B", "C"]
    since = (await owner.get(f"{api}?updated_since=2000-01-01T00:00:00Z")).json()
    assert [one["name"] for one in since["items"]] == ["C", "A", "B"]
    assert (await owner.get(f"{api}?after=nonsense")).status_code == 422


async def test_a_clerk_adds_somebody_at_the_till_and_changes_nobody(site: Site, shop: Shop) -> None:
    clerk, api = await site.member(shop, "clerk"), api_of(shop)
    at = f"/t/{shop.tenant.slug}/api/v1/tills/{shop.till}/customers"
    new = {"id": str(new_id()), "name": "Anna", "phone": "+49 171 2345678"}
    assert (await clerk.post(at, json=new)).status_code == 201
    assert (await clerk.post(at, json=new)).json()["id"] == new["id"]
    assert (await clerk.post(at, json=new | {"group": "staff"})).status_code == 422
    assert (await clerk.post(api, json={"name": "B"})).status_code == 403
    assert (await clerk.patch(f"{api}/{new['id']}", json={"group": "staff"})).status_code == 403
    assert (await clerk.delete(f"{api}/{new['id']}")).status_code == 403
    assert (await (await site.member(shop, "viewer")).post(at, json=new)).status_code == 403
    for permission in (VIEW_CUSTOMERS, SELL, EDIT_CUSTOMERS):
        assert permission in shop.scope.permissions


async def test_two_rows_become_one_person_with_all_they_bought(site: Site, shop: Shop) -> None:
    owner, api = await site.member(shop), api_of(shop)
    kept = await a_customer(shop, "Anna Berg")
    old = await a_customer(shop, "A. Berg", phone="+49 171 2345678", member_card="20420001", group="club")
    until = ExemptionFacts(new_id(), str(old), "paper 7", None, AT.date(), None)
    await shop.db.run(shop.scope, exempt, until)
    counter = await open_counter(shop)
    await counter.sell(customer=str(old))
    assert (await owner.post(f"{api}/{old}/merge", json={"into": str(old)})).status_code == 422
    merged = await owner.post(f"{api}/{old}/merge", json={"into": str(kept)})
    assert {name: merged.json()[name] for name in ("id", "phone_digits", "member_card", "group")} == {
        "id": str(kept), "phone_digits": "491712345678", "member_card": "20420001", "group": "club",
    }  # fmt: skip
    gone = (await owner.get(f"{api}/{old}")).json()
    assert (gone["merged_into"], gone["active"]) == (str(kept), False)
    for verb, at, body in (("POST", "/restoration", None), ("PATCH", "", {"name": "x"})):
        refused = await owner.request(verb, f"{api}/{old}{at}", json=body)
        assert (refused.status_code, refused.json()["code"]) == (409, "customer_merged")
    await counter.sell(customer=str(old))  # a till that hasn't heard of it
    page = await owner.get(f"/t/{shop.tenant.slug}/customers/{kept}")
    assert len(re.findall(r'href="[^"]*/sales/[0-9a-f-]{36}"', page.text)) == 2
    async with shop.db.read(shop.scope) as read:
        assert [one.customer for one in await exemptions(read)] == [str(kept)]


async def test_a_card_that_a_till_wrote_down_becomes_its_customer(shop: Shop) -> None:
    anna = await a_customer(shop, member_card="20420001")
    counter = await open_counter(shop)
    known, unknown, by_id = [
        (await counter.sell(customer=customer)).id for customer in ("20420001", "20429999", str(anna))
    ]
    said: dict[Any, str] = {}
    async with shop.db.read(shop.scope) as read:
        for id in (known, unknown, by_id):
            said[id] = (await stored_sale(read, id)).customer
    assert said == {known: str(anna), unknown: "20429999", by_id: str(anna)}
    again = counter.sale(customer="20420001")
    first, second = await counter.send(again, again)
    assert (first.status, second.status) == ("created", "replayed")

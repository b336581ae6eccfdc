"""Refusals are on the trail: who was kept from what, and why; no refusal changes anything; no flood fills it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from retail.identity.grants import NewGrant, give_grant
from retail.kit.clock import FixedClock
from retail.kit.errors import Forbidden
from retail.runtime import refused
from retail.runtime.web.limits import LIMITS
from tests.support.web import Site, enrol, site
from tests.support.world import Shop

__all__ = ["site"]


async def told(shop: Shop) -> list[dict[str, object]]:
    async with shop.db.read(shop.scope) as read:
        rows = await read.fetch(
            "SELECT action, actor_kind, actor_id, facts FROM audit_event WHERE action LIKE 'access.%' ORDER BY id"
        )
    return [json.loads(row["facts"]) | {"action": row["action"], "who": row["actor_id"]} for row in rows]


async def test_a_right_that_is_missing_is_told_with_the_request_and_the_person(site: Site, shop: Shop) -> None:
    person, _email, secret = await enrol(site.db, shop.tenant.id, "clerk")
    clerk, base = site.visitor(secret), f"/t/{shop.tenant.slug}"
    assert (await clerk.post(f"{base}/people/{shop.store}/role", data={"role": "owner"})).status_code == 403
    assert (await clerk.get(f"{base}/people")).status_code == 403  # who only looks changes nothing
    assert (await clerk.put(f"{base}/api/v1/roles/clerk/rights", json={"rights": {}})).status_code == 403
    assert await told(shop) == [
        {
            "action": "access.refused",
            "who": person,
            "why": "forbidden",
            "permission": "edit_people",
            "request": "POST /people/{member}/role",
        },
        {
            "action": "access.refused",
            "who": person,
            "why": "forbidden",
            "permission": "manage_roles",
            "request": "PUT /api/v1/roles/{key}/rights",
        },
    ]


async def test_who_has_to_prove_that_it_is_them_is_told(
    site: Site, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, base = await site.member(shop), f"/t/{shop.tenant.slug}"
    monkeypatch.setattr(site.db, "clock", FixedClock(site.db.clock.now() + timedelta(minutes=11)))
    answer = await owner.post(f"{base}/people/{shop.store}/departure")
    assert (answer.status_code, answer.headers["location"].split("?")[0]) == (307, "/confirm/held")
    (one,) = await told(shop)
    assert (one["why"], one["request"]) == ("confirmation_needed", "POST /people/{member}/departure")


async def test_a_store_outside_of_grants_is_told(site: Site, shop: Shop) -> None:
    person, _email, secret = await enrol(site.db, shop.tenant.id, "viewer")
    async with shop.db.read(shop.scope) as read:
        member = await read.fetchval("SELECT id FROM membership WHERE person_id = $1", person)
    await shop.db.run(shop.scope, give_grant, member, NewGrant("manager", shop.store, None, None, "Fair"))
    visitor = site.visitor(secret)
    body = {"store": str(shop.second_store), "product": str(shop.products[0].id), "kind": "receipt", "quantity": "3"}
    answer = await visitor.post(f"/t/{shop.tenant.slug}/api/v1/stock/moves", json=body)
    assert answer.status_code == 403, answer.text
    assert [(one["why"], one["permission"], one["request"]) for one in await told(shop)] == [
        ("forbidden", "move_stock", "POST /api/v1/stock/moves")
    ]
    async with shop.db.read(shop.scope) as read:
        assert await read.fetchval("SELECT count(*) FROM stock_move WHERE store_id = $1", shop.second_store) == 0


async def test_a_refusal_that_a_form_only_shows_is_told_too(site: Site, shop: Shop) -> None:
    manager, base = await site.member(shop, "manager"), f"/t/{shop.tenant.slug}"
    form = {"email": "nina@shop.example", "name": "Nina New", "role": "owner", "password": "three cups of green tea"}
    answer = await manager.post(f"{base}/people", data=form)
    assert answer.status_code == 422
    assert [(one["why"], one["request"]) for one in await told(shop)] == [("forbidden", "POST /people")]


async def test_a_flood_of_refusals_leaves_a_few_records(site: Site, shop: Shop) -> None:
    clerk, base = await site.member(shop, "clerk"), f"/t/{shop.tenant.slug}"
    most = LIMITS["refusal"].tries
    for _try in range(most + 15):
        assert (await clerk.post(f"{base}/people/{shop.store}/departure")).status_code == 403
    assert [one["action"] for one in await told(shop)] == ["access.refused"] * most + ["access.refused_often"]
    other = await site.member(shop, "clerk")
    await other.post(f"{base}/people/{shop.store}/departure")
    assert len(await told(shop)) == most + 2


async def test_many_callers_of_a_business_leave_no_more_than_its_share(
    site: Site, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(LIMITS, "refusal.business", replace(LIMITS["refusal.business"], tries=3))
    monkeypatch.setitem(LIMITS, "refusal.business.more", replace(LIMITS["refusal.business.more"], tries=2))
    for _caller in range(8):
        clerk = await site.member(shop, "clerk")
        await clerk.post(f"/t/{shop.tenant.slug}/people/{shop.store}/departure")
    assert [one["action"] for one in await told(shop)] == ["access.refused"] * 3 + ["access.refused_often"] * 2


async def test_the_answer_is_the_same_where_nothing_can_be_recorded(
    site: Site, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk = await site.member(shop, "clerk")
    path = f"/t/{shop.tenant.slug}/people/{shop.store}/departure"
    assert (await clerk.post(path)).status_code == 403

    async def away(*_args: object) -> None:
        raise OSError("gone")

    monkeypatch.setattr(type(site.db), "run", away)
    assert (await clerk.post(path)).status_code == 403


def test_refusals_are_heard_inside_and_nowhere_else() -> None:
    one = Forbidden("sell")
    refused.tell(one)
    with refused.hearing() as heard:
        refused.tell(one)
        refused.tell(one)
    refused.tell(Forbidden("refund"))
    assert heard == [one]

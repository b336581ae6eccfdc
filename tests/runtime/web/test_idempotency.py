"""The same key with the same body gets the first answer again, however often and however close together."""

from __future__ import annotations

import asyncio
from uuid import UUID

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response

from retail.identity.permissions import VIEW_STORES
from retail.kit.errors import NotFound
from retail.kit.ids import new_id
from retail.runtime.db import Database
from retail.runtime.web.context import db, scope
from retail.runtime.web.idempotency import idempotent
from retail.runtime.web.routing import post, within_tenant
from tests.support.database import Clone
from tests.support.web import Site, make_site
from tests.support.world import Shop, open_shop


async def once(request: Request) -> Response:
    body = await request.json()

    async def make() -> dict[str, object]:
        id = new_id()
        await tx.execute(
            "INSERT INTO notice (tenant_id, id, kind, facts, created_at) VALUES ($1, $2, 'probe', '{}', $3)",
            tx.tenant,
            id,
            tx.now,
        )
        if body.get("fails"):
            raise NotFound
        return {"id": id, "amount": body["amount"]}

    async with db(request).begin(scope(request)) as tx:
        return (await idempotent(request, tx, "probe.make", make)).response()


@pytest.fixture
async def owner(site: Site, shop: Shop) -> httpx.AsyncClient:
    site.app.router.routes.insert(0, within_tenant([post("/probe/once", once, permission=VIEW_STORES)]))
    return await site.member(shop)


async def send(who: httpx.AsyncClient, shop: Shop, key: str | None, **body: object) -> httpx.Response:
    headers = {"Accept": "application/json"} | ({"Idempotency-Key": key} if key else {})
    return await who.post(f"/t/{shop.tenant.slug}/probe/once", json=body, headers=headers)


async def made(shop: Shop) -> list[UUID]:
    async with shop.db.read(shop.scope) as read:
        return [row["id"] for row in await read.fetch("SELECT id FROM notice WHERE kind = 'probe'")]


async def test_a_repeat_gets_the_first_answer(owner: httpx.AsyncClient, shop: Shop) -> None:
    first = await send(owner, shop, "k1", amount=5)
    again = await send(owner, shop, "k1", amount=5)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert [str(id) for id in await made(shop)] == [first.json()["id"]]


async def test_without_a_key_everything_is_new(owner: httpx.AsyncClient, shop: Shop) -> None:
    answers = [await send(owner, shop, None, amount=5) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert len(await made(shop)) == 2


async def test_another_body_under_the_same_key_is_refused(owner: httpx.AsyncClient, shop: Shop) -> None:
    await send(owner, shop, "k2", amount=5)
    other = await send(owner, shop, "k2", amount=6)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")
    assert len(await made(shop)) == 1


async def test_ten_at_once_make_one(owner: httpx.AsyncClient, shop: Shop) -> None:
    answers = await asyncio.gather(*(send(owner, shop, "k3", amount=5) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [200] * 9 + [201]
    assert len({answer.text for answer in answers}) == 1
    assert len(await made(shop)) == 1


async def test_a_failure_leaves_the_key_free(owner: httpx.AsyncClient, shop: Shop) -> None:
    assert (await send(owner, shop, "k4", fails=True)).status_code == 404
    assert await made(shop) == []
    assert (await send(owner, shop, "k4", amount=5)).status_code == 201


async def test_a_key_is_its_own_in_every_shop(owner: httpx.AsyncClient, site: Site, shop: Shop) -> None:
    other = await open_shop(site.db)
    stranger = await site.member(other)
    assert (await send(owner, shop, "k5", amount=5)).status_code == 201
    assert (await send(stranger, other, "k5", amount=7)).status_code == 201


@pytest.mark.parametrize("key", ["x" * 201, "a\tb"])
async def test_a_key_that_cannot_be_stored_is_said_so(owner: httpx.AsyncClient, shop: Shop, key: str) -> None:
    answer = await send(owner, shop, key, amount=5)
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["Idempotency-Key"])


async def test_with_the_database_gone_pages_say_busy_and_the_heartbeat_lives(clone: Clone, shop: Shop) -> None:
    database = await Database.connect(clone.app_url, size=1)
    site = make_site(database)
    visitor = await site.member(shop)
    await database.close()
    page = await visitor.get(f"/t/{shop.tenant.slug}/people")
    assert (page.status_code, page.headers["retry-after"]) == (503, "2")
    assert "Nothing was lost" in page.text
    api = await visitor.get(f"/t/{shop.tenant.slug}/api/v1/me")
    assert (api.status_code, api.json()["code"]) == (503, "busy")
    assert (await visitor.get("/healthz")).status_code == 200
    assert (await visitor.get("/readyz")).status_code == 503
    await site.close()

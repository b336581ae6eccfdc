"""The hub's doorman: a socket is proved by its session or token, and proved again with the rights of now."""

from __future__ import annotations

import pytest
from starlette.websockets import WebSocket

from retail.identity import operations, queries
from retail.identity.doorkeeper import MEMORY
from retail.identity.permissions import ROLES
from retail.identity.rules import digest
from retail.identity.sockets import SocketDoorman, session_key
from retail.identity.tokens import create_token
from retail.runtime.tenancy import Scope
from retail.runtime.web.context import KEY, Edge
from tests.support.web import Site, enrol
from tests.support.world import Shop, open_shop


def websocket(site: Site, slug: str = "", secret: str = "") -> WebSocket:
    here = Edge("request", site.app.state.process, slug=slug, session=digest(secret) if secret else None)
    return WebSocket({"type": "websocket", "headers": [], KEY: here}, None, None)  # type: ignore[arg-type]


@pytest.fixture
def doorman(site: Site) -> SocketDoorman:
    return SocketDoorman(site.db)


async def test_a_session_is_a_guest_of_its_own_shop_only(doorman: SocketDoorman, site: Site, shop: Shop) -> None:
    other = await open_shop(site.db)
    person, _, secret = await enrol(site.db, shop.tenant.id, "clerk")
    guest = await doorman.by_session(websocket(site, shop.tenant.slug, secret))
    assert guest is not None
    assert (guest.scope.tenant, guest.scope.actor.id) == (shop.tenant.id, person)
    assert guest.scope.permissions == ROLES["clerk"]
    assert guest.key == session_key(digest(secret))
    assert await doorman.by_session(websocket(site, other.tenant.slug, secret)) is None
    assert await doorman.by_session(websocket(site, "", secret)) is None
    assert await doorman.by_session(websocket(site, shop.tenant.slug)) is None


async def test_a_guest_is_proved_again_past_every_memory(doorman: SocketDoorman, site: Site, shop: Shop) -> None:
    person, _, secret = await enrol(site.db, shop.tenant.id, "manager")
    guest = await doorman.by_session(websocket(site, shop.tenant.slug, secret))
    assert guest is not None
    async with site.db.read(shop.scope) as read:
        member = next(m for m in await queries.members(read) if m.person_id == person)
    await site.db.run(Scope.system(shop.tenant.id), operations.change_role, member.id, "clerk")
    again = await doorman.again(guest)
    assert again is not None
    assert (again.scope.role, again.key) == ("clerk", guest.key)
    await site.db.run(Scope.system(shop.tenant.id), operations.end_membership, member.id)
    assert await doorman.again(guest) is None


async def test_signing_out_voids_a_guest(doorman: SocketDoorman, site: Site, shop: Shop) -> None:
    _, _, secret = await enrol(site.db, shop.tenant.id, "clerk")
    guest = await doorman.by_session(websocket(site, shop.tenant.slug, secret))
    assert guest is not None
    await site.visitor(secret).post("/sign-out")
    assert await doorman.again(guest) is None


async def test_a_token_is_a_guest_of_the_tokens_shop(doorman: SocketDoorman, site: Site, shop: Shop) -> None:
    token = await site.db.run(Scope.system(shop.tenant.id), create_token, role="viewer", name="Board")
    guest = await doorman.by_token(websocket(site), token)
    assert guest is not None
    assert (guest.scope.tenant, guest.scope.role, guest.audience.tenant.slug) == (
        shop.tenant.id,
        "viewer",
        shop.tenant.slug,
    )
    async with site.db.begin(shop.scope) as tx:
        await tx.execute("UPDATE api_token SET revoked_at = $1", tx.now)
    MEMORY.forget(token_hash=digest(token))
    assert await doorman.again(guest) is None
    assert await doorman.by_token(websocket(site), "ct_nothing") is None
    assert await doorman.by_token(websocket(site), "no prefix") is None

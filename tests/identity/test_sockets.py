"""The hub's doorman: a socket is proved by its session or token, and proved again with the rights of now."""

from __future__ import annotations

import pytest
from starlette.websockets import WebSocket

from retail.identity import networks, oidc, operations, queries
from retail.identity.device_door import caller_by
from retail.identity.devices import open_device_session
from retail.identity.doorkeeper import MEMORY
from retail.identity.entry_errors import OutsideNetworks
from retail.identity.permissions import ROLES
from retail.identity.rules import digest
from retail.identity.sockets import SocketDoorman, session_key
from retail.identity.tokens import create_token
from retail.runtime.realtime.access import AccessChanged
from retail.runtime.realtime.guests import Guest
from retail.runtime.tenancy import Actor, Scope
from retail.runtime.web.context import KEY, Edge
from tests.support.enrolled import Keys, proof
from tests.support.enrolled import enrol as enrol_device
from tests.support.web import KEYS, Site, enrol
from tests.support.world import Shop, open_shop

EVENT = AccessChanged.name


def websocket(site: Site, slug: str = "", secret: str = "", ip: str = "203.0.113.7") -> WebSocket:
    here = Edge("request", site.app.state.process, slug=slug, session=digest(secret) if secret else None, ip=ip)
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


async def test_whoever_sits_outside_of_a_new_list_of_networks_loses_the_socket(
    doorman: SocketDoorman, site: Site, shop: Shop
) -> None:
    _, _, secret = await enrol(site.db, shop.tenant.id, "manager")
    token = await site.db.run(Scope.system(shop.tenant.id), create_token, role="viewer", name="Board")
    keys = Keys()
    device = await enrol_device(site.db, shop, keys)
    alone = Scope(shop.tenant.id, Actor("device", device, "—"))
    proved = await proof(site.db, shop, keys, device)
    till = (await site.db.run(alone, open_device_session, device, proved, "")).secret
    caller = await caller_by(site.db, digest(till))

    async def seated(ip: str) -> list[Guest | None]:
        at_till = websocket(site, shop.tenant.slug, ip=ip)
        at_till.scope[KEY].device = caller
        by_session = await doorman.by_session(websocket(site, shop.tenant.slug, secret, ip))
        return [by_session, await doorman.by_token(websocket(site, ip=ip), token), await doorman.by_session(at_till)]

    async def still_there(guests: list[Guest | None]) -> list[bool]:
        return [guest is not None and await doorman.again(guest) is not None for guest in guests]

    inside, outside = await seated("203.0.113.7"), await seated("198.51.100.9")
    assert await still_there([*inside, *outside]) == [True] * 6
    office = networks.read_list("203.0.113.0/24 Office")
    for devices, tills in ((False, True), (True, False)):
        await site.db.run(shop.scope, networks.set_policy, office, devices=devices, here="203.0.113.7")
        assert await still_there(inside) == [True, True, True]
        assert await still_there(outside) == [False, False, tills]
    async with site.db.read(shop.scope) as read:
        told = await read.fetchval("SELECT count(*) FROM outbox WHERE tenant_id = $1 AND name = $2", read.tenant, EVENT)
    assert told == 2, "each change has the open sockets prove themselves again"
    with pytest.raises(OutsideNetworks):
        await doorman.by_session(websocket(site, shop.tenant.slug, secret, "198.51.100.9"))


async def test_a_role_that_must_come_by_single_sign_on_loses_its_sockets(
    doorman: SocketDoorman, site: Site, shop: Shop
) -> None:
    _, _, secret = await enrol(site.db, shop.tenant.id, "manager")
    guest = await doorman.by_session(websocket(site, shop.tenant.slug, secret))
    assert guest is not None
    issuer = "https://login.acme.example"
    provider = oidc.Settings(
        "Acme", issuer, "us", "secret", (), ("manager",), (), checks_second_factor=False, enabled=True
    )
    await site.db.run(shop.scope, oidc.set_provider, KEYS, provider)
    assert await doorman.again(guest) is None

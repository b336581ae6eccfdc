"""Devices are enrolled once per code, prove themselves, and are out the moment they are revoked."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from retail.identity import device_policy, device_queries, devices, pins
from retail.identity.device_errors import (
    BadProof,
    DeviceRequired,
    DeviceRevoked,
    NoPin,
    OtherTill,
    PinLocked,
    PinPaused,
    UnknownBadge,
    WrongCode,
)
from retail.identity.devices import Coming
from retail.identity.rules import digest
from retail.kit.clock import FixedClock
from retail.kit.errors import Invalid, NotFound
from retail.kit.ids import new_id
from retail.runtime.db import Database
from retail.runtime.tenancy import Actor, Scope
from retail.sales.claims import claim_till, holder
from retail.tenants.settings_changes import change
from tests.support.enrolled import ORIGIN, Keys, enrol, proof
from tests.support.web import KEYS, Site
from tests.support.web import enrol as take_on
from tests.support.world import Shop


async def count(shop: Shop, table: str, where: str = "true") -> int:
    async with shop.db.read(shop.scope) as read:
        return int(await read.fetchval(f"SELECT count(*) FROM {table} WHERE tenant_id = $1 AND {where}", read.tenant))


async def mate(db: Database, shop: Shop, role: str = "clerk") -> UUID:
    person, _email, _secret = await take_on(db, shop.tenant.id, role)
    return person


async def test_a_code_enrols_one_device(db: Database, shop: Shop) -> None:
    keys = Keys()
    offer = await db.run(shop.scope, devices.offer_enrolment, shop.till, "Tablet")
    async with db.platform() as unit:
        assert await devices.find_enrolment(unit, offer.code.lower()) == (shop.tenant.id, offer.id)
    scope = Scope(shop.tenant.id, Actor("device", None, "—"))
    device = await db.run(scope, devices.enrol, offer.id, keys.coming(offer.code))
    async with db.platform() as unit:
        with pytest.raises(WrongCode):
            await devices.find_enrolment(unit, offer.code)
    with pytest.raises(WrongCode):
        await db.run(scope, devices.enrol, offer.id, keys.coming(offer.code))
    async with db.read(shop.scope) as read:
        known = await device_queries.device(read, device)
    assert (known.name, known.till, known.enrolled_by, known.revoked_at) == ("Tablet", shop.till, "Olga Owner", None)


async def test_of_two_that_come_with_one_code_at_once_one_wins(db: Database, shop: Shop) -> None:
    offer = await db.run(shop.scope, devices.offer_enrolment, shop.till, "Tablet")
    scope = Scope(shop.tenant.id, Actor("device", None, "—"))

    async def come() -> UUID:
        keys = Keys()
        return await db.run(scope, devices.enrol, offer.id, keys.coming(offer.code))

    came = await asyncio.gather(*(come() for _ in range(8)), return_exceptions=True)
    assert sum(isinstance(one, UUID) for one in came) == 1
    assert sum(isinstance(one, WrongCode) for one in came) == 7
    assert await count(shop, "device") == 1


async def test_a_code_ends_after_ten_minutes(db: Database, shop: Shop) -> None:
    offer = await db.run(shop.scope, devices.offer_enrolment, shop.till, "Tablet")
    later = offer.expires_at + timedelta(seconds=1)
    keys, scope = Keys(), Scope(shop.tenant.id, Actor("device", None, "—"))
    before = db.clock
    db.clock = FixedClock(later)
    try:
        with pytest.raises(WrongCode):
            await db.run(scope, devices.enrol, offer.id, keys.coming(offer.code))
    finally:
        db.clock = before
    assert await count(shop, "device") == 0


async def test_who_has_not_the_private_key_enrols_nothing_and_keeps_the_code_good(db: Database, shop: Shop) -> None:
    offer = await db.run(shop.scope, devices.offer_enrolment, shop.till, "Tablet")
    scope, keys, other = Scope(shop.tenant.id, Actor("device", None, "—")), Keys(), Keys()
    wrong = [
        (keys.public, other.prove("enrol", offer.code, keys.public)),
        (keys.public, keys.prove("enrol", offer.code, keys.public, origin="https://elsewhere.test")),
        ("AAAA", keys.enrolment(offer.code)["signature"]),
    ]
    for public, signature in wrong:
        with pytest.raises(BadProof):
            await db.run(scope, devices.enrol, offer.id, Coming(new_id(), offer.code, public, signature, [ORIGIN]))
    assert await count(shop, "device") == 0
    assert await count(shop, "device_enrolment", "used_at IS NULL") == 1


async def test_a_challenge_is_good_once_for_its_device_purpose_and_origin(db: Database, shop: Shop) -> None:
    keys, others = Keys(), Keys()
    device, other = await enrol(db, shop, keys), await enrol(db, shop, others, shop.second_till)
    good = await proof(db, shop, keys, device)
    session = await db.run(shop.scope, devices.open_device_session, device, good, "")
    assert await count(shop, "device_session", "revoked_at IS NULL") == 1
    for wrong in (
        good,
        await proof(db, shop, others, device),
        await proof(db, shop, keys, device, "farewell"),
        await proof(db, shop, keys, other),
    ):
        with pytest.raises(BadProof):
            await db.run(shop.scope, devices.open_device_session, device, wrong, "")
    async with db.read(shop.scope) as read:
        kept = await read.fetchval("SELECT token_hash FROM device_session WHERE tenant_id = $1", read.tenant)
    assert kept == digest(session.secret)


async def test_a_revoked_device_has_no_session_no_claim_and_no_way_back(db: Database, shop: Shop) -> None:
    keys = Keys()
    device = await enrol(db, shop, keys)
    await db.run(shop.scope, devices.open_device_session, device, await proof(db, shop, keys, device), "")
    scope = Scope(shop.tenant.id, Actor("device", device, "Tablet"), shop.scope.permissions, device=device)
    await db.run(scope, claim_till, shop.till, device, "Tablet", take_over=False)
    assert len(await db.run(shop.scope, devices.revoke_device, device)) == 1
    assert await count(shop, "device_session", "revoked_at IS NULL") == 0
    async with db.read(shop.scope) as read:
        assert await holder(read, shop.till) is None
    with pytest.raises(DeviceRevoked):
        await db.run(shop.scope, devices.open_device_session, device, await proof(db, shop, keys, device), "")
    with pytest.raises(NotFound):
        await db.run(shop.scope, devices.revoke_device, device)


async def test_where_only_enrolled_devices_sell_others_get_no_claim(db: Database, shop: Shop) -> None:
    device = await enrol(db, shop, Keys())
    await db.run(shop.scope, device_policy.set_policy, required=True)
    with pytest.raises(DeviceRequired):
        await db.run(shop.scope, claim_till, shop.till, new_id(), "Phone", take_over=False)
    scope = Scope(shop.tenant.id, Actor("device", device, "Tablet"), device=device)
    with pytest.raises(OtherTill):
        await db.run(scope, claim_till, shop.till, new_id(), "Tablet", take_over=False)
    assert (await db.run(scope, claim_till, shop.till, device, "Tablet", take_over=False)).fence == 1


async def test_a_device_locks_and_its_cashier_ends_as_its_stores_setting_says(db: Database, shop: Shop) -> None:
    keys, person = Keys(), await mate(db, shop)
    device = await enrol(db, shop, keys)
    session = await db.run(shop.scope, devices.open_device_session, device, await proof(db, shop, keys, device), "")

    async def minutes() -> tuple[int, float]:
        await db.run(shop.scope, pins.take_over, digest(session.secret), person)
        async with db.read(shop.scope) as read:
            until = await read.fetchval("SELECT person_until FROM device_session WHERE device_id = $1", device)
            return await device_queries.lock_minutes(read, shop.store), round((until - read.now).total_seconds() / 60)

    assert await minutes() == (5, 7)
    await db.run(shop.scope, change, {"idle_lock_minutes": 20})
    assert await minutes() == (20, 22)
    await db.run(shop.scope, change, {"idle_lock_minutes": 2}, shop.store)
    assert await minutes() == (2, 4)
    await db.run(shop.scope, change, {"idle_lock_minutes": 3}, shop.second_store)
    assert await minutes() == (2, 4)


async def test_a_right_pin_is_right_and_a_wrong_one_counts(db: Database, shop: Shop) -> None:
    device, person = await enrol(db, shop, Keys()), await mate(db, shop)
    with pytest.raises(NoPin):
        await db.run(shop.scope, pins.try_pin, KEYS, device, person, "4827")
    version = await db.run(shop.scope, pins.set_pin, KEYS, person, "4827")
    assert await db.run(shop.scope, pins.try_pin, KEYS, device, person, "4827") == pins.Told(True, version=version)
    for left in (19, 18, 17, 16):
        told = await db.run(shop.scope, pins.try_pin, KEYS, device, person, "4828")
        assert (told.right, told.left, told.wait) == (False, left, 0)
    assert (await db.run(shop.scope, pins.try_pin, KEYS, device, person, "4828")).wait == 30
    with pytest.raises(PinPaused):
        await db.run(shop.scope, pins.try_pin, KEYS, device, person, "4827")


async def test_after_twenty_wrong_tries_a_manager_must_unlock(db: Database, shop: Shop) -> None:
    device, person = await enrol(db, shop, Keys()), await mate(db, shop)
    await db.run(shop.scope, pins.set_pin, KEYS, person, "4827")
    async with db.begin(shop.scope) as tx:
        await tx.execute(
            """INSERT INTO pin_tries (tenant_id, device_id, person_id, failures, last_failed_at)
               VALUES ($1, $2, $3, 19, $4)""",
            tx.tenant, device, person, tx.now,
        )  # fmt: skip
    assert (await db.run(shop.scope, pins.try_pin, KEYS, device, person, "1111")).wait is None
    with pytest.raises(PinLocked):
        await db.run(shop.scope, pins.try_pin, KEYS, device, person, "4827")
    other = await enrol(db, shop, Keys(), shop.second_till)
    with pytest.raises(PinLocked):
        await db.run(shop.scope, pins.try_pin, KEYS, other, person, "4827")
    await db.run(shop.scope, pins.unlock, person)
    assert (await db.run(shop.scope, pins.try_pin, KEYS, device, person, "4827")).right


async def test_a_pin_is_not_in_the_database_in_any_form_that_can_be_tried(db: Database, shop: Shop) -> None:
    person = await mate(db, shop)
    await db.run(shop.scope, pins.set_pin, KEYS, person, "73914628")
    async with db.read(shop.scope) as read:
        sealed = await read.fetchval("SELECT sealed FROM pin WHERE tenant_id = $1", read.tenant)
    assert b"argon2" not in sealed
    assert b"73914628" not in sealed
    assert KEYS.unseal("device", sealed, shop.tenant.id.bytes + person.bytes).startswith(b"$argon2id$")


async def test_two_people_may_have_the_same_pin_and_a_weak_one_is_refused(db: Database, shop: Shop) -> None:
    device, anna, ben = await enrol(db, shop, Keys()), await mate(db, shop), await mate(db, shop)
    for person in (anna, ben):
        await db.run(shop.scope, pins.set_pin, KEYS, person, "4827")
        assert (await db.run(shop.scope, pins.try_pin, KEYS, device, person, "4827")).right
    with pytest.raises(Invalid):
        await db.run(shop.scope, pins.set_pin, KEYS, anna, "1111")
    assert (await db.run(shop.scope, pins.try_pin, KEYS, device, anna, "4827")).right


async def test_a_new_badge_voids_the_one_before(db: Database, shop: Shop) -> None:
    person = await mate(db, shop)
    first = await db.run(shop.scope, pins.issue_badge, person)
    second = await db.run(shop.scope, pins.issue_badge, person)
    async with db.read(shop.scope) as read:
        assert await pins.read_badge(read, second.lower()) == (person, 2)
        with pytest.raises(UnknownBadge):
            await pins.read_badge(read, first)


# -- over HTTP


async def post(client: httpx.AsyncClient, path: str, **body: object) -> httpx.Response:
    return await client.post(path, json=body)


async def enrolled(site: Site, shop: Shop) -> tuple[httpx.AsyncClient, Keys, str]:
    keys, browser = Keys(), site.visitor()
    offer = await site.db.run(shop.scope, devices.offer_enrolment, shop.till, "Tablet")
    answer = await browser.post("/api/v1/devices/enrolments", json=keys.enrolment(offer.code))
    assert answer.status_code == 201, answer.text
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert "SameSite=strict" in answer.headers["set-cookie"]
    device = answer.json()["device"]["id"]
    browser.headers["X-Till-Device"] = device
    return browser, keys, device


async def test_a_device_comes_under_its_own_id_and_name_from_the_first_record_on(site: Site, shop: Shop) -> None:
    _browser, _keys, device = await enrolled(site, shop)
    async with site.db.read(shop.scope) as read:
        rows = await read.fetch(
            """SELECT action, actor_id::text AS actor, actor_name AS name FROM audit_event
                WHERE tenant_id = $1 AND actor_kind = 'device' ORDER BY action""",
            shop.tenant.id,
        )
    assert [tuple(row.values()) for row in rows] == [
        ("device.enrolled", device, "Tablet"),
        ("device.session_opened", device, "Tablet"),
    ]


async def test_a_device_opens_its_till_and_nothing_else(site: Site, shop: Shop) -> None:
    browser, _keys, device = await enrolled(site, shop)
    api = f"/t/{shop.tenant.slug}/api/v1"
    told = (await browser.get(f"{api}/tills/{shop.till}/setup")).json()
    assert (told["cashier"]["id"], told["cashier"]["role"]) == (device, "device")
    assert (await browser.get(f"/t/{shop.tenant.slug}/tills/{shop.till}/sell")).status_code == 200
    assert (await browser.get(f"/t/{shop.tenant.slug}/tills/{shop.till}/display")).status_code == 200
    assert (await browser.get(f"{api}/tills/{shop.till}/logo")).json()["code"] == "not_found"
    letter = {"id": str(new_id()), "address": "anna@example.com"}
    assert (await post(browser, f"{api}/sales/{new_id()}/mails", **letter)).json()["code"] == "no_such_sale"
    assert (await browser.get(f"{api}/catalogue?since=0")).status_code == 200
    assert (await browser.get(f"{api}/tills/{shop.second_till}/setup")).json()["code"] == "other_till"
    for path in ("/people", "/devices", "/sales", "/", "/api/v1/sales", "/api/v1/me"):
        assert (await browser.get(f"/t/{shop.tenant.slug}{path}")).status_code in {303, 401}, path
    other = site.visitor()
    other.headers["X-Till-Device"] = device
    assert (await other.get(f"{api}/tills/{shop.till}/setup")).status_code == 401


async def test_a_cashier_stands_at_a_device_by_pin_and_by_badge(site: Site, shop: Shop) -> None:
    browser, _keys, _device = await enrolled(site, shop)
    api, anna = f"/t/{shop.tenant.slug}/api/v1", await mate(site.db, shop)
    office = await site.member(shop)
    viewer = await mate(site.db, shop, "viewer")
    one_time = await site.db.run(shop.scope, pins.give_one_time_pin, KEYS, anna)
    await site.db.run(shop.scope, pins.set_pin, KEYS, viewer, "4827")
    first = await post(browser, f"{api}/device/cashier", person=str(anna), pin=one_time)
    assert first.json()["one_time"] is True
    refused = await browser.put(f"{api}/device/pin", json={"person": str(anna), "pin": one_time, "chosen": "1111"})
    assert refused.status_code == 422
    chosen = await browser.put(f"{api}/device/pin", json={"person": str(anna), "pin": one_time, "chosen": "7391"})
    assert chosen.status_code == 200, chosen.text
    assert (await browser.get(f"{api}/tills/{shop.till}/setup")).json()["cashier"]["id"] == str(anna)
    wrong = await post(browser, f"{api}/device/cashier", person=str(anna), pin="7390")
    assert (wrong.status_code, wrong.json()["code"], wrong.json()["left"]) == (409, "wrong_pin", 19)
    assert (await post(browser, f"{api}/device/cashier", person=str(viewer), pin="4827")).json()["code"] == "no_pin"
    assert (await browser.post(f"{api}/device/absence", json={})).status_code == 200
    assert (await browser.get(f"{api}/tills/{shop.till}/setup")).json()["cashier"]["role"] == "device"
    badge = await site.db.run(shop.scope, pins.issue_badge, anna)
    assert (await post(browser, f"{api}/device/cashier", badge=badge)).json()["person"] == str(anna)
    # a PIN is no way into the office, and a person's own session is no device
    assert (await browser.get(f"/t/{shop.tenant.slug}/sales")).status_code == 303
    assert (await office.get(f"{api}/device")).json()["code"] == "not_a_device"
    roster = (await browser.get(f"{api}/device")).json()["roster"]
    assert [one["name"] for one in roster] == ["Clerk", "Owner"]


async def test_a_revoked_devices_cookie_is_dead_at_once_and_its_key_opens_the_farewell_only(
    site: Site, shop: Shop
) -> None:
    browser, keys, device = await enrolled(site, shop)
    api = f"/t/{shop.tenant.slug}/api/v1"
    assert (await browser.get(f"{api}/tills/{shop.till}/setup")).status_code == 200
    await site.db.run(shop.scope, devices.revoke_device, UUID(device))
    assert (await browser.get(f"{api}/tills/{shop.till}/setup")).status_code == 401

    async def signed(purpose: str, path: str, **more: object) -> httpx.Response:
        challenge = (await post(browser, "/api/v1/devices/challenges", device=device)).json()["challenge"]
        signature = keys.prove(purpose, device, challenge)
        return await post(browser, path, device=device, challenge=challenge, signature=signature, **more)

    refused = await signed("session", "/api/v1/devices/sessions")
    assert (refused.status_code, refused.json()["code"]) == (403, "device_revoked")
    farewell = await signed("farewell", "/api/v1/devices/farewells", wiped=True)
    assert farewell.json() == {"enrolled": False, "head": {"seq": 0}, "results": []}
    assert (await signed("session", "/api/v1/devices/farewells", wiped=True)).status_code == 401
    assert await count(shop, "device", "wiped_at IS NOT NULL") == 1


async def test_health_is_kept_and_shown_with_what_is_wrong(site: Site, shop: Shop) -> None:
    browser, _keys, device = await enrolled(site, shop)
    told = {"at": "2020-01-01T00:00:00Z", "version": "old", "persisted": False, "waiting": 2, "waiting_minor": 420}
    answer = await post(browser, f"/t/{shop.tenant.slug}/api/v1/device/health", active=True, told=told)
    assert answer.status_code == 200, answer.text
    assert answer.json()["till"]["code"] == "T1"
    office = await site.member(shop)
    page = await office.get(f"/t/{shop.tenant.slug}/devices/{device}")
    assert page.status_code == 200
    for said in ("seconds off", "may clear its storage", "€4.20", "old version"):
        assert said in page.text
    listed = await office.get(f"/t/{shop.tenant.slug}/devices")
    assert "Tablet" in listed.text
    assert "needs a look" in listed.text


async def test_nobody_hands_out_a_pin_or_a_badge_to_more_than_they_hold(site: Site, shop: Shop) -> None:
    manager, _email, secret = await take_on(site.db, shop.tenant.id, "manager")
    owner, _email, _secret = await take_on(site.db, shop.tenant.id, "owner")
    clerk, _email, _secret = await take_on(site.db, shop.tenant.id, "clerk")
    browser, base = site.visitor(secret), f"/t/{shop.tenant.slug}/devices/cashiers"
    for what in ("pin", "badge"):
        assert (await browser.post(f"{base}/{owner}/{what}")).status_code == 403
        for person in (clerk, manager):
            assert (await browser.post(f"{base}/{person}/{what}")).status_code == 200
    async with site.db.read(shop.scope) as read:
        for table in ("pin", "badge"):
            assert {row[0] for row in await read.fetch(f"SELECT person_id FROM {table}")} == {clerk, manager}

"""Somebody who joined by an invitation and worked for a day: no record has their name, and erased is erased."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from retail.cash import open_shift
from retail.cash.moves import move_cash, open_drawer
from retail.catalog import operations as catalog
from retail.identity import approvals, devices, invitations, pins
from retail.identity.approval_queries import scope_of_person
from retail.identity.approval_rules import Act, ActLine, act_hash
from retail.identity.approval_uses import OfflineGrant, Use, spend, take_offline
from retail.identity.approvals import Wanted
from retail.identity.grants import NewGrant, give_grant
from retail.identity.invitations import Invite
from retail.identity.operations import change_role
from retail.identity.script_tokens import NewToken, make_script_token
from retail.kit.ids import new_id
from retail.privacy.erasure import erase_member
from retail.runtime.audit_record import PLATFORM
from retail.runtime.db import Database
from retail.runtime.tenancy import Right, Scope
from retail.stock.rules import Counted, Document
from retail.stock.stockroom import count
from retail.tenants.settings_changes import change
from tests.privacy.conftest import Seeded, seed
from tests.support.database import Clone
from tests.support.enrolled import Keys, enrol
from tests.support.letters import token_to
from tests.support.selling import Counter
from tests.support.web import KEYS, ORIGIN, PASSWORD, Site
from tests.support.web import enrol as take_on
from tests.support.world import Shop


@dataclass
class Joined:
    """Somebody who came in by an invitation, and their scope."""

    seeded: Seeded
    site: Site
    browser: httpx.AsyncClient
    scope: Scope
    member: UUID
    name: str
    email: str
    ip: str

    @property
    def canaries(self) -> list[str]:
        return [self.name, self.email, self.ip]


@pytest.fixture
async def joined(db: Database, shop: Shop, clone: Clone, site: Site, tmp_path: Path) -> AsyncIterator[Joined]:
    """Invite somebody, who accepts from an address of their own and signs in."""
    mark = new_id().hex[-8:]
    name, email, ip = f"Ivana Joiner {mark}", f"ivana-{mark}@joiner.example", f"2001:db8:1::{mark[:4]}:{mark[4:]}"
    async with seed(db, shop, clone.admin_url, tmp_path) as seeded:
        office = Scope.system(shop.tenant.id)
        await db.run(office, invitations.invite, shop.tenant, Invite(email, "manager"), ORIGIN)
        transport = httpx.ASGITransport(app=site.app, client=(ip, 1))
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers={"Origin": ORIGIN}) as browser:
            form = {"token": await token_to(db, email, "invitation"), "name": name, "password": PASSWORD}
            assert (await browser.post("/invitation", data=form)).status_code == 303
            answer = await browser.post("/sign-in", data={"email": email, "password": PASSWORD})
            assert answer.status_code == 303, answer.text
            row = await seeded.admin.fetchrow("SELECT id, person_id FROM membership WHERE email = $1", email)
            async with db.read(shop.scope) as read:
                scope = await scope_of_person(read, row["person_id"])
            assert scope is not None
            yield Joined(seeded, site, browser, replace(scope, ip=ip), row["id"], name, email, ip)


def discount() -> Act:
    return Act(new_id(), 0, [ActLine(new_id(), new_id(), 1000, 420, 84)])


async def clerk_of(shop: Shop) -> Scope:
    person, _email, _secret = await take_on(shop.db, shop.tenant.id, "clerk")
    async with shop.db.read(shop.scope) as read:
        found = await scope_of_person(read, person)
    assert found is not None
    return found


async def approve(shop: Shop, one: Scope) -> None:
    """Grant, refuse, be granted and give without a network."""
    run, clerk = shop.db.run, await clerk_of(shop)
    for granted in (True, False):
        act = discount()
        request = await run(clerk, approvals.ask, new_id(), Wanted("discount", shop.store, act, till=shop.till))
        await run(one, approvals.answer, request.id, granted=granted, said="seen")
        if granted:
            await run(clerk, spend, request.id, Use("discount", 1989, act.id, act_hash(act), request.asked_at))
    few = {"discount": Right(limit=100), "sell": Right()}
    asking = replace(one, rights=few, store_rights={}, permissions=frozenset(few))
    for granted in (True, False):
        request = await run(asking, approvals.ask, new_id(), Wanted("discount", shop.store, discount()))
        await run(shop.scope, approvals.answer, request.id, granted=granted)
    own = await run(asking, approvals.ask, new_id(), Wanted("discount", shop.store, discount()))
    await run(asking, approvals.withdraw, own.id)
    now, act = shop.db.clock.now(), discount()
    use = Use("discount", 1989, act.id, act_hash(act), now)
    assert one.actor.id is not None
    grant = OfflineGrant(new_id(), "discount", 1989, "", now, now, one.actor.id)
    assert await run(clerk, take_offline, grant, use, shop.store, shop.till) == ""


async def a_day(of: Joined) -> None:
    """Do a bit of everything."""
    shop, one = of.seeded.shop, of.scope
    run, now, ware = shop.db.run, shop.db.clock.now(), shop.products[0]
    await approve(shop, one)
    keys = Keys()
    device = await enrol(shop.db, replace(shop, scope=one), keys, shop.second_till)
    await run(one, devices.rename_device, device, "Back counter")
    await run(one, devices.revoke_device, device)
    other = (await clerk_of(shop)).actor.id
    assert other is not None
    await run(one, pins.set_pin, KEYS, one.actor.id, "7391")
    await run(one, pins.give_one_time_pin, KEYS, other)
    await run(one, pins.issue_badge, other)
    shift = new_id()
    await run(one, open_shift, shift, shop.second_till, 10_000, now)
    await run(one, move_cash, new_id(), shift, "pay_in", 500, "change", now)
    await run(one, open_drawer, new_id(), shift, "change", now)
    counter = Counter(shop, shop.second_till, shift)
    await counter.send(counter.sale(ware), scope=one)
    await run(one, count, Document(new_id(), shop.store, "yearly", now), [Counted(ware.id, Decimal(7))])
    await run(one, catalog.add_category, new_id(), "Odds", 10, 9)
    await run(one, change, {"name": "Corner"})
    await run(one, invitations.invite, shop.tenant, Invite(f"{new_id().hex}@x.example", "clerk"), ORIGIN)
    await run(shop.scope, give_grant, of.member, NewGrant("clerk", shop.store))
    await run(shop.scope, change_role, of.member, "viewer")
    await run(shop.scope, make_script_token, NewToken("Program", "clerk", 7))
    answer = await of.browser.get(
        f"/t/{shop.tenant.slug}/products/export", params={"q": of.name, "show": "archived", "format": "csv"}
    )
    assert answer.status_code == 200
    await of.browser.post(f"/t/{shop.tenant.slug}/stores", data={"name": "No right to it"})


async def test_no_records_bytes_have_a_name_an_address_or_where_from(joined: Joined) -> None:
    await a_day(joined)
    shop = joined.seeded.shop
    await shop.db.run(shop.scope, change, {"contact_email": joined.email, "name": "Corner shop"})
    rows = await joined.seeded.admin.fetch(
        "SELECT action, record, facts FROM audit_event WHERE tenant_id = ANY ($1)", [shop.tenant.id, PLATFORM]
    )
    assert len({row["action"] for row in rows}) > 30
    needles = joined.canaries
    assert [row["action"] for row in rows if any(one.encode() in row["record"] for one in needles)] == []
    assert [row["action"] for row in rows if any(one in row["facts"] for one in needles)] == []
    given = [json.loads(row["facts"]) for row in rows if row["action"] == "approval.granted"]
    me = str(joined.scope.actor.id)
    assert {(one["by"] == me, one["asked_by"] == me) for one in given} == {(True, False), (False, True)}
    enrolled = [json.loads(row["facts"]) for row in rows if row["action"] == "device.enrolled"]
    assert me in {one["made_by"] for one in enrolled}
    asked = [json.loads(row["facts"])["filters"] for row in rows if row["action"] == "data.exported"]
    assert {"q": "*", "show": "archived"} in asked


async def test_erased_somebody_who_joined_stands_nowhere_any_more(joined: Joined) -> None:
    seeded, shop = joined.seeded, joined.seeded.shop
    await a_day(joined)
    assert (await seeded.seal()).ok
    acted = await seeded.admin.fetch("SELECT action FROM audit_event WHERE actor_id = $1", joined.scope.actor.id)
    assert {"invitation.accepted", "member.added"} <= {row["action"] for row in acted}
    owner = await joined.site.member(shop)
    trail = f"/t/{shop.tenant.slug}/audit"
    assert (await owner.get(trail)).text.count(f">{joined.name}</option>") == 1, "one person, once in the filter"
    await shop.db.run(shop.scope, erase_member, joined.member)
    await seeded.work()
    assert await seeded.found(*joined.canaries) == {}
    for path in (
        trail,
        f"{trail}?q=joiner",
        f"{trail}/export?format=csv",
        f"/t/{shop.tenant.slug}/api/v1/audit/export",
    ):
        answer = await owner.get(path)
        assert answer.status_code == 200
        assert [one for one in joined.canaries if one in answer.text] == [], path
    assert (await seeded.seal()).problems == []

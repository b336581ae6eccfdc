"""A look: who may begin one, what it shows and refuses, when it is over, and what it leaves in both trails."""

from __future__ import annotations

import json
from datetime import timedelta
from html import escape
from typing import Any
from uuid import UUID

import pytest

from retail.audit import EXPORT
from retail.identity import looks
from retail.identity.doorkeeper import MEMORY
from retail.identity.knowing import known_by, scope_of
from retail.identity.operations import NewMember, add_member
from retail.identity.permissions import ROLES, SELL
from retail.identity.rules import digest, new_secret
from retail.identity.sockets import SocketDoorman
from retail.kit.errors import OnlyLooking
from retail.kit.ids import new_id
from retail.runtime.audit_record import PLATFORM
from retail.runtime.db import Database
from retail.runtime.tenancy import Scope
from tests.identity.test_sockets import websocket
from tests.support.looks import REASON, a_looker, an_operator
from tests.support.selling import open_counter
from tests.support.web import PASSWORD_HASH, Site, enrol, enrol_operator
from tests.support.world import Shop, open_shop

JSON = {"Accept": "application/json"}


async def trail(db: Database, tenant: UUID, about: UUID) -> list[tuple[str, dict[str, Any]]]:
    async with db.read(Scope.system(tenant)) as read:
        rows = await read.fetch(
            """SELECT action, actor_name, facts FROM audit_event
                WHERE tenant_id = $1 AND subject_id = $2 AND action LIKE 'look.%' ORDER BY id""",
            read.tenant,
            about,
        )
    return [(row["action"], json.loads(row["facts"]) | {"by": row["actor_name"]}) for row in rows]


async def test_only_an_operator_who_proved_it_begins_one_and_only_with_a_reason(site: Site, shop: Shop) -> None:
    page, right = f"/platform/businesses/{shop.tenant.slug}/look", {"reason": REASON, "minutes": "30"}
    _, _, owner = await enrol(site.db, shop.tenant.id, "owner")
    assert (await site.visitor().post(page, data=right, headers=JSON)).status_code == 401
    refused = await site.visitor(owner).post(page, data=right, headers=JSON)
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    person, _, _ = await enrol_operator(site.db)
    late = new_secret()
    async with site.db.platform() as unit:
        began = unit.now - timedelta(minutes=20)
        open_session = "SELECT auth_open_session($1, $2, $3, $4, $5, '', '')"
        await unit.execute(open_session, digest(late), new_id(), person, began, unit.now + timedelta(hours=1))
        await unit.execute("SELECT auth_touch_session($1, $2)", digest(late), unit.now)
    unproved = await site.visitor(late).post(page, data=right, headers=JSON)
    assert (unproved.status_code, unproved.json()["code"]) == (403, "confirmation_needed")
    otto = (await an_operator(site)).browser
    assert "See what its owner sees" in (await otto.get(page)).text
    for wrong in ({"reason": ""}, {"reason": "  "}, {"minutes": "600"}, {"minutes": ""}):
        assert (await otto.post(page, data=right | wrong)).status_code == 422, wrong
    assert (await otto.post("/platform/businesses/nobody-at-all/look", data=right)).status_code == 404
    assert await trail(site.db, shop.tenant.id, shop.tenant.id) == []
    assert (await otto.get(f"/t/{shop.tenant.slug}/sales")).status_code == 404


async def test_the_database_begins_none_for_somebody_who_is_no_operator(site: Site, shop: Shop) -> None:
    _, _, owner = await enrol(site.db, shop.tenant.id, "owner")
    async with site.db.platform() as unit:
        until = unit.now + timedelta(minutes=30)
        begin = "SELECT auth_begin_look($1, $2, $3, $4, $5)"
        made = await unit.fetchval(begin, new_id(), digest(owner), shop.tenant.id, unit.now, until)
        assert made is None
        assert await looks.look_of(unit, digest(owner)) is None


async def test_it_shows_what_the_owner_sees_under_a_banner_and_nothing_of_another_business(
    site: Site, shop: Shop
) -> None:
    other = await open_shop(site.db)
    looker, base = await a_looker(site, shop), f"/t/{shop.tenant.slug}"
    for path in ("/", "/products", "/people", "/settings", "/audit", "/security", "/tokens", "/billing", "/shifts"):
        shown = await looker.browser.get(base + path)
        assert shown.status_code == 200, path
        assert f"looks at {escape(shop.tenant.name)}." in shown.text, path
        assert 'action="/platform/look/stop"' in shown.text, path
    # an owner's browser keeps the figures of this page; an operator's doesn't
    await (await open_counter(shop)).sell(shop.products[0])
    assert "data-keeps" not in (await looker.browser.get(f"{base}/pocket")).text
    assert "data-keeps" in (await (await site.member(shop)).get(f"{base}/pocket")).text
    missing = await looker.browser.get(base + "/nowhere")
    assert (missing.status_code, "Stop looking" in missing.text) == (404, True)
    assert "Stop looking" in (await looker.browser.get("/platform")).text
    assert (await looker.browser.get(f"/t/{other.tenant.slug}/products")).status_code == 404
    read = await looker.browser.get(f"{base}/api/v1/products", headers=JSON)
    assert read.status_code == 200
    assert (await looker.browser.get(f"/t/{other.tenant.slug}/api/v1/products", headers=JSON)).status_code == 404


async def test_it_takes_nothing_along_and_opens_no_till(site: Site, shop: Shop) -> None:
    looker, base = await a_looker(site, shop), f"/t/{shop.tenant.slug}"
    for path in (
        f"/tills/{shop.till}/sell", f"/tills/{shop.till}/display", "/products/export", "/sales/export", "/audit/export",
        f"/exports/{new_id()}", f"/privacy/exports/{new_id()}", f"/people/{new_id()}/data",
    ):  # fmt: skip
        refused = await looker.browser.get(base + path, headers=JSON)
        assert (refused.status_code, refused.json()["code"]) == (403, "only_looking"), path
    known = await known_by(site.db, digest(looker.secret), shop.tenant.slug, bearer=False, fresh=True)
    assert known is not None
    seen = scope_of(known, "request")
    assert seen is not None
    assert seen.permissions == ROLES["owner"] - {SELL, EXPORT}
    assert (seen.only_looks, seen.curtailed, seen.stores) == (True, True, None)


async def test_no_unit_of_work_that_writes_opens_for_whoever_looks(site: Site, shop: Shop) -> None:
    looker = await a_looker(site, shop)
    known = await known_by(site.db, digest(looker.secret), shop.tenant.slug, bearer=False, fresh=True)
    assert known is not None
    seen = scope_of(known, "request")
    assert seen is not None
    with pytest.raises(OnlyLooking):
        async with site.db.begin(seen):
            pass
    async with site.db.read(seen) as read:
        assert await read.fetchval("SELECT count(*) FROM product WHERE tenant_id = $1", read.tenant) > 0


async def test_begin_and_end_stand_in_both_trails_and_the_bell_tells(site: Site, shop: Shop) -> None:
    looker = await a_looker(site, shop)
    stopped = await looker.browser.post("/platform/look/stop")
    assert (stopped.status_code, stopped.headers["location"]) == (303, f"/platform/businesses/{shop.tenant.slug}")
    assert (await looker.browser.get(f"/t/{shop.tenant.slug}/products")).status_code == 404
    for tenant in (shop.tenant.id, PLATFORM):
        told = await trail(site.db, tenant, shop.tenant.id)
        assert [(action, facts["by"]) for action, facts in told] == [
            ("look.begun", "Otto Operator"),
            ("look.ended", "Otto Operator"),
        ]
        assert (told[0][1]["reason"], told[1][1]["why"]) == (REASON, "stopped")
    owner = await site.member(shop, "owner")
    shown = (await owner.get(f"/t/{shop.tenant.slug}/audit")).text
    assert "Support begins to look" in shown
    assert REASON in shown
    async with site.db.read(shop.scope) as read:
        told_at_bell = await read.fetch(
            "SELECT facts FROM notice WHERE tenant_id = $1 AND kind = $2", read.tenant, looks.NOTICE
        )
    assert [json.loads(row["facts"])["reason"] for row in told_at_bell] == [REASON]
    assert (await looker.browser.post("/platform/look/stop")).status_code == 303
    assert len(await trail(site.db, shop.tenant.id, shop.tenant.id)) == 2


async def test_a_second_one_waits_for_the_end_of_the_first(site: Site, shop: Shop) -> None:
    other, looker = await open_shop(site.db), await a_looker(site, shop)
    page = f"/platform/businesses/{other.tenant.slug}/look"
    again = await looker.browser.post(page, data={"reason": REASON, "minutes": "15"}, headers=JSON)
    assert (again.status_code, again.json()["code"]) == (403, "only_looking")
    async with site.db.begin(Scope.system(other.tenant.id)) as tx:
        with pytest.raises(looks.LooksAlready):
            await looks.begin(tx, digest(looker.secret), REASON, 15)
    assert (await looker.browser.post("/platform/look/stop")).status_code == 303
    begun = await looker.browser.post(page, data={"reason": REASON, "minutes": "15"})
    assert begun.headers["location"] == f"/t/{other.tenant.slug}/"
    assert (await looker.browser.get(f"/t/{shop.tenant.slug}/products")).status_code == 404


async def test_what_is_remembered_of_it_is_worth_nothing_once_its_time_is_over(
    site: Site, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    looker, page = await a_looker(site, shop, 15), f"/t/{shop.tenant.slug}/products"
    assert (await looker.browser.get(page)).status_code == 200
    real, ahead = site.db.clock, timedelta(minutes=15, seconds=1)
    known = MEMORY.recall(digest(looker.secret), shop.tenant.slug, real.now())
    assert known is not None
    MEMORY.keep(digest(looker.secret), shop.tenant.slug, known, real.now() + ahead)  # as fresh as memory can be

    class Later:
        @staticmethod
        def now() -> Any:
            return real.now() + ahead

    monkeypatch.setattr(site.db, "clock", Later())
    assert (await looker.browser.get(page)).status_code == 404
    assert (await looker.browser.get("/platform")).status_code == 200
    assert await looks.end_spent(site.db) >= 1
    told = await trail(site.db, shop.tenant.id, shop.tenant.id)
    assert [(action, facts.get("why")) for action, facts in told] == [("look.begun", None), ("look.ended", "time")]
    assert told[1][1]["by"] == "Countertop"


async def test_it_ends_with_its_session_and_with_the_operators_own_right(site: Site, shop: Shop) -> None:
    looker = await a_looker(site, shop)
    assert (await looker.browser.post("/sign-out")).status_code == 303
    assert await looks.end_spent(site.db) >= 1
    assert [facts.get("why") for _, facts in await trail(site.db, shop.tenant.id, shop.tenant.id)] == [
        None,
        "signed_out",
    ]
    second = await a_looker(site, shop)
    async with site.db.platform() as unit:
        await unit.execute("SELECT auth_disable_person($1, $2)", second.person, unit.now)
    MEMORY.forget(person=second.person)
    assert (await second.browser.get(f"/t/{shop.tenant.slug}/products")).status_code in {303, 401, 404}
    async with site.db.platform() as unit:
        assert await looks.look_of(unit, digest(second.secret)) is None


async def test_an_operator_who_works_there_too_only_looks_meanwhile(site: Site, shop: Shop) -> None:
    other = await open_shop(site.db)
    looker = await a_looker(site, shop)
    async with site.db.platform() as unit:
        email = await unit.fetchval("SELECT email FROM auth_door($1, '', $2, $3)", digest(looker.secret), unit.now,
                                    unit.now - timedelta(hours=1))  # fmt: skip
    for place in (shop, other):
        await site.db.run(Scope.system(place.tenant.id), add_member, NewMember(email, "Otto", "owner", PASSWORD_HASH))
    MEMORY.forget(person=looker.person)
    for place in (shop, other):
        base = f"/t/{place.tenant.slug}"
        assert (await looker.browser.get(base + "/products")).status_code == 200
        refused = await looker.browser.post(f"{base}/customers", data={"name": "Eve"}, headers=JSON)
        assert (refused.status_code, refused.json()["code"]) == (403, "only_looking")
    assert (await looker.browser.post("/platform/look/stop")).status_code == 303
    assert (await looker.browser.get(f"/t/{other.tenant.slug}/products")).status_code == 200


async def test_a_socket_hears_until_the_look_is_over_and_is_proved_again_at_that_moment(site: Site, shop: Shop) -> None:
    looker = await a_looker(site, shop, 15)
    heard: list[object] = []

    async def note(*given: object) -> None:
        heard.append(given)

    doorman = SocketDoorman(site.db, note)
    guest = await doorman.by_session(websocket(site, shop.tenant.slug, looker.secret))
    assert guest is not None
    assert guest.scope.only_looks
    await doorman.heard(guest, ["till:1"])
    assert heard == []
    async with site.db.platform() as unit:
        await unit.execute("SELECT auth_end_look(l.look, $2) FROM auth_look($1, $2) l", digest(looker.secret), unit.now)
        short = unit.now + timedelta(seconds=20)
        await unit.execute(
            "SELECT auth_begin_look($1, $2, $3, $4, $5)",
            new_id(),
            digest(looker.secret),
            shop.tenant.id,
            unit.now,
            short,
        )
    again = await doorman.again(guest)
    assert again is not None
    assert 0 <= again.proved_for <= 20
    assert (await looker.browser.post("/platform/look/stop")).status_code == 303
    assert await doorman.again(again) is None

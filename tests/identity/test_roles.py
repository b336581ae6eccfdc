"""Roles of a business: made, changed, deleted, never beyond one's own rights, and never without an owner."""

from __future__ import annotations

import json

import pytest

from retail.identity.errors import LastOwner, OwnersOnly
from retail.identity.operations import NewMember, add_member, change_role, end_membership
from retail.identity.permissions import EDIT_PEOPLE, MANAGE_ROLES, OWNERS_KEEP, REFUND, SELL, TEMPLATES
from retail.identity.roles import Role, role, roles
from retail.identity.roles_changes import create_role, delete_role, rename_role, set_rights
from retail.identity.roles_errors import (
    BeyondYourRights,
    OwnersKeep,
    RoleEdited,
    RoleInUse,
    RoleNameTaken,
    RoleStays,
)
from retail.identity.tokens import create_token
from retail.kit.errors import Invalid, NotFound
from retail.kit.ids import new_id
from retail.runtime.tenancy import Right, Scope
from tests.support.web import PASSWORD_HASH, Site, enrol, role_with
from tests.support.world import Shop, open_shop


async def known(shop: Shop) -> dict[str, Role]:
    async with shop.db.read(shop.scope) as read:
        return {one.key: one for one in await roles(read)}


def somebody(role: str) -> NewMember:
    return NewMember(f"{new_id().hex}@shop.example", "Somebody", role, PASSWORD_HASH)


async def test_a_new_business_has_the_roles_of_the_table(shop: Shop) -> None:
    found = await known(shop)
    assert list(found) == ["owner", "manager", "clerk", "viewer"]
    assert {key: dict(one.rights) for key, one in found.items()} == {k: dict(r) for k, r in TEMPLATES.items()}
    assert [one.words for one in found.values()] == ["Owner", "Manager", "Sales clerk", "Viewer"]


@pytest.mark.parametrize(("currency", "limit"), [("EUR", 5_000), ("JPY", 5_000), ("KWD", 50_000)])
async def test_the_first_limits_suit_the_currency(shop: Shop, currency: str, limit: int) -> None:
    there = await open_shop(shop.db, currency=currency)
    assert (await known(there))["clerk"].rights[REFUND] == Right(limit=limit)


async def test_a_role_is_made_changed_renamed_and_deleted_with_a_trail(shop: Shop) -> None:
    made = await shop.db.run(shop.scope, create_role, "Shift lead", "clerk")
    assert (made.key, made.name, made.template, made.version) == ("shift-lead", "Shift lead", False, 1)
    assert made.rights == (await known(shop))["clerk"].rights
    changed = await shop.db.run(
        shop.scope, set_rights, made.key, {**made.rights, REFUND: Right(limit=20_000)}, made.version
    )
    assert (changed.rights[REFUND], changed.version) == (Right(limit=20_000), 2)
    renamed = await shop.db.run(shop.scope, rename_role, made.key, "Team lead")
    assert (renamed.key, renamed.name) == ("shift-lead", "Team lead")
    await shop.db.run(shop.scope, delete_role, made.key)
    assert made.key not in await known(shop)
    async with shop.db.read(shop.scope) as read:
        rows = await read.fetch("SELECT action, facts FROM audit_event WHERE action LIKE 'role.%' ORDER BY at, id")
    told = [(row["action"], json.loads(row["facts"])) for row in rows]
    assert [action for action, _ in told] == ["role.made", "role.changed", "role.renamed", "role.deleted"]
    assert (told[1][1]["before"], told[1][1]["after"]) == ({"refund": 5_000}, {"refund": 20_000})
    assert (told[2][1]["before"], told[2][1]["after"]) == ("Shift lead", "Team lead")


async def test_refusals_leave_the_roles_as_they_were(shop: Shop) -> None:
    made = await shop.db.run(shop.scope, create_role, "Shift lead", "clerk")
    before = await known(shop)
    run, owner = shop.db.run, shop.scope
    with pytest.raises(RoleNameTaken):
        await run(owner, create_role, "shift LEAD", "viewer")
    with pytest.raises(NotFound):
        await run(owner, create_role, "Other", "nothing")
    with pytest.raises(Invalid):
        await run(owner, create_role, "  ", "viewer")
    with pytest.raises(RoleStays):
        await run(owner, delete_role, "clerk")
    with pytest.raises(RoleEdited):
        await run(owner, set_rights, made.key, {}, made.version + 1)
    for wrong in (
        {"fly": Right()},
        {SELL: Right(limit=5)},
        {"discount": Right(limit=10_001)},
        {REFUND: Right("approval", 5)},
    ):
        with pytest.raises(Invalid):
            await run(owner, set_rights, made.key, wrong)
    assert await known(shop) == before


@pytest.mark.parametrize("name", sorted(OWNERS_KEEP))
async def test_owners_keep_what_would_lock_everybody_out(shop: Shop, name: str) -> None:
    before = (await known(shop))["owner"]
    for less in ({k: r for k, r in before.rights.items() if k != name}, {**before.rights, name: Right("approval")}):
        with pytest.raises(OwnersKeep):
            await shop.db.run(shop.scope, set_rights, "owner", less)
    assert (await known(shop))["owner"] == before
    without_sales = {k: r for k, r in before.rights.items() if k != SELL}
    assert SELL not in (await shop.db.run(shop.scope, set_rights, "owner", without_sales)).rights


async def test_nobody_edits_or_gives_a_role_beyond_their_own_rights(shop: Shop) -> None:
    keys = await role_with(shop.db, shop.tenant.id, EDIT_PEOPLE, MANAGE_ROLES, SELL)
    rights = {name: Right() for name in (EDIT_PEOPLE, MANAGE_ROLES, SELL)}
    lesser = Scope(shop.tenant.id, shop.scope.actor, frozenset(rights), keys, rights=rights)
    clerk = await shop.db.run(shop.scope, add_member, somebody("clerk"))
    seller = await shop.db.run(lesser, create_role, "Seller", keys)
    before = await known(shop)
    run = shop.db.run
    for refused in (
        run(lesser, set_rights, seller.key, {**rights, REFUND: Right()}),
        run(lesser, set_rights, "clerk", {SELL: Right()}),
        run(lesser, create_role, "Like the clerk", "clerk"),
        run(lesser, add_member, somebody("manager")),
        run(lesser, change_role, clerk.id, seller.key),
        run(lesser, end_membership, clerk.id),
    ):
        with pytest.raises(BeyondYourRights):
            await refused
    for refused in (
        run(lesser, set_rights, "owner", rights),
        run(lesser, rename_role, "owner", "Chief"),
        run(lesser, add_member, somebody("owner")),
    ):
        with pytest.raises((OwnersOnly, BeyondYourRights)):
            await refused
    assert await known(shop) == before
    added = await run(lesser, add_member, somebody(seller.key))
    assert added.role == seller.key


async def test_a_role_in_use_stays(shop: Shop) -> None:
    made = await shop.db.run(shop.scope, create_role, "Shift lead", "clerk")
    lead = await shop.db.run(shop.scope, add_member, somebody(made.key))
    with pytest.raises(RoleInUse):
        await shop.db.run(shop.scope, delete_role, made.key)
    await shop.db.run(shop.scope, end_membership, lead.id)
    await shop.db.run(Scope.system(shop.tenant.id), create_token, role=made.key, name="Board")
    with pytest.raises(RoleInUse):
        await shop.db.run(shop.scope, delete_role, made.key)


async def test_the_last_owner_cannot_become_anything_else(shop: Shop) -> None:
    owner = await shop.db.run(shop.scope, add_member, somebody("owner"))
    for less in ("manager", "viewer"):
        with pytest.raises(LastOwner):
            await shop.db.run(shop.scope, change_role, owner.id, less)
    with pytest.raises(LastOwner):
        await shop.db.run(shop.scope, end_membership, owner.id)


async def test_roles_of_another_shop_are_nothing_here(shop: Shop) -> None:
    other = await open_shop(shop.db)
    made = await shop.db.run(other.scope, create_role, "Shift lead", "clerk")
    with pytest.raises(NotFound):
        await shop.db.run(shop.scope, set_rights, made.key, {})
    with pytest.raises(NotFound):
        await shop.db.run(shop.scope, add_member, somebody(made.key))
    async with shop.db.read(other.scope) as read:
        assert (await role(read, made.key)).rights == made.rights


async def test_the_table_is_a_page_that_changes_what_people_may_do_at_once(site: Site, shop: Shop) -> None:
    owner, page = await site.member(shop), f"/t/{shop.tenant.slug}"
    _, _, secret = await enrol(site.db, shop.tenant.id, "viewer")
    viewer = site.visitor(secret)
    assert (await viewer.get(f"{page}/sales")).status_code == 200
    shown = (await owner.get(f"{page}/roles")).text
    assert 'name="r.clerk.refund"' in shown
    assert 'name="r.owner.manage_roles"' not in shown
    form = {"v.viewer": "1", "r.viewer.view_sales": "denied", "v.clerk": "1", "r.clerk.refund": "allowed"}
    answer = await owner.post(f"{page}/roles/table", data=form | {"l.clerk.refund": "75.50"})
    assert answer.status_code == 303
    assert (await viewer.get(f"{page}/sales")).status_code == 403
    assert (await known(shop))["clerk"].rights[REFUND] == Right(limit=7_550)
    assert (await viewer.get(f"{page}/roles")).status_code == 200
    looked = (await viewer.get(f"{page}/roles")).text.partition("<main")[2].partition("</main")[0]
    assert 'name="r.' not in looked
    assert ">Save<" not in looked
    assert (await viewer.post(f"{page}/roles/table", data=form)).status_code == 403


async def test_a_wrong_limit_brings_the_table_back(site: Site, shop: Shop) -> None:
    owner, page = await site.member(shop), f"/t/{shop.tenant.slug}/roles/table"
    before = await known(shop)
    form = {"v.clerk": "1", "r.clerk.discount": "allowed", "l.clerk.discount": "120"}
    answer = await owner.post(page, data=form)
    assert answer.status_code == 422
    assert "Type a percentage from 0 to 100" in answer.text
    assert 'value="120"' in answer.text
    assert await known(shop) == before


async def test_programs_read_and_change_roles(site: Site, shop: Shop) -> None:
    owner, base = await site.member(shop), f"/t/{shop.tenant.slug}/api/v1"
    made = (await owner.post(f"{base}/roles", json={"name": "Shift lead", "like": "clerk"})).json()
    assert (made["key"], made["rights"]["refund"]) == ("shift-lead", {"state": "allowed", "limit": 5_000})
    put = await owner.put(f"{base}/roles/shift-lead/rights", json={"rights": {"sell": {"state": "allowed"}}})
    assert (put.status_code, list(put.json()["rights"])) == (200, ["sell"])
    stale = await owner.put(f"{base}/roles/shift-lead/rights", json={"rights": {}, "version": 1})
    assert (stale.status_code, stale.json()["code"]) == (409, "role_edited")
    assert (await owner.delete(f"{base}/roles/shift-lead")).status_code == 204
    assert len((await owner.get(f"{base}/permissions")).json()) > 30

"""Taking people on, changing their roles, letting them go."""

from __future__ import annotations

import asyncio

import pytest

from retail.identity import operations, queries
from retail.identity.errors import AlreadyMember, LastOwner, OwnersOnly
from retail.identity.operations import NewMember, add_member, change_role, end_membership
from retail.identity.rules import email_problems, password_problems
from retail.kit.errors import DomainError, NotFound
from retail.kit.ids import new_id
from tests.support.web import PASSWORD_HASH, Site, enrol
from tests.support.world import Shop, open_shop


def draft(role: str = "clerk", email: str = "") -> NewMember:
    return NewMember(email or f"{new_id().hex}@shop.example", "Carla Clerk", role, PASSWORD_HASH)


async def roles(shop: Shop) -> dict[str, str]:
    async with shop.db.read(shop.scope) as read:
        return {str(member.id): member.role for member in await queries.members(read)}


async def test_a_member_is_taken_on_promoted_and_let_go(shop: Shop) -> None:
    added = await shop.db.run(shop.scope, add_member, draft())
    assert (added.name, added.role, added.ended_at) == ("Carla Clerk", "clerk", None)
    promoted = await shop.db.run(shop.scope, change_role, added.id, "manager")
    assert promoted.role == "manager"
    await shop.db.run(shop.scope, end_membership, added.id)
    assert str(added.id) not in await roles(shop)
    async with shop.db.read(shop.scope) as read:
        rows = await read.fetch(
            "SELECT action, actor_name FROM audit_event WHERE subject_id = $1 ORDER BY id", added.id
        )
    assert [(row["action"], row["actor_name"]) for row in rows] == [
        ("member.added", "Olga Owner"),
        ("member.role_changed", "Olga Owner"),
        ("member.ended", "Olga Owner"),
    ]


async def test_the_same_address_is_a_member_once_and_may_come_back(shop: Shop) -> None:
    new = draft()
    added = await shop.db.run(shop.scope, add_member, new)
    with pytest.raises(AlreadyMember):
        await shop.db.run(shop.scope, add_member, new)
    await shop.db.run(shop.scope, end_membership, added.id)
    back = await shop.db.run(shop.scope, add_member, draft("viewer", new.email))
    assert (back.id, back.role) == (added.id, "viewer")


async def test_an_account_of_another_shop_keeps_its_password(shop: Shop) -> None:
    other = await open_shop(shop.db)
    new = draft()
    first = await shop.db.run(shop.scope, add_member, new)
    second = await shop.db.run(
        other.scope, add_member, NewMember(new.email, "Mallory", "owner", "a hash that mallory knows")
    )
    assert second.person_id == first.person_id
    async with shop.db.platform() as unit:
        account = await queries.account(unit, new.email)
    assert account is not None
    assert account.password_hash == PASSWORD_HASH
    assert account.name == "Carla Clerk"


async def test_managers_leave_owners_alone(shop: Shop) -> None:
    manager = shop.as_role("manager")
    owner = await shop.db.run(shop.scope, add_member, draft("owner"))
    clerk = await shop.db.run(manager, add_member, draft("clerk"))
    before = await roles(shop)
    refusals = [
        shop.db.run(manager, add_member, draft("owner")),
        shop.db.run(manager, change_role, owner.id, "clerk"),
        shop.db.run(manager, change_role, clerk.id, "owner"),
        shop.db.run(manager, end_membership, owner.id),
    ]
    for refusal in refusals:
        with pytest.raises(OwnersOnly):
            await refusal
    assert await roles(shop) == before


async def test_the_last_owner_stays(shop: Shop) -> None:
    owner = await shop.db.run(shop.scope, add_member, draft("owner"))
    with pytest.raises(LastOwner):
        await shop.db.run(shop.scope, change_role, owner.id, "viewer")
    with pytest.raises(LastOwner):
        await shop.db.run(shop.scope, end_membership, owner.id)
    assert (await roles(shop))[str(owner.id)] == "owner"


async def test_two_owners_cannot_remove_each_other_at_the_same_moment(shop: Shop) -> None:
    one = await shop.db.run(shop.scope, add_member, draft("owner"))
    two = await shop.db.run(shop.scope, add_member, draft("owner"))
    outcomes = await asyncio.gather(
        *(shop.db.run(shop.scope, end_membership, owner.id) for owner in (one, two)), return_exceptions=True
    )
    assert sum(isinstance(outcome, LastOwner) for outcome in outcomes) == 1
    assert list((await roles(shop)).values()) == ["owner"]


async def test_a_member_of_another_shop_is_nobody_here(shop: Shop) -> None:
    other = await open_shop(shop.db)
    theirs = await shop.db.run(other.scope, add_member, draft())
    with pytest.raises(NotFound):
        await shop.db.run(shop.scope, change_role, theirs.id, "viewer")
    with pytest.raises(NotFound):
        await shop.db.run(shop.scope, end_membership, theirs.id)
    assert (await roles(other))[str(theirs.id)] == "clerk"


async def test_the_form_adds_somebody_who_can_sign_in(site: Site, shop: Shop) -> None:
    owner = await site.member(shop)
    email = f"{new_id().hex}@shop.example"
    form = {"email": email, "name": "Nina New", "role": "clerk", "password": "three cups of green tea"}
    answer = await owner.post(f"/t/{shop.tenant.slug}/people", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/t/{shop.tenant.slug}/people")
    page = (await owner.get(f"/t/{shop.tenant.slug}/people")).text
    assert "Nina New was added." in page
    assert email in page
    signed_in = await site.visitor().post("/sign-in", data={"email": email, "password": form["password"]})
    assert signed_in.headers["location"] == f"/t/{shop.tenant.slug}/tills"


async def test_a_wrong_form_comes_back_with_everything_but_the_password(site: Site, shop: Shop) -> None:
    owner = await site.member(shop)
    before = await roles(shop)
    form = {"email": "not an address", "name": "Nina <New>", "role": "king", "password": "shortsecret"}
    answer = await owner.post(f"/t/{shop.tenant.slug}/people", data=form)
    assert answer.status_code == 422
    assert 'value="not an address"' in answer.text
    assert "Nina &lt;New&gt;" in answer.text
    assert "shortsecret" not in answer.text
    assert "Type an e-mail address like name@shop.example." in answer.text
    assert "Pick one of the choices." in answer.text
    assert await roles(shop) == before


async def test_a_changed_role_counts_at_once(site: Site, shop: Shop) -> None:
    owner = await site.member(shop)
    person, _, secret = await enrol(site.db, shop.tenant.id, "viewer")
    viewer, page = site.visitor(secret), f"/t/{shop.tenant.slug}/people"
    assert (await viewer.get(page)).status_code == 200
    async with site.db.read(shop.scope) as read:
        member = next(m for m in await queries.members(read) if m.person_id == person)
    answer = await owner.post(f"{page}/{member.id}/role", data={"role": "clerk"})
    assert answer.status_code == 303
    assert (await viewer.get(page)).status_code == 403
    assert (await owner.post(f"{page}/{member.id}/departure")).status_code == 303
    assert (await viewer.get(page)).status_code == 404


async def test_changed_rights_are_told_to_open_sockets(shop: Shop) -> None:
    added = await shop.db.run(shop.scope, add_member, draft())
    await shop.db.run(shop.scope, change_role, added.id, "viewer")
    async with shop.db.read(shop.scope) as read:
        rows = await read.fetch("SELECT name FROM outbox WHERE body ->> 'person' = $1", str(added.person_id))
    assert [row["name"] for row in rows] == ["access.changed"]


def test_passwords_are_judged_by_length_and_guessability() -> None:
    assert password_problems("three cups of green tea") == []
    assert password_problems("     spaces count too     ") == []
    for weak in ("short", "x" * 129, "passwordpassword", "aaaaaaaaaaaaaaaa", "countertop countertop"):
        assert len(password_problems(weak)) == 1, weak
    assert len(password_problems("nina.new@shop.example", ("nina.new@shop.example", "Nina New"))) == 1


@pytest.mark.parametrize("email", ["", "a", "a@", "@b", "a b@c.de", "a@b c", "a@b..c", "a@b\n.de", "<a@b.de>"])
def test_what_is_no_address(email: str) -> None:
    assert len(email_problems(email)) == 1


def test_what_is_an_address() -> None:
    assert [email_problems(e) for e in ("olga@corner.example", "o.o+x@a-b.co", "o@localhost")] == [[], [], []]


def test_every_refusal_says_what_to_do() -> None:
    for kind in (AlreadyMember, LastOwner, OwnersOnly):
        error: DomainError = kind()
        assert error.sentence().count(".") >= 2
    assert operations.__doc__


async def test_a_role_that_somebody_else_has_changed_meanwhile_is_left(shop: Shop, site: Site) -> None:
    owner = await site.member(shop)
    added = await shop.db.run(shop.scope, add_member, draft())
    address = f"/t/{shop.tenant.slug}/people"
    assert '<input type="hidden" name="seen" value="clerk">' in (await owner.get(address)).text
    first = await owner.post(f"{address}/{added.id}/role", data={"role": "manager", "seen": "clerk"})
    second = await owner.post(f"{address}/{added.id}/role", data={"role": "viewer", "seen": "clerk"})
    assert (first.status_code, second.status_code) == (303, 303)
    assert (await roles(shop))[str(added.id)] == "manager"
    assert "Somebody has changed this role" in (await owner.get(address)).text
    await owner.post(f"{address}/{added.id}/role", data={"role": "viewer", "seen": "manager"})
    assert (await roles(shop))[str(added.id)] == "viewer"

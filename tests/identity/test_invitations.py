"""Invitations: one reader comes in, once, within seven days, and nobody who shouldn't ever does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from retail.identity import invitations, queries
from retail.identity.entry_errors import AlreadyInvited, InvitationSpent, TooManyInvitations
from retail.identity.errors import AccountOpened, AlreadyMember, OwnersOnly
from retail.identity.invitations import LIVES, Invite
from retail.identity.operations import NewMember, add_member, end_membership, open_account
from retail.identity.rules import digest
from retail.kit.clock import FixedClock
from retail.kit.errors import NotFound
from retail.kit.ids import new_id
from retail.runtime.db import Database
from retail.runtime.tenancy import Actor, Scope
from tests.support.database import Clone
from tests.support.letters import letters_to, token_to
from tests.support.web import PASSWORD, PASSWORD_HASH, Site, enrol, make_site
from tests.support.world import Shop, open_shop

BASE = "https://app.example"
GOOD = "three cups of green tea"


def address() -> str:
    return f"{new_id().hex}@shop.example"


async def asked(shop: Shop, email: str, role: str = "clerk", scope: Scope | None = None) -> str:
    """Invite somebody and give the token of the mail."""
    await shop.db.run(scope or Scope.system(shop.tenant.id), invitations.invite, shop.tenant, Invite(email, role), BASE)
    return await token_to(shop.db, email, "invitation")


async def waiting(shop: Shop) -> list[str]:
    async with shop.db.read(shop.scope) as read:
        return [one.email for one in await invitations.open_invitations(read)]


async def members(shop: Shop) -> list[tuple[str, str]]:
    async with shop.db.read(shop.scope) as read:
        return [(one.email, one.role) for one in await queries.members(read)]


@pytest.fixture
async def timed(clone: Clone, tmp_path: Path) -> AsyncIterator[tuple[Site, FixedClock]]:
    clock = FixedClock(datetime(2027, 3, 1, 12, 0, tzinfo=UTC))
    database = await Database.connect(clone.app_url, size=3, clock=clock)
    site = make_site(database, data_dir=tmp_path)
    yield site, clock
    await site.close()
    await database.close()


async def test_the_whole_way_from_the_form_to_the_first_sign_in(site: Site, shop: Shop) -> None:
    owner, email = await site.member(shop), address()
    base = f"/t/{shop.tenant.slug}/people"
    answer = await owner.post(f"{base}/invitations", data={"email": email.upper(), "role": "viewer"})
    assert (answer.status_code, answer.headers["location"]) == (303, base)
    page = (await owner.get(base)).text
    assert email in page
    assert "Open invitations" in page
    token = await token_to(site.db, email, "invitation")
    visitor = site.visitor()
    shown = await visitor.get("/invitation", params={"token": token})
    assert shown.status_code == 200
    assert shown.headers["referrer-policy"] == "no-referrer"
    assert "Join Corner &amp; Co" in shown.text
    form = {"token": token, "name": "Nina New", "password": GOOD}
    joined = await visitor.post("/invitation", data=form)
    assert (joined.status_code, joined.headers["location"]) == (303, "/sign-in")
    signed_in = await site.visitor().post("/sign-in", data={"email": email, "password": GOOD})
    assert signed_in.headers["location"] == f"/t/{shop.tenant.slug}/"
    assert (email, "viewer") in await members(shop)
    assert await waiting(shop) == []


@pytest.mark.parametrize("has_account", [False, True])
async def test_the_trail_knows_whoever_comes_in_as_the_account_does(site: Site, shop: Shop, has_account: bool) -> None:
    if has_account:
        person, email, session = await enrol(site.db, (await open_shop(site.db)).tenant.id, "viewer")
    else:
        email, session = address(), ""
    token = await asked(shop, email)
    form = {"token": token, "name": "Nina New", "password": GOOD}
    assert (await site.visitor(session).post("/invitation", data=form)).status_code == 303
    async with shop.db.read(shop.scope) as read:
        told = await read.fetch(
            """SELECT e.action, e.actor_id, m.person_id FROM audit_event e
                 JOIN membership m ON m.tenant_id = e.tenant_id AND m.email = $2
                WHERE e.tenant_id = $1 AND e.action IN ('invitation.accepted', 'member.added')""",
            read.tenant,
            email,
        )
    assert len(told) == 2
    assert {row["actor_id"] for row in told} == {row["person_id"] for row in told}
    assert not has_account or told[0]["person_id"] == person


async def test_nobody_comes_in_as_somebody_whose_account_was_opened_meanwhile(shop: Shop) -> None:
    email = address()
    token = await asked(shop, email)
    async with shop.db.platform() as unit:
        await open_account(unit, email, "Nina", PASSWORD_HASH, at=unit.now)
    stranger = Scope(shop.tenant.id, Actor("person", new_id(), "Nina"), role="system")
    with pytest.raises(AccountOpened):
        await shop.db.run(stranger, invitations.accept, token, "Nina", PASSWORD_HASH)
    assert await waiting(shop) == [email]
    assert (email, "clerk") not in await members(shop)


async def test_a_link_works_once_even_for_two_at_the_same_moment(site: Site, shop: Shop) -> None:
    email = address()
    token = await asked(shop, email)
    form = {"token": token, "name": "Nina", "password": GOOD}
    answers = await asyncio.gather(*(site.visitor().post("/invitation", data=form) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) in ([303, 404, 404, 404], [303, 303, 303, 303])
    assert (await members(shop)).count((email, "clerk")) == 1
    again = await site.visitor().post("/invitation", data=form)
    assert again.status_code == 404
    assert "Ask whoever invited you" in again.text


async def test_only_the_hash_of_a_link_is_stored_and_it_has_256_bits(shop: Shop) -> None:
    token = await asked(shop, address())
    assert len(token) == 43
    async with shop.db.read(shop.scope) as read:
        rows = await read.fetch("SELECT token_hash FROM invitation")
    assert [row["token_hash"] for row in rows] == [digest(token)]


async def test_a_link_ends_after_seven_days_and_a_new_one_makes_the_old_void(
    timed: tuple[Site, FixedClock],
) -> None:
    site, clock = timed
    shop, email = await open_shop(site.db), address()
    first = await asked(shop, email)
    clock.advance(LIVES - timedelta(seconds=1))
    assert (await site.visitor().get("/invitation", params={"token": first})).status_code == 200
    clock.advance(timedelta(seconds=1))
    assert (await site.visitor().get("/invitation", params={"token": first})).status_code == 404
    async with site.db.read(shop.scope) as read:
        (known,) = await invitations.open_invitations(read)
    assert known.expired
    await site.db.run(Scope.system(shop.tenant.id), invitations.send_again, shop.tenant, known.id, BASE)
    second = await token_to(site.db, email, "invitation")
    assert second != first
    assert (await site.visitor().get("/invitation", params={"token": first})).status_code == 404
    assert (await site.visitor().get("/invitation", params={"token": second})).status_code == 200
    await site.db.run(Scope.system(shop.tenant.id), invitations.send_again, shop.tenant, known.id, BASE)
    assert len(await letters_to(site.db, email)) == 2, "asked twice within a minute, sent once"


async def test_a_withdrawn_one_is_void_and_the_address_can_be_invited_anew(site: Site, shop: Shop) -> None:
    email = address()
    token = await asked(shop, email)
    owner = await site.member(shop)
    async with shop.db.read(shop.scope) as read:
        (known,) = await invitations.open_invitations(read)
    answer = await owner.post(f"/t/{shop.tenant.slug}/people/invitations/{known.id}/withdrawal")
    assert answer.status_code == 303
    assert (await site.visitor().get("/invitation", params={"token": token})).status_code == 404
    again = await owner.post(f"/t/{shop.tenant.slug}/people/invitations/{known.id}/sending")
    assert again.status_code == 404
    await asked(shop, email)
    assert await waiting(shop) == [email]


async def test_the_same_address_is_invited_once_and_members_are_not(shop: Shop) -> None:
    email = address()
    await asked(shop, email)
    with pytest.raises(AlreadyInvited):
        await asked(shop, email)
    member = NewMember(address(), "Max", "clerk", PASSWORD_HASH)
    await shop.db.run(shop.scope, add_member, member)
    with pytest.raises(AlreadyMember):
        await asked(shop, member.email)
    assert await waiting(shop) == [email]
    assert await letters_to(shop.db, member.email) == []


async def test_a_manager_invites_no_owner_and_touches_no_owners_invitation(site: Site, shop: Shop) -> None:
    manager, email = shop.as_role("manager"), address()
    with pytest.raises(OwnersOnly):
        await asked(shop, email, "owner", manager)
    assert await letters_to(shop.db, email) == []
    token = await asked(shop, email, "owner")
    async with shop.db.read(shop.scope) as read:
        (known,) = await invitations.open_invitations(read)
    with pytest.raises(OwnersOnly):
        await shop.db.run(manager, invitations.send_again, shop.tenant, known.id, BASE)
    with pytest.raises(OwnersOnly):
        await shop.db.run(manager, invitations.withdraw, known.id)
    assert (await site.visitor().get("/invitation", params={"token": token})).status_code == 200


async def test_a_role_that_is_not_there_is_refused(shop: Shop) -> None:
    with pytest.raises(NotFound):
        await asked(shop, address(), "king")
    assert await waiting(shop) == []


async def test_a_hundred_wait_at_most(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invitations, "MOST_OPEN", 2)
    await asked(shop, address())
    await asked(shop, address())
    with pytest.raises(TooManyInvitations):
        await asked(shop, address())


async def test_whoever_has_an_account_signs_in_to_join_and_keeps_their_password(site: Site, shop: Shop) -> None:
    other = await open_shop(shop.db)
    person, email, secret = await enrol(shop.db, other.tenant.id, "clerk")
    token = await asked(shop, email, "manager")
    stranger = site.visitor()
    shown = (await stranger.get("/invitation", params={"token": token})).text
    assert 'type="password"' not in shown
    assert "/sign-in?next=" in shown
    refused = await stranger.post("/invitation", data={"token": token, "name": "Mallory", "password": GOOD})
    assert refused.status_code == 200
    assert (email, "manager") not in await members(shop)
    somebody_else = await site.member(shop, "viewer")
    refused = await somebody_else.post("/invitation", data={"token": token})
    assert "Sign out, then open the link again." in refused.text
    assert (email, "manager") not in await members(shop)
    joined = await site.visitor(secret).post("/invitation", data={"token": token})
    assert joined.headers["location"] == f"/t/{shop.tenant.slug}/"
    assert (email, "manager") in await members(shop)
    signed_in = await site.visitor().post("/sign-in", data={"email": email, "password": PASSWORD})
    assert signed_in.status_code == 303
    async with shop.db.read(shop.scope) as read:
        rows = await read.fetch("SELECT action, actor_id FROM audit_event WHERE actor_id = $1 ORDER BY id", person)
    assert {row["action"] for row in rows} >= {"member.added", "invitation.accepted"}


async def test_the_invitation_of_somebody_who_left_is_void(site: Site, shop: Shop) -> None:
    member = await shop.db.run(shop.scope, add_member, NewMember(address(), "Max", "manager", PASSWORD_HASH))
    inviting = Scope(shop.tenant.id, Actor("person", member.person_id, "Max"), role="owner")
    token = await asked(shop, address(), "clerk", inviting)
    assert (await site.visitor().get("/invitation", params={"token": token})).status_code == 200
    await shop.db.run(shop.scope, end_membership, member.id)
    assert (await site.visitor().get("/invitation", params={"token": token})).status_code == 404


async def test_a_weak_password_comes_back_and_nothing_is_used_up(site: Site, shop: Shop) -> None:
    email = address()
    token = await asked(shop, email)
    answer = await site.visitor().post("/invitation", data={"token": token, "name": "Nina", "password": "short"})
    assert answer.status_code == 422
    assert "short" not in answer.text.replace("a short sentence", "")
    assert await waiting(shop) == [email]


async def test_a_wrong_form_comes_back(site: Site, shop: Shop) -> None:
    owner = await site.member(shop)
    answer = await owner.post(f"/t/{shop.tenant.slug}/people/invitations", data={"email": "no address", "role": ""})
    assert answer.status_code == 422
    assert 'value="no address"' in answer.text
    assert await waiting(shop) == []


async def test_with_a_mail_server_nobody_is_taken_on_with_a_password_that_somebody_else_chose(shop: Shop) -> None:
    site = make_site(shop.db, smtp_url="smtp://mail.example")
    owner, email = await site.member(shop), address()
    base = f"/t/{shop.tenant.slug}/people"
    assert "/people/new" not in (await owner.get(base)).text
    assert (await owner.get(f"{base}/new")).status_code == 404
    form = {"email": email, "name": "Nina", "role": "clerk", "password": GOOD}
    assert (await owner.post(base, data=form)).status_code == 404
    assert email not in dict(await members(shop))
    await site.close()


@pytest.mark.parametrize(
    ("smtp", "said", "again"),
    [
        ("smtp://mail.example", "An invitation was sent to", "was sent again"),
        ("", "waits until there is a mail server", "waits until there is a mail server"),
    ],
)
async def test_nobody_is_told_that_a_mail_was_sent_where_none_can_be(
    shop: Shop, smtp: str, said: str, again: str
) -> None:
    site = make_site(shop.db, smtp_url=smtp)
    owner, email = await site.member(shop), address()
    base = f"/t/{shop.tenant.slug}/people"
    assert (await owner.post(f"{base}/invitations", data={"email": email, "role": "clerk"})).status_code == 303
    assert said in (await owner.get(base)).text
    async with shop.db.read(shop.scope) as read:
        [known] = await invitations.open_invitations(read)
    assert (await owner.post(f"{base}/invitations/{known.id}/sending")).status_code == 303
    assert again in (await owner.get(base)).text
    await site.close()


async def test_nonsense_is_no_link(site: Site) -> None:
    for token in ("", "x", "A" * 43, "A" * 5000):
        assert (await site.visitor().get("/invitation", params={"token": token})).status_code == 404
    async with site.db.platform() as unit:
        with pytest.raises(InvitationSpent):
            await invitations.offer(unit, "nothing")


async def test_another_shops_owner_reaches_no_invitation(shop: Shop) -> None:
    other = await open_shop(shop.db)
    email = address()
    await asked(shop, email)
    async with shop.db.read(shop.scope) as read:
        (known,) = await invitations.open_invitations(read)
    with pytest.raises(NotFound):
        await shop.db.run(other.scope, invitations.withdraw, known.id)
    assert await waiting(other) == []
    assert await waiting(shop) == [email]

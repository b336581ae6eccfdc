"""News and messages ring: for whom they reach, once per thread until it is read, and no more once they are over."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from retail.audit.operations import platform_scope
from retail.comms import announcing, news, readers, threads
from retail.comms.announcing import Draft
from retail.comms.readers import Reader
from retail.comms.threads import Message, NewThread, Party
from retail.kit.ids import new_id
from retail.runtime.tenancy import Actor, Scope
from tests.support.told import posted, relay
from tests.support.web import Site, enrol, site
from tests.support.world import Shop

__all__ = ["site"]
OTTO = platform_scope(Actor("person", UUID(int=7), "Otto Operator"))


async def hire(shop: Shop, role: str = "clerk") -> tuple[Reader, str]:
    """Take somebody on; gives the reader that they are and their session."""
    person, _email, secret = await enrol(shop.db, shop.tenant.id, role)
    return readers.member(Scope(shop.tenant.id, Actor("person", person, role.title()), role=role), person), secret


async def write(shop: Shop, by: Reader, thread: UUID) -> None:
    async with shop.db.begin(shop.scope) as tx:
        assert await threads.write(tx, by, thread, Message(new_id(), "Hello"))
    await relay(shop)


async def begin(shop: Shop, by: Reader, *others: Reader) -> UUID:
    id, parties = new_id(), [Party("person", one.id) for one in others]
    async with shop.db.begin(shop.scope) as tx:
        await threads.open_thread(tx, by, NewThread(id, "team", "Saturday", parties))
    await write(shop, by, id)
    return id


async def unread(shop: Shop) -> dict[UUID, int]:
    """Count what is unread, by person."""
    async with shop.db.read(Scope.system(shop.tenant.id)) as read:
        rows = await read.fetch(
            """SELECT person_id, count(*) AS number FROM notification
                WHERE tenant_id = $1 AND read_at IS NULL GROUP BY 1""",
            read.tenant,
        )
    return {row["person_id"]: row["number"] for row in rows}


async def test_a_message_rings_for_those_who_may_read_it_and_not_for_who_wrote_it(shop: Shop) -> None:
    (ada, _), (ben, _), (eve, _) = await hire(shop), await hire(shop), await hire(shop)
    await begin(shop, ada, ben)
    assert await unread(shop) == {ben.id: 1}
    assert eve.id not in await unread(shop)


async def test_a_thread_rings_once_until_it_is_read(shop: Shop) -> None:
    (ada, _), (ben, _) = await hire(shop), await hire(shop)
    thread = await begin(shop, ada, ben)
    for _more in range(3):
        await write(shop, ada, thread)
    assert await unread(shop) == {ben.id: 1}, "one unread notice of a thread is enough"
    async with shop.db.begin(shop.scope) as tx:
        await threads.mark_read(tx, ben, thread)
    await relay(shop)
    assert await unread(shop) == {}, "who has read the thread needn't be told of it"
    await write(shop, ada, thread)
    assert await unread(shop) == {ben.id: 1}
    await write(shop, ben, thread)
    assert await unread(shop) == {ben.id: 1, ada.id: 1}


async def test_what_an_operator_writes_rings_for_owners_and_leads_to_the_thread(site: Site, shop: Shop) -> None:
    (owner, secret), (clerk, _) = await hire(shop, "owner"), await hire(shop)
    thread = new_id()
    async with shop.db.begin(shop.scope) as tx:
        await threads.open_thread(tx, owner, NewThread(thread, "operator", "A question", []))
    support = readers.operator(
        Scope(shop.tenant.id, Actor("person", UUID(int=7), "Otto"), role="operator"), UUID(int=7)
    )
    await write(shop, support, thread)
    assert await unread(shop) == {owner.id: 1}
    page = (await site.visitor(secret).get(f"/t/{shop.tenant.slug}/notices")).text
    assert "Support wrote to you." in page
    assert f"/messages/{thread}" in page
    assert clerk.id not in await unread(shop)


@pytest.mark.parametrize(("importance", "kind"), [("info", "news"), ("important", "news"), ("urgent", "news_urgent")])
async def test_news_ring_for_every_member_and_no_more_once_they_are_taken_back(
    shop: Shop, importance: str, kind: str
) -> None:
    (ada, _), (ben, _) = await hire(shop), await hire(shop, "owner")
    now = shop.db.clock.now()
    draft = Draft(
        new_id(), "Maintenance tonight.", "From 2 to 3.", importance, must_confirm=False, audience="tenant",
        targets=(str(shop.tenant.id),), starts_at=now, ends_at=now + timedelta(days=1),
    )  # fmt: skip
    await shop.db.run(OTTO, announcing.announce, draft)
    await relay(shop)
    assert [(name, facts["title"]) for name, facts in await posted(shop)] == [(kind, "Maintenance tonight.")]
    told = await unread(shop)
    assert (told[ada.id], told[ben.id]) == (1, 1)
    await shop.db.run(shop.scope, news.confirm, draft.id, ada.id)
    await relay(shop)
    told = await unread(shop)
    assert (told.get(ada.id, 0), told[ben.id]) == (0, 1), "who confirmed it isn't told of it any more"
    await shop.db.run(OTTO, announcing.withdraw, draft.id)
    await relay(shop)
    assert await unread(shop) == {}

"""Threads: who sees which, what is said once, what is read, and who sees nothing of them."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from PIL import Image

from retail.comms import readers, reading, threads
from retail.comms.readers import Reader
from retail.comms.threads import Message, NewThread, Party
from retail.identity.operations import NewMember, add_member, end_membership
from retail.kit.errors import Invalid, NotFound
from retail.kit.ids import new_id
from retail.runtime.db import Database
from retail.runtime.tenancy import Actor, Scope
from tests.support.web import PASSWORD_HASH, Site, enrol, enrol_operator, make_site, site
from tests.support.world import Shop, open_shop

__all__ = ["site"]


async def hire(shop: Shop, role: str = "clerk", stores: frozenset[UUID] | None = None) -> Reader:
    """Take somebody on and give the reader that they are."""
    email = f"{new_id().hex}@shop.example"
    made = await shop.db.run(
        Scope.system(shop.tenant.id), add_member, NewMember(email, f"{role} {email[:6]}", role, PASSWORD_HASH)
    )
    scope = Scope(shop.tenant.id, Actor("person", made.person_id, made.name), role=role, stores=stores)
    return readers.member(scope, made.person_id)


async def begin(shop: Shop, opener: Reader, *parties: Party, kind: str = "team", text: str = "Hello") -> UUID:
    id = new_id()
    async with shop.db.begin(shop.scope) as tx:
        await threads.open_thread(tx, opener, NewThread(id, kind, "Saturday", parties))  # type: ignore[arg-type]
        assert await threads.write(tx, opener, id, Message(new_id(), text))
    return id


async def listed(shop: Shop, reader: Reader, q: str = "") -> list[UUID]:
    async with shop.db.read(shop.scope) as read:
        return [one.id for one in (await reading.threads(read, reader, q=q)).items]


async def said(shop: Shop, reader: Reader, thread: UUID) -> list[str]:
    async with shop.db.read(shop.scope) as read:
        return [one.body for one in (await reading.messages(read, reader, thread)).items]


async def waits(shop: Shop, reader: Reader) -> int:
    async with shop.db.read(shop.scope) as read:
        return await reading.unread(read, reader)


async def test_only_who_takes_part_sees_a_thread(shop: Shop) -> None:
    anna, ben, cleo = await hire(shop), await hire(shop), await hire(shop, "owner")
    thread = await begin(shop, anna, Party("person", ben.id))
    assert await listed(shop, anna) == await listed(shop, ben) == [thread]
    assert await listed(shop, cleo) == []  # an owner too: it is private
    with pytest.raises(NotFound):
        await said(shop, cleo, thread)
    async with shop.db.begin(shop.scope) as tx:
        with pytest.raises(NotFound):
            await threads.write(tx, cleo, thread, Message(new_id(), "Me too"))
        with pytest.raises(NotFound):
            await threads.add(tx, cleo, thread, [Party("person", cleo.id)])


async def test_a_stores_thread_is_for_whoever_works_there_and_a_tills_for_who_stands_there(shop: Shop) -> None:
    anna = await hire(shop)
    here = await hire(shop, stores=frozenset({shop.store}))
    there = await hire(shop, stores=frozenset({shop.second_store}))
    everywhere = await hire(shop, stores=None)
    thread = await begin(shop, anna, Party("store", shop.store))
    at_till = readers.at_till(shop.scope, shop.till, shop.store, None)
    assert await listed(shop, here) == await listed(shop, everywhere) == await listed(shop, at_till) == [thread]
    assert await listed(shop, there) == []
    tills = await begin(shop, anna, Party("till", shop.till))
    beside = readers.at_till(shop.scope, shop.second_till, shop.store, None)
    assert tills in await listed(shop, at_till)
    assert tills not in await listed(shop, beside)
    assert tills not in await listed(shop, here)


async def test_what_is_said_twice_is_said_once_and_read_marks_follow(shop: Shop) -> None:
    anna, ben = await hire(shop), await hire(shop)
    thread = await begin(shop, anna, Party("person", ben.id))
    assert (await waits(shop, anna), await waits(shop, ben)) == (0, 1)
    message = Message(new_id(), "Can you open tomorrow?")
    for new in (True, False):
        async with shop.db.begin(shop.scope) as tx:
            assert await threads.write(tx, ben, thread, message) is new
    assert await said(shop, anna, thread) == [message.body, "Hello"]
    assert (await waits(shop, anna), await waits(shop, ben)) == (1, 0)
    async with shop.db.begin(shop.scope) as tx:
        await threads.mark_read(tx, anna, thread)
    assert await waits(shop, anna) == 0
    async with shop.db.read(shop.scope) as read:
        newest = (await reading.messages(read, ben, thread)).items[0]
    assert (newest.own, newest.read_by) == (True, (anna.name,))


async def test_reading_again_tells_nobody(shop: Shop) -> None:
    anna, ben = await hire(shop), await hire(shop)
    thread = await begin(shop, anna, Party("person", ben.id))
    for _time in range(3):
        async with shop.db.begin(shop.scope) as tx:
            await threads.mark_read(tx, ben, thread)
    async with shop.db.read(shop.scope) as read:
        told = await read.fetchval(
            "SELECT count(*) FROM outbox WHERE tenant_id = $1 AND name = 'thread.read'", read.tenant
        )
    assert told == 1


async def test_the_search_looks_into_what_was_said_and_only_into_ones_own(shop: Shop) -> None:
    anna, ben, cleo = await hire(shop), await hire(shop), await hire(shop)
    first = await begin(shop, anna, Party("person", ben.id), text="The Käse is late, 50% of it")
    await begin(shop, anna, Party("person", cleo.id), text="Nothing of note")
    assert await listed(shop, anna, "kase") == await listed(shop, ben, "50%") == [first]
    assert await listed(shop, cleo, "käse") == await listed(shop, ben, "5_%") == []


async def test_whoever_leaves_a_thread_or_the_business_reads_no_more(shop: Shop) -> None:
    anna, ben, cleo = await hire(shop, "owner"), await hire(shop), await hire(shop)
    thread = await begin(shop, anna, Party("person", ben.id), Party("person", cleo.id))
    async with shop.db.begin(shop.scope) as tx:
        await threads.leave(tx, ben, thread)
    assert await listed(shop, ben) == []
    async with shop.db.read(shop.scope) as read:
        assert set(await readers.people_of(read, thread)) == {anna.id, cleo.id}
        member = await read.fetchval(
            "SELECT id FROM membership WHERE tenant_id = $1 AND person_id = $2", read.tenant, cleo.id
        )
    owner = Scope(shop.tenant.id, Actor("person", anna.id, anna.name), role="owner")
    async with shop.db.begin(owner) as tx:
        await end_membership(tx, member)
    async with shop.db.read(shop.scope) as read:
        assert await readers.people_of(read, thread) == [anna.id]
        assert [one.gone for one in (await reading.thread(read, anna, thread)).parties if one.id == cleo.id] == [True]
    async with shop.db.begin(shop.scope) as tx:
        with pytest.raises(Invalid):
            await threads.add(tx, anna, thread, [Party("person", cleo.id)])


async def test_nobody_of_another_business_is_added(db: Database, shop: Shop) -> None:
    other = await open_shop(db)
    anna, stranger = await hire(shop), await hire(other)
    for party in (Party("person", stranger.id), Party("store", other.store), Party("till", other.till)):
        async with shop.db.begin(shop.scope) as tx:
            with pytest.raises(Invalid):
                await threads.open_thread(tx, anna, NewThread(new_id(), "team", "Hi", [party]))
    assert await listed(other, stranger) == []


async def test_the_operator_and_the_owners_talk_and_nobody_else_hears(site: Site, db: Database, shop: Shop) -> None:
    other = await open_shop(db)
    owner, clerk, foreign = await site.member(shop), await site.member(shop, "clerk"), await site.member(other)
    base = f"/t/{shop.tenant.slug}/messages"
    form = {
        "id": str(new_id()),
        "message": str(new_id()),
        "subject": "Invoice",
        "body": "Which one?",
        "parties": "operator",
    }
    assert (await clerk.post(base, data=form)).status_code == 404
    assert (await owner.post(base, data=form)).status_code == 303
    page = f"{base}/{form['id']}"
    assert "Which one?" in (await owner.get(page)).text
    assert (await clerk.get(page)).status_code == 404
    assert (await foreign.get(page)).status_code == 404
    assert (await foreign.get(f"/t/{other.tenant.slug}/messages/{form['id']}")).status_code == 404

    operator = site.visitor((await enrol_operator(db))[2])
    assert "Invoice" in (await operator.get("/platform/messages")).text
    answer = {"message": str(new_id()), "body": "The one of June."}
    at = f"/platform/messages/{shop.tenant.id}/{form['id']}"
    assert (await operator.post(f"{at}/messages", data=answer)).status_code == 303
    assert "The one of June." in (await owner.get(page)).text
    assert (await owner.get("/platform/messages")).status_code == 403


async def test_the_operator_sees_no_thread_of_the_businesss_own(site: Site, db: Database, shop: Shop) -> None:
    anna, ben = await hire(shop), await hire(shop)
    thread = await begin(shop, anna, Party("person", ben.id), text="Between us")
    operator = site.visitor((await enrol_operator(db))[2])
    at = f"/platform/messages/{shop.tenant.id}/{thread}"
    assert str(thread) not in (await operator.get("/platform/messages")).text
    assert (await operator.get(at)).status_code == 404
    assert (await operator.get(f"{at}/talk")).status_code == 404
    assert (await operator.post(f"{at}/messages", data={"body": "Hm", "message": str(new_id())})).status_code == 404
    assert (await operator.post(f"{at}/reading")).status_code == 404
    assert await said(shop, ben, thread) == ["Between us"]


async def test_a_page_shows_what_was_said_and_counts_what_was_not_read(site: Site, db: Database, shop: Shop) -> None:
    base = f"/t/{shop.tenant.slug}/messages"
    ben, _email, secret = await enrol(db, shop.tenant.id, "clerk")
    owner, clerk = await site.member(shop), site.visitor(secret)
    form = {
        "id": str(new_id()),
        "message": str(new_id()),
        "subject": "Keys",
        "body": "<b>Where?</b>",
        "parties": f"person:{ben}",
    }
    assert (await owner.post(base, data=form)).status_code == 303
    assert "1" in (await clerk.get(f"{base}/unread")).text
    page = (await clerk.get(f"{base}/{form['id']}")).text
    assert "&lt;b&gt;Where?&lt;/b&gt;" in page
    assert (await clerk.post(f"{base}/{form['id']}/reading")).status_code == 303
    assert (await clerk.get(f"{base}/unread")).text.strip().splitlines()[-1:] in ([], [""])
    assert "Keys" in (await clerk.get(f"{base}?q=where")).text
    assert "Keys" not in (await clerk.get(f"{base}?q=nowhere-at-all")).text
    empty = {"message": str(new_id()), "body": " "}
    assert (await clerk.post(f"{base}/{form['id']}/messages", data=empty)).status_code == 422


def picture() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(made, "PNG")
    return made.getvalue()


async def test_files_are_rewritten_or_kept_bounded_and_only_ever_saved(
    db: Database, shop: Shop, tmp_path: Path
) -> None:
    site = make_site(db, data_dir=tmp_path)
    owner, clerk = await site.member(shop), await site.member(shop, "clerk")
    base = f"/t/{shop.tenant.slug}/messages"
    form = {"id": str(new_id()), "message": str(new_id()), "subject": "Papers", "body": "", "parties": "operator"}
    sent = [
        ("files", ("photo.png", picture(), "image/png")),
        ("files", ("bill.pdf", b"%PDF-1.7 x", "application/pdf")),
        ("files", ("../../e.txt", b"<script>alert(1)</script>", "text/html")),
    ]
    assert (await owner.post(base, data=form, files=sent)).status_code == 303
    async with db.read(shop.scope) as read:
        rows = await read.fetch(
            "SELECT id, name, media_type FROM thread_file WHERE tenant_id = $1 ORDER BY name", read.tenant
        )
    assert [(row["name"], row["media_type"]) for row in rows] == [
        ("bill.pdf", "application/pdf"), ("e.txt", "text/plain"), ("photo.webp", "image/webp"),
    ]  # fmt: skip
    for row in rows:
        answer = await owner.get(f"{base}/{form['id']}/files/{row['id']}")
        assert answer.headers["content-disposition"].startswith("attachment;")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in answer.headers["content-security-policy"]
        assert answer.headers["content-type"].split(";")[0] == row["media_type"]
        assert (await clerk.get(f"{base}/{form['id']}/files/{row['id']}")).status_code == 404

    again = {"message": str(new_id()), "body": "and a program"}
    program = [("files", ("x.exe", b"MZ\x00\x01", "application/pdf"))]
    assert (await owner.post(f"{base}/{form['id']}/messages", data=again, files=program)).status_code == 415
    elsewhere = f"{base}/{new_id()}/messages"
    assert (await owner.post(elsewhere, data=again, files=[sent[1]])).status_code == 404
    assert len(list((tmp_path / "files" / str(shop.tenant.id)).glob("*.msg"))) == 3
    await site.close()


@pytest.mark.parametrize("ending", ["exe", "bat", "CMD", "js", "vbs", "scr", "ps1", "sh", "html", "hta", "url"])
async def test_a_text_is_taken_under_a_texts_name_alone(db: Database, shop: Shop, tmp_path: Path, ending: str) -> None:
    site = make_site(db, data_dir=tmp_path)
    owner, base = await site.member(shop), f"/t/{shop.tenant.slug}/messages"
    form = {"id": str(new_id()), "message": str(new_id()), "subject": "Papers", "body": "", "parties": "operator"}
    for name in (f"evil.{ending}", f"bill.txt.{ending}", f"evil.{ending}.", ending):
        refused = await owner.post(base, data=form, files=[("files", (name, b"echo hello", "text/plain"))])
        assert refused.status_code == 415, name
        assert "could be a program" in refused.text
    assert len(list((tmp_path / "files" / str(shop.tenant.id)).glob("*.msg"))) == 0
    disguised = [
        ("files", (f"bill.{ending}", b"%PDF-1.7 x", "application/pdf")),
        ("files", ("Log of Monday.LOG", b"all is well", "")),
    ]
    assert (await owner.post(base, data=form, files=disguised)).status_code == 303
    async with db.read(shop.scope) as read:
        rows = await read.fetch("SELECT name FROM thread_file WHERE tenant_id = $1 ORDER BY name", read.tenant)
    assert [row["name"] for row in rows] == ["Log of Monday.LOG", "bill.pdf"]
    await site.close()


async def test_the_first_page_of_a_long_thread_leads_to_what_was_said_earlier(shop: Shop) -> None:
    anna, ben = await hire(shop), await hire(shop)
    thread = await begin(shop, anna, Party("person", ben.id), text="0")
    for number in range(1, 5):
        async with shop.db.begin(shop.scope) as tx:
            tx.now += timedelta(seconds=number)
            await threads.write(tx, anna, thread, Message(new_id(), str(number)))
    async with shop.db.read(shop.scope) as read:
        first = await reading.messages(read, ben, thread, limit=3)
        second = await reading.messages(read, ben, thread, limit=3, after=first.next)
    assert [one.body for one in (*first.items, *second.items)] == ["4", "3", "2", "1", "0"]
    assert second.next is None

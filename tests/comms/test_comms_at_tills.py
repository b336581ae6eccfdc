"""News, notes and threads at a till: what it is given, that reading there counts once, and whose word is taken."""

from __future__ import annotations

from retail.comms import announcing, notes, readers, reading, threads
from retail.comms.notes import NewNote
from retail.comms.threads import Message, NewThread, Party
from retail.kit.ids import new_id
from retail.runtime.db import Database
from tests.comms.test_announcements import OTTO, draft
from tests.support.web import Site, enrol, site
from tests.support.world import Shop, open_shop

__all__ = ["site"]


def at(shop: Shop, rest: str, till: object = None) -> str:
    return f"/t/{shop.tenant.slug}/api/v1/tills/{till or shop.till}/{rest}"


async def test_a_till_hears_of_what_is_on_and_who_has_confirmed_it(site: Site, db: Database, shop: Shop) -> None:
    made = draft(db, shop)
    await db.run(OTTO, announcing.announce, made)
    person, _email, secret = await enrol(db, shop.tenant.id, "clerk")
    clerk = site.visitor(secret)
    told = (await clerk.get(at(shop, "news"))).json()["announcements"]
    assert [(one["title"], one["must_confirm"], one["confirmed_by"]) for one in told] == [(made.title, True, [])]
    address = at(shop, f"announcements/{made.id}/confirmations/{person}")
    for _time in range(2):
        assert (await clerk.put(address)).status_code == 200
    told = (await clerk.get(at(shop, "news"))).json()["announcements"]
    assert [one["confirmed_by"] for one in told] == [[str(person)]]
    async with db.platform() as unit:
        assert [one.at_till for one in (await announcing.confirmations(unit, made.id)).items] == [True]


async def test_nobody_confirms_for_somebody_else_without_an_enrolled_device(
    site: Site, db: Database, shop: Shop
) -> None:
    made = draft(db, shop)
    await db.run(OTTO, announcing.announce, made)
    other, _email, _secret = await enrol(db, shop.tenant.id, "owner")
    clerk = await site.member(shop, "clerk")
    assert (await clerk.put(at(shop, f"announcements/{made.id}/confirmations/{other}"))).status_code == 403
    async with db.platform() as unit:
        assert (await announcing.announced(unit, made.id)).confirmed == 0


async def test_a_note_waits_at_every_till_of_the_store_until_it_is_read_there(
    site: Site, db: Database, shop: Shop
) -> None:
    manager, person = site.visitor((made := await enrol(db, shop.tenant.id, "manager"))[2]), made[0]
    page = f"/t/{shop.tenant.slug}/shift-notes"
    form = {"id": str(new_id()), "where": f"store:{shop.store}", "body": "The scale is <broken>."}
    for _time in range(2):
        assert (await manager.post(page, data=form)).status_code == 303
    for till in (shop.till, shop.second_till):
        assert [one["body"] for one in (await manager.get(at(shop, "news", till))).json()["notes"]] == [form["body"]]
    assert (await manager.put(at(shop, f"shift-notes/{form['id']}/readings/{person}"))).status_code == 200
    assert (await manager.get(at(shop, "news"))).json()["notes"] == []
    assert len((await manager.get(at(shop, "news", shop.second_till))).json()["notes"]) == 1
    listed = (await manager.get(page)).text
    assert "The scale is &lt;broken&gt;." in listed
    assert "T1: Manager" in listed
    assert (await manager.post(f"{page}/{form['id']}/withdrawal")).status_code == 303
    assert (await manager.get(at(shop, "news", shop.second_till))).json()["notes"] == []


async def test_a_note_for_one_till_is_left_there_and_shown_at_no_other(site: Site, db: Database, shop: Shop) -> None:
    clerk = await site.member(shop, "clerk")
    note = {"id": str(new_id()), "body": "Coins are low.", "here_only": True}
    assert (await clerk.post(at(shop, "shift-notes"), json=note)).status_code == 201
    assert [one["body"] for one in (await clerk.get(at(shop, "news"))).json()["notes"]] == ["Coins are low."]
    assert (await clerk.get(at(shop, "news", shop.second_till))).json()["notes"] == []
    viewer = await site.member(shop, "viewer")
    assert (await viewer.post(at(shop, "shift-notes"), json=note | {"id": str(new_id())})).status_code == 403
    assert (await clerk.post(at(shop, "shift-notes"), json=note | {"id": str(new_id()), "body": ""})).status_code == 422


async def test_whoever_may_not_run_shifts_leaves_no_note_and_another_shop_reads_none(
    site: Site, db: Database, shop: Shop
) -> None:
    other = await open_shop(db)
    note = NewNote(new_id(), shop.store, None, "Ours")
    await db.run(shop.as_role("manager"), notes.leave, note, new_id())
    person, _email, secret = await enrol(db, other.tenant.id, "owner")
    stranger = site.visitor(secret)
    assert (await stranger.get(at(shop, "news"))).status_code == 404
    assert (await stranger.put(at(other, f"shift-notes/{note.id}/readings/{person}"))).status_code == 404
    viewer = await site.member(shop, "viewer")
    assert (await viewer.get(f"/t/{shop.tenant.slug}/shift-notes")).status_code == 403


async def test_a_store_writes_with_its_tills(site: Site, db: Database, shop: Shop) -> None:
    thread, anna = new_id(), readers.member(shop.scope, new_id())
    async with db.begin(shop.scope) as tx:
        await threads.open_thread(tx, anna, NewThread(thread, "operator", "Not yours"))
    owner, _email, _secret = await enrol(db, shop.tenant.id, "owner")
    anna = readers.member(shop.scope, owner)
    thread = new_id()
    async with db.begin(shop.scope) as tx:
        await threads.open_thread(tx, anna, NewThread(thread, "team", "Delivery", [Party("till", shop.till)]))
        await threads.write(tx, anna, thread, Message(new_id(), "At four."))
    ben, _mail, secret = await enrol(db, shop.tenant.id, "clerk")
    clerk, private = site.visitor(secret), new_id()
    async with db.begin(shop.scope) as tx:
        await threads.open_thread(tx, anna, NewThread(private, "team", "Between us", [Party("person", ben)]))
    assert (await clerk.get(at(shop, f"threads/{private}/messages"))).status_code == 404
    told = (await clerk.get(at(shop, "news"))).json()["threads"]
    assert [(one["subject"], one["unread"], one["last"]["body"]) for one in told] == [("Delivery", True, "At four.")]
    assert (await clerk.get(at(shop, "news", shop.second_till))).json()["threads"] == []
    said = {"id": str(new_id()), "body": "Good."}
    for _time in range(2):
        assert (await clerk.post(at(shop, f"threads/{thread}/messages"), json=said)).status_code == 201
    assert (await clerk.put(at(shop, f"threads/{thread}/reading"))).status_code == 200
    assert [one["unread"] for one in (await clerk.get(at(shop, "news"))).json()["threads"]] == [False]
    items = (await clerk.get(at(shop, f"threads/{thread}/messages"))).json()["items"]
    assert [(one["body"], one["at_till"]) for one in items] == [("At four.", False), ("Good.", True)]
    assert (await clerk.get(at(shop, f"threads/{thread}/messages", shop.second_till))).status_code == 404
    async with db.read(shop.scope) as read:
        assert await reading.unread(read, anna) == 1


async def test_programs_of_a_person_read_and_write_as_the_pages_do(site: Site, db: Database, shop: Shop) -> None:
    ben, _email, secret = await enrol(db, shop.tenant.id, "clerk")
    owner, clerk, api = await site.member(shop), site.visitor(secret), f"/t/{shop.tenant.slug}/api/v1"
    new = {
        "id": str(new_id()), "subject": "Stock", "parties": [{"kind": "person", "id": str(ben)}],
        "message": {"id": str(new_id()), "body": "Count the cola."},
    }  # fmt: skip
    for _time in range(2):
        assert (await owner.post(f"{api}/threads", json=new)).status_code == 201
    found = (await clerk.get(f"{api}/threads", params={"q": "cola"})).json()["items"]
    assert [(one["id"], one["unread"]) for one in found] == [(new["id"], True)]
    said = (await clerk.get(f"{api}/threads/{new['id']}/messages")).json()["items"]
    assert [(one["body"], one["own"]) for one in said] == [("Count the cola.", False)]
    assert (await clerk.put(f"{api}/threads/{new['id']}/reading")).status_code == 200
    assert [one["unread"] for one in (await clerk.get(f"{api}/threads")).json()["items"]] == [False]
    answer = {"id": str(new_id()), "body": "Twelve."}
    assert (await clerk.post(f"{api}/threads/{new['id']}/messages", json=answer)).status_code == 201
    other = await site.member(shop, "manager")
    assert (await other.get(f"{api}/threads/{new['id']}/messages")).status_code == 404
    assert (await other.post(f"{api}/threads/{new['id']}/messages", json=answer)).status_code == 404
    to_operator = new | {"id": str(new_id()), "kind": "operator", "parties": []}
    assert (await clerk.post(f"{api}/threads", json=to_operator)).status_code == 404

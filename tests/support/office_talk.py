"""Builders: what an office has to read: news of the operator, threads, a note for the next shift, a bill."""

from __future__ import annotations

from uuid import UUID

from retail.audit.operations import platform_scope
from retail.billing.queries import invoices
from retail.comms import announcing, notes, readers, threads
from retail.comms.announcing import Draft
from retail.comms.notes import NewNote
from retail.comms.threads import Message, NewThread, Party
from retail.identity.operations import NewMember, add_member
from retail.kit.ids import new_id
from retail.runtime.tenancy import Actor, Scope
from tests.billing.worlds import take_out
from tests.support.web import PASSWORD_HASH
from tests.support.world import Shop

OTTO = platform_scope(Actor("person", UUID(int=7), "Otto Operator"))


async def an_announcement(shop: Shop) -> UUID:
    """Tell every business of tonight's maintenance; whoever reads it has to confirm."""
    id, now = new_id(), shop.db.clock.now()
    text = ("Maintenance tonight", "From 2 to 3 we are away.")
    await shop.db.run(OTTO, announcing.announce, Draft(id, *text, "important", True, "all", (), now, None))
    return id


async def a_thread(shop: Shop, kind: str, *parties: Party) -> UUID:
    """Begin a thread of an owner, with the operator or inside the business."""
    id = new_id()
    member = NewMember(f"{id.hex}@shop.example", "Olga Owner", "owner", PASSWORD_HASH)
    made = await shop.db.run(Scope.system(shop.tenant.id), add_member, member)
    scope = Scope(shop.tenant.id, Actor("person", made.person_id, made.name), role="owner")
    owner = readers.member(scope, made.person_id)
    async with shop.db.begin(shop.scope) as tx:
        await threads.open_thread(tx, owner, NewThread(id, kind, "Saturday", parties))  # type: ignore[arg-type]
        await threads.write(tx, owner, id, Message(new_id(), "Who opens?"))
    return id


async def a_note(shop: Shop) -> UUID:
    id = new_id()
    async with shop.db.begin(shop.scope) as tx:
        await notes.leave(tx, NewNote(id, shop.store, None, "The second drawer sticks."), new_id())
    return id


async def a_bill(shop: Shop) -> UUID:
    await take_out(shop)
    async with shop.db.read(shop.scope) as read:
        return (await invoices(read)).items[0].id

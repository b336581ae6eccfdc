"""News and messages for tills: what waits there, that somebody has read it, notes for the next shift, and threads."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from retail.comms import news, notes, reading, threads
from retail.comms.notes import NewNote
from retail.comms.readers import Reader, at_till
from retail.identity.permissions import RUN_SHIFT, SELL
from retail.kit.errors import Forbidden, NotFound
from retail.runtime.db import Read
from retail.runtime.tenancy import Scope
from retail.runtime.web.api import allow
from retail.runtime.web.context import db
from retail.runtime.web.limits import limit
from retail.runtime.web.responses import json_answer
from retail.sales.setup import first_name
from retail.tenants.queries import till as till_of

router = APIRouter(tags=["tills"])
THREADS_MOST: Final = 20


class TillNote(BaseModel):
    """A note for the next shift, left at a till; `here_only` keeps it from the store's other tills."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    body: str = Field(min_length=1, max_length=notes.BODY_MOST)
    here_only: bool = False


class TillMessage(BaseModel):
    """What somebody at a till writes into a thread."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    body: str = Field(min_length=1, max_length=threads.BODY_MOST)


@router.get("/tills/{till}/news")
async def show_till_news(request: Request, till: UUID, scope: Scope = allow(SELL)) -> Response:
    """Give what a till shows between two sales: announcements that are on, notes for its next shift, its threads."""
    async with db(request).read(scope) as read:
        place = await till_of(read, till)
        on = await news.current(read, None)
        confirmed = await news.confirmed_by(read, [one.id for one in on])
        left = await notes.at_till(read, place.store, till)
        reader = _reader(scope, till, place.store)
        talks = (await reading.threads(read, reader, limit=THREADS_MOST)).items
    return json_answer({
        "announcements": [
            {"id": one.id, "title": one.title, "body": one.body, "importance": one.importance,
             "must_confirm": one.must_confirm, "starts_at": one.starts_at, "ends_at": one.ends_at,
             "confirmed_by": confirmed.get(one.id, [])}
            for one in on
        ],
        "notes": [
            {"id": one.id, "body": one.body, "author": first_name(scope, one.author_name), "created_at": one.created_at}
            for one in left
        ],
        "threads": [
            {"id": one.id, "subject": one.subject, "last_at": one.last_at, "unread": one.unread,
             "last": {"author": first_name(scope, one.last_author), "body": one.last_body}}
            for one in talks
        ],
    })  # fmt: skip


@router.put("/tills/{till}/announcements/{announcement}/confirmations/{member}")
async def confirm_announcement(
    request: Request, till: UUID, announcement: UUID, member: UUID, scope: Scope = allow(SELL)
) -> Response:
    """Note that somebody at the till has read an announcement, perhaps a while ago and offline; twice changes nothing.

    `member` is whoever stood there: an enrolled device may name any member, everybody else themselves.
    """
    async with db(request).begin(scope) as tx:
        await till_of(tx, till)
        await _stood_there(tx, member)
        await news.confirm(tx, announcement, member, at_till=True)
    return json_answer({"confirmed": True})


@router.put("/tills/{till}/shift-notes/{note}/readings/{member}")
async def read_shift_note(
    request: Request, till: UUID, note: UUID, member: UUID, scope: Scope = allow(SELL)
) -> Response:
    """Note that somebody at the till has read a note for the shift; `member` as for announcements."""
    async with db(request).begin(scope) as tx:
        place = await till_of(tx, till)
        await _stood_there(tx, member)
        await notes.read_at_till(tx, note, place.store, till, member)
    return json_answer({"read": True})


@router.post("/tills/{till}/shift-notes", status_code=201)
async def leave_shift_note(request: Request, till: UUID, new: TillNote, scope: Scope = allow(RUN_SHIFT)) -> Response:
    """Leave a note for the next shift at this till, or at every till of its store; the same id changes nothing."""
    await limit(request, "message", f"{scope.actor.id}")
    async with db(request).begin(scope) as tx:
        place = await till_of(tx, till)
        author = scope.actor.id or till
        await notes.leave(tx, NewNote(new.id, place.store, till if new.here_only else None, new.body), author)
    return json_answer({"id": new.id}, 201)


@router.get("/tills/{till}/threads/{thread}/messages")
async def list_till_messages(request: Request, till: UUID, thread: UUID, scope: Scope = allow(SELL)) -> Response:
    """Give the newest messages of a thread that the till or its store takes part in, the oldest of them first."""
    async with db(request).read(scope) as read:
        place = await till_of(read, till)
        reader = _reader(scope, till, place.store)
        found = (await reading.messages(read, reader, thread)).items
    return json_answer({"items": [_said(scope, one) for one in reversed(found)]})


@router.post("/tills/{till}/threads/{thread}/messages", status_code=201)
async def write_till_message(
    request: Request, till: UUID, thread: UUID, new: TillMessage, scope: Scope = allow(SELL)
) -> Response:
    """Write into a thread from a till; the same id again changes nothing."""
    await limit(request, "message", f"{scope.actor.id}")
    async with db(request).begin(scope) as tx:
        place = await till_of(tx, till)
        await threads.write(tx, _reader(scope, till, place.store), thread, threads.Message(new.id, new.body))
    return json_answer({"id": new.id}, 201)


@router.put("/tills/{till}/threads/{thread}/reading")
async def read_till_thread(request: Request, till: UUID, thread: UUID, scope: Scope = allow(SELL)) -> Response:
    """Note that a thread was read at the till."""
    async with db(request).begin(scope) as tx:
        place = await till_of(tx, till)
        await threads.mark_read(tx, _reader(scope, till, place.store), thread)
    return json_answer({"read": True})


def _reader(scope: Scope, till: UUID, store: UUID) -> Reader:
    """Give the till as a reader. What is private to whoever stands there stays in the back office."""
    return at_till(scope, till, store, scope.actor.id if scope.actor.kind == "person" else None)


def _said(scope: Scope, one: reading.Said) -> dict[str, Any]:
    return {
        "id": one.id, "author": first_name(scope, one.author_name), "at_till": one.author_kind == "till",
        "body": one.body, "sent_at": one.sent_at, "files": len(one.files),
    }  # fmt: skip


async def _stood_there(read: Read, member: UUID) -> None:
    """Refuse to take somebody's word from anybody but them or an enrolled device. Raises Forbidden, NotFound."""
    scope = read.scope
    if scope.device is None and (scope.actor.kind != "person" or scope.actor.id != member):
        raise Forbidden
    known = await read.fetchval(
        "SELECT true FROM membership WHERE tenant_id = $1 AND person_id = $2 AND ended_at IS NULL", read.tenant, member
    )
    if known is None:
        raise NotFound("member")

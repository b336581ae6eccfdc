"""News and messages for a person's own programs: announcements, threads, writing. As the pages, without their files."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from retail.comms import news, reading, threads
from retail.comms.message_pages import reader_of
from retail.comms.threads import Message, NewThread, Party
from retail.runtime.db import Tx
from retail.runtime.tenancy import Scope
from retail.runtime.web.api import DEFAULT_LIMIT, After, Limit, allow
from retail.runtime.web.context import db, person
from retail.runtime.web.limits import limit as count
from retail.runtime.web.responses import json_answer
from retail.runtime.web.routing import SIGNED_IN

router = APIRouter(tags=["messages"])


class PartyIn(BaseModel):
    """Who takes part: a person, everybody in a store, whoever stands at a till."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["person", "store", "till"]
    id: UUID


class MessageIn(BaseModel):
    """What somebody writes; the same id again is the same message."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    body: str = Field(min_length=1, max_length=threads.BODY_MOST)


class ThreadIn(BaseModel):
    """A thread with its first message; kind `operator` is for owners, and has no parties."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    kind: Literal["operator", "team"] = "team"
    subject: str = Field(min_length=1, max_length=threads.SUBJECT_MOST)
    parties: list[PartyIn] = Field(default=[], max_length=threads.PARTIES_MOST)
    message: MessageIn


@router.get("/announcements")
async def list_announcements(
    request: Request, limit: Limit = DEFAULT_LIMIT, after: After = None, scope: Scope = allow(SIGNED_IN)
) -> Response:
    """List what the operator told this business, the newest first, over or not."""
    async with db(request).read(scope) as read:
        page = await news.page(read, person(request).id, after=after, limit=limit)
    return json_answer({"items": page.items, "next": page.next})


@router.put("/announcements/{announcement}/confirmation")
async def confirm_own(request: Request, announcement: UUID, scope: Scope = allow(SIGNED_IN)) -> Response:
    """Note that whoever asks has read an announcement; twice changes nothing."""
    await db(request).run(scope, news.confirm, announcement, person(request).id)
    return json_answer({"confirmed": True})


@router.get("/threads")
async def list_threads(
    request: Request,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
    q: Annotated[str, Query(max_length=100, description="Only threads in which this was said.")] = "",
    scope: Scope = allow(SIGNED_IN),
) -> Response:
    """List the threads of whoever asks, the last spoken in first."""
    async with db(request).read(scope) as read:
        page = await reading.threads(read, reader_of(request), q=q, after=after, limit=limit)
    return json_answer({"items": page.items, "next": page.next})


@router.post("/threads", status_code=201)
async def open_thread(request: Request, new: ThreadIn, scope: Scope = allow(SIGNED_IN)) -> Response:
    """Open a thread with its first message; the same id again changes nothing."""
    reader = reader_of(request)
    await count(request, "message", str(person(request).id))

    async def begin(tx: Tx) -> None:
        parties = [Party(one.kind, one.id) for one in new.parties]
        await threads.open_thread(tx, reader, NewThread(new.id, new.kind, new.subject, parties))
        await threads.write(tx, reader, new.id, Message(new.message.id, new.message.body))

    await db(request).run(scope, begin)
    return json_answer({"id": new.id}, 201)


@router.get("/threads/{thread}/messages")
async def list_messages(
    request: Request, thread: UUID, limit: Limit = DEFAULT_LIMIT, after: After = None, scope: Scope = allow(SIGNED_IN)
) -> Response:
    """List what was said in a thread, the newest first."""
    async with db(request).read(scope) as read:
        page = await reading.messages(read, reader_of(request), thread, after=after, limit=limit)
    return json_answer({"items": [_said(one) for one in page.items], "next": page.next})


@router.post("/threads/{thread}/messages", status_code=201)
async def write_message(request: Request, thread: UUID, new: MessageIn, scope: Scope = allow(SIGNED_IN)) -> Response:
    """Write into a thread; the same id again changes nothing."""
    await count(request, "message", str(person(request).id))
    await db(request).run(scope, threads.write, reader_of(request), thread, Message(new.id, new.body))
    return json_answer({"id": new.id}, 201)


@router.put("/threads/{thread}/reading")
async def read_thread(request: Request, thread: UUID, scope: Scope = allow(SIGNED_IN)) -> Response:
    """Note that whoever asks has seen what was said in a thread."""
    await db(request).run(scope, threads.mark_read, reader_of(request), thread)
    return json_answer({"read": True})


def _said(one: reading.Said) -> dict[str, Any]:
    return {
        "id": one.id, "author": {"kind": one.author_kind, "id": one.author_id, "name": one.author_name},
        "body": one.body, "sent_at": one.sent_at, "own": one.own, "read_by": one.read_by,
        "files": [{"id": file.id, "name": file.name, "media_type": file.media_type, "bytes": file.bytes}
                  for file in one.files],
    }  # fmt: skip

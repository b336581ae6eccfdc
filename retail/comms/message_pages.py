"""Messages in the back office: the list of somebody's threads, one thread that follows live, and a new one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, cast
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.comms import attachments, reading, threads, writing
from retail.comms.readers import Reader, member
from retail.comms.threads import Party
from retail.identity import queries as people
from retail.kit.errors import DomainError, Invalid
from retail.kit.ids import new_id
from retail.kit.text import _
from retail.runtime.db import Read, Tx
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, person, scope, settings, tenant
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import is_htmx, redirect, render
from retail.tenants import queries as tenants

AT: Final = "/messages"


def reader_of(request: Request) -> Reader:
    """Give who asks. Raises Unauthenticated for a program: threads are people's."""
    return member(scope(request), person(request).id)


async def index(request: Request) -> Response:
    """List the threads of whoever asks; the search looks into what was said."""
    asked = Asked.of(request, AT)
    q, reader = asked.search(), reader_of(request)
    asked.refuse_others()
    async with db(request).read(scope(request)) as read:
        page = await asked.page(lambda after: reading.threads(read, reader, q=q, after=after))
    return render(request, "comms/messages/index.html", asked.status, asked=asked, threads=page.items,
                  next=asked.next(page))  # fmt: skip


async def unread(request: Request) -> Response:
    """Give the number that stands beside the page's name."""
    async with db(request).read(scope(request)) as read:
        count = await reading.unread(read, reader_of(request))
    return render(request, "comms/messages/_unread.html", count=count, most=reading.MOST_COUNTED)


async def new(request: Request) -> Response:
    """Show the form of a new thread."""
    return await _form(request, {"id": str(new_id()), "message": str(new_id())}, set(), {}, 200)


async def create(request: Request) -> Response:
    """Open a thread with its first message."""
    fields = await Fields.read(request)
    id, reader = fields.uuid("id") or new_id(), reader_of(request)
    picked = fields.many("parties")
    kind: Literal["operator", "team"] = "operator" if "operator" in picked else "team"
    subject = fields.text("subject", threads.SUBJECT_MOST, required=True)
    try:
        parties = [] if kind == "operator" else parties_in(picked)
        asked = await writing.read_message(request, fields, "message")
        fields.check()
        async with writing.kept_files(settings(request), tenant(request).id, asked.files) as kept:
            message = threads.Message(asked.id, asked.body, kept)

            async def begin(tx: Tx) -> bool:
                await threads.open_thread(tx, reader, threads.NewThread(id, kind, subject, parties))
                return await threads.write(tx, reader, id, message)

            kept.settle(new=await db(request).run(scope(request), begin))
    except Invalid as wrong:
        return await _form(request, fields.values, set(picked), wrong.errors, 422)
    except DomainError as refused:
        if refused.status >= 500 or refused.status == 404:
            raise
        return await _form(request, fields.values, set(picked), {"files": [refused.sentence()]}, refused.status)
    return redirect(request, f"{AT}/{id}")


async def show(request: Request) -> Response:
    """Show a thread, the last messages at its end."""
    return await _thread(request, {}, {}, 200)


async def talk(request: Request) -> Response:
    """Give what was said, to be drawn anew when somebody has written or read."""
    return render(request, "comms/messages/_talk.html", **await _talk(request))


async def create_message(request: Request) -> Response:
    """Say something in a thread."""
    fields = await Fields.read(request)
    id: UUID = request.path_params["thread"]
    try:
        asked = await writing.read_message(request, fields, "message")
        fields.check()
        async with writing.kept_files(settings(request), tenant(request).id, asked.files) as kept:
            message = threads.Message(asked.id, asked.body, kept)
            kept.settle(new=await db(request).run(scope(request), threads.write, reader_of(request), id, message))
    except Invalid as wrong:
        return await _thread(request, fields.values, wrong.errors, 422)
    except DomainError as refused:
        if refused.status >= 500 or refused.status == 404:
            raise
        return await _thread(request, fields.values, {"files": [refused.sentence()]}, refused.status)
    return redirect(request, f"{AT}/{id}#end")


async def create_reading(request: Request) -> Response:
    """Note that whoever asks has seen what was said."""
    await db(request).run(scope(request), threads.mark_read, reader_of(request), request.path_params["thread"])
    return Response(status_code=204) if is_htmx(request) else redirect(request, f"{AT}/{request.path_params['thread']}")


async def create_parties(request: Request) -> Response:
    """Let others take part."""
    fields = await Fields.read(request)
    id: UUID = request.path_params["thread"]
    try:
        await db(request).run(scope(request), threads.add, reader_of(request), id, parties_in(fields.many("parties")))
    except Invalid as wrong:
        return await _thread(request, {}, wrong.errors, 422)
    return redirect(request, f"{AT}/{id}", said=_("They take part now and see all that was said."))


async def create_leaving(request: Request) -> Response:
    """Take part no longer."""
    await db(request).run(scope(request), threads.leave, reader_of(request), request.path_params["thread"])
    return redirect(request, AT, said=_("You take part in it no longer."))


async def file(request: Request) -> Response:
    """Give a file of a thread, to be saved."""
    async with db(request).read(scope(request)) as read:
        found = await reading.attached(
            read, reader_of(request), request.path_params["thread"], request.path_params["file"]
        )
    return await attachments.answer(settings(request), tenant(request).id, found.stored, found.name, found.media_type)


def parties_in(picked: list[str]) -> list[Party]:
    """Read who was picked: kind and id, as in "store:…". Raises Invalid."""
    found = []
    for one in picked:
        kind, _colon, id = one.partition(":")
        try:
            if kind not in {"person", "store", "till"}:
                raise ValueError(one)
            found.append(Party(cast("Literal['person', 'store', 'till']", kind), UUID(id)))
        except ValueError as wrong:
            raise Invalid({"parties": [_("Pick from the list.")]}) from wrong
    return found


async def choices(read: Read, own: UUID) -> list[tuple[str, list[tuple[str, str]]]]:
    """Give whom somebody may write to, in groups: people, stores, tills."""
    members = [(f"person:{one.person_id}", one.name) for one in await people.members(read) if one.person_id != own]
    stores = [(f"store:{one.id}", one.name) for one in await tenants.open_stores(read)]
    tills = [
        (f"till:{one.id}", f"{one.code} · {one.store_name}") for one in await tenants.tills(read) if not one.retired_at
    ]
    return [(_("People"), members), (_("Everybody in a store"), stores), (_("Whoever stands at a till"), tills)]


async def _talk(request: Request) -> dict[str, Any]:
    id: UUID = request.path_params["thread"]
    after = request.query_params.get("after") or None
    async with db(request).read(scope(request)) as read:
        page = await reading.messages(read, reader_of(request), id, after=after)
    return {
        "said": list(reversed(page.items)), "earlier": page.next, "at": f"{AT}/{id}", "whole": after is None,
    }  # fmt: skip


async def _thread(request: Request, typed: Mapping[str, str], errors: Mapping[str, list[str]], status: int) -> Response:
    id: UUID = request.path_params["thread"]
    async with db(request).read(scope(request)) as read:
        found = await reading.thread(read, reader_of(request), id)
        groups = await choices(read, person(request).id)
    taking = {f"{one.kind}:{one.id}" for one in found.parties}
    return render(
        request, "comms/messages/show.html", status, thread=found, values=typed, errors=errors,
        message=typed.get("message") or str(new_id()), **await _talk(request),
        groups=[(name, [one for one in several if one[0] not in taking]) for name, several in groups],
        takes_part=f"person:{person(request).id}" in taking,
    )  # fmt: skip


async def _form(
    request: Request, typed: Mapping[str, str], picked: set[str], errors: Mapping[str, list[str]], status: int
) -> Response:
    reader = reader_of(request)
    async with db(request).read(scope(request)) as read:
        groups = await choices(read, person(request).id)
    return render(
        request, "comms/messages/new.html", status, values=typed, errors=errors, groups=groups, picked=picked,
        with_operator=reader.with_operator,
    )  # fmt: skip

"""The operator's messages: the threads with owners, of all businesses; and no other thread of any of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.comms import attachments, reading, threads, writing
from retail.comms.readers import Reader, operator
from retail.kit.errors import DomainError, Invalid
from retail.kit.ids import new_id
from retail.kit.text import _
from retail.runtime.db import Tx, Unit
from retail.runtime.tenancy import Actor, Scope
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, edge, person, settings
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import is_htmx, redirect, render

AT: Final = "/platform/messages"


async def index(request: Request) -> Response:
    """List the threads with owners, the last spoken in first."""
    asked = Asked.of(request, AT)
    async with db(request).platform() as unit:
        page = await asked.page(lambda after: reading.operators_threads(unit, after=after))
    return render(request, "comms/operator/index.html", asked.status, asked=asked, page=page)


async def unread(request: Request) -> Response:
    """Give the number that stands beside the page's name."""
    async with db(request).platform() as unit:
        count = await reading.operators_unread(unit)
    return render(request, "comms/messages/_unread.html", count=count, most=reading.MOST_COUNTED)


async def new(request: Request) -> Response:
    """Show the form of a new thread with a business's owners."""
    business = request.query_params.get("business", "")[:40]
    return _form(request, {"id": str(new_id()), "message": str(new_id()), "business": business}, {}, 200)


async def create(request: Request) -> Response:
    """Open a thread with a business's owners."""
    fields = await Fields.read(request)
    id, subject = fields.uuid("id") or new_id(), fields.text("subject", threads.SUBJECT_MOST, required=True)
    slug = fields.text("business", 40, required=True).lower()
    try:
        async with db(request).platform() as unit:
            tenant = await _tenant(unit, slug)
        if slug and tenant is None:
            fields.error("business", _("There is no business %(slug)s.") % {"slug": slug})
        asked = await writing.read_message(request, fields, "message")
        fields.check()
        acting, reader = _acting(request, tenant or UUID(int=0))
        async with writing.kept_files(settings(request), acting.tenant, asked.files) as kept:
            message = threads.Message(asked.id, asked.body, kept)

            async def begin(tx: Tx) -> bool:
                await threads.open_thread(tx, reader, threads.NewThread(id, "operator", subject))
                return await threads.write(tx, reader, id, message)

            kept.settle(new=await db(request).run(acting, begin))
    except Invalid as wrong:
        return _form(request, fields.values, wrong.errors, 422)
    except DomainError as refused:
        if refused.status >= 500 or refused.status == 404:
            raise
        return _form(request, fields.values, {"files": [refused.sentence()]}, refused.status)
    return redirect(request, f"{AT}/{acting.tenant}/{id}")


async def show(request: Request) -> Response:
    """Show a thread with a business's owners."""
    return await _thread(request, {}, {}, 200)


async def talk(request: Request) -> Response:
    """Give what was said, asked again now and then."""
    return render(request, "comms/messages/_talk.html", **await _talk(request))


async def create_message(request: Request) -> Response:
    """Answer in a thread."""
    fields = await Fields.read(request)
    acting, reader = _acting(request, request.path_params["tenant"])
    id: UUID = request.path_params["thread"]
    try:
        asked = await writing.read_message(request, fields, "message")
        fields.check()
        async with writing.kept_files(settings(request), acting.tenant, asked.files) as kept:
            message = threads.Message(asked.id, asked.body, kept)
            kept.settle(new=await db(request).run(acting, threads.write, reader, id, message))
    except Invalid as wrong:
        return await _thread(request, fields.values, wrong.errors, 422)
    except DomainError as refused:
        if refused.status >= 500 or refused.status == 404:
            raise
        return await _thread(request, fields.values, {"files": [refused.sentence()]}, refused.status)
    return redirect(request, f"{AT}/{acting.tenant}/{id}#end")


async def create_reading(request: Request) -> Response:
    """Note that the operator has seen what was said."""
    acting, reader = _acting(request, request.path_params["tenant"])
    await db(request).run(acting, threads.mark_read, reader, request.path_params["thread"])
    return Response(status_code=204) if is_htmx(request) else redirect(request, AT)


async def file(request: Request) -> Response:
    """Give a file of a thread, to be saved."""
    acting, reader = _acting(request, request.path_params["tenant"])
    async with db(request).read(acting) as read:
        found = await reading.attached(read, reader, request.path_params["thread"], request.path_params["file"])
    return await attachments.answer(settings(request), acting.tenant, found.stored, found.name, found.media_type)


def _acting(request: Request, tenant: UUID) -> tuple[Scope, Reader]:
    """Give the operator's scope in a business, and the reader who sees nothing there but threads with the operator."""
    who, here = person(request), edge(request)
    acting = Scope(tenant, Actor("person", who.id, who.name), role="operator", request_id=here.request_id, ip=here.ip)
    return acting, operator(acting, who.id)


async def _tenant(unit: Unit, slug: str) -> UUID | None:
    found: UUID | None = await unit.fetchval("SELECT id FROM auth_tenant($1)", slug)
    return found


async def _talk(request: Request) -> dict[str, Any]:
    acting, reader = _acting(request, request.path_params["tenant"])
    id: UUID = request.path_params["thread"]
    after = request.query_params.get("after") or None
    async with db(request).read(acting) as read:
        page = await reading.messages(read, reader, id, after=after)
    return {
        "said": list(reversed(page.items)), "earlier": page.next, "at": f"{AT}/{acting.tenant}/{id}",
        "whole": after is None,
    }  # fmt: skip


async def _thread(request: Request, typed: Mapping[str, str], errors: Mapping[str, list[str]], status: int) -> Response:
    acting, reader = _acting(request, request.path_params["tenant"])
    async with db(request).read(acting) as read:
        found = await reading.thread(read, reader, request.path_params["thread"])
        business = await read.fetchrow("SELECT slug, name FROM tenant WHERE id = $1", read.tenant)
    return render(
        request, "comms/operator/show.html", status, thread=found, values=typed, errors=errors, business=business,
        message=typed.get("message") or str(new_id()), **await _talk(request),
    )  # fmt: skip


def _form(request: Request, typed: Mapping[str, str], errors: Mapping[str, list[str]], status: int) -> Response:
    return render(request, "comms/operator/new.html", status, values=typed, errors=errors)

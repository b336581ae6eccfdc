"""One's own data: asked for on the account, of all businesses, fetched by nobody else."""

from __future__ import annotations

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.audit.operations import platform_scope
from retail.identity.handlers.own import own, wanted_id
from retail.kit.text import _
from retail.privacy.exports import archive_of, ask_for_data, data_exports
from retail.runtime.tenancy import Actor, Scope
from retail.runtime.web.context import db, edge
from retail.runtime.web.responses import redirect, render


async def show(request: Request) -> Response:
    """Show what can be had, and the exports of the last week."""
    who = own(request)
    async with db(request).read(_scope(request)) as read:
        found = await data_exports(read, "person", str(who.id))
    return render(request, "privacy/own.html", exports=found)


async def ask(request: Request) -> Response:
    """Have one's own data gathered."""
    who = own(request)
    await db(request).run(_scope(request), ask_for_data, "person", str(who.id))
    return redirect(request, "/account/data", said=_("Your data is being gathered."), leave_tenant=True)


async def fetch(request: Request) -> Response:
    """Give one's own zip."""
    who = own(request)
    archive = await db(request).run(_scope(request), archive_of, wanted_id(request, "export"), str(who.id))
    return zip_answer(archive, wanted_id(request, "export"))


def zip_answer(archive: bytes, id: UUID) -> Response:
    """Answer with a zip that no cache keeps."""
    return Response(
        archive,
        media_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="data-{id}.zip"', "Cache-Control": "no-store"},
    )


def _scope(request: Request) -> Scope:
    who, here = own(request), edge(request)
    return platform_scope(Actor("person", who.id, who.person.name), ip=here.ip, request_id=here.request_id)

"""What an operator notes on a business's page."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from retail.audit.operations import platform_scope
from retail.console import business_pages as pages
from retail.console import notes
from retail.kit.errors import Invalid
from retail.kit.ids import new_id
from retail.kit.text import _
from retail.runtime.web.context import db
from retail.runtime.web.forms import Fields


async def create(request: Request) -> Response:
    """Note something about a business."""
    fields = await Fields.read(request)
    known = await pages.business_in(request)
    body, id = fields.text("note", notes.MOST, required=True), fields.uuid("note_id", required=False) or new_id()
    try:
        fields.check()
    except Invalid as wrong:
        return await pages.show_again(request, fields.values, wrong.errors, 422, acted="notes")
    acting = pages.scope_in(request, known.id)
    scope = platform_scope(acting.actor, ip=acting.ip, request_id=acting.request_id)
    await db(request).run(scope, notes.add, known.id, id, body)
    return pages.done(request, known, _("Noted."))

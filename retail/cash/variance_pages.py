"""Accepting a variance on the page of its shift."""

from __future__ import annotations

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.cash.acceptance import accept_variance
from retail.cash.evidence import causes
from retail.cash.handlers import shift_page
from retail.kit.errors import Invalid
from retail.kit.ids import new_id
from retail.kit.text import _
from retail.runtime.db import Tx
from retail.runtime.tenancy import TenantFacts
from retail.runtime.web.context import db, scope, tenant
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect


async def create_acceptance(request: Request) -> Response:
    """Accept a variance for one of its likely causes or another one, with a note."""
    shift: UUID = request.path_params["shift"]
    fields = await Fields.read(request)
    id = fields.uuid("id", required=False) or new_id()
    cause, note = fields.text("cause", 40, required=True), fields.text("note", 500)
    try:
        fields.check()
        await db(request).run(scope(request), accept, tenant(request), id, shift, cause, note)
    except Invalid as wrong:
        typed = {"id": str(id), "cause": cause, "note": note}
        return await shift_page(request, 422, accepted=typed, wrong=wrong.errors)
    return redirect(request, f"/shifts/{shift}", said=_("Accepted. The figures stay as they are."))


async def accept(  # noqa: PLR0917 - an acceptance has these facts
    tx: Tx, facts: TenantFacts, id: UUID, shift: UUID, cause: str, note: str
) -> None:
    """Accept a variance; the sentence of the cause is the one that it has now. Raises as accept_variance()."""
    listed = (await causes(tx, facts, [shift])).get(shift, [])
    sentence = next((one.sentence for one in listed if one.code == cause), "")
    await accept_variance(tx, id, shift, cause, sentence, note)

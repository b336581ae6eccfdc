"""The operator sets a business's plan: what it has room for."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from retail.catalog.products.limits import plans, set_plan
from retail.console import businesses
from retail.console.business_pages import business_in, done, scope_in
from retail.kit.errors import Invalid
from retail.kit.text import _
from retail.runtime.web.context import db
from retail.runtime.web.forms import Fields


async def update(request: Request) -> Response:
    """Set the plan; what the business has stays, also where it is more than the plan has room for."""
    known, fields = await business_in(request), await Fields.read(request)
    acting = scope_in(request, known.id)
    async with db(request).read(acting) as read:
        names = {one.key: one.name for one in await plans(read)}
    wanted = fields.choice("plan", names)
    if fields.errors:
        raise Invalid(fields.errors)
    await db(request).run(acting, set_plan, wanted)
    await businesses.note_plan(db(request), acting, wanted)
    return done(request, known, _("The plan is %(plan)s from now on.") % {"plan": names[wanted]})

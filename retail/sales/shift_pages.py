"""The X report: what an open shift has come to, at any moment; nothing is counted, nothing is changed."""

from __future__ import annotations

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.cash import shift as find_shift
from retail.cash.handlers import shown
from retail.catalog.queries import tax_namer
from retail.kit.text import _
from retail.runtime.web.context import db, scope
from retail.runtime.web.responses import redirect, render
from retail.sales.closing import so_far
from retail.tenants import queries as tenants


async def x_report(request: Request) -> Response:
    """Show what an open shift has come to, for an 80 mm printer; of a closed one, go to its Z report."""
    id: UUID = request.path_params["shift"]
    async with db(request).read(scope(request)) as read:
        await read.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")  # all sums of one moment
        shift = await find_shift(read, id)
        if shift.closed_at is not None:
            said = _("This shift is closed: this is its Z report.")
            return redirect(request, f"/shifts/{id}/z", said=said, tone="info")
        report = await so_far(read, shift)
        store = await tenants.store(read, shift.store)
        named = await tax_namer(read)
        as_of = read.now
    return render(request, "cash/x.html", shift=shift, store=store, as_of=as_of, **shown(report, named))

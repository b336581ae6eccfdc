"""The operator's page: every business, and the health of what they all stand on."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from retail.console.queries import tenant_activity
from retail.kit.paging import DEFAULT_LIMIT
from retail.runtime.web.context import db, edge
from retail.runtime.web.health import report
from retail.runtime.web.responses import render


async def index(request: Request) -> Response:
    """List the businesses and the health of database, migrations, Redis and live pages."""
    database = db(request)
    tenants, more = await tenant_activity(
        database, after=request.query_params.get("after", "")[:40], limit=DEFAULT_LIMIT
    )
    return render(
        request,
        "console/tenants/index.html",
        tenants=tenants,
        next=f"/platform?after={tenants[-1].slug}" if more else None,
        health=await report(edge(request).process),
        now=database.clock.now(),
    )

"""The operator's page: every business, and the health of what they all stand on."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from retail.console import queries
from retail.kit.paging import DEFAULT_LIMIT
from retail.runtime.tenancy import Scope
from retail.runtime.web.context import db, edge
from retail.runtime.web.health import report
from retail.runtime.web.responses import render


async def index(request: Request) -> Response:
    """List the businesses and the health of database, migrations, Redis and live pages."""
    database = db(request)
    async with database.platform() as unit:
        tenants, more = await queries.tenants(
            unit, after=request.query_params.get("after", "")[:40], limit=DEFAULT_LIMIT
        )
    activities = {}
    for tenant in tenants:  # one short transaction each, since none sees two businesses
        async with database.read(Scope.system(tenant.id)) as read:
            activities[tenant.id] = await queries.activity(read)
    return render(
        request,
        "console/tenants/index.html",
        tenants=tenants,
        activities=activities,
        next=f"/platform?after={tenants[-1].slug}" if more else None,
        health=await report(edge(request).process),
        now=database.clock.now(),
    )

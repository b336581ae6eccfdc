"""The operator's overview of what concerns security, counted from the audit trails of all businesses."""

from __future__ import annotations

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from retail.audit import watched
from retail.audit.action_words import action_words
from retail.runtime.web.context import db
from retail.runtime.web.responses import render


async def index(request: Request) -> Response:
    """Show how often each group happened in a day, a week and a month."""
    async with db(request).platform() as unit:
        found, browsers = await watched.counts(unit), await watched.new_browsers(unit)
    rows = [(group, watched.total(found, group)) for group in watched.GROUPS]
    return render(request, "console/security/index.html", rows=rows, browsers=browsers, now=db(request).clock.now())


async def show(request: Request) -> Response:
    """Show one group: each of its actions, and the businesses in which it happened."""
    group = watched.group_of(request.path_params["group"])
    async with db(request).platform() as unit:
        found = await watched.counts(unit)
        places = await watched.places(unit, group) if group.chain != "platform" else []
    now = db(request).clock.now()
    return render(
        request,
        "console/security/show.html",
        group=group,
        rows=[(action, action_words(action), watched.total(found, group, action)) for action in group.actions],
        own=group.counts(own=True),
        places=places,
        since={
            name: str((now - timedelta(days=days)).date()) for name, days in (("day", 1), ("week", 7), ("month", 30))
        },
    )

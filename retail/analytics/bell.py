"""The bell: how many notices wait, the page that lists them, and marking them read."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from retail.analytics import notices
from retail.kit.paging import DEFAULT_LIMIT
from retail.runtime.web.context import db, scope
from retail.runtime.web.responses import redirect, render


async def index(request: Request) -> Response:
    """List what the shop's people should know of, newest first."""
    after = request.query_params.get("after") or None
    async with db(request).read(scope(request)) as read:
        page = await notices.notices(read, limit=DEFAULT_LIMIT, after=after)
        waiting = await notices.unread(read)
    return render(
        request,
        "analytics/notices/index.html",
        notices=page.items,
        waiting=waiting,
        next=f"/notices?{urlencode({'after': page.next})}" if page.next else None,
        first="/notices" if after else None,
    )


async def unread(request: Request) -> Response:
    """Give the number that stands at the bell."""
    async with db(request).read(scope(request)) as read:
        waiting = await notices.unread(read)
    return render(request, "analytics/notices/_unread.html", waiting=waiting, most=notices.MOST_COUNTED)


async def create_reading(request: Request) -> Response:
    """Mark all notices read."""
    await db(request).run(scope(request), notices.mark_read)
    return redirect(request, "/notices")

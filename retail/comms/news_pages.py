"""News on the screens of a business: the strip above every page, the page that lists all, and confirming."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from retail.comms import news
from retail.kit.paging import DEFAULT_LIMIT
from retail.kit.text import _
from retail.runtime.web.context import db, edge, person, scope
from retail.runtime.web.responses import is_htmx, redirect, render


async def index(request: Request) -> Response:
    """List what the operator told this business, the newest first."""
    after = request.query_params.get("after") or None
    async with db(request).read(scope(request)) as read:
        page = await news.page(read, person(request).id, after=after, limit=DEFAULT_LIMIT)
    return render(
        request,
        "comms/news/index.html",
        news=page.items,
        next=f"/news?{urlencode({'after': page.next})}" if page.next else None,
        first="/news" if after else None,
    )


async def strip(request: Request) -> Response:
    """Give what stands above every page: what this person hasn't confirmed; asked again whenever news change."""
    return await _strip(request)


async def create_confirmation(request: Request) -> Response:
    """Note that this person has read an announcement."""
    await db(request).run(scope(request), news.confirm, request.path_params["announcement"], person(request).id)
    if is_htmx(request):
        return await _strip(request)
    return redirect(request, "/news", said=_("Noted that you have read it."))


async def _strip(request: Request) -> Response:
    if edge(request).looking is not None:  # an operator who looks is asked for nothing: it is told to others
        return render(request, "comms/news/_strip.html", shown=[], more=0)
    async with db(request).read(scope(request)) as read:
        waiting = await news.waiting(read, person(request).id)
    return render(request, "comms/news/_strip.html", shown=waiting[:1], more=len(waiting) - 1)

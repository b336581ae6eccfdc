"""The operator's view of the platform's own audit trail: what happens outside of any business."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from retail.audit import queries, words
from retail.audit.queries import Wanted
from retail.audit.sealing import signed_head
from retail.runtime.audit_record import PLATFORM
from retail.runtime.tenancy import Scope
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db
from retail.runtime.web.responses import render


async def index(request: Request) -> Response:
    """List it, newest first; never what happens in a business, which has a trail of its own."""
    asked = Asked.of(request, "/platform/audit")
    async with db(request).read(Scope.system(PLATFORM)) as read:
        actions = await queries.actions(read)
        first, last = asked.period()
        wanted = Wanted(action=asked.option("action", actions), ip=asked.ip("ip"), first=first, last=last)
        asked.refuse_others()
        page = await asked.page(lambda after: queries.events(read, wanted, after=after))
        head = await signed_head(read)
    return render(
        request,
        "console/audit/index.html",
        asked.status,
        asked=asked,
        events=page.items,
        next=asked.next(page),
        actions=sorted(((name, words.action_words(name)) for name in actions), key=lambda pair: pair[1]),
        head=head,
        words=words,
        plainly=str,
    )

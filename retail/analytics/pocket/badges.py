"""The numbers at the app's bar and on its mark: asked for by the browser, so that no page waits for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from retail.comms import reading
from retail.comms.message_pages import reader_of
from retail.identity.approval_queries import waiting
from retail.identity.permissions import APPROVE, VIEW_STOCK
from retail.notifications import queries as notices
from retail.runtime.db import Read
from retail.runtime.web.context import db, person, scope
from retail.runtime.web.responses import json_answer, render

MOST: Final = 99
_LOW: Final = """
SELECT count(DISTINCT b.product_id) FROM stock_balance b
  JOIN product p ON p.tenant_id = b.tenant_id AND p.id = b.product_id AND p.archived_at IS NULL
  JOIN store s ON s.tenant_id = b.tenant_id AND s.id = b.store_id AND s.archived_at IS NULL
 WHERE b.tenant_id = $1 AND b.low_since IS NOT NULL
   AND ($2::uuid[] IS NULL OR b.store_id = ANY ($2))"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits behind each place of the bar: approvals behind Today, low products behind Stock, threads."""

    today: int
    stock: int
    messages: int


async def show(request: Request) -> Response:
    """Give the numbers of the bar, each into its place."""
    async with db(request).read(scope(request)) as read:
        found = Waiting(
            await approvals_for(read),
            await _low(read),
            await reading.unread(read, reader_of(request)),
        )
    return render(request, "analytics/pocket/badges.swap.html", waiting=found, most=MOST)


async def approvals_for(read: Read) -> int:
    """Count what waits for an answer that its reader may give: nobody answers what they asked themselves."""
    who = read.scope
    if not who.may(APPROVE):
        return 0
    return sum(one.asked_by != read.actor.id and who.may_in(APPROVE, one.store) for one in await waiting(read))


async def _low(read: Read) -> int:
    if not read.scope.may(VIEW_STOCK):
        return 0
    reach = read.scope.reach(VIEW_STOCK)
    return int(await read.fetchval(_LOW, read.tenant, None if reach is None else list(reach)))


async def mark(request: Request) -> Response:
    """Say how many notices are new: what the app's mark shows, asked by its worker after a push."""
    async with db(request).read(scope(request)) as read:
        new = await notices.unread(read, person(request).id)
    return json_answer({"new": new}, headers={"Cache-Control": "no-store"})

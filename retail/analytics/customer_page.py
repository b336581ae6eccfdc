"""One customer on one page: what is known of them, what they bought, and to which segment that makes them belong."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from retail.catalog.handlers import uuid_in
from retail.customers.segmented import may_see, segment_words
from retail.kit.text import _
from retail.runtime.db import Read
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, scope, tenant
from retail.runtime.web.responses import render
from retail.sales.customer_pages import about
from retail.segments import moving, queries
from retail.segments.past import today_of
from retail.segments.queries import Standing
from retail.segments.rules import risk_level
from retail.segments.words import RISK_TONES, TONES, came_from, meaning_words, risk_words, suggestion

MOVES: Final = 8
"""So many of their last moves are shown."""


async def show(request: Request) -> Response:
    """Show a customer; their segment to who may see the figures of all stores. Raises NotFound."""
    asked, who = Asked.of(request, f"/customers/{uuid_in(request)}"), scope(request)
    async with db(request).read(who) as read:
        told = await about(request, read, asked)
        if may_see(who) and queries.sees_all(read):
            told |= await _standing(read, request)
    return render(request, "customers/show.html", asked.status, asked=asked, **told)


async def _standing(read: Read, request: Request) -> dict[str, Any]:
    id, locale = uuid_in(request), tenant(request).locale
    found = await queries.standing_of(read, id)
    if found is None:
        return {}
    gone = (await moving.moves(read, customer=id, limit=MOVES)).items
    return {
        "stands": found,
        "segment": segment_words(found.segment),
        "tone": TONES[found.segment],
        "meaning": meaning_words(found.segment),
        "advice": suggestion(found.segment),
        "risk": risk_words(found.risk, locale),
        "risk_tone": "" if found.risk is None else RISK_TONES[risk_level(found.risk)],
        "overdue": _overdue(found, await today_of(read)),
        "moves": [(one.moved_on, came_from(one.was), segment_words(one.became)) for one in gone],
    }


def _overdue(of: Standing, today: date) -> str:
    """Say that a visit that was expected didn't come; '' where it is still ahead."""
    return _("expected, not seen since") if of.next_on < today else ""

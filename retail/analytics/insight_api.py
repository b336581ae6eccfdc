"""The JSON API of what to look at."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from retail.analytics import queries
from retail.analytics.sections.asking import ask
from retail.analytics.sections.insights.gathering import shown
from retail.analytics.sections.pages import too_long_sentence
from retail.analytics.sections.reading import TooLong
from retail.analytics.sections.sheet import Sheet
from retail.identity.permissions import VIEW_COSTS, VIEW_DASHBOARD
from retail.kit.errors import Invalid
from retail.runtime.tenancy import Scope
from retail.runtime.web.api import allow
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, tenant
from retail.runtime.web.responses import json_answer

router = APIRouter(tags=["analytics"])

First = Annotated[date | None, Query(alias="from", description="First business day; four weeks ago without it.")]
Last = Annotated[date | None, Query(alias="to", description="Last business day, included; today without it.")]
Store = Annotated[UUID | None, Query(alias="store", description="One store; all without it.")]


@router.get("/analytics/insights")
async def insights(
    request: Request,
    scope: Scope = allow(VIEW_DASHBOARD),
    _first: First = None,
    _last: Last = None,
    _store: Store = None,
) -> Response:
    """Give what to look at, the most money first: sentences, minor units at stake, and addresses of pages.

    `facts` are the texts that stand in the sentence. A handful of items: there is no next page. 422 for a store that
    nobody has.
    """
    asked = Asked.of(request, "/analytics/insights")
    async with db(request).read(scope) as read:
        await queries.plan_for_any_business(read)
        on = Sheet(tenant(request), await ask(read, asked), scope.holds(VIEW_COSTS))
        asked.check()
        try:
            told = await shown(read, on, asked)
        except TooLong:
            raise Invalid({"from": [too_long_sentence()]}) from None
    items = [
        {
            "kind": one.kind,
            "sentence": one.sentence,
            "facts": one.facts,
            "at_stake": one.at_stake,
            "evidence": one.evidence,
            "action": one.action,
        }
        for one in told["insights"]
    ]
    return json_answer({"items": items, "next": None})

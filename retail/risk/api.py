"""Risk for tills: what its cashier did lately at the store's other tills, for the till to judge with."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from retail.identity.permissions import SELL, SETTLE_EXCEPTIONS
from retail.risk.noting import recent, recent_of
from retail.risk.rules import DAY_MS
from retail.runtime.tenancy import Scope
from retail.runtime.web.api import allow
from retail.runtime.web.context import db
from retail.runtime.web.responses import json_answer
from retail.tenants.queries import till as till_of

router = APIRouter(tags=["tills"])


@router.get("/tills/{till}/risk")
async def show_acts(request: Request, till: UUID, scope: Scope = allow(SELL)) -> Response:
    """Give the caller's own acts in the store in the last day (docs/algorithms/risk.md, 4); times in ms since 1970.

    Who settles what tills report is given everybody's; a device at which nobody stands nothing.
    """
    async with db(request).read(scope) as read:
        place = await till_of(read, till)
        since = read.now - timedelta(milliseconds=DAY_MS)
        if scope.may_in(SETTLE_EXCEPTIONS, place.store):
            acts = await recent(read, place.store, since)
        else:
            acts = await recent_of(read, place.store, since, _who(scope))
    return json_answer(
        {
            "acts": [
                {"id": one.id, "kind": one.kind, "cashier": one.cashier, "at": one.at, "gap": one.gap,
                 "undone": one.undone}
                for one in acts
            ]
        }
    )  # fmt: skip


def _who(scope: Scope) -> UUID | None:
    return scope.actor.id if scope.actor.kind == "person" else None

"""Risk for tills: what people did lately at the store's other tills, for the till to judge with."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from retail.identity.permissions import SELL
from retail.risk.noting import recent
from retail.risk.rules import DAY_MS
from retail.runtime.tenancy import Scope
from retail.runtime.web.api import allow
from retail.runtime.web.context import db
from retail.runtime.web.responses import json_answer
from retail.tenants.queries import till as till_of

router = APIRouter(tags=["tills"])


@router.get("/tills/{till}/risk")
async def show_acts(request: Request, till: UUID, scope: Scope = allow(SELL)) -> Response:
    """Give the acts of the store's cashiers in the last day (docs/algorithms/risk.md); times in ms since 1970."""
    async with db(request).read(scope) as read:
        place = await till_of(read, till)
        acts = await recent(read, place.store, read.now - timedelta(milliseconds=DAY_MS))
    return json_answer(
        {
            "acts": [
                {"id": one.id, "kind": one.kind, "cashier": one.cashier, "at": one.at, "gap": one.gap,
                 "undone": one.undone}
                for one in acts
            ]
        }
    )  # fmt: skip

"""What a till asks before goods come back: which receipt, and whether the goods are still to come back."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from retail.identity.permissions import REFUND
from retail.kit.errors import Invalid
from retail.kit.quantity import MILLI
from retail.kit.text import _
from retail.runtime.tenancy import Scope
from retail.runtime.web.api import allow
from retail.runtime.web.context import db
from retail.runtime.web.pace import buckets, seller
from retail.runtime.web.responses import json_answer
from retail.sales.holds import promise, release
from retail.sales.return_finding import Sought, receipts
from retail.sales.standing import next_return

router = APIRouter(tags=["tills"])
_MOST_LINES = 1000


class Promised(BaseModel):
    """Which lines of a sale are about to come back, and how much of each, in thousandths."""

    model_config = ConfigDict(extra="forbid")

    sale: UUID
    lines: Annotated[
        dict[UUID, Annotated[int, Field(gt=0, le=10**6 * MILLI, strict=True)]],
        Field(min_length=1, max_length=_MOST_LINES),
    ]


@router.get("/tills/{till}/receipts")
async def find_receipts(  # noqa: PLR0917 - what may be known of a receipt
    request: Request,
    till: UUID,
    scope: Scope = allow(REFUND),
    number: Annotated[str, Query(max_length=40)] = "",
    sale: UUID | None = None,
    card: Annotated[str, Query(max_length=20, pattern="^([0-9A-Za-z-]{4,20})?$")] = "",
    day: date | None = None,
    amount: int | None = None,
) -> Response:
    """Find the receipts of goods that come back: by `number` as it is written, by `sale`, or by `card` and `day`.

    `card` is how the card's slip ends (of a gift card its last four digits); `amount` narrows it further. At most
    ten, the newest first. `returned` is what of a line is back, `promised` what tills are about to take back now, and
    `promises` says which till, who there, and until when; its own one a till may withdraw.
    """
    if card and day is None:
        raise Invalid({"day": [_("Say on which day it was paid.")]})
    buckets(request).take("search", seller(request, till))
    async with db(request).read(scope) as read:
        return json_answer({"items": await receipts(read, till, Sought(number.strip(), sale, card, day, amount))})


@router.put("/tills/{till}/returns/{id}/promise")
async def promise_return(
    request: Request, till: UUID, id: UUID, wanted: Promised, scope: Scope = allow(REFUND)
) -> Response:
    """Promise goods of a sale to a till that is about to pay for them; 409 `over_return` where they are back already.

    The promise ends with the return of this id, or by itself. Asking again under the id renews it.
    """
    until = await db(request).run(scope, promise, till, id, wanted.sale, wanted.lines)
    async with db(request).read(scope) as read:
        return json_answer({"until": until, "next": await next_return(read, till)})


@router.post("/tills/{till}/returns/{id}/withdrawal")
async def withdraw_return(request: Request, till: UUID, id: UUID, scope: Scope = allow(REFUND)) -> Response:
    """End a promise: nothing comes back after all."""
    await db(request).run(scope, release, till, id)
    return json_answer({"id": id})

"""The JSON API of sales on hold, for the tills of a store."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from retail.identity.permissions import SELL, VIEW_CUSTOMERS
from retail.runtime.tenancy import Scope
from retail.runtime.web.api import allow
from retail.runtime.web.context import db
from retail.runtime.web.responses import json_answer
from retail.sales.held import Waiting, recall, waiting
from retail.sales.setup import first_name

router = APIRouter(tags=["tills"])


class NewRecall(BaseModel):
    """A till that goes on with a sale on hold; `as_basket` is the id that its basket has from now on."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    as_basket: UUID = Field(description="The id of the basket at the till that recalls it.")
    take_over: bool = False


@router.get("/tills/{till}/held")
async def list_held_sales(request: Request, till: UUID, scope: Scope = allow(SELL)) -> Response:
    """List what is on hold in the till's store, the oldest first, 200 at most.

    `customer_name` is told to those who may look customers up.
    """
    async with db(request).read(scope) as read:
        found = await waiting(read, till)
    return json_answer({"items": [told(one, scope) for one in found]})


@router.post("/tills/{till}/held/{held}/recalls")
async def recall_held_sale(
    request: Request, till: UUID, held: UUID, new: NewRecall, scope: Scope = allow(SELL)
) -> Response:
    """Give a till a sale that is on hold; the same request again gives the same basket.

    409 `held_gone` where another till was first, `held_by_another` where it is somebody else's and isn't taken over.
    """
    basket = await db(request).run(scope, recall, till, held, new.id, new.as_basket, take_over=new.take_over)
    return json_answer({"id": new.as_basket, "basket": basket})


def told(one: Waiting, scope: Scope) -> dict[str, Any]:
    """Give a sale on hold as `scope` may see it: first names at a device, no customer where they can't be looked up."""
    return {
        "id": one.id,
        "owner": {"id": one.owner_id, "name": first_name(scope, one.owner_name)},
        "till": {"id": one.till_id, "code": one.till_code},
        "held_at": one.held_at,
        "items": one.items,
        "total": one.total_minor,
        "names": one.names,
        "note": one.note,
        **({"customer_name": one.customer_name} if scope.may(VIEW_CUSTOMERS) else {}),
        "unfinished": one.recalled_as is not None,
        "basket": one.recalled_as,
    }

"""The JSON API of receipts: letters, and the shop's logo for a till."""

from __future__ import annotations

import asyncio
import base64
from typing import Final
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from retail.identity.permissions import SELL
from retail.kit.errors import NotFound
from retail.runtime.tenancy import Scope
from retail.runtime.web.api import allow
from retail.runtime.web.context import db, edge, settings, tenant
from retail.runtime.web.limits import limit
from retail.runtime.web.pace import caller
from retail.runtime.web.responses import json_answer, logo_of
from retail.runtime.web.uploads import Shelf
from retail.sales.receipts.letters import send_receipt
from retail.tenants.queries import till as till_facts

router = APIRouter(tags=["receipts"])
_SIDE: Final = 256


class NewLetter(BaseModel):
    """Where a receipt goes; `id` is the letter's own, so that the same one again sends nothing more."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    address: str = Field(min_length=3, max_length=254)


@router.post("/sales/{sale}/mails", status_code=201)
async def create_mail(request: Request, sale: UUID, new: NewLetter, scope: Scope = allow(SELL)) -> Response:
    """Send a sale's receipt by e-mail: 201, 200 on a repeat; 404 while the sale hasn't arrived, 429 after too many."""
    await limit(request, "receipt.mail", caller(edge(request)))
    facts, origin = tenant(request), settings(request).base_url
    queued = await db(request).run(scope, send_receipt, new.id, sale, new.address, facts, origin)
    return json_answer({"queued": True}, 201 if queued else 200)


@router.get("/tills/{till}/logo")
async def show_logo(request: Request, till: UUID, scope: Scope = allow(SELL)) -> Response:
    """Give the business's logo for receipts, WebP in base64: a till keeps it for when there is no network."""
    async with db(request).read(scope) as read:
        await till_facts(read, till)
    name = logo_of(request)
    if name is None:
        raise NotFound("logo")
    picture = await asyncio.to_thread(Shelf(settings(request), scope.tenant).read, name, _SIDE)
    return json_answer({"name": name, "picture": base64.b64encode(picture).decode()})

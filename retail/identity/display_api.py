"""Customer displays over HTTP: a code at the till, the device that comes with it, what is paired, and its end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from retail.identity import displays
from retail.identity.display_rules import CODE_LIVES, shown_code
from retail.identity.display_sockets import cookie_name, say_over
from retail.identity.permissions import SELL
from retail.runtime.db import Read
from retail.runtime.tenancy import Actor, Scope
from retail.runtime.web.address import network_of
from retail.runtime.web.api import allow
from retail.runtime.web.context import db, edge
from retail.runtime.web.limits import limit, limiter
from retail.runtime.web.pace import seller
from retail.runtime.web.responses import json_answer
from retail.runtime.web.routing import PUBLIC

router = APIRouter(tags=["displays"])
_PUBLIC: Final = {"x-permission": PUBLIC}
_KEPT: Final = timedelta(days=400)
"""As long as a browser keeps a cookie at most; each pairing begins anew."""
_ITSELF: Final = "Customer display"


class Typed(BaseModel):
    """The code that was typed or scanned on a device."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(max_length=40)


@router.post("/displays/pairings", status_code=201, openapi_extra=_PUBLIC)
async def create_pairing(request: Request, typed: Typed) -> Response:
    """Make this browser a till's display with a code, once; the answer's cookie is all that it ever gets."""
    here = edge(request)
    guess = ("display.guess", network_of(here.ip))
    await limiter(request).attempt(guess)
    async with db(request).platform() as unit:
        tenant, display = await displays.find_pairing(unit, typed.code)
    itself = Scope(tenant, Actor("device", display, _ITSELF), request_id=here.request_id, ip=here.ip)
    secret = await db(request).run(itself, displays.pair, display)
    await limiter(request).take_back(guess)
    response = json_answer({"display": display}, 201)
    response.set_cookie(
        cookie_name(here),
        secret,
        path="/",
        max_age=int(_KEPT.total_seconds()),
        secure=here.secure,
        httponly=True,
        samesite="strict",
    )
    return response


@router.get("/tills/{till}/displays")
async def list_displays(request: Request, till: UUID, scope: Scope = allow(SELL)) -> Response:
    """List the displays on other devices that are paired with a till."""
    async with db(request).read(scope) as read:
        return json_answer(await _listed(read, till))


@router.post("/tills/{till}/displays", status_code=201)
async def offer_pairing(request: Request, till: UUID, scope: Scope = allow(SELL)) -> Response:
    """Make a code that pairs one display with a till within five minutes; 409 `too_many_displays` beyond four."""
    await limit(request, "display", seller(request, till))
    async with db(request).begin(scope) as tx:
        made = await displays.offer_pairing(tx, till)
        listed = await _listed(tx, till)
    address = f"{edge(request).origin}/display"
    told = {"code": shown_code(made.code), "address": address, "link": f"{address}#{made.code}"}
    seconds = int(CODE_LIVES.total_seconds())
    return json_answer({"id": made.id, **told, "expires_at": made.expires_at, "seconds": seconds, **listed}, 201)


@router.post("/tills/{till}/displays/{display}/ending")
async def end_display(request: Request, till: UUID, display: UUID, scope: Scope = allow(SELL)) -> Response:
    """End a till's display: it shows nothing from this moment on. Ending one that has ended is no error."""
    await db(request).run(scope, displays.end_display, till, display)
    say_over(request, scope.tenant, till)
    async with db(request).read(scope) as read:
        return json_answer(await _listed(read, till))


async def _listed(read: Read, till: UUID) -> dict[str, Any]:
    found = await displays.displays_of(read, till)
    return {"items": [{"id": one.id, "paired_at": one.paired_at} for one in found]}

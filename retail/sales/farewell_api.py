"""A device's last delivery: one that was revoked, or stands at another till now, brings what it has not sent."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from retail.identity import devices
from retail.identity.device_api import home
from retail.identity.device_door import origins
from retail.identity.devices import Proof
from retail.kit.errors import Invalid
from retail.kit.money import format_money
from retail.kit.text import _
from retail.runtime.db import Tx
from retail.runtime.web.context import db
from retail.runtime.web.responses import json_answer
from retail.runtime.web.routing import PUBLIC
from retail.sales.claims import head
from retail.sales.journal import Received, receive
from retail.sales.payloads import read_delivery
from retail.sales.till_api import result_json
from retail.tenants.queries import this_tenant

router = APIRouter(tags=["devices"])


class Farewell(BaseModel):
    """A signed challenge, the till whose journal it is about, its next records (none: how far it has come).

    `wiped`: the device has deleted everything, and says so last.
    """

    model_config = ConfigDict(extra="forbid")

    device: UUID
    challenge: Annotated[str, Field(max_length=100)]
    signature: Annotated[str, Field(max_length=100)]
    till: UUID | None = None
    records: list[dict[str, Any]] = Field(default_factory=list, max_length=100)
    wiped: bool = False


@router.post("/devices/farewells", openapi_extra={"x-permission": PUBLIC})
async def say_farewell(request: Request, farewell: Farewell) -> Response:
    """Take in the last records of a device over a signed challenge; they are marked, never refused."""
    scope = await home(request, farewell.device)
    proof = Proof(farewell.challenge, farewell.signature, origins(request))
    async with db(request).begin(scope) as tx:
        enrolled = await devices.prove(tx, farewell.device, "farewell", proof)
        received = await _receive(tx, farewell) if farewell.records else None
        seq = await _seq(tx, farewell)
        if farewell.wiped and not enrolled:
            await devices.note_wiped(tx, farewell.device)
        facts = await this_tenant(tx)
    results = [
        result_json(one, lambda minor: format_money(minor, facts.money, facts.locale), scope)
        for one in (received.answers if received else ())
    ]
    return json_answer({"enrolled": enrolled, "head": {"seq": seq}, "results": results})


async def _receive(tx: Tx, farewell: Farewell) -> Received:
    if farewell.till is None:
        raise Invalid({"till": [_("This id is missing.")]})
    document = {"device": str(farewell.device), "fence": 0, "records": farewell.records}
    return await receive(tx, farewell.till, read_delivery(document))


async def _seq(tx: Tx, farewell: Farewell) -> int:
    return (await head(tx, farewell.till, farewell.device)).seq if farewell.till is not None else 0

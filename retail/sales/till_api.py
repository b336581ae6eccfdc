"""The tills' protocol over HTTP: setup, claims, journal."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from retail.audit import heads
from retail.identity.permissions import SELL
from retail.identity.sessions import note_at_till
from retail.runtime.tenancy import Scope
from retail.runtime.web.api import allow
from retail.runtime.web.context import db
from retail.runtime.web.errors import problem
from retail.runtime.web.pace import buckets, seller
from retail.runtime.web.responses import json_answer, logo_of
from retail.sales import schemas
from retail.sales.api import money_of
from retail.sales.claims import claim_till
from retail.sales.errors import TillTakenOver
from retail.sales.journal import Answer, receive
from retail.sales.payloads import read_delivery
from retail.sales.reading import parse_json
from retail.sales.remarks import Remark
from retail.sales.sale_json import Money
from retail.sales.setup import first_name, setup

router = APIRouter(tags=["tills"])
_NAMES: Final = frozenset({"opened_by", "closed_by"})


class NewClaim(BaseModel):
    """A device that wants to sell at a till; `take_over` where another one does."""

    model_config = ConfigDict(extra="forbid")

    device: UUID
    label: str = Field(min_length=1, max_length=80)
    take_over: bool = False


@router.get("/tills/{till}/setup")
async def show_setup(request: Request, till: UUID, scope: Scope = allow(SELL)) -> Response:
    """Give what a till needs to sell on its own."""
    async with db(request).read(scope) as read:
        return json_answer(await setup(read, till, logo_of(request)))


@router.post("/tills/{till}/claims")
async def create_claim(request: Request, till: UUID, new: NewClaim, scope: Scope = allow(SELL)) -> Response:
    """Claim a till for a device; 409 `till_in_use` where another one has it and it isn't taken over.

    A person's session that opened a till so may rest for a working day; asking alone lengthens none.
    """
    claim = await db(request).run(scope, claim_till, till, new.device, new.label, take_over=new.take_over)
    await note_at_till(request)
    shift = claim.shift
    return json_answer(
        {
            "fence": claim.fence,
            "seq": claim.head.seq,
            "hash": claim.head.hash,
            "next_number": claim.next_number,
            "shift": None
            if shift is None
            else {
                "id": shift.id,
                "opened_at": shift.opened_at,
                "opening_float": shift.opening_float_minor,
                "opened_by": first_name(scope, shift.opened_by_name),
            },
        }
    )


@router.post("/tills/{till}/journal", openapi_extra=schemas.body("Delivery"))
async def deliver_journal(request: Request, till: UUID, scope: Scope = allow(SELL)) -> Response:
    """Take in up to 100 records of a device's journal; a result for each is its acknowledgement.

    409 `journal_gap` names the first record that is missing; nothing was taken in. 409 `till_taken_over` tells that
    another device has the till, and holds the same answer: everything was taken in. 429 where more than four of a
    device's deliveries run at once. `audit_head` is a signed head of the business's audit trail, for the till to keep
    (docs/algorithms/audit-chain.md, 3); null before anything is sealed.
    """
    delivery = read_delivery(parse_json(await request.body()))
    paces, who = buckets(request), seller(request, till)
    paces.take("journal", who)
    async with paces.running("journal", who):
        received = await db(request).run(scope, receive, till, delivery)
    money, kept = money_of(request), await heads.of_process.newest(db(request), scope.tenant)
    answer = {
        "head": {"seq": received.head.seq, "hash": received.head.hash},
        "results": [result_json(one, money, scope) for one in received.answers],
        "now": db(request).clock.now(),
        "recovery_epoch": received.recovery_epoch,
        "audit_head": kept.line() if kept else None,
    }
    if received.taken_over_by is not None:
        return problem(TillTakenOver(answer, received.taken_over_by))
    return json_answer(answer)


def result_json(answer: Answer, money: Money, scope: Scope) -> dict[str, Any]:
    """Write what became of a record; names in a report are first names for a device, which keeps it."""
    result = answer.result
    if result is not None:
        result = {name: first_name(scope, said) if name in _NAMES else said for name, said in result.items()}
    return {
        "seq": answer.record.seq,
        "id": answer.record.id,
        "status": answer.status,
        "exceptions": [
            {
                "code": one["code"],
                "detail": one["facts"].get("reason") or Remark(one["code"], one["facts"]).sentence(money),
            }
            for one in answer.exceptions
        ],
        "result": result,
    }

"""The JSON API of approvals: tills and programs ask, managers answer from anywhere or by PIN at the till."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, model_validator
from starlette.responses import Response

from retail.identity import approvals, pins
from retail.identity.approval_errors import FirstPinNeeded, NoSuchApproval
from retail.identity.approval_pace import not_too_often
from retail.identity.approval_queries import Approval, answered, approval, scope_of_person, waiting
from retail.identity.approval_rules import Act, ActLine
from retail.identity.approvals import Wanted, ask, withdraw
from retail.identity.device_door import Caller
from retail.identity.device_errors import NoPin
from retail.identity.permissions import APPROVE, SELL
from retail.identity.pins import Told
from retail.kit.errors import Forbidden, NotFound
from retail.kit.money import MAX_MINOR
from retail.kit.quantity import quantity_text
from retail.runtime.db import Read, Tx
from retail.runtime.tenancy import Scope
from retail.runtime.web.api import DEFAULT_LIMIT, After, Limit, allow
from retail.runtime.web.context import db, edge, keyring
from retail.runtime.web.responses import json_answer
from retail.runtime.web.routing import SIGNED_IN

router = APIRouter(tags=["approvals"])

Minor = Annotated[int, Field(ge=-MAX_MINOR, le=MAX_MINOR, description="Minor units.")]
_LINES_MOST = 200


class _Exact(BaseModel):
    model_config = ConfigDict(extra="forbid")


class LineIn(_Exact):
    """A line of what is asked for, with the name that the approver reads; `list_price` where it isn't the price."""

    id: UUID
    product: UUID | None = None
    name: str = Field("", max_length=160)
    quantity_milli: int = Field(ge=-(10**9), le=10**9)
    unit_price: Minor = 0
    list_price: Minor | None = None
    off: Annotated[Minor, Field(description="What offers take off: nobody's own discount.")] = 0
    discount: Annotated[Minor, Field(description="All of the line's, its share of the sale's included.")] = 0


class ActIn(_Exact):
    """The act: its own id, the discount on all of it, its lines. Its hash is worked out from this."""

    id: UUID
    discount: Annotated[Minor, Field(description="The part on the whole sale; already inside the lines'.")] = 0
    lines: list[LineIn] = Field(default_factory=list, max_length=_LINES_MOST)


class NewApproval(_Exact):
    """A request. `amount`: minor units; a discount's percentage is worked out from the lines."""

    id: UUID
    permission: str = Field(max_length=40)
    act: ActIn
    amount: Annotated[int, Field(ge=0, le=MAX_MINOR)] | None = None
    total: Minor | None = None
    reason: str = Field("", max_length=approvals.TEXT_MOST)
    risky: bool = False


class NewElsewhere(NewApproval):
    """A request that comes from no till's page."""

    store: UUID
    till: UUID | None = None


class Answer(_Exact):
    """What somebody says to a request."""

    decision: Literal["granted", "refused"]
    answer: str = Field("", max_length=approvals.TEXT_MOST)


class Grant(_Exact):
    """Somebody who grants it at the till: a person with their PIN, or a badge."""

    person: UUID | None = None
    pin: str = Field("", max_length=12)
    badge: str = Field("", max_length=40)

    @model_validator(mode="after")
    def _names_somebody(self) -> Grant:
        if self.person is None and not self.badge:
            raise ValueError("must have a person with a pin, or a badge")
        return self


@router.post("/tills/{till}/approvals", status_code=201, tags=["tills"])
async def create_at_till(request: Request, till: UUID, new: NewApproval, scope: Scope = allow(SELL)) -> Response:
    """Ask for an approval at a till; 409 `approval_not_needed` where the cashier may do it alone.

    422 where the discounts of the act contradict each other.
    """
    await not_too_often(request)
    async with db(request).begin(scope) as tx:
        store = await _store_of(tx, till)
        return json_answer(shown(await ask(tx, new.id, wanted(new, store, till)), tx), 201)


@router.get("/tills/{till}/approvals/{id}", tags=["tills"])
async def show_at_till(request: Request, till: UUID, id: UUID, scope: Scope = allow(SELL)) -> Response:
    """Give what became of a request of this till."""
    async with db(request).read(scope) as read:
        return json_answer(shown(await _of_till(read, till, id), read))


@router.post("/tills/{till}/approvals/{id}/withdrawal", tags=["tills"])
async def withdraw_at_till(request: Request, till: UUID, id: UUID, scope: Scope = allow(SELL)) -> Response:
    """Take a request back: the customer has left, or changed their mind."""
    async with db(request).begin(scope) as tx:
        await _of_till(tx, till, id)
        return json_answer(shown(await withdraw(tx, id), tx))


@router.post("/tills/{till}/approvals/{id}/grant", tags=["tills"])
async def grant_at_till(request: Request, till: UUID, id: UUID, grant: Grant, scope: Scope = allow(SELL)) -> Response:
    """Grant a request by PIN or badge, at the cashier's enrolled device. 409 `wrong_pin`, `unknown_badge`.

    The cashier stays who they are. A wrong try counts as one at the people's page.
    """
    caller = edge(request).device
    if not isinstance(caller, Caller):
        raise Forbidden  # without an enrolled device nobody's PIN is worth anything
    await not_too_often(request)
    async with db(request).begin(scope) as tx:
        await _of_till(tx, till, id)
        person, version = await pins.read_badge(tx, grant.badge) if grant.badge else (grant.person or UUID(int=0), 0)
        by = await scope_of_person(tx, person)
        if by is None:
            raise NoPin
        told = Told(right=True, version=version)
        if not grant.badge:
            told = await pins.try_pin(tx, keyring(request), caller.device, person, grant.pin)
        if told.right and told.one_time:
            raise FirstPinNeeded
        if told.right:
            how = "badge" if grant.badge else "pin"
            made = await approvals.answer(tx, id, granted=True, how=how, approver=by)
            return json_answer(shown(made, tx) | {"version": told.version, "person": person})
    raise pins.wrong(told)


@router.get("/approvals")
async def list_approvals(
    request: Request, scope: Scope = allow(APPROVE), limit: Limit = DEFAULT_LIMIT, after: After = None
) -> Response:
    """List requests: `waiting` ones, the oldest first, and a page of the others, the newest first."""
    async with db(request).read(scope) as read:
        page = await answered(read, limit=limit, after=after)
        open_now = [] if after else await waiting(read)
        return json_answer(
            {
                "waiting": [shown(one, read) for one in open_now],
                "items": [shown(one, read) for one in page.items],
                "next": page.next,
            }
        )


@router.post("/approvals", status_code=201)
async def create_approval(request: Request, new: NewElsewhere, scope: Scope = allow(SIGNED_IN)) -> Response:
    """Ask for an approval of a return or a cash move; its id then goes along with that call as `approval`."""
    await not_too_often(request)
    async with db(request).begin(scope) as tx:
        return json_answer(shown(await ask(tx, new.id, wanted(new, new.store, new.till)), tx), 201)


@router.get("/approvals/{id}")
async def show_approval(request: Request, id: UUID, scope: Scope = allow(SIGNED_IN)) -> Response:
    """Give a request, to who asked and to those who may approve."""
    async with db(request).read(scope) as read:
        found = await approval(read, id)
        if found is None or (found.asked_by != scope.actor.id and not scope.may_in(APPROVE, found.store)):
            raise NoSuchApproval
        return json_answer(shown(found, read))


@router.post("/approvals/{id}/answer")
async def answer_approval(request: Request, id: UUID, said: Answer, scope: Scope = allow(APPROVE)) -> Response:
    """Grant or refuse a request; 403 `own_request`, `may_not_approve`, 409 `approval_decided`."""
    async with db(request).begin(scope) as tx:
        made = await approvals.answer(tx, id, granted=said.decision == "granted", said=said.answer)
        return json_answer(shown(made, tx))


def wanted(new: NewApproval, store: UUID, till: UUID | None) -> Wanted:
    """Read a request. What the approver is shown is what is hashed, and names."""
    lines = [
        ActLine(one.id, one.product, one.quantity_milli, one.unit_price, one.discount, one.list_price, one.off)
        for one in new.act.lines
    ]
    told = [
        {
            "name": one.name,
            "quantity": quantity_text(one.quantity_milli),
            "unit_price": one.unit_price,
            "list_price": one.list_price,
            "discount": one.discount,
            "amount": line.amount,
        }
        for one, line in zip(new.act.lines, lines, strict=True)
    ]
    act = Act(new.act.id, new.act.discount, lines)
    return Wanted(new.permission, store, act, new.amount, till, new.reason.strip(), told, new.total, new.risky)


def shown(one: Approval, read: Read) -> dict[str, Any]:
    """Write a request as the API gives it; `state` is `expired` once its ten minutes are over."""
    one = one.told_to(read.scope.actor.id)
    return {
        "id": one.id,
        "store": one.store,
        "till": one.till,
        "permission": one.permission,
        "amount": one.amount,
        "limit": one.limit,
        "act": one.act,
        "hash": one.act_hash,
        "lines": list(one.lines),
        "total": one.facts.get("total"),
        "reason": one.reason,
        "asked_by": one.asked_by_name,
        "asked_at": one.asked_at,
        "expires_at": one.expires_at,
        "state": one.standing(read.now),
        "how": one.how,
        "decided_by": one.decided_by_name,
        "decided_at": one.decided_at,
        "answer": one.answer,
        "used_for": one.used_for,
    }


async def _store_of(tx: Tx, till: UUID) -> UUID:
    store: UUID | None = await tx.fetchval(
        "SELECT store_id FROM till WHERE tenant_id = $1 AND id = $2", tx.tenant, till
    )
    if store is None:
        raise NotFound("till")
    return store


async def _of_till(read: Read, till: UUID, id: UUID) -> Approval:
    found = await approval(read, id)
    if found is None or found.till != till:
        raise NoSuchApproval
    return found

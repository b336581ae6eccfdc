"""The JSON API of shifts: opening one, its cash moves, its state. Closing is made where the takings are known."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from retail.cash import moves, operations, queries
from retail.cash.rules import CashMove, Shift, ZReport, visible
from retail.cash.standards import cash_rules
from retail.identity.permissions import RUN_SHIFT, VIEW_SHIFTS
from retail.kit.money import MAX_MINOR
from retail.runtime.tenancy import Scope
from retail.runtime.web.api import allow
from retail.runtime.web.context import db
from retail.runtime.web.idempotency import idempotent
from retail.runtime.web.responses import json_answer
from retail.runtime.web.routing import SIGNED_IN

router = APIRouter(tags=["shifts"])


class NewShift(BaseModel):
    """A drawer to open; its own id makes a repeat safe."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    till: UUID
    opening_float: Annotated[int, Field(ge=0, le=MAX_MINOR, description="Minor units.")]
    denominations: Annotated[
        dict[Annotated[str, Field(pattern=r"^[0-9]{1,12}$")], Annotated[int, Field(ge=0, le=10**9)]] | None,
        Field(max_length=40, description="Pieces by value in minor units; they add up to the float."),
    ] = None


class NewCashMove(BaseModel):
    """Cash that moves without a sale."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    kind: Literal["pay_in", "pay_out", "float", "drop", "pick_up"]
    amount: Annotated[int, Field(gt=0, le=moves.MOVE_MOST_MINOR, description="Minor units.")]
    reason: Annotated[str, Field(min_length=1, max_length=200)]
    approval: Annotated[UUID | None, Field(description="For a pay-out above your limit; of POST /approvals.")] = None


@router.post("/shifts", status_code=201)
async def create_shift(request: Request, new: NewShift, scope: Scope = allow(RUN_SHIFT)) -> Response:
    """Open a shift; 409 `shift_open` where the till has an open one, 200 on a repeat."""
    async with db(request).begin(scope) as tx:
        known = await queries.find_shift(tx, new.id) is not None

        async def make() -> object:
            facts = (new.id, new.till, new.opening_float, tx.now, new.denominations)
            return shown(await operations.open_shift(tx, *facts), None, [])

        answered = await idempotent(request, tx, "shifts.open", make)
    return answered.response(200 if known else 201)


@router.get("/shifts/{id}")
async def show_shift(request: Request, id: UUID, scope: Scope = allow(SIGNED_IN)) -> Response:
    """Give a shift with its cash moves, and its Z report once it is closed; for who views shifts or runs them."""
    if not scope.may(RUN_SHIFT):
        scope.require(VIEW_SHIFTS)
    async with db(request).read(scope) as read:
        shift = await queries.shift(read, id)
        z = await queries.z_report(read, id)
        if z is not None and not scope.may(VIEW_SHIFTS) and not (await cash_rules(read, shift.store)).variance_for_all:
            z = replace(z, report=visible(z.report))
        return json_answer(shown(shift, z, await queries.cash_moves(read, id)))


@router.post("/shifts/{id}/cash-moves", status_code=201)
async def create_cash_move(request: Request, id: UUID, new: NewCashMove, scope: Scope = allow(RUN_SHIFT)) -> Response:
    """Pay cash in or out, or move it between safe, drawer and courier; 409 `shift_closed` once the drawer is counted.

    403 `approval_needed` for a pay-out or pick-up above the limit: ask with POST /approvals (`pay_out`, the move's id
    as the act's), then send it again with `approval`.
    """
    async with db(request).begin(scope) as tx:
        known = await queries.find_cash_move(tx, new.id) is not None

        async def make() -> object:
            moved = await moves.move_cash_now(tx, new.id, id, new.kind, new.amount, new.reason, tx.now, new.approval)
            return _shown_move(moved)

        answered = await idempotent(request, tx, "shifts.cash_moves", make)
    return answered.response(200 if known else 201)


def shown(shift: Shift, z: ZReport | None, moves: list[CashMove]) -> dict[str, Any]:
    """Write a shift as the API gives it."""
    return {
        "id": shift.id,
        "store": shift.store,
        "till": shift.till,
        "number": shift.number,
        "business_date": shift.business_date,
        "status": "open" if shift.closed_at is None else "closed",
        "opened_at": shift.opened_at,
        "opened_by": shift.opened_by_name,
        "opening_float": shift.opening_float_minor,
        "opening_denominations": shift.opening_denominations,
        "opening_difference": shift.opening_difference_minor,
        "closed_at": shift.closed_at,
        "cash_moves": [_shown_move(move) for move in moves],
        "z_report": None if z is None else dict(z.report) | {"denominations": z.denominations},
    }


def _shown_move(move: CashMove) -> dict[str, Any]:
    return {
        "id": move.id,
        "shift": move.shift,
        "kind": move.kind,
        "amount": move.amount_minor,
        "reason": move.reason,
        "actor": move.actor_name,
        "occurred_at": move.occurred_at,
    }

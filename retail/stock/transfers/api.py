"""The JSON API of transfers between stores."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from retail.identity.permissions import MOVE_STOCK, SETTLE_TRANSFERS, VIEW_COSTS, VIEW_STOCK
from retail.kit.ids import new_id
from retail.kit.quantity import quantity_text, to_milli
from retail.runtime.db import Read, Tx
from retail.runtime.tenancy import Scope
from retail.runtime.web.api import DEFAULT_LIMIT, After, Limit, allow
from retail.runtime.web.context import db
from retail.runtime.web.idempotency import idempotent
from retail.runtime.web.responses import json_answer
from retail.stock.api import MOST, Many, Plain
from retail.stock.members import by_line, called, in_line, renamed
from retail.stock.transfers import operations, queries, receiving
from retail.stock.transfers.queries import LineFacts, TransferFacts

router = APIRouter(tags=["transfers"])

Quantity = Annotated[Decimal, Field(ge=0, le=MOST, decimal_places=3), Plain, Many]
Words = Annotated[str, Field(max_length=200)]

_WANTED: Final = {"code": "product"}
_WHOLE: Final = {"code": "lines", "quantity": "lines"}


class Body(BaseModel):
    """A body that says nothing which isn't known here."""

    model_config = ConfigDict(extra="forbid")


class NewLine(Body):
    """How much of a product is to go; `trace` names one lot or one piece."""

    product: UUID
    quantity: Quantity
    trace: Annotated[str, Field(max_length=60)] = ""


class NewTransfer(Body):
    """A transfer to draft."""

    id: UUID | None = None
    from_store: UUID
    to_store: UUID
    note: Words = ""
    lines: Annotated[list[NewLine], Field(max_length=1000)] = []


class FoundLine(Body):
    """What arrived of a line: whole, and broken."""

    line: UUID
    arrived: Quantity
    damaged: Quantity = Decimal(0)


class Receipt(Body):
    """What arrived of a transfer; lines that are left out count as they were scanned."""

    id: UUID | None = None
    lines: Annotated[list[FoundLine], Field(max_length=2000)] = []
    note: Words = ""


class Verdict(Body):
    """Who bears a line's difference."""

    line: UUID
    decision: Literal["shelf", "sender", "receiver"]


class Decision(Body):
    """Who bears what is missing, too much or broken, and why."""

    lines: Annotated[list[Verdict], Field(min_length=1, max_length=2000)]
    reason: Annotated[str, Field(min_length=1, max_length=200)]


class Cancellation(Body):
    """Why a transfer is called off."""

    reason: Words = ""


@router.get("/stock/transfers")
async def list_transfers(
    request: Request,
    scope: Scope = allow(VIEW_STOCK),
    store: UUID | None = None,
    state: Annotated[str, Query(max_length=20)] = "",
    undecided: bool = False,  # noqa: FBT001, FBT002 - a query parameter
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Response:
    """List transfers, newest first; `undecided` those with a difference that nobody has decided about."""
    async with db(request).read(scope) as read:
        page = await queries.transfers(read, store=store, state=state, undecided=undecided, limit=limit, after=after)
    return json_answer({"items": [_head(one, scope) for one in page.items], "next": page.next})


@router.get("/stock/transfers/{id}")
async def show_transfer(request: Request, id: UUID, scope: Scope = allow(VIEW_STOCK)) -> Response:
    """Give a transfer; its products are /lines."""
    async with db(request).read(scope) as read:
        return json_answer(await _whole(read, id, scope))


@router.get("/stock/transfers/{id}/lines")
async def list_lines(
    request: Request, id: UUID, scope: Scope = allow(VIEW_STOCK), limit: Limit = DEFAULT_LIMIT, after: After = None
) -> Response:
    """List what a transfer holds, in the order it was put in; lots and pieces have lines of their own."""
    async with db(request).read(scope) as read:
        page = await queries.lines_page(read, id, limit=limit, after=after)
    return json_answer({"items": [_line(one, scope) for one in page.items], "next": page.next})


@router.post("/stock/transfers", status_code=201)
async def draft(request: Request, new: NewTransfer, scope: Scope = allow(MOVE_STOCK)) -> Response:
    """Draft a transfer. Its own id repeats safely too."""

    async def run(tx: Tx) -> UUID:
        id = new.id or new_id()
        await operations.draft(tx, operations.NewTransfer(id, new.from_store, new.to_store, new.note))
        for at, line in enumerate(new.lines):
            with renamed(in_line(at, _WANTED)):
                await operations.put_line(tx, id, operations.Wanted(line.product, line.quantity, line.trace))
        return id

    async with db(request).begin(scope) as tx:

        async def make() -> object:
            return await _whole(tx, await run(tx), scope)

        return (await idempotent(request, tx, "stock.transfers", make)).response()


@router.put("/stock/transfers/{id}/lines")
async def put_line(request: Request, id: UUID, line: NewLine, scope: Scope = allow(MOVE_STOCK)) -> Response:
    """Have a draft hold so much of a product; zero takes it off."""
    async with db(request).begin(scope) as tx:
        with renamed(called(_WANTED)):
            await operations.put_line(tx, id, operations.Wanted(line.product, line.quantity, line.trace))
        return json_answer(await _whole(tx, id, scope))


@router.post("/stock/transfers/{id}/dispatch")
async def send(request: Request, id: UUID, scope: Scope = allow(MOVE_STOCK)) -> Response:
    """Take the goods off the sender's shelf; 409 `transfer_moved_on` where somebody was quicker.

    What can't be sent is told at `lines.0` and its like: the transfer's lines, in the order of /lines.
    """
    async with db(request).begin(scope) as tx:

        async def make() -> object:
            held = [one.line.id for one in await queries.lines(tx, id)]
            with renamed(by_line(held, "", _WHOLE)):
                await operations.send(tx, id)
            return await _whole(tx, id, scope)

        return (await idempotent(request, tx, "stock.transfers.dispatch", make)).response(200)


@router.post("/stock/transfers/{id}/receipt")
async def receive(request: Request, id: UUID, receipt: Receipt, scope: Scope = allow(MOVE_STOCK)) -> Response:
    """Put what arrived on the receiver's shelf; 409 `transfer_moved_on` where somebody was quicker."""
    found = {one.line: receiving.Found(one.arrived, one.damaged) for one in receipt.lines}
    async with db(request).begin(scope) as tx:

        async def make() -> object:
            with renamed(by_line([one.line for one in receipt.lines], "arrived", _WHOLE)):
                await receiving.receive(tx, id, receipt.id or new_id(), found, receipt.note)
            return await _whole(tx, id, scope)

        return (await idempotent(request, tx, "stock.transfers.receipt", make)).response(200)


@router.post("/stock/transfers/{id}/decision")
async def decide(request: Request, id: UUID, decision: Decision, scope: Scope = allow(SETTLE_TRANSFERS)) -> Response:
    """Say who bears the differences."""
    async with db(request).begin(scope) as tx:

        async def make() -> object:
            verdicts = {one.line: one.decision for one in decision.lines}
            with renamed(by_line([one.line for one in decision.lines], "decision", _WHOLE)):
                await receiving.decide(tx, id, verdicts, decision.reason)
            return await _whole(tx, id, scope)

        return (await idempotent(request, tx, "stock.transfers.decision", make)).response(200)


@router.post("/stock/transfers/{id}/cancellation")
async def cancel(request: Request, id: UUID, why: Cancellation, scope: Scope = allow(MOVE_STOCK)) -> Response:
    """Call a transfer off; what was sent is put back on the sender's shelf."""
    async with db(request).begin(scope) as tx:

        async def make() -> object:
            await operations.cancel(tx, id, why.reason)
            return await _whole(tx, id, scope)

        return (await idempotent(request, tx, "stock.transfers.cancellation", make)).response(200)


async def _whole(read: Read, id: UUID, scope: Scope) -> dict[str, Any]:
    return _head(await queries.transfer(read, id), scope)


def _head(one: TransferFacts, scope: Scope) -> dict[str, Any]:
    return {
        "id": one.id,
        "number": one.number,
        "from_store": one.from_store,
        "to_store": one.to_store,
        "state": one.state,
        "undecided": one.undecided,
        "note": one.note,
        "lines": one.lines,
        "value": one.worth_minor if scope.holds(VIEW_COSTS) else None,
        "created_at": one.created_at,
        "sent_at": one.sent_at,
        "received_at": one.received_at,
    }


def _line(one: LineFacts, scope: Scope) -> dict[str, Any]:
    line = one.line
    return {
        "id": line.id,
        "product": line.product,
        "sku": one.sku,
        "name": one.name,
        "trace": line.trace,
        "quantity": _text(line.quantity),
        "unit_cost": line.unit_cost if scope.holds(VIEW_COSTS) else None,
        "arrived": None if line.arrived is None else _text(line.arrived),
        "damaged": None if line.damaged is None else _text(line.damaged),
        "decision": line.decision,
    }


def _text(quantity: Decimal) -> str:
    return quantity_text(to_milli(quantity))

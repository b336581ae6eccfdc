"""The JSON API of counts: for scanners and other programs that count."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from retail.identity.permissions import COUNT_STOCK, FINISH_COUNT, MOVE_STOCK, VIEW_COSTS, VIEW_STOCK
from retail.kit.ids import new_id
from retail.kit.quantity import quantity_text, to_milli
from retail.runtime.db import Read
from retail.runtime.tenancy import Scope
from retail.runtime.web.api import DEFAULT_LIMIT, After, Limit, allow
from retail.runtime.web.context import db
from retail.runtime.web.idempotency import idempotent
from retail.runtime.web.responses import json_answer
from retail.stock.api import MOST, Many, Plain
from retail.stock.counts import finishing, listing, operations, queries
from retail.stock.counts.operations import NewArea, NewCount, NewEntry
from retail.stock.counts.queries import CountFacts, Line

router = APIRouter(tags=["stock"])


class Area(BaseModel):
    """A part of the store that is counted by itself; `sells`: customers take goods from it."""

    model_config = ConfigDict(extra="forbid")

    id: UUID | None = None
    name: Annotated[str, Field(min_length=1, max_length=60)]
    sells: bool = True


class NewCountBody(BaseModel):
    """A count to start; `recount` in minor units: what differs by more is counted a second time."""

    model_config = ConfigDict(extra="forbid")

    id: UUID | None = None
    store: UUID
    name: Annotated[str, Field(max_length=80)]
    kind: Literal["full", "cycle", "some"] = "full"
    classes: tuple[Literal["A", "B", "C"], ...] = ()
    category: UUID | None = None
    blind: bool = False
    uncounted: Literal["keep", "zero"] = "keep"
    recount: Annotated[int | None, Field(ge=0)] = None
    areas: Annotated[list[Area], Field(min_length=1, max_length=50)]


class Entry(BaseModel):
    """What was found of a product in an area; `set` is all that lies there, `add` what was found besides."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    product: UUID
    area: UUID
    quantity: Annotated[Decimal, Field(ge=-MOST, le=MOST, decimal_places=3), Plain, Many]
    mode: Literal["add", "set"] = "add"
    counted_at: datetime | None = None


class Entries(BaseModel):
    """Up to 500 entries; each has an id of its own, so sending them again changes nothing."""

    model_config = ConfigDict(extra="forbid")

    entries: Annotated[list[Entry], Field(min_length=1, max_length=500)]


class Finish(BaseModel):
    """A count to finish, with the approval where one is needed."""

    model_config = ConfigDict(extra="forbid")

    approval: UUID | None = None


class NewRound(BaseModel):
    """Products to count anew: what was found of them so far no longer counts."""

    model_config = ConfigDict(extra="forbid")

    products: Annotated[list[UUID], Field(min_length=1, max_length=5000)]


@router.get("/stock/counts")
async def list_counts(
    request: Request,
    scope: Scope = allow(VIEW_STOCK),
    store: UUID | None = None,
    state: Annotated[Literal["", "open", "finishing", "finished", "cancelled"], Query()] = "",
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Response:
    """List counts, newest first."""
    async with db(request).read(scope) as read:
        page = await queries.counts(read, store=store, state=state, limit=limit, after=after)
    return json_answer({"items": [_shown(one, scope) for one in page.items], "next": page.next})


@router.post("/stock/counts", status_code=201)
async def create_count(request: Request, new: NewCountBody, scope: Scope = allow(MOVE_STOCK)) -> Response:
    """Start a count of a store."""
    async with db(request).begin(scope) as tx:

        async def make() -> object:
            areas = [NewArea(one.id or new_id(), one.name, one.sells) for one in new.areas]
            id = await operations.start(
                tx,
                NewCount(
                    new.id or new_id(), new.store, new.name, areas, new.kind, new.blind, new.classes, new.category,
                    new.uncounted, new.recount,
                ),
            )  # fmt: skip
            return await _whole(tx, await queries.count(tx, id), scope)

        answered = await idempotent(request, tx, "stock.counts", make)
    return answered.response()


@router.get("/stock/counts/{count}")
async def show_count(request: Request, count: UUID, scope: Scope = allow(VIEW_STOCK)) -> Response:
    """Give a count with its areas; its products are /lines."""
    async with db(request).read(scope) as read:
        return json_answer(await _whole(read, await queries.count(read, count), scope))


@router.get("/stock/counts/{count}/lines")
async def list_lines(
    request: Request, count: UUID, scope: Scope = allow(VIEW_STOCK), limit: Limit = DEFAULT_LIMIT, after: After = None
) -> Response:
    """List the products of a count, by name. A blind one says what should be there once it is finished."""
    async with db(request).read(scope) as read:
        of = await queries.count(read, count)
        page = await listing.lines_page(read, of, limit=limit, after=after)
    hidden = queries.is_hidden(of, scope)
    return json_answer({"items": [_line(one, scope, hidden=hidden) for one in page.items], "next": page.next})


@router.post("/stock/counts/{count}/entries", status_code=201)
async def create_entries(request: Request, count: UUID, new: Entries, scope: Scope = allow(COUNT_STOCK)) -> Response:
    """Record what somebody found; tells how many entries are new."""
    entries = [NewEntry(one.id, one.product, one.area, one.quantity, one.mode, one.counted_at) for one in new.entries]
    made = await db(request).run(scope, operations.record, count, entries)
    return json_answer({"recorded": made}, 201 if made else 200)


@router.post("/stock/counts/{count}/rounds")
async def count_again(request: Request, count: UUID, new: NewRound, scope: Scope = allow(COUNT_STOCK)) -> Response:
    """Have products counted anew; `again` tells how many, each once: one that nobody has counted since isn't taken."""
    async with db(request).begin(scope) as tx:
        again = await operations.count_again(tx, count, new.products)
        return json_answer({"again": again} | await _whole(tx, await queries.count(tx, count), scope))


@router.post("/stock/counts/{count}/closure")
async def finish_count(request: Request, count: UUID, body: Finish, scope: Scope = allow(FINISH_COUNT)) -> Response:
    """Finish a count: the stock is corrected and the difference posted.

    Where much differs the answer is 202 with the state `finishing`: it is posted behind it, then it is `finished`. 409
    `count_again` names the `products` that differ by too much; /rounds has them counted anew, then finish again.
    """
    done = await db(request).run(scope, finishing.finish, count, body.approval)
    async with db(request).read(scope) as read:
        return json_answer(await _whole(read, done, scope), 202 if done.state == "finishing" else 200)


async def _whole(read: Read, of: CountFacts, scope: Scope) -> dict[str, Any]:
    areas = await queries.areas(read, of.id)
    return _shown(of, scope) | {"areas": [{"id": one.id, "name": one.name, "sells": one.sells} for one in areas]}


def _shown(of: CountFacts, scope: Scope) -> dict[str, Any]:
    costs = scope.holds(VIEW_COSTS)
    return {
        "id": of.id,
        "store": of.store,
        "name": of.name,
        "kind": of.kind,
        "blind": of.blind,
        "state": of.state,
        "started_at": of.started_at,
        "started_by": of.started_by_name,
        "finished_at": of.finished_at,
        "finished_by": of.finished_by_name,
        "products": of.products,
        "counted": of.counted,
        "variance": of.variance_minor if costs else None,
        "gross_variance": of.gross_minor if costs else None,
    }


def _line(one: Line, scope: Scope, *, hidden: bool) -> dict[str, Any]:
    out = one.outcome
    return {
        "product": one.product,
        "sku": one.sku,
        "name": one.name,
        "round": one.round,
        "counted": None if out is None else quantity_text(to_milli(out.counted)),
        "expected": None if out is None or hidden else quantity_text(to_milli(out.expected)),
        "variance": None if out is None or hidden else quantity_text(to_milli(out.variance)),
        "value": None if out is None or hidden or not scope.holds(VIEW_COSTS) else out.value_minor,
        "counted_at": None if out is None else out.at,
    }

"""The JSON API of kept goods: for the tills of a store, and for programs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from retail.identity.permissions import SELL, VIEW_CUSTOMERS, VIEW_SALES
from retail.kit.paging import DEFAULT_LIMIT, MOST
from retail.runtime.tenancy import Scope
from retail.runtime.web.api import allow
from retail.runtime.web.context import db
from retail.runtime.web.responses import json_answer
from retail.sales.layaways import queries
from retail.sales.layaways.errors import NoSuchLayaway
from retail.sales.layaways.keeping import keep, store_of, terms_at
from retail.sales.layaways.queries import DUE_FIRST, LayawayFacts, Paid, Wanted
from retail.sales.layaways.reading import read_layaway
from retail.sales.layaways.rules import STATES, Terms
from retail.sales.reading import parse_json

router = APIRouter(tags=["kept goods"])
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["id", "basket", "customer", "until", "total"],
                    "properties": {
                        "id": {"type": "string", "format": "uuid"},
                        "basket": {"type": "object", "description": "As it is put on hold; `lines[].off` is agreed."},
                        "customer": {"type": "string", "format": "uuid"},
                        "until": {"type": "string", "format": "date"},
                        "total": {"type": "integer", "minimum": 1},
                        "note": {"type": "string", "maxLength": 200},
                    },
                }
            }
        },
    }
}


@router.get("/tills/{till}/layaways/terms")
async def show_layaway_terms(request: Request, till: UUID, scope: Scope = allow(SELL)) -> Response:
    """Give what the business asks: the first payment and the fee in percent, and for how many days it keeps goods."""
    async with db(request).read(scope) as read:
        terms = await terms_at(read, await store_of(read, till))
    return json_answer({"percent_least": terms.percent_least, "days": terms.days, "percent_fee": terms.percent_fee})


@router.get("/tills/{till}/layaways")
async def list_till_layaways(
    request: Request,
    till: UUID,
    q: str = Query("", max_length=100),
    cursor: str | None = None,
    scope: Scope = allow(SELL),
) -> Response:
    """List the goods that the till's store keeps now, the day that comes first on top, so overdue ones lead.

    `q` is part of a number ("L-12"), of a receipt's number, the customer's name, phone or card, or an article's name.
    `customer.name` is told to those who may look customers up.
    """
    async with db(request).read(scope) as read:
        store = await store_of(read, till)
        terms = await terms_at(read, store)
        wanted = Wanted(q, "open", store)
        page = await queries.layaways(read, wanted, limit=DEFAULT_LIMIT, after=cursor, order=DUE_FIRST)
    return json_answer({"items": [told(one, terms, scope) for one in page.items], "next": page.next})


@router.get("/tills/{till}/layaways/{layaway}")
async def show_till_layaway(request: Request, till: UUID, layaway: UUID, scope: Scope = allow(SELL)) -> Response:
    """Give kept goods of the till's store with the basket as it was agreed, and the payments."""
    async with db(request).read(scope) as read:
        store = await store_of(read, till)
        facts = await queries.layaway(read, layaway)
        if facts.store != store:
            raise NoSuchLayaway
        terms, paid = await terms_at(read, store), await queries.payments(read, layaway)
    return json_answer({"layaway": whole(facts, paid, terms, scope)})


@router.post("/tills/{till}/layaways", openapi_extra=_BODY)
async def create_layaway(request: Request, till: UUID, scope: Scope = allow(SELL)) -> Response:
    """Keep a basket's goods for a customer: 201, and 200 where the same came before.

    409 `not_available` where the goods aren't there or are promised to somebody else, `idempotency_conflict` where the
    id came with another body.
    """
    new = read_layaway(parse_json(await request.body()))
    facts, created = await db(request).run(scope, keep, till, new)
    async with db(request).read(scope) as read:
        terms = await terms_at(read, facts.store)
    return json_answer({"layaway": whole(facts, [], terms, scope)}, 201 if created else 200)


@router.get("/layaways")
async def list_layaways(
    request: Request,
    state: str = "",
    store: UUID | None = None,
    customer: UUID | None = None,
    q: str = Query("", max_length=100),
    limit: int = Query(DEFAULT_LIMIT, ge=1, le=MOST),
    after: str | None = None,
    scope: Scope = allow(VIEW_SALES),
) -> Response:
    """List kept goods, the newest first; `state` is open, overdue, fetched or cancelled."""
    wanted = Wanted(q, state if state in {*STATES, "overdue"} else "", store, customer)
    async with db(request).read(scope) as read:
        page = await queries.layaways(read, wanted, limit=limit, after=after)
        terms = {one: await terms_at(read, one) for one in {item.store for item in page.items}}
    return json_answer({"items": [told(one, terms[one.store], scope) for one in page.items], "next": page.next})


@router.get("/layaways/{layaway}")
async def show_layaway(request: Request, layaway: UUID, scope: Scope = allow(VIEW_SALES)) -> Response:
    """Give kept goods with their basket and payments."""
    async with db(request).read(scope) as read:
        facts = await queries.layaway(read, layaway)
        terms, paid = await terms_at(read, facts.store), await queries.payments(read, layaway)
    return json_answer(whole(facts, paid, terms, scope))


def told(one: LayawayFacts, terms: Terms, scope: Scope) -> dict[str, Any]:
    """Give kept goods as `scope` may see them: no name where customers can't be looked up."""
    name = one.customer_name if scope.may(VIEW_CUSTOMERS) else ""
    return {
        "id": one.id,
        "number": one.label,
        "state": one.state,
        "store": one.store,
        "customer": {"id": one.customer, "name": name},
        "until": one.until,
        "overdue": one.overdue,
        "total": one.total,
        "paid": one.paid,
        "due": one.due,
        "least": terms.least(one.total),
        "fee": one.fee if one.ended_at else terms.fee(one.paid),
        "note": one.note,
        "created_at": one.created_at,
        "ended_at": one.ended_at,
        "lines": len(one.lines),
        "what": one.what,
    }


def whole(one: LayawayFacts, paid: list[Paid], terms: Terms, scope: Scope) -> dict[str, Any]:
    """Give kept goods with the basket as it was agreed, and their payments; the sale that handed them over too."""
    return told(one, terms, scope) | {
        "basket": dict(one.basket),
        "payments": [
            {"id": each.id, "kind": each.kind, "number": each.label, "at": each.at, "amount": each.amount}
            for each in paid
        ],
    }

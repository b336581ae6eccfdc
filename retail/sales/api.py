"""The JSON API of sales: single and in batches, returns, closings, and the tills' own protocol.

Bodies are read by hand from the bytes that came (retail/sales/reading.py): a model would cost as much again as all the
rest of the request, and would lose digits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from retail.cash import ShiftClosed, shift, z_report
from retail.cash.counting import NewCount, find_count
from retail.identity.permissions import REFUND, RUN_SHIFT, SELL, VIEW_SALES, VIEW_SHIFTS
from retail.kit.errors import IdempotencyConflict, Invalid
from retail.kit.money import format_money
from retail.kit.text import _
from retail.runtime.db import Read
from retail.runtime.tenancy import Scope
from retail.runtime.web.api import DEFAULT_LIMIT, After, Limit, Plain, UpdatedSince, allow
from retail.runtime.web.context import db, edge, tenant
from retail.runtime.web.idempotency import idempotent
from retail.runtime.web.pace import buckets, caller, seller
from retail.runtime.web.responses import json_answer
from retail.sales import listing, schemas
from retail.sales.closing import close, count_blind, shown_report, so_far
from retail.sales.documents import Outcome, SaleIn, StoredSale
from retail.sales.errors import NoSuchSale
from retail.sales.members import Reader
from retail.sales.operations import MOST_AT_ONCE, complete_batch, complete_sale
from retail.sales.payloads import read_closing
from retail.sales.queries import stored_sale
from retail.sales.reading import parse_json, read_return, read_sale, unread
from retail.sales.returns import return_goods
from retail.sales.risks import risks_of, sight_of
from retail.sales.sale_json import Money, remarks_json, risk_json, sale_json

router = APIRouter(tags=["sales"], route_class=Plain)

_STATUS: Final = {"created": 201, "replayed": 200}


def money_of(request: Request) -> Money:
    """Give the function that writes amounts in the tenant's way."""
    facts = tenant(request)
    return lambda minor: format_money(minor, facts.money, facts.locale)


@router.post("/sales", status_code=201, openapi_extra=schemas.body("Sale"))
async def create_sale(request: Request, scope: Scope = allow(SELL)) -> Response:
    """Store a paid sale: 201, 200 on a repeat, 409 `idempotency_conflict` where the id came with other content.

    A sale is never refused for being odd: what is off is stored with it, in `exceptions`. 422 is for what is no sale.
    Members that are not known here are kept out, and named in `ignored`. The sale's own id is its key; an
    Idempotency-Key header means nothing here.

    A device, or the till of a program, may send 10 a second and 50 at once; then 429 with Retry-After.
    """
    document = parse_json(await request.body())
    sale = read_sale(document)
    buckets(request).take("sale", seller(request, sale.till))
    return _answer(await db(request).run(scope, complete_sale, sale), money_of(request), unread(document))


@router.post("/sales/batch", openapi_extra=schemas.body("SaleBatch"))
async def create_sales(request: Request, scope: Scope = allow(SELL)) -> Response:
    """Store up to 500 sales, each as POST /sales does; one that is no sale does not harm the others."""
    document = parse_json(await request.body())
    sent = document.get("sales") if isinstance(document, dict) else None
    if not isinstance(sent, list) or not 1 <= len(sent) <= MOST_AT_ONCE:
        raise Invalid({"sales": [_("This must be a list of 1 to %(most)d sales.") % {"most": MOST_AT_ONCE}]})
    read = [_read_or_errors(one) for one in sent]
    sales = [one for one in read if isinstance(one, SaleIn)]
    paces, who = buckets(request), caller(edge(request))
    paces.take("batch", who)
    async with paces.running("batch", who):
        outcomes = iter(await db(request).run(scope, complete_batch, sales) if sales else ())
    money = money_of(request)
    items = [
        _item(next(outcomes), money, unread(document))
        if isinstance(one, SaleIn)
        else {"id": one[0], "status": "invalid", "exceptions": [], "errors": one[1]}
        for one, document in zip(read, sent, strict=True)
    ]
    return json_answer({"items": items})


@router.get("/sales")
async def list_sales(
    request: Request,
    scope: Scope = allow(VIEW_SALES),
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
    updated_since: UpdatedSince = None,
    store: UUID | None = None,
    till: UUID | None = None,
    shift: UUID | None = None,
    risk: Literal["high", "middle", "low", "none"] | None = None,
) -> Response:
    """List sales and returns, newest first; with `updated_since` in the order they were stored.

    Who settles what tills report is given each one's `risk` too, null where nobody looked at it yet, and may ask for
    those of one level (`none`: not looked at); others get none by `risk`.
    """
    wanted = listing.Wanted(
        store=store, till=till, shift=shift, updated_since=updated_since, risk=risk or "", sight=sight_of(scope)
    )
    async with db(request).read(scope) as read:
        page = await listing.whole_sales(read, wanted, limit=limit, after=after)
        items = await _with_risk(read, page.items, money_of(request))
    return json_answer({"items": items, "next": page.next})


@router.get("/sales/{id}")
async def show_sale(request: Request, id: UUID, scope: Scope = allow(VIEW_SALES)) -> Response:
    """Give one sale or return; with its `risk` to who settles what tills report, null where nobody looked yet."""
    async with db(request).read(scope) as read:
        sale = await stored_sale(read, id)
        if sale.kind == "payment":  # what is paid ahead on kept goods is no sale
            raise NoSuchSale
        return json_answer((await _with_risk(read, [sale], money_of(request)))[0])


async def _with_risk(read: Read, sales: Sequence[StoredSale], money: Money) -> list[dict[str, Any]]:
    """Write sales, each with its risk where the caller may see it."""
    sight = sight_of(read.scope)
    risks = await risks_of(read, [one.id for one in sales]) if sight and sales else {}
    return [
        sale_json(one, money)
        | ({"risk": risk_json(risks.get(one.id), money)} if sight and sight.of(one.store, one.cashier_id) else {})
        for one in sales
    ]


@router.post("/sales/{id}/returns", status_code=201, openapi_extra=schemas.body("Return"))
async def create_return(request: Request, id: UUID, scope: Scope = allow(REFUND)) -> Response:
    """Take goods back and pay their share out; 409 `over_return` where more would come back than was sold."""
    back = read_return(parse_json(await request.body()))
    buckets(request).take("sale", seller(request, back.till))
    return _answer(await db(request).run(scope, return_goods, id, back), money_of(request))


@router.post("/shifts/{id}/closure", status_code=201, tags=["shifts"], openapi_extra=schemas.body("Closing"))
async def close_shift(request: Request, id: UUID, scope: Scope = allow(RUN_SHIFT)) -> Response:
    """Count a drawer and end its shift; answers the Z report. The same count again answers it again, 200."""
    counted = read_closing(parse_json(await request.body()))
    async with db(request).begin(scope) as tx:
        known = await z_report(tx, id) is not None

        async def make() -> object:
            z = await close(tx, id, counted.counted, counted.denominations, tx.now, counted.left)
            seen = await shown_report(tx, scope, z, (await shift(tx, id)).store)
            return seen | {"id": str(z.shift), "denominations": z.denominations}

        answered = await idempotent(request, tx, "shifts.closure", make)
    return answered.response(200 if known else 201)


@router.get("/shifts/{id}/x", tags=["shifts"])
async def show_so_far(request: Request, id: UUID, scope: Scope = allow(VIEW_SHIFTS)) -> Response:
    """Give what an open shift has come to: the X report; nothing is counted, nothing changes. 409 once it is closed."""
    async with db(request).read(scope) as read:
        await read.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")  # all sums of one moment
        found = await shift(read, id)
        if found.closed_at is not None:
            raise ShiftClosed(id)
        return json_answer(await so_far(read, found) | {"as_of": read.now})


@router.post("/shifts/{id}/counts", status_code=201, tags=["shifts"], openapi_extra=schemas.body("Count"))
async def count_shift(request: Request, id: UUID, scope: Scope = allow(RUN_SHIFT)) -> Response:
    """Keep a blind count; answers whether to count once more, and nothing about how much differs. 200 on a repeat."""
    document = parse_json(await request.body())
    counted = read_closing(document)
    told = Reader(document)
    count = told.uuid("id")
    told.check()
    async with db(request).begin(scope) as tx:
        known = await find_count(tx, count) is not None
        made = await count_blind(tx, id, NewCount(count, counted.counted, counted.denominations, tx.now))
    return json_answer({"id": made.id, "attempt": made.attempt, "recount": made.recount}, 200 if known else 201)


def _answer(outcome: Outcome, money: Money, ignored: Sequence[str] = ()) -> Response:
    if outcome.sale is not None:
        told = {"ignored": ignored} if ignored else {}
        return json_answer(sale_json(outcome.sale, money) | told, _STATUS[outcome.status])
    if outcome.status == "conflict":
        raise IdempotencyConflict
    raise Invalid(outcome.errors or {})


def _read_or_errors(document: object) -> SaleIn | tuple[str | None, Mapping[str, list[str]]]:
    try:
        return read_sale(document)
    except Invalid as wrong:
        id = document.get("id") if isinstance(document, dict) else None
        return (id if isinstance(id, str) else None), wrong.errors


def _item(outcome: Outcome, money: Money, ignored: Sequence[str]) -> dict[str, Any]:
    remarks = outcome.sale.remarks if outcome.sale else ()
    item: dict[str, Any] = {"id": str(outcome.id), "status": outcome.status, "exceptions": remarks_json(remarks, money)}
    if outcome.sale:
        item["total"] = outcome.sale.total
    if ignored:
        item["ignored"] = ignored
    if outcome.errors:
        item["errors"] = outcome.errors
    return item

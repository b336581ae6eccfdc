"""The JSON API of customers: found by phone, card and name, kept, merged; and the few verbs that a till needs."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from retail.customers import operations, queries
from retail.customers.queries import CustomerFacts, Wanted
from retail.customers.rules import Customer
from retail.customers.schemas import CustomerChange, Merging, NewCustomer, TillCustomer
from retail.customers.segmented import Segment, may_see
from retail.identity.permissions import EDIT_CUSTOMERS, SELL, VIEW_CUSTOMERS, VIEW_DASHBOARD
from retail.kit.errors import Forbidden
from retail.kit.ids import new_id
from retail.runtime.db import Read, Tx
from retail.runtime.tenancy import Scope
from retail.runtime.web.api import DEFAULT_LIMIT, After, Limit, UpdatedSince, allow
from retail.runtime.web.context import db
from retail.runtime.web.idempotency import idempotent
from retail.runtime.web.matching import require_seen, tagged
from retail.runtime.web.responses import json_answer
from retail.tenants import queries as tenants

router = APIRouter(tags=["customers"])


@router.get("/customers")
async def list_customers(
    request: Request,
    scope: Scope = allow(VIEW_CUSTOMERS),
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
    updated_since: UpdatedSince = None,
    q: Annotated[str, Query(max_length=100, description="Part of a name, phone, e-mail or card.")] = "",
    phone: Annotated[str, Query(max_length=40, description="A whole phone number.")] = "",
    card: Annotated[str, Query(max_length=40, description="A whole card number.")] = "",
    group: Annotated[str, Query(max_length=40)] = "",
    segment: Annotated[
        Segment | None, Query(description="Those of one segment; for who may see the figures of all stores.")
    ] = None,
    archived: bool = False,  # noqa: FBT001, FBT002 - a query parameter
) -> Response:
    """List customers by name; with `updated_since` in the order of their change, archived and merged ones too."""
    if segment and not may_see(scope):
        raise Forbidden(VIEW_DASHBOARD)
    async with db(request).read(scope) as read:
        country = (await tenants.this_tenant(read)).country
        wanted = Wanted(q, archived, group, phone, card, updated_since, country, segment)
        page = await queries.customers(read, wanted, limit=limit, after=after)
    return json_answer({"items": [shown(one) for one in page.items], "next": page.next})


@router.post("/customers", status_code=201)
async def add_customer(request: Request, new: NewCustomer, scope: Scope = allow(EDIT_CUSTOMERS)) -> Response:
    """Add a customer; `alike` names others with the same phone or e-mail address."""
    async with db(request).begin(scope) as tx:

        async def make() -> object:
            return await _added(tx, new.id or new_id(), Customer(**new.said()))

        return (await idempotent(request, tx, "customers.add", make)).response()


@router.post("/tills/{till}/customers", status_code=201)
async def add_at_till(request: Request, till: UUID, new: TillCustomer, scope: Scope = allow(SELL)) -> Response:
    """Add somebody new at the till, by name and phone; the same id again gives the same answer."""
    async with db(request).begin(scope) as tx:
        await tenants.till(tx, till)
        return json_answer(await _added(tx, new.id, Customer(new.name, new.phone)), 201)


@router.get("/customers/{id}")
async def show_customer(request: Request, id: UUID, scope: Scope = allow(VIEW_CUSTOMERS)) -> Response:
    """Give one customer, archived or not."""
    async with db(request).read(scope) as read:
        return _answer(await queries.customer(read, id))


@router.patch("/customers/{id}")
async def change_customer(
    request: Request, id: UUID, change: CustomerChange, scope: Scope = allow(EDIT_CUSTOMERS)
) -> Response:
    """Change a customer; fields left out stay. With `version` or If-Match only if it is still the one that was read."""

    async def run(tx: Tx) -> CustomerFacts:
        await operations.lock_customers(tx)
        now = await queries.customer(tx, id)
        require_seen(request, now.version, change.version)
        await operations.change_customer(tx, id, replace(operations.as_wanted(now), **change.said()))
        return await queries.customer(tx, id)

    return _answer(await db(request).run(scope, run))


@router.delete("/customers/{id}", status_code=204)
async def archive_customer(request: Request, id: UUID, scope: Scope = allow(EDIT_CUSTOMERS)) -> Response:
    """Archive a customer; what they bought stays theirs."""
    await db(request).run(scope, operations.archive_customer, id)
    return Response(status_code=204)


@router.post("/customers/{id}/restoration")
async def restore_customer(request: Request, id: UUID, scope: Scope = allow(EDIT_CUSTOMERS)) -> Response:
    """Bring an archived customer back."""

    async def run(tx: Tx) -> CustomerFacts:
        await operations.restore_customer(tx, id)
        return await queries.customer(tx, id)

    return _answer(await db(request).run(scope, run))


@router.post("/customers/{id}/merge")
async def merge_customer(
    request: Request, id: UUID, merging: Merging, scope: Scope = allow(EDIT_CUSTOMERS)
) -> Response:
    """Make a customer part of another one; gives that one."""

    async def run(tx: Tx) -> CustomerFacts:
        await operations.merge_customers(tx, id, merging.into)
        return await queries.customer(tx, merging.into)

    return _answer(await db(request).run(scope, run))


async def _added(tx: Tx, id: UUID, new: Customer) -> dict[str, Any]:
    made = await operations.add_customer(tx, id, new)
    return shown(made) | {"alike": await _alike(tx, made)}


async def _alike(read: Read, made: CustomerFacts) -> list[dict[str, Any]]:
    return [
        {"id": one.id, "name": one.name, "by": "phone" if one.phone_digits == made.phone_digits != "" else "email"}
        for one in await queries.alike(read, made)
    ]


def _answer(one: CustomerFacts) -> Response:
    return tagged(json_answer(shown(one)), one.version)


def shown(one: CustomerFacts) -> dict[str, Any]:
    """Give a customer as programs see it."""
    return {
        "id": one.id,
        "name": one.name,
        "phone": one.phone,
        "phone_digits": one.phone_digits,
        "email": one.email,
        "member_card": one.member_card,
        "group": one.group,
        "note": one.note,
        "credit_limit": one.credit_limit_minor,
        "merged_into": one.merged_into,
        "erased": one.erased_at is not None,
        "active": one.archived_at is None,
        "version": one.version,
        "created_at": one.created_at,
        "updated_at": one.updated_at,
    }

"""The JSON API of stores and tills."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID
from zoneinfo import available_timezones

from fastapi import APIRouter, Request, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from retail.identity.permissions import EDIT_STORES, VIEW_STORES
from retail.kit.errors import Invalid
from retail.kit.ids import new_id
from retail.kit.paging import cut
from retail.runtime.tenancy import Scope
from retail.runtime.web.api import DEFAULT_LIMIT, After, Limit, allow
from retail.runtime.web.context import db
from retail.runtime.web.idempotency import idempotent
from retail.runtime.web.responses import json_answer
from retail.tenants import operations, queries

router = APIRouter(tags=["stores and tills"])

Code = Annotated[str, Field(pattern=r"^[A-Z0-9-]{1,12}$")]
Name = Annotated[str, Field(min_length=1, max_length=80)]


def _known_zone(zone: str) -> str:
    if zone not in available_timezones():
        raise ValueError("must be a time zone such as Europe/Berlin")
    return zone


class StoreToOpen(BaseModel):
    """A store to open."""

    model_config = ConfigDict(extra="forbid")

    id: UUID | None = None
    code: Code
    name: Name
    timezone: Annotated[str, Field(max_length=64), AfterValidator(_known_zone)]
    address: Annotated[str, Field(max_length=300)] = ""
    tax_number: Annotated[str, Field(max_length=40)] = ""
    receipt_footer: Annotated[str, Field(max_length=300)] = ""
    day_cutoff_hour: Annotated[int, Field(ge=0, le=12)] = 4


class TillToSetUp(BaseModel):
    """A till to set up in a store."""

    model_config = ConfigDict(extra="forbid")

    id: UUID | None = None
    store: UUID
    code: Code
    name: Name


@router.get("/stores")
async def list_stores(
    request: Request,
    scope: Scope = allow(VIEW_STORES),
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Response:
    """List the stores by code."""
    async with db(request).read(scope) as read:
        page = cut(await queries.stores(read), lambda store: store.id, limit, after)
    return json_answer({"items": page.items, "next": page.next})


@router.post("/stores", status_code=201)
async def open_store(request: Request, new: StoreToOpen, scope: Scope = allow(EDIT_STORES)) -> Response:
    """Open a store."""
    async with db(request).begin(scope) as tx:

        async def make() -> object:
            given = new.model_dump()
            store = operations.NewStore(**(given | {"id": new.id or new_id()}))
            await operations.open_store(tx, store)
            return await queries.store(tx, store.id)

        return (await idempotent(request, tx, "stores.open", make)).response()


@router.get("/tills")
async def list_tills(
    request: Request,
    scope: Scope = allow(VIEW_STORES),
    store: UUID | None = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Response:
    """List the tills by store and code."""
    async with db(request).read(scope) as read:
        page = cut(await queries.tills(read, store=store), lambda till: till.id, limit, after)
    return json_answer({"items": page.items, "next": page.next})


@router.post("/tills", status_code=201)
async def set_up_till(request: Request, new: TillToSetUp, scope: Scope = allow(EDIT_STORES)) -> Response:
    """Set up a till."""
    async with db(request).begin(scope) as tx:

        async def make() -> object:
            if new.store not in {store.id for store in await queries.stores(tx)}:
                raise Invalid({"store": ["There is no such store."]})
            till = operations.NewTill(new.id or new_id(), new.store, new.code, new.name)
            await operations.set_up_till(tx, till)
            return await queries.till(tx, till.id)

        return (await idempotent(request, tx, "tills.set_up", make)).response()


@router.get("/tills/{id}")
async def show_till(request: Request, id: UUID, scope: Scope = allow(VIEW_STORES)) -> Response:
    """Give one till, with who has claimed it and its last contact."""
    async with db(request).read(scope) as read:
        till: Any = await queries.till(read, id)
        state = (await queries.till_states(read)).get(id)
        return json_answer({**{name: getattr(till, name) for name in till.__slots__}, "state": state})

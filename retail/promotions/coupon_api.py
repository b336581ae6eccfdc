"""The JSON API of coupons: series and their codes, and whether a code is good."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response

from retail.identity.permissions import EDIT_CATALOGUE, SELL
from retail.kit.ids import new_id
from retail.kit.paging import cut
from retail.promotions import codes, coupons, reading
from retail.promotions.coupons import Series
from retail.promotions.schemas import CouponAsked, NewSeries
from retail.runtime.tenancy import Scope
from retail.runtime.web.api import DEFAULT_LIMIT, After, Limit, allow
from retail.runtime.web.context import db
from retail.runtime.web.idempotency import idempotent
from retail.runtime.web.responses import json_answer

router = APIRouter(tags=["promotions"])


@router.post("/coupons/check")
async def check_coupon(request: Request, asked: CouponAsked, scope: Scope = allow(SELL)) -> Response:
    """Say what a code is good for; nothing is used by it."""
    async with db(request).read(scope) as read:
        judged = await coupons.check(read, asked.code)
    return json_answer(
        {
            "code": judged.code,
            "good": not judged.why,
            "why": judged.why,
            "detail": judged.sentence(),
            "offer": str(judged.offer) if judged.offer else None,
            "name": judged.offer_name,
        }
    )


@router.get("/offers/{id}/coupons")
async def list_coupon_series(
    request: Request,
    id: UUID,
    scope: Scope = allow(EDIT_CATALOGUE),
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Response:
    """List the series of coupons of an offer, the newest first."""
    async with db(request).read(scope) as read:
        page = cut(await coupons.series_of(read, id), lambda one: one.id, limit, after)
    return json_answer({"items": [_shown(one) for one in page.items], "next": page.next})


@router.post("/coupons", status_code=201)
async def create_coupon_series(request: Request, new: NewSeries, scope: Scope = allow(EDIT_CATALOGUE)) -> Response:
    """Make coupons for an offer."""
    async with db(request).begin(scope) as tx:

        async def make() -> object:
            prefix = codes.plain(new.prefix) or new.prefix
            wanted = Series(new.id or new_id(), new.offer, new.kind, prefix, new.uses, new.expires_at)
            return _shown(await coupons.make_series(tx, wanted, new.count))

        return (await idempotent(request, tx, "coupons.create", make)).response()


@router.get("/coupons/{id}")
async def show_coupon_series(request: Request, id: UUID, scope: Scope = allow(EDIT_CATALOGUE)) -> Response:
    """Give one series."""
    async with db(request).read(scope) as read:
        return json_answer(_shown(await coupons.series(read, id)))


@router.get("/coupons/{id}/codes")
async def list_coupon_codes(
    request: Request,
    id: UUID,
    scope: Scope = allow(EDIT_CATALOGUE),
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Response:
    """List the codes of a series."""
    async with db(request).read(scope) as read:
        await coupons.series(read, id)
        page = await reading.codes_of(read, id, limit=limit, after=after)
    items = [{"id": one.id, "code": one.code, "uses": one.uses, "used": one.used} for one in page.items]
    return json_answer({"items": items, "next": page.next})


@router.delete("/coupons/{id}", status_code=204)
async def close_coupon_series(request: Request, id: UUID, scope: Scope = allow(EDIT_CATALOGUE)) -> Response:
    """Take a series back: its codes are good for nothing from now on."""
    await db(request).run(scope, coupons.close_series, id)
    return Response(status_code=204)


def _shown(of: Series) -> dict[str, Any]:
    return {
        "id": of.id,
        "offer": of.offer,
        "kind": of.kind,
        "prefix": of.prefix,
        "uses": of.uses,
        "expires_at": of.expires_at,
        "made": of.made,
        "used": of.used,
        "created_at": of.created_at,
        "closed_at": of.closed_at,
    }

"""The JSON API of segments: what each adds up to, how customers stand, who moved, who came back."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from retail.customers import queries as people
from retail.customers.segmented import SEGMENTS, Segment
from retail.identity.permissions import VIEW_CUSTOMERS, VIEW_DASHBOARD
from retail.runtime.tenancy import Scope
from retail.runtime.web.api import DEFAULT_LIMIT, After, Limit, allow
from retail.runtime.web.context import db
from retail.runtime.web.responses import json_answer
from retail.segments import moving, queries
from retail.segments.queries import Standing, State, Total, Wanted
from retail.segments.rules import Risk
from retail.segments.words import suggestion

router = APIRouter(tags=["analytics"])

SortedBy = Literal["value", "spent", "risk", "last", "next", "visits"]


@router.get("/analytics/customers/segments")
async def list_segments(request: Request, scope: Scope = allow(VIEW_DASHBOARD, also=VIEW_CUSTOMERS)) -> Response:
    """Give the six segments with what they add up to, of all stores together, and how values and risks were checked.

    Money is in minor units. `value` is what a segment's customers are expected to spend in the next 365 days, null
    where that can't be told; `standing` says whether there is enough to tell anything: few (customers), short
    (a history) or ready. Asks for `view_customers` too; whoever doesn't see all stores is answered 403.
    """
    async with db(request).read(scope) as read:
        found, now = await queries.totals(read), await queries.state(read)
    items = [_total(found[one], now) for one in SEGMENTS if one in found]
    return json_answer({**_state(now), "items": items, "next": None})


@router.get("/analytics/customers")
async def list_standings(
    request: Request,
    scope: Scope = allow(VIEW_DASHBOARD, also=VIEW_CUSTOMERS),
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
    segment: Segment | None = None,
    risk: Annotated[Risk | None, Query(description="How likely they stay away for the next 90 days.")] = None,
    q: Annotated[str, Query(max_length=100, description="Part of a name, phone, e-mail or card.")] = "",
    sort: Annotated[SortedBy, Query(description="The highest first; `next`: the earliest first.")] = "value",
) -> Response:
    """List how customers stand: segment, scores, value, risk, next visit. Asks for `view_customers` too."""
    async with db(request).read(scope) as read:
        wanted, order = Wanted(q, segment, risk), queries.ORDERS[sort]
        page = await queries.customers(read, wanted, limit=limit, after=after, order=order)
    return json_answer({"items": [_standing(one) for one in page.items], "next": page.next})


@router.get("/analytics/customers/moves")
async def list_moves(
    request: Request,
    scope: Scope = allow(VIEW_DASHBOARD, also=VIEW_CUSTOMERS),
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
    became: Segment | None = None,
    was: Segment | None = None,
    customer: UUID | None = None,
) -> Response:
    """List moves between segments, the last first; `was` null: a first purchase. Asks for `view_customers` too."""
    async with db(request).read(scope) as read:
        page = await moving.moves(read, limit=limit, after=after, became=became, was=was, customer=customer)
    items = [
        {"customer": one.customer, "moved_on": one.moved_on, "was": one.was, "became": one.became} for one in page.items
    ]
    return json_answer({"items": items, "next": page.next})


@router.get("/analytics/customers/cohorts")
async def list_cohorts(request: Request, scope: Scope = allow(VIEW_DASHBOARD, also=VIEW_CUSTOMERS)) -> Response:
    """Give how many of each month's first buyers came so many months later. Asks for `view_customers` too."""
    async with db(request).read(scope) as read:
        found = await queries.cohorts(read)
    items = [
        {"first_month": one.first_month, "later": one.later, "customers": one.customers, "came": one.came}
        for one in found
    ]
    return json_answer({"items": items, "next": None})


@router.get("/customers/{id}/standing")
async def show_standing(
    request: Request, id: UUID, scope: Scope = allow(VIEW_DASHBOARD, also=VIEW_CUSTOMERS)
) -> Response:
    """Give how a customer stands; `segment` null where nothing is told of them. Asks for `view_customers` too."""
    async with db(request).read(scope) as read:
        await people.customer(read, id)
        found = await queries.standing_of(read, id)
    return json_answer(_standing(found) if found else {"customer": id, "segment": None})


def _state(now: State) -> dict[str, Any]:
    checked = {
        "method": now.value_method,
        "days": now.value_days,
        "error": now.value_error_minor,
        "same_again_error": now.floor_error_minor,
        "told": now.value_told_minor,
        "came": now.value_came_minor,
    }
    risk = {
        "auc": _share(now.risk_auc_permille),
        "low_stayed_away": _share(now.risk_low_permille),
        "high_stayed_away": _share(now.risk_high_permille),
        "all_stayed_away": _share(now.risk_all_permille),
    }
    return {
        "worked_out_at": now.worked_out_at,
        "standing": now.standing,
        "customers": now.customers,
        "value_backtest": checked if now.value_method else None,
        "risk_backtest": risk if now.risk_auc_permille is not None else None,
    }


def _total(one: Total, now: State) -> dict[str, Any]:
    return {
        "segment": one.segment,
        "customers": one.customers,
        "sales": one.sales,
        "spent": one.spend_minor,
        "value": one.value_minor if now.value_method else None,
        "high_risk": one.at_high if now.risk_known else None,
        "suggestion": suggestion(one.segment),
    }


def _standing(one: Standing) -> dict[str, Any]:
    return {
        "customer": one.customer,
        "name": one.name,
        "segment": one.segment,
        "recency": one.recency,
        "frequency": one.frequency,
        "money": one.money,
        "visits": one.visits,
        "sales": one.sales,
        "spent": one.spend_minor,
        "first_visit": one.first_on,
        "last_visit": one.last_on,
        "interval_days": one.interval_days,
        "next_visit": one.next_on,
        "risk": _share(one.risk),
        "value": one.value_minor,
    }


def _share(permille: int | None) -> str | None:
    return None if permille is None else f"{permille / 1000:.3f}"

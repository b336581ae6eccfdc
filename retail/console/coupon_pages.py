"""The operator's coupons: what they take off the invoices of plans, how often, until when."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from retail.audit.operations import platform_scope
from retail.automation.exports.walking import Col, Walk
from retail.billing.errors import CouponTaken
from retail.console import files
from retail.kit.errors import Conflict, Invalid
from retail.kit.paging import Page, decode_cursor, encode_cursor
from retail.kit.text import _
from retail.runtime.db import Tx, Unit
from retail.runtime.tenancy import Actor, Scope
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, edge, person
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render

AT_ONCE: Final = 50
_CODE: Final = re.compile(r"[A-Z0-9-]{4,30}")


@dataclass(frozen=True, slots=True)
class Coupon:
    """A coupon: basis points off the net price, for so many invoices of each business that takes it."""

    code: str
    points: int
    periods: int
    most: int | None
    used: int
    until: date | None
    made_at: datetime
    ended_at: datetime | None

    @property
    def percent(self) -> str:
        """Write what it takes off."""
        return f"{self.points / 100:g} %"


async def index(request: Request) -> Response:
    """List the coupons."""
    return await _page(request, {}, {}, 200)


async def create(request: Request) -> Response:
    """Make a coupon."""
    fields = await Fields.read(request)
    code = fields.text("code", 30, required=True).upper()
    if code and not _CODE.fullmatch(code):
        fields.error("code", _("Use 4 to 30 letters A to Z, digits or hyphens."))
    points = fields.whole("percent", least=1, most=100) * 100
    periods = fields.whole("periods", least=1, most=120)
    most, until = fields.whole("most", required=False, least=1), fields.day("until", required=False)
    try:
        fields.check()
        await db(request).run(_scope(request), _make, code, points, periods, most or None, until)
    except Invalid as wrong:
        return await _page(request, fields.values, wrong.errors, 422)
    except Conflict as refused:
        return await _page(request, fields.values, {"code": [refused.sentence()]}, 409)
    return redirect(request, "/platform/coupons", said=_("The coupon is there."), leave_tenant=True)


async def end(request: Request) -> Response:
    """End a coupon: nobody takes it any more; whoever has it keeps it."""
    await db(request).run(_scope(request), _end, request.path_params["code"])
    return redirect(request, "/platform/coupons", said=_("The coupon is over."), leave_tenant=True)


async def _make(  # noqa: PLR0917 - what a coupon is made of
    tx: Tx, code: str, points: int, periods: int, most: int | None, until: date | None
) -> None:
    made = await tx.fetchval(
        "SELECT auth_make_coupon($1, $2, $3, $4, $5, $6)", code, points, periods, most, until, tx.now
    )
    if made is None:
        raise CouponTaken
    tx.audit("plan_coupon.made", "plan_coupon", None, coupon=code, periods=periods)


async def _end(tx: Tx, code: str) -> None:
    if await tx.fetchval("SELECT auth_end_coupon($1, $2)", code, tx.now) is not None:
        tx.audit("plan_coupon.ended", "plan_coupon", None, coupon=code)


async def coupons(unit: Unit, after: str | None, most: int = AT_ONCE) -> Page[Coupon]:
    """Give one page of the coupons, by code. Raises Invalid for a cursor that is none."""
    behind = str(decode_cursor(after, str)[0]) if after else None
    rows = await unit.fetch("SELECT * FROM auth_billing_coupons($1, $2)", behind, most + 1)
    listed = [Coupon(**row) for row in rows[:most]]
    return Page(listed, encode_cursor(listed[-1].code) if len(rows) > most else None)


async def _walk(unit: Unit, _asked: Asked) -> Walk:
    return lambda after: coupons(unit, after, files.AT_ONCE)


export = files.as_file(
    "coupons",
    (
        Col("coupon", at="code"), Col("basis_points", "plain", "points"), Col("periods", "plain"),
        Col("most", "plain"), Col("used", "plain"), Col("until", "plain"), Col("made_at", "moment"),
        Col("ended_at", "moment"),
    ),
    _walk,
)  # fmt: skip


def _scope(request: Request) -> Scope:
    who, here = person(request), edge(request)
    return platform_scope(Actor("person", who.id, who.name), ip=here.ip, request_id=here.request_id)


async def _page(request: Request, typed: Mapping[str, str], errors: Mapping[str, list[str]], status: int) -> Response:
    asked = Asked.of(request, "/platform/coupons")
    async with db(request).platform() as unit:
        page = await asked.page(lambda after: coupons(unit, after))
    usual = {"code": "", "percent": "", "periods": "1", "most": "", "until": ""}
    return render(
        request,
        "console/coupons/index.html",
        status if errors else asked.status,
        asked=asked,
        page=page,
        values=usual | dict(typed),
        errors=errors,
    )

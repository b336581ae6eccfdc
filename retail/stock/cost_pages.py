"""Pages about what goods cost: the form that corrects a receipt's cost, and the list of revaluations."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.kit.errors import DomainError, Invalid
from retail.kit.paging import DEFAULT_LIMIT
from retail.kit.quantity import Ambiguous, is_plain, plain_number
from retail.kit.text import _
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, scope, tenant
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render
from retail.stock.costing.corrections import correct_cost, receipt
from retail.stock.costing.revaluations import revaluations
from retail.stock.costing.rules import FIFO
from retail.stock.costing.settling import method_of
from retail.tenants import queries as tenants


async def revalued(request: Request) -> Response:
    """List revaluations, the newest first: what stock became worth beyond what its moves said."""
    asked = Asked.of(request, "/stock/revaluations")
    async with db(request).read(scope(request)) as read:
        stores = await tenants.stores(read)
        store, text = asked.one_of("store", {one.id for one in stores}), asked.search()
        page = await asked.page(
            lambda after: revaluations(read, store=store, text=text, limit=DEFAULT_LIMIT, after=after)
        )
    return render(
        request,
        "stock/value/revaluations.html",
        asked.status,
        asked=asked,
        rows=page.items,
        causes=cause_words(),
        store_choices=[(str(one.id), one.name) for one in stores],
        next=asked.next(page),
    )


def cause_words() -> dict[str, str]:
    """Name why stock was revalued."""
    return {"corrected": _("Cost corrected"), "fold": _("Sold or averaged at another cost")}


async def cost_form(request: Request) -> Response:
    """Show the form that corrects what a receipt cost."""
    return await _cost(request, {}, {})


def _new_cost(request: Request, fields: Fields) -> Decimal:
    """Read the cost in minor units; below zero where it is none, which the operation refuses."""
    try:
        typed = plain_number(fields.text("unit_cost", 20, required=True), fields.locale)
    except Ambiguous as either:
        raise Invalid({"unit_cost": [str(either)]}) from either
    return Decimal(typed if is_plain(typed) else -1).scaleb(tenant(request).money.exponent)


async def put_cost(request: Request) -> Response:
    """Correct what a receipt cost."""
    move: UUID = request.path_params["move"]
    fields = await Fields.read(request)
    reason = fields.text("reason", 200, required=True)
    try:
        cost = _new_cost(request, fields)
        fields.check()
        await db(request).run(scope(request), correct_cost, move, cost, reason)
    except Invalid as wrong:
        return await _cost(request, fields.values, wrong.errors, 422)
    except DomainError as refused:
        if refused.status == 404:
            raise
        return await _cost(request, fields.values, {"": [refused.sentence()]}, refused.status)
    async with db(request).read(scope(request)) as read:
        known = await receipt(read, move)
    return redirect(request, f"/stock/{known.product}", said=_("Corrected. The difference is in the books of today."))


async def _cost(
    request: Request, values: Mapping[str, str], errors: Mapping[str, list[str]], status: int = 200
) -> Response:
    async with db(request).read(scope(request)) as read:
        known = await receipt(read, request.path_params["move"])
        by_layers = await method_of(read) == FIFO
        name = await read.fetchval(
            "SELECT name FROM product WHERE tenant_id = $1 AND id = $2", read.tenant, known.product
        )
    now = known.unit_cost.scaleb(-tenant(request).money.exponent).normalize()
    return render(
        request,
        "stock/value/cost.html",
        status,
        receipt=known,
        name=name,
        explained=_explained(by_layers=by_layers),
        now=f"{now:f}",
        values={"unit_cost": "", "reason": ""} | dict(values),
        errors=errors,
    )


def _explained(*, by_layers: bool) -> str:
    """Say what becomes of the difference: on average nobody knows which pieces are of which receipt."""
    if by_layers:
        return _(
            "Sales keep the cost they were sold at. What is left of this receipt is revalued today;"
            " the difference of what is gone goes to cost differences. Goods from before layers were kept count as"
            " part of it, up to the quantity received: nobody knows their receipt."
        )
    return _(
        "Sales keep the cost they were sold at. With average costs, all that is on hand counts as part of this receipt,"
        " up to the quantity received, and is revalued today; the difference of the rest goes to cost differences."
    )

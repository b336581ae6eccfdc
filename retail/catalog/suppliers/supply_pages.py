"""Pages of a product's suppliers: choosing one, the terms on which it sells, removing it, preferring it."""

from __future__ import annotations

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.catalog import queries as catalog
from retail.catalog.handlers import uuid_in
from retail.catalog.suppliers import queries, supplies
from retail.catalog.suppliers.forms import supply_in, supply_values
from retail.catalog.suppliers.queries import SupplierFacts, SupplyFacts
from retail.catalog.suppliers.rules import Supply
from retail.identity.permissions import VIEW_COSTS
from retail.kit.errors import ChangedMeanwhile, DomainError, Invalid, NotFound
from retail.kit.money import currency
from retail.kit.text import _
from retail.runtime.db import Read
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, scope, tenant
from retail.runtime.web.forms import Fields
from retail.runtime.web.meeting import Met, meet, was_in
from retail.runtime.web.responses import redirect, render


async def choose(request: Request) -> Response:
    """Ask which supplier sells a product, and go on to its terms once the address names one."""
    id = uuid_in(request)
    asked = Asked.of(request, f"/products/{id}/suppliers/new")
    named = asked.text("supplier", 160)
    async with db(request).read(scope(request)) as read:
        product = await catalog.product(read, id)
        names = await queries.names(read)
        meant = await queries.supplier_meant(read, named) if named else None
    if meant is not None:
        return redirect(request, f"/products/{id}/suppliers/{meant}")
    if named:
        said = _("No supplier has this name or code. Pick one from the list, or make it first.")
        asked.error("supplier", said)
    return render(
        request, "catalog/suppliers/choose.html", asked.status, product=product, names=names, named=named,
        errors=asked.errors,
    )  # fmt: skip


async def edit(request: Request) -> Response:
    """Show the terms on which a supplier sells a product, or the form of new ones."""
    return await _form(request, None, {})


async def update(request: Request) -> Response:
    """Set the terms."""
    fields, pair = await Fields.read(request), (uuid_in(request), uuid_in(request, "supplier"))
    async with db(request).read(scope(request)) as read:
        supplier, now = await queries.supplier(read, pair[1]), await _known(read, *pair)
    try:
        base = supplies.as_supply(now) if now else Supply(*pair)
        with_cost = scope(request).holds(VIEW_COSTS)
        wanted = supply_in(fields, base, currency(supplier.currency), with_cost=with_cost)
        seen = fields.whole("seen", required=False)
        fields.check()
        await db(request).run(scope(request), supplies.put_supply, wanted, seen)
    except Invalid as wrong:
        return await _form(request, fields.values, wrong.errors, 422)
    except ChangedMeanwhile as late:
        async with db(request).read(scope(request)) as read:
            stored = await _known(read, *pair)
        if stored is not None and supplies.is_as(stored, wanted):  # the other of two clicks
            return _back(request, fields.raw("back"), _("Saved."))
        return await _form(request, fields.values, {"": [late.sentence()]}, 422, meets=True)
    except DomainError as refused:
        if refused.status == 404:
            raise
        return await _form(request, fields.values, {"": [refused.sentence()]}, refused.status)
    return _back(request, fields.raw("back"), _("Saved."))


async def remove(request: Request) -> Response:
    """Note that a supplier no longer sells a product."""
    fields = await Fields.read(request)
    await db(request).run(scope(request), supplies.remove_supply, uuid_in(request), uuid_in(request, "supplier"))
    return _back(request, fields.raw("back"), _("The supplier no longer sells this product."))


async def prefer(request: Request) -> Response:
    """Make a supplier the one that a product is usually bought from."""
    fields = await Fields.read(request)
    try:
        await db(request).run(scope(request), supplies.prefer, uuid_in(request), uuid_in(request, "supplier"))
    except DomainError as refused:
        if refused.status == 404:
            raise
        return _back(request, fields.raw("back"), refused.sentence(), "warn")
    return _back(request, fields.raw("back"), _("Saved."))


def _back(request: Request, to: str, said: str, tone: str = "ok") -> Response:
    if to == "supplier":
        return redirect(request, f"/products/suppliers/{uuid_in(request, 'supplier')}", said=said, tone=tone)
    return redirect(request, f"/products/{uuid_in(request)}#suppliers", said=said, tone=tone)


async def _known(read: Read, product: UUID, of: UUID) -> SupplyFacts | None:
    try:
        return await queries.supply(read, product, of)
    except NotFound:
        return None


def _values(request: Request, now: SupplyFacts | None, *, first: bool) -> dict[str, str]:
    if now is None:
        return {"preferred": "on" if first else ""}
    return supply_values(now, tenant(request).locale, with_cost=scope(request).holds(VIEW_COSTS))


async def _form(
    request: Request,
    typed: dict[str, str] | None,
    errors: dict[str, list[str]],
    status: int = 200,
    *,
    meets: bool = False,
) -> Response:
    """Answer the form; `typed` None: as it is stored. `meets`: joined with what somebody else has stored."""
    async with db(request).read(scope(request)) as read:
        product = await catalog.product(read, uuid_in(request))
        supplier: SupplierFacts = await queries.supplier(read, uuid_in(request, "supplier"))
        now = await _known(read, product.id, supplier.id)
        others = await queries.suppliers_of(read, product.id)
    stored = _values(request, now, first=not any(one.preferred for one in others))
    seen = {"seen": str(now.version if now else 0)}
    met: Met | None = meet(typed, was_in(typed), stored) if typed and meets else None
    values = stored | seen if typed is None else (met.values | seen if met else typed)
    back = (typed or {}).get("back", "") or request.query_params.get("back", "")
    return render(
        request,
        "catalog/suppliers/terms.html",
        status,
        product=product,
        supplier=supplier,
        supply=now,
        values=values,
        errors=errors,
        back="supplier" if back == "supplier" else "product",
        was=was_in(typed) if typed and not met else stored,
        stored_now=met.stored if met else {},
        stored_before=met.before if met else {},
    )

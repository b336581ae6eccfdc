"""Pages of a product: its form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final
from uuid import UUID

from babel.numbers import format_decimal
from starlette.requests import Request
from starlette.responses import Response

from retail.audit.hands import hands
from retail.catalog import forms, operations, queries
from retail.catalog.editing import add_product, save_product, stamp_of
from retail.catalog.errors import MadeBefore
from retail.catalog.products import modifiers, reading
from retail.catalog.products.forms import Known, part_codes, values_of
from retail.catalog.rules import own_label_hint, own_labels
from retail.identity.permissions import VIEW_COSTS
from retail.kit.errors import ChangedMeanwhile, Conflict, Invalid, NotFound
from retail.kit.ids import new_id
from retail.kit.money import currency, major
from retail.kit.quantity import format_field, locale_of
from retail.kit.text import _
from retail.runtime.db import Read
from retail.runtime.tenancy import TenantFacts
from retail.runtime.web.context import db, edge, scope, tenant
from retail.runtime.web.forms import Fields
from retail.runtime.web.meeting import Met, meet, was_in
from retail.runtime.web.responses import is_htmx, redirect, render

_IN_TRAIL: Final = {"price": "price_minor", "traits": "attributes"}
"""What the trail calls fields of the form by another name."""


def uuid_in(request: Request, name: str = "id") -> UUID:
    """Read an id out of the path. Raises NotFound where it isn't one."""
    try:
        return UUID(str(request.path_params[name]))
    except ValueError:
        raise NotFound(name) from None


async def new(request: Request) -> Response:
    """Show an empty form; the address may name a barcode that a till could not find."""
    values = {"barcodes": request.query_params.get("barcode", "")[:48], "unit": "each"}
    async with db(request).read(scope(request)) as read:
        used = await queries.products_per_tax_class(read)
    if used:  # what most products have: a class that is new must not become the choice of whoever chooses nothing
        values["tax_class"] = str(max(used, key=lambda one: used[one]))
    return await _form(request, None, values, {})


async def create(request: Request) -> Response:
    """Put a new product on sale. The form carries the product's id, so that one sent twice makes one product."""
    fields = await Fields.read(request)
    return await _put(request, fields, fields.uuid("id", required=False) or new_id(), existing=None)


async def edit(request: Request) -> Response:
    """Show a product's form."""
    async with db(request).read(scope(request)) as read:
        product = await queries.product(read, uuid_in(request))
        values = await _values(request, read, product)
    return await _form(request, product, values | {"seen": stamp_of(product)}, {})


async def update(request: Request) -> Response:
    """Change a product."""
    async with db(request).read(scope(request)) as read:
        product = await queries.product(read, uuid_in(request))
    return await _put(request, await Fields.read(request), product.id, existing=product)


async def archive(request: Request) -> Response:
    """Take a product off sale."""
    await db(request).run(scope(request), operations.archive_product, uuid_in(request))
    return redirect(request, "/products", said=_("The product is off sale. Its history stays."))


async def restore(request: Request) -> Response:
    """Put an archived product back on sale."""
    id = uuid_in(request)
    try:
        await db(request).run(scope(request), operations.restore_product, id)
    except Conflict as full:
        return redirect(request, f"/products/{id}", said=full.sentence(), tone="warn")
    return redirect(request, f"/products/{id}", said=_("It is on sale again. The tills have it in a moment."))


async def _put(request: Request, fields: Fields, id: UUID, *, existing: queries.ProductFacts | None) -> Response:
    async with db(request).read(scope(request)) as read:
        taxes, groups = await queries.tax_classes(read), await queries.categories(read)
        known = await _known(read, part_codes(fields), tenant(request).timezone)
    try:
        draft = forms.draft(
            fields,
            id,
            tenant(request).currency,
            tax_classes={tax.id for tax in taxes},
            categories={group.id for group in groups},
            known=known,
        )
        if not scope(request).holds(VIEW_COSTS):
            draft = replace(draft, unit_cost=existing.unit_cost if existing else Decimal(0))
        if existing is None:
            await db(request).run(scope(request), add_product, draft)
        else:
            await db(request).run(scope(request), save_product, draft, fields.raw("seen"))
    except Invalid as wrong:
        return await _form(request, existing, fields.values, wrong.errors, status=422)
    except ChangedMeanwhile as late:
        async with db(request).read(scope(request)) as read:
            now = await queries.product(read, id)
            stored = await _values(request, read, now)
        met = meet(fields.values, was_in(fields.values), stored)
        return await _form(request, now, fields.values, {"": [late.sentence()]}, status=422, met=met)
    except MadeBefore as made:
        return await _made_before(request, id, fields, made)
    except Conflict as taken:
        field = {"barcode_taken": "barcodes", "sku_taken": "sku"}.get(taken.code, "")
        return await _form(request, existing, fields.values, {field: [taken.sentence()]}, status=422)
    said = _("%(name)s is saved. The tills have it in a moment.") % {"name": draft.name}
    own = set(draft.barcodes) - set(existing.barcodes if existing else ())
    leads = ("", "") if existing else ("/products/new", _("Add another"))
    said = " ".join([said, *own_label_hint(own_labels(sorted(own)))])
    return redirect(request, f"/products/{id}", said=said, leads=leads)


async def _made_before(request: Request, id: UUID, fields: Fields, made: MadeBefore) -> Response:
    """Show the product that the form of a new one has made already, filled in with what the form says now."""
    async with db(request).read(scope(request)) as read:
        product = await queries.product(read, id)
    values = fields.values | {"seen": stamp_of(product), "sku": fields.raw("sku").strip() or product.sku}
    return await _form(request, product, values, {"": [made.sentence()]}, status=422)


async def _form(  # noqa: PLR0917
    request: Request,
    product: queries.ProductFacts | None,
    values: dict[str, str],
    errors: dict[str, list[str]],
    status: int = 200,
    met: Met | None = None,
) -> Response:
    """Answer the page; to htmx, which puts the answer in the form's place, the form alone.

    `met` is the form joined with what somebody else has stored meanwhile.
    """
    values = values if product else {"id": str(new_id())} | values
    async with db(request).read(scope(request)) as read:
        stored = await _values(request, read, product) if product else {}
        taxes, groups = await queries.tax_classes(read), await queries.categories(read)
        deposits, choices = await reading.services(read), await modifiers.groups(read)
        parts = await reading.parts_of(read, product.id) if product else []
        kits = await reading.kits_with(read, product.id) if product else []
        changed_by = await hands(read, product.id, _IN_TRAIL) if product and met else {}
    filled = met.values | {"seen": stamp_of(product)} if met and product else values
    page = "catalog/products/edit.html" if product else "catalog/products/new.html"
    return render(
        request,
        "catalog/products/_form.html" if is_htmx(request) and status == 422 else page,
        status,
        product=product,
        action=f"{edge(request).base}/products{f'/{product.id}' if product else ''}",
        values=filled,
        was=was_in(values) if errors and not met else stored,
        stored_now=met.stored if met else {},
        head_anew=is_htmx(request) and met is not None,
        changed_by=changed_by,
        stored_before=met.before if met else {},
        errors=errors,
        tax_classes=[(tax.id, tax.name) for tax in taxes],
        categories=[(group.id, group.indented) for group in groups],
        deposits=[one for one in deposits if not product or one[0] != str(product.id)],
        choices=choices,
        parts=parts,
        kits=[one.name for one in kits],
        own_labels=own_labels(filled.get("barcodes", "").split()),
    )


async def _known(read: Read, codes: Sequence[str], timezone: str) -> Known:
    deposits = [UUID(id) for id, _name in await reading.services(read)]
    groups = [group.id for group in await modifiers.groups(read)]
    return Known(await reading.by_codes(read, codes), deposits, groups, timezone)


async def _values(request: Request, read: Read, product: queries.ProductFacts) -> dict[str, str]:
    traits = (await reading.traits_of(read, [product.id]))[product.id]
    groups = [group.id for group in await modifiers.groups(read)]
    parts = await reading.parts_of(read, product.id)
    return _plain_values(request, product) | values_of(traits, parts, tenant(request).timezone, groups)


def _plain_values(request: Request, product: queries.ProductFacts) -> dict[str, str]:
    facts = tenant(request)
    money = currency(facts.currency)
    cost = format_field(product.unit_cost.scaleb(-money.exponent), facts.locale) if product.unit_cost else ""
    return ({"unit_cost": cost} if scope(request).holds(VIEW_COSTS) else {}) | {
        "name": product.name,
        "sku": product.sku,
        "price": _typed(product.price_minor, facts),
        "tax_class": str(product.tax_class),
        "category": str(product.category or ""),
        "barcodes": "\n".join(product.barcodes),
        "unit": product.unit,
        "reorder_point": "" if product.reorder_point is None else format_field(product.reorder_point, facts.locale),
        "favourite": "on" if product.favourite else "",
    }


def _typed(minor: int, facts: TenantFacts) -> str:
    """Write an amount as a person of this locale would type it, without the currency."""
    money = currency(facts.currency)
    pattern = "0." + "0" * money.exponent if money.exponent else "0"
    written: str = format_decimal(major(minor, money), format=pattern, locale=locale_of(facts.locale))
    return written

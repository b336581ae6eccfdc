"""Pages of families: the list, a new one whose options make a matrix, one with its variants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.catalog import queries
from retail.catalog.errors import SkuTaken
from retail.catalog.products import families
from retail.catalog.products.families import FamilyFacts
from retail.catalog.products.family_forms import (
    Picked,
    Row,
    codes_in,
    options_in,
    rows_of,
    sku_field,
    ticked,
    usual_values,
)
from retail.catalog.products.reading import by_codes
from retail.catalog.products.variants import (
    options_of,
    written,
)
from retail.kit.barcode import normalise
from retail.kit.errors import Conflict, Invalid, NotFound
from retail.kit.ids import new_id
from retail.kit.text import _, ngettext
from retail.runtime.web.context import db, scope, tenant
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import is_htmx, redirect, render

PATH: Final = "/products/families"
_OWNERS: Final = """
SELECT b.normalised, p.name FROM barcode b JOIN product p ON p.tenant_id = $1 AND p.id = b.product_id
 WHERE b.tenant_id = $1 AND b.normalised = ANY ($2::text[])"""


async def index(request: Request) -> Response:
    """List the families."""
    async with db(request).read(scope(request)) as read:
        found = await families.families(read)
    return render(request, "catalog/families/index.html", families=found)


async def new(request: Request) -> Response:
    """Show the form of a new family."""
    return await _new(request, {}, {}, [])


async def matrix(request: Request) -> Response:
    """Show the variants that the typed options make; nothing is stored. htmx gets the matrix with the options."""
    fields, known = await _form(request)
    options = options_in(fields, known)
    rows = [] if fields.errors else rows_of(fields, known, options)
    status = 422 if fields.errors else 200
    if is_htmx(request):
        return render(
            request, "catalog/families/_matrix.html", status, rows=rows, errors=fields.errors, values=fields.values,
            family=known, swapped=True,
        )  # fmt: skip
    if known:
        return await _show(request, known, fields.values, fields.errors, rows, status)
    return await _new(request, fields.values, fields.errors, rows, status)


async def create(request: Request) -> Response:
    """Make a family with the ticked variants."""
    fields = await Fields.read(request)
    made = FamilyFacts(new_id(), fields.text("name", 120, required=True), ())
    options = options_in(fields, None)
    made = FamilyFacts(made.id, made.name, tuple(one.name for one in options))
    try:
        new_ones = ticked(fields, made, options, await _picked(request, fields), tenant(request).money)
        await db(request).run(scope(request), families.put_family, made, new_ones)
    except (Invalid, Conflict) as refused:
        _file(fields, refused)
        return await _new(request, fields.values, fields.errors, rows_of(fields, None, options), 422)
    return redirect(request, f"{PATH}/{made.id}", said=_made(len(new_ones)))


async def show(request: Request) -> Response:
    """Show a family's variants as a matrix, and the form that adds to them."""
    async with db(request).read(scope(request)) as read:
        known = await families.family(read, _id(request))
    return await _show(request, known, {}, {}, [])


async def update(request: Request) -> Response:
    """Give a family another name, and add the ticked variants."""
    fields, known = await _form(request, _id(request))
    if known is None:
        raise NotFound("family")
    made = FamilyFacts(known.id, fields.text("name", 120, required=True), known.options)
    options = options_in(fields, known) if fields.raw("options").strip() else []
    try:
        new_ones = ticked(fields, made, options, await _picked(request, fields), tenant(request).money, known)
        await db(request).run(scope(request), families.put_family, made, new_ones)
    except (Invalid, Conflict) as refused:
        _file(fields, refused)
        return await _show(request, known, fields.values, fields.errors, rows_of(fields, known, options), 422)
    said = _made(len(new_ones)) if new_ones else _("%(name)s is saved.") % {"name": made.name}
    return redirect(request, f"{PATH}/{known.id}", said=said)


async def adopt(request: Request) -> Response:
    """Take a product that is there, named by SKU or barcode, into a family."""
    fields = await Fields.read(request)
    async with db(request).read(scope(request)) as read:
        known = await families.family(read, _id(request))
        code = fields.text("code", 60, required=True)
        found = (await by_codes(read, [code])).get(code)
    choice = {name: fields.text(f"value.{at}", 30, required=True) for at, name in enumerate(known.options)}
    if code and found is None:
        fields.error("code", _("No product has this SKU or barcode. Type it again."))
    try:
        fields.check()
        if found is not None:
            await db(request).run(scope(request), families.adopt, known.id, found, choice)
    except (Invalid, Conflict) as refused:
        if isinstance(refused, Conflict):
            fields.error("code", refused.sentence())
        return await _show(request, known, fields.values, fields.errors, [], 422)
    return redirect(request, f"{PATH}/{known.id}", said=_("It belongs to the family now."))


async def leave(request: Request) -> Response:
    """Take a variant out of its family."""
    fields = await Fields.read(request)
    product = fields.uuid("product")
    if product is None:
        raise NotFound("product")
    await db(request).run(scope(request), families.leave, product)
    return redirect(request, f"{PATH}/{_id(request)}", said=_("It is a product of its own again."))


async def remove(request: Request) -> Response:
    """Remove a family without variants."""
    try:
        name = await db(request).run(scope(request), families.remove_family, _id(request))
    except Conflict as used:
        return redirect(request, f"{PATH}/{_id(request)}", said=used.sentence(), tone="warn")
    return redirect(request, PATH, said=_("%(name)s is removed.") % {"name": name})


def _id(request: Request) -> UUID:
    try:
        return UUID(request.path_params["id"])
    except ValueError:
        raise NotFound("family") from None


async def _form(request: Request, id: UUID | None = None) -> tuple[Fields, FamilyFacts | None]:
    """Read the form with its family, if it is there; fields that weren't sent are as most of its variants have them."""
    fields = await Fields.read(request)
    wanted = id or fields.uuid("family", required=False)
    if wanted is None:
        return fields, None
    async with db(request).read(scope(request)) as read:
        known, usual = await families.family(read, wanted), await families.usual_of(read, wanted)
    typed = Fields(usual_values(usual, tenant(request)) | fields.values, fields.locale)
    return typed, known


async def _picked(request: Request, fields: Fields) -> Picked:
    async with db(request).read(scope(request)) as read:
        taxes, groups = await queries.tax_classes(read), await queries.categories(read)
        rows = await read.fetch(_OWNERS, read.tenant, [normalise(code) for code in codes_in(fields)])
    owners = {row["normalised"]: row["name"] for row in rows}
    return Picked({one.id for one in taxes}, {one.id for one in groups}, owners)


def _file(fields: Fields, refused: Invalid | Conflict) -> None:
    if isinstance(refused, Conflict):
        field = {"family_taken": "name", "variant_taken": "options"}.get(refused.code, "")
        if isinstance(refused, SkuTaken):
            field = sku_field(fields, refused.sku)
        fields.error(field, refused.sentence())
    elif refused.errors is not fields.errors:
        for name, sentences in refused.errors.items():
            if name not in fields.errors:
                fields.errors[name] = sentences


def _made(count: int) -> str:
    return ngettext("%(num)d variant is on sale.", "%(num)d variants are on sale.", count) % {"num": count}


async def _new(
    request: Request, values: dict[str, str], errors: dict[str, list[str]], rows: Sequence[Row], status: int = 200
) -> Response:
    async with db(request).read(scope(request)) as read:
        taxes, groups = await queries.tax_classes(read), await queries.categories(read)
    return render(
        request,
        "catalog/families/new.html",
        status,
        values=values,
        errors=errors,
        rows=rows,
        tax_classes=[(str(one.id), one.name) for one in taxes],
        categories=[(str(one.id), one.indented) for one in groups],
    )


async def _show(  # noqa: PLR0917
    request: Request,
    known: FamilyFacts,
    values: dict[str, str],
    errors: dict[str, list[str]],
    rows: Sequence[Row],
    status: int = 200,
) -> Response:
    async with db(request).read(scope(request)) as read:
        taxes, groups = await queries.tax_classes(read), await queries.categories(read)
        usual = usual_values(await families.usual_of(read, known.id), tenant(request))
    usual["name"] = known.name
    usual["options"] = written(options_of(known.options, [one.choice for one in known.variants]))
    return render(
        request,
        "catalog/families/show.html",
        status,
        family=known,
        values=usual | values,
        errors=errors,
        rows=rows,
        tax_classes=[(str(one.id), one.name) for one in taxes],
        categories=[(str(one.id), one.indented) for one in groups],
    )

"""Pages of what products are sorted by: the categories, and the rates of tax."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.catalog import operations, queries
from retail.catalog.editing import add_inside, save_category, save_tax_class, stamp_of
from retail.catalog.handlers import uuid_in
from retail.catalog.products import placing
from retail.catalog.products.tree import DEEPEST, STEPS, Spot, Step, below
from retail.catalog.rules import percent, read_percent
from retail.kit.errors import ChangedMeanwhile, Conflict, Invalid
from retail.kit.ids import new_id
from retail.kit.text import _
from retail.runtime.web.context import db, scope
from retail.runtime.web.forms import Fields
from retail.runtime.web.meeting import Met, meet, was_in
from retail.runtime.web.responses import is_htmx, redirect, render, toast

CATEGORIES = "/products/categories"
TAXES = "/products/taxes"
LAST_PLACE = 9999


async def categories(request: Request) -> Response:
    """Show the categories and the form of a new one."""
    return await _categories(request, {}, {})


async def create_category(request: Request) -> Response:
    """Add a category."""
    fields = await Fields.read(request)
    try:
        name, hue, place, parent = _category(fields)
        await db(request).run(scope(request), add_inside, new_id(), name, hue, place, parent)
    except Invalid as wrong:
        return await _categories(request, fields.values, wrong.errors, 422)
    except Conflict as taken:
        return await _categories(request, fields.values, {"name": [taken.sentence()]}, 422)
    return redirect(request, CATEGORIES, said=_("%(name)s is added.") % {"name": name})


async def edit_category(request: Request) -> Response:
    """Show a category's form."""
    async with db(request).read(scope(request)) as read:
        found = await queries.category(read, uuid_in(request))
    return await _one_category(request, found.id, _of_category(found) | {"seen": stamp_of(found)}, {})


async def update_category(request: Request) -> Response:
    """Change a category."""
    id = uuid_in(request)
    async with db(request).read(scope(request)) as read:
        old = await queries.category(read, id)
    fields = await Fields.read(request)
    try:
        name, hue, place, parent = _category(fields)
        place = old.position if place is None else place
        parent = parent if "parent" in fields else old.parent
        made = queries.CategoryFacts(id, name, hue, place, parent)
        await db(request).run(scope(request), save_category, made, fields.raw("seen"))
    except Invalid as wrong:
        return await _one_category(request, id, fields.values, wrong.errors, 422)
    except ChangedMeanwhile as late:
        async with db(request).read(scope(request)) as read:
            now = await queries.category(read, id)
        met = meet(fields.values, was_in(fields.values), _of_category(now))
        values = met.values | {"seen": stamp_of(now)}
        return await _one_category(request, id, values, {"": [late.sentence()]}, 422, met)
    except Conflict as taken:
        return await _one_category(request, id, fields.values, {"name": [taken.sentence()]}, 422)
    return redirect(request, CATEGORIES, said=_("%(name)s is saved.") % {"name": name})


async def place_category(request: Request) -> Response:
    """Move a category: by a step (up, down, into, out), or to where it was dragged; htmx gets the tree alone."""
    fields, id = await Fields.read(request), uuid_in(request)
    step = fields.choice("step", STEPS, required=False)
    try:
        if step:
            stays = await db(request).run(scope(request), placing.step_category, id, cast("Step", step))
            return await _tree(request, 200, stays, id)
        spot = Spot(fields.uuid("parent", required=False), fields.uuid("before", required=False))
        fields.check()
        await db(request).run(scope(request), placing.place_category, id, spot)
    except Invalid as wrong:
        return await _tree(request, 422, _all_of(wrong), id)
    return await _tree(request, 200, "", id)


async def _tree(request: Request, status: int, wrong: str, moved: UUID) -> Response:
    if not is_htmx(request):
        return redirect(request, CATEGORIES, said=wrong or _("Moved."), tone="warn" if wrong else "ok")
    async with db(request).read(scope(request)) as read:
        seen = await placing.shown(read) | {"said": "" if wrong else await placing.place_of(read, moved)}
    shown = render(request, "catalog/categories/_tree.html", status, moved=moved, **seen)
    return toast(shown, wrong, "warn") if wrong else shown


async def remove_category(request: Request) -> Response:
    """Remove a category that is empty, or after its products were moved to another one."""
    fields, id = await Fields.read(request), uuid_in(request)
    try:
        to = fields.uuid("to", required=False)
        fields.check()
        await db(request).run(scope(request), operations.remove_category, id, to)
    except Conflict as used:
        return redirect(request, f"{CATEGORIES}/{id}/edit", said=used.sentence(), tone="warn")
    except Invalid as wrong:
        return redirect(request, f"{CATEGORIES}/{id}/edit", said=_all_of(wrong), tone="warn")
    return redirect(request, CATEGORIES, said=_("The category is removed."))


async def taxes(request: Request) -> Response:
    """Show the rates of tax and the form of a new one."""
    return await _taxes(request, {}, {})


async def create_tax(request: Request) -> Response:
    """Add a rate of tax."""
    fields = await Fields.read(request)
    try:
        code = fields.text("code", 20, required=True)
        name, rate = _tax(fields)
        await db(request).run(scope(request), operations.add_tax_class, new_id(), code, name, rate)
    except Invalid as wrong:
        return await _taxes(request, fields.values, wrong.errors, 422)
    except Conflict as taken:
        return await _taxes(request, fields.values, {"code": [taken.sentence()]}, 422)
    return redirect(request, TAXES, said=_("%(name)s is added.") % {"name": name})


async def edit_tax(request: Request) -> Response:
    """Show the form of a rate of tax."""
    async with db(request).read(scope(request)) as read:
        found = await queries.tax_class(read, uuid_in(request))
    return await _one_tax(request, found, _of_tax(found) | {"seen": stamp_of(found)}, {})


async def update_tax(request: Request) -> Response:
    """Change a rate of tax; where products carry it, another rate must be confirmed."""
    async with db(request).read(scope(request)) as read:
        old = await queries.tax_class(read, uuid_in(request))
        used = (await queries.products_per_tax_class(read)).get(old.id, 0)
    fields = await Fields.read(request)
    try:
        name, rate = _tax(fields)
        if fields.raw("seen") not in {"", stamp_of(old)} and (name, rate) != (old.name, old.rate_micros):
            raise ChangedMeanwhile
        if used and rate != old.rate_micros and not fields.flag("sure"):
            raise Invalid({"rate": [_("Products carry this rate. Tick the box below to change it for all of them.")]})
        await db(request).run(scope(request), save_tax_class, old.id, name, rate, fields.raw("seen"))
    except Invalid as wrong:
        return await _one_tax(request, old, fields.values, wrong.errors, 422)
    except ChangedMeanwhile as late:
        async with db(request).read(scope(request)) as read:
            now = await queries.tax_class(read, old.id)
        met = meet(fields.values, was_in(fields.values), _of_tax(now))
        values = met.values | {"seen": stamp_of(now)}
        return await _one_tax(request, now, values, {"": [late.sentence()]}, 422, met)
    return redirect(request, TAXES, said=_("%(name)s is saved.") % {"name": name})


def _all_of(wrong: Invalid) -> str:
    return " ".join(sentence for sentences in wrong.errors.values() for sentence in sentences)


def _of_category(found: queries.CategoryFacts) -> dict[str, str]:
    told = {"name": found.name, "hue": str(found.hue), "position": str(found.position)}
    return told | {"parent": str(found.parent or "")}


def _of_tax(found: queries.TaxClassFacts) -> dict[str, str]:
    return {"name": found.name, "rate": percent(found.rate_micros)}


def _category(fields: Fields) -> tuple[str, int, int | None, UUID | None]:
    name = fields.text("name", 60, required=True)
    hue = fields.whole("hue", least=0, most=359)
    typed = fields.raw("position").strip()
    place = fields.whole("position", required=False, least=0, most=LAST_PLACE)
    parent = fields.uuid("parent", required=False)
    fields.check()
    return name, hue, place if typed else None, parent


def _tax(fields: Fields) -> tuple[str, int]:
    name = fields.text("name", 60, required=True)
    typed = fields.text("rate", 12, required=True)
    rate = read_percent(typed)
    if typed and rate is None:
        fields.error("rate", _("Type a rate between 0 and 100 such as 19 or 5.5."))
    fields.check()
    return name, rate or 0


def _hues(chosen: str) -> list[tuple[str, str]]:
    named = [
        ("25", _("Red")), ("55", _("Orange")),
        ("90", _("Yellow")),
        ("125", _("Lime")),
        ("150", _("Green")),
        ("190", _("Teal")),
        ("230", _("Sky")),
        ("260", _("Blue")),
        ("300", _("Violet")),
        ("345", _("Pink")),
    ]  # fmt: skip
    known = {hue for hue, _name in named}
    return named if not chosen or chosen in known else [(chosen, _("As it is")), *named]


async def _categories(
    request: Request, values: dict[str, str], errors: dict[str, list[str]], status: int = 200
) -> Response:
    async with db(request).read(scope(request)) as read:
        seen = await placing.shown(read)
    return render(
        request,
        "catalog/categories/index.html",
        status,
        **seen,
        values=values,
        errors=errors,
        hues=_hues(""),
        parents=[(str(one.id), one.indented) for one in seen["categories"] if one.depth < DEEPEST - 1],
    )


async def _one_category(  # noqa: PLR0917
    request: Request,
    id: UUID,
    values: dict[str, str],
    errors: dict[str, list[str]],
    status: int = 200,
    met: Met | None = None,
) -> Response:
    async with db(request).read(scope(request)) as read:
        groups, inside = await queries.categories(read), await queries.products_per_category(read)
        found, listed = await queries.category(read, id), await queries.products_listed(read)
    own = below(id, {one.id: one.parent for one in groups})
    return render(
        request,
        "catalog/categories/edit.html",
        status,
        category=found,
        inside=inside.get(id, 0),
        listed=listed.get(id, 0),
        values=values,
        was=was_in(values) if errors and not met else _of_category(found),
        stored_now=met.stored if met else {},
        stored_before=met.before if met else {},
        errors=errors,
        hues=_hues(str(found.hue)),
        parents=[(str(one.id), one.indented) for one in groups if one.id not in own],
        others=[(str(one.id), one.indented) for one in groups if one.id != id],
        holds=sum(one.parent == id for one in groups),
    )


async def _taxes(request: Request, values: dict[str, str], errors: dict[str, list[str]], status: int = 200) -> Response:
    async with db(request).read(scope(request)) as read:
        found, under = await queries.tax_classes(read), await queries.products_per_tax_class(read)
    return render(
        request,
        "catalog/taxes/index.html",
        status,
        taxes=[(tax, percent(tax.rate_micros), under.get(tax.id, 0)) for tax in found],
        values=values,
        errors=errors,
    )


async def _one_tax(  # noqa: PLR0917
    request: Request,
    tax: queries.TaxClassFacts,
    values: dict[str, str],
    errors: dict[str, list[str]],
    status: int = 200,
    met: Met | None = None,
) -> Response:
    async with db(request).read(scope(request)) as read:
        under = (await queries.products_per_tax_class(read)).get(tax.id, 0)
    return render(
        request,
        "catalog/taxes/edit.html",
        status,
        tax=tax,
        under=under,
        values=values,
        was=was_in(values) if errors and not met else _of_tax(tax),
        stored_now=met.stored if met else {},
        stored_before=met.before if met else {},
        errors=errors,
    )

"""Keeping views of the list of products, and the page on which they are renamed, shared and removed."""

from __future__ import annotations

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.catalog.lists import views
from retail.identity.permissions import EDIT_CATALOGUE
from retail.kit.errors import Invalid
from retail.kit.text import _
from retail.runtime.web.context import db, scope
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render

PAGE = "/products/views"


async def index(request: Request) -> Response:
    """Show one's own views and the shared ones."""
    return await _page(request)


async def save(request: Request) -> Response:
    """Keep the list as it is shown."""
    fields = await Fields.read(request)
    try:
        name, query = fields.text("name", views.MOST_NAME, required=True), fields.raw("query")[: views.MOST_QUERY]
        shared = fields.flag("shared")
        fields.check()
        await db(request).run(scope(request), views.save_view, name, query, shared=shared)
    except Invalid as wrong:
        return await _page(request, 422, fields.values, wrong.errors)
    kept = views.in_form(query)
    said = _("%(name)s is kept. It stands above the list.") % {"name": name}
    return redirect(request, f"/products?{kept}" if kept else "/products", said=said)


async def update(request: Request) -> Response:
    """Rename a view of one's own, or share it or not."""
    fields, id = await Fields.read(request), _id(request)
    try:
        name = fields.text("name", views.MOST_NAME, required=True)
        fields.check()
        await db(request).run(scope(request), views.change_view, id, name, shared=fields.flag("shared"))
    except Invalid as wrong:
        return await _page(request, 422, {}, {}, {id: wrong.errors.get("name", [])})
    return redirect(request, PAGE, said=_("%(name)s is saved.") % {"name": name})


async def remove(request: Request) -> Response:
    """Remove a view; a shared one also by who may change products."""
    others = scope(request).may(EDIT_CATALOGUE)
    await db(request).run(scope(request), views.remove_view, _id(request), others=others)
    return redirect(request, PAGE, said=_("The view is removed. No product changed."))


async def _page(
    request: Request,
    status: int = 200,
    values: dict[str, str] | None = None,
    errors: dict[str, list[str]] | None = None,
    wrong: dict[UUID, list[str]] | None = None,
) -> Response:
    async with db(request).read(scope(request)) as read:
        known = await views.views(read)
    return render(
        request,
        "catalog/views/index.html",
        status,
        views=known,
        values=values or {},
        errors=errors or {},
        wrong=wrong or {},
    )


def _id(request: Request) -> UUID:
    return UUID(str(request.path_params["id"]))

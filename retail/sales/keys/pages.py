"""The pages of layouts: their list, and the editor.

The editor keeps nothing on the server between two presses: what is being made travels in the form, every button but
Save answers with the form as it then is, and Save makes a version.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.catalog import queries as catalogue
from retail.catalog.queries import Wanted
from retail.kit.errors import Conflict, Invalid
from retail.kit.ids import new_id
from retail.kit.paging import Page, cut
from retail.kit.text import _
from retail.runtime.db import Read
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, scope
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render
from retail.sales.keys import content, layouts
from retail.sales.keys.content import COLOURS, Pages
from retail.sales.keys.errors import LayoutChanged
from retail.sales.keys.layouts import Listed
from retail.sales.keys.words import colour_words, function_words

PATH: Final = "/tills/layouts"
_FOUND: Final = 12
_SHOWN: Final = 20


async def index(request: Request) -> Response:
    """List the layouts, with where each is used."""
    return await _list(request, {}, {}, 200)


async def create(request: Request) -> Response:
    """Make a layout, empty or like another one, and open it."""
    fields = await Fields.read(request)
    id = new_id()
    try:
        like = fields.uuid("like", required=False)
        fields.check()
        await db(request).run(scope(request), layouts.create, id, fields.raw("name"), like)
    except Invalid as wrong:
        return await _list(request, fields.values, wrong.errors, 422)
    return redirect(request, f"{PATH}/{id}", said=_("Made. Fill it, then say below where it is used."))


async def show(request: Request) -> Response:
    """Show a layout's editor."""
    id = _id(request)
    async with db(request).read(scope(request)) as read:
        now = await layouts.layout(read, id)
        pages = await layouts.pages_of(read, id, now.version)
    return await _editor(request, pages, {"name": now.name, "seen": str(now.version)}, {})


async def update(request: Request) -> Response:
    """Do what a button of the editor says; "save" keeps it, "over" does so over what somebody else saved meanwhile."""
    fields = await Fields.read(request)
    said, id = fields.raw("act"), _id(request)
    try:
        pages = content.named(content.read(fields.raw("draft")), fields.values)
    except Invalid as wrong:
        return redirect(request, f"{PATH}/{id}", said=" ".join(wrong.errors[""]), tone="bad")
    if said not in {"save", "over"}:
        return await _draw(request, fields, pages, said)
    try:
        seen = fields.whole("seen", least=1)
        fields.check()
        await db(request).run(scope(request), layouts.save, id, fields.raw("name"), pages, seen)
    except Invalid as wrong:
        return await _editor(request, pages, fields.values, wrong.errors)
    except LayoutChanged as meanwhile:
        return await _editor(request, pages, fields.values, {}, meanwhile)
    return redirect(request, f"{PATH}/{id}", said=_("Saved. Open tills have it in a moment."))


async def _draw(request: Request, fields: Fields, pages: Pages, said: str) -> Response:
    ref = fields.raw(said) if said in {"category", "function"} else ""
    made = content.act(pages, f"{said}:{ref}" if ref else said, fields.raw("target"), layouts.fresh_id)
    try:
        made = content.read(content.write(made))
    except Invalid as wrong:
        return await _editor(request, content.read(fields.raw("draft")), fields.values, wrong.errors)
    return await _editor(request, made, fields.values, {})


async def change_places(request: Request) -> Response:
    """Use the layout somewhere, or there no more."""
    fields, id = await Fields.read(request), _id(request)
    use, left = fields.uuid("use", required=False), fields.uuid("leave", required=False)
    fields.check()
    try:
        if left is not None:
            await db(request).run(scope(request), layouts.leave, id, left)
        elif use is not None:
            await db(request).run(scope(request), layouts.use_at, id, use)
    except Conflict as refused:
        return redirect(request, f"{PATH}/{id}", said=refused.sentence(), tone="warn")
    return redirect(request, f"{PATH}/{id}", said=_("Saved. Open tills have it in a moment."))


async def archive(request: Request) -> Response:
    """Put a layout away, or bring it back."""
    fields, id = await Fields.read(request), _id(request)
    back = fields.flag("back")
    await db(request).run(scope(request), layouts.archive, id, back=back)
    said = _("Brought back. Say where it is used.") if back else _("Archived. No till shows it any more.")
    return redirect(request, f"{PATH}/{id}" if back else PATH, said=said)


async def _list(request: Request, typed: Mapping[str, str], errors: Mapping[str, list[str]], status: int) -> Response:
    asked = Asked.of(request, PATH)
    text = asked.search()
    async with db(request).read(scope(request)) as read:
        every, found = await layouts.layouts(read), await layouts.listed(read, text)

    async def cut_out(after: str | None) -> Page[Listed]:
        return cut(found, lambda one: one.of.id, _SHOWN, after)

    page = await asked.page(cut_out)
    return render(
        request, "sales/keys/index.html", status if status != 200 else asked.status, asked=asked, layouts=page.items,
        next=asked.next(page), values=typed, errors=errors, likes=[(str(one.id), one.name) for one in every],
    )  # fmt: skip


async def _editor(
    request: Request,
    pages: Pages,
    typed: Mapping[str, str],
    errors: Mapping[str, list[str]],
    meanwhile: LayoutChanged | None = None,
) -> Response:
    id, text = _id(request), typed.get("q", "").strip()[:80]
    async with db(request).read(scope(request)) as read:
        now = await layouts.layout(read, id)
        places = await layouts.places(read)
        facts = await _names(read, pages)
        found = []
        if text:
            found = (await catalogue.products(read, Wanted(text=text), limit=_FOUND, after=None)).items
        versions = await layouts.versions(read, id)
        categories = [(str(one.id), one.called) for one in await catalogue.categories(read)]
    return render(
        request, "sales/keys/show.html", 409 if meanwhile else 422 if errors else 200,
        layout=now, pages=pages, draft=content.write(pages), errors=errors,
        name=typed.get("name", now.name), seen=str(meanwhile.version) if meanwhile else typed.get("seen", ""),
        meanwhile=meanwhile, versions=versions, places=places, q=text, found=found, facts=facts, categories=categories,
        targets=_targets(pages), target=typed.get("target", ""),
        functions=list(function_words().items()), colours=[(key, colour_words()[key]) for key in COLOURS],
    )  # fmt: skip


def _targets(pages: Pages) -> list[tuple[str, str]]:
    """Name what can hold a tile: pages, and their folders."""
    named = []
    for at, page in enumerate(pages, 1):
        title = page["name"] or _("Page %(number)d") % {"number": at}
        named.append((page["id"], title))
        folders = [tile for tile in page["tiles"] if tile["kind"] == "folder"]
        named += [(one["id"], f"{title}: {one['label'] or _('Folder')}") for one in folders]
    return named


async def _names(read: Read, pages: Pages) -> dict[str, Any]:
    """Name what the tiles lead to; an article or a category that is there no more is missing."""
    rows = await read.fetch(
        """SELECT id, name, archived_at IS NOT NULL AS gone FROM product WHERE tenant_id = $1 AND id = ANY ($2)
           UNION ALL SELECT id, name, false FROM category WHERE tenant_id = $1 AND id = ANY ($3)""",
        read.tenant, list(content.references(pages, "article")), list(content.references(pages, "category")),
    )  # fmt: skip
    named = {str(row["id"]): (row["name"], row["gone"]) for row in rows}
    return named | {key: (words, False) for key, words in function_words().items()}


def _id(request: Request) -> UUID:
    found: UUID = request.path_params["layout"]
    return found

"""Pages of allotments: which goods of which store are scarce, each till's share, and the form that changes them."""

from __future__ import annotations

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.kit.errors import DomainError, Invalid
from retail.kit.ids import new_id
from retail.kit.paging import DEFAULT_LIMIT
from retail.kit.quantity import format_field, from_milli, to_milli
from retail.kit.text import _
from retail.runtime.db import Tx
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, scope, tenant
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render
from retail.stock.allotting import operations, queries
from retail.stock.allotting.rules import WAYS
from retail.stock.scanning import scanned
from retail.stock.store_choices import store_choices
from retail.tenants import queries as tenants


def way_names() -> dict[str, str]:
    """Name how goods are shared."""
    return {"sales": _("By sales of the last 28 days"), "hand": _("By hand")}


async def index(request: Request) -> Response:
    """List what is scarce, with each till's share."""
    return await _index(request)


async def create(request: Request) -> Response:
    """Share an article of a store out among its tills."""
    fields = await Fields.read(request)
    id = fields.uuid("id", required=False) or new_id()
    store, code = fields.uuid("of_store"), fields.scan("code", required=True)
    way = fields.choice("way", WAYS)

    async def run(tx: Tx) -> UUID:
        fields.check()
        assert store is not None  # noqa: S101 - check() has refused a missing one
        return await operations.mark_scarce(tx, id, store, (await scanned(tx, code)).product, way)

    try:
        made = await db(request).run(scope(request), run)
    except Invalid as wrong:
        return await _index(request, fields.values, wrong.errors, wrong.status)
    return redirect(request, f"/stock/allotments/{made}", said=_("Shared out among the tills."))


async def show(request: Request) -> Response:
    """Show one article with its tills, and the form that says who gets how much."""
    return await _show(request)


async def change(request: Request) -> Response:
    """Say how an article is shared, and by hand how much each till gets."""
    fields = await Fields.read(request)
    way, version = fields.choice("way", WAYS), fields.whole("version")
    wanted = {name.removeprefix("till-"): fields.quantity(name, required=False) for name in _tills_in(fields)}

    async def run(tx: Tx) -> None:
        fields.check()
        milli = {UUID(till): to_milli(quantity) for till, quantity in wanted.items()}
        await operations.set_shares(tx, _id(request), way, milli, version)

    try:
        await db(request).run(scope(request), run)
    except Invalid as wrong:
        return await _show(request, fields.values, wrong.errors, wrong.status)
    except DomainError as refused:
        if refused.status in {403, 404}:
            raise
        return await _show(request, fields.values, {"": [refused.sentence()]}, refused.status)
    return redirect(request, f"/stock/allotments/{_id(request)}", said=_("Saved. The tills hear of it at once."))


async def end(request: Request) -> Response:
    """Share an article out no more."""
    await db(request).run(scope(request), operations.unmark, _id(request))
    return redirect(request, "/stock/allotments", said=_("It is no longer shared out."))


def _tills_in(fields: Fields) -> list[str]:
    found = []
    for name in fields.values:
        if name.startswith("till-"):
            try:
                UUID(name.removeprefix("till-"))
            except ValueError:
                continue
            found.append(name)
    return found


def _id(request: Request) -> UUID:
    found: UUID = request.path_params["article"]
    return found


async def _index(
    request: Request,
    values: dict[str, str] | None = None,
    errors: dict[str, list[str]] | None = None,
    status: int = 200,
) -> Response:
    asked = Asked.of(request, "/stock/allotments")
    async with db(request).read(scope(request)) as read:
        stores = await tenants.stores(read)
        store, text = asked.one_of("store", {one.id for one in stores}), asked.search()
        choices = await store_choices(read, stores, store)
        page = await asked.page(
            lambda after: queries.articles(read, store=store, text=text, limit=DEFAULT_LIMIT, after=after)
        )
        open_stores = await tenants.open_stores(read)
    return render(
        request,
        "stock/allotments/index.html",
        status if errors else asked.status,
        asked=asked,
        rows=page.items,
        ways=way_names(),
        next=asked.next(page),
        store_choices=choices,
        open_choices=[(str(one.id), one.name) for one in open_stores],
        values={"code": request.query_params.get("code", "")[:60], "of_store": "", "way": "sales"} | (values or {}),
        errors=errors or {},
        id=str(new_id()),
    )


async def _show(
    request: Request,
    values: dict[str, str] | None = None,
    errors: dict[str, list[str]] | None = None,
    status: int = 200,
) -> Response:
    async with db(request).read(scope(request)) as read:
        found = await queries.article(read, _id(request))
    locale = tenant(request).locale
    kept = {f"till-{one.till}": format_field(one.wanted, locale) for one in found.tills}
    return render(
        request,
        "stock/allotments/show.html",
        status,
        article=found,
        ways=way_names(),
        given=from_milli(sum(to_milli(one.share) for one in found.tills)),
        values=kept | {"way": found.shared_by} | (values or {}),
        errors=errors or {},
    )

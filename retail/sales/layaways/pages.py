"""Pages of kept goods: the list, one with its payments, another day, and cancelling it without a till."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.kit.errors import DomainError, Invalid
from retail.kit.ids import new_id
from retail.kit.money import major
from retail.kit.paging import DEFAULT_LIMIT
from retail.kit.text import _
from retail.runtime.db import Read, Tx
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, scope, tenant
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render
from retail.sales.layaways import queries
from retail.sales.layaways.keeping import change_until, terms_at
from retail.sales.layaways.office import WAYS, Cancelling, cancel
from retail.sales.layaways.queries import Wanted
from retail.sales.layaways.reading import kept_lines
from retail.sales.layaways.rules import STATES
from retail.tenants import queries as tenants
from retail.value.rules import MOST_MINOR


def state_words() -> dict[str, str]:
    """Name how kept goods stand."""
    return {
        "open": _("Kept"), "overdue": _("Overdue"), "fetched": _("Handed over"), "cancelled": _("Cancelled"),
    }  # fmt: skip


async def wanted_in(read: Read, asked: Asked) -> Wanted:
    """Read from an address which kept goods are wanted; what can't be is told by `asked.errors`."""
    stores = await tenants.stores(read)
    return Wanted(
        asked.search(),
        asked.option("state", (*STATES, "overdue")),
        asked.one_of("store", {one.id for one in stores}),
        asked.uuid("customer", required=False),
    )


async def index(request: Request) -> Response:
    """List kept goods; words, state, store and customer are in the address."""
    asked = Asked.of(request, "/sales/layaways")
    async with db(request).read(scope(request)) as read:
        stores = await tenants.stores(read)
        wanted = await wanted_in(read, asked)
        page = await asked.page(lambda after: queries.layaways(read, wanted, limit=DEFAULT_LIMIT, after=after))
    words = state_words()
    return render(
        request,
        "sales/layaways/index.html",
        asked.status,
        asked=asked,
        layaways=page.items,
        states=words,
        state_choices=list(words.items()),
        store_choices=[(str(one.id), one.name) for one in stores],
        next=asked.next(page),
    )


async def show(request: Request) -> Response:
    """Show kept goods: what is kept, what was paid, and what can be done."""
    return await _page(request, {}, {}, 200)


async def until(request: Request) -> Response:
    """Keep the goods until another day."""
    fields, id = await Fields.read(request), _id(request)
    day = fields.day("until")

    async def run(tx: Tx) -> None:
        fields.check()
        if day is not None:
            await change_until(tx, id, day)

    return await _do(request, fields, run, _("Kept until the new day."))


async def cancellation(request: Request) -> Response:
    """Cancel the keeping: what was paid becomes store credit less a fee, or stays with the shop."""
    fields, id = await Fields.read(request), _id(request)
    way = fields.choice("way", WAYS)
    fee = fields.money("fee", tenant(request).money, least=0, most=MOST_MINOR) if fields.raw("fee").strip() else 0
    how = Cancelling(fields.uuid("id") or new_id(), way, fee, fields.text("reason", 200))

    async def run(tx: Tx) -> None:
        fields.check()
        await cancel(tx, id, how)

    return await _do(request, fields, run, _("Cancelled."))


def _id(request: Request) -> UUID:
    found: UUID = request.path_params["layaway"]
    return found


async def _do(request: Request, fields: Fields, act: Callable[[Tx], Awaitable[None]], said: str) -> Response:
    try:
        await db(request).run(scope(request), act)
    except Invalid as wrong:
        return await _page(request, fields.values, wrong.errors, wrong.status)
    except DomainError as refused:
        if refused.status in {403, 404}:
            raise
        return await _page(request, fields.values, {"": [refused.sentence()]}, refused.status)
    return redirect(request, f"/sales/layaways/{_id(request)}", said=said)


async def _page(request: Request, values: dict[str, str], errors: dict[str, list[str]], status: int) -> Response:
    async with db(request).read(scope(request)) as read:
        one = await queries.layaway(read, _id(request))
        paid = await queries.payments(read, one.id)
        terms = await terms_at(read, one.store)
    first = {"id": str(new_id()), "until": one.until.isoformat(), "way": "credit", "reason": ""}
    fee = f"{major(terms.fee(one.balance), tenant(request).money)}"
    return render(
        request,
        "sales/layaways/show.html",
        status,
        one=one,
        lines=kept_lines(dict(one.basket)),
        paid=paid,
        states=state_words(),
        ways=[("credit", _("Store credit, less the fee")), ("keep", _("The shop keeps all of it"))],
        values=first | {"fee": fee} | values,
        errors=errors,
    )

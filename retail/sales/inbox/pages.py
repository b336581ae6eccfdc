"""The page of exceptions: filtered, each with what it means and what one press does; settling one, many, and back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.kit.errors import DomainError, Invalid
from retail.kit.paging import DEFAULT_LIMIT, Page, decode_cursor, encode_cursor
from retail.kit.text import _
from retail.runtime.db import Read
from retail.runtime.ordering import moment_in
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, edge, scope
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render
from retail.sales import listing
from retail.sales.api import money_of
from retail.sales.inbox.evidence import facts_of, pages_of
from retail.sales.inbox.operations import Settled, pressable, reopen, resolve_exception, settle
from retail.sales.inbox.suggestions import suggestion
from retail.sales.listing import Looked
from retail.sales.remark_words import label
from retail.sales.remarks import CODES
from retail.tenants import queries as tenants
from retail.tenants.queries import StoreFacts, TillFacts

MOST_COUNTED: Final = 99
_FILTERS: Final = frozenset({"code", "store", "till", "show", "after"})


async def index(request: Request) -> Response:
    """List what needs a look, or what somebody has settled; kind, store and till are in the address."""
    return await _page(request, {}, {})


async def waiting(request: Request) -> Response:
    """Give the number that stands beside the page's name."""
    async with db(request).read(scope(request)) as read:
        count = await listing.waiting(read)
    return render(request, "sales/exceptions/_waiting.html", count=count, most=MOST_COUNTED)


async def news(request: Request) -> Response:
    """Say how many came into the open list since it was read; `since` is the list's own mark."""
    asked = Asked.of(request, "/exceptions")
    mark = request.query_params.get("since", "")
    async with db(request).read(scope(request)) as read:
        page = await _listed(read, asked, await tenants.stores(read), await tenants.tills(read))
        asked.check()
    return render(request, "sales/exceptions/_news.html", asked=asked, count=_unseen(page, mark))


async def create_resolution(request: Request) -> Response:
    """Settle an exception with a note, or as suggested; goes back to where the form was."""
    id: UUID = request.path_params["exception"]
    fields = await Fields.read(request)
    sale, back = fields.uuid("sale", required=False), fields.raw("back")
    if fields.raw("act") == "suggested":
        settled = await db(request).run(scope(request), settle, [id], suggested=True)
        return _gone(request, settled, back, sale)
    note = fields.text("note", 500, required=True)
    try:
        fields.check()
        await db(request).run(scope(request), resolve_exception, id, note)
    except Invalid as wrong:
        errors = {f"note-{id}": [sentence for of in wrong.errors.values() for sentence in of]}
        return await _page(request, {f"note-{id}": note}, errors)
    if sale:
        return redirect(request, f"/sales/{sale}", said=_("Settled."))
    return redirect(request, _back(back, just=str(id)))  # the page says itself what was settled, with a way back


async def create_settlement(request: Request) -> Response:
    """Settle the ticked exceptions: each as suggested, or all with one note."""
    fields = await Fields.read(request)
    suggested, back = fields.raw("act") == "suggested", fields.raw("back")
    try:
        ids = [UUID(one) for one in dict.fromkeys(fields.many("ids"))]
    except ValueError:
        ids = []
    if not ids:
        return redirect(request, _back(back), said=_("Tick what is to be settled, then press again."), tone="warn")
    try:
        settled = await db(request).run(scope(request), settle, ids, note=fields.text("note", 500), suggested=suggested)
    except Invalid as wrong:
        said = " ".join(sentence for of in wrong.errors.values() for sentence in of)
        return redirect(request, _back(back), said=said, tone="bad")
    return _gone(request, settled, back)


async def create_reopening(request: Request) -> Response:
    """Open a settled exception again, with what settling it has booked taken back."""
    fields = await Fields.read(request)
    back = fields.raw("back")
    try:
        await db(request).run(scope(request), reopen, request.path_params["exception"])
    except DomainError as refused:
        if refused.status == 404:
            raise
        return redirect(request, _back(back), said=refused.sentence(), tone="bad")
    return redirect(request, _back(back), said=_("Open again, and what it booked is taken back."))


def _gone(request: Request, settled: Settled, back: str, sale: UUID | None = None) -> Response:
    """Go back to the list and say what came of it."""
    just = str(settled.done[0]) if len(settled.done) == 1 else ""
    target = f"/sales/{sale}" if sale else _back(back, just=just)
    if not settled.refused:
        return redirect(request, target, said="" if just and not sale else _("Settled."))
    why = next(iter(settled.refused.values()))
    said = _("%(done)d settled, %(left)d not: %(why)s") % {
        "done": len(settled.done),
        "left": len(settled.refused),
        "why": why,
    }
    return redirect(request, target, said=said, tone="warn")


def _back(query: str, **more: str) -> str:
    """Give the list's address again from its own query; what is no filter of it is left out."""
    kept = {name: value for name, value in parse_qsl(query[:1000]) if name in _FILTERS}
    asked = urlencode({name: value for name, value in (kept | more).items() if value})
    return f"/exceptions?{asked}" if asked else "/exceptions"


async def _listed(read: Read, asked: Asked, stores: Sequence[StoreFacts], tills: Sequence[TillFacts]) -> Page[Looked]:
    code, settled = asked.option("code", CODES), asked.option("show", ("settled",)) == "settled"
    store, till = asked.one_of("store", {one.id for one in stores}), asked.one_of("till", {one.id for one in tills})
    return await asked.page(
        lambda after: listing.exceptions(
            read, settled=settled, code=code, store=store, till=till, limit=DEFAULT_LIMIT, after=after
        )
    )


def _seen(page: Page[Looked], at: datetime) -> str:
    """Write down what a page has shown: all before `at`, and of the last moments, which others may still be storing."""
    since = at - listing.OVERLAP
    known = ",".join(str(one.id) for one in page.items if one.created_at > since)
    return encode_cursor(since.isoformat(), known)


def _unseen(page: Page[Looked], mark: str) -> int:
    """Count what is on a first page now and wasn't when its mark was made. Raises Invalid."""
    if not mark:
        return 0
    since, known = (str(told) for told in decode_cursor(mark, str, str))
    shown = set(known.split(","))
    return sum(one.created_at > moment_in(since) and str(one.id) not in shown for one in page.items)


async def _page(request: Request, values: dict[str, str], errors: dict[str, list[str]]) -> Response:
    asked = Asked.of(request, "/exceptions")
    just = Fields(request.query_params).uuid("just", required=False)
    async with db(request).read(scope(request)) as read:
        stores, tills = await tenants.stores(read), await tenants.tills(read)
        page = await _listed(read, asked, stores, tills)
        gone = [one for one in await listing.exceptions_named(read, [just]) if one.resolved_at] if just else []
        at = read.now
    settled = asked.typed("show") == "settled"
    follows = not (settled or asked.typed("after") or asked.errors)
    return render(
        request,
        "sales/exceptions/index.html",
        422 if errors else asked.status,
        asked=asked,
        rows=_rows(request, page.items),
        gone=gone,
        name=label,
        codes=sorted(((one, label(one)) for one in CODES), key=lambda one: one[1]),
        store_choices=[(str(one.id), one.name) for one in stores],
        till_choices=[(str(one.id), f"{one.code} · {one.store_name}") for one in tills],
        settled=settled,
        values=values,
        errors=errors,
        next=asked.next(page),
        news="/exceptions/news?" + urlencode(asked.kept | {"since": _seen(page, at)}) if follows else None,
        live=f"{edge(request).base}/live?topic=sales" if follows else None,
    )


def _rows(request: Request, items: Sequence[Looked]) -> list[dict[str, object]]:
    money, may = money_of(request), scope(request).may
    return [
        {
            "looked": one,
            "asked": suggestion(one.remark.code),
            "press": pressable(one),
            "facts": facts_of(one, money),
            "pages": pages_of(one, may),
        }
        for one in items
    ]

"""Pages of sales: the list, one sale with its return form, the receipt on paper, and what needs a look."""

from __future__ import annotations

from datetime import date
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from retail.catalog.queries import tax_namer
from retail.kit.errors import DomainError, Invalid, NotFound
from retail.kit.ids import new_id
from retail.kit.paging import DEFAULT_LIMIT
from retail.kit.quantity import from_milli
from retail.kit.text import _
from retail.runtime.db import Read
from retail.runtime.web.context import db, scope
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render
from retail.sales import listing, queries
from retail.sales.desk import desk_of
from retail.sales.documents import StoredSale
from retail.sales.errors import OverReturned
from retail.sales.labels import read_label, receipt_label
from retail.sales.operations import resolve_exception
from retail.sales.reading import read_return
from retail.sales.remarks import CODES, label
from retail.sales.returns import return_goods, returned
from retail.tenants import queries as tenants

_BACK_BY: Final = ("cash", "card")
_SHOW: Final = ("return", "exceptions")
_FILTERS: Final = ("q", "store", "till", "from", "to", "show")


async def index(request: Request) -> Response:
    """List sales; number, store, till, days and kind are in the address."""
    asked = request.query_params
    kept = {name: asked[name] for name in _FILTERS if asked.get(name)}
    async with db(request).read(scope(request)) as read:
        stores, tills = await tenants.stores(read), await tenants.tills(read)
        wanted = wanted_in(asked, {till.code: till.id for till in tills})
        page = await listing.sales(read, wanted, limit=DEFAULT_LIMIT, after=asked.get("after") or None)
        waiting = await listing.waiting(read)
    return render(
        request,
        "sales/index.html",
        sales=page.items,
        label=receipt_label,
        kept={name: kept.get(name, "") for name in _FILTERS},
        store_choices=[(str(one.id), one.name) for one in stores],
        till_choices=[(str(one.id), f"{one.code} · {one.store_name}") for one in tills],
        shows=[("return", _("Returns")), ("exceptions", _("Needs a look"))],
        waiting=waiting,
        next=_address("/sales", kept, page.next),
        first=_address("/sales", kept, "") if asked.get("after") else None,
    )


async def show(request: Request) -> Response:
    """Show one sale: lines, taxes, tenders, exceptions, returns, and the form to take goods back."""
    return await _page(request, {}, {})


async def create_return(request: Request) -> Response:
    """Take goods back from the sale's page."""
    sale: UUID = request.path_params["sale"]
    fields = await Fields.read(request)
    lines = _lines_back(fields)
    document = {
        "id": str(fields.uuid("id") or new_id()),
        "till": str(fields.uuid("till") or ""),
        "lines": lines,
    }
    method = fields.choice("method", _BACK_BY)
    if not lines:
        fields.error("", _("Type how much of a line comes back."))
    try:
        fields.check()
        outcome = await db(request).run(scope(request), return_goods, sale, read_return(document), method=method)
    except Invalid as wrong:
        return await _page(request, fields.values, wrong.errors, 422)
    except NotFound:
        raise
    except OverReturned as more:
        return await _page(request, fields.values, {f"back-{more.line}": [more.sentence()]}, more.status)
    except DomainError as refused:
        return await _page(request, fields.values, {"": [refused.sentence()]}, refused.status)
    return redirect(request, f"/sales/{outcome.id}", said=_("Taken back. Pay the customer the amount shown here."))


async def receipt(request: Request) -> Response:
    """Show a sale for an 80 mm printer."""
    async with db(request).read(scope(request)) as read:
        sale = await queries.stored_sale(read, request.path_params["sale"])
        context = await _around(read, sale)
    return render(request, "receipts/sale.html", sale=sale, label=receipt_label, **context)


async def exceptions(request: Request) -> Response:
    """List what needs a look, or what somebody has looked at."""
    asked = request.query_params
    return await _exceptions(request, asked, {}, {})


async def create_resolution(request: Request) -> Response:
    """Settle an exception with a note; goes back to where the form was."""
    id: UUID = request.path_params["exception"]
    fields = await Fields.read(request)
    note = fields.text("note", 500, required=True)
    sale = fields.uuid("sale", required=False)
    try:
        fields.check()
        await db(request).run(scope(request), resolve_exception, id, note)
    except Invalid as wrong:
        errors = {f"note-{id}": [sentence for of in wrong.errors.values() for sentence in of]}
        return await _exceptions(request, request.query_params, {f"note-{id}": note}, errors, 422)
    return redirect(request, f"/sales/{sale}" if sale else "/exceptions", said=_("Settled."))


async def _exceptions(
    request: Request, asked: QueryParams, values: dict[str, str], errors: dict[str, list[str]], status: int = 200
) -> Response:
    code = asked.get("code", "") if asked.get("code") in CODES else ""
    settled = asked.get("show") == "settled"
    kept = {name: value for name, value in (("code", code), ("show", "settled" if settled else "")) if value}
    async with db(request).read(scope(request)) as read:
        page = await listing.exceptions(
            read, settled=settled, code=code, limit=DEFAULT_LIMIT, after=asked.get("after") or None
        )
    return render(
        request,
        "sales/exceptions/index.html",
        status,
        exceptions=page.items,
        name=label,
        label=receipt_label,
        codes=[(one, label(one)) for one in CODES],
        code=code,
        settled=settled,
        values=values,
        errors=errors,
        next=_address("/exceptions", kept, page.next),
        first=_address("/exceptions", kept, "") if asked.get("after") else None,
    )


async def _page(request: Request, values: dict[str, str], errors: dict[str, list[str]], status: int = 200) -> Response:
    id: UUID = request.path_params["sale"]
    async with db(request).read(scope(request)) as read:
        sale = await queries.stored_sale(read, id)
        context = await _around(read, sale)
        back = await returned(read, id)
        desk = await desk_of(read, sale)
    return render(
        request,
        "sales/show.html",
        status,
        sale=sale,
        label=receipt_label,
        name=label,
        left={line.id: from_milli(max(line.quantity_milli - back.get(line.id, 0), 0)) for line in sale.lines},
        desk=desk,
        values={"id": str(new_id()), "method": _paid_by(sale), "till": desk.till} | values,
        errors=errors,
        **context,
    )


async def _around(read: Read, sale: StoredSale) -> dict[str, Any]:
    """Read what a sale's page and its receipt show beside the sale."""
    original = await queries.stored_sale(read, sale.original) if sale.original else None
    till = await tenants.till(read, sale.till)
    named = await tax_namer(read)
    return {
        "till": till,
        "original": original,
        "original_till": await tenants.till(read, original.till) if original else None,
        "store": await tenants.store(read, sale.store),
        "exceptions": await listing.exceptions_of(read, sale.id),
        "returns": await listing.returns_of(read, sale.id),
        "entry": await read.fetchval(
            "SELECT id FROM journal_entry WHERE tenant_id = $1 AND kind = $2 AND source_id = $3",
            read.tenant,
            sale.kind,
            sale.id,
        ),
        "tenders": [(_tender_name(one.type), one) for one in sale.tenders],
        "taxes": [(one, named(one.code, one.rate_micros)) for one in sale.taxes],
        "change": sum(one.change for one in sale.tenders),
    }


def _paid_by(sale: StoredSale) -> str:
    """Guess how a customer is paid back: the way they paid the most."""
    most = max(sale.tenders, key=lambda one: one.amount - one.change, default=None)
    return most.type if most and most.type in _BACK_BY else "cash"


def _tender_name(type: str) -> str:
    return {"cash": _("Cash"), "card": _("Card")}.get(type, type.replace("_", " ").capitalize())


def _lines_back(fields: Fields) -> list[dict[str, str]]:
    named = [name for name in fields.values if name.startswith("back-") and fields.raw(name).strip()]
    lines = []
    for name in named:
        quantity = fields.quantity(name)
        if quantity:
            lines.append({"line": name.removeprefix("back-"), "quantity": f"{quantity:f}"})
    return lines


def wanted_in(asked: QueryParams, tills: dict[str, UUID]) -> listing.Wanted:
    """Read from an address which sales are wanted; `tills` are the ids by code. Raises NotFound for what is no id."""
    typed = asked.get("q", "").strip()
    read = read_label(typed) if typed else None
    till = _uuid(asked.get("till", "")) or (tills.get(read.till_code) if read and read.till_code else None)
    unknown = bool(typed) and (read is None or (bool(read.till_code) and read.till_code not in tills))
    show = asked.get("show", "") if asked.get("show") in _SHOW else ""
    return listing.Wanted(
        number=-1 if unknown else (read.number if read else None),
        store=_uuid(asked.get("store", "")),
        till=till,
        first_day=_day(asked.get("from", "")),
        last_day=_day(asked.get("to", "")),
        kind="return" if show == "return" else (read.kind if read else ""),
        only_exceptions=show == "exceptions",
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError as wrong:
        raise NotFound("filter") from wrong


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _address(path: str, kept: dict[str, str], after: str | None) -> str | None:
    if after is None:
        return None
    query = kept | ({"after": after} if after else {})
    return f"{path}?{urlencode(query)}" if query else path

"""Pages of a sale: the sale with its return form, and the receipt on paper."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.catalog.queries import tax_namer
from retail.catalog.rules import tax_words
from retail.catalog.taxes.keeping import exemption_reason
from retail.identity.approval_errors import ApprovalNeeded
from retail.identity.approval_pace import too_often
from retail.identity.approvals import Wanted, ask_or_wait
from retail.identity.permissions import REFUND
from retail.kit.errors import DomainError, Invalid, NotFound
from retail.kit.ids import new_id
from retail.kit.quantity import from_milli, quantity_text, to_milli
from retail.kit.text import _
from retail.runtime.db import Read
from retail.runtime.web.context import db, scope
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render
from retail.sales import listing, queries
from retail.sales.buyers import buyer
from retail.sales.desk import desk_of
from retail.sales.documents import StoredSale, StoredTax
from retail.sales.errors import OverReturned
from retail.sales.labels import receipt_label
from retail.sales.layaways.queries import layaway
from retail.sales.reading import read_return
from retail.sales.refund import with_deposits
from retail.sales.remark_words import label
from retail.sales.return_notes import exchange_of, note_of, why_of
from retail.sales.returns import act_of_return, return_goods
from retail.sales.risk_words import in_short, reason_words
from retail.sales.risks import risk_of, sight_of
from retail.sales.standing import returned
from retail.tenants import queries as tenants

_BACK_BY: Final = ("cash", "card")


async def show(request: Request) -> Response:
    """Show one sale: lines, taxes, tenders, exceptions, returns, and the form to take goods back."""
    return await _page(request, {}, {})


async def create_return(request: Request) -> Response:
    """Take goods back from the sale's page."""
    sale: UUID = request.path_params["sale"]
    fields = await Fields.read(request)
    lines = await _with_deposits(request, sale, fields, _lines_back(fields))
    document = {
        "id": str(fields.uuid("id") or new_id()),
        "till": str(fields.uuid("till") or ""),
        "lines": lines,
        "approval": str(fields.uuid("approval", required=False) or "") or None,
    }
    method = fields.choice("method", _BACK_BY)
    if not lines and not fields.errors:
        fields.error("", _("Type how much of a line comes back."))
    try:
        fields.check()
        outcome = await db(request).run(scope(request), return_goods, sale, read_return(document), method=method)
    except Invalid as wrong:
        return await _page(request, fields.values, _by_line(wrong.errors, lines), 422)
    except NotFound:
        raise
    except ApprovalNeeded as needed:
        return await _ask(request, document, fields.values, needed)
    except OverReturned as more:
        return await _page(request, fields.values, {f"back-{more.line}": [more.sentence()]}, more.status)
    except DomainError as refused:
        return await _page(request, fields.values, {"": [refused.sentence()]}, refused.status)
    return redirect(request, f"/sales/{outcome.id}", said=_("Taken back. Pay the customer the amount shown here."))


async def _ask(request: Request, document: dict[str, Any], values: dict[str, str], needed: ApprovalNeeded) -> Response:
    """Ask for the approval of a return, and show the form again: it goes through once somebody has granted it."""
    id: UUID = request.path_params["sale"]
    back = read_return(document)
    often = await too_often(request)
    if often is not None:
        return await _page(request, values, {"": [often.sentence()]}, often.status)
    async with db(request).begin(scope(request)) as tx:
        sale = await queries.stored_sale(tx, id)
        named = {line.id: line.name for line in sale.lines}
        shown = [
            {"name": named[line], "quantity": quantity_text(milli), "unit_price": 0, "list_price": None, "discount": 0,
             "amount": 0}
            for line, milli in back.quantities.items()
        ]  # fmt: skip
        store = (await tenants.till(tx, back.till)).store
        wanted = Wanted(REFUND, store, act_of_return(back), needed.amount, back.till, "", shown, needed.amount)
        kept, said = await ask_or_wait(tx, wanted, back.approval, needed)
    return await _page(request, values | {"approval": str(kept)}, {"": [said]}, needed.status)


async def _page(request: Request, values: dict[str, str], errors: dict[str, list[str]], status: int = 200) -> Response:
    id: UUID = request.path_params["sale"]
    async with db(request).read(scope(request)) as read:
        sale = await queries.stored_sale(read, id)
        context = await _around(read, sale)
        back = await returned(read, id)
        desk = await desk_of(read, sale)
        sight = sight_of(scope(request))
        looked_at = bool(sight and sight.of(sale.store, sale.cashier_id))
        risk = await risk_of(read, sale.id) if looked_at else None
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
        looked_at=looked_at,
        risk=risk,
        in_short=in_short(risk),
        reason_words=reason_words,
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
        "kept": await layaway(read, sale.layaway) if sale.layaway else None,
        "note": await note_of(read, sale.id) if sale.kind == "return" else None,
        "why": await why_of(read, sale.id) if sale.kind == "sale" else "",
        "exchange": await exchange_of(read, sale.id),
        "entry": await read.fetchval(
            "SELECT id FROM journal_entry WHERE tenant_id = $1 AND kind = $2 AND source_id = $3",
            read.tenant,
            sale.kind,
            sale.id,
        ),
        "tenders": [(_tender_name(one.type), one) for one in sale.tenders],
        "taxes": [(one, named(one.code, one.rate_micros), _parts(one)) for one in sale.taxes],
        "change": sum(one.change for one in sale.tenders),
        "along": {line.id: one.name for line in sale.lines for one in sale.lines if line.parent == one.id},
        "exempt_by": await exemption_reason(read, sale.exemption) if sale.exemption else "",
        "buyer": await buyer(read, sale.customer),
    }


def _parts(tax: StoredTax) -> list[tuple[str, int]]:
    """Name the parts of a tax, as the till prints them, with what each takes."""
    return [(tax_words(one.rate_micros, one.name, one.rate_micros), one.tax) for one in tax.parts]


def _paid_by(sale: StoredSale) -> str:
    """Guess how a customer is paid back: the way they paid the most."""
    most = max(sale.tenders, key=lambda one: one.amount - one.change, default=None)
    return most.type if most and most.type in _BACK_BY else "cash"


def _tender_name(type: str) -> str:
    words = {"cash": _("Cash"), "card": _("Card"), "exchange": _("Goods in exchange")}
    return (words | {"down_payment": _("Down payment")}).get(type, type.replace("_", " ").capitalize())


def _lines_back(fields: Fields) -> list[dict[str, str]]:
    named = [name for name in fields.values if name.startswith("back-") and fields.raw(name).strip()]
    lines = []
    for name in named:
        quantity = fields.quantity(name)
        if quantity < 0:
            fields.error(name, _("Type a quantity above zero."))
        elif quantity:
            lines.append({"line": name.removeprefix("back-"), "quantity": f"{quantity:f}"})
    return lines


async def _with_deposits(
    request: Request, id: UUID, fields: Fields, lines: list[dict[str, str]]
) -> list[dict[str, str]]:
    """Take the deposits back with their bottles, where nobody typed how many of them come; what is wrong stays so."""
    if fields.errors or not lines:
        return lines
    async with db(request).read(scope(request)) as read:
        sale, back = await queries.stored_sale(read, id), await returned(read, id)
    wanted = {line.id: to_milli(one["quantity"]) for line in sale.lines for one in lines if one["line"] == str(line.id)}
    typed = {line.id for line in sale.lines if f"back-{line.id}" in fields.values and fields.raw(f"back-{line.id}")}
    along = with_deposits(sale, back, wanted, typed)
    more = [{"line": str(one), "quantity": quantity_text(milli)} for one, milli in along.items() if one not in wanted]
    return [*lines, *more]


def _by_line(errors: dict[str, list[str]], lines: list[dict[str, str]]) -> dict[str, list[str]]:
    """File what is wrong with a line of the document under the form's field for it."""
    fields = {f"lines.{at}.quantity": f"back-{line['line']}" for at, line in enumerate(lines)}
    return {fields.get(name, name): sentences for name, sentences in errors.items()}

"""Pages of receipts: in the back office, behind a public address, and as the template's live preview."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

import segno
from starlette.requests import Request
from starlette.responses import Response

from retail.catalog.rules import tax_words
from retail.identity.code128 import picture
from retail.kit.errors import NotFound
from retail.kit.ids import new_id
from retail.kit.money import currency, format_money
from retail.kit.quantity import format_field, from_milli
from retail.kit.text import _, use_language
from retail.runtime.db import Read, Tx
from retail.runtime.tenancy import Scope, TenantFacts
from retail.runtime.web.context import db, edge, scope, settings
from retail.runtime.web.forms import Fields
from retail.runtime.web.limits import limit
from retail.runtime.web.responses import logo_of, redirect, render
from retail.runtime.web.uploads import Shelf
from retail.sales.receipts.blocks import blocks
from retail.sales.receipts.copies import copy_again
from retail.sales.receipts.facts import Receipt, receipt_of
from retail.sales.receipts.links import linked
from retail.tenants import queries as tenants

_SIDE: Final = 256
_PRIVATE: Final = {"Referrer-Policy": "no-referrer"}


async def show(request: Request) -> Response:
    """Show a sale's receipt on paper; `copy` is the number that a reprint carries, `gift` leaves the amounts out."""
    typed = request.query_params.get("copy", "")
    copy = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 7 else 0
    gift = "gift" in request.query_params
    async with db(request).read(scope(request)) as read:
        receipt = await receipt_of(read, request.path_params["sale"])
        facts = await _shop(read, receipt)
    logo = logo_of(request)
    return render(
        request,
        "receipts/sale.html",
        **words_for(receipt, copy=copy, gift=gift),
        id=receipt.sale.id,
        copy_id=new_id(),
        gift=gift,
        tenant=facts,
        logo_src=f"{edge(request).base}/logo/{logo}-{_SIDE}.webp" if logo else "",
    )


async def create_copy(request: Request) -> Response:
    """Write another copy down, and show it for printing."""
    fields = await Fields.read(request)
    id = fields.uuid("id") or new_id()
    fields.check()
    sale = request.path_params["sale"]
    n = await db(request).run(scope(request), _copied, id, sale)
    return redirect(request, f"/sales/{sale}/receipt?copy={n}", said=_("Copy %(n)d is noted. Print it.") % {"n": n})


async def show_public(request: Request) -> Response:
    """Show a receipt to whoever has its address, without anybody's name; everything else is one and the same 404."""
    await limit(request, "public", edge(request).ip)
    async with db(request).platform() as unit:
        found = await linked(unit, str(request.path_params["token"]))
    if found is None:
        return _nothing(request)
    async with db(request).read(Scope.system(found.tenant)) as read:
        receipt = await receipt_of(read, found.sale, public=True)
        facts = await _shop(read, receipt)
        over = read.now - found.since > timedelta(days=receipt.page_days)
    if over:
        return _nothing(request)
    logo = await asyncio.to_thread(_logo_data, Shelf(settings(request), facts.id))
    with use_language(facts.locale):
        answer = render(
            request, "receipts/public.html", **words_for(receipt), tenant=facts, logo_src=logo, language=facts.locale
        )
    answer.headers.update(_PRIVATE)
    return answer


def _nothing(request: Request) -> Response:
    answer = render(request, "receipts/none.html", 404)
    answer.headers.update(_PRIVATE)
    return answer


async def _copied(tx: Tx, /, id: Any, sale: Any) -> int:  # noqa: ANN401 - two UUIDs through run()
    return await copy_again(tx, id, sale)


async def _shop(read: Read, receipt: Receipt) -> TenantFacts:
    """Give the business with the clock of the store where it was sold."""
    store = await tenants.store(read, receipt.sale.store)
    return replace(await tenants.this_tenant(read), timezone=store.timezone)


def words_for(receipt: Receipt, *, copy: int = 0, gift: bool = False) -> dict[str, Any]:
    """Give what templates need to write a receipt."""
    return {
        "blocks": blocks(receipt.facts, receipt.template, copy=copy, gift=gift),
        "number": receipt.facts["label"],
        "sold_at": receipt.sale.occurred_at,
        "paper": receipt.paper,
        **WRITERS,
    }


def _logo_data(shelf: Shelf) -> str:
    """Give the logo inside of an address, because its own is for members only; '' where there is none."""
    name = shelf.name_of("logo")
    if name is None:
        return ""
    try:
        return f"data:image/webp;base64,{base64.b64encode(shelf.read(name, _SIDE)).decode()}"
    except NotFound:
        return ""


def tender_name(block: Mapping[str, Any]) -> str:
    """Name a means of payment, as tills do."""
    if block["type"] == "card" and block["by_hand"]:
        return _("Card, taken on the terminal")
    names = {
        "cash": _("Cash"), "card": _("Card"), "foreign_cash": _("Foreign cash"), "gift_card": _("Gift card"),
        "store_credit": _("Store credit"), "account": _("On account"), "down_payment": _("Down payment"),
    }  # fmt: skip
    return names.get(str(block["type"]), str(block["type"]).replace("_", " ").capitalize())


def foreign_text(foreign: Mapping[str, Any], locale: str) -> str:
    """Say what notes of another currency were handed over, and at what rate."""
    rate = Decimal(foreign["rate_billionths"]).scaleb(-9)
    return _("%(amount)s at %(rate)s") % {
        "amount": format_money(foreign["amount"], currency(foreign["currency"]), locale),
        "rate": format_field(rate, locale),
    }


def sum_name(block: Mapping[str, Any]) -> str:
    """Name a sum."""
    if block["what"] == "tax":
        return tax_name(block)
    names = {
        "subtotal": _("Subtotal"), "rounding": _("Cash rounding"), "total": _("Total"), "refund": _("Refund"),
        "saved": _("You saved"), "tip": _("Tip"), "change": _("Change"), "goods": _("Kept goods"),
        "down_payment": _("Down payment"), "paid": _("Paid so far"), "due": _("Still due"),
        "fee": _("Fee that stays here"),
    }  # fmt: skip
    return names.get(str(block["what"]), str(block["what"]))


def tax_name(block: Mapping[str, Any]) -> str:
    """Name a tax, or a part of one."""
    return tax_words(block["rate_micros"], block["name"], block["rate_micros"])


def barcode_picture(text: str) -> str:
    """Give a receipt's number as the address of a picture."""
    return picture(text)


def code_picture(block: Mapping[str, Any]) -> str:
    """Give a QR code as the address of a picture."""
    return segno.make(block["text"], error="m", micro=False).svg_data_uri(scale=4, border=4)


WRITERS: Final = {
    "tender_name": tender_name,
    "foreign_text": foreign_text,
    "sum_name": sum_name,
    "tax_name": tax_name,
    "code_picture": code_picture,
    "barcode_picture": barcode_picture,
    "of_milli": from_milli,
    "day_of": date.fromisoformat,
}
"""What templates/receipts/_blocks.html calls."""

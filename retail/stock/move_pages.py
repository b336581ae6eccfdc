"""The form that moves stock: its product is searched, scanned or picked, and shown with what the stores have of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from retail.catalog import queries as catalog
from retail.catalog.lists.ranking import best
from retail.catalog.queries import ProductFacts, Wanted
from retail.kit.errors import DomainError, Invalid
from retail.kit.ids import new_id
from retail.kit.text import _
from retail.runtime.db import Read
from retail.runtime.web.context import db, scope, tenant
from retail.runtime.web.forms import SCAN_MOST, Fields
from retail.runtime.web.responses import redirect, render
from retail.stock.forms import FORM_KINDS, read_move
from retail.stock.handlers import kind_names
from retail.stock.levels import Narrowed, StockLevel, levels
from retail.stock.recording import record
from retail.stock.serials.errors import WrongPiece
from retail.stock.wasting.reasons import reasons
from retail.tenants import queries as tenants

MOST_FOUND: Final = 8
_LONGEST: Final = 60
_EVERY_STORE: Final = 500


@dataclass(frozen=True, slots=True)
class Choice:
    """What a form knows of its product: the one that is picked with its levels, or those that a search found.

    `by_piece`: each piece of the picked one has a serial number; `by_lot`: it comes in lots.
    """

    code: str = ""
    product: ProductFacts | None = None
    on_hand: Sequence[StockLevel] = ()
    found: Sequence[ProductFacts] = field(default_factory=tuple)
    by_piece: bool = False
    by_lot: bool = False

    @property
    def missed(self) -> bool:
        """Claim that something was looked for and nothing is called so."""
        return bool(self.code) and self.product is None and not self.found


async def new_move(request: Request) -> Response:
    """Show the form that moves stock, filled in from the address."""
    names = ("kind", "store", "to_store", "code", "quantity", "unit_cost", "waste_reason", "reason", "serials")
    values = {name: request.query_params.get(name, "")[:200] for name in names} | {"id": str(new_id())}
    values["code"] = _asked(request)
    return await _form(request, values, {})


async def pick(request: Request) -> Response:
    """Answer the form's product: the one that a code names or a search leaves, else what there is to choose from."""
    async with db(request).read(scope(request)) as read:
        choice = await choose(read, _asked(request))
    values = {"quantity": request.query_params.get("quantity", "")[:_LONGEST], "serials": ""}
    return render(request, "stock/_product.html", choice=choice, values=values, errors={}, swapped=True)


async def find(request: Request) -> Response:
    """Answer what a search finds while it is typed."""
    async with db(request).read(scope(request)) as read:
        choice = await choose(read, _asked(request), settle=False)
    return render(request, "stock/_found.html", choice=choice)


async def create_move(request: Request) -> Response:
    """Record one receipt, correction, waste, count or transfer."""
    fields = await Fields.read(request)
    try:
        form = read_move(fields, tenant(request).money)
        moved = await db(request).run(scope(request), record, form)
    except Invalid as wrong:
        return await _form(request, fields.values, wrong.errors, 422)
    except DomainError as refused:
        field = "serials" if isinstance(refused, WrongPiece) else ""
        return await _form(request, fields.values, {field: [refused.sentence()]}, refused.status)
    return redirect(request, f"/stock/{moved[0].product}", said=_("Recorded."))


async def choose(read: Read, code: str, *, settle: bool = True) -> Choice:
    """Find the product that a SKU or barcode names, else those whose name or SKU has these words.

    `settle` takes the only one that was found as picked.
    """
    if not code:
        return Choice()
    if settle:
        for wanted in (Wanted(sku=code), Wanted(barcode=code)):
            exact = (await catalog.products(read, wanted, limit=1, after=None)).items
            if exact:
                return await _picked(read, code, exact[0])
    found = await best(read, code, MOST_FOUND)
    return await _picked(read, code, found[0]) if settle and len(found) == 1 else Choice(code, found=found)


async def _picked(read: Read, code: str, product: ProductFacts) -> Choice:
    here = await levels(read, Narrowed(product=product.id), limit=_EVERY_STORE)
    tracking = await read.fetchval(
        "SELECT tracking FROM product WHERE tenant_id = $1 AND id = $2", read.tenant, product.id
    )
    return Choice(code, product, here.items, by_piece=tracking == "serial", by_lot=tracking == "lot")


async def _form(request: Request, values: dict[str, str], errors: dict[str, list[str]], status: int = 200) -> Response:
    filled = {"id": "", "kind": "receipt", "store": "", "to_store": "", "code": "", "quantity": "", "unit_cost": ""}
    filled |= dict.fromkeys(("waste_reason", "reason", "serials"), "") | {
        name: value for name, value in values.items() if value
    }
    async with db(request).read(scope(request)) as read:
        stores = await tenants.open_stores(read)
        listed = await reasons(read)
        choice = await choose(read, filled["code"])
    if len(stores) == 1:
        filled["store"] = str(stores[0].id)
    names = kind_names()
    return render(
        request,
        "stock/new.html",
        status,
        values=filled,
        errors=errors,
        choice=choice,
        swapped=False,
        store_choices=[(str(one.id), one.name) for one in stores],
        reason_choices=[(str(one.id), one.name) for one in listed],
        kinds=[(kind, names[kind]) for kind in FORM_KINDS],
        again="/stock/moves/new?" + urlencode({name: filled[name] for name in ("kind", "store") if filled[name]}),
    )


def _asked(request: Request) -> str:
    """Read what is wanted: the product that was picked, else what was typed or scanned."""
    query = request.query_params
    return (query.get("pick") or query.get("code", "")).strip(" \t\r\n")[:SCAN_MOST]

"""What an address or a form says of the labels to print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, cast
from uuid import UUID

from starlette.requests import Request

from retail.catalog.asking import picks_in
from retail.catalog.labels import shelf
from retail.catalog.labels.composing import STYLES, Style
from retail.catalog.labels.formats import FORMATS, format_of
from retail.catalog.labels.symbols import KINDS, Kind
from retail.catalog.labels.wishes import MOST_COPIES, MOST_PRODUCTS, Wish
from retail.kit.text import _
from retail.runtime.web.context import db, scope
from retail.runtime.web.forms import Fields

FORMAT: Final = FORMATS[0].key


@dataclass(frozen=True, slots=True)
class Asked:
    """The products, the store whose prices they have, and how they are printed."""

    ids: Sequence[UUID]
    store: UUID | None
    wish: Wish


async def asked_in(request: Request) -> Asked:
    """Read an address: ticked products, or `due`, all that are due in the store. What is wrong is as if it weren't."""
    fields = Fields(request.query_params)
    ids = [pick.id for pick in picks_in(fields.many("ids"))][:MOST_PRODUCTS]
    store = fields.uuid("store", required=False)
    if not ids and store is not None and fields.flag("due"):
        async with db(request).read(scope(request)) as read:
            ids = await shelf.due_ids(read, store, MOST_PRODUCTS)
    return Asked(ids, store, wish_in(fields))


def wish_in(fields: Fields) -> Wish:
    """Read how to print; files what is wrong under its field, and takes the usual in its place."""
    paper = format_of(fields.choice("format", [one.key for one in FORMATS], required=False) or FORMAT)
    style = cast("Style", fields.choice("layout", STYLES, required=False) or "price")
    kind = cast("Kind", fields.choice("symbol", KINDS, required=False) or "auto")
    start = fields.whole("start", required=False) or 1
    if not 1 <= start <= paper.per_page and not paper.is_roll:
        said = _("This sheet has the places 1 to %(last)d.") % {"last": paper.per_page}
        fields.error("start", said)
    return Wish(paper, style, kind, start - 1 if 1 <= start <= paper.per_page else 0)


def copies_in(fields: Fields, ids: Sequence[UUID]) -> dict[UUID, int]:
    """Read how often each product's label is wanted; once where nothing is said."""
    copies = {}
    for id in ids:
        name = f"copies.{id}"
        typed = fields.raw(name).strip()
        copies[id] = fields.whole(name, least=0, most=MOST_COPIES) if typed else 1
    return copies


def choices() -> dict[str, list[tuple[str, str]]]:
    """Name what can be chosen."""
    return {
        "formats": [(one.key, one.words) for one in FORMATS],
        "styles": [
            ("price", _("Shelf: name, price, price per unit, code")),
            ("code", _("Goods: name, small price, large code")),
            ("large", _("Large price, without a code")),
        ],
        "symbols": [
            ("auto", _("The barcode's own kind: EAN, else Code 128")),
            ("code128", _("Code 128")),
            ("qr", _("QR code")),
            ("datamatrix", _("GS1 DataMatrix")),
        ],
    }

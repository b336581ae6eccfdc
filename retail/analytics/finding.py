"""What the shop has under a few typed letters: products and receipts, the best eight, for the box behind Ctrl+K."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.catalog import queries as catalog
from retail.catalog.codes.skus import MEANT
from retail.catalog.lists.ranking import best
from retail.catalog.lists.words import meant
from retail.identity.permissions import VIEW_CATALOGUE, VIEW_SALES
from retail.kit.barcode import normalise
from retail.kit.gs1 import GS
from retail.runtime.db import Read
from retail.runtime.web.context import db, scope
from retail.runtime.web.responses import render
from retail.sales.labels import read_label, receipt_label

_NAMED: Final = MEANT.format("$2")

MOST: Final = 8
_MOST_RECEIPTS: Final = 4
_SHORTEST: Final = 2  # a letter of a product's name; a receipt may have a single digit
_LONGEST: Final = 100


@dataclass(frozen=True, slots=True)
class FoundReceipt:
    """A receipt with its whole number as it is printed."""

    sale: UUID
    label: str
    store_name: str
    occurred_at: datetime
    total_minor: int


async def receipts(read: Read, typed: str) -> list[FoundReceipt]:
    """Give the newest receipts with a number as people type it: "17", "T2-17", "ALT-1-R3"; none for other words."""
    wanted = read_label(typed)
    if wanted is None:
        return []
    rows = await read.fetch(
        """SELECT s.id, k.code, s.number, s.kind, st.name, s.occurred_at,
                  CASE s.kind WHEN 'payment' THEN s.claimed_total_minor ELSE s.total_minor END AS total_minor
             FROM till k
             JOIN store st ON st.tenant_id = k.tenant_id AND st.id = k.store_id
             JOIN sale s ON s.tenant_id = k.tenant_id AND s.till_id = k.id
            WHERE k.tenant_id = $1 AND ($2 = '' OR k.code = $2) AND s.kind = ANY($3) AND s.number = $4
            ORDER BY s.occurred_at DESC, s.id DESC LIMIT $5""",
        read.tenant,
        wanted.till_code,
        ["return"] if wanted.kind == "return" else ["sale", "payment", *([] if wanted.kind else ["return"])],
        wanted.number,
        _MOST_RECEIPTS,
    )
    return [FoundReceipt(row[0], receipt_label(row[1], row[2], row[3]), *tuple(row)[4:]) for row in rows]


async def wares(read: Read, typed: str, most: int) -> list[catalog.ProductFacts]:
    """Give the products that the letters find: the one with this very code or SKU first, then the likeliest.

    Where nothing is found, what one slip leads to.
    """
    exact = await read.fetch(
        f"""SELECT p.id FROM product p WHERE p.tenant_id = $1 AND p.archived_at IS NULL
              AND (p.id = {_NAMED} OR p.id = ANY (ARRAY(
                SELECT b.product_id FROM barcode b WHERE b.tenant_id = $1 AND b.normalised = $3)))""",  # noqa: S608
        read.tenant,
        typed,
        normalise(typed),
    )
    ids = {row["id"] for row in exact}
    found = await best(read, typed, most)
    if not found and (right := await meant(read, typed)):
        found = await best(read, right, most)
    if ids - {one.id for one in found}:
        wanted = catalog.Wanted(ids=frozenset(ids))
        found = [*(await catalog.products(read, wanted, limit=most, after=None)).items, *found]
    return sorted({one.id: one for one in found}.values(), key=lambda one: one.id not in ids)[:most]


async def find(request: Request) -> Response:
    """Answer links to what `q` finds, receipts before products; receipts only to those who may see sales."""
    asker = scope(request)
    typed = "".join(c for c in request.query_params.get("q", "") if c.isprintable() or c == GS).strip()[:_LONGEST]
    async with db(request).read(asker) as read:
        found = await receipts(read, typed) if typed and asker.may(VIEW_SALES) else []
        products: list[catalog.ProductFacts] = []
        if len(typed) >= _SHORTEST and asker.may(VIEW_CATALOGUE):
            products = await wares(read, typed, MOST - len(found))
    return render(
        request,
        "analytics/found.html",
        receipts=found,
        products=products,
    )

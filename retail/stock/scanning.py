"""What somebody scanned or typed in the stockroom: a product's SKU or barcode, or the number of one piece."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from retail.catalog import queries as catalog
from retail.kit.errors import Invalid
from retail.kit.text import _
from retail.runtime.db import Read
from retail.stock.serials.queries import pieces


@dataclass(frozen=True, slots=True)
class Scanned:
    """A product; `trace` is the number of the piece where one was scanned."""

    product: UUID
    trace: str = ""


async def scanned(read: Read, code: str) -> Scanned:
    """Find what a code names: a SKU, else a barcode, else the serial number of one piece. Raises Invalid."""
    for wanted in (catalog.Wanted(sku=code), catalog.Wanted(barcode=code)):
        page = await catalog.products(read, wanted, limit=1, after=None)
        if page.items:
            return Scanned(page.items[0].id)
    found = (await pieces(read, number=code, limit=2)).items
    if len(found) == 1:
        return Scanned(found[0].product, found[0].number)
    if found:
        raise Invalid({"code": [_("Several products have a piece with this number. Scan the product's barcode.")]})
    raise Invalid({"code": [_("No product has this SKU or barcode. Scan it again, or search in the list of stock.")]})

"""The barcodes of one product: added, made, put first, removed; each change takes a catalogue version of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from retail.catalog.codes.errors import TooManyBarcodes
from retail.catalog.codes.layouts import read_label
from retail.catalog.codes.numbering import code_rule, own_barcodes
from retail.catalog.codes.rulebook import layouts
from retail.catalog.errors import BarcodeTaken
from retail.catalog.events import CatalogueChanged
from retail.catalog.operations import lock_catalogue, next_version
from retail.catalog.remembering import audit_products, products_now
from retail.catalog.rules import barcode_problem
from retail.kit.barcode import gtin_kind, normalise
from retail.kit.errors import Invalid, NotFound
from retail.kit.ids import new_id
from retail.kit.text import _
from retail.runtime.db import Read, Tx

MOST: Final = 20


@dataclass(frozen=True, slots=True)
class BarcodeFacts:
    """A barcode of a product; the first one is printed on labels. `own`: made by this business for itself."""

    id: UUID
    code: str
    normalised: str
    own: bool

    @property
    def kind(self) -> str:
        """Name its kind: GTIN-13 and so on, '' for another code."""
        return gtin_kind(self.code)


async def barcodes_of(read: Read, product: UUID) -> list[BarcodeFacts]:
    """Give a product's barcodes in their order."""
    rows = await read.fetch(
        "SELECT id, code, normalised FROM barcode WHERE tenant_id = $1 AND product_id = $2 ORDER BY position, id",
        read.tenant,
        product,
    )
    prefix = (await code_rule(read)).prefix
    return [
        BarcodeFacts(row["id"], row["code"], row["normalised"], row["normalised"].startswith("0" + prefix))
        for row in rows
    ]


async def add_barcode(tx: Tx, product: UUID, code: str) -> str:
    """Add a barcode behind the others; give it. Raises Invalid (`code`), BarcodeTaken, TooManyBarcodes, NotFound."""
    await lock_catalogue(tx)
    problem = barcode_problem(code) if code else _("Fill this in.")
    if not problem:
        problem = await _read_as_label(tx, code)
    if problem:
        raise Invalid({"code": [problem]})
    return await _add(tx, product, code)


async def make_barcode(tx: Tx, product: UUID) -> str:
    """Give a product an EAN-13 of the business's own, the one that matches its SKU if it can. Raises as add_barcode."""
    await lock_catalogue(tx)
    sku = await tx.fetchval("SELECT sku FROM product WHERE tenant_id = $1 AND id = $2", tx.tenant, product)
    if sku is None:
        raise NotFound("product")
    return await _add(tx, product, (await own_barcodes(tx, [sku]))[0])


async def remove_barcode(tx: Tx, product: UUID, barcode: UUID) -> None:
    """Take a barcode away. Raises NotFound."""
    await _arrange(tx, product, barcode, lambda ids: [one for one in ids if one != barcode])


async def put_barcode_first(tx: Tx, product: UUID, barcode: UUID) -> None:
    """Have labels print this barcode. Raises NotFound."""
    await _arrange(tx, product, barcode, lambda ids: [barcode, *(one for one in ids if one != barcode)])


async def _add(tx: Tx, product: UUID, code: str) -> str:
    before = await products_now(tx, [product])
    if not before:
        raise NotFound("product")
    taken = await tx.fetchrow(
        """SELECT b.product_id, b.code, p.name FROM barcode b JOIN product p ON p.tenant_id = $1 AND p.id = b.product_id
            WHERE b.tenant_id = $1 AND b.normalised = $2""",
        tx.tenant,
        normalise(code),
    )
    if taken is not None and taken["product_id"] == product:
        raise Invalid({"code": [_("This product has that barcode already.")]})
    if taken is not None:
        raise BarcodeTaken(taken["code"], taken["name"], taken["product_id"])
    places = await tx.fetch(
        "SELECT position FROM barcode WHERE tenant_id = $1 AND product_id = $2 ORDER BY position", tx.tenant, product
    )
    if len(places) >= MOST:
        raise TooManyBarcodes
    await tx.execute(
        "INSERT INTO barcode (tenant_id, id, product_id, code, normalised, position) VALUES ($1, $2, $3, $4, $5, $6)",
        tx.tenant,
        new_id(),
        product,
        code,
        normalise(code),
        places[-1]["position"] + 1 if places else 0,
    )
    await _told(tx, product, before)
    return code


async def _arrange(tx: Tx, product: UUID, barcode: UUID, arrange: Callable[[Sequence[UUID]], Sequence[UUID]]) -> None:
    """Keep those barcodes of a product that `arrange` gives, in its order. Raises NotFound."""
    await lock_catalogue(tx)
    rows = await tx.fetch(
        "SELECT id FROM barcode WHERE tenant_id = $1 AND product_id = $2 ORDER BY position, id", tx.tenant, product
    )
    ids = [row["id"] for row in rows]
    if barcode not in ids:
        raise NotFound("barcode")
    before, kept = await products_now(tx, [product]), list(arrange(ids))
    await tx.execute(
        "DELETE FROM barcode WHERE tenant_id = $1 AND product_id = $2 AND id <> ALL($3)", tx.tenant, product, kept
    )
    await tx.execute(
        """UPDATE barcode b SET position = u.place FROM unnest($2::uuid[]) WITH ORDINALITY AS u (id, place)
            WHERE b.tenant_id = $1 AND b.id = u.id""",
        tx.tenant,
        kept,
    )
    await _told(tx, product, before)


async def _told(tx: Tx, product: UUID, before: dict[UUID, dict[str, object]]) -> None:
    version = await next_version(tx)
    await tx.execute(
        "UPDATE product SET version = $3, updated_at = $4 WHERE tenant_id = $1 AND id = $2",
        tx.tenant,
        product,
        version,
        tx.now,
    )
    await audit_products(tx, "product.barcodes_changed", before, [product], version=version)
    tx.emit(CatalogueChanged(version))


async def _read_as_label(tx: Tx, code: str) -> str:
    """Say that a code would be read as a label with a weight or a price, and which code stands for all such labels."""
    try:
        label = read_label(code, await layouts(tx), 0)
    except ValueError:
        return ""
    if label is None or not (label.weight_milli or label.price_minor):
        return ""
    said = _("This is a label with a weight or a price in it. Add %(code)s: it finds every label of this article.")
    return said % {"code": label.candidates[0][1:]}

"""Which products a list shows, and the conditions that say so."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from retail.catalog.codes.reading import read_elements
from retail.catalog.codes.skus import MEANT
from retail.kit.barcode import normalise
from retail.kit.folding import folded
from retail.runtime.conditions import Conditions

_SCANNED: Final = re.compile(r"\s*(\]|\(\d|01\d{14}|https?://|\x1d)", re.IGNORECASE)
_THIS_CENTURY: Final = 2000  # whose dates a label means doesn't change its article
Status = Literal["", "sold", "scheduled"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which products a list shows. Empty fields don't narrow; `ids` are picked one by one, on sale or off.

    `status` "sold" is what the tills sell at this moment, "scheduled" what has a day to come or to go. Prices in minor
    units, both ends included. `version` leaves out what changed after that version of the catalogue.
    """

    text: str = ""
    barcode: str = ""
    sku: str = ""
    category: UUID | None = None
    updated_since: datetime | None = None
    archived: bool = False
    ids: frozenset[UUID] = frozenset()
    tag: str = ""
    tax_class: UUID | None = None
    kind: str = ""
    status: Status = ""
    low: bool = False
    no_picture: bool = False
    price_from: int | None = None
    price_to: int | None = None
    version: int | None = None


# The code is looked up once, not for each product.
_HAS_CODE: Final = """p.id = ANY (ARRAY(SELECT b.product_id FROM barcode b
                                         WHERE b.tenant_id = $1 AND b.normalised = {}))"""
_HAS_ONE: Final = """p.id = ANY (ARRAY(SELECT b.product_id FROM barcode b
                                        WHERE b.tenant_id = $1 AND b.normalised = ANY ({}::text[])))"""
# A category and all that lies in it.
_BELOW: Final = """WITH RECURSIVE below AS (
    SELECT g.id, 1 AS depth FROM category g WHERE g.tenant_id = $1 AND g.id = {}
     UNION ALL
    SELECT g.id, b.depth + 1 FROM category g JOIN below b ON g.parent_id = b.id WHERE g.tenant_id = $1 AND b.depth < 6)
  SELECT id FROM below"""
# What is searched holds the tags too: most products are passed over before their tags are looked at.
_HAS_TAG: Final = "strpos(p.search_text, {}) > 0 AND {} IN (SELECT lower(t) FROM unnest(p.tags) t)"
_LOW: Final = """p.id IN (SELECT s.product_id FROM stock_balance s JOIN store o
                             ON o.tenant_id = $1 AND o.id = s.store_id AND o.archived_at IS NULL
                           WHERE s.tenant_id = $1 AND s.low_since IS NOT NULL)"""
_NO_PICTURE: Final = """NOT EXISTS (SELECT FROM product_image i
                                     WHERE i.tenant_id = p.tenant_id AND i.product_id = p.id)"""
_STATUS: Final = {
    "": "",
    "sold": "p.on_sale",
    "scheduled": "num_nonnulls(p.available_from, p.available_until) > 0",
}


def codes_meant(text: str) -> list[str]:
    """Give the codes, as they are found by, of the article that GS1 elements or a GS1 link name; none for other texts.

    A code of the shop's own that only looks so is among them.
    """
    meant = read_elements(text, _THIS_CENTURY) if _SCANNED.match(text) else None
    return list(meant.candidates) if meant else []


def narrowing(tenant: UUID, wanted: Wanted) -> Conditions:
    """Give the conditions on `product p` that a list of products wants; $1 is the tenant."""
    conditions = Conditions(tenant)
    if wanted.ids:
        conditions.add("p.id = ANY({})", list(wanted.ids))
    elif wanted.archived:
        conditions.add("p.archived_at IS NOT NULL")
    elif wanted.updated_since is None:
        conditions.add("p.archived_at IS NULL")
    if wanted.barcode:
        conditions.add(_HAS_ONE, codes_meant(wanted.barcode) or [normalise(wanted.barcode)])
    if wanted.updated_since is not None:
        conditions.add("p.updated_at >= {}", wanted.updated_since)
    if wanted.category is not None:
        conditions.add(f"p.category_id IN ({_BELOW})", wanted.category)
    if wanted.sku:
        conditions.add(f"p.id = {MEANT.format('{0}')}", wanted.sku)
    for column, value in (("tax_class_id", wanted.tax_class), ("kind", wanted.kind)):
        if value:
            conditions.add(f"p.{column} = {{}}", value)
    _narrow_further(conditions, wanted)
    narrow_to_words(conditions, wanted.text)
    return conditions


def narrow_to_words(conditions: Conditions, text: str, beside: str = "") -> None:
    """Narrow `product p` to those with all of these words, in any order, in name, SKU or tags, or as a whole barcode.

    `beside` is a column that may hold a word too, as a lot's code. $1 is the tenant.
    """
    scanned = codes_meant(text)
    if scanned:
        also = f" OR strpos(lower({beside}), {{}}) > 0" if beside else ""  # whose code may only look like a scan
        conditions.add(f"({_HAS_ONE}{also})", scanned, *([text.strip().lower()] if beside else []))
        return
    if beside:
        has = f"(strpos(p.search_text, {{}}) > 0 OR {_HAS_CODE} OR strpos(lower({beside}), {{}}) > 0)"
        for word in text.split():
            conditions.add(has, folded(word), normalise(word), word.lower())
        return
    for word in folded(text).split():
        conditions.add(f"(strpos(p.search_text, {{}}) > 0 OR {_HAS_CODE})", word, normalise(word))


def _narrow_further(conditions: Conditions, wanted: Wanted) -> None:
    bounds = (("price_minor", ">=", wanted.price_from), ("price_minor", "<=", wanted.price_to))
    for column, sign, bound in (*bounds, ("version", "<=", wanted.version)):
        if bound is not None:
            conditions.add(f"p.{column} {sign} {{}}", bound)
    for applies, condition in (
        (wanted.status, _STATUS[wanted.status]),
        (wanted.low, _LOW),
        (wanted.no_picture, _NO_PICTURE),
    ):
        if applies:
            conditions.add(condition)
    if wanted.tag:
        conditions.add(_HAS_TAG, folded(wanted.tag), wanted.tag.lower())

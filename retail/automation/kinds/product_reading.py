"""What the catalogue holds, as rows of a file say it: for the diff of an import and for an export, in one statement."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from retail.automation.cells import PARTS, NotRead, Ways, codes
from retail.automation.kinds.base import Given, Reason, Terms
from retail.catalog.codes.skus import ALIKE, BySku
from retail.catalog.products.limits import room
from retail.catalog.products.measuring import moved
from retail.catalog.products.placing import tree
from retail.catalog.products.tree import above
from retail.catalog.queries import tax_classes
from retail.kit.barcode import normalise
from retail.kit.text import _
from retail.runtime.db import Read, Row

PRESENT: Final = """
SELECT p.id, p.sku, p.name, p.price_minor AS price, x.code AS tax_class, p.category_id, p.unit, p.decimals, p.unit_cost,
       p.reorder_point, p.favourite, p.kind, f.name AS family, f.options AS family_options, p.options::text AS options,
       p.open_price, p.min_age, d.sku AS deposit, p.tags, p.attributes::text AS attributes, p.notes, p.available_from,
       p.available_until, p.tracking, p.content_milli, p.content_unit,
       ARRAY(SELECT b.code FROM barcode b
              WHERE b.tenant_id = p.tenant_id AND b.product_id = p.id ORDER BY b.position) AS barcodes,
       CASE WHEN p.kind = 'kit' THEN
         (SELECT json_agg(json_build_array(q.sku, c.quantity::text) ORDER BY c.position)
            FROM component c JOIN product q ON q.tenant_id = c.tenant_id AND q.id = c.part_id
           WHERE c.tenant_id = p.tenant_id AND c.kit_id = p.id) END AS parts,
       ARRAY(SELECT g.name FROM product_modifier_group h
               JOIN modifier_group g ON g.tenant_id = h.tenant_id AND g.id = h.group_id
              WHERE h.tenant_id = p.tenant_id AND h.product_id = p.id ORDER BY h.position) AS choices,
       ARRAY(SELECT i.name || encode(i.sha256, 'hex') FROM product_image i
              WHERE i.tenant_id = p.tenant_id AND i.product_id = p.id ORDER BY i.position, i.id) AS images
  FROM product p
  JOIN tax_class x ON x.tenant_id = p.tenant_id AND x.id = p.tax_class_id
  LEFT JOIN category c ON c.tenant_id = p.tenant_id AND c.id = p.category_id
  LEFT JOIN family f ON f.tenant_id = p.tenant_id AND f.id = p.family_id
  LEFT JOIN product d ON d.tenant_id = p.tenant_id AND d.id = p.deposit_id
 WHERE p.tenant_id = $1"""

REFERRED: Final = f"SELECT p.id, p.sku, p.kind FROM product p WHERE p.tenant_id = $1 AND {ALIKE}"  # noqa: S608

Path = tuple[str, ...]
_SUM: Final = 64
"""Letters of a picture's sum of bytes, which stands behind its name."""


@dataclass(slots=True)
class Shelf:
    """What the whole catalogue has that rows may name: taxes by code, groups by path and name, choices, plan's room.

    Keys are in small letters. `paths` are groups from the top, by id.
    """

    taxes: dict[str, tuple[UUID, str]]
    groups: dict[Path, UUID]
    named: dict[str, list[UUID]]
    paths: dict[UUID, Path]
    choices: dict[str, tuple[UUID, str]]
    room: int | None
    room_words: Mapping[str, object] = field(default_factory=dict)


@dataclass(slots=True)
class Known:
    """What some rows refer to. `owners` of barcodes by their normal form; `variants` by family and options."""

    shelf: Shelf
    ids: BySku[UUID] = field(default_factory=BySku)
    kinds: dict[str, str] = field(default_factory=dict)
    owners: dict[str, UUID] = field(default_factory=dict)
    present: dict[UUID, Mapping[str, Any]] = field(default_factory=dict)
    families: dict[str, tuple[UUID, str, tuple[str, ...]]] = field(default_factory=dict)
    variants: dict[tuple[str, frozenset[tuple[str, str]]], UUID] = field(default_factory=dict)
    moved: frozenset[UUID] = frozenset()


async def shelf(read: Read) -> Shelf:
    """Read what rows may name."""
    names, parents, _siblings = await tree(read)
    choices = await read.fetch("SELECT id, name FROM modifier_group WHERE tenant_id = $1", read.tenant)
    here = await room(read)
    paths = {id: tuple(names[one] for one in (*reversed(above(id, parents)), id)) for id in names}
    named: dict[str, list[UUID]] = defaultdict(list)
    for id, name in names.items():
        named[name.lower()].append(id)
    return Shelf(
        {tax.code.lower(): (tax.id, tax.code) for tax in await tax_classes(read)},
        {small(path): id for id, path in paths.items()},
        dict(named),
        paths,
        {row["name"].lower(): (row["id"], row["name"]) for row in choices},
        None if here.most is None else max(here.most - here.used, 0),
        {"plan": here.name, "most": here.most or 0},
    )


async def known(read: Read, given: Sequence[Given], terms: Terms, on: Shelf) -> Known:
    """Read what these rows refer to: products by SKU and barcode, as they are now, and their families."""
    found = Known(on)
    skus = {row.cells.get("sku", "").strip() for row in given} | _mentioned(given, terms)
    skus.discard("")
    for row in await read.fetch(REFERRED, read.tenant, list(skus)):
        found.ids[row["sku"]], found.kinds[row["sku"]] = row["id"], row["kind"]
    printed = [code for row in given for code in codes_in(row)]
    for row in await read.fetch(
        "SELECT normalised, product_id FROM barcode WHERE tenant_id = $1 AND normalised = ANY($2)",
        read.tenant,
        [normalise(code) for code in printed],
    ):
        found.owners[row["normalised"]] = row["product_id"]
    wanted = set(found.ids.values()) | set(found.owners.values())
    if wanted:
        rows = await read.fetch(f"{PRESENT} AND p.id = ANY($2)", read.tenant, list(wanted))
        found.present = {row["id"]: values_of(row, on) for row in rows}
        await _read_moved(read, given, found)
    await _read_families(read, given, found)
    return found


def small(path: Path) -> Path:
    """Write a path in small letters, as paths are told apart."""
    return tuple(name.lower() for name in path)


def codes_in(row: Given) -> list[str]:
    """Give the barcodes that a row names, as they are printed."""
    return codes(row.cells.get("barcodes") or row.cells.get("barcode") or "")


def no_product(row: Given, column: str = "barcode") -> Reason:
    """Say why a row that is to be found by its barcode is nobody's: it has none, or nobody has it."""
    if not codes_in(row):
        said = _("The row has no barcode to find its product by. Write one, or have the rows found by their SKU.")
        return Reason(column, said)
    return Reason(column, _("There is no product with this barcode."))


def values_of(row: Row, on: Shelf) -> dict[str, Any]:
    """Give a product's values by column, and its id and decimals."""
    options = json.loads(row["options"])
    return {
        "id": row["id"],
        "decimals": row["decimals"],
        "sku": row["sku"],
        "name": row["name"],
        "price": row["price"],
        "tax_class": row["tax_class"],
        "category": on.paths.get(row["category_id"], ()),
        "barcodes": tuple(row["barcodes"]),
        "barcode": tuple(row["barcodes"]),
        "unit": row["unit"],
        "unit_cost": row["unit_cost"],
        "reorder_point": row["reorder_point"],
        "favourite": row["favourite"],
        "kind": row["kind"],
        "parts": tuple((sku, Decimal(amount).normalize()) for sku, amount in json.loads(row["parts"] or "[]")),
        "family": row["family"] or "",
        "options": tuple((name, options[name]) for name in row["family_options"] or () if name in options),
        "open_price": row["open_price"],
        "min_age": row["min_age"],
        "deposit": row["deposit"] or "",
        "tags": tuple(row["tags"]),
        "attributes": tuple(json.loads(row["attributes"]).items()),
        "notes": row["notes"],
        "available_from": row["available_from"],
        "available_until": row["available_until"],
        "tracking": row["tracking"],
        "content": (row["content_milli"], row["content_unit"]) if row["content_milli"] else None,
        "choices": tuple(row["choices"]),
        "images": tuple(f"{one[:-_SUM]}.webp" for one in row["images"]),
        "sums": frozenset(one[-_SUM:] for one in row["images"]),
    }


def refers_to(cells: Mapping[str, str], ways: Ways) -> set[str]:
    """Give the SKUs that a row names beside its own: a kit's parts, a deposit."""
    named = {cells.get("deposit", "").strip()}
    if cells.get("parts"):
        try:
            named |= {sku for sku, _amount in PARTS.read(cells["parts"], ways)}
        except NotRead:  # its own reason to refuse the row
            named.discard("")
    return named - {""}


def _mentioned(given: Sequence[Given], terms: Terms) -> set[str]:
    mapped = {column.name for column in terms.columns}
    if not mapped & {"parts", "deposit"}:
        return set()
    return {sku for row in given for sku in refers_to(row.cells, terms.ways)}


async def _read_moved(read: Read, given: Sequence[Given], found: Known) -> None:
    """Find out whose stock has moved, of those that are to become another kind or to be sold by another unit."""
    wanted = {
        id
        for row in given
        for column in ("kind", "unit")
        if (said := row.cells.get(column, "").strip().lower())
        and (id := found.ids.meant(row.cells.get("sku", "").strip())) in found.present
        and found.present[id][column] != said
    }
    found.moved = await moved(read, wanted)


async def _read_families(read: Read, given: Sequence[Given], found: Known) -> None:
    if not any({"family", "options"} & row.cells.keys() for row in given):
        return
    named = {row.cells.get("family", "").strip().lower() for row in given}
    named |= {one["family"].lower() for one in found.present.values()}  # a row needn't name the one that it is in
    named.discard("")
    if not named:
        return
    for row in await read.fetch(
        "SELECT id, name, options FROM family WHERE tenant_id = $1 AND lower(name) = ANY($2)",
        read.tenant,
        list(named),
    ):
        found.families[row["name"].lower()] = (row["id"], row["name"], tuple(row["options"]))
    names = {id: name.lower() for id, name, _options in found.families.values()}
    for row in await read.fetch(
        "SELECT id, family_id, options::text AS options FROM product WHERE tenant_id = $1 AND family_id = ANY($2)",
        read.tenant,
        list(names),
    ):
        key = (names[row["family_id"]], frozenset(json.loads(row["options"]).items()))
        found.variants[key] = row["id"]

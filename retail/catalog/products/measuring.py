"""How a product is counted: not otherwise once it has moved or was sold, and whole where it is counted in pieces."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.catalog.products.traits import MEASURED, Part, number_problem
from retail.kit.errors import Invalid
from retail.kit.text import _
from retail.runtime.db import Read

_MOVED: Final = """
SELECT p.id FROM product p
 WHERE p.tenant_id = $1 AND p.id = ANY ($2::uuid[])
   AND (EXISTS (SELECT FROM stock_move m WHERE m.tenant_id = $1 AND m.product_id = p.id)
        OR EXISTS (SELECT FROM sale_line l WHERE l.tenant_id = $1 AND l.product_id = p.id))
"""


async def moved(read: Read, products: Collection[UUID]) -> frozenset[UUID]:
    """Give those whose stock has moved or that were sold."""
    rows = await read.fetch(_MOVED, read.tenant, list(products)) if products else []
    return frozenset(row["id"] for row in rows)


def unit_stays() -> str:
    """Say why the unit can't change any more, and what to do."""
    return _("Its stock has moved, so it stays sold by what it is. Make a new product for the other unit.")


def whole_point() -> str:
    """Say how the product is counted."""
    return _("This product is counted in whole pieces. Type a whole number.")


def point_problem(point: Decimal | None, unit: str) -> str:
    """Say what is wrong with a reorder point, or ''."""
    return whole_point() if point is not None and unit not in MEASURED and point % 1 else ""


async def refuse_unmeasured(
    read: Read, wanted: Mapping[UUID, tuple[str, Decimal | None]], before: Mapping[UUID, Mapping[str, object]]
) -> None:
    """Refuse another unit for what has moved, parts of pieces as a reorder point, and numbers on what is measured.

    `wanted`: unit and reorder point by product; `before`: what is stored, as the trail tells it. A point that stands
    there already is let be. Raises Invalid with the fields.
    """
    errors: dict[str, list[str]] = defaultdict(list)
    other = [id for id, (unit, _point) in wanted.items() if id in before and before[id]["unit"] != unit]
    if await moved(read, other):
        errors["unit"].append(unit_stays())
    for id, (unit, point) in wanted.items():
        stands = before.get(id, {})
        as_told = None if point is None else f"{point.normalize():f}"
        if point_problem(point, unit) and (id in other or stands.get("reorder_point") != as_told):
            errors["reorder_point"] = [whole_point()]
        if id in other and (said := number_problem(str(stands.get("tracking", "")), unit)):
            errors["unit"].append(said)
    if errors:
        raise Invalid(dict(errors))


async def parts_problem(read: Read, parts: Collection[Part], units: Mapping[UUID, str]) -> str:
    """Say which part of a kit would be cut, or ''; `units` are those of products that are stored along."""
    cut = [part for part in parts if part.quantity % 1]
    if not cut:
        return ""
    rows = await read.fetch(
        "SELECT id, sku, unit FROM product WHERE tenant_id = $1 AND id = ANY ($2::uuid[])",
        read.tenant,
        [part.product for part in cut],
    )
    known = {row["id"]: (row["sku"], row["unit"]) for row in rows}
    for part in cut:
        sku, unit = known.get(part.product, ("", ""))
        if units.get(part.product, unit) not in MEASURED:
            said = _("%(sku)s is counted in whole pieces. Type a whole number of it.")
            return (said % {"sku": sku}) if sku else whole_point()
    return ""

"""The receipts behind a figure: a list of sales narrowed by who sold, what was sold, to whom and how it was paid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from retail.runtime.conditions import Conditions
from retail.runtime.web.asked import Asked

NONE: Final = "none"
"""What an address says for: without one."""
NOBODY: Final = UUID(int=0)
NAMES: Final = ("cashier", "tender", "group", "product", "category", "region")

_TENDERS: Final = "(SELECT count(DISTINCT x.type) FROM tender x WHERE x.tenant_id = $1 AND x.sale_id = s.id)"
_PAID: Final = "EXISTS (SELECT FROM tender x WHERE x.tenant_id = $1 AND x.sale_id = s.id AND x.type = {})"
_LINE: Final = "EXISTS (SELECT FROM sale_line x WHERE x.tenant_id = $1 AND x.sale_id = s.id AND x.product_id = {})"
_UNLISTED: Final = (
    "EXISTS (SELECT FROM sale_line x WHERE x.tenant_id = $1 AND x.sale_id = s.id AND x.product_id IS NULL)"
)
_CATEGORY: Final = """EXISTS (
  SELECT FROM sale_line x JOIN product y ON y.tenant_id = $1 AND y.id = x.product_id
   WHERE x.tenant_id = $1 AND x.sale_id = s.id AND y.category_id IN (
     WITH RECURSIVE below AS (
       SELECT c.id FROM category c WHERE c.tenant_id = $1 AND c.id = {}
       UNION SELECT c.id FROM category c JOIN below b ON c.parent_id = b.id WHERE c.tenant_id = $1)
     SELECT id FROM below))"""
_NO_CATEGORY: Final = """EXISTS (
  SELECT FROM sale_line x LEFT JOIN product y ON y.tenant_id = $1 AND y.id = x.product_id
   WHERE x.tenant_id = $1 AND x.sale_id = s.id AND y.category_id IS NULL)"""
_REGION: Final = "s.store_id IN (SELECT x.id FROM store x WHERE x.tenant_id = $1 AND x.region = {})"


@dataclass(frozen=True, slots=True)
class Behind:
    """What a figure was narrowed to; all that is set must fit. NOBODY: without one; group "" is no group."""

    cashier: UUID | None = None
    tender: str = ""
    group: str | None = None
    product: UUID | None = None
    category: UUID | None = None
    region: str = ""


def behind_in(asked: Asked) -> Behind:
    """Read from an address what a figure was narrowed to; what can't be read is told by `asked.errors`."""
    group = asked.text("group", 40)
    return Behind(
        _id(asked, "cashier"),
        asked.text("tender", 20),
        None if not group else "" if group == NONE else group,
        _id(asked, "product"),
        _id(asked, "category"),
        asked.text("region", 80),
    )


def _id(asked: Asked, name: str) -> UUID | None:
    return NOBODY if asked.raw(name) == NONE else asked.uuid(name, required=False)


def narrow(where: Conditions, to: Behind) -> None:
    """Add the conditions on `sale s`."""
    if to.cashier is not None:
        where.add("s.cashier_id IS NULL") if to.cashier == NOBODY else where.add("s.cashier_id = {}", to.cashier)
    if to.tender in {"mixed", NONE}:
        where.add(f"{_TENDERS} {'> 1' if to.tender == 'mixed' else '= 0'}")
    elif to.tender:
        where.add(f"{_TENDERS} = 1")
        where.add(_PAID, to.tender)
    if to.group is not None:
        where.add("coalesce(s.price_group, '') = {}", to.group)
    if to.product is not None:
        where.add(_UNLISTED) if to.product == NOBODY else where.add(_LINE, to.product)
    if to.category is not None:
        where.add(_NO_CATEGORY) if to.category == NOBODY else where.add(_CATEGORY, to.category)
    if to.region:
        where.add(_REGION, to.region)

"""Making, changing and archiving suppliers. Each change locks the suppliers of the business, and is audited.

The trail tells figures before and after; of texts that may name somebody it tells only that they changed.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Final
from uuid import UUID

from retail.catalog.suppliers.errors import SupplierArchived
from retail.catalog.suppliers.queries import SupplierFacts, supplier
from retail.catalog.suppliers.rules import Supplier, address_of_website, problems
from retail.kit.errors import ChangedMeanwhile, Invalid
from retail.kit.text import _
from retail.runtime.audit_record import changed
from retail.runtime.db import Read, Tx

FIELDS: Final = (
    "name", "code", "email", "phone", "website", "address", "currency", "lead_days", "min_order_minor", "payment_terms",
    "notes",
)  # fmt: skip
_PERSONAL: Final = frozenset({"name", "email", "phone", "address", "payment_terms", "notes"})
_INSERT: Final = """
INSERT INTO supplier (tenant_id, id, name, code, email, phone, website, address, currency, lead_days, min_order_minor,
                      payment_terms, notes, version, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 1, $14, $14)
"""
_UPDATE: Final = """
UPDATE supplier SET name = $3, code = $4, email = $5, phone = $6, website = $7, address = $8, currency = $9,
                    lead_days = $10, min_order_minor = $11, payment_terms = $12, notes = $13, version = version + 1,
                    updated_at = $14
 WHERE tenant_id = $1 AND id = $2
"""
# A code is no other one's name either: so what somebody types means one supplier.
_TAKEN: Final = """
SELECT lower(name) = lower($3) AS by_name, archived_at IS NOT NULL AS archived
  FROM supplier
 WHERE tenant_id = $1 AND id <> $2 AND (lower(code) IN (lower($3), lower($4)) OR lower(name) IN (lower($3), lower($4)))
 LIMIT 1
"""
_PRICED: Final = """
SELECT EXISTS (SELECT FROM product_supplier WHERE tenant_id = $1 AND supplier_id = $2 AND cost IS NOT NULL)
"""


async def lock_suppliers(tx: Tx) -> None:
    """Have the suppliers of the business and their terms to oneself until the transaction ends."""
    await tx.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 38))", f"suppliers:{tx.tenant}")


async def add_supplier(tx: Tx, id: UUID, new: Supplier) -> None:
    """Make a supplier. Raises Invalid."""
    await lock_suppliers(tx)
    made = tidied(new)
    errors = problems(made) or await taken(tx, id, made)
    if errors:
        raise Invalid(errors)
    if await tx.fetchval("SELECT 1 FROM supplier WHERE tenant_id = $1 AND id = $2", tx.tenant, id):
        raise Invalid({"id": [_("This id exists; change it with PATCH.")]})
    await tx.execute(_INSERT, tx.tenant, id, *(getattr(made, name) for name in FIELDS), tx.now)
    _tell(tx, id, {}, asdict(made))


async def change_supplier(tx: Tx, id: UUID, wanted: Supplier, seen: int | None = None) -> None:
    """Change a supplier, if it still has the version that was seen; None never looked. What is as it was stays.

    Raises Invalid, NotFound, SupplierArchived, ChangedMeanwhile.
    """
    await lock_suppliers(tx)
    now = await supplier(tx, id)
    if now.archived_at is not None:
        raise SupplierArchived
    made, before = tidied(wanted), as_wanted(now)
    if made == before:
        return
    if seen is not None and seen != now.version:
        raise ChangedMeanwhile
    errors = problems(made) or await taken(tx, id, made)
    if made.currency != now.currency and await tx.fetchval(_PRICED, tx.tenant, id):
        said = _("Its products have costs in %(currency)s. Take those costs out first, then change the currency.")
        errors.setdefault("currency", []).append(said % {"currency": now.currency})
    if errors:
        raise Invalid(errors)
    await tx.execute(_UPDATE, tx.tenant, id, *(getattr(made, name) for name in FIELDS), tx.now)
    _tell(tx, id, asdict(before), asdict(made))


async def archive_supplier(tx: Tx, id: UUID) -> None:
    """Take a supplier out of use; its terms stay, and suggest nothing. Once more does nothing. Raises NotFound."""
    await _archive(tx, id, archived=True)


async def restore_supplier(tx: Tx, id: UUID) -> None:
    """Bring an archived supplier back, with its terms. Once more does nothing. Raises NotFound."""
    await _archive(tx, id, archived=False)


async def _archive(tx: Tx, id: UUID, *, archived: bool) -> None:
    await lock_suppliers(tx)
    now = await supplier(tx, id)
    if (now.archived_at is not None) == archived:
        return
    await tx.execute(
        """UPDATE supplier SET archived_at = $3, version = version + 1, updated_at = $4
            WHERE tenant_id = $1 AND id = $2""",
        tx.tenant,
        id,
        tx.now if archived else None,
        tx.now,
    )
    tx.audit("supplier.archived" if archived else "supplier.restored", "supplier", id, code=now.code)


def tidied(of: Supplier) -> Supplier:
    """Give a supplier as it is stored: no blanks round its texts, no empty code, a website with its scheme."""
    texts = {
        name: value.strip() if isinstance(value, str) else value for name in FIELDS for value in [getattr(of, name)]
    }
    return Supplier(**texts | {"code": texts["code"] or None, "website": address_of_website(texts["website"])})


def as_wanted(facts: SupplierFacts) -> Supplier:
    """Give a stored supplier as one that somebody wants."""
    return Supplier(**{name: getattr(facts, name) for name in FIELDS})


async def taken(read: Read, id: UUID, of: Supplier) -> dict[str, list[str]]:
    """Say whose name or code another supplier has already, by field; {} where nobody has."""
    row = await read.fetchrow(_TAKEN, read.tenant, id, of.name, of.code)
    if row is None:
        return {}
    field = "name" if row["by_name"] or not of.code else "code"
    if row["archived"]:
        return {field: [_("An archived supplier has this already. Bring that one back, or choose another.")]}
    return {field: [_("Another supplier has this already. Choose another one, or edit that supplier.")]}


def _tell(tx: Tx, id: UUID, before: dict[str, object], after: dict[str, object]) -> None:
    plain = {
        key: {name: value for name, value in side.items() if name not in _PERSONAL}
        for key, side in (("before", before), ("after", after))
    }
    texts = sorted(name for name in _PERSONAL if (before.get(name) or "") != after[name])
    tx.audit("supplier.put", "supplier", id, texts=texts, **changed(plain["before"], plain["after"]))

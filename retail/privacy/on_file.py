"""A customer on file, as erasure sees them: the rows that are theirs, what names them, and where that stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from retail.catalog.taxes.keeping import retell
from retail.privacy.register import Place
from retail.runtime.db import Read, Tx
from retail.segments import operations as segments

_FILED: Final = """
SELECT id, name, phone, phone_digits, email, member_card, note FROM customer
 WHERE tenant_id = $1 AND (id::text = $2 OR merged_into::text = $2) AND erased_at IS NULL
"""
_FORGET: Final = """
UPDATE customer SET name = $3, phone = '', phone_digits = '', email = '', member_card = NULL, price_group = NULL,
                    note = '', credit_limit_minor = 0, erased_at = $4, archived_at = coalesce(archived_at, $4),
                    updated_at = $4, version = version + 1
 WHERE tenant_id = $1 AND id = ANY ($2)
"""
_ANSWERS: Final = (
    Place("idempotency_key", "answer", "json"),
    Place("import_row", "cells", "json"),
    Place("import_row", "changes", "json"),
)

# What was noted when goods were kept for them may name them too.
_FORGET_NOTES: Final = """
UPDATE layaway SET note = '' WHERE tenant_id = $1 AND customer_id = ANY ($2::uuid[]) AND note <> ''
"""


@dataclass(frozen=True, slots=True)
class Filed:
    """The rows of one customer; `cards` stand in sales that a till made without a network, `words` in answers."""

    ids: list[UUID] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    cards: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)


async def on_file(read: Read, reference: str) -> Filed:
    """Gather the rows and words of the customer whose id this is; empty where it is nobody's."""
    rows = await read.fetch(_FILED, read.tenant, reference)
    told = [row[name] for row in rows for name in ("phone", "phone_digits", "email", "member_card", "note")]
    names = [row["name"] for row in rows]
    return Filed(
        [row["id"] for row in rows],
        names,
        [row["member_card"] for row in rows if row["member_card"]],
        list(dict.fromkeys(word for word in [*names, *told] if word)),
    )


def places_of(reference: str, filed: Filed) -> list[tuple[Place, list[str]]]:
    """Say where which words are replaced. The id of one on file stays: without a name it says nothing of them."""
    named = filed.cards if filed.ids else [reference]
    told = filed.words if filed.ids else [reference]
    places = [(Place(table, "customer_ref", "named"), named) for table in ("sale", "tax_exemption")]
    places.append((Place("till_journal", "answer", "json"), named))
    return [*places, *((place, told) for place in _ANSWERS), (Place("import_row", "name", "named"), filed.names)]


async def forget_on_file(tx: Tx, filed: Filed, pseudonym: str) -> int:
    """Take everything that names them out of the customer's rows, off the tills, and what was told of them.

    Gives how many rows there were.
    """
    await tx.execute(_FORGET, tx.tenant, filed.ids, pseudonym, tx.now)
    await tx.execute(_FORGET_NOTES, tx.tenant, filed.ids)
    await retell(tx, filed.ids)
    return len(filed.ids) + await segments.forget(tx, filed.ids)

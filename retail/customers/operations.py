"""Adding, changing, archiving and merging customers; each change is audited, without a word that names anybody."""

from __future__ import annotations

from dataclasses import asdict
from typing import Final
from uuid import UUID

from retail.catalog.taxes.keeping import hand_over, retell
from retail.customers.errors import CustomerArchived, CustomerErased, CustomerMerged
from retail.customers.queries import CustomerFacts, customer
from retail.customers.rules import Customer, phone_digits, problems, tidied
from retail.kit.errors import ChangedMeanwhile, Invalid
from retail.kit.text import _
from retail.runtime.audit_record import changed
from retail.runtime.db import Read, Row, Tx
from retail.tenants.queries import this_tenant

FIELDS: Final = ("name", "phone", "email", "member_card", "group", "note", "credit_limit_minor")
_PERSONAL: Final = frozenset({"name", "phone", "email", "member_card", "note"})
_INSERT: Final = """
INSERT INTO customer (tenant_id, id, name, phone, email, member_card, price_group, note, credit_limit_minor,
                      phone_digits, version, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11, $11)
"""
_UPDATE: Final = """
UPDATE customer SET name = $3, phone = $4, email = $5, member_card = $6, price_group = $7, note = $8,
                    credit_limit_minor = $9, phone_digits = $10, version = version + 1, updated_at = $11
 WHERE tenant_id = $1 AND id = $2
"""
_MERGE: Final = """
UPDATE customer SET merged_into = $3, archived_at = coalesce(archived_at, $4), version = version + 1, updated_at = $4
 WHERE tenant_id = $1 AND (id = $2 OR merged_into = $2)
"""


async def lock_customers(tx: Tx) -> None:
    """Have the customers of the business to oneself until the transaction ends: a card number is one person's."""
    await tx.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 47))", f"customers:{tx.tenant}")


async def add_customer(tx: Tx, id: UUID, new: Customer) -> CustomerFacts:
    """Add a customer. An id that came before with the same facts changes nothing. Raises Invalid. Takes the lock."""
    await lock_customers(tx)
    made = tidied(new)
    country = (await this_tenant(tx)).country
    errors = problems(made, country)
    before = await tx.fetchval("SELECT true FROM customer WHERE tenant_id = $1 AND id = $2", tx.tenant, id)
    if before:
        facts = await customer(tx, id)
        if as_wanted(facts) == made:
            return facts
        errors["id"] = [_("This id exists; change it with PATCH.")]
    errors = errors or await taken(tx, id, made)
    if errors:
        raise Invalid(errors)
    digits = phone_digits(made.phone, country)
    await tx.execute(_INSERT, tx.tenant, id, *(getattr(made, name) for name in FIELDS), digits, tx.now)
    if made.member_card:
        await hand_over(tx, made.member_card, str(id))
    _tell(tx, id, {}, asdict(made))
    return await customer(tx, id)


async def change_customer(tx: Tx, id: UUID, wanted: Customer, seen: int | None = None) -> None:
    """Change a customer, if it still has the version that was seen; None never looked. What is as it was stays.

    Raises Invalid, NotFound, CustomerArchived, CustomerErased, CustomerMerged, ChangedMeanwhile. Takes the lock.
    """
    await lock_customers(tx)
    now = await customer(tx, id)
    _refuse_gone(now)
    if now.archived_at is not None:
        raise CustomerArchived
    made, before = tidied(wanted), as_wanted(now)
    if made == before:
        return
    if seen is not None and seen != now.version:
        raise ChangedMeanwhile
    country = (await this_tenant(tx)).country
    errors = problems(made, country) or await taken(tx, id, made)
    if errors:
        raise Invalid(errors)
    digits = phone_digits(made.phone, country)
    await tx.execute(_UPDATE, tx.tenant, id, *(getattr(made, name) for name in FIELDS), digits, tx.now)
    if made.member_card and made.member_card != before.member_card:
        await hand_over(tx, made.member_card, str(id))
    if (made.name, made.member_card) != (before.name, before.member_card):
        await retell(tx, [id])
    _tell(tx, id, asdict(before), asdict(made))


async def archive_customer(tx: Tx, id: UUID) -> None:
    """Take a customer out of use; what they bought stays theirs. Once more does nothing. Raises NotFound."""
    await _archive(tx, id, archived=True)


async def restore_customer(tx: Tx, id: UUID) -> None:
    """Bring an archived customer back. Raises NotFound, CustomerErased, CustomerMerged."""
    await _archive(tx, id, archived=False)


async def merge_customers(tx: Tx, id: UUID, into: UUID) -> None:
    """Make two rows one person: `id` is archived and stands for `into` from now on, with all that they bought.

    What `into` lacks of phone, e-mail, card and group it gets. Once more does nothing. Raises Invalid, NotFound,
    CustomerErased, CustomerMerged, CustomerArchived. Takes the lock.
    """
    await lock_customers(tx)
    old, kept = await customer(tx, id), await customer(tx, into)
    if id == into:
        raise Invalid({"into": [_("These are one customer already. Choose another one.")]})
    if old.merged_into == into:
        return
    _refuse_gone(old)
    _refuse_gone(kept)
    if kept.archived_at is not None:
        raise CustomerArchived
    await tx.execute(_MERGE, tx.tenant, id, into, tx.now)
    lacking = {name: getattr(old, name) for name in ("phone", "email", "group") if not getattr(kept, name)}
    card = old.member_card if not kept.member_card else None
    if card:  # first, for a card is one row's at every moment
        await tx.execute("UPDATE customer SET member_card = NULL WHERE tenant_id = $1 AND id = $2", tx.tenant, id)
    full = asdict(as_wanted(kept)) | lacking | ({"member_card": card} if card else {})
    digits = kept.phone_digits or old.phone_digits
    await tx.execute(_UPDATE, tx.tenant, into, *(full[name] for name in FIELDS), digits, tx.now)
    await hand_over(tx, str(id), str(into))
    tx.audit("customer.merged", "customer", id, into=into)


async def _archive(tx: Tx, id: UUID, *, archived: bool) -> None:
    await lock_customers(tx)
    now = await customer(tx, id)
    if (now.archived_at is not None) == archived:
        return
    if not archived:
        _refuse_gone(now)
    await tx.execute(
        """UPDATE customer SET archived_at = $3, version = version + 1, updated_at = $4
            WHERE tenant_id = $1 AND id = $2""",
        tx.tenant,
        id,
        tx.now if archived else None,
        tx.now,
    )
    tx.audit("customer.archived" if archived else "customer.restored", "customer", id)


def _refuse_gone(of: CustomerFacts) -> None:
    if of.erased_at is not None:
        raise CustomerErased
    if of.merged_into is not None:
        raise CustomerMerged


def as_wanted(facts: CustomerFacts) -> Customer:
    """Give a stored customer as one that somebody wants."""
    return Customer(**{name: getattr(facts, name) for name in FIELDS})


async def taken(read: Read, id: UUID, of: Customer) -> dict[str, list[str]]:
    """Say that somebody else has this card already, by field; {} where nobody has."""
    if of.member_card is None:
        return {}
    row: Row | None = await read.fetchrow(
        """SELECT archived_at IS NOT NULL AS archived FROM customer
            WHERE tenant_id = $1 AND member_card = $2 AND id <> $3""",
        read.tenant,
        of.member_card,
        id,
    )
    if row is None:
        return {}
    if row["archived"]:
        return {"member_card": [_("An archived customer has this card. Bring that one back, or use another card.")]}
    return {"member_card": [_("Another customer has this card. Use another one, or open that customer.")]}


def _tell(tx: Tx, id: UUID, before: dict[str, object], after: dict[str, object]) -> None:
    plain = {
        key: {name: value for name, value in side.items() if name not in _PERSONAL}
        for key, side in (("before", before), ("after", after))
    }
    texts = sorted(name for name in _PERSONAL if (before.get(name) or "") != (after[name] or ""))
    tx.audit("customer.put", "customer", id, texts=texts, **changed(plain["before"], plain["after"]))
